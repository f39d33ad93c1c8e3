"""Standard errors against closed forms, and against what many runs do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodel.measures.values import Values
from sibmodel.running.statistics import PERCENTILES, Summary, expected_shortfall, interval, summarise
from sibmodel.running.sums import Average, Moments

NOTHING = Values(np.array([0.0]), "£", "amount")
LIKELY = Values(np.array([0.0]), "probability", "chance")
UPPER = {5: -1.6448536, 10: -1.2815516, 50: 0.0, 90: 1.2815516, 95: 1.6448536}
"""Quantiles of the standard normal."""


def normals(seed: int, count: int) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(count)


def test_errors_of_percentiles_are_those_of_the_formula() -> None:
    """√(p(1 − p)/n)/f(q), f the density: for the median of a standard normal √(π/2n)."""
    found = summarise(NOTHING, normals(1, 200_000))
    for p in PERCENTILES:
        density = np.exp(-(UPPER[p] ** 2) / 2) / np.sqrt(2 * np.pi)
        share = p / 100
        expected = np.sqrt(share * (1 - share) / 200_000) / density
        assert found.percentile_errors[p] == pytest.approx(expected, rel=0.05), p
        value, error = found.statistic(f"p{p}")
        assert value is not None
        assert error is not None
        assert abs(value - UPPER[p]) < 4 * error


def test_too_few_trials_have_percentiles_without_errors() -> None:
    """1.96 √(n 0.05 0.95) places lie below 0.05 n − 0.5 of them from 85 trials on: 84 give 3.915 > 3.7, 85 …."""
    enough = [n for n in range(2, 200) if summarise(NOTHING, normals(2, n)).percentile_errors[5] is not None]
    # 0.05 n − 0.5 ≥ 1.95996 √(0.0475 n): √n ≥ (0.427166 + √(0.427166² + 0.1))/0.1 = 9.5883, so n ≥ 91.94
    assert enough == list(range(92, 200))
    assert summarise(NOTHING, normals(2, 40)).percentile_errors[50] is not None


def test_a_value_that_never_changes_has_no_error() -> None:
    found = summarise(NOTHING, np.full(500, 3.25))
    assert (found.mean, found.se) == (3.25, 0)
    assert set(found.percentile_errors.values()) == {0.0}


def test_undefined_trials_are_left_out() -> None:
    values = normals(3, 1000)
    values[::2] = np.nan
    found, alone = summarise(NOTHING, values), summarise(NOTHING, values[1::2])
    assert found.defined == 500
    assert found.as_dict() == alone.as_dict()


def test_nothing_defined_has_no_numbers() -> None:
    found = summarise(NOTHING, np.full(10, np.nan))
    assert (found.mean, found.se, found.defined) == (None, None, 0)
    assert set(found.percentiles.values()) == {None}
    assert found.interval() is None


def test_replicates_give_the_spread_of_their_own_values() -> None:
    """Sixteen replicates of 10 trials, each with one value: 0, 1 … 15 have the standard deviation √(68/3)."""
    values = np.repeat(np.arange(16.0), 10)
    found = summarise(NOTHING, values, replicates=16)
    assert found.mean == 7.5
    assert found.se == pytest.approx(np.sqrt(68 / 3) / 4)  # 4 is the root of 16
    assert found.percentile_errors[5] is None  # all that is lowest is in one of them
    low, high = found.interval() or (0, 0)
    assert high - low == pytest.approx(2 * 2.131450 * np.sqrt(68 / 3) / 4, rel=1e-6)  # Student's t, 15 degrees


def test_the_error_of_a_percentile_by_replicates_is_that_of_the_share_below_it() -> None:
    """Of 1,600 values 0, 1 … 1,599, eight replicates of 100 have 40 below the median and eight have 60.

    The shares below it spread by √(16/15) · 0.1 = 0.103280, ÷ 4 = 0.025820, which is 0.025820 · 1,600 = 41.312 values.
    """
    low, high = np.arange(800.0), np.arange(800.0, 1600.0)
    ends = np.cumsum([0] + [40, 60] * 8)
    values = np.concatenate(
        [np.r_[low[ends[i] : ends[i + 1]], high[100 * i - ends[i] : 100 * (i + 1) - ends[i + 1]]] for i in range(16)]
    )
    found = summarise(NOTHING, values, replicates=16)
    assert found.percentiles[50] == 799.5
    assert found.percentile_errors[50] == pytest.approx(41.312, abs=0.001)
    # where every replicate has the same share below it, half a value is the least that can be told
    even = summarise(NOTHING, np.arange(1600.0).reshape(100, 16).T.ravel(), replicates=16)
    assert even.percentile_errors[50] == pytest.approx(0.5)


def test_chances_and_shortfalls_by_replicates() -> None:
    values = np.tile([0.0, 0.0, 0.0, 1.0], 40)
    assert summarise(LIKELY, values, replicates=16).se == pytest.approx(np.std([0.2, 0.3] * 8, ddof=1) / 4)
    losses = -np.repeat(np.arange(16.0), 20) - 1
    shortfall = expected_shortfall(NOTHING, losses, replicates=16)
    assert shortfall.se == pytest.approx(np.sqrt(68 / 3) / 4)


def test_intervals() -> None:
    assert interval(10, 2) == pytest.approx((6.080072, 13.919928))
    assert interval(10, 2, confidence=0.9)[0] == pytest.approx(10 - 2 * 1.6448536)
    low, high = interval(10, 2, replicates=16)
    assert (low, high) == pytest.approx((10 - 2 * 2.1314495, 10 + 2 * 2.1314495))


def test_noise_is_told_from_a_difference() -> None:
    def found(mean: float, se: float | None) -> Summary:
        return Summary(0, mean, se, dict.fromkeys(PERCENTILES), "£", "", 10)

    assert found(1.9, 1).is_noise
    assert not found(2.0, 1).is_noise
    assert not found(0, 0).is_noise
    assert not found(5, None).is_noise


@pytest.mark.parametrize("statistic", ["mean", "p5", "p95", "chance", "shortfall"])
@pytest.mark.parametrize("replicates", [1, 16])
def test_intervals_cover_the_truth(statistic: str, replicates: int) -> None:
    """Over 200 runs of 1,600 skewed values the 95 % interval holds the true value in 90 to 99 % of them."""
    # exponential: mean 1, quantile −ln(1 − p), P(X < 0.2) = 1 − e^−0.2, mean of the worst (largest) 5 %: 1 − ln 0.05
    truth = {"mean": 1.0, "p5": -np.log(0.95), "p95": -np.log(0.05), "chance": 1 - np.exp(-0.2)}
    truth["shortfall"] = 1 - np.log(0.05)
    covered = 0
    for seed in range(200):
        values = np.random.default_rng(seed).exponential(size=1600)
        if statistic == "chance":
            found = summarise(LIKELY, (values < 0.2).astype(float), replicates)
        elif statistic == "shortfall":
            found = expected_shortfall(NOTHING, -values, replicates)
        else:
            found = summarise(NOTHING, values, replicates)
        name = statistic if statistic.startswith("p") else "mean"
        low, high = found.interval(name) or (np.inf, -np.inf)
        covered += low <= truth[statistic] <= high
    assert 180 <= covered <= 198


@given(st.integers(1, 300), st.sampled_from([1, 2, 4]), st.integers(0, 2**32))
def test_sums_by_part_are_those_of_all(size: int, replicates: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    count = size * replicates
    flow = generator.normal(3, 2, (5, count))
    replicate = (np.arange(count) // size).astype(np.intp)
    cuts = [0, *sorted(generator.integers(1, count + 1, 3)), count]
    parts = [slice(a, b) for a, b in pairwise(cuts) if b > a]
    moments = [Moments.of(flow[:, part], replicate[part], replicates) for part in parts]
    averages = [Average.of(flow[0, part], replicate[part], replicates) for part in parts]
    moment, average = moments[0], averages[0]
    for more, other in zip(moments[1:], averages[1:], strict=True):
        moment, average = moment + more, average + other
    np.testing.assert_allclose(moment.mean, flow.mean(axis=1))
    assert average.mean == pytest.approx(flow[0].mean())
    whole = summarise(NOTHING, flow[0], replicates)
    if count > 1:
        assert average.error == pytest.approx(whole.se, rel=1e-6, abs=1e-9)
        first = moment.error_of(np.eye(5)[0])
        assert first == pytest.approx(whole.se, rel=1e-6, abs=1e-9)
