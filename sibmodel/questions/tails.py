"""The worst and the best futures of investors, and what the others get in them; standard errors by groups of trials."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.matrix import Estimate
from sibmodel.running.statistics import error_of_mean

SHARE = 0.05
"""The worst and the best one in twenty."""

GROUPS = 20
PENNIES = 2
"""Profits that agree to this many decimals are the same."""


@dataclass(frozen=True)
class Ends:
    """A party's mean in the worst futures of investors, in all, and in the best."""

    worst: Estimate
    all: Estimate
    best: Estimate


@dataclass(frozen=True)
class Tails:
    """By column, present values and nominal profits (savings at the prices of their year)."""

    present_values: Mapping[str, Ends]
    profits: Mapping[str, Ends]
    investors: Ends


def tail_weights(ranked: FloatArray, share: float = SHARE) -> FloatArray:
    """Weights, adding up to 1, of the trials with the lowest values; shape of `ranked`.

    Together they are `share` of all trials. Trials that agree to a penny at the edge get the same part of what is left.
    """
    _, place, counts = np.unique(np.round(ranked, PENNIES), return_inverse=True, return_counts=True)
    room = share * ranked.size
    before = np.cumsum(counts) - counts
    part = np.clip(room - before, 0.0, counts) / counts
    return np.asarray(part[place.reshape(ranked.shape)] / room)


def by_groups(statistic: Callable[[slice], float], trials: int, replicates: int = 1) -> float | None:
    """Standard error of a statistic: the spread of its values in 20 groups of every twentieth trial, over √20.

    Where trials come in replicates, these are the groups. None with fewer than two trials in a group.
    """
    if trials < 2 * max(GROUPS, replicates):
        return None
    size = trials // replicates
    groups = [slice(start, None, GROUPS) for start in range(GROUPS)]
    if replicates > 1:
        groups = [slice(start, start + size) for start in range(0, trials, size)]
    values = np.array([statistic(group) for group in groups])
    return float(values.std(ddof=1) / np.sqrt(len(groups)))


def tails(
    present: Mapping[str, FloatArray], profit: Mapping[str, FloatArray], investors: FloatArray, replicates: int = 1
) -> Tails:
    """Means in the worst and best futures, ranked by the nominal profit of all investors; arrays are (trials,)."""
    return Tails(
        {key: _ends(values, investors, replicates) for key, values in present.items()},
        {key: _ends(values, investors, replicates) for key, values in profit.items()},
        _ends(investors, investors, replicates),
    )


def _ends(values: FloatArray, ranked: FloatArray, replicates: int) -> Ends:
    def worst(some: slice) -> float:
        return float(tail_weights(ranked[some]) @ values[some])

    def best(some: slice) -> float:
        return float(tail_weights(-ranked[some]) @ values[some])

    everything, count = slice(None), values.size
    return Ends(
        Estimate(worst(everything), by_groups(worst, count, replicates)),
        Estimate(float(values.mean()), error_of_mean(values, replicates)),
        Estimate(best(everything), by_groups(best, count, replicates)),
    )
