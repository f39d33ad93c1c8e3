"""What every party has at stake: present values that add up to the resource value, and profits.

A column is a tranche, a payer, an agency's savings of one kind, or anybody else who pays or receives. Those who are
paid for resources (suppliers, manager, evaluator) are no columns: their receipts are the resource cost.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.contract.payers import TAX_OFFICE
from sibmodel.core.discounting import deflators
from sibmodel.core.flows import total
from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.errors import ReconciliationError
from sibmodel.measures.commissioner import present_value_of_real, real_present_value
from sibmodel.measures.investor import net_flow
from sibmodel.model import Books
from sibmodel.scenario.schema import Scenario

SUPPLIERS, VEHICLE = "suppliers", "vehicle"
RELATIVE = 1e-9
"""Part of the turnover by which sums may differ beyond a penny."""


@dataclass(frozen=True)
class Column:
    """A party as a column: `key` is tranche.NAME, payer.NAME, agency.NAME.KIND, or the party's own name."""

    key: str
    party: str
    kind: str = ""


@dataclass(frozen=True)
class Positions:
    """Present values of some trials, real at the public rate, shape (trials,).

    `columns` add up to `resource` = attributable savings of all kinds − `cost`, what the programme costs in resources.
    `payments` are those of all payers, `investors` the net present value of all investors, `turnover` all cash that
    moves, nominal.
    """

    columns: Mapping[str, FloatArray]
    cost: FloatArray
    resource: FloatArray
    payments: FloatArray
    investors: FloatArray
    turnover: FloatArray


def columns_of(books: Books) -> tuple[Column, ...]:
    """Tranches, payers, savings by agency and kind, then all others in the order of the ledger."""
    scenario, ledger = books.scenario, books.settlement.ledger
    tranches = [Column(f"tranche.{name}", name) for name in tranches_of(books)]
    payers = [Column(f"payer.{name}", name) for name in scenario.contract.payers if name in ledger.parties]
    saved = dict.fromkeys((s.agency, s.kind) for s in books.service.savings)
    agencies = [Column(f"agency.{agency}.{kind}", agency, kind) for agency, kind in saved]
    named = {column.party for column in (*tranches, *payers)} | _paid_for_resources(books)
    others = [Column(party, party) for party in ledger.parties if party not in named]
    return (*tranches, *payers, *agencies, *sorted(others, key=lambda column: column.party == VEHICLE))


def tranches_of(books: Books) -> tuple[str, ...]:
    """The tranches that are parties of their own; deferred fees are the provider's."""
    return tuple(name for name, flows in books.settlement.capital.tranches.items() if flows.holder == name)


def open_tranches(books: Books) -> tuple[str, ...]:
    """The tranches in which somebody may invest: all that are owed something and not the provider's own."""
    return tuple(name for name in tranches_of(books) if books.scenario.capital.tranches[name].is_owed)


def _paid_for_resources(books: Books) -> set[str]:
    lines = (line for line in books.service.costs.lines if line.passed_on is None and line.receiver != TAX_OFFICE)
    return {SUPPLIERS} | {line.receiver for line in lines}


def kinds_of(scenario: Scenario) -> tuple[str, ...]:
    """The kinds of savings that the resource value includes."""
    terms = scenario.savings
    if terms is None:
        return ()
    if terms.top_down is not None:
        return (terms.top_down.kind,)
    return tuple(dict.fromkeys(item.kind for item in (terms.items or {}).values()))


def positions(books: Books) -> Positions:
    """Where everybody stands, checked: the columns add up to the resource value in every trial.

    Raises ReconciliationError if they do not, to a penny or a billionth of the turnover.
    """
    payments, ledger = books.settlement.payments, books.settlement.ledger
    columns = {column.key: _present_value(books, column) for column in columns_of(books)}
    resources = total(line.resources for line in books.service.costs.lines)
    cost, nothing = real_present_value(books, resources), np.zeros(books.trials.count)
    found = Positions(
        columns=columns,
        cost=cost,
        resource=sum((value for key, value in columns.items() if key.startswith("agency.")), nothing) - cost,
        payments=real_present_value(books, payments.total),
        investors=real_present_value(books, net_flow(books)),
        turnover=over_time(total(flow.amount for flow in ledger.flows)),
    )
    _check(found)
    return found


def _present_value(books: Books, column: Column) -> FloatArray:
    if column.kind:
        return present_value_of_real(books, _saved(books, column))
    return real_present_value(books, books.settlement.ledger.net(column.party))


def _saved(books: Books, column: Column) -> FloatArray:
    """Attributable savings of one agency and kind, real pounds."""
    mine = (saving for saving in books.service.savings if (saving.agency, saving.kind) == (column.party, column.kind))
    return total(saving.attributable for saving in mine)


def _check(found: Positions) -> None:
    difference = np.abs(sum(found.columns.values(), start=np.zeros_like(found.cost)) - found.resource)
    if not np.all(difference <= PENNY + RELATIVE * found.turnover):
        raise ReconciliationError(
            f"the present values of all parties miss the resource value by up to £{np.max(difference):,.2f}. "
            "This is a fault of the model, not of the scenario: please report it with the file."
        )


def profits(books: Books) -> dict[str, FloatArray]:
    """Received less paid in pounds of each year by column, shape (trials,); savings at the prices of their year."""
    level = deflators(books.scenario.timeline.years, books.scenario.prices.inflation.over(books.trials))
    shape = (books.trials.periods, books.trials.count)

    def flow(column: Column) -> FloatArray:
        if column.kind:
            return np.broadcast_to(_saved(books, column) * level, shape)
        return books.settlement.ledger.net(column.party)

    return {column.key: over_time(flow(column)) for column in columns_of(books)}


def investors_profit(books: Books) -> FloatArray:
    """What all investors together receive less what they put in, before fees of their own, nominal, shape (trials,)."""
    return over_time(net_flow(books))
