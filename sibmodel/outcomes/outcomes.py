"""All outcomes of a programme."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.core.flows import OutcomeFlow, Part
from sibmodel.core.service import Activity
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.timing import delay, delay_weights
from sibmodel.core.trials import Trials
from sibmodel.outcomes.effects import exposure, levels
from sibmodel.outcomes.luck import Achieved, drawn, gross, in_all
from sibmodel.outcomes.measurement import WITHOUT_NOISE, measured_effect, measured_people, noise_of
from sibmodel.outcomes.people import came_and_effective, effective_of, people_of, stated
from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms, QuantityTerms


def outcomes(
    terms: Mapping[str, OutcomeTerms],
    activity: Activity,
    timeline: Timeline,
    trials: Trials,
    scale: float = 1.0,
    in_parts: Collection[str] = (),
) -> dict[str, OutcomeFlow]:
    """Every outcome by name, those `in_parts` also by group and by periods since the people came.

    `scale` is the share of the true effect that happens.
    """
    out = {}
    for name, one in terms.items():
        if isinstance(one, EffectTerms):
            flow = _effect(one, name, activity, timeline, trials, scale)
            parts = _effect_parts(one, flow, activity, timeline, trials, scale) if name in in_parts else ()
        else:
            achieved = drawn(one, name, activity, timeline, trials, scale) if isinstance(one, AchievementTerms) else {}
            flow = _counted(one, activity, timeline, trials, scale)
            flow = _achieved(flow, one, achieved, trials, scale) if achieved else flow
            parts = _counted_parts(one, activity, timeline, trials, scale, achieved) if name in in_parts else ()
        out[name] = replace(flow, parts=parts).later(one.verification_months // timeline.period_months)
    return out


def _counted(
    terms: AchievementTerms | QuantityTerms,
    activity: Activity,
    timeline: Timeline,
    trials: Trials,
    scale: float,
) -> OutcomeFlow:
    """Expected achievements or units, some time after the people came."""
    lag = terms.lag_months.over(trials) / timeline.period_months
    came, effective = came_and_effective(terms, activity, trials)
    people = delay(came, lag)
    level = levels(stated(terms), terms.counterfactual, trials, scale)
    accepted = terms.verified_share.over(trials)
    verified = people * (level.gross - level.deducted) * accepted
    if effective is came:
        return OutcomeFlow(False, people * level.net, verified, people)
    having = delay(effective, lag)
    return OutcomeFlow(False, having * level.net, verified + (having - people) * level.net * accepted, people)


def _achieved(
    flow: OutcomeFlow,
    terms: AchievementTerms | QuantityTerms,
    achieved: Mapping[str, Achieved],
    trials: Trials,
    scale: float,
) -> OutcomeFlow:
    """The same with the people who achieve it in each trial, less what is expected anyway, or what is deducted."""
    level = levels(stated(terms), terms.counterfactual, trials, scale)
    people, those = in_all(achieved)
    verified = (those - people * level.deducted) * terms.verified_share.over(trials)
    return replace(flow, true=those - people * level.anyway, verified=verified)


def _counted_parts(
    terms: AchievementTerms | QuantityTerms,
    activity: Activity,
    timeline: Timeline,
    trials: Trials,
    scale: float,
    achieved: Mapping[str, Achieved],
) -> tuple[Part, ...]:
    """One part for each group and each age at which the outcome comes. An achievement comes to some, units to all.

    Where some of those who start are helped by less or later, the chance (or the units) of each is the mean of all who
    ever start in the group. Those who achieved it in a period are divided over ages as those expected.
    """
    level = levels(stated(terms), terms.counterfactual, trials, scale)
    accepted = terms.verified_share.over(trials)
    verified = (level.gross - level.deducted) * accepted
    weights = delay_weights(terms.lag_months.over(trials) / timeline.period_months, trials.periods)
    counted, helped = people_of(terms, activity)
    parts = []
    for group in terms.groups or counted:
        came, effective = counted[group], effective_of(terms, group, helped[group], trials)
        mean = verified if effective is came else verified + level.net * accepted * _mean_excess(came, effective)
        for age in range(len(weights)):
            if weights[age].any():
                people = _aged(came, weights, age)
                having = people if effective is came else _aged(effective, weights, age)
                units = people * verified
                if group in achieved:
                    those = achieved[group].part(gross(people, having, level))
                    units = (those - people * level.deducted) * accepted
                elif effective is not came:
                    units = units + (having - people) * level.net * accepted
                some = isinstance(terms, AchievementTerms)
                chance = (np.maximum(mean, 0.0) if some else 1.0) * weights[age]
                each = np.ones((1, 1)) if some else mean
                part = Part(group, units, people, age=age, chance=np.atleast_2d(chance), each=each)
                parts.append(replace(part, certain=not some))
    return tuple(parts)


def _aged(people: FloatArray, weights: FloatArray, age: int) -> FloatArray:
    out = np.zeros(np.broadcast_shapes(people.shape, weights[age].shape))
    out[age:] = weights[age] * people[: len(out) - age]
    return out


def _mean_excess(came: FloatArray, effective: FloatArray) -> FloatArray:
    """How much more than the stated effect those who come have on average, over all periods; (1, 1 or trials)."""
    people, having = over_time(came), over_time(effective)
    return np.divide(having - people, people, out=np.zeros(np.broadcast_shapes(people.shape, having.shape)),
                     where=people > 0)[None, :]  # fmt: skip


def _effect(
    terms: EffectTerms, name: str, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> OutcomeFlow:
    level = levels(terms.change, terms.counterfactual, trials, scale)
    # the same whatever the share of the effect that happens
    exposed = activity.memo.once(
        "exposure",
        lambda: exposure(terms, *came_and_effective(terms, activity, trials), timeline, trials),
        terms,
        trials,
    )
    noise = noise_of(terms, f"outcomes.{name}", trials)
    verified, measured = measured_effect(terms, level, exposed, noise, timeline)
    return OutcomeFlow(True, exposed.effective * level.net, verified, measured)


def _effect_parts(
    terms: EffectTerms, flow: OutcomeFlow, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> tuple[Part, ...]:
    """One part for each group: its people, with the error of the whole pool and the mean effect of its own people."""
    level = levels(terms.change, terms.counterfactual, trials, scale)
    people, effective = came_and_effective(terms, activity, trials)

    def mean(people: FloatArray, effective: FloatArray) -> tuple[FloatArray, FloatArray]:
        exposed = exposure(terms, people, effective, timeline, trials)
        return measured_effect(terms, level, exposed, WITHOUT_NOISE, timeline)

    of_all = None if effective is people else mean(people, effective)[0]
    parts = []
    for group in terms.groups or activity.started:
        started = activity.started[group]
        if of_all is None:
            exposed = exposure(terms, started, started, timeline, trials)
            measured = measured_people(terms.measurement, exposed.live, timeline)
            parts.append(Part(group, flow.verified * measured, measured))
        else:
            own, measured = mean(started, effective_of(terms, group, activity.helped[group], trials))
            parts.append(Part(group, (flow.verified + own - of_all) * measured, measured))
    return tuple(parts)
