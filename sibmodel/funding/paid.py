"""What a route comes to: its flows, and what it leaves unpaid."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.ledger import Flow, Ledger
from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray, narrow, running_total
from sibmodel.errors import ReconciliationError
from sibmodel.funding.bill import ACCOUNT, FUND, Bill


@dataclass(frozen=True)
class Lending:
    """A loan fund's account, nominal, (periods, trials): `written_off` is principal that is never repaid.

    `put_in` is the money in it from the start, (1, trials): what it was given, or the most that it ever had out.
    """

    lent: FloatArray
    interest: FloatArray
    principal: FloatArray
    recovered: FloatArray
    written_off: FloatArray
    put_in: FloatArray

    @property
    def net(self) -> FloatArray:
        """Received less lent."""
        return self.interest + self.principal + self.recovered - self.lent

    @property
    def balance(self) -> FloatArray:
        """Money in the fund at the end of each period."""
        return self.put_in + running_total(self.net)


@dataclass(frozen=True)
class Paid:
    """One route: its flows, what the programme costs and what of it is paid, and the loan fund's account if it has one.

    `cost` and `spent` are nominal, (periods, trials); `short` is what the route's own source does not cover, whether
    somebody else pays it or nobody does.
    """

    flows: tuple[Flow, ...]
    cost: FloatArray
    spent: FloatArray
    short: FloatArray
    lending: Lending | None = None

    def and_more(self, flows: Iterable[Flow]) -> Paid:
        """The same with further flows that are none of the programme's costs."""
        return replace(self, flows=(*self.flows, *flows))


def together(parts: Mapping[str, Paid]) -> Paid:
    """Routes that each pay a part, as one."""
    lending = next((one.lending for one in parts.values() if one.lending is not None), None)
    return Paid(
        tuple(flow for one in parts.values() for flow in one.flows),
        total(one.cost for one in parts.values()),
        total(one.spent for one in parts.values()),
        total(one.short for one in parts.values()),
        lending,
    )


def direct(bill: Bill) -> Paid:
    """The commissioners pay the costs as they fall."""
    flows = (*bill.by_commissioners(bill.cost, ACCOUNT, "costs"), *bill.spending(bill.cost))
    return Paid(flows, bill.cost, bill.cost, np.zeros((1, 1)))


def ledger_of(paid: Paid, shape: tuple[int, int]) -> Ledger:
    """The ledger of a route, checked.

    No flow is below zero; all parties net to nothing; the programme's account is never overdrawn and ends empty; the
    fund moves what its account says. Raises ReconciliationError where any is out by more than a penny.
    """
    ledger = Ledger.post(paid.flows, shape)
    lowest = min(float(narrow(flow.amount).min()) for flow in ledger.flows)
    of_all = total(ledger.moved(slice(0, shape[0])).nets.values())
    found = {"a flow below zero": max(-lowest, 0.0), "the sum over all parties": _largest(of_all)}
    if ACCOUNT in ledger.parties:
        cash = running_total(ledger.net(ACCOUNT))
        found["the programme's account at the end"] = _largest(cash[-1])
        found["an overdraft of the programme's account"] = max(-float(cash.min()), 0.0)
    if paid.lending is not None:
        found["the loan fund"] = _largest(ledger.net(FUND) - paid.lending.net) if FUND in ledger.parties else 0.0
        lost = running_total(paid.lending.lent - paid.lending.principal - paid.lending.recovered)[-1]
        found["what is lent and not repaid"] = _largest(lost - running_total(paid.lending.written_off)[-1])
    for what, difference in found.items():
        if not difference <= PENNY:
            raise ReconciliationError(
                f"the books of a route do not balance: {what} is out by up to £{difference:,.2f}. "
                "This is a fault of the model, not of the scenario: please report it with the file."
            )
    return ledger


def _largest(difference: FloatArray) -> float:
    return float(np.abs(difference).max(initial=0.0))
