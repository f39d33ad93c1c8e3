"""An explanation set as an indented list."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from sibmodel.report.numbers import count, per_cent
from sibmodel.report.payments import pence
from sibmodel.report.steps import Explanation, Step
from sibmodel.scenario.inputs import Input

INDENT = "   "


def explanation_lines(explanation: Explanation, width: int = 110) -> Iterator[str]:
    """The title, then every step below the one it belongs to, and below each the inputs it rests on."""
    yield explanation.title
    yield from _lines(explanation.root, 0, width, set())
    for note in explanation.notes:
        yield from textwrap.wrap(note, width, subsequent_indent=INDENT, break_on_hyphens=False)
    cited = {one.source for one in _inputs(explanation.root)}
    for key, source in explanation.sources.items():
        if key in cited:
            words = "; ".join(text for text in (source.title, source.address, source.note) if text)
            yield from textwrap.wrap(f"{key}: {words}", width, subsequent_indent=INDENT, break_long_words=False)


def _inputs(step: Step) -> Iterator[Input]:
    """Every input of a step and its parts."""
    yield from step.inputs
    for part in step.parts:
        yield from _inputs(part)


def _lines(step: Step, depth: int, width: int, told: set[Step]) -> Iterator[str]:
    first, rest = INDENT * depth, INDENT * depth + "    "
    text = step.what if step.how.startswith("does not") else f"{step.what} = {shown(step)}"
    again = step in told and bool(step.parts or step.inputs)
    told.add(step)
    text += "; explained above" if again else f": {step.how}" if step.how else ""
    yield from textwrap.wrap(text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    if again:
        return
    for one in step.inputs:
        yield from textwrap.wrap(
            f"• {_input(one)}",
            width,
            initial_indent=rest,
            subsequent_indent=rest + "  ",
            break_on_hyphens=False,
            break_long_words=False,
        )
    for part in step.parts:
        yield from _lines(part, depth + 1, width, told)


def shown(step: Step) -> str:
    """The value of a step in its unit, pounds to the penny."""
    if step.value is None:
        return "undefined"
    if step.unit == "£":
        return pence(step.value)
    if step.unit in ("rate", "probability"):
        return per_cent(step.value, 4)
    if step.unit == "£ per £":
        return f"£{step.value:,.4f}"
    if step.unit in ("ratio", "years", "period"):
        return f"{step.value:,.6g}"
    return count(step.value) if step.unit == "outcome unit" else f"{count(step.value)} {step.unit}"


def _input(one: Input) -> str:
    unit = f" {one.unit}" if one.unit else ""
    base = f" (base case {one.base})" if one.base != one.value else ""
    grade = f", grade {one.grade}" if one.grade else ""
    source = f" [{one.source or 'no source given'}{grade}]"
    return f"{one.address} = {one.value}{unit}{base}{source} {one.place}"
