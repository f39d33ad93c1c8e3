"""Caps and floors per person: exact where an evaluator names persons, expected where a simulation knows only shares.

In a simulation a person's payments so far are a random sum. Its distribution is moved forward from one age (periods
since the person came) to the next on a grid from nought to the cap: an outcome with a chance p and a worth v moves the
share p of all probability up by v. What is paid at an age is the increase of the mean of the limited sum, and the
payments of everybody of that age are cut by the ratio of that to the mean of the unlimited one. Outcomes are taken as
independent.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sibmodel.contract.rules.base import Line
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time

STEPS = 512
"""Most steps of the grid, and those it has where no fewer are whole for all prices and the cap."""
_WHOLE = 1e-9


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
    named = [line for own in lines.values() for line in own if line.part and line.part.person]
    factors = _exact(named, limits) if named else _expected(lines, limits)
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


def _expected(lines: Mapping[str, list[Line]], limits: PersonLimits) -> dict[int, FloatArray]:
    """What each line is multiplied by: the same for all payments of a group at the same age."""
    factors: dict[int, FloatArray] = {}
    aged = {name: [line for line in own if line.part and line.part.age is not None] for name, own in lines.items()}
    for group in dict.fromkeys(line.part.group for own in aged.values() for line in own if line.part):
        mine = {name: [line for line in own if line.part and line.part.group == group] for name, own in aged.items()}
        by_age = _ratios(_events(mine), limits)
        factors |= {id(line): by_age[line.part.age or 0] for own in mine.values() for line in own if line.part}
    return factors


Events = dict[int, list[tuple[FloatArray, FloatArray]]]
"""By age, the chance of each thing that may happen then to a person, and the pounds it is worth; (1 or trials,)."""


def _events(lines: Mapping[str, list[Line]]) -> Events:
    """What may happen to a person of one group, and what it is worth."""
    events: Events = {}
    for own in lines.values():
        for outcome in dict.fromkeys(line.outcome for line in own):
            mine = [line for line in own if line.outcome == outcome]
            price = _mean_price(mine)
            for line in mine:
                part = line.part
                if part is not None and part.age is not None and part.chance is not None and part.each is not None:
                    chance = np.minimum(part.chance[0], 1.0)
                    # units of a quantity come to everybody, some at one age and the rest at another
                    worth = price * part.each[0] * (chance if part.certain else 1.0)
                    event = (np.ones(1) if part.certain else chance, worth)
                    events.setdefault(part.age, []).append(event)
    return events


def _mean_price(lines: list[Line]) -> FloatArray:
    """The mean price over the units that are paid for, (1 or trials,); where nobody has any, that of period 1.

    Where nobody happens to have the outcome the others of a person are limited as if it could have come.
    """
    every = over_time(total(line.part.units for line in lines if line.part))
    pounds = over_time(total(line.amount for line in lines))
    units = over_time(total(np.where(line.amount != 0, line.part.units, 0.0) for line in lines if line.part))
    pounds, units, every = np.broadcast_arrays(pounds, units, every)
    price = np.divide(pounds, units, out=np.zeros(pounds.shape), where=units > 0)
    first, part = lines[0].first_price, lines[0].part
    if first is None or part is None or part.certain:  # luck is in achievements only
        return price
    return np.where((units > 0) | (every > 0), price, first)


def _ratios(events: Events, limits: PersonLimits) -> dict[int, FloatArray]:
    """Limited over unlimited expected payment for a person, by age, each (1 or trials,).

    Each trial has the grid that its own worths call for, so that no other changes it.
    """
    worths = [worth for own in events.values() for _, worth in own]
    top = _top(limits)
    steps = _steps(worths, top)
    if (steps == steps[0]).all():
        return _ratios_on(int(steps[0]), events, limits)
    found: dict[int, FloatArray] = {age: np.ones(steps.size) for age in events}
    for count in np.unique(steps):
        mine = steps == count
        some = {age: [(_of(chance, mine), _of(worth, mine)) for chance, worth in own] for age, own in events.items()}
        own_limits = PersonLimits(_of(limits.cap[0], mine)[None, :], _of(limits.floor[0], mine)[None, :])
        for age, ratio in _ratios_on(int(count), some, own_limits).items():
            found[age][mine] = ratio
    return found


def _of(values: FloatArray, some: npt.NDArray[np.bool_]) -> FloatArray:
    return values if values.size == 1 else values[some]


def _ratios_on(steps: int, events: Events, limits: PersonLimits) -> dict[int, FloatArray]:
    grid = np.asarray(np.linspace(0.0, 1.0, steps + 1)[:, None] * _top(limits))
    width = max((e.size for own in events.values() for pair in own for e in pair), default=1)
    mass = np.zeros((len(grid), max(width, grid.shape[1])))
    mass[0] = 1.0
    # without a cap the mean is known, and the grid serves what a floor adds
    capped = bool(np.isfinite(limits.cap).all())
    worth_of = limits.of(grid) if capped else np.where(grid > 0, np.maximum(limits.floor - grid, 0.0), 0.0)
    mean, so_far = np.zeros(mass.shape[1]), np.zeros(mass.shape[1])
    ratios = {}
    for age in sorted(events):
        asked = np.zeros(mass.shape[1])
        for chance, worth in events[age]:
            mass = (1.0 - chance) * mass + chance * _moved(mass, worth / grid[1])
            asked = asked + chance * worth
        mean = mean + asked
        now = over_time(mass * worth_of) + (0.0 if capped else mean)
        ratios[age] = np.divide(now - so_far, asked, out=np.ones_like(asked), where=asked > 0)
        so_far = now
    return ratios


def _top(limits: PersonLimits) -> FloatArray:
    """Where the grid ends: the cap, or without one the floor, (1 or trials,)."""
    top = np.where(np.isfinite(limits.cap[0]), limits.cap[0], limits.floor[0])
    return np.asarray(np.where(top > 0, top, 1.0))


def _steps(worths: list[FloatArray], top: FloatArray) -> npt.NDArray[np.int64]:
    """The fewest steps from nought to the top of which all worths of a trial are whole numbers, at most `STEPS`.

    Shape (1 or trials,).
    """
    parts = np.stack(np.broadcast_arrays(*(worth / top for worth in worths), top))[:-1]
    if parts.shape[1] > 1 and (parts == parts[:, :1]).all():
        parts = parts[:, :1]
    steps = np.full(parts.shape[1], STEPS, dtype=np.int64)
    for count in range(STEPS, 0, -1):
        off = np.abs(count * parts - np.rint(count * parts)).max(axis=0, initial=0.0)
        steps[off < _WHOLE] = count
    return steps


def _moved(mass: FloatArray, steps: FloatArray) -> FloatArray:
    """Probability moved up by some steps (which need not be whole); what would pass the top stays there."""
    whole = np.floor(steps + 1e-9)
    part = np.maximum(steps - whole, 0.0)
    out = np.zeros(np.broadcast_shapes(mass.shape, (1, steps.size)))
    top = len(mass) - 1
    source = np.arange(top)[:, None] - whole.astype(np.int64)[None, :]
    out[:top] = (1.0 - part) * _taken(mass, source) + part * _taken(mass, source - 1)
    out[top] = over_time(mass) - over_time(out[:top])
    return out


def _taken(mass: FloatArray, rows: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> FloatArray:
    """Rows of each column, nothing where they lie below the first."""
    columns = max(mass.shape[1], rows.shape[1])
    mass = np.broadcast_to(mass, (len(mass), columns))
    rows = np.broadcast_to(rows, (len(rows), columns))
    return np.where(rows >= 0, np.take_along_axis(mass, np.maximum(rows, 0), axis=0), 0.0)
