"""Powers do not depend on how many are worked out at a time; nor do trials that stand on them."""

from pathlib import Path

import numpy as np
import pytest

import sibmodel
from sibmodel.core.powers import power

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.mark.parametrize("exponent", [0.25, 1 / 12, 2.0, -1.5, np.arange(9.0)[:, None], np.arange(1, 9)[:, None] / 4])
def test_a_power_is_the_same_beside_any_others(exponent: float) -> None:
    generator = np.random.default_rng(1)
    base = np.where(generator.random(4096) < 0.5, 1 + generator.uniform(-0.05, 0.3, 4096), generator.random(4096))
    whole = power(base[None, :], exponent)
    np.testing.assert_allclose(whole, base[None, :] ** exponent, rtol=1e-15)
    for count in (1, 2, 3, 5, 7, 8, 9, 100, 513):
        for first in generator.integers(0, 4096 - count, 10):
            part = power(base[None, first : first + count].copy(), exponent)
            assert np.array_equal(part, whole[:, first : first + count])


def test_the_ends_of_powers() -> None:
    assert power(0.0, 0.0) == 1
    assert power(np.zeros(3), np.array([0.5, 1, 0])).tolist() == [0, 0, 1]
    assert np.isnan(power(np.array([np.nan]), 2.0)).all()
    assert power(np.ones((4, 1)), np.ones((1, 3))).shape == (4, 3)


@pytest.mark.parametrize("seed", range(12))
def test_the_first_trials_with_uncertain_growth_are_those_of_a_longer_run(seed: int) -> None:
    """NumPy's own power gave other last bits for 5 trials than for 4,096 in some of these seeds."""
    growth = {"programme.costs.indexation": {"uniform": [0.01, 0.05]}, "prices.inflation": {"uniform": [0.01, 0.04]}}
    scenario = sibmodel.load(SCENARIOS / "worked" / "w1.yaml", growth)
    few, many = (sibmodel.simulate(scenario, trials, seed) for trials in (5, 4096))
    for name, values in few.values.items():
        np.testing.assert_array_equal(values, many.values[name][:5], err_msg=name)
