"""What a rule, a condition or a coupon reads from verified outcomes: which, as a mean or total, over what span."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, ValidationInfo, field_validator

from sibmodel.core.flows import NOBODY, OutcomeFlow, total
from sibmodel.core.schema import ASKED, Context, Model, Number, OutcomeName, wrong
from sibmodel.core.timeline import FloatArray, Timeline, running_total
from sibmodel.core.trials import Trials

Span = Literal["window", "financial_year", "contract_year", "contract"]
BoolArray = npt.NDArray[np.bool_]

_COUNTED = ("achievement", "quantity")


class ReadingTerms(Model):
    """One number read from verified outcomes in each period."""

    index: Annotated[dict[OutcomeName, Number], Field(min_length=1)] | None = None
    """Instead of one outcome, a weighted sum of several: the weight of each."""
    outcome: Annotated[OutcomeName | None, ASKED] = None
    """The outcome that is read."""
    divided_by: OutcomeName | None = None
    """Another outcome whose total the outcome's total is divided by, to read a rate."""
    reads: Literal["mean", "total"] | None = None
    """`mean` (effects only, and their default) or `total` in units."""
    over: Span = "window"
    """What is read together: one report or period (`window`), or everything since the beginning of the April-to-March
    `financial_year`, of the `contract_year`, or of the `contract`."""

    @field_validator("index")
    @classmethod
    def _weighs_something(cls, index: dict[str, float] | None) -> dict[str, float] | None:
        if index is not None and not any(index.values()):
            raise wrong("all weights are 0, so the sum always is", "give an outcome another weight")
        return index

    @field_validator("divided_by")
    @classmethod
    def _by_another(cls, name: str | None, info: ValidationInfo) -> str | None:
        if name is not None and name == info.data.get("outcome"):
            raise wrong(f"'{name}' divided by itself is always 1", "name another outcome")
        return name

    @field_validator("outcome")
    @classmethod
    def _one_thing_to_read(cls, outcome: str | None, info: ValidationInfo) -> str | None:
        if "index" in info.data and (info.data["index"] is None) == (outcome is None):
            what = "nothing says what is read" if outcome is None else "both an outcome and an index are read"
            raise wrong(what, "name either an 'outcome', or an 'index' with weights")
        return outcome

    @field_validator("reads")
    @classmethod
    def _readable(cls, reads: str | None, info: ValidationInfo) -> str | None:
        if reads == "mean" and is_counted(info):
            raise wrong(f"outcome '{info.data['outcome']}' has no mean", "only an effect has; use reads: total")
        if reads is not None and (info.data.get("index") or info.data.get("divided_by")):
            raise wrong("'reads' has no use here", "an index reads each outcome's own, a rate reads totals; drop it")
        return reads

    @property
    def adds_up(self) -> bool:
        """Whether a mean is turned into a total, or added up with others, so that its people matter."""
        return self.over != "window" or self.divided_by is not None or (self.reads == "total" and self.index is None)

    @property
    def names(self) -> tuple[str, ...]:
        """The outcomes that are read."""
        named = (self.outcome, *(self.index or ()), self.divided_by)
        return tuple(name for name in named if name is not None)


def is_counted(info: ValidationInfo) -> bool:
    """Whether the outcome of what is being checked is known not to be an effect."""
    outcome = info.data.get("outcome")
    return isinstance(info.context, Context) and info.context.outcome_types.get(str(outcome)) in _COUNTED


@dataclass(frozen=True)
class Seen:
    """What a term sees: verified outcomes, the calendar, the trials, and the month in which the contract ends."""

    outcomes: Mapping[str, OutcomeFlow]
    timeline: Timeline
    trials: Trials
    last_month: int
    whole: Mapping[str, OutcomeFlow] | None = None

    @property
    def everything(self) -> Seen:
        """All outcomes, as conditions see them, whatever a term's months and groups."""
        return self if self.whole is None else replace(self, outcomes=self.whole, whole=None)

    def only(self, groups: tuple[str, ...] | None, periods: FloatArray | None) -> Seen:
        """The same for some groups and for the periods marked 1."""
        outcomes = dict(self.outcomes)
        if groups is not None:
            outcomes = {name: flow.of_groups(groups) for name, flow in outcomes.items()}
        if periods is not None:
            outcomes = {name: flow.within(periods) for name, flow in outcomes.items()}
        return replace(self, outcomes=outcomes, whole=self.everything.outcomes)

    def cohorts(self, outcomes: tuple[str, ...]) -> tuple[str, ...]:
        """The cohorts that an evaluator names for some outcomes."""
        named = (part.cohort for name in outcomes for part in self.outcomes[name].parts if part.cohort)
        return tuple(dict.fromkeys(named))

    def of_cohort(self, cohort: str) -> Seen:
        """The same for one cohort alone."""
        own = {name: flow.of_cohort(cohort) for name, flow in self.outcomes.items()}
        return replace(self, outcomes=own, whole=None)

    def spans(self, over: Span) -> Sequence[object]:
        """A label for each period; what is read together has the same. Period 0 belongs to the first year."""
        if over == "financial_year":
            return self.timeline.financial_years
        if over == "contract_year":
            return [float(year) for year in self.timeline.contract_years]
        return [0] * len(self.timeline.ends) if over == "contract" else range(len(self.timeline.ends))


@dataclass(frozen=True)
class Read:
    """A value in each period, the people behind it, and where there is anything to read; (periods, 1 or trials).

    `fresh` is where something new has been verified; over a longer span the value stands in other periods too.
    """

    value: FloatArray
    people: FloatArray
    live: BoolArray
    fresh: BoolArray


def read(terms: ReadingTerms, seen: Seen) -> Read:
    """What the terms read in each period."""
    if terms.index is not None:
        above = _weighted(terms.index, terms.divided_by is not None, terms.over, seen)
    elif terms.outcome is not None:
        above = _one(terms.outcome, "total" if terms.divided_by else terms.reads, terms.over, seen)
    else:  # the schema refuses it
        raise TypeError("nothing to read")
    if terms.divided_by is None:
        return above
    below = _one(terms.divided_by, "total", terms.over, seen)
    counted = not any(seen.outcomes[name].is_effect for name in (*(terms.index or ()), terms.outcome) if name)
    # of what is counted, nothing verified is none; an effect must have been measured
    live = (above.live | counted) & below.live & (below.value != 0)
    value = np.divide(above.value, np.where(live, below.value, 1.0))
    return Read(value, above.people, live, live & (above.fresh | below.fresh))


def _weighted(weights: Mapping[str, float], totals: bool, over: Span, seen: Seen) -> Read:
    """A weighted sum, read where all its outcomes are."""
    parts = [(weight, _one(name, "total" if totals else None, over, seen)) for name, weight in weights.items()]
    live = np.logical_and.reduce(np.broadcast_arrays(*(part.live for _, part in parts)))
    fresh = live & np.logical_or.reduce(np.broadcast_arrays(*(part.fresh for _, part in parts)))
    return Read(total(weight * part.value for weight, part in parts), parts[0][1].people, live, fresh)


def _one(name: str, reads: str | None, over: Span, seen: Seen) -> Read:
    flow = seen.outcomes[name]
    mean = flow.is_effect and reads != "total"
    fresh = flow.measured > NOBODY
    if over == "window":
        return Read(flow.verified if mean else flow.units, flow.measured, fresh, fresh)
    spans = seen.spans(over)
    units, people = running_total(flow.units, spans), running_total(flow.measured, spans)
    live = people > NOBODY
    return Read(units / np.where(live, people, 1.0) if mean else units, people, live, fresh & live)
