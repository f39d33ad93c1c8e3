"""Savings that come after the timeline, of what the programme does on it: they are in no other result."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.core.flows import total, worth
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.commissioner import real_present_value
from sibmodel.model import Books, serve, until_money_runs_out
from sibmodel.savings.chain import savings
from sibmodel.scenario.schema import Scenario

YEARS = 50
"""How long after the timeline savings are looked for."""


@dataclass(frozen=True)
class SavedLater:
    """Fiscal savings of the base case after the timeline, as the headline counts.

    `pounds` are real and not discounted, `share` is their part of all, with those on the timeline, and
    `savings_per_pound` what the headline would be with them.
    """

    pounds: float
    share: float
    savings_per_pound: float | None


def saved_later(books: Books) -> SavedLater | None:
    """What a base case saves later; None where that is not a penny.

    Nobody is referred after the timeline; of people who start on it all is counted that comes of them. Of savings by
    pound spent only those of what is spent on the timeline.
    """
    scenario, timeline = books.scenario, books.scenario.timeline
    if scenario.savings is None:
        return None
    longer = _longer(scenario)
    trials = Trials.base(longer.timeline.periods + 1)
    stopped = until_money_runs_out(books.settlement.capital) if scenario.capital.service_stops else np.ones((1, 1))
    running = _padded(stopped, trials.periods, last=True)
    outcomes = serve(longer, trials, running=running).outcomes
    spend = _padded(books.real(books.service.costs.spend), trials.periods)
    every = savings(scenario.savings, outcomes, lambda: spend, longer.timeline, trials)
    fiscal = [one for one in every if one.kind == "fiscal"]
    by_period = np.broadcast_to(total(one.attributable for one in fiscal), (trials.periods, 1))
    later = float(over_time(by_period[timeline.periods + 1 :])[0])
    if later < 0.01:
        return None
    spent = float(real_present_value(books, books.service.costs.spend)[0])
    worth_all = sum(float(worth([one], "attributable", longer.public_factors(one.schedule))[0]) for one in fiscal)
    return SavedLater(later, later / float(over_time(by_period)[0]), worth_all / spent if spent > 0 else None)


def _longer(scenario: Scenario) -> Scenario:
    """The same with more years, in which there is no service any more."""
    timeline = scenario.timeline
    more = timeline.longer(YEARS * timeline.per_year)
    return scenario.model_copy(update={"timeline": more, "programme": scenario.programme.until(timeline.months)})


def _padded(by_period: FloatArray, periods: int, last: bool = False) -> FloatArray:
    """A flow with nothing in further periods, or with what is in the last of its own."""
    if len(by_period) == 1:
        return by_period
    missing = periods - len(by_period)
    return np.concatenate([by_period, np.repeat(by_period[-1:] if last else 0.0 * by_period[-1:], missing, axis=0)])
