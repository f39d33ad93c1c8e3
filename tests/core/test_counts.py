"""How many succeed: by hand, against SciPy, against plain sums, and how far the normal score is off."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from sibmodel.core.counts import successes
from sibmodel.core.timeline import FloatArray
from tests import twin_luck

SHARES = (0.0005, 0.02, 0.1, 0.3, 0.5, 0.6, 0.9, 0.999)
CORRELATIONS = (0.0, 0.001, 0.01, 0.032, 0.1, 0.5, 0.9)


def drawn(uniform: FloatArray, people: float, chance: float, correlation: float) -> FloatArray:
    one = (np.array([[x]]) for x in (people, chance, correlation))
    return np.asarray(successes(uniform[None, :], *one)[0])


def evenly(count: int) -> FloatArray:
    """Uniform numbers, evenly spread: means over them are as exact as there are many."""
    return (np.arange(count) + 0.5) / count


def chances_of(people: int, chance: float, correlation: float) -> FloatArray:
    """SciPy's chances of 0, 1, … of so many people."""
    k, both = np.arange(people + 1), (1 - correlation) / correlation if correlation else 0.0
    if not correlation:
        return np.asarray(binom.pmf(k, people, chance))
    return np.asarray(betabinom.pmf(k, people, chance * both, (1 - chance) * both))


def reached(people: float, chance: float, correlation: float) -> FloatArray:
    """The chances of at most 0, 1, … of the people expected: one of them is there with the fraction as chance."""
    whole = math.floor(people)
    fewer, more = np.zeros(whole + 2), chances_of(whole + 1, chance, correlation)
    fewer[: whole + 1] = chances_of(whole, chance, correlation)
    part = people - whole
    return np.asarray(np.cumsum((1 - part) * fewer + part * more))


def by_score(people: float, chance: float, correlation: float) -> bool:
    """The rule of docs/model.md, Section 5."""
    rarer = min(chance, 1 - chance)
    return people * rarer > 30 and rarer * (1 - correlation) >= 8 * correlation


# ---------------------------------------------------------------------------------------------------------- by hand


def test_two_people_who_are_alike() -> None:
    """p = 0.5, ρ = 0.2, so a = b = 0.4. None: 0.4 × 0.6 ÷ (0.8 × 1) = 0.3; one: 2 × 0.4 × 0.4 ÷ 0.8 = 0.4."""
    at = np.array([0.0001, 0.2999, 0.3001, 0.6999, 0.7001, 0.9999])
    assert drawn(at, 2, 0.5, 0.2).tolist() == [0, 0, 1, 1, 2, 2]


def test_two_and_a_half_people() -> None:
    """Of three: 0.4 × 0.6 × 0.8 ÷ (0.8 × 1 × 1.2) = 0.2 none, 3 × 0.4 × 0.4 × 0.6 ÷ 0.96 = 0.3 one, 0.3 two, 0.2 all.

    Half the time two are there, half the time three: 0.25, 0.35, 0.3, 0.1.
    """
    at = np.array([0.2499, 0.2501, 0.5999, 0.6001, 0.8999, 0.9001])
    assert drawn(at, 2.5, 0.5, 0.2).tolist() == [0, 1, 1, 2, 2, 3]
    assert sum(k * chance for k, chance in enumerate((0.25, 0.35, 0.3, 0.1))) == pytest.approx(2.5 * 0.5)


def test_independent_people_are_binomial() -> None:
    """Of three with p = 0.2: 0.512 none, 0.384 one, 0.096 two, 0.008 all."""
    at = np.array([0.5119, 0.5121, 0.8959, 0.8961, 0.9919, 0.9921])
    assert drawn(at, 3, 0.2, 0).tolist() == [0, 1, 1, 2, 2, 3]


def test_people_who_are_all_alike_succeed_or_fail_as_one() -> None:
    assert drawn(np.array([0.01, 0.3999, 0.4001, 0.99]), 50, 0.6, 1).tolist() == [0, 0, 50, 50]


def test_nobody_no_chance_and_certainty() -> None:
    at = evenly(7)
    assert drawn(at, 0, 0.5, 0.01).tolist() == [0] * 7
    for correlation in CORRELATIONS:
        assert drawn(at, 400, 0, correlation).tolist() == [0] * 7
        assert drawn(at, 400, 1, correlation).tolist() == [400] * 7
        assert drawn(at, 40, -0.5, correlation).tolist() == [0] * 7
        assert drawn(at, 40, 1.5, correlation).tolist() == [40] * 7


def test_a_cell_without_luck_is_as_expected() -> None:
    assert drawn(np.array([np.nan, 0.5]), 7.5, 0.3, 0.01).tolist() == [pytest.approx(2.25), 2]


# ----------------------------------------------------------------------------------------------- against other sums


@pytest.mark.parametrize("people", [0.3, 1, 1.5, 9.7, 40.25, 333.3, 2000])
def test_counts_are_the_quantiles_that_scipy_finds(people: float) -> None:
    at = evenly(1006)
    for chance in SHARES:
        for correlation in CORRELATIONS:
            if not by_score(people, chance, correlation):
                expected = np.searchsorted(reached(people, chance, correlation), at)
                assert drawn(at, people, chance, correlation).tolist() == expected.tolist(), (chance, correlation)


@given(
    st.floats(0.001, 0.999),
    st.one_of(st.floats(0, 5), st.integers(1, 60).map(float), st.floats(0, 400)),
    st.floats(0, 1),
    st.one_of(st.just(0.0), st.floats(0, 0.05), st.floats(0, 1), st.sampled_from([1e-13, 1e-11, 1e-7, 1.0])),
)
def test_counts_are_those_of_plain_sums(uniform: float, people: float, chance: float, correlation: float) -> None:
    """The twin's sums. A uniform number on the very edge between two counts may round to either."""
    edges = [uniform - 1e-8, uniform + 1e-8]
    expected = {twin_luck.successes(u, people, chance, correlation) for u in edges}
    (found,) = drawn(np.array([uniform]), people, chance, correlation)
    assert min(expected) - 1e-9 <= found <= max(expected) + 1e-9


# ----------------------------------------------------------------------------------------- mean, spread, small changes


@pytest.mark.parametrize("people", [0.05, 0.9, 3.5, 20, 61.7, 250, 250.5, 1200])
def test_the_mean_is_kept(people: float) -> None:
    """Over evenly spread uniforms the mean of a rising count is off by at most its range over their number."""
    many = 20_000
    for chance in SHARES:
        for correlation in CORRELATIONS:
            counts = drawn(evenly(many), people, chance, correlation)
            sd = math.sqrt(people * chance * (1 - chance) * (1 + max(people - 1, 0) * correlation)) + 1e-3
            off = 1e-5 * sd if by_score(people, chance, correlation) else 0.0
            assert abs(counts.mean() - people * chance) <= math.ceil(people) / many + off, (chance, correlation)


@pytest.mark.parametrize(("people", "chance"), [(60, 0.3), (60, 0.7), (400, 0.02), (31, 0.5)])
@pytest.mark.parametrize("correlation", [0, 0.01, 0.2])
def test_whole_people_have_the_variance_of_the_beta_binomial(people: int, chance: float, correlation: float) -> None:
    counts = drawn(evenly(100_000), people, chance, correlation)
    variance = people * chance * (1 - chance) * (1 + (people - 1) * correlation)
    assert float(counts.var()) == pytest.approx(variance, rel=1e-3)


@given(st.floats(0, 600), st.floats(0, 1), st.one_of(st.floats(0, 0.1), st.floats(0, 1)))
def test_counts_are_whole_and_rise_with_the_uniform(people: float, chance: float, correlation: float) -> None:
    at = np.concatenate([[2.0**-53, 1e-9, 1e-6], evenly(400), [1 - 1e-6, 1 - 1e-9, 1 - 2.0**-53]])
    counts = drawn(at, people, chance, correlation)
    assert (np.diff(counts) >= 0).all()
    assert (counts == np.rint(counts)).all()
    assert counts.min() >= 0
    assert counts.max() <= math.ceil(people)


@given(st.floats(0, 400), st.floats(0, 1), st.floats(0, 0.2), st.one_of(st.floats(0, 0.3), st.floats(0, 0.01)))
def test_counts_rise_with_the_chance(people: float, chance: float, correlation: float, more: float) -> None:
    """Where both are counted in the same way; where the way changes, they may miss it by one."""
    higher, at = min(chance + more, 1.0), evenly(300)
    rise = drawn(at, people, higher, correlation) - drawn(at, people, chance, correlation)
    same = by_score(people, higher, correlation) == by_score(people, chance, correlation)
    assert rise.min() >= (0 if same else -1)


@pytest.mark.parametrize("people", [7.3, 80, 900])
@pytest.mark.parametrize("change", [1e-2, 1e-4, 1e-6])
def test_a_small_change_of_a_rate_changes_a_count_a_little(people: float, change: float) -> None:
    """A count that rises in every trial changes by people × change in all, so in few trials, and by one in these."""
    at = evenly(200_000)
    for correlation in (0.0, 0.01, 0.1):
        moved = drawn(at, people, 0.4 + change, correlation) - drawn(at, people, 0.4, correlation)
        assert float(np.abs(moved).mean()) <= people * change * 1.05 + people / at.size
        assert moved.max() <= np.ceil(6 * people * change) + 1


@pytest.mark.parametrize(("people", "correlation"), [(12, 0.0), (12, 0.05), (300, 0.0), (300, 0.01)])
def test_a_little_more_of_a_person_changes_next_to_nothing(people: float, correlation: float) -> None:
    at = evenly(20_000)
    for near in (people - 1e-9, people + 1e-9):
        assert np.count_nonzero(drawn(at, near, 0.4, correlation) != drawn(at, people, 0.4, correlation)) <= 1


# --------------------------------------------------------------------------------------------------- the normal score


def test_the_normal_score_is_near_the_exact_distribution() -> None:
    """All chances within 0.002, those of the rarest hundredth within 0.0007, the sd within 0.1 %."""
    at, tried = evenly(50_000), 0
    for people in (61, 75.5, 100, 200, 500.25, 1000, 5000):
        for chance in (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9, 0.98):
            for correlation in (0, 0.001, 0.003, 0.01, 0.02, 0.032, 0.05):
                if not by_score(people, chance, correlation):
                    continue
                tried += 1
                exact = reached(people, chance, correlation)
                counts = drawn(at, people, chance, correlation).astype(int)
                found = np.cumsum(np.bincount(counts, minlength=exact.size) / at.size)
                assert np.abs(found - exact).max() < 2e-3, (people, chance, correlation)
                rare = (exact < 0.012) | (exact > 0.988)
                assert np.abs(found - exact)[rare].max() < 7e-4, (people, chance, correlation)
                k, chances = np.arange(exact.size), np.diff(exact, prepend=0)
                sd = math.sqrt(chances @ (k - chances @ k) ** 2)
                assert float(counts.std()) == pytest.approx(sd, rel=1e-3), (people, chance, correlation)
    assert tried > 150


# ---------------------------------------------------------------------------------------------------------------- bits


def test_no_bit_depends_on_the_cells_beside_it() -> None:
    generator = np.random.default_rng(5)
    shape = (3, 5000)
    uniform, chance = generator.random(shape), generator.random(shape)
    people, correlation = generator.random(shape) * 300, generator.random((1, 5000)) * 0.1
    together = successes(uniform, people, chance, correlation)
    for some in (slice(0, 1), slice(7, 20), slice(4090, 4103), slice(0, 5000, 7)):
        apart = successes(uniform[:, some], people[:, some], chance[:, some], correlation[:, some])
        assert apart.tobytes() == np.ascontiguousarray(together[:, some]).tobytes()
