"""Caps by person where counts are drawn: no trial hangs on others, and the mean is kept."""

import numpy as np
import pytest

import sibmodel
from sibmodel.running.simulation import simulate
from tests.random_numbers import Data
from tests.strategies import read


def bond(referrals: float, cap: float | None, price: object = 300) -> sibmodel.Scenario:
    """Two achievements a person, each of its own luck, three years by quarter."""
    luck = {"intraclass_correlation": 0}
    data: Data = {
        "title": "Small cohorts",
        "timeline": {"signing": "2025-01-01", "period": "quarter", "periods": 12},
        "programme": {"groups": {"all": {"referrals": referrals, "engaged": 1}}},
        "outcomes": {
            "one": {"type": "achievement", "share": 0.3, "luck": luck},
            "two": {"type": "achievement", "share": 0.2, "luck": luck},
        },
        "contract": {
            "payers": {"council": {}},
            "terms": {
                "one": {"rule": "price", "outcome": "one", "price": price},
                "two": {"rule": "price", "outcome": "two", "price": 400},
            },
        },
        "capital": {"tranches": {"fund": {"commitment": 1}}},
    }
    if cap is not None:
        data["contract"]["caps"] = {"person": cap}
    return read(data)


@pytest.mark.parametrize(("referrals", "price"), [(2, 300), (8, {"choice": {300: 1, 400: 1}}), (0.05, 300)])
def test_a_trial_is_the_same_beside_any_others(referrals: float, price: object) -> None:
    scenario = bond(referrals, 700, price)
    many = simulate(scenario, 4200, 1)
    for count in (2, 5, 300, 4097):
        few = simulate(scenario, count, 1)
        for name in few.values:
            np.testing.assert_array_equal(few.values[name], many.values[name][:count], err_msg=name)


@pytest.mark.parametrize("referrals", [0.05, 0.3, 5])
def test_the_mean_is_the_expected_payment(referrals: float) -> None:
    """The cap of £500 takes £200 from who has both, 0.3 · 0.2 of people: £170 − £12 = £158 for each; 13 quarters."""
    base = simulate(bond(referrals, 500), 20_000, 3)["payers.payments"]
    assert base.base == pytest.approx(12 * referrals * (0.3 * 300 + 0.2 * 400 - 0.06 * 200), rel=1e-9)
    assert base.mean is not None
    assert base.se is not None
    assert base.mean == pytest.approx(base.base, abs=4 * base.se)
