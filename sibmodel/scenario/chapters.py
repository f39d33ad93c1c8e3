"""The small chapters of a scenario: sources, prices, discounting, appraisal, simulation, amendments, examples."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.quantity import Amount, Growth, Kind, Positive, Surcharge, default
from sibmodel.core.schema import (
    ASKED,
    Day,
    Model,
    Number,
    ScheduleName,
    SourceName,
    Whole,
    once_each,
    wrong,
)
from sibmodel.sampling.replicates import MOST_TRIALS, Sampling, unbalanced

SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Rate = Annotated[Number, Field(gt=-1, le=1)]


class SourceTerms(Model):
    """Where a number was read."""

    title: str
    """What it is called."""
    address: str | None = None
    """Where it can be found."""
    note: str | None = None
    """Anything else about it."""


class PricesTerms(Model):
    """Prices in general."""

    inflation: Growth = default(0)
    """Yearly growth of prices in general."""


class DiscountingTerms(Model):
    """Rates for present values: real for the public, nominal for the investor."""

    public: Rate | None = None
    """One real rate for present values in all years, instead of a schedule."""
    schedule: Annotated[ScheduleName | None, ASKED] = None
    """A schedule of `reference.discount_rates`: standard, health, lower_rate, review_2026; standard if not given."""
    convention: Literal["as_dated", "green_book_year"] = "as_dated"
    """Whether a flow is discounted from its own day, or flows of the first year have factor 1, of the second DF(1)."""
    investor: Rate = 0.035
    """Nominal rate of the investor's net present value."""

    @field_validator("schedule")
    @classmethod
    def _one_way(cls, schedule: str | None, info: ValidationInfo) -> str | None:
        if schedule is not None and info.data.get("public") is not None:
            raise wrong("both public and schedule are given", "keep one of them")
        return schedule


class WeightTerms(Model):
    """A distributional weight: what a pound is worth to people whose incomes differ from the median.

    (median income ÷ participants' income)^exponent, as in HM Treasury's Green Book; never part of unweighted results.
    """

    median_income: Positive
    """Median household income, adjusted for its members."""
    participants_income: Positive
    """The same of the people in the programme."""
    exponent: Amount = default(1.3)
    """How fast the worth of a pound falls with income."""


class AppraisalTerms(Model):
    """What is added up, and on which side, when the whole is appraised."""

    adds_up: Annotated[tuple[Kind, ...], Field(min_length=1), AfterValidator(once_each("kind"))] = ("fiscal",)
    """The kinds of saving that count together; kinds are never added up unless they are named here."""
    fiscal_savings_are: Literal["benefits", "lower_costs"] = "benefits"
    """Whether the benefit-cost ratio has fiscal savings above the line, or takes them off the costs."""
    cost_optimism_bias: Surcharge = default(0)
    """Share by which programme spend is raised in appraisal; cash flows are not touched."""
    cost_optimism_bias_by_grade: Literal["worst", "average"] | None = None
    """Raise it for the grades of the costs, instead of `cost_optimism_bias`: by the worst, or by their mean."""
    distributional_weight: WeightTerms | None = None
    """What economic value and wellbeing of the people weigh beside the unweighted result; fiscal savings weigh 1."""


class SimulationTerms(Model):
    """How many futures are simulated, and from which seed."""

    trials: Annotated[Whole, Field(ge=2, le=MOST_TRIALS)] = 10_000
    """How many futures."""
    seed: Annotated[Whole, Field(ge=0, le=2**63 - 1)] = 1
    """The seed of the random numbers; the same seed gives the same futures."""
    sampling: Sampling = "pseudo_random"
    """How futures are spread: independently, or evenly by Latin hypercube (`trials` a multiple of 16) or scrambled
    Sobol points (16 times a power of two), in 16 independent replicates."""

    @model_validator(mode="after")
    def _balanced(self) -> Self:
        said = unbalanced(self.sampling, self.trials)
        if said is not None:
            raise wrong(*said, "trials")
        return self


class AmendmentTerms(Model):
    """What changes from a date."""

    date: Day = Field(alias="from")
    """The first day of the change; it holds for flows dated on or after it."""
    set: Annotated[dict[str, Any], Field(min_length=1)]
    """New numbers (or shares of a split) by address."""
    note: str | None = None
    """Why."""
    source: SourceName | None = None
    """Where it is agreed."""


class WholeExampleTerms(Model):
    """What a whole bond must come to, in its base case or for given verified outcomes."""

    title: str | None = None
    """The example in words."""
    verified: tuple[VerifiedRow, ...] | None = None
    """What the evaluator verified; what the programme is expected to bring, if not given."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Numbers that are different in this example, by address."""
    gives: Annotated[dict[str, Number], Field(min_length=1)]
    """What measures must come to, by name, such as `tranche.senior.irr: 0.05`."""
    within: Annotated[Number, Field(gt=0)] | None = None
    """By how much they may be missed; if not given half a penny, and 0.0000005 where the unit is not pounds."""
