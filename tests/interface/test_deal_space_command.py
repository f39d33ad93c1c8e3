"""`sibmodel deal-space`, driven as a user drives it."""

import json
from pathlib import Path

import pytest

from tests.interface.test_command_line import run

W1 = "scenarios/worked/w1.yaml"
BREAK_EVEN = 2_650_000 / 2_775_000
"""W1 costs £2,650,000, and is paid £2,775,000: at this part of its prices the investor is whole."""


def test_a_deal() -> None:
    done = run("deal-space", W1, "--trials", "2", "--grid", "5", "--set", "acceptance.investors.least_return=0")
    assert (done.returncode, done.stderr) == (0, "")
    words = " ".join(done.stdout.split())
    for told in (
        "There is a deal: with effect of 1 × the plan, as in the base case, every party would sign if all prices are",
        "For less investors would not (mean yearly return at least 0%).",
        "The deal as the file has it suits every party.",
        "WHAT EACH PARTY ASKS FOR",
        "acceptance.investors.least_return",
        "WHAT EACH PARTY WOULD LIKE BEST",
    ):
        assert told in words, told
    assert "…" not in done.stdout


def test_no_deal_is_an_answer_of_its_own() -> None:
    done = run("deal-space", W1, "--trials", "2", "--grid", "3", "--set", "acceptance.investors.least_return=0.9")
    assert done.returncode == 1
    assert "There is no deal: investors would sign nowhere." in done.stdout


def test_json_has_everything_and_only_json_goes_to_standard_output() -> None:
    options = ("--grid", "3", "--trials", "2", "--set", "acceptance.investors.least_return=0")
    done = run(
        "deal-space", W1, *options, "--price-between", "0.5", "1.5", "--against-between", "0", "1", "--json", "-"
    )
    data = json.loads(done.stdout)
    assert set(data) == {
        "scenario", "record", "price", "against", "conditions", "commissioners_part_of_savings", "empty", "cells",
        "rows", "today", "row_today", "nearest", "best", "best_today",
    }  # fmt: skip
    assert (data["price"]["between"], data["against"]["between"]) == ([0.5, 1.5], [0, 1])
    (stretch,) = data["row_today"]["deal"]
    assert stretch["low"]["at"] == pytest.approx(BREAK_EVEN, abs=1e-6)
    assert stretch["low"]["binds"] == "investors.least_return"
    assert stretch["high"] == {"at": 1.5, "se": None, "binds": None}
    assert [cell["accepted"] for cell in data["cells"]] == [False] * 6 + [False, True, True]
    assert data["nearest"] is None


def test_one_price_against_another_number() -> None:
    """£344.44 for each job make the investor of W1 whole, as `solve` says; with twice £500 for others none must."""
    options = ("--price", "contract.terms.job.price", "--against", "contract.terms.engagement.price", "--grid", "3")
    done = run(
        "deal-space", W1, *options, "--trials", "2", "--set", "acceptance.investors.least_return=0", "--json", "-"
    )
    data = json.loads(done.stdout)
    assert data["against"]["today"] == 500
    assert data["row_today"]["deal"][0]["low"]["at"] == pytest.approx(775_000 / 2_250, abs=1e-3)
    assert data["rows"][2]["parties"]["investors"][0]["low"] == {"at": 0, "se": None, "binds": None}


def test_a_chart_is_drawn(tmp_path: Path) -> None:
    target = tmp_path / "deal.png"
    done = run("deal-space", W1, "--trials", "2", "--grid", "3", "--chart", str(target))
    assert done.returncode == 0
    assert target.read_bytes().startswith(b"\x89PNG")
    assert run("deal-space", W1, "--chart", str(tmp_path / "deal.doc")).returncode == 2


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--against", "contract.terms.job.prise"), "did you mean 'price'?"),
        (("--price-between", "-1", "2"), "prices from -1 cannot be looked at; begin at 0 or above"),
        (("--price", "contract.terms.job.price", "--price-between", "-1", "2"), "--price-between:1:1: contract.terms"),
        (("--against", "savings_per_pound"), "the base case saves nothing"),
        (("--grid", "1000"), "a grid of 1000 cannot be used; take 2 to 101"),
        (("--set", "acceptance.investors.least_return=5"), "write 0.05 for 5 %"),
    ],
)
def test_what_cannot_be_looked_at(options: tuple[str, ...], what: str) -> None:
    done = run("deal-space", W1, "--trials", "2", *options)
    assert done.returncode == 2
    assert what in " ".join(done.stderr.split())
    assert done.stdout == ""


def test_check_finds_what_deal_space_would_refuse(tmp_path: Path) -> None:
    asked = "acceptance: {further: {bank: {party: a bank, measure: tranche.investr.irr, at_least: 0}}}\n"
    file = tmp_path / "w1.yaml"
    file.write_text(Path(W1).read_text(encoding="utf-8") + asked, encoding="utf-8")
    done = run("check", str(file))
    assert done.returncode == 2
    assert "acceptance.further.bank.measure: no measure called 'tranche.investr.irr'" in done.stdout
    assert run("deal-space", str(file), "--trials", "2").stderr.strip() == done.stdout.strip()
