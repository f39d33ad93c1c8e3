"""What an explanation is made of: numbers, how they come about, and what they are made of in turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sibmodel.scenario.chapters import SourceTerms
from sibmodel.scenario.inputs import Input

TERMS = "contract.terms."
"""Begins the address of a term."""


@dataclass(frozen=True)
class Step:
    """One number: what it is, how it comes about, the numbers it is made of, and the inputs it rests on.

    Where `adds_up`, the parts add up to the value.
    """

    what: str
    value: float | None
    unit: str = "£"
    how: str = ""
    parts: tuple[Step, ...] = ()
    inputs: tuple[Input, ...] = ()
    adds_up: bool = False


@dataclass(frozen=True)
class Explanation:
    """Where one number comes from. Prints itself as an indented list.

    `notes` say what is in no figure because the timeline ends before it.
    """

    title: str
    root: Step
    sources: Mapping[str, SourceTerms]
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        from sibmodel.report.explanation_text import explanation_lines

        return "\n".join(explanation_lines(self)) + "\n"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"
