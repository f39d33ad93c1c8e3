"""The number that brings a measure to a target, in the same futures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.questions.futures import Futures, today_at
from sibmodel.questions.statistic import BASE, asked, simulated
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.running.simulation import must_be_known
from sibmodel.sampling.replicates import replicates
from sibmodel.scenario.reader import change
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

GRID = 25
"""Candidates at which the measure is looked at before a crossing is narrowed down."""
WIDER = (3.0, 10.0)
"""Multiples of today's number up to which is looked without bounds: the second if the first holds nothing."""
_ON_TARGET = 1e-9
_HALVINGS = 20
_CLOSE = 1e-9
"""Part of itself to which a crossing is narrowed down."""

Ask = Callable[[float], tuple[float, float | None]]
"""The measure at a candidate and its standard error; not a number where it has no value."""


@dataclass(frozen=True)
class Point:
    """A candidate and the measure there, with its standard error; None where it has no value."""

    at: float
    value: float | None
    se: float | None


@dataclass(frozen=True)
class Crossing:
    """Where the measure is at the target: the candidate, its standard error, and the measure there with its own.

    `up_to` is the other end of a stretch in which it is at the target throughout. `jumps_from` is its value on the
    other side where it leaps over the target by more than its error. `se` is the measure's error over its slope; None
    where the measure is flat, jumps or has no error.
    """

    at: float
    se: float | None
    value: float
    value_se: float | None
    up_to: float | None = None
    jumps_from: float | None = None


@dataclass(frozen=True)
class Solution:
    """Where a measure is at its target. Prints itself.

    `statistic` is `mean`, `base` or a percentile such as `p5`. `crossings` are all that the grid between the bounds
    shows, the one nearest today's number first; none if there is no answer. `grid` is the measure over the bounds.
    """

    record: Record
    address: str
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
        out = {name: getattr(self, name) for name in ("address", "today", "measure", "statistic", "unit", "label")}
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
    candidates is narrowed down by Brent's method.
    Raises SibmodelError for an unknown measure or address, bounds out of order or not allowed, or no finite target.
    """
    if not math.isfinite(target):
        raise SibmodelError(f"{target} is no target; give a number")
    name, statistic = asked(measure)
    must_be_known(scenario, (name,))
    about = all_measures(base_case(scenario)).get(name)
    if about is None:
        raise SibmodelError(
            f"'{name}' is not worked out future by future; solve for investor.irr or investor.npv instead"
        )
    count, chosen = asked_for(scenario, trials, seed)
    today = today_at(scenario, address)
    ask = _question(Futures(scenario, count, chosen), address, name, statistic)
    for bounds in _bounds(scenario, address, today, between):
        grid = _grid(ask, bounds, between is not None, workers)
        crossings = tuple(_crossings(ask, grid, target))
        if crossings:
            break
    middle = today if today is not None else bounds[0]
    return Solution(
        record(scenario, count, chosen), address, today, name, statistic, about.unit, about.label, target, bounds,
        between is not None, tuple(sorted(crossings, key=lambda one: abs(one.at - middle))), grid,
    )  # fmt: skip


def _bounds(
    scenario: Scenario, address: str, today: float | None, between: tuple[float, float] | None
) -> Iterator[tuple[float, float]]:
    """Where to look, first near by."""
    if between is not None:
        low, high = between
        if not (math.isfinite(low) and math.isfinite(high) and low < high):
            raise SibmodelError(f"{low:g} to {high:g} is no range; give the lower bound first")
        for end in between:
            _must_be_allowed(scenario, address, end)
        yield low, high
        return
    if not today:
        raise SibmodelError(
            f"'{address}' says nothing of where to look (it is {today or 'not given'}); give --between LOW HIGH"
        )
    least, most = next((q.limits for q in scenario.quantities() if q.address == address), (-math.inf, math.inf))
    for times in WIDER:
        yield max(min(0.0, times * today), least), min(max(0.0, times * today), most)


def _must_be_allowed(scenario: Scenario, address: str, bound: float) -> None:
    """Answer a bound that the field refuses as the bound that it is, not as a candidate between."""
    try:
        change(scenario, {address: bound})
    except ScenarioError as error:
        raise ScenarioError([replace(problem, file="--between") for problem in error.problems]) from None


def _question(futures: Futures, address: str, name: str, statistic: str) -> Ask:
    scenario = futures.scenario

    def ask(x: float) -> tuple[float, float | None]:
        if statistic == BASE:
            return float(all_measures(base_case(futures.at({address: x})))[name].values[0]), None
        values: FloatArray = futures.measured({address: x}, (name,))[name]
        return simulated(values, statistic, replicates(scenario.simulation.sampling))

    return ask


def _grid(ask: Ask, bounds: tuple[float, float], given: bool, workers: int | None) -> tuple[Point, ...]:
    """The measure over the bounds. Numbers that the field refuses have no value, unless they were asked for."""
    candidates = [float(x) for x in np.linspace(*bounds, GRID)]

    def work(i: int) -> Point | ScenarioError:
        try:
            value, error = ask(candidates[i])
        except ScenarioError as refused:
            return refused
        return Point(candidates[i], value if math.isfinite(value) else None, error)

    found = list(in_order(work, GRID, workers_for(GRID, workers)))
    refused = [one for one in found if isinstance(one, ScenarioError)]
    if refused and (given or len(refused) == GRID):
        raise refused[0]
    return tuple(
        Point(x, None, None) if isinstance(one, ScenarioError) else one
        for x, one in zip(candidates, found, strict=True)
    )


def _crossings(ask: Ask, grid: tuple[Point, ...], target: float) -> Iterator[Crossing]:
    """Every stretch at the target, and every place between two candidates where the measure passes it."""
    known = [point for point in grid if point.value is not None]
    beside = {(one.at, other.at) for one, other in pairwise(grid)}
    gaps = [(point.value or 0.0) - target for point in known]
    least = _ON_TARGET * max(abs(target), *(abs(gap) for gap in gaps), 1e-3) if gaps else 0.0
    here = [abs(gap) <= least for gap in gaps]
    i = 0
    while i < len(known):
        if here[i]:
            last = next((j for j in range(i, len(known)) if not here[j]), len(known)) - 1
            yield _stretch(ask, known, (i, last), target, least)
            i = last + 1
            continue
        passes = i + 1 < len(known) and gaps[i] * gaps[i + 1] < 0 and not here[i + 1]
        if passes and (known[i].at, known[i + 1].at) in beside:  # else what lies between has no value
            yield _between(ask, known[i], known[i + 1], target)
        i += 1


def _stretch(ask: Ask, known: list[Point], ends: tuple[int, int], target: float, least: float) -> Crossing:
    """The whole of a stretch at the target, its ends found by halving; a single candidate is no stretch."""
    first, last = ends
    at = known[first]
    assert at.value is not None  # noqa: S101 - the grid's unknown values are left out

    def end(inside: float, outside: float) -> float:
        for _ in range(_HALVINGS):
            middle = (inside + outside) / 2
            inside, outside = (middle, outside) if abs(ask(middle)[0] - target) <= least else (inside, middle)
        return inside

    low = end(at.at, known[first - 1].at) if first else at.at
    high = end(known[last].at, known[last + 1].at) if last + 1 < len(known) else known[last].at
    if high - low <= 1e-6 * (known[-1].at - known[0].at):
        beside = known[max(first - 1, 0)], known[min(last + 1, len(known) - 1)]
        return _with_error(Crossing(at.at, None, at.value, at.se), *beside)
    return Crossing(low, None, at.value, at.se, up_to=high)


def _between(ask: Ask, one: Point, other: Point, target: float) -> Crossing:
    """Where the measure passes the target between two candidates, by Brent's method."""
    from scipy.optimize import brentq

    def gap(x: float) -> float:
        found = ask(x)[0] - target
        if math.isnan(found):
            raise SibmodelError(
                f"the measure passes the target between {one.at:.10g} and {other.at:.10g}, but has no value at {x:.10g}"
                "; look closer, with bounds (--between) within these"
            )
        return found

    at = float(brentq(gap, one.at, other.at, xtol=_CLOSE * max(abs(one.at), abs(other.at))))
    value, error = ask(at)
    assert one.value is not None  # noqa: S101 - a candidate without a value has no sign
    assert other.value is not None  # noqa: S101
    step = 1e-9 * (other.at - one.at)
    below, above = ask(max(at - step, one.at))[0], ask(min(at + step, other.at))[0]
    found = Crossing(at, None, value, error)
    far = max(below, above, key=lambda beyond: abs(beyond - value))
    # single futures leap, as where a rate ceases to be: what is smaller than the error of the mean is no leap of it
    if abs(value - target) > max(1e-6 * abs(other.value - one.value), error or 0.0):
        return replace(found, jumps_from=far)
    return _with_error(found, one, other)


def _with_error(found: Crossing, one: Point, other: Point) -> Crossing:
    """The same with the measure's standard error over its slope between two candidates."""
    if one.value is None or other.value is None or found.value_se is None or one.value == other.value:
        return found
    # not nearer by, where the leaps of single futures are steeper than the mean
    slope = (other.value - one.value) / (other.at - one.at)
    return replace(found, se=abs(found.value_se / slope))
