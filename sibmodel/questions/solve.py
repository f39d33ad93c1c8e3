"""The number that brings a measure to a target, in the same futures."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.questions.candidates import (
    as_written,
    candidates,
    must_be_a_range,
    must_be_allowed,
    nothing_says_where,
    said_at,
    step_of,
    up_to,
)
from sibmodel.questions.crossings import Ask, Crossing, Point, crossings
from sibmodel.questions.futures import Futures, by_future, today_at
from sibmodel.questions.inputs import quantity_at
from sibmodel.questions.statistic import BASE, asked, must_be_worked_out, simulated
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.sampling.replicates import replicates
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

ADDRESS = "ADDRESS"
"""What the number to find is called in problems with it."""
GRID = 25
"""Candidates at which the measure is looked at before a crossing is narrowed down."""
WIDER = (3.0, 10.0)
"""Multiples of today's number up to which is looked without bounds: the second if the first holds nothing."""


@dataclass(frozen=True)
class Solution:
    """Where a measure is at its target. Prints itself.

    `address_unit` is what the scenario says the number is counted in, if anything; `unit` is the measure's.
    `statistic` is `mean`, `base` or a percentile such as `p5`. `crossings` are all that the grid between the bounds
    shows, the one nearest today's number first; none if there is no answer. `grid` is the measure over the bounds,
    `step` the distance of the numbers that the field allows, where it takes only whole ones or whole periods.
    `in_per_cent` is whether the target was written so, and needs no hint.
    """

    record: Record
    address: str
    address_unit: str
    today: float | None
    measure: str
    statistic: str
    unit: str
    label: str
    target: float
    between: tuple[float, float]
    given: bool
    crossings: tuple[Crossing, ...]
    grid: tuple[Point, ...]
    step: float | None = None
    in_per_cent: bool = False

    @property
    def reach(self) -> tuple[float, float] | None:
        """Lowest and highest value on the grid; None where the measure has no value anywhere."""
        known = [point.value for point in self.grid if point.value is not None]
        return (min(known), max(known)) if known else None

    @property
    def nearest(self) -> Point | None:
        """The candidate on the grid at which the measure comes nearest to the target."""
        known = [point for point in self.grid if point.value is not None]
        return min(known, key=lambda point: abs((point.value or 0.0) - self.target), default=None)

    def to_frame(self) -> pd.DataFrame:
        """The measure over the bounds, a row a candidate."""
        import pandas as pd

        return pd.DataFrame([asdict(point) for point in self.grid]).set_index("at").rename_axis(self.address)

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel solve --json`."""
        plain = ("address", "address_unit", "today", "step", "measure", "statistic", "unit", "label")
        out = {name: getattr(self, name) for name in plain}
        out |= {"target": self.target, "between": list(self.between), "reach": list(self.reach or ()) or None}
        out |= {"crossings": [asdict(one) for one in self.crossings], "grid": [asdict(one) for one in self.grid]}
        return out | {"record": self.record.as_dict()}

    def __str__(self) -> str:
        from sibmodel.report.solve_story import solve_story
        from sibmodel.report.terminal import as_text

        return as_text(solve_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.solve_story import solve_story
        from sibmodel.report.terminal import as_html

        return as_html(solve_story(self))


def solve(
    scenario: Scenario,
    measure: str,
    target: float,
    address: str,
    between: tuple[float, float] | None = None,
    *,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
) -> Solution:
    """The fixed numbers at an address that bring a measure to a target.

    `measure` is one of `run`: its simulated mean over futures in which it has a value, or with `.p5` … `.p95` a
    percentile, with `.base` the base case. The number replaces whatever stands at the address, as `--set` does; all
    futures stay the same. Without `between` the bounds are nought and three times today's number, within what its field
    allows, or ten times if there is no answer up to there. Every change of sign of measure − target on a grid of 25
    candidates is narrowed down by Brent's method, or by halving where the field takes only whole numbers or periods.
    Raises SibmodelError for an unknown measure or address, bounds out of order or not allowed, or no finite target.
    """
    if not math.isfinite(target):
        raise SibmodelError(f"{target} is no target; give a number")
    must_be_worked_out(scenario, measure)
    name, statistic = asked(measure)
    about = by_future(scenario, name)
    count, chosen = asked_for(scenario, trials, seed)
    today = today_at(scenario, address, ADDRESS)
    ask = _question(Futures(scenario, count, chosen), address, name, statistic)
    for bounds in _bounds(scenario, address, today, between):
        step = step_of(scenario, address, bounds)
        grid = _grid(ask, candidates(bounds, step, GRID), between is not None, workers)
        found = tuple(crossings(ask, grid, target, step))
        if found:
            break
    middle, unit = today if today is not None else bounds[0], _unit(scenario, address)
    return Solution(
        record(scenario, count, chosen), address, unit, today, name, statistic, about.unit, about.label, target, bounds,
        between is not None, tuple(sorted(found, key=lambda one: abs(one.at - middle))), grid, step,
    )  # fmt: skip


def _unit(scenario: Scenario, address: str) -> str:
    quantity = quantity_at(scenario, address)
    return "" if quantity is None else quantity.unit or ""


def _bounds(
    scenario: Scenario, address: str, today: float | None, between: tuple[float, float] | None
) -> Iterator[tuple[float, float]]:
    """Where to look, first near by."""
    if between is not None:
        must_be_a_range(between)
        for end in between:
            must_be_allowed(scenario, {address: end}, "--between")
        yield between
        return
    if not today:
        raise nothing_says_where(address, today, "--between")
    for times in WIDER:
        yield up_to(scenario, address, today, times)


def _question(futures: Futures, address: str, name: str, statistic: str) -> Ask:
    scenario = futures.scenario

    def ask(x: float) -> Point:
        if statistic == BASE:
            base = float(all_measures(base_case(futures.at(as_written({address: x}))))[name].values[0])
            return Point(x, base if math.isfinite(base) else None, None)
        values: FloatArray = futures.measured(as_written({address: x}), (name,))[name]
        value, error = simulated(values, statistic, replicates(scenario.simulation.sampling))
        without = values.size - int(np.isfinite(values).sum())
        return Point(x, value if math.isfinite(value) else None, error, without)

    return ask


def _grid(ask: Ask, candidates: list[float], given: bool, workers: int | None) -> tuple[Point, ...]:
    """The measure over the bounds. Numbers that the field refuses have no value, unless they were asked for."""

    def work(i: int) -> Point | ScenarioError:
        try:
            return ask(candidates[i])
        except ScenarioError as refused:
            return refused

    count = len(candidates)
    found = list(in_order(work, count, workers_for(count, workers)))
    refused = [one for one in found if isinstance(one, ScenarioError)]
    if refused and (given or len(refused) == count):
        raise said_at(refused[0], ADDRESS)
    return tuple(
        Point(x, None, None) if isinstance(one, ScenarioError) else one
        for x, one in zip(candidates, found, strict=True)
    )
