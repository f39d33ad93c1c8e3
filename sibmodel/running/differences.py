"""How much one simulation differs from another of the same trials, with paired standard errors."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError
from sibmodel.running.results import Result
from sibmodel.running.statistics import PERCENTILES, WORST, Summary, error_of_mean, excess_below

SHORTFALL = "expected_shortfall"
PROFIT = "profit"


def difference(one: Result, other: Result, measure: str) -> Summary:
    """How much higher a measure is in `other` than in `one`, which has the same trials.

    The mean is over trials in which both are defined, its error that of the mean of the differences. Percentiles are
    differences of percentiles; with their errors e₁ and e₂, and the correlation ρ of lying at or below them in the
    same trial (or, over replicates, of how many do), the error is √(e₁² + e₂² − 2ρe₁e₂). That of an expected shortfall
    is the spread of max(loss − VaR, 0)/p from one to the other. The rate of return of a mean cash flow has the error as
    if the runs were independent, √(e₁² + e₂²), which is rather too large. Raises SibmodelError if the runs have other
    trials.
    """
    if any(getattr(one.record, what) != getattr(other.record, what) for what in ("trials", "seed", "sampling")):
        raise SibmodelError("the runs have other trials; compare runs of one seed, number and sampling")
    first, second = one[measure], other[measure]
    if measure in one.values:
        return _of_trials(first, second, one.values[measure], other.values[measure])
    mean = None if first.mean is None or second.mean is None else second.mean - first.mean
    prefix, _, last = measure.rpartition(".")
    if last == SHORTFALL:
        name = f"{prefix}.{PROFIT}"
        error = error_of_mean(_beyond(other.values[name]) - _beyond(one.values[name]), one.replicates)
    else:
        error = None if first.se is None or second.se is None else float(np.hypot(first.se, second.se))
    return _summary(first, second, mean, error, min(first.defined, second.defined))


def _of_trials(first: Summary, second: Summary, a: FloatArray, b: FloatArray) -> Summary:
    both = np.isfinite(a) & np.isfinite(b)
    gap = np.where(both, b - a, np.nan)
    defined = int(both.sum())
    mean = float(np.nanmean(gap)) if defined else None
    found = _summary(first, second, mean, error_of_mean(gap, first.replicates), defined)
    for p in PERCENTILES:
        low, high = first.percentiles[p], second.percentiles[p]
        if low is not None and high is not None:
            found.percentiles[p] = high - low
            found.percentile_errors[p] = _error_of_gap(first, second, a, b, p)
    return found


def _summary(first: Summary, second: Summary, mean: float | None, error: float | None, defined: int) -> Summary:
    return Summary(
        base=None if first.base is None or second.base is None else second.base - first.base,
        mean=mean,
        se=error,
        percentiles=dict.fromkeys(PERCENTILES),
        unit=first.unit,
        label=first.label,
        defined=defined,
        percentile_errors=dict.fromkeys(PERCENTILES),
        replicates=first.replicates,
    )


def _error_of_gap(first: Summary, second: Summary, a: FloatArray, b: FloatArray, p: int) -> float | None:
    low, high = first.percentiles[p], second.percentiles[p]
    e1, e2 = first.percentile_errors[p], second.percentile_errors[p]
    if low is None or high is None or e1 is None or e2 is None:
        return None
    both = np.isfinite(a) & np.isfinite(b)
    if not both.any():
        return None
    if first.replicates > 1:
        a, b = (np.where(both, values, np.nan) for values in (a, b))
        correlation = _alike(*(excess_below(x, at, first.replicates) for x, at in ((a, low), (b, high))))
    else:
        correlation = _correlation(a[both] <= low, b[both] <= high)
    return float(np.sqrt(max(e1**2 + e2**2 - 2.0 * correlation * e1 * e2, 0.0)))


def _correlation(one: npt.NDArray[np.bool_], other: npt.NDArray[np.bool_]) -> float:
    """Of two things that happen or not in the same trials; 0 where one of them always or never does."""
    p, q = (float(x.mean()) if x.size else 0.0 for x in (one, other))
    spread = np.sqrt(p * (1.0 - p) * q * (1.0 - q))
    return float((np.mean(one & other) - p * q) / spread) if spread else 0.0


def _alike(one: FloatArray, other: FloatArray) -> float:
    """Correlation of two rows of numbers whose mean is nought; 1 where they are the same, noughts too."""
    if np.array_equal(one, other):
        return 1.0
    size = float(np.sqrt((one @ one) * (other @ other)))
    return float(one @ other) / size if size else 0.0


def _beyond(profit: FloatArray) -> FloatArray:
    """What each trial adds to the mean loss of the worst: max(loss − VaR, 0)/p."""
    loss = np.where(profit < -PENNY, -profit, 0.0)
    count = int(np.ceil(WORST * loss.size - 1e-9))
    threshold = np.sort(loss)[::-1][count - 1]
    return np.asarray(np.maximum(loss - threshold, 0.0) / WORST)
