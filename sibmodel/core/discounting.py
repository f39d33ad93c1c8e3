"""Discount and deflator factors."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray


def discount_factors(years: FloatArray, rates: Sequence[tuple[int, float]]) -> FloatArray:
    """Factor of a flow each of `years` after the base date, shape of `years`.

    `rates` are (first year, annual rate) segments in order, the first from year 1: year *s* carries the rate
    of the last segment that begins at or before it, so DF(t) = DF(⌊t⌋)/(1 + r)^(t − ⌊t⌋) with r the rate
    of year ⌊t⌋ + 1. HM Treasury's Green Book applies its falling rates segment by segment in this way.
    """
    return _factors(years.tobytes(), tuple((start, rate) for start, rate in rates)).reshape(years.shape)


@lru_cache(maxsize=64)
def _factors(in_bytes: bytes, rates: tuple[tuple[int, float], ...]) -> FloatArray:
    """The same for many measures in every block of trials; nobody may write to it."""
    years = np.frombuffer(in_bytes)
    last = int(np.ceil(np.max(years, initial=0.0))) + 1
    starts = np.array([start for start, _ in rates])
    values = np.array([rate for _, rate in rates])
    annual = values[np.searchsorted(starts, np.arange(1, last + 1), side="right") - 1]
    whole = np.concatenate([[1.0], np.cumprod(1.0 / (1.0 + annual))])
    floor = np.floor(years).astype(int)
    factors: FloatArray = np.asarray(whole[floor] * (1.0 + annual[floor]) ** -(years - floor))
    factors.flags.writeable = False
    return factors


def flat_discount_factors(years: FloatArray, rate: float) -> FloatArray:
    """Factors at one rate for all years."""
    return discount_factors(years, [(1, rate)])


def deflators(years: FloatArray, inflation: FloatArray) -> FloatArray:
    """Price level at each of `years` relative to the signing date; shape (periods, 1 or trials)."""
    return power(1.0 + inflation, years[:, None])
