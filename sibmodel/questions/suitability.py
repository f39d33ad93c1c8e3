"""Who could invest: the kinds of investor whose criteria a tranche meets, and what would bring in the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.discounting import flat_discount_factors
from sibmodel.core.reconciliation import HALF_A_PENNY, PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.irr import irr
from sibmodel.model import Books
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.tails import by_groups
from sibmodel.reference.kinds import Kind, Kinds
from sibmodel.running.statistics import error_of_mean
from sibmodel.running.sums import Moments, Replicate
from sibmodel.scenario.schema import Scenario

RETURN, LOSS, TERM, TICKET = "return", "chance of loss", "term", "ticket"


@dataclass(frozen=True)
class Change:
    """A criterion that a tranche fails, and the change of terms that alone would meet it.

    By criterion, `needed` is: the share by which what the tranche receives must rise (None if it receives nothing); a
    guarantee in pounds, paid on loss; the years from signing by which all must be repaid; the commitment nearest to
    today's that fits.
    """

    criterion: str
    needed: Estimate | None


@dataclass(frozen=True)
class Profile:
    """What a tranche offers: yearly return of its mean cash flow, chance of loss, years to its last receipt, pounds.

    `returns` is None where no rate exists; `drawn` says whether it puts in any money in any trial.
    """

    returns: Estimate | None
    loss: Estimate
    term: float
    ticket: float
    drawn: bool


@dataclass(frozen=True)
class Suitability:
    """By tranche, its profile, and by name of each kind of investor what would have to change; nothing if it suits."""

    kinds: Kinds
    profiles: Mapping[str, Profile]
    changes: Mapping[str, Mapping[str, tuple[Change, ...]]]

    def suits(self, tranche: str) -> tuple[Kind, ...]:
        """The kinds of investor whose every criterion the tranche meets."""
        return tuple(kind for kind in self.kinds.kinds if not self.changes[tranche][kind.name])


@dataclass(frozen=True)
class Holding:
    """A tranche over the trials: moments of what it receives and, below that, what is drawn, (2 × periods, trials).

    `profit` is received less drawn, before its investor's own fees, (trials,).

    `last` is the last period in which it receives, pays or puts in more than a penny in any trial.
    """

    flows: Moments
    profit: FloatArray
    last: int

    @classmethod
    def of(cls, books: Books, tranche: str, replicate: Replicate, replicates: int = 1) -> Holding:
        """Of one block."""
        flows, shape = books.settlement.capital.tranches[tranche], (books.trials.periods, books.trials.count)
        drawn = np.broadcast_to(flows.drawdown, shape)
        received = flows.net + drawn
        moves = np.flatnonzero((np.maximum(np.abs(received), drawn) > PENNY).any(axis=1))
        moments = Moments.of(np.vstack([received, drawn]), replicate, replicates)
        return cls(moments, over_time(received - drawn), int(max(moves, default=0)))

    def __add__(self, other: Holding) -> Holding:
        profit = np.concatenate([self.profit, other.profit])
        return Holding(self.flows + other.flows, profit, max(self.last, other.last))

    @property
    def net(self) -> Moments:
        """Moments of receipts less drawdowns."""
        (rr, rd), (dr, dd) = (np.split(half, 2, axis=1) for half in np.split(self.flows.products, 2))
        received, drawn = np.split(self.flows.sums, 2, axis=1)
        first_received, first_drawn = np.split(self.flows.first_sums, 2)
        net, first_net = received - drawn, first_received - first_drawn
        return Moments(self.flows.counts, net, rr - rd - dr + dd, first_net, self.flows.first)

    @property
    def means(self) -> tuple[FloatArray, FloatArray]:
        """Mean receipts and mean drawdowns, (periods,)."""
        received, drawn = np.split(self.flows.mean, 2)
        return received, drawn


def suitability(scenario: Scenario, holdings: Mapping[str, Holding], kinds: Kinds) -> Suitability:
    """Every tranche against every kind of investor."""
    profiles = {name: _profile(scenario, name, holding) for name, holding in holdings.items()}
    return Suitability(
        kinds,
        profiles,
        {
            name: {kind.name: tuple(_changes(scenario, profiles[name], holding, kind)) for kind in kinds.kinds}
            for name, holding in holdings.items()
        },
    )


def _profile(scenario: Scenario, tranche: str, holding: Holding) -> Profile:
    received, drawn = holding.means
    timeline = scenario.timeline
    rates = irr((received - drawn)[:, None], timeline.per_year)
    rate = float(rates.annual[0])
    lost = (-holding.profit > PENNY).astype(np.float64)
    return Profile(
        returns=Estimate(rate, holding.net.error_of_rate(rate, timeline.years)) if np.isfinite(rate) else None,
        loss=Estimate(float(lost.mean()), error_of_mean(lost, holding.flows.counts.size)),
        term=float(timeline.years[holding.last]),
        ticket=max(scenario.capital.tranches[tranche].commitment.central_values()),
        drawn=bool(drawn.sum() > PENNY),
    )


def _changes(scenario: Scenario, profile: Profile, holding: Holding, kind: Kind) -> list[Change]:
    """What fails, each with the change that alone would meet it."""
    found = []
    if _worth(scenario, holding, kind.least_return.value) < 0:
        found.append(Change(RETURN, _more_receipts(scenario, holding, kind.least_return.value)))
    if profile.loss.mean > kind.most_chance_of_loss.value:
        found.append(
            Change(LOSS, _guarantee(-holding.profit, kind.most_chance_of_loss.value, holding.flows.counts.size))
        )
    if profile.term > kind.longest_term.value:
        found.append(Change(TERM, Estimate(kind.longest_term.value, None)))
    nearest = float(np.clip(profile.ticket, kind.least_ticket.value, kind.most_ticket.value))
    if nearest != profile.ticket:
        found.append(Change(TICKET, Estimate(nearest, None)))
    return found


def _factors(scenario: Scenario, rate: float) -> FloatArray:
    return flat_discount_factors(scenario.timeline.years, rate)


def _worth(scenario: Scenario, holding: Holding, rate: float) -> float:
    """Net present value of the mean cash flow, zero where it is less than half a penny from it.

    It is not below zero at `rate` just when the internal rate of return is at least that, where there is only one.
    """
    received, drawn = holding.means
    value = float(_factors(scenario, rate) @ (received - drawn))
    return 0.0 if abs(value) < HALF_A_PENNY else value


def _more_receipts(scenario: Scenario, holding: Holding, rate: float) -> Estimate | None:
    """Present value of drawdowns ÷ that of receipts, at `rate`, − 1; standard error by the delta method."""
    received, drawn = holding.means
    factors = _factors(scenario, rate)
    worth = float(factors @ received)
    if worth <= PENNY:
        return None
    ratio = float(factors @ drawn) / worth
    weights = np.concatenate([-ratio * factors, factors]) / worth
    return Estimate(ratio - 1.0, holding.flows.error_of(weights))


def _guarantee(losses: FloatArray, limit: float, replicates: int) -> Estimate:
    """The guarantee, with its standard error by 20 groups of trials."""
    error = by_groups(lambda some: guarantee(losses[some], limit), losses.size, replicates)
    return Estimate(guarantee(losses, limit), error)


def guarantee(losses: FloatArray, limit: float) -> float:
    """The smallest of all losses such that the share of trials with a larger one is at most `limit`; pounds.

    Paid on loss up to that amount, it leaves a loss in no more trials than that: an order statistic.
    """
    allowed = int(np.floor(limit * losses.size + 1e-9))
    return float(max(np.sort(losses)[::-1][allowed], 0.0)) if allowed < losses.size else 0.0
