"""What a scenario may say about outcomes."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, Tag, ValidationInfo, field_validator, model_validator

from sibmodel.core.adding_up import INDEPENDENT
from sibmodel.core.quantity import Amount, Positive, Quantity, Real, Share, Within, default
from sibmodel.core.schema import (
    ASKED,
    Context,
    GroupName,
    Model,
    MonthOnTimeline,
    Wrong,
    all_wrong,
    once_each,
    one_of,
    wrong,
)

_SHARE = Within(0, 1)


class RegressionTerms(Model):
    """How people chosen because they used a service a lot would have come nearer to the average by themselves.

    Their expected fall is (1 − r)(before − mean): r is the correlation of one year's use with the next's (`normal`), or
    mean ÷ (shape + mean) (`counts`), and `before` what they used when they were chosen.
    """

    distribution: Literal["normal", "counts"]
    """Whether use is normal among people, or counts with rates that follow a gamma distribution (gamma-Poisson)."""
    mean: Positive
    """Mean use of all people from whom the participants are chosen."""
    sd: Annotated[Positive | None, ASKED] = None
    """Standard deviation of their use; with `normal`, unless `before` is given."""
    correlation: Annotated[Share | None, ASKED] = None
    """Correlation of one person's use in two periods; with `normal`."""
    shape: Annotated[Positive | None, ASKED] = None
    """Shape of the gamma distribution: mean² ÷ variance of people's own rates; with `counts`."""
    chosen_from: Amount | None = None
    """The use from which on people are chosen, a whole number with `counts`."""
    before: Annotated[Amount | None, ASKED] = None
    """Instead of `chosen_from`: the mean use of the people chosen, as it was seen."""

    @field_validator("sd", "correlation", "shape")
    @classmethod
    def _belongs(cls, value: Quantity | None, info: ValidationInfo) -> Quantity | None:
        distribution, name = info.data.get("distribution"), info.field_name
        needs = {"normal": ("correlation",), "counts": ("shape",)}
        if distribution is not None and value is None and name in needs[distribution]:
            raise wrong(f"distribution '{distribution}' has no {name}", f"give '{name}'")
        if distribution is not None and value is not None and (name == "shape") != (distribution == "counts"):
            raise wrong(f"'{name}' has no use with distribution '{distribution}'", "drop it")
        return value

    @field_validator("chosen_from")
    @classmethod
    def _whole_counts(cls, chosen: Quantity | None, info: ValidationInfo) -> Quantity | None:
        if chosen is None:
            return None
        distribution, whole = info.data.get("distribution"), all(c.is_integer() for c in chosen.central_values())
        if distribution == "counts" and (chosen.is_uncertain or not whole):
            raise wrong("people are chosen from a count on that is no whole number", "give one, such as 5")
        if distribution == "normal" and info.data.get("sd", chosen) is None:
            raise wrong("distribution 'normal' has no sd", "give 'sd', or 'before' instead of 'chosen_from'")
        return chosen

    @field_validator("before")
    @classmethod
    def _one_way(cls, before: Quantity | None, info: ValidationInfo) -> Quantity | None:
        if "chosen_from" in info.data and (before is None) == (info.data["chosen_from"] is None):
            found = "neither chosen_from nor before is" if before is None else "both chosen_from and before are"
            raise wrong(f"{found} given", "give exactly one of them")
        mean: Quantity | None = info.data.get("mean")
        if before is not None and mean is not None and before.central_values()[0] < mean.central_values()[0]:
            what = "the people chosen used less than the average, and would come to use more"
            raise wrong(what, "before is at least mean; where low is bad, count what is high")
        return before


class CounterfactualTerms(Model):
    """What would have happened anyway, and how the contract's evaluator allows for it."""

    basis: Literal["rate", "share"] = "rate"
    """Whether the level is in the outcome's unit (`rate`) or a share of the gross outcome (`share`)."""
    level: Real = default(0)
    """What would have happened anyway."""
    regression_to_mean: RegressionTerms | None = None
    """Instead of a level: by how much use would have fallen anyway, of people chosen because it was high."""
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

    @field_validator("regression_to_mean")
    @classmethod
    def _given_once(cls, terms: RegressionTerms | None, info: ValidationInfo) -> RegressionTerms | None:
        level = info.data.get("level")
        if terms is not None and level is not None and (level.is_uncertain or any(level.central_values())):
            what = "the counterfactual is given twice: by level and by regression_to_mean"
            raise wrong(what, "keep one of them; a level that was measured includes regression to the mean")
        if terms is not None and info.data.get("basis") == "share":
            raise wrong(
                "regression_to_mean has no use with basis 'share'", "leave out basis; it is in the outcome's unit"
            )
        return terms

    @field_validator("agreed")
    @classmethod
    def _agreed_where_used(cls, agreed: Quantity | None, info: ValidationInfo) -> Quantity | None:
        method = info.data.get("method")
        if method in ("fixed", "history") and agreed is None:
            raise wrong(f"method '{method}' has no agreed level", "give 'agreed', what the evaluator deducts")
        if method in ("none", "comparison", "trial") and agreed is not None:
            raise wrong(f"'agreed' has no use with method '{method}'", "use method fixed or history, or drop it")
        return agreed


class OutcomeBase(Model):
    """What all outcomes have."""

    title: str | None = None
    """The outcome in words."""
    unit: str | None = None
    """Its unit."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1), AfterValidator(once_each("group"))] | None = None
    """The groups whose outcome it is, each named once; all if not given."""
    lag_months: Amount = default(0)
    """Months from a person's start (or referral) to the outcome."""
    verification_months: MonthOnTimeline = 0
    """Months by which everything is verified later; what truly changes is not moved."""
    counterfactual: CounterfactualTerms = Field(default_factory=CounterfactualTerms)
    """What would have happened anyway."""
    effect_in_group: dict[GroupName, Amount] = Field(default_factory=dict)
    """The true effect in a group as a multiple of the one stated, such as 0.8; 1 in groups that are not named."""

    @field_validator("effect_in_group")
    @classmethod
    def _in_its_groups(cls, effects: dict[str, Quantity], info: ValidationInfo) -> dict[str, Quantity]:
        groups = info.data.get("groups")
        found = [
            Wrong(f"the outcome is none of group '{name}'", "name it in groups too, or drop it here", (name,))
            for name in effects
            if groups is not None and name not in groups
        ]
        if found:
            raise all_wrong(found)
        return effects


def _not_where_people_wait(of: str, info: ValidationInfo) -> str:
    if of == "referred" and isinstance(info.context, Context) and info.context.limited:
        what = "an outcome of all referred does not know who waits or finds no place"
        raise wrong(what, "use of: engaged and state the share of those who start, or drop posts and onward")
    return of


Of = Annotated[Literal["engaged", "referred"], AfterValidator(_not_where_people_wait)]


class LuckTerms(Model):
    """How the number of people who achieve something differs from the number expected.

    The count of each cohort, the people of a group to whom the outcome comes in one period, is beta-binomial.
    """

    counts: Literal["drawn", "expected"] = "drawn"
    """Whether a simulation draws who succeeds, or takes the number expected: no luck with people at all."""
    intraclass_correlation: Share = default(0.01)
    """How alike people of one cohort are, as the correlation of two people's success; 0: each succeeds on their own."""

    @field_validator("intraclass_correlation")
    @classmethod
    def _only_if_drawn(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        if info.data.get("counts") == "expected":
            raise wrong("'intraclass_correlation' has no use with counts 'expected'", "drop it, or draw the counts")
        return value

    @property
    def independent(self) -> bool:
        """Whether everybody certainly succeeds or fails on their own."""
        return self.counts == "drawn" and max(self.intraclass_correlation.extremes) < INDEPENDENT


_ROUNDING = 1e-9


class AchievementTerms(OutcomeBase):
    """A person reaches something."""

    type: Literal["achievement"]
    """A count of people who reach something."""
    of: Of = "engaged"
    """Of whom the share is taken: those who start, or all referred."""
    share: Share
    """Share who achieve it."""
    verified_share: Share = default(1)
    """Share of them that the evaluator accepts."""
    luck: LuckTerms = Field(default_factory=LuckTerms)
    """How the number of those who do differs from the number expected."""

    @model_validator(mode="after")
    def _between_none_and_all(self) -> Self:
        """Of a group c + e (s − c) achieve it, s stated, c anyway, e times the effect: at all ends within 0 to 1."""
        anyway, found = self.counterfactual, []
        for name, effect in self.effect_in_group.items() if anyway.regression_to_mean is None else ():
            ends = [
                c + e * (s - c)
                for s in self.share.extremes
                for e in effect.extremes
                for level in anyway.level.extremes
                for c in (level * s if anyway.basis == "share" else level,)
            ]
            if max(ends) > 1 + _ROUNDING or min(ends) < -_ROUNDING:
                worst = max(ends) if max(ends) > 1 + _ROUNDING else min(ends)
                what = f"with it {worst:.4g} of the group may achieve the outcome"
                right = "from none to all of them can: bring the number, or its ends, nearer to 1"
                found.append(Wrong(what, right, ("effect_in_group", name)))
        if found:
            raise all_wrong(found)
        return self


class QuantityTerms(OutcomeBase):
    """Days, visits, tonnes."""

    type: Literal["quantity"]
    """A count of units: days, visits, pounds."""
    of: Of = "engaged"
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
