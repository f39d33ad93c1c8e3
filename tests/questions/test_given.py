"""What a measure is on average where inputs are known, against closed forms."""

import numpy as np
import pytest

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.given import FOLDS, Known, expected_given
from sibmodel.sampling.normal import score

COUNT = 20_000


def known(row: int) -> Known:
    """A standard normal input."""
    uniform = np.random.default_rng(row).uniform(1e-12, 1 - 1e-12, COUNT)
    return Known(score(uniform), uniform)


X, Z, NOISE = known(1), known(2), known(3).values


def share(measure: FloatArray, *inputs: Known) -> float:
    """The part of a measure's variance that knowing inputs takes away."""
    return 1 - float(np.mean((measure - expected_given(measure, inputs)) ** 2) / measure.var())


def test_a_sum() -> None:
    # Var = 1 + 4 + 9 = 14: x tells 1/14, z 4/14, both 5/14
    y = X.values + 2 * Z.values + 3 * NOISE
    assert share(y, X) == pytest.approx(1 / 14, abs=0.015)
    assert share(y, Z) == pytest.approx(4 / 14, abs=0.015)
    assert share(y, X, Z) == pytest.approx(5 / 14, abs=0.015)


def test_a_product_is_told_by_both_and_by_neither() -> None:
    # E(xz | x) = 0; Var(xz) = 1, noise 1
    y = X.values * Z.values + NOISE
    assert share(y, X) == pytest.approx(0, abs=0.01)
    assert share(y, X, Z) == pytest.approx(1 / 2, abs=0.02)


def test_a_kink() -> None:
    # max(x, 0): mean 1/√(2π), mean square 1/2, so Var = 1/2 − 1/(2π) = 0.340845
    y = np.maximum(X.values, 0) + NOISE
    assert share(y, X) == pytest.approx(0.340845 / 1.340845, abs=0.015)


def test_a_choice_has_a_mean_for_each_value() -> None:
    uniform = X.uniform
    choice = np.array([5.0, -1.0, 0.0])[np.minimum((uniform * 3).astype(int), 2)]
    y = np.where(choice == 0, 7.0, 0.0)
    assert share(y, Known(choice, uniform)) == pytest.approx(1, abs=1e-9)
    always = Known(np.full(COUNT, 3.0), uniform)  # nothing to tell
    assert share(y, always) == pytest.approx(0, abs=1e-3)


def test_inputs_that_move_together_tell_of_each_other() -> None:
    # x and w = 0.6 x + 0.8 z, both standard normal; E(x | w) = 0.6 w, so w tells 0.36 of x
    w = 0.6 * X.values + 0.8 * Z.values
    ranks = (np.argsort(np.argsort(w)) + 0.5) / COUNT
    assert share(X.values, Known(w, ranks)) == pytest.approx(0.36, abs=0.015)


def test_nothing_known_is_the_mean_of_the_other_parts() -> None:
    y = NOISE
    for fold in range(FOLDS):
        mine = np.arange(COUNT) % FOLDS == fold
        assert expected_given(y, [])[mine] == pytest.approx(y[~mine].mean(), rel=1e-12)


def test_inputs_that_say_nothing_cost_little() -> None:
    # x and noise of the same variance: x tells 1/2, and so do x and nine others that say nothing, within a hundredth
    for seed in (20, 60):
        some = [Known(one.values[:4000], one.uniform[:4000]) for one in map(known, range(seed, seed + 10))]
        y = some[0].values + known(seed + 15).values[:4000]
        assert share(y, *some) == pytest.approx(share(y, some[0]), abs=0.004)


def test_chance_is_not_taken_for_knowledge() -> None:
    few = Known(X.values[:100], X.uniform[:100])
    assert 1 - np.mean((NOISE[:100] - expected_given(NOISE[:100], [few])) ** 2) / NOISE[:100].var() < 0.02


def test_too_few_trials() -> None:
    with pytest.raises(ValueError, match="9 trials are too few"):
        expected_given(NOISE[:9], [])
