"""Every root of polynomials in the unit interval, however close together, by halving it until a count is certain.

Descartes' rule of signs after the substitution x = 1/(1 + y) bounds the number of roots in (0, 1) (Vincent's
theorem): with one sign change there is exactly one, found by a safeguarded Newton method; with none there is none;
with more, the interval is halved until the rule decides (Collins and Akritas 1976).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.grid import FEW, BoolArray, IntArray, product, value_and_slope

_HALVINGS = 44
_NEWTON_STEPS = 100


@lru_cache(maxsize=16)
def _binomials(size: int) -> FloatArray:
    """C(d − t, k) in row k and column t, with d = size − 1."""
    row = np.zeros((size, size))
    row[0] = 1.0
    for t in range(size - 2, -1, -1):
        row[1:, t] = row[1:, t + 1] + row[:-1, t + 1]
    return row


def most_roots(coefficients: FloatArray) -> IntArray:
    """At most how many roots each column has in (0, 1), counted as often as they are multiple.

    The rule of signs for (1 + y)^d p(1/(1 + y)); its entries no larger than their rounding error count as nothing.
    """
    binomials = _binomials(len(coefficients))
    shifted = product(binomials, coefficients, "vincent", FEW)
    error = product(4e-16 * len(coefficients) * binomials, np.abs(coefficients), "vincent error", FEW)
    sign = (shifted > error).view(np.int8) - (shifted < -error).view(np.int8)
    return sign_changes(sign)


def sign_changes(sign: np.typing.NDArray[np.int8]) -> IntArray:
    """Changes down each column of signs, noughts left out."""
    changes: IntArray = np.sum(sign[1:] * sign[:-1] < 0, axis=0)
    gaps = np.flatnonzero((sign == 0).any(axis=0))
    if gaps.size:
        last = np.zeros(gaps.size, dtype=np.int8)
        changes[gaps] = 0
        for row in sign[:, gaps]:
            changes[gaps] += row * last < 0
            last = np.where(row == 0, last, row)
    return changes


def newton(coefficients: FloatArray, low: FloatArray, high: FloatArray, rises: BoolArray) -> FloatArray:
    """The one root of each column between `low` and `high`, by Newton's method kept inside a shrinking bracket.

    `rises` says that the polynomial is negative just after `low`. The roots at nothing of columns that begin with
    noughts are divided out; they would draw the steps.
    """
    noughts = np.argmax(coefficients != 0, axis=0) * 1.0
    x = 0.5 * (low + high)
    out = np.empty_like(x)
    active = np.arange(x.size)
    finished = np.zeros(x.size, dtype=bool)
    for _ in range(_NEWTON_STEPS):
        value, slope = value_and_slope(coefficients, x)
        slope -= noughts * value / x
        # where the slope is too flat to divide by, a step out of the bracket, which halves it
        move = np.divide(value, slope, out=np.full_like(x, 2.0), where=np.abs(value) < 2.0 * np.abs(slope))
        step = x - move
        # convergence is tested before the bracket shrinks: afterwards it would bisect on rounding noise
        done = ~finished & ((np.abs(step - x) <= 4e-16 * x) | (value == 0.0) | (high - low <= 4e-16 * high))
        left = (value < 0.0) == rises
        low, high = np.where(left, x, low), np.where(left, high, x)
        inside = (step > low) & (step < high)
        out[active[done]] = np.where(inside, step, x)[done]
        finished |= done
        x = np.where(inside, step, 0.5 * (low + high))
        if finished.all():
            return out
        if 2 * finished.sum() > finished.size:
            going = ~finished
            active, coefficients, x, noughts = active[going], coefficients[:, going], x[going], noughts[going]
            low, high, rises, finished = low[going], high[going], rises[going], finished[going]
    out[active[~finished]] = x[~finished]
    return out


@dataclass(frozen=True)
class Pieces:
    """Polynomials taken to pieces: roots that were met on the way, and intervals that hold one root each.

    `column` and `root` are of roots found. `single` are the coefficients of each interval stretched to (0, 1), and
    `whose`, `low` and `width` its column and place.
    """

    column: IntArray
    root: FloatArray
    single: FloatArray
    whose: IntArray
    low: FloatArray
    width: FloatArray


def in_pieces(coefficients: FloatArray) -> Pieces:
    """The columns' roots in (0, 1), each interval halved until it holds one root or none."""
    pieces, column = coefficients, np.arange(coefficients.shape[1])
    low, width = np.zeros(column.size), np.ones(column.size)
    found: list[tuple[IntArray, FloatArray]] = []
    singles: list[tuple[FloatArray, IntArray, FloatArray, FloatArray]] = []
    for _ in range(_HALVINGS):
        most = most_roots(pieces)
        single, many = most == 1, most > 1
        singles.append((pieces[:, single], column[single], low[single], width[single]))
        if not many.any():
            column = column[:0]
            break
        left, column, low = _halved(pieces[:, many]), column[many], low[many]
        right, half = _shifted(left), 0.5 * width[many]
        middle = np.abs(right[0]) <= 1e-15 * len(right) * over_time(np.abs(left))
        found.append((column[middle], (low + half)[middle]))
        pieces, column = np.concatenate([left, right], axis=1), np.concatenate([column, column])
        low, width = np.concatenate([low, low + half]), np.concatenate([half, half])
    # an interval of 2⁻⁴⁴ that still seems to hold several roots holds a double one
    found.append((column, low[: column.size] + 0.5 * width[: column.size]))
    return Pieces(
        np.concatenate([each[0] for each in found]),
        np.concatenate([each[1] for each in found]),
        np.concatenate([each[0] for each in singles], axis=1),
        *(np.concatenate([each[k] for each in singles]) for k in (1, 2, 3)),
    )


def roots(parts: Sequence[Pieces]) -> tuple[IntArray, FloatArray]:
    """Column and value of every root of all parts, whose polynomials may be of different length."""
    length = max(len(part.single) for part in parts)
    single = np.concatenate([np.pad(part.single, ((0, length - len(part.single)), (0, 0))) for part in parts], axis=1)
    whose, low, width = (np.concatenate([getattr(part, name) for part in parts]) for name in ("whose", "low", "width"))
    first = single[np.argmax(single != 0, axis=0), np.arange(whose.size)]
    value = low + width * newton(single, np.zeros(whose.size), np.ones(whose.size), first < 0)
    column = np.concatenate([*(part.column for part in parts), whose])
    return column, np.concatenate([*(part.root for part in parts), value])


def _halved(coefficients: FloatArray) -> FloatArray:
    """p(x/2), whose unit interval is the left half of p's."""
    return coefficients * 0.5 ** np.arange(len(coefficients))[:, None]


def _shifted(coefficients: FloatArray) -> FloatArray:
    """p(x + 1)."""
    # C(t, k) in row k and column t: the other binomials, read from the end
    return product(np.ascontiguousarray(_binomials(len(coefficients))[:, ::-1]), coefficients, "shifted", FEW)
