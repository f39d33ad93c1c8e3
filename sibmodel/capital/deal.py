"""The terms of capital as arrays, ready to be worked through period by period.

A stack is (1 or periods, tranches, 1 or trials). It is None where the terms ask for nothing of the kind, so that a
plain deal does no work for what it does not use.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sibmodel.capital.claims import COUPON, FEE, OWED, PRINCIPAL
from sibmodel.capital.contingent import settled
from sibmodel.capital.coupon import coupon
from sibmodel.capital.protection import VEHICLE, ContingentTerms, GuaranteeTerms
from sibmodel.capital.redemption import Redemption, redemption
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.tranche import TrancheTerms
from sibmodel.core.flows import OutcomeFlow, total
from sibmodel.core.powers import power
from sibmodel.core.reading import Seen
from sibmodel.core.timeline import FloatArray, Timeline, running_total
from sibmodel.core.trials import Trials

BoolArray = npt.NDArray[np.bool_]

_ALWAYS = np.ones((1, 1))
_LIMITS = ("rate", "multiple", "amount")


@dataclass(frozen=True)
class Given:
    """What capital is given: payments by term, spend, what the provider is paid, outcomes, and an early end."""

    payments: Mapping[str, FloatArray]
    spend: FloatArray
    provider_fees: FloatArray
    outcomes: Mapping[str, OutcomeFlow]
    ends_in_month: int | None = None


class ReturnCaps(NamedTuple):
    """Limits of what tranches may receive, (tranches, 1 or trials); infinite where there is none."""

    growth: FloatArray | None
    by_rate: tuple[bool, ...]
    multiple: FloatArray
    by_multiple: tuple[bool, ...]
    amount: FloatArray
    by_amount: tuple[bool, ...]


class Tie(NamedTuple):
    """Tranches that are repaid out of the same terms, and what those have paid so far, (1 or periods, 1 or trials)."""

    members: list[int]
    paid: FloatArray


class Line(NamedTuple):
    """One line of the surplus: shares of tranches by number, and of other parties, (1 or trials,)."""

    tranches: dict[int, FloatArray]
    others: dict[str, FloatArray]


class GuaranteeDeal(NamedTuple):
    """A guarantee as numbers: `missing_share` of what was drawn is not covered; `most` pounds, (1 or trials,)."""

    tranche: int
    period: int
    missing_share: FloatArray
    most: FloatArray
    fee: FloatArray


@dataclass(frozen=True)
class Deal:
    """All terms; see the top of this file for the shapes of stacks."""

    names: tuple[str, ...]
    per_year: int
    commitment: FloatArray
    revolving: tuple[int, ...]
    granted: tuple[int, ...]
    growth: FloatArray | None
    falls_due: FloatArray | None
    compounds: FloatArray | None
    fee_rate: FloatArray | None
    open: FloatArray | None
    planned: FloatArray | None
    orders: tuple[list[int], ...]
    principal_due: FloatArray | None
    coupon_due: FloatArray | None
    redeemed: FloatArray | None
    redeemed_share: FloatArray | None
    caps: ReturnCaps | None
    ties: tuple[Tie, ...]
    guarantees: tuple[GuaranteeDeal, ...]
    contingent: tuple[FloatArray, ...]
    owes: tuple[FloatArray, ...]
    steps: tuple[tuple[tuple[str, int], ...], ...]
    lines: tuple[Line, ...]
    surplus_from: int
    waits: bool
    coupons: tuple[int, ...]
    limited: frozenset[int]
    counted: frozenset[int]


def row(stack: FloatArray, t: int) -> FloatArray:
    """A stack's row for a period."""
    return stack[t if len(stack) > 1 else 0]  # type: ignore[no-any-return]


def deal(terms: CapitalTerms, given: Given, timeline: Timeline, trials: Trials) -> Deal:
    """The terms for some trials."""
    seen = Seen(given.outcomes, timeline, trials, timeline.months)
    tranches = tuple(terms.tranches.values())
    ended = [redemption(t.early_redemption, seen, given.ends_in_month) for t in tranches]
    owes = tuple(settled(one, seen) for one in terms.contingent.values())
    principal_due, coupon_due = _due(tranches, ended, timeline)
    redeemed, redeemed_share = _redeemed(ended, timeline)
    coupons = [coupon(t, seen) for t in tranches]
    falls_due = None
    if any(one.due is not None for one in coupons):
        falls_due = stack([_ALWAYS if one.due is None else one.due for one in coupons])
    return Deal(
        names=tuple(terms.tranches),
        per_year=timeline.per_year,
        commitment=_each(tranches, lambda t: t.commitment.over(trials)[0]),
        revolving=tuple(i for i, t in enumerate(tranches) if t.revolving),
        granted=tuple(i for i, t in enumerate(tranches) if not t.is_owed),
        growth=_growth(tranches, [one.growth for one in coupons], ended),
        falls_due=falls_due,
        compounds=None if all(t.compounds for t in tranches) else np.array([[1.0 * t.compounds] for t in tranches]),
        fee_rate=_fee_rate(tranches, ended, timeline, trials),
        open=_open(tranches, ended, timeline),
        planned=_planned(tranches, given, timeline, trials),
        orders=_orders(tranches),
        principal_due=principal_due,
        coupon_due=coupon_due,
        redeemed=redeemed,
        redeemed_share=redeemed_share,
        caps=_caps(tranches, timeline, trials),
        ties=_ties(tranches, given),
        guarantees=tuple(_guarantee(g, terms, timeline, trials) for g in terms.guarantees.values()),
        contingent=owes,
        owes=tuple(_of_the_vehicle(t, amount) for t, amount in zip(terms.contingent.values(), owes, strict=True)),
        steps=_steps(terms),
        lines=_lines(terms, trials),
        surplus_from=terms.surplus_from_month // timeline.period_months,
        waits=falls_due is not None or principal_due is not None or coupon_due is not None,
        coupons=tuple(i for i, t in enumerate(tranches) if t.pays_coupon),
        limited=frozenset(i for i, t in enumerate(tranches) if t.return_cap is not None or t.repaid_from is not None),
        counted=frozenset(i for i, t in enumerate(tranches) if _is_counted(t)),
    )


def _ones(where: BoolArray) -> FloatArray:
    """1 where it is so, 0 elsewhere."""
    return where.astype(np.float64)


def stack(parts: Sequence[FloatArray]) -> FloatArray:
    """Arrays (1 or periods, 1 or trials), one for each tranche, as one stack."""
    return np.stack(np.broadcast_arrays(*parts), axis=1)


def _each(tranches: Sequence[TrancheTerms], number: Callable[[TrancheTerms], FloatArray]) -> FloatArray:
    """One number for each tranche, (tranches, 1 or trials)."""
    return np.stack(np.broadcast_arrays(*(number(t) for t in tranches)))


def _before(done: BoolArray) -> BoolArray:
    """Where it was done in an earlier period."""
    return np.concatenate([np.zeros_like(done[:1]), done[:-1]])


def _growth(
    tranches: Sequence[TrancheTerms], growths: list[FloatArray], ended: Sequence[Redemption | None]
) -> FloatArray | None:
    if not any(t.pays_coupon for t in tranches):
        return None
    return stack([g if end is None else g * ~_before(end.done) for g, end in zip(growths, ended, strict=True)])


def _due(
    tranches: Sequence[TrancheTerms], ended: Sequence[Redemption | None], timeline: Timeline
) -> tuple[FloatArray | None, FloatArray | None]:
    """Share of what was drawn that is due, and 1 where coupon may be paid."""
    if all(t.instalments is None for t in tranches):
        return None, None
    shares = []
    for tranche, end in zip(tranches, ended, strict=True):
        parts = tranche.instalments or ()
        due = np.array([sum(p.share for p in parts if p.month <= month) for month in timeline.month_ends])[:, None]
        if not parts:
            due[:] = 1.0
        due[due > 1.0 - 1e-9] = 1.0  # from the last instalment on, whatever rounding makes of the sum
        shares.append(due if end is None else np.maximum(due, end.done))
    if not any(t.rolled_up for t in tranches):
        return stack(shares), None
    both = zip(tranches, shares, strict=True)
    return stack(shares), stack([_ones(share > 0) if t.rolled_up else _ALWAYS for t, share in both])


def _redeemed(ended: Sequence[Redemption | None], timeline: Timeline) -> tuple[FloatArray | None, FloatArray | None]:
    """1 in the period of redemption, and the share that is repaid."""
    if all(end is None for end in ended):
        return None, None
    never = np.zeros((len(timeline.ends), 1))
    now = [never if end is None else _ones(end.done & ~_before(end.done)) for end in ended]
    return stack(now), stack([never if end is None else end.share for end in ended])


def _fee_rate(
    tranches: Sequence[TrancheTerms], ended: Sequence[Redemption | None], timeline: Timeline, trials: Trials
) -> FloatArray | None:
    if not any(t.charges_fee for t in tranches):
        return None
    parts = []
    for tranche, end in zip(tranches, ended, strict=True):
        rate = tranche.commitment_fee.over(trials) / timeline.per_year * _until(tranche, timeline)
        parts.append(rate if end is None else rate * ~_before(end.done))
    return stack(parts)


def _until(tranche: TrancheTerms, timeline: Timeline) -> FloatArray:
    """1 in the periods in which it may be drawn, (1 or periods, 1)."""
    if tranche.drawn_to_month is None:
        return _ALWAYS
    return _ones((timeline.month_ends <= tranche.drawn_to_month)[:, None])


def _open(
    tranches: Sequence[TrancheTerms], ended: Sequence[Redemption | None], timeline: Timeline
) -> FloatArray | None:
    if all(t.drawn_to_month is None for t in tranches) and all(end is None for end in ended):
        return None
    both = zip(tranches, ended, strict=True)
    return stack([_until(t, timeline) * (_ALWAYS if end is None else _ones(~end.done)) for t, end in both])


def _planned(tranches: Sequence[TrancheTerms], given: Given, timeline: Timeline, trials: Trials) -> FloatArray | None:
    """Pounds drawn whether or not cash is needed."""
    if all(t.as_needed for t in tranches):
        return None
    parts = []
    for tranche in tranches:
        amount = np.zeros((len(timeline.ends), 1))
        if tranche.share_of_fees is not None:
            amount = tranche.share_of_fees.over(trials) * given.provider_fees
        for one in tranche.drawdowns or ():
            amount = amount + (timeline.month_ends == one.month)[:, None] * one.amount.over(trials)
        parts.append(np.asarray(amount))
    return stack(parts)


def _orders(tranches: Sequence[TrancheTerms]) -> tuple[list[int], ...]:
    numbers = sorted({t.drawdown_order for t in tranches if t.as_needed})
    return tuple([i for i, t in enumerate(tranches) if t.as_needed and t.drawdown_order == n] for n in numbers)


def _caps(tranches: Sequence[TrancheTerms], timeline: Timeline, trials: Trials) -> ReturnCaps | None:
    if all(t.return_cap is None for t in tranches):
        return None
    none = np.full(1, np.inf)

    def limit(tranche: TrancheTerms, name: str) -> FloatArray:
        quantity = getattr(tranche.return_cap, name, None)
        return none if quantity is None else quantity.over(trials)[0]

    def finite(limits: FloatArray) -> tuple[bool, ...]:
        return tuple(bool(one[0] < np.inf) for one in limits)

    rates, multiples, amounts = (_each(tranches, lambda t, name=name: limit(t, name)) for name in _LIMITS)  # type: ignore[misc]
    by_rate = finite(rates)
    growth = power(1.0 + np.where(np.isfinite(rates), rates, 0.0), 1.0 / timeline.per_year) if any(by_rate) else None
    return ReturnCaps(growth, by_rate, multiples, finite(multiples), amounts, finite(amounts))


def _is_counted(tranche: TrancheTerms) -> bool:
    """Whether a limit asks for all that the tranche has received; a cap on the rate has an account of its own."""
    cap = tranche.return_cap
    return tranche.repaid_from is not None or (cap is not None and (cap.multiple is not None or cap.amount is not None))


def _ties(tranches: Sequence[TrancheTerms], given: Given) -> tuple[Tie, ...]:
    sets: dict[frozenset[str], list[int]] = {}
    for index, tranche in enumerate(tranches):
        if tranche.repaid_from is not None:
            sets.setdefault(frozenset(tranche.repaid_from), []).append(index)
    return tuple(
        Tie(members, running_total(total(amount for name, amount in given.payments.items() if name in names)))
        for names, members in sets.items()
    )


def _guarantee(terms: GuaranteeTerms, capital: CapitalTerms, timeline: Timeline, trials: Trials) -> GuaranteeDeal:
    tranche = capital.tranches[terms.tranche]
    month = tranche.instalments[-1].month if tranche.instalments else timeline.months
    month = month if terms.month is None else terms.month
    if terms.amount is not None:
        missing, most = np.zeros(1), terms.amount.over(trials)[0]
        covered = most
    else:
        share = terms.tops_up_to.over(trials)[0] if terms.tops_up_to is not None else np.zeros(1)
        missing, most, covered = 1.0 - share, np.full(1, np.inf), share * tranche.commitment.over(trials)[0]
    fee = terms.fee.over(trials)[0] / timeline.per_year * covered
    return GuaranteeDeal(
        list(capital.tranches).index(terms.tranche), month // timeline.period_months, missing, most, fee
    )


def _of_the_vehicle(terms: ContingentTerms, amount: FloatArray) -> FloatArray:
    """What the vehicle comes to owe; never below zero."""
    if terms.from_ == VEHICLE:
        return np.maximum(amount, 0.0)
    return np.maximum(-amount, 0.0) if terms.to == VEHICLE else np.zeros((1, 1))


def _steps(terms: CapitalTerms) -> tuple[tuple[tuple[str, int], ...], ...]:
    """The waterfall by number, without claims that are never more than nothing."""
    tranches, guarantees, contingent = list(terms.tranches), list(terms.guarantees), list(terms.contingent)
    steps = []
    for step in terms.order:
        claims: list[tuple[str, int]] = []
        for owner, what in step:
            if owner in guarantees and what == FEE:
                claims += [("guarantee", guarantees.index(owner))] if terms.guarantees[owner].charges_fee else []
            elif what == OWED:
                claims.append((OWED, contingent.index(owner)))
            elif _can_be_owed(terms.tranches[owner], what):
                claims.append((what, tranches.index(owner)))
        if claims:
            steps.append(tuple(claims))
    return tuple(steps)


def _can_be_owed(tranche: TrancheTerms, what: str) -> bool:
    return {FEE: tranche.charges_fee, COUPON: tranche.pays_coupon, PRINCIPAL: tranche.is_owed}[what]


def _lines(terms: CapitalTerms, trials: Trials) -> tuple[Line, ...]:
    number = {name: index for index, name in enumerate(terms.tranches)}
    lines = terms.surplus_lines
    if lines is None:
        last = {name: terms.tranches[name].commitment.over(trials)[0] for name in terms.last_investors}
        together = np.add.reduce(np.broadcast_arrays(*last.values()))
        equal = np.full_like(together, 1.0 / len(last))
        shares = {n: np.divide(c, together, out=equal.copy(), where=together > 0) for n, c in last.items()}
        return (Line({number[name]: share for name, share in shares.items()}, {}),)
    return tuple(
        Line(
            {number[name]: np.array([share]) for name, share in line.items() if name in number},
            {name: np.array([share]) for name, share in line.items() if name not in number},
        )
        for line in lines
    )
