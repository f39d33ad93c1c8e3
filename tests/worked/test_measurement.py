"""What measurement noise does to a contract, against closed forms.

W3 and the cases M7 and M9: with standard error se of the measured effect d about its true value, a contract that pays
from a threshold t pays with probability Φ((d − t)/se); a line of slope b from t, capped at C, pays
b (G(t) − G(t + C/b)) on average, with G(x) = (d − x) Φ((d − x)/se) + se φ((d − x)/se).
"""

from statistics import NormalDist
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.running.gathering import FAN_TRIALS

TRIALS = 40_000
PHI = NormalDist()

FILE = """
title: One report of one effect
timeline: {{signing: 2020-03-31, period: year, periods: 2}}
programme:
  service: {{from_month: 0, to_month: 12}}
  groups: {{all: {{referrals: {people}, engaged: 1}}}}
outcomes:
  effect:
    type: effect
    change: {effect}
    counterfactual: {{method: {method}}}
    measurement: {{first_month: 12, every_months: 12, person_sd: {sd}}}
contract:
  payers: {{city: {{}}}}
  terms:
    line: {{rule: linear, outcome: effect, points: {points}}}
capital:
  tranches: {{fund: {{commitment: 1000}}}}
"""


def run(**numbers: Any) -> sibmodel.Result:
    """Simulate the one-report bond with these numbers."""
    return sibmodel.simulate(sibmodel.loads(FILE.format(**numbers)), trials=TRIALS, seed=11)


def test_w3_a_true_saving_is_measured_below_zero_in_twenty_three_of_a_hundred_futures() -> None:
    result = run(people=3000, effect=77.57, method="comparison", sd=4000, points=[[0, 0], [1, 1]])
    measured = result.values["outcome.effect.verified"]
    se = 4000 * np.sqrt(1 / 3000 + 1 / 3000)
    assert se == pytest.approx(103.28, abs=0.005)
    assert result["outcome.effect.verified"].base == pytest.approx(77.57)
    assert measured.mean() == pytest.approx(77.57, abs=4 * se / np.sqrt(TRIALS))
    assert measured.std(ddof=1) == pytest.approx(se, rel=4 / np.sqrt(2 * TRIALS))
    below = PHI.cdf(-77.57 / se)
    assert below == pytest.approx(0.2263, abs=5e-5)
    assert (measured < 0).mean() == pytest.approx(below, abs=4 * np.sqrt(below * (1 - below) / TRIALS))


def test_without_a_comparison_group_only_those_measured_add_noise() -> None:
    result = run(people=3000, effect=77.57, method="none", sd=4000, points=[[0, 0], [1, 1]])
    se = 4000 / np.sqrt(3000)
    assert result.values["outcome.effect.verified"].std(ddof=1) == pytest.approx(se, rel=4 / np.sqrt(2 * TRIALS))


@pytest.mark.parametrize("effect", [0.0, 0.05])
def test_a_capped_line_pays_on_average_what_the_closed_form_says(effect: float) -> None:
    # £40m per 1.00 from 0.05, at most £5m, standard error 0.04: £80,936.96 for no effect, £637,917.16 for 0.05
    slope, threshold, cap, se = 40e6, 0.05, 5e6, 0.04
    top = threshold + cap / slope

    def part(x: float) -> float:
        z = (effect - x) / se
        return (effect - x) * PHI.cdf(z) + se * PHI.pdf(z)

    expected = slope * (part(threshold) - part(top))
    assert expected == pytest.approx({0.0: 80_936.96, 0.05: 637_917.16}[effect], abs=0.005)
    result = run(people=10_000, effect=effect, method="none", sd=4, points=[[threshold, 0], [top, cap]])
    paid = result["payers.payments"]
    assert paid.base == pytest.approx(0.0, abs=1e-6)  # the point estimate misses it
    assert paid.se is not None
    assert paid.mean == pytest.approx(expected, abs=4 * paid.se)
    if effect == 0:  # an effect of zero is what "the programme changes nothing" means
        nothing = result.if_nothing["payers.payments"]  # of the first trials
        assert nothing.defined == FAN_TRIALS
        assert nothing.mean == pytest.approx(result.values["payers.payments"][:FAN_TRIALS].mean(), rel=1e-12)


def test_a_threshold_pays_for_nothing_as_often_as_the_closed_form_says() -> None:
    # pays from 0.075 with standard error 0.04: 0.030396 without any effect
    result = run(people=10_000, effect=0.1, method="none", sd=4, points=[[0.075, 0], [0.0750001, 1]])
    assert PHI.cdf(-0.075 / 0.04) == pytest.approx(0.030396, abs=5e-7)
    nothing = result.if_nothing["payers.payments"]
    assert nothing.mean == pytest.approx(0.030396, abs=4 * np.sqrt(0.030396 * 0.969604 / nothing.defined))
    worked = PHI.cdf((0.1 - 0.075) / 0.04)
    assert worked == pytest.approx(0.734014, abs=5e-7)
    assert result["payers.payments"].mean == pytest.approx(worked, abs=4 * np.sqrt(worked * (1 - worked) / TRIALS))
