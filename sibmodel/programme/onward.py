"""Whom the services take on to which people are sent, who pays for it, and what is lost without a place."""

from __future__ import annotations

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.powers import power
from sibmodel.core.quantity import Quantity
from sibmodel.core.service import OnwardActivity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials
from sibmodel.programme.capacity import OnwardTerms
from sibmodel.programme.places import Places, by_area, over_areas
from sibmodel.programme.queue import People, in_a_period, queue
from sibmodel.programme.terms import ProgrammeTerms

ONE_PERIOD = np.ones((1, 1, 1))
"""A place is taken in the period in which it is given, and free in the next."""


def sent_on(
    terms: ProgrammeTerms, started: People, places: Places, timeline: Timeline, trials: Trials
) -> tuple[People, dict[str, OnwardActivity]]:
    """Starters who are helped in full by group, (periods, areas, 1 or trials), and what each service does.

    Somebody sent on to a service is helped by `effect_without` from the start, and in full from when there is a place:
    helped = started − Σ (1 − effect_without) (sent on − placed), over services. Nobody is sent on
    to two services: where uncertain shares of a group add up to more than 1, they are cut in proportion.
    """
    helped, onward = dict(started), {}
    shares = {name: by_area(one.share.over(trials)) for name, one in terms.onward.items()}
    everybody = {
        group: np.maximum(total(shares[n] for n, one in terms.onward.items() if group in (one.groups or (group,))), 1.0)
        for group in terms.groups
    }
    for name, one in terms.onward.items():
        asked = {group: shares[name] / everybody[group] * started[group] for group in one.groups or terms.groups}
        volunteers = _volunteers(one, started, places, timeline, trials)
        here = places.open * places.part_of(one.groups)
        room, unpaid = _room(one, volunteers, here, timeline, trials)
        give_up = in_a_period(one.give_up_each_month.over(trials), timeline)
        ones = dict.fromkeys(asked, ONE_PERIOD)
        placed, waiting, gave_up = queue(asked, ones, room, give_up, places.open)
        lost = 1.0 - by_area(one.effect_without.over(trials))
        for group, people in asked.items():
            helped[group] = helped[group] - lost * (people - placed[group])
        taken = total(placed.values())
        onward[name] = OnwardActivity(
            asked=over_areas(total(asked.values())),
            placed=over_areas(taken),
            waiting=over_areas(total(waiting.values())),
            gave_up=over_areas(total(gave_up.values())),
            bought=over_areas(np.maximum(taken - unpaid, 0.0)) if one.cost_per_place is not None else np.zeros((1, 1)),
            volunteers=over_areas(volunteers),
        )
    return helped, onward


def _room(
    terms: OnwardTerms, volunteers: FloatArray, here: FloatArray, timeline: Timeline, trials: Trials
) -> tuple[FloatArray, FloatArray]:
    """Places of a service in each period and area: all of them, and those for which the programme does not pay."""
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
    return room, unpaid


def _bought(cost: Quantity, budget: Quantity | None, timeline: Timeline, trials: Trials) -> FloatArray:
    """Places that can be bought in a period everywhere, (1 or periods, 1, 1 or trials); any number without a budget."""
    if budget is None:
        return np.full((1, 1, 1), _ANY_NUMBER)
    money, price = by_area(budget.over(trials)) / timeline.per_year, by_area(cost.over(trials))
    shape = np.broadcast_shapes(money.shape, price.shape)
    return np.asarray(np.divide(money, price, out=np.full(shape, _ANY_NUMBER), where=price > 0))


_ANY_NUMBER = 1e15
"""More places than there are people."""


def _volunteers(
    service: OnwardTerms, started: People, places: Places, timeline: Timeline, trials: Trials
) -> FloatArray:
    """Volunteers in each period, (periods, areas, 1 or trials): those who stay, who join, and former participants."""
    terms, part = service.volunteers, places.part_of(service.groups)
    if terms is None:
        return np.zeros((1, 1, 1))
    stays = power(1.0 - terms.leave_each_year.over(trials), 1.0 / timeline.per_year)[0]
    turning = by_area(terms.from_participants.over(trials)) * total(started[n] for n in service.groups or started)
    lag = by_area(terms.after_months.over(trials) / timeline.period_months)
    joining = places.open * part * by_area(terms.joining.over(trials)) + delay(turning, lag)
    at_start = part * terms.at_start.over(trials)
    first = np.argmax(places.planned[:, :, 0] > 0, axis=0)
    shape = np.broadcast_shapes(joining.shape, places.open.shape, at_start[None].shape, (1, 1, len(stays)))
    here = np.zeros(shape)
    for t in range(trials.periods):
        before = here[t - 1] * stays if t else 0.0
        begins = (first == t)[:, None] * at_start
        here[t] = (before + begins + joining[t if len(joining) > 1 else 0]) * places.open[t]
    return here
