"""Regression to the mean: what high users would have used less of anyway."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.outcomes.terms import RegressionTerms

_RARE = 1e-250
"""Chance of being chosen below which the incomplete beta function loses its digits."""


def expected_fall(terms: RegressionTerms, trials: Trials) -> FloatArray:
    """Units by which each person chosen would have fallen with no programme, (1, 1 or trials).

    (1 − r)(before − mean). Normal use: r is the correlation, before = mean + sd φ(z)/(1 − Φ(z)) with
    z = (chosen_from − mean)/sd. Counts with gamma rates of shape k: r = mean/(k + mean), so that somebody seen x times
    is expected mean (k + x)/(k + mean) times, and before = mean P(N' ≥ c − 1)/P(N ≥ c), N negative binomial of shape k
    and N' of shape k + 1. Normal: Linden 2013, BMC Medical Research Methodology 13:119.
    """
    mean = terms.mean.over(trials)
    if terms.correlation is not None:
        reliability = terms.correlation.over(trials)
    else:
        reliability = mean / (_shape(terms, trials) + mean)
    return np.asarray((1 - reliability) * (_before(terms, mean, trials) - mean))


def _shape(terms: RegressionTerms, trials: Trials) -> FloatArray:
    assert terms.shape is not None  # noqa: S101 - the schema asks for it with counts
    return terms.shape.over(trials)


def _before(terms: RegressionTerms, mean: FloatArray, trials: Trials) -> FloatArray:
    """Mean use of the people chosen, when they were chosen."""
    from scipy.special import betainc, erfcx, hyp2f1  # 60 ms to load, and few scenarios ask for it

    if terms.before is not None:
        return terms.before.over(trials)
    assert terms.chosen_from is not None  # noqa: S101 - or the schema asks for before
    chosen = terms.chosen_from.over(trials)
    if terms.sd is not None:
        sd = terms.sd.over(trials)
        z = (chosen - mean) / sd
        return np.asarray(mean + sd * np.sqrt(2 / np.pi) / erfcx(z / np.sqrt(2)))
    shape = _shape(terms, trials)
    seen = mean / (shape + mean)

    def at_least(count: FloatArray, shape: FloatArray) -> FloatArray:
        return np.where(count <= 0, 1.0, betainc(np.maximum(count, 1.0), shape, seen))

    above, below = at_least(chosen - 1, shape + 1), at_least(chosen, shape)
    near = np.divide(mean * above, below, out=np.zeros(np.broadcast_shapes(above.shape, below.shape)), where=below > 0)
    if np.all(below > _RARE):
        return near
    # both tails as powers times hypergeometric functions, whose powers cancel: no underflow where choosing is rare
    far = (
        chosen
        * hyp2f1(chosen + shape, 1.0, np.maximum(chosen, 1.0), seen)
        / hyp2f1(chosen + shape, 1.0, chosen + 1, seen)
    )
    return np.where(below > _RARE, near, far)
