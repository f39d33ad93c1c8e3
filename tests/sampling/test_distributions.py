"""Inverse distribution functions against another implementation, and the moments of what is drawn."""

import math
from typing import Any

import numpy as np
import pytest
from scipy import stats

from sibmodel.core.distribution import (
    Beta,
    Between,
    Choice,
    Distribution,
    Empirical,
    Endless,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Quartiles,
    Triangular,
    Uniform,
)
from sibmodel.sampling.distributions import values
from sibmodel.sampling.streams import BLOCK, uniforms

Z95 = 1.6448536269514722


def pert(low: float, mode: float, high: float) -> stats.rv_continuous:
    a = 1 + 4 * (mode - low) / (high - low)
    return stats.beta(a, 6 - a, loc=low, scale=high - low)


class Cut:
    """A law of SciPy with nothing outside two ends: values by its two tails, moments by Gaussian quadrature."""

    def __init__(self, law: Any, low: float, high: float) -> None:
        self.law, self.low, self.high = law, low, high
        self.below, self.above = law.cdf(low), law.sf(high)
        self.kept = law.cdf(high) - law.cdf(low) if law.cdf(low) < 0.5 else law.sf(low) - law.sf(high)

    def ppf(self, u: Any) -> Any:
        lower = self.law.ppf(np.minimum(self.below + u * self.kept, 0.5))
        upper = self.law.isf(np.minimum(self.above + (1 - u) * self.kept, 0.5))
        return np.where(self.below + u * self.kept < 0.5, lower, upper)

    def moment(self, power: int, centre: float = 0) -> float:
        nodes, weights = np.polynomial.legendre.leggauss(8)
        # panels as wide as an equal step of a normal score: narrow wherever the density changes fast
        inner = self.law.ppf(stats.norm.cdf(np.linspace(-8, 8, 2001)))
        edges = np.concatenate([[self.low], inner[(inner > self.low) & (inner < self.high)], [self.high]])
        half, middle = np.diff(edges) / 2, (edges[1:] + edges[:-1]) / 2
        x = middle[:, None] + half[:, None] * nodes
        return float((((x - centre) ** power * self.law.pdf(x) @ weights) * half).sum() / self.kept)

    def mean(self) -> float:
        return self.moment(1)

    def stats(self, _: str) -> tuple[float, float, float]:
        mean = self.mean()
        variance = self.moment(2, mean)
        return mean, variance, self.moment(4, mean) / variance**2 - 3


class Mirrored:
    """Minus a law of SciPy."""

    def __init__(self, law: Any) -> None:
        self.law = law

    def ppf(self, u: Any) -> Any:
        return -self.law.isf(u)

    def cdf(self, x: Any) -> Any:
        return self.law.sf(-x)

    def mean(self) -> float:
        return -float(self.law.mean())

    def stats(self, which: str) -> tuple[float, float, float]:
        mean, variance, kurtosis = self.law.stats(which)
        return -mean, variance, kurtosis


Z75 = 0.6744897501960817
# quartiles 10, 20, 35: the upper half is half as wide again as the lower
UPWARD = stats.lognorm(math.log(1.5) / Z75, loc=20 - 30, scale=30)

CASES: list[tuple[Distribution, Any]] = [
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
    (Beta(beta=(2, 5)), stats.beta(2, 5)),
    (Beta(beta=(0.5, 0.5)), stats.beta(0.5, 0.5)),
    (Beta(beta=(30, 470)), stats.beta(30, 470)),
    (Beta.model_validate({"beta": {"mean": 0.3, "sd": 0.1}}), stats.beta(6, 14)),
    (Beta.model_validate({"beta": {"mean": 0.02, "sd": 0.05}}), stats.beta(0.1368, 6.7032)),
    (Gamma(gamma=(2.5, 4000)), stats.gamma(2.5, scale=4000)),
    (Gamma(gamma=(0.5, 3)), stats.gamma(0.5, scale=3)),
    (Gamma(gamma=(4000, 0.1)), stats.gamma(4000, scale=0.1)),
    (Quartiles(quartiles=(10, 20, 30)), stats.norm(20, 10 / Z75)),
    (Quartiles(quartiles=(0.1, 0.2, 0.3)), stats.norm(0.2, 0.1 / Z75)),
    (Quartiles(quartiles=(10, 20, 40)), stats.lognorm(math.log(2) / Z75, scale=20)),
    (Quartiles(quartiles=(10, 20, 35)), UPWARD),
    (Quartiles(quartiles=(-35, -20, -10)), Mirrored(UPWARD)),
    (Normal(normal=(0.5, 0.2), within=(0, 1)), Cut(stats.norm(0.5, 0.2), 0, 1)),
    (Normal(normal=(0, 1), within=(2, 3.5)), Cut(stats.norm(), 2, 3.5)),
    (Normal(normal=(0, 1), within=(-4, -2)), Cut(stats.norm(), -4, -2)),
    (Normal(normal=(0, 1), within=(0.1, 40)), Cut(stats.norm(), 0.1, 40)),
    (Lognormal(lognormal=(4000, 1.2), within=(-5, 9000)), Cut(stats.lognorm(1.2, scale=4000), 0, 9000)),
    (Lognormal(lognormal=(4000, 0.3), within=(6000, 9000)), Cut(stats.lognorm(0.3, scale=4000), 6000, 9000)),
    (Between(between=(2, 8), within=(3, 9)), Cut(stats.lognorm(math.log(4) / (2 * Z95), scale=4), 3, 9)),
    (Between(between=(-10, 30), within=(0, 50)), Cut(stats.norm(10, 20 / Z95), 0, 50)),
    (Gamma(gamma=(2.5, 4), within=(0, 20)), Cut(stats.gamma(2.5, scale=4), 0, 20)),
    (Gamma(gamma=(2.5, 4), within=(30, 60)), Cut(stats.gamma(2.5, scale=4), 30, 60)),
    (Quartiles(quartiles=(10, 20, 35), within=(0, 100)), Cut(UPWARD, 0, 100)),
    (
        Quartiles(quartiles=(10, 15, 35), within=(5, 300)),
        Cut(stats.lognorm(math.log(4) / Z75, loc=15 - 20 / 3, scale=20 / 3), 8.3333333333333333, 300),
    ),
    (Quartiles(quartiles=(10, 20, 30), within=(0, 100)), Cut(stats.norm(20, 10 / Z75), 0, 100)),
]
NAMES = [repr(distribution) for distribution, _ in CASES]


@pytest.mark.parametrize(("distribution", "expected"), CASES, ids=NAMES)
def test_the_inverse_and_the_mean(distribution: Distribution, expected: Any) -> None:
    u = np.concatenate([[2.0**-54, 1e-9, 1e-4], np.linspace(0.01, 0.99, 99), [1 - 1e-4, 1 - 1e-9, 1 - 2.0**-53]])
    assert values(distribution, u) == pytest.approx(expected.ppf(u), rel=1e-9, abs=1e-9)
    assert distribution.mean == pytest.approx(expected.mean(), rel=1e-12)


@pytest.mark.parametrize(("distribution", "expected"), CASES, ids=NAMES)
def test_mean_and_spread_of_what_is_drawn(distribution: Distribution, expected: Any) -> None:
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


# Distributions with steps: a few values, or as many as were observed

OBSERVED = (3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0, 5.0, 3.5)
STEPS: list[tuple[Distribution, tuple[float, ...], tuple[float, ...]]] = [
    (Choice.model_validate({"choice": {"100": 3, "-50": 1, "2.5e2": 4}}), (-50, 100, 250), (0.125, 0.375, 0.5)),
    (Choice(choice={0: 0.3, 1: 0.7}), (0, 1), (0.3, 0.7)),
    (Choice(choice={7: 2}), (7,), (1,)),
    (Empirical(empirical=OBSERVED), OBSERVED, (0.1,) * 10),
]


@pytest.mark.parametrize(("distribution", "xs", "weights"), STEPS, ids=[str(one) for one, _, _ in STEPS])
def test_steps_have_their_weights_and_mean(
    distribution: Distribution, xs: tuple[float, ...], weights: tuple[float, ...]
) -> None:
    expected = stats.rv_discrete(values=(xs, weights)) if len(set(xs)) == len(xs) else None
    u = np.array([2.0**-53, 0.05, 0.15, 0.35, 0.45, 0.55, 0.75, 0.95, 1 - 2.0**-53])
    assert (
        values(distribution, u).tolist()
        == np.quantile(np.repeat(xs, np.round(np.array(weights) * 80).astype(int)), u, method="inverted_cdf").tolist()
    )
    if expected is not None:
        assert values(distribution, u).tolist() == expected.ppf(u).tolist()
    assert distribution.mean == pytest.approx(np.dot(xs, weights), rel=1e-14)
    drawn = np.concatenate([values(distribution, uniforms(1, "an.address", block)) for block in range(4)])
    for value in set(xs):
        share = sum(weight for x, weight in zip(xs, weights, strict=True) if x == value)
        assert abs(np.mean(drawn == value) - share) <= 4 * math.sqrt(share * (1 - share) / drawn.size)
    mean, deviations = np.dot(xs, weights), np.array(xs) - np.dot(xs, weights)
    variance, fourth = np.dot(deviations**2, weights), np.dot(deviations**4, weights)
    assert abs(drawn.mean() - mean) <= 4 * math.sqrt(variance / drawn.size)
    assert abs(drawn.var() - variance) <= 4 * math.sqrt((fourth - variance**2) / drawn.size) + variance / drawn.size


def test_a_value_on_the_edge_of_two_is_the_lower() -> None:
    """As the inverse of a distribution is defined: the least value that so much lies at or below."""
    assert values(Choice(choice={1: 1, 2: 1, 3: 2}), np.array([0.25, 0.5])).tolist() == [1, 2]
    assert values(Empirical(empirical=(1, 2, 3, 4)), np.array([0.25, 0.5, 0.75])).tolist() == [1, 2, 3]


# What lies outside a field, and the reach


@pytest.mark.parametrize(("distribution", "expected"), CASES, ids=NAMES)
def test_weight_outside_and_extremes(distribution: Distribution, expected: Any) -> None:
    if not isinstance(distribution, Endless):
        assert distribution.weight_outside(*distribution.ends) == 0
        assert distribution.weight_outside(distribution.ends[0] + 1e-9, math.inf) == 1
        return
    assert distribution.extremes == pytest.approx(tuple(expected.ppf(np.array([0.001, 0.999]))), rel=1e-9, abs=1e-9)
    for low, high in ((0.1, 0.9), (0.0004, 0.98), (0.7, 0.99999)):
        ends = (float(expected.ppf(np.float64(low))), float(expected.ppf(np.float64(high))))
        assert distribution.weight_outside(*ends) == pytest.approx(low + 1 - high, rel=1e-9)
        assert distribution.weight_outside(ends[0], math.inf) == pytest.approx(low, rel=1e-9)
        assert distribution.weight_outside(-math.inf, ends[1]) == pytest.approx(1 - high, rel=1e-9)
    assert distribution.weight_outside(-math.inf, math.inf) == 0
    if distribution.within is not None:
        assert distribution.weight_outside(*distribution.within) == 0
        assert distribution.weight_outside(distribution.within[1] + 1, math.inf) == pytest.approx(1)


@pytest.mark.parametrize("quartiles", [(10, 20, 30), (10, 20, 35), (-5, 1, 2), (1, 2, 12), (0.5, 0.6, 0.600001 + 0.1)])
def test_published_quartiles_are_met_exactly(quartiles: tuple[float, float, float]) -> None:
    fitted = Quartiles(quartiles=quartiles)
    assert values(fitted, np.array([0.25, 0.5, 0.75])) == pytest.approx(quartiles, rel=1e-12)


def test_quartiles_pass_smoothly_from_skewed_to_normal() -> None:
    u = np.array([1e-6, 0.1, 0.9, 1 - 1e-6])
    normal = values(Quartiles(quartiles=(10, 20, 30)), u)
    for gap in (1e-3, 1e-6, 1e-9, -1e-9, -1e-6, -1e-3):
        skewed = Quartiles(quartiles=(10, 20, 30 + gap))
        assert values(skewed, u) == pytest.approx(normal, abs=40 * abs(gap) + 1e-6)
        assert skewed.mean == pytest.approx(20 + gap / (2 * Z75**2), abs=1e-3 * abs(gap) + 1e-7)


def test_what_is_cut_off_is_never_drawn() -> None:
    u = np.array([2.0**-53, 2.0**-40, 0.5, 1 - 2.0**-40, 1 - 2.0**-53])
    for distribution, _ in CASES:
        if isinstance(distribution, Endless) and distribution.within is not None:
            drawn = values(distribution, u)
            assert (drawn >= distribution.ends[0]).all()
            assert (drawn <= distribution.ends[1]).all()
            assert distribution.ends[0] < distribution.mean < distribution.ends[1]
