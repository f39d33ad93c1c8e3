"""The vehicle's cash, period by period: income, costs, drawdowns, gaps and distributions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.waterfall import Amounts, distribute, share_out
from sibmodel.core.flows import CapitalFlows, TrancheFlows
from sibmodel.core.ledger import Flow
from sibmodel.core.schema import parts_of_whole
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials


@dataclass(frozen=True)
class _Deal:
    """The terms as numbers; arrays are (1 or trials,)."""

    commitment: Amounts
    coupon_growth: Amounts
    revolving: frozenset[str]
    ranks: list[list[str]]
    surplus_shares: Amounts


@dataclass(frozen=True)
class _Period:
    """What happened in one period and how it closed; arrays are (trials,)."""

    accrued: Amounts
    drawdown: Amounts
    coupon: Amounts
    repaid: Amounts
    surplus: Amounts
    gap: FloatArray
    cash: FloatArray
    principal: Amounts
    coupon_owed: Amounts
    drawn: Amounts


def capital(
    terms: CapitalTerms, income: FloatArray, spend: FloatArray, timeline: Timeline, trials: Trials
) -> CapitalFlows:
    """Drawdowns, repayments and surplus for given income and programme spend, each (periods, 1 or trials).

    Income pays costs before capital is drawn; what is left above the minimum cash is distributed at once.
    """
    deal = _deal(terms, timeline, trials)
    shape = (trials.periods, trials.count)
    flow = np.broadcast_to(income - spend, shape)
    minimum = np.array(np.broadcast_to(terms.minimum_cash.over(trials), shape))
    minimum[-1] = 0.0
    zero = np.zeros(trials.count)
    none = dict.fromkeys(deal.commitment, zero)
    period = _Period(none, none, none, none, none, zero, zero, none, none, none)
    history: list[_Period] = []
    for t in range(trials.periods):
        period = _next(period, flow[t], minimum[t], deal)
        history.append(period)
    return _collected(history, deal, terms.gap_covered_by)


def _deal(terms: CapitalTerms, timeline: Timeline, trials: Trials) -> _Deal:
    commitment = {name: t.commitment.over(trials)[0] for name, t in terms.tranches.items()}
    growth = {
        name: (1.0 + t.coupon.over(trials)[0]) ** (1.0 / timeline.per_year) - 1.0 for name, t in terms.tranches.items()
    }
    revolving = frozenset(name for name, t in terms.tranches.items() if t.revolving)
    ranks = terms.ranks()
    if terms.surplus is not None:
        shares = {name: np.array([share]) for name, share in parts_of_whole(terms.surplus).items()}
    else:
        last = {name: commitment[name] for name in ranks[-1]}
        together = np.add.reduce(np.broadcast_arrays(*last.values()))
        equal = np.full_like(together, 1.0 / len(last))
        shares = {n: np.divide(c, together, out=equal.copy(), where=together > 0) for n, c in last.items()}
    return _Deal(commitment, growth, revolving, ranks, shares)


def _next(before: _Period, flow: FloatArray, minimum: FloatArray, deal: _Deal) -> _Period:
    """One period: coupon accrues, income pays costs, capital is drawn, gaps are covered, the rest is distributed."""
    accrued = {n: (before.principal[n] + before.coupon_owed[n]) * g for n, g in deal.coupon_growth.items()}
    owed = {n: before.coupon_owed[n] + accrued[n] for n in accrued}
    cash = before.cash + flow
    room = {
        n: np.maximum(limit - (before.principal if n in deal.revolving else before.drawn)[n], 0.0)
        for n, limit in deal.commitment.items()
    }
    need = np.maximum(minimum - cash, 0.0)
    drawdown = share_out(need, room)
    # not the sum of the parts, which would leave rounding behind as a tiny gap
    cash = cash + np.minimum(need, np.add.reduce(list(room.values())))
    gap = np.maximum(-cash, 0.0)
    cash = cash + gap
    principal = {n: before.principal[n] + drawdown[n] for n in drawdown}
    free = np.maximum(cash - minimum, 0.0)
    coupon, repaid, left = distribute(free, owed, principal, deal.ranks)
    return _Period(
        accrued=accrued,
        drawdown=drawdown,
        coupon=coupon,
        repaid=repaid,
        surplus={party: left * share for party, share in deal.surplus_shares.items()},
        gap=gap,
        cash=cash - free,
        principal={n: principal[n] - repaid[n] for n in principal},
        coupon_owed={n: owed[n] - coupon[n] for n in owed},
        drawn={n: before.drawn[n] + drawdown[n] for n in drawdown},
    )


def _collected(history: Sequence[_Period], deal: _Deal, gap_covered_by: str) -> CapitalFlows:
    zero = np.zeros((len(history), len(history[0].cash)))

    def stacked(what: str, name: str) -> FloatArray:
        rows = [getattr(period, what) for period in history]
        return np.stack([row[name] for row in rows]) if name in rows[0] else zero

    tranches = {
        name: TrancheFlows(
            drawdown=stacked("drawdown", name),
            coupon=stacked("coupon", name),
            principal=stacked("repaid", name),
            surplus=stacked("surplus", name),
            coupon_accrued=stacked("accrued", name),
            closing_principal=stacked("principal", name),
            closing_coupon=stacked("coupon_owed", name),
        )
        for name in deal.commitment
    }
    others = [party for party in deal.surplus_shares if party not in tranches]
    return CapitalFlows(
        tranches=tranches,
        surplus={party: stacked("surplus", party) for party in others},
        gap=np.stack([period.gap for period in history]),
        gap_covered_by=gap_covered_by,
        closing_cash=np.stack([period.cash for period in history]),
    )


def postings(flows: CapitalFlows) -> Iterator[Flow]:
    """Capital in, capital and its price out, surplus, and whoever covers a gap."""
    for name, tranche in flows.tranches.items():
        yield Flow(name, "vehicle", "drawdown", tranche.drawdown)
        yield Flow("vehicle", name, "coupon", tranche.coupon)
        yield Flow("vehicle", name, "principal", tranche.principal)
        yield Flow("vehicle", name, "surplus", tranche.surplus)
    for party, amount in flows.surplus.items():
        yield Flow("vehicle", party, "surplus", amount)
    yield Flow(flows.gap_covered_by, "vehicle", "gap", flows.gap)
