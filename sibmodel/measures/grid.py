"""Rates of many columns at once: present values at fixed rates, interpolation, and one step on the flows themselves.

The present values of all columns at the same few rates are one matrix product, some forty times cheaper than
Horner's scheme at a rate of each column's own. The rates are even steps of the force of interest δ = log(1 + r)
times the horizon T, in which f(δ) = Σ c_t exp(−δ(t − T/2)) is smooth: the polynomial through six neighbours knows
its root to about six digits. One third-order step with the flows themselves (value and slope by Horner's scheme, the
second derivative from the polynomial) brings the rest.

A matrix product may round otherwise for another place in the block, so its result only chooses the starting point,
rounded to a coarse lattice: what follows is arithmetic column by column, the same bits in whatever company.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray

IntArray = npt.NDArray[np.int64]
BoolArray = npt.NDArray[np.bool_]

MANY, WIDTH, FEW = 1024, 256, 64
"""Columns in a product with a small, a usual and a large matrix; blocks are filled up, as other shapes may round
otherwise."""

_PAD = 72
_UNTHREADED = 2**18  # OpenBLAS wakes (and spins) other threads for products of more multiplications than this
_LONG = 2**14  # numbers in a block of columns, of which fewer are taken at once if they are long
_STEP = 0.5  # between neighbouring rates, in δ times the horizon
_GROWTH = 1.4  # of the wider cells beyond them
_FURTHEST = 2.5  # highest force of interest a period
_POINTS = 6
_CENTRE = 0.5 * (_POINTS - 1)
_ROUNDED = 2.0**10  # the lattice of the curvature, which need not be known well
_CLOSE = 4e-6  # a step (in δ times the horizon) after which nothing is left to improve


@dataclass(frozen=True)
class Grid:
    """Fixed rates for flows of `periods` periods after the first: even steps in the middle, wider ones beyond."""

    periods: int
    reach: float
    """How far the even steps go either way, in δ times the horizon."""

    @cached_property
    def horizon(self) -> int:
        """Periods after the first, as a multiple of eight: a nought or two at the end change no bit."""
        return 8 * -(-self.periods // 8)

    @cached_property
    def outer(self) -> FloatArray:
        """Forces of interest above the even steps, ascending."""
        count = max(0, int(np.ceil(np.log(_FURTHEST * self.horizon / self.reach) / np.log(_GROWTH))))
        return np.asarray(self.reach * _GROWTH ** np.arange(1, count + 1) / self.horizon)

    @cached_property
    def even(self) -> FloatArray:
        """The even steps."""
        half = round(self.reach / _STEP)
        return np.asarray(np.arange(-half, half + 1) * (_STEP / self.horizon), dtype=np.float64)

    @cached_property
    def forces(self) -> FloatArray:
        """All, ascending."""
        return np.concatenate([-self.outer[::-1], self.even, self.outer])

    @cached_property
    def weights(self) -> FloatArray:
        """Present-value factors at all of them, about the middle of the horizon, scaled down beyond the even steps."""
        times = np.arange(self.periods + 1) - 0.5 * self.horizon
        scale = np.maximum(np.abs(self.forces) - self.reach / self.horizon, 0.0) * (0.5 * self.horizon)
        return np.exp(-self.forces[:, None] * times - scale[:, None])

    @cached_property
    def largest(self) -> FloatArray:
        """The largest factor at each."""
        return np.asarray(self.weights.max(axis=1, keepdims=True))

    @property
    def middle(self) -> slice:
        """Which of all are the even steps."""
        return slice(len(self.outer), len(self.outer) + len(self.even))

    @cached_property
    def lattice(self) -> float:
        """One over the distance of the starting points."""
        return float(2.0 ** (21 + np.ceil(np.log2(self.horizon))))


@lru_cache(maxsize=16)
def near_grid(periods: int) -> Grid:
    """Even steps to where most rates are, 8 % a period at least."""
    return Grid(periods, max(5.0, float(periods // 12)))


@lru_cache(maxsize=16)
def far_grid(periods: int) -> Grid:
    """Even steps six times as far, for some columns."""
    return Grid(periods, max(30.0, float(periods // 4)))


class _Kept(threading.local):
    """Memory used again by the next call: fresh pages for every call would cost as much as the work done in them."""

    def __init__(self) -> None:
        self.by_use: dict[str, npt.NDArray[np.uint8]] = {}


_KEPT = _Kept()


def scratch(use: str, shape: tuple[int, ...], kind: type = np.float64) -> npt.NDArray[Any]:
    """A matrix for passing results, overwritten by whoever next asks for the same `use` in this thread.

    Its rows do not begin a power of two apart, where they would fight for the same cache lines.
    """
    rows, columns = shape
    size = rows * (columns + _PAD) * np.dtype(kind).itemsize
    if use not in _KEPT.by_use or _KEPT.by_use[use].size < size:
        _KEPT.by_use[use] = np.empty(size, dtype=np.uint8)
    return _KEPT.by_use[use][:size].view(kind).reshape(rows, columns + _PAD)[:, :columns]


def some_of(matrix: npt.NDArray[Any], columns: IntArray) -> npt.NDArray[Any]:
    """Some columns of a matrix whose rows are each in one piece of memory, at even distances."""
    if matrix.flags.c_contiguous:
        return matrix.take(columns, axis=1)
    # without the padding NumPy would first copy all of it
    width = matrix.strides[0] // matrix.itemsize
    return np.lib.stride_tricks.as_strided(matrix, (len(matrix), width), matrix.strides).take(columns, axis=1)


def product(matrix: FloatArray, columns: FloatArray, use: str, width: int = WIDTH) -> FloatArray:
    """`matrix` times `columns` in scratch memory, in blocks of one shape, small enough for one thread."""
    rows, count = len(matrix), columns.shape[1]
    out = scratch(use, (rows, count))
    if min(columns.strides) < columns.itemsize or columns.strides[1] > columns.itemsize:
        columns = np.ascontiguousarray(columns)  # NumPy multiplies others by loops of its own
    while width > FEW and width * len(columns) > _LONG:
        width //= 2
    tall = max(1, _UNTHREADED // (width * len(columns)))
    for left in range(0, count, width):
        right = min(left + width, count)
        block, target = columns[:, left:right], out[:, left:right]
        if right - left < width:
            block, target = np.zeros((len(columns), width)), np.empty((rows, width))
            block[:, : right - left] = columns[:, left:right]
        for top in range(0, rows, tall):
            np.matmul(matrix[top : top + tall], block, out=target[top : top + tall])
        if right - left < width:
            out[:, left:right] = target[:, : right - left]
    return out


@lru_cache(maxsize=1)
def _through_points() -> FloatArray:
    """Values at six neighbours to the coefficients of the polynomial through them, about their middle."""
    return np.asarray(np.linalg.inv(np.vander(np.arange(_POINTS) - _CENTRE, increasing=True)))


def _neighbours(values: FloatArray, start: IntArray) -> FloatArray:
    """Six rows of `values` from `start` on, which each column has of its own."""
    stride = values.strides[0] // values.itemsize
    index = start * stride + np.arange(start.size)
    # the padding between the rows is counted but never read
    flat = np.lib.stride_tricks.as_strided(values, ((len(values) - 1) * stride + start.size,), (values.itemsize,))
    out = scratch("neighbours", (_POINTS, start.size))
    for row in out:
        np.take(flat, index, out=row, mode="clip")
        index += stride
    return out


def interpolated(grid: Grid, values: FloatArray, cell: IntArray) -> tuple[FloatArray, FloatArray]:
    """Starting point x = exp(−δ) of each column, whose root lies in `cell` of the even steps, and f″/2f′ there."""
    start = np.clip(cell - (_POINTS // 2 - 1), 0, len(values) - _POINTS)
    c = product(_through_points(), _neighbours(values, start), "interpolation", MANY)
    t = -c[0] / c[1]
    t *= 1.0 - t * c[2] / c[1]
    value, slope = value_and_slope(c, t)
    bend = (((10.0 * c[5] * t + 6.0 * c[4]) * t + 3.0 * c[3]) * t + c[2]) / slope
    value /= slope
    t -= value * (1.0 + value * bend)
    step = _STEP / grid.horizon
    force = grid.even[0] + step * (start + (t + _CENTRE))
    x = np.rint(np.exp(-force) * grid.lattice) / grid.lattice
    return x, np.rint(bend * _ROUNDED) / (_ROUNDED * step)


def value_and_slope(coefficients: FloatArray, x: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The polynomial and its derivative at `x`, by Horner's scheme, one for each column."""
    value, slope = coefficients[-1] * x, coefficients[-1].copy()
    value += coefficients[-2]
    for row in coefficients[-3::-1]:
        np.multiply(slope, x, slope)
        np.add(slope, value, slope)
        np.multiply(value, x, value)
        np.add(value, row, value)
    return value, slope


def improved(grid: Grid, flows: FloatArray, x: FloatArray, curvature: FloatArray) -> tuple[FloatArray, BoolArray]:
    """1 + r one third-order step from 1/x, and whether that is all that can be known.

    The step is Chebyshev's, in δ. It is trusted where it is small beside the curvature, which proves a root by
    Kantorovich's theorem, and so small that its third power is below rounding.
    """
    value, slope = value_and_slope(flows, x)
    step = value / (0.5 * grid.horizon * value - x * slope)
    bend = step * curvature
    sure = (np.abs(step) <= _CLOSE / grid.horizon) & (np.abs(bend) <= 1e-3)
    step *= 1.0 + bend
    return (1.0 - step + 0.5 * step * step) / x, sure
