"""Luck with people: how many achieve something, drawn instead of expected."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.counts import successes
from sibmodel.core.flows import total
from sibmodel.core.service import Activity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials, luck_of
from sibmodel.outcomes.effects import Levels, levels
from sibmodel.outcomes.people import effective_of, people_of
from sibmodel.outcomes.terms import AchievementTerms

_ROUNDING = 1e-9


@dataclass(frozen=True)
class Achieved:
    """A group's people in the period in which the outcome comes, those expected to achieve it and those who do.

    Each (periods, 1 or trials), in people; gross, with those who would have done so anyway.
    """

    people: FloatArray
    expected: FloatArray
    drawn: FloatArray

    def part(self, expected: FloatArray) -> FloatArray:
        """Those of them who are drawn where so many of those expected are meant; these if nobody is expected."""
        share = np.zeros(np.broadcast_shapes(expected.shape, self.drawn.shape))
        some = np.broadcast_to(self.expected > 0, share.shape)
        np.divide(expected, self.expected, out=share, where=some)
        return np.where(some, self.drawn * share, expected)


def drawn(
    terms: AchievementTerms, name: str, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> dict[str, Achieved]:
    """Those who achieve an outcome, by group; empty if the trials hold no luck with it.

    The chance of a cell is the mean over its people of c + e (s − c): s stated, c anyway, e times the effect.
    """
    groups = terms.groups or tuple(activity.started)
    if not any(luck_of(name, group) in trials.uniforms for group in groups):
        return {}
    lag = terms.lag_months.over(trials) / timeline.period_months
    level, correlation = levels(terms.share, terms.counterfactual, trials, scale), terms.luck.intraclass_correlation
    counted, helped = people_of(terms, activity)
    found = {}
    for group in groups:
        effective = effective_of(terms, group, helped[group], trials)
        people = delay(counted[group], lag)
        having = people if effective is counted[group] else delay(effective, lag)
        expected = gross(people, having, level)
        uniform = trials.uniforms.get(luck_of(name, group))
        count = expected if uniform is None else _counts(uniform, people, expected, correlation.over(trials))
        found[group] = Achieved(people, expected, count)
    return found


def gross(people: FloatArray, effective: FloatArray, level: Levels) -> FloatArray:
    """People expected to achieve it, with those who would have anyway."""
    expected = people * level.gross
    return expected if effective is people else expected + (effective - people) * level.net


def _counts(uniform: FloatArray, people: FloatArray, expected: FloatArray, correlation: FloatArray) -> FloatArray:
    """Drawn counts, and as it is expected what no chance from 0 to 1 of those who come can explain.

    That is where people find a place in a service after others of their period have come, and are helped in full only
    then, or where a counterfactual lies beyond 0 to 1.
    """
    some = np.broadcast_to(people > 0, expected.shape)
    chance = np.divide(expected, people, out=np.zeros(expected.shape), where=some)
    count = successes(uniform, people, chance, correlation)
    odd = (chance < -_ROUNDING) | (chance > 1.0 + _ROUNDING) | ~some
    count = np.where(odd, count + expected - people * np.clip(chance, 0.0, 1.0), count)
    return np.where(np.isnan(uniform), expected, count)


def in_all(achieved: Mapping[str, Achieved]) -> tuple[FloatArray, FloatArray]:
    """People and those of them who achieve it, all groups together."""
    return total(one.people for one in achieved.values()), total(one.drawn for one in achieved.values())
