"""Payment above what the payer itself saves."""

from __future__ import annotations

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.commissioner import outlay, own_savings, real_present_value, worth_of
from sibmodel.model import Books
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged, not_applicable, worst_row
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "saving", "Payment above the payer's own saving"


def look(books: Books) -> dict[str, FloatArray]:
    """By payer with savings of its own: what the bond costs it less what it saves, real present values."""
    found = {}
    for name in savers(books.scenario):
        bill, mine = real_present_value(books, outlay(books, name)), own_savings(books, name)
        found[f"{name}.bill"] = np.array(bill)
        found[f"{name}.saved"] = np.array(worth_of(books, mine, "after_bias"))
        found[f"{name}.cashable"] = np.array(worth_of(books, mine, "cashable"))
    return found


def savers(scenario: Scenario) -> tuple[str, ...]:
    """Payers to whom an agency with savings belongs."""
    agencies = scenario.savings.agencies if scenario.savings else {}
    own = {agency.payer for agency in agencies.values()}
    return tuple(name for name in scenario.contract.payers if name in own)


def check(scenario: Scenario, found: Found) -> Check:
    """By payer: the chance that it pays more than it saves, and by how much on average."""
    names = savers(scenario)
    if not names:
        return not_applicable(NAME, TITLE, "no payer has savings of its own in this scenario")
    rows: list[tuple[str, dict[str, Figure]]] = [(name, _figures(found, name)) for name in names]
    name, numbers = worst_row(NAME, rows, "chance", "excess")
    others = [other for other in scenario.contract.payers if other not in names]
    said = {"payer": name} | ({"others": ", ".join(others)} if others else {})
    return Check(NAME, TITLE, judged(NAME, numbers["chance"]), numbers, tuple(rows), said)


def _figures(found: Found, name: str) -> dict[str, Figure]:
    def excess(some: Columns, of: str = "saved") -> FloatArray:
        return some[f"{name}.bill"] - some[f"{name}.{of}"]

    return {
        "saved": found.figure(f"{name}.saved", "saves"),
        "bill": found.figure(f"{name}.bill", "pays"),
        "chance": found.chance(lambda some: excess(some) > HALF_A_PENNY, "pays more than it saves"),
        "excess": found.of(lambda some: np.maximum(excess(some), 0.0), "pays above its saving, on average"),
        "chance_of_cash": found.chance(
            lambda some: excess(some, "cashable") > HALF_A_PENNY, "pays more than the cashable part"
        ),
    }
