"""The whole model on one screen: serve people, then settle the money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain

import numpy as np

from sibmodel.capital import statement, vehicle
from sibmodel.capital.deal import Given
from sibmodel.contract import payers
from sibmodel.core.discounting import deflators
from sibmodel.core.flows import CapitalFlows, OutcomeFlow, Payments, Saving
from sibmodel.core.ledger import Ledger
from sibmodel.core.memo import Memo
from sibmodel.core.reconciliation import HALF_A_PENNY, reconcile
from sibmodel.core.service import Activity, Costs
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import TooLargeError
from sibmodel.outcomes.outcomes import outcomes
from sibmodel.programme import costs as programme_costs
from sibmodel.programme.activity import ALWAYS, activity
from sibmodel.savings.chain import savings
from sibmodel.scenario.inputs import blamed
from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Service:
    """What the programme does: people, what it costs, what changes, what is saved."""

    activity: Activity
    costs: Costs
    outcomes: Mapping[str, OutcomeFlow]
    worked_out: Callable[[], tuple[Saving, ...]]

    @cached_property
    def savings(self) -> tuple[Saving, ...]:
        """Worked out when they are asked for: no payment depends on them."""
        return self.worked_out()


@dataclass(frozen=True)
class Settlement:
    """Who pays whom for it."""

    payments: Payments
    capital: CapitalFlows
    ledger: Ledger
    imbalance: FloatArray


@dataclass(frozen=True, repr=False)
class Books:
    """One scenario worked through for some trials. Arrays are (periods, trials), period 0 first."""

    scenario: Scenario
    trials: Trials
    service: Service
    settlement: Settlement
    memo: Memo = field(default_factory=Memo, init=False, compare=False)

    @cached_property
    def price_level(self) -> FloatArray:
        """Prices against those of the signing date, (periods, 1 or trials)."""
        return deflators(self.scenario.timeline.years, self.scenario.prices.inflation.over(self.trials))

    def real(self, nominal: FloatArray) -> FloatArray:
        """The same flows in prices of the signing date, worked out once for an array."""
        return self.memo.once("real", lambda: nominal / self.price_level, nominal)

    def __repr__(self) -> str:
        what = "the base case" if self.trials.is_base else f"{self.trials.count:,} trials"
        return f"<Books of '{self.scenario.title}', {what}: .service, .settlement>"


def work_through(scenario: Scenario, trials: Trials, scale: float = 1.0) -> Books:
    """The one calculation: base case, simulation and "what if it does nothing" (`scale` 0) all come here."""
    running, books = ALWAYS, _worked_once(scenario, trials, scale, ALWAYS)
    while scenario.capital.service_stops:
        until = running * until_money_runs_out(books.settlement.capital)
        if np.all(until == running):
            break
        running, books = until, _worked_once(scenario, trials, scale, until)
    return books


def _worked_once(scenario: Scenario, trials: Trials, scale: float, running: FloatArray) -> Books:
    service = serve(scenario, trials, scale, running)
    return Books(scenario, trials, service, settle(scenario, service, trials))


def if_nothing(scenario: Scenario, service: Service, trials: Trials) -> Books:
    """The same trials if this programme changes nothing: as many people come and cost as much.

    Only where service stops for want of money is that not so, and all of it has to be worked through again.
    """
    if scenario.capital.service_stops:
        return work_through(scenario, trials, scale=0.0)
    unchanged = achieve(scenario, service.activity, service.costs, trials, scale=0.0)
    return Books(scenario, trials, unchanged, settle(scenario, unchanged, trials))


def until_money_runs_out(capital: CapitalFlows) -> FloatArray:
    """1 up to the first period with a gap, 0 after it, (periods, trials).

    As a rule a stop depends only on flows up to it, so that working the same trials through again leads to the same.
    But a coupon accrues towards a reading that may come after it and then fall away; money may run out earlier without.
    """
    gone = np.logical_or.accumulate(capital.gap > HALF_A_PENNY, axis=0)
    return np.asarray(1.0 - np.vstack([np.zeros_like(gone[:1]), gone[:-1]]))


def serve(scenario: Scenario, trials: Trials, scale: float = 1.0, running: FloatArray = ALWAYS) -> Service:
    """Programme, outcomes and savings; `scale` is the share of the true effect that happens.

    `running` is 0 after service has stopped for want of money.
    """
    timeline = scenario.timeline
    programme = scenario.programme.until(scenario.contract.ends_in_month)
    people = activity(programme, timeline, trials, running)
    costs = programme_costs.costs(programme, people, timeline, trials, running)
    return achieve(scenario, people, costs, trials, scale)


def achieve(scenario: Scenario, people: Activity, costs: Costs, trials: Trials, scale: float) -> Service:
    """What a programme with these people and costs changes and saves."""
    timeline = scenario.timeline
    asked = scenario.contract.outcomes_in_parts()
    changes = outcomes(scenario.outcomes, people, timeline, trials, scale, asked)

    def real_spend() -> FloatArray:
        return costs.spend / deflators(timeline.years, scenario.prices.inflation.over(trials))

    return Service(
        people, costs, changes, lambda: savings(scenario.savings, changes, real_spend, timeline, trials, scale)
    )


def settle(scenario: Scenario, service: Service, trials: Trials) -> Settlement:
    """Contract and capital, and the ledger of every pound, checked to a penny."""
    paid = payers.payments(scenario.contract, service.outcomes, scenario.timeline, trials)
    return settled(scenario, service, trials, paid)


def settled(scenario: Scenario, service: Service, trials: Trials, paid: Payments) -> Settlement:
    """Capital and the ledger for payments that are known."""
    timeline, costs = scenario.timeline, service.costs
    given = Given(paid.by_term, costs.spend, costs.of_provider, service.outcomes, scenario.contract.ends_in_month)
    money = vehicle.capital(scenario.capital, given, timeline, trials)
    postings = chain(
        payers.postings(paid), statement.postings(money, scenario.capital), programme_costs.postings(costs)
    )
    ledger = Ledger.post(postings, (trials.periods, trials.count))
    try:
        imbalance = reconcile(ledger, costs, paid, money)
    except TooLargeError as error:
        raise blamed(scenario, str(error)) from None
    return Settlement(paid, money, ledger, imbalance)
