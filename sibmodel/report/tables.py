"""Tables that an accountant can add up, and the list of a scenario's numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sibmodel.core.schema import nearest
from sibmodel.errors import UnknownNameError
from sibmodel.model import Books
from sibmodel.report.balances import balance_table, balances_of, pounds, sources_and_uses
from sibmodel.report.section import Table
from sibmodel.running.execution import base_case
from sibmodel.running.paying import Verified
from sibmodel.running.whole import verified_case
from sibmodel.scenario.inputs import all_inputs
from sibmodel.scenario.schema import ContractSheet, Scenario

if TYPE_CHECKING:
    import pandas as pd

Row = tuple[str | int | float, ...]

INPUT_COLUMNS = ("address", "value", "base", "unit", "source", "grade", "note")


def cashflows(scenario: Scenario, party: str | None = None, verified: Verified | None = None) -> pd.DataFrame:
    """The base case's flows, a row a period, a column a flow `payer>receiver:what`, nominal pounds.

    With a party, only its flows, and `net`: received less paid. With `verified` (what `pay` takes), the flows that
    these outcomes lead to. Raises UnknownNameError for an unknown party.
    """
    import pandas as pd

    books = base_case(scenario) if verified is None else verified_case(scenario, verified)
    columns, rows = cashflow_rows(books, party)
    return pd.DataFrame(rows, columns=list(columns)).set_index("period")


def cashflow_rows(books: Books, party: str | None = None) -> tuple[tuple[str, ...], list[Row]]:
    """Headings and rows of `cashflows`, for the first trial of `books`."""
    ledger, timeline = books.settlement.ledger, books.scenario.timeline
    tranche = books.settlement.capital.tranches.get(party or "")
    if tranche is not None and tranche.holder != party:
        what = f"'{party}' is held by the {tranche.holder}, under whom its flows stand"
        raise UnknownNameError(f"{what}; ask for party {tranche.holder}")
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


def flow_tables(books: Books, party: str | None, balances: bool) -> list[Table]:
    """What `sibmodel cashflows` prints: the vehicle's cash with sources and uses, a party's flows, or all balances.

    A party that is a tranche has its balances below its flows.
    """
    found = [one for one in balances_of(books) if one.closing.any() or any(m.any() for m in one.movements.values())]
    if party is not None:
        own = [balance_table(one, books) for one in found if one.name.startswith(f"{party}.")]
        return [party_table(books, party), *own]
    if balances:
        return [balance_table(one, books) for one in found]
    return [balance_table(next(balances_of(books)), books), sources_and_uses(books)]


def party_table(books: Books, party: str) -> Table:
    """One party's flows by period, signed as it sees them, and their sum."""
    columns, rows = cashflow_rows(books, party)
    used = [i for i in range(3, len(columns)) if any(row[i] for row in rows) or columns[i] == "net"]
    signs = {i: -1 if columns[i].startswith(f"{party}>") else 1 for i in used}
    table = [(str(row[0]), str(row[1]), *(pounds(signs[i] * float(row[i])) for i in used)) for row in rows]
    headings = ("period", "ends", *(columns[i].replace(">", " > ").replace(":", " : ") for i in used))
    note = f"Pounds, as {party} sees them: received is positive, paid is negative."
    return Table(headings, table, note, words=2)


def inputs(scenario: Scenario | ContractSheet) -> pd.DataFrame:
    """Every number of a scenario, by address, with its base value, unit, source and grade."""
    import pandas as pd

    return pd.DataFrame(list(input_rows(scenario)), columns=list(INPUT_COLUMNS)).set_index("address")


def input_rows(scenario: Scenario | ContractSheet) -> Iterator[tuple[str, ...]]:
    """Rows of `inputs` as text: quantities, then the plain numbers of the file."""
    for one in all_inputs(scenario):
        yield (one.address, one.value, one.base, one.unit, one.source, one.grade, one.note)
