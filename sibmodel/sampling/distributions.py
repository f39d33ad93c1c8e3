"""Inverse distribution functions: from uniform numbers to values."""

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


def values(distribution: Distribution, uniform: FloatArray) -> FloatArray:
    """The value below which `uniform` of the distribution lies; shape of `uniform`."""
    return _INVERSES[type(distribution)](distribution, uniform)


LOWEST, _HIGHEST = 2.0**-53, 1.0 - 2.0**-53
"""The smallest and the largest uniform number: beyond, one would round to an end, which no value has beyond it."""


def inside(uniform: FloatArray) -> FloatArray:
    """Uniform numbers kept between 0 and 1, both left out."""
    return np.clip(uniform, LOWEST, _HIGHEST)


def share_below(score: FloatArray) -> FloatArray:
    """The share of a standard normal below a score, Φ."""
    from scipy.special import ndtr

    return np.asarray(ndtr(score))


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
    from scipy.special import betaincinv  # slow to import, so only where a pert is used

    low, mode, high = distribution.pert
    if low == high:
        return np.full_like(u, low)
    a = 1.0 + 4.0 * (mode - low) / (high - low)
    return np.asarray(low + (high - low) * betaincinv(a, 6.0 - a, u))


def _uniform(distribution: Uniform, u: FloatArray) -> FloatArray:
    low, high = distribution.uniform
    return low + (high - low) * u


def score(u: FloatArray) -> FloatArray:
    """The standard normal score below which a share lies, Φ⁻¹."""
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _beta(distribution: Beta, u: FloatArray) -> FloatArray:
    from scipy.special import betaincinv

    return np.asarray(betaincinv(*distribution.params, u))


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
    from scipy.special import gammainccinv, gammaincinv

    def inverse(below: FloatArray, above: FloatArray) -> FloatArray:
        lower, upper = np.minimum(below, 0.5), np.minimum(above, 0.5)
        value = np.where(below <= 0.5, gammaincinv(law.shape, lower), gammainccinv(law.shape, upper))
        return np.asarray(law.scale * value)

    return inverse


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
