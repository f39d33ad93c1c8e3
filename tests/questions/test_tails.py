"""Weights of the worst futures, with ties, and standard errors by groups."""

import numpy as np
import pytest

from sibmodel.questions.tails import by_groups, tail_weights


def test_the_worst_of_different_values_are_a_twentieth_of_all() -> None:
    values = np.random.default_rng(1).permutation(100.0 * np.arange(40))
    weights = tail_weights(values)
    assert weights.sum() == pytest.approx(1)
    assert set(values[weights > 0]) == {0.0, 100.0}
    assert weights @ values == pytest.approx(50)


def test_a_part_of_a_trial_counts_for_a_part() -> None:
    """A twentieth of 30 is 1.5: the worst counts whole, the next by half."""
    weights = tail_weights(np.arange(30.0))
    assert weights[:3].tolist() == pytest.approx([1 / 1.5, 0.5 / 1.5, 0])


def test_trials_that_are_alike_share_what_is_left() -> None:
    """Four worst, then six alike, of 100: the six share the one that is left to make five."""
    values = np.concatenate([[-4.0, -3.0, -2.0, -1.5], np.full(6, -1.0), np.zeros(90)])
    weights = tail_weights(values)
    assert weights[:4].tolist() == pytest.approx([0.2] * 4)
    assert weights[4:10].tolist() == pytest.approx([0.2 / 6] * 6)
    assert not weights[10:].any()
    rounding = 1e-9 * np.random.default_rng(1).normal(size=100)
    assert tail_weights(values + rounding).tolist() == pytest.approx(weights.tolist())


def test_all_alike_count_alike() -> None:
    assert tail_weights(np.full(10, 7.0)).tolist() == pytest.approx([0.1] * 10)


def test_the_error_of_a_mean_by_groups_is_that_of_the_formula() -> None:
    values = np.random.default_rng(2).normal(size=40_000)
    by_formula = values.std() / 200
    found = by_groups(lambda some: float(values[some].mean()), values.size)
    assert found == pytest.approx(by_formula, rel=0.5)  # an estimate from 20 numbers is good to a sixth
    assert by_groups(lambda some: 0.0, 39) is None
