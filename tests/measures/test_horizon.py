"""What the timeline cuts off is said, and the real bond cuts off nothing."""

from pathlib import Path

import pytest

import sibmodel

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_ways_to_wellness_ends_after_everything_is_paid() -> None:
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "ways_to_wellness.yaml"), trials=2)
    assert result.after_the_end == {}
    assert result.as_dict()["after_the_end"] == {}


def test_payments_due_after_the_end_are_told() -> None:
    # W1 cut after five years: 180 of jobs and 2 x 375 of engagement (£ thousand) fall due in years 6 and 7
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", {"timeline.periods": 5}), trials=2)
    assert result.after_the_end == {"payments": pytest.approx(180_000 + 2 * 375_000)}


def test_people_still_served_at_the_end_are_told() -> None:
    values = {
        "programme.groups.everyone.stay_months": 24,
        "programme.link_workers": {"caseload": 50, "cost_per_year": 30_000},
        "timeline.periods": 5,
        "contract.terms.job.lag_months": 0,
        "contract.terms.engagement.lag_months": 0,
    }
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", values), trials=2)
    # 750 started in each of the last two years and stay for two
    assert result.after_the_end == {"people_on_programme": pytest.approx(1500)}
