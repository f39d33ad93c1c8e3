"""What many trials say about a measure, each number with its standard error.

Trials are independent, or come in a number of independent replicates of equal size, one after the other (Latin
hypercube, Sobol): then every standard error is the spread of the replicates' own values over the root of their number;
that of a percentile, of their shares of values at or below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain
from statistics import NormalDist
from typing import Any, TypeVar

import numpy as np

from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import UnknownNameError
from sibmodel.measures.values import Unit, Values

PERCENTILES = (5, 10, 50, 90, 95)
_SHARES = tuple(p / 100 for p in PERCENTILES)
WORST = 0.05
"""Part of the trials that an expected shortfall looks at."""
_REACH = 1.959963984540054
"""Standard errors on either side of a 95 % interval."""

_P = TypeVar("_P")


@dataclass(frozen=True)
class Summary:
    """A measure: its base case, and its mean and percentiles over the trials where it is defined, each with its error.

    None stands for what is undefined. `se` is the standard error of the mean, `percentile_errors` those of the
    percentiles. `status` counts trials by how a rate of return was found. `replicates` is 1 where trials are
    independent of each other.
    """

    base: float | None
    mean: float | None
    se: float | None
    percentiles: dict[int, float | None]
    unit: Unit
    label: str
    defined: int
    status: dict[str, int] | None = None
    base_status: str | None = None
    percentile_errors: dict[int, float | None] = field(default_factory=dict)
    replicates: int = 1

    def statistic(self, name: str) -> tuple[float | None, float | None]:
        """`mean`, or a percentile such as `p5`, and its standard error. Raises UnknownNameError for another name."""
        if name == "mean":
            return self.mean, self.se
        percentiles = {f"p{p}": p for p in self.percentiles}
        if name not in percentiles:
            raise UnknownNameError(f"there is no statistic '{name}'; take mean or {', '.join(percentiles)}")
        percentile = percentiles[name]
        return self.percentiles[percentile], self.percentile_errors.get(percentile)

    @property
    def is_noise(self) -> bool:
        """Whether the mean is not told apart from nought: its 95 % interval holds it."""
        return self.within_noise("mean")

    def within_noise(self, statistic: str) -> bool:
        """The same of any statistic; one that has no error is none."""
        ends = self.interval(statistic)
        return ends is not None and ends[0] < ends[1] and ends[0] <= 0 <= ends[1]

    def interval(self, statistic: str = "mean", confidence: float = 0.95) -> tuple[float, float] | None:
        """Ends of the interval that covers the true value in `confidence` of runs, or None where there is no error.

        The value less and plus its standard error times a quantile of the normal distribution; of Student's t with one
        degree of freedom less than there are replicates.
        """
        value, error = self.statistic(statistic)
        return None if value is None or error is None else interval(value, error, self.replicates, confidence)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out: dict[str, Any] = {"base": self.base, "mean": self.mean, "se": self.se}
        for p, value in self.percentiles.items():
            out |= {f"p{p}": value, f"p{p}_se": self.percentile_errors.get(p)}
        out |= {"unit": self.unit, "label": self.label, "defined": self.defined}
        if self.status is not None:
            out |= {"status": self.status, "base_status": self.base_status}
        return out


def interval(value: float, error: float, replicates: int = 1, confidence: float = 0.95) -> tuple[float, float]:
    """The value less and plus its standard error times the quantile that goes with the way it was sampled."""
    tail = (1.0 + confidence) / 2.0
    if replicates == 1:
        reach = NormalDist().inv_cdf(tail)
    else:
        from scipy.special import stdtrit

        reach = float(stdtrit(replicates - 1, tail))
    return value - reach * error, value + reach * error


def summarise(base: Values, simulated: FloatArray, replicates: int = 1) -> Summary:
    """Statistics of a measure from its base case (one trial) and its simulated values, shape (trials,)."""
    x = simulated[np.isfinite(simulated)]
    parts = [x] if replicates == 1 else [part[np.isfinite(part)] for part in np.split(simulated, replicates)]
    percentiles: dict[int, float | None] = dict.fromkeys(PERCENTILES)
    errors = percentiles.copy()
    if base.unit != "probability":
        for p, found in zip(PERCENTILES, _percentiles(x, simulated, _SHARES, replicates), strict=True):
            percentiles[p], errors[p] = found
    return Summary(
        base=known(base.values[0]),
        mean=_mean(x),
        se=_error_of_share(parts) if base.unit == "probability" else _error_of_mean(parts),
        percentiles=percentiles,
        unit=base.unit,
        label=base.label,
        defined=int(x.size),
        percentile_errors=errors,
        replicates=replicates,
    )


def at_percentile(values: FloatArray, share: float, replicates: int = 1) -> tuple[float | None, float | None]:
    """The value below which `share` of the values lie that are defined, (trials,), and its standard error."""
    return _percentiles(values[np.isfinite(values)], values, (share,), replicates)[0]


def _percentiles(
    x: FloatArray, values: FloatArray, shares: tuple[float, ...], replicates: int
) -> list[tuple[float | None, float | None]]:
    """Percentiles of the values, of which `x` are those that are defined, with their standard errors.

    An error is half the distance of the ends of a 95 % interval, over 1.96. The ends are the order statistics 1.96 n e
    places below and above np, with e the standard error of the share of values at or below it: √(p(1 − p)/n)
    (David and Nagaraja 2003, section 7.1), or by replicates (Woodruff 1952). None where they lie outside the values:
    there are too few.
    """
    if not x.size:
        return [(None, None)] * len(shares)
    places = [share * (x.size - 1) for share in shares]
    if replicates == 1:
        errors = [float(np.sqrt(share * (1.0 - share) / x.size)) for share in shares]
    else:
        x = _in_order(x, places)
        errors = [_error_below(values, _at(x, place), replicates) for place in places]
    middles = [share * x.size - 0.5 for share in shares]
    reaches = [_REACH * x.size * error for error in errors]
    ends = [(middle - reach, middle + reach) for middle, reach in zip(middles, reaches, strict=True)]
    x = _in_order(x, [*places, *chain.from_iterable(ends)])
    return [
        (_at(x, place), None if low < 0 or high > x.size - 1 else (_at(x, high) - _at(x, low)) / (2.0 * _REACH))
        for place, (low, high) in zip(places, ends, strict=True)
    ]


def _in_order(x: FloatArray, places: list[float]) -> FloatArray:
    """The same values, those on either side of some places where they would be if all were sorted."""
    whole = {min(max(int(place) + more, 0), x.size - 1) for place in places for more in (0, 1)}
    return np.partition(x, sorted(whole))


def _error_below(values: FloatArray, at: float, replicates: int) -> float:
    """Standard error of the share of the defined values that lie at or below a number, by replicates.

    No less than half a value, as a share goes in steps of one.
    """
    spread = float(excess_below(values, at, replicates).std(ddof=1)) * float(np.sqrt(replicates))
    return max(spread, 0.5) / int(np.isfinite(values).sum())


def excess_below(values: FloatArray, at: float, replicates: int) -> FloatArray:
    """How many more of each replicate's values lie at or below a number than by the share of all, (replicates,)."""
    below = (values <= at).reshape(replicates, -1).sum(axis=1)
    defined = np.isfinite(values).reshape(replicates, -1).sum(axis=1)
    return np.asarray(below - defined * (below.sum() / defined.sum()))


def _mean(x: FloatArray) -> float | None:
    return float(x.mean()) if x.size else None


def expected_shortfall(base: Values, profit: FloatArray, replicates: int = 1) -> Summary:
    """Mean loss in the worst 5 % of trials, ranked by profit; a profit counts as no loss.

    Its standard error is √((s² + (1 − p)(ES − VaR)²)/(pn)), with s² the variance of the losses in the tail, VaR the
    smallest of them and p = 5 % (Manistre and Hancock 2005).
    """
    loss = np.where(profit < -PENNY, -profit, 0.0)
    worst = _worst(loss)
    mean = float(worst.mean())
    spread = float(worst.var(ddof=1)) if worst.size > 1 else 0.0
    error: float | None = float(np.sqrt((spread + (1 - WORST) * (mean - float(worst[-1])) ** 2) / worst.size))
    if replicates > 1:
        error = spread_of(np.split(loss, replicates), lambda part: float(_worst(part).mean()))
    lost = max(-float(base.values[0]), 0.0)
    label = "mean loss in the worst 5 % of futures: " + base.label
    return Summary(
        base=lost if lost > PENNY else 0.0,
        mean=mean,
        se=error,
        percentiles=dict.fromkeys(PERCENTILES),
        unit="£",
        label=label,
        defined=loss.size,
        replicates=replicates,
    )


def _worst(loss: FloatArray) -> FloatArray:
    """The largest twentieth, from the largest down."""
    count = int(np.ceil(WORST * loss.size - 1e-9))
    return np.sort(np.partition(loss, loss.size - count)[loss.size - count :])[::-1]


def known(value: float) -> float | None:
    """The number, or None if it is not one."""
    return float(value) if np.isfinite(value) else None


def error_of_mean(values: FloatArray, replicates: int = 1) -> float | None:
    """Standard error of the mean of the values that are defined, (trials,); None if there are too few."""
    return _error_of_mean([part[np.isfinite(part)] for part in np.split(values, replicates)])


def _error_of_mean(parts: list[FloatArray]) -> float | None:
    """s/√n."""
    if len(parts) > 1:
        return spread_of(parts, _mean)
    (x,) = parts
    return float(x.std(ddof=1) / np.sqrt(x.size)) if x.size > 1 else None


def _error_of_share(parts: list[FloatArray]) -> float | None:
    """√(p(1 − p)/n)."""
    if len(parts) > 1:
        return spread_of(parts, _mean)
    (x,) = parts
    return float(np.sqrt(x.mean() * (1.0 - x.mean()) / x.size)) if x.size > 1 else None


def _at(x: FloatArray, place: float) -> float:
    """The value at a place between the first, 0, and the last of values in order, straight between two of them."""
    below = min(int(place), x.size - 1)
    above = min(below + 1, x.size - 1)
    low, high = float(x[below]), float(x[above])
    return low + (place - below) * (high - low)


def spread_of(parts: Iterable[_P], statistic: Callable[[_P], float | None]) -> float | None:
    """Standard deviation of the replicates' own values over the root of their number; None if one has no value."""
    values = [statistic(part) for part in parts]
    if any(value is None for value in values):
        return None
    return float(np.std(np.array(values, dtype=np.float64), ddof=1) / np.sqrt(len(values)))
