"""How many rates columns of flows can have at most, above zero and below it.

Rates above zero are roots x = 1/(1 + r) in (0, 1) of Σ c_t x^t, rates below are roots z = 1 + r in (0, 1) of the
reversed polynomial. On any interval a polynomial has at most as many roots as its Bernstein coefficients there change
their sign: Descartes' rule after Vincent's substitution, in numbers that cannot overflow. More, shorter intervals
allow fewer.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.grid import BoolArray, IntArray, product, scratch

Counts = npt.NDArray[np.int16]

WHOLE = (0.0, 1.0)
PARTS = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)


def how_many(marks: BoolArray) -> Counts:
    """Number of marks down each column."""
    # small whole numbers are many times as fast to add as NumPy's default, which is wide enough for any column
    kind = np.int8 if len(marks) < 128 else np.int16
    return np.asarray(np.add.reduce(marks.view(np.int8), axis=0, dtype=kind), dtype=np.int16)


def changes(sign: BoolArray) -> Counts:
    """Changes of sign down each column."""
    return how_many(np.not_equal(sign[1:], sign[:-1], out=scratch("changes", (len(sign) - 1, sign.shape[1]), np.bool_)))


def most_rates(flows: FloatArray, ends: tuple[float, ...]) -> tuple[IntArray, IntArray, BoolArray]:
    """At most how many rates lie above zero and below it, and where rounding leaves no doubt of that.

    Counted on the intervals between `ends`, as often as they are multiple.
    """
    size, parts = len(flows), len(ends) - 1
    values = product(_bernstein(size - 1, ends), flows, "bernstein")
    error = 4e-16 * size * over_time(np.abs(flows))
    positive, possible = values > error, values >= -error
    clear = _beyond_doubt(values, positive != possible, size, parts)
    least = np.minimum(_changes_within(positive, parts), _changes_within(possible, parts))
    most = least.reshape(2, parts, -1).sum(axis=1, dtype=np.int64)
    return most[0], most[1], clear


def _changes_within(sign: BoolArray, parts: int) -> Counts:
    """Changes of sign down each column of each interval, one row for each."""
    sign = sign.reshape(2 * parts, -1, sign.shape[1])
    turned = (sign[:, 1:] != sign[:, :-1]).view(np.int8)
    return np.asarray(np.add.reduce(turned, axis=1, dtype=np.int8 if turned.shape[1] < 128 else np.int16), np.int16)


def _beyond_doubt(values: FloatArray, doubtful: BoolArray, size: int, parts: int) -> BoolArray:
    """Columns in which no doubtful sign matters.

    A plain nought (from before the first flow or after the last) may count as either sign, but not where two
    intervals meet: there it is a rate.
    """
    if not doubtful.any():
        return np.ones(values.shape[1], dtype=np.bool_)
    meet = [side * parts * size + part * size + k for side in (0, 1) for part in range(1, parts) for k in (-1, 0)]
    return np.asarray((how_many(doubtful & (values != 0)) == 0) & (how_many(doubtful[meet]) == 0))


@lru_cache(maxsize=16)
def _bernstein(periods: int, ends: tuple[float, ...]) -> FloatArray:
    """Flows to the Bernstein coefficients on each interval, one below the other: in x, then in z."""
    parts = [_on_interval(periods, low, high) for low, high in pairwise(ends)]
    return np.concatenate([*parts, *(part[:, ::-1] for part in parts)])


def _on_interval(degree: int, low: float, high: float) -> FloatArray:
    """Powers to Bernstein coefficients: (1 + low·y)^(d−k) (1 + high·y)^k in row k, its y^t over C(d, t)."""
    rows = [_binomial_series(degree, low)]
    for k in range(1, degree + 1):
        rows.append(np.convolve(_binomial_series(degree - k, low), _binomial_series(k, high)))
    return np.stack(rows) / _binomial_series(degree, 1.0)


def _binomial_series(degree: int, times: float) -> FloatArray:
    """Coefficients of (1 + times·y)^degree."""
    t = np.arange(1, degree + 1)
    return np.concatenate([[1.0], np.cumprod((degree + 1 - t) / t * times)])
