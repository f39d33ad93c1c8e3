"""What a scenario may say about savings."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, Kind, Quantity, Real, Share, default
from sibmodel.core.schema import (
    ASKED,
    AgencyName,
    Context,
    Model,
    Name,
    Number,
    OutcomeName,
    PayerName,
    adds_to_one,
    wrong,
)


class AgencyTerms(Model):
    """Somebody who spends less, or for whom value is gained."""

    title: str | None = None
    payer: PayerName | None = None


class CorrectionTerms(Model):
    """The last links of the chain, which every saving passes."""

    kind: Kind
    optimism_bias: Share = default(0)
    cashable: Share = default(0)

    @field_validator("cashable")
    @classmethod
    def _only_fiscal_is_cashable(cls, cashable: Quantity, info: ValidationInfo) -> Quantity:
        kind = info.data.get("kind", "fiscal")
        if kind != "fiscal" and any(cashable.central_values()):
            raise wrong(f"a saving of kind {kind} is marked cashable", "only a fiscal saving can release cash")
        return cashable


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

    @field_validator("kept_each_year")
    @classmethod
    def _only_of_what_lasts(cls, kept: Quantity, info: ValidationInfo) -> Quantity:
        if info.data.get("lasts_months", kept) is None:
            raise wrong("kept_each_year has no use for a saving made once", "give lasts_months, or drop it")
        return kept


def _split(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the split")
    return shares


def _profile(shares: tuple[float, ...]) -> tuple[float, ...]:
    adds_to_one(shares, "the profile")
    return shares


class TopDownTerms(CorrectionTerms):
    """Savings stated for each pound of programme spend."""

    kind: Kind = "fiscal"
    savings_per_pound: Amount
    split: Annotated[Annotated[dict[AgencyName, Number], AfterValidator(_split)] | None, ASKED] = None
    profile: Annotated[tuple[Number, ...], Field(min_length=1), AfterValidator(_profile)] | None = None

    @field_validator("split")
    @classmethod
    def _names_who_saves(cls, split: dict[str, float] | None, info: ValidationInfo) -> dict[str, float] | None:
        if split is None and isinstance(info.context, Context) and len(info.context.names.get("agency", ())) > 1:
            raise wrong("nothing says which agency saves how much", "give shares by agency that add up to 1")
        return split


class SavingsTerms(Model):
    """The `savings` section."""

    agencies: Annotated[dict[Name, AgencyTerms], Field(min_length=1)]
    items: Annotated[dict[Name, SavingTerms], Field(min_length=1)] | None = None
    top_down: Annotated[TopDownTerms | None, ASKED] = None

    @field_validator("top_down")
    @classmethod
    def _one_way(cls, top_down: Any, info: ValidationInfo) -> Any:
        no_items = info.data.get("items", "given, with a mistake in it") is None
        if no_items == (top_down is None):
            found = "neither items nor top_down is" if no_items else "both items and top_down are"
            raise wrong(f"{found} given", "give exactly one, or savings are missed or counted twice")
        return top_down
