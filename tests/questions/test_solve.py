"""The number that brings a measure to a target: answers known in closed form, and no answer where there is none."""

import math
from pathlib import Path
from typing import Any

import pytest

import sibmodel
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.questions.solve import Point, _crossings
from tests.strategies import read

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"
JOB, ENGAGEMENT = "contract.terms.job.price", "contract.terms.engagement.price"
COSTS, ENGAGED = 2_650_000, 750 * 500 * 5
"""W1: 150,000 + 5 × 500,000 of costs; 750 people a year are paid £500 for, for five years, and 450 the other price."""


def w1(**values: Any) -> sibmodel.Scenario:
    return sibmodel.load(W1, {name.replace("__", "."): value for name, value in values.items()})


def test_break_even_of_a_certain_bond() -> None:
    """450 × 5 people at the price and £1,875,000 come to £2,650,000 at 344.444…, to less than a penny."""
    found = sibmodel.solve(w1(), "investor.profit", 0.0, JOB, trials=4)
    (one,) = found.crossings
    assert one.at == pytest.approx((COSTS - ENGAGED) / (450 * 5), rel=1e-10)
    assert one.value == pytest.approx(0, abs=0.01)
    assert "344.4444444" in str(found)
    printed = sibmodel.change(w1(), {JOB: 344.4444444})
    assert abs(sibmodel.simulate(printed, trials=2)["investor.profit"].mean or 9) < 0.01


def test_nearly_all_of_the_payments_are_enough() -> None:
    """Both prices at 95.495 % make W1 whole: the one, given the other there, is found at 95.495 % too."""
    share = COSTS / (ENGAGED + 450 * 400 * 5)
    assert share == pytest.approx(0.95495, abs=5e-6)
    scenario = sibmodel.load(W1, {ENGAGEMENT: 500 * share})
    (one,) = sibmodel.solve(scenario, "investor.profit.base", 0.0, JOB).crossings
    assert one.at == pytest.approx(400 * share, rel=1e-10)
    assert one.se is None


def test_the_bound_at_which_no_answer_is_nearest() -> None:
    found = sibmodel.solve(w1(contract__cap=2_500_000), "payers.payments", 3_000_000, JOB, trials=4)
    assert not found.crossings
    assert found.between == (0, 4000)  # ten times £400, as three times holds no answer
    assert found.reach is not None
    assert found.reach[0] == pytest.approx(ENGAGED)
    assert found.reach[1] == pytest.approx(2_500_000)
    assert found.nearest is not None
    assert found.nearest.at == pytest.approx(4000 / 12)  # the first candidate at which the cap binds
    assert "No answer" in str(found)


def test_a_stretch_at_the_target() -> None:
    """Above £277.78 the cap of £2.5m binds, and payments are £2.5m whatever the price."""
    found = sibmodel.solve(w1(contract__cap=2_500_000), "payers.payments", 2_500_000, JOB, (0, 1000), trials=4)
    (one,) = found.crossings
    assert one.at == pytest.approx((2_500_000 - ENGAGED) / (450 * 5), rel=1e-4)
    assert one.up_to == 1000
    assert "does not move" in str(found)


def test_a_number_that_moves_nothing() -> None:
    found = sibmodel.solve(w1(), "payers.payments", 3_000_000, "discounting.investor", trials=4)
    assert not found.crossings
    assert "is £2.77m whatever this number is" in " ".join(str(found).split())


def uncertain() -> sibmodel.Scenario:
    return sibmodel.load(W1, {"outcomes.job.share": {"normal": [0.6, 0.05]}})


def test_the_error_of_an_answer_is_the_measures_over_its_slope() -> None:
    """Payments are 3,750 p × share: the mean moves by 3,750 × mean share for a pound, and its error is 3,750 p s/√n."""
    found = sibmodel.solve(uncertain(), "payers.payments", 2_500_000, JOB, trials=2000)
    (one,) = found.crossings
    result = sibmodel.simulate(sibmodel.change(uncertain(), {JOB: one.at}), trials=2000)
    assert result["payers.payments"].mean == pytest.approx(2_500_000, abs=0.01)
    assert one.value_se == pytest.approx(result["payers.payments"].se)
    assert one.se == pytest.approx((one.value_se or 0) / (625_000 / one.at), rel=1e-6)
    p5 = sibmodel.solve(uncertain(), "payers.payments.p5", 2_500_000, JOB, trials=2000).crossings[0]
    assert p5.at > one.at
    assert p5.value == pytest.approx(2_500_000, abs=0.01)


def test_a_jump_past_the_target() -> None:
    """A trigger at half the people pays £1m or nothing, and never £400,000."""
    data = {
        "title": "Trigger",
        "timeline": {"signing": "2020-03-31", "period": "year", "periods": 3},
        "programme": {"groups": {"all": {"referrals": 100, "engaged": 1}}, "costs": {"fixed_per_year": 1000}},
        "outcomes": {
            "job": {
                "type": "effect",
                "change": 0.4,
                "measurement": {"first_month": 12, "every_months": 12, "person_sd": 1},
            }
        },
        "contract": {
            "payers": {"council": {}},
            "terms": {
                "job": {
                    "rule": "trigger",
                    "when": {"outcome": "job", "at_least": 0.5},
                    "amount": 1_000_000,
                    "pays": "once",
                }
            },
        },
        "capital": {"tranches": {"fund": {"commitment": 10_000}}},
    }
    found = sibmodel.solve(read(data), "payers.payments.base", 400_000, "outcomes.job.change", (0, 0.93))
    (one,) = found.crossings
    assert one.at == pytest.approx(0.5)
    assert one.jumps_from is not None
    assert "jumps" in str(found)


def test_a_target_in_per_cent_is_asked_back() -> None:
    found = sibmodel.solve(w1(), "investor.irr", 5.0, JOB, trials=4)
    assert not found.crossings
    assert "Did you mean 5%?" in str(found)


def test_a_measure_without_a_value_near_the_target() -> None:
    """Brent's method cannot go on where there is nothing; two candidates with nothing between hold no crossing."""

    def ask(x: float) -> tuple[float, float | None]:
        return (x if abs(x - 0.5) > 0.2 else math.nan), None

    points = Point(0.0, 0.0, None), Point(1.0, 1.0, None)
    with pytest.raises(SibmodelError, match=r"between 0 and 1, but has no value at 0\.5"):
        list(_crossings(ask, points, 0.5))
    assert not list(_crossings(ask, (points[0], Point(0.5, None, None), points[1]), 0.5))


def test_workers_change_nothing() -> None:
    one, two = (
        sibmodel.solve(uncertain(), "payers.payments", 2_500_000, JOB, trials=100, workers=n).as_dict() for n in (1, 2)
    )
    assert one == two


@pytest.mark.parametrize(
    ("measure", "target", "address", "between", "said"),
    [
        ("investor.profits", 0.0, JOB, None, "did you mean 'investor.profit'"),
        ("investor.profit", 0.0, "contract.terms.job.prize", None, "did you mean 'price'"),
        ("investor.profit", 0.0, JOB, (5.0, 2.0), "lower bound first"),
        ("investor.profit", float("nan"), JOB, None, "no target"),
        ("investor.profit", 0.0, "programme.costs.per_person", None, "between LOW HIGH"),
        ("investor.irr_of_mean_flow", 0.0, JOB, None, "take investor.irr"),
        ("investor.profit", 0.0, "outcomes.job.share", (0.0, 2.0), "--between.*: 2 is out of range"),
    ],
)
def test_what_cannot_be_solved(
    measure: str, target: float, address: str, between: tuple[float, float] | None, said: str
) -> None:
    with pytest.raises((SibmodelError, ScenarioError), match=said):
        sibmodel.solve(w1(), measure, target, address, between, trials=4)
