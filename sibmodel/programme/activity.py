"""How many people are referred, start and stay."""

from __future__ import annotations

import numpy as np

from sibmodel.core.flows import Activity, total
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import present_weights, spread
from sibmodel.core.trials import Trials
from sibmodel.programme.queue import queue
from sibmodel.programme.terms import GroupTerms, ProgrammeTerms, ServiceTerms
from sibmodel.programme.workers import workers

ALWAYS = np.ones((1, 1))
"""Service never stops before its end."""


def activity(terms: ProgrammeTerms, timeline: Timeline, trials: Trials, running: FloatArray = ALWAYS) -> Activity:
    """People of every group by period, each array (periods, 1 or trials).

    `running` is 1 up to the period in which money runs out and service stops, 0 after it, (1 or periods, 1 or trials).
    """
    open_periods = in_service(terms.service, timeline)
    referred = {name: running * _referred(group, open_periods, trials) for name, group in terms.groups.items()}
    willing = {name: referred[name] * group.engaged.over(trials) for name, group in terms.groups.items()}
    present = {
        name: present_weights(group.stay_months.over(trials) / timeline.period_months, trials.periods)
        for name, group in terms.groups.items()
    }
    if terms.link_workers is None or terms.link_workers.posts is None:
        staying = {name: running * spread(willing[name], present[name]) for name in terms.groups}
        return Activity(referred, willing, staying)
    posts = workers(terms.link_workers, running * open_periods, timeline, trials)
    room = posts.trained * terms.link_workers.caseload.over(trials)
    give_up = 1.0 - (1.0 - terms.link_workers.give_up_each_month.over(trials)) ** timeline.period_months
    started, waiting, gave_up = queue(willing, present, room, give_up, running * open_periods)
    staying = {name: running * spread(started[name], present[name]) for name in terms.groups}
    need = total(staying.values()) / terms.link_workers.caseload.over(trials)
    after = np.cumsum(open_periods[::-1], axis=0)[::-1] == 0  # service is over, but some people are still there
    last = int(np.argmax(after)) - 1 if after.any() else trials.periods - 1
    paid = np.where(after, np.minimum(posts.paid[last], need), posts.paid)
    return Activity(referred, started, staying, waiting, gave_up, paid, posts.trained)


def in_service(service: ServiceTerms, timeline: Timeline) -> FloatArray:
    """1 in the periods of service, 0 elsewhere; shape (periods, 1)."""
    last = timeline.months if service.to_month is None else service.to_month
    ends = timeline.month_ends
    return ((ends > service.from_month) & (ends <= last)).astype(np.float64)[:, None]


def _referred(group: GroupTerms, open_periods: FloatArray, trials: Trials) -> FloatArray:
    ramp = np.ones(int(open_periods.sum()))
    share = group.ramp[: len(ramp)]
    ramp[: len(share)] = share
    full = open_periods.copy()
    full[open_periods > 0] = ramp
    return full * group.referrals.over(trials)
