"""What a story is made of: sections of sentences and tables, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sibmodel.report.numbers import error, shown
from sibmodel.running.statistics import Summary

STATISTICS = ("", "base case", "mean", "± s.e.", "5%", "50%", "95%")


@dataclass(frozen=True)
class Table:
    """Rows of text under headings; the first `words` columns are words, the others are figures."""

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    words: int = 1


@dataclass(frozen=True)
class Section:
    """One question and its answer."""

    title: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def statistics(words: str, summary: Summary) -> tuple[str, ...]:
    """A row under `STATISTICS`."""
    unit = summary.unit
    p = summary.percentiles
    figures = [shown(value, unit) for value in (summary.base, summary.mean, p[5], p[50], p[95])]
    return (words, *figures[:2], error(summary.se, unit), *figures[2:])
