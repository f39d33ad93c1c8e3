"""The internal rate of return of many cash flows at once, with a status for each.

A rate r per period solves Σ c_t x^t = 0 with x = 1/(1 + r). Running totals of the flows from the front are the
coefficients of that series divided by 1 − x, so they change their sign at least as often as there are rates above
zero; those from the back say the same of rates below (Norström 1972, by Descartes' rule). Where they allow a single
rate in all, a root found is the one, and that is where most columns end. The others go on to `isolation`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray, over_time, weighed
from sibmodel.measures.bounds import WHOLE, Counts, Most, changes, how_many, most_rates
from sibmodel.measures.grid import (
    WIDTH,
    BoolArray,
    IntArray,
    improved,
    interpolated,
    near_grid,
    product,
    scratch,
    some_of,
)
from sibmodel.measures.isolation import DUST, nearest

__all__ = ["DUST", "STATUSES", "Rates", "irr", "mirr", "modified"]

UNIQUE, MULTIPLE, TOTAL_LOSS, NONE = "unique", "multiple", "total_loss", "none"
STATUSES = (UNIQUE, MULTIPLE, TOTAL_LOSS, NONE)
UNIQUE_CODE, MULTIPLE_CODE, TOTAL_LOSS_CODE, NONE_CODE = (np.int8(code) for code in range(len(STATUSES)))

_CHUNK = 8192  # columns worked on together at most
_CACHED = 2**18  # flows worked on together at most, if that makes no fewer columns than one block of a product


@dataclass(frozen=True)
class Rates:
    """Annual effective rates and their statuses, shape (trials,).

    `status` indexes `STATUSES`. A total loss is −1; where the status is `none` the rate is not a number. Where
    several rates exist, the one nearest zero (per period) is given.
    """

    annual: FloatArray
    status: npt.NDArray[np.int8]

    def counts(self) -> dict[str, int]:
        """How many trials have each status."""
        return {name: int(np.sum(self.status == code)) for code, name in enumerate(STATUSES)}


def irr(flows: FloatArray, per_year: int) -> Rates:
    """Internal rate of return of each column of `flows`, shape (periods, trials), `per_year` periods a year.

    Flows of which one is not a number, or infinite, have none.
    """
    with np.errstate(invalid="ignore"):
        sound = np.isfinite(np.add.reduce(flows, axis=0))
    if not np.all(sound):
        flows = np.where(sound, flows, 0.0)
    growth = np.empty(flows.shape[1])
    status = np.empty(flows.shape[1], dtype=np.int8)
    chunk = min(_CHUNK, max(WIDTH, _CACHED // max(len(flows), 1)))
    for left in range(0, flows.shape[1], chunk):
        part = slice(left, left + chunk)
        growth[part], status[part] = _of_chunk(flows[:, part])
    with np.errstate(over="ignore"):
        return Rates(growth**per_year - 1.0, status)


def _of_chunk(flows: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """1 + r per period, nought for a total loss, and status."""
    clean = _without_dust(flows)
    if len(flows) < 2:
        return _at_once(over_time(clean))
    above, below, net = _most_by_totals(clean)
    near = _Near.of(clean, net)
    count = near.number(above, below)
    status = np.where(count == 1, UNIQUE_CODE, MULTIPLE_CODE)
    rest = np.flatnonzero(count == 0)
    if rest.size:
        most = Most(above[rest], below[rest], np.ones(rest.size, dtype=np.bool_))
        near.growth[rest], status[rest] = _of_rest(some_of(clean, rest), near.only(rest), most)
    return near.growth, status


def _at_once(flows: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """The same where nothing can come back."""
    lost = flows < 0
    return np.where(lost, 0.0, np.nan), np.where(lost, TOTAL_LOSS_CODE, NONE_CODE)


def _of_rest(flows: FloatArray, near: _Near, most: Most) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """The same for columns that their running totals do not settle: by a bound that costs more, or by `isolation`."""
    many = np.flatnonzero(most.above + most.below > 1)
    if many.size:
        most.replace(many, most_rates(some_of(flows, many), WHOLE))
    count: IntArray = np.where(most.clear, near.number(most.above, most.below), 0).astype(np.int64)
    growth = np.where(count > 0, near.growth, np.nan)
    pays, receives = how_many(flows < 0) > 0, how_many(flows > 0) > 0
    left = np.flatnonzero(pays & receives & (count == 0))
    if left.size:
        growth[left], count[left] = nearest(some_of(flows, left), most.only(left), near.only(left).known)
    status = np.choose(np.minimum(count, 2), [NONE_CODE, UNIQUE_CODE, MULTIPLE_CODE])
    lost = pays & ~receives
    growth[lost], status[lost] = 0.0, TOTAL_LOSS_CODE
    return growth, status


def _without_dust(flows: FloatArray) -> FloatArray:
    """The flows as they are, or a copy in which those below a millionth of a pound are nothing."""
    sign = scratch("sign", flows.shape, np.bool_)
    full = np.count_nonzero(np.greater_equal(flows, DUST, out=sign))
    full += np.count_nonzero(np.less_equal(flows, -DUST, out=sign))
    clean = full == flows.size or full == np.count_nonzero(np.not_equal(flows, 0.0, out=sign))
    if clean and flows.dtype == np.float64 and flows.strides[1] == flows.itemsize <= flows.strides[0]:
        return flows
    out = scratch("flows", flows.shape)
    out[:] = flows
    if not clean:
        out[np.abs(out) < DUST] = 0.0
    return out


@dataclass(frozen=True)
class _Near:
    """A rate of each column somewhere near zero, if one was found, and what it takes to know that it is the nearest."""

    growth: FloatArray
    """1 + r per period."""
    sure: BoolArray
    """Whether that is a rate, and zero is not one."""
    nearest: BoolArray
    """Whether a rate on the other side of zero would be further away."""
    odd: BoolArray
    """Whether the numbers of rates above zero and below it are surely odd."""

    @classmethod
    def of(cls, flows: FloatArray, net: FloatArray) -> _Near:
        """Where the present value changes its sign over the grid; `net` is what the flows add up to."""
        grid = near_grid(len(flows) - 1)
        values = product(grid.weights[grid.middle], flows, "totals")
        positive = np.greater(values, 0.0, out=scratch("sign", values.shape, np.bool_))
        # with one change of sign over the grid, the number of positive values says where it is
        number = how_many(positive)
        cell = np.where(positive[0], number - 1, len(values) - 1 - number).astype(np.int64)
        with np.errstate(all="ignore"):
            growth, sure = improved(grid, flows, *interpolated(grid, values, cell))
            odd = (flows[0] * net < 0) & (flows[-1] * net < 0)
        # another rate is beyond the grid if it is not on it, and further from zero than one so near
        nearest = (changes(positive) == 1) & (np.abs(growth - 1.0) < -np.expm1(grid.even[0]))
        return cls(growth, sure & (np.abs(net) > DUST), nearest, odd)

    def only(self, columns: IntArray) -> _Near:
        """Some columns."""
        return _Near(self.growth[columns], self.sure[columns], self.nearest[columns], self.odd[columns])

    @property
    def known(self) -> FloatArray:
        """1 + r where it is a rate and any other is further away, unless two are in the same cell of the grid."""
        return np.where(self.sure & self.nearest, self.growth, np.nan)

    def number(self, above: IntArray | Counts, below: IntArray | Counts) -> npt.NDArray[np.int8]:
        """How many rates there are with at most so many above zero and below it; nought where that is open."""
        one = self.sure & (above + below == 1) & ((self.growth > 1.0) == (above == 1))
        two = self.sure & (above == 1) & (below == 1) & self.nearest & self.odd
        return np.asarray(one + 2 * two.view(np.int8), dtype=np.int8)


def _most_by_totals(flows: FloatArray) -> tuple[Counts, Counts, FloatArray]:
    """At most how many rates lie above zero and below it, and what the flows add up to."""
    totals = scratch("totals", flows.shape)
    totals[0] = flows[0]
    for t in range(1, len(flows)):
        np.add(totals[t - 1], flows[t], totals[t])
    net = totals[-1].copy()
    # a total of nothing takes whichever sign is usual there, which cannot make the changes fewer
    sign = scratch("sign", flows.shape, np.bool_)
    above = changes(np.greater(totals, 0.0, out=sign))
    np.greater_equal(net, 0.0, out=sign[0])
    np.less_equal(totals[:-1], net, out=sign[1:])
    return above, changes(sign), net


def mirr(flows: FloatArray, per_year: int, finance: float, reinvest: float) -> FloatArray:
    """Modified internal rate of return of each column, annual and effective, shape (trials,).

    What comes back is reinvested until the end at `reinvest` a year, what is put in is financed at `finance`: the rate
    turns the present value of the one into the final value of the other. −1 if nothing comes back, not a number if
    nothing is put in.
    """
    flows = np.where(np.abs(flows) < DUST, 0.0, flows)
    return modified(np.maximum(-flows, 0.0), np.maximum(flows, 0.0), per_year, finance, reinvest)


def modified(put_in: FloatArray, back: FloatArray, per_year: int, finance: float, reinvest: float) -> FloatArray:
    """The same for flows put in and flows that come back, both above zero and free of dust, (periods, trials) each."""
    years = np.arange(len(put_in)) / per_year
    financed = weighed(put_in, (1.0 + finance) ** -years)
    reinvested = weighed(back, (1.0 + reinvest) ** (years[-1] - years))
    ratio = np.divide(reinvested, financed, out=np.full_like(reinvested, np.nan), where=financed > 0)
    # over no time nothing can both be put in and come back: the power only has to keep −1
    return np.asarray(power(ratio, per_year / max(len(put_in) - 1, 1)) - 1.0)
