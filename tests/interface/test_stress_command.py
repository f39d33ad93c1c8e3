"""`sibmodel stress`, driven as a user drives it."""

import csv
import json
from pathlib import Path

import pytest

from tests.interface.test_command_line import WTW, run
from tests.questions.stress_contracts import varied
from tests.strategies import as_yaml


def written(tmp_path: Path, line: str | None = None) -> str:
    """A file with the contract that passes, or the variation of a line."""
    file = tmp_path / "contract.yaml"
    file.write_text(as_yaml(varied(line)))
    return str(file)


def test_it_ends_with_0_if_no_line_fails(tmp_path: Path) -> None:
    done = run("stress", written(tmp_path), "--trials", "200")
    assert (done.returncode, done.stderr) == (0, "")
    assert "0 fail, 0 warn" in done.stdout


def test_it_ends_with_1_and_says_which_line_fails(tmp_path: Path) -> None:
    done = run("stress", written(tmp_path, "better"), "--trials", "200")
    assert (done.returncode, done.stderr) == (1, "")
    assert "3. WHETHER A BETTER OUTCOME IS EVER PAID LESS: FAIL" in done.stdout
    assert "sibmodel pay" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110


def test_a_number_can_be_set_and_mends_the_contract(tmp_path: Path) -> None:
    file = written(tmp_path, "better")
    done = run("stress", file, "--trials", "200", "--set", "contract.terms.bonus.steps.0.below=10000")
    assert done.returncode == 0


def test_a_wrong_file_ends_with_2(tmp_path: Path) -> None:
    file = written(tmp_path)
    assert run("stress", file, "--trials", "1").returncode == 2
    assert run("stress", file, "--set", "contract.kap=3").returncode == 2


def test_json_holds_rows_that_pay_can_read(tmp_path: Path) -> None:
    file = written(tmp_path, "better")
    done = run("stress", file, "--trials", "200", "--seed", "3", "--json", "-")
    data = json.loads(done.stdout)
    assert set(data) == {"scenario", "record", "verdict", "checks", "middle", "reverse"}
    assert (data["verdict"], data["record"]["seed"]) == ("fail", 3)
    example = next(check for check in data["checks"] if check["name"] == "better")["counterexample"]
    for rows, pays in ((example["rows"], example["pays"]), (example["better"], example["better_pays"])):
        verified = tmp_path / "verified.csv"
        with verified.open("w", newline="") as out:
            writer = csv.DictWriter(out, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        paid = json.loads(run("pay", file, str(verified), "--json", "-").stdout)
        assert paid["total"] == pytest.approx(pays)


def test_ways_to_wellness_is_told_in_full() -> None:
    done = run("stress", WTW, "--trials", "500", "--workers", "2")
    assert done.returncode == 1
    for words in (
        "1. What is paid when the",
        "THE OTHER WAY ROUND: HOW INVESTORS WOULD MOST LIKELY LOSE",
        "change of outcome 'hospital cost'",
        "2 do not apply: 8 (gain from enrolling easy cases or parking hard ones) and",
        "With every input at its median investors gain 57.6%",
        "Seed 2015, 500 trials",
    ):
        assert words in " ".join(done.stdout.split()), words
    assert "…" not in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 110
