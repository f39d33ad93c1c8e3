"""The matrix of risk by party: what happens to everybody when one risk turns out worse."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibmodel.core.schema import NO_PARTIES
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.model import work_through
from sibmodel.questions.directions import Lever, shifts
from sibmodel.questions.positions import Positions, positions
from sibmodel.questions.risks import DEAL, PEOPLE, RISKS, Risk
from sibmodel.running.execution import Run
from sibmodel.running.statistics import interval
from sibmodel.running.sums import Average, Replicate
from sibmodel.sampling.sampler import shifted

RESOURCE, COST = NO_PARTIES
"""Keys of what a row adds up to, and of the part of it that is not savings."""


@dataclass(frozen=True)
class Estimate:
    """A mean in pounds and its standard error; None where there are too few trials for one."""

    mean: float
    se: float | None

    @property
    def is_noise(self) -> bool:
        """Whether the 95 % interval of the mean holds nought, and is more than a point."""
        if not self.se:
            return False
        low, high = interval(self.mean, self.se)
        return low <= 0 <= high


@dataclass(frozen=True)
class Row:
    """One risk: what moved, what did not, and the change of everybody's mean present value.

    `changes` has every column, `resource_value` and `resource_cost`; it is empty where nothing moved, and then `why`
    says so.
    """

    risk: Risk
    moved: tuple[Lever, ...]
    without_effect: tuple[Lever, ...]
    changes: Mapping[str, Estimate]
    why: str = ""


@dataclass(frozen=True)
class Matrix:
    """`today` is everybody's mean present value before anything is moved; `kinds` the savings in the resource value."""

    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    today: Mapping[str, Estimate]
    rows: tuple[Row, ...]

    @property
    def keys(self) -> list[str]:
        """All that a row has: the parties, what they add up to, and the cost in it."""
        return [*self.columns, RESOURCE, COST]

    def __getitem__(self, risk: str) -> Row:
        return next(row for row in self.rows if row.risk.name == risk)


@dataclass(frozen=True)
class Sums:
    """Averages of amounts by column, gathered block by block."""

    columns: Mapping[str, Average]

    @classmethod
    def of(cls, amounts: Mapping[str, FloatArray], replicate: Replicate, replicates: int) -> Sums:
        """Of one block, shape (trials,) each."""
        return cls({key: Average.of(x, replicate, replicates) for key, x in amounts.items()})

    def __add__(self, other: Sums) -> Sums:
        return Sums({key: average + other.columns[key] for key, average in self.columns.items()})

    def estimates(self) -> dict[str, Estimate]:
        """Means and their standard errors."""
        return {key: Estimate(average.mean, average.error) for key, average in self.columns.items()}


def with_resources(found: Positions) -> dict[str, FloatArray]:
    """Everybody's position, and the resource value and cost."""
    return {**found.columns, RESOURCE: found.resource, COST: found.cost}


def of_part(run: Run, levers: list[Lever], trials: Trials, before: Positions) -> dict[Risk, Sums]:
    """Changes in some trials, for every risk that can be moved."""
    out, scenario = {}, run.scenario
    for risk in RISKS:
        mine = shifts([lever for lever in levers if lever.risk == risk])
        if mine:
            after = positions(work_through(scenario, shifted(trials, scenario.quantities(), mine)))
            old, new = with_resources(before), with_resources(after)
            out[risk] = Sums.of({key: new[key] - old[key] for key in old}, run.replicate_of(trials), run.replicates)
    return out


def rows(levers: list[Lever], changes: Mapping[Risk, Sums]) -> tuple[Row, ...]:
    """A row for every risk of the world, and one for the terms of the deal where any of them is uncertain."""
    out = []
    for risk in RISKS:
        mine = [lever for lever in levers if lever.risk == risk]
        moved, idle = ([lever for lever in mine if bool(lever.worse) is moves] for moves in (True, False))
        found = changes[risk].estimates() if risk in changes else {}
        if mine or risk != DEAL:
            out.append(Row(risk, tuple(moved), tuple(idle), found, "" if found else _why_not(risk, mine)))
    return tuple(out)


def _why_not(risk: Risk, mine: list[Lever]) -> str:
    if risk == PEOPLE and not mine:
        return "nothing drawn here: no outcome is an achievement, or expected numbers are taken"
    return "uncertain, but it moves none of these values" if mine else "nothing uncertain here"
