"""As many trials as a stated precision takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sibmodel.errors import SibmodelError
from sibmodel.running.statistics import PERCENTILES
from sibmodel.sampling.replicates import MOST_TRIALS

if TYPE_CHECKING:
    from sibmodel.running.results import Result

_NAMES = tuple(f"p{p}" for p in PERCENTILES)
MARGIN = 1.1
"""So many times the trials that the error found so far calls for, because that error is itself an estimate."""


@dataclass(frozen=True)
class Target:
    """The standard error that a statistic of a measure may have at most."""

    measure: str
    statistic: str
    error: float


def targets_of(precision: Mapping[str, float]) -> list[Target]:
    """Targets by name of a measure, or of a measure and its percentile. Raises SibmodelError if one is not above 0."""
    found = []
    for name, error in precision.items():
        if not (math.isfinite(error) and error > 0):
            raise SibmodelError(f"{name} cannot have the standard error {error:g}; give a number above 0")
        measure, _, last = name.rpartition(".")
        percentile = last in _NAMES
        if re.fullmatch(r"p\d+", last) and not percentile:
            raise SibmodelError(f"{name}: there is no {last}; take {', '.join(_NAMES)}, or no percentile for the mean")
        found.append(Target(measure, last, error) if percentile else Target(name, "mean", error))
    return found


def needed(result: Result, targets: list[Target]) -> int:
    """Trials that all targets take by the errors found: those of the result, if they are met.

    An error falls with the root of the number of trials. Raises SibmodelError if a measure has no standard error or
    more trials would be needed than can be run, and UnknownNameError if there is no such measure.
    """
    count = result.record.trials
    most = count
    for target in targets:
        value, error = result[target.measure].statistic(target.statistic)
        if value is None or error is None:
            raise SibmodelError(
                f"{target.measure} has no standard error of its {target.statistic} in {count:,} trials; "
                "name another measure, or begin with more trials"
            )
        if error > target.error:
            more = math.ceil(MARGIN * count * (error / target.error) ** 2)
            if more > MOST_TRIALS:
                least = error * math.sqrt(count / MOST_TRIALS)
                raise SibmodelError(
                    f"a standard error of {target.error:g} of {target.measure} would take {more:,} trials; with "
                    f"{MOST_TRIALS:,}, the most that can be run, it would be about {least:.2g}: ask for that or more"
                )
            most = max(most, more)
    return most
