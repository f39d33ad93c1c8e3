"""Tables that an accountant can add up, and the list of a scenario's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibmodel.core.flows import total
from sibmodel.core.schema import nearest
from sibmodel.errors import UnknownNameError
from sibmodel.model import Books
from sibmodel.report.inputs import all_inputs
from sibmodel.report.section import Table
from sibmodel.running.execution import base_case
from sibmodel.scenario.schema import ContractSheet, Scenario

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str | int | float, ...]

INPUT_COLUMNS = ("address", "value", "base", "unit", "source", "grade", "note")


def cashflows(scenario: Scenario, party: str | None = None) -> pd.DataFrame:
    """The base case's flows, a row a period, a column a flow `payer>receiver:what`, nominal pounds.

    With a party, only its flows, and `net`: received less paid. Raises UnknownNameError for an unknown party.
    """
    import pandas as pd

    columns, rows = cashflow_rows(base_case(scenario), party)
    return pd.DataFrame(rows, columns=list(columns)).set_index("period")


def cashflow_rows(books: Books, party: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Headings and rows of `cashflows`, for the first trial of `books`."""
    ledger, timeline = books.settlement.ledger, books.scenario.timeline
    if party is not None and party not in ledger.parties:
        raise UnknownNameError(f"there is no party called '{party}'; {nearest(party, ledger.parties)}")
    flows = [f for f in ledger.flows if party is None or party in (f.payer, f.receiver)]
    columns = ["period", "date", "financial_year", *(f.name for f in flows)]
    series = [f.amount[:, 0] for f in flows]
    if party is not None:
        columns.append("net")
        series.append(ledger.net(party)[:, 0])
    rows: list[Row] = [
        (t, end.isoformat(), year, *(float(one[t]) + 0.0 for one in series))
        for t, (end, year) in enumerate(zip(timeline.ends, timeline.financial_years, strict=True))
    ]
    return tuple(columns), rows


def vehicle_table(books: Books) -> Table:
    """The vehicle's cash by period: opening and movements add up to closing."""
    ledger, capital, scenario = books.settlement.ledger, books.settlement.capital, books.scenario
    tranches = scenario.capital.tranches
    movements = {
        "payments": total(ledger.between(name, "vehicle") for name in scenario.contract.payers),
        "drawdown": total(ledger.between(name, "vehicle", "drawdown") for name in tranches),
        "gap": ledger.between(capital.gap_covered_by, "vehicle", "gap"),
        "programme": -books.service.costs.spend,
        "coupon": -total(ledger.between("vehicle", name, "coupon") for name in tranches),
        "principal": -total(ledger.between("vehicle", name, "principal") for name in tranches),
        "surplus": -ledger.between("vehicle", what="surplus"),
    }
    movements = {name: series for name, series in movements.items() if series[:, 0].any()}
    rows: list[tuple[str, ...]] = []
    for t, end in enumerate(scenario.timeline.ends):
        opening = float(capital.closing_cash[t - 1, 0]) if t else 0.0
        figures = [float(series[t, 0]) for series in movements.values()]
        closing = float(capital.closing_cash[t, 0])
        rows.append((str(t), end.isoformat(), *map(_whole, (opening, *figures, closing))))
    headings = ("period", "ends", "opening", *movements, "closing")
    return Table(headings, rows, "Pounds. Opening cash and the movements add up to closing cash.", words=2)


def party_table(books: Books, party: str) -> Table:
    """One party's flows by period, signed as it sees them, and their sum."""
    columns, rows = cashflow_rows(books, party)
    used = [i for i in range(3, len(columns)) if any(row[i] for row in rows) or columns[i] == "net"]
    signs = {i: -1 if columns[i].startswith(f"{party}>") else 1 for i in used}
    table = [(str(row[0]), str(row[1]), *(_whole(signs[i] * float(row[i])) for i in used)) for row in rows]
    headings = ("period", "ends", *(columns[i].replace(">", " > ").replace(":", " : ") for i in used))
    note = f"Pounds, as {party} sees them: received is positive, paid is negative."
    return Table(headings, table, note, words=2)


def _whole(pounds: float) -> str:
    """Pounds without pence, and never a nought below zero."""
    return f"{round(pounds):,}"


def inputs(scenario: Scenario | ContractSheet) -> pd.DataFrame:
    """Every number of a scenario, by address, with its base value, unit, source and grade."""
    import pandas as pd

    return pd.DataFrame(list(input_rows(scenario)), columns=list(INPUT_COLUMNS)).set_index("address")


def input_rows(scenario: Scenario | ContractSheet) -> Iterator[tuple[str, ...]]:
    """Rows of `inputs` as text: quantities, then the plain numbers of the file."""
    for one in all_inputs(scenario):
        yield (one.address, one.value, one.base, one.unit, one.source, one.grade, one.note)
