"""Inverse distribution functions: from uniform numbers to values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sibmodel.core.distribution import Between, Distribution, Lognormal, Normal, Pert, Triangular, Uniform
from sibmodel.core.timeline import FloatArray


def values(distribution: Distribution, uniform: FloatArray) -> FloatArray:
    """The value below which `uniform` of the distribution lies; shape of `uniform`."""
    return _INVERSES[type(distribution)](distribution, uniform)


_HIGHEST = 1.0 - 2.0**-53
"""The largest uniform number: a higher one would round to 1, which no value has below it."""


def moved(uniform: FloatArray, shift: float) -> FloatArray:
    """Uniform numbers with `shift` added to their standard normal scores, Φ(Φ⁻¹(u) + shift)."""
    from scipy.special import ndtr

    return np.asarray(np.minimum(ndtr(_score(uniform) + shift), _HIGHEST))


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


def _score(u: FloatArray) -> FloatArray:
    from scipy.special import ndtri

    return np.asarray(ndtri(u))


def _normal(distribution: Normal, u: FloatArray) -> FloatArray:
    mean, sd = distribution.normal
    return mean + sd * _score(u)


def _lognormal(distribution: Lognormal, u: FloatArray) -> FloatArray:
    median, log_sd = distribution.lognormal
    return median * np.exp(log_sd * _score(u))


def _between(distribution: Between, u: FloatArray) -> FloatArray:
    return values(distribution.fitted, u)


_INVERSES: Mapping[type, Callable[[Any, FloatArray], FloatArray]] = {
    Triangular: _triangular,
    Pert: _pert,
    Uniform: _uniform,
    Normal: _normal,
    Lognormal: _lognormal,
    Between: _between,
}
