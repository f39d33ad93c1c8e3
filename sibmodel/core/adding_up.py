"""Counts of people who succeed where few do or few do not: chances of 0, 1, 2, … added up, many cells at once.

No last bit of a cell depends on the cells beside it: NumPy rounds products and sums alike wherever they stand, and
logarithms and powers are SciPy's, which works them out one by one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray

RAREST = 1e-10
"""Uniform numbers nearer to 0 or 1 than this are taken as it."""
INDEPENDENT = 1e-12
"""Correlations below it are none."""
HIGHEST = 1.0 - 1e-9
"""Correlations above it are taken as it: with 1 a cohort would succeed or fail as one person."""
_NEVER = 1e-200
_WORTH = 0.7
_STIRLING = 10.0
_LOG2_E = 1.4426950408889634


@dataclass(frozen=True)
class Cells:
    """Cells side by side, all arrays (cells,): uniform number, expected people, chance and correlation."""

    uniform: FloatArray
    people: FloatArray
    chance: FloatArray
    correlation: FloatArray

    def of(self, some: npt.NDArray[np.bool_] | slice) -> Cells:
        """Some of them."""
        return Cells(self.uniform[some], self.people[some], self.chance[some], self.correlation[some])


def from_below(cells: Cells) -> FloatArray:
    """Successes counted from none upward."""
    walk = _Walk(cells, np.clip(cells.uniform, RAREST, 1.0 - RAREST), cells.chance)
    return np.minimum(walk.passed(from_above=False), np.ceil(cells.people))


def from_above(cells: Cells) -> FloatArray:
    """Successes counted from all downward: from no failure upward, among one person more than are certain.

    The person who is not there counts as one who failed.
    """
    walk = _Walk(cells, np.clip(1.0 - cells.uniform, RAREST, 1.0 - RAREST), 1.0 - cells.chance)
    most = np.floor(cells.people) + 1.0
    return most - np.minimum(walk.passed(from_above=True), most)


class _Walk:
    """The chances of k = 0, 1, 2, … of n = m + f people one after the other, by cell.

    With M = m + 1, the chances of k among M follow from each other by
    g(k + 1) = g(k) (M − k)(a + kρ)/((k + 1)(b + (m − k)ρ)), a = p(1 − ρ), b = (1 − p)(1 − ρ),
    and those among m are g(k) (M − k)(1 − ρ + mρ)/(M (b + (m − k)ρ)).
    """

    def __init__(self, cells: Cells, weight: FloatArray, chance: FloatArray) -> None:
        """`weight` is what the added chances are to reach, `chance` that of what is counted."""
        self.weight = weight
        self.rho = np.where(cells.correlation < INDEPENDENT, 0.0, cells.correlation)
        whole = np.floor(cells.people)
        self.extra = cells.people - whole
        self.a = np.maximum(chance, _NEVER) * (1.0 - self.rho)
        self.b = (1.0 - chance) * (1.0 - self.rho)
        self.left = whole + 1.0
        self.chance_of_k = _nobody(self.left, self.a, self.b, self.rho)
        self.certain = (1.0 - self.extra) * (1.0 - self.rho + whole * self.rho) / self.left
        self.b += whole * self.rho
        self.below = np.zeros(weight.size)
        self.count = np.zeros(weight.size)

    def passed(self, from_above: bool) -> FloatArray:
        """How many sums of the first chances lie below the weight; (cells,)."""
        out, place, k = np.zeros(self.rho.size), np.arange(self.rho.size), 0
        while place.size:
            k += 1
            live = self._next(k, from_above)
            if np.count_nonzero(live) < _WORTH * live.size:
                out[place] = self.count
                place = np.asarray(place[live])
                for name, array in vars(self).items():
                    setattr(self, name, array[live])
        return out

    def _next(self, k: int, from_above: bool) -> npt.NDArray[np.bool_]:
        """One chance more; the cells whose sum is still below the weight."""
        np.maximum(self.b, _NEVER, out=self.b)  # of cells that are done
        self.below += self.extra * self.chance_of_k
        live = self.below < self.weight if from_above else None
        self.chance_of_k *= self.left / self.b
        self.below += self.certain * self.chance_of_k
        live = self.below < self.weight if live is None else live
        live &= self.left > 0.5
        self.count += live
        self.chance_of_k *= self.a
        self.chance_of_k /= k
        self.left -= 1.0
        self.a += self.rho
        self.b -= self.rho
        return live


def _nobody(people: FloatArray, a: FloatArray, b: FloatArray, rho: FloatArray) -> FloatArray:
    """The chance that none of so many people succeeds: the product of (b + iρ)/(1 − ρ + iρ) over i below `people`."""
    from scipy.special import exp2, gammaln, log1p

    logarithm = np.empty(rho.size)
    alone = rho == 0.0
    logarithm[alone] = people[alone] * log1p(-a[alone])
    few = ~alone & (b < _STIRLING * rho)
    many = ~alone & ~few
    n, x, all_of_it = people[few], b[few] / rho[few], (1.0 - rho[few]) / rho[few]
    logarithm[few] = gammaln(x + n) - gammaln(x) - gammaln(all_of_it + n) + gammaln(all_of_it)
    n, x, all_of_it = people[many], b[many] / rho[many], (1.0 - rho[many]) / rho[many]
    rest = n * log1p(-a[many] / (1.0 - rho[many] + n * rho[many]))
    logarithm[many] = _rising(x, n) - _rising(all_of_it, n) + rest
    return np.asarray(exp2(logarithm * _LOG2_E))


def _rising(x: FloatArray, n: FloatArray) -> FloatArray:
    """The number log Γ(x + n) − log Γ(x) − n log(x + n) by Stirling's series, for x of at least 10."""
    from scipy.special import log1p

    return np.asarray((x - 0.5) * log1p(n / x) - n + _correction(x + n) - _correction(x))


def _correction(x: FloatArray) -> FloatArray:
    square = 1.0 / (x * x)
    return np.asarray((1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x)
