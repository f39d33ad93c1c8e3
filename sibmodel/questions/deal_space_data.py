"""A deal space as plain values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sibmodel.questions.acceptance import Condition
from sibmodel.questions.axes import Axis
from sibmodel.questions.deal_space import Cell, DealSpace
from sibmodel.questions.frontier import Row, Stretch


def deal_space_data(found: DealSpace) -> dict[str, Any]:
    """The fixed form of `sibmodel deal-space --json`."""
    return {
        "scenario": found.scenario.title,
        "record": found.record.as_dict(),
        "price": _axis(found.price),
        "against": _axis(found.against),
        "conditions": {condition.key: _condition(condition) for condition in found.conditions},
        "commissioners_part_of_savings": found.own_part,
        "empty": found.is_empty,
        "cells": [_cell(found, cell) for cell in found.cells],
        "rows": [_row(row) for row in found.rows],
        "today": _cell(found, found.today),
        "row_today": None if found.row_today is None else _row(found.row_today),
        "nearest": _cell(found, found.nearest) if found.is_empty else None,
        "best": {party: None if cell is None else _cell(found, cell) for party, cell in found.best.items()},
        "best_today": {party: None if cell is None else _cell(found, cell) for party, cell in found.best_today.items()},
    }


def _axis(axis: Axis) -> dict[str, Any]:
    return {
        "name": axis.name,
        "words": axis.words,
        "unit": axis.unit,
        "today": axis.today,
        "between": list(axis.between),
    }


def _condition(condition: Condition) -> dict[str, Any]:
    return {
        "party": condition.party,
        "words": condition.words,
        "unit": condition.unit,
        "statistic": condition.statistic,
        "at_least" if condition.at_least else "at_most": condition.threshold,
        "stated": condition.stated,
        "address": condition.address,
    }


def _cell(found: DealSpace, cell: Cell) -> dict[str, Any]:
    held = zip(found.conditions, cell.held, strict=True)
    return {
        "price": cell.price,
        "against": cell.against,
        "accepted": cell.accepted,
        "may_be_chance": cell.may_be_chance,
        "refused_by": list(dict.fromkeys(condition.party for condition in found.refusing(cell))),
        "conditions": {condition.key: asdict(one) for condition, one in held},
        "wants": {party: asdict(want) for party, want in cell.wants.items()},
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "against": row.against,
        "deal": _stretches(row.deal),
        "parties": {party: _stretches(stretches) for party, stretches in row.parties.items()},
    }


def _stretches(stretches: Sequence[Stretch]) -> list[dict[str, Any]]:
    return [asdict(one) for one in stretches]
