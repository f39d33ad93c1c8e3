"""The chain from a true net outcome to cashable pounds, link by link, in real pounds."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibmodel.core.flows import OutcomeFlow, Saving
from sibmodel.core.schema import parts_of_whole
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay, fading_weights, live_weights, spread
from sibmodel.core.trials import Trials
from sibmodel.savings.terms import CorrectionTerms, SavingsTerms, SavingTerms, TopDownTerms


def savings(
    terms: SavingsTerms | None,
    outcomes: Mapping[str, OutcomeFlow],
    real_spend: FloatArray,
    timeline: Timeline,
    trials: Trials,
    scale: float = 1.0,
) -> tuple[Saving, ...]:
    """Savings by agency and kind; `real_spend` is programme spend in prices of the signing date."""
    if terms is None:
        return ()
    if terms.top_down is not None:
        return tuple(_top_down(terms.top_down, tuple(terms.agencies), real_spend, timeline, trials, scale))
    return tuple(
        _bottom_up(name, item, outcomes[item.outcome].true, timeline, trials)
        for name, item in (terms.items or {}).items()
    )


def _bottom_up(name: str, item: SavingTerms, true: FloatArray, timeline: Timeline, trials: Trials) -> Saving:
    lag = item.lag_months.over(trials) / timeline.period_months
    assert item.value is not None  # noqa: S101 - the schema refuses a saving without
    value = item.value.over(trials) * item.factor
    if item.lasts_months is None:
        gross = delay(true, lag) * value
    else:
        live = live_weights(lag, item.lasts_months.over(trials) / timeline.period_months, trials.periods)
        kept = fading_weights(live, lag, item.kept_each_year.over(trials), timeline.per_year)
        gross = spread(true, kept) / timeline.per_year * value
    attributable = gross * (1 - item.displacement.over(trials)) * (1 - item.attributed_to_others.over(trials))
    return _corrected(name, item.agency, item, gross, attributable, trials)


def _top_down(
    terms: TopDownTerms,
    agencies: tuple[str, ...],
    real_spend: FloatArray,
    timeline: Timeline,
    trials: Trials,
    scale: float,
) -> list[Saving]:
    """Spend times savings per pound, spread over the years after the spend and split over agencies."""
    saved = scale * terms.savings_per_pound.over(trials) * real_spend
    if terms.profile is not None:
        profile = np.array(terms.profile) / sum(terms.profile)
        by_age = np.repeat(profile / timeline.per_year, timeline.per_year)
        saved = spread(saved, np.concatenate([[0.0], by_age])[:, None])
    split = parts_of_whole(terms.split or {agencies[0]: 1.0})
    return [
        _corrected(f"top_down.{agency}", agency, terms, saved * share, saved * share, trials)
        for agency, share in split.items()
    ]


def _corrected(
    name: str,
    agency: str,
    terms: CorrectionTerms,
    gross: FloatArray,
    attributable: FloatArray,
    trials: Trials,
) -> Saving:
    after_bias = attributable * (1 - terms.optimism_bias.over(trials))
    return Saving(name, agency, terms.kind, gross, attributable, after_bias, after_bias * terms.cashable.over(trials))
