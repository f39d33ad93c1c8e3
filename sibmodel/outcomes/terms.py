"""What a scenario may say about outcomes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, Tag, model_validator

from sibmodel.core.quantity import Amount, Positive, Real, Share, default
from sibmodel.core.schema import GroupName, Model, MonthOnTimeline, one_of, wrong


class CounterfactualTerms(Model):
    """What would have happened anyway, and how the contract's evaluator allows for it."""

    level: Real = default(0)
    basis: Literal["rate", "share"] = "rate"
    method: Literal["none", "fixed", "history", "comparison", "trial"] = "none"
    agreed: Real | None = None

    @property
    def compares(self) -> bool:
        """Whether other people are measured too, so that their noise adds to the estimate."""
        return self.method in ("comparison", "trial")

    @model_validator(mode="after")
    def _agreed_where_used(self) -> Self:
        wanted = self.method in ("fixed", "history")
        if wanted and self.agreed is None:
            raise wrong(f"method '{self.method}' has no agreed level", "give 'agreed', what the evaluator deducts")
        if not wanted and self.agreed is not None:
            raise wrong(f"'agreed' has no use with method '{self.method}'", "use method fixed or history, or drop it")
        if self.basis == "share" and not 0 <= min(self.level.central_values()) <= max(self.level.central_values()) <= 1:
            raise wrong("a counterfactual share lies outside 0 to 1", "give a share of the gross outcome")
        return self


class OutcomeBase(Model):
    """What all outcomes have."""

    title: str | None = None
    unit: str | None = None
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1)] | None = None
    lag_months: Amount = default(0)
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
    person_sd: Amount
    comparison_ratio: Positive = default(1)


class EffectTerms(OutcomeBase):
    """A mean that differs from what would have happened."""

    type: Literal["effect"]
    change: Real
    per: Literal["person", "person_year"] = "person"
    lasts_months: Amount | None = None
    kept_each_year: Share = default(1)
    measurement: MeasurementTerms

    @model_validator(mode="after")
    def _lasting_only_if_yearly(self) -> Self:
        if self.per == "person_year" and self.lasts_months is None:
            raise wrong("an effect per person_year does not say how long it lasts", "give lasts_months")
        if self.per == "person" and self.lasts_months is not None:
            raise wrong("lasts_months has no use for an effect measured once", "use per: person_year, or drop it")
        return self


OutcomeTerms = Annotated[
    Annotated[AchievementTerms, Tag("~achievement")]
    | Annotated[QuantityTerms, Tag("~quantity")]
    | Annotated[EffectTerms, Tag("~effect")],
    one_of("type", "achievement", "quantity", "effect"),
]
