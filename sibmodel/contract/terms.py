"""What a scenario may say about the payment contract."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Tag, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, AmountByPeriod, default
from sibmodel.core.schedule import Points
from sibmodel.core.schema import (
    ASKED,
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

_COUNTED = ("achievement", "quantity")


class PayerTerms(Model):
    """Who owes outcome payments."""

    title: str | None = None
    kind: Literal["commissioner", "outcomes_fund"] = "commissioner"
    cap: Amount | None = None


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the split")
    return shares


class Phase(Model):
    """Shares of the payers for payments due after a month (counted from signing)."""

    after_month: Months = 0
    shares: Annotated[dict[PayerName, Number], Field(min_length=1), AfterValidator(_whole)]

    def share_of(self, *payers: str) -> float:
        """The share of some payers together."""
        parts = parts_of_whole(self.shares)
        return sum(parts.get(name, 0.0) for name in payers)


def _one_phase(raw: Any) -> Any:
    """A mapping of shares alone is one phase for the whole contract."""
    if isinstance(raw, list):
        return raw
    if not isinstance(raw, dict):
        raise wrong("this says nothing about shares", "write {payer: share, …}, or a list of phases")
    if isinstance(raw.get("shares"), dict):
        raise wrong("a phase stands alone", "write a list of phases, or only the shares by payer")
    return [{"shares": raw}]


def _phases_in_order(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    months = [phase.after_month for phase in phases]
    if months[0] != 0:
        right = "drop its after_month, or add a phase before it"
        raise wrong(f"the first phase begins only after month {months[0]}", right, 0, "after_month")
    for index, (earlier, later) in enumerate(pairwise(months)):
        if later <= earlier:
            what = f"this phase begins after month {later}, the one before it after month {earlier}"
            raise wrong(what, "each phase must begin later than the one before", index + 1, "after_month")
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

    @field_validator("reads")
    @classmethod
    def _mean_of_an_effect(cls, reads: str | None, info: ValidationInfo) -> str | None:
        if reads == "mean" and _is_counted(info):
            raise wrong(f"outcome '{info.data['outcome']}' has no mean", "only an effect has; use reads: total")
        return reads

    @field_validator("per")
    @classmethod
    def _people_of_an_effect(cls, per: str, info: ValidationInfo) -> str:
        if per == "person" and _is_counted(info):
            what = f"outcome '{info.data['outcome']}' is not measured on people"
            raise wrong(what, "only an effect is; use per: contract")
        return per

    @field_validator("over")
    @classmethod
    def _one_price_over_all(cls, over: str, info: ValidationInfo) -> str:
        price = info.data.get("price")
        if over == "contract" and price is not None and len(price.value) > 1:
            raise wrong("the price changes by period in a term over the whole contract", "give one price")
        return over


def _is_counted(info: ValidationInfo) -> bool:
    """Whether the term's outcome is known not to be an effect."""
    outcome = info.data.get("outcome")
    return isinstance(info.context, Context) and info.context.outcome_types.get(str(outcome)) in _COUNTED


Term = Annotated[
    Annotated[PriceTerms, Tag("~price")]
    | Annotated[RateCardTerms, Tag("~rate_card")]
    | Annotated[LinearTerms, Tag("~linear")],
    one_of("rule", "price", "rate_card", "linear"),
]


def _listed(kind: str, names: tuple[str, ...]) -> str:
    return f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}"


class ContractTerms(Model):
    """The `contract` section."""

    payers: Annotated[dict[PartyName, PayerTerms], Field(min_length=1)]
    cap: Amount | None = None
    split: Annotated[Split | None, ASKED] = None
    terms: Annotated[dict[Name, Term], Field(min_length=1)]

    @field_validator("split")
    @classmethod
    def _everything_is_paid_by_somebody(cls, split: Split | None, info: ValidationInfo) -> Split | None:
        context = info.context
        if split is None and isinstance(context, Context) and context.unsplit and len(context.names["payer"]) > 1:
            raise wrong(
                f"nothing says who pays {_listed('term', context.unsplit)}",
                "give every term a split, or the contract one for all",
            )
        return split

    def split_of(self, name: str) -> tuple[Phase, ...]:
        """The phases in force for a term."""
        only = Phase(shares={next(iter(self.payers)): 1.0})
        return self.terms[name].split or self.split or (only,)
