"""Amendments: numbers and splits that change from a date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pydantic import ValidationError

from sibmodel.core.distribution import is_distribution
from sibmodel.core.schema import nearest
from sibmodel.core.timeline import PERIOD_MONTHS, Timeline
from sibmodel.errors import Problem
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_

AMENDMENTS = "amendments"


def amend(document: Document) -> list[Problem]:
    """Write every amendment into the document's data as a change by period, and say what cannot be amended.

    A change holds for flows dated on or after its date, so from the first period whose last day is not before it.
    Amendments that are not well formed are left to the schema.
    """
    timeline = _timeline(document)
    listed = document.data.get(AMENDMENTS) if isinstance(document.data, dict) else None
    if timeline is None or not isinstance(listed, list):
        return []
    problems: list[Problem] = []
    before: dt.date | None = None
    for index, one in enumerate(listed):
        date, changes = (one.get("from"), one.get("set")) if isinstance(one, dict) else (None, None)
        if not isinstance(date, dt.date) or isinstance(date, dt.datetime) or not isinstance(changes, dict):
            continue
        period = next((t for t, end in enumerate(timeline.ends) if t and end >= date), None)
        wrong = _wrong_date(date, before, period, timeline)
        before = date
        if wrong is not None:
            problems.append(document.problem((AMENDMENTS, index, "from"), *wrong))
            continue
        for address, value in changes.items():
            place = (AMENDMENTS, index, "set", address)
            refused = _change(document, str(address), value, period or 1, place)
            if refused is not None:
                problems.append(document.problem(place, *refused, at_key=True))
    return problems


def _timeline(document: Document) -> Timeline | None:
    try:
        return Timeline.model_validate(document.data["timeline"])
    except (ValidationError, KeyError, TypeError):
        return None


def _wrong_date(
    date: dt.date, before: dt.date | None, period: int | None, timeline: Timeline
) -> tuple[str, str] | None:
    if before is not None and date <= before:
        return f"{date} is not later than the amendment before it", "list amendments in the order of their dates"
    if date <= timeline.signing:
        return f"{date} is not after the signing on {timeline.signing}", "write the number itself instead"
    if period is None:
        return f"{date} is after the end of the timeline", f"it ends on {timeline.ends[-1]}"
    return None


def _change(document: Document, address: str, value: Any, period: int, place: Path_) -> tuple[str, str] | None:
    """Write one change; or what is wrong, and what would be right."""
    *parents, last = address.split(".")
    node: Any = document.data
    path: Path_ = ()
    for part in (*parents, last):
        parent = node
        if not isinstance(node, dict) or part not in node:
            known = node if isinstance(node, dict) else ()
            return f"the file says nothing at '{address}' that could change", nearest(part, known)
        node, path = node[part], (*path, part)
    if last == "split":
        parent[last] = _phases(node, value, period, document, path, place)
        return None
    described = isinstance(node, dict) and ("value" in node or is_distribution(node))
    if isinstance(node, str | bool) or (isinstance(node, dict) and not described):
        return f"'{address}' is not a number", "amend a number or a split"
    parent[last] = _by_period(node, value, period, document, path, place)
    return None


def _by_period(node: Any, value: Any, period: int, document: Document, path: Path_, place: Path_) -> dict[str, Any]:
    """The quantity as a list of values with the periods from which they hold, one more than before.

    What is wrong with a value is answered where the file says it: at `place`, or before it was amended.
    """
    annotated = isinstance(node, dict) and "value" in node
    quantity = dict(node) if annotated else {"value": node}
    own = (*path, "value") if annotated else path
    is_list = isinstance(quantity["value"], list)
    old = quantity["value"] if is_list else [quantity["value"]]
    starts = quantity.get("from_period", range(1, len(old) + 1))
    kept = [(start, item) for start, item in zip(starts, old, strict=False) if start < period]
    quantity["value"] = [*(item for _, item in kept), value]
    quantity["from_period"] = [*(start for start, _ in kept), period]
    here = (*path, "value")
    if here not in document.moved:  # the first amendment of this number
        document.moved |= {(*here, index): (*own, index) if is_list else own for index in range(len(kept))}
        document.moved[here] = place  # a number that may not change is answered where it is amended
    document.moved[*here, len(kept)] = document.moved[*path, "from_period", len(kept)] = place
    return quantity


def _phases(node: Any, value: Any, period: int, document: Document, path: Path_, place: Path_) -> list[Any]:
    """The split with one more phase, for payments due in the period and later."""
    months = PERIOD_MONTHS[document.data["timeline"].get("period", "quarter")]
    after = (period - 1) * months
    phases = node if isinstance(node, list) else [node if "amounts" in node else {"shares": node}]
    kept = [phase for phase in phases if not isinstance(phase, dict) or phase.get("after_month", 0) < after]
    whole = isinstance(value, dict) and "amounts" in value
    if not isinstance(node, list):
        document.moved[(*path, 0) if "amounts" in node else (*path, 0, "shares")] = path
    document.moved[*path, len(kept)] = place
    if not whole:
        document.moved[*path, len(kept), "shares"] = place
    return [*kept, {"after_month": after, **(value if whole else {"shares": value})}]
