"""What a scenario may say about savings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, Kind, Positive, Quantity, Real, Share, Within, default
from sibmodel.core.schema import (
    ASKED,
    AgencyName,
    Context,
    Model,
    Name,
    Number,
    OutcomeName,
    PayerName,
    ScheduleName,
    StepName,
    Whole,
    Wrong,
    adds_to_one,
    all_wrong,
    wrong,
)

RealGrowth = Annotated[Quantity, AfterValidator(Within(-0.2, 0.2))]
"""Beyond prices in general no value grows by more for long; 1.3 is an exponent, not a rate."""


class AgencyTerms(Model):
    """Somebody who spends less, or for whom value is gained."""

    title: str | None = None
    """The agency in words."""
    payer: PayerName | None = None
    """The payer whose own saving it is."""


class CorrectionTerms(Model):
    """The last links of the chain, which every saving passes."""

    kind: Kind
    """What is saved: public money, value to the economy, or wellbeing. Kinds are never added up."""
    optimism_bias: Share = default(0)
    """Share by which the estimate is too hopeful."""
    cashable: Share = default(0)
    """Share of a fiscal saving that releases cash; refused for other kinds."""

    @field_validator("cashable")
    @classmethod
    def _only_fiscal_is_cashable(cls, cashable: Quantity, info: ValidationInfo) -> Quantity:
        kind = info.data.get("kind", "fiscal")
        if kind != "fiscal" and (cashable.is_uncertain or any(cashable.central_values())):
            raise wrong(f"a saving of kind {kind} is marked cashable", "only a fiscal saving can release cash")
        return cashable


_TWICE = ("the counterfactual is given a second time", "it is deducted once, in outcomes.NAME.counterfactual")


class SavingTerms(CorrectionTerms):
    """A saving that follows from an outcome."""

    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {"deadweight": _TWICE, "counterfactual": _TWICE}

    title: str | None = None
    """The saving in words."""
    outcome: OutcomeName
    """The outcome that it follows from."""
    agency: AgencyName
    """Who saves."""
    unit_cost: Name | None = None
    """An entry of the tables of unit costs or of values of wellbeing, instead of `value` and `price_year`."""
    value: Annotated[Real | None, ASKED] = None
    """Real pounds for a unit of the true net outcome; a year, if `lasts_months` is given."""
    price_year: Annotated[Whole, Field(ge=1800, le=2200)] | None = None
    """The year in whose prices the value is; those of the signing date if no saving says any."""
    uprated_by: Annotated[Number, Field(gt=0)] | None = None
    """Prices of the signing year over those of `price_year`; looked up in the price index if not given."""
    real_growth: RealGrowth = default(0)
    """Yearly growth of the value beyond prices in general, from `price_year` on (from the signing date without one)."""
    displacement: Share = default(0)
    """Share that others lose in turn."""
    attributed_to_others: Share = default(0)
    """Share that others have brought about."""
    discounted_at: Annotated[ScheduleName | None, ASKED] = None
    """A schedule of `reference.discount_rates` of its own, such as health for health effects; refused if fiscal."""
    released_by: Annotated[StepName | None, ASKED] = None
    """One of `savings.steps`, which must be reached before any of its cash is released; refused if not fiscal."""
    lag_months: Amount = default(0)
    """Months from the outcome to the saving."""
    lasts_months: Amount | None = None
    """How long the saving goes on; made once if not given."""
    kept_each_year: Share = default(1)
    """Share left in each further year; only with `lasts_months`."""

    @field_validator("value")
    @classmethod
    def _some_value(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        if value is None:
            raise wrong("neither value nor unit_cost is given", "give one of them")
        return value

    @field_validator("released_by")
    @classmethod
    def _of_a_step(cls, step: str | None, info: ValidationInfo) -> str | None:
        if step is not None and isinstance(info.context, Context) and not info.context.names.get("step"):
            raise wrong(f"there is no step called '{step}'", "describe it in savings.steps")
        return step

    @field_validator("released_by")
    @classmethod
    def _cash_alone_is_released(cls, step: str | None, info: ValidationInfo) -> str | None:
        if step is not None and info.data.get("kind", "fiscal") != "fiscal":
            raise wrong("released_by has no use for a saving that is not fiscal", "drop it")
        return step

    @field_validator("discounted_at")
    @classmethod
    def _money_at_the_public_rate(cls, schedule: str | None, info: ValidationInfo) -> str | None:
        if schedule is not None and info.data.get("kind") == "fiscal":
            raise wrong(
                "a fiscal saving has a schedule of its own", "money is discounted as `discounting` says; drop it"
            )
        return schedule

    @property
    def factor(self) -> float:
        """What brings the value to prices of the signing date."""
        return 1.0 if self.uprated_by is None else self.uprated_by

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
    """What is saved: public money, value to the economy, or wellbeing."""
    savings_per_pound: Amount
    """Real pounds saved for each real pound of programme spend."""
    split: Annotated[Annotated[dict[AgencyName, Number], AfterValidator(_split)] | None, ASKED] = None
    """Share of each agency, adding up to 1; required unless there is one agency."""
    profile: Annotated[tuple[Number, ...], Field(min_length=1), AfterValidator(_profile)] | None = None
    """Share saved in the first, second, … year after the spend, adding up to 1; at once if not given."""

    @field_validator("split")
    @classmethod
    def _names_who_saves(cls, split: dict[str, float] | None, info: ValidationInfo) -> dict[str, float] | None:
        if split is None and isinstance(info.context, Context) and len(info.context.names.get("agency", ())) > 1:
            raise wrong("nothing says which agency saves how much", "give shares by agency that add up to 1")
        return split


class StepTerms(Model):
    """A cost that falls only in whole steps: a ward, a team, a contract. Savings short of a step release no cash."""

    title: str | None = None
    """The step in words."""
    size: Positive
    """Real pounds a year of cashable savings at which one step is released; twice that releases two."""


class SavingsTerms(Model):
    """The `savings` section."""

    agencies: Annotated[dict[Name, AgencyTerms], Field(min_length=1)]
    """Who saves, by name."""
    items: Annotated[dict[Name, SavingTerms], Field(min_length=1)] | None = None
    """Savings that follow from outcomes, by name."""
    steps: Annotated[dict[Name, StepTerms], Field(min_length=1)] | None = None
    """Costs that fall only in whole steps, by name; items are `released_by` them."""
    optimism_bias_by_grade: Literal["worst", "average"] | None = None
    """Cut each item without an `optimism_bias` of its own for the grades that it rests on: worst cut, or their mean."""
    top_down: Annotated[TopDownTerms | None, ASKED] = None
    """Instead of items: savings for each pound spent."""

    @field_validator("steps")
    @classmethod
    def _used(cls, steps: dict[str, StepTerms] | None, info: ValidationInfo) -> dict[str, StepTerms] | None:
        used = {item.released_by for item in (info.data.get("items") or {}).values()}
        unused = [name for name in steps or {} if "items" in info.data and name not in used]
        if unused:
            right = "name it in an item's released_by, or drop it"
            raise all_wrong([Wrong("nothing is released by this step", right, (name,)) for name in unused])
        return steps

    @field_validator("items")
    @classmethod
    def _one_price_base(cls, items: dict[str, SavingTerms] | None) -> dict[str, SavingTerms] | None:
        without = [name for name, item in (items or {}).items() if item.price_year is None]
        if items and 0 < len(without) < len(items):
            right = "say for each saving in prices of which year it is, or for none"
            raise all_wrong([Wrong("prices of different years are mixed: this one has no price_year", right, (n,))
                             for n in without])  # fmt: skip
        return items

    @field_validator("top_down")
    @classmethod
    def _one_way(cls, top_down: Any, info: ValidationInfo) -> Any:
        no_items = info.data.get("items", "given, with a mistake in it") is None
        if no_items == (top_down is None):
            found = "neither items nor top_down is" if no_items else "both items and top_down are"
            raise wrong(f"{found} given", "give exactly one, or savings are missed or counted twice")
        return top_down
