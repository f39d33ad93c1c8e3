"""The contract test battery: closed forms, one contract that passes, and one that fails for each line."""

import copy
import json
from collections.abc import Mapping
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.questions.stress import LIMITS, Check, Figure, Stress, stress
from sibmodel.questions.stress.caps import for_good
from sibmodel.questions.stress.checks import worst_row
from sibmodel.questions.stress.directions import better as directions
from sibmodel.questions.stress.ending import dates
from sibmodel.questions.stress.leaving import Served, without
from sibmodel.questions.stress.marginal import NOTHING, PART
from sibmodel.questions.stress.most import neighbours
from sibmodel.questions.stress.paths import paths
from sibmodel.questions.stress.probe import in_every_period, planned
from sibmodel.questions.stress.reverse import Reverse, nearest_on
from sibmodel.report.address_words import in_words
from sibmodel.report.stress_story import stress_story
from sibmodel.report.stress_words import once_in
from sibmodel.running.execution import base_case
from tests.questions.stress_contracts import FAILS, PASSES, SEED, TRIALS, left_of, varied
from tests.random_contracts import caps, tiers
from tests.random_numbers import Data, numbers
from tests.running.test_runs import SCENARIOS, WTW
from tests.strategies import read, scenarios
from tests.worked.test_measurement import FILE

ROOT = SCENARIOS.parent
MANY = 20_000
PHI = NormalDist()


def of_one_report(counterfactual: str = "{method: none}", **said: Any) -> Stress:
    """The battery on a bond with one report of one effect, whose standard error is 0.04."""
    text = FILE.replace("{{method: {method}}}", "{counterfactual}")
    numbers_ = {"people": 10_000, "sd": 4, "counterfactual": counterfactual, **said}
    return stress(sibmodel.loads(text.format(**numbers_)), MANY, 11)


def near(figure: Any, expected: float) -> bool:
    """Whether a simulated figure is as expected, within four standard errors."""
    assert figure.mean is not None
    assert figure.se is not None
    return bool(figure.mean == pytest.approx(expected, abs=4 * figure.se + 1e-12))


# ---------------------------------------------------------------------------------------------- closed forms


def test_m7_a_threshold_pays_for_nothing_and_misses_as_often_as_the_closed_form_says() -> None:
    """Threshold 0.075, standard error 0.04: Φ(−0.075/0.04) = 0.030396; an effect of 0.10 is missed 0.265986 often."""
    found = of_one_report(effect=0.1, points=[[0.075, 0], [0.0750001, 1]])
    nothing, missed = found["nothing"], found["working"]
    assert PHI.cdf(-0.075 / 0.04) == pytest.approx(0.030396, abs=5e-7)
    assert near(nothing.numbers["chance"], 0.030396)
    assert near(nothing.numbers["noise"], 0.030396)  # £1 a time, all of it noise
    assert near(nothing.numbers["noise_chance"], 0.030396)
    assert PHI.cdf(-(0.1 - 0.075) / 0.04) == pytest.approx(0.265986, abs=5e-7)
    assert near(missed.numbers["chance_of_nothing"], 0.265986)
    assert near(missed.numbers["shortfall"], 0.265986)
    assert missed.verdict == "fail"  # more than one effect in five
    assert found["cliffs"].numbers["share_of_most"].base == pytest.approx(1.0)  # all or nothing
    assert found["cliffs"].verdict == "fail"


def test_m9_a_capped_line_pays_for_nothing_what_the_closed_form_says() -> None:
    """£40m per 1.00 from 0.05, at most £5m: £80,936.96 on average without any effect, and £0 in the base case."""
    found = of_one_report(effect=0.05, points=[[0.05, 0], [0.175, 5e6]])["nothing"]
    assert found.numbers["mean"].base == 0
    assert near(found.numbers["mean"], 80_936.96)
    assert near(found.numbers["noise"], 80_936.96)
    # the share of what the effect of 0.05 is paid, £637,917.16
    share = found.numbers["share_paid"]
    assert near(share, 80_936.96 / 637_917.16)
    assert found.verdict == "warn"


def test_m11_a_historic_baseline_pays_for_the_trend() -> None:
    """A fall of 0.08 that comes anyway, threshold 0.075: Φ(0.005/0.04) = 0.549738, of which noise alone 0.030396."""
    found = of_one_report(
        "{method: history, level: 0.08, agreed: 0}", effect=0.18, points=[[0.075, 0], [0.0750001, 1]]
    )["nothing"]
    assert PHI.cdf(0.125) == pytest.approx(0.549738, abs=5e-7)
    assert near(found.numbers["chance"], 0.549738)
    assert near(found.numbers["drift"], 0.549738 - 0.030396)
    assert near(found.numbers["drift_chance"], 0.549738 - 0.030396)
    assert near(found.numbers["noise"], 0.030396)
    assert "deadweight" not in found.numbers
    assert found.verdict == "fail"


def test_m12_people_chosen_because_they_use_much_come_nearer_to_the_mean() -> None:
    """mean 1, sd 2, r 0.5, chosen from 3: a fall of 1.525135 with no help, paid £1 a unit."""
    terms = "{regression_to_mean: {distribution: normal, mean: 1, sd: 2, correlation: 0.5, chosen_from: 3}}"
    found = of_one_report(terms, effect=2.0, points=[[0, 0], [10, 10]])["nothing"]
    assert found.numbers["mean"].base == pytest.approx(1.525135, abs=5e-7)
    assert near(found.numbers["mean"], 1.525135)
    # without the fall, what is left is the noise above nought: se × φ(0) = 0.04 × 0.398942
    assert near(found.numbers["noise"], 0.04 * 0.398942)
    assert near(found.numbers["regression"], 1.525135 - 0.04 * 0.398942)
    assert "drift" not in found.numbers


def test_m14_a_trigger_pays_for_what_happens_anyway_as_often_as_the_binomial_says() -> None:
    """200 people, 30 % of whom succeed without help, paid from 72 on: 0.039628."""
    data = {
        **LINEAR,
        "outcomes": {
            "job": {
                "type": "achievement", "share": 0.4, "counterfactual": {"level": 0.3},
                "luck": {"intraclass_correlation": 0},
            },
        },
        "programme": {"service": {"to_month": 12}, "groups": {"all": {"referrals": 200, "engaged": 1}}},
        "contract": {
            "payers": {"city": {}},
            "terms": {"job": {"rule": "trigger", "amount": 1000, "when": {"outcome": "job", "at_least": 72}}},
        },
    }  # fmt: skip
    found = stress(read(data), MANY, SEED)["nothing"].numbers
    assert near(found["chance"], 0.039628)
    assert near(found["mean"], 39.628)
    assert near(found["deadweight"], 39.628)  # without those who succeed anyway there is no luck either


def test_parts_add_up_to_what_is_paid_for_nothing() -> None:
    numbers_ = stress(WTW, 300, 3)["nothing"].numbers
    parts = sum(numbers_[name].mean or 0.0 for name in ("deadweight", "noise", "whatever"))
    assert parts == pytest.approx(numbers_["mean"].mean)


def battery_on(line: str | None) -> Stress:
    """The battery on the contract that passes, or on the variation of a line."""
    return stress(read(varied(line)), TRIALS, SEED, budget_each_year=left_of(line))


# ------------------------------------------------------------------------------ one line fails, and only that


def test_a_contract_that_passes_every_line() -> None:
    found = battery_on(None)
    assert {check.name: check.verdict for check in found.checks if check.verdict != "pass"} == {}
    assert [check.name for check in found.checks] == list(LIMITS)
    assert set(LIMITS) == set(FAILS)
    assert not found.failed


@pytest.mark.parametrize("line", list(FAILS))
def test_a_contract_built_to_fail_a_line_fails_it_and_no_other(line: str) -> None:
    found = battery_on(line)
    assert [check.name for check in found.failed] == [line]
    assert {check.name: check.verdict for check in found.checks if check.verdict not in ("pass", "fail")} == {}


# --------------------------------------------------------------------------------------------- line by line


def of(line: str) -> Check:
    return battery_on(line)[line]


def test_the_smallest_counterexample_can_be_put_into_pay() -> None:
    """39 jobs in a half-year are paid 39 × £4,000 and the bonus of £30,000; 40 jobs £160,000."""
    check, scenario = of("better"), read(varied("better"))
    example = check.counterexample
    assert example is not None
    (row,), (better,) = example.rows, example.better
    assert (row.outcome, row.quantity, better.quantity) == ("job", 39, 40)
    assert (example.pays, example.better_pays) == (186_000, 160_000)
    assert sibmodel.pay(scenario, [row]).total == 186_000
    assert sibmodel.pay(scenario, [better]).total == 160_000
    assert check.said["terms"] == "bonus"


def test_a_better_outcome_that_crowds_out_another_payers_term_is_found() -> None:
    """The contract's cap is filled by a term whose payer is exhausted, so that more of it is paid less in all."""
    data = varied()
    data["outcomes"]["course"] = {"type": "achievement", "share": 0.9}
    contract = data["contract"]
    contract["cap"] = 400_000
    contract["payers"]["fund_a"]["cap"] = 50_000
    contract["terms"]["course"] = {
        "rule": "price", "outcome": "course", "price": 3000, "split": {"fund_a": 1.0},
    }  # fmt: skip
    contract["terms"]["job"]["split"] = {"council": 0.5, "fund_b": 0.5}
    contract["split"] = {"council": 0.4, "fund_a": 0.3, "fund_b": 0.3}
    scenario = read(data)
    check = stress(scenario, 50, SEED)["better"]
    assert check.verdict == "fail"
    example = check.counterexample
    assert example is not None
    before, after = (sibmodel.pay(scenario, rows).total for rows in (example.rows, example.better))
    assert after < before - 0.01
    assert {row.outcome for row in example.rows} == {"job", "course"}


def test_a_better_outcome_whose_bonus_falls_into_a_full_period_is_found() -> None:
    """A cap by half-year without carry: a bonus that is earned earlier is lost where that half-year is full already.

    30 jobs are £120,000, the cap; the bonus of £50,000 comes with the thirtieth, or else is paid a half-year later.
    """
    data = varied()
    data["contract"]["caps"] = {"period": 120_000}
    when = {"outcome": "job", "over": "contract", "at_least": 30}
    data["contract"]["terms"]["bonus"] = {"rule": "trigger", "amount": 50_000, "when": when, "pays": "once"}
    scenario = read(data)
    rows = [{"period": 3, "outcome": "job", "quantity": n} for n in (29, 30)]
    later = {"period": 4, "outcome": "job", "quantity": 1}
    assert [sibmodel.pay(scenario, [row, later]).total for row in rows] == [116_000 + 4_000 + 50_000, 120_000 + 4_000]
    example = stress(scenario, 50, SEED)["better"].counterexample
    assert example is not None
    before, after = (sibmodel.pay(scenario, rows).total for rows in (example.rows, example.better))
    assert after < before - 0.01


def test_a_term_that_falls_while_another_makes_up_for_it_warns() -> None:
    """£30,000 for 20 to 39 jobs and £60,000 from 40 on: each is a term, and together they rise."""
    data = varied("better")
    when = {"outcome": "job", "at_least": 40}
    data["contract"]["terms"]["more"] = {"rule": "trigger", "amount": 60_000, "when": when}
    check = stress(read(data), 50, SEED)["better"]
    assert (check.verdict, check.said["falling"]) == ("warn", "bonus")


def test_less_of_a_bad_outcome_is_better() -> None:
    """A scale that falls pays for less; its contract is as it should be, and the battery sees it."""
    data = varied()
    data["outcomes"]["eviction"] = {"type": "achievement", "share": 0.1}
    data["contract"]["terms"]["eviction"] = {"rule": "linear", "outcome": "eviction", "points": [[0, 9000], [20, 0]]}
    scenario = read(data)
    assert directions(base_case(scenario)) == {"job": 1, "eviction": -1}
    check = stress(scenario, 50, SEED)["better"]
    assert check.verdict == "pass"
    assert check.said["less_is_better"] == "eviction"


def test_the_cliff_is_where_the_bonus_is() -> None:
    """The hundredth job brings its £4,000 and £1,200,000, of £3,000,000 at most."""
    numbers_ = of("cliffs").numbers
    assert (numbers_["from"].base, numbers_["to"].base) == (99, 100)
    assert numbers_["jump"].base == pytest.approx(1_204_000)
    assert numbers_["share_of_most"].base == pytest.approx(1_204_000 / 3_000_000)


def test_more_than_stated_is_the_tax() -> None:
    """40 % of £3,000,000, and a fifth of it as tax that the council cannot recover."""
    numbers_ = of("most").numbers
    assert numbers_["stated"].base == pytest.approx(1_200_000)
    assert numbers_["found"].base == pytest.approx(1_440_000)


def test_without_a_cap_there_is_no_end() -> None:
    data = varied()
    del data["contract"]["cap"]
    check = stress(read(data), 50, SEED)["most"]
    assert check.verdict == "warn"
    assert check.said["endless"] == "yes"
    assert check.numbers["stated"].base is None


def test_a_search_reaches_caps_by_year_in_every_year() -> None:
    """£500,000 in each of the first two financial years after signing, and £226,000 in each of four others."""
    found = stress(read(varied("caps")), 50, SEED)["most"].numbers
    assert found["all_payers"].base == pytest.approx(2 * 500_000 + 4 * 226_000)
    assert found["found"].base == pytest.approx(0.4 * (2 * 500_000 + 4 * 226_000))


@pytest.mark.parametrize(
    ("changed", "stated"),
    [
        # 63.4 % of £3,000,000 and of £2,460,000, in 35 of 36 quarters with £100,000 each
        ({"terms.hospital_cost.cap": 3_000_000, "payers.ccg.caps": {"period": 100_000}}, 3_462_439.02),
        # ten financial years
        ({"payers.ccg.caps": {"financial_year": 500_000}}, 5_000_000),
        # 63.4 % of ten times £800,000; a year's reports on wellbeing earn less than that
        ({"caps": {"financial_year": 800_000}}, 5_073_170.73),
    ],
)
def test_a_search_fills_caps_by_period_and_year_exactly(changed: Data, stated: float) -> None:
    """With too much in one quarter the term's cap is used up where the payer's own cap lets little through."""
    values = {f"contract.{address}": value for address, value in changed.items()}
    scenario = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml", values)
    check = stress(scenario, 50, SEED)["most"]
    assert check.verdict == "pass"
    assert check.numbers["stated"].base == pytest.approx(stated)
    assert check.numbers["found"].base == pytest.approx(stated, abs=1)
    assert "The most that a search found for commissioners is" in check.sentence


def test_a_search_looks_where_less_is_better() -> None:
    """Every person reported on is worth £3,000 for each point less, and £6,000 at most."""
    data = varied()
    data["outcomes"]["score"] = {
        "type": "effect",
        "change": -1,
        "measurement": {"first_month": 12, "every_months": 6, "last_month": 54, "person_sd": 1},
    }
    terms = {"rule": "linear", "outcome": "score", "points": [[-2, 6000], [0, 0]], "per": "person"}
    data["contract"] |= {"terms": {"score": terms}, "cap": 100_000_000}
    probe = in_every_period(base_case(read(data)))
    people = sum(cell.people or 0 for cell in probe.cells)
    found = stress(read(data), 50, SEED)["most"].numbers["all_payers"].base
    assert found == pytest.approx(6000 * people)


def test_payments_against_a_budget() -> None:
    """£89,600 in a full year against £90,000, 40 % of £4,000 a job: more than 56 jobs are too many."""
    check = of("budget")
    year = dict(check.rows)["2028/29"]
    assert year["paid"].base == pytest.approx(0.4 * 4000 * 56)
    paid = 0.4 * 4000
    scenario = read(varied())
    result = sibmodel.simulate(scenario, TRIALS, SEED)
    by_year = result.payments_frame()
    mean = by_year.loc[("2028/29", "council"), "mean"]
    assert year["paid"].mean == pytest.approx(mean)
    assert year["chance"].mean is not None
    assert 0.2 < year["chance"].mean < 0.8
    assert year["excess"].mean is not None
    assert year["excess"].mean > paid * year["chance"].mean / 2
    with pytest.raises(sibmodel.SibmodelError, match="cannot be used"):
        stress(scenario, 2, SEED, budget_each_year=-1)


def test_an_early_end_by_hand() -> None:
    """After a year: £20,000 at signing and £54,000 and £54,000 of service for 40 people each half-year and group …

    £50,000 + 80 × £100 a half-year; no job is verified yet and nothing is redeemed, so all is lost.
    """
    rows = dict(of("ending").rows)
    first = rows["2027-03-31"]
    assert first["put_in"].base == pytest.approx(20_000 + 2 * (50_000 + 80 * 100))
    assert first["lost"].base == pytest.approx(first["put_in"].base)
    with_table = dict(stress(read(PASSES), 50, SEED)["ending"].rows)["2027-03-31"]
    # £200,000 less the second half-year's £58,000
    assert with_table["back"].base == pytest.approx(200_000 - 58_000)


def test_a_payer_that_leaves_pays_nothing() -> None:
    """One tenth of £896,000 against £484,000 of cost: the commitment of £500,000 is not enough for all of it."""
    rows = dict(of("leaving").rows)
    spend, left = 20_000 + 8 * 58_000, 0.1 * 896_000
    council = rows["council"]
    assert council["paid"].base == 0
    # each half-year from the third to the eighth, 11,200 come in and 58,000 go out
    assert council["put_in"].base == pytest.approx(20_000 + 2 * 58_000 + 6 * (58_000 - 11_200))
    assert council["back"].base == pytest.approx(left - 6 * 11_200)
    assert (council["lost"].base or 0.0) == pytest.approx(spend - left)


def poor() -> Data:
    """A job is paid £1,000: £28,000 a half-year from the third to the tenth, £224,000 against £484,000 of cost."""
    data = varied("ending")
    data["contract"]["terms"]["job"]["price"] = 1000
    return data


def test_an_early_end_is_judged_by_what_it_costs_beyond_what_is_lost_anyway() -> None:
    """Without it £260,000 are lost. After four years six of eight half-years are paid, £168,000: £316,000 are lost.

    After five all is paid and as much is lost as without; after one, what is not spent yet is spared.
    """
    check = stress(read(poor()), 50, SEED)["ending"]
    rows, alone = dict(check.rows), 484_000 - 224_000
    lost = {"2027-03-31": 136_000, "2030-03-31": 484_000 - 168_000, "2031-03-31": alone}
    for date, pounds in lost.items():
        assert rows[date]["lost"].base == pytest.approx(pounds)
        assert rows[date]["alone"].base == pytest.approx(alone)
        assert rows[date]["extra"].base == pytest.approx(pounds - alone)
    assert rows["2027-03-31"]["extra_share"].base == 0.0
    assert rows["2027-03-31"]["loss_share"].base == pytest.approx(1.0)
    # £20,000 and two half-years of £58,000, then six of £58,000 less £28,000
    put_in = 20_000 + 2 * 58_000 + 6 * 30_000
    assert rows["2030-03-31"]["extra_share"].base == pytest.approx(56_000 / put_in)  # 17.7 %
    one = rows["2030-03-31"]
    assert one["extra"].mean == pytest.approx((one["lost"].mean or 0.0) - (one["alone"].mean or 0.0))
    assert (check.verdict, check.said["when"]) == ("warn", "2030-03-31")
    assert (
        "investors have put in £316k, get back £0 and lose £316k; without an early end they lose £260k. So it costs "
        "them £56.0k, 17.7% of what they put in;"
    ) in check.sentence


def test_an_early_end_after_all_is_paid_costs_nothing_though_money_is_lost() -> None:
    """All is paid at once and nothing is looked forward to: from one year on the loss is the same with and without."""
    data = poor()
    data["outcomes"]["job"]["lag_months"] = 0
    data["programme"]["service"]["to_month"] = 12
    check = stress(read(data), 50, SEED)["ending"]
    # £20,000 and two half-years of £58,000, of which £28,000 each come back
    assert all(one["lost"].base == pytest.approx(80_000) for _, one in check.rows)
    assert check.verdict == "pass"
    assert check.numbers["loss_share"].base == pytest.approx(1.0)
    assert "An early end costs investors nothing in the base case, whenever it comes; they lose £80.0k without it." in (
        check.sentence
    )


def test_a_leaving_payer_is_judged_by_what_that_costs_beyond_what_is_lost_anyway() -> None:
    """The council's 40 % of £224,000, £89,600, of £20,000 and two half-years of £58,000 and six of £41,200 put in."""
    check = stress(read(poor()), 50, SEED)["leaving"]
    council = dict(check.rows)["council"]
    assert council["lost"].base == pytest.approx(484_000 - 0.6 * 224_000)
    assert council["alone"].base == pytest.approx(484_000 - 224_000)
    assert council["extra"].base == pytest.approx(89_600)
    assert council["put_in"].base == pytest.approx(20_000 + 2 * 58_000 + 6 * (58_000 - 0.6 * 28_000))
    assert council["extra_share"].base == pytest.approx(89_600 / 383_200)  # 23.4 %, where 91.2 % are lost
    assert council["loss_share"].base == pytest.approx(349_600 / 383_200)
    assert (check.verdict, check.said["payer"]) == ("warn", "council")
    assert (
        "investors lose £350k in the base case; if all pay they lose £260k. So it costs them £89.6k, 23.4% of what they"
    ) in check.sentence


def test_a_contract_of_one_financial_year_has_no_date_to_end_early_on() -> None:
    """Signed on 31 March 2026 it ends on 31 March 2027, the last day of 2026/27 and its own end."""
    data = varied()
    data["timeline"]["periods"] = 2
    data["programme"]["service"]["to_month"] = 12
    data["outcomes"]["job"]["lag_months"] = 0
    del data["contract"]["termination"]
    scenario = read(data)
    assert dates(scenario) == ()
    check = stress(scenario, 50, SEED)["ending"]
    assert check.verdict == "does not apply"
    assert check.reason.startswith("no financial year ends between signing and the contract's own end")


def test_nobody_tops_up_a_payer_that_left() -> None:
    """Half of £896,000 each; a fund adds 40p in the pound of what the city pays: £179,200, which goes with it."""
    data = varied()
    data["contract"]["payers"] = {
        "city": {}, "council": {}, "match": {"kind": "outcomes_fund", "tops_up": {"payers": ["city"], "share": 0.4}},
    }  # fmt: skip
    data["contract"]["split"] = {"city": 0.5, "council": 0.5}
    scenario = read(data)
    base = base_case(scenario)
    assert float(base.settlement.payments.total.sum()) == pytest.approx(896_000 + 179_200)
    served = Served.of(scenario, base.trials)
    left = {payer: without(served, payer, 0).settlement.payments.total for payer in ("city", "council")}
    assert float(left["city"].sum()) == pytest.approx(448_000)
    assert float(left["council"].sum()) == pytest.approx(448_000 + 179_200)
    late = without(served, "city", 7).settlement.payments.total  # four of eight half-years are paid
    assert float(late.sum()) == pytest.approx(448_000 + (448_000 + 179_200) / 2)


def test_margins_of_groups_by_hand() -> None:
    """£6,000 and £2,500 for 0.35 jobs each, £100 spent on each: margins of £2,000 and £775, a gain of £1,225."""
    check = of("groups")
    rows = dict(check.rows)
    assert rows["young"]["margin"].base == pytest.approx(0.35 * 6000 - 100)
    assert rows["adult"]["margin"].base == pytest.approx(0.35 * 2500 - 100)
    assert near(rows["young"]["margin"], 0.35 * 6000 - 100)
    assert check.numbers["gain"].base == pytest.approx(0.35 * 3500)
    assert check.numbers["average"].base == pytest.approx(0.35 * 4250)


def test_the_flat_part_of_a_scale_by_hand() -> None:
    """A scale that ends at 20 of 28 planned jobs is flat from 72 % of the plan to 200 %: 128 or 129 of 200 steps."""
    rows = dict(of("marginal").rows)
    assert rows["job"]["more"].base == 0
    assert rows["job"]["flat"].base == pytest.approx(1 - (20 / 28) / 2, abs=0.01)


@pytest.mark.parametrize(
    ("room", "verdict", "said"), [(473, "warn", "partly"), (400, "fail", "flat"), (5_000, "pass", "")]
)
def test_a_sliver_of_room_under_a_cap_is_no_pay_for_more(room: float, verdict: str, said: str) -> None:
    """1 % more of 224 jobs at £4,000 is £8,960, of which a cap leaves £473, 5.3 %, or £400, 4.5 %, or £5,000, 56 %."""
    data = varied()
    data["contract"]["cap"] = 224 * 4000 + room
    check = stress(read(data), 50, SEED)["marginal"]
    numbers_ = dict(check.rows)["job"]
    assert numbers_["usual"].base == pytest.approx(8_960)
    assert numbers_["more"].base == pytest.approx(room)
    assert numbers_["part"].base == pytest.approx(room / 8_960)
    assert (check.verdict, list(check.said)) == (verdict, [said] if said else [])


def test_all_outcomes_together_share_the_room_under_a_cap() -> None:
    """1 % more of either of two alone is paid £500 of £8,960, 5.6 %; of both together £500 of £17,920, under 5 %."""
    data = varied()
    data["outcomes"]["home"] = data["outcomes"]["job"]
    data["contract"]["terms"]["home"] = {"rule": "price", "outcome": "home", "price": 4000}
    data["contract"]["cap"] = 2 * 224 * 4000 + 500
    check = stress(read(data), 50, SEED)["marginal"]
    assert {name: numbers_["part"].base for name, numbers_ in check.rows} == {
        "job": pytest.approx(500 / 8_960), "home": pytest.approx(500 / 8_960),
    }  # fmt: skip
    assert check.numbers["together"].base == pytest.approx(500)
    assert check.numbers["part"].base == pytest.approx(500 / 17_920)
    assert (check.verdict, check.numbers["flat_share"].base) == ("fail", 1.0)
    assert "At the plan £500 is paid for 1% more of every outcome together; on the way to the plan 1% earns £17.9k" in (
        check.sentence
    )


def test_a_lump_on_the_way_does_not_count_as_what_one_per_cent_earns() -> None:
    """With the hundredth job comes a bonus of £1,200,000; every other hundredth of 224 jobs earns £8,960."""
    usual = dict(battery_on("cliffs")["marginal"].rows)["job"]["usual"].base
    assert usual == pytest.approx(8_960)


def with_mood(**term: Any) -> dict[str, Any]:
    """Jobs at £4,000, 224 planned, and a second outcome of which 1 point is planned, exactly measured."""
    data = varied()
    data["outcomes"]["mood"] = {
        "type": "effect", "change": 1, "counterfactual": {"method": "trial"},
        "measurement": {"first_month": 54, "every_months": 54, "person_sd": 0},
    }  # fmt: skip
    data["contract"]["terms"]["mood"] = term
    return data


TRIGGER = {"rule": "trigger", "when": {"outcome": "mood", "at_least": 0.8}, "amount": 150_000, "pays": "once"}


@pytest.mark.parametrize(("room", "verdict", "part"), [(None, "warn", 1.0), (400, "fail", 400 / 8_960)])
def test_a_trigger_below_the_plan_is_no_pay_for_each_per_cent(room: float | None, verdict: str, part: float) -> None:
    """One step of 100 brings £150,000 and none else anything: 1 % of mood earns nothing, 1 % of 224 jobs £8,960.

    A cap that leaves £400 of room, 4.5 % of £8,960, still fails.
    """
    data = with_mood(**TRIGGER)
    if room is not None:
        data["contract"]["cap"] = 224 * 4000 + 150_000 + room
    check = stress(read(data), 50, SEED)["marginal"]
    rows = dict(check.rows)
    assert (rows["mood"]["usual"].base, rows["mood"]["more"].base) == (0.0, 0.0)
    assert rows["mood"]["flat"].base == pytest.approx(199 / 200)
    assert check.numbers["usual"].base == pytest.approx(8_960)
    assert check.numbers["part"].base == pytest.approx(part)
    assert (check.verdict, check.said["lumps"]) == (verdict, "mood")
    assert "on the way to the plan 1% earns £8.96k, where it is paid for by degrees." in check.sentence
    assert "Nothing is paid for more of outcome 'mood', and only lumps on the way to the plan." in check.sentence


def test_where_all_pay_is_lumps_nobody_is_paid_for_more() -> None:
    """The trigger alone: all or nothing, and all is reached at 80 % of the plan."""
    data = with_mood(**TRIGGER)
    del data["contract"]["terms"]["job"]
    check = stress(read(data), 50, SEED)["marginal"]
    assert (check.verdict, check.numbers["flat_share"].base) == ("fail", 1.0)
    assert check.sentence.startswith("At the plan £0 is paid for 1% more of outcome 'mood', and only lumps on the way")
    assert "Nothing is paid for more" not in check.sentence


@pytest.mark.parametrize(
    ("points", "more", "verdict"),
    [([[0.97, 0], [1.07, 100_000]], 10_000, "pass"), ([[0.5, 0], [0.55, 50_000]], 0, "warn")],
)
def test_a_steep_scale_is_no_lump(points: list[list[float]], more: float, verdict: str) -> None:
    """£10,000 for each of the three hundredths before the plan, and the next; or for five in the middle only."""
    check = stress(read(with_mood(rule="linear", outcome="mood", points=points)), 50, SEED)["marginal"]
    mood = dict(check.rows)["mood"]
    assert mood["usual"].base == pytest.approx(10_000)
    assert mood["more"].base == pytest.approx(more)
    assert (check.verdict, "lumps" in check.said, check.said.get("flat")) == (
        verdict, False, None if more else "mood",
    )  # fmt: skip


def test_less_of_a_fall_is_no_better_where_less_is_better() -> None:
    """£10,000 for each unit of a fall from 0 to −4: at −2, 1 % better is −2.02, and £200 more."""
    data = varied()
    data["outcomes"]["harm"] = {
        "type": "effect", "change": -2, "counterfactual": {"method": "trial"},
        "measurement": {"first_month": 54, "every_months": 54, "person_sd": 0},
    }  # fmt: skip
    data["contract"]["terms"]["harm"] = {"rule": "linear", "outcome": "harm", "points": [[-4, 40_000], [0, 0]]}
    harm = dict(stress(read(data), 50, SEED)["marginal"].rows)["harm"]
    assert harm["more"].base == pytest.approx(200)
    assert harm["usual"].base == pytest.approx(200)


def test_on_the_way_to_the_plan_a_bad_outcome_becomes_less() -> None:
    """£450 less for each of up to 20 evictions in a half-year, 8 planned: 1 % of 64 are 0.64 × £450 = £288."""
    data = varied()
    data["outcomes"]["eviction"] = {"type": "achievement", "share": 0.1}
    data["contract"]["terms"]["eviction"] = {"rule": "linear", "outcome": "eviction", "points": [[0, 9000], [20, 0]]}
    eviction = dict(stress(read(data), 50, SEED)["marginal"].rows)["eviction"]
    assert eviction["more"].base == pytest.approx(288)
    assert eviction["usual"].base == pytest.approx(288)


def test_an_outcome_that_no_term_reads_is_named() -> None:
    """And tried nowhere, as it changes no payment."""
    data = varied()
    data["outcomes"]["smile"] = {"type": "achievement", "share": 0.9}
    found = stress(read(data), 50, SEED)
    assert (found["marginal"].verdict, found["marginal"].said["unread"]) == ("warn", "smile")
    assert "No term reads outcome 'smile'." in found["marginal"].sentence
    assert [name for name, _ in found["cliffs"].rows] == ["job"]
    assert "unclear" not in found["better"].said


def test_the_sentence_quotes_the_worst_row() -> None:
    """By verdict first, then by the figure that is judged, then by the next, whatever comes first in the file."""
    worse = stress(WTW, 300, 3)["working"]
    assert [name for name, _ in worse.rows] == ["wellbeing", "hospital_cost"]
    assert worse.said["term"] == "hospital_cost"  # neither ever pays nothing, but this one pays too little
    assert "of 2 terms term 'hospital cost' fares worst" in worse.sentence
    rows = [
        (name, {"loss_share": Figure("", "rate", share), "lost": Figure("", "£", pounds)})
        for name, share, pounds in (("first", 1.0, 10.0), ("second", 1.0 - 1e-12, 20.0), ("third", 0.9, 30.0))
    ]
    assert worst_row("ending", rows, "loss_share", "lost")[0] == "second"


def test_where_the_plan_changes_nothing_no_more_of_it_can_be_asked_for() -> None:
    """Rikers Island: a fall of 0 % in the base case, which is what happened."""
    check = stress(sibmodel.load(SCENARIOS / "published" / "rikers_island.yaml"), 50, SEED)["marginal"]
    assert check.verdict == "does not apply"
    assert check.reason == "the base case verifies none of the outcomes that are paid for"


def test_what_costs_nothing_in_the_base_case_may_cost_something_on_average() -> None:
    """Rikers Island: £2.4m of £9.6m are lost in the base case, which pays nothing, whoever ends or leaves."""
    found = stress(sibmodel.load(SCENARIOS / "published" / "rikers_island.yaml"), 200, SEED)
    for name, words in (("ending", "Worst on 20"), ("leaving", "Worst if payer 'city' pays nothing from the start on")):
        check = found[name]
        assert (check.numbers["lost"].base, check.numbers["alone"].base) == (2_400_000, 2_400_000)
        assert check.numbers["extra"].base == 0.0
        assert (check.numbers["extra"].mean or 0.0) > 0.0
        assert check.verdict == "pass"
        assert "they lose £2.40m" in check.sentence
        assert words in check.sentence


def test_a_cliff_beside_a_slope_is_found() -> None:
    """1,000 days at £80, and £1,000 with the 700th: an interval of 25 days earns £2,000, and yet the jump is £1,080."""
    data = copy.deepcopy(LINEAR)
    when = {"outcome": "days", "over": "contract", "at_least": 700}
    data["contract"]["terms"]["bonus"] = {"rule": "trigger", "amount": 1000, "pays": "once", "when": when}
    numbers_ = stress(read(data), 50, SEED)["cliffs"].numbers
    assert (numbers_["from"].base, numbers_["to"].base) == (699, 700)
    assert numbers_["jump"].base == pytest.approx(1_080)


def test_what_a_cap_leaves_unpaid_by_hand() -> None:
    """A cap of half of £896,000: after four of eight payments of £112,000, from the seventh half-year on, 112 jobs."""
    data = varied()
    data["contract"]["cap"] = 448_000
    check = stress(read(data), 50, SEED)["caps"]
    assert check.numbers["chance"].base == 1
    assert check.numbers["forgone"].base == pytest.approx(448_000)
    assert check.numbers["when"].base == pytest.approx(3.5, abs=0.01)
    assert check.numbers["unpaid.job"].base == pytest.approx(112)
    assert "of term 'job'" in check.sentence


def test_a_budget_pays_the_tax_too() -> None:
    """£89,600 and a fifth that the council cannot recover: £107,520 in a full year."""
    check = stress(read(varied("most")), 50, SEED, budget_each_year=1e6)["budget"]
    assert dict(check.rows)["2028/29"]["paid"].base == pytest.approx(1.2 * 89_600)


def test_a_budget_pays_what_commissioners_bear_themselves() -> None:
    """£5,000 for lawyers at signing, in the financial year of signing, on top of what is paid then."""
    data = varied("most")
    before = stress(read(data), 50, SEED, budget_each_year=1e6)["budget"].rows
    costs = data["programme"].setdefault("costs", {})
    costs["further"] = costs.get("further", {}) | {"lawyers": {"amount": 5000, "borne_by": "council"}}
    (year, figures), *_ = stress(read(data), 50, SEED, budget_each_year=1e6)["budget"].rows
    paid = dict(before)[year]["paid"].base if year in dict(before) else 0.0
    assert figures["paid"].base == pytest.approx(5000 + (paid or 0.0))


def test_the_budget_of_the_file_counts_where_none_is_given() -> None:
    data = varied("most") | {"acceptance": {"commissioners": {"budget_each_year": 60_000}}}
    by_file, given = (stress(read(data), 50, SEED, budget_each_year=each)["budget"] for each in (None, 70_000))
    assert (by_file.numbers["budget"].base, given.numbers["budget"].base) == (60_000, 70_000)


def test_of_many_years_twelve_dates_are_looked_at() -> None:
    """Of twenty years nineteen ends are inside the contract, of which the first and the last are among the twelve."""
    data = varied()
    data["timeline"]["periods"] = 40
    scenario = read(data)
    chosen = dates(scenario)
    assert len(chosen) == 12
    assert [scenario.timeline.ends[t].year for t in (chosen[0], chosen[-1])] == [2027, 2045]


def test_service_stops_when_a_payer_has_left_and_money_runs_out() -> None:
    """Of £300,000 committed £20,000 + 5 × £58,000 − 3 × £11,200 = £276,400 are used after five half-years.

    The sixth needs £46,800 more, £23,200 beyond the commitment; then service stops. Without that clause the two after
    it need £46,800 each as well: £116,800 in all.
    """
    for stops, gap in ((True, 23_200), (False, 23_200 + 2 * 46_800)):
        data = varied("leaving")
        data["capital"] = {"tranches": {"fund": {"commitment": 300_000}}, "service_stops": stops}
        row = dict(stress(read(data), 20, SEED)["leaving"].rows)["council"]
        assert row["gap"].base == pytest.approx(gap)
        assert row["put_in"].base == pytest.approx(300_000)


def test_what_another_payer_takes_over_is_not_taken_away() -> None:
    """One fund is full after £50,000 and the other pays on; only of the last payment, £112,000, are £16,000 lost."""
    data = varied()
    data["contract"]["payers"]["fund_a"] |= {"cap": 50_000, "overflow_to": "fund_b"}
    data["contract"]["cap"] = 880_000
    numbers_ = stress(read(data), 50, SEED)["caps"].numbers
    assert numbers_["forgone"].base == pytest.approx(16_000)
    assert numbers_["chance"].base == 0  # 1.8 % of £896,000, but not before the end


def test_what_a_cap_lets_be_paid_later_is_missing_only_for_a_while() -> None:
    so_far = np.array([[0.0, 0.0], [5.0, 5.0], [0.0, 7.0], [3.0, 4.0]])
    assert for_good(so_far).T.tolist() == [[False, False, False, True], [False, True, True, True]]


def test_money_that_is_not_spent_when_the_contract_ends_is_told() -> None:
    """Denver draws 8.6m at signing and spends 1.72m a year: after a year 6.88m go to others than investors."""
    check = stress(sibmodel.load(SCENARIOS / "published" / "denver.yaml"), 50, SEED)["ending"]
    assert check.said["when"] == "2016-12-31"
    assert check.numbers["left"].base == pytest.approx(8_600_000 - 1_720_000)
    assert "£6.88m is not spent then" in check.sentence


def test_what_is_paid_whatever_the_outcomes_is_told_apart() -> None:
    """Newpin's coupon: a floor of 350,000 for three years, then 3 % of 7m for four, 1,890,000 in all."""
    check = stress(sibmodel.load(SCENARIOS / "published" / "newpin.yaml"), 50, SEED)["nothing"]
    assert check.numbers["whatever"].mean == pytest.approx(3 * 350_000 + 4 * 210_000)
    assert check.numbers["rest"].mean == pytest.approx(0)
    assert "£1.89m on average, £1.89m of it whatever the outcomes" in check.sentence
    assert "The rest, £0, is 0.0% of the mean payment beyond that" in check.sentence


def test_without_commissioners_none_is_asked_for_anything() -> None:
    data = varied()
    data["contract"]["payers"]["council"]["kind"] = "outcomes_fund"
    found = stress(read(data), 50, SEED)
    assert "No payer is a commissioner." in found["most"].sentence
    assert "ommissioners" not in found["ending"].sentence


def test_caps_are_added_up_beside_the_most() -> None:
    """Payers' caps of £1m each, and £3m for the contract; the term has none."""
    data = varied()
    for payer in data["contract"]["payers"].values():
        payer["cap"] = 1_000_000
    check = stress(read(data), 50, SEED)["most"]
    assert check.numbers["caps"].base is None
    assert check.numbers["caps_of_payers"].base == 3_000_000
    assert "caps allow £3.00m for all payers, £3.00m for the contract." in check.sentence


def test_where_posts_are_scarce_one_more_takes_anothers_place() -> None:
    """Two posts of ten cases are always full, so that for each more who starts of a group one other does not."""
    data = varied()
    data["programme"]["link_workers"] = {"caseload": 10, "cost_per_year": 30_000, "posts": 2}
    for group in data["programme"]["groups"].values():
        group["stay_months"] = 12
    check = stress(read(data), 50, SEED)["groups"]
    assert dict(check.rows)["young"]["others"].base == pytest.approx(1.0, abs=1e-6)
    assert "others do not start for each more who does" in check.sentence
    assert dict(of("groups").rows)["young"]["others"].base == pytest.approx(0.0, abs=1e-9)


def test_small_effects_are_tried_at_more_than_whole_numbers() -> None:
    """An effect of 0.105 on nothing yet is tried at 0.02625 and more, people at whole numbers."""
    base = base_case(read(varied("working")))
    probe = planned(base)
    tried = neighbours(probe, np.zeros(len(probe.cells)), directions(base))
    (score,) = probe.of("score")
    assert sorted(set(tried[score]))[:3] == pytest.approx([0, 0.105 / 4, 0.105 / 2])
    assert np.array_equal(tried[probe.whole], np.round(tried[probe.whole]))


# --------------------------------------------------------------------------------------------------- in words


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("outcomes.job.share", "share of outcome 'job'"),
        ("outcomes.well_being.counterfactual.level.value", "level of counterfactual of outcome 'well being'"),
        ("outcomes.job.effect_in_group.older", "effect for group 'older' of outcome 'job'"),
        ("programme.groups.young.routes.gp.engaged", "engaged of route 'gp' of group 'young'"),
        ("programme.costs.overheads", "overheads of programme costs"),
        ("programme.link_workers.caseload", "caseload of link workers"),
        ("contract.terms.job.price.by_group.young", "price for group 'young' of term 'job'"),
        ("contract.payers.city.cap.1", "number 2 of cap of payer 'city'"),
        ("evidence.hospital_cost", "evidence 'hospital cost'"),
    ],
)
def test_an_address_in_words_says_what_its_names_are(address: str, words: str) -> None:
    assert in_words(address) == words


def test_so_many_in_words() -> None:
    """2.97 are 3, and not 3.0."""
    assert [once_in(times) for times in (2.0, 2.94, 2.97, 9.4, 2e6)] == [
        "1-in-2.0", "1-in-2.9", "1-in-3", "1-in-9", "rarer than 1-in-a-million",
    ]  # fmt: skip


def test_the_headline_says_which_lines_do_not_apply() -> None:
    (head, *_) = stress_story(stress(read(varied()), 50, SEED))[0].sentences
    assert "12 pass" not in head
    assert "11 pass, 1 does not apply: 10 (years in which payments exceed the budget)." in head
    (head, *_) = stress_story(battery_on(None))[0].sentences
    assert "12 pass. After" in head


# ------------------------------------------------------------------------------------- the other way round

SKEWED: Data = {"triangular": [0, 0, 30]}

LINEAR: Data = {
    "title": "Profit is a straight line in two normal numbers",
    "timeline": {"signing": "2026-03-31", "period": "year", "periods": 2},
    "programme": {
        "service": {"to_month": 12},
        "groups": {"all": {"referrals": 100, "engaged": 1}},
        "costs": {"set_up": 100_000},
    },
    "outcomes": {
        "days": {"type": "quantity", "per_person": {"normal": [10, 1.5]}},
        "nights": {"type": "quantity", "per_person": {"normal": [4, 0.4]}},
    },
    "contract": {
        "payers": {"city": {}},
        "terms": {
            "days": {"rule": "price", "outcome": "days", "price": 80},
            "nights": {"rule": "price", "outcome": "nights", "price": 100},
        },
    },
    "capital": {"tranches": {"fund": {"commitment": 100_000}}},
}


def nearest(found: Stress, share: float) -> Reverse:
    return next(one for one in found.reverse if one.share == share)


def test_the_nearest_point_on_a_straight_edge_is_the_foot_of_the_perpendicular() -> None:
    """Receipts are 120,000 + 12,000 z₁ + 4,000 z₂ of 100,000 put in; 10 % is lost where they are 90,000.

    The distance is 30,000/√(12,000² + 4,000²) = 2.371708, at z = −30,000 (12,000, 4,000)/160,000,000.
    """
    found = stress(read(LINEAR), 2000, SEED)
    one = nearest(found, 0.1)
    assert one.distance == pytest.approx(30 / np.sqrt(160), rel=1e-3)
    scores = {m.address: m.score for m in one.moved}
    assert scores["outcomes.days.per_person"] == pytest.approx(-30 * 12 / 160, abs=0.05)
    assert scores["outcomes.nights.per_person"] == pytest.approx(-30 * 4 / 160, abs=0.05)
    assert one.lost == pytest.approx(0.1, abs=1e-3)
    assert one.beyond == pytest.approx(PHI.cdf(-30 / np.sqrt(160)), rel=5e-3)
    assert near(one.quiet, PHI.cdf(-30 / np.sqrt(160)))  # a straight edge: the half space is all there is
    assert nearest(found, 1.0).distance is None  # nothing comes in only beyond six scores


def test_dependence_brings_the_point_nearer() -> None:
    """With correlation ρ of the scores the distance is 30/√(144 + 16 + 2 ρ 48); ρ = 2 sin(π r/6), r = 0.5."""
    pair = ["outcomes.days.per_person", "outcomes.nights.per_person"]
    said = {"correlations": [{"between": pair, "rank": 0.5, "reason": "The same weather."}]}
    one = nearest(stress(read({**LINEAR, "dependence": said}), 2000, SEED), 0.1)
    rho = 2 * np.sin(np.pi * 0.5 / 6)
    assert one.distance == pytest.approx(30 / np.sqrt(160 + 96 * rho), rel=1e-3)


def test_the_search_begins_at_medians_which_are_not_the_base_case() -> None:
    """Triangular from 0 to 30 with its top at 0: mean 10, median 30 (1 − √½) = 8.786797 days.

    100 people earn £80 a day and £40,000 for nights: £120,000 in the base case, £110,294 at medians, of £100,000.
    """
    scenario = read({**LINEAR, "outcomes": {**LINEAR["outcomes"], "days": {"type": "quantity", "per_person": SKEWED}}})
    found = stress(scenario, 500, SEED)
    median = 30 * (1 - np.sqrt(0.5))
    assert found.middle is not None
    assert found.middle.base == pytest.approx(-0.2)
    assert found.middle.at_medians == pytest.approx(1 - (80 * median + 400) / 1000)
    days = next(m for m in nearest(found, 0.1).moved if m.address == "outcomes.days.per_person")
    assert (days.median, days.central) == pytest.approx((median, 10.0))
    text = " ".join(str(found).split())
    assert (
        "With every input at its median investors gain 10.3% of what they put in; in the base case they gain 20.0%"
        in text
    )
    assert "instead of 8.79" in text
    assert "10 in the base case" in text
    assert found.as_dict()["middle"]["base"] == pytest.approx(-0.2)


def test_rays_that_cannot_be_nearest_are_left_and_the_nearest_is_the_same() -> None:
    """Beyond a straight edge at a distance of 1: on a ray r at 1/(r·n); of each start the nearest counts."""
    rng = np.random.default_rng(SEED)
    rays = rng.standard_normal((3, 40))
    rays /= np.sqrt(np.sum(rays**2, axis=0))
    edge = np.array([0.6, 0.8, 0.0])
    points = 0

    def ask(at: FloatArray) -> FloatArray:
        nonlocal points
        points += at.shape[1]
        return np.asarray(edge @ at - 1.0)

    start = np.repeat(np.arange(5), 8)
    every = nearest_on(ask, rays, np.full(40, 6.0))
    many, points = points, 0
    some = nearest_on(ask, rays, np.full(40, 6.0), start)
    assert points - 40 * 13 < (many - 40 * 13) / 2  # after the first look at every ray
    for one in range(5):
        own = start == one
        assert some[own].min() == every[own].min()
        assert np.argmin(some[own]) == np.argmin(every[own])
    there = every < np.inf
    assert every[there] == pytest.approx(1.0 / (edge @ rays[:, there]), abs=6.0 / 12**4 + 1e-12)


def test_without_uncertain_numbers_there_is_nothing_to_combine() -> None:
    scenario = sibmodel.change(read(LINEAR), {"outcomes.days.per_person": 10, "outcomes.nights.per_person": 4})
    found = stress(scenario, 10, SEED)
    assert (found.reverse, found.middle) == ((), None)


# ------------------------------------------------------------------------------------------------- properties


@st.composite
def monotone_contracts(draw: DrawFn) -> Data:
    """Terms that never pay less for more, with caps over the contract and without, for one payer.

    Without caps by period or year: what is then earned earlier may fall into a period that is full.
    """
    data = varied()
    data["outcomes"]["gain"] = {
        "type": "effect", "change": 2.0, "measurement": {"first_month": 12, "every_months": 12, "person_sd": 5},
    }  # fmt: skip
    contract: Data = {"payers": {"council": {}}, "terms": {}}
    for name in ("one", "two"):
        contract["terms"][name] = draw(monotone_terms())
        if draw(st.booleans()):
            contract["terms"][name]["cap"] = draw(st.integers(1_000, 600_000))
    if draw(st.booleans()):
        contract["cap"] = draw(st.integers(1_000, 900_000))
    data["contract"] = contract
    return data


@st.composite
def monotone_terms(draw: DrawFn) -> Data:
    outcome = draw(st.sampled_from(["job", "gain"]))
    reach = 60 if outcome == "job" else 4
    over = draw(st.sampled_from(["window", "financial_year", "contract"]))
    rule = draw(st.sampled_from(["price", "linear", "steps", "tiers", "trigger"]))
    places = sorted(draw(st.lists(st.integers(1, 20), min_size=2, max_size=4, unique=True)))
    heights = sorted(draw(st.lists(st.integers(0, 50_000), min_size=len(places), max_size=len(places))))
    if rule == "price":
        return {"rule": "price", "outcome": "job", "price": draw(numbers(0, 4000, 8))}
    if rule == "tiers":
        return {"rule": "tiers", "outcome": "job", "over": over, "tiers": draw(tiers(60.0))}
    if rule == "trigger":
        when = {"outcome": outcome, "over": over, draw(st.sampled_from(["at_least", "above"])): places[0] * reach / 20}
        return {"rule": "trigger", "amount": heights[-1], "when": when, "pays": "once"}
    xs = [place * reach / 20 for place in places]
    if rule == "linear":
        points = [[x, y] for x, y in zip(xs, heights, strict=True)]
        return {"rule": "linear", "outcome": outcome, "over": over, "points": points}
    steps = [{"at_least": x, "pays": y} for x, y in zip(xs, heights, strict=True)]
    return {"rule": "steps", "outcome": outcome, "over": over, "steps": steps}


@settings(max_examples=25)
@given(monotone_contracts())
def test_contracts_whose_rules_never_fall_pass_the_third_line(data: Data) -> None:
    check = stress(read(data), 2, SEED)["better"]
    assert check.verdict in ("pass", "does not apply"), check


@settings(max_examples=10)
@given(monotone_contracts(), caps())
def test_what_the_search_pays_is_what_pay_pays(data: Data, cap: Any) -> None:
    """The many sets of rows paid at once are each paid as `sibmodel pay` would."""
    scenario = read(data)
    probe = planned(base_case(scenario))
    for path in paths(probe, {"job": 1, "gain": 1})[::5]:
        steps = np.array([0, path.planned, 3 * path.planned])
        quantities = path.quantities(steps)
        for column, total in zip(quantities.T, path.total(steps).tolist(), strict=True):
            assert sibmodel.pay(scenario, path.probe.rows(column)).total == pytest.approx(total)


@settings(max_examples=20)
@given(scenarios())
def test_sets_of_rows_paid_at_once_are_paid_one_by_one_as_much(data: Data) -> None:
    """Of any contract: by person, cohort and group, with caps and floors of every kind."""
    scenario = read(data)
    probe = planned(base_case(scenario))
    if probe.cells:
        quantities = probe.plan[:, None] * np.array([0.0, 1.0, 3.0])
        paid = probe.pay(quantities)
        for column, total, by_payer in zip(quantities.T, paid.total.tolist(), _by_set(paid.by_payer), strict=True):
            alone = sibmodel.pay(scenario, probe.rows(column))
            assert alone.total == pytest.approx(total, abs=1e-6)
            payers = scenario.contract.payers
            taxed = {
                name: pounds + (0.0 if payers[name].recovers_vat else alone.vat.get(name, 0.0))
                for name, pounds in alone.by_payer.items()
            }
            assert taxed == pytest.approx(by_payer, abs=1e-6)


def _by_set(by_name: Mapping[str, FloatArray]) -> list[dict[str, float]]:
    return [dict(zip(by_name, amounts, strict=True)) for amounts in zip(*map(list, by_name.values()), strict=True)]


def test_no_number_depends_on_the_workers() -> None:
    scenario = read(varied("groups"))
    one, two = (stress(scenario, 5000, SEED, workers).as_dict() for workers in (1, 2))
    assert one == two


def test_latin_hypercube_has_errors_from_its_replicates() -> None:
    """The mean of line 1 is that of the run; its error is the spread of 16 replicates."""
    scenario = sibmodel.change(WTW, {"simulation.sampling": "latin_hypercube", "simulation.trials": 1600})
    found = stress(scenario, 1600, 3)["nothing"].numbers["mean"]
    same = sibmodel.simulate(scenario, 1600, 3).if_nothing["payers.payments"]
    assert (found.mean, found.se) == pytest.approx((same.mean, same.se))


def test_the_result_prints_and_has_a_frame() -> None:
    found = stress(read(varied("cliffs")), 100, SEED)
    assert "1 fail" in str(found)
    assert "<table" in found._repr_html_()
    frame = found.to_frame()
    assert frame.loc["cliffs", "verdict"] == "fail"
    assert len(frame) == len(found.checks)
    dates = found["ending"].to_frame()
    assert dates.loc["2027-03-31", ("put_in", "base")] == pytest.approx(78_000)


@settings(max_examples=8)
@given(scenarios(dependent=True))
def test_any_bond_can_be_tested_and_its_examples_are_paid_as_said(data: Data) -> None:
    scenario = read(data)
    found = stress(scenario, 20, SEED, budget_each_year=50_000)
    assert str(found)
    assert json.dumps(found.as_dict(), allow_nan=False)
    for check in found.checks:
        assert check.sentence
        example = check.counterexample
        if example is not None:
            assert sibmodel.pay(scenario, example.rows).total == pytest.approx(example.pays)
        if example is not None and check.name == "better":
            assert sibmodel.pay(scenario, example.better).total < example.pays


@settings(max_examples=10)
@given(scenarios(dependent=True))
def test_the_search_never_pays_commissioners_more_than_their_exposure(data: Data) -> None:
    """Exposure is worked out by formula, the most is searched for: with all tax recovered neither may be beaten."""
    for payer in data["contract"]["payers"].values():
        payer.pop("recovers_vat", None)
    assert stress(read(data), 2, SEED)["most"].verdict != "fail"


def test_the_page_says_what_ways_to_wellness_says() -> None:
    page = " ".join((ROOT / "docs/questions/stress.md").read_text().split())
    found = stress(WTW, 4000)
    for check in found.checks:
        assert check.sentence in page, check.sentence
    assert stress(WTW, 4000, budget_each_year=500_000)["budget"].sentence in page
    half = nearest(found, 0.5)
    assert half.distance == pytest.approx(1.36, abs=0.005)
    values = {m.address: m.value for m in half.moved}
    assert values["outcomes.hospital_cost.change"] == pytest.approx(139, abs=0.5)
    assert values["programme.link_workers.caseload"] == pytest.approx(182, abs=0.5)
    assert half.chance.mean == pytest.approx(0.109, abs=5e-4)
    medians = {m.address: m.median for m in half.moved}
    assert medians["outcomes.hospital_cost.change"] == pytest.approx(294, abs=0.5)
    assert found.middle is not None
    assert (found.middle.at_medians, found.middle.base) == pytest.approx((-0.576, -0.454), abs=5e-4)
    wellbeing = dict(found["marginal"].rows)["wellbeing"]
    assert wellbeing["usual"].base == pytest.approx(0.029 / 0.9 * 289.41 * 6_552, rel=1e-4)
    assert wellbeing["flat"].base == pytest.approx(168 / 200)
    base = found["ending"].numbers
    assert base["alone"].mean == pytest.approx(201_000, abs=500)
    assert base["put_in"].base == pytest.approx(
        350_000 + 64_350 + 69_717 + 77_768 + 88_502 + 26_836 * 2 + 24_152 + 18_785 + 10_734, abs=3
    )
    assert base["back"].base == pytest.approx(53_668 + 200_000 - 26_836, abs=3)


def test_the_page_says_what_a_cap_at_the_plan_leaves() -> None:
    """£473 of room under the cap for 1 % more of everything, which is £84.6k on the way to the plan."""
    check = stress(sibmodel.load(SCENARIOS / "spring_northamptonshire.yaml"), 50)["marginal"]
    assert check.verdict == "fail"
    assert check.numbers["together"].base == pytest.approx(473, abs=0.5)
    assert check.numbers["usual"].base == pytest.approx(84_600, abs=50)


def test_the_page_has_the_limits_of_the_code() -> None:
    table = (ROOT / "docs/questions/stress.md").read_text().split("## Thresholds")[1].split("## How")[0]
    rows = [row.split("|")[3:5] for row in table.splitlines() if row.startswith("| ") and row[2].isdigit()]
    assert len(rows) == len(LIMITS)
    assert (NOTHING, PART) == (0.05, 0.5)  # as line 5 says
    for (warn, fail), limit in zip(rows, LIMITS.values(), strict=True):
        assert [_number(warn), _number(fail)] == [limit.warn, limit.fail]


def _number(text: str) -> float:
    return 0.01 if text.strip() == "a penny" else float(text.strip().removesuffix("%")) / 100
