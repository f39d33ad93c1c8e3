"""First-order importance: how much of a variance knowing numbers would take away, from the run's own trials."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.given import FOLDS, Known, expected_given
from sibmodel.questions.inputs import Input
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.risks import RISKS
from sibmodel.questions.variance import Part, part
from sibmodel.running.statistics import error_of_mean

FIFTH = 0.2
"""Part of the futures whose mean is told where a number is low, and where it is high."""
MOST = 20
"""Numbers of a risk that are fitted together at most: those that tell the most alone."""


@dataclass(frozen=True)
class Told:
    """What knowing one number, or all of a risk, would tell: Var(E[Y | x]) and its share of Var(Y).

    `low` and `high` are the measure's mean over the futures with the lowest and highest fifth of a number. `addresses`
    of a risk are those of its numbers that were fitted: none where nothing of it moves the measure or tells of it.
    """

    name: str
    addresses: tuple[str, ...]
    part: Part
    within_noise: bool
    low: Estimate | None = None
    high: Estimate | None = None


@dataclass(frozen=True)
class Drawn:
    """A measure in every trial of a run, not a number where it has none, and the inputs behind it."""

    values: FloatArray
    inputs: Mapping[str, Known]
    replicates: int

    @property
    def defined(self) -> int:
        """Trials in which the measure has a value."""
        return int(np.isfinite(self.values).sum())

    @property
    def mean(self) -> Estimate | None:
        """Its mean over them."""
        return _mean(self.values, self.replicates)

    def part_told_by(self, addresses: Sequence[str]) -> Part:
        """Var(E[Y | these]): the variance less the mean square that is left, out of sample."""
        ok = np.isfinite(self.values)
        y = self.values[ok]
        known = [Known(one.values[ok], one.uniform[ok]) for one in map(self.inputs.__getitem__, addresses)]
        each, squares = (np.full(self.values.size, np.nan) for _ in range(2))
        squares[ok] = (y - y.mean()) ** 2
        each[ok] = squares[ok] - (y - expected_given(y, known)) ** 2
        return part(each, squares, self.replicates)


def importance(
    drawn: Drawn, inputs: Mapping[str, Input], moving: Set[str]
) -> tuple[tuple[Told, ...], tuple[Told, ...]]:
    """What each input tells, and each risk, the most first; none where it is always the same or hardly defined.

    `moving` are those that move the measure in the base case. Of a risk only these, and those that clearly tell
    something alone, are fitted together, since what tells nothing only adds noise.
    """
    if drawn.defined < 2 * FOLDS or np.nanmin(drawn.values) == np.nanmax(drawn.values):
        return (), ()
    one = {address: _told(drawn, address, (address,)) for address in inputs}
    by_risk = []
    for risk in RISKS:
        mine = [address for address, some in inputs.items() if some.risk == risk]
        telling = [address for address in mine if address in moving or not one[address].within_noise]
        best = tuple(sorted(telling, key=lambda address: -one[address].part.share)[:MOST])
        if best:
            told = one[best[0]] if len(best) == 1 else _told(drawn, risk.name, best)
            by_risk.append(replace(told, name=risk.name, low=None, high=None))
        elif mine:
            by_risk.append(Told(risk.name, (), Part(0.0, 0.0, 0.0, 0.0), within_noise=True))
    return _sorted(one.values()), _sorted(by_risk)


def _sorted(told: Iterable[Told]) -> tuple[Told, ...]:
    return tuple(sorted(told, key=lambda one: -one.part.share))


def _told(drawn: Drawn, name: str, addresses: tuple[str, ...]) -> Told:
    found = drawn.part_told_by(addresses)
    told = Told(name, addresses, found, found.within_noise(drawn.replicates))
    if len(addresses) > 1:
        return told
    uniform = drawn.inputs[addresses[0]].uniform
    low, high = (
        _mean(np.where(some, drawn.values, np.nan), drawn.replicates)
        for some in (uniform <= FIFTH, uniform >= 1.0 - FIFTH)
    )
    return replace(told, low=low, high=high)


def _mean(values: FloatArray, replicates: int) -> Estimate | None:
    """The mean of the values that there are and its standard error."""
    if not np.isfinite(values).any():
        return None
    return Estimate(float(np.nanmean(values)), error_of_mean(values, replicates))
