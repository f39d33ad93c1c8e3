"""Caps and floors per person: exact where an evaluator names persons, expected where a simulation knows only shares.

In a simulation a person's payments so far are a random sum. Its distribution is moved forward from one age (periods
since the person came) to the next on a grid from nought to the cap: an outcome with a chance p and a worth v moves the
share p of all probability up by v. What is paid at an age is the increase of the mean of the limited sum, and the
payments of everybody of that age are cut by the ratio of that to the mean of the unlimited one. Outcomes are taken as
independent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.contract.rules.base import Line
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray

GRID = 512
"""Steps of the grid where no whole number of pennies divides all prices and the cap."""
FINEST = 4096
"""Most steps of a grid on which all prices are whole numbers of steps."""


@dataclass(frozen=True)
class PersonLimits:
    """Most and least for a person over the contract, (1, 1 or trials); infinite and nought where there are none."""

    cap: FloatArray
    floor: FloatArray

    def of(self, so_far: FloatArray) -> FloatArray:
        """What may have been paid for a person when `so_far` was earned."""
        return np.where(so_far > 0, np.maximum(np.minimum(so_far, self.cap), self.floor), 0.0)


def limited(lines: Mapping[str, list[Line]], limits: PersonLimits) -> dict[str, list[Line]]:
    """Lines of one term or several, by term, with each person's payments limited together; other lines as they are."""
    mine = [line for own in lines.values() for line in own if line.part is not None]
    if not mine:
        return dict(lines)
    exact = any(line.part is not None and line.part.person for line in mine)
    factors = _exact(mine, limits) if exact else _expected(mine, limits)
    return {
        name: [replace(line, amount=line.amount * factors[id(line)]) if id(line) in factors else line for line in own]
        for name, own in lines.items()
    }


def _exact(lines: list[Line], limits: PersonLimits) -> dict[int, FloatArray]:
    """What each line is multiplied by: persons one by one, their payments in a period cut pro rata."""
    by_person: dict[str, list[Line]] = {}
    for line in lines:
        by_person.setdefault(line.part.person if line.part else "", []).append(line)
    factors: dict[int, FloatArray] = {}
    for own in by_person.values():
        asked = total(line.amount for line in own)
        paid = np.diff(limits.of(np.cumsum(asked, axis=0)), axis=0, prepend=0.0)
        factor = np.divide(paid, asked, out=np.ones_like(paid), where=asked > 0)
        factors |= {id(line): factor for line in own}
    return factors


def _expected(lines: list[Line], limits: PersonLimits) -> dict[int, FloatArray]:
    """What each line is multiplied by: the same for all payments of a group at the same age."""
    factors: dict[int, FloatArray] = {}
    for group in dict.fromkeys(line.part.group for line in lines if line.part):
        own = [line for line in lines if line.part and line.part.group == group]
        by_age = _ratios(own, limits)
        factors |= {id(line): by_age[line.part.age or 0] for line in own if line.part}
    return factors


def _ratios(lines: list[Line], limits: PersonLimits) -> dict[int, FloatArray]:
    """Limited over unlimited expected payment for a person, by age, each (1 or trials,)."""
    events: dict[int, list[tuple[FloatArray, FloatArray]]] = {}
    for line in lines:
        if line.part is not None and line.part.age is not None and line.part.chance is not None:
            events.setdefault(line.part.age, []).append((np.minimum(line.part.chance[0], 1.0), _worth(line)))
    grid = _grid([worth for own in events.values() for _, worth in own], limits)
    width = max((e.size for own in events.values() for pair in own for e in pair), default=1)
    mass = np.zeros((len(grid), max(width, grid.shape[1])))
    mass[0] = 1.0
    paid_for = limits.of(grid)
    so_far = np.zeros(mass.shape[1])
    ratios = {}
    for age in sorted(events):
        asked = np.zeros(mass.shape[1])
        for chance, worth in events[age]:
            mass = (1.0 - chance) * mass + chance * _moved(mass, worth / grid[1])
            asked = asked + chance * worth
        now = (mass * paid_for).sum(axis=0)
        ratios[age] = np.divide(now - so_far, asked, out=np.ones_like(asked), where=asked > 0)
        so_far = now
    return ratios


def _worth(line: Line) -> FloatArray:
    """Pounds that a person who has the outcome is paid for: the mean price times the units each has, (1 or trials,)."""
    if line.part is None or line.part.each is None:
        raise TypeError("a line of nobody in particular")
    units = line.part.units.sum(axis=0)
    price = np.divide(line.amount.sum(axis=0), units, out=np.zeros(line.amount.shape[1]), where=units > 0)
    return np.asarray(price * line.part.each[0])


def _grid(worths: list[FloatArray], limits: PersonLimits) -> FloatArray:
    """Sums so far from nought to the top, shape (steps + 1, 1 or trials).

    In whole steps of all prices where that is few.
    """
    everything = sum(worths, start=np.zeros(1))
    top = np.maximum(np.where(np.isfinite(limits.cap[0]), limits.cap[0], everything), limits.floor[0])
    top = np.maximum(top, 0.01)
    pence = [_pence(value) for value in (top, *worths)]
    if all(value is not None for value in pence) and pence:
        step = math.gcd(*(value for value in pence if value))
        if step and (pence[0] or 0) // step <= FINEST:
            return np.asarray(np.linspace(0.0, 1.0, (pence[0] or 0) // step + 1)[:, None] * top)
    return np.asarray(np.linspace(0.0, 1.0, GRID + 1)[:, None] * top)


def _pence(values: FloatArray) -> int | None:
    """A sum of money that is the same in all trials, in whole pennies, if it is one."""
    first = float(values.flat[0]) * 100
    same = bool((np.abs(values * 100 - first) < 1e-6).all())
    return round(first) if same and abs(first - round(first)) < 1e-6 else None


def _moved(mass: FloatArray, steps: FloatArray) -> FloatArray:
    """Probability moved up by some steps (which need not be whole); what would pass the top stays there."""
    whole = np.floor(steps + 1e-9)
    part = np.maximum(steps - whole, 0.0)
    out = np.zeros(np.broadcast_shapes(mass.shape, (1, steps.size)))
    top = len(mass) - 1
    source = np.arange(top)[:, None] - whole.astype(np.int64)[None, :]
    out[:top] = (1.0 - part) * _taken(mass, source) + part * _taken(mass, source - 1)
    out[top] = mass.sum(axis=0) - out[:top].sum(axis=0)
    return out


def _taken(mass: FloatArray, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
    """Rows of each column, nothing where they lie below the first."""
    columns = max(mass.shape[1], rows.shape[1])
    mass = np.broadcast_to(mass, (len(mass), columns))
    rows = np.broadcast_to(rows, (len(rows), columns))
    return np.where(rows >= 0, np.take_along_axis(mass, np.maximum(rows, 0), axis=0), 0.0)
