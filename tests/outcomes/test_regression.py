"""Regression to the mean against published arithmetic, a brute-force sum, and simulated people."""

import copy
from math import exp, lgamma, log
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.outcomes.regression import expected_fall
from sibmodel.outcomes.terms import RegressionTerms
from tests.random_numbers import Data
from tests.strategies import read
from tests.twin import twin

BASE = Trials.base(2)


def fall(**said: Any) -> float:
    """The expected fall in the base case."""
    return float(expected_fall(RegressionTerms.model_validate(said), BASE)[0, 0])


def test_normal_use() -> None:
    """mean 1, sd 2, r 0.5, chosen from 3: z = 1, φ/(1 − Φ) = 1.525135, before 1 + 2 × 1.525135 = 4.050271, fall half of
    the 3.050271 above the mean."""
    assert fall(distribution="normal", mean=1, sd=2, correlation=0.5, chosen_from=3) == pytest.approx(
        1.525135, abs=5e-7
    )


def test_use_as_it_was_seen() -> None:
    """(1 − 0.5)(4 − 1) = 1.5, whatever the cut was."""
    assert fall(distribution="normal", mean=1, correlation=0.5, before=4) == 1.5


def test_counts_of_somebody_seen_five_times() -> None:
    """k 0.5, m 1: 1 (0.5 + 5)/(0.5 + 1) = 3.6667 expected next, so 1.3333 less."""
    assert fall(distribution="counts", mean=1, shape=0.5, before=5) == pytest.approx(5 - 5.5 / 1.5)


def test_counts_from_a_cut_agree_with_simulated_people() -> None:
    rng = np.random.default_rng(1)
    rates = rng.gamma(0.5, 2.0, 4_000_000)  # mean 1
    first, second = rng.poisson(rates), rng.poisson(rates)
    chosen = first >= 4
    drop = (first - second)[chosen]
    found = fall(distribution="counts", mean=1, shape=0.5, chosen_from=4)
    assert abs(found - drop.mean()) < 4 * drop.std() / np.sqrt(drop.size)


def test_everybody_chosen_falls_by_nothing() -> None:
    assert fall(distribution="counts", mean=1, shape=0.5, chosen_from=0) == pytest.approx(0, abs=1e-12)
    assert fall(distribution="normal", mean=1, sd=2, correlation=0.5, chosen_from=0) > 0
    assert fall(distribution="normal", mean=1, sd=2, correlation=1, chosen_from=3) == 0


def test_a_cut_that_hardly_anybody_reaches() -> None:
    """Far in the tail the mean of those chosen is just above the cut: nothing divides nought by nought."""
    assert fall(distribution="normal", mean=1, sd=1, correlation=0, chosen_from=50) == pytest.approx(49.02, abs=0.01)


BOND: Data = {
    "title": "Frequent attenders",
    "timeline": {"signing": "2026-03-31", "period": "year", "periods": 4},
    "programme": {
        "service": {"to_month": 12}, "groups": {"all": {"referrals": 100, "engaged": 1}}, "costs": {"set_up": 1000},
    },
    "outcomes": {"fewer": {"type": "quantity", "per_person": 3}},
    "contract": {
        "payers": {"icb": {"kind": "commissioner"}},
        "terms": {"fewer": {"rule": "price", "outcome": "fewer", "price": 10}},
    },
    "savings": {
        "agencies": {"icb": {"payer": "icb"}},
        "items": {"fewer": {"outcome": "fewer", "agency": "icb", "kind": "fiscal", "value": 200}},
    },
    "capital": {"tranches": {"fund": {"rank": 1, "commitment": 5000}}},
}  # fmt: skip


def bond(counterfactual: Data) -> Data:
    """The bond with a counterfactual."""
    data = copy.deepcopy(BOND)
    data["outcomes"]["fewer"]["counterfactual"] = counterfactual
    return data


def measure(data: Data, name: str) -> float:
    """A measure of the base case."""
    return float(all_measures(sibmodel.base_case(read(data)))[name].values[0])


@pytest.mark.parametrize(
    "said",
    [
        {"distribution": "normal", "mean": 1, "sd": 2, "correlation": 0.5, "chosen_from": 3},
        {"distribution": "normal", "mean": 1, "correlation": 0.5, "before": 4},
        {"distribution": "counts", "mean": 1.5, "shape": 0.7, "chosen_from": 4},
        {"distribution": "counts", "mean": 1.5, "shape": 0.7, "before": 5},
    ],
)
def test_it_lowers_savings_and_not_what_a_contract_without_comparison_pays(said: Data) -> None:
    """100 people with 3 fewer each, at £10: £3,000 however many of the 3 would have come anyway."""
    data = bond({"regression_to_mean": said})
    saved = measure(data, "agency.icb.savings")
    assert saved == pytest.approx(twin(data).measures["agency.icb.savings"], rel=1e-12)
    assert saved < measure(BOND, "agency.icb.savings")
    assert measure(data, "payers.payments") == pytest.approx(100 * 3 * 10)


def test_with_a_comparison_the_contract_deducts_it() -> None:
    """Fall (1 − 0.5)(4 − 1) = 1.5 of 3: half of £3,000."""
    said = {"distribution": "normal", "mean": 1, "correlation": 0.5, "before": 4}
    data = bond({"regression_to_mean": said, "method": "comparison"})
    assert measure(data, "payers.payments") == pytest.approx(1500)


@pytest.mark.parametrize(
    ("mean", "shape", "cut"), [(1.2, 0.5, 36), (1e-9, 0.5, 36), (0.4, 20, 400), (3, 2, 1), (1, 1, 5)]
)
def test_choosing_may_be_as_rare_as_it_likes(mean: float, shape: float, cut: int) -> None:
    """Against the sum of the counts' chances from the cut on, each in logarithms: Γ(k+n)/(Γ(k) n!) pⁿ(1−p)ᵏ."""
    p = mean / (shape + mean)
    logs = [lgamma(shape + n) - lgamma(n + 1) + n * log(p) for n in range(cut, cut + 3000)]
    weights = [exp(one - logs[0]) for one in logs]
    before = sum(n * w for n, w in zip(range(cut, cut + 3000), weights, strict=True)) / sum(weights)
    terms = RegressionTerms.model_validate({"distribution": "counts", "mean": mean, "shape": shape, "chosen_from": cut})
    fall = expected_fall(terms, Trials.base(2))[0, 0]
    assert fall == pytest.approx((1 - p) * (before - mean), rel=1e-9)
