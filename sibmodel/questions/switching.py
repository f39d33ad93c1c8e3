"""Switching values: how far a number must move, alone in the base case, for a measure to cross a target."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.appraisal import appraisal_measures
from sibmodel.measures.public_value import public_measures
from sibmodel.model import Books, work_through
from sibmodel.questions.one_by_one import one_by_one
from sibmodel.running.statistics import known
from sibmodel.scenario.schema import Scenario

CHAIN = ("outcomes.", "savings.", "evidence.")
FARTHEST = 20.0
"""How far to look beyond an unlimited number, in multiples of its base value."""
_STEPS = (1 / 64, 1 / 16, 1 / 4, 1.0)
"""Parts of the way to an end at which is looked, so that a crossing near by is not passed over."""
_ROUNDS, _ON_TARGET, _CLOSE = 100, 1e-13, 1e-14
_INSIDE = 1e-9

Ask = Callable[[FloatArray, npt.NDArray[np.intp]], FloatArray]
"""How far a measure is above its target where numbers, named by their places, alone have some values: (looks,)."""


@dataclass(frozen=True)
class Switch:
    """One link: its base value, and where it must be for each measure to be 1, None if nowhere within its limits."""

    address: str
    unit: str
    base: float
    switches: Mapping[str, float | None]


def switching_values(scenario: Scenario, measures: tuple[str, ...]) -> tuple[Switch, ...]:
    """All links of the chain, each moved alone in the base case. Measures are ratios of `sibmodel run`."""
    links = list(_links(scenario))
    addresses, bases = [next(iter(q.items()))[0] for q in links], np.array([q.central_values()[0] for q in links])
    sides = [_toward(bases, np.array([_reach(q)[side] for q in links])) for side in (0, 1)]

    def found(measure: str) -> FloatArray:
        return crossings(asked(scenario, addresses, lambda books: _ratio(books, measure), 1.0), bases, sides)

    at = {measure: found(measure) for measure in measures if links}
    return tuple(
        Switch(_told(scenario, addresses[i], q), q.unit or "", float(bases[i]), {m: known(at[m][i]) for m in measures})
        for i, q in enumerate(links)
    )


def _ratio(books: Books, measure: str) -> FloatArray:
    return dict(chain(public_measures(books), appraisal_measures(books)))[measure].values


def _told(scenario: Scenario, address: str, quantity: Quantity) -> str:
    """Where the number can be set: at its own address, but evidence in several places by its name."""
    places = [q for q in scenario.quantities() if q.evidence is not None and q.evidence == quantity.evidence]
    return address if len(places) > 1 else quantity.address


def is_link(address: str) -> bool:
    """Whether a number says how large a saving is, and not how an outcome is measured."""
    parts = address.split(".")
    about_measuring = parts[2:3] == ["measurement"] or parts[2:] in (["verified_share"], ["counterfactual", "agreed"])
    return address.startswith(CHAIN) and not (parts[0] == "outcomes" and about_measuring)


def _links(scenario: Scenario) -> Iterator[Quantity]:
    """Every single number of the chain that the file says, those of the same evidence once."""
    seen: set[str] = set()
    for quantity in scenario.quantities():
        address, _ = next(iter(quantity.items()))
        if is_link(quantity.address) and len(quantity.value) == 1 and address not in seen and scenario.says(quantity):
            seen.add(address)
            yield quantity


def _reach(quantity: Quantity) -> tuple[float, float]:
    """The ends up to which a number is moved: its field's limits, or twenty times its base value away."""
    base = quantity.central_values()[0]
    far = FARTHEST * max(abs(base), 1.0)
    low, high = quantity.limits
    low += _INSIDE  # the end itself may not be allowed: a step of nothing
    return max(low, base - far), min(high, base + far)


def _toward(bases: FloatArray, ends: FloatArray) -> FloatArray:
    return np.array([bases + part * (ends - bases) for part in _STEPS])


def asked(scenario: Scenario, addresses: Sequence[str], measure: Callable[[Books], FloatArray], target: float) -> Ask:
    """The question that the base case answers: a measure less a target where one number alone is moved."""

    def ask(values: FloatArray, which: npt.NDArray[np.intp]) -> FloatArray:
        rows = [{addresses[place]: float(value)} for place, value in zip(which, values, strict=True)]
        return np.asarray(measure(work_through(scenario, one_by_one(scenario, rows))) - target)

    return ask


def crossings(ask: Ask, bases: FloatArray, sides: Sequence[FloatArray]) -> FloatArray:
    """The crossing of each number that is nearest its base, (numbers,); not a number where there is none.

    `sides` are values to look at, (looks, numbers), from the base outward. Between two of them it is found by regula
    falsi in the Illinois form (Dowell and Jarratt 1971), every third step a halving for the sake of jumps.
    """
    each = np.arange(bases.size)
    at_base = ask(bases, each)
    best = np.full((2, bases.size), np.nan)
    gaps = np.full((2, bases.size), np.nan)
    for side in sides:
        looks = np.vstack([bases, side])
        found = np.vstack([at_base, ask(side.reshape(-1), np.tile(each, len(side))).reshape(side.shape)])
        passes = found[:-1] * found[1:] <= 0
        first = np.argmax(passes, axis=0)
        here, there = looks[first, each], looks[first + 1, each]
        nearer = passes.any(axis=0) & ~(np.abs(best[1] - bases) <= np.abs(there - bases))
        best[:, nearer] = here[nearer], there[nearer]
        gaps[:, nearer] = found[first, each][nearer], found[first + 1, each][nearer]
    return np.where(at_base == 0.0, bases, _narrowed(ask, best, gaps))


def _narrowed(ask: Ask, ends: FloatArray, gaps: FloatArray) -> FloatArray:
    """Where the gap is nought between two ends, (2, numbers), at which it has different signs.

    Not a number where on the way the measure has no value: it may leap over the target there.
    """
    (near, far), (below, above) = ends.copy(), gaps.copy()
    out, least = np.full(near.size, np.nan), _ON_TARGET * np.abs(gaps).max(axis=0, initial=0.0)
    for end, gap in ((near, below), (far, above)):
        out = np.where(gap == 0.0, end, out)
    open_, last = np.isfinite(near) & np.isnan(out), np.full(near.size, -1)
    for turn in range(_ROUNDS):
        which = np.flatnonzero(open_)
        if not which.size:
            break
        n, f, b, a = near[which], far[which], below[which], above[which]
        x = (n + f) / 2.0 if turn % 3 == 2 else f - a * (f - n) / (a - b)
        gap = ask(x, which)
        same = gap * b > 0
        again = same == last[which]  # the other end stayed twice: its gap is halved, so that it moves
        near[which], far[which] = np.where(same, x, n), np.where(same, f, x)
        below[which] = np.where(same, gap, np.where(again, b / 2.0, b))
        above[which] = np.where(same, np.where(again, a / 2.0, a), gap)
        last[which] = same
        out[which] = np.where(np.isnan(gap), np.nan, x)
        done = (np.abs(gap) <= least[which]) | (np.abs(far - near)[which] <= _CLOSE * np.abs(x)) | np.isnan(gap)
        open_[which[done]] = False
    return out
