"""All outcomes of a programme."""

from __future__ import annotations

from collections.abc import Mapping

from sibmodel.core.flows import Activity, OutcomeFlow, total
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials
from sibmodel.outcomes.effects import exposure, levels
from sibmodel.outcomes.measurement import measured_effect, unit_noise
from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms, QuantityTerms


def outcomes(
    terms: Mapping[str, OutcomeTerms],
    activity: Activity,
    timeline: Timeline,
    trials: Trials,
    scale: float = 1.0,
) -> dict[str, OutcomeFlow]:
    """Every outcome by name; `scale` is the share of the true effect that happens."""
    return {
        name: _effect(one, name, activity, timeline, trials, scale)
        if isinstance(one, EffectTerms)
        else _counted(one, activity, timeline, trials, scale)
        for name, one in terms.items()
    }


def _counted(
    terms: AchievementTerms | QuantityTerms,
    activity: Activity,
    timeline: Timeline,
    trials: Trials,
    scale: float,
) -> OutcomeFlow:
    """Expected achievements or units, some time after the people came."""
    source = activity.started if terms.of == "engaged" else activity.referred
    lag = terms.lag_months.over(trials) / timeline.period_months
    people = delay(_people(source, terms.groups), lag)
    stated = terms.share if isinstance(terms, AchievementTerms) else terms.per_person
    level = levels(stated, terms.counterfactual, trials, scale)
    verified = people * (level.gross - level.deducted) * terms.verified_share.over(trials)
    return OutcomeFlow(False, people * level.net, verified, people)


def _effect(
    terms: EffectTerms, name: str, activity: Activity, timeline: Timeline, trials: Trials, scale: float
) -> OutcomeFlow:
    level = levels(terms.change, terms.counterfactual, trials, scale)
    exposures = exposure(terms, _people(activity.started, terms.groups), timeline, trials)
    noise = unit_noise(terms, f"outcomes.{name}", trials)
    verified, measured = measured_effect(terms, level, exposures, noise, timeline)
    return OutcomeFlow(True, exposures[1] * level.net, verified, measured)


def _people(people: Mapping[str, FloatArray], groups: tuple[str, ...] | None) -> FloatArray:
    """People of the named groups together, of all groups if none is named."""
    return total(people[name] for name in groups or people)
