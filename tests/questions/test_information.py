"""What knowing more is worth: closed forms, a slower way that fits nothing, and properties."""

import copy
import json
import math
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
import pytest
from matplotlib.container import ErrorbarContainer

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError, UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.questions.futures import Futures
from sibmodel.questions.information import Information, information
from sibmodel.questions.information.decision import Worth, decision
from sibmodel.questions.information.pilot import Counted, Share
from sibmodel.report.information_chart import information_chart
from sibmodel.report.information_words import in_table, no_less
from sibmodel.report.numbers import with_error
from sibmodel.running.execution import Run
from sibmodel.sampling.streams import normals
from tests.random_numbers import Data
from tests.strategies import read

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WTW = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml")
NORMAL = NormalDist()
COUNT = 8000

LINEAR: Data = {
    "title": "100 people, each saves £1,000 for each point of x and £500 for each unit of z, and is paid £600 for",
    "timeline": {"signing": "2020-03-31", "period": "year", "periods": 2},
    "discounting": {"public": 0.0},
    "programme": {
        "service": {"to_month": 12},
        "groups": {"all": {"referrals": 100, "engaged": 1, "cost_per_person": {"uniform": [5, 15]}}},
    },
    "outcomes": {
        "x": {
            "type": "effect",
            "change": {"normal": [0.5, 0.3]},
            "measurement": {"first_month": 12, "every_months": 12, "last_month": 12, "person_sd": 6},
        },
        "z": {"type": "quantity", "per_person": {"normal": [0, 0.4]}},
        "there": {"type": "quantity", "per_person": 1},
    },
    "contract": {
        "payers": {"council": {}},
        "terms": {"there": {"rule": "price", "outcome": "there", "price": 600}},
    },
    "savings": {
        "agencies": {"council": {"payer": "council"}},
        "items": {
            "of_x": {"outcome": "x", "agency": "council", "kind": "fiscal", "value": 1000, "cashable": 1},
            "of_z": {"outcome": "z", "agency": "council", "kind": "fiscal", "value": 500, "cashable": 1},
        },
    },
    "capital": {"tranches": {"fund": {"commitment": 100_000}}},
}
"""NB = 100 (1,000 x + 500 z − 600): mean −10,000; x moves it by 30,000 (one standard deviation), z by 20,000."""
MEAN, OF_X, OF_Z = -10_000.0, 30_000.0, 20_000.0


def worth_of_knowing(mean: float, sd: float) -> float:
    """E max(0, m + s Z) − max(0, m) = s φ(m/s) + m Φ(m/s) − max(0, m)."""
    return sd * NORMAL.pdf(mean / sd) + mean * NORMAL.cdf(mean / sd) - max(0.0, mean)


def assert_near(worth: Worth, exact: float, much: float = 4.0) -> None:
    assert abs(worth.value - exact) < much * worth.se, (worth, exact)


def asked(data: Data, **options: Any) -> Information:
    return information(read(data), **{"trials": COUNT, "seed": 3, "workers": 1, **options})


def changed(**values: Any) -> Data:
    data = copy.deepcopy(LINEAR)
    for address, value in values.items():
        *path, last = address.split("__")
        at = data
        for part in path:
            at = at[part]
        at[last] = value
    return data


@pytest.fixture(scope="module")
def linear() -> Information:
    return asked(LINEAR)


def test_a_normal_net_benefit(linear: Information) -> None:
    """s = √(30,000² + 20,000²) = 36,055.51, m/s = −0.27735: s φ + m Φ = 9,933.8: all that can be known, no luck."""
    both = math.hypot(OF_X, OF_Z)
    exact = worth_of_knowing(MEAN, both)
    assert exact == pytest.approx(9_933.8, abs=0.05)
    one = linear.decision
    assert not one.signs
    assert_near(one.mean, MEAN)
    assert_near(one.everything, exact)
    assert_near(linear.of("all")[0].worth, exact)
    # Φ(m/s) of futures are better than nothing, by the value over the chance
    assert one.wrong == pytest.approx(NORMAL.cdf(MEAN / both), abs=4 * one.wrong_se)
    assert one.loss is not None
    assert one.loss_se is not None
    assert one.loss == pytest.approx(exact / NORMAL.cdf(MEAN / both), abs=4 * one.loss_se)


def test_each_input_of_a_normal_net_benefit(linear: Information) -> None:
    by_name = {one.what.name: one.worth for one in linear.of("input")}
    assert_near(by_name["outcomes.x.change"], worth_of_knowing(MEAN, OF_X))
    assert_near(by_name["outcomes.z.per_person"], worth_of_knowing(MEAN, OF_Z))
    effect = next(one for one in linear.of("risk") if one.what.name == "effect")
    assert_near(effect.worth, worth_of_knowing(MEAN, math.hypot(OF_X, OF_Z)))
    # costs are no affair of the council, which pays for people
    assert by_name["programme.groups.all.cost_per_person"].is_noise or by_name[
        "programme.groups.all.cost_per_person"
    ] == Worth(0.0, 0.0)


def test_a_pilot_of_a_normal_effect(linear: Information) -> None:
    """Prior variance 0.09, data variance 36/n: knowing the mean of n people is knowing √(0.09/(0.09 + 36/n)) of x."""
    (pilot,) = linear.pilots
    assert pilot.outcomes == ("x",)
    assert linear.unmeasurable == ("z",)
    assert_near(pilot.certain, worth_of_knowing(MEAN, OF_X))
    for size in pilot.sizes:
        assert_near(size.worth, worth_of_knowing(MEAN, OF_X * math.sqrt(0.09 / (0.09 + 36 / size.people))))
    worths = [size.worth for size in pilot.sizes]
    for less, more in pairwise(worths):
        assert more.value > less.value - 2 * math.hypot(less.se, more.se)
    assert worths[-1].value <= pilot.certain.value + 2 * pilot.certain.se


def in_two_groups() -> Data:
    """The same 100 people, 50 of whom have half the effect: 0.75 of it on average."""
    data = changed()
    half = data["programme"]["groups"].pop("all") | {"referrals": 50}
    data["programme"]["groups"] = {"one": half, "other": half}
    data["outcomes"]["x"]["effect_in_group"] = {"other": 0.5}
    data["contract"]["terms"]["there"]["price"] = 475
    return data


def test_a_pilot_where_a_group_has_less_of_the_effect() -> None:
    """NB = 100 (1,000 × 0.75 x + 500 z − 475); shown is 0.75 x, of variance 0.050625, with the same error."""
    (pilot,) = asked(in_two_groups(), people=(200, 2000)).pilots
    assert_near(pilot.certain, worth_of_knowing(MEAN, 0.75 * OF_X))
    for size in pilot.sizes:
        assert_near(
            size.worth, worth_of_knowing(MEAN, 0.75 * OF_X * math.sqrt(0.050625 / (0.050625 + 36 / size.people)))
        )


def test_a_pilot_where_only_what_a_group_has_of_the_effect_is_uncertain() -> None:
    """NB = 100 (1,000 × 0.5 (1 + m)/2 − 400), m uniform from 0 to 1: lost below m = 0.6, 25,000 (0.6 − m) each."""
    data = in_two_groups()
    data["outcomes"]["x"] |= {"change": 0.5, "effect_in_group": {"other": {"uniform": [0, 1]}}}
    data["outcomes"]["z"]["per_person"] = 0
    data["contract"]["terms"]["there"]["price"] = 400
    found = asked(data)
    # ∫ (25,000 m − 15,000) dm from 0.6 to 1 = 2,000
    assert_near(found.pilots[0].certain, 2_000)
    data["outcomes"]["x"]["measurement"]["person_sd"] = 0
    assert asked(data, trials=200).unmeasurable == ("x",)


def test_how_many_people_bring_half(linear: Information) -> None:
    (pilot,) = linear.pilots
    half = worth_of_knowing(MEAN, OF_X) / 2

    def brings(people: float) -> float:
        return worth_of_knowing(MEAN, OF_X * math.sqrt(0.09 / (0.09 + 36 / people)))

    exact = next(n for n in range(1, 10_000) if brings(n) >= half)
    assert pilot.half == pytest.approx(exact, rel=0.25)


def test_a_pilot_is_worth_its_cost_or_not() -> None:
    """A pilot of 500 brings £4,798 of £7,627 that x is worth; at £1 a person some leave something, at £1,000 none."""
    cheap = asked(LINEAR, pilot_cost=1.0, trials=2000).pilots[0]
    assert cheap.best is not None
    assert cheap.best.cost == cheap.best.people
    assert cheap.best.net.value == pytest.approx(cheap.best.worth.value - cheap.best.cost)
    assert max(size.net.value for size in cheap.sizes) == cheap.best.net.value
    assert asked(LINEAR, pilot_cost=1000.0, trials=2000).pilots[0].best is None


def test_noise_in_paying_is_no_knowledge() -> None:
    """Saved is £1,000 a point, and paid as much for it as measured: NB is an error, of which no number tells."""
    data = changed(outcomes__x__change={"normal": [5, 0.3]})
    line = {"rule": "linear", "outcome": "x", "points": [[0, 0], [100, 100]], "per": "person", "price": 1000}
    data["contract"]["terms"]["x"] = line
    data["savings"]["items"]["of_z"]["value"] = 0
    found = asked(data)
    # −60,000 for those who are there, and 100,000 times the error of the mean, 6/√100
    assert_near(found.decision.everything, worth_of_knowing(-60_000, 60_000))
    assert all(one.worth.value <= 4 * one.worth.se for one in found.knowing)
    text = " ".join(str(found).split())
    assert f"another in {found.decision.wrong * COUNT:,.0f} of 8,000 futures, but that is decided by luck" in text
    assert "so few futures" not in text


def test_a_share_shown_by_a_binomial_pilot() -> None:
    """Prior beta(2, 3): k of n make the mean (2 + k)/(5 + n); NB = 100 (1,000 p − 450), with luck in the deal too."""
    data = changed(
        outcomes={
            "job": {"type": "achievement", "share": {"beta": [2, 3]}, "luck": {"intraclass_correlation": 0}},
            "there": {"type": "quantity", "per_person": 1},
        },
        contract__terms__there__price=450,
    )
    data["savings"]["items"] = {
        "job": {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 1000, "cashable": 1}
    }
    found = asked(data, people=(1, 5, 20, 100))
    for size in found.pilots[0].sizes:
        n = size.people
        exact = sum(
            math.comb(n, k) * _beta(2 + k, 3 + n - k) / _beta(2, 3) * max(0.0, 100_000 * (2 + k) / (5 + n) - 45_000)
            for k in range(n + 1)
        )
        assert_near(size.worth, exact)  # not signing is worth 0, signing −5,000
    assert found.evaluation.samples == ()
    assert found.evaluation.people is None  # paid for being there


def _beta(a: float, b: float) -> float:
    return math.exp(math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b))


def test_people_of_a_pilot_are_alike() -> None:
    """Four cohorts of 25 with ρ = 0.1: variance p(1 − p)/100 × (1 + 24 × 0.1); compared ones add theirs."""
    ones, rng = np.ones(COUNT), np.random.default_rng(1)
    luck = (rng.uniform(size=COUNT), rng.uniform(size=COUNT))
    one = Share(0.3 * ones, 0.2 * ones, 0 * ones, 0.1 * ones, 4, 1000.0, luck[:1])
    exact = 0.21 / 100 * 3.4
    assert one.shown(100).var() == pytest.approx(exact, rel=0.06)
    assert one.shown(100).mean() == pytest.approx(0.3, abs=4 * math.sqrt(exact / COUNT))
    both = Share(0.3 * ones, 0.2 * ones, 0 * ones, 0.1 * ones, 4, 1000.0, luck)
    assert both.shown(100).var() == pytest.approx(exact + 0.16 / 100 * 3.4, rel=0.06)
    assert both.truth == pytest.approx(0.1 * ones)
    # cohorts no larger than 10: ten of them
    small = Share(0.3 * ones, 0.2 * ones, 0 * ones, 0.1 * ones, 4, 10.0, luck[:1])
    assert small.shown(100).var() == pytest.approx(0.21 / 100 * 1.9, rel=0.06)


def test_no_pilot_of_people_who_are_all_the_same() -> None:
    """A standard deviation of 0 says that errors of measurement are left out, not that one person is enough."""
    data = changed()
    data["outcomes"]["x"]["measurement"]["person_sd"] = 0
    found = asked(data, trials=200)
    assert found.pilots == ()
    assert found.unmeasurable == ("x", "z")
    assert "No outcome whose true size is uncertain can be measured by a pilot" in " ".join(str(found).split())


def test_luck_with_people() -> None:
    """100 people with a chance of 0.35 each at £1,000: 31 or fewer are a tenth short; E(35 − X)⁺ £1,000 is missed."""
    data = changed(
        outcomes={"job": {"type": "achievement", "share": 0.35, "luck": {"intraclass_correlation": 0}}},
        contract__terms={"job": {"rule": "price", "outcome": "job", "price": 1000}},
    )
    del data["savings"]
    people = asked(data, measure="investor.npv").evaluation.people
    assert people is not None
    chance = [math.comb(100, k) * 0.35**k * 0.65 ** (100 - k) for k in range(101)]
    assert people.short.value == pytest.approx(sum(chance[:32]), abs=4 * people.short.se)
    assert_near(people.missed, 1000 * sum(p * max(35 - k, 0) for k, p in enumerate(chance)))
    assert_near(people.too_much, 1000 * sum(p * max(k - 35, 0) for k, p in enumerate(chance)))
    assert_near(people.sd, 1000 * math.sqrt(100 * 0.35 * 0.65))
    assert people.for_nothing == Worth(0.0, 0.0)


def test_exactly_a_tenth_is_a_tenth() -> None:
    """100 people with a chance of 0.3: 27 or fewer are a tenth short, and 27 exactly."""
    data = changed(
        outcomes={"job": {"type": "achievement", "share": 0.3, "luck": {"intraclass_correlation": 0}}},
        contract__terms={"job": {"rule": "price", "outcome": "job", "price": 1000}},
    )
    del data["savings"]
    people = asked(data, measure="investor.npv").evaluation.people
    assert people is not None
    chance = sum(math.comb(100, k) * 0.3**k * 0.7 ** (100 - k) for k in range(28))
    assert people.short.value == pytest.approx(chance, abs=3 * people.short.se)


def trigger(change: float) -> Data:
    """£1m if the mean of 100 people, each 0.4 from the next, so with a standard error of 0.04, is 0.075 or more."""
    data = changed(outcomes__x__change=change)
    data["outcomes"]["x"]["measurement"]["person_sd"] = 0.4
    data["contract"]["terms"] = {
        "x": {
            "rule": "trigger",
            "when": {"outcome": "x", "at_least": 0.075},
            "amount": 1_000_000,
            "pays": "once",
        }
    }
    return data


def test_payments_by_luck_of_a_trigger() -> None:
    """M7: P(paid for nothing) = Φ((0 − 0.075)/0.04) = 0.030396; an effect of 0.10 is missed with Φ(−0.625) = 0.265986.

    With four times the sample the error is 0.02: Φ(−3.75) = 0.0000884, and Φ(−1.25) = 0.105650.
    """
    samples = {one.times: one for one in asked(trigger(0.10)).evaluation.samples}
    today, four = samples[1.0], samples[4.0]
    for one, nothing, missed in ((today, 0.030396, 0.265986), (four, 0.0000884, 0.105650)):
        assert one.chance_for_nothing.value == pytest.approx(nothing, abs=4 * math.sqrt(nothing / COUNT))
        assert one.short.value == pytest.approx(missed, abs=4 * one.short.se)
        assert one.missed.value == pytest.approx(1e6 * one.short.value)
        assert one.for_nothing.value == pytest.approx(1e6 * one.chance_for_nothing.value)
        # a trigger that is due pays 0 or 1m: sd √(p(1 − p)) million
        exact = 1e6 * math.sqrt(missed * (1 - missed))
        assert one.sd.value == pytest.approx(exact, abs=4 * one.sd.se)
    assert today.more == Worth(0.0, 0.0)
    assert four.more.value == pytest.approx(1e6 * (today.short.value - four.short.value))
    assert samples[math.inf].missed.value == 0.0
    assert samples[math.inf].paid.value == 1_000_000


def test_payments_by_luck_of_a_capped_line() -> None:
    """M9: £40m a point from 0.05 up to £5m, standard error 0.04: £80,936.96 for nothing; £637,917.16 more at 0.05."""
    data = trigger(0.05)
    data["contract"]["terms"] = {
        "x": {"rule": "linear", "outcome": "x", "points": [[0.05, 0], [0.175, 1]], "price": 5_000_000}
    }
    today = next(one for one in asked(data).evaluation.samples if one.times == 1.0)
    assert_near(today.for_nothing, 80_936.96)
    assert_near(today.too_much, 637_917.16)
    assert today.missed.value == 0.0


def test_how_outcomes_are_measured_today() -> None:
    data = changed(outcomes__x__counterfactual={"method": "comparison"})
    data["outcomes"]["x"]["measurement"]["comparison_ratio"] = 0.5
    found = asked(data, trials=200, measuring_cost=10.0)
    (one,) = found.evaluation.measured
    # 100 people and 50 compared: 6 √(1/100 + 1/50) = 1.0392; without end of compared people 6 √(1/100), a third of it
    assert one.people == pytest.approx(100)
    assert one.se == pytest.approx(1.0392, abs=1e-4)
    assert one.reach == pytest.approx(3)
    assert one.effect == pytest.approx(0.5)
    costs = {sample.times: sample.cost for sample in found.evaluation.samples}
    assert costs[2.0] == pytest.approx(10 * 150)
    assert costs[0.5] == pytest.approx(-10 * 75)
    assert costs[math.inf] is None


def test_nested_the_slow_way() -> None:
    """Ways to Wellness by public.npv: the change of hospital cost held at 40 quantiles, all else simulated."""
    found = information(WTW, "public.npv", trials=8000, workers=1)
    address = "outcomes.hospital_cost.change"
    drawn = np.sort(np.concatenate(list(Run(WTW, 8000, 2015).each_part(lambda trials: trials.inputs[address], 1))))
    at = drawn.reshape(40, -1).mean(axis=1)
    futures = Futures(WTW, 1000, 99)
    means = np.array([futures.measured({address: float(x)}, ("public.npv",))["public.npv"].mean() for x in at])
    exact = float(np.maximum(means, 0.0).mean() - max(0.0, means.mean()))
    assert_near(next(one.worth for one in found.of("input") if one.what.name == address), exact)


def test_all_inputs_the_slow_way() -> None:
    """The commissioning group's net saving has noise: its mean over 24 other noises of the same 2,000 futures."""
    (trials,) = Run(WTW, 2000, 2015).each_part(lambda some: some, 1)

    def again(i: int) -> FloatArray:
        other = {a: normals(1000 + i, a, 0, len(z))[:, :2000] for a, z in trials.normals.items()}
        new = type(trials)(trials.count, trials.periods, trials.inputs, other)
        return all_measures(work_through(WTW, new))["commissioner.net_saving"].values

    mean = np.mean([again(i) for i in range(24)], axis=0)
    exact = float(np.maximum(mean, 0.0).mean() - max(0.0, mean.mean()))
    assert_near(information(WTW, "commissioner.net_saving", trials=8000, workers=1).of("all")[0].worth, exact)


def test_no_part_is_worth_more_than_the_whole(linear: Information) -> None:
    for found in (linear, information(WTW, "public.npv", trials=1000, workers=1)):
        whole = found.decision.everything
        for one in found.knowing:
            assert one.worth.value <= whole.value
        for pilot in found.pilots:
            assert all(size.worth.value <= whole.value for size in pilot.sizes)


def test_chance_is_not_taken_for_knowledge() -> None:
    """Mean nought, and an input that nothing reads: it seems to be worth nothing, or a little less (of 14,384 for all).

    Today's decision is the better one in the trials at hand, so that to depart from it by chance loses a little.
    """
    worths = []
    for seed in range(12):
        found = asked(changed(contract__terms__there__price=500), trials=400, seed=seed, people=(9,))
        cost = next(one.worth for one in found.of("input") if one.what.name.endswith("cost_per_person"))
        worths.append(cost.value)
    spread = float(np.std(worths, ddof=1)) / math.sqrt(len(worths))
    assert -0.03 * 14_384 < np.mean(worths) <= 3 * spread


def test_where_no_future_is_otherwise_nothing_is_worth_knowing() -> None:
    found = asked(changed(contract__terms__there__price=60_000), trials=200)
    assert {one.worth for one in found.knowing} == {Worth(0.0, 0.0)}
    assert found.pilots[0].certain == Worth(0.0, 0.0)
    assert found.pilots[0].half is None
    assert "In every future the decision would be the same" in " ".join(str(found).split())


def test_sources_and_evidence_are_told_apart() -> None:
    value = {"value": {"normal": [0.5, 0.3]}, "source": "a study of somebody"}
    found = asked(changed(outcomes__x__change=value), trials=200)
    names = {one.what.name: one.what.addresses for one in found.of("source")}
    assert names["a study of somebody"] == ("outcomes.x.change",)
    assert len(names["no source named"]) == 2


def test_the_same_whatever_the_workers() -> None:
    one, two = (information(WTW, "public.npv", trials=4200, workers=n, people=(100,)) for n in (1, 2))
    assert json.dumps(one.as_dict()) == json.dumps(two.as_dict())


def test_latin_hypercube() -> None:
    found = asked(LINEAR | {"simulation": {"sampling": "latin_hypercube"}}, people=(100,))
    assert_near(found.decision.everything, worth_of_knowing(MEAN, math.hypot(OF_X, OF_Z)))
    assert_near(next(one.worth for one in found.of("input")), worth_of_knowing(MEAN, OF_X))
    assert found.decision.mean.replicates == 16


def test_a_decision_by_hand() -> None:
    """−3, −1, 2, 1: mean −0.25, so do not sign; wrong in two of four, by 1.5; knowing all brings 3/4."""
    one = decision("m", "", np.array([-3.0, -1.0, 2.0, 1.0]), 1)
    assert (one.signs, one.wrong, one.loss, one.everything.value) == (False, 0.5, 1.5, 0.75)
    # where nothing is gained nor lost, neither decision is wrong
    for benefit in ([0.0, 0.0, 9.0, -1.0], [0.0, 0.0, -9.0, 1.0]):
        one = decision("m", "", np.array(benefit), 1)
        assert (one.wrong, one.loss, one.everything.value) == (0.25, 1.0, 0.25)


def test_what_may_be_worth_as_much() -> None:
    """7 ± 4 is within noise of 0, and of 10 ± 4 too: 3 < 1.96 √32; 0 without any error is not."""
    most = Worth(10.0, 4.0)
    assert Worth(7.0, 4.0).is_noise
    assert no_less(Worth(7.0, 4.0), most)
    assert not no_less(Worth(0.0, 0.0), most)


def test_all_or_nothing_by_hand() -> None:
    """R3: NB = 4,000,000 u − 1,512,500 from u = 0.2 on. Wrong for 0.2 < u < 0.378125, where 63,457 are lost in all."""
    found = information(sibmodel.load(SCENARIOS / "worked" / "r3.yaml"), people=(100,), workers=1)
    stretch = 1_512_500 / 4_000_000 - 0.2
    assert found.decision.wrong == pytest.approx(stretch, abs=4 * found.decision.wrong_se)
    assert_near(found.decision.everything, stretch**2 / 2 * 4_000_000)
    assert_near(found.decision.mean, 790_000)
    assert "and no other number is uncertain" in " ".join(str(found).split())
    # the leap at 0.2 is seen: the share is all there is to know
    assert found.of("input")[0].worth.value == pytest.approx(found.decision.everything.value, rel=0.001)


def test_the_worked_case_of_the_page() -> None:
    """docs/questions/information.md says what is found."""
    page = " ".join((SCENARIOS.parent / "docs" / "questions" / "information.md").read_text(encoding="utf-8").split())
    found = information(WTW, "public.npv", trials=4000, workers=1)
    by_name = {one.what.name: one.worth for one in found.of("input")}
    samples = {one.times: one.for_nothing for one in found.evaluation.samples}
    sizes = {size.people: size.worth for size in found.pilots[-1].sizes}
    told = (
        found.decision.mean, found.decision.everything, by_name["outcomes.hospital_cost.change"],
        by_name["outcomes.hospital_cost.lasts_months"], samples[1.0], samples[4.0], sizes[1000],
        found.readings["commissioner.cashable_net_saving"].mean,
    )  # fmt: skip
    for worth in told:
        assert with_error(abs(worth.value), worth.se, "£") in page
    assert by_name["programme.link_workers.caseload"].is_noise
    assert f"about {found.pilots[-1].half:,} to bring half" in page


def test_it_tells_itself(linear: Information) -> None:
    text = " ".join(str(linear).split())
    assert text.startswith("What should we find out first? X: change (outcomes.x.change). To know this one number")
    assert "Today's decision is not to sign" in text
    assert "Left out are 'z'" in text
    assert "people in the pilot" in text
    assert "What should we find out first?" in linear._repr_html_()
    frame = linear.to_frame()
    assert frame.loc[("input", "outcomes.x.change"), "value"] == linear.of("input")[0].worth.value


def test_no_single_number_but_all_together() -> None:
    """NB is twelve numbers of which each alone hardly ever turns the decision."""
    names = "abcdefghijkl"
    data = changed(outcomes={n: {"type": "quantity", "per_person": {"normal": [0, 1]}} for n in names})
    data["contract"]["terms"] = {"a": {"rule": "price", "outcome": "a", "price": 0}}
    data["programme"]["groups"]["all"]["cost_per_person"] = 5
    line = {"agency": "council", "kind": "fiscal", "value": 1000, "cashable": 1}
    data["savings"]["items"] = {n: {"outcome": n, **line} for n in names}
    data["savings"]["items"]["there"] = {"outcome": "there", **line, "value": -6_000}
    data["outcomes"]["there"] = {"type": "quantity", "per_person": 1}
    found = asked(data, trials=2000)
    # s = 1,000 √12 × 100, m = −600,000; alone m/s = −6, together −1.73
    assert all(one.worth.is_noise for one in found.of("input"))
    assert_near(found.of("all")[0].worth, worth_of_knowing(-600_000, 100_000 * math.sqrt(12)))
    assert "Knowing every uncertain number of the file together would be worth" in " ".join(str(found).split())


def test_numbers_that_move_together_tell_of_each_other() -> None:
    """With correlation ρ of x and z, x tells 30,000 + ρ 20,000 of NB a standard deviation, and so does a pilot."""
    rho = 2 * math.sin(math.pi * 0.5 / 6)
    pair = {"between": ["outcomes.x.change", "outcomes.z.per_person"], "rank": 0.5, "reason": "assumption: for a test"}
    found = asked(LINEAR | {"dependence": {"correlations": [pair]}}, people=(500,))
    by_name = {one.what.name: one.worth for one in found.of("input")}
    assert_near(by_name["outcomes.x.change"], worth_of_knowing(MEAN, OF_X + rho * OF_Z))
    assert_near(by_name["outcomes.z.per_person"], worth_of_knowing(MEAN, OF_Z + rho * OF_X))
    assert_near(found.decision.everything, worth_of_knowing(MEAN, math.sqrt(OF_X**2 + OF_Z**2 + 2 * rho * OF_X * OF_Z)))
    (size,) = found.pilots[0].sizes
    assert_near(size.worth, worth_of_knowing(MEAN, (OF_X + rho * OF_Z) * math.sqrt(0.09 / (0.09 + 36 / 500))))


def test_as_data(linear: Information) -> None:
    data = json.loads(json.dumps(linear.as_dict(), allow_nan=False))
    assert data["decision"] == "do not"
    assert data["by_input"][0]["name"] == "outcomes.x.change"
    assert data["by_input"][0]["unit"] == "£"
    assert data["all_inputs"]["inputs"] == [
        "programme.groups.all.cost_per_person",
        "outcomes.x.change",
        "outcomes.z.per_person",
    ]
    assert data["evaluation"]["samples"][-1]["times"] is None
    assert data["pilots"][0]["sizes"][0]["people"] == 50


def test_what_cannot_be_asked() -> None:
    none = changed()
    del none["savings"]["agencies"]["council"]["payer"]
    with pytest.raises(SibmodelError, match=r"no agency that saves belongs to a commissioner .*take --measure public"):
        asked(none)
    with pytest.raises(SibmodelError, match="is no net benefit in pounds"):
        asked(LINEAR, measure="investor.irr")
    with pytest.raises(SibmodelError, match="has no value in 200 of 200 futures"):
        asked(LINEAR, measure="commissioner.maximum_exposure", trials=200)
    with pytest.raises(UnknownNameError, match=r"no measure called 'public\.nvp'; did you mean"):
        asked(LINEAR, measure="public.nvp")
    with pytest.raises(SibmodelError, match="99 trials are too few"):
        asked(LINEAR, trials=99)
    with pytest.raises(SibmodelError, match="a pilot of 0 people cannot be"):
        asked(LINEAR, people=(0,))
    with pytest.raises(SibmodelError, match="-1 times today's sample cannot be"):
        asked(LINEAR, samples=(-1.0,))
    with pytest.raises(SibmodelError, match="-5 is no cost of a person"):
        asked(LINEAR, pilot_cost=-5.0)


def test_the_chart_draws_the_pilot_that_the_table_tells() -> None:
    """Two pilots and a joint one; only hospital cost is worth knowing, so table and chart show that alone, named."""
    found = information(WTW, "public.npv", trials=1000, people=(1000, 4000), workers=1)
    assert len(found.pilots) == 3
    (told,) = found.useful_pilots
    assert told.outcomes == ("hospital_cost",)
    assert told != found.pilots[0]
    pilot = information_chart(found).axes[0]
    assert "that shows 'Hospital cost below the comparison group's'" in pilot.get_title(loc="left").replace("\n", " ")
    drawn = next(one for one in pilot.containers if isinstance(one, ErrorbarContainer)).lines[0]
    assert np.asarray(drawn.get_xdata()).tolist() == [1000, 4000]
    assert np.asarray(drawn.get_ydata()).tolist() == [size.worth.value for size in told.sizes]
    for size in told.sizes:
        assert in_table(size.worth) in str(found)


def test_nothing_worth_a_pilot_is_drawn_as_the_joint_one() -> None:
    found = information(WTW, trials=200, people=(100,), workers=1)
    assert found.useful_pilots == ()
    title = information_chart(found).axes[0].get_title(loc="left").replace("\n", " ")
    assert "each of 'Wellbeing Star, average gain' and 'Hospital cost below the comparison group's'" in title


def test_how_alike_a_pilots_people_are_is_told() -> None:
    """R3 takes the numbers expected; a pilot does not, and has the correlation of a file that states none: 0.01."""
    r3 = SCENARIOS / "worked" / "r3.yaml"
    found = information(sibmodel.load(r3), trials=1000, people=(100,), workers=1)
    assert found.counted == {"job": Counted(0.01, stated=False, drawn=False, cohorts=1, largest=1000.0)}
    text = " ".join(str(found).split())
    assert "Assumed for 'In work': people of one cohort of the pilot succeed or fail with a correlation of 0.01" in text
    assert "the usual value, as the file states none" in text
    assert "has 1 cohort, one for each group and period of a year" in text
    assert "(1,000 people on average)" in text
    assert "(counts: expected). A pilot has few, so that luck is never left out of it" in text

    stated = {"outcomes.job.luck": {"counts": "drawn", "intraclass_correlation": 0}}
    other = information(sibmodel.load(r3, stated), trials=1000, people=(100,), workers=1)
    assert other.counted["job"] == Counted(0.0, stated=True, drawn=True, cohorts=1, largest=1000.0)
    text = " ".join(str(other).split())
    assert "correlation of 0 (as the file states; 0: each on their own)" in text
    assert "counts: expected" not in text
    # people who are less alike tell more
    assert other.pilots[0].sizes[0].worth.value > found.pilots[0].sizes[0].worth.value
    assert other.as_dict()["pilot_counts"]["job"]["correlation"] == 0.0


def test_an_uncertain_correlation_is_told_by_its_middle() -> None:
    luck = {"intraclass_correlation": {"uniform": [0, 0.02]}}
    scenario = sibmodel.load(SCENARIOS / "worked" / "r3.yaml", {"outcomes.job.luck": luck})
    found = information(scenario, trials=1000, people=(100,), workers=1)
    assert "correlation of 0.01 (the middle of what the file states; 0" in " ".join(str(found).split())
