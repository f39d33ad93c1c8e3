"""The mean loss in the worst twentieth of trials, by hand."""

import numpy as np
import pytest

from sibmodel.measures.values import pounds
from sibmodel.running.statistics import expected_shortfall


def test_forty_trials_have_a_tail_of_two() -> None:
    profit = np.arange(40.0) * 10 - 100  # −100, −90, −80 … 290
    found = expected_shortfall(pounds(np.array([-30.0]), "base"), profit)
    assert found.base == 30
    assert found.mean == 95  # of 100 and 90
    # variance of the tail 50, threshold 90: √((50 + 0.95 × 5²)/2)
    assert found.se == pytest.approx(np.sqrt((50 + 0.95 * 25) / 2))


def test_a_profit_is_no_loss_and_a_part_of_a_trial_is_a_whole_one() -> None:
    profit = np.array([-60.0, *[5.0] * 20])  # 5 % of 21 is 1.05: two trials
    found = expected_shortfall(pounds(np.array([1.0]), "base"), profit)
    assert (found.base, found.mean) == (0, 30)


def test_a_normal_tail() -> None:
    """The mean of a standard normal beyond its 5 % quantile is φ(1.645)/0.05 = 2.0627."""
    profit = np.random.default_rng(1).standard_normal(400_000)
    found = expected_shortfall(pounds(np.array([0.0]), "base"), profit)
    assert found.se is not None
    assert found.mean == pytest.approx(2.0627, abs=4 * found.se)
    assert found.se < 0.01
