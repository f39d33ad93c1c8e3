"""The internal rate of return of many cash flows at once, with a status for each.

A rate r per period solves Σ c_t x^t = 0 with x = 1/(1 + r). Rates above zero are roots x in (0, 1); rates
below zero are roots z = 1 + r in (0, 1) of the reversed polynomial. So all rates above −100 % are roots of two
polynomials on the unit interval, where powers cannot overflow. Descartes' rule of signs after the substitution
x = 1/(1 + y) bounds the number of roots there (Vincent's theorem): with one sign change there is exactly one,
found by a safeguarded Newton method; with none there is none; with more, the interval is halved until the rule
decides (Collins and Akritas 1976).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray, over_time

UNIQUE, MULTIPLE, TOTAL_LOSS, NONE = "unique", "multiple", "total_loss", "none"
STATUSES = (UNIQUE, MULTIPLE, TOTAL_LOSS, NONE)

DUST = 1e-6
"""Flows below a millionth of a pound are rounding noise; they would create false roots."""

_HALVINGS = 44
_NEWTON_STEPS = 100

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Rates:
    """Annual effective rates and their statuses, shape (trials,).

    `status` indexes `STATUSES`. A total loss is −1; where the status is `none` the rate is not a number. Where
    several rates exist, the one nearest zero (per period) is given.
    """

    annual: FloatArray
    status: npt.NDArray[np.int8]

    def counts(self) -> dict[str, int]:
        """How many trials have each status."""
        return {name: int(np.sum(self.status == code)) for code, name in enumerate(STATUSES)}


def irr(flows: FloatArray, per_year: int) -> Rates:
    """Internal rate of return of each column of `flows`, shape (periods, trials), `per_year` periods a year."""
    flows = np.where(np.abs(flows) < DUST, 0.0, flows)
    pays, receives = (flows < 0).any(axis=0), (flows > 0).any(axis=0)
    status = np.full(flows.shape[1], STATUSES.index(NONE), dtype=np.int8)
    rate = np.full(flows.shape[1], np.nan)
    lost = pays & ~receives
    status[lost], rate[lost] = STATUSES.index(TOTAL_LOSS), -1.0
    both = np.flatnonzero(pays & receives)
    if both.size:
        per_period, roots = _nearest_root(flows[:, both])
        status[both] = np.select(
            [roots == 1, roots > 1], [STATUSES.index(UNIQUE), STATUSES.index(MULTIPLE)], STATUSES.index(NONE)
        )
        rate[both] = (1.0 + per_period) ** per_year - 1.0
    return Rates(rate, status)


def _nearest_root(flows: FloatArray) -> tuple[FloatArray, IntArray]:
    """Rate per period nearest zero, and the number of rates, of each column."""
    at_zero = np.abs(over_time(flows)) <= DUST
    above, below = _bounds(flows, at_zero)
    rate = np.full(flows.shape[1], np.nan)
    count = np.zeros(flows.shape[1], dtype=np.int64)
    flat = at_zero & (above + below == 0)
    one_above = ~at_zero & (above == 1) & (below == 0)
    one_below = ~at_zero & (above == 0) & (below == 1)
    rate[flat] = 0.0
    if one_above.any():
        rate[one_above] = 1.0 / _newton(flows[:, one_above]) - 1.0
    if one_below.any():
        rate[one_below] = _newton(flows[::-1, one_below]) - 1.0
    count[flat | one_above | one_below] = 1
    unclear = np.flatnonzero(above + below > (~at_zero).astype(int))
    if unclear.size:
        rate[unclear], count[unclear] = _several(flows[:, unclear], at_zero[unclear])
    return rate, count


def _bounds(flows: FloatArray, at_zero: BoolArray) -> tuple[IntArray, IntArray]:
    """At most how many rates lie above zero and below it."""
    positive = over_time(flows) > 0
    first = flows[np.argmax(flows != 0, axis=0), np.arange(flows.shape[1])]
    conventional = ~at_zero & (_sign_changes(flows) == 1)
    gains = positive == (first < 0)
    above = np.where(conventional & gains, 1, 0)
    below = np.where(conventional & ~gains, 1, 0)
    other = np.flatnonzero(~conventional)
    if other.size:
        above[other] = _sign_changes(_vincent(flows[:, other]))
        below[other] = _sign_changes(_vincent(flows[::-1, other]))
    return above, below


@lru_cache(maxsize=16)
def _binomials(size: int) -> FloatArray:
    """C(d − t, k) in row k and column t, with d = size − 1."""
    row = np.zeros((size, size))
    row[0] = 1.0
    for t in range(size - 2, -1, -1):
        row[1:, t] = row[1:, t + 1] + row[:-1, t + 1]
    return row


def _vincent(coefficients: FloatArray) -> FloatArray:
    """Coefficients of (1 + y)^d p(1/(1 + y)), whose positive roots y are the roots of p in (0, 1).

    Entries no larger than their rounding error are set to zero. Shape (d + 1, columns).
    """
    binomials = _binomials(len(coefficients))
    # einsum, not @: a threaded BLAS spins on matrices this small
    shifted = np.einsum("kt,tn->kn", binomials, coefficients)
    error = 4e-16 * len(coefficients) * np.einsum("kt,tn->kn", binomials, np.abs(coefficients))
    shifted[np.abs(shifted) <= error] = 0.0
    return np.asarray(shifted)


def _sign_changes(coefficients: FloatArray) -> IntArray:
    """Sign changes down each column, zeros skipped."""
    sign = np.sign(coefficients).astype(np.int8)
    changes: IntArray = np.sum(sign[1:] * sign[:-1] < 0, axis=0)
    gaps = np.flatnonzero((sign == 0).any(axis=0))
    if gaps.size:
        last = np.zeros(gaps.size, dtype=np.int8)
        changes[gaps] = 0
        for row in sign[:, gaps]:
            changes[gaps] += row * last < 0
            last = np.where(row == 0, last, row)
    return changes


def _first_guess(coefficients: FloatArray) -> FloatArray:
    """A root in (0, 1) as if all of one sign came at its mean time and all of the other at its own."""
    times = np.arange(len(coefficients), dtype=np.float64)[:, None]
    gains, costs = np.maximum(coefficients, 0.0), np.maximum(-coefficients, 0.0)
    total_gain, total_cost = over_time(gains), over_time(costs)
    apart = np.abs(over_time(times * gains) / total_gain - over_time(times * costs) / total_cost)
    rate = np.abs(np.log(total_gain) - np.log(total_cost))
    guess = np.exp(-np.divide(rate, apart, out=np.full_like(rate, np.log(2.0)), where=apart > 1e-3))
    return np.where((guess > 0.0) & (guess < 1.0), guess, 0.5)


def _newton(coefficients: FloatArray, bracketed: bool = False) -> FloatArray:
    """The one root of each column in the unit interval, by Newton's method kept inside a shrinking bracket.

    Starts in the middle if the column is a piece of a halved interval (`bracketed`), else at a guess.
    """
    columns = coefficients.shape[1]
    low, high = np.zeros(columns), np.ones(columns)
    x = np.full(columns, 0.5) if bracketed else _first_guess(coefficients)
    sign_low = np.sign(coefficients[np.argmax(coefficients != 0, axis=0), np.arange(columns)])
    out = np.empty(columns)
    active = np.arange(columns)
    finished = np.zeros(columns, dtype=bool)
    for _ in range(_NEWTON_STEPS):
        value, slope = _value_and_slope(coefficients, x)
        # where the slope is too flat to divide by, a step out of the bracket, which halves it
        move = np.divide(value, slope, out=np.full_like(x, 2.0), where=np.abs(value) < 2.0 * np.abs(slope))
        step = x - move
        # convergence is tested before the bracket shrinks: afterwards it would bisect on rounding noise
        done = ~finished & ((np.abs(step - x) <= 4e-16 * x) | (value == 0.0) | (high - low <= 4e-16 * high))
        left = np.sign(value) == sign_low
        low, high = np.where(left, x, low), np.where(left, high, x)
        inside = (step >= low) & (step <= high)
        out[active[done]] = np.where(inside, step, x)[done]
        finished |= done
        x = np.where(inside, step, 0.5 * (low + high))
        if finished.all():
            return out
        if 2 * finished.sum() > finished.size:
            going = ~finished
            active, coefficients, x = active[going], coefficients[:, going], x[going]
            low, high, sign_low, finished = low[going], high[going], sign_low[going], finished[going]
    out[active[~finished]] = x[~finished]
    return out


def _value_and_slope(coefficients: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The polynomial and its derivative at `x`, by Horner's scheme, one for each column."""
    value, slope = coefficients[-1].copy(), np.zeros_like(x)
    for row in coefficients[-2::-1]:
        slope *= x
        slope += value
        value *= x
        value += row
    return value, slope


def _several(flows: FloatArray, at_zero: BoolArray) -> tuple[FloatArray, IntArray]:
    """Rate nearest zero and number of rates, for columns that may have several.

    Where the flows add up to nothing but rounding, zero is a rate, and a root within that rounding of it is the same.
    """
    slope = np.abs(over_time(np.arange(len(flows), dtype=np.float64)[:, None] * flows))
    same = 1e-9 + np.where(at_zero, np.divide(2.0 * DUST, slope, out=np.zeros_like(slope), where=slope > 0), 0.0)
    column_x, x = _isolated_roots(flows)
    column_z, z = _isolated_roots(flows[::-1])
    zeros = np.flatnonzero(at_zero)
    column = np.concatenate([zeros, column_x, column_z])
    rate = np.concatenate([np.zeros(zeros.size), 1.0 / x - 1.0, z - 1.0])
    out = np.full(flows.shape[1], np.nan)
    count = np.zeros(flows.shape[1], dtype=np.int64)
    for index in range(flows.shape[1]):
        found = np.sort(rate[column == index])
        if found.size:
            out[index] = found[np.argmin(np.abs(found))]
            count[index] = 1 + int(np.sum(np.diff(found) > same[index] * (1.0 + np.abs(found[1:]))))
    return out, count


def _isolated_roots(coefficients: FloatArray) -> tuple[IntArray, FloatArray]:
    """Column and value of every root in (0, 1), each interval halved until it holds one root or none."""
    pieces = coefficients
    column = np.arange(coefficients.shape[1])
    low, width = np.zeros(column.size), np.ones(column.size)
    columns: list[IntArray] = []
    roots: list[FloatArray] = []
    for _ in range(_HALVINGS):
        changes = _sign_changes(_vincent(pieces))
        single, many = changes == 1, changes > 1
        columns.append(column[single])
        roots.append(low[single] + width[single] * _newton(pieces[:, single], bracketed=True))
        if not many.any():
            return np.concatenate(columns), np.concatenate(roots)
        left = _halved(pieces[:, many])
        right = _shifted(left)
        middle = np.abs(right[0]) <= 1e-15 * len(right) * over_time(np.abs(left))
        half = 0.5 * width[many]
        columns.append(column[many][middle])
        roots.append((low[many] + half)[middle])
        pieces = np.concatenate([left, right], axis=1)
        column = np.concatenate([column[many], column[many]])
        low = np.concatenate([low[many], low[many] + half])
        width = np.concatenate([half, half])
    # an interval of 2⁻⁴⁴ that still seems to hold several roots holds a double one
    columns.append(column)
    roots.append(low + 0.5 * width)
    return np.concatenate(columns), np.concatenate(roots)


def _halved(coefficients: FloatArray) -> FloatArray:
    """p(x/2), whose unit interval is the left half of p's."""
    return coefficients * 0.5 ** np.arange(len(coefficients))[:, None]


def _shifted(coefficients: FloatArray) -> FloatArray:
    """p(x + 1), by repeated running sums from the highest power down."""
    shifted = coefficients[::-1].copy()
    for length in range(len(shifted), 1, -1):
        np.cumsum(shifted[:length], axis=0, out=shifted[:length])
    return shifted[::-1]
