"""Studies brought together, told and drawn: a forest plot in text."""

from __future__ import annotations

from sibmodel.questions.evidence import Evidence
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import per_cent
from sibmodel.report.section import Section, Table
from sibmodel.studies.pooling import Pooled

WIDTH = 41
_METHODS = {
    "paule_mandel": "random effects (Paule and Mandel)",
    "dersimonian_laird": "random effects (DerSimonian and Laird)",
    "fixed": "one true effect everywhere (fixed effect)",
}


def evidence_story(found: Evidence) -> list[Section]:
    """A section for each body of evidence."""
    sections = [_body(name, pooled) for name, pooled in found.bodies.items()]
    if found.doubts:
        sections.append(Section("What this rests on", [f"Warning: {doubt}." for doubt in found.doubts]))
    return sections


def _body(name: str, pooled: Pooled) -> Section:
    body = pooled.body
    unit = f", {body.unit}" if body.unit else ""
    low, high = pooled.interval
    sentences = [
        f"{len(pooled.rows)} {'study' if len(pooled.rows) == 1 else 'studies'}, brought together by "
        f"{_METHODS[body.method]}{' of logarithms' if body.scale == 'log' else ''}: {_number(pooled.estimate)}{unit}, "
        f"95 % interval {_number(low)} to {_number(high)}."
    ]
    sentences += [_agreement(pooled)] if len(pooled.rows) > 1 else ["One study says nothing about how places differ."]
    sentences.append(_used(name, pooled))
    assumed = [row.name for row in pooled.rows if row.study.spread == "assumption"]
    if assumed:
        sentences.append(
            f"Nobody published how sure {', '.join(map(spaced, assumed))} is; the interval is assumed (*)."
        )
    if any(row.cut for row in pooled.rows):
        sentences.append("Every estimate is cut for the grade of its evidence before it enters.")
    if pooled.cut:
        sentences.append(f"The pooled estimate is cut by {per_cent(pooled.cut)} for its weakest evidence.")
    headings = (
        "study",
        "where, when, how",
        "grade",
        "estimate",
        "interval",
        "weight",
        "pool without it",
        _scale(pooled),
    )
    rows = [
        (
            spaced(row.name) + ("*" if row.study.spread == "assumption" else ""),
            ", ".join(str(x) for x in (row.study.place, row.study.year, row.study.design) if x),
            str(row.study.grade),
            _number(row.estimate),
            f"{_number(row.low)} to {_number(row.high)}",
            per_cent(row.weight),
            "–" if row.without is None else _number(row.without),
            _bar(pooled, row.low, row.estimate, row.high, "■"),
        )
        for row in pooled.rows
    ]
    rows.append(("pooled", "", "", _number(pooled.estimate), f"{_number(low)} to {_number(high)}", "100%", "",
                 _bar(pooled, low, pooled.estimate, high, "◆")))  # fmt: skip
    far = pooled.elsewhere
    rows.append(("another place", "", "", "", f"{_number(far[0])} to {_number(far[1])}", "", "",
                 _bar(pooled, far[0], None, far[1], "")))  # fmt: skip
    return Section(body.title, sentences, [Table(headings, rows, body.note or "", words=2, drawn=True)])


def _agreement(pooled: Pooled) -> str:
    share = per_cent(pooled.disagreement)
    if pooled.disagreement < 0.25:
        return f"The studies agree as well as luck allows (I² {share})."
    return (
        f"The studies disagree: {share} of the difference between them is more than luck (I²), so the average "
        "describes no place well. Look at each."
    )


def _used(name: str, pooled: Pooled) -> str:
    kind, (first, second) = next(iter(pooled.distribution.items()))
    where = "for another place, which may differ as these do" if pooled.body.applies_to == "another_place" else (
        "for the average of such places")  # fmt: skip
    return f"`evidence: {name}` in a scenario stands for {kind} [{_number(first)}, {_number(second)}], {where}."


def _ends(pooled: Pooled) -> tuple[float, float]:
    lows = [pooled.elsewhere[0], *(row.low for row in pooled.rows), 0.0]
    highs = [pooled.elsewhere[1], *(row.high for row in pooled.rows), 0.0]
    return min(lows), max(highs)


def _place(pooled: Pooled, value: float) -> int:
    low, high = _ends(pooled)
    return round((value - low) / (high - low or 1.0) * (WIDTH - 1))


def _bar(pooled: Pooled, low: float, centre: float | None, high: float, mark: str) -> str:
    cells = [" "] * WIDTH
    cells[_place(pooled, 0.0)] = "┊"
    for at in range(_place(pooled, low), _place(pooled, high) + 1):
        cells[at] = "─"
    if centre is not None:
        cells[_place(pooled, centre)] = mark
    return "".join(cells)


def _scale(pooled: Pooled) -> str:
    low, high = (_number(end) for end in _ends(pooled))
    return low + " " * max(1, WIDTH - len(low) - len(high)) + high


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.3g}"
