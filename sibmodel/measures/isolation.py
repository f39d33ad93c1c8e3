"""The rate nearest zero of columns whose running totals leave open how many there are.

Descartes' rule after Vincent's substitution says how many rates there can be at most, above zero (roots x in (0, 1)
of Σ c_t x^t) and below (roots z = 1 + r in (0, 1) of the reversed polynomial); the changes of sign of the present
value over a grid of fixed rates say how many there are at least. Where the two agree, each change of sign holds one
rate and nothing else does. The few columns left are taken to pieces by halving.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.bounds import PARTS, Most, how_many, most_rates
from sibmodel.measures.grid import (
    FEW,
    BoolArray,
    Grid,
    IntArray,
    far_grid,
    improved,
    interpolated,
    product,
    some_of,
    value_and_slope,
)
from sibmodel.measures.roots import in_pieces, newton, roots

DUST = 1e-6
"""Flows below a millionth of a pound are rounding noise; they would create false roots."""

_UNCLEAR = 1e-12  # present values below this share of all money may have either sign, or a root too near on both sides


def nearest(flows: FloatArray, most: Most, known: FloatArray) -> tuple[FloatArray, IntArray]:
    """1 + r of the rate nearest zero, and the number of rates, of columns with both signs.

    `known` is 1 + r where it has been found already, in the one cell of the grid near zero that holds any.
    """
    at_zero = np.abs(over_time(flows)) <= DUST
    growth = np.full(flows.shape[1], np.nan)
    count = np.zeros(flows.shape[1], dtype=np.int64)
    left = at_zero.copy()
    some = np.flatnonzero(~at_zero)
    if some.size:
        sides = _Sides.of(some_of(flows, some), most.only(some))
        growth[some], count[some] = sides.nearest(known[some]), sides.count
        left[some] = ~sides.certain
    rest = np.flatnonzero(left)
    if rest.size:
        growth[rest], count[rest] = _any_number(some_of(flows, rest), at_zero[rest])
    return growth, count


def _clear(grid: Grid, flows: FloatArray, values: FloatArray) -> BoolArray:
    """Columns in which no present value over the grid is so near nothing that rounding could turn it."""
    size = over_time(np.abs(flows))
    clear: BoolArray = how_many(np.abs(values) <= _UNCLEAR * grid.largest * size) == 0
    # far from zero a few flows carry all weight: what is little beside all money may be much beside those
    doubt = np.flatnonzero(~clear)
    if doubt.size:
        size = product(grid.weights, np.abs(some_of(flows, doubt)), "sizes", FEW)
        clear[doubt] = (np.abs(some_of(values, doubt)) > _UNCLEAR * size).all(axis=0)
    return clear


def _turns(positive: BoolArray, end: FloatArray) -> BoolArray:
    """Where a sign differs from the one before, `end` being the last value."""
    sign = np.concatenate([positive, end[None] > 0])
    return np.asarray(sign[1:] != sign[:-1])


def _first(flows: FloatArray) -> FloatArray:
    """The first flow of each column that is not nothing."""
    first: FloatArray = flows[0]
    for row in flows[1:]:
        if first.all():
            break
        first = np.where(first == 0, row, first)
    return first


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
    """Whether those cells hold one rate each and nothing else does."""

    @classmethod
    def of(cls, flows: FloatArray, most: Most) -> _Sides:
        """Where `most` is more than the cells with a rate, the bound on shorter intervals is tried."""
        grid = far_grid(len(flows) - 1)
        values = product(grid.weights, flows, "sides", FEW)
        positive, zero = values > 0, len(values) // 2
        clear = _clear(grid, flows, values)
        above, below = _turns(positive[zero:], _first(flows)), _turns(positive[zero::-1], _first(flows[::-1]))
        least_above, least_below = how_many(above), how_many(below)
        certain = clear & most.clear & (least_above == most.above) & (least_below == most.below)
        rest = np.flatnonzero(clear & ~certain)
        if rest.size:
            most = most_rates(some_of(flows, rest), PARTS)
            certain[rest] = most.clear & (least_above[rest] == most.above) & (least_below[rest] == most.below)
        return cls(grid, flows, values, above, below, certain)

    @property
    def count(self) -> IntArray:
        """How many rates there are."""
        return (how_many(self.above) + how_many(self.below)).astype(np.int64)

    def nearest(self, known: FloatArray) -> FloatArray:
        """1 + r of the rate nearest zero, where certain; a side surely further away is not searched."""
        searched = np.flatnonzero(self.certain & np.isnan(known))
        growth = known.copy()
        if searched.size:
            growth[searched] = self._only(searched)._searched()
        return growth

    def _only(self, columns: IntArray) -> _Sides:
        """Some columns."""
        parts = (self.flows, self.values, self.above, self.below)
        flows, values, above, below = (some_of(part, columns) for part in parts)
        return _Sides(self.grid, flows, values, above, below, self.certain[columns])

    def _searched(self) -> FloatArray:
        """1 + r of the rate nearest zero of columns that are all certain."""
        zero = len(self.values) // 2
        up = np.append(np.expm1(self.grid.forces[zero:]), np.inf)
        down = np.append(-np.expm1(self.grid.forces[zero::-1]), 1.0)
        cell_up, cell_down = np.argmax(self.above, axis=0), np.argmax(self.below, axis=0)
        any_up, any_down = self.above.any(axis=0), self.below.any(axis=0)
        search_up = np.flatnonzero(any_up & ~(any_down & (up[cell_up] >= down[cell_down + 1])))
        search_down = np.flatnonzero(any_down & ~(any_up & (down[cell_down] >= up[cell_up + 1])))
        cell = np.concatenate([zero + cell_up[search_up], zero - 1 - cell_down[search_down]])
        found = self._root(np.concatenate([search_up, search_down]), cell)
        higher, lower = found[: search_up.size], found[search_up.size :]
        growth = np.full(self.flows.shape[1], np.nan)
        growth[search_up] = higher
        other = growth[search_down]
        growth[search_down] = np.where(np.isnan(other) | (1.0 - lower <= other - 1.0), lower, other)
        return growth

    def _root(self, columns: IntArray, cell: IntArray) -> FloatArray:
        """1 + r of the one rate of each column in its cell, which begins at that rate of the grid."""
        if not columns.size:
            return np.empty(0)
        grid, flows = self.grid, some_of(self.flows, columns)
        skipped, size = len(grid.outer), len(grid.even)
        inner = cell - skipped
        values = some_of(self.values[grid.middle], columns)
        ends = np.concatenate([[0.0], np.exp(grid.forces), [np.inf]])
        low, high = ends[cell + 1], ends[cell + 2]
        with np.errstate(all="ignore"):
            x, curvature = interpolated(grid, values, inner)
            growth, sure = improved(grid, flows, x, curvature)
            sure &= (inner >= 0) & (inner < size - 1)
            again = np.flatnonzero(~sure & (growth >= low) & (growth <= high))
            if again.size:
                nearer = 1.0 / growth[again], curvature[again]
                growth[again], sure[again] = improved(grid, some_of(flows, again), *nearer)
        sure &= (growth >= low) & (growth <= high)
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


def _any_number(flows: FloatArray, at_zero: BoolArray) -> tuple[FloatArray, IntArray]:
    """1 + r of the rate nearest zero, and number of rates, for columns that may have any number.

    Where the flows add up to nothing but rounding, zero is a rate, and a root within that rounding of it is the same.
    """
    trials, some = flows.shape[1], flows != 0
    first, last = np.argmax(some, axis=0), len(flows) - 1 - np.argmax(some[::-1], axis=0)
    slope = np.abs(over_time((np.arange(len(flows))[:, None] - first) * flows))
    same = 1e-9 + np.where(at_zero, np.divide(2.0 * DUST, slope, out=np.zeros_like(slope), where=slope > 0), 0.0)
    column, root = _all_roots(flows, first, last)
    zeros = np.flatnonzero(at_zero)
    growth = np.concatenate([np.ones(zeros.size), np.where(column < trials, 1.0 / root, root)])
    column = np.concatenate([zeros, column % trials])
    order = np.lexsort((growth, column))
    column, growth = column[order], growth[order]
    apart = np.diff(growth, prepend=-np.inf) > same[column] * (1.0 + np.abs(growth - 1.0))
    apart |= np.diff(column, prepend=-1) > 0
    count: IntArray = np.bincount(column[apart], minlength=trials)
    order = np.lexsort((np.abs(growth - 1.0), column))
    known, where = np.unique(column[order], return_index=True)
    out = np.full(trials, np.nan)
    out[known] = growth[order][where]
    return out, count


def _all_roots(flows: FloatArray, first: IntArray, last: IntArray) -> tuple[IntArray, FloatArray]:
    """Column and root in (0, 1) of each column's polynomial, and after all columns of each reversed one.

    Each is taken to pieces without the noughts before its first flow and after its last: they change no rate, but would
    blur what tells a double rate from two.
    """
    trials, parts = flows.shape[1], []
    for start, end in sorted(set(zip(first.tolist(), last.tolist(), strict=True))):
        these = np.flatnonzero((first == start) & (last == end))
        own = flows[start : end + 1, these]
        pieces = in_pieces(np.concatenate([own, own[::-1]], axis=1))
        both = np.concatenate([these, trials + these])
        parts.append(replace(pieces, column=both[pieces.column], whose=both[pieces.whose]))
    return roots(parts)
