"""What a scenario may say about savings."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sibmodel.core.quantity import Amount, Kind, Real, Share, default
from sibmodel.core.schema import AgencyName, Model, Name, Number, OutcomeName, PayerName, adds_to_one, wrong


class AgencyTerms(Model):
    """Somebody who spends less, or for whom value is gained."""

    title: str | None = None
    payer: PayerName | None = None


class CorrectionTerms(Model):
    """The last links of the chain, which every saving passes."""

    kind: Kind
    optimism_bias: Share = default(0)
    cashable: Share = default(0)

    @model_validator(mode="after")
    def _only_fiscal_is_cashable(self) -> Self:
        if self.kind != "fiscal" and any(self.cashable.central_values()):
            raise wrong(f"a {self.kind} value is marked cashable", "only a fiscal saving can release cash")
        return self


class SavingTerms(CorrectionTerms):
    """A saving that follows from an outcome."""

    title: str | None = None
    outcome: OutcomeName
    agency: AgencyName
    value: Real
    displacement: Share = default(0)
    attributed_to_others: Share = default(0)
    lag_months: Amount = default(0)
    lasts_months: Amount | None = None
    kept_each_year: Share = default(1)


def _profile(shares: tuple[float, ...]) -> tuple[float, ...]:
    adds_to_one(shares, "the profile")
    return shares


class TopDownTerms(CorrectionTerms):
    """Savings stated for each pound of programme spend."""

    kind: Kind = "fiscal"
    savings_per_pound: Amount
    split: dict[AgencyName, Number] | None = None
    profile: Annotated[tuple[Number, ...], Field(min_length=1), AfterValidator(_profile)] | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.split is not None:
            adds_to_one(self.split, "the split")
        return self


class SavingsTerms(Model):
    """The `savings` section."""

    agencies: Annotated[dict[Name, AgencyTerms], Field(min_length=1)]
    items: dict[Name, SavingTerms] | None = None
    top_down: TopDownTerms | None = None

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.items is None) == (self.top_down is None):
            found = "neither items nor top_down is" if self.items is None else "both items and top_down are"
            raise wrong(f"{found} given", "give exactly one, or savings are missed or counted twice")
        if self.top_down is not None and self.top_down.split is None and len(self.agencies) > 1:
            raise wrong("nothing says which agency saves how much", "give top_down.split, shares by agency")
        return self
