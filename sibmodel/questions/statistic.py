"""Which number of a measure is asked for: its mean over futures, a percentile, or the base case."""

from __future__ import annotations

import math
import re

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import UnknownNameError
from sibmodel.running.simulation import must_be_known
from sibmodel.running.statistics import PERCENTILES, at_percentile, error_of_mean
from sibmodel.scenario.schema import Scenario

BASE, MEAN = "base", "mean"
_PERCENTILE = re.compile(r"(.+)\.p\d+(?:\.\d+)?")


def asked(measure: str) -> tuple[str, str]:
    """A measure's name, and which number of it: `investor.irr.p5` is the 5th percentile of investor.irr."""
    name, _, last = measure.rpartition(".")
    return (name, last) if last in (BASE, MEAN, *(f"p{p}" for p in PERCENTILES)) else (measure, MEAN)


def must_be_worked_out(scenario: Scenario, measure: str) -> None:
    """Refuse a percentile that is not worked out. Raises UnknownNameError."""
    if is_other_percentile(measure):
        must_be_known(scenario, (measure[: measure.rindex(".p")],))
        raise UnknownNameError(f"'{measure}' is not worked out; {worked_out(measure)}")


def is_other_percentile(measure: str) -> bool:
    """Whether a percentile is asked for that is none of those worked out."""
    return _PERCENTILE.fullmatch(measure) is not None and asked(measure)[1] == MEAN


def worked_out(measure: str) -> str:
    """What would be right instead of a percentile that is not worked out."""
    found = _PERCENTILE.fullmatch(measure)
    return f"the percentiles of {found[1] if found else measure} are {', '.join(f'p{p}' for p in PERCENTILES)}"


def simulated(values: FloatArray, statistic: str, replicates: int) -> tuple[float, float | None]:
    """The mean or a percentile of the values that are defined, (trials,), and its standard error; NaN without any."""
    if statistic != MEAN:
        value, error = at_percentile(values, float(statistic[1:]) / 100, replicates)
        return (math.nan if value is None else value), error
    known = values[np.isfinite(values)]
    return (float(known.mean()) if known.size else math.nan), error_of_mean(values, replicates)
