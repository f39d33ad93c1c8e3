"""Numbers that move together: as much as stated, their own distributions unchanged, and all others to the bit."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.running.execution import trials_of
from sibmodel.running.sampling import sampler_of
from sibmodel.running.simulation import simulate
from sibmodel.sampling.correlation import of_ranks, of_scores
from sibmodel.sampling.replicates import Sampling
from sibmodel.sampling.sampler import Sampler, shifted
from sibmodel.scenario.dependence import dependence_of
from tests.random_numbers import Data
from tests.strategies import as_yaml, dependence, read

REFERRALS, ENGAGED = "programme.groups.all.referrals", "programme.groups.all.engaged"
FIXED, PERSON, EFFECT = "programme.costs.fixed_per_year", "programme.costs.per_person", "outcomes.days.change"
BOND: Data = {
    "title": "A bond whose numbers move together",
    "timeline": {"signing": "2026-04-01", "period": "year", "periods": 4},
    "programme": {
        "groups": {"all": {"referrals": {"normal": [100, 10]}, "engaged": {"pert": [0.4, 0.7, 0.8]}}},
        "costs": {
            "fixed_per_year": {"lognormal": [20_000, 0.4]},
            "per_person": {"uniform": [50, 150]},
            "management_per_year": {"triangular": [0, 1000, 5000]},
        },
    },
    "outcomes": {
        "days": {
            "type": "effect",
            "change": {"gamma": [4, 0.5]},
            "measurement": {"first_month": 12, "every_months": 12, "person_sd": 4},
        }
    },
    "contract": {
        "payers": {"council": {}},
        "terms": {"days": {"rule": "price", "outcome": "days", "price": 100}},
    },
    "capital": {"tranches": {"only": {"commitment": 100_000}}},
}
EVERY = [REFERRALS, ENGAGED, FIXED, PERSON, EFFECT, "programme.costs.management_per_year"]
COUNT = 16_384


def pair(one: str, other: str, rank: float) -> Data:
    return {"between": [one, other], "rank": rank, "reason": "Both follow the weather."}


def bond(
    correlations: list[Data] | None = None, shocks: dict[str, dict[str, float]] | None = None
) -> sibmodel.Scenario:
    told = {name: {"moves": moves, "reason": "It befalls all."} for name, moves in (shocks or {}).items()}
    return read({**BOND, "dependence": {"correlations": correlations or [], "shocks": told}})


def drawn(scenario: sibmodel.Scenario, count: int = COUNT, seed: int = 3) -> dict[str, FloatArray]:
    blocks = list(trials_of(scenario, count, seed))
    return {address: np.concatenate([block.inputs[address] for block in blocks]) for address in blocks[0].inputs}


def rank(one: FloatArray, other: FloatArray) -> float:
    return float(stats.spearmanr(one, other).statistic)


def near(found: float, expected: float, count: int = COUNT) -> bool:
    """Within four standard errors: of Fisher's z of a rank correlation √(1.06/(n − 3)) (Fieller et al. 1957)."""
    return abs(math.atanh(found) - math.atanh(expected)) < 4 * math.sqrt(1.06 / (count - 3))


@pytest.mark.parametrize("stated", [-0.95, -0.5, 0.0, 0.2, 0.6, 0.9])
def test_a_pair_moves_together_as_stated(stated: float) -> None:
    values = drawn(bond([pair(FIXED, ENGAGED, stated)]))
    assert near(rank(values[FIXED], values[ENGAGED]), stated)
    for other in (REFERRALS, PERSON, EFFECT):
        assert near(rank(values[FIXED], values[other]), 0)


def test_a_whole_matrix_moves_as_stated() -> None:
    stated = {(FIXED, ENGAGED): 0.5, (FIXED, EFFECT): -0.4, (ENGAGED, EFFECT): 0.1, (REFERRALS, EFFECT): 0.3}
    values = drawn(bond([pair(*names, r) for names, r in stated.items()]))
    for (one, other), r in stated.items():
        assert near(rank(values[one], values[other]), r)
    assert near(rank(values[REFERRALS], values[FIXED]), 0)


def test_certain_dependence() -> None:
    values = drawn(bond([pair(FIXED, PERSON, 1), pair(REFERRALS, EFFECT, -1)]))
    assert rank(values[FIXED], values[PERSON]) == pytest.approx(1, abs=1e-6)
    assert rank(values[REFERRALS], values[EFFECT]) == pytest.approx(-1, abs=1e-6)


def test_numbers_that_share_a_shock_have_the_product_of_their_loadings() -> None:
    """In normal scores: 2 sin(π 0.8/6) · 2 sin(−π 0.5/6) = 0.81347 · (−0.51764) = −0.42108; as a rank −0.40514."""
    expected = float(of_ranks(of_scores(0.8) * of_scores(-0.5)))
    assert expected == pytest.approx(-0.40514, abs=5e-6)
    values = drawn(bond(shocks={"winter": {REFERRALS: 0.8, EFFECT: -0.5}, "prices": {FIXED: 0.6, PERSON: 0.6}}))
    assert near(rank(values[REFERRALS], values[EFFECT]), expected)
    assert near(rank(values[FIXED], values[PERSON]), float(of_ranks(of_scores(0.6) ** 2)))
    assert near(rank(values[FIXED], values[REFERRALS]), 0)


def test_two_shocks_add_up_and_a_stated_pair_holds_instead() -> None:
    shocks = {"winter": {REFERRALS: 0.6, EFFECT: 0.6, FIXED: 0.5}, "policy": {REFERRALS: 0.5, EFFECT: -0.3}}
    implied = float(of_ranks(of_scores(0.6) ** 2 + of_scores(0.5) * of_scores(-0.3)))
    values = drawn(bond(shocks=shocks))
    assert near(rank(values[REFERRALS], values[EFFECT]), implied)
    values = drawn(bond([pair(EFFECT, REFERRALS, 0)], shocks))
    assert near(rank(values[REFERRALS], values[EFFECT]), 0)
    assert near(rank(values[REFERRALS], values[FIXED]), float(of_ranks(of_scores(0.6) * of_scores(0.5))))


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube", "sobol"])
def test_each_number_keeps_its_own_distribution(sampling: Sampling) -> None:
    """Kolmogorov and Smirnov against independent draws' exact law: the uniforms after mixing are uniform."""
    scenario = sibmodel.change(
        bond([pair(FIXED, ENGAGED, 0.7)], {"winter": {ENGAGED: 0.5, EFFECT: 0.4}}),
        {"simulation.trials": COUNT, "simulation.sampling": sampling},
    )
    blocks = list(trials_of(scenario, COUNT, 5))
    for address in EVERY:
        uniforms = np.concatenate([block.probabilities[address] for block in blocks])
        assert stats.kstest(uniforms, "uniform").pvalue > 1e-3
    values = drawn(scenario, seed=5)
    assert stats.kstest(values[FIXED], stats.lognorm(0.4, scale=20_000).cdf).pvalue > 1e-3
    assert stats.kstest(values[EFFECT], stats.gamma(4, scale=0.5).cdf).pvalue > 1e-3
    # evenly spread points keep most of their evenness where few numbers are mixed, so ranks are at least as near
    assert near(rank(values[FIXED], values[ENGAGED]), 0.7)


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube"])
def test_a_number_outside_stays_as_it_was_to_the_bit(sampling: Sampling) -> None:
    way = {"simulation.trials": 4096, "simulation.sampling": sampling}
    alone, mixed = (
        drawn(sibmodel.change(one, way), 4096)
        for one in (bond(), bond([pair(FIXED, ENGAGED, 0.7)], {"winter": {ENGAGED: 0.5, EFFECT: 0.4}}))
    )
    same = {address for address in EVERY if alone[address].tobytes() == mixed[address].tobytes()}
    # fixed costs come before engagement in alphabetical order and owe nothing to what comes before them
    assert same == {REFERRALS, PERSON, "programme.costs.management_per_year", FIXED}
    first = drawn(sibmodel.change(bond([pair(FIXED, ENGAGED, 0.7)]), way), 4096)
    assert min(FIXED, ENGAGED) == FIXED
    assert first[FIXED].tobytes() == alone[FIXED].tobytes()
    assert first[ENGAGED].tobytes() != alone[ENGAGED].tobytes()


def test_the_order_of_the_file_does_not_matter() -> None:
    pairs = [pair(FIXED, ENGAGED, 0.7), pair(EFFECT, ENGAGED, 0.2)]
    one = drawn(bond(pairs, {"b": {EFFECT: 0.1}, "a": {EFFECT: 0.3}}), 100)
    turned = [pair(ENGAGED, EFFECT, 0.2), pair(ENGAGED, FIXED, 0.7)]
    other = drawn(bond(turned, {"a": {EFFECT: 0.3}, "b": {EFFECT: 0.1}}), 100)
    assert all(one[address].tobytes() == other[address].tobytes() for address in one)


def test_a_shock_is_the_same_in_every_scenario() -> None:
    """Two bonds whose numbers have other addresses: what both owe to the shock is the same, as ranks say."""
    mine = drawn(bond(shocks={"winter": {REFERRALS: 0.9}}))[REFERRALS]
    theirs = drawn(bond(shocks={"winter": {PERSON: 0.9}}))[PERSON]
    assert near(rank(mine, theirs), float(of_ranks(of_scores(0.9) ** 2)))


# Matrices that contradict themselves


def test_a_contradiction_is_repaired_and_told() -> None:
    """Higham's example in normal scores is 1, 1 and 0 in ranks: 0.7607 and 0.1573 are 0.7452 and 0.1503."""
    scenario = bond([pair(FIXED, ENGAGED, 1), pair(FIXED, PERSON, 1), pair(ENGAGED, PERSON, 0)])
    (told,) = [doubt for doubt in scenario.doubts() if doubt.startswith("dependence")]
    assert f"'{FIXED}' with '{ENGAGED}' 1.000 stated, 0.745 used" in told
    assert f"'{PERSON}' with '{ENGAGED}' 0.000 stated, 0.150 used" in told.replace(
        f"'{ENGAGED}' with '{PERSON}'", f"'{PERSON}' with '{ENGAGED}'"
    )
    assert told in simulate(scenario, 20).record.doubts
    assert "0.745 used" in " ".join(str(simulate(scenario, 20)).split())
    values = drawn(scenario)
    assert near(rank(values[FIXED], values[ENGAGED]), float(of_ranks(0.7606898534)))
    assert near(rank(values[ENGAGED], values[PERSON]), float(of_ranks(0.1572981061)))


def test_shocks_that_explain_more_than_all_are_repaired() -> None:
    scenario = bond(shocks={"winter": {REFERRALS: 0.9, EFFECT: 0.9}, "policy": {REFERRALS: 0.9, EFFECT: -0.2}})
    (told,) = [doubt for doubt in scenario.doubts() if doubt.startswith("dependence")]
    assert "'shock policy' with" in told
    assert "pairs that nobody states: a change of 0." in told
    (together,) = dependence_of(scenario)
    assert together.names == ("shock:policy", "shock:winter", EFFECT, REFERRALS)
    assert np.linalg.eigvalsh(together.used)[0] >= -1e-12


def test_what_does_not_contradict_itself_is_left_alone() -> None:
    scenario = bond([pair(FIXED, ENGAGED, 0.5), pair(FIXED, PERSON, 0.5)])
    assert not [doubt for doubt in scenario.doubts() if doubt.startswith("dependence")]


@settings(max_examples=10)
@given(dependence(EVERY), st.integers(0, 2**32))
def test_any_dependence_gives_the_ranks_that_it_says_it_uses(data: Data, seed: int) -> None:
    scenario = read({**BOND, **data})
    blocks = list(trials_of(scenario, COUNT, seed))
    for some in dependence_of(scenario):
        inputs = [name for name in some.names if name in EVERY]
        for i, one in enumerate(inputs):
            for other in inputs[:i]:
                used = of_ranks(some.used[some.names.index(one), some.names.index(other)])
                u, v = (np.concatenate([block.probabilities[name] for block in blocks]) for name in (one, other))
                assert near(min(max(rank(u, v), -0.99999), 0.99999), float(np.clip(used, -0.99999, 0.99999)))


# Blocks, shifts, files


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube", "sobol"])
def test_blocks_are_the_same_in_any_order(sampling: Sampling) -> None:
    scenario = sibmodel.change(
        bond([pair(FIXED, ENGAGED, 0.7)], {"winter": {ENGAGED: 0.5}}),
        {"simulation.trials": COUNT, "simulation.sampling": sampling},
    )

    def bits(sampler: Sampler, block: int) -> list[bytes]:
        trials = sampler.block(block)
        return [values.tobytes() for values in (*trials.inputs.values(), *trials.normals.values())]

    forward = [bits(sampler, block) for sampler in [sampler_of(scenario, COUNT, 9)] for block in range(4)]
    backward = [bits(sampler, block) for sampler in [sampler_of(scenario, COUNT, 9)] for block in (3, 2, 1, 0)]
    assert forward == backward[::-1]
    sampler = sampler_of(scenario, COUNT, 9)  # nothing has been worked out yet when four threads begin
    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(bits, [sampler] * 8, [0, 1, 2, 3] * 2)) == forward * 2
    assert [list(trials.inputs) for trials in trials_of(scenario, COUNT, 9)] == [EVERY_AS_DRAWN] * 4


EVERY_AS_DRAWN = [REFERRALS, ENGAGED, FIXED, PERSON, "programme.costs.management_per_year", EFFECT]


def test_a_short_pseudo_random_run_holds_the_first_trials_of_a_long_one() -> None:
    scenario = bond([pair(FIXED, ENGAGED, 0.7)], {"winter": {ENGAGED: 0.5}})
    short, long = drawn(scenario, 100), drawn(scenario, 5000)
    assert all(long[address][:100].tobytes() == values.tobytes() for address, values in short.items())


def test_a_number_is_shifted_after_it_has_been_mixed() -> None:
    """Referrals are normal with sd 10, so that one score is ten people; what moves with them stays."""
    scenario = bond([pair(REFERRALS, ENGAGED, 0.7)])
    (trials,) = trials_of(scenario, 500, 3)
    moved = shifted(trials, scenario.quantities(), {REFERRALS: -1.0})
    assert moved.inputs[REFERRALS] == pytest.approx(trials.inputs[REFERRALS] - 10, abs=1e-9)
    assert moved.inputs[ENGAGED] is trials.inputs[ENGAGED]


def test_parts_of_a_block_are_shifted_as_the_whole() -> None:
    scenario = bond([pair(REFERRALS, ENGAGED, 0.7)])
    (trials,) = trials_of(scenario, 500, 3)
    whole = shifted(trials, scenario.quantities(), {ENGAGED: 0.5})
    part = shifted(trials.part(200, 300), scenario.quantities(), {ENGAGED: 0.5})
    assert part.inputs[ENGAGED].tobytes() == whole.inputs[ENGAGED][200:300].tobytes()


@pytest.mark.parametrize("values", [{FIXED: 3}, {ENGAGED: 0.5, FIXED: {"uniform": [1, 2]}}])
def test_a_number_that_is_set_no_longer_moves_with_others(values: dict[str, Any]) -> None:
    scenario = sibmodel.change(bond([pair(FIXED, ENGAGED, 0.7), pair(PERSON, EFFECT, 0.5)]), values)
    assert [some.names for some in dependence_of(scenario)] == [(EFFECT, PERSON)]


def test_a_number_that_is_amended_is_meant_as_it_was_before() -> None:
    amended = {"amendments": [{"from": "2027-06-01", "set": {FIXED: {"uniform": [1, 2]}, PERSON: 5}}]}
    told = {"correlations": [pair(FIXED, ENGAGED, 0.7), pair(f"{FIXED}.1", PERSON, 0.4)]}
    scenario = read({**BOND, **amended, "dependence": told})
    names = [some.names for some in dependence_of(scenario)]
    assert sorted(names) == [(ENGAGED, f"{FIXED}.0")[::-1], (f"{FIXED}.1", f"{PERSON}.0")]


def test_ranks_can_be_set() -> None:
    scenario = bond([pair(FIXED, ENGAGED, 0.7)], {"winter": {REFERRALS: 0.2, PERSON: 0.3}})
    values = {"dependence.correlations.0.rank": -0.4, f"dependence.shocks.winter.moves.{REFERRALS}": 0.9}
    told = sibmodel.change(scenario, values).dependence
    assert told.correlations[0].rank == -0.4
    assert dict(told.shocks["winter"].moves) == {REFERRALS: 0.9, PERSON: 0.3}


def test_evidence_that_is_used_twice_is_one_number() -> None:
    study = {"estimate": 2.0, "standard_error": 0.5, "grade": 2, "source": "a study of ours"}
    data: Data = {**BOND, "evidence": {"days_saved": {"title": "Days saved", "studies": {"one": study}}}}
    data["outcomes"] = {"days": {**BOND["outcomes"]["days"], "change": {"evidence": "days_saved"}}}
    data["dependence"] = {"correlations": [pair("evidence.days_saved", FIXED, 0.6)]}
    scenario = read(data)
    (some,) = dependence_of(scenario)
    assert some.names == ("evidence.days_saved", FIXED)
    assert dependence_of(sibmodel.change(scenario, {"outcomes.days.change": 3.0})) == ()
    # written out where it is wanted, it is named after the number
    body = data.pop("evidence")["days_saved"]
    data["outcomes"] = {"days": {**BOND["outcomes"]["days"], "change": {"evidence": body}}}
    data["dependence"] = {"correlations": [pair("evidence.outcomes_days_change", FIXED, 0.6)]}
    scenario = read(data)
    assert [some.names for some in dependence_of(scenario)] == [("evidence.outcomes_days_change", FIXED)]
    assert dependence_of(sibmodel.change(scenario, {"outcomes.days.change": 3.0})) == ()
    misspelt = as_yaml({**data, "dependence": {"correlations": [pair("evidence.days_saved", FIXED, 0.6)]}})
    with pytest.raises(sibmodel.ScenarioError, match=r"there is no uncertain number at 'evidence\.days_saved'"):
        sibmodel.loads(misspelt, {PERSON: 3})
