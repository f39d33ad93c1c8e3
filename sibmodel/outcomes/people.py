"""Whose outcome it is, and how many times the stated effect they have between them."""

from __future__ import annotations

from collections.abc import Mapping

from sibmodel.core.flows import sum_of
from sibmodel.core.quantity import Quantity
from sibmodel.core.service import Activity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials
from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms, QuantityTerms


def came_and_effective(terms: OutcomeTerms, activity: Activity, trials: Trials) -> tuple[FloatArray, FloatArray]:
    """People of the outcome's groups, and how many times the stated effect they have between them.

    The two are the same array where nobody has more or less than the effect stated.
    """
    groups = terms.groups or tuple(activity.started)
    came, helped = people_of(terms, activity)
    people = sum_of(came[name] for name in groups)
    if not terms.effect_in_group and all(helped[name] is came[name] for name in groups):
        return people, people
    return people, sum_of(effective_of(terms, name, helped[name], trials) for name in groups)


def effective_of(terms: OutcomeTerms, group: str, helped: FloatArray, trials: Trials) -> FloatArray:
    """The same of one group; the array itself where it has the effect stated."""
    own = terms.effect_in_group.get(group)
    return helped if own is None else helped * own.over(trials)


def people_of(terms: OutcomeTerms, activity: Activity) -> tuple[Mapping[str, FloatArray], Mapping[str, FloatArray]]:
    """Whom the outcome counts, and those of them who are helped: the schema sees to it that no limit hits referrals."""
    if isinstance(terms, EffectTerms) or terms.of == "engaged":
        return activity.started, activity.helped
    return activity.referred, activity.referred


def people_by_group(
    terms: OutcomeTerms, activity: Activity, timeline: Timeline, trials: Trials
) -> dict[str, FloatArray]:
    """People of each group in the period in which the outcome comes to them, (periods, 1 or trials)."""
    lag = terms.lag_months.over(trials) / timeline.period_months
    came, _ = people_of(terms, activity)
    return {group: delay(came[group], lag) for group in terms.groups or came}


def stated(terms: AchievementTerms | QuantityTerms) -> Quantity:
    """The gross level for each of them."""
    return terms.share if isinstance(terms, AchievementTerms) else terms.per_person
