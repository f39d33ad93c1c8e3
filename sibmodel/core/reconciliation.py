"""Do the books balance? Parties, corkscrews and chapter totals, in every period and trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import numpy as np

from sibmodel.core.flows import CapitalFlows, Payments, total
from sibmodel.core.ledger import Ledger
from sibmodel.core.service import Costs
from sibmodel.core.timeline import FloatArray, added, narrow, running_total, same, summed
from sibmodel.errors import ReconciliationError, SibmodelError

PENNY = 0.01
HALF_A_PENNY = 0.005
"""Less than this is rounding: a cap that takes it away does not bind, and no money is missing."""
TOO_LARGE = 1e12
"""Pounds in one flow, or owed, beyond which sums of them are no longer exact to a penny in double precision."""
_HIGHEST = np.float64(TOO_LARGE).view(np.uint64)


def reconcile(ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows) -> FloatArray:
    """Largest difference found in each trial, shape (trials,).

    Raises ReconciliationError if any exceeds a penny or is not a number, and SibmodelError if flows or what is owed are
    so large that a penny is beyond the precision of the arithmetic.
    """
    amounts = [amount for flow in ledger.flows if not _surely_sound(amount := narrow(flow.amount))]
    below_zero = [amount for amount in amounts if not amount.min() >= 0.0]
    balances = [one.closing_coupon for one in capital.tranches.values() if not _surely_sound(one.closing_coupon)]
    ends = [*(amount.max() for amount in amounts + balances), *(-amount.min() for amount in below_zero + balances)]
    largest = max(map(float, ends), default=0.0)
    if largest > TOO_LARGE:
        raise SibmodelError(
            f"an amount of £{largest:.3g} is too large to balance to a penny: state the scenario in smaller numbers"
        )
    worst = np.zeros(ledger.shape[1])
    negative = "a flow below zero", total(np.minimum(amount, 0.0) for amount in below_zero)
    for what, difference in chain([negative], _differences(ledger, costs, payments, capital)):
        difference = np.abs(difference, out=difference)  # noqa: PLW2901 - what is yielded is ours alone
        size = difference.max(axis=0)
        if not np.all(size <= PENNY):
            period = int(np.argmax(np.nan_to_num(difference, nan=np.inf).max(axis=1)))
            raise ReconciliationError(
                f"the books do not balance: {what} is out by up to £{np.max(size):,.2f}, at worst in period "
                f"{period}. This is a fault of the model, not of the scenario: please report it with the file."
            )
        np.maximum(worst, size, out=worst)
    return worst


def _surely_sound(amount: FloatArray) -> bool:
    """Whether it is from nought to TOO_LARGE throughout, seen in one look.

    The bits of numbers above nought, read as a whole number, rise with them; with a minus, or if it is not a number,
    they are higher than all of these.
    """
    return bool(amount.view(np.uint64).max() <= _HIGHEST)


def _differences(
    ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows
) -> Iterator[tuple[str, FloatArray]]:
    """Everything that should be zero, (1 or periods, 1 or trials), each new in memory."""
    yield "the sum over all parties", ledger.of_all()
    yield "the vehicle's cash", _corkscrew(capital.closing_cash, ledger.net_of("vehicle"))
    yield from _of_tranches(ledger, capital)
    posted = [ledger.named(payer, "vehicle", term) for term, payer in payments.paid]
    received = _sum_of(posted, payments.paid.values(), payments.total)
    yield "payments in the ledger against the contract", _apart(received, payments.total)
    yield from _of_payments(payments, received)
    posted = [ledger.named("vehicle", line.receiver, line.name) for line in costs.of_vehicle]
    spent = _sum_of(posted, (line.paid for line in costs.of_vehicle), costs.spend)
    yield "programme flows in the ledger against the programme's spend", _apart(spent, costs.spend)
    for payer in dict.fromkeys(line.payer for line in costs.of_payers):
        own = total(ledger.named(payer, line.receiver, line.name) for line in costs.of_payers if line.payer == payer)
        yield f"costs of '{payer}' in the ledger against the programme's", own - costs.borne_by(payer)


def _of_payments(payments: Payments, received: FloatArray) -> Iterator[tuple[str, FloatArray]]:
    """What is owed against what is due, and what is received against both."""
    owed = _sum_of(payments.owed.values(), payments.paid.values(), payments.total)
    after_caps = added(total(payments.due.values()), total(payments.forgone.values()), np.subtract)
    added_up = added(total(payments.raised.values()), total(payments.topped_up.values()))
    apart = added(owed - after_caps, added_up, np.subtract)
    yield "amounts owed against amounts due after caps, floors and top-ups", apart
    more = _apart(received, owed)
    if received is not owed or payments.lost:
        more = running_total(received) - running_total(owed - total(payments.lost.values()))
    yield "payments against what is owed and not lost", np.maximum(more, 0.0)


def _sum_of(found: Iterable[FloatArray], known: Iterable[FloatArray], together: FloatArray) -> FloatArray:
    """The sum of what was found: `together`, the sum of what is known, where both are the very same arrays."""
    found = list(found)
    return together if all(map(same, found, known)) else total(found)


def _apart(one: FloatArray, other: FloatArray) -> FloatArray:
    """One less the other; nothing where they are the very same array."""
    return np.zeros((1, 1)) if one is other else one - other


def _of_tranches(ledger: Ledger, capital: CapitalFlows) -> Iterator[tuple[str, FloatArray]]:
    """Each tranche's balances, and what its holder has moved in the ledger against what it should have."""
    for name, one in capital.tranches.items():
        less = [(np.subtract, amount) for amount in (one.principal, one.guaranteed, one.written_off)]
        moved = summed([(np.add, one.drawdown), *less])
        yield f"the principal of '{name}'", _corkscrew(one.closing_principal, moved)
        accrued = one.coupon_accrued - one.coupon
        yield f"the coupon owed to '{name}'", _corkscrew(_by_period(one.closing_coupon, ledger), accrued)
        yield f"the fee owed to '{name}'", _corkscrew(_by_period(one.closing_fee, ledger), one.fee_accrued - one.fee)
        if one.holder == name:
            yield f"the flows of '{name}' in the ledger", ledger.net_of(name) - one.net_of_fees
        else:
            drawn = ledger.named(one.holder, "vehicle", f"drawdown_{name}")
            repaid = ledger.named("vehicle", one.holder, f"principal_{name}")
            yield f"the flows of '{name}' in the ledger", drawn - repaid - one.drawdown + one.principal


def _by_period(balance: FloatArray, ledger: Ledger) -> FloatArray:
    """A balance that is the same in all periods, in each of them."""
    return np.broadcast_to(balance, (ledger.shape[0], balance.shape[1]))


def _corkscrew(closing: FloatArray, movement: FloatArray) -> FloatArray:
    """Opening balance and movement less closing balance."""
    change = np.empty_like(closing, subok=False)
    change[0] = closing[0]
    np.subtract(closing[1:], closing[:-1], out=change[1:])
    return added(change, movement, np.subtract)
