"""Where the spread of a measure comes from: person, cohort, measurement, programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError, UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Unit
from sibmodel.model import work_through
from sibmodel.questions.levels import PEOPLE, SYSTEM, Level, independent, levels_of
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.running.statistics import error_of_mean
from sibmodel.scenario.schema import Scenario

USUAL = ("investor.npv", "investor.irr", "payers.payments", "commissioner.net_saving")
"""The measures that are taken apart where none is asked for, as far as the scenario has them."""
_OTHERS = 2**62
"""Added to a seed, it gives other trials that are independent of its own."""


@dataclass(frozen=True)
class Part:
    """A part of a variance, in the square of the measure's unit, and as a share of it; with standard errors."""

    variance: float
    se: float
    share: float
    share_se: float


@dataclass(frozen=True)
class Taken:
    """The variance of one measure, `total`, and its parts by level.

    `levels` are total effects: what would be left if all other levels were known. What levels do only together is in
    each of them, so that they add up to the total and `together`. `defined` counts the trials behind it.
    """

    unit: Unit
    label: str
    defined: int
    total: Part
    levels: Mapping[str, Part]
    together: Part


@dataclass(frozen=True)
class Spread:
    """Where the spread of some measures comes from. Prints itself as a report in a terminal and in a notebook."""

    scenario: Scenario
    record: Record
    measures: Mapping[str, Taken]

    def __getitem__(self, measure: str) -> Taken:
        return self.measures[measure]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "scenario": self.scenario.title,
            "record": self.record.as_dict(),
            "measures": {name: asdict(taken) for name, taken in self.measures.items()},
        }

    def __str__(self) -> str:
        from sibmodel.report.spread_story import spread_story
        from sibmodel.report.terminal import as_text

        return as_text(spread_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.spread_story import spread_story
        from sibmodel.report.terminal import as_html

        return as_html(spread_story(self))


Runs = Mapping[str, Mapping[str, FloatArray]]
"""By run and measure, its values in every trial."""


def spread(
    scenario: Scenario,
    measure: str | None = None,
    trials: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
) -> Spread:
    """Take the variance of a measure apart: luck with each person, with cohorts, in measuring, and ignorance.

    Every trial is run again with one level drawn anew and all else the same (Jansen 1999, Comput Phys Commun 117:35).
    `trials` and `seed` default to the scenario's own. Raises UnknownNameError if there is no such measure,
    and SibmodelError for a chance.
    """
    count, seed = asked_for(scenario, trials, seed)
    found = all_measures(base_case(scenario))
    if measure is not None and measure not in found:
        raise UnknownNameError(f"no measure called '{measure}'; {nearest(measure, found)}")
    if measure is not None and found[measure].unit == "probability":
        raise SibmodelError(f"{measure} is 0 or 1 in each future and has no spread to take apart; take an amount")
    names = [name for name in USUAL if name in found] if measure is None else [measure]
    levels, run = list(levels_of(scenario)), Run(scenario, count, seed)
    others = Run(scenario, count, seed ^ _OTHERS, shock_seed=seed)
    shocked = Run(scenario, count, seed, shock_seed=seed ^ _OTHERS)

    def work(block: int) -> list[dict[str, dict[str, FloatArray]]]:
        parts = zip(*(one.parts(block) for one in (run, others, shocked)), strict=True)
        return [dict(_runs(scenario, levels, names, *trials)) for trials in parts]

    blocks: list[dict[str, dict[str, FloatArray]]] = []
    for block, found_here in enumerate(in_order(work, run.blocks, workers_for(run.blocks))):
        blocks += found_here
        if progress is not None:
            progress(min((block + 1) * run.block, count), count)
    taken = {
        name: _taken({run: np.concatenate([b[run][name] for b in blocks]) for run in blocks[0]}, run.replicates)
        for name in names
    }
    apart = {name: Taken(found[name].unit, found[name].label, *parts) for name, parts in taken.items()}
    return Spread(scenario, record(scenario, count, seed), apart)


def _runs(
    scenario: Scenario, levels: list[Level], names: list[str], some: Trials, others: Trials, shocked: Trials
) -> Iterator[tuple[str, dict[str, FloatArray]]]:
    """The trials as they are, and with each level of the other trials; of people also with all of them independent."""

    def run(trials: Trials) -> dict[str, FloatArray]:
        found = all_measures(work_through(scenario, trials))
        return {name: found[name].values for name in names}

    yield "", run(some)
    for level in levels:
        yield level.name, run(level.anew(some, shocked if level is SYSTEM else others))
    if PEOPLE in levels:
        alone = independent(scenario, some)
        yield "alone", run(alone)
        yield "person", run(PEOPLE.anew(alone, others))


def _taken(runs: Mapping[str, FloatArray], replicates: int) -> tuple[int, Part, dict[str, Part], Part]:
    """Trials in which all runs are defined, the variance, its parts by level, and what they have in common."""
    defined = np.logical_and.reduce([np.isfinite(values) for values in runs.values()])
    y = {run: np.where(defined, values, np.nan) for run, values in runs.items()}
    today, count = y.pop(""), int(defined.sum())
    mean = float(today[defined].mean()) if count else 0.0
    squares = np.asarray((today - mean) ** 2 * (count / max(count - 1, 1)))
    halves = {}
    if PEOPLE.name in y:
        both = _half(today, y.pop(PEOPLE.name))
        halves["person"] = _half(y.pop("alone"), y.pop("person"))
        halves["cohort"] = both - halves["person"]
    halves |= {level: _half(today, values) for level, values in y.items()}
    together = sum(halves.values(), np.zeros(today.size)) - squares
    parts = {level: _part(values, squares, replicates) for level, values in halves.items()}
    return count, _part(squares, squares, replicates), parts, _part(together, squares, replicates)


def _half(one: FloatArray, other: FloatArray) -> FloatArray:
    """Half the square of what redrawing a level changes, whose mean is E[Var(Y | all other levels)]."""
    return np.asarray((one - other) ** 2 / 2.0)


def _part(each: FloatArray, squares: FloatArray, replicates: int) -> Part:
    """A mean over trials and its share of the mean of `squares`; the share's standard error by the delta method."""
    if np.isfinite(each).sum() < 2:
        return Part(0.0, 0.0, 0.0, 0.0)
    mean, variance = float(np.nanmean(each)), float(np.nanmean(squares))
    se = error_of_mean(each, replicates) or 0.0
    if not variance:
        return Part(mean, se, 0.0, 0.0)
    share = mean / variance
    return Part(mean, se, share, (error_of_mean(each - share * squares, replicates) or 0.0) / variance)
