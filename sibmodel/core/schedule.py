"""Functions of one variable, written as data in a scenario: straight lines, steps and tiers."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Annotated, Literal, Self, TypeVar

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field, model_validator

from sibmodel.core.schema import Model, Number, Wrong, all_wrong, wrong
from sibmodel.core.timeline import FloatArray

NotNegative = Annotated[Number, Field(ge=0)]
Point = tuple[Number, NotNegative]
SignedPoint = tuple[Number, Number]
Edge = Literal["at_least", "above", "at_most", "below"]

_ON_THE_EDGE = 1e-12
"""A value this close to an edge, relatively, is on it: sums of decimals miss by as much."""


def reaches(x: FloatArray, edge: FloatArray | float, how: Edge) -> npt.NDArray[np.bool_]:
    """Where `x` lies on the named side of an edge; the edge itself belongs to `at_least` and `at_most`."""
    near = np.where(np.isfinite(edge), _ON_THE_EDGE * np.abs(edge), 0.0)
    if how in ("at_least", "above"):
        return np.asarray(x >= edge - near if how == "at_least" else x > edge + near)
    return np.asarray(x <= edge + near if how == "at_most" else x < edge - near)


def _rising(for_a_jump: str) -> Callable[[tuple[SignedPoint, ...]], tuple[SignedPoint, ...]]:
    def check(points: tuple[SignedPoint, ...]) -> tuple[SignedPoint, ...]:
        for index, (before, after) in enumerate(pairwise(points)):
            if after[0] <= before[0]:
                what = f"x is {after[0]:.12g}, but {before[0]:.12g} in the point before"
                raise wrong(what, f"x must rise from point to point; for a jump write {for_a_jump}", index + 1, 0)
        return points

    return check


_Rising = AfterValidator(_rising("rule: steps, or a condition under 'when'"))
_RisingBesideSteps = AfterValidator(_rising("'steps' in the place of points"))
Points = Annotated[tuple[Point, ...], Field(min_length=2), _Rising]
ScalePoints = Annotated[tuple[Point, ...], Field(min_length=2), _RisingBesideSteps]
SignedPoints = Annotated[tuple[SignedPoint, ...], Field(min_length=2), _RisingBesideSteps]


def linear(points: tuple[SignedPoint, ...], x: FloatArray) -> FloatArray:
    """Straight lines between `points`, flat outside them; same shape as `x`."""
    if len(points) > 2:
        return np.interp(x, [p[0] for p in points], [p[1] for p in points])
    (left, low), (right, high) = points  # the same to the last bit, without a search for each number
    out = np.clip(x, left, right)
    beyond = out == right
    out -= left
    out *= (high - low) / (right - left)
    out += low
    np.copyto(out, high, where=beyond)
    return out


class Band(Model):
    """A band of values. Every edge says by its name whether it belongs to the band."""

    at_least: Number | None = None
    """The band begins here, and here included. The first band may have an end only: it holds everything below."""
    above: Number | None = None
    """The band begins above this."""
    at_most: Number | None = None
    """The band ends here, and here included. Without an end it reaches to the next band."""
    below: Number | None = None
    """The band ends below this."""

    @model_validator(mode="after")
    def _has_a_beginning(self) -> Self:
        if None not in (self.at_least, self.above) or None not in (self.at_most, self.below):
            raise wrong("two edges stand at the same side", "keep one of at_least and above, of at_most and below")
        if self.at_least is self.above is self.at_most is self.below is None:
            raise wrong("the band has no edge", "give at_least or above, or (the first band) at_most or below")
        return self

    @property
    def begins(self) -> tuple[float, bool]:
        """Lower edge (minus infinity if there is none), and whether it is open (outside the band)."""
        if self.at_least is not None:
            return self.at_least, False
        return (-math.inf if self.above is None else self.above), True

    @property
    def ends(self) -> tuple[float, bool]:
        """Upper edge, and whether it is closed (inside the band); infinite if there is none."""
        if self.at_most is not None:
            return self.at_most, True
        return (math.inf if self.below is None else self.below), False


class Step(Band):
    """A band of values that all pay the same."""

    pays: NotNegative
    """What a value in the band pays, times the term's price."""


class SignedStep(Band):
    """A band of values for all of which the same flows, one way or the other."""

    pays: Number
    """What flows for a value in the band; below zero it flows the other way."""


_Steps = TypeVar("_Steps", bound=tuple[Band, ...])


def _apart(steps: _Steps) -> _Steps:
    """Refuse bands that no value can reach, that overlap, or that are out of order."""
    found = []
    for index, step in enumerate(steps):
        (low, low_open), (high, high_closed) = step.begins, step.ends
        if high < low or (high == low and (low_open or not high_closed)):
            found.append(Wrong(f"no value lies between {low:.12g} and {high:.12g}", "end the band above", (index,)))
        if index:
            found += _after(steps[index - 1], step, index)
    if found:
        raise all_wrong(found)
    return steps


def _after(before: Band, step: Band, index: int) -> list[Wrong]:
    (low, low_open), (first, first_open) = step.begins, before.begins
    end, closed = before.ends
    key = "above" if low_open else "at_least"
    if low == -math.inf:
        return [Wrong("the band has no beginning, and another comes before it", "give at_least or above", (index,))]
    if (low, low_open) <= (first, first_open):
        what = f"the band begins at {low:.12g}, the one before it at {first:.12g}, so one of them is never reached"
        return [Wrong(what, "each band must begin above the one before", (index, key))]
    if end != math.inf and (low < end or (low == end and closed and not low_open)):
        what = f"the band begins at {low:.12g}, where the one before it has not ended ({end:.12g})"
        return [Wrong(what, "bands must not overlap", (index, key))]
    return []


Steps = Annotated[tuple[Step, ...], Field(min_length=1), AfterValidator(_apart)]
SignedSteps = Annotated[tuple[SignedStep, ...], Field(min_length=1), AfterValidator(_apart)]


def stepped(steps: tuple[Step | SignedStep, ...], x: FloatArray) -> FloatArray:
    """What the band of each value pays, nothing outside the bands; same shape as `x`."""
    out = np.zeros_like(x)
    for step in steps:
        (low, low_open), (high, high_closed) = step.begins, step.ends
        out[(low == -math.inf) | reaches(x, low, "above" if low_open else "at_least")] = step.pays
        if high != math.inf:
            out[~reaches(x, high, "at_most" if high_closed else "below")] = 0.0
    return out


class Tier(Model):
    """The price of each further unit, up to some number of them."""

    up_to: Annotated[Number | None, Field(gt=0)] = None
    """Units (from the first one on) at which the tier ends; the last tier may have no end."""
    price: NotNegative
    """Pounds for each unit inside the tier."""


def _higher(tiers: tuple[Tier, ...]) -> tuple[Tier, ...]:
    for index, (before, after) in enumerate(pairwise(tiers)):
        if before.up_to is None:
            raise wrong("a tier without an end is followed by another", "give 'up_to'", index)
        if after.up_to is not None and after.up_to <= before.up_to:
            what = f"the tier ends at {after.up_to:.12g}, the one before it at {before.up_to:.12g}"
            raise wrong(what, "each tier must end above the one before", index + 1, "up_to")
    return tiers


Tiers = Annotated[tuple[Tier, ...], Field(min_length=1), AfterValidator(_higher)]


def tiered(tiers: tuple[Tier, ...], x: FloatArray) -> FloatArray:
    """Pounds for `x` units, each at the price of its tier; beyond the last tier nothing more. Same shape as `x`."""
    out = np.zeros_like(x)
    low = 0.0
    for tier in tiers:
        high = math.inf if tier.up_to is None else tier.up_to
        out += tier.price * (np.clip(x, low, high) - low)
        low = high
    return out
