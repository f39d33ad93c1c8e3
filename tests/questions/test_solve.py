"""The number that brings a measure to a target: answers known in closed form, and no answer where there is none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import sibmodel
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.questions.crossings import Point, crossings
from sibmodel.report.solve_story import rounded
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
    words = " ".join(str(found).split())
    assert "No answer: between 0 and 4000" in words
    assert "nearest to £3.00m at 333.3333333, with £2.50m." in words
    higher = sibmodel.solve(w1(), "payers.payments", 9_000_000, JOB, (0, 1000), trials=4)
    assert "nearest to £9.00m at 1000, the upper bound, with £4.12m." in " ".join(str(higher).split())


def test_a_stretch_at_the_target() -> None:
    """Above £277.78 the cap of £2.5m binds, and payments are £2.5m whatever the price."""
    found = sibmodel.solve(w1(contract__cap=2_500_000), "payers.payments", 2_500_000, JOB, (0, 1000), trials=4)
    (one,) = found.crossings
    assert one.at == pytest.approx((2_500_000 - ENGAGED) / (450 * 5), rel=1e-4)
    assert one.at == pytest.approx((2_500_000 - ENGAGED) / (450 * 5), rel=1e-9)
    assert one.up_to == 1000
    assert "Anything from 277.7777778 to 1000: the measure does not move" in str(found)


def test_ends_of_stretches_are_round_where_halving_cannot_tell() -> None:
    """No cap of £2,775,000 or more binds, which is all that is paid."""
    found = sibmodel.solve(w1(), "payers.payments", ENGAGED + 900_000, "contract.cap", (0, 5e6), trials=4)
    assert [(one.at, one.up_to) for one in found.crossings] == [(2_775_000, 5_000_000)]
    (flat,) = crossings(lambda x: Point(x, abs(max(x, 1.0) - 1.0), None), flat_grid(-2.0, 0.1, 3.0), 0.0)
    assert flat.at == -2
    assert flat.up_to == pytest.approx(1, abs=1e-8)


def flat_grid(*numbers: float) -> tuple[Point, ...]:
    return tuple(Point(x, max(x, 1.0) - 1.0, None) for x in numbers)


def test_a_number_that_moves_nothing() -> None:
    found = sibmodel.solve(w1(), "payers.payments", 3_000_000, "discounting.investor", trials=4)
    assert not found.crossings
    words = " ".join(str(found).split())
    assert "discounting.investor at which payers.payments is £3.00m on average" in words
    assert "is £2.77m on average whatever this number is" in words
    base = " ".join(str(sibmodel.solve(w1(), "payers.payments.base", 3e6, "discounting.investor")).split())
    assert "payers.payments is £2.77m in the base case whatever this number is" in base


def test_a_chance_is_no_average_and_a_percentile_is_named() -> None:
    chance = sibmodel.solve(w1(), "investor.loss_probability", 0.0, JOB, trials=4)
    assert str(chance).split("\n")[1] == f"{JOB} at which investor.loss_probability is 0.0%"
    p5 = sibmodel.solve(uncertain(), "payers.payments.p5", 2_500_000, JOB, trials=100)
    assert "the 5th percentile of payers.payments is £2.50m" in " ".join(str(p5).split())


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


R3 = W1.with_name("r3.yaml")


@pytest.mark.parametrize("between", [None, (0.1, 0.9), (0.0, 0.7), (0.19, 0.21)])
def test_both_sides_of_a_jump_up(between: tuple[float, float] | None) -> None:
    """R3 pays £1,512,500 from 200 of 1,000 jobs on, of £1,000,000 spent: a fifth is enough."""
    found = sibmodel.solve(sibmodel.load(R3), "investor.profit.base", 0.0, "outcomes.job.share", between)
    (one,) = found.crossings
    assert (one.at, one.value, one.jumps_from) == (0.2, 512_500, -1_000_000)
    assert one.jumps_at == pytest.approx(0.2, rel=1e-8)
    assert one.jumps_at is not None
    assert one.jumps_at < 0.2
    words = " ".join(str(found).split())
    assert "0.2, where the measure jumps past the target: £512k at 0.2 and above, −£1.00m below." in words


def test_both_sides_of_a_jump_down() -> None:
    """There are 500 jobs in R3's base case, so that a threshold of 500 is met, and one above is not."""
    threshold = "contract.terms.job.when.at_least"
    found = sibmodel.solve(sibmodel.load(R3), "investor.profit.base", 0.0, threshold, (0, 1000))
    (one,) = found.crossings
    assert (one.at, one.value, one.jumps_from) == (500, 512_500, -1_000_000)
    assert one.jumps_at == pytest.approx(500, rel=1e-8)
    assert one.jumps_at is not None
    assert one.jumps_at > 500
    words = " ".join(str(found).split())
    assert "500, where the measure jumps past the target: £512k at 500 and below, −£1.00m above." in words


def test_a_jump_where_the_number_has_no_end() -> None:
    """At a third no decimal is the jump itself: the side of the one that is told is the right one."""
    for place in (1 / 3, 2 / 3, 1e5 / 3):

        def ask(x: float, place: float = place) -> Point:
            return Point(x, -1.0 if x < place else 2.0, None)

        (one,) = crossings(ask, (ask(0.0), ask(3 * place), ask(5 * place)), 0.0)
        assert one.value == ask(float(f"{one.at:.10g}")).value
        assert one.at == pytest.approx(place, rel=1e-8)
        assert one.jumps_at is not None
        assert (one.at < place) != (one.jumps_at < place)
        assert one.jumps_from == ask(one.jumps_at).value


def test_a_target_in_per_cent_is_asked_back() -> None:
    found = sibmodel.solve(w1(), "investor.irr", 5.0, JOB, trials=4)
    assert not found.crossings
    assert "The target is 500%. Did you mean 5%? Then write 5% or 0.05." in " ".join(str(found).split())
    assert "Did you mean" not in str(replace(found, in_per_cent=True))
    answered = sibmodel.solve(sibmodel.load(R3), "investor.irr.base", 2.0, "contract.terms.job.amount")
    assert answered.crossings[0].at == pytest.approx(9e6)  # (1 + 2)² million, two years later
    assert "The target is 200%. Did you mean 2%?" in " ".join(str(answered).split())
    assert "Did you mean" not in str(sibmodel.solve(w1(), "investor.profit", 5.0, JOB, trials=4))


def test_a_measure_without_a_value_near_the_target() -> None:
    """Brent's method cannot go on where there is nothing; two candidates with nothing between hold no crossing."""

    def ask(x: float) -> Point:
        return Point(x, x if abs(x - 0.5) > 0.2 else None, None)

    points = Point(0.0, 0.0, None), Point(1.0, 1.0, None)
    with pytest.raises(SibmodelError, match=r"between 0 and 1, but has no value at 0\.5"):
        list(crossings(ask, points, 0.5))
    assert not list(crossings(ask, (points[0], Point(0.5, None, None), points[1]), 0.5))


def test_a_target_passed_only_where_there_is_no_value() -> None:
    """At the one number tried between two on either side of the target the measure has no value."""
    numbers = (0.0, 2.0, 3.0)
    grid = tuple(Point(x, None if x == 2.0 else x, None) for x in numbers)
    found = sibmodel.solve(w1(), "payers.payments.base", 3e9, JOB, (0, 400))
    here = replace(found, grid=grid, target=1.5, crossings=(), unit="people", between=(0.0, 3.0))
    words = " ".join(str(here).split())
    assert (
        "It passes 1.50 only where it has no value: 1 of the 3 numbers that were tried have none, from 2 to 2." in words
    )


def test_a_field_of_whole_periods_has_the_nearest_of_them_as_its_answer() -> None:
    """W1 serves five years and has £125,000 to spare; of a sixth a part is paid for too late.

    Each of five years earns 450 × £400 after one year and 750 × £500 after two, of £500,000 of costs; £150,000 were
    spent at signing. A sixth year of service earns its £180,000 in year 7, and its £375,000 in year 8, after the end.
    """
    found = sibmodel.solve(w1(), "investor.profit", 0.0, "programme.service.to_month", (12, 84), trials=4)
    assert found.step == 12
    assert [point.at for point in found.grid] == [12, 24, 36, 48, 60, 72, 84]
    one, other = found.crossings
    assert (one.at, one.jumps_at) == (60, 72)
    assert one.value == pytest.approx(5 * (180_000 + 375_000 - 500_000) - 150_000)
    assert one.jumps_from == pytest.approx(6 * (180_000 - 500_000) + 5 * 375_000 - 150_000)
    # three years earn £15,000 more than they cost, two £40,000 less
    assert (other.at, other.value, other.jumps_at, other.jumps_from) == pytest.approx((36, 15_000, 24, -40_000))
    words = " ".join(str(found).split())
    assert (
        "60, where the measure is £125k; at 72, past the target, it is −£195k, and nothing is allowed between" in words
    )
    narrow = sibmodel.solve(w1(), "investor.profit", 125_000, "programme.service.to_month", (12, 84), trials=4)
    assert [(one.at, one.up_to) for one in narrow.crossings] == [(60, None)]


def test_whole_numbers_are_halved_to_neighbours() -> None:
    """From 0 to 1,000, of which 25 are tried: the measure is x − 333.4, so 333 is nearest, and 334 is past it."""

    def ask(x: float) -> Point:
        assert x == int(x)
        return Point(x, x - 333.4, None)

    grid = tuple(ask(float(round(x))) for x in (0, 250, 500, 750, 1000))
    (one,) = crossings(ask, grid, 0.0, 1)
    assert (one.at, one.jumps_at) == (333, 334)
    (flat,) = crossings(lambda x: Point(x, max(x, 300.0), None), grid_of(0, 250, 500), 300.0, 1)
    assert (flat.at, flat.up_to) == (0, 300)


def grid_of(*numbers: float) -> tuple[Point, ...]:
    return tuple(Point(float(x), max(float(x), 300.0), None) for x in numbers)


def thin() -> dict[str, Any]:
    """People who cost £100 come in half of the futures, and are paid for a year later at the price."""
    return {
        "title": "Few people",
        "timeline": {"signing": "2020-03-31", "period": "year", "periods": 3},
        "simulation": {"trials": 1000, "seed": 1},
        "programme": {
            "service": {"from_month": 0, "to_month": 12},
            "groups": {"all": {"referrals": {"choice": {0: 0.5, 100: 0.5}}, "engaged": 1}},
            "costs": {"per_person": 100},
        },
        "outcomes": {
            "done": {"type": "achievement", "share": 1, "lag_months": 12, "luck": {"counts": "expected"}},
        },
        "contract": {
            "payers": {"council": {}},
            "terms": {"done": {"rule": "price", "outcome": "done", "price": 150}},
        },
        "capital": {"tranches": {"fund": {"commitment": 50_000}}},
    }  # fmt: skip


def test_futures_without_a_value_are_counted_and_told() -> None:
    """Nobody comes in some futures, which have no rate of return; in the others it is price ÷ 100 − 1: 10 % at £110."""
    scenario = read(thin())
    paid = sibmodel.simulate(scenario)["investor.irr"]
    found = sibmodel.solve(scenario, "investor.irr", 0.1, "contract.terms.done.price", (50, 200))
    (one,) = found.crossings
    assert one.at == pytest.approx(110, rel=1e-6)
    assert 400 < paid.defined < 600
    assert one.without == 1000 - paid.defined == found.grid[3].without
    words = " ".join(str(found).split())
    assert f"10.0%, over {paid.defined} of 1,000 futures: in the others it has none" in words
    assert "futures without a value" in words
    assert "have no value" not in str(sibmodel.solve(w1(), "investor.profit", 0.0, JOB, trials=4))


def test_a_number_is_told_as_far_as_its_error_bears() -> None:
    assert rounded(80.800559, 0.3127) == "80.80 ± 0.31"
    assert rounded(275.9185338, 2.96) == "275.9 ± 3.0"
    assert rounded(1_234_567.0, 12_345.0) == "1,235,000 ± 12,000"
    assert rounded(-0.012345678, 0.00019) == "−0.01235 ± 0.00019"
    assert rounded(344.4444444, 1e-8) == "344.4444444"
    found = sibmodel.solve(uncertain(), "payers.payments", 2_500_000, JOB, trials=2000)
    (one,) = found.crossings
    words = " ".join(str(found).split())
    assert f"{rounded(one.at, one.se or 0.0)}, where the measure is £2.50m" in words
    assert f"To set it: --set {JOB}={one.at:.10g}" in words


def test_leaps_of_single_futures_are_not_hunted() -> None:
    """One future in a thousand leaps by 1 at 0.5: with an error of 0.01 the answer is near enough after a few looks."""
    looks = []

    def ask(x: float) -> Point:
        looks.append(x)
        return Point(x, x + (0.001 if x > 0.5 else 0.0), 0.01)

    points = Point(0.0, 0.0, 0.01), Point(1.0, 1.001, 0.01)
    (one,) = crossings(ask, points, 0.5005)
    assert one.at == pytest.approx(0.5, abs=0.001)
    assert one.se == pytest.approx(0.01, rel=0.01)
    assert len(looks) < 15


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
        ("investor.irr.p42", 0.0, JOB, None, "the percentiles of investor.irr are p5, p10, p50, p90, p95$"),
        ("investor.irrr.p42", 0.0, JOB, None, "no measure called 'investor.irrr'; did you mean 'investor.irr'"),
        ("investor.profit", 0.0, "timeline.signing", None, "^ADDRESS:1:1: timeline.signing: this is not a number"),
        ("investor.profit", 0.0, "outcomes.job", None, "^ADDRESS:1:1: outcomes.job: this is not a number"),
        ("investor.profit", 0.0, "outcomes.jobs.share", None, "^ADDRESS:1:1: .*did you mean 'job'"),
        ("investor.profit", 0.0, "contract.cap", None, "it is not given.; give --between LOW HIGH"),
        ("investor.profit", 0.0, "outcomes.job.share", (0.0, 2.0), "--between.*: 2 is out of range"),
    ],
)
def test_what_cannot_be_solved(
    measure: str, target: float, address: str, between: tuple[float, float] | None, said: str
) -> None:
    with pytest.raises((SibmodelError, ScenarioError), match=said):
        sibmodel.solve(w1(), measure, target, address, between, trials=4)
