"""`sibmodel risk`, driven as a user drives it, and the same in a notebook."""

import json
from pathlib import Path

import pytest

import sibmodel
from tests.interface.test_command_line import ROOT, WTW, run

R1 = "scenarios/worked/r1.yaml"


def test_it_answers_the_five_questions_in_words() -> None:
    done = run("risk", WTW, "--trials", "300")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "WHICH RISK FALLS ON WHOM",
        "luck with people",
        "nothing drawn here",
        "WHO LOSES IN THE WORST FUTURES, AND WHO GAINS IN THE BEST",
        "WHAT IT COSTS TO SHED RISK",
        "HOW MUCH MUST SUCCEED",
        "72.065%",
        "WHO COULD INVEST",
        "edition 2026-11",
        "Seed 2015, 300 trials",
    ):
        assert words in done.stdout, words
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 100


def test_json_has_everything_and_only_json_goes_to_standard_output() -> None:
    done = run("risk", R1, "--trials", "50", "--seed", "3", "--json", "-")
    data = json.loads(done.stdout)
    assert set(data) == {
        "scenario", "record", "matrix", "tails", "price_of_risk", "break_even", "who_could_invest", "after_the_end",
    }  # fmt: skip
    assert (data["record"]["seed"], data["record"]["trials"]) == (3, 50)
    rows = {row["risk"]: row for row in data["matrix"]["rows"]}
    assert rows["cost"]["changes"]["resource_value"]["mean"] == pytest.approx(-64_080)
    assert rows["cost"]["moved"] == [{"address": "programme.costs.fixed_per_year", "cells": 1, "worse": 1}]
    assert rows["payer"]["changes"] == {}
    assert data["matrix"]["resource_value"].startswith("attributable fiscal and wellbeing savings less")
    investor, council = data["break_even"]["parties"]
    assert investor["whole_from"] == pytest.approx(0.909091, abs=1e-6)
    assert council["saves_up_to"] == pytest.approx(1.090909, abs=1e-6)
    assert data["who_could_invest"]["kinds"]["edition"] == "2026-11"
    assert len(data["who_could_invest"]["matches"]) == 6


def test_a_number_can_be_set_and_the_result_goes_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "risk.json"
    done = run("risk", R1, "--trials", "50", "--set", "contract.terms.job.price=2400", "--json", str(target))
    assert "WHO COULD INVEST" in done.stdout
    assert "Set for this run: contract.terms.job.price = 2400." in done.stdout
    data = json.loads(target.read_text())
    assert data["break_even"]["parties"][0]["whole_from"] == pytest.approx(1 / 1.3, abs=1e-6)


def test_kinds_of_investor_of_ones_own(tmp_path: Path) -> None:
    text = (ROOT / "sibmodel" / "reference" / "kinds_of_investor.toml").read_text(encoding="utf-8")
    mine = tmp_path / "mine.toml"
    mine.write_text(text.replace('edition = "2026-11"', 'edition = "ours"').replace("value = 0.45", "value = 0.4"))
    done = run("risk", R1, "--trials", "50", "--kinds", str(mine))
    assert done.returncode == 0
    assert "edition ours" in done.stdout
    mine.write_text(text.replace('edition = "2026-11"', "edition = 3").replace("value = 25,", "value = -25,"))
    done = run("risk", R1, "--kinds", str(mine))
    assert (done.returncode, done.stdout) == (2, "")
    first, second = done.stderr.splitlines()
    line = text[: text.index("edition =")].count("\n") + 1
    assert f"mine.toml:{line}:1: edition: this is not text in quotation marks" in first
    assert "kinds.city_hall.longest_term.value: -25 is out of range; it must be 0 to 600" in second


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--trials", "1"), "ask for 2 to"),
        (("--kinds", "nothing.toml"), "nothing.toml:1:1: the file cannot be read"),
        (("--set", "contract.terms.jbo.price=3"), "did you mean 'job'?"),
    ],
)
def test_wrong_input_exits_two(arguments: tuple[str, ...], words: str) -> None:
    done = run("risk", R1, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_result_prints_itself_and_gives_tables() -> None:
    result = sibmodel.risk(sibmodel.load(ROOT / R1), trials=60)
    page = result._repr_html_()
    assert page.count("<table>") == page.count("</table>") >= 8
    matrix, errors = result.matrix_frame(), result.matrix_frame(errors=True)
    assert matrix.loc["cost", "tranche.investor"] == pytest.approx(-64_080)
    assert errors.loc["cost", "tranche.investor"] == pytest.approx(0, abs=0.02)
    assert matrix.loc["timing"].isna().all()
    assert matrix.loc["effect", list(result.matrix.columns)].sum() == pytest.approx(
        matrix.loc["effect", "resource_value"]
    )
    assert result.tails_frame().loc["payer.council", "npv_all"] == pytest.approx(-1_100_000, rel=0.02)
    assert result.break_even_frame().loc["tranche.investor", "whole_from"] == pytest.approx(10 / 11, abs=1e-6)
    assert result.investors_frame().index.names == ["tranche", "kind"]


def test_without_uncertainty_every_row_is_empty_and_says_so() -> None:
    done = run("risk", "scenarios/worked/w1.yaml", "--trials", "20")
    assert "nothing uncertain here" in done.stdout
    assert "95.495%" in done.stdout
    assert "no risk moved" in done.stdout.lower()
