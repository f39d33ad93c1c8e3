"""Rows filled one after the other, each with the least that brings the most.

Where caps hold by year or period, one row with too much uses up what others could still be paid for, and no row alone
brings more. So the rows are filled exactly, in several orders.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.stress.probe import Paid, Probe

Ask = Callable[[Paid], FloatArray]
Numbers = npt.NDArray[np.int64]

_TIMES = np.concatenate([[0.0], 2.0 ** np.arange(-8, 15)])
"""Times the usual quantity that are tried in a row."""
_PARTS, _ROUNDS = 24, 5
"""Into which the stretch that ends with the most is divided, and how often: to a ten-millionth of it."""
_ENOUGH = 1e-4
"""Pounds; more than this is more."""


def filled(probe: Probe, ask: Ask, usual: FloatArray, seed: int) -> tuple[float, FloatArray]:
    """The largest amount found by filling nothing in several orders, and its quantities, (cells,)."""
    orders = _orders(probe, ask, usual, seed)
    sets = np.zeros(orders.shape)
    for cells in orders:
        sets = _least_for_most(probe, ask, usual, sets, cells)
    paid = ask(probe.pay(sets))
    at = int(np.argmax(paid))
    return float(paid[at]), sets[:, at]


def _orders(probe: Probe, ask: Ask, usual: FloatArray, seed: int) -> Numbers:
    """Numbers of the cells in the order in which they are filled, (cells, orders).

    Cells come first of which most of what a rule asks for counts, as what does not count uses up caps; of alike ones
    those that can bring little, as there are few places for it; then from the end, from the beginning, or by lot.
    """
    count, lot = len(probe.cells), np.random.default_rng(seed)
    alone = _least_for_most(probe, ask, usual, np.zeros((count, count)), np.arange(count))
    paid = probe.pay(alone)
    due = sum(paid.due.values(), np.zeros(count))
    worth = np.round(np.divide(ask(paid), due, out=np.zeros(count), where=due > 0), 4)
    little, time = np.round(ask(paid)), np.array([cell.period for cell in probe.cells])
    keys = (-time, -worth), (-time, little, -worth), (time, little, -worth), (lot.random(count), little, -worth)
    return np.stack([*(np.lexsort(key) for key in keys), lot.permutation(count)], axis=1)


def _least_for_most(probe: Probe, ask: Ask, usual: FloatArray, sets: FloatArray, cells: Numbers) -> FloatArray:
    """Sets, (cells, sets), with one cell of each changed to the quantity nearest nothing that brings the most."""
    side = np.sign(usual[cells])
    tried = np.sort(np.abs(np.stack([sets[cells, np.arange(len(cells))], *(usual[cells] * t for t in _TIMES)])), axis=0)
    for _ in range(_ROUNDS):
        tried = np.linspace(*_first_of_most(probe, ask, sets, cells, tried, side), _PARTS + 1)
    _, reached = _first_of_most(probe, ask, sets, cells, tried, side)
    out = sets.copy()
    out[cells, np.arange(len(cells))] = side * reached
    return out


def _first_of_most(
    probe: Probe, ask: Ask, sets: FloatArray, cells: Numbers, tried: FloatArray, side: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Of sizes tried, (sizes, sets), on one side of nothing, the one before the first with the most, and that one."""
    count = len(cells)
    tried = np.where(probe.whole[cells], np.ceil(tried), tried)
    each = np.tile(sets, len(tried))
    each[np.tile(cells, len(tried)), np.arange(each.shape[1])] = (side * tried).ravel()
    paid = ask(probe.pay(each)).reshape(len(tried), count)
    first = np.argmax(paid >= paid.max(axis=0) - _ENOUGH, axis=0)
    return tried[np.maximum(first - 1, 0), np.arange(count)], tried[first, np.arange(count)]
