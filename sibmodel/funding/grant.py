"""A philanthropic grant: what is raised pays costs until it is used up."""

from __future__ import annotations

import numpy as np

from sibmodel.core.ledger import Flow
from sibmodel.core.timeline import FloatArray, over_time, running_total
from sibmodel.funding.bill import ACCOUNT, DONORS, Bill, missing
from sibmodel.funding.paid import Paid
from sibmodel.funding.terms import GrantTerms


def grant(terms: GrantTerms, bill: Bill) -> Paid:
    """The grant pays first, as it comes; the rest is paid by the commissioners, or the service is cut."""
    hoped = over_time(bill.cost)[None, :] if terms.hoped is None else terms.hoped.over(bill.trials)
    raised = np.broadcast_to(hoped * terms.raised.over(bill.trials), (1, bill.trials.count))
    given, covered, returned = _in_instalments(terms, bill, raised) if terms.instalments else _as_needed(bill, raised)
    rest, unfunded = missing(bill, bill.cost - covered, terms.shortfall)
    flows = [
        Flow(DONORS, ACCOUNT, "grant", given),
        Flow(ACCOUNT, DONORS, "unspent", returned),
        *rest,
        *bill.spending(bill.cost - unfunded),
    ]
    return Paid(tuple(flows), bill.cost, bill.cost - unfunded, bill.cost - covered)


def _as_needed(bill: Bill, raised: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """What is given, what it covers, and what goes back, (periods, trials): in each period as much as costs fall."""
    left = np.maximum(raised - (running_total(bill.cost) - bill.cost), 0.0)
    given = np.minimum(bill.cost, left)
    return given, given, np.zeros((1, 1))


def _in_instalments(terms: GrantTerms, bill: Bill, raised: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The same with money that comes on its dates, waits until it is needed, and goes back at the end."""
    given, covered, back = np.zeros(bill.shape), np.zeros(bill.shape), np.zeros(bill.shape)
    for part in terms.instalments:
        given[part.month // bill.timeline.period_months] += part.share * raised[0]
    cash = np.zeros(bill.trials.count)
    for period, cost in enumerate(bill.cost):
        covered[period] = np.minimum(cost, cash + given[period])
        cash = cash + given[period] - covered[period]
    back[-1] = cash
    return given, covered, back
