"""What a raw file declares, for checks that look across chapters."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sibmodel.core.schema import Context
from sibmodel.core.timeline import PERIOD_MONTHS, Timeline
from sibmodel.reference.tables import raw_table


def context_of(data: Any) -> Context:
    """What the raw file declares, as far as it can be read, for checks that look across chapters."""
    payers, tranches = _mapping(data, "contract", "payers"), _mapping(data, "capital", "tranches")
    guarantees = _mapping(data, "capital", "guarantees")
    others = (*tranches, *payers, "provider", "sponsor") if tranches and payers else ()
    timeline = _mapping(data, "timeline")
    periods = timeline.get("periods")
    signing, last_day = _first_and_last_day(timeline)
    return Context(
        names={
            "group": (*_mapping(data, "programme", "groups"), *_mapping(data, "groups")),
            "outcome": tuple(_mapping(data, "outcomes")),
            "payer": tuple(payers),
            "source": tuple(_mapping(data, "sources")),
            "agency": tuple(_mapping(data, "savings", "agencies")),
            "step": tuple(_mapping(data, "savings", "steps")),
            "term": tuple(_mapping(data, "contract", "terms")),
            "tranche": tuple(tranches),
            "guarantee": tuple(guarantees),
            "guarantor": others,
            "counterparty": ("vehicle", *others) if others else (),
            "schedule": tuple(
                _mapping(data, "reference", "discount_rates", "schedules") or raw_table("discount_rates")["schedules"]
            ),
            "further party": (*tranches, *guarantees, "provider", "sponsor", "tax_office") if tranches else (),
            "dispensable cost": ("management", "evaluation", *_mapping(data, "programme", "costs", "further")),
            "party": (*others, *_own_parties(guarantees)) if others else (),
        },
        outcome_types={name: str(_mapping(body).get("type")) for name, body in _mapping(data, "outcomes").items()},
        unsplit=tuple(
            name
            for name, body in _mapping(data, "contract", "terms").items()
            if isinstance(body, dict) and body.get("split") is None
        ),
        period_months=PERIOD_MONTHS.get(str(timeline.get("period", "quarter"))),
        periods=periods if type(periods) is int and periods > 0 else None,
        signing=signing,
        last_day=last_day,
        may_end_early="termination" in _mapping(data, "contract"),
        limited=bool(_mapping(data, "programme", "onward"))
        or _mapping(data, "programme", "link_workers").get("posts") is not None,
        first_reports=dict(_first_reports(data)),
    )


def _own_parties(guarantees: dict[str, Any]) -> tuple[str, ...]:
    """Guarantees that are parties of their own."""
    return tuple(name for name, body in guarantees.items() if isinstance(body, dict) and body.get("by") is None)


def _first_reports(data: Any) -> Iterator[tuple[str, int]]:
    """The month in which each effect is first reported and verified."""
    for name, body in _mapping(data, "outcomes").items():
        first, later = _mapping(body, "measurement").get("first_month"), _mapping(body).get("verification_months", 0)
        if type(first) is int and type(later) is int:
            yield name, first + later


def _first_and_last_day(timeline: dict[str, Any]) -> tuple[dt.date, dt.date] | tuple[None, None]:
    """The days of signing and of the end, if the file's timeline is in order."""
    try:
        ends = Timeline.model_validate(timeline).ends
    except ValidationError:
        return None, None
    return ends[0], ends[-1]


def _mapping(data: Any, *path: str) -> dict[str, Any]:
    """The raw mapping at a path, empty if there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
