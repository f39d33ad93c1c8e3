"""What a story is made of: sections of sentences and tables, as data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sibmodel.report.numbers import chance_and_error, shown, with_error
from sibmodel.running.statistics import Summary

STATISTICS = ("", "base case", "mean", "5%", "50%", "95%")


@dataclass(frozen=True)
class Table:
    """Rows of text under headings; the first `words` columns are words, and stand in every block of a wide table.

    The others are figures, but for those of which the numbers are in `worded`, words too, and, if it is `drawn`, the
    last, a drawing of which every blank counts.
    """

    headings: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""
    words: int = 1
    worded: tuple[int, ...] = ()
    drawn: bool = False

    def is_words(self, column: int) -> bool:
        """Whether a column holds words, which fold."""
        return column < self.words or column in self.worded

    def is_drawn(self, column: int) -> bool:
        """Whether it holds a drawing."""
        return self.drawn and column == len(self.headings) - 1


@dataclass(frozen=True)
class Section:
    """One question and its answer."""

    title: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def statistics(words: str, summary: Summary) -> tuple[str, ...]:
    """A row under `STATISTICS`, with every simulated figure's standard error."""
    simulated = (summary.statistic(name) for name in ("mean", "p5", "p50", "p95"))
    figures = (with_error(value, error, summary.unit) for value, error in simulated)
    return (words, shown(summary.base, summary.unit), *figures)


def often(share: Summary) -> str:
    """A share of futures as a frequency with its standard error."""
    return chance_and_error(share.mean or 0.0, share.defined, share.se)
