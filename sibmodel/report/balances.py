"""Balances that an accountant can add up: opening and movements make closing; sources make uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibmodel.core.flows import TrancheFlows
from sibmodel.core.ledger import Flow
from sibmodel.core.timeline import FloatArray
from sibmodel.model import Books
from sibmodel.report.address_words import spaced
from sibmodel.report.section import Table
from sibmodel.running.execution import base_case
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

VEHICLE = "vehicle"
COLUMNS = ("balance", "period", "date", "line", "amount")
_OF_CAPITAL = ("drawdown", "fee", "coupon", "principal", "surplus", "gap")

Series = FloatArray
"""One number for each period, of the first trial."""


@dataclass(frozen=True)
class Balance:
    """One balance by period: its movements, signed, add up with the opening to the closing."""

    name: str
    movements: Mapping[str, Series]
    closing: Series

    @property
    def opening(self) -> Series:
        """What the period before left."""
        return np.concatenate([[0.0], self.closing[:-1]])


def balances_of(books: Books) -> Iterator[Balance]:
    """The vehicle's cash, and each tranche's principal, coupon and fee."""
    yield Balance("cash", _cash_movements(books), books.settlement.capital.closing_cash[:, 0])
    for name, flows in books.settlement.capital.tranches.items():
        yield from balances_of_tranche(name, flows)


def balances_of_tranche(name: str, flows: TrancheFlows) -> Iterator[Balance]:
    """Principal, coupon and fee of one tranche."""
    periods = len(flows.closing_principal)

    def first(amount: FloatArray) -> Series:
        return np.broadcast_to(amount, (periods, amount.shape[1]))[:, 0]

    principal = {
        "drawdown": first(flows.drawdown),
        "repaid": -first(flows.principal),
        "paid by guarantors": -first(flows.guaranteed),
        "written off": -first(flows.written_off),
    }
    yield Balance(f"{name}.principal", principal, first(flows.closing_principal))
    coupon = {"accrued": first(flows.coupon_accrued), "paid": -first(flows.coupon)}
    yield Balance(f"{name}.coupon", coupon, first(flows.closing_coupon))
    fee = {"accrued": first(flows.fee_accrued), "paid": -first(flows.fee)}
    if any(series.any() for series in fee.values()):
        yield Balance(f"{name}.fee", fee, first(flows.closing_fee))


def _cash_movements(books: Books) -> dict[str, Series]:
    """Everything that enters (above zero) or leaves the vehicle, by what it is."""
    out: dict[str, Series] = {}
    for flow in books.settlement.ledger.flows:
        sign = (flow.receiver == VEHICLE) - (flow.payer == VEHICLE)
        if sign:
            line = line_of(flow, books)
            out[line] = out.get(line, 0.0) + sign * flow.amount[:, 0]
    used = {line: series for line, series in out.items() if series.any()}
    gains = {line: series for line, series in used.items() if series.sum() > 0}
    return gains | {line: series for line, series in used.items() if line not in gains}


def line_of(flow: Flow, books: Books) -> str:
    """The line of the vehicle's cash on which a flow stands."""
    if any(flow.what == line.name for line in books.service.costs.lines) and flow.payer == VEHICLE:
        return "programme"
    if flow.payer in books.scenario.contract.payers and flow.receiver == VEHICLE:
        return flow.what if flow.what in books.scenario.capital.contingent else "payments"
    first = flow.what.split("_")[0]
    return first if first in _OF_CAPITAL and flow.what not in books.scenario.capital.contingent else flow.what


def balances(scenario: Scenario) -> pd.DataFrame:
    """Every balance of the base case by period: a row for the opening, each movement and the closing, in pounds."""
    import pandas as pd

    return pd.DataFrame(list(balance_rows(base_case(scenario))), columns=list(COLUMNS))


def balance_rows(books: Books) -> Iterator[tuple[str | int | float, ...]]:
    """Rows of `balances`."""
    for balance in balances_of(books):
        for t, end in enumerate(books.scenario.timeline.ends):
            lines = {"opening": balance.opening, **balance.movements, "closing": balance.closing}
            for line, series in lines.items():
                yield balance.name, t, end.isoformat(), line, float(series[t]) + 0.0


def balance_table(balance: Balance, books: Books) -> Table:
    """One balance, a row a period."""
    movements = {line: series for line, series in balance.movements.items() if series.any()}
    columns = (balance.opening, *movements.values(), balance.closing)
    rows = [
        (str(t), end.isoformat(), *(pounds(series[t]) for series in columns))
        for t, end in enumerate(books.scenario.timeline.ends)
    ]
    words = spaced(balance.name).replace(".", ": ").capitalize()
    note = f"{words}, in pounds: opening and movements add up to closing."
    return Table(("period", "ends", "opening", *movements, "closing"), rows, note, words=2)


def sources_and_uses(books: Books) -> Table:
    """Where all of the vehicle's money comes from, and what becomes of it."""
    sources: dict[str, float] = {}
    uses: dict[str, float] = {}
    for flow in books.settlement.ledger.flows:
        side, other = (sources, flow.payer) if flow.receiver == VEHICLE else (uses, flow.receiver)
        if VEHICLE in (flow.payer, flow.receiver):
            label = f"{spaced(other)}: {spaced(line_of(flow, books))}"
            side[label] = side.get(label, 0.0) + float(flow.amount[:, 0].sum())
    uses["cash at the end"] = float(books.settlement.capital.closing_cash[-1, 0])
    left = [(label, amount) for label, amount in sources.items() if round(amount, 2)]
    right = [(label, amount) for label, amount in uses.items() if round(amount, 2)]
    rows = [("from " + label, pounds(amount), "") for label, amount in left]
    rows += [("to " + label, "", pounds(amount)) for label, amount in right]
    together = tuple(pounds(sum(amount for _, amount in side)) for side in (left, right))
    return Table(("over the whole bond", "sources", "uses"), [*rows, ("together", *together)], "Sources equal uses.")


def pounds(amount: float) -> str:
    """Pounds without pence, and never a nought below zero."""
    return f"{round(float(amount)):,}"
