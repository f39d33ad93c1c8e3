"""Appraisal against numbers worked by hand; each comment shows the arithmetic."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sibmodel.core.trials import Trials
from sibmodel.errors import ScenarioError
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.questions.appraise import appraise
from sibmodel.questions.logs import logs
from sibmodel.questions.switching import switching_values
from sibmodel.report.explanation import explain
from sibmodel.running.execution import base_case
from sibmodel.running.simulation import simulate
from sibmodel.scenario.reader import change, load, loads
from sibmodel.scenario.schema import Scenario

# 480 people who stay, 30 % succeed and 10 % would anyway: 96; £100,000 in the year of signing
CHAIN = """
title: A cost-benefit chain
timeline: {signing: 2020-04-01, period: year, periods: 6}
programme:
  service: {from_month: 0, to_month: 12}
  groups: {all: {referrals: [1000, 0], engaged: 0.48}}
  costs: {set_up: {value: 100000, source: assumption, grade: 3}}
outcomes:
  job: {type: achievement, share: 0.3, counterfactual: {level: 0.1, method: none}}
contract:
  payers: {council: {kind: commissioner}}
  terms: {job: {rule: price, outcome: job, price: 100}}
savings:
  agencies: {council: {payer: council}}
  items:
    benefit:
      {outcome: job, agency: council, kind: fiscal, value: 2500, optimism_bias: 0.15, cashable: 0.5, lasts_months: 48,
       kept_each_year: 0.8}
capital:
  tranches: {fund: {commitment: 200000}}
"""


def measures(scenario: Scenario) -> dict[str, float]:
    return {name: float(found.values[0]) for name, found in all_measures(base_case(scenario)).items()}


def data() -> Any:
    return YAML(typ="safe", pure=True).load(CHAIN)


def test_the_chain_of_greater_manchester() -> None:
    # people come in year 1, so savings are made in years 2 to 5: 204,000, 163,200, 130,560, 104,448; the published
    # figures, with savings in years 1 to 4, are these times 1.035: present value 558,228.43 over a cost of 110,000
    scenario = loads(CHAIN, {"appraisal.cost_optimism_bias_by_grade": "worst"})
    found = measures(scenario)
    saved = found["public.fiscal_return"] * 110_000
    assert saved * 1.035 == pytest.approx(558_228.43, abs=0.01)
    assert found["public.fiscal_return"] * 1.035 == pytest.approx(5.074804, abs=1e-6)
    assert found["public.cashable_return"] * 1.035 == pytest.approx(2.537402, abs=1e-6)
    assert found["public.npv"] == pytest.approx(saved - 110_000, abs=0.01)
    # after year 1, 110,000 of the 204,000/1.035² of year 2; published, a year earlier, 0.558088
    assert found["public.payback_period"] == pytest.approx(1 + 0.558088 * 1.035, abs=1e-6)
    # in cash half of it: 102,000/1.035² = 95,218.09 in year 2, then 14,781.91 of 81,600/1.035³ = 73,598.49
    assert found["public.cashable_payback_period"] == pytest.approx(2 + 14_781.91 / 73_598.49, abs=1e-6)


def test_corrections_by_grade_of_what_a_saving_rests_on() -> None:
    raw = data()
    item = raw["savings"]["items"]["benefit"]
    del item["optimism_bias"]
    item["value"] = {"value": 2500, "source": "assumption", "grade": 4}
    item["cashable"] = {"value": 0.5, "source": "assumption", "grade": 6}  # a later link, of its own
    raw["outcomes"]["job"]["share"] = {"value": 0.3, "source": "assumption", "grade": 2}
    for rule, cut in (("worst", 0.15), ("average", 0.10)):  # grades 4 and 2: 15 % and 5 %
        raw["savings"]["optimism_bias_by_grade"] = rule
        scenario = loads(dump(raw))
        assert scenario.savings is not None
        assert scenario.savings.items is not None
        assert scenario.savings.items["benefit"].optimism_bias.central_values()[0] == pytest.approx(cut)
        assert scenario.tables_used.keys() == {"discount_rates", "optimism_bias"}
        assert any("not verified" in doubt for doubt in scenario.doubts())


def test_placement_of_fiscal_savings() -> None:
    # at no discount: cost 100, fiscal 60, wellbeing 90: (60 + 90)/100 = 1.5; 90/(100 − 60) = 2.25; both 50
    raw = data()
    raw["discounting"] = {"public": 0}
    raw["programme"]["costs"] = {"set_up": 100}
    made = {"outcome": "job", "agency": "council"}
    raw["savings"]["items"] = {
        "cash": {**made, "kind": "fiscal", "value": 60 / 96, "cashable": 0.4},
        "well": {**made, "kind": "wellbeing", "value": 90 / 96},
    }
    raw["appraisal"] = {"adds_up": ["fiscal", "wellbeing"]}
    above = measures(loads(dump(raw)))
    assert above["public.benefit_cost_ratio"] == pytest.approx(1.5)
    raw["appraisal"]["fiscal_savings_are"] = "lower_costs"
    below = measures(loads(dump(raw)))
    assert below["public.benefit_cost_ratio"] == pytest.approx(2.25)
    assert above["public.npv"] == pytest.approx(50)
    assert below["public.npv"] == pytest.approx(50)
    raw["appraisal"]["adds_up"] = ["wellbeing"]
    assert measures(loads(dump(raw)))["public.npv"] == pytest.approx(-10)
    del raw["appraisal"]
    assert measures(loads(dump(raw)))["public.npv"] == pytest.approx(-40)  # kinds are not added up unless asked


def test_savings_for_each_pound_of_payments() -> None:
    # 96 outcomes × £31,250 = £3.0m, 40 % cashable; 144 verified × £6,944.44 = £1.0m of payments
    raw = data()
    raw["discounting"] = {"public": 0}
    raw["contract"]["terms"]["job"]["price"] = 1_000_000 / 144
    raw["savings"]["items"]["benefit"] = {
        "outcome": "job", "agency": "council", "kind": "fiscal", "value": 31_250, "cashable": 0.4,
    }  # fmt: skip
    found = measures(loads(dump(raw)))
    assert found["payers.savings_per_pound"] == pytest.approx(3.0)
    assert found["payers.cashable_savings_per_pound"] == pytest.approx(1.2)
    assert found["commissioner.cashable_net_saving"] == pytest.approx(200_000)


@pytest.mark.parametrize(("ratio", "weight"), [(2, 2.462289), (1.5, 1.694020), (1, 1)])
def test_distributional_weights_stand_beside(ratio: float, weight: float) -> None:
    raw = data()
    raw["savings"]["items"]["benefit"] |= {"kind": "wellbeing", "cashable": 0}
    raw["appraisal"] = {"adds_up": ["wellbeing"]}
    plain = measures(loads(dump(raw)))
    raw["appraisal"]["distributional_weight"] = {"median_income": 30_000 * ratio, "participants_income": 30_000}
    found = measures(loads(dump(raw)))
    assert found["public.distributional_weight"] == pytest.approx(weight, abs=5e-7)
    benefits = plain["public.npv"] + 100_000
    assert found["public.weighted_npv"] == pytest.approx(found["public.distributional_weight"] * benefits - 100_000)
    assert {name: found[name] for name in plain} == pytest.approx(plain, nan_ok=True)  # the unweighted result stands


def test_the_first_year_may_have_factor_one() -> None:
    raw = data()
    dated = measures(loads(dump(raw)))
    raw["discounting"] = {"convention": "green_book_year"}
    by_year = measures(loads(dump(raw)))
    saved = "agency.council.savings"
    assert by_year[saved] == pytest.approx(dated[saved] * 1.035)


def test_a_cost_and_nine_years_of_benefits() -> None:
    # £100 at signing, £30 in each of nine years: 30 × (1 − 1.035⁻⁹)/0.035 = 228.230595, so 128.230595 and 2.282306;
    # people come in year 1, so benefits are in years 2 to 10, which green_book_year discounts as 1 to 9
    raw = data()
    raw["timeline"]["periods"] = 12
    raw["programme"]["costs"] = {"set_up": 100}
    raw["savings"]["items"]["benefit"] = {
        "outcome": "job", "agency": "council", "kind": "fiscal", "value": 30 / 96, "lasts_months": 108,
    }  # fmt: skip
    raw["discounting"] = {"convention": "green_book_year"}
    found = measures(loads(dump(raw)))
    assert found["public.npv"] == pytest.approx(128.230595, abs=1e-6)
    assert found["public.benefit_cost_ratio"] == pytest.approx(2.282306, abs=1e-6)


def test_social_return_multiplies_its_shares() -> None:
    # 100 × £500 × 75 % × 90 % × 60 % = 20,250; then 16,200 and 12,960; the first year discounted once 46,377.27
    raw = data()
    raw["programme"]["groups"]["all"] = {"referrals": [100, 0], "engaged": 1}
    raw["outcomes"]["job"] = {"type": "achievement", "share": 1, "counterfactual": {"level": 0.25, "basis": "share"}}
    raw["savings"]["items"]["benefit"] = {
        "outcome": "job", "agency": "council", "kind": "wellbeing", "value": 500, "displacement": 0.1,
        "attributed_to_others": 0.4, "lasts_months": 36, "kept_each_year": 0.8,
    }  # fmt: skip
    raw["discounting"] = {"convention": "green_book_year"}
    found = measures(loads(dump(raw)))["agency.council.wellbeing"]
    assert found == pytest.approx(46_377.27, abs=0.005)
    assert found * 1.035 == pytest.approx(48_000.47, abs=0.005)  # the first year undiscounted
    assert found / 20_000 == pytest.approx(2.318863, abs=1e-6)


@given(share=st.floats(0, 1), per_pound=st.floats(0, 10))
def test_agencies_add_up_to_the_whole(share: float, per_pound: float) -> None:
    raw = data()
    raw["savings"] = {
        "agencies": {"council": {"payer": "council"}, "trust": {}},
        "top_down": {"savings_per_pound": per_pound, "split": {"council": share, "trust": 1 - share}},
    }
    found = measures(loads(dump(raw)))
    together = found["agency.council.savings"] + found["agency.trust.savings"]
    assert together == pytest.approx(per_pound * 100_000)  # all spent at signing, and saved at once
    assert found["public.savings_per_pound"] == pytest.approx(per_pound)


@given(years=st.integers(1, 4), value=st.floats(1, 1e5))
def test_without_lag_and_fading_it_is_the_flat_case(years: int, value: float) -> None:
    raw = data()
    raw["discounting"] = {"public": 0}
    item = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": value, "lasts_months": 12 * years}
    raw["savings"]["items"]["benefit"] = item | {"lag_months": 0, "kept_each_year": 1}
    flat = measures(loads(dump(raw)))["agency.council.savings"]
    assert flat == pytest.approx(96 * value * years)
    raw["savings"]["items"]["benefit"] = item
    assert measures(loads(dump(raw)))["agency.council.savings"] == flat


def test_a_price_of_another_year_is_uprated_once() -> None:
    raw = data()
    raw["timeline"]["signing"] = raw["timeline"]["signing"].replace(year=2024)
    at_prices = measures(loads(dump(raw)))["agency.council.savings"]
    raw["savings"]["items"]["benefit"]["price_year"] = 2011
    assert measures(loads(dump(raw)))["agency.council.savings"] == pytest.approx(at_prices * 100 / 70.834)
    raw["timeline"]["signing"] = raw["timeline"]["signing"].replace(year=2026)  # two years after the index ends
    raw["prices"] = {"inflation": {"triangular": [0.01, 0.02, 0.03]}}
    scenario = loads(dump(raw))
    assert scenario.savings is not None
    assert (scenario.savings.items or {})["benefit"].factor == pytest.approx(100 / 70.834 * 1.02**2)
    raw["timeline"]["signing"] = raw["timeline"]["signing"].replace(year=2024)
    del raw["prices"]
    item = raw["savings"]["items"]["benefit"]
    del item["value"], item["price_year"]
    item["unit_cost"] = "ae_attendance"
    scenario = loads(dump(raw))
    assert measures(scenario)["agency.council.savings"] == pytest.approx(at_prices / 2500 * 153.881, rel=1e-5)
    assert scenario.tables_used.keys() == {"discount_rates", "gdp_deflator", "unit_costs"}


def test_a_table_of_ones_own() -> None:
    raw = data()
    about = {"title": "Ours", "edition": "1", "source": "City Hall", "licence": "OGL", "verified": True}
    dates = {"retrieved": "2020-01-01", "sunset": "2020-12-31"}
    text = dump(raw) + "\n".join(
        ["reference:", "  discount_rates:", *(f"    {k}: {v}" for k, v in (about | dates).items()),
         "    schedules: {ours: [[1, 0.05], [3, 0.01]]}", "discounting: {schedule: ours}", ""]
    ).replace("True", "true").replace("edition: 1", 'edition: "1"')  # fmt: skip
    scenario = loads(text)
    assert scenario.public_factors()[:5] == pytest.approx(
        [1, 1 / 1.05, 1 / 1.05**2, 1 / 1.05**2 / 1.01, 1 / 1.05**2 / 1.01**2]
    )
    assert scenario.doubts() == ("Ours (1) has expired on 2020-12-31: look for a new edition",)
    assert simulate(scenario, 10).record.doubts == scenario.doubts()


@given(real=st.floats(-0.02, 0.08), inflation=st.floats(-0.02, 0.1))
def test_the_real_and_the_nominal_way_agree(real: float, inflation: float) -> None:
    scenario = change(loads(CHAIN), {"discounting.public": real, "prices.inflation": inflation})
    found = measures(scenario)["commissioner.payments_npv"]
    books = base_case(scenario)
    paid = np.asarray(sum(books.settlement.payments.paid.values()))[:, 0]
    nominal = (1 + real) * (1 + inflation) - 1  # Fisher
    assert found == pytest.approx(float(paid @ (1 + nominal) ** -scenario.timeline.years))


def test_the_same_evidence_in_two_places_is_one_draw() -> None:
    raw = data()
    raw["evidence"] = {"value": {"title": "What one is worth", "unit": "£", "studies": {
        "a": {"estimate": 2000, "standard_error": 100, "grade": 2, "source": "assumption"},
        "b": {"estimate": 3000, "standard_error": 100, "grade": 4, "source": "assumption"}}}}  # fmt: skip
    item = raw["savings"]["items"]["benefit"]
    item["value"] = {"evidence": "value"}
    raw["savings"]["items"]["again"] = copy.deepcopy(item)
    result = simulate(loads(dump(raw)), 200)
    assert result["agency.council.savings"].se
    alone = dict(raw["savings"]["items"])
    del alone["again"]
    raw["savings"]["items"] = alone
    one = simulate(loads(dump(raw)), 200)
    assert result.values["agency.council.savings"] == pytest.approx(2 * one.values["agency.council.savings"])
    # equal errors, so the mean is 2,500; grade of the weaker
    value = next(q for q in loads(dump(raw)).quantities() if q.address == "savings.items.benefit.value")
    assert value.central_values()[0] == pytest.approx(2500)
    assert value.grade == 4


def test_health_effects_have_the_health_schedule() -> None:
    """96 people in year 1: 96,000 of money at 3.5 % and as much of wellbeing at 1.5 %."""
    raw = data()
    items = raw["savings"]["items"]
    items["benefit"] = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 1000}
    items["health"] = {
        "outcome": "job", "agency": "council", "kind": "wellbeing", "value": 1000, "discounted_at": "health",
    }  # fmt: skip
    raw["appraisal"] = {"adds_up": ["fiscal", "wellbeing"]}
    scenario = loads(dump(raw))
    found = measures(scenario)
    assert found["agency.council.savings"] == pytest.approx(96_000 / 1.035)
    assert found["agency.council.wellbeing"] == pytest.approx(96_000 / 1.015)
    assert found["public.npv"] == pytest.approx(96_000 / 1.035 + 96_000 / 1.015 - 100_000)
    label = all_measures(base_case(scenario))["public.npv"].label
    assert label.endswith("some wellbeing value at schedule 'health'")


@pytest.mark.parametrize(("size", "released"), [(70_000, 1), (60_000, 1), (36_000, 2), (72_000, 1), (80_000, 0)])
def test_cash_is_released_by_whole_steps(size: float, released: int) -> None:
    """96 people in year 1: 48,000 of cash from one item and 24,000 from the other, 72,000 together; whole steps of it
    come free, at 3.5 % for one year. What is saved but not in cash stays as it was."""
    raw = data()
    item = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 1000, "released_by": "ward"}
    raw["savings"]["items"] = {"beds": item | {"cashable": 0.5}, "staff": item | {"cashable": 0.25}}
    raw["savings"]["steps"] = {"ward": {"size": size}}
    found = measures(loads(dump(raw)))
    assert found["public.cashable_return"] == pytest.approx(released * size / 1.035 / 100_000)
    assert found["public.fiscal_return"] == pytest.approx(2 * 96_000 / 1.035 / 100_000)


def test_a_step_that_is_not_described_is_refused() -> None:
    raw = data()
    raw["savings"]["items"]["benefit"]["released_by"] = "ward"
    with pytest.raises(ScenarioError, match=r"no step called 'ward'; describe it in savings\.steps"):
        loads(dump(raw))


def test_a_value_grows_beyond_prices() -> None:
    """96 wellbeing-years in year 1, each 13,000 at prices of 2018 (two years of growth before signing in 2020, one
    after it): 13,000 × 1.02³; prices are given as unchanged."""
    raw = data()
    wellbeing = {"outcome": "job", "agency": "council", "kind": "wellbeing", "value": 13_000, "price_year": 2018}
    raw["savings"]["items"] = {"joy": wellbeing | {"uprated_by": 1.0, "real_growth": 0.02}}
    assert measures(loads(dump(raw)))["agency.council.wellbeing"] == pytest.approx(96 * 13_000 * 1.02**3 / 1.035)
    # lasting two years from then on: years 2 and 3, each with its own growth
    raw["savings"]["items"]["joy"] |= {"lasts_months": 24}
    value = 96 * 13_000 * (1.02**4 / 1.035**2 + 1.02**5 / 1.035**3)
    assert measures(loads(dump(raw)))["agency.council.wellbeing"] == pytest.approx(value)


def test_studies_may_be_written_where_the_number_is_wanted() -> None:
    raw = data()
    one = {"estimate": 2000, "standard_error": 100, "source": "assumption", "grade": 3}
    body = {"title": "What a job is worth", "studies": {"one": one, "other": one | {"estimate": 3000, "grade": 4}}}
    address = "savings.items.benefit.value"
    raw["savings"]["items"]["benefit"]["value"] = {"unit": "£", "evidence": copy.deepcopy(body)}
    here = loads(dump(raw))
    raw["savings"]["items"]["benefit"]["value"] = {"unit": "£", "evidence": "jobs"}
    raw["evidence"] = {"jobs": body}
    named = loads(dump(raw))
    assert measures(here) == pytest.approx(measures(named), nan_ok=True)
    value = next(q for q in here.quantities() if q.address == address)
    assert (value.central_values(), value.grade, value.unit) == ((2500.0,), 4, "£")
    for changed in (
        change(here, {f"{address}.evidence.studies.one.estimate": 2500}),
        change(named, {"evidence.jobs.studies.one.estimate": 2500}),
    ):
        assert next(q for q in changed.quantities() if q.address == address).central_values() == (2750.0,)
    assert np.std(simulate(here, 50).values["public.savings_per_pound"]) > 0


def dump(raw: Any) -> str:
    from io import StringIO

    out = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(raw, out)
    return out.getvalue()


def test_evidence_takes_the_place_of_a_number_and_gives_way_to_one() -> None:
    folder = Path(__file__).parents[2] / "scenarios" / "what_newcastle_saved"
    scenario = load(folder / "pooled.yaml")
    change_ = next(q for q in scenario.quantities() if q.address == "outcomes.hospital_cost.change")
    assert change_.evidence == "newcastle_hospital_cost"
    assert [address for address, _ in change_.items()] == ["evidence.newcastle_hospital_cost"]
    assert change_.central_values()[0] == pytest.approx(190, abs=0.5)
    same = load(folder / "pooled.yaml", {"outcomes.hospital_cost.change": 90.6})
    found, wanted = measures(same), measures(load(folder / "matched.yaml"))
    assert found == pytest.approx(wanted, nan_ok=True)
    moved = load(folder / "pooled.yaml", {"evidence.newcastle_hospital_cost.studies.local_2019.estimate": 100})
    again = next(q for q in moved.quantities() if q.address == "outcomes.hospital_cost.change")
    assert again.central_values()[0] < 130


def test_the_helpers_refuse_what_the_schema_refuses() -> None:
    with pytest.raises(ScenarioError, match="both public and schedule are given"):
        loads(CHAIN, {"discounting": {"public": 0.03, "schedule": "health"}})


def test_explanations_follow_schedules_steps_and_tables() -> None:
    raw = data()
    item = {"outcome": "job", "agency": "council", "price_year": 2018}
    raw["savings"]["items"] = {
        "beds": item | {"kind": "fiscal", "unit_cost": "ae_attendance", "cashable": 0.5, "released_by": "ward"},
        "health": item | {"kind": "wellbeing", "value": 1000, "discounted_at": "health"},
    }
    del raw["savings"]["items"]["beds"]["price_year"]
    raw["savings"]["steps"] = {"ward": {"size": 3000}}
    scenario = loads(dump(raw))
    found = measures(scenario)
    for name in ("agency.council.wellbeing", "public.cashable_return"):
        assert explain(scenario, name).root.value == pytest.approx(found[name])
    wellbeing = str(explain(scenario, "agency.council.wellbeing"))
    assert f"savings of health = £{found['agency.council.wellbeing']:,.2f}" in wellbeing
    assert "schedule 'health'" in wellbeing
    cash = str(explain(scenario, "public.cashable_return"))
    for words in ("savings.steps.ward.size = 3000", "cash comes in whole steps", "HE4.0", "from 2011 prices"):
        assert words in cash


def test_a_unit_cost_that_is_set_keeps_its_price_year() -> None:
    raw = data()
    item = {"outcome": "job", "agency": "council", "kind": "fiscal"}
    raw["savings"]["items"] = {"visit": item | {"unit_cost": "ae_attendance"}}
    as_it_is = loads(dump(raw))
    doubled = loads(dump(raw), {"savings.items.visit.value": 218})
    headline = "public.savings_per_pound"
    assert measures(doubled)[headline] == pytest.approx(2 * measures(as_it_is)[headline])
    assert "savings.items.visit.value" in {one.address for one in switching_values(as_it_is, (headline,))}
    assert "savings.items.visit.value" in {one.address for one in logs(as_it_is).assumptions}


def test_weak_evidence_is_weak_though_it_was_cut() -> None:
    raw = data()
    study = {"estimate": 2000, "standard_error": 100, "source": "assumption", "grade": 6}
    body = {"title": "Guesses", "discount_by_grade": "each_study", "studies": {"one": study, "two": dict(study)}}
    raw["savings"]["items"]["benefit"]["value"] = {"evidence": body}
    found = appraise(loads(dump(raw)), trials=20)
    assert (found.weak, found.savings[0].grade, found.ungraded) == (1.0, 6, 0.0)
    raw["savings"]["items"]["benefit"]["value"] = 2000
    found = appraise(loads(dump(raw)), trials=20)
    assert (found.weak, found.savings[0].grade, found.ungraded) == (0.0, None, 1.0)
    assert "100.0% rest on numbers of which none has a grade" in str(found)


def test_what_is_measured_and_cashable_weakens_no_saving() -> None:
    raw = data()
    raw["savings"]["items"]["benefit"] |= {
        "value": {"value": 2500, "source": "assumption", "grade": 2},
        "cashable": {"value": 0.5, "source": "assumption", "grade": 6},
    }
    del raw["savings"]["items"]["benefit"]["optimism_bias"]
    raw["savings"]["optimism_bias_by_grade"] = "worst"
    weak = {"source": "assumption", "grade": 6}
    raw["outcomes"]["job"]["verified_share"] = {"value": 0.9, **weak}
    raw["outcomes"]["job"]["counterfactual"] |= {"method": "fixed", "agreed": {"value": 0.2, **weak}}
    found = appraise(loads(dump(raw)), trials=20)
    assert (found.weak, found.savings[0].grade, found.savings[0].optimism_bias) == (0.0, 2, 0.05)


def test_an_outcome_may_be_called_what_it_likes() -> None:
    raw = data()
    raw["outcomes"]["agreed_evidence"] = raw["outcomes"].pop("job")
    raw["outcomes"]["evidence"] = copy.deepcopy(raw["outcomes"]["agreed_evidence"])
    raw["contract"]["terms"]["job"]["outcome"] = raw["savings"]["items"]["benefit"]["outcome"] = "agreed_evidence"
    found = {one.address for one in switching_values(loads(dump(raw)), ("public.savings_per_pound",))}
    assert "outcomes.agreed_evidence.share" in found


def test_setting_a_number_leaves_the_correction_by_grade() -> None:
    raw = data()
    item = raw["savings"]["items"]["benefit"]
    del item["optimism_bias"]
    item["value"] = {"value": 2500, "source": "assumption", "grade": 6}
    raw["savings"]["optimism_bias_by_grade"] = "worst"
    scenario = loads(dump(raw))
    for value in (2500, {"value": 2500, "unit": "£"}):
        assert measures(change(scenario, {"savings.items.benefit.value": value})) == pytest.approx(
            measures(scenario), nan_ok=True
        )
    again = change(change(scenario, {"savings.items.benefit.value": 3000}), {"savings.items.benefit.value": 2500})
    assert measures(again)["public.npv"] == pytest.approx(measures(scenario)["public.npv"])


def test_a_unit_cost_of_ones_own_keeps_its_central_value() -> None:
    raw = data()
    cost = {"title": "A visit", "unit": "£ a visit", "kind": "fiscal", "price_year": 2020, "source": "us", "grade": 2,
            "value": {"value": {"triangular": [20, 40, 90]}, "central": 33}}  # fmt: skip
    raw["reference"] = {"unit_costs": {
        "title": "Ours", "edition": "1", "source": "us", "licence": "ours", "retrieved": dt.date(2026, 1, 1),
        "sunset": dt.date(2099, 1, 1), "verified": True, "costs": {"visit": cost},
    }}  # fmt: skip
    raw["savings"]["items"] = {"visit": {"outcome": "job", "agency": "council", "kind": "fiscal", "unit_cost": "visit"}}
    value = next(q for q in loads(dump(raw)).quantities() if q.address == "savings.items.visit.value")
    assert value.central_values() == (33.0,)


def test_savings_share_units_only_where_their_timing_is_one() -> None:
    raw = data()
    study = {"estimate": 12, "standard_error": 1, "source": "assumption", "grade": 3}
    raw["evidence"] = {"lag": {"title": "Lag", "studies": {"one": study}}}
    item = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 1000}
    lags: tuple[Any, ...] = ({"evidence": "lag", "central": 0}, {"evidence": "lag", "central": 24}, [12])
    raw["savings"]["items"] = {f"n{i}": item | {"lag_months": lag} for i, lag in enumerate(lags)}
    found = base_case(loads(dump(raw))).service.savings
    assert [int(np.argmax(s.gross[:, 0] > 0)) for s in found] == [1, 3, 2]
    moved = {"savings.items.n2.lag_months.0": np.array([36.0])}
    trials = Trials(1, 7, moved)
    assert int(np.argmax(work_through(loads(dump(raw)), trials).service.savings[2].gross[:, 0] > 0)) == 4


def test_what_costs_more_is_not_held_back_by_a_step() -> None:
    raw = data()
    item = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": -1000, "released_by": "ward"}
    raw["savings"]["items"] = {"beds": item | {"cashable": 0.5}}
    raw["savings"]["steps"] = {"ward": {"size": 60_000}}
    assert measures(loads(dump(raw)))["public.cashable_return"] == pytest.approx(-48_000 / 1.035 / 100_000)


def test_labels_say_that_spend_was_raised() -> None:
    found = all_measures(base_case(loads(CHAIN, {"appraisal.cost_optimism_bias": 0.1})))
    for name in ("public.npv", "public.benefit_cost_ratio", "public.fiscal_return", "public.cashable_return"):
        assert "programme spend raised for its optimism bias" in found[name].label
    assert "raised" not in all_measures(base_case(loads(CHAIN)))["public.npv"].label


def test_no_chance_is_known_of_a_ratio_without_spend() -> None:
    raw = data()
    raw["programme"]["costs"] = {}
    found = appraise(loads(dump(raw)), trials=20)
    assert {share.mean for share in found.chances["public.savings_per_pound"].values()} == {None}
    assert "–" in str(found)


def test_setting_a_cost_leaves_the_correction_of_costs() -> None:
    raw = data()
    raw["appraisal"] = {"cost_optimism_bias_by_grade": "worst"}
    scenario = loads(dump(raw))  # the one cost is of grade 3: 10 %
    again = change(scenario, {"programme.costs.set_up": 100_000})
    assert again.appraisal.cost_optimism_bias.central_values() == (0.1,)
    assert measures(again)["public.npv"] == pytest.approx(measures(scenario)["public.npv"])


@pytest.mark.parametrize(
    ("convention", "periods", "falls"),
    [
        ("as_dated", 30, False),  # thirty years at 3.5 %
        ("as_dated", 31, True),
        ("green_book_year", 31, False),  # DF(30)
        ("green_book_year", 32, True),
    ],
)
def test_a_label_names_only_the_rates_that_are_used(convention: str, periods: int, falls: bool) -> None:
    changes = {"timeline.period": "year", "timeline.periods": periods, "discounting.convention": convention}
    scenario = change(loads(CHAIN), changes)
    assert ("falling to 3.00%" in scenario.rates_in_words) == falls
    years = periods - (convention == "green_book_year")
    at_the_first_rate = scenario.public_factors()[-1] == pytest.approx(1.035**-years, rel=1e-9)
    assert at_the_first_rate == (not falls)


def test_the_horizon_of_one_year_is_told_as_one() -> None:
    label = simulate(loads(CHAIN.replace("[1000, 0]", "1000").replace("periods: 6", "periods: 1")), trials=2)[
        "public.savings_per_pound"
    ].label
    assert label.endswith("over 1 year")
