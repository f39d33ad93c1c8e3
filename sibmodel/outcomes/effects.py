"""From people to what truly changed: gross, counterfactual and net."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay, kept, live
from sibmodel.core.trials import Trials
from sibmodel.outcomes.regression import expected_fall
from sibmodel.outcomes.terms import CounterfactualTerms, EffectTerms


@dataclass(frozen=True)
class Levels:
    """Per person (or person-year): what happened, what truly changed, what the evaluator deducts.

    Each (1, 1 or trials), in the outcome's unit.
    """

    gross: FloatArray
    net: FloatArray
    deducted: FloatArray

    @property
    def anyway(self) -> FloatArray:
        """The counterfactual: what would have happened without the programme."""
        return self.gross - self.net


def levels(stated: Quantity, terms: CounterfactualTerms, trials: Trials, scale: float) -> Levels:
    """Gross and net level where only `scale` of the true effect happens (0: the programme does nothing).

    The counterfactual stays as it is, so a contract that does not allow for it still pays for it.
    """
    as_stated = stated.over(trials)
    level = terms.level.over(trials)
    if terms.regression_to_mean is not None:
        level = expected_fall(terms.regression_to_mean, trials)
    counterfactual = level * as_stated if terms.basis == "share" else level
    net = scale * (as_stated - counterfactual)
    deducted = counterfactual if terms.compares else 0.0 * counterfactual
    if terms.agreed is not None:
        deducted = terms.agreed.over(trials)
    return Levels(counterfactual + net, net, deducted)


@dataclass(frozen=True)
class Exposure:
    """People (or person-years) in whom an effect is live in each period, (periods, 1 or trials).

    `kept` is the same after fading, and `effective` the same of those who have the effect, as a multiple of the stated.
    """

    live: FloatArray
    kept: FloatArray
    effective: FloatArray


def exposure(
    terms: EffectTerms, started: FloatArray, effective: FloatArray, timeline: Timeline, trials: Trials
) -> Exposure:
    """Exposure to an effect of those who start, and of those of them who have the effect."""
    live, kept = _exposure(terms, started, timeline, trials)
    return Exposure(live, kept, kept if effective is started else _exposure(terms, effective, timeline, trials)[1])


def _exposure(
    terms: EffectTerms, started: FloatArray, timeline: Timeline, trials: Trials
) -> tuple[FloatArray, FloatArray]:
    lag = terms.lag_months.over(trials) / timeline.period_months
    if terms.lasts_months is None:
        once = delay(started, lag)
        return once, once
    lasts = terms.lasts_months.over(trials) / timeline.period_months
    exposed = live(started, lag, lasts) / timeline.per_year
    stays = terms.kept_each_year.over(trials)
    if np.all(stays == 1.0):
        return exposed, exposed
    return exposed, kept(started, lag, lasts, stays, timeline.per_year) / timeline.per_year
