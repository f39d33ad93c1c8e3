"""When things that began earlier happen: delays, stays, lasting effects and their fading.

A weight array has shape (ages, 1 or trials): row *a* is what a start in period *c* contributes to period
*c* + *a*. Lags and durations are in periods, shape (1, 1 or trials), and need not be whole.
"""

from __future__ import annotations

import numpy as np

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray, running_total


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


def live(series: FloatArray, lag: FloatArray, lasts: FloatArray) -> FloatArray:
    """What has begun `lag` periods ago at least and lasts still, for as much of each period as it does.

    It is `spread(series, live_weights(lag, lasts, periods))`, as all that has begun less all that has ended: two looks
    at running totals instead of a sum over all ages.
    """
    so_far = running_total(series)
    return _up_to(so_far, lag) - _up_to(so_far, lag + lasts)


def _up_to(so_far: FloatArray, lag: FloatArray) -> FloatArray:
    """Running totals over each period of what comes evenly after `lag`, on straight lines between ends of periods."""
    periods, trials = len(so_far), max(so_far.shape[1], lag.shape[1])
    lag = np.minimum(lag, float(periods))  # nothing was before the first period
    whole = np.floor(lag[0]).astype(np.intp)
    part = lag[0] - whole
    # rows of nothing come first, so that each trial finds its own row however far back
    before = np.concatenate([np.zeros((int(whole.max()) + 2, so_far.shape[1])), so_far])
    out = np.empty((periods, trials))
    if whole.size == 1:
        now, last = before[1 : periods + 1], before[:periods]
        return np.asarray(now + part * (last - now) if part.any() else np.add(now, 0.0, out=out))
    columns = np.arange(so_far.shape[1])
    index = (whole.max() + 1 - whole) * so_far.shape[1] + columns
    last = np.zeros(trials)
    for row in out:
        now = before.take(index)
        np.subtract(last, now, out=row)
        np.multiply(row, part, out=row)
        np.add(row, now, out=row)
        index += so_far.shape[1]
        last = now
    return out


def kept(
    series: FloatArray, lag: FloatArray, lasts: FloatArray, kept_each_year: FloatArray, per_year: int
) -> FloatArray:
    """The same after fading: only `kept_each_year` is left after each anniversary of its beginning."""
    if np.all(kept_each_year == 1.0):
        return live(series, lag, lasts)
    weights = live_weights(lag, lasts, len(series))
    return spread(series, fading_weights(weights, lag, kept_each_year, per_year))


def live_weights(lag: FloatArray, lasts: FloatArray, periods: int) -> FloatArray:
    """Part of each period in which something that begins after `lag` and lasts `lasts` is live."""
    ages = _ages(min(periods, int(np.max(lag + lasts)) + 2))
    return np.asarray(np.clip(ages - lag, 0.0, 1.0) - np.clip(ages - lag - lasts, 0.0, 1.0))


def fading_weights(live: FloatArray, lag: FloatArray, kept_each_year: FloatArray, per_year: int) -> FloatArray:
    """Live weights of something of which only `kept_each_year` is left after each anniversary of its beginning."""
    years = np.floor(np.maximum(_ages(len(live)) - 1 - lag, 0.0) / per_year)
    return np.asarray(live * power(kept_each_year, years))


def _ages(count: int, axes: int = 2) -> FloatArray:
    return np.arange(count, dtype=np.float64).reshape(-1, *[1] * (axes - 1))
