"""What a scenario may say about outcomes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Tag, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, Positive, Quantity, Real, Share, Within, default
from sibmodel.core.schema import ASKED, GroupName, Model, MonthOnTimeline, Wrong, all_wrong, one_of, wrong

_SHARE = Within(0, 1)


class CounterfactualTerms(Model):
    """What would have happened anyway, and how the contract's evaluator allows for it."""

    basis: Literal["rate", "share"] = "rate"
    """Whether the level is in the outcome's unit (`rate`) or a share of the gross outcome (`share`)."""
    level: Real = default(0)
    """What would have happened anyway."""
    method: Literal["none", "fixed", "history", "comparison", "trial"] = "none"
    """How the contract's evaluator allows for it: not at all, by an agreed level, or by people compared."""
    agreed: Annotated[Real | None, ASKED] = None
    """What the evaluator deducts; with methods `fixed` and `history`, and only with them."""

    @property
    def compares(self) -> bool:
        """Whether other people are measured too, so that their noise adds to the estimate."""
        return self.method in ("comparison", "trial")

    @field_validator("level")
    @classmethod
    def _share_of_the_outcome(cls, level: Quantity, info: ValidationInfo) -> Quantity:
        return _SHARE(level, info) if info.data.get("basis") == "share" else level

    @field_validator("agreed")
    @classmethod
    def _agreed_where_used(cls, agreed: Quantity | None, info: ValidationInfo) -> Quantity | None:
        method = info.data.get("method")
        if method in ("fixed", "history") and agreed is None:
            raise wrong(f"method '{method}' has no agreed level", "give 'agreed', what the evaluator deducts")
        if method in ("none", "comparison", "trial") and agreed is not None:
            raise wrong(f"'agreed' has no use with method '{method}'", "use method fixed or history, or drop it")
        return agreed


def _once_each(groups: tuple[str, ...]) -> tuple[str, ...]:
    again = [index for index, name in enumerate(groups) if name in groups[:index]]
    if again:
        raise all_wrong([Wrong(f"group '{groups[i]}' is named twice", "name each group once", (i,)) for i in again])
    return groups


class OutcomeBase(Model):
    """What all outcomes have."""

    title: str | None = None
    """The outcome in words."""
    unit: str | None = None
    """Its unit."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1), AfterValidator(_once_each)] | None = None
    """The groups whose outcome it is, each named once; all if not given."""
    lag_months: Amount = default(0)
    """Months from a person's start (or referral) to the outcome."""
    verification_months: MonthOnTimeline = 0
    """Months by which everything is verified later; what truly changes is not moved."""
    counterfactual: CounterfactualTerms = Field(default_factory=CounterfactualTerms)
    """What would have happened anyway."""


class AchievementTerms(OutcomeBase):
    """A person reaches something."""

    type: Literal["achievement"]
    """A count of people who reach something."""
    of: Literal["engaged", "referred"] = "engaged"
    """Of whom the share is taken: those who start, or all referred."""
    share: Share
    """Share who achieve it."""
    verified_share: Share = default(1)
    """Share of them that the evaluator accepts."""


class QuantityTerms(OutcomeBase):
    """Days, visits, tonnes."""

    type: Literal["quantity"]
    """A count of units: days, visits, pounds."""
    of: Literal["engaged", "referred"] = "engaged"
    """Who is counted: those who start, or all referred."""
    per_person: Real
    """Units for each of them."""
    verified_share: Share = default(1)
    """Share of them that the evaluator accepts."""


class MeasurementTerms(Model):
    """When an effect is reported, and how far one person's value lies from another's."""

    first_month: Annotated[MonthOnTimeline, Field(ge=1)]
    """Month of the evaluator's first report."""
    every_months: Annotated[MonthOnTimeline, Field(ge=1)]
    """Months from one report to the next."""
    last_month: MonthOnTimeline | None = None
    """No report after this month; the end of the timeline if not given."""
    person_sd: Amount
    """Standard deviation between people of one person's (or person-year's) value."""
    comparison_ratio: Positive = default(1)
    """Comparison people for each person measured, with method `comparison` or `trial`."""

    @field_validator("last_month")
    @classmethod
    def _after_the_first(cls, last: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("first_month")
        if last is not None and first is not None and last < first:
            raise wrong(f"the last report in month {last} comes before the first in month {first}", "make it later")
        return last


class EffectTerms(OutcomeBase):
    """A mean that differs from what would have happened."""

    type: Literal["effect"]
    """A mean measured on the people of a report."""
    change: Real
    """Mean change, before the counterfactual is deducted."""
    per: Literal["person", "person_year"] = "person"
    """Whether it is a level measured once (`person`) or an amount a year (`person_year`)."""
    lasts_months: Annotated[Amount | None, ASKED] = None
    """How long it lasts; required for an effect per `person_year`, refused for others."""
    kept_each_year: Share = default(1)
    """Share left in each further year; only for an effect per `person_year`."""
    measurement: MeasurementTerms
    """When the evaluator reports, and how far people differ."""

    @field_validator("lasts_months")
    @classmethod
    def _said_if_yearly(cls, lasts: Quantity | None, info: ValidationInfo) -> Quantity | None:
        if info.data.get("per") == "person_year" and lasts is None:
            raise wrong("an effect per person_year does not say how long it lasts", "give lasts_months")
        return lasts

    @field_validator("lasts_months", "kept_each_year")
    @classmethod
    def _only_if_yearly(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        if info.data.get("per") == "person" and value is not None:
            what = f"{info.field_name} has no use for an effect measured once"
            raise wrong(what, "use per: person_year, or drop it")
        return value


OutcomeTerms = Annotated[
    Annotated[AchievementTerms, Tag("~achievement")]
    | Annotated[QuantityTerms, Tag("~quantity")]
    | Annotated[EffectTerms, Tag("~effect")],
    one_of("type", "achievement", "quantity", "effect"),
]
