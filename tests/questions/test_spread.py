"""The variance of a result by levels of risk, against variances that are known."""

import copy
from typing import Any

import pytest

import sibmodel
from sibmodel.questions.spread import Taken
from sibmodel.questions.variance import Part
from tests.random_numbers import Data
from tests.strategies import as_yaml, read

# 200 people, p = 0.5, ρ = 0.02: counts have the variance 200 · 0.25 = 50 of the binomial, times 1 + 199 · 0.02 = 4.98.
# A success pays P, uniform on 50 to 150: mean 100, variance 100²/12. What is measured pays £10 for each unit: of 200
# people with a person-level sd of 3 the noise of the total has the sd 3 √200.
BOND: Data = {
    "title": "Four levels",
    "timeline": {"signing": "2020-03-31", "period": "year", "periods": 1},
    "programme": {"groups": {"all": {"referrals": 200, "engaged": 1}}},
    "outcomes": {
        "job": {"type": "achievement", "share": 0.5, "luck": {"intraclass_correlation": 0.02}},
        "score": {
            "type": "effect",
            "change": 2,
            "measurement": {"first_month": 12, "every_months": 12, "person_sd": 3},
        },
    },
    "contract": {
        "payers": {"council": {}},
        "terms": {
            "job": {"rule": "price", "outcome": "job", "price": {"uniform": [50, 150]}},
            "score": {"rule": "price", "outcome": "score", "price": 10},
        },
    },
    "capital": {"tranches": {"lender": {"commitment": 1000}}},
}
COUNTS, PRICE, MEAN_COUNT, MEAN_PRICE = 50 * 4.98, 100**2 / 12, 100, 100
SQUARE = PRICE + MEAN_PRICE**2
EXACT = {
    "person": SQUARE * 50,
    "cohort": SQUARE * 50 * 3.98,
    "measurement": 10**2 * 3**2 * 200,
    "programme": PRICE * (COUNTS + MEAN_COUNT**2),
}
TOGETHER = PRICE * COUNTS
TOTAL = SQUARE * COUNTS + PRICE * MEAN_COUNT**2 + EXACT["measurement"]


def near(part: Part, variance: float) -> bool:
    return abs(part.variance - variance) < 4 * part.se


def found(data: Data = BOND, trials: int = 20_000, **more: Any) -> Taken:
    return sibmodel.spread(read(data), "payers.payments", trials, **more)["payers.payments"]


@pytest.mark.parametrize("seed", [1, 2])
def test_levels_are_what_a_product_and_a_sum_say(seed: int) -> None:
    """Of Y = P C + N each level's total effect is E[Var(Y | the others)]: E[P²] Var(C), Var(P) E[C²], Var(N)."""
    taken = found(seed=seed)
    assert near(taken.total, TOTAL)
    for level, exact in EXACT.items():
        part = taken.levels[level]
        assert near(part, exact), level
        assert part.se < 0.05 * TOTAL
        assert part.share == pytest.approx(part.variance / taken.total.variance)
        assert abs(part.share - exact / TOTAL) < 4 * part.share_se
    assert near(taken.together, TOGETHER)
    assert sum(EXACT.values()) - TOGETHER == pytest.approx(TOTAL)


def test_levels_less_what_they_do_together_add_up_to_all() -> None:
    taken = found(trials=500)
    levels = sum(part.variance for part in taken.levels.values())
    assert levels - taken.together.variance == pytest.approx(taken.total.variance, rel=1e-3)
    assert sum(part.share for part in taken.levels.values()) - taken.together.share == pytest.approx(1, rel=1e-9)


def test_of_a_sum_nothing_is_done_together() -> None:
    data = copy.deepcopy(BOND)
    data["contract"]["terms"]["job"]["price"] = 100
    taken = found(data)
    assert set(taken.levels) == {"person", "cohort", "measurement"}
    assert near(taken.together, 0)
    assert near(taken.total, 100**2 * COUNTS + EXACT["measurement"])


def test_independent_people_have_no_cohort() -> None:
    data = copy.deepcopy(BOND)
    data["outcomes"]["job"]["luck"] = {"intraclass_correlation": 0}
    taken = found(data, trials=200)
    assert taken.levels["cohort"].variance == 0
    assert taken.levels["cohort"].se == 0
    assert taken.levels["person"].variance > 0


def test_an_uncertain_correlation_is_taken_away_too() -> None:
    data = copy.deepcopy(BOND)
    data["outcomes"]["job"]["luck"] = {"intraclass_correlation": {"uniform": [0.01, 0.03]}}
    taken = found(data)
    assert near(taken.levels["person"], EXACT["person"])
    assert near(taken.levels["cohort"], EXACT["cohort"])


def test_levels_that_a_scenario_has_not_are_left_out() -> None:
    data = copy.deepcopy(BOND)
    data["outcomes"]["job"]["luck"] = {"counts": "expected"}
    del data["outcomes"]["score"], data["contract"]["terms"]["score"]
    taken = found(data, trials=100)
    assert set(taken.levels) == {"programme"}
    assert taken.levels["programme"].share == pytest.approx(1, abs=4 * taken.levels["programme"].share_se)
    data["contract"]["terms"]["job"]["price"] = 100
    nothing = sibmodel.spread(read(data), "payers.payments", 50)
    assert nothing["payers.payments"].levels == {}
    assert nothing["payers.payments"].total.variance == 0
    assert "the same in all 50 futures" in str(nothing)


def test_the_same_seed_gives_the_same_and_few_trials_are_the_first() -> None:
    one, other = found(trials=300, seed=5), found(trials=300, seed=5)
    assert one == other
    assert one != found(trials=300, seed=6)


def test_a_rate_of_return_counts_only_where_it_is_defined() -> None:
    data = copy.deepcopy(BOND)
    data["programme"]["costs"] = {"set_up": {"choice": {0: 1, 500: 1}}}
    taken = sibmodel.spread(read(data), "investor.irr", 400)["investor.irr"]
    assert 20 < taken.defined < 200  # nobody invests unless both runs of a trial cost something
    assert taken.total.variance > 0


def test_it_is_told_and_written() -> None:
    result = sibmodel.spread(read(BOND), trials=200)
    text = str(result)
    for words in ("person", "cohort", "measurement", "programme", "together", "Where the spread of".upper()):
        assert words in text
    written = result.as_dict()
    assert list(written["measures"]) == list(result.measures)
    assert written["measures"]["payers.payments"]["levels"]["cohort"]["share"] > 0
    assert "<table" in result._repr_html_()


def test_a_measure_that_is_not_there_is_named() -> None:
    with pytest.raises(sibmodel.UnknownNameError, match=r"no measure called 'payers.payment'"):
        sibmodel.spread(read(BOND), "payers.payment", 10)


def test_the_command(tmp_path: Any) -> None:
    from typer.testing import CliRunner

    from sibmodel.cli import app

    file = tmp_path / "bond.yaml"
    file.write_text(as_yaml(BOND))
    arguments = ["spread", str(file), "--measure", "payers.payments", "--trials", "100", "--seed", "3"]
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0
    assert "cohort" in done.stdout
    written = CliRunner().invoke(app, [*arguments, "--json", "-"])
    assert written.stdout.startswith("{")
    assert CliRunner().invoke(app, [*arguments[:3], "nothing"]).exit_code == 2


def test_other_trials_do_not_go_hand_in_hand_with_sobol_points() -> None:
    """Var = 100² (1 + 4 + 9), all of it from numbers. A second Sobol sequence would give an error of 12 % of it."""
    data = {
        "title": "A sum",
        "timeline": {"signing": "2020-03-31", "period": "year", "periods": 1},
        "simulation": {"sampling": "sobol", "trials": 4096},
        "programme": {"groups": {"all": {"referrals": 100, "engaged": 1}}},
        "outcomes": {name: {"type": "quantity", "per_person": {"normal": [10, 1]}} for name in "abc"},
        "contract": {
            "payers": {"council": {}},
            "terms": {name: {"rule": "price", "outcome": name, "price": i + 1} for i, name in enumerate("abc")},
        },
        "capital": {"tranches": {"fund": {"commitment": 2000}}},
    }
    programme = found(data, 4096, seed=3).levels["programme"]
    assert near(programme, 140_000)
    assert programme.share_se < 0.05
