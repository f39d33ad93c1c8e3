"""Parts of a variance, from squares in every trial: amounts, shares, and their standard errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.values import Unit
from sibmodel.running.statistics import error_of_mean, interval

_STILL, _NOUGHT = 1e-9, 1e-12


@dataclass(frozen=True)
class Part:
    """A part of a variance, in the square of the measure's unit, and as a share of it; with standard errors."""

    variance: float
    se: float
    share: float
    share_se: float

    def within_noise(self, replicates: int = 1) -> bool:
        """Whether the share is not told apart from nought: the lower end of its 95 % interval is not above it."""
        return interval(self.share, self.share_se, replicates)[0] <= 0.0


def rounding(values: FloatArray, unit: Unit) -> float:
    """The difference between two values of a measure up to which it is rounding: of pounds, half a penny at least."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return max(_STILL * largest, HALF_A_PENNY if unit == "£" else _NOUGHT)


def settled(runs: Mapping[str, FloatArray], unit: Unit) -> dict[str, FloatArray]:
    """A measure in several runs, each (trials,); all alike where nothing but rounding is between any two values."""
    every = np.concatenate(list(runs.values()))
    known = every[np.isfinite(every)]
    if not known.size or np.ptp(known) > rounding(known, unit):
        return dict(runs)
    return {name: np.where(np.isfinite(values), known[0], np.nan) for name, values in runs.items()}


def squares_of(values: FloatArray) -> FloatArray:
    """Squared distances from the mean, (trials,), whose mean is the variance; not a number where there is no value."""
    known = values[np.isfinite(values)]
    # the mean of equal values may be off by rounding
    mean = float(known.mean() if np.ptp(known) else known[0]) if known.size else 0.0
    return np.asarray((values - mean) ** 2 * (known.size / max(known.size - 1, 1)))


def half(one: FloatArray, other: FloatArray) -> FloatArray:
    """Half the square of what redrawing something changes, whose mean is E[Var(Y | all that was not redrawn)]."""
    return np.asarray((one - other) ** 2 / 2.0)


def part(each: FloatArray, squares: FloatArray, replicates: int) -> Part:
    """A mean over trials and its share of the mean of `squares`; the share's standard error by the delta method."""
    if np.isfinite(each).sum() < 2:
        return Part(0.0, 0.0, 0.0, 0.0)
    mean, variance = float(np.nanmean(each)), float(np.nanmean(squares))
    se = _error(each, replicates)
    if not variance:
        return Part(mean, se, 0.0, 0.0)
    share = mean / variance
    return Part(mean, se, share, _error(each - share * squares, replicates) / variance)


def _error(each: FloatArray, replicates: int) -> float:
    """The standard error of the mean; as of independent trials where a replicate has no value at all."""
    found = error_of_mean(each, replicates)
    return (error_of_mean(each) or 0.0) if found is None else found
