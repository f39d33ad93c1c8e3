"""Do the books balance? Parties, corkscrews and chapter totals, in every period and trial."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np

from sibmodel.core.flows import CapitalFlows, Payments, TrancheFlows, total
from sibmodel.core.ledger import Ledger
from sibmodel.core.service import Costs
from sibmodel.core.timeline import FloatArray, added, bits_of, rows, running_total, same, summed
from sibmodel.errors import ReconciliationError, TooLargeError

PENNY = 0.01
HALF_A_PENNY = 0.005
"""Less than this is rounding: a cap that takes it away does not bind, and no money is missing."""
TOO_LARGE = 1e12
"""Pounds in one flow, or owed, beyond which sums of them are no longer exact to a penny in double precision."""
_LARGEST = bits_of(np.array([TOO_LARGE]))
_TOGETHER = 16_384
"""Numbers of one array that are looked at together: a few rows of most blocks, so that what is compared stays in the
processor's cache."""

Moves = list[tuple[np.ufunc, FloatArray]]
Nets = dict[str, FloatArray]
Check = tuple[str, Callable[[slice, Nets], FloatArray]]
"""What is compared, and the difference in some periods, given what each party receives less what it pays in them.

Differences are (1 or those periods, 1 or trials), new in memory, and should be zero."""


def reconcile(ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows) -> FloatArray:
    """Largest difference found in each trial, shape (trials,).

    Raises ReconciliationError if any exceeds a penny or is not a number, and TooLargeError if flows or what is owed are
    so large that a penny is beyond the precision of the arithmetic.
    """
    checks = list(_checks(ledger, costs, payments, capital))
    coupons = [one.closing_coupon for one in capital.tranches.values()]
    few = (flow.narrow for flow in ledger.flows if flow.narrow.shape[1] == 1)
    worst, most = np.zeros(ledger.shape[1]), max(map(bits_of, few), default=0)
    with np.errstate(invalid="ignore"):  # more than any number less as much is said below
        for band in _bands(ledger):
            moved = ledger.moved(band)
            most = max(most, moved.bits, *(bits_of(rows(coupon, band)) for coupon in coupons))
            for _, difference in checks:
                apart = difference(band, moved.nets)
                for row in np.abs(apart, out=apart):
                    np.maximum(worst, row, out=worst)
    if most > _LARGEST:
        worst = np.maximum(worst, _of_unsound(ledger, coupons, checks))
    if not np.all(worst <= PENNY):
        raise ReconciliationError(_what_is_out(ledger, checks))
    return worst


def _bands(ledger: Ledger) -> Iterator[slice]:
    """The periods, some at a time."""
    periods, trials = ledger.shape
    together = max(_TOGETHER // trials, 1)
    return (slice(first, min(first + together, periods)) for first in range(0, periods, together))


def _what_is_out(ledger: Ledger, checks: Iterable[Check]) -> str:
    """The first check that fails, and where it does so most."""
    whole = slice(0, ledger.shape[0])
    nets = ledger.moved(whole).nets
    found = ((what, np.broadcast_to(np.abs(difference(whole, nets)), ledger.shape)) for what, difference in checks)
    what, apart = next((what, apart) for what, apart in found if not np.all(apart <= PENNY))
    period = int(np.argmax(np.nan_to_num(apart, nan=np.inf).max(axis=1)))
    return (
        f"the books do not balance: {what} is out by up to £{np.max(apart):,.2f}, at worst in period "
        f"{period}. This is a fault of the model, not of the scenario: please report it with the file."
    )


def _of_unsound(ledger: Ledger, coupons: list[FloatArray], checks: list[Check]) -> FloatArray:
    """Pounds below zero, as the first of the `checks`, in each trial, where an amount is seen to be unsound.

    Raises TooLargeError if one is too large.
    """
    amounts = [flow.narrow for flow in ledger.flows]
    largest = max(float(np.max(np.abs(amount), initial=0.0)) for amount in amounts + coupons)
    if largest > TOO_LARGE:
        raise TooLargeError(f"an amount of £{largest:.3g} is too large to balance to a penny")
    negative = np.broadcast_to(total(np.minimum(amount, 0.0) for amount in amounts), ledger.shape)
    checks.insert(0, ("a flow below zero", lambda band, _: negative[band].copy()))
    return np.asarray(np.abs(negative).max(axis=0))


def _checks(ledger: Ledger, costs: Costs, payments: Payments, capital: CapitalFlows) -> Iterator[Check]:
    """Everything that is compared; not what is the very same array in memory on both sides."""
    yield "the sum over all parties", lambda _, nets: total(nets.values())
    cash = capital.closing_cash
    yield "the vehicle's cash", lambda band, nets: _corkscrew(cash, nets["vehicle"], band)
    yield from chain.from_iterable(_of_tranche(name, one, ledger) for name, one in capital.tranches.items())
    posted = [ledger.named(payer, "vehicle", term) for term, payer in payments.paid]
    received = _sum_of(posted, payments.paid.values(), payments.total)
    yield from _apart("payments in the ledger against the contract", received, payments.total)
    yield from _of_payments(payments, received)
    posted = [ledger.named("vehicle", line.receiver, line.name) for line in costs.of_vehicle]
    spent = _sum_of(posted, (line.paid for line in costs.of_vehicle), costs.spend)
    yield from _apart("programme flows in the ledger against the programme's spend", spent, costs.spend)
    for payer in dict.fromkeys(line.payer for line in costs.of_payers):
        own = total(ledger.named(payer, line.receiver, line.name) for line in costs.of_payers if line.payer == payer)
        yield from _apart(f"costs of '{payer}' in the ledger against the programme's", own, costs.borne_by(payer))


def _of_payments(payments: Payments, received: FloatArray) -> Iterator[Check]:
    """What is owed against what is due, and what is received against both."""
    owed = _sum_of(payments.owed.values(), payments.paid.values(), payments.total)
    more, less = (payments.due, payments.raised, payments.topped_up), payments.forgone
    moves: Moves = [(np.subtract, amount) for some in more for amount in some.values()]
    moves += [(np.add, amount) for amount in less.values()]

    def apart(band: slice, _: Nets) -> FloatArray:
        return summed([(np.add, rows(owed, band)), *((how, rows(amount, band)) for how, amount in moves)])

    yield "amounts owed against amounts due after caps, floors and top-ups", apart
    if received is not owed or payments.lost:
        ahead = running_total(received) - running_total(owed - total(payments.lost.values()))
        yield "payments against what is owed and not lost", lambda band, _: np.maximum(rows(ahead, band), 0.0)


def _sum_of(found: Iterable[FloatArray], known: Iterable[FloatArray], together: FloatArray) -> FloatArray:
    """The sum of what was found: `together`, the sum of what is known, where both are the very same arrays."""
    found = list(found)
    return together if all(map(same, found, known)) else total(found)


def _apart(what: str, one: FloatArray, other: FloatArray) -> Iterator[Check]:
    if one is not other:
        yield what, lambda band, _: np.asarray(rows(one, band) - rows(other, band))


def _of_tranche(name: str, one: TrancheFlows, ledger: Ledger) -> Iterator[Check]:
    """A tranche's balances, and what its holder has moved in the ledger against what it should have."""
    less = (one.principal, one.guaranteed, one.written_off)
    yield f"the principal of '{name}'", _balance(one.closing_principal, (one.drawdown,), less, ledger)
    yield f"the coupon owed to '{name}'", _balance(one.closing_coupon, (one.coupon_accrued,), (one.coupon,), ledger)
    yield f"the fee owed to '{name}'", _balance(one.closing_fee, (one.fee_accrued,), (one.fee,), ledger)
    what = f"the flows of '{name}' in the ledger"
    if one.holder == name:
        yield what, lambda band, nets: np.asarray(nets[name] - rows(one.net_of_fees, band))
    else:
        drawn = ledger.named(one.holder, "vehicle", f"drawdown_{name}")
        repaid = ledger.named("vehicle", one.holder, f"principal_{name}")
        yield from _apart(what, drawn - repaid, one.drawdown - one.principal)


def _balance(
    closing: FloatArray, more: Iterable[FloatArray], less: Iterable[FloatArray], ledger: Ledger
) -> Callable[[slice, Nets], FloatArray]:
    """What a balance should be by its movements less what it is, in some periods."""
    closing = np.broadcast_to(closing, (ledger.shape[0], closing.shape[1]))
    moves: Moves = [*((np.add, amount) for amount in more), *((np.subtract, amount) for amount in less)]
    moves = [(how, amount) for how, amount in moves if amount.shape[1] > 1 or amount.any()]

    def apart(band: slice, _: Nets) -> FloatArray:
        return _corkscrew(closing, summed((how, rows(amount, band)) for how, amount in moves), band)

    return apart


def _corkscrew(closing: FloatArray, movement: FloatArray, band: slice) -> FloatArray:
    """Opening balance and movement less closing balance, in some periods."""
    change = np.array(closing[band])
    change[0 if band.start else 1 :] -= closing[max(band.start - 1, 0) : band.stop - 1]
    return added(change, movement, np.subtract)
