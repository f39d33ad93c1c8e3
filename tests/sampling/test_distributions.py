"""Inverse distribution functions against another implementation, and the moments of what is drawn."""

import math

import numpy as np
import pytest
from scipy import stats

from sibmodel.core.distribution import Between, Distribution, Lognormal, Normal, Pert, Triangular, Uniform
from sibmodel.sampling.distributions import values
from sibmodel.sampling.streams import BLOCK, uniforms

Z95 = 1.6448536269514722


def pert(low: float, mode: float, high: float) -> stats.rv_continuous:
    a = 1 + 4 * (mode - low) / (high - low)
    return stats.beta(a, 6 - a, loc=low, scale=high - low)


CASES: list[tuple[Distribution, stats.rv_continuous]] = [
    (Triangular(triangular=(1, 2, 6)), stats.triang(0.2, loc=1, scale=5)),
    (Triangular(triangular=(0, 0, 3)), stats.triang(0, loc=0, scale=3)),
    (Triangular(triangular=(-3, 4, 4)), stats.triang(1, loc=-3, scale=7)),
    (Pert(pert=(0.55, 0.76, 0.87)), pert(0.55, 0.76, 0.87)),
    (Pert(pert=(0, 0, 10)), pert(0, 0, 10)),
    (Pert(pert=(-10, 10, 10)), pert(-10, 10, 10)),
    (Uniform(uniform=(-2, 5)), stats.uniform(-2, 7)),
    (Normal(normal=(77.57, 38.13)), stats.norm(77.57, 38.13)),
    (Lognormal(lognormal=(4000, 0.3)), stats.lognorm(0.3, scale=4000)),
    (Between(between=(2000, 8000)), stats.lognorm(math.log(4) / (2 * Z95), scale=4000)),
    (Between(between=(-10, 30), confidence=0.9), stats.norm(10, 20 / Z95)),
    (Between(between=(-10, 30), confidence=0.5), stats.norm(10, 20 / stats.norm.ppf(0.75))),
]
NAMES = [repr(distribution) for distribution, _ in CASES]


@pytest.mark.parametrize(("distribution", "expected"), CASES, ids=NAMES)
def test_the_inverse_and_the_mean(distribution: Distribution, expected: stats.rv_continuous) -> None:
    u = np.concatenate([[2.0**-54, 1e-9, 1e-4], np.linspace(0.01, 0.99, 99), [1 - 1e-4, 1 - 1e-9, 1 - 2.0**-53]])
    assert values(distribution, u) == pytest.approx(expected.ppf(u), rel=1e-9, abs=1e-9)
    assert distribution.mean == pytest.approx(expected.mean(), rel=1e-12)


@pytest.mark.parametrize(("distribution", "expected"), CASES, ids=NAMES)
def test_mean_and_spread_of_what_is_drawn(distribution: Distribution, expected: stats.rv_continuous) -> None:
    drawn = np.concatenate([values(distribution, uniforms(1, "an.address", block)) for block in range(4)])
    count = drawn.size
    mean, variance, kurtosis = (float(moment) for moment in expected.stats("mvk"))
    assert abs(drawn.mean() - mean) < 4 * math.sqrt(variance / count)
    # a sample variance has the variance σ⁴(κ + 2)/n, κ the excess kurtosis
    assert abs(drawn.var() - variance) < 4 * variance * math.sqrt((kurtosis + 2) / count)
    for share in (0.05, 0.5, 0.95):
        below = float(np.mean(drawn < expected.ppf(share)))
        assert abs(below - share) < 4 * math.sqrt(share * (1 - share) / count)


@pytest.mark.parametrize(
    "distribution", [Triangular(triangular=(3, 3, 3)), Pert(pert=(3, 3, 3)), Uniform(uniform=(3, 3))]
)
def test_no_spread_is_one_value(distribution: Distribution) -> None:
    assert values(distribution, np.array([0.001, 0.5, 0.999])).tolist() == [3, 3, 3]


def test_more_is_never_less() -> None:
    u = np.sort(uniforms(5, "another.address", 0))
    assert u.size == BLOCK
    for distribution, _ in CASES:
        assert (np.diff(values(distribution, u)) >= 0).all()
