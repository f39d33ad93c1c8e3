"""Which number of a measure is asked for: its mean over futures, a percentile, or the base case."""

from __future__ import annotations

import math

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.running.statistics import PERCENTILES, at_percentile, error_of_mean

BASE, MEAN = "base", "mean"


def asked(measure: str) -> tuple[str, str]:
    """A measure's name, and which number of it: `investor.irr.p5` is the 5th percentile of investor.irr."""
    name, _, last = measure.rpartition(".")
    return (name, last) if last in (BASE, MEAN, *(f"p{p}" for p in PERCENTILES)) else (measure, MEAN)


def simulated(values: FloatArray, statistic: str, replicates: int) -> tuple[float, float | None]:
    """The mean or a percentile of the values that are defined, (trials,), and its standard error; NaN without any."""
    if statistic != MEAN:
        value, error = at_percentile(values, float(statistic[1:]) / 100, replicates)
        return (math.nan if value is None else value), error
    known = values[np.isfinite(values)]
    return (float(known.mean()) if known.size else math.nan), error_of_mean(values, replicates)
