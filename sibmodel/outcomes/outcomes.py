"""All outcomes of a programme."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.core.flows import Activity, OutcomeFlow, Part, total
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay, delay_weights
from sibmodel.core.trials import Trials
from sibmodel.outcomes.effects import exposure, levels
from sibmodel.outcomes.measurement import measured_effect, measured_people, unit_noise
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
            parts = _effect_parts(one, flow, activity, timeline, trials) if name in in_parts else ()
        else:
            flow = _counted(one, activity, timeline, trials, scale)
            parts = _counted_parts(one, activity, timeline, trials, scale) if name in in_parts else ()
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
    people = delay(_people(_source(terms, activity), terms.groups), lag)
    level = levels(_stated(terms), terms.counterfactual, trials, scale)
    verified = people * (level.gross - level.deducted) * terms.verified_share.over(trials)
    return OutcomeFlow(False, people * level.net, verified, people)


def _source(terms: AchievementTerms | QuantityTerms, activity: Activity) -> Mapping[str, FloatArray]:
    return activity.started if terms.of == "engaged" else activity.referred


def _stated(terms: AchievementTerms | QuantityTerms) -> Quantity:
    return terms.share if isinstance(terms, AchievementTerms) else terms.per_person


def _counted_parts(
    terms: AchievementTerms | QuantityTerms, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> tuple[Part, ...]:
    """One part for each group and each age at which the outcome comes. An achievement comes to some, units to all."""
    level = levels(_stated(terms), terms.counterfactual, trials, scale)
    verified = (level.gross - level.deducted) * terms.verified_share.over(trials)
    weights = delay_weights(terms.lag_months.over(trials) / timeline.period_months, trials.periods)
    parts = []
    for group, came in _source(terms, activity).items():
        for age in range(len(weights)):
            if group in (terms.groups or (group,)) and weights[age].any():
                people = np.zeros(np.broadcast_shapes(came.shape, weights[age].shape))
                people[age:] = weights[age] * came[: len(people) - age]
                some = isinstance(terms, AchievementTerms)
                chance = (np.maximum(verified, 0.0) if some else 1.0) * weights[age]
                each = np.ones((1, 1)) if some else verified
                part = Part(group, people * verified, people, age=age, chance=np.atleast_2d(chance), each=each)
                parts.append(replace(part, certain=not some))
    return tuple(parts)


def _effect(
    terms: EffectTerms, name: str, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> OutcomeFlow:
    level = levels(terms.change, terms.counterfactual, trials, scale)
    exposures = exposure(terms, _people(activity.started, terms.groups), timeline, trials)
    noise = unit_noise(terms, f"outcomes.{name}", trials)
    verified, measured = measured_effect(terms, level, exposures, noise, timeline)
    return OutcomeFlow(True, exposures[1] * level.net, verified, measured)


def _effect_parts(
    terms: EffectTerms, flow: OutcomeFlow, activity: Activity, timeline: Timeline, trials: Trials
) -> tuple[Part, ...]:
    """One part for each group: its people, with the mean of the whole pool."""
    parts = []
    for group in terms.groups or activity.started:
        exposed, _ = exposure(terms, activity.started[group], timeline, trials)
        people = measured_people(terms.measurement, exposed, timeline)
        parts.append(Part(group, flow.verified * people, people))
    return tuple(parts)


def _people(people: Mapping[str, FloatArray], groups: tuple[str, ...] | None) -> FloatArray:
    """People of the named groups together, of all groups if none is named."""
    return total(people[name] for name in groups or people)
