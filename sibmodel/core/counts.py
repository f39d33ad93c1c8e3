"""How many of a cohort succeed: the inverse of the over-dispersed count distribution, from uniform numbers.

People of one cohort are more alike than strangers: their successes correlate (ρ, the intraclass correlation), so that a
count of n people with chance p each has the variance n p (1 − p) (1 + (n − 1) ρ): the beta-binomial (Skellam 1948, J R
Stat Soc B 10:257), and with ρ = 0 the binomial. Of n = m + f expected people, m are there for certain, and one more
with chance f. So the mean is n p, and a small change of n, p or ρ changes the distribution a little.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sibmodel.core.adding_up import HIGHEST, Cells, from_above, from_below
from sibmodel.core.timeline import FloatArray

ENOUGH = 30.0
"""More expected successes, and failures, than this may be counted by a normal score."""
ALIKE = 8.0
"""Least parameter of the beta distribution of a cohort's own chance with which the normal score is near enough."""
FURTHEST = 5.0
"""Normal scores beyond it are taken as it: up to there the number of people rises with the score."""
_ROUNDING = 1e-9
_CELLS = 4096


def successes(uniform: FloatArray, people: FloatArray, chance: FloatArray, correlation: FloatArray) -> FloatArray:
    """People who succeed in each cell, a whole number; all arrays broadcast to (periods, trials).

    The least number with at least `uniform` of the distribution at or below it; the expected number where `uniform` is
    not a number (no luck). A chance below 0 or above 1 is taken as 0 or 1.
    """
    expected = people * np.clip(chance, 0.0, 1.0)
    shape = np.broadcast_shapes(uniform.shape, expected.shape, correlation.shape)
    out = np.array(np.broadcast_to(expected, shape))
    drawn = np.broadcast_to((people > 0) & ~np.isnan(uniform), shape)
    every = (uniform, people, np.clip(chance, 0.0, 1.0), np.minimum(correlation, HIGHEST))
    cells = Cells(*(np.broadcast_to(array, shape) for array in every)).of(drawn)
    found = np.empty(cells.people.size)
    for first in range(0, found.size, _CELLS):
        some = slice(first, first + _CELLS)
        found[some] = _counts(cells.of(some))
    out[drawn] = found
    return out


def _counts(cells: Cells) -> FloatArray:
    """Each cell in its own way: added up from the nearer end, or by a normal score."""
    near = _nearly_normal(cells)
    low = ~near & (cells.chance <= 0.5)
    high = ~near & ~low
    out = np.empty(cells.people.size)
    out[near] = _scored(cells.of(near))
    out[low] = from_below(cells.of(low))
    out[high] = from_above(cells.of(high))
    return out


def _nearly_normal(cells: Cells) -> npt.NDArray[np.bool_]:
    """Where both successes and failures are expected above 30, and a cohort's own chance has a beta(8, 8) or nearer."""
    rarer = np.minimum(cells.chance, 1.0 - cells.chance)
    alike = rarer * (1.0 - cells.correlation) >= ALIKE * cells.correlation * (1.0 - _ROUNDING)
    return np.asarray((cells.people * rarer > ENOUGH * (1.0 + _ROUNDING)) & alike)


def _scored(cells: Cells) -> FloatArray:
    """Rounded n p + σ h(z): h makes a normal score z skew (Cornish and Fisher 1938, Rev Inst Int Stat 5:307).

    h(z) = z + γ₁(z² − 1)/6 + γ₂(z³ − 3z)/24 − γ₁²(2z³ − 5z)/36, with γ₁ and γ₂ the skewness and excess kurtosis of the
    beta-binomial. σ² is its variance, with p² f(1 − f) for the person who may be there, less 1/12 for the rounding.
    """
    from scipy.special import ndtri

    n, p, rho = cells.people, cells.chance, cells.correlation
    z = np.clip(ndtri(cells.uniform), -FURTHEST, FURTHEST)
    part, of_both, spread = n - np.floor(n), p * (1.0 - p), 1.0 + (n - 1.0) * rho
    variance = n * of_both * spread
    skewness = (1.0 - 2.0 * p) * (2.0 * spread - 1.0 + rho) / ((1.0 + rho) * np.sqrt(variance))
    own = 1.0 - rho
    fourth = (
        own * (own - rho + 6.0 * n * rho)
        + 3.0 * of_both * own * (own * (n - 2.0) - n * rho * (6.0 - n))
        + (6.0 - 18.0 * of_both) * (n * rho) * (n * rho)
    )
    kurtosis = fourth / (variance * (1.0 + rho) * (1.0 + 2.0 * rho)) - 3.0
    square = z * z
    h = z + skewness * (square - 1.0) / 6.0 + kurtosis * z * (square - 3.0) / 24.0
    h = h - skewness * skewness * z * (2.0 * square - 5.0) / 36.0
    sd = np.sqrt(n * of_both * _dispersion(n, rho) + p * p * part * (1.0 - part) - 1.0 / 12.0)
    return np.asarray(np.clip(np.floor(n * p + sd * h + 0.5), 0.0, np.ceil(n)))


def _dispersion(n: FloatArray, rho: FloatArray) -> FloatArray:
    """1 + ρ E[N(N − 1)]/n with N = m or m + 1 people: how much wider than independent people."""
    whole = np.floor(n)
    return np.asarray(1.0 + rho * whole * (whole - 1.0 + 2.0 * (n - whole)) / n)
