"""What a measure is on average where some inputs are known, from the trials of one run and no others.

E(Y | x) is fitted by ridge regression on the inputs' values, normal scores and Legendre polynomials of their ranks, the
penalty by generalised cross-validation (Golub, Heath and Wahba 1979). It is cross-fitted: no trial has a part in the
fit that stands for it, so that chance is not taken for knowledge. As the inputs are taken as they were drawn, it holds
whether or not they move together.
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
    columns = np.stack([np.ones(measure.size), *_columns(inputs)], axis=1)
    part = np.arange(measure.size) % FOLDS
    out = np.empty(measure.size)
    for fold in range(FOLDS):
        mine = part == fold
        out[mine] = _fitted(columns[~mine], measure[~mine], columns[mine])
    return out


def _columns(inputs: Sequence[Known]) -> Iterator[FloatArray]:
    """What each input says alone, and what two of them say together."""
    degree = ALONE if len(inputs) == 1 else IN_COMPANY
    for one in inputs:
        yield from _of_a_choice(one) if _is_a_choice(one) else _of_a_number(one, degree)
    factors = [_in_products(one, few=len(inputs) < MANY) for one in inputs]
    for some, others in combinations(factors, 2):
        yield from (x * z for x in some for z in others)


def _in_products(one: Known, few: bool) -> list[FloatArray]:
    """What of an input is multiplied by the same of another."""
    bent = [_polynomial(one.uniform, d) for d in (1, 2)] if few else []
    return [score(inside(one.uniform)), *bent]


def _is_a_choice(one: Known) -> bool:
    return np.unique(one.values).size <= FEW


def _of_a_choice(one: Known) -> Iterator[FloatArray]:
    for value in np.unique(one.values)[1:]:
        yield (one.values == value).astype(np.float64)


def _of_a_number(one: Known, degree: int) -> Iterator[FloatArray]:
    yield one.values
    yield score(inside(one.uniform))
    for d in range(1, degree + 1):
        yield _polynomial(one.uniform, d)


def _polynomial(uniform: FloatArray, degree: int) -> FloatArray:
    """Legendre's polynomial of a degree, over the uniform numbers."""
    return np.asarray(np.polynomial.legendre.legval(2.0 * uniform - 1.0, [0.0] * degree + [1.0]))


def _fitted(columns: FloatArray, measure: FloatArray, at: FloatArray) -> FloatArray:
    """Ridge regression of a measure on columns, the first of them ones, and what it says at other rows."""
    middle, spread = columns[:, 1:].mean(axis=0), columns[:, 1:].std(axis=0)
    varies = spread > 0
    x: FloatArray = (columns[:, 1:] - middle)[:, varies] / spread[varies]
    mean, count = float(measure.mean()), measure.size
    y = measure - mean
    sizes, ways = np.linalg.eigh(x.T @ x / count)
    sizes = np.maximum(sizes, 0.0)
    along, square = ways.T @ (x.T @ y / count), float(y @ y) / count
    best = min(_PENALTIES, key=lambda penalty: _cross_validated(penalty, sizes, along, square, count))
    weights = ways @ (along / (sizes + best))
    return np.asarray(mean + ((at[:, 1:] - middle)[:, varies] / spread[varies]) @ weights)


def _cross_validated(penalty: float, sizes: FloatArray, along: FloatArray, square: float, count: int) -> float:
    """Generalised cross-validation: mean squared residual over the square of the part of freedom that is left."""
    shrunk = along**2 / (sizes + penalty)
    residual = square - float(np.sum(shrunk * (2.0 - sizes / (sizes + penalty))))
    left = 1.0 - (1.0 + float(np.sum(sizes / (sizes + penalty)))) / count
    return float(residual / left**2) if left > 0 else float(np.inf)
