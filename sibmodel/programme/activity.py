"""How many people are referred, wait, start, stay, and find the help that they are sent on to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibmodel.core.flows import sum_of, total
from sibmodel.core.service import Activity, AreaActivity
from sibmodel.core.timeline import FloatArray, Timeline, times
from sibmodel.core.timing import present_weights, spread
from sibmodel.core.trials import Trials
from sibmodel.programme.onward import sent_on
from sibmodel.programme.people import RouteTerms
from sibmodel.programme.places import Places, by_area, over_areas
from sibmodel.programme.queue import People, in_a_period, queue
from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.programme.workers import Workers, workers

ALWAYS = np.ones((1, 1))
"""Service never stops before its end."""


def activity(terms: ProgrammeTerms, timeline: Timeline, trials: Trials, running: FloatArray = ALWAYS) -> Activity:
    """People of every group by period, each array (periods, 1 or trials).

    `running` is 1 up to the period in which money runs out and service stops, 0 after it, (1 or periods, 1 or trials).
    Inside, arrays are (periods, areas, 1 or trials), with a single area where a file tells none apart.
    """
    places = Places.of(terms, timeline, running)
    came = {
        (name, route): places.open
        * _coming(way, 1.0 - way.cannot_use.over(trials), places.ramp(way.ramp) * places.people[name], trials)
        for name, group in terms.groups.items()
        for route, way in group.ways.items()
    }
    referred, willing = _by_group(terms, came, trials)
    present = {
        name: by_area(present_weights(group.stay_months.over(trials) / timeline.period_months, trials.periods))
        for name, group in terms.groups.items()
    }
    weight = {name: by_area(group.caseload_weight.over(trials)) for name, group in terms.groups.items()}
    staff = _staff(terms, places, running, timeline, trials)
    taken = {name: present[name] * weight[name] for name in terms.groups}
    started, waiting, gave_up = willing, People(), People()
    if staff is not None:
        room, give_up = _room(terms, staff, timeline, trials)
        started, waiting, gave_up = queue(willing, taken, room, give_up, places.open)
    staying = {name: times(spread(started[name], present[name]), by_area(running)) for name in terms.groups}
    held = sum_of(times(staying[name], weight[name]) for name in terms.groups)
    helped, onward = sent_on(terms, started, places, timeline, trials)
    starters = _summed(started)
    paid = _paid(terms, staff, held, places, trials)
    weighting = 1.0 + places.weighting(terms, trials)
    return Activity(
        referred=_summed(referred),
        willing=_summed(willing),
        started=starters,
        helped={
            name: starters[name] if people is started[name] else over_areas(people) for name, people in helped.items()
        },
        on_programme=_summed(staying),
        by_route={key: over_areas(people) for key, people in came.items()},
        unreached=_unreached(terms, places, trials),
        waiting=_summed(waiting),
        gave_up=_summed(gave_up),
        workers=over_areas(paid),
        weighted_workers=over_areas(times(paid, weighting)),
        able=None if staff is None else over_areas(staff.trained),
        onward=onward,
        areas=_areas(terms, places, {"referred": referred, "started": started, "waiting": waiting, "gave_up": gave_up}),
    )


def _room(terms: ProgrammeTerms, staff: Workers, timeline: Timeline, trials: Trials) -> tuple[FloatArray, FloatArray]:
    """Places of the workers' caseloads, and the share of those who wait for one that gives up in a period."""
    assert terms.link_workers is not None  # noqa: S101 - these are they
    room = staff.trained * by_area(terms.link_workers.caseload.over(trials))
    return room, in_a_period(terms.link_workers.give_up_each_month.over(trials), timeline)


def _coming(way: RouteTerms, share: FloatArray, volume: FloatArray, trials: Trials) -> FloatArray:
    """A share of those who would come by a route, at some part of its full volume."""
    return np.asarray(volume * by_area(way.referrals.over(trials) * share))


def _by_group(
    terms: ProgrammeTerms, came: Mapping[tuple[str, str], FloatArray], trials: Trials
) -> tuple[People, People]:
    """Who is referred, and who of them would start, by group."""
    referred, willing = {}, {}
    for name, group in terms.groups.items():
        parts = [(came[name, route], way.engaged.over(trials)) for route, way in group.ways.items()]
        referred[name] = sum_of(people for people, _ in parts)
        willing[name] = sum_of(people * by_area(engaged) for people, engaged in parts)
    return referred, willing


def _unreached(terms: ProgrammeTerms, places: Places, trials: Trials) -> dict[tuple[str, str], FloatArray]:
    """People whom a route cannot reach, where there are any, by group and route."""
    return {
        (name, route): over_areas(
            places.open * _coming(way, missed, places.ramp(way.ramp) * places.people[name], trials)
        )
        for name, group in terms.groups.items()
        for route, way in group.ways.items()
        if np.any(missed := way.cannot_use.over(trials))
    }


def _staff(
    terms: ProgrammeTerms, places: Places, running: FloatArray, timeline: Timeline, trials: Trials
) -> Workers | None:
    if terms.link_workers is None or terms.link_workers.posts is None:
        return None
    ahead = terms.link_workers.ahead_months // timeline.period_months
    there = places.staffed(ahead) * by_area(running)
    posts = there * (places.posts * by_area(terms.link_workers.posts.over(trials)) + places.extra_posts(terms, trials))
    return workers(terms.link_workers, posts, timeline, trials)


def _paid(terms: ProgrammeTerms, staff: Workers | None, held: FloatArray, places: Places, trials: Trials) -> FloatArray:
    """Workers who are paid: in their posts, or as many as the people on the programme need, parts of a post allowed.

    When service is over there are no posts any more, but some people may still be there: as many stay as these need.
    """
    if terms.link_workers is None:
        return np.zeros((1, 1, 1))
    need = held / by_area(terms.link_workers.caseload.over(trials))
    if staff is None:
        return need
    after = places.after_service
    last = int(np.argmax(after)) - 1 if after.any() else trials.periods - 1
    return np.where(after[:, None, None], np.minimum(staff.paid[last], need), staff.paid)


def _summed(by_name: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
    """Over areas."""
    return {name: over_areas(people) for name, people in by_name.items()}


def _areas(
    terms: ProgrammeTerms, places: Places, people: Mapping[str, Mapping[str, FloatArray]]
) -> dict[str, AreaActivity]:
    """All groups together, by area."""
    if terms.areas is None:
        return {}
    together = {what: total(by_group.values()) for what, by_group in people.items() if by_group}
    nobody = np.zeros((1, 1))
    return {
        name: AreaActivity(**{what: together[what][:, i] if what in together else nobody for what in people})
        for i, name in enumerate(terms.areas)
    }
