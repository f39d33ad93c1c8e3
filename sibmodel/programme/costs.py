"""What the programme costs, and who is paid for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import sum_of, total
from sibmodel.core.ledger import Flow
from sibmodel.core.powers import power
from sibmodel.core.quantity import Quantity
from sibmodel.core.service import Activity, CostLine, Costs
from sibmodel.core.timeline import FloatArray, Timeline, added, times
from sibmodel.core.trials import Trials
from sibmodel.programme.activity import ALWAYS
from sibmodel.programme.places import Places, by_area, in_service, over_areas
from sibmodel.programme.spending import FurtherCostTerms
from sibmodel.programme.terms import ProgrammeTerms

RUNNING = ("fixed", "referral", "person", "link_workers")
"""The provider's running costs, on which overheads come."""
GROWING = RUNNING[1:]
"""The provider's costs that grow with the people who start; overheads on them do so too."""


def costs(
    terms: ProgrammeTerms, activity: Activity, timeline: Timeline, trials: Trials, running: FloatArray = ALWAYS
) -> Costs:
    """Costs by line, nominal pounds; running costs rise on each anniversary by the indexation.

    `running` is 0 after service has stopped for want of money, as in `activity`.
    """
    bill = _Bill(terms, activity, timeline, trials, running)
    price = 1.0 + terms.costs.provider_margin.over(trials)
    lines = [
        CostLine(name, "provider", times(cost, price), cost, grows_with_people=name in GROWING)
        for name, cost in bill.of_provider().items()
    ]
    lines += [
        CostLine("management", "manager", bill.yearly(terms.costs.management_per_year)),
        CostLine("evaluation", "evaluator", bill.yearly(terms.costs.evaluation_per_year)),
        *bill.onward(),
        *(CostLine(f"cost_{name}", "suppliers", bill.further(one), payer=one.borne_by or "vehicle")
          for name, one in terms.costs.further.items()),
    ]  # fmt: skip
    if terms.costs.vat is not None:
        vat = terms.costs.vat
        taxed = total(line.paid for line in lines if line.name in vat.lines)
        tax = vat.rate.over(trials) * (1.0 - vat.recovered.over(trials)) * taxed
        lines.append(CostLine("vat", "tax_office", tax))
    return Costs(tuple(lines), activity.workers)


class _Bill:
    """One programme's costs, line by line."""

    def __init__(
        self, terms: ProgrammeTerms, activity: Activity, timeline: Timeline, trials: Trials, running: FloatArray
    ) -> None:
        self.terms, self.activity, self.timeline, self.trials, self.running = terms, activity, timeline, trials, running
        self.service = in_service(terms.service, timeline)
        self.index = power(1.0 + terms.costs.indexation.over(trials), timeline.contract_years[:, None])

    def of_provider(self) -> dict[str, FloatArray]:
        """The provider's own costs, without its margin."""
        costs = self.terms.costs
        lines = {
            "set_up": self._set_up(),
            "fixed": self.yearly(costs.fixed_per_year),
            "referral": self._referrals(),
            "person": self._starts(),
        }
        if self.terms.link_workers is not None:
            pay = self.terms.link_workers.cost_per_year.over(self.trials) / self.timeline.per_year
            lines["link_workers"] = added(self.activity.weighted_workers * pay, self.index, np.multiply)
        running = total(lines[name] for name in RUNNING if name in lines)
        lines["overheads"] = self._for_each(running, costs.overheads)
        lines["wind_down"] = self._for_each(self._closing(), costs.wind_down) * self.index
        return lines

    def yearly(self, amount: Quantity) -> FloatArray:
        """A cost of each year of service."""
        open_periods = self.running * self.service
        return np.asarray(open_periods * self.index * (amount.over(self.trials) / self.timeline.per_year))

    def further(self, one: FurtherCostTerms) -> FloatArray:
        """Paid once as it is stated, or yearly."""
        if one.per_year is not None:
            return self.yearly(one.per_year)
        assert one.amount is not None  # noqa: S101 - the schema asks for one of them
        on = np.zeros((self.trials.periods, 1))
        on[one.month // self.timeline.period_months] = 1.0
        return np.asarray(on * one.amount.over(self.trials))

    def _for_each(self, number: FloatArray, price: Quantity) -> FloatArray:
        """A price for each of some number; where it is nothing, no more than a row for each period."""
        pounds = price.over(self.trials)
        return number * pounds if pounds.any() else np.zeros((self.trials.periods, 1))

    def onward(self) -> Iterator[CostLine]:
        """What services are paid for places, and what volunteers cost them."""
        for name, one in self.terms.onward.items():
            here = self.activity.onward[name]
            if one.cost_per_place is not None:
                cost = here.bought * one.cost_per_place.over(self.trials) * self.index
                yield CostLine(f"onward_{name}", "community", cost, grows_with_people=True)
            if one.volunteers is not None:
                each = one.volunteers.cost_per_year.over(self.trials) / self.timeline.per_year
                cost = here.volunteers * each * self.index
                yield CostLine(f"volunteers_{name}", "community", cost, grows_with_people=True)

    def _set_up(self) -> FloatArray:
        signing = np.eye(self.trials.periods, 1) * self.terms.costs.set_up.over(self.trials)
        own = [area.set_up.over(self.trials) for area in (self.terms.areas or {}).values()]
        if not any(np.any(amount) for amount in own):
            return np.asarray(signing)
        begin = Places.of(self.terms, self.timeline, self.running).begin() * by_area(self.running)
        amounts = np.stack(np.broadcast_arrays(*own), axis=1)
        return np.asarray(signing + over_areas(begin * amounts) * self.index)

    def _referrals(self) -> FloatArray:
        everybody = self._for_each(sum_of(self.activity.referred.values()), self.terms.costs.per_referral)
        own = total(
            self._for_each(self.activity.by_route[name, route], way.cost_per_referral)
            for name, group in self.terms.groups.items()
            for route, way in group.ways.items()
        )
        return (everybody + own) * self.index

    def _starts(self) -> FloatArray:
        everybody = self._for_each(sum_of(self.activity.started.values()), self.terms.costs.per_person)
        own = total(
            self._for_each(self.activity.started[name], group.cost_per_person)
            for name, group in self.terms.groups.items()
        )
        return (everybody + own) * self.index

    def _closing(self) -> FloatArray:
        """1 in the period after service ends, in the last one if the timeline ends with it."""
        going = np.broadcast_to(self.running * self.service, (self.trials.periods, self.running.shape[1]))
        closing = np.zeros_like(going)
        closing[1:] = np.maximum(going[:-1] - going[1:], 0.0)
        closing[-1] = np.maximum(closing[-1], going[-1])
        return closing


def postings(costs: Costs) -> Iterator[Flow]:
    """The vehicle or a payer pays each line; the provider pays its own suppliers what the line cost."""
    for line in costs.lines:
        yield Flow(line.payer, line.receiver, line.name, line.paid)
    for line in costs.lines:
        if line.passed_on is not None:
            yield Flow(line.receiver, "suppliers", line.name, line.passed_on)
