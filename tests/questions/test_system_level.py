"""Shared shocks are a level of risk of their own."""

import math

import pytest

import sibmodel
from tests.random_numbers import Data
from tests.strategies import read

RANK = 0.6
BOND: Data = {
    "title": "Two numbers and a shock",
    "timeline": {"signing": "2020-01-01", "period": "year", "periods": 1},
    "programme": {"groups": {"all": {"referrals": 10, "engaged": 1}}},
    "outcomes": {
        "one": {"type": "quantity", "per_person": {"normal": [100, 3]}},
        "two": {"type": "quantity", "per_person": {"normal": [100, 4]}},
    },
    "contract": {
        "payers": {"council": {}},
        "terms": {name: {"rule": "price", "outcome": name, "price": 1} for name in ("one", "two")},
    },
    "capital": {"tranches": {"only": {"commitment": 1}}},
    "dependence": {
        "shocks": {
            "winter": {
                "moves": {"outcomes.one.per_person": RANK, "outcomes.two.per_person": RANK},
                "reason": "hard winters make all of it harder",
            }
        }
    },
}


def test_a_shock_has_its_own_part_of_the_variance() -> None:
    """Payments are 10 (x + y). With λ = 2 sin(0.1 π) each is λ w + √(1 − λ²) e times its spread: w moves (3 + 4) λ."""
    loading = 2 * math.sin(math.pi * RANK / 6)
    system, programme = (10 * 7 * loading) ** 2, 100 * (9 + 16) * (1 - loading**2)
    taken = sibmodel.spread(read(BOND), "payers.payments", trials=8000, seed=1).measures["payers.payments"]
    assert list(taken.levels) == ["programme", "system"]
    for name, variance in (("programme", programme), ("system", system)):
        part = taken.levels[name]
        assert abs(part.variance - variance) < 4 * part.se
        assert part.share == pytest.approx(variance / (system + programme), abs=4 * part.share_se)
    assert abs(taken.together.variance) < 4 * taken.together.se


def test_a_walk_is_a_level_of_its_own() -> None:
    wandering = {
        **BOND,
        "programme": {"groups": {"all": {"referrals": {"value": 10, "random_walk": 0.2}, "engaged": 1}}},
    }
    wandering |= {"timeline": {"signing": "2020-01-01", "period": "year", "periods": 4}, "dependence": {}}
    wandering["outcomes"] = {name: {"type": "quantity", "per_person": 1} for name in ("one", "two")}
    taken = sibmodel.spread(read(wandering), "payers.payments", trials=500, seed=1).measures["payers.payments"]
    assert list(taken.levels) == ["volume"]
    assert taken.levels["volume"].share == pytest.approx(1, abs=4 * taken.levels["volume"].share_se)
    assert taken.total.variance > 0


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_levels_by_replicates(sampling: str) -> None:
    scenario = read({**BOND, "simulation": {"sampling": sampling, "trials": 4096}})
    loading = 2 * math.sin(math.pi * RANK / 6)
    taken = sibmodel.spread(scenario, "payers.payments", seed=1).measures["payers.payments"]
    system = taken.levels["system"]
    assert abs(system.variance - (70 * loading) ** 2) < 4 * 1.05 * system.se  # Student's t
