"""What the timeline cuts off is said, and the real bond cuts off nothing."""

from pathlib import Path

import numpy_financial
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


def test_outcomes_that_come_too_late_are_told() -> None:
    # 750 start in each of five years; a job that takes two years is too late for those of the last two
    values = {"outcomes.job.lag_months": 24, "timeline.periods": 5, "contract.terms.job.lag_months": 0}
    values |= {"contract.terms.engagement.lag_months": 0}
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", values), trials=2)
    assert result.after_the_end == {"outcome.job": pytest.approx(1500)}
    assert "For 1,500 people In work comes after the last period" in " ".join(str(result).split())


def test_present_value_is_that_of_the_library() -> None:
    scenario = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml")
    net = sibmodel.cashflows(scenario, "bridges")["net"]
    expected = numpy_financial.npv(1.05**0.25 - 1, net)
    assert sibmodel.simulate(scenario, trials=2)["investor.npv"].base == pytest.approx(expected, abs=0.001)


def test_a_set_unit_leaves_the_number_its_source() -> None:
    address = "programme.groups.long_term_conditions.engaged"
    scenario = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml", {f"{address}.unit": "share"})
    engaged = scenario.programme.groups["long_term_conditions"].engaged
    assert engaged is not None
    assert (engaged.unit, engaged.source, engaged.grade) == ("share", "S15", 3)
