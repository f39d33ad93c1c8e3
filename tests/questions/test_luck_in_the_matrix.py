"""Luck with people in the risk matrix: cells move together, and a row is known where counts are by normal scores."""

import math

import numpy as np
import pytest

import sibmodel
from sibmodel.questions.directions import SCORE, directed, levers_of
from sibmodel.questions.matrix import RESOURCE
from sibmodel.questions.risks import PEOPLE
from sibmodel.running.execution import base_case, trials_of
from sibmodel.sampling.sampler import shifted
from tests.random_numbers import Data
from tests.strategies import read

# Two cohorts of 1,000 people, p = 0.5, ρ = 0.01: a count has the variance 250 (1 + 999 · 0.01) = 2747.5. A job pays
# £1,000 and saves £3,000; nothing is discounted.
BOND: Data = {
    "title": "Two cohorts",
    "timeline": {"signing": "2020-03-31", "period": "year", "periods": 3},
    "discounting": {"public": 0},
    "programme": {"groups": {"all": {"referrals": [1000, 1000, 0], "engaged": 1}}, "costs": {"set_up": 1000}},
    "outcomes": {"job": {"type": "achievement", "share": 0.5}},
    "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 1000}}},
    "savings": {
        "agencies": {"council": {"payer": "council"}},
        "items": {"benefits": {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 3000}},
    },
    "capital": {"tranches": {"lender": {"commitment": 1000}}},
}


def mean_after(shift: float, n: float = 1000, p: float = 0.5, rho: float = 0.01) -> float:
    """Mean change of σ h(z − s) for a normal z: E[He_k(z − s)] = (−s)^k, and with p = 0.5 there is no skewness."""
    wider = 1 + (n - 1) * rho
    variance = n * p * (1 - p) * wider
    own, of_both = 1 - rho, p * (1 - p)
    fourth = own * (own - rho + 6 * n * rho) + 3 * of_both * own * (own * (n - 2) - n * rho * (6 - n))
    fourth += (6 - 18 * of_both) * (n * rho) ** 2
    kurtosis = fourth / (variance * (1 + rho) * (1 + 2 * rho)) - 3
    return math.sqrt(variance - 1 / 12) * (-shift - kurtosis * shift**3 / 24)


def test_two_cohorts_share_the_shift_and_the_row_adds_up() -> None:
    result = sibmodel.risk(read(BOND), trials=2000)
    row = result.matrix["luck with people"]
    assert [(lever.address, lever.cells, lever.worse) for lever in row.moved] == [("luck:outcomes.job.all", 2, -1)]
    jobs = 2 * mean_after(SCORE / math.sqrt(2))
    for party, pounds in (("payer.council", -1000), ("agency.council.fiscal", 3000), (RESOURCE, 3000)):
        change = row.changes[party]
        assert change.se is not None
        assert abs(change.mean - pounds * jobs) < 4 * change.se, party
    columns = sum(row.changes[key].mean for key in result.matrix.columns)
    assert columns == pytest.approx(row.changes[RESOURCE].mean, abs=1e-6)
    assert "2 cohorts of outcomes.job.all" in str(result)


def test_what_nobody_comes_to_is_no_cell() -> None:
    scenario = read({**BOND, "outcomes": {"job": {"type": "achievement", "share": 0.5, "lag_months": 6}}})
    levers = [lever for lever in directed(scenario, levers_of(base_case(scenario))) if lever.risk == PEOPLE]
    assert [(lever.cells, lever.worse) for lever in levers] == [(3, -1)]  # half a year later: half in each of two years


def test_uniforms_move_by_their_scores_and_nothing_else_does() -> None:
    scenario = read(BOND)
    (trials,) = trials_of(scenario, 300, 3)
    (address,) = trials.uniforms
    moved = shifted(trials, scenario.quantities(), {address: -0.5})
    from scipy.special import ndtri

    assert np.allclose(ndtri(moved.uniforms[address]) - ndtri(trials.uniforms[address]), -0.5, atol=1e-9)
    assert shifted(trials, scenario.quantities(), {}).uniforms[address] is trials.uniforms[address]


def test_without_luck_the_row_says_why_it_is_empty() -> None:
    outcome = {"type": "achievement", "share": 0.5, "luck": {"counts": "expected"}}
    row = sibmodel.risk(read({**BOND, "outcomes": {"job": outcome}}), trials=10).matrix["luck with people"]
    assert not row.changes
    assert "nothing drawn here" in row.why
