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
    level: Real = default(0)
    method: Literal["none", "fixed", "history", "comparison", "trial"] = "none"
    agreed: Annotated[Real | None, ASKED] = None

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
    unit: str | None = None
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1), AfterValidator(_once_each)] | None = None
    lag_months: Amount = default(0)
    verification_months: MonthOnTimeline = 0
    counterfactual: CounterfactualTerms = Field(default_factory=CounterfactualTerms)


class AchievementTerms(OutcomeBase):
    """A person reaches something."""

    type: Literal["achievement"]
    of: Literal["engaged", "referred"] = "engaged"
    share: Share
    verified_share: Share = default(1)


class QuantityTerms(OutcomeBase):
    """Days, visits, tonnes."""

    type: Literal["quantity"]
    of: Literal["engaged", "referred"] = "engaged"
    per_person: Real
    verified_share: Share = default(1)


class MeasurementTerms(Model):
    """When an effect is reported, and how far one person's value lies from another's."""

    first_month: Annotated[MonthOnTimeline, Field(ge=1)]
    every_months: Annotated[MonthOnTimeline, Field(ge=1)]
    last_month: MonthOnTimeline | None = None
    person_sd: Amount
    comparison_ratio: Positive = default(1)

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
    change: Real
    per: Literal["person", "person_year"] = "person"
    lasts_months: Annotated[Amount | None, ASKED] = None
    kept_each_year: Share = default(1)
    measurement: MeasurementTerms

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
