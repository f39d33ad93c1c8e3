"""What the timeline cuts off is said, and the real bond cuts off nothing."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import numpy_financial
import pytest

import sibmodel
from sibmodel.measures.horizon import after_the_end
from sibmodel.measures.savings_beyond import saved_later
from tests.strategies import as_yaml

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_ways_to_wellness_ends_after_everything_is_paid() -> None:
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "ways_to_wellness.yaml"), trials=2)
    assert result.after_the_end.keys() == {"savings"}
    assert result.as_dict()["after_the_end"] == result.after_the_end


def test_savings_after_the_end_are_told() -> None:
    """Everybody who starts saves £277.28 a year for 52 months, some of it after the nine years of the timeline."""
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "ways_to_wellness.yaml"), trials=2)
    later = saved_later(result.base)
    assert later is not None
    people = sum(float(started.sum()) for started in result.base.service.activity.started.values())
    change = 277.28  # (2.84 + 395 + 434) / 3
    assert later.pounds / later.share == pytest.approx(people * 52 / 12 * change, rel=1e-5)
    assert result.after_the_end["savings"] == later.pounds
    longer = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml", {"timeline.periods": 70})
    all_of_it = sibmodel.simulate(longer, trials=2)
    assert all_of_it.after_the_end == {}
    assert all_of_it["public.savings_per_pound"].base == pytest.approx(later.savings_per_pound)
    assert "after the timeline ends on 2024-03-31" in " ".join(str(result).split())
    assert "after the timeline ends" not in str(all_of_it)


def test_a_tenth_of_the_claim_of_five_pounds_comes_later() -> None:
    """£5 × spend × (0.3, 0.25, 0.2, 0.15, 0.1) over five years, discounted at 3.5 %: 4.6525, and 4.2411 to the end."""
    found = sibmodel.appraise(sibmodel.load(SCENARIOS / "london" / "pan_london_claim.yaml"), trials=2)
    later = saved_later(found.result.base)
    assert later is not None
    real = found.result.base.real(found.result.base.service.costs.spend)[:, 0]
    profile = [0.0, *(part / 4 for part in (0.3, 0.25, 0.2, 0.15, 0.1) for _ in range(4))]
    saved = 5 * np.convolve(real, profile)
    factors = 1.035 ** (-np.arange(saved.size) / 4)
    spent = float((real * factors[:33]).sum())
    assert (later.pounds, later.share) == pytest.approx((saved[33:].sum(), saved[33:].sum() / saved.sum()))
    assert later.savings_per_pound == pytest.approx((saved * factors).sum() / spent)
    assert found.result["public.savings_per_pound"].base == pytest.approx((saved * factors)[:33].sum() / spent)
    assert "£4.65 instead of £4.24" in " ".join(str(found).split())


def test_payments_due_after_the_end_are_told() -> None:
    # W1 cut after five years: 180 of jobs and 2 x 375 of engagement (£ thousand) fall due in years 6 and 7
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", {"timeline.periods": 5}), trials=2)
    assert result.after_the_end == {"payments": pytest.approx(180_000 + 2 * 375_000)}


BOND: dict[str, Any] = {
    "title": "A hundred people a year, each worth £1,000 a year later",
    "timeline": {"signing": "2026-03-31", "period": "year", "periods": 3},
    "programme": {
        "service": {"to_month": 24},
        "groups": {"all": {"referrals": 100, "engaged": 1}},
        "costs": {"set_up": 60_000},
    },
    "outcomes": {"job": {"type": "quantity", "per_person": 1}},
    "contract": {
        "payers": {"council": {}},
        "terms": {"job": {"rule": "price", "outcome": "job", "price": 1000, "lag_months": 12}},
    },
    "savings": {
        "agencies": {"c": {"payer": "council"}},
        "items": {"s": {"kind": "fiscal", "outcome": "job", "agency": "c", "value": 1000, "cashable": 1}},
    },
    "capital": {"tranches": {"loan": {"commitment": 60_000}}},
}


def bond(periods: int, **contract: Any) -> sibmodel.Scenario:
    data = copy.deepcopy(BOND)
    data["timeline"]["periods"] = periods
    data["contract"] |= contract
    return sibmodel.loads(as_yaml(data))


@pytest.mark.parametrize(
    ("periods", "contract", "pounds"),
    [
        (2, {}, 100_000),  # £100,000 fall due in years 2 and 3
        (2, {"cap": 100_000}, 0),  # used up in year 2
        (2, {"cap": 130_000}, 30_000),
        (2, {"payers": {"council": {}, "fund": {"tops_up": {"payers": ["council"], "share": 0.4}}}}, 140_000),
        # 60 of 100 wait for year 3, which pays 60 of these 160 (£ thousand); what is left then is forgone
        (2, {"payers": {"council": {"caps": {"period": {"limit": 60_000, "carry": "next_period"}}}}}, 60_000),
        (2, {"floor": 230_000}, 130_000),
        # year 3's money comes in year 4; of the tenth that is disputed a half comes a year later
        (3, {"payers": {"council": {"late_months": 12}}}, 100_000),
        (3, {"payers": {"council": {"disputes": {"share": 0.1, "months": 12, "lost": 0.5}}}}, 5000),
    ],
)
def test_what_comes_after_the_end_is_what_the_contract_pays_then(
    periods: int, contract: dict[str, Any], pounds: float
) -> None:
    scenario = bond(periods, **contract)
    expected = {"payments": pytest.approx(pounds)} if pounds else {}
    assert after_the_end(sibmodel.base_case(scenario)) == expected


def test_every_answer_says_what_the_timeline_cuts_off() -> None:
    scenario = bond(2)
    answers: list[Any] = [
        sibmodel.simulate(scenario, trials=16),
        sibmodel.appraise(scenario, trials=16),
        sibmodel.ledgers(scenario),
        sibmodel.risk(scenario, trials=64),
        sibmodel.routes(scenario, trials=16),
    ]
    for answer in answers:
        assert "£100k of payments come after 2028-03-31" in " ".join(str(answer).split())
        assert answer.as_dict()["after_the_end"] == {"payments": pytest.approx(100_000)}
    assert "£100k of payments come after 2028-03-31" in " ".join(
        str(sibmodel.explain(scenario, "investor.irr")).split()
    )
    compared = sibmodel.compare(scenario, bond(3), trials=16)
    assert "£100k of payments come after 2028-03-31" in " ".join(str(compared).split())
    ends = [one["after_the_end"] for one in compared.as_dict()["scenarios"]]
    assert ends == [{"payments": pytest.approx(100_000)}, {}]
    assert "come after" not in str(sibmodel.explain(bond(3), "investor.irr"))


def test_people_who_stay_after_the_end_are_told() -> None:
    values = {
        "programme.groups.everyone.stay_months": 24,
        "programme.link_workers": {"caseload": 50, "cost_per_year": 30_000},
        "timeline.periods": 5,
        "contract.terms.job.lag_months": 0,
        "contract.terms.engagement.lag_months": 0,
    }
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", values), trials=2)
    # 750 started in each of the last two years and stay for two: those of the last year stay for one more
    assert result.after_the_end == {"people_on_programme": pytest.approx(750)}


def test_outcomes_that_come_too_late_are_told() -> None:
    # 750 start in each of five years; a job that takes two years is too late for those of the last two
    values = {"outcomes.job.lag_months": 24, "timeline.periods": 5, "contract.terms.job.lag_months": 0}
    values |= {"contract.terms.engagement.lag_months": 0}
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "worked" / "w1.yaml", values), trials=2)
    assert result.after_the_end == {"outcome.job": pytest.approx(1500)}
    assert "Of 1,500 people In work would be seen only after the last period" in " ".join(str(result).split())


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
