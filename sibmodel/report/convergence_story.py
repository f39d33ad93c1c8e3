"""How a measure settles as trials are added, in a table."""

from __future__ import annotations

from sibmodel.report.numbers import shown, with_error
from sibmodel.report.section import Section, Table
from sibmodel.running.convergence import Convergence

_ENOUGH = 30
"""Trials from which on the error of a mean is known well enough for an interval."""


def convergence_story(found: Convergence) -> list[Section]:
    """One section with one table."""
    summary, count = found.steps[max(found.steps)], max(found.steps)
    which = (5, 50, 95)
    rows = [
        (
            f"{trials:,}",
            with_error(some.mean, some.se, some.unit),
            *(with_error(some.percentiles[p], some.percentile_errors[p], some.unit) for p in which),
        )
        for trials, some in found.steps.items()
    ]
    headings = ("trials", "mean ± s.e.", *(f"{p}% ± s.e." for p in which))
    if summary.unit == "probability":
        headings, rows = headings[:2], [row[:2] for row in rows]
    ends = summary.interval()
    sentences = [f"{found.measure}: {summary.label}."]
    if ends is not None and count >= _ENOUGH:
        low, high = (shown(end, summary.unit) for end in ends)
        sentences.append(
            f"With {count:,} trials the mean is known to lie between {low} and {high} (in 95 of 100 such runs). "
            + ("Four times as many trials halve that range." if found.result.replicates == 1 else "")
        )
    note = "Each row is what the first so many of the same trials say; s.e. is the standard error. " + (
        f"Trials come in {found.result.replicates} independent replicates, from which errors are found."
        if found.result.replicates > 1
        else ""
    )
    return [Section(f"How sure: {found.result.scenario.title}", sentences, [Table(headings, rows, note.strip())])]
