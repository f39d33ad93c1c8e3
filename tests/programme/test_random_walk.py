"""Volumes that wander from period to period: their mean stays, their spread grows, and the base case knows nothing."""

import math

import numpy as np
import pytest

import sibmodel
from sibmodel.core.quantity import walk
from sibmodel.core.trials import Trials
from sibmodel.questions.directions import SCORE, Lever, directed, levers_of, shifts
from sibmodel.questions.risk import risk
from sibmodel.running.execution import base_case, trials_of
from sibmodel.running.simulation import simulate
from sibmodel.sampling.sampler import shifted
from sibmodel.sampling.streams import normals
from sibmodel.scenario.inputs import all_inputs
from tests.random_numbers import Data
from tests.strategies import read

SD = 0.1
REFERRALS = "programme.groups.all.referrals"
WALK = f"{REFERRALS}.random_walk"
BOND: Data = {
    "title": "A bond whose referrals wander",
    "timeline": {"signing": "2026-04-01", "period": "quarter", "periods": 12},
    "programme": {
        "service": {"from_month": 3, "to_month": 27},
        "groups": {"all": {"referrals": {"value": 100, "random_walk": SD}, "engaged": 0.5}},
        "costs": {"per_person": 50},
    },
    "outcomes": {"job": {"type": "achievement", "share": 0.2, "luck": {"counts": "expected"}}},
    "contract": {"payers": {"council": {}}, "terms": {"jobs": {"rule": "price", "outcome": "job", "price": 1000}}},
    "capital": {"tranches": {"only": {"commitment": 50_000}}},
}
SCENARIO = read(BOND)


def referrals(scenario: sibmodel.Scenario, trials: Trials) -> np.ndarray:
    terms = scenario.programme.groups["all"].referrals
    assert terms is not None
    return terms.over(trials)


def test_by_hand() -> None:
    """Steps 9, 9, 1, −2: the first two are nothing. exp(0.1 − 0.005) after one step, exp(−0.1 − 0.01) after two."""
    steps = np.array([[9.0], [9.0], [1.0], [-2.0]])
    expected = [1, 1, math.exp(0.095), math.exp(-0.11)]
    assert walk(SD, steps)[:, 0] == pytest.approx(expected, rel=1e-15)


def test_the_base_case_does_not_wander() -> None:
    base = base_case(SCENARIO)
    assert base.service.activity.referred["all"][2:10, 0].tolist() == [100.0] * 8
    still = read({**BOND, "programme": {**BOND["programme"], "groups": {"all": {"referrals": 100, "engaged": 0.5}}}})
    assert simulate(SCENARIO, 50)["investor.profit"].base == simulate(still, 50)["investor.profit"].base


def test_mean_and_spread_in_each_period() -> None:
    """exp(sd W − sd² n/2) after n steps has mean 1 and variance exp(sd² n) − 1; logarithms of steps have sd 0.1."""
    blocks = list(trials_of(SCENARIO, 16_384, 5))
    found = np.concatenate([referrals(SCENARIO, block) for block in blocks], axis=1)
    count = found.shape[1]
    assert (found[:2] == 100).all()
    for t in range(2, 13):
        variance = math.exp(SD**2 * (t - 1)) - 1
        assert abs(found[t].mean() / 100 - 1) < 4 * math.sqrt(variance / count)
        steps = np.diff(np.log(found[t - 1 : t + 1]), axis=0)[0]
        assert abs(steps.std() - SD) < 4 * SD / math.sqrt(2 * count)
        assert abs(steps.mean() + SD**2 / 2) < 4 * SD / math.sqrt(count)


def test_each_walk_has_a_stream_of_its_own_that_no_sampling_changes() -> None:
    (trials,) = trials_of(SCENARIO, 1600, 5)
    assert list(trials.normals) == [WALK]
    assert trials.normals[WALK].tobytes() == normals(5, f"walk:{REFERRALS}", 0, 13)[:, :1600].tobytes()
    even = sibmodel.change(SCENARIO, {"simulation.sampling": "latin_hypercube", "simulation.trials": 1600})
    (other,) = trials_of(even, 1600, 5)
    assert other.normals[WALK].tobytes() == trials.normals[WALK].tobytes()
    longer = read({**BOND, "timeline": {**BOND["timeline"], "periods": 20}})
    (more,) = trials_of(longer, 1600, 5)
    assert more.normals[WALK][:13].tobytes() == trials.normals[WALK].tobytes()


def test_it_wanders_about_an_uncertain_number_by_period() -> None:
    listed = {"value": [{"uniform": [50, 60]}, 80], "from_period": [1, 3], "random_walk": SD}
    scenario = sibmodel.change(SCENARIO, {REFERRALS: listed})
    (trials,) = trials_of(scenario, 100, 5)
    factors = walk(SD, trials.normals[WALK])
    first = trials.inputs[f"{REFERRALS}.0"]
    expected = np.stack([first if t < 3 else np.full(100, 80.0) for t in range(13)]) * factors
    assert referrals(scenario, trials) == pytest.approx(expected, rel=1e-14)


def test_routes_wander_each_on_its_own() -> None:
    way = {"referrals": {"value": 100, "random_walk": SD}, "engaged": 0.5}
    groups = {"all": {"routes": {"gp": way, "housing": way}}}
    scenario = read({**BOND, "programme": {**BOND["programme"], "groups": groups}})
    (trials,) = trials_of(scenario, 4000, 5)
    one, other = (
        trials.normals[f"programme.groups.all.routes.{name}.referrals.random_walk"] for name in ("gp", "housing")
    )
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 4 / math.sqrt(one.size)


def test_it_can_be_set_and_stays_when_the_number_is_set() -> None:
    wider = sibmodel.change(SCENARIO, {WALK: 0.3, REFERRALS: 70})
    terms = wider.programme.groups["all"].referrals
    assert terms is not None
    assert (terms.random_walk, terms.value) == (0.3, (70,))


def test_it_is_told() -> None:
    (found,) = [one.value for one in all_inputs(SCENARIO) if one.address == REFERRALS]
    assert found == "100, random_walk 0.1"
    assert "nothing here is uncertain" not in str(simulate(SCENARIO, 20))


# Risks


def test_its_steps_are_one_lever_of_the_volume() -> None:
    """Service in periods 2 to 9: steps 2 to 9 move people, those of the other periods nobody."""
    (lever,) = directed(SCENARIO, levers_of(base_case(SCENARIO)))
    # no savings: fewer people cost less, but payments fall; worse is toward lower resource value, which is more cost
    assert lever == Lever(WALK, lever.risk, cells=8, is_luck=True, worse=1, walks=True)
    assert lever.risk.name == "volume"


def test_the_steps_together_move_the_last_level_by_one_score() -> None:
    """All 8 by 1.2816/√8: ln of the last referrals moves by sd · 8 · 1.2816/√8, their own 10th percentile."""
    levers = directed(SCENARIO, levers_of(base_case(SCENARIO)))
    (trials,) = trials_of(SCENARIO, 200, 5)
    moved = shifted(trials, SCENARIO.quantities(), shifts(levers))
    rise = np.log(referrals(SCENARIO, moved) / referrals(SCENARIO, trials))
    assert rise[9] == pytest.approx(SD * math.sqrt(8) * SCORE, rel=1e-12)
    assert rise[2] == pytest.approx(SD * SCORE / math.sqrt(8), rel=1e-12)


def test_the_risk_table_tells_it() -> None:
    found = risk(SCENARIO, 200)
    assert [lever.address for lever in found.matrix["volume"].moved] == [WALK]
    assert f"8 steps of {WALK} up" in " ".join(str(found).split())
