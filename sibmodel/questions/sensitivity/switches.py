"""Switching values: where an uncertain number must be, alone in the base case, for the measure to be at a target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.questions.inputs import Input
from sibmodel.questions.switching import asked, crossings
from sibmodel.running.statistics import known
from sibmodel.scenario.schema import Scenario

_STEPS = (0.25, 0.5, 0.75, 1.0)
"""Parts of the way from the base value to each end of what a number may be at which is looked."""
_FARTHER, _NEARLY = 4.0, 0.99
"""How far beyond is looked: so many times the way to that end, at most this part of the way to its field's limit."""


@dataclass(frozen=True)
class Switching:
    """A number's value in the base case, and the nearest at which the measure crosses the target; None if nowhere.

    `moved` is how far off that is, in parts of the base value. `chance` is that the number lies beyond it, by its own
    distribution.
    """

    address: str
    unit: str
    base: float
    at: float | None
    moved: float | None
    chance: float | None


def usual_target(scenario: Scenario, name: str, about: Values) -> float | None:
    """What a measure is held against: nought, £1 for £1, the investor's discount rate; None where nothing is usual."""
    if about.unit == "£":
        return 0.0
    if about.unit in ("ratio", "£ per £"):
        return 1.0
    if about.unit == "rate" and name.startswith(("investor.", "tranche.")):
        return scenario.discounting.investor
    return None


def switches(scenario: Scenario, name: str, inputs: Sequence[Input], target: float) -> tuple[Switching, ...]:
    """The switching value of each input, those that are likeliest to be beyond theirs first."""
    if not inputs:
        return ()
    bases = np.array([one.base for one in inputs])
    ends, limits = (np.array(found).T for found in ([one.ends() for one in inputs], [one.limits for one in inputs]))
    sides = [_looks(bases, end, limit) for end, limit in zip(ends, limits, strict=True)]

    def measured(books: Books) -> FloatArray:
        return all_measures(books)[name].values

    at = crossings(asked(scenario, [one.address for one in inputs], measured, target), bases, sides)
    found = [_switching(one, known(value)) for one, value in zip(inputs, at, strict=True)]
    return tuple(sorted(found, key=_likeliest))


def _looks(bases: FloatArray, ends: FloatArray, limits: FloatArray) -> FloatArray:
    """Values to look at: up to what each number may be, then as far as it makes sense."""
    beyond = bases + _FARTHER * (ends - bases)
    nearly = bases + _NEARLY * (limits - bases)  # not the limit itself, at which a number by which is divided is nought
    far = np.where(np.abs(beyond - bases) < np.abs(nearly - bases), beyond, nearly)
    last = np.where(np.abs(far - bases) > np.abs(ends - bases), far, ends)
    return np.array([*(bases + step * (ends - bases) for step in _STEPS), last])


def _switching(one: Input, at: float | None) -> Switching:
    if at is None:
        return Switching(one.address, one.unit, one.base, None, None, None)
    moved = (at - one.base) / abs(one.base) if one.base else None
    return Switching(one.address, one.unit, one.base, at, moved, one.chance_beyond(at))


def _likeliest(one: Switching) -> tuple[bool, float, float]:
    return one.at is None, -(one.chance or 0.0), abs(one.moved or 0.0)
