"""`sibmodel routes`, driven as a user drives it, and the same in a notebook."""

import json
from pathlib import Path

import pytest

import sibmodel
from tests.interface.test_command_line import run

W1 = "scenarios/worked/w1.yaml"
LOAN = "routes.loan={fund: 1000000, rate: 0.04, term_months: 36}"


def test_without_a_chapter_it_compares_two_ways_and_says_how_to_add_others() -> None:
    done = run("routes", W1, "--trials", "50")
    assert (done.returncode, done.stderr) == (0, "")
    for words in (
        "paid for in 2 ways: Direct payment; Social impact bond",
        "Not compared: a grant",
        "Not compared: a loan",
        "No costs of setting up a way are given",
        "WHAT IT COSTS THE PUBLIC PURSE",
        "WHO BEARS THE RISK",
        "Seed 1, 50 trials",
    ):
        assert words in " ".join(done.stdout.split()), words
    assert "…" not in done.stdout


def test_the_example_that_it_gives_can_be_pasted(tmp_path: Path) -> None:
    from sibmodel.report.routes_story import GRANT_TO_PASTE, LOAN_TO_PASTE

    text = Path(W1).read_text(encoding="utf-8") + f"routes:\n  {GRANT_TO_PASTE}\n  {LOAN_TO_PASTE}\n"
    file = tmp_path / "w1.yaml"
    file.write_text(text, encoding="utf-8")
    done = run("routes", str(file), "--trials", "50")
    assert done.returncode == 0
    assert "Not compared" not in done.stdout
    assert "THE LOAN FUND" in done.stdout


def test_json_has_everything_and_only_json_goes_to_standard_output() -> None:
    done = run("routes", W1, "--trials", "50", "--seed", "3", "--set", LOAN, "--json", "-")
    data = json.loads(done.stdout)
    assert set(data) == {
        "scenario", "record", "commissioners", "public", "public_investors", "routes", "premium", "after_the_end",
    }  # fmt: skip
    assert set(data["routes"]) == {"direct", "loan", "sib"}
    assert (data["record"]["seed"], data["record"]["trials"]) == (3, 50)
    # W1's own arithmetic: costs of 150 and five times 500, payments in years 2 to 7 (thousands)
    costs, payments = [150, *[500] * 5], [0, 0, 180, 555, 555, 555, 555, 375]
    values = [sum(1000 * x / 1.035**year for year, x in enumerate(flows)) for flows in (costs, payments)]
    assert data["routes"]["direct"]["public"]["cost"]["mean"] == pytest.approx(values[0], abs=0.01)
    assert data["premium"]["premium"]["mean"] == pytest.approx(values[1] - values[0], abs=0.01)
    assert data["routes"]["loan"]["loan"]["recycled"]["unit"] == "£ per £"
    assert data["routes"]["loan"]["years"][0]["financial_year"] == "2019/20"


def test_a_chart_is_drawn(tmp_path: Path) -> None:
    target = tmp_path / "routes.png"
    assert run("routes", W1, "--trials", "50", "--set", LOAN, "--chart", str(target)).returncode == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    assert run("routes", W1, "--chart", str(tmp_path / "routes.doc")).returncode == 2


def test_wrong_terms_are_answered() -> None:
    done = run("routes", W1, "--set", "routes.loan={term_months: 12, borrower: counsil}")
    assert done.returncode == 2
    assert "did you mean 'council'?" in done.stderr
    assert run("routes", W1, "--trials", "1").returncode == 2


def test_it_is_a_public_name() -> None:
    found = sibmodel.routes(sibmodel.load(W1), trials=50)
    assert isinstance(found, sibmodel.Routes)
    assert found["sib"].title == "Social impact bond"
