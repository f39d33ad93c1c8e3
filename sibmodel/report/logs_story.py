"""Logs of assumptions, data and decisions as tables."""

from __future__ import annotations

from sibmodel.questions.logs import Assumption, Logs
from sibmodel.report.numbers import figures, four_figures, per_cent
from sibmodel.report.section import Section, Table


def logs_story(found: Logs) -> list[Section]:
    """Three logs; assumptions with the largest effect first."""
    sentences = [
        f"Every number that the file says, the one that moves {found.ranked_by} most first. The effect is the base "
        "case's value with the number at the upper end of its range, less that at the lower; one future in ten lies "
        "beyond each."
    ]
    if found.weak is not None:
        sentences.append(f"{per_cent(found.weak)} of all movement comes from numbers of grade 5 or 6.")
    assumptions = Table(
        ("rank", "number", "unit", "base", "range", "effect", "grade", "source", "owner", "date"),
        [_row(one, found.ranked_by) for one in found.assumptions],
        words=3,
        worded=(7, 8, 9),
    )
    data = Table(("data", "where", "about"), [(d["what"], d["where"], d["about"]) for d in found.data], words=3)
    decisions = Table(("decision", "choice"), [(d["decision"], d["choice"]) for d in found.decisions], words=2)
    ties = Table(("what moves together", "how", "why"), [(t.what, t.how, t.reason) for t in found.ties], words=3)
    return [
        Section(f"Assumptions log: {found.title}", sentences, [assumptions, *([ties] if ties.rows else [])]),
        Section("Data log", [], [data]),
        Section("Decisions log", [], [decisions]),
    ]


def _row(one: Assumption, measure: str) -> tuple[str, ...]:
    effect = one.effects.get(measure)
    known = one.low is not None and one.high is not None
    return (
        str(one.rank or "–"), one.address, one.unit, figures(one.base, 6),
        f"{four_figures(one.low or 0.0)} to {four_figures(one.high or 0.0)}" if known else "–",
        "–" if effect is None else "+" * (effect >= 0) + figures(effect, 3),
        str(one.grade or "–"), one.source, one.owner, one.date,
    )  # fmt: skip
