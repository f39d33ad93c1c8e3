"""The number that brings a measure to a target, told."""

from __future__ import annotations

import math
from collections.abc import Iterator

from sibmodel.questions.crossings import Crossing, Point
from sibmodel.questions.solve import Solution
from sibmodel.questions.statistic import BASE, MEAN
from sibmodel.report.numbers import shown, with_error
from sibmodel.report.section import Section, Table

_TOLD = 4
"""Steps of the grid between two rows of the table."""
_FEW = 10
"""Rows that are all told."""
_CERTAIN = 1e-9
"""An error of a smaller part of a number is rounding."""


def number(value: float) -> str:
    """A number as it can be --set: to ten significant figures."""
    return f"{value:.10g}"


def rounded(value: float, error: float) -> str:
    """A number and its standard error, both to two figures of the error: 80.80 ± 0.31."""
    if error <= _CERTAIN * abs(value):
        return number(value)
    places = 1 - math.floor(math.log10(error))
    value, error = round(value, places), round(error, places)
    return f"{value:,.{max(places, 0)}f} ± {error:,.{max(places, 0)}f}".replace("-", "−")


def solve_story(found: Solution) -> list[Section]:
    """The answer, how sure it is, and how the measure moves over the bounds."""
    title = f"{found.address} at which {_what(found)} is {_at_target(found)}{_how(found)}"
    sentences = [*_answer(found), *_meant(found), _looked(found)]
    return [Section(title, sentences, [_over_the_bounds(found)])]


def _what(found: Solution) -> str:
    """The measure, or its percentile."""
    if found.statistic in (MEAN, BASE):
        return found.measure
    return f"the {found.statistic[1:]}th percentile of {found.measure}"


def _how(found: Solution) -> str:
    """Of what it is the value; a chance is no average."""
    if found.statistic == BASE:
        return " in the base case"
    return " on average" if found.statistic == MEAN and found.unit != "probability" else ""


def _at_target(found: Solution) -> str:
    unit = found.unit
    told = shown(found.target, unit)
    return told if told != shown(0.0, unit) or not found.target else number(found.target)


def _answer(found: Solution) -> Iterator[str]:
    for one in found.crossings:
        yield from _crossing(found, one)
    if len(found.crossings) > 1:
        yield f"So there are {len(found.crossings)} answers; the first is nearest today's number."
    if found.today is not None:
        yield f"Today it is {number(found.today)} in the base case{_counted_in(found)}."
    if not found.crossings:
        yield from _no_answer(found)


def _no_answer(found: Solution) -> Iterator[str]:
    reach, nearest = found.reach, found.nearest
    if reach is None or nearest is None:
        yield f"No answer: {found.measure} has no value anywhere between {_bounds(found)}."
        return
    if reach[1] - reach[0] <= 1e-12 * max(abs(reach[0]), abs(reach[1])):
        yield f"No answer: {_what(found)} is {shown(reach[0], found.unit)}{_how(found)} whatever this number is."
        return
    there = with_error(nearest.value, nearest.se, found.unit) + _left_out(found, nearest)
    yield (
        f"No answer: between {_bounds(found)} {_what(found)} is {shown(reach[0], found.unit)} to "
        f"{shown(reach[1], found.unit)}{_how(found)}. It comes nearest to {_at_target(found)} at "
        f"{_place(found, nearest)}, with {there}."
    )
    if reach[0] <= found.target <= reach[1]:
        empty = [point for point in found.grid if point.value is None]
        yield (
            f"It passes {_at_target(found)} only where it has no value: {len(empty)} of the {len(found.grid)} numbers "
            f"that were tried have none, from {number(empty[0].at)} to {number(empty[-1].at)}."
        )


def _meant(found: Solution) -> Iterator[str]:
    """A hint for somebody who left out the sign of per cent."""
    if found.unit in ("rate", "probability") and 1 < abs(found.target) <= 100 and not found.in_per_cent:
        yield (
            f"The target is {found.target * 100:g}%. Did you mean {found.target:g}%? Then write {found.target:g}% or "
            f"{found.target / 100:g}."
        )


def _crossing(found: Solution, one: Crossing) -> Iterator[str]:
    if one.up_to is not None:
        where = f"{number(one.at)} to {number(one.up_to)}"
        yield f"Anything from {where}: the measure does not move there{_left_out(found, one)}."
        return
    if one.jumps_from is not None and one.jumps_at is not None:
        yield _jump(found, one, one.jumps_from, one.jumps_at)
        return
    answer = number(one.at) if one.se is None else rounded(one.at, one.se)
    yield (
        f"{answer}, where the measure is {with_error(one.value, one.value_se, found.unit)}{_left_out(found, one)}. "
        f"To set it: --set {found.address}={number(one.at)}"
    )


def _jump(found: Solution, one: Crossing, beyond: float, at: float) -> str:
    """What the measure is on both sides of where it leaps over the target."""
    there, past = with_error(one.value, one.value_se, found.unit), shown(beyond, found.unit)
    if found.step is not None:
        return (
            f"{number(one.at)}, where the measure is {there}{_left_out(found, one)}; at {number(at)}, past the target, "
            f"it is {past}, and nothing is allowed between."
        )
    on, off = ("below", "above") if at > one.at else ("above", "below")
    return (
        f"{number(one.at)}, where the measure jumps past the target: {there} at {number(one.at)} and {on}, {past} "
        f"{off}{_left_out(found, one)}."
    )


def _counted_in(found: Solution) -> str:
    return f" ({found.address_unit})" if found.address_unit else ""


def _place(found: Solution, point: Point) -> str:
    """A candidate, and whether it is a bound."""
    bounds = dict(zip(found.between, ("lower", "upper"), strict=True))
    return number(point.at) + (f", the {bounds[point.at]} bound" if point.at in bounds else "")


def _left_out(found: Solution, point: Point | Crossing) -> str:
    """In how many futures the measure has no value, where there are any."""
    if not point.without:
        return ""
    return (
        f", over {found.record.trials - point.without:,} of {found.record.trials:,} futures: in the others it has none"
    )


def _bounds(found: Solution) -> str:
    return f"{number(found.between[0])} and {number(found.between[1])}"


def _looked(found: Solution) -> str:
    where = "as asked" if found.given else "as nothing else was asked"
    if found.statistic == BASE:
        return f"Looked for between {_bounds(found)}, {where}, in the base case."
    return (
        f"Looked for between {_bounds(found)}, {where}, in {found.record.trials:,} futures that are the same for every "
        f"candidate (seed {found.record.seed}). After ± stands the standard error: that of the answer is the measure's "
        "own, over how much the measure moves with the number."
    )


def _over_the_bounds(found: Solution) -> Table:
    apart = _TOLD if len(found.grid) > _FEW else 1
    chosen = [point for i, point in enumerate(found.grid) if i % apart == 0]
    rows: list[tuple[str, ...]] = [
        (number(point.at), with_error(point.value, point.se, found.unit)) for point in chosen
    ]
    asked = found.measure if found.statistic == MEAN else f"{found.measure}.{found.statistic}"
    headings: tuple[str, ...] = (found.address, asked)
    if any(point.without for point in chosen):
        headings = (*headings, "futures without a value")
        rows = [(*row, f"{point.without:,}") for row, point in zip(rows, chosen, strict=True)]
    return Table(headings, rows, found.label, words=0)
