"""Inverse distribution functions by table: many times as fast as the exact ones, to ten digits.

A table holds y, the logarithm of a value (gamma) or of its odds x/(1 − x) (beta), as a function of t, the logarithm of
the odds u/(1 − u). Both ends become straight lines, so that even steps of t are steps of u that grow ever finer toward
the ends. Between nodes stand polynomials of degree 5 that meet y and its first two derivatives at both, which are known
exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from sibmodel.core.timeline import FloatArray

REACH = 36.75
"""Beyond the smallest uniform number of a stream: ln 2⁵³ is 36.74."""
CELLS = 640
_STEP = 2.0 * REACH / CELLS
_NODES = np.linspace(-REACH, REACH, CELLS + 1)
LEAST_SHAPE, MOST_SHAPE = 0.3, 1e4
"""Shapes of a beta or gamma for which the table is right to nine digits and more."""
_SERIES = 300
"""Terms of the series of a beta with a + b = 6: below its median, x^300 is less than 10⁻¹⁷."""
_STEPS_OF_NEWTON = 40


@dataclass(frozen=True)
class Table:
    """Coefficients of the polynomials, lowest power first, shape (6, cells)."""

    coefficients: FloatArray

    def __call__(self, t: FloatArray) -> FloatArray:
        """The y at each t inside the reach."""
        place = (t + REACH) / _STEP
        cell = np.minimum(place.astype(np.intp), CELLS - 1)
        part, each = place - cell, self.coefficients[:, cell]
        out = each[5]
        for power in (4, 3, 2, 1, 0):
            out = out * part + each[power]
        return np.asarray(out)


def odds(below: FloatArray, above: FloatArray) -> FloatArray:
    """Logarithm of below/above."""
    return np.asarray(np.log(below / above))


def share(y: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Shares x and 1 − x of logarithmic odds y, both with all their digits."""
    small = np.exp(-np.abs(y))
    small, large = small / (1.0 + small), 1.0 / (1.0 + small)
    return np.where(y < 0.0, small, large), np.where(y < 0.0, large, small)


@lru_cache(maxsize=256)
def pert_table(a: float) -> Table:
    """Of a beta with a + b = 6, made without SciPy, which takes longer to import than a short run to simulate."""
    tail = _NODES[: CELLS // 2 + 1]  # the middle node is the median
    lower, upper = (_log_of_lower_half(one, 6.0 - one, tail) for one in (a, 6.0 - a))
    return _beta_table(a, 6.0 - a, lower, upper[:-1][::-1])


@lru_cache(maxsize=256)
def beta_table(a: float, b: float) -> Table | None:
    """Of a beta; None where its ends bend too sharply for a table."""
    from scipy.special import betaincinv

    if min(a, b) < LEAST_SHAPE or max(a, b) > MOST_SHAPE:
        return None
    tail = share(_NODES[: CELLS // 2 + 1])[0]
    return _beta_table(a, b, np.log(betaincinv(a, b, tail)), np.log(betaincinv(b, a, tail))[:-1][::-1])


@lru_cache(maxsize=256)
def gamma_table(shape: float) -> Table | None:
    """Of a gamma with scale 1; None where it bends too sharply for a table."""
    from scipy.special import gammainccinv, gammaincinv

    if not LEAST_SHAPE <= shape <= MOST_SHAPE:
        return None
    tail = share(_NODES[: CELLS // 2 + 1])[0]
    x = np.concatenate([gammaincinv(shape, tail), gammainccinv(shape, tail)[:-1][::-1]])
    log_density = shape * np.log(x) - x - math.lgamma(shape)  # of y = ln x
    return _table(np.log(x), log_density, shape - x)


def _beta_table(a: float, b: float, lower: FloatArray, upper: FloatArray) -> Table:
    """From ln x below and ln(1 − x) above the median."""
    low, high = np.exp(lower), np.exp(upper)
    y = np.concatenate([lower - np.log1p(-low), np.log1p(-high) - upper])
    x, rest = share(y)
    log_density = a * np.log(x) + b * np.log(rest) - _log_beta(a, b)  # of y
    return _table(y, log_density, a * rest - b * x)


def _table(y: FloatArray, log_density: FloatArray, slope_of_log_density: FloatArray) -> Table:
    """From values at the nodes, and the logarithm of the density of y with its derivative.

    dy/dt = u(1 − u)/f(y), and d²y/dt² = dy/dt (1 − 2u − dy/dt · d ln f/dy).
    """
    u, rest = share(_NODES)
    slope = np.exp(np.log(u) + np.log(rest) - log_density)
    first, second = _STEP * slope, _STEP**2 * slope * (rest - u - slope * slope_of_log_density)
    a0, a1, a2 = y[:-1], first[:-1], second[:-1] / 2.0
    value, step, bend = y[1:] - a0 - a1 - a2, first[1:] - a1 - 2.0 * a2, second[1:] - 2.0 * a2
    return Table(
        np.stack([
            a0, a1, a2, 10.0 * value - 4.0 * step + bend / 2.0, 7.0 * step - 15.0 * value - bend,
            6.0 * value - 3.0 * step + bend / 2.0,
        ])
    )  # fmt: skip


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _log_of_lower_half(a: float, b: float, t: FloatArray) -> FloatArray:
    """Logarithm of the x at which a beta with a + b = 6 has the odds t ≤ 0 below it: by Newton's method.

    F(x) = x^a Σ (1 − b)ₙ xⁿ/(n! (a + n)) ÷ B(a, b) (DLMF 8.17.7). In logarithms F bends down in x and lies below its
    first term, so that from the inverse of this term on every step goes up toward the solution.
    """
    n = np.arange(1, _SERIES)
    terms = np.concatenate([[1.0], np.cumprod((n - b) / n)]) / (a + np.arange(_SERIES))
    log_u, scale = t - np.log1p(np.exp(t)), _log_beta(a, b)
    log_x = (log_u + scale + math.log(a)) / a
    for _ in range(_STEPS_OF_NEWTON):
        x = np.exp(log_x)
        series = np.zeros_like(x)
        for term in terms[::-1]:
            series = series * x + term
        step = (log_u + scale - a * log_x - np.log(series)) * series / np.exp((b - 1.0) * np.log1p(-x))
        log_x = log_x + step
        if np.abs(step).max() < 1e-14:
            break
    return log_x
