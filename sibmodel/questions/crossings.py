"""Where a measure passes a target: looked for between candidates, over flat spots, kinks and jumps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from sibmodel.errors import SibmodelError

_ON_TARGET = 1e-9
_HALVINGS = 20
_CLOSE = 1e-9
"""Part of itself to which a crossing is narrowed down where nothing is uncertain."""
_NEAR = 1e-3
"""Part of the answer's standard error to which it is narrowed down."""


@dataclass(frozen=True)
class Point:
    """A candidate and the measure there, with its standard error; None where it has no value.

    `without` is the number of futures in which the measure has no value, which mean and percentiles leave out.
    """

    at: float
    value: float | None
    se: float | None
    without: int = 0


Ask = Callable[[float], Point]
"""The measure at a candidate."""


@dataclass(frozen=True)
class Crossing:
    """Where the measure is at the target: the candidate, its standard error, and the measure there with its own.

    `up_to` is the other end of a stretch in which it is at the target throughout. `jumps_from` is its value on the
    other side where it leaps over the target by more than its error, `jumps_at` the candidate there if none is between,
    as of whole numbers. `se` is the measure's error over its slope; None where the measure is flat, jumps or has no
    error. `without` is as at a `Point`.
    """

    at: float
    se: float | None
    value: float
    value_se: float | None
    up_to: float | None = None
    jumps_from: float | None = None
    without: int = 0
    jumps_at: float | None = None


def crossings(ask: Ask, grid: tuple[Point, ...], target: float, step: float | None = None) -> Iterator[Crossing]:
    """Every stretch at the target, and every place between two candidates where the measure passes it.

    `step` is the distance of candidates where there are none between, as of whole numbers. Raises SibmodelError where
    the measure has no value between two candidates on either side of the target.
    """
    known = [point for point in grid if point.value is not None]
    beside = {(one.at, other.at) for one, other in pairwise(grid)}
    gaps = [(point.value or 0.0) - target for point in known]
    least = _ON_TARGET * max(abs(target), *(abs(gap) for gap in gaps), 1e-3) if gaps else 0.0
    here = [abs(gap) <= least for gap in gaps]
    i = 0
    while i < len(known):
        if here[i]:
            last = next((j for j in range(i, len(known)) if not here[j]), len(known)) - 1
            yield _stretch(ask, known, (i, last), target, (least, step))
            i = last + 1
            continue
        passes = i + 1 < len(known) and gaps[i] * gaps[i + 1] < 0 and not here[i + 1]
        if passes and (known[i].at, known[i + 1].at) in beside:  # else what lies between has no value
            find = _between if step is None else partial(_by_steps, step=step)
            yield find(ask, known[i], known[i + 1], target)
        i += 1


def _stretch(
    ask: Ask, known: list[Point], ends: tuple[int, int], target: float, near: tuple[float, float | None]
) -> Crossing:
    """The whole of a stretch at the target, its ends found by halving; a single candidate is no stretch."""
    (first, last), (least, step) = ends, near
    at = known[first]
    assert at.value is not None  # noqa: S101 - the grid's unknown values are left out

    def end(inside: float, outside: float) -> float:
        for _ in range(_HALVINGS):
            middle = _middle(inside, outside, step)
            if middle == inside:
                break
            value = ask(middle).value
            there = value is not None and abs(value - target) <= least
            inside, outside = (middle, outside) if there else (inside, middle)
        return inside

    low = end(at.at, known[first - 1].at) if first else at.at
    high = end(known[last].at, known[last + 1].at) if last + 1 < len(known) else known[last].at
    if high - low <= 1e-6 * (known[-1].at - known[0].at):
        beside = known[max(first - 1, 0)], known[min(last + 1, len(known) - 1)]
        return _with_error(Crossing(at.at, None, at.value, at.se, without=at.without), *beside)
    return Crossing(low, None, at.value, at.se, up_to=high, without=at.without)


def _middle(one: float, other: float, step: float | None) -> float:
    """Half way between two candidates, or as near to that as steps from the first come."""
    return (one + other) / 2 if step is None else one + step * int((other - one) / (2 * step))


def _by_steps(ask: Ask, one: Point, other: Point, target: float, step: float) -> Crossing:
    """The nearer of the two neighbouring candidates between which the measure passes the target, found by halving."""
    while (middle := _middle(one.at, other.at, step)) != one.at:
        here = ask(middle)
        if here.value is None:
            raise _nothing_at(middle, one, other)
        one, other = (here, other) if _passes(here, other, target) else (one, here)
    near, far = sorted((one, other), key=lambda point: abs((point.value or 0.0) - target))
    found = _crossing(near, near.value or 0.0)
    return found if near.value == target else replace(found, jumps_from=far.value, jumps_at=far.at)


def _passes(one: Point, other: Point, target: float) -> bool:
    """Whether the measure is at or past the target from one candidate to another; both have a value."""
    return ((one.value or 0.0) - target) * ((other.value or 0.0) - target) <= 0


def _nothing_at(x: float, one: Point, other: Point) -> SibmodelError:
    return SibmodelError(
        f"the measure passes the target between {one.at:.10g} and {other.at:.10g}, but has no value at {x:.10g}"
        "; look closer, with bounds (--between) within these"
    )


def _between(ask: Ask, one: Point, other: Point, target: float) -> Crossing:
    """Where the measure passes the target between two candidates, by Brent's method.

    As near as a small part of the answer's own error is near enough: single futures leap, as where a rate ceases to be,
    and to narrow down one of their leaps would tell nothing. A leap of the measure itself is narrowed down all the way.
    """
    from scipy.optimize import brentq

    seen = {one.at: one, other.at: other}

    def gap(x: float) -> float:
        if x not in seen:
            seen[x] = ask(x)
        value = seen[x].value
        if value is None:
            raise _nothing_at(x, one, other)
        return value - target

    rise = abs(gap(other.at) - gap(one.at))
    close = _CLOSE * max(abs(one.at), abs(other.at))
    error = max(one.se or 0.0, other.se or 0.0) * (other.at - one.at) / rise
    for width in (max(close, _NEAR * error), close):
        at = float(brentq(gap, one.at, other.at, xtol=width))
        if abs(gap(at)) <= max(1e-6 * rise, seen[at].se or 0.0):
            return _with_error(_crossing(seen[at], gap(at) + target), one, other)
    step = _CLOSE * (other.at - one.at)
    far = max((gap(x) for x in (max(at - step, one.at), min(at + step, other.at))), key=lambda x: abs(x - gap(at)))
    return replace(_crossing(seen[at], gap(at) + target), jumps_from=far + target)


def _crossing(point: Point, value: float) -> Crossing:
    return Crossing(point.at, None, value, point.se, without=point.without)


def _with_error(found: Crossing, one: Point, other: Point) -> Crossing:
    """The same with the measure's standard error over its slope between two candidates."""
    if one.value is None or other.value is None or found.value_se is None or one.value == other.value:
        return found
    # not nearer by, where the leaps of single futures are steeper than the mean
    slope = (other.value - one.value) / (other.at - one.at)
    return replace(found, se=abs(found.value_se / slope))
