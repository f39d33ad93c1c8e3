"""What a year's coupon comes to in a period, and when it falls due. Arrays are (1 or periods, 1 or trials)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from sibmodel.capital.tranche import CouponScale, TrancheTerms
from sibmodel.core.powers import power
from sibmodel.core.quantity import Quantity
from sibmodel.core.reading import BoolArray, Seen, read
from sibmodel.core.schedule import SignedPoint, SignedStep, Step, linear, stepped
from sibmodel.core.timeline import FloatArray, Timeline


class Coupon(NamedTuple):
    """Growth of a balance in each period, and the part of it that falls due then; None where all of it does."""

    growth: FloatArray
    due: FloatArray | None


def coupon(terms: TrancheTerms, seen: Seen) -> Coupon:
    """The coupon of one tranche."""
    timeline = seen.timeline
    if isinstance(terms.coupon, Quantity):
        due = None if terms.coupon_dates is None else due_parts(terms.coupon_dates, timeline.ends)[:, None]
        return Coupon(growth(terms.coupon.over(seen.trials), terms.day_count, timeline), due)
    rates, known = rates_read(terms.coupon, seen)
    due = known.astype(np.float64)
    due[-1] = 1.0
    return Coupon(growth(rates, terms.day_count, timeline), due)


def growth(rate: FloatArray, day_count: str, timeline: Timeline) -> FloatArray:
    """Coupon of a period on a pound, for a yearly rate; actual/365 counts the days from end to end of periods."""
    if day_count == "effective":
        return np.asarray(power(1.0 + rate, 1.0 / timeline.per_year) - 1.0)
    if day_count == "periodic":
        return rate / timeline.per_year
    days = [0, *((after - before).days for before, after in pairwise(timeline.ends))]
    return np.asarray(rate * np.array(days)[:, None] / 365.0)


def rates_read(scale: CouponScale, seen: Seen) -> tuple[FloatArray, BoolArray]:
    """The rate in force in each period, which the next reading decides, and where it is known in that period."""
    reading = read(scale, seen)
    shape = np.broadcast_shapes(reading.value.shape, reading.fresh.shape)
    fresh = np.broadcast_to(reading.fresh, shape)
    values = np.broadcast_to(scaled(scale.points, scale.steps, reading.value), shape)
    last = np.full(shape[1], -np.inf)
    for t in range(shape[0]):
        last = np.where(fresh[t], values[t], last)
    rates, known = np.empty(shape), np.empty(shape, dtype=np.bool_)
    following, later = last, np.zeros(shape[1], dtype=np.bool_)
    for t in range(shape[0] - 1, -1, -1):
        following = np.where(fresh[t], values[t], following)
        rates[t], known[t] = following, fresh[t] | ~later
        later = later | fresh[t]
    known &= later  # where nothing is ever read, nothing is known before the end
    return np.maximum(rates, scale.floor.over(seen.trials)), known


def scaled(
    points: tuple[SignedPoint, ...] | None, steps: tuple[Step | SignedStep, ...] | None, x: FloatArray
) -> FloatArray:
    """A scale of straight lines or bands at `x`, same shape."""
    return linear(points, x) if points is not None else stepped(steps or (), x)


def due_parts(days: Sequence[dt.date], ends: Sequence[dt.date]) -> FloatArray:
    """Part of each period up to the last of the days in it, shape (periods,); all of it in the last period."""
    out = np.zeros(len(ends))
    for t, (before, after) in enumerate(pairwise(ends), start=1):
        inside = [day for day in days if before < day <= after]
        if inside:
            out[t] = (inside[-1] - before).days / (after - before).days
    out[-1] = 1.0
    return out
