"""A two-way grid: the mean of a measure where two numbers have several values each, over the same futures."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.errors import SibmodelError
from sibmodel.questions.candidates import (
    Bounds,
    as_written,
    candidates,
    must_be_a_range,
    must_be_allowed,
    nothing_says_where,
    step_of,
)
from sibmodel.questions.futures import Futures, today_at
from sibmodel.questions.inputs import Input, inputs_of, quantity_at
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.one_by_one import HIGH, LOW
from sibmodel.questions.statistic import MEAN, simulated
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.sampling.replicates import replicates
from sibmodel.scenario.schema import Scenario

FEWEST, MOST = 2, 15
GRID = "--grid"
"""What names its two numbers."""
_AROUND = (0.5, 1.5)
"""Multiples of a fixed number between which is looked where nothing else is asked."""


@dataclass(frozen=True)
class TwoWay:
    """A grid that is asked for: the numbers down the side and along the top, where, and how many values of each."""

    rows: str
    columns: str
    rows_between: Bounds | None = None
    columns_between: Bounds | None = None
    points: int = 5


@dataclass(frozen=True)
class Axis:
    """A number of a grid: its value in the base case (None if the file does not say it), and those looked at."""

    address: str
    unit: str
    today: float | None
    values: tuple[float, ...]


@dataclass(frozen=True)
class Grid:
    """The mean of the measure in each cell, rows first, with its standard error; None where it has no value."""

    rows: Axis
    columns: Axis
    cells: tuple[tuple[Estimate | None, ...], ...]


def grid_of(futures: Futures, name: str, asked: TwoWay, workers: int | None = None) -> Grid:
    """Work a grid out. Both numbers are fixed in each cell, whatever they move together with.

    Raises SibmodelError for an unknown address, bounds out of order or not allowed, or too few or many points.
    """
    if not FEWEST <= asked.points <= MOST:
        raise SibmodelError(f"{asked.points} values of each number cannot be a grid; ask for {FEWEST} to {MOST}")
    if asked.rows == asked.columns:
        raise SibmodelError(f"'{asked.rows}' stands on both sides of the grid; name two numbers")
    scenario = futures.scenario
    rows = _axis(scenario, asked.rows, asked.rows_between, asked.points, "--down")
    columns = _axis(scenario, asked.columns, asked.columns_between, asked.points, "--across")
    places = [as_written({rows.address: y, columns.address: x}) for y in rows.values for x in columns.values]
    parts = replicates(scenario.simulation.sampling)

    def cell(place: int) -> Estimate | None:
        mean, error = simulated(futures.measured(places[place], (name,))[name], MEAN, parts)
        return Estimate(mean, error) if math.isfinite(mean) else None

    found = list(in_order(cell, len(places), workers_for(len(places), workers)))
    return Grid(rows, columns, tuple(_split(found, len(columns.values))))


def _split(cells: Sequence[Estimate | None], across: int) -> list[tuple[Estimate | None, ...]]:
    return [tuple(cells[first : first + across]) for first in range(0, len(cells), across)]


def _axis(scenario: Scenario, address: str, between: Bounds | None, points: int, option: str) -> Axis:
    """A side of a grid; of a field that takes only whole numbers or periods only these, fewer if there are no more."""
    drawn = _drawn(scenario, address)
    if drawn is not None and drawn.quantity.evidence is not None and address == drawn.address:
        where = drawn.quantity.address
        raise SibmodelError(f"'{address}' is pooled from studies; name the number that uses it, as {where}")
    today = today_at(scenario, address, GRID)
    quantity = quantity_at(scenario, address)
    unit = "" if quantity is None else quantity.unit or ""
    if between is None and drawn is None and not today:
        raise nothing_says_where(address, today, option)
    bounds = between or _usual(scenario, address, today or 0.0, drawn)
    must_be_a_range(bounds)
    found = candidates(bounds, step_of(scenario, address, bounds), points)
    for end in (found[0], found[-1]):
        must_be_allowed(scenario, {address: end}, option)
    return Axis(address, unit, today, tuple(found))


def _drawn(scenario: Scenario, address: str) -> Input | None:
    """The uncertain number at an address, or drawn at it; None for a fixed one."""
    inputs = inputs_of(scenario)
    alone = (one for one in inputs.values() if one.quantity.address == address and len(one.quantity.value) == 1)
    return inputs.get(address) or next(alone, None)


def _usual(scenario: Scenario, address: str, today: float, drawn: Input | None) -> Bounds:
    """10th to 90th percentile of an uncertain number; half to one and a half times a fixed one, as far as allowed."""
    if drawn is not None:
        low, high = drawn.at(np.array([LOW, HIGH]))
        return float(low), float(high)
    quantity = quantity_at(scenario, address)
    least, most = (-math.inf, math.inf) if quantity is None else quantity.limits
    low, high = sorted(part * today for part in _AROUND)
    return max(low, least), min(high, most)
