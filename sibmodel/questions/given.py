"""What a measure is on average where some inputs are known, from the trials of one run and no others.

E(Y | x) is fitted by ridge regression on the inputs' values, normal scores and Legendre polynomials of their ranks, the
penalty by generalised cross-validation (Golub, Heath and Wahba 1979). Polynomials and products are penalised more, the
more they bend: most measures are nearly straight, and what is not needed costs accuracy. It is cross-fitted: no trial
has a part in the fit that stands for it, so that chance is not taken for knowledge. As the inputs are taken as they
were drawn, it holds whether or not they move together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.distributions import inside
from sibmodel.sampling.normal import score

FOLDS = 5
"""Parts of the trials, each fitted by the others; no divisor of a power of two, which would split Sobol's pattern."""
ALONE, IN_COMPANY = 10, 5
"""Degree of the polynomials of an input alone, and of one among several."""
FEW = 12
"""Different values up to which an input is a choice, with a mean each."""
MANY = 6
"""Inputs from which only scores are multiplied by each other, not polynomials of ranks too."""
BENT, JOINT = 0.3, 0.2
"""Size of a polynomial of the first degree, of the second half of it and so on, and of a product; of all else it is 1.
The smaller a column, the more its weight is held back."""
_PENALTIES = np.logspace(-10.0, 2.0, 25)


@dataclass(frozen=True)
class Known:
    """An input that may be known: its values and the uniform numbers behind them, each (trials,)."""

    values: FloatArray
    uniform: FloatArray


def expected_given(measure: FloatArray, inputs: Sequence[Known]) -> FloatArray:
    """E(measure | inputs) of each trial, (trials,), from the other parts' fit; the mean where no input is named.

    `measure` is (trials,), without gaps. Raises ValueError below 10 trials, too few for five parts.
    """
    if measure.size < 2 * FOLDS:
        raise ValueError(f"{measure.size} trials are too few to tell what an input is worth; take {2 * FOLDS} or more")
    columns, sizes = _columns(measure.size, inputs)
    part = np.arange(measure.size) % FOLDS
    out = np.empty(measure.size)
    for fold in range(FOLDS):
        mine = part == fold
        out[mine] = _fitted(columns[~mine], measure[~mine], columns[mine], sizes)
    return out


def _columns(count: int, inputs: Sequence[Known]) -> tuple[FloatArray, FloatArray]:
    """What each input says alone, and what two of them say together, (trials, columns), and the size of each column."""
    found = list(_sized(inputs))
    columns = np.stack([column for column, _ in found], axis=1) if found else np.empty((count, 0))
    return columns, np.array([size for _, size in found])


def _sized(inputs: Sequence[Known]) -> Iterator[tuple[FloatArray, float]]:
    degree = ALONE if len(inputs) == 1 else IN_COMPANY
    for one in inputs:
        if _is_a_choice(one):
            yield from ((column, 1.0) for column in _of_a_choice(one))
            continue
        yield one.values, 1.0
        yield score(inside(one.uniform)), 1.0
        yield from ((_polynomial(one.uniform, d), BENT / d) for d in range(1, degree + 1))
    factors = [_in_products(one, few=len(inputs) < MANY) for one in inputs]
    for some, others in combinations(factors, 2):
        yield from ((x * z, JOINT) for x in some for z in others)


def _in_products(one: Known, few: bool) -> list[FloatArray]:
    """What of an input is multiplied by the same of another."""
    bent = [_polynomial(one.uniform, d) for d in (1, 2)] if few else []
    return [score(inside(one.uniform)), *bent]


def _is_a_choice(one: Known) -> bool:
    return np.unique(one.values).size <= FEW


def _of_a_choice(one: Known) -> Iterator[FloatArray]:
    for value in np.unique(one.values)[1:]:
        yield (one.values == value).astype(np.float64)


def _polynomial(uniform: FloatArray, degree: int) -> FloatArray:
    """Legendre's polynomial of a degree, over the uniform numbers."""
    return np.asarray(np.polynomial.legendre.legval(2.0 * uniform - 1.0, [0.0] * degree + [1.0]))


def _fitted(columns: FloatArray, measure: FloatArray, at: FloatArray, size: FloatArray) -> FloatArray:
    """Ridge regression of a measure on columns, brought to their sizes, and what it says at other rows."""
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    varies = spread > 0
    scale = size[varies] / spread[varies]
    x: FloatArray = (columns - middle)[:, varies] * scale
    mean, count = float(measure.mean()), measure.size
    y = measure - mean
    sizes, ways = np.linalg.eigh(x.T @ x / count)
    sizes = np.maximum(sizes, 0.0)
    along, square = ways.T @ (x.T @ y / count), float(y @ y) / count
    best = min(_PENALTIES, key=lambda penalty: _cross_validated(penalty, sizes, along, square, count))
    weights = ways @ (along / (sizes + best))
    return np.asarray(mean + ((at - middle)[:, varies] * scale) @ weights)


def _cross_validated(penalty: float, sizes: FloatArray, along: FloatArray, square: float, count: int) -> float:
    """Generalised cross-validation: mean squared residual over the square of the part of freedom that is left."""
    shrunk = along**2 / (sizes + penalty)
    residual = square - float(np.sum(shrunk * (2.0 - sizes / (sizes + penalty))))
    left = 1.0 - (1.0 + float(np.sum(sizes / (sizes + penalty)))) / count
    return float(residual / left**2) if left > 0 else float(np.inf)
