"""Dividing one period's money among those who are owed it. Arrays are (trials,), or (tranches, trials)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from sibmodel.capital.claims import COUPON, FEE, OF_TRANCHES, OWED, PRINCIPAL
from sibmodel.capital.deal import Deal, Line, row
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials

GUARANTEE, SURPLUS = "guarantee", "surplus"
_DUST = 1e-6
"""Pounds; less than this that is not yet due does not hold the surplus back."""
_ROUNDING = 1e-14
"""Part of a surplus that may be missing or left once it has been shared."""


@dataclass(frozen=True)
class Record:
    """Every period of a run: arrays (periods, trials), or (tranches or guarantees, periods, trials).

    Only what the terms can bring about has an array: `paid` by claim (or surplus) and number, coupon by tranche. The
    others are None where the terms ask for nothing of the kind.
    """

    drawdown: FloatArray
    paid: dict[tuple[str, int], FloatArray]
    others: dict[str, FloatArray]
    guaranteed: FloatArray
    accrued: dict[int, FloatArray]
    fee_accrued: FloatArray | None
    written_off: FloatArray | None
    gap: FloatArray
    cash: FloatArray
    closing_principal: FloatArray
    closing_coupon: dict[int, FloatArray]
    closing_fee: FloatArray | None

    @classmethod
    def empty(cls, deal: Deal, trials: Trials) -> Record:
        """Nothing has happened yet. What is written in every period need not come as noughts, which costs twice."""
        shape = (trials.periods, trials.count)

        def zeros(*count: int) -> FloatArray:
            return np.zeros((*count, *shape))

        tranches = len(deal.names)
        fees, ends = deal.fee_rate is not None, deal.redeemed is not None
        takers = dict.fromkeys(i for line in deal.lines for i in line.tranches)
        return cls(
            drawdown=np.empty((tranches, *shape)) if deal.planned is not None or deal.orders else zeros(tranches),
            paid={claim: np.empty(shape) for step in deal.steps for claim in step}
            | {(SURPLUS, i): zeros() for i in takers},
            others={name: zeros() for name in dict.fromkeys(name for line in deal.lines for name in line.others)},
            guaranteed=zeros(len(deal.guarantees)),
            accrued={i: np.empty(shape) for i in deal.coupons},
            fee_accrued=zeros(tranches) if fees else None,
            written_off=zeros(tranches) if ends else None,
            gap=np.empty(shape),
            cash=np.empty(shape),
            closing_principal=np.empty((tranches, *shape)),
            closing_coupon={i: np.empty(shape) for i in deal.coupons},
            closing_fee=zeros(tranches) if fees else None,
        )


@dataclass
class Book:
    """What everybody is owed and has had so far; (number, trials) each. `paid` and `others` are of this period."""

    deal: Deal
    record: Record
    principal: FloatArray
    coupon: FloatArray
    accrued: FloatArray
    fee: FloatArray
    drawn: FloatArray
    received: FloatArray
    guaranteed: FloatArray
    hurdle: FloatArray
    written_off: FloatArray
    guarantee_fee: FloatArray
    owed: FloatArray
    paid: dict[tuple[str, int], FloatArray] = field(default_factory=dict)
    others: dict[str, FloatArray] = field(default_factory=dict)
    tied: list[FloatArray] = field(default_factory=list)

    @classmethod
    def empty(cls, deal: Deal, trials: Trials) -> Book:
        """Before anything is drawn."""
        zeros = [np.zeros((len(deal.names), trials.count)) for _ in range(9)]
        others = [np.zeros((count, trials.count)) for count in (len(deal.guarantees), len(deal.contingent))]
        return cls(deal, Record.empty(deal, trials), *zeros, *others)  # type: ignore[arg-type]

    @cached_property
    def balances(self) -> dict[str, FloatArray]:
        """What is owed by claims of each kind, in arrays that are written to but never replaced."""
        return {
            FEE: self.fee, COUPON: self.coupon, PRINCIPAL: self.principal,
            GUARANTEE: self.guarantee_fee, OWED: self.owed,
        }  # fmt: skip

    @property
    def limited(self) -> frozenset[int]:
        """The tranches whose receipts are limited."""
        return self.deal.limited

    def open_period(self, t: int) -> None:
        """Nothing has been paid yet; what newly falls due, and what tied tranches may still receive, is known."""
        self.paid = {claim: amounts[t] for claim, amounts in self.record.paid.items()}
        self.others = {name: amounts[t] for name, amounts in self.record.others.items()}
        for index, amount in enumerate(self.deal.owes):
            self.owed[index] += row(amount, t)
        of_vehicle = self.received - self.guaranteed if self.deal.ties else self.received
        self.tied = [
            np.maximum(row(tie.paid, t) - np.add.reduce(of_vehicle[tie.members]), 0.0) for tie in self.deal.ties
        ]

    def due(self, what: str, i: int, t: int) -> FloatArray:
        """What a claim comes to in this period."""
        if what == FEE:
            return self.fee[i]  # type: ignore[no-any-return]
        if what == COUPON:
            waits = self.deal.coupon_due
            return self.coupon[i] if waits is None else self.coupon[i] * row(waits, t)[i]  # type: ignore[no-any-return]
        if what == PRINCIPAL:
            return self.principal_due(i, t)
        return self.guarantee_fee[i] if what == GUARANTEE else self.owed[i]  # type: ignore[no-any-return]

    def principal_due(self, i: int, t: int) -> FloatArray:
        """Principal less the part of what was drawn that is not due yet."""
        if self.deal.principal_due is None:
            return self.principal[i]  # type: ignore[no-any-return]
        share = row(self.deal.principal_due, t)[i]
        return np.maximum(self.principal[i] - (1.0 - share) * self.drawn[i], 0.0)  # type: ignore[no-any-return]

    def pay(self, what: str, i: int, amount: FloatArray) -> None:
        """Pay a claim, which is paid once in a period, or surplus, and note it."""
        if what == SURPLUS:
            self.paid[what, i] += amount
        elif amount is not self.paid[what, i]:
            self.paid[what, i][:] = amount
        balance = self.balances.get(what)
        if balance is not None:
            balance[i] -= amount
        if i in self.deal.limited and what not in (GUARANTEE, OWED):
            self.receive(i, amount)

    def receive(self, i: int, amount: FloatArray) -> None:
        """Count what a tranche receives against its limits, if it has any."""
        if i not in self.limited:
            return
        if i in self.deal.counted:
            self.received[i] += amount
        if self.deal.caps is not None and self.deal.caps.by_rate[i]:
            hurdle = np.subtract(self.hurdle[i], amount, out=self.hurdle[i])
            np.maximum(hurdle, 0.0, out=hurdle)
        for tie, left in zip(self.deal.ties, self.tied, strict=True):
            if i in tie.members:
                np.maximum(left - amount, 0.0, out=left)

    def _own_rooms(self, i: int) -> list[FloatArray]:
        """What each cap of a tranche leaves it, never below zero."""
        caps, rooms = self.deal.caps, []
        if caps is not None and i in self.limited:
            if caps.by_rate[i]:
                rooms.append(self.hurdle[i])
            if caps.by_multiple[i]:
                rooms.append(np.maximum(caps.multiple[i] * self.drawn[i] - self.received[i], 0.0))
            if caps.by_amount[i]:
                rooms.append(np.maximum(caps.amount[i] + self.drawn[i] - self.received[i], 0.0))
        return rooms

    def cut(self, asked: dict[int, FloatArray]) -> dict[int, FloatArray]:
        """Amounts asked for tranches, by number, within their limits; under a joint one cut in proportion."""
        out = dict(asked)
        for i in asked:
            for room in self._own_rooms(i):
                out[i] = np.minimum(out[i], room)
        for tie, left in zip(self.deal.ties, self.tied, strict=True):
            members = [i for i in tie.members if i in out]
            if members:
                whole = together([out[i] for i in members])
                part = np.minimum(np.divide(left, whole, out=np.ones_like(left), where=whole > 0), 1.0)
                out |= {i: out[i] * part for i in members}
        return out


def together(amounts: Sequence[FloatArray]) -> FloatArray:
    """Their sum, one after the other."""
    out = amounts[0]
    for amount in amounts[1:]:
        out = out + amount
    return out


def share_out(available: FloatArray, owed: Sequence[FloatArray], out: FloatArray | None = None) -> list[FloatArray]:
    """Give everybody what they are owed, or the same part of it where there is not enough.

    What a single one is given is written to `out`, if that is there.
    """
    if len(owed) == 1:
        return [np.minimum(available, owed[0], out=out)]
    whole = together(owed)
    given = np.minimum(available, whole)
    part = np.divide(given, whole, out=np.zeros_like(given), where=whole > 0)
    return [amount * part for amount in owed]


def distribute(book: Book, available: FloatArray, t: int) -> FloatArray | None:
    """Pay claims step by step, then surplus; what is kept because the surplus waits, None where it never does."""
    left = available.copy()
    for step in book.deal.steps:
        asked = [book.due(what, i, t) for what, i in step]
        if book.limited:
            asked = _within_limits(book, step, asked)
        for (what, i), amount in zip(step, share_out(left, asked, book.paid[step[0]]), strict=True):
            book.pay(what, i, amount)
            left -= amount
        if len(step) > 1:
            np.maximum(left, 0.0, out=left)
    waiting = _waits(book, t)
    if waiting is None:
        _surplus(book, left)
        return None
    _surplus(book, np.where(waiting, 0.0, left))
    return np.where(waiting, left, 0.0)


def _within_limits(book: Book, step: Sequence[tuple[str, int]], asked: list[FloatArray]) -> list[FloatArray]:
    """The claims of tranches cut to what these may still receive, several of one in proportion; others as they are."""
    own = [(i, amount) for (what, i), amount in zip(step, asked, strict=True) if what in OF_TRANCHES]
    if len(own) == 1 == len(step):
        return [book.cut(dict(own))[step[0][1]]]
    wholes = {i: together([amount for j, amount in own if j == i]) for i, _ in own}
    cut = book.cut(wholes)
    out = []
    for (what, i), amount in zip(step, asked, strict=True):
        if what not in OF_TRANCHES or i not in book.limited:
            out.append(amount)
        elif sum(1 for j, _ in own if j == i) == 1:
            out.append(cut[i])
        else:
            whole = wholes[i]
            out.append(amount * np.divide(cut[i], whole, out=np.zeros_like(amount), where=whole > 0))
    return out


def _waits(book: Book, t: int) -> FloatArray | None:
    """Where surplus is kept: before its month, and while something is outstanding that is not due yet.

    Nowhere in the last period, in which all is due.
    """
    if t < book.deal.surplus_from:
        return np.ones(book.principal.shape[1])
    if not book.deal.waits:
        return None
    later = np.add.reduce(book.accrued)
    for i in range(len(book.principal)):
        later = later + book.principal[i] - book.principal_due(i, t) + book.coupon[i] - book.due(COUPON, i, t)
    return np.asarray(later > _DUST)


def _surplus(book: Book, left: FloatArray) -> None:
    """Share what is left, line by line."""
    for line in book.deal.lines:
        if book.limited.isdisjoint(line.tranches):
            _share(book, left, line)
            return
        if len(line.tranches) == 1 and not line.others:
            (i,) = line.tranches
            amount = book.cut({i: left})[i]
            book.pay(SURPLUS, i, amount)
            left = left - amount
        else:
            left = _share_within_limits(book, left, line)


def _share(book: Book, left: FloatArray, line: Line) -> None:
    for i, share in line.tranches.items():
        book.pay(SURPLUS, i, left * share)
    for party, share in line.others.items():
        book.others[party] += left * share


def _share_within_limits(book: Book, left: FloatArray, line: Line) -> FloatArray:
    """Share a line's surplus; what some cannot take goes to the others. Returns what nobody could take.

    Whoever is cut has had all that its limits allow and is left out of the next rounds, so that these are no more than
    there are limited tranches, and one. Room of a few last bits, which rounding may leave it, must not ask for a share
    again.
    """
    able = {i: share + np.zeros_like(left) for i, share in line.tranches.items()}
    for _ in range(len(line.tranches) + len(line.others)):
        weight = sum([*able.values(), *line.others.values()], start=np.zeros_like(left))
        each = np.divide(left, weight, out=np.zeros_like(left), where=weight > 0)
        asked = {i: each * share for i, share in able.items()}
        rest = left
        for i, amount in book.cut(asked).items():
            book.pay(SURPLUS, i, amount)
            rest = rest - amount
            able[i] = np.where(amount < asked[i], 0.0, able[i])
        for party, share in line.others.items():
            amount = each * share
            book.others[party] += amount
            rest = rest - amount
        left = np.where(rest > _ROUNDING * left, rest, 0.0)
        if not left.any():
            break
    return left
