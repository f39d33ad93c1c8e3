"""The rate nearest zero of columns whose running totals leave open how many there are.

Descartes' rule after Vincent's substitution says how many rates there can be at most, above zero (roots x in (0, 1)
of Σ c_t x^t) and below (roots z = 1 + r in (0, 1) of the reversed polynomial); the changes of sign of the present
value over a grid of fixed rates say how many there are at least. Where the two agree, each change of sign holds one
rate and nothing else does. The few columns left are taken to pieces by halving.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.grid import BoolArray, Grid, IntArray, grid_of, improved, interpolated, product, value_and_slope
from sibmodel.measures.roots import isolated, most_roots, newton

DUST = 1e-6
"""Flows below a millionth of a pound are rounding noise; they would create false roots."""

_UNCLEAR = 1e-12  # present values below this share of all money may have either sign, or a root too near on both sides


def nearest(flows: FloatArray) -> tuple[FloatArray, IntArray]:
    """1 + r of the rate nearest zero, and the number of rates, of columns with both signs."""
    at_zero = np.abs(over_time(flows)) <= DUST
    growth = np.full(flows.shape[1], np.nan)
    count = np.zeros(flows.shape[1], dtype=np.int64)
    open_ = at_zero.copy()
    some = np.flatnonzero(~at_zero)
    if some.size:
        sides = _Sides.of(np.take(flows, some, axis=1))
        growth[some], count[some] = sides.nearest(), sides.count
        open_[some] = ~sides.certain
    left = np.flatnonzero(open_)
    if left.size:
        growth[left], count[left] = _several(flows[:, left], at_zero[left])
    return growth, count


def _turns(positive: BoolArray) -> BoolArray:
    """Where a sign differs from the one before."""
    return np.asarray(positive[1:] != positive[:-1])


@dataclass(frozen=True)
class _Sides:
    """Columns at the rates of a grid, seen from zero upwards and from zero downwards."""

    grid: Grid
    flows: FloatArray
    values: FloatArray
    """Present values at the rates of the grid, ascending."""
    above: BoolArray
    """In which cells from zero up the present value changes its sign; the last cell has no upper end."""
    below: BoolArray
    """In which cells from zero down; the last ends at −100 %."""
    certain: BoolArray

    @classmethod
    def of(cls, flows: FloatArray) -> _Sides:
        """With the columns in which the cells surely hold one rate each, and nothing else does."""
        grid = grid_of(len(flows) - 1)
        values = product(grid.weights, flows)
        positive, zero = values > 0, len(values) // 2
        there = flows != 0
        columns = np.arange(flows.shape[1])
        first = flows[np.argmax(there, axis=0), columns] > 0
        last = flows[::-1][np.argmax(there[::-1], axis=0), columns] > 0
        above = _turns(np.concatenate([positive[zero:], first[None]]))
        below = _turns(np.concatenate([positive[zero::-1], last[None]]))
        clear = (np.abs(values) > _UNCLEAR * over_time(np.abs(flows))).all(axis=0)
        certain = clear & (above.sum(axis=0) == most_roots(flows)) & (below.sum(axis=0) == most_roots(flows[::-1]))
        return cls(grid, flows, values, above, below, certain)

    @property
    def count(self) -> IntArray:
        """How many rates there are."""
        return np.asarray(self.above.sum(axis=0) + self.below.sum(axis=0))

    def nearest(self) -> FloatArray:
        """1 + r of the rate nearest zero, where certain; a side surely further away is not searched."""
        zero = len(self.values) // 2
        up = np.append(np.expm1(self.grid.forces[zero:]), np.inf)
        down = np.append(-np.expm1(self.grid.forces[zero::-1]), 1.0)
        cell_up, cell_down = np.argmax(self.above, axis=0), np.argmax(self.below, axis=0)
        any_up, any_down = self.certain & self.above.any(axis=0), self.certain & self.below.any(axis=0)
        search_up = np.flatnonzero(any_up & ~(any_down & (up[cell_up] >= down[cell_down + 1])))
        search_down = np.flatnonzero(any_down & ~(any_up & (down[cell_down] >= up[cell_up + 1])))
        growth = np.full(self.flows.shape[1], np.nan)
        growth[search_up] = self._root(search_up, zero + cell_up[search_up])
        lower = self._root(search_down, zero - 1 - cell_down[search_down])
        other = growth[search_down]
        growth[search_down] = np.where(np.isnan(other) | (1.0 - lower < other - 1.0), lower, other)
        return growth

    def _root(self, columns: IntArray, cell: IntArray) -> FloatArray:
        """1 + r of the one rate of each column in its cell, which begins at that rate of the grid."""
        if not columns.size:
            return np.empty(0)
        grid, flows = self.grid, np.take(self.flows, columns, axis=1)
        skipped, size = len(grid.outer), len(grid.even)
        inner = cell - skipped
        with np.errstate(all="ignore"):
            values = np.take(self.values[skipped : skipped + size], columns, axis=1)
            growth, sure = improved(grid, flows, *interpolated(grid, values, inner))
        ends = np.concatenate([[0.0], np.exp(grid.forces), [np.inf]])
        low, high = ends[cell + 1], ends[cell + 2]
        sure &= (inner >= 0) & (inner < size - 1) & (growth >= low) & (growth <= high)
        for up in (True, False):
            these = np.flatnonzero(~sure & ((low >= 1.0) == up))
            if these.size:
                growth[these] = _bracketed(flows[:, these], low[these], high[these], up)
        return growth


def _bracketed(flows: FloatArray, low: FloatArray, high: FloatArray, above: bool) -> FloatArray:
    """1 + r of the one rate between two, all above zero or all below."""
    coefficients = flows if above else flows[::-1]
    left, right = (1.0 / high, 1.0 / low) if above else (low, high)
    rises = value_and_slope(coefficients, right)[0] > 0
    root = newton(coefficients, left, right, rises)
    return 1.0 / root if above else root


def _several(flows: FloatArray, at_zero: BoolArray) -> tuple[FloatArray, IntArray]:
    """1 + r of the rate nearest zero, and number of rates, for columns that may have any number.

    Where the flows add up to nothing but rounding, zero is a rate, and a root within that rounding of it is the same.
    """
    trials = flows.shape[1]
    slope = np.abs(over_time(np.arange(len(flows), dtype=np.float64)[:, None] * flows))
    same = 1e-9 + np.where(at_zero, np.divide(2.0 * DUST, slope, out=np.zeros_like(slope), where=slope > 0), 0.0)
    column, root = isolated(np.concatenate([flows, flows[::-1]], axis=1))
    zeros = np.flatnonzero(at_zero)
    growth = np.concatenate([np.ones(zeros.size), np.where(column < trials, 1.0 / root, root)])
    column = np.concatenate([zeros, column % trials])
    order = np.lexsort((growth, column))
    column, growth = column[order], growth[order]
    apart = np.diff(growth, prepend=-np.inf) > same[column] * (1.0 + np.abs(growth - 1.0))
    apart |= np.diff(column, prepend=-1) > 0
    count: IntArray = np.bincount(column[apart], minlength=trials)
    order = np.lexsort((np.abs(growth - 1.0), column))
    some, first = np.unique(column[order], return_index=True)
    out = np.full(trials, np.nan)
    out[some] = growth[order][first]
    return out, count
