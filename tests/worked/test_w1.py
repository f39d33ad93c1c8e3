"""W1: two prices, five years, one investor. The arithmetic stands in scenarios/worked/w1.yaml.

Expected figures are in thousands of pounds, computed by hand (net flows) and to the last printed digit (rates).
"""

from pathlib import Path
from typing import Any

import pytest

import sibmodel

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"

Case = tuple[dict[str, float], list[float], dict[str, Any]]

CASES: dict[str, Case] = {
    "base": (
        {},
        [-150, -500, -320, 55, 55, 55, 555, 375],
        {"peak": 970, "multiple": 1.128866, "irr": 2.526356, "npv": -41.7310, "payback": 7.0},
    ),
    # payments 180, 555, 555, 555, 555 in years 2 to 6 make 2,400: 100 of the last 375 is left under the cap
    "contract cap of 2,500": (
        {"contract.cap": 2_500_000},
        [-150, -500, -320, 55, 55, 55, 555, 100],
        {"peak": 970, "multiple": 0.845361, "irr": -3.621911, "npv": -257.8786, "payback": None},
    ),
    # 162, then 499.5 a year: half a thousand short of the service's 500 each year
    "90 % of every payment": (
        {"contract.terms.job.price": 360, "contract.terms.engagement.price": 450},
        [-150, -500, -338, -0.5, -0.5, -0.5, 499.5, 337.5],
        {"peak": 989.5, "multiple": 0.845882, "irr": -3.164512, "npv": -278.3106, "payback": None},
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_w1_in_the_base_case_and_in_the_simulation(case: str) -> None:
    values, net, expected = CASES[case]
    scenario = sibmodel.load(W1, values)
    assert sibmodel.cashflows(scenario, "investor")["net"].tolist() == pytest.approx([1000 * x for x in net], abs=1e-6)
    result = sibmodel.simulate(scenario, trials=10)

    def both(name: str) -> list[float | None]:
        return [result[name].base, result[name].mean]

    assert both("investor.peak_funding") == pytest.approx([1000 * expected["peak"]] * 2, abs=1e-6)
    assert both("investor.multiple") == pytest.approx([expected["multiple"]] * 2, abs=5e-7)
    assert both("investor.irr") == pytest.approx([expected["irr"] / 100] * 2, abs=5e-9)
    assert both("investor.irr_of_mean_flow") == pytest.approx([expected["irr"] / 100] * 2, abs=5e-9)
    assert both("investor.npv") == pytest.approx([1000 * expected["npv"]] * 2, abs=0.05)
    assert both("investor.payback_period") == [expected["payback"]] * 2
    assert both("investor.peak_funding_period") == [5.0 if case == "90 % of every payment" else 2.0] * 2
    lost = expected["multiple"] < 1
    assert both("investor.loss_probability") == [float(lost)] * 2
    assert result["investor.irr"].status == {"unique": 10, "multiple": 0, "total_loss": 0, "none": 0}


def test_the_share_of_payments_at_which_the_investor_is_just_whole() -> None:
    share = 0.95495495495495  # 2,650 of costs over 2,775 of payments
    prices = {"contract.terms.job.price": 400 * share, "contract.terms.engagement.price": 500 * share}
    assert share == pytest.approx(2650 / 2775)
    result = sibmodel.simulate(sibmodel.load(W1, prices), trials=2)
    assert result["investor.irr"].base == pytest.approx(0.0, abs=1e-12)
    assert result["investor.multiple"].base == pytest.approx(1.0, abs=1e-12)


def test_what_the_cap_takes_is_said() -> None:
    result = sibmodel.simulate(sibmodel.load(W1, {"contract.cap": 2_500_000}), trials=2)
    use = result.caps["contract.cap"]
    assert (use.limit, use.base_forgone, use.mean_forgone, use.bound_share) == pytest.approx((2.5e6, 275e3, 275e3, 1.0))


def test_a_programme_that_does_nothing_is_paid_nothing() -> None:
    result = sibmodel.simulate(sibmodel.load(W1), trials=2)
    assert result.if_nothing["payers.payments"].base == 0
    assert result.if_nothing["investor.expected_loss"].base == 1_000_000  # the whole commitment


def test_w1_with_luck_has_the_variance_of_five_cohorts() -> None:
    """750 people a year, p = 0.6, ρ = 0.01: 750 · 0.24 · (1 + 749 · 0.01) = 1,528.2 a year; five years, £400 a job."""
    scenario = sibmodel.load(W1, {"outcomes.job.luck.counts": "drawn", "outcomes.engagement.luck.counts": "drawn"})
    result = sibmodel.simulate(scenario, trials=20_000)
    payments = result["payers.payments"]
    assert payments.base == pytest.approx(2_775_000)
    variance = 400**2 * 5 * 1528.2
    assert payments.mean is not None
    assert abs(payments.mean - 2_775_000) < 4 * (variance / 20_000) ** 0.5
    assert float(result.values["payers.payments"].var()) == pytest.approx(variance, rel=4 * (2 / 20_000) ** 0.5)
    assert set(result.values["outcome.engagement.verified"]) == {3750.0}  # a share of 1 leaves nothing to luck
    profit = result["investor.profit"]
    assert profit.mean is not None
    covered = result["vehicle.funding_gap"].mean or 0.0  # by the provider, who does not get it back
    assert profit.mean == pytest.approx(payments.mean - 2_650_000 + covered, abs=0.01)
