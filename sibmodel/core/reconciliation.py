"""Do the books balance? Parties, corkscrews and chapter totals, in every period and trial."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import CapitalFlows, Payments, total
from sibmodel.core.ledger import Ledger
from sibmodel.core.service import Costs
from sibmodel.core.timeline import FloatArray, running_total
from sibmodel.errors import ReconciliationError, SibmodelError

PENNY = 0.01
HALF_A_PENNY = 0.005
"""Less than this is rounding: a cap that takes it away does not bind, and no money is missing."""
TOO_LARGE = 1e12
"""Pounds in one flow, or owed, beyond which sums of them are no longer exact to a penny in double precision."""


def reconcile(ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows) -> FloatArray:
    """Largest difference found in each trial, shape (trials,).

    Raises ReconciliationError if any exceeds a penny or is not a number, and SibmodelError if flows or what is owed are
    so large that a penny is beyond the precision of the arithmetic.
    """
    sizes = [flow.amount for flow in ledger.flows] + [one.closing_coupon for one in capital.tranches.values()]
    largest = max(float(np.abs(amount).max()) for amount in sizes)
    if largest > TOO_LARGE:
        raise SibmodelError(
            f"an amount of £{largest:.3g} is too large to balance to a penny: state the scenario in smaller numbers"
        )
    worst = np.zeros(ledger.flows[0].amount.shape[1])
    for what, difference in _differences(ledger, costs, payments, capital):
        size = np.abs(difference).max(axis=0)
        if not np.all(size <= PENNY):
            period = int(np.argmax(np.nan_to_num(np.abs(difference), nan=np.inf).max(axis=1)))
            raise ReconciliationError(
                f"the books do not balance: {what} is out by up to £{np.max(size):,.2f}, at worst in period "
                f"{period}. This is a fault of the model, not of the scenario: please report it with the file."
            )
        worst = np.maximum(worst, size)
    return worst


def _differences(
    ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows
) -> Iterator[tuple[str, FloatArray]]:
    """Everything that should be zero, (periods, trials)."""
    yield "a flow below zero", total(np.minimum(flow.amount, 0.0) for flow in ledger.flows)
    yield "the sum over all parties", total(ledger.net(party) for party in ledger.parties)
    yield "the vehicle's cash", _corkscrew(capital.closing_cash, ledger.net("vehicle"))
    yield from _of_tranches(ledger, capital)
    received = total(ledger.between(payer, "vehicle", term) for term, payer in payments.paid)
    yield "payments in the ledger against the contract", received - payments.total
    owed = total(payments.owed.values())
    after_caps = total(payments.due.values()) - total(payments.forgone.values())
    added = total(payments.raised.values()) + total(payments.topped_up.values())
    yield "amounts owed against amounts due after caps, floors and top-ups", owed - after_caps - added
    coming = running_total(owed - total(payments.lost.values()))
    yield "payments against what is owed and not lost", np.maximum(running_total(received) - coming, 0.0)
    spent = total(ledger.between("vehicle", line.receiver, line.name) for line in costs.of_vehicle)
    yield "programme flows in the ledger against the programme's spend", spent - costs.spend
    for payer in dict.fromkeys(line.payer for line in costs.of_payers):
        own = total(ledger.between(payer, line.receiver, line.name) for line in costs.of_payers if line.payer == payer)
        yield f"costs of '{payer}' in the ledger against the programme's", own - costs.borne_by(payer)


def _of_tranches(ledger: Ledger, capital: CapitalFlows) -> Iterator[tuple[str, FloatArray]]:
    """Each tranche's balances, and what its holder has moved in the ledger against what it should have."""
    shape = capital.closing_cash.shape
    for name, one in capital.tranches.items():
        moved = one.drawdown - one.principal - one.guaranteed - one.written_off
        yield f"the principal of '{name}'", _corkscrew(one.closing_principal, moved)
        accrued = one.coupon_accrued - one.coupon
        yield f"the coupon owed to '{name}'", _corkscrew(_full(one.closing_coupon, shape), accrued)
        yield f"the fee owed to '{name}'", _corkscrew(_full(one.closing_fee, shape), one.fee_accrued - one.fee)
        if one.holder == name:
            yield f"the flows of '{name}' in the ledger", ledger.net(name) - one.net_of_fees
        else:
            drawn = ledger.between(one.holder, "vehicle", f"drawdown_{name}")
            repaid = ledger.between("vehicle", one.holder, f"principal_{name}")
            yield f"the flows of '{name}' in the ledger", drawn - repaid - one.drawdown + one.principal


def _full(array: FloatArray, shape: tuple[int, ...]) -> FloatArray:
    return np.broadcast_to(array, shape)


def _corkscrew(closing: FloatArray, movement: FloatArray) -> FloatArray:
    """Opening balance and movement less closing balance."""
    return np.diff(closing, axis=0, prepend=0.0) - movement
