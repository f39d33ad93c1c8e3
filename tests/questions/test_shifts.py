"""Moving some scores of the same trials, and nothing else."""

import numpy as np
import pytest

from sibmodel.questions.directions import SCORE, Lever, directed, levers_of, shifts
from sibmodel.questions.risk import risk
from sibmodel.questions.risks import COST, MEASUREMENT, risk_of
from sibmodel.running import execution
from sibmodel.running.execution import base_case, trials_of
from sibmodel.sampling.sampler import shifted
from tests.random_numbers import Data
from tests.strategies import read

DATA: Data = {
    "title": "Several uncertain numbers",
    "timeline": {"signing": "2020-01-01", "period": "year", "periods": 4},
    "programme": {
        "groups": {
            "all": {"referrals": [{"normal": [100, 25]}, {"normal": [200, 25]}], "engaged": {"uniform": [0, 1]}}
        },
        "costs": {"fixed_per_year": {"lognormal": [100, 0.5]}, "provider_margin": {"uniform": [0, 0.1]}},
    },
    "outcomes": {
        "days": {
            "type": "effect",
            "change": {"pert": [1, 3, 4]},
            "measurement": {"first_month": 12, "every_months": 12, "person_sd": {"uniform": [3, 5]}},
        },
        "unpaid": {
            "type": "effect",
            "change": 3,
            "measurement": {"first_month": 12, "every_months": 24, "person_sd": 4},
        },
    },
    "contract": {
        "payers": {"council": {}},
        "cap": {"uniform": [4000, 4500]},
        "terms": {"days": {"rule": "price", "outcome": "days", "price": {"uniform": [4, 6]}}},
    },
    "capital": {"tranches": {"only": {"commitment": 900}}},
}
SCENARIO = read(DATA)


def test_a_normal_input_moves_by_exactly_its_standard_deviation() -> None:
    (trials,) = trials_of(SCENARIO, 1000, 3)
    first = "programme.groups.all.referrals.0"
    moved = shifted(trials, SCENARIO.quantities(), {first: -SCORE})
    assert np.abs(moved.inputs[first] - np.maximum(trials.inputs[first] - SCORE * 25, 0.0)).max() < 1e-9


def test_all_other_inputs_stay_as_they_were_to_the_bit() -> None:
    (trials,) = trials_of(SCENARIO, 500, 3)
    moved = shifted(trials, SCENARIO.quantities(), {"programme.costs.fixed_per_year": 1.0})
    assert list(moved.inputs) == list(trials.inputs)
    for address, values in trials.inputs.items():
        same = moved.inputs[address].tobytes() == values.tobytes()
        assert same is (address != "programme.costs.fixed_per_year")
    before, after = (some.inputs["programme.costs.fixed_per_year"] for some in (trials, moved))
    assert np.allclose(np.log(after / before), 0.5)
    assert all(moved.normals[name] is z for name, z in trials.normals.items())


def test_luck_moves_by_the_shift_itself() -> None:
    (trials,) = trials_of(SCENARIO, 50, 3)
    moved = shifted(trials, SCENARIO.quantities(), {"outcomes.days": -0.5})
    assert np.allclose(moved.normals["outcomes.days"] - trials.normals["outcomes.days"], -0.5)
    assert moved.normals["outcomes.unpaid"] is trials.normals["outcomes.unpaid"]
    assert all(moved.inputs[address] is values for address, values in trials.inputs.items())


@pytest.mark.parametrize("shift", [-8.0, 8.0])
def test_the_furthest_values_stay_numbers(shift: float) -> None:
    (trials,) = trials_of(SCENARIO, 4096, 3)
    everything = dict.fromkeys(trials.inputs, shift)
    moved = shifted(trials, SCENARIO.quantities(), everything)
    assert all(np.isfinite(values).all() for values in moved.inputs.values())


def test_each_lever_is_found_with_its_risk_and_its_worse_direction() -> None:
    levers = {lever.address: lever for lever in directed(SCENARIO, levers_of(base_case(SCENARIO)))}
    worse = {address: lever.worse for address, lever in levers.items()}
    # cost is a loss of resources
    assert worse["programme.costs.fixed_per_year"] == 1
    # what moves no resource is worse for whoever is paid less; here by lower payments
    assert worse["contract.terms.days.price"] == -1
    assert worse["outcomes.days.change"] == -1
    assert worse["outcomes.days"] == -1
    assert worse["programme.groups.all.referrals.0"] == -1
    # a margin is money from the vehicle to the provider: payments stay, investors get less
    assert worse["programme.costs.provider_margin"] == 1
    # noise is nought in the base case, so its size moves nothing; nor does what nobody pays for
    assert worse["outcomes.days.measurement.person_sd"] == 0
    assert worse["outcomes.unpaid"] == 0
    assert (levers["outcomes.days"].cells, levers["outcomes.unpaid"].cells) == (4, 2)
    assert levers["outcomes.days"].risk == MEASUREMENT


def test_what_moves_only_far_out_is_found_there() -> None:
    """A cap a quarter above the base case's payments, sd a tenth of them: at −1.28 it is idle, at −3.09 it binds."""
    free = read({**DATA, "contract": {**DATA["contract"], "cap": 1e9}})
    pays = float(base_case(free).settlement.payments.total.sum())
    capped = read({**DATA, "contract": {**DATA["contract"], "cap": {"normal": [1.25 * pays, 0.1 * pays]}}})
    (cap,) = [lever for lever in directed(capped, levers_of(base_case(capped))) if lever.address == "contract.cap"]
    assert cap.worse == -1


def test_the_shift_is_shared_by_all_that_moves() -> None:
    levers = [
        Lever("a", COST, worse=-1),
        Lever("b", COST, cells=3, worse=1),
        Lever("idle", COST, cells=9),
    ]
    assert shifts(levers) == {"a": -SCORE / 2, "b": SCORE / 2}
    assert shifts([Lever("idle", COST)]) == {}


def test_a_list_by_period_belongs_to_the_risk_of_its_field() -> None:
    assert {lever.risk.name for lever in levers_of(base_case(SCENARIO)) if "referrals" in lever.address} == {"volume"}
    assert risk_of("contract.cap").name == "terms of the deal"


def test_the_matrix_is_the_same_when_blocks_are_worked_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = risk(SCENARIO, 90)
    monkeypatch.setattr(execution, "CELLS", 40 * (SCENARIO.timeline.periods + 1))  # 40 trials at a time
    assert [some.count for some in trials_of(SCENARIO, 90, 1)] == [40, 40, 10]
    parts = risk(SCENARIO, 90)
    for one, other in zip(whole.matrix.rows, parts.matrix.rows, strict=True):
        for key, change in one.changes.items():
            assert other.changes[key].mean == pytest.approx(change.mean, rel=1e-9, abs=1e-6), (one.risk.name, key)
