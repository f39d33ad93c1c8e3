"""Parts of a variance, from squares in every trial: amounts, shares, and their standard errors."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.running.statistics import error_of_mean, interval


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


def squares_of(values: FloatArray) -> FloatArray:
    """Squared distances from the mean, (trials,), whose mean is the variance; not a number where there is no value."""
    known = values[np.isfinite(values)]
    mean = float(known.mean()) if known.size else 0.0
    return np.asarray((values - mean) ** 2 * (known.size / max(known.size - 1, 1)))


def half(one: FloatArray, other: FloatArray) -> FloatArray:
    """Half the square of what redrawing something changes, whose mean is E[Var(Y | all that was not redrawn)]."""
    return np.asarray((one - other) ** 2 / 2.0)


def part(each: FloatArray, squares: FloatArray, replicates: int) -> Part:
    """A mean over trials and its share of the mean of `squares`; the share's standard error by the delta method."""
    if np.isfinite(each).sum() < 2:
        return Part(0.0, 0.0, 0.0, 0.0)
    mean, variance = float(np.nanmean(each)), float(np.nanmean(squares))
    se = error_of_mean(each, replicates) or 0.0
    if not variance:
        return Part(mean, se, 0.0, 0.0)
    share = mean / variance
    return Part(mean, se, share, (error_of_mean(each - share * squares, replicates) or 0.0) / variance)
