"""When things that began earlier happen: delays, stays, lasting effects and their fading.

A weight array has shape (ages, 1 or trials): row *a* is what a start in period *c* contributes to period
*c* + *a*. Lags and durations are in periods, shape (1, 1 or trials), and need not be whole.
"""

from __future__ import annotations

import numpy as np

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray


def spread(series: FloatArray, weights: FloatArray) -> FloatArray:
    """Sum over ages of weight times the series that many periods earlier.

    `series` is (periods, 1 or trials), or with further axes between these, period 0 first; the result has that many
    periods. What falls after the last period is lost: it lies outside the model.
    """
    out = np.zeros((len(series), *np.broadcast_shapes(series.shape[1:], weights.shape[1:])))
    part: FloatArray | None = None
    for age, weight in enumerate(weights[: len(series)]):
        earlier = series[: len(series) - age]
        if (weight == 1.0).all():
            out[age:] += earlier
        elif weight.any():
            part = np.empty_like(out) if part is None else part
            out[age:] += np.multiply(weight, earlier, out=part[age:])
    return out


def delay_weights(lag: FloatArray, periods: int) -> FloatArray:
    """Everything after `lag`; a lag between two periods is shared by the two in proportion."""
    ages = _ages(min(periods, int(np.max(lag)) + 2), lag.ndim)
    return np.asarray(np.maximum(0.0, 1.0 - np.abs(lag - ages)))


def delay(series: FloatArray, lag: FloatArray) -> FloatArray:
    """`series` moved later by `lag` periods."""
    if not np.any(lag):
        return series
    return spread(series, delay_weights(lag, series.shape[0]))


def present_weights(stay: FloatArray, periods: int) -> FloatArray:
    """Share of starters still there at the end of the period that many periods after their start."""
    ages = _ages(min(periods, int(np.max(stay)) + 1))
    return np.asarray(np.clip(stay - ages, 0.0, 1.0))


def live_weights(lag: FloatArray, lasts: FloatArray, periods: int) -> FloatArray:
    """Part of each period in which something that begins after `lag` and lasts `lasts` is live."""
    ages = _ages(min(periods, int(np.max(lag + lasts)) + 2))
    return np.asarray(np.clip(ages - lag, 0.0, 1.0) - np.clip(ages - lag - lasts, 0.0, 1.0))


def fading_weights(live: FloatArray, lag: FloatArray, kept_each_year: FloatArray, per_year: int) -> FloatArray:
    """Live weights of something of which only `kept_each_year` is left after each anniversary of its beginning.

    It is `live` itself where all is kept.
    """
    if np.all(kept_each_year == 1.0):
        return live
    years = np.floor(np.maximum(_ages(len(live)) - 1 - lag, 0.0) / per_year)
    return np.asarray(live * power(kept_each_year, years))


def _ages(count: int, axes: int = 2) -> FloatArray:
    return np.arange(count, dtype=np.float64).reshape(-1, *[1] * (axes - 1))
