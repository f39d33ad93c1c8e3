"""What the contract's evaluator sees: pools, reports and noise."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import NOBODY
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.trials import Trials
from sibmodel.outcomes.effects import Exposure, Levels
from sibmodel.outcomes.terms import EffectTerms, MeasurementTerms


def report_periods(terms: MeasurementTerms, timeline: Timeline) -> list[int]:
    """Periods in which the evaluator reports; each report looks back to the one before."""
    last = timeline.months if terms.last_month is None else terms.last_month
    months = range(terms.first_month, last + 1, terms.every_months)
    return [month // timeline.period_months for month in months]


def measured_effect(
    terms: EffectTerms,
    levels: Levels,
    exposed: Exposure,
    noise: FloatArray,
    timeline: Timeline,
) -> tuple[FloatArray, FloatArray]:
    """Verified mean and the people behind it, (periods, trials), zero between reports.

    `noise` is the error of each report in the outcome's unit for one person measured; it is divided by the root of
    the pool, so the standard error is person_sd · √(1/n), or √(1/n + 1/(ratio·n)) with a comparison group.
    """
    series = (exposed.live, exposed.kept, exposed.effective)
    shape = np.broadcast_shapes(
        *(a.shape for a in series), levels.gross.shape, levels.net.shape, levels.deducted.shape, noise.shape
    )
    verified, measured = np.zeros(shape), np.zeros(shape)
    for window, period in _windows(terms.measurement, timeline):
        people = over_time(exposed.live[window])
        seen = people > NOBODY
        kept = people if exposed.kept is exposed.live else over_time(exposed.kept[window])
        change = kept * (levels.gross[0] - levels.deducted[0])
        if exposed.effective is not exposed.kept:
            change = change + over_time(exposed.effective[window] - exposed.kept[window]) * levels.net[0]
        safe = np.where(seen, people, 1.0)
        mean = change / safe + noise[period if noise.shape[0] > 1 else 0] / np.sqrt(safe)
        verified[period] = np.where(seen, mean, 0.0)
        measured[period] = np.where(seen, people, 0.0)
    return verified, measured


def measured_people(terms: MeasurementTerms, exposed: FloatArray, timeline: Timeline) -> FloatArray:
    """Some of the people of each report, in its period; zero between reports. Shape of `exposed`."""
    measured = np.zeros_like(exposed)
    for window, period in _windows(terms, timeline):
        measured[period] = over_time(exposed[window])
    return measured


def _windows(terms: MeasurementTerms, timeline: Timeline) -> Iterator[tuple[slice, int]]:
    """The periods since the report before, and the period of each report."""
    before = 0
    for period in report_periods(terms, timeline):
        yield (slice(before + 1, period + 1) if before else slice(0, period + 1)), period
        before = period


def unit_noise(terms: EffectTerms, address: str, trials: Trials) -> FloatArray:
    """Error of an estimate from one person measured, (periods, trials), or zeros in the base case."""
    sd = terms.measurement.person_sd.over(trials)
    others = 1.0 / terms.measurement.comparison_ratio.over(trials) if terms.counterfactual.compares else 0.0
    return np.asarray(trials.noise(address) * sd * np.sqrt(1.0 + others))
