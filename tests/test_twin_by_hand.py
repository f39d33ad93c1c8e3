"""The twin against arithmetic done by hand, so that it may be trusted as a check on the engine."""

import datetime
import math
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.twin import internal_rate_of_return, twin
from tests.twin_basics import central_value

W1 = Path(__file__).parent.parent / "scenarios" / "worked" / "w1.yaml"


def near(expected: Any) -> Any:
    """Equal to twelve digits or to a millionth of a millionth."""
    return pytest.approx(expected, rel=1e-12, abs=1e-9)


def worked_bond() -> dict[str, Any]:
    """W1 as the file has it."""
    data: dict[str, Any] = YAML(typ="safe", pure=True).load(W1)
    return data


def small_bond(period: str, periods: int, **chapters: Any) -> dict[str, Any]:
    """A bond in which 100 people start in period 1 and nothing costs anything, but for the chapters given."""
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[period]
    data: dict[str, Any] = {
        "title": "By hand",
        "timeline": {"signing": datetime.date(2020, 3, 31), "period": period, "periods": periods},
        "programme": {"service": {"to_month": months}, "groups": {"all": {"referrals": 100, "engaged": 1}}},
        "outcomes": {"start": {"type": "achievement", "share": 1}},
        "contract": {
            "payers": {"council": {}},
            "terms": {"start": {"rule": "price", "outcome": "start", "price": 0}},
        },
        "capital": {"tranches": {"only": {"commitment": 0}}},
    }
    return {**data, **chapters}


# --- W1 --------------------------------------------------------------------------------------------


def test_w1() -> None:
    """450 × £400 = 180,000 a year later, 750 × £500 = 375,000 two years later; the rest is in the file."""
    books = twin(worked_bond())
    assert books.flows["council>vehicle:job"] == near([0, 0, *[180_000] * 5, 0])
    assert books.flows["council>vehicle:engagement"] == near([0, 0, 0, *[375_000] * 5])
    assert books.flows["vehicle>provider:set_up"] == near([150_000, *[0] * 7])
    assert books.flows["vehicle>provider:fixed"] == near([0, *[500_000] * 5, 0, 0])
    assert books.flows["investor>vehicle:drawdown"] == near([150_000, 500_000, 320_000, *[0] * 5])
    # 55 + 55 + 55 + 555 repay 720 of 970; of the last 375 another 250 is principal, 125 surplus
    assert books.flows["vehicle>investor:principal"] == near([0, 0, 0, 55_000, 55_000, 55_000, 555_000, 250_000])
    assert books.flows["vehicle>investor:surplus"] == near([*[0] * 7, 125_000])
    measures = books.measures
    assert measures["investor.peak_funding"] == near(970_000)
    assert measures["investor.peak_funding_period"] == 2.0
    assert measures["investor.multiple"] == pytest.approx(1.128866, abs=5e-7)
    assert measures["investor.multiple"] == near(1095 / 970)
    assert measures["investor.irr"] == pytest.approx(0.02526356, abs=5e-9)
    assert books.irr_status == {"investor.irr": "unique", "tranche.investor.irr": "unique"}
    assert measures["investor.npv"] == pytest.approx(-41_731.0, abs=0.05)
    assert measures["investor.payback_period"] == 7.0
    assert measures["investor.loss_probability"] == 0.0
    assert measures["investor.expected_loss"] == 0.0
    assert measures["payers.payments"] == near(2_775_000)
    assert measures["commissioner.payments"] == near(2_775_000)
    assert measures["vehicle.closing_cash"] == near(0)
    assert measures["vehicle.funding_gap"] == 0.0
    assert measures["outcome.job.verified"] == near(2250)
    assert books.forgone == {}


def test_w1_with_a_contract_cap() -> None:
    """Payments reach 2,400 in year 6 (180 × 5 + 375 × 4), so 100 of the last 375 is left and 275 forgone."""
    data = worked_bond()
    data["contract"]["cap"] = 2_500_000
    books = twin(data)
    assert books.flows["council>vehicle:engagement"][7] == near(100_000)
    assert books.forgone == {"contract.cap": near(275_000)}
    assert books.measures["investor.peak_funding"] == near(970_000)
    assert books.measures["investor.multiple"] == pytest.approx(0.845361, abs=5e-7)
    assert books.measures["investor.irr"] == pytest.approx(-0.03621911, abs=5e-9)
    assert books.measures["investor.npv"] == pytest.approx(-257_878.6, abs=0.05)
    assert books.measures["investor.payback_period"] is None
    assert books.measures["investor.loss_probability"] == 1.0
    assert books.measures["investor.expected_loss"] == near(150_000)  # 970 − (55 + 55 + 55 + 555 + 100)


def test_w1_at_nine_tenths_of_every_payment() -> None:
    """162 and 337.5 a year: need 150 + 500 + 338 = 988 and 0.5 more in year 3, so 989.5 by year 5."""
    data = worked_bond()
    data["contract"]["terms"]["job"]["price"] = 360
    data["contract"]["terms"]["engagement"]["price"] = 450
    measures = twin(data).measures
    assert measures["investor.peak_funding"] == near(989_500)
    assert measures["investor.peak_funding_period"] == 5.0
    assert measures["investor.multiple"] == pytest.approx(0.845882, abs=5e-7)
    assert measures["investor.irr"] == pytest.approx(-0.03164512, abs=5e-9)
    assert measures["investor.npv"] == pytest.approx(-278_310.6, abs=0.05)
    assert measures["investor.payback_period"] is None


# --- Numbers ---------------------------------------------------------------------------------------


def test_central_values() -> None:
    """The means of the table in Section 2."""
    assert central_value({"triangular": [0, 3, 9]}) == near(4)
    assert central_value({"pert": [0, 3, 9]}) == near(3.5)
    assert central_value({"uniform": [1, 2]}) == near(1.5)
    assert central_value({"normal": [77.57, 38.13]}) == near(77.57)
    assert central_value({"lognormal": [4000, 0.3]}) == near(4000 * math.exp(0.045))
    assert central_value({"between": [-10, 30]}) == near(10)
    # ln 2000 … ln 8000 is 2 × 1.6448536 standard deviations wide about ln 4000
    log_sd = math.log(4) / (2 * 1.6448536269514722)
    assert central_value({"between": [2000, 8000]}) == near(4000 * math.exp(log_sd**2 / 2))
    # at confidence 0.5 the quantile is 0.6744898
    log_sd = math.log(4) / (2 * 0.6744897501960817)
    assert central_value({"between": [2000, 8000], "confidence": 0.5}) == near(4000 * math.exp(log_sd**2 / 2))


def test_inputs_by_address_and_by_period() -> None:
    """Fixed, annotated, listed and uncertain numbers; the last item holds on."""
    data = small_bond("year", 4)
    data["programme"] = {
        "groups": {
            "a": {"referrals": [100, {"uniform": [100, 200]}, {"value": {"uniform": [0, 10]}, "central": 7}]},
            "b": {"referrals": {"value": [{"uniform": [1, 3]}, 20], "unit": "people"}},
        }
    }
    data["programme"]["groups"]["a"]["engaged"] = {"value": {"triangular": [0.2, 0.5, 0.8]}, "grade": 3}
    data["programme"]["groups"]["b"]["engaged"] = 1
    base = twin(data)
    assert base.referred["a"] == near([0, 100, 150, 7, 7])
    assert base.referred["b"] == near([0, 2, 20, 20, 20])
    assert base.started["a"] == near([0, 50, 75, 3.5, 3.5])
    trial = twin(
        data,
        inputs={
            "programme.groups.a.referrals.2": 3,
            "programme.groups.b.referrals.0": 1.5,
            "programme.groups.a.engaged": 0.6,
        },
    )
    assert trial.referred["a"] == near([0, 100, 150, 3, 3])
    assert trial.referred["b"] == near([0, 1.5, 20, 20, 20])
    assert trial.started["a"] == near([0, 60, 90, 1.8, 1.8])


# --- Programme -------------------------------------------------------------------------------------


def test_programme_by_quarter() -> None:
    """Ramp, stay, link workers, margin and indexation, in service in quarters 2 to 6."""
    data = small_bond("quarter", 8)
    data["programme"] = {
        "service": {"from_month": 3, "to_month": 18},
        "groups": {"g": {"referrals": 80, "ramp": [0.25, 0.5], "engaged": 0.5, "stay_months": 4.5}},
        "link_workers": {"caseload": 20, "cost_per_year": 40_000},
        "costs": {
            "set_up": 1000,
            "fixed_per_year": 8000,
            "per_referral": 1,
            "per_person": 2,
            "management_per_year": 4000,
            "evaluation_per_year": 400,
            "provider_margin": 0.1,
            "indexation": 0.05,
        },
    }
    data["capital"]["tranches"]["only"]["commitment"] = 1_000_000
    books = twin(data)
    assert books.referred["g"] == near([0, 0, 20, 40, 80, 80, 80, 0, 0])
    assert books.started["g"] == near([0, 0, 10, 20, 40, 40, 40, 0, 0])
    # a stay of 1.5 quarters: all of this quarter's starters and half of the last one's
    assert books.on_programme["g"] == near([0, 0, 10, 25, 50, 60, 60, 20, 0])
    # a link worker for 20 people costs 10,000 a quarter, 500 a person; quarters 5 to 8 are contract year 1
    workers = [0, 0, 5000, 12_500, 25_000, 31_500, 31_500, 10_500, 0]
    assert books.flows["provider>suppliers:link_workers"] == near(workers)
    assert books.flows["vehicle>provider:link_workers"] == near([amount * 1.1 for amount in workers])
    assert books.flows["provider>suppliers:fixed"] == near([0, 0, 2000, 2000, 2000, 2100, 2100, 0, 0])
    assert books.flows["provider>suppliers:referral"] == near([0, 0, 20, 40, 80, 84, 84, 0, 0])
    assert books.flows["provider>suppliers:person"] == near([0, 0, 20, 40, 80, 84, 84, 0, 0])
    assert books.flows["vehicle>provider:set_up"] == near([1100, *[0] * 8])
    assert books.flows["vehicle>manager:management"] == near([0, 0, 1000, 1000, 1000, 1050, 1050, 0, 0])
    assert books.flows["vehicle>evaluator:evaluation"] == near([0, 0, 100, 100, 100, 105, 105, 0, 0])
    # a tenth of 1,000 + 116,000 + 10,200 + 308 + 308
    assert books.measures["provider.surplus"] == near(12_781.6)


# --- Outcomes --------------------------------------------------------------------------------------


def effect_bond() -> dict[str, Any]:
    """50 start in each of half-years 1 and 2; a change of 400 half a year later; a report each year."""
    data = small_bond("half_year", 4)
    data["programme"] = {"service": {"to_month": 12}, "groups": {"g": {"referrals": 100, "engaged": 0.5}}}
    data["outcomes"] = {
        "saving": {
            "type": "effect",
            "change": 400,
            "lag_months": 6,
            "counterfactual": {"level": 0.25, "basis": "share", "method": "comparison"},
            "measurement": {"first_month": 12, "every_months": 12, "person_sd": 1000, "comparison_ratio": 4},
        }
    }
    data["contract"]["terms"] = {"t": {"rule": "price", "outcome": "saving", "price": 10}}
    return data


def test_effect_with_two_reports_and_noise() -> None:
    """The counterfactual is 100 and the net change 300; each report sees 50 people and 200 to compare with.

    The standard error is 1000 √(1/50 + 1/200) = 1000 √0.025 = 158.113883.
    """
    books = twin(effect_bond(), noise={"outcomes.saving": [9, 9, 1, 9, -2]})
    assert books.true["saving"] == near([0, 0, 15_000, 15_000, 0])
    assert books.measured["saving"] == near([0, 0, 50, 0, 50])
    error = 158.11388300841896
    assert books.verified["saving"] == near([0, 0, 300 + error, 0, 300 - 2 * error])
    # 50 × 458.113883 × 10; the second report's mean of −16.23 pays nothing
    assert books.gross["t"] == near([0, 0, 229_056.94150420948, 0, 0])
    # (50 × 458.11 − 50 × 16.23)/100
    assert books.measures["outcome.saving.verified"] == near(300 - error / 2)
    base = twin(effect_bond())
    assert base.verified["saving"] == near([0, 0, 300, 0, 300])


def test_effect_of_a_programme_that_does_nothing() -> None:
    """Scale 0: the true net effect is nothing; only a method without a counterfactual still sees the 100."""
    books = twin(effect_bond(), scale=0)
    assert books.true["saving"] == near([0] * 5)
    assert books.verified["saving"] == near([0] * 5)
    naive = effect_bond()
    naive["outcomes"]["saving"]["counterfactual"]["method"] = "none"
    assert twin(naive, scale=0).verified["saving"] == near([0, 0, 100, 0, 100])
    assert twin(naive).verified["saving"] == near([0, 0, 400, 0, 400])
    # half an effect: 100 + 0.5 × 300; and without a comparison group the error is 1000 √(1/50) = 141.421356
    half = twin(naive, noise={"outcomes.saving": [0, 0, 1, 0, 0]}, scale=0.5)
    assert half.verified["saving"] == near([0, 0, 250 + 141.4213562373095, 0, 250])


def test_effect_in_person_years_that_drops_off() -> None:
    """100 start in half-year 1; live for 18 months, half of it left after the first year.

    Person-years 50, 50, 50 in half-years 2 to 4; kept 50, 50, 25. Net level 200 − 50; deducted 40.
    One report: (125 × 200 − 125 × 40)/150 = 133.33.
    """
    data = small_bond("half_year", 5)
    data["outcomes"] = {
        "e": {
            "type": "effect",
            "per": "person_year",
            "change": 200,
            "lasts_months": 18,
            "kept_each_year": 0.5,
            "counterfactual": {"level": 50, "method": "fixed", "agreed": 40},
            "measurement": {"first_month": 30, "every_months": 30, "person_sd": 600},
        }
    }
    data["contract"]["terms"] = {"t": {"rule": "price", "outcome": "e", "price": 1}}
    books = twin(data, noise={"outcomes.e": [0, 0, 0, 0, 0, 0.5]})
    assert books.true["e"] == near([0, 0, 7500, 7500, 3750, 0])
    assert books.measured["e"] == near([0, 0, 0, 0, 0, 150])
    assert books.verified["e"][5] == near(400 / 3 + 0.5 * 600 / math.sqrt(150))
    # begun three months after the start: 50, 100, 100, 50 people in half-years 2 to 5, kept 1, 1, ½, ½.
    # Ages 1 to 4 have a − 1 − λ = −½, ½, 1½, 2½, whose whole years are 0, 0, 0, 1
    data["outcomes"]["e"]["lag_months"] = 3
    assert twin(data).true["e"] == near([0, 0, 25 * 150, 50 * 150, 50 * 150, 25 * 0.5 * 150])


def test_rounding_measures_nobody() -> None:
    """Live from month 1 to month 6: two thirds of quarter 2 and all of quarter 3, and nothing of quarter 4.

    In floating point 3 − 1/3 − 5/3 falls a hair short of 1, which leaves a hair of a person to be measured.
    """
    data = small_bond("quarter", 5)
    data["outcomes"] = {
        "e": {
            "type": "effect",
            "per": "person_year",
            "change": 200,
            "lag_months": 1,
            "lasts_months": 5,
            "measurement": {"first_month": 3, "every_months": 3, "person_sd": 600},
        }
    }
    data["contract"]["terms"] = {"t": {"rule": "price", "outcome": "e", "price": 1}}
    books = twin(data, noise={"outcomes.e": [1] * 6})
    assert books.measured["e"] == near([0, 0, 50 / 3, 25, 0, 0])
    assert books.verified["e"][4:] == [0, 0]


def test_fractional_lag() -> None:
    """A lag of 4.5 months is 1.5 quarters: half arrives one quarter later, half two, none after the end."""
    data = small_bond("quarter", 2)
    data["outcomes"]["start"] = {
        "type": "achievement",
        "share": 0.5,
        "lag_months": 4.5,
        "counterfactual": {"level": 0.1, "method": "history", "agreed": 0.2},
        "verified_share": 0.9,
    }
    books = twin(data)
    assert books.measured["start"] == near([0, 0, 50])
    assert books.true["start"] == near([0, 0, 20])  # 50 × (0.5 − 0.1)
    assert books.verified["start"] == near([0, 0, 13.5])  # 50 × (0.5 − 0.2) × 0.9
    data["timeline"]["periods"] = 3
    assert twin(data).verified["start"] == near([0, 0, 13.5, 13.5])


# --- Contract --------------------------------------------------------------------------------------


def test_payer_phases_and_caps() -> None:
    """Two terms of 100 and 300 a year for 4 years; term cap 350 on the first, contract cap 1,400.

    Term: 100, 100, 100, 50. With the second 400, 400, 400, 350: 1,400 leaves 200 of the last 350, four
    sevenths: 50 → 28.571429 and 300 → 171.428571; 150 is forgone. Phases (to month 24 the fund pays 3/4, then
    1/5): fund 300, 300, 80, 40; its cap of 620 leaves 20 of the third year's 80 (a quarter of each term) and
    none after.
    """
    data = small_bond("year", 4)
    data["programme"] = {"groups": {"g": {"referrals": 100, "engaged": 1}}}
    data["contract"] = {
        "cap": 1400,
        "payers": {"fund": {"kind": "outcomes_fund", "cap": 620}, "council": {}},
        "split": [
            {"shares": {"fund": 0.75, "council": 0.25}},
            {"after_month": 24, "shares": {"fund": 0.2, "council": 0.8}},
        ],
        "terms": {
            "one": {"rule": "price", "outcome": "start", "price": 1, "cap": 350},
            "three": {"rule": "price", "outcome": "start", "price": [3]},
        },
    }
    books = twin(data)
    assert books.gross == {"one": near([0, 100, 100, 100, 100]), "three": near([0, 300, 300, 300, 300])}
    assert books.flows["fund>vehicle:one"] == near([0, 75, 75, 5, 0])
    assert books.flows["fund>vehicle:three"] == near([0, 225, 225, 15, 0])
    assert books.flows["council>vehicle:one"] == near([0, 25, 25, 80, 0.8 * 200 / 7])
    assert books.flows["council>vehicle:three"] == near([0, 75, 75, 240, 0.8 * 1200 / 7])
    assert books.forgone == {
        "contract.terms.one.cap": near(50),
        "contract.cap": near(150),
        "contract.payers.fund.cap": near(100),
    }
    assert books.measures["payer.fund.payments"] == near(620)
    assert books.measures["payer.council.payments"] == near(680)
    assert books.measures["payers.payments"] == near(1300)
    assert books.measures["commissioner.payments"] == near(680)


def test_split_of_a_term_goes_before_the_split_of_the_contract() -> None:
    """The first term is all the council's; the second follows the contract's half and half."""
    data = small_bond("year", 1)
    data["contract"] = {
        "payers": {"fund": {"kind": "outcomes_fund"}, "council": {}},
        "split": {"fund": 0.5, "council": 0.5},
        "terms": {
            "one": {"rule": "price", "outcome": "start", "price": 1, "split": {"council": 1}},
            "two": {"rule": "rate_card", "prices": {"start": 2}},
        },
    }
    flows = twin(data).flows
    assert flows["council>vehicle:one"] == near([0, 100])
    assert flows["fund>vehicle:one"] == near([0, 0])
    assert flows["council>vehicle:two"] == near([0, 100])
    assert flows["fund>vehicle:two"] == near([0, 100])


def test_linear_terms_by_window() -> None:
    """The line rises from 0 at 100 to 1 at 300 and 2 at 700; the reports of 50 people read 400 and 50."""
    data = effect_bond()
    data["outcomes"]["saving"]["counterfactual"] = {}
    points = [[100, 0], [300, 1], [700, 2]]
    shape = {"rule": "linear", "outcome": "saving", "points": points, "price": 1000}
    data["contract"]["terms"] = {
        "whole": shape,
        "each": {**shape, "per": "person"},
        "total": {**shape, "reads": "total", "points": [[0, 0], [40_000, 1]]},
        "late": {**shape, "lag_months": 6},
    }
    # standard error 1000 √(1/50) = 141.42: a noise of −2.474874 makes 400 into 50
    books = twin(data, noise={"outcomes.saving": [0, 0, 0, 0, -350 / (1000 * math.sqrt(0.02))]})
    assert books.verified["saving"] == near([0, 0, 400, 0, 50])
    assert books.gross["whole"] == near([0, 0, 1250, 0, 0])  # f(400) = 1 + 100/400
    assert books.gross["each"] == near([0, 0, 62_500, 0, 0])
    assert books.gross["total"] == near([0, 0, 500, 0, 62.5])  # 20,000 and 2,500 of 40,000
    assert books.gross["late"] == near([0, 0, 0, 1250, 0])


def test_linear_terms_over_the_contract() -> None:
    """Reports of 400 and 50: cumulative means 400 and 225, where the line is at 1.25 and 0.625.

    Per contract: 1.25, then nothing more. Per person: 50 × 1.25 = 62.5, then 100 × 0.625 = 62.5: none.
    With a second report of 300 the mean is 350, the line at 1.125: per contract nothing more, per person
    112.5 − 62.5 = 50.
    """
    data = effect_bond()
    data["outcomes"]["saving"]["counterfactual"] = {}
    shape = {
        "rule": "linear",
        "outcome": "saving",
        "points": [[100, 0], [300, 1], [700, 2]],
        "over": "contract",
    }
    data["contract"]["terms"] = {"whole": shape, "each": {**shape, "per": "person"}}
    error = 1000 * math.sqrt(0.02)
    low = twin(data, noise={"outcomes.saving": [0, 0, 0, 0, -350 / error]})
    assert low.gross["whole"] == near([0, 0, 1.25, 0, 0])
    assert low.gross["each"] == near([0, 0, 62.5, 0, 0])
    high = twin(data, noise={"outcomes.saving": [0, 0, 0, 0, -100 / error]})
    assert high.gross["whole"] == near([0, 0, 1.25, 0, 0])
    assert high.gross["each"] == near([0, 0, 62.5, 0, 50])


def test_linear_term_on_a_running_total() -> None:
    """100 a year; the line reaches 1 at 250: 0.4, 0.4, then 0.2. Where nobody is counted nothing is paid."""
    data = small_bond("year", 5)
    data["programme"] = {
        "service": {"from_month": 12},
        "groups": {"g": {"referrals": [100, 100, 100, 100, 0], "engaged": 1}},
    }
    shape = {"rule": "linear", "outcome": "start", "points": [[0, 0], [250, 1]], "price": 1000}
    flat = {"rule": "linear", "outcome": "start", "points": [[0, 1], [250, 1]], "price": 1000}
    data["contract"]["terms"] = {"sum": {**shape, "over": "contract"}, "flat": {**flat, "over": "contract"}}
    data["contract"]["terms"]["window"] = flat
    gross = twin(data).gross
    assert gross["sum"] == near([0, 0, 400, 400, 200, 0])
    assert gross["flat"] == near([0, 0, 1000, 0, 0, 0])
    assert gross["window"] == near([0, 0, 1000, 1000, 1000, 0])


# --- Savings ---------------------------------------------------------------------------------------


def test_chain_of_an_item() -> None:
    """A true outcome of 100 in year 1, each worth £10: × 0.8 × 0.75 = 0.6, × 0.5 = 0.3, × 0.4 = 0.12."""
    data = small_bond("year", 3)
    data["discounting"] = {"public": 0.25}
    links = {"displacement": 0.2, "attributed_to_others": 0.25, "optimism_bias": 0.5}
    base = {"outcome": "start", "agency": "nhs", "value": 10, **links}
    data["savings"] = {
        "agencies": {"nhs": {"payer": "council"}, "other": {}},
        "items": {
            "once": {**base, "kind": "fiscal", "cashable": 0.4, "lag_months": 12},
            "yearly": {
                **base,
                "kind": "economic",
                "value": {"value": {"uniform": [5, 15]}},
                "lasts_months": 18,
                "kept_each_year": 0.5,
            },
        },
    }
    data["contract"]["terms"]["start"]["price"] = 0.5
    books = twin(data)
    once = books.savings["once"]
    assert once["gross"] == near([0, 0, 1000, 0])
    assert once["attributable"] == near([0, 0, 600, 0])
    assert once["after_bias"] == near([0, 0, 300, 0])
    assert once["cashable"] == near([0, 0, 120, 0])
    # live for a whole second year and half of a third, in which half is left
    assert books.savings["yearly"]["gross"] == near([0, 0, 1000, 250])
    assert books.savings["yearly"]["cashable"] == near([0] * 4)
    # in year 2 a pound is worth 1/1.5625 = 0.64, in year 3 0.512, in year 1 0.8
    assert books.measures["agency.nhs.savings"] == near(384)
    assert books.measures["agency.nhs.economic"] == near(384 + 150 * 0.512)
    assert books.measures["agency.nhs.wellbeing"] == 0.0
    assert books.measures["agency.other.savings"] == 0.0
    assert books.measures["commissioner.payments_npv"] == near(40)
    assert books.measures["commissioner.net_saving"] == near(300 * 0.64 - 40)
    assert books.measures["commissioner.cashable_net_saving"] == near(120 * 0.64 - 40)
    assert books.measures["public.savings_per_pound"] is None  # nothing is spent
    assert twin(data, inputs={"savings.items.yearly.value": 5}).savings["yearly"]["gross"] == near([0, 0, 500, 125])


def top_down_bond() -> dict[str, Any]:
    """Half-years; 1,000 spent at signing and 1,210 after a year, when prices are 1.21 times as high."""
    data = small_bond("half_year", 6)
    data["prices"] = {"inflation": 0.21}
    data["discounting"] = {"public": 0.0}
    data["programme"]["service"] = {"from_month": 6, "to_month": 12}
    data["programme"]["costs"] = {"set_up": 1000, "fixed_per_year": 2420}
    data["capital"]["tranches"]["only"]["commitment"] = 10_000
    data["savings"] = {
        "agencies": {"nhs": {"payer": "council"}, "city": {}},
        "top_down": {
            "savings_per_pound": 4,
            "split": {"nhs": 0.75, "city": 0.25},
            "profile": [0.5, 0.5],
            "optimism_bias": 0.5,
            "cashable": 0.1,
        },
    }
    return data


def test_top_down_savings_with_a_profile() -> None:
    """1,000 real pounds at signing and again in half-year 2, each saving 4 × 1,000.

    That is 1,000 in each of the next four half-years: 1, 1, 2, 2, 1, 1 thousand in half-years 1 to 6.
    The NHS has three quarters.
    """
    books = twin(top_down_bond())
    nhs = books.savings["top_down.nhs"]
    assert nhs["gross"] == near([0, 750, 750, 1500, 1500, 750, 750])
    assert nhs["attributable"] == nhs["gross"]
    assert nhs["after_bias"] == near([0, 375, 375, 750, 750, 375, 375])
    assert nhs["cashable"] == near([0, 37.5, 37.5, 75, 75, 37.5, 37.5])
    assert books.measures["agency.city.savings"] == near(2000)
    assert books.measures["public.savings_per_pound"] == near(4)
    assert books.measures["commissioner.net_saving"] == near(3000)
    assert books.measures["commissioner.cashable_net_saving"] == near(300)
    shorter = top_down_bond()
    shorter["timeline"]["periods"] = 4  # the last 2,000 come too late
    assert twin(shorter).measures["public.savings_per_pound"] == near(3)


def test_top_down_savings_without_a_profile_and_of_half_a_programme() -> None:
    """All in the period of the spend; a scale of one half saves one half."""
    data = top_down_bond()
    del data["savings"]["top_down"]["profile"]
    del data["savings"]["top_down"]["split"]
    del data["savings"]["agencies"]["city"]
    whole = twin(data).savings["top_down.nhs"]["attributable"]
    assert whole == near([4000, 0, 4000, 0, 0, 0, 0])
    half = twin(data, scale=0.5).savings["top_down.nhs"]["attributable"]
    assert half == near([2000, 0, 2000, 0, 0, 0, 0])


# --- Contract: the rest of the language ------------------------------------------------------------


def yearly_bond(people: list[float], **contract: Any) -> dict[str, Any]:
    """A bond by year, signed on 31 March, in which so many people a year start and `start` counts them."""
    data = small_bond("year", len(people))
    data["programme"] = {"groups": {"all": {"referrals": people, "engaged": 1}}}
    data["contract"] |= contract
    return data


def paid_by_term(data: dict[str, Any], name: str = "x") -> list[float]:
    """What one term earns."""
    return twin(data).contract.earned[name]


def test_a_step_says_which_of_its_edges_belong_to_it() -> None:
    """10, 20 and 30 people: up to 10 nothing, above 10 up to 20 pays 1, from 30 on pays 3, and between nothing."""
    steps = [{"above": 10, "at_most": 20, "pays": 1}, {"at_least": 30, "pays": 3}]
    term = {"rule": "steps", "outcome": "start", "price": 100, "steps": steps}
    assert paid_by_term(yearly_bond([10, 20, 25, 30], terms={"x": term})) == near([0, 0, 100, 0, 300])
    open_steps = [{"at_least": 10, "pays": 1}, {"above": 20, "pays": 2}]
    term["steps"] = open_steps
    assert paid_by_term(yearly_bond([10, 20, 20.5], terms={"x": term})) == near([0, 100, 100, 200])


def test_tiers_pay_each_unit_at_the_price_of_its_tier() -> None:
    """Over the contract 30 and 80 units: 30 × 5, then 20 × 5 + 30 × 2. By the year: 30 × 5, then 50 × 5."""
    term = {"rule": "tiers", "outcome": "start", "tiers": [{"up_to": 50, "price": 5}, {"up_to": 90, "price": 2}]}
    assert paid_by_term(yearly_bond([30, 50], terms={"x": term})) == near([0, 150, 250])
    term["over"] = "contract"
    assert paid_by_term(yearly_bond([30, 50, 50], terms={"x": term})) == near([0, 150, 160, 20])


def test_a_condition_keeps_its_answer_and_readings_before_its_month_do_not_count() -> None:
    """20 people, then 5, and in a year without any nothing is read: what was answered holds."""
    when: dict[str, Any] = {"outcome": "start", "at_least": 10}
    term: dict[str, Any] = {"rule": "standing_charge", "amount": 7, "when": when}
    assert paid_by_term(yearly_bond([0, 20, 0, 5, 0], terms={"x": term})) == near([0, 0, 7, 7, 0, 0])
    when["from_month"] = 36
    assert paid_by_term(yearly_bond([20, 20, 0, 20, 5], terms={"x": term})) == near([0, 0, 0, 0, 7, 0])
    term["when"] = {"any": [when, {"outcome": "start", "over": "contract", "above": 44}]}
    assert paid_by_term(yearly_bond([20, 20, 5, 5, 5], terms={"x": term})) == near([0, 0, 0, 7, 7, 7])


def test_a_trigger_pays_each_time_or_once() -> None:
    """At least 10 in years 1, 2 and 4; nothing is read in year 3."""
    term = {"rule": "trigger", "amount": 50, "when": {"outcome": "start", "at_least": 10}}
    people = [10.0, 20, 0, 10]
    assert paid_by_term(yearly_bond(people, terms={"x": term})) == near([0, 50, 50, 0, 50])
    assert paid_by_term(yearly_bond(people, terms={"x": {**term, "pays": "once"}})) == near([0, 50, 0, 0, 0])
    assert paid_by_term(yearly_bond(people, terms={"x": {**term, "from_month": 12}})) == near([0, 0, 50, 0, 50])


def test_standing_charges_begin_one_interval_after_the_first_month() -> None:
    """From month 12 every 24 months: in months 36 and 60, but month 60 is after the window."""
    term = {"rule": "standing_charge", "amount": 7, "from_month": 12, "every_months": 24, "to_month": 48}
    assert paid_by_term(yearly_bond([0] * 5, terms={"x": term})) == near([0, 0, 0, 7, 0, 0])


def test_milestones_are_paid_after_the_ones_before_and_not_after_a_stop() -> None:
    """100 start; a year later 60 hold on; in year 3 80 have finished, but no more than the 60 are paid for.

    If 50 stop in the year in which 60 hold on, the stop comes after it; a year later 50 of the 100 are left.
    """
    data = small_bond("year", 3)
    data["outcomes"] = {
        "start": {"type": "achievement", "share": 1},
        "holds": {"type": "achievement", "share": 0.6, "lag_months": 12},
        "stops": {"type": "achievement", "share": 0.5, "lag_months": 12},
        "done": {"type": "achievement", "share": 0.8, "lag_months": 24},
    }
    term: dict[str, Any] = {"rule": "milestones", "milestones": {"start": 1, "holds": 10, "done": 100}}
    data["contract"]["terms"] = {"x": term}
    assert paid_by_term(data) == near([0, 100, 600, 6000])
    term["stops_at"] = "stops"
    assert paid_by_term(data) == near([0, 100, 600, 5000])


def test_greatest_and_least_compare_what_has_been_earned_so_far() -> None:
    """15 a year against 1 a head: 15, 30, 45 against 10, 40, 40."""
    of = {"a": {"rule": "standing_charge", "amount": 15}, "b": {"rule": "price", "outcome": "start", "price": 1}}
    greatest = {"rule": "greatest", "of": of}
    assert paid_by_term(yearly_bond([10, 30, 0], terms={"x": greatest})) == near([0, 15, 25, 5])
    assert paid_by_term(yearly_bond([10, 30, 0], terms={"x": {**greatest, "rule": "least"}})) == near([0, 10, 20, 10])


def test_prices_by_group_and_terms_of_some_groups() -> None:
    """10 and 20 people at £3 and £5; a term of the second group sees its 20 alone."""
    data = small_bond("year", 1)
    data["programme"]["groups"] = {"one": {"referrals": 10, "engaged": 1}, "two": {"referrals": 20, "engaged": 1}}
    price = {"rule": "price", "outcome": "start", "price": {"by_group": {"one": 3, "two": 5}}}
    data["contract"]["terms"] = {"x": price, "y": {**price, "groups": ["two"]}}
    books = twin(data)
    assert books.contract.earned == {"x": near([0, 130]), "y": near([0, 100])}


def test_caps_by_period_may_carry_and_floors_come_last() -> None:
    """100, 0 and 50 are owed under a cap of 60 a year: 60, 40, 50; not carried: 60, 0, 50.

    A floor of 130 over the contract adds 20 in the last year, of which the yearly cap leaves 10.
    """
    term = {"rule": "price", "outcome": "start", "price": 1}
    people = [100.0, 0, 50]
    plain = twin(yearly_bond(people, terms={"x": term}, caps={"period": 60}))
    assert plain.contract.owed["x", "council"] == near([0, 60, 0, 50])
    assert plain.forgone == {"contract.caps.period": near(40)}
    carried = twin(yearly_bond(people, terms={"x": term}, caps={"period": {"limit": 60, "carry": "next_period"}}))
    assert carried.contract.owed["x", "council"] == near([0, 60, 40, 50])
    raised = twin(yearly_bond(people, terms={"x": term}, caps={"period": 60}, floor=130))
    assert raised.contract.owed["x", "council"] == near([0, 60, 0, 60])
    assert raised.contract.raised == {"contract.floor": near([0, 0, 0, 10])}


def test_a_financial_year_begins_in_april() -> None:
    """Half-years end in September and March: £10 each under a cap of £15 a year is 10 and 5."""
    data = small_bond("half_year", 4)
    data["contract"] |= {"terms": {"x": {"rule": "standing_charge", "amount": 10}}, "caps": {"financial_year": 15}}
    assert twin(data).contract.owed["x", "council"] == near([0, 10, 5, 10, 5])
    data["timeline"]["signing"] = datetime.date(2020, 9, 30)  # the first half-year ends a year, then the same
    assert twin(data).contract.owed["x", "council"] == near([0, 10, 10, 5, 10])


def test_phases_by_pounds_overflow_and_top_ups() -> None:
    """150 a year: the first 200 are the council's, 50 and 150 the fund's; it may pay 60 a year, the rest comes back.

    Another adds half of what the council pays, but no more than 85 a year.
    """
    data = yearly_bond(
        [150, 150],
        payers={
            "council": {},
            "fund": {"caps": {"period": 60}, "overflow_to": "council"},
            "match": {"tops_up": {"payers": ["council"], "share": 0.5}, "caps": {"period": 60}},
        },
        terms={"x": {"rule": "price", "outcome": "start", "price": 1}},
        split=[{"shares": {"council": 1}}, {"after_paid": 200, "amounts": {"fund": 7}}],
    )
    books = twin(data)
    assert books.contract.owed["x", "fund"] == near([0, 0, 60])  # 100 of 150 lie beyond the 200
    assert books.contract.owed["x", "council"] == near([0, 150, 90])
    assert books.contract.topped_up == {"match": near([0, 75, 45])}
    assert books.contract.owed["x", "match"] == near([0, 60, 45])
    assert books.forgone == {"contract.payers.fund.caps.period": near(0), "contract.payers.match.caps.period": near(15)}


def test_late_and_disputed_payments_and_tax() -> None:
    """100 owed: a year late 80 come, 20 are disputed, of which 5 are lost and 15 come another year later."""
    payer = {
        "late_months": 12,
        "disputes": {"share": 0.2, "months": 12, "lost": 0.25},
        "recovers_vat": False,
    }
    data = yearly_bond(
        [100, 0, 0],
        payers={"council": payer},
        vat={"rate": 0.2},
        terms={"x": {"rule": "price", "outcome": "start", "price": 1}},
    )
    books = twin(data)
    assert books.flows["council>vehicle:x"] == near([0, 0, 80, 15])
    assert books.flows["council>tax_office:vat"] == near([0, 0, 16, 3])
    assert sum(books.contract.lost["council"]) == near(5)


def test_early_termination() -> None:
    """Ended after two years of four: what was earned before comes later, and the second row of the table is paid."""
    rows = [{"from_month": 0, "pays": 500}, {"from_month": 24, "pays": 300}, {"from_month": 36, "pays": 100}]
    data = yearly_bond(
        [10, 10, 10, 10],
        terms={"x": {"rule": "price", "outcome": "start", "price": 1, "lag_months": 12}},
        termination={"month": 24, "redemption": rows},
    )
    data["programme"]["costs"] = {"fixed_per_year": 50}
    books = twin(data)
    assert books.referred["all"] == near([0, 10, 10, 0, 0])
    assert books.flows["vehicle>provider:fixed"] == near([0, 50, 50, 0, 0])
    assert books.flows["council>vehicle:x"] == near([0, 0, 10, 10, 0])
    assert books.flows["council>vehicle:termination"] == near([0, 0, 300, 0, 0])


def test_caps_and_floors_by_person_follow_the_chances_of_a_person() -> None:
    """Half have a £100 outcome at once and, whoever they are, half another a year later; at most 150 for a person.

    Of 100 people 50 are paid 100. A year later s is 0, 100, 100 or 200 for 25 each, of which 0, 100, 100 or 150 is
    paid: 8,750 in all, so 3,750 more. A floor of 120 makes it 6,000, and 2 × 25 × 120 + 25 × 150 = 9,750 in all.
    """
    data = small_bond("year", 2)
    data["outcomes"] = {
        "soon": {"type": "achievement", "share": 0.5},
        "late": {"type": "achievement", "share": 0.5, "lag_months": 12},
    }
    term: dict[str, Any] = {"rule": "rate_card", "prices": {"soon": 100, "late": 100}, "caps": {"person": 150}}
    data["contract"]["terms"] = {"x": term}
    assert twin(data).contract.owed["x", "council"] == near([0, 5000, 3750])
    term["floors"] = {"person": 120}
    assert twin(data).contract.owed["x", "council"] == near([0, 6000, 3750])


# --- Capital ---------------------------------------------------------------------------------------


def test_coupon_rolls_up_and_ranks_are_paid_in_order() -> None:
    """1,000 at signing, 600 from the senior (10 %) and 400 from the junior (50 %); then income 500 and 1,200.

    Year 1: owed 60 and 200. The 500 pays 60 coupon and 440 of the senior's principal (160 left).
    Year 2: owed 16 and 200 + 0.5 × 600 = 500. The 1,200 pays 16 + 160, then 500 + 400; 124 is left,
    the highest rank number's.
    """
    data = small_bond("year", 2)
    data["programme"]["service"] = {"to_month": 24}
    data["programme"]["groups"]["all"]["referrals"] = [50, 120]
    data["programme"]["costs"] = {"set_up": 1000}
    data["contract"]["terms"]["start"]["price"] = 10
    data["capital"] = {
        "tranches": {
            "senior": {"commitment": 600, "coupon": 0.1},
            "junior": {"commitment": 400, "coupon": 0.5, "rank": 2},
        }
    }
    books = twin(data)
    assert books.flows["senior>vehicle:drawdown"] == near([600, 0, 0])
    assert books.flows["junior>vehicle:drawdown"] == near([400, 0, 0])
    assert books.flows["vehicle>senior:coupon"] == near([0, 60, 16])
    assert books.flows["vehicle>senior:principal"] == near([0, 440, 160])
    assert books.flows["vehicle>junior:coupon"] == near([0, 0, 500])
    assert books.flows["vehicle>junior:principal"] == near([0, 0, 400])
    assert books.flows["vehicle>junior:surplus"] == near([0, 0, 124])
    assert books.flows["vehicle>senior:surplus"] == near([0, 0, 0])
    assert books.capital.principal == {"senior": near([600, 160, 0]), "junior": near([400, 400, 0])}
    assert books.capital.coupon == {"senior": near([0, 0, 0]), "junior": near([0, 200, 0])}
    # the senior earns its coupon exactly; 1,024 on 400 in two years is √2.56 − 1
    assert books.measures["tranche.senior.irr"] == near(0.1)
    assert books.measures["tranche.junior.irr"] == near(0.6)
    assert books.measures["tranche.junior.multiple"] == near(2.56)
    assert books.measures["tranche.senior.payback_period"] == 2.0
    # together −1,000, 500, 1,200: x² 1,200 + 500 x − 1,000 = 0
    x = (-500 + math.sqrt(250_000 + 4_800_000)) / 2400
    assert books.measures["investor.irr"] == near(1 / x - 1)


def test_a_quarterly_coupon_compounds_to_the_annual_one() -> None:
    """46.41 % a year is 10 % a quarter: 100 grows to 146.41 in four quarters, and the IRR is annual."""
    data = small_bond("quarter", 4)
    data["programme"]["groups"]["all"]["referrals"] = 14.641
    data["programme"]["costs"] = {"set_up": 100}
    data["contract"]["terms"]["start"] = {"rule": "price", "outcome": "start", "price": 10, "lag_months": 9}
    data["capital"]["tranches"]["only"] = {"commitment": 100, "coupon": 0.4641}
    books = twin(data)
    assert books.capital.coupon["only"] == near([0, 10, 21, 33.1, 0])
    assert books.flows["vehicle>only:surplus"] == near([0] * 5)
    assert books.measures["investor.irr"] == near(0.4641)
    assert books.measures["investor.payback_period"] == 1.0


def test_a_funding_gap_is_covered_and_not_repaid() -> None:
    """Costs 100 at signing and 300 in year 1, capital 250: the provider puts in 150; income 400 in year 2."""
    data = small_bond("year", 2)
    data["programme"]["costs"] = {"set_up": 100, "fixed_per_year": 300}
    data["contract"]["terms"]["start"] = {"rule": "price", "outcome": "start", "price": 4, "lag_months": 12}
    data["capital"] = {
        "tranches": {"only": {"commitment": 250}},
        "surplus": {"provider": 0.5, "council": 0.3, "only": 0.2},
    }
    books = twin(data)
    assert books.flows["only>vehicle:drawdown"] == near([100, 150, 0])
    assert books.flows["provider>vehicle:gap"] == near([0, 150, 0])
    assert books.measures["vehicle.funding_gap"] == near(150)
    # of the 400, 250 repays and 150 is surplus
    assert books.flows["vehicle>provider:surplus"] == near([0, 0, 75])
    assert books.flows["vehicle>council:surplus"] == near([0, 0, 45])
    assert books.flows["vehicle>only:surplus"] == near([0, 0, 30])
    assert books.measures["provider.surplus"] == near(-75)
    assert books.measures["investor.multiple"] == near(280 / 250)
    data["capital"]["gap_covered_by"] = "sponsor"
    assert twin(data).flows["sponsor>vehicle:gap"] == near([0, 150, 0])


def test_minimum_cash_and_revolving_capital() -> None:
    """Keeps 50. Signing: draws 50. Year 1: costs 100, draws 100. Year 2: income 120 repays 120 (30 left).

    Year 3: costs 100. With 150 drawn a commitment of 200 has 50 left, and the minimum of 50 pays the rest;
    a revolving one can give 170 and gives the full 100. Year 4: income 300.
    """
    data = small_bond("year", 4)
    data["programme"] = {
        "groups": {"g": {"referrals": [0, 120, 0, 300], "engaged": 1}},
        "costs": {"fixed_per_year": [100, 0, 100, 0]},
    }
    data["contract"]["terms"]["start"]["price"] = 1
    data["capital"] = {"minimum_cash": 50, "tranches": {"only": {"commitment": 200}}}
    books = twin(data)
    assert books.flows["only>vehicle:drawdown"] == near([50, 100, 0, 50, 0])
    assert books.flows["vehicle>only:principal"] == near([0, 0, 120, 0, 80])
    assert books.flows["vehicle>only:surplus"] == near([0, 0, 0, 0, 220])
    assert books.capital.cash == near([50, 50, 50, 0, 0])
    data["capital"]["tranches"]["only"]["revolving"] = True
    revolving = twin(data)
    assert revolving.flows["only>vehicle:drawdown"] == near([50, 100, 0, 100, 0])
    assert revolving.flows["vehicle>only:principal"] == near([0, 0, 120, 0, 130])
    assert revolving.capital.cash == near([50, 50, 50, 50, 0])


def test_tranches_give_in_proportion_to_what_they_still_can() -> None:
    """Commitments of 300 and 100 in one rank give 3 to 1 and are repaid 3 to 1."""
    data = small_bond("year", 1)
    data["programme"]["costs"] = {"set_up": 200}
    data["contract"]["terms"]["start"]["price"] = 1
    data["capital"] = {"tranches": {"big": {"commitment": 300}, "small": {"commitment": 100}}}
    books = twin(data)
    assert books.flows["big>vehicle:drawdown"] == near([150, 0])
    assert books.flows["small>vehicle:drawdown"] == near([50, 0])
    assert books.flows["vehicle>big:principal"] == near([0, 75])
    assert books.flows["vehicle>small:principal"] == near([0, 25])
    assert books.measures["tranche.big.irr"] == near(-0.5)
    assert books.measures["tranche.big.expected_loss"] == near(75)
    assert books.measures["investor.expected_loss"] == near(100)


def test_a_bond_that_needs_no_capital() -> None:
    """Income covers every cost: nothing is drawn, so nothing that divides by what was drawn is defined."""
    data = small_bond("year", 2)
    data["programme"]["costs"] = {"fixed_per_year": 70}
    data["contract"]["terms"]["start"]["price"] = 1
    data["capital"] = {"tranches": {"only": {"commitment": 100}}}
    books = twin(data)
    assert books.flows["vehicle>only:surplus"] == near([0, 30, 0])
    assert books.measures["investor.irr"] is None
    assert books.irr_status["investor.irr"] == "none"
    assert books.measures["investor.multiple"] is None
    assert books.measures["investor.payback_period"] is None
    assert books.measures["investor.peak_funding"] == 0.0
    assert books.measures["investor.peak_funding_period"] == 0.0


# --- Internal rate of return -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("flows", "rate", "status"),
    [
        ([-1000, 2300, -1320], 0.1, "multiple"),  # and 20 %
        ([-1600, 10_000, -10_000], 0.25, "multiple"),  # and 400 %
        ([-100, 230, -132], 0.1, "multiple"),  # and 20 %
        ([-100, 110], 0.1, "unique"),
        ([0, -100, 0, 121, 0], 0.1, "unique"),
        ([-100, 100], 0.0, "unique"),
        ([-100, 1e-3], -0.99999, "unique"),
        ([-1, 1e6], 999_999.0, "unique"),
        ([-100, 1e-7], -1.0, "total_loss"),
        ([100, 1e-7], None, "none"),
        ([100, -300, 300], None, "none"),  # 1 − 3x + 3x² has no real zero
        ([0, 0, 0], None, "none"),
    ],
)
def test_internal_rate_of_return(flows: list[float], rate: float | None, status: str) -> None:
    """Quadratics solved by hand, W4 among them, and the statuses of Section 11."""
    found, said = internal_rate_of_return(flows, 1)
    assert said == status
    assert found == (None if rate is None else pytest.approx(rate, rel=1e-9, abs=1e-13))


def test_internal_rate_of_return_is_annual() -> None:
    """10 % a quarter is 46.41 % a year."""
    rate, status = internal_rate_of_return([-100, 110], 4)
    assert rate == near(0.4641)
    assert status == "unique"


# --- Everything together ---------------------------------------------------------------------------


def test_the_vehicle_ends_with_nothing_and_every_pound_is_accounted_for() -> None:
    """In W1 and in the bonds above, all parties' net flows add up to nothing and the cash book closes."""
    for data in (worked_bond(), effect_bond(), top_down_bond()):
        books = twin(data)
        cash = 0.0
        for t in range(len(books.capital.cash)):
            for key, flow in books.flows.items():
                assert flow[t] >= 0
                payer, receiver = key.split(":")[0].split(">")
                cash += flow[t] * ((receiver == "vehicle") - (payer == "vehicle"))
            assert books.capital.cash[t] == pytest.approx(cash, abs=1e-6)
        assert books.capital.cash[-1] == pytest.approx(0, abs=1e-6)
