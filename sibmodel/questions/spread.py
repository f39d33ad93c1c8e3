"""Where the spread of a measure comes from: person, cohort, measurement, programme."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Unit
from sibmodel.questions.futures import amount
from sibmodel.questions.levels import PEOPLE, SYSTEM, Level, independent, levels_of
from sibmodel.questions.redrawing import OTHERS, Variant, others_of, redrawn
from sibmodel.questions.variance import Part, half, part, settled, squares_of
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.scenario.schema import Scenario

USUAL = ("investor.npv", "investor.irr", "payers.payments", "commissioner.net_saving")
"""The measures that are taken apart where none is asked for, as far as the scenario has them."""


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
    if measure is not None:
        found |= {measure: amount(scenario, measure, "has no spread to take apart")}
    names = [name for name in USUAL if name in found] if measure is None else [measure]
    levels, run = list(levels_of(scenario)), Run(scenario, count, seed)
    # only trials that are sampled alike can have the same shocks
    shocks = bool(scenario.dependence.shocks)
    others = Run(scenario, count, seed ^ OTHERS, shock_seed=seed) if shocks else others_of(run)
    shocked = Run(scenario, count, seed, shock_seed=seed ^ OTHERS)
    runs = redrawn((run, others, shocked), _variants(scenario, levels), names, progress)
    apart = {}
    for name in names:
        unit, label = found[name].unit, found[name].label
        values = settled({which: one[name] for which, one in runs.items()}, unit)
        apart[name] = Taken(unit, label, *_taken(values, run.replicates))
    return Spread(scenario, record(scenario, count, seed), apart)


def _variants(scenario: Scenario, levels: list[Level]) -> dict[str, Variant]:
    """The trials as they are, and with each level of the other trials; of people also with all of them independent."""

    def anew(level: Level, alone: bool = False) -> Variant:
        def variant(runs: Sequence[Trials]) -> Trials:
            some, others, shocked = runs
            some = independent(scenario, some) if alone else some
            return level.anew(some, shocked if level is SYSTEM else others)

        return variant

    found: dict[str, Variant] = {"": lambda runs: runs[0], **{level.name: anew(level) for level in levels}}
    if PEOPLE in levels:
        found |= {"alone": lambda runs: independent(scenario, runs[0]), "person": anew(PEOPLE, alone=True)}
    return found


def _taken(runs: Mapping[str, FloatArray], replicates: int) -> tuple[int, Part, dict[str, Part], Part]:
    """Trials in which all runs are defined, the variance, its parts by level, and what they have in common."""
    defined = np.logical_and.reduce([np.isfinite(values) for values in runs.values()])
    y = {run: np.where(defined, values, np.nan) for run, values in runs.items()}
    today, count = y.pop(""), int(defined.sum())
    squares, halves = squares_of(today), {}
    if PEOPLE.name in y:
        both = half(today, y.pop(PEOPLE.name))
        halves["person"] = half(y.pop("alone"), y.pop("person"))
        halves["cohort"] = both - halves["person"]
    halves |= {level: half(today, values) for level, values in y.items()}
    together = sum(halves.values(), np.zeros(today.size)) - squares
    parts = {level: part(values, squares, replicates) for level, values in halves.items()}
    return count, part(squares, squares, replicates), parts, part(together, squares, replicates)
