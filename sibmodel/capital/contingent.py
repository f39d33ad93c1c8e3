"""Contingent payments: pounds that flow one way or the other, by what is read. Arrays are (periods, 1 or trials)."""

from __future__ import annotations

import numpy as np

from sibmodel.capital.coupon import scaled
from sibmodel.capital.protection import ContingentTerms
from sibmodel.core.reading import Seen, read
from sibmodel.core.timeline import FloatArray


def settled(terms: ContingentTerms, seen: Seen) -> FloatArray:
    """Pounds settled in each period; below zero they flow back."""
    reading = read(terms, seen)
    shape = np.broadcast_shapes(reading.value.shape, reading.fresh.shape)
    fresh = np.broadcast_to(reading.fresh, shape)
    values = np.broadcast_to(scaled(terms.points, terms.steps, reading.value), shape)
    if terms.settled_in_months is None:
        return np.where(fresh, values, 0.0)
    out, latest = np.zeros(shape), np.zeros(shape[1])
    for t, month in enumerate(seen.timeline.month_ends):
        latest = np.where(fresh[t], values[t], latest)
        if month in terms.settled_in_months:
            out[t] = latest
    return out
