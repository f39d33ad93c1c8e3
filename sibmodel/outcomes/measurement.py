"""What the contract's evaluator sees: pools, reports and noise."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

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


@dataclass(frozen=True)
class Noise:
    """Error of an estimate from one person measured, in the outcome's unit: standard normals times two numbers.

    Each is (1 or periods, 1 or trials); the normals may end with the last report.
    """

    normals: FloatArray
    person_sd: FloatArray
    of_both: FloatArray
    """What a comparison group adds."""

    @property
    def columns(self) -> tuple[int, ...]:
        """(1,) or (trials,)."""
        return np.broadcast_shapes(*(a.shape[1:] for a in (self.normals, self.person_sd, self.of_both)))

    def of(self, period: int) -> FloatArray:
        """The error of the report of a period, (1 or trials,)."""
        normal, sd, more = (a[period if len(a) > 1 else 0] for a in (self.normals, self.person_sd, self.of_both))
        return np.asarray(normal * sd * more)


WITHOUT_NOISE = Noise(np.zeros((1, 1)), np.ones((1, 1)), np.ones((1, 1)))


def measured_effect(
    terms: EffectTerms,
    levels: Levels,
    exposed: Exposure,
    noise: Noise,
    timeline: Timeline,
) -> tuple[FloatArray, FloatArray]:
    """Verified mean and the people behind it, (periods, trials), zero between reports.

    `noise` is divided by the root of the pool, so the standard error is person_sd · √(1/n), or √(1/n + 1/(ratio·n))
    with a comparison group.
    """
    series = (exposed.live, exposed.kept, exposed.effective)
    shape = np.broadcast_shapes(
        *(a.shape for a in series), levels.gross.shape, levels.net.shape, levels.deducted.shape, noise.columns
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
        mean = change / safe + noise.of(period) / np.sqrt(safe)
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


def noise_of(terms: EffectTerms, address: str, trials: Trials) -> Noise:
    """The noise of an outcome's reports; nothing in the base case."""
    compares, ratio = terms.counterfactual.compares, terms.measurement.comparison_ratio
    more = np.sqrt(1.0 + 1.0 / ratio.over(trials)) if compares else np.ones((1, 1))
    return Noise(trials.noise(address), terms.measurement.person_sd.over(trials), more)
