"""A risk result as plain values, for JSON and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sibmodel.measures.horizon import after_the_end
from sibmodel.questions.break_even import MOST
from sibmodel.questions.matrix import Estimate, Row
from sibmodel.questions.suitability import Suitability
from sibmodel.running.execution import base_case

if TYPE_CHECKING:
    from sibmodel.questions.risk import RiskResult


def risk_data(result: RiskResult) -> dict[str, Any]:
    """Everything: pounds, shares, and standard errors (`se`)."""
    return {
        "scenario": result.scenario.title,
        "record": result.record.as_dict(),
        "matrix": {
            "columns": list(result.matrix.columns),
            "resource_value": resource_label(result.matrix.kinds),
            "today": {key: asdict(estimate) for key, estimate in result.matrix.today.items()},
            "rows": [_row(row) for row in result.matrix.rows],
        },
        "tails": {"ranked_by": asdict(result.tails.investors), "parties": list(_tails(result))},
        "price_of_risk": asdict(result.price),
        "break_even": {"searched_to": MOST, "planned": result.break_even.planned, "parties": list(_break_even(result))},
        "who_could_invest": _suitability(result.suitability),
        "after_the_end": after_the_end(base_case(result.scenario)),
    }


def resource_label(kinds: tuple[str, ...]) -> str:
    """What the rows of the matrix add up to; it names the kinds of savings in it."""
    saved = f"attributable {' and '.join(kinds)} savings less " if kinds else "less "
    return f"{saved}what the programme costs in resources; present value, real"


def _row(row: Row) -> dict[str, Any]:
    return {
        "risk": row.risk.name,
        "moved": [{"address": lever.address, "cells": lever.cells, "worse": lever.worse} for lever in row.moved],
        "without_effect": [lever.address for lever in row.without_effect],
        "changes": {key: asdict(estimate) for key, estimate in row.changes.items()},
        "why_empty": row.why or None,
    }


def _tails(result: RiskResult) -> Iterator[dict[str, Any]]:
    for key, value in result.tails.present_values.items():
        profit = result.tails.profits[key]
        row: dict[str, Any] = {"party": key}
        for what, ends in (("npv", value), ("profit", profit)):
            for name in ("worst", "all", "best"):
                estimate: Estimate = getattr(ends, name)
                row |= {f"{what}_{name}": estimate.mean, f"{what}_{name}_se": estimate.se}
        yield row


def _break_even(result: RiskResult) -> Iterator[dict[str, Any]]:
    found = result.break_even
    nothing = dict.fromkeys(("whole_from", "whole_to", "saves_up_to", "saves_cash_up_to"))
    for name, whole in found.tranches.items():
        ends = {"whole_from": whole.low, "whole_to": whole.high} if whole else {}
        yield {"party": f"tranche.{name}", **nothing, **ends}
    for name, share in found.payers.items():
        ends = {"saves_up_to": share, "saves_cash_up_to": found.cashable[name]}
        yield {"party": f"payer.{name}", **nothing, **ends}


def _suitability(found: Suitability) -> dict[str, Any]:
    kinds = found.kinds
    return {
        "kinds": {
            "title": kinds.title,
            "edition": kinds.edition,
            "licence": kinds.licence,
            "retrieved": kinds.retrieved.isoformat(),
            "sunset": kinds.sunset.isoformat(),
            "criteria": {kind.name: asdict(kind) for kind in kinds.kinds},
        },
        "tranches": {name: asdict(profile) for name, profile in found.profiles.items()},
        "matches": [
            {
                "tranche": tranche,
                "kind": kind,
                "suits": found.profiles[tranche].drawn and not changes,
                **{change.criterion.replace(" ", "_"): change.needed and change.needed.mean for change in changes},
                "fails": [change.criterion for change in changes],
            }
            for tranche, kinds_of_it in found.changes.items()
            for kind, changes in kinds_of_it.items()
        ],
    }
