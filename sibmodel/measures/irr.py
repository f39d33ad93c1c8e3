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

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.grid import BoolArray, grid_of, improved, interpolated, product
from sibmodel.measures.isolation import DUST, nearest

__all__ = ["DUST", "STATUSES", "Rates", "irr", "mirr"]

UNIQUE, MULTIPLE, TOTAL_LOSS, NONE = "unique", "multiple", "total_loss", "none"
STATUSES = (UNIQUE, MULTIPLE, TOTAL_LOSS, NONE)

_CHUNK = 4096  # columns worked on together, so that they stay in the cache
_PAD = 24  # unused columns: rows a power of two apart would fight for the same places of the cache


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
    """Internal rate of return of each column of `flows`, shape (periods, trials), `per_year` periods a year."""
    growth = np.full(flows.shape[1], np.nan)
    status = np.full(flows.shape[1], STATUSES.index(NONE), dtype=np.int8)
    for left in range(0, flows.shape[1], _CHUNK):
        part = slice(left, left + _CHUNK)
        growth[part], status[part] = _of_chunk(flows[:, part])
    with np.errstate(over="ignore"):
        return Rates(growth**per_year - 1.0, status)


def _of_chunk(flows: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """1 + r per period, nought for a total loss, and status."""
    clean = _without_dust(flows)
    growth = np.full(flows.shape[1], np.nan)
    status = np.full(flows.shape[1], STATUSES.index(NONE), dtype=np.int8)
    settled = np.zeros(flows.shape[1], dtype=np.bool_)
    if len(flows) > 1:
        growth, settled = _by_totals(clean)
        status[settled] = STATUSES.index(UNIQUE)
    rest = np.flatnonzero(~settled)
    if rest.size:
        growth[rest], status[rest] = _of_rest(np.take(clean, rest, axis=1))
    return growth, status


def _of_rest(flows: FloatArray) -> tuple[FloatArray, npt.NDArray[np.int8]]:
    """The same for columns that their running totals do not settle."""
    growth = np.full(flows.shape[1], np.nan)
    status = np.full(flows.shape[1], STATUSES.index(NONE), dtype=np.int8)
    pays, receives = (flows < 0).any(axis=0), (flows > 0).any(axis=0)
    lost = pays & ~receives
    growth[lost], status[lost] = 0.0, STATUSES.index(TOTAL_LOSS)
    both = np.flatnonzero(pays & receives)
    if both.size:
        growth[both], count = nearest(np.take(flows, both, axis=1))
        codes = [STATUSES.index(UNIQUE), STATUSES.index(MULTIPLE)]
        status[both] = np.select([count == 1, count > 1], codes, STATUSES.index(NONE))
    return growth, status


def _padded(rows: int, columns: int) -> FloatArray:
    """An empty matrix whose rows do not begin a power of two apart."""
    return np.empty((rows, columns + _PAD))[:, :columns]


def _without_dust(flows: FloatArray) -> FloatArray:
    """A copy in which flows below a millionth of a pound are nothing."""
    out = _padded(*flows.shape)
    out[:] = flows
    receives, pays = out >= DUST, out <= -DUST
    if np.count_nonzero(receives) + np.count_nonzero(pays) != np.count_nonzero(out != 0):
        out[~(receives | pays)] = 0.0
    return out


def _by_totals(flows: FloatArray) -> tuple[FloatArray, BoolArray]:
    """1 + r of each column, and where the running totals prove it the only one."""
    grid = grid_of(len(flows) - 1)
    above, below, at_zero = _most_rates(flows)
    values = np.empty((len(grid.even), flows.shape[1] + _PAD))
    positive = product(grid.even_weights, flows, out=values[:, :-_PAD]) > 0
    # with one change of sign over the grid, the number of positive values says where it is
    number = np.add.reduce(positive.view(np.int8), axis=0, dtype=np.int8)
    cell = np.where(positive[0], number - 1, len(values) - 1 - number).astype(np.int64)
    with np.errstate(all="ignore"):
        start, curvature = interpolated(grid, values, cell)
        growth, sure = improved(grid, flows, start, curvature)
    settled = sure & ~at_zero & (above + below == 1) & ((growth > 1.0) == (above == 1))
    return np.where(settled, growth, np.nan), settled


def _most_rates(flows: FloatArray) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.int16], BoolArray]:
    """At most how many rates lie above zero and below it, and where the flows add up to nothing."""
    totals = _padded(*flows.shape)
    totals[0] = flows[0]
    for t in range(1, len(flows)):
        np.add(totals[t - 1], flows[t], totals[t])
    net = totals[-1]
    # a total of nothing takes whichever sign is usual there, which cannot make the changes fewer
    from_front = totals > 0
    from_back = np.empty_like(from_front)
    np.greater_equal(net, 0, out=from_back[0])
    np.less_equal(totals[:-1], net, out=from_back[1:])
    return _changes(from_front), _changes(from_back), np.abs(net) <= DUST


def _changes(sign: BoolArray) -> npt.NDArray[np.int16]:
    """Changes of sign down each column."""
    changes = sign[1:] != sign[:-1]
    kind = np.int8 if len(sign) < 128 else np.int16
    return np.asarray(np.add.reduce(changes.view(np.int8), axis=0, dtype=kind), dtype=np.int16)


def mirr(flows: FloatArray, per_year: int, finance: float, reinvest: float) -> FloatArray:
    """Modified internal rate of return of each column, annual and effective, shape (trials,).

    What flows in is reinvested to the end at `reinvest` a year, what is put in is financed at `finance`: the rate turns
    the present value of the one into the final value of the other. −1 if nothing comes back; not a number where nothing
    is put in.
    """
    periods = len(flows) - 1
    years = np.arange(periods + 1)[:, None] / per_year
    put_in = over_time(np.maximum(-flows, 0.0) * (1.0 + finance) ** -years)
    back = over_time(np.maximum(flows, 0.0) * (1.0 + reinvest) ** (periods / per_year - years))
    ratio = np.divide(back, put_in, out=np.full_like(back, np.nan), where=put_in > 0)
    return np.asarray(ratio ** (per_year / periods) - 1.0)
