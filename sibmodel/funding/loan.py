"""A revolving loan fund: it lends what costs fall due, is repaid by a schedule, and lends what is repaid again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.ledger import Flow
from sibmodel.core.powers import power
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time, running_total
from sibmodel.funding.bill import ACCOUNT, FUND, Bill, missing
from sibmodel.funding.paid import Lending, Paid
from sibmodel.funding.terms import COMMISSIONERS, DEFAULT_LUCK, VEHICLE, LoanTerms


def loan(terms: LoanTerms, bill: Bill) -> Paid:
    """The fund lends as costs fall, as far as it has money; the borrower repays, whatever the outcomes."""
    desk = _Desk(terms, bill)
    for period in range(bill.trials.periods):
        desk.step(period)
    lending = desk.account()
    rest, unfunded = missing(bill, bill.cost - lending.lent, terms.shortfall)
    flows = [
        Flow(FUND, ACCOUNT, "lent", lending.lent),
        *_repaid(terms, bill, lending),
        *rest,
        *bill.spending(bill.cost - unfunded),
    ]
    return Paid(tuple(flows), bill.cost, bill.cost - unfunded, bill.cost - lending.lent, lending)


def _repaid(terms: LoanTerms, bill: Bill, lending: Lending) -> Iterator[Flow]:
    """Interest, principal and what is recovered, from whoever borrows."""
    amounts = {"interest": lending.interest, "principal": lending.principal, "recovered": lending.recovered}
    for what, amount in amounts.items():
        if terms.borrower == COMMISSIONERS:
            yield from bill.by_commissioners(amount, FUND, what)
            continue
        if terms.borrower == VEHICLE:
            yield from bill.by_commissioners(amount, VEHICLE, f"savings_for_{what}")
        yield Flow(terms.borrower, FUND, what, amount)


class _Desk:
    """The fund and its borrower from period to period; arrays are (trials,) or (periods, trials)."""

    def __init__(self, terms: LoanTerms, bill: Bill) -> None:
        self.terms, self.bill = terms, bill
        length, per_year = bill.timeline.period_months, np.array(1.0 / bill.timeline.per_year)
        self.grace, self.term = terms.grace_months // length, terms.term_months // length
        self.rate = power(1.0 + terms.rate.over(bill.trials)[0], per_year) - 1.0
        self.hazard = 1.0 - power(1.0 - terms.default_per_year.over(bill.trials)[0], per_year)
        self.due, self.lent, self.interest = (np.zeros(bill.shape) for _ in range(3))
        self.principal, self.recovered, self.written_off = (np.zeros(bill.shape) for _ in range(3))
        self.owed, self.late_interest, self.late_principal, self.pool = (np.zeros(bill.trials.count) for _ in range(4))
        self.willing = np.ones(bill.trials.count)
        size = np.array([np.inf]) if terms.fund is None else terms.fund.over(bill.trials)[0]
        self.cash = self.put_in = np.array(np.broadcast_to(size, bill.trials.count))

    def step(self, period: int) -> None:
        """One period: a default, then interest and instalments, then new lending."""
        self._default(period)
        self.late_interest = self.late_interest + self.owed * self.rate
        self.late_principal = self.late_principal + self.due[period]
        if self.terms.shortfall == COMMISSIONERS:
            self.pool = self.pool + self.bill.cashable[period]
        self._pay(period)
        self.lent[period] = np.minimum(self.bill.cost[period] * self.willing, self.cash)
        if self.terms.shortfall != COMMISSIONERS:  # less is saved where the service is cut to what is lent
            self.pool = self.pool + self.bill.cashable[period] * self._served(period)
        self._schedule(period)
        self._pay(period)
        if period == self.bill.trials.periods - 1:  # what only savings could have repaid is lost with the end
            self.written_off[period] += self.owed

    def _served(self, period: int) -> FloatArray:
        """Share of all costs so far that is lent, (trials,)."""
        cost = over_time(self.bill.cost[: period + 1])
        return np.divide(over_time(self.lent[: period + 1]), cost, out=np.zeros_like(cost), where=cost > 0.0)

    def _default(self, period: int) -> None:
        """The borrower stops paying for good, with all that it owes but what is recovered."""
        stays = 1.0 - self.hazard
        if DEFAULT_LUCK in self.bill.trials.uniforms:
            stays = (self.bill.trials.uniforms[DEFAULT_LUCK][period] >= self.hazard) * 1.0
        stays = np.where(self.owed > HALF_A_PENNY, stays, 1.0)  # less is rounding
        gone = self.owed * (1.0 - stays)
        self.recovered[period] = gone * self.terms.recovered.over(self.bill.trials)[0]
        self.written_off[period] = gone - self.recovered[period]
        self.cash = self.cash + self.recovered[period]
        self.due = self.due * stays
        self.owed, self.willing = self.owed * stays, self.willing * stays
        self.late_interest, self.late_principal = self.late_interest * stays, self.late_principal * stays

    def _pay(self, period: int) -> None:
        """What is due and in arrears, interest first; a vehicle has no more than the savings so far.

        Savings below zero, where people fare worse than without the programme, use up later ones.
        """
        able = np.maximum(self.pool, 0.0) if self.terms.borrower == VEHICLE else np.inf
        interest = np.minimum(self.late_interest, able)
        principal = np.minimum(self.late_principal, able - interest)
        self.pool = self.pool - interest - principal
        self.late_interest, self.late_principal = self.late_interest - interest, self.late_principal - principal
        self.owed = self.owed - principal
        self.cash = self.cash + interest + principal
        self.interest[period] += interest
        self.principal[period] += principal

    def _schedule(self, period: int) -> None:
        """Instalments of what is lent in a period; those after the end are due at the end."""
        amount, last, before = self.lent[period], self.bill.trials.periods - 1, self.due[period].copy()
        self.cash, self.owed = self.cash - amount, self.owed + amount
        count = max(self.term - self.grace, 1)
        first = period + self.grace + 1 if self.term > self.grace else period + self.term
        inside = max(min(first + count, last + 1) - first, 0)
        self.due[first : first + inside] += amount / count
        self.due[last] += amount * ((count - inside) / count)
        self.late_principal = self.late_principal + self.due[period] - before  # what is due at once

    def account(self) -> Lending:
        """The fund's account over all periods."""
        net = self.interest + self.principal + self.recovered - self.lent
        most = np.maximum(-running_total(net).min(axis=0), 0.0)
        put_in = np.where(np.isfinite(self.put_in), self.put_in, most)
        return Lending(
            self.lent, self.interest, self.principal, self.recovered, self.written_off, np.asarray(put_in)[None, :]
        )
