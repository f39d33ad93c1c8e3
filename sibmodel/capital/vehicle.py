"""The vehicle's cash, period by period: income, costs, drawdowns, gaps and distributions. Arrays are (trials,)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.capital.deal import Deal, Given, deal, row
from sibmodel.capital.statement import statement
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.waterfall import Book, distribute, together
from sibmodel.core.flows import CapitalFlows, total
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials


@dataclass
class _Purse:
    """The vehicle's cash, and beside it the income that is not recycled (nothing where it is)."""

    cash: FloatArray
    income: FloatArray
    recycling: bool


def capital(terms: CapitalTerms, given: Given, timeline: Timeline, trials: Trials) -> CapitalFlows:
    """Drawdowns, repayments, guarantees and surplus for given income, spend and outcomes.

    In each period coupon accrues, income pays costs, capital is drawn, a gap is covered, and what is left above the
    minimum cash is distributed by the waterfall (docs/model.md, Section 8).
    """
    shape = (trials.periods, trials.count)
    numbers = deal(terms, given, timeline, trials)
    income = np.broadcast_to(total((*given.payments.values(), _brought(terms, numbers))), shape)
    spend = np.broadcast_to(given.spend, shape)
    kept = terms.minimum_cash.over(trials)
    minimum = np.array(np.broadcast_to(kept, (trials.periods, kept.shape[1])))
    minimum[-1] = 0.0
    book = Book.empty(numbers, trials)
    purse = _Purse(np.zeros(trials.count), np.zeros(trials.count), terms.recycling)
    for t in range(trials.periods):
        _period(book, purse, (income[t], spend[t], minimum[t]), t)
    return statement(terms, numbers, book.record, trials)


def _brought(terms: CapitalTerms, numbers: Deal) -> FloatArray:
    """What contingent payments bring to the vehicle: all that it receives under them."""
    out = np.zeros((1, 1))
    for one, amount in zip(terms.contingent.values(), numbers.contingent, strict=True):
        if one.to == "vehicle":
            out = out + np.maximum(amount, 0.0)
        elif one.from_ == "vehicle":
            out = out + np.maximum(-amount, 0.0)
    return out


def _period(book: Book, purse: _Purse, money: tuple[FloatArray, FloatArray, FloatArray], t: int) -> None:
    """One period, in the order of Section 8."""
    income, spend, minimum = money
    record = book.record
    book.open_period(t)
    _accrue(book, t)
    _redeem(book, t)
    purse.cash -= spend
    if purse.recycling:
        purse.cash += income
    else:
        purse.income = purse.income + income
    _draw_down(book, purse, minimum, t)
    _fill_gap(purse, record.gap[t])
    _hand_out(book, purse, minimum, t)
    _call(book, t)
    np.add(purse.cash, purse.income, out=record.cash[t])
    record.closing_principal[:, t] = book.principal
    for i, closing in record.closing_coupon.items():
        np.add(book.coupon[i], book.accrued[i], out=closing[t])
    if record.closing_fee is not None:
        record.closing_fee[:, t] = book.fee


def _accrue(book: Book, t: int) -> None:
    """Coupon and fees on balances as the period begins."""
    deal = book.deal
    if t == 0:
        for accrued in book.record.accrued.values():
            accrued[0] = 0.0
        return
    _accrue_fees(book, t)
    if deal.growth is None:
        return
    unpaid = book.coupon if deal.falls_due is None else book.coupon + book.accrued
    accrued = book.principal + (unpaid if deal.compounds is None else deal.compounds * unpaid)
    accrued *= row(deal.growth, t)
    for i, amounts in book.record.accrued.items():
        amounts[t] = accrued[i]
    if deal.falls_due is None:
        book.coupon += accrued
    else:
        due = row(deal.falls_due, t) * accrued
        falls = row(deal.falls_due, t) > 0
        book.coupon += np.where(falls, book.accrued + due, 0.0)
        book.accrued = np.where(falls, accrued - due, book.accrued + accrued)


def _accrue_fees(book: Book, t: int) -> None:
    """Fees of guarantees and on what can still be drawn."""
    deal = book.deal
    for index, guarantee in enumerate(deal.guarantees):
        if t <= guarantee.period:
            book.guarantee_fee[index] += guarantee.fee
    if deal.fee_rate is not None and book.record.fee_accrued is not None:
        fees = row(deal.fee_rate, t) * _room_to_draw(book, t, closing=False)
        book.fee += fees
        book.record.fee_accrued[:, t] = fees


def _room_to_draw(book: Book, t: int, closing: bool = True) -> FloatArray:
    """What each tranche can still give, (tranches, trials); at the beginning of the period, or (`closing`) in it."""
    deal = book.deal
    room = deal.commitment - book.drawn
    for i in deal.revolving:
        np.subtract(deal.commitment[i], book.principal[i], out=room[i])
    np.maximum(room, 0.0, out=room)
    return room if deal.open is None or not closing else room * row(deal.open, t)


def _redeem(book: Book, t: int) -> None:
    """Write off what is not repaid on early redemption, and let accrued coupon fall due."""
    deal = book.deal
    if deal.redeemed is None or deal.redeemed_share is None or book.record.written_off is None:
        return
    now = row(deal.redeemed, t)
    written_off = now * (1.0 - row(deal.redeemed_share, t)) * book.principal
    book.principal -= written_off
    book.written_off += written_off
    falls = now * book.accrued
    book.coupon += falls
    book.accrued = book.accrued - falls
    book.record.written_off[:, t] = written_off


def _draw_down(book: Book, purse: _Purse, minimum: FloatArray, t: int) -> None:
    """Agreed drawdowns, then what is needed from the others in their order."""
    deal = book.deal
    room = _room_to_draw(book, t)
    drawn = book.record.drawdown[:, t]
    if deal.planned is not None:
        np.minimum(row(deal.planned, t), room, out=drawn)
        purse.cash = purse.cash + np.add.reduce(drawn)
    if deal.orders:
        _draw_what_is_needed(deal, purse, minimum, room, drawn)
    book.drawn += drawn
    book.principal += drawn
    for i in deal.granted:
        book.principal[i] = 0.0
    if deal.caps is not None and deal.caps.growth is not None:
        for i in deal.limited:
            if deal.caps.by_rate[i]:
                book.hurdle[i] = book.hurdle[i] * deal.caps.growth[i] + drawn[i]


def _draw_what_is_needed(deal: Deal, purse: _Purse, minimum: FloatArray, room: FloatArray, drawn: FloatArray) -> None:
    """Draw from tranches as needed, order by order; `drawn` receives what each gives."""
    need = minimum - purse.cash
    np.maximum(need, 0.0, out=need)
    there = [together([room[i] for i in order]) for order in deal.orders]
    # not the sum of the parts, which would leave rounding behind as a tiny gap
    purse.cash += np.minimum(need, together(there))
    for order, most in zip(deal.orders, there, strict=True):
        if len(order) == 1:
            given = np.minimum(need, most, out=drawn[order[0]])
        else:
            given = np.minimum(need, most)
            part = np.divide(given, most, out=np.zeros_like(given), where=most > 0)
            for i in order:
                np.multiply(room[i], part, out=drawn[i])
        if order is not deal.orders[-1]:
            need = need - given


def _fill_gap(purse: _Purse, gap: FloatArray) -> None:
    """Write what is missing when cash is below nothing, after income that was set aside is used, and put it in."""
    if not purse.recycling:
        used = np.minimum(np.maximum(-purse.cash, 0.0), purse.income)
        purse.cash, purse.income = purse.cash + used, purse.income - used
    np.negative(purse.cash, out=gap)
    np.maximum(gap, 0.0, out=gap)
    purse.cash += gap


def _hand_out(book: Book, purse: _Purse, minimum: FloatArray, t: int) -> None:
    """Distribute what is free; what the surplus keeps waiting stays."""
    last = t == len(book.record.gap) - 1
    if purse.recycling:
        free = purse.cash - minimum
        np.maximum(free, 0.0, out=free)
        kept = distribute(book, free, t)
        purse.cash -= free
        if kept is not None:
            purse.cash += kept
    else:
        free = purse.income + (purse.cash if last else 0.0)
        kept = distribute(book, free, t)
        purse.income = np.zeros_like(free) if kept is None else kept
        purse.cash = np.zeros_like(purse.cash) if last else purse.cash


def _call(book: Book, t: int) -> None:
    """Guarantors pay what is due in this period.

    A guarantee that covers more than what is outstanding makes good what was written off.
    """
    for index, guarantee in enumerate(book.deal.guarantees):
        if guarantee.period == t:
            i = guarantee.tranche
            missing = book.principal[i] + book.written_off[i] - guarantee.missing_share * book.drawn[i]
            paid = np.minimum(guarantee.most, np.maximum(missing, 0.0))
            of_principal = np.minimum(paid, book.principal[i])
            book.principal[i] -= of_principal
            book.written_off[i] -= paid - of_principal
            if book.record.written_off is not None:
                book.record.written_off[i, t] -= paid - of_principal
            book.record.guaranteed[index, t] = paid
            book.guaranteed[i] += paid
            book.receive(i, paid)
