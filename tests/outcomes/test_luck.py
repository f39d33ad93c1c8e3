"""Luck with people where it enters: outcomes, contract, savings, runs in which the programme does nothing."""

import copy
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom
from typer.testing import CliRunner

import sibmodel
from sibmodel import Books
from sibmodel.cli import app
from sibmodel.core.trials import Trials
from sibmodel.model import work_through
from sibmodel.sampling.streams import BLOCK, luck
from tests.books import full, some_trials
from tests.random_numbers import Data
from tests.strategies import as_yaml, read, scenarios

PEOPLE, CHANCE, WHOLE = 500, 0.6, 290

W2: Data = {
    "title": "W2",
    "timeline": {"signing": "2020-03-31", "period": "year", "periods": 2},
    "programme": {"groups": {"everyone": {"referrals": [500, 0], "engaged": 1}}, "costs": {"set_up": 116_000}},
    "outcomes": {
        "job": {"type": "achievement", "share": CHANCE, "lag_months": 12, "luck": {"intraclass_correlation": 0}}
    },
    "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 400}}},
    "capital": {"tranches": {"lender": {"commitment": 116_000}}},
}


def with_job(data: Data = W2, **fields: Any) -> Data:
    """The bond with other fields of its outcome; None takes one away."""
    changed = copy.deepcopy(data)
    job = changed["outcomes"]["job"] | fields
    changed["outcomes"]["job"] = {key: value for key, value in job.items() if value is not None}
    return changed


# ------------------------------------------------------------------------------------------- W2, with a closed form


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_chance_of_loss_of_independent_people_is_the_published_one(seed: int) -> None:
    """Of 500 people each succeeds with 0.6; 400 a success repay 116,000 from 290 on: P(loss) = 16.8839 %."""
    loss = sibmodel.simulate(read(W2), trials=20_000, seed=seed)["investor.loss_probability"]
    assert loss.mean is not None
    assert loss.se is not None
    assert abs(loss.mean - 0.168839) < 4 * loss.se
    assert loss.se == pytest.approx(math.sqrt(0.168839 * 0.831161 / 20_000), rel=0.05)


@pytest.mark.parametrize("correlation", [0.01, 0.05])
def test_people_who_are_alike_raise_it_as_much_as_the_beta_binomial_says(correlation: float) -> None:
    both = (1 - correlation) / correlation
    exact = float(betabinom.cdf(WHOLE - 1, PEOPLE, CHANCE * both, (1 - CHANCE) * both))
    scenario = read(with_job(luck={"intraclass_correlation": correlation}))
    loss = sibmodel.simulate(scenario, trials=20_000, seed=4)["investor.loss_probability"]
    assert loss.mean is not None
    assert loss.se is not None
    assert abs(loss.mean - exact) < 4 * loss.se + 0.002  # the normal score's own error
    assert loss.mean > 0.168839 + 0.1


def test_unless_the_file_says_otherwise_people_are_alike() -> None:
    """The default is 0.01: the variance of 500 counts is 1 + 499 × 0.01 = 5.99 times the binomial's 120."""
    one, other = (read(with_job(luck=given)) for given in (None, {"intraclass_correlation": 0.01}))
    found = [sibmodel.simulate(scenario, trials=20_000).values["outcome.job.verified"] for scenario in (one, other)]
    assert found[0].tolist() == found[1].tolist()
    assert float(found[0].var()) == pytest.approx(120 * 5.99, rel=0.04)  # four standard errors, √(2/20,000)
    assert abs(float(found[0].mean()) - 300) < 4 * math.sqrt(120 * 5.99 / 20_000)


def test_expected_counts_have_no_luck() -> None:
    result = sibmodel.simulate(read(with_job(luck={"counts": "expected"})), trials=50)
    assert set(result.values["outcome.job.verified"]) == {300.0}
    assert result.record.luck_with_people is False
    assert sibmodel.simulate(read(W2), trials=2).record.luck_with_people is True


def test_the_base_case_is_the_expected_count_whatever_the_luck() -> None:
    counts = [None, {"counts": "expected"}, {"intraclass_correlation": 0}, {"intraclass_correlation": 0.5}]
    cases = [sibmodel.base_case(read(with_job(luck=given))) for given in counts]
    assert {float(books.service.outcomes["job"].verified[2, 0]) for books in cases} == {300.0}


# ---------------------------------------------------------------------------------- what is verified and what is true


def drawn(data: Data, uniform: float, scale: float = 1.0) -> Books:
    """One trial with the same uniform in all cells."""
    scenario = read(data)
    periods = scenario.timeline.periods + 1
    cells = {address: np.full((periods, 1), uniform) for address in scenario.luck_with_people()}
    return work_through(scenario, replace(Trials.base(periods), uniforms=cells), scale)


def test_what_would_have_happened_anyway_is_deducted_as_it_is_expected() -> None:
    """Two people, p = 0.5, ρ = 0.2: none up to 0.3, one up to 0.7 (tests/core/test_counts.py). A fifth would anyway."""
    two = with_job(share=0.5, luck={"intraclass_correlation": 0.2}, verified_share=0.9)
    two["programme"]["groups"]["everyone"]["referrals"] = [2, 0]
    two["outcomes"]["job"]["counterfactual"] = {"level": 0.2, "method": "fixed", "agreed": 0.25}
    for uniform, achieved in ((0.29, 0), (0.31, 1), (0.69, 1), (0.71, 2)):
        job = drawn(two, uniform).service.outcomes["job"]
        assert float(job.true[2, 0]) == pytest.approx(achieved - 2 * 0.2)
        assert float(job.verified[2, 0]) == pytest.approx(0.9 * (achieved - 2 * 0.25))
        assert not job.true[:2].any()


def test_a_programme_that_does_nothing_has_the_same_luck_with_the_other_chance() -> None:
    """Three people, anyway 0.2, ρ = 0: 0.512 none, 0.384 one. With 0.5: 0.125 none, 0.375 one, 0.375 two."""
    three = with_job(share=0.5)
    three["programme"]["groups"]["everyone"]["referrals"] = [3, 0]
    three["outcomes"]["job"]["counterfactual"] = {"level": 0.2}
    for uniform, with_it, without in ((0.1, 0, 0), (0.49, 1, 0), (0.52, 2, 1), (0.88, 3, 1)):
        for scale, achieved in ((1.0, with_it), (0.0, without)):
            job = drawn(three, uniform, scale).service.outcomes["job"]
            assert float(job.verified[2, 0]) == pytest.approx(achieved)
            assert float(job.true[2, 0]) == pytest.approx(achieved - 0.6)


def test_counts_are_whole_people_to_the_last_bit() -> None:
    """A threshold at 290 is met by 290 people, whatever their groups and lags."""
    data = with_job(lag_months=7)
    groups = {name: {"referrals": [100.3, 37.9], "engaged": {"uniform": [0.3, 0.9]}} for name in ("young", "old")}
    data["programme"]["groups"] = groups
    scenario = read(data)
    counts = work_through(scenario, some_trials(scenario, 500, 3)).service.outcomes["job"].verified
    assert (counts == np.rint(counts)).all()
    assert len(np.unique(counts)) > 50


def test_groups_and_periods_have_luck_of_their_own() -> None:
    data = with_job()
    data["programme"]["groups"] = {name: {"referrals": [100, 100], "engaged": 1} for name in ("young", "old")}
    data["contract"]["terms"]["job"]["groups"] = ["young"]
    scenario = read(data)
    trials = some_trials(scenario, 2000, 3)
    assert list(trials.uniforms) == ["luck:outcomes.job.young", "luck:outcomes.job.old"]
    young = work_through(scenario, trials).settlement.payments.earned["job"][1:] / 400
    everybody = work_through(scenario, trials).service.outcomes["job"].verified[1:]
    one = np.corrcoef(np.vstack([young[1], everybody[1] - young[1]]))[0, 1]
    assert abs(one) < 4 / math.sqrt(2000)
    assert float(young[1].var()) == pytest.approx(100 * 0.24, rel=4 * math.sqrt(2 / 2000))


def test_effects_in_groups_and_people_without_a_place_change_the_chance() -> None:
    """The effect is half in one group: 0.2 + 0.5 × 0.4 = 0.4; in the other 0.6. Means over many trials."""
    data = with_job(effect_in_group={"old": 0.5}, counterfactual={"level": 0.2})
    data["programme"]["groups"] = {name: {"referrals": [100, 0], "engaged": 1} for name in ("young", "old")}
    data["programme"]["onward"] = {"advice": {"groups": ["young"], "share": 1, "free_places": 50, "effect_without": 0}}
    data["contract"]["terms"] = {
        name: {"rule": "price", "outcome": "job", "price": 1, "groups": [name]} for name in ("young", "old")
    }
    scenario = read(data)
    trials = some_trials(scenario, 4000, 5)
    earned = work_through(scenario, trials).settlement.payments.earned
    # of 100 young people 50 have a place at once: 50 × 0.6 + 50 × 0.2 = 40 of them succeed
    for name in ("young", "old"):
        assert abs(float(earned[name][2].mean()) - 40) < 4 * math.sqrt(24 / 4000), name


# ---------------------------------------------------------------------------------------------------- random scenarios


@given(scenarios(kinds=("achievement", "achievement", "quantity")), st.integers(0, 2**32))
def test_who_had_the_outcome_adds_up_to_it_in_every_trial(data: Data, seed: int) -> None:
    """By group and age, as contracts see it."""
    scenario = read(data)
    asked = list(scenario.outcomes)
    trials = some_trials(scenario, 3, seed)
    from sibmodel.outcomes.outcomes import outcomes

    activity = work_through(scenario, trials).service.activity
    for scale in (1.0, 0.0):
        found = outcomes(scenario.outcomes, activity, scenario.timeline, trials, scale, asked)
        for one in found.values():
            parts = np.zeros((trials.periods, trials.count)) + sum(part.units for part in one.parts)
            assert np.allclose(parts, one.verified, rtol=1e-9, atol=1e-9)


@settings(max_examples=settings().max_examples // 2)
@given(scenarios(kinds=("achievement",)), st.integers(0, 2**32))
def test_true_outcomes_differ_from_the_expected_ones_by_whole_people(data: Data, seed: int) -> None:
    """And verified ones by the accepted share of the same."""
    scenario = read(data)
    trials = some_trials(scenario, 3, seed)
    lucky = work_through(scenario, trials)
    plain = work_through(scenario, replace(trials, uniforms={}))
    assume(not scenario.capital.service_stops)  # money may run out in other periods
    for name, terms in scenario.outcomes.items():
        one, other = (books.service.outcomes[name] for books in (lucky, plain))
        more, wait = one.true - other.true, terms.verification_months // scenario.timeline.period_months
        accepted = terms.verified_share.over(trials)  # type: ignore[union-attr]
        seen = (one.verified - other.verified)[wait:]
        assert np.allclose(seen, (full(lucky, more) * accepted)[: len(seen)], rtol=1e-7, atol=1e-7)


def test_splitting_a_group_changes_nothing_without_luck_and_only_the_luck_with_it() -> None:
    split = with_job()
    split["programme"]["groups"] = {n: {"referrals": [r, 0], "engaged": 1} for n, r in (("one", 200), ("two", 300))}
    for given_luck, same in (({"counts": "expected"}, True), ({"intraclass_correlation": 0}, False)):
        results = [sibmodel.simulate(read(with_job(data, luck=given_luck)), trials=4000) for data in (W2, split)]
        whole, parts = (result.values["outcome.job.verified"] for result in results)
        assert (whole.tolist() == parts.tolist()) is same
        assert abs(float(whole.mean() - parts.mean())) <= 4 * math.sqrt(2 * 120 / 4000)


# ------------------------------------------------------------------------------------------------------------- streams


def test_a_longer_timeline_leaves_the_luck_of_earlier_periods_as_it_was() -> None:
    short, long = luck(7, "luck:outcomes.job.all", 1, 4), luck(7, "luck:outcomes.job.all", 1, 30)
    assert short.tobytes() == long[:4].tobytes()
    assert short.shape == (4, BLOCK)
    assert 0 < short.min() < 0.001
    assert 0.999 < short.max() < 1


def test_luck_does_not_move_inputs_nor_inputs_luck() -> None:
    certain, uncertain = read(with_job()), read(with_job(share={"uniform": [0.5, 0.7]}))
    one, other = some_trials(certain, 20, 3), some_trials(uncertain, 20, 3)
    (address,) = one.uniforms
    assert one.uniforms[address].tobytes() == other.uniforms[address].tobytes()
    without = some_trials(read(with_job(share={"uniform": [0.5, 0.7]}, luck={"counts": "expected"})), 20, 3)
    assert not without.uniforms
    assert without.inputs["outcomes.job.share"].tobytes() == other.inputs["outcomes.job.share"].tobytes()


# ------------------------------------------------------------------------------------------------------------ warnings


def test_independent_people_are_warned_of() -> None:
    (doubt,) = [text for text in read(W2).doubts() if "independently" in text]
    assert "job" in doubt
    assert "understates risk" in doubt
    assert doubt in sibmodel.simulate(read(W2), trials=2).record.doubts
    for given_luck in (None, {"counts": "expected"}, {"intraclass_correlation": {"uniform": [0, 0.02]}}):
        assert not [text for text in read(with_job(luck=given_luck)).doubts() if "independently" in text]


def test_check_warns_and_a_run_says_it(tmp_path: Path) -> None:
    file = tmp_path / "w2.yaml"
    file.write_text(as_yaml(W2))
    done = CliRunner().invoke(app, ["check", str(file)])
    assert done.exit_code == 0
    assert "warning: everybody succeeds independently of others in job" in done.stderr
    lines = file.read_text().splitlines()
    line = next(number for number, text in enumerate(lines, 1) if "intraclass_correlation" in text)
    assert f"job (line {line})" in done.stderr
    assert "Warning: everybody succeeds independently" in str(sibmodel.simulate(read(W2), trials=2))
