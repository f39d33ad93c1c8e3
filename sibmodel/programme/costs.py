"""What the programme costs, and who is paid for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibmodel.core.flows import Activity, CostLine, Costs, total
from sibmodel.core.ledger import Flow
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials
from sibmodel.programme.activity import ALWAYS, in_service
from sibmodel.programme.terms import ProgrammeTerms


def costs(
    terms: ProgrammeTerms, activity: Activity, timeline: Timeline, trials: Trials, running: FloatArray = ALWAYS
) -> Costs:
    """Programme spend by line, nominal pounds; running costs rise on each anniversary by the indexation.

    `running` is 0 after service has stopped for want of money, as in `activity`.
    """
    open_periods = running * in_service(terms.service, timeline)
    index = (1.0 + terms.costs.indexation.over(trials)) ** timeline.contract_years[:, None]

    def yearly(amount: Quantity) -> FloatArray:
        return open_periods * amount.over(trials) / timeline.per_year * index

    def per_head(amount: Quantity, people: Mapping[str, FloatArray]) -> FloatArray:
        return total(people.values()) * amount.over(trials) * index

    signing = np.eye(trials.periods, 1)
    workers = _link_workers(terms, activity, trials)
    delivery = {
        "set_up": signing * terms.costs.set_up.over(trials),
        "fixed": yearly(terms.costs.fixed_per_year),
        "referral": per_head(terms.costs.per_referral, activity.referred),
        "person": per_head(terms.costs.per_person, activity.started),
    }
    if terms.link_workers is not None:
        pay = terms.link_workers.cost_per_year.over(trials) / timeline.per_year
        delivery["link_workers"] = workers * pay * index
    price = 1.0 + terms.costs.provider_margin.over(trials)
    lines = [CostLine(name, "provider", price * cost, cost) for name, cost in delivery.items()]
    lines += [
        CostLine("management", "manager", yearly(terms.costs.management_per_year)),
        CostLine("evaluation", "evaluator", yearly(terms.costs.evaluation_per_year)),
    ]
    return Costs(tuple(lines), workers)


def _link_workers(terms: ProgrammeTerms, activity: Activity, trials: Trials) -> FloatArray:
    """Workers who are paid: in their posts, or as many as the people on the programme need, parts of a post allowed."""
    if terms.link_workers is None:
        return np.zeros((1, 1))
    if activity.workers is not None:
        return activity.workers
    return total(activity.on_programme.values()) / terms.link_workers.caseload.over(trials)


def postings(costs: Costs) -> Iterator[Flow]:
    """The vehicle pays each line; the provider pays its own suppliers what the line cost."""
    for line in costs.lines:
        yield Flow("vehicle", line.receiver, line.name, line.paid)
    for line in costs.lines:
        if line.passed_on is not None:
            yield Flow(line.receiver, "suppliers", line.name, line.passed_on)
