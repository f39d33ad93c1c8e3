"""What a scenario may say about the payment contract."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, Tag, ValidationInfo, model_validator

from sibmodel.core.quantity import Amount, AmountByPeriod, default
from sibmodel.core.schedule import Points
from sibmodel.core.schema import (
    Context,
    Model,
    Months,
    Name,
    Number,
    OutcomeName,
    PartyName,
    PayerName,
    adds_to_one,
    one_of,
    parts_of_whole,
    wrong,
)


class PayerTerms(Model):
    """Who owes outcome payments."""

    title: str | None = None
    kind: Literal["commissioner", "outcomes_fund"] = "commissioner"
    cap: Amount | None = None


class Phase(Model):
    """Shares of the payers for payments due after a month (counted from signing)."""

    after_month: Months = 0
    shares: Annotated[dict[PayerName, Number], Field(min_length=1)]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        adds_to_one(self.shares, "the split")
        return self

    def share_of(self, *payers: str) -> float:
        """The share of some payers together."""
        parts = parts_of_whole(self.shares)
        return sum(parts.get(name, 0.0) for name in payers)


def _one_phase(raw: Any) -> Any:
    """A mapping of shares alone is one phase for the whole contract."""
    return [{"shares": raw}] if isinstance(raw, dict) and "shares" not in raw else raw


def _phases_in_order(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    months = [phase.after_month for phase in phases]
    if months[0] != 0:
        raise wrong(f"the first phase begins after month {months[0]}", "the first phase has no after_month")
    if any(later <= earlier for earlier, later in pairwise(months)):
        raise wrong(f"the phases begin after months {months}", "each phase must begin later than the one before")
    return phases


Split = Annotated[
    tuple[Phase, ...],
    Field(min_length=1),
    AfterValidator(_phases_in_order),
    BeforeValidator(_one_phase),
]


class TermBase(Model):
    """What all terms have."""

    title: str | None = None
    lag_months: Amount = default(0)
    cap: Amount | None = None
    split: Split | None = None


class PriceTerms(TermBase):
    """A price for each unit of an outcome."""

    rule: Literal["price"]
    outcome: OutcomeName
    price: AmountByPeriod


class RateCardTerms(TermBase):
    """Prices for several outcomes in one term."""

    rule: Literal["rate_card"]
    prices: Annotated[dict[OutcomeName, AmountByPeriod], Field(min_length=1)]


class LinearTerms(TermBase):
    """Straight lines between points, flat outside, of an outcome's mean or total."""

    rule: Literal["linear"]
    outcome: OutcomeName
    points: Points
    price: AmountByPeriod = default(1)
    reads: Literal["mean", "total"] | None = None
    per: Literal["contract", "person"] = "contract"
    over: Literal["window", "contract"] = "window"

    @model_validator(mode="after")
    def _suits_the_outcome(self, info: ValidationInfo) -> Self:
        if self.over == "contract" and len(self.price.value) > 1:
            raise wrong("the price changes by period in a term over the whole contract", "give one price")
        if isinstance(info.context, Context) and info.context.outcome_types.get(self.outcome) != "effect":
            if self.reads == "mean":
                raise wrong(f"'{self.outcome}' has no mean", "only an effect has; use reads: total")
            if self.per == "person":
                raise wrong(f"'{self.outcome}' is not measured on people", "only an effect is; use per: contract")
        return self


Term = Annotated[
    Annotated[PriceTerms, Tag("~price")]
    | Annotated[RateCardTerms, Tag("~rate_card")]
    | Annotated[LinearTerms, Tag("~linear")],
    one_of("rule", "price", "rate_card", "linear"),
]


class ContractTerms(Model):
    """The `contract` section."""

    payers: Annotated[dict[PartyName, PayerTerms], Field(min_length=1)]
    cap: Amount | None = None
    split: Split | None = None
    terms: Annotated[dict[Name, Term], Field(min_length=1)]

    @model_validator(mode="after")
    def _everything_is_paid_by_somebody(self) -> Self:
        unsplit = [name for name, term in self.terms.items() if term.split is None]
        if unsplit and self.split is None and len(self.payers) > 1:
            raise wrong(
                f"nothing says who pays term '{unsplit[0]}'",
                "give the term a split, or the contract a split for all terms",
            )
        return self

    def split_of(self, name: str) -> tuple[Phase, ...]:
        """The phases in force for a term."""
        only = Phase(shares={next(iter(self.payers)): 1.0})
        return self.terms[name].split or self.split or (only,)
