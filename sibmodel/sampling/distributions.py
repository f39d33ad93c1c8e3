"""Inverse distribution functions: from uniform numbers to values.

Those of pert, beta and gamma are looked up in tables. The exact ones are kept for what no table reaches, and for tests
to hold the tables against.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sibmodel.core.distribution import (
    Beta,
    Between,
    Choice,
    Distribution,
    Empirical,
    Endless,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Quartiles,
    Triangular,
    Uniform,
)
from sibmodel.core.gamma import GammaLaw
from sibmodel.core.laws import OfScore
from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.normal import score, share_below
from sibmodel.sampling.tables import REACH, Table, beta_table, gamma_table, odds, pert_table, share


def values(distribution: Distribution, uniform: FloatArray) -> FloatArray:
    """The value below which `uniform` of the distribution lies; shape of `uniform`."""
    return _INVERSES[type(distribution)](distribution, uniform)


LOWEST, _HIGHEST = 2.0**-53, 1.0 - 2.0**-53
"""The smallest and the largest uniform number: beyond, one would round to an end, which no value has beyond it."""


def inside(uniform: FloatArray) -> FloatArray:
    """Uniform numbers kept between 0 and 1, both left out."""
    return np.clip(uniform, LOWEST, _HIGHEST)


def moved(uniform: FloatArray, shift: float) -> FloatArray:
    """Uniform numbers with `shift` added to their standard normal scores, Φ(Φ⁻¹(u) + shift)."""
    return inside(share_below(score(uniform) + shift))


def _triangular(distribution: Triangular, u: FloatArray) -> FloatArray:
    low, mode, high = distribution.triangular
    if low == high:
        return np.full_like(u, low)
    rising = u * (high - low) < mode - low
    return np.where(
        rising,
        low + np.sqrt(u * (high - low) * (mode - low)),
        high - np.sqrt((1.0 - u) * (high - low) * (high - mode)),
    )


def _pert(distribution: Pert, u: FloatArray) -> FloatArray:
    low, mode, high = distribution.pert
    if low == high:
        return np.full_like(u, low)
    a = 1.0 + 4.0 * (mode - low) / (high - low)
    x, rest = _of_beta(pert_table(a), a, 6.0 - a, u)
    return np.where(x < 0.5, low + (high - low) * x, high - (high - low) * rest)


def _uniform(distribution: Uniform, u: FloatArray) -> FloatArray:
    low, high = distribution.uniform
    return low + (high - low) * u


def _beta(distribution: Beta, u: FloatArray) -> FloatArray:
    a, b = distribution.params
    return _of_beta(beta_table(a, b), a, b, u)[0]


def _of_beta(table: Table | None, a: float, b: float, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values x and 1 − x, by table where there is one; without, or where it does not reach, by the exact inverse."""
    if table is None:
        return exact_beta(a, b, u)
    t = odds(u, 1.0 - u)
    x, rest = share(table(np.clip(t, -REACH, REACH)))
    beyond = np.abs(t) > REACH
    if beyond.any():
        x[beyond], rest[beyond] = exact_beta(a, b, u[beyond])
    return x, rest


def exact_beta(a: float, b: float, u: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Values x and 1 − x of a beta below whose x the share u lies."""
    from scipy.special import betaincinv  # slow to import, so only where it is used

    return np.asarray(betaincinv(a, b, u)), np.asarray(betaincinv(b, a, 1.0 - u))


def _choice(distribution: Choice, u: FloatArray) -> FloatArray:
    reached = np.array(distribution.reached[:-1])  # the last value is what is left
    return np.array(distribution.params)[np.searchsorted(reached, u)]


def _empirical(distribution: Empirical, u: FloatArray) -> FloatArray:
    observed = np.array(distribution.empirical)
    return observed[np.maximum(np.ceil(u * observed.size), 1).astype(np.intp) - 1]


def _endless(distribution: Endless, u: FloatArray) -> FloatArray:
    law = distribution.law
    if distribution.within is None and isinstance(law, OfScore):
        return np.asarray(law.at(score(u)))
    inverse = _of_score(law) if isinstance(law, OfScore) else _of_gamma(law)
    if distribution.within is None:
        return inverse(u, 1.0 - u)
    low, high = distribution.within
    kept = law.weight(low, high)
    below = law.weight(-np.inf, low) + u * kept
    above = law.weight(high, np.inf) + (1.0 - u) * kept
    return np.clip(inverse(below, above), low, high)


def _of_score(law: OfScore) -> Callable[[FloatArray, FloatArray], FloatArray]:
    """The value with given weights below and above it; the smaller of them has the digits."""

    def inverse(below: FloatArray, above: FloatArray) -> FloatArray:
        low, high = np.minimum(below, 0.5), np.minimum(above, 0.5)
        return np.asarray(law.at(np.where(below <= 0.5, score(low), -score(high))))

    return inverse


def _of_gamma(law: GammaLaw) -> Callable[[FloatArray, FloatArray], FloatArray]:
    table = gamma_table(law.shape)

    def inverse(below: FloatArray, above: FloatArray) -> FloatArray:
        if table is None:
            return np.asarray(law.scale * exact_gamma(law.shape, below, above))
        with np.errstate(divide="ignore"):
            t = odds(below, above)
        x = np.exp(table(np.clip(t, -REACH, REACH)))
        beyond = np.abs(t) > REACH
        if beyond.any():
            x[beyond] = exact_gamma(law.shape, below[beyond], above[beyond])
        return np.asarray(law.scale * x)

    return inverse


def exact_gamma(shape: float, below: FloatArray, above: FloatArray) -> FloatArray:
    """The value of a gamma of scale 1 with given weights below and above it; the smaller of them has the digits."""
    from scipy.special import gammainccinv, gammaincinv

    lower, upper = np.minimum(below, 0.5), np.minimum(above, 0.5)
    return np.asarray(np.where(below <= 0.5, gammaincinv(shape, lower), gammainccinv(shape, upper)))


_INVERSES: Mapping[type, Callable[[Any, FloatArray], FloatArray]] = {
    Triangular: _triangular,
    Pert: _pert,
    Uniform: _uniform,
    Normal: _endless,
    Lognormal: _endless,
    Between: _endless,
    Beta: _beta,
    Gamma: _endless,
    Choice: _choice,
    Empirical: _empirical,
    Quartiles: _endless,
}
