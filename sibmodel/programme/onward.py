"""Whom the services take on to which people are sent, who pays for it, and what is lost without a place."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibmodel.core.flows import OnwardActivity
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials
from sibmodel.programme.capacity import OnwardTerms, VolunteerTerms
from sibmodel.programme.places import Places, by_area, over_areas
from sibmodel.programme.queue import People, queue
from sibmodel.programme.terms import ProgrammeTerms

ONE_PERIOD = np.ones((1, 1, 1))
"""A place is taken in the period in which it is given, and free in the next."""


def sent_on(
    terms: ProgrammeTerms, started: People, places: Places, timeline: Timeline, trials: Trials
) -> tuple[People, dict[str, OnwardActivity]]:
    """Starters who are helped in full by group, (periods, areas, 1 or trials), and what each service does.

    Somebody sent on to a service is helped by `effect_without` from the start, and in full from when there is a place:
    helped = started − Σ (1 − effect_without) (sent on − placed), over services.
    """
    helped, onward = dict(started), {}
    for name, one in terms.onward.items():
        share = by_area(one.share.over(trials))
        asked = {group: share * started[group] for group in one.groups or terms.groups}
        volunteers = _volunteers(one.volunteers, asked, started, places, timeline, trials)
        room = _Room.of(one, volunteers, places, timeline, trials)
        give_up = 1.0 - (1.0 - one.give_up_each_month.over(trials)) ** timeline.period_months
        ones = dict.fromkeys(asked, ONE_PERIOD)
        placed, waiting, gave_up = queue(asked, ones, room.all, give_up, places.open)
        lost = 1.0 - by_area(one.effect_without.over(trials))
        for group, people in asked.items():
            helped[group] = helped[group] - lost * (people - placed[group])
        taken = total_by_area(placed)
        onward[name] = OnwardActivity(
            asked=over_areas(total_by_area(asked)),
            placed=over_areas(taken),
            waiting=over_areas(total_by_area(waiting)),
            gave_up=over_areas(total_by_area(gave_up)),
            bought=over_areas(np.maximum(taken - room.unpaid, 0.0)),
            volunteers=over_areas(volunteers),
        )
    return helped, onward


def total_by_area(people: Mapping[str, FloatArray]) -> FloatArray:
    """All groups together, (periods, areas, 1 or trials)."""
    return sum(people.values(), start=np.zeros((1, 1, 1)))


class _Room:
    """Places of a service in each period and area: all of them, and those for which the programme does not pay."""

    def __init__(self, whole: FloatArray, unpaid: FloatArray) -> None:
        self.all, self.unpaid = whole, unpaid

    @classmethod
    def of(
        cls, terms: OnwardTerms, volunteers: FloatArray, places: Places, timeline: Timeline, trials: Trials
    ) -> _Room:
        here = places.open * places.need
        unpaid = np.zeros((trials.periods, 1, 1))
        if terms.free_places is not None:
            unpaid = unpaid + here * by_area(terms.free_places.over(trials))
        if terms.volunteers is not None:
            unpaid = unpaid + volunteers * by_area(terms.volunteers.places_each.over(trials))
        room = unpaid
        if terms.cost_per_place is not None:
            room = unpaid + here * _bought(terms.cost_per_place, terms.budget_per_year, timeline, trials)
        elif terms.free_places is None and terms.volunteers is None:
            room = np.full((trials.periods, 1, 1), np.inf)
        if terms.places is not None:
            room = np.minimum(room, here * by_area(terms.places.over(trials)))
        return cls(room, unpaid)


def _bought(cost: Quantity, budget: Quantity | None, timeline: Timeline, trials: Trials) -> FloatArray:
    """Places that can be bought in a period everywhere, (1 or periods, 1, 1 or trials); any number without a budget."""
    if budget is None:
        return np.full((1, 1, 1), _ANY_NUMBER)
    money, price = by_area(budget.over(trials)) / timeline.per_year, by_area(cost.over(trials))
    return np.divide(money, price, out=np.zeros(np.broadcast_shapes(money.shape, price.shape)), where=price > 0)


_ANY_NUMBER = 1e15
"""More places than there are people."""


def _volunteers(
    terms: VolunteerTerms | None,
    asked: People,
    started: People,
    places: Places,
    timeline: Timeline,
    trials: Trials,
) -> FloatArray:
    """Volunteers in each period, (periods, areas, 1 or trials): those who stay, who join, and former participants."""
    if terms is None:
        return np.zeros((1, 1, 1))
    stays = ((1.0 - terms.leave_each_year.over(trials)) ** (1.0 / timeline.per_year))[0]
    turning = by_area(terms.from_participants.over(trials)) * total_by_area({name: started[name] for name in asked})
    lag = by_area(terms.after_months.over(trials) / timeline.period_months)
    joining = places.open * places.need * by_area(terms.joining.over(trials)) + delay(turning, lag)
    at_start = places.need * terms.at_start.over(trials)
    first = np.argmax(places.planned[:, :, 0] > 0, axis=0)
    shape = np.broadcast_shapes(joining.shape, places.open.shape, at_start[None].shape, (1, 1, len(stays)))
    here = np.zeros(shape)
    for t in range(trials.periods):
        before = here[t - 1] * stays if t else 0.0
        begins = (first == t)[:, None] * at_start
        here[t] = (before + begins + joining[t if len(joining) > 1 else 0]) * places.open[t]
    return here
