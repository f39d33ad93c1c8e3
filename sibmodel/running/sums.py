"""Sums gathered block by block, where single trials need not be kept."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray

Replicate = npt.NDArray[np.intp]
"""The replicate to which each trial of a block belongs, (trials,), rising; zeros where there is one."""


def _starts(replicate: Replicate, replicates: int) -> Replicate:
    """The first trial of each replicate that is in a block."""
    return np.flatnonzero(np.diff(replicate, prepend=-1)) if replicates > 1 else np.zeros(1, np.intp)


def _counts(replicate: Replicate, replicates: int) -> FloatArray:
    """How many trials of a block belong to each replicate, (replicates,)."""
    if replicates == 1:
        return np.array([float(len(replicate))])
    return np.bincount(replicate, minlength=replicates).astype(np.float64)


@dataclass(frozen=True)
class Average:
    """A number's mean over trials with its standard error: trials, sums and squares by replicate, (replicates,)."""

    counts: FloatArray
    sums: FloatArray
    squares: FloatArray

    @classmethod
    def of(cls, values: FloatArray, replicate: Replicate, replicates: int = 1) -> Average:
        """Sums of one block, (trials,), or (1,) where all its trials are alike."""
        counts = _counts(replicate, replicates)
        if values.size == 1:
            return cls(counts, counts * values, counts * (values * values))
        starts = _starts(replicate, replicates)
        here, sums, squares = replicate[starts], np.zeros(replicates), np.zeros(replicates)
        sums[here], squares[here] = np.add.reduceat(values, starts), np.add.reduceat(values * values, starts)
        return cls(counts, sums, squares)

    def __add__(self, other: Average) -> Average:
        return Average(self.counts + other.counts, self.sums + other.sums, self.squares + other.squares)

    @property
    def mean(self) -> float:
        """Mean over all trials."""
        return float(self.sums.sum() / self.counts.sum())

    @property
    def error(self) -> float | None:
        """Its standard error: s/√n, or the spread of the replicates' means over the root of their number."""
        if self.counts.size > 1:
            means = self.sums / self.counts
            return float(means.std(ddof=1) / np.sqrt(means.size))
        count = float(self.counts[0])
        if count < 2:
            return None
        variance = (float(self.squares[0]) - count * self.mean**2) / (count - 1)
        return float(np.sqrt(max(variance, 0.0) / count))


@dataclass(frozen=True)
class Moments:
    """Sums and products of a cash flow over trials, gathered block by block.

    `counts` are trials by replicate, (replicates,); `sums` flows by replicate, (replicates, periods). `products` are
    sums of products of flows, (periods, periods), and `first_sums` of flows, (periods,), over the `first` trials, which
    are enough to estimate the covariance of the flows of all.
    """

    counts: FloatArray
    sums: FloatArray
    products: FloatArray
    first_sums: FloatArray
    first: int

    @classmethod
    def of(cls, flow: FloatArray, replicate: Replicate, replicates: int = 1, is_first: bool = True) -> Moments:
        """Moments of some trials, (periods, trials), each of which belongs to a replicate, (trials,).

        `is_first` is whether they are among those from which the covariance is estimated.
        """
        starts = _starts(replicate, replicates)
        here = replicate[starts]
        sums = np.zeros((replicates, flow.shape[0]))
        sums[here] = np.add.reduceat(flow, starts, axis=1).T
        counts = _counts(replicate, replicates)
        if not is_first:
            return cls(counts, sums, np.zeros((len(flow), len(flow))), np.zeros(len(flow)), 0)
        return cls(counts, sums, np.einsum("sn,tn->st", flow, flow), sums.sum(axis=0), flow.shape[1])

    def __add__(self, other: Moments) -> Moments:
        return Moments(
            self.counts + other.counts,
            self.sums + other.sums,
            self.products + other.products,
            self.first_sums + other.first_sums,
            self.first + other.first,
        )

    @property
    def mean(self) -> FloatArray:
        """Mean flow, (periods,)."""
        return np.asarray(self.sums.sum(axis=0) / self.counts.sum())

    def error_of_rate(self, rate: float, years: FloatArray) -> float | None:
        """Standard error of the rate at which the mean flow is worth nothing, by the delta method.

        The standard error of the mean present value at that rate over the slope of present value there.
        """
        if not np.isfinite(rate) or rate <= -1.0:
            return None
        factors = power(1.0 + rate, -years)
        slope = float((years * factors / (1.0 + rate)) @ self.mean)
        error = self.error_of(factors)
        return error / abs(slope) if slope and error is not None else None

    def error_of(self, weights: FloatArray) -> float | None:
        """Standard error of a weighted sum of the mean flow, weights (periods,); None if there are too few trials."""
        count = float(self.counts.sum())
        if len(self.counts) > 1:
            values = self.sums @ weights / self.counts
            return float(values.std(ddof=1) / np.sqrt(len(values)))
        if self.first < 2:
            return None
        mean = self.first_sums / self.first
        covariance = (self.products - self.first * np.outer(mean, mean)) / (self.first - 1)
        return float(np.sqrt(max(float(weights @ covariance @ weights), 0.0) / count))
