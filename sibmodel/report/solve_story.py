"""The number that brings a measure to a target, told."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.solve import Crossing, Solution
from sibmodel.questions.statistic import BASE, MEAN
from sibmodel.report.numbers import error, shown, with_error
from sibmodel.report.section import Section, Table

_TOLD = 4
"""Steps of the grid between two rows of the table."""


def number(value: float) -> str:
    """A number as it can be --set: to ten significant figures."""
    return f"{value:.10g}"


def solve_story(found: Solution) -> list[Section]:
    """The answer, how sure it is, and how the measure moves over the bounds."""
    title = f"{found.address} for {_what(found)} of {_at_target(found)}"
    sentences = [*_answer(found), _looked(found)]
    return [Section(title, sentences, [_over_the_bounds(found)])]


def _what(found: Solution) -> str:
    if found.statistic in (MEAN, BASE):
        return f"{found.measure} {'on average' if found.statistic == MEAN else 'in the base case'}"
    return f"the {found.statistic[1:]}th percentile of {found.measure}"


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
        yield f"Today it is {number(found.today)} in the base case."
    if found.crossings:
        return
    reach, nearest = found.reach, found.nearest
    if reach is None or nearest is None:
        yield f"No answer: {found.measure} has no value anywhere between {_bounds(found)}."
        return
    if reach[1] - reach[0] <= 1e-12 * max(abs(reach[0]), abs(reach[1])):
        yield f"No answer: {_what(found)} is {shown(reach[0], found.unit)} whatever this number is."
        return
    yield (
        f"No answer: between {_bounds(found)} {_what(found)} is {shown(reach[0], found.unit)} to "
        f"{shown(reach[1], found.unit)}. It comes nearest to {_at_target(found)} at {number(nearest.at)}, with "
        f"{with_error(nearest.value, nearest.se, found.unit)}."
    )
    if found.unit in ("rate", "probability") and 1 < abs(found.target) <= 100:
        yield f"Did you mean {found.target:g}%? It is written {found.target:g}% or {found.target / 100:g}."


def _crossing(found: Solution, one: Crossing) -> Iterator[str]:
    if one.up_to is not None:
        yield f"Anything from {number(one.at)} to {number(one.up_to)}: the measure does not move there."
        return
    if one.jumps_from is not None:
        low, high = sorted((one.value, one.jumps_from))
        yield (
            f"{number(one.at)}, where the measure jumps from {shown(low, found.unit)} to {shown(high, found.unit)}, "
            "past the target."
        )
        return
    off = "" if not one.se else f" ± {error(one.se, '')}"
    yield f"{number(one.at)}{off}, where the measure is {with_error(one.value, one.value_se, found.unit)}."


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
    chosen = [point for i, point in enumerate(found.grid) if i % _TOLD == 0]
    rows = [(number(point.at), with_error(point.value, point.se, found.unit)) for point in chosen]
    asked = found.measure if found.statistic == MEAN else f"{found.measure}.{found.statistic}"
    return Table((found.address, asked), rows, found.label, words=0)
