"""Latin hypercube and Sobol: one point in each stratum of each replicate, any block on its own, and what they gain."""

import math
from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats
from scipy.stats import qmc

from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.permutation import permuted
from sibmodel.sampling.points import Points, _raw_sobol
from sibmodel.sampling.replicates import MOST_TRIALS, REPLICATES, Sampling, balanced, replicates, unbalanced
from sibmodel.sampling.streams import BLOCK, generator, uniforms

NAMES = ("a", "b", "c")


def drawn(points: Points, order: Sequence[int] | None = None) -> dict[str, FloatArray]:
    """All trials of a run, its blocks made in some order."""
    blocks = range(-(-points.count // BLOCK))
    made = {number: points.block(number) for number in (blocks if order is None else order)}
    return {name: np.concatenate([made[number][name] for number in blocks])[: points.count] for name in points.names}


def by_replicate(values: FloatArray) -> FloatArray:
    return values.reshape(REPLICATES, -1)


# One in each stratum


@pytest.mark.parametrize("count", [16, 48, 1_600, 16 * 613, 65_536, 16 * 4_500])
def test_latin_hypercube_has_one_value_in_each_stratum_of_each_replicate(count: int) -> None:
    size = count // REPLICATES
    for values in drawn(Points(1, NAMES, "latin_hypercube", count)).values():
        strata = np.floor(by_replicate(values) * size).astype(int)
        assert (np.sort(strata, axis=1) == np.arange(size)).all()


@pytest.mark.parametrize("count", [16, 32, 2_048, 65_536, 131_072])
def test_sobol_has_one_value_in_each_stratum_of_each_replicate(count: int) -> None:
    size = count // REPLICATES
    for values in drawn(Points(1, NAMES, "sobol", count)).values():
        strata = np.floor(by_replicate(values) * size).astype(int)
        assert (np.sort(strata, axis=1) == np.arange(size)).all()


def test_the_first_two_dimensions_of_sobol_are_balanced_together() -> None:
    """A (0, 10, 2)-net: one of 1,024 points in each box of 2^-k by 2^-(10 - k), for every k; scrambled as well."""
    values = drawn(Points(5, NAMES, "sobol", 16 * 1024))
    for one, other in zip(by_replicate(values["a"]), by_replicate(values["b"]), strict=True):
        for k in range(11):
            boxes = np.floor(one * 2**k) * 2 ** (10 - k) + np.floor(other * 2 ** (10 - k))
            assert np.sort(boxes).tolist() == list(range(1024))


def test_scrambling_keeps_the_differences_of_scipys_points() -> None:
    """Without shift and scrambling it is SciPy's sequence; a scrambled digit depends on those before it only."""
    raw = _raw_sobol(3, 64, 128)
    engine = qmc.Sobol(3, scramble=False)
    engine.fast_forward(64)
    assert (raw / 2.0**32).tolist() == engine.random(64).tolist()
    # so numbers with the same first k digits keep a common beginning of k digits, and others do not
    values = by_replicate(drawn(Points(2, NAMES, "sobol", 16 * 64))["c"])
    plain = qmc.Sobol(3, scramble=False).random(64)[:, 2]
    for scrambled in values:
        for k in range(1, 7):
            first, after = np.floor(plain * 2**k), np.floor(scrambled * 2**k)
            assert ((first[:, None] == first) == (after[:, None] == after)).all()


# Independent replicates of uniform numbers


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_each_point_is_uniform_and_replicates_are_independent(sampling: Sampling) -> None:
    """The first points of 400 runs: a balanced sample as a whole is uniform by construction, a point is not."""
    found = np.array([
        [points["a"][:1], points["a"][64:65], points["b"][:1]]
        for seed in range(400)
        for points in [Points(seed, NAMES, sampling, 16 * 64).block(0)]
    ])[:, :, 0]  # fmt: skip
    for column in found.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    for one, other in ((0, 1), (0, 2)):
        assert abs(np.corrcoef(found[:, one], found[:, other])[0, 1]) < 4 / math.sqrt(400)


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_numbers_stay_between_their_ends(sampling: Sampling) -> None:
    for values in drawn(Points(3, NAMES, sampling, 131_072)).values():
        assert values.min() > 0
        assert values.max() < 1
        assert (1.0 - (1.0 - values) == values).mean() > 0.9


@pytest.mark.parametrize("size", [3, 5, 16])
def test_orders_are_even(size: int) -> None:
    """Each pair of places as often as any other: chi-squared over 6,000 orders."""
    counts = np.zeros((size, size))
    for seed in range(6_000):
        one, other = permuted(np.array([0, size - 1]), size, generator(seed, "keys", 0))
        counts[one, other] += 1
    off = ~np.eye(size, dtype=bool)
    assert counts[~off].sum() == 0
    assert stats.chisquare(counts[off]).pvalue > 1e-3


@pytest.mark.parametrize("size", [1, 2, 9, 1000, 4096, 4097, 625_000])
def test_an_order_holds_every_place_once(size: int) -> None:
    order = permuted(np.arange(size), size, generator(1, "keys", 0))
    assert (np.sort(order) == np.arange(size)).all()


# Bits


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube", "sobol"])
def test_blocks_made_in_any_order_are_the_same_to_the_bit(sampling: Sampling) -> None:
    points = Points(7, NAMES, sampling, 16 * 4096)
    forward, backward = drawn(points), drawn(points, [*range(15, -1, -1)])
    for name in NAMES:
        assert forward[name].tobytes() == backward[name].tobytes()
    # and one block alone, by an object that has made no other
    alone = Points(7, NAMES, sampling, 16 * 4096).block(11)
    assert all(alone[name].tobytes() == forward[name][11 * BLOCK : 12 * BLOCK].tobytes() for name in NAMES)


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube"])
def test_another_input_leaves_all_others_as_they_were(sampling: Sampling) -> None:
    few, more = Points(7, NAMES, sampling, 8192), Points(7, ("new", *NAMES), sampling, 8192)
    for block in (0, 1):
        assert all(few.block(block)[name].tobytes() == more.block(block)[name].tobytes() for name in NAMES)


def test_another_input_after_all_others_leaves_them_as_they_were_in_sobol() -> None:
    few, more = Points(7, NAMES, "sobol", 8192), Points(7, (*NAMES, "new"), "sobol", 8192)
    assert all(few.block(0)[name].tobytes() == more.block(0)[name].tobytes() for name in NAMES)


def test_pseudo_random_numbers_are_their_streams() -> None:
    assert Points(7, NAMES).block(3)["b"].tobytes() == uniforms(7, "b", 3).tobytes()


# What it gains


def error_of_mean(sampling: Sampling, count: int, runs: int) -> float:
    """Root mean squared error of the mean of a smooth function of six inputs, over seeds."""
    names = tuple("abcdef")
    errors = []
    for seed in range(runs):
        u = drawn(Points(seed, names, sampling, count))
        x = np.stack([u[name] for name in names])
        # a product and a sum, whose mean is known: Π E(0.5 + u) + Σ E(u²) = 1 + 6/3
        errors.append(float((np.prod(0.5 + x, axis=0) + (x**2).sum(axis=0)).mean()) - 3.0)
    return math.sqrt(np.mean(np.square(errors)))


def test_a_smooth_mean_is_known_better() -> None:
    """Measured with 4,096 trials and 20 seeds: its error falls to 1/4.7 by Latin hypercube, to 1/36 by Sobol."""
    plain = error_of_mean("pseudo_random", 4096, 20)
    assert error_of_mean("latin_hypercube", 4096, 20) < plain / 3
    assert error_of_mean("sobol", 4096, 20) < plain / 15


def test_the_replicates_tell_the_error() -> None:
    """Their spread ÷ 4 against the errors over 30 seeds: a chi-squared ratio, within a factor of two either way."""
    for sampling in ("latin_hypercube", "sobol"):
        estimates, errors = [], []
        for seed in range(30):
            u = drawn(Points(seed, NAMES, sampling, 1024))
            means = by_replicate(u["a"] * u["b"] + u["c"]).mean(axis=1)
            estimates.append(means.var(ddof=1) / REPLICATES)
            errors.append((means.mean() - 0.75) ** 2)
        assert 0.5 < math.sqrt(np.mean(errors) / np.mean(estimates)) < 2


# Numbers of trials


def test_which_numbers_of_trials_are_balanced() -> None:
    assert [replicates(way) for way in ("pseudo_random", "latin_hypercube", "sobol")] == [1, 16, 16]
    assert unbalanced("pseudo_random", 17) is None
    assert unbalanced("latin_hypercube", 10_000) is None
    assert unbalanced("sobol", 16_384) is None
    assert [balanced("latin_hypercube", n) for n in (2, 16, 17, 10_001)] == [16, 16, 32, 10_016]
    assert [balanced("sobol", n) for n in (2, 16, 17, 33, 10_000)] == [16, 16, 32, 64, 16_384]
    for count in (2, 17, 10_000, MOST_TRIALS - 1, MOST_TRIALS):
        assert balanced("sobol", count) <= MOST_TRIALS
    assert unbalanced("sobol", 9_000_000) == (
        "Sobol sampling cannot balance 9,000,000 trials",
        "take 8,388,608, the largest that is 16 times a power of two",
    )
