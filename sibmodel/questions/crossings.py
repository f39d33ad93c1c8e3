"""Where a measure passes a target: looked for between candidates, over flat spots, kinks and jumps."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

from sibmodel.errors import SibmodelError

_ON_TARGET = 1e-9
_SAME = 1e-12
"""A difference of a smaller part of the numbers is rounding."""
_CLOSE = 1e-9
"""Part of itself to which a crossing is narrowed down where nothing is uncertain."""
_FIGURES = 10
"""Significant figures of a number that is told."""
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

    `up_to` is the other end of a stretch in which it is at the target throughout. Where it leaps over the target by
    more than its error, `value` holds up to the candidate or from it on, and `jumps_from` on the other side, on which
    `jumps_at` is the nearest that was looked at: the next one, of whole numbers. `se` is the measure's error over its
    slope; None where the measure is flat, jumps or has no error. `without` is as at a `Point`.
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
    alike = least * _SAME / _ON_TARGET

    def end(inside: Point, outside: Point) -> float:
        def is_inside(x: float) -> bool:
            value = ask(x).value
            return value is not None and abs(value - (inside.value or 0.0)) <= alike

        return _end(is_inside, inside.at, outside.at, step)

    low = end(at, known[first - 1]) if first else at.at
    high = end(known[last], known[last + 1]) if last + 1 < len(known) else known[last].at
    if high - low <= 1e-6 * (known[-1].at - known[0].at):
        beside = known[max(first - 1, 0)], known[min(last + 1, len(known) - 1)]
        return _with_error(Crossing(at.at, None, at.value, at.se, without=at.without), *beside)
    return Crossing(low, None, at.value, at.se, up_to=high, without=at.without)


def _end(is_inside: Callable[[float], bool], inside: float, outside: float, step: float | None) -> float:
    """The last number inside on the way to one outside; the roundest, where halving cannot tell which it is."""
    close = _CLOSE * max(abs(inside), abs(outside)) if step is None else 0.0
    while abs(outside - inside) > close and (middle := _middle(inside, outside, step)) != inside:
        inside, outside = (middle, outside) if is_inside(middle) else (inside, middle)
    round_one = _roundest(inside, outside)
    return round_one if step is None and round_one != outside and is_inside(round_one) else inside


def _roundest(one: float, other: float) -> float:
    """The number with the fewest decimals, or the most noughts, from one to another that are near each other."""
    low, high = sorted((one, other))
    size = math.floor(math.log10(max(abs(low), abs(high), 1e-300)))
    for places in range(-size, _FIGURES - size):
        rounded = round((low + high) / 2, places)
        if low <= rounded <= high:
            return rounded
    return one


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
    passes = ((low, high) for low, high in pairwise(sorted(seen)) if (gap(low) > 0) != (gap(high) > 0))
    low, high = min(passes, key=lambda ends: abs(ends[0] - at) + abs(ends[1] - at))
    rises = gap(high) > 0
    while high - low > close:
        middle = (low + high) / 2
        low, high = (low, middle) if (gap(middle) > 0) == rises else (middle, high)
    at = _roundest(low, high)
    beyond = high if (gap(at) > 0) != rises else low
    found = _crossing(seen[at], gap(at) + target)
    return replace(found, jumps_from=gap(beyond) + target, jumps_at=beyond)


def _crossing(point: Point, value: float) -> Crossing:
    return Crossing(point.at, None, value, point.se, without=point.without)


def _with_error(found: Crossing, one: Point, other: Point) -> Crossing:
    """The same with the measure's standard error over its slope between two candidates."""
    if one.value is None or other.value is None or found.value_se is None or one.value == other.value:
        return found
    # not nearer by, where the leaps of single futures are steeper than the mean
    slope = (other.value - one.value) / (other.at - one.at)
    return replace(found, se=abs(found.value_se / slope))
