"""`pay`, `check` with examples, `explain`, `new` and `schema`, driven as a user drives them."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from tests.interface.test_command_line import ROOT, WTW, run

DENVER = """\
title: Supportive housing
timeline: {signing: 2016-01-01, period: quarter, periods: 20}
outcomes:
  days: {type: quantity, title: Days in stable housing, unit: days}
  jail: {type: effect, title: Fall in jail days}
contract:
  payers: {city: {title: The city}, state: {title: The state, cap: 1000000, overflow_to: city}}
  split: {city: 0.5, state: 0.5}
  terms:
    housing: {rule: price, outcome: days, price: 15.12, lag_months: 6}
    jail:
      {rule: linear, outcome: jail, points: [[0, 0], [30, 4800000], [65, 7600000]], when: {outcome: jail, at_least: 20}}
  examples:
    days: {verified: [{period: 1, outcome: days, quantity: 100}], pays: {total: 1512, by_payer: {city: 756}}}
"""
VERIFIED = "period,outcome,quantity\n2,days,258858\n20,jail,33.8\n"


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A contract alone and what was verified."""
    contract, verified = tmp_path / "contract.yaml", tmp_path / "verified.csv"
    contract.write_text(DENVER, encoding="utf-8")
    verified.write_text(VERIFIED, encoding="utf-8")
    return contract, verified


# pay


def test_pay_prints_tables_to_the_penny(files: tuple[Path, Path]) -> None:
    """258,858 × 15.12 = 3,913,932.96; 4.8m + 3.8 × 80,000 = 5,104,000; half each, the state at most 1m."""
    done = run("pay", *map(str, files))
    assert done.returncode == 0, done.stderr
    for words in (
        "the contract pays £9,017,932.96",
        "£3,913,932.96",
        "£5,104,000.00",
        "£8,017,932.96",
        "contract.payers.state.cap",
    ):
        assert words in done.stdout


def test_pay_writes_json_in_the_fixed_form(files: tuple[Path, Path]) -> None:
    done = run("pay", *map(str, files), "--json", "-")
    assert done.returncode == 0
    out = json.loads(done.stdout)
    assert out["total"] == pytest.approx(9_017_932.96)
    assert out["by_term"] == pytest.approx({"housing": 3_913_932.96, "jail": 5_104_000})
    assert out["by_payer"] == pytest.approx({"city": 8_017_932.96, "state": 1_000_000})
    assert out["by_period"] == pytest.approx({"4": 3_913_932.96, "20": 5_104_000})
    assert out["caps"] == [{"where": "contract.payers.state.cap", "bound_in": [4, 20], "forgone": 0.0}]


def test_a_payment_that_falls_due_after_the_timeline_is_paid_all_the_same(files: tuple[Path, Path]) -> None:
    files[1].write_text("period,outcome,quantity\n20,days,100\n", encoding="utf-8")
    out = json.loads(run("pay", *map(str, files), "--json", "-").stdout)
    assert out["by_period"] == {"22": 1512.0}


def test_pay_takes_settings(files: tuple[Path, Path]) -> None:
    out = json.loads(run("pay", *map(str, files), "--set", "contract.terms.housing.price=1", "--json", "-").stdout)
    assert out["by_term"]["housing"] == 258_858


@pytest.mark.parametrize(
    ("csv", "expected"),
    [
        ("", "1:1: the file is empty; begin with 'period,outcome,quantity'"),
        ("period;outcome;quantity\n", "1:1: the columns are not separated by commas; save it as CSV with commas"),
        (
            "period,outcome\n1,days\n",
            "1:1: the column 'quantity' is missing; the columns are period, outcome, quantity, people, group, cohort, "
            "person",
        ),
        ("period,outcome,quantity,grup\n", "1:25: unknown column 'grup'; did you mean 'group'?"),
        ("period,outcome,quantity,period\n", "1:25: the column 'period' is given twice; keep one of them"),
        (
            "period,outcome,quantity\n1,days,1,000\n",
            "2:1: the line has 4 cells, the first line 3; put text with commas in quotes, and write numbers without "
            "commas",
        ),
        (
            'period,outcome,quantity\n1,days,"1,000"\n',
            "2:9: quantity: '1,000' is not a number; write digits alone, such as 0.5 or 12000: no commas, £ or %",
        ),
        ("period,outcome,quantity\n1,days,\n", "2:8: quantity: there is no value; write one"),
        (
            'period,outcome,quantity\n1,"days,2\n1,days,3\n',
            "2:3: a quotation mark is not closed; close it, or leave it out",
        ),
        ('period,outcome,quantity\n1,"days"s,2\n', "2:1: something follows a closing quotation mark; put quotes"),
        (
            "period,outcome,quantity\n1,days,1\xa0000\n",
            "2:8: quantity: '1 000' is not a number; delete the invisible or special blank (U+00A0) in it, and write",
        ),
        ("period,outcome,quantity\n1.5,days,2\n", "2:1: period: '1.5' is not a period; write a whole number from 0 on"),
        ("period,outcome,quantity\n1,days,nan\n", "2:8: quantity: 'nan' is not a number that can be used;"),
        ("period,outcome,quantity\n1,day,2\n", "2:3: outcome: there is no outcome called 'day'; did you mean 'days'?"),
        (
            "period,outcome,quantity\n\n21,days,2\n",
            "3:1: period: period 21 lies beyond the end of the timeline; it has 20",
        ),
        (
            "period,outcome,quantity,group\n1,days,2,men\n",
            "2:10: group: there is no group called 'men'; leave it out",
        ),
        ("period,outcome,quantity,people\n1,days,2,5\n", "2:10: people: 'days' is not measured on people; leave"),
        ("period,outcome,quantity,people\n1,jail,2,0\n", "2:10: people: '0' people cannot be measured; write a number"),
        ("period,outcome,quantity\n1,jail,2\n1,jail,3\n", "3:1: people: 'jail' is measured twice in period 1; give"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_would_be_right(
    files: tuple[Path, Path], csv: str, expected: str
) -> None:
    files[1].write_text(csv, encoding="utf-8")
    done = run("pay", *map(str, files))
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"{files[1]}:{expected}"), done.stderr


def test_all_wrong_rows_are_named_at_once(files: tuple[Path, Path]) -> None:
    files[1].write_text("period,outcome,quantity\nx,days,y\n1,jal,2\n99,days,1\n", encoding="utf-8")
    lines = run("pay", *map(str, files)).stderr.splitlines()
    assert [line.split(":")[1:3] for line in lines] == [["2", "1"], ["2", "8"], ["3", "3"], ["4", "1"]]
    files[1].write_text("period,outcome,quantity\n1,jal,2\n99,days,1\n", encoding="utf-8")
    lines = run("pay", *map(str, files)).stderr.splitlines()
    assert [line.split(":")[1:3] for line in lines] == [["2", "3"], ["3", "1"]]
    # in one line too; what a contract needs to know is not asked of an outcome that it has not, nor of unread cells
    files[1].write_text("period,outcome,quantity,group,people\n99,jal,y,kids,3\nx,jail,1,,x\n", encoding="utf-8")
    lines = run("pay", *map(str, files)).stderr.splitlines()
    places = [line.split(":")[1:4] for line in lines]
    assert places == [
        ["2", "1", " period"], ["2", "4", " outcome"], ["2", "8", " quantity"], ["2", "10", " group"],
        ["3", "1", " period"], ["3", "11", " people"],
    ]  # fmt: skip


def test_line_ends_of_old_macs_are_line_ends(files: tuple[Path, Path]) -> None:
    files[1].write_bytes(b"period,outcome,quantity\r20,days,100\r")
    assert json.loads(run("pay", *map(str, files), "--json", "-").stdout)["by_period"] == {"22": 1512.0}


def test_a_file_that_is_not_there_or_not_text(files: tuple[Path, Path]) -> None:
    assert "cannot be read" in run("pay", str(files[0]), "nowhere.csv").stderr
    files[1].write_bytes(b"period,outcome,quantity\n1,days\xff,2\n")
    assert "2:1: the file is not UTF-8 text" in run("pay", *map(str, files)).stderr


# examples


def test_check_runs_the_examples(files: tuple[Path, Path]) -> None:
    done = run("check", str(files[0]))
    assert (done.returncode, done.stdout) == (0, "")
    assert "no problems; 1 example holds" in done.stderr


def test_a_failed_example_exits_one_with_the_difference(files: tuple[Path, Path], tmp_path: Path) -> None:
    files[0].write_text(DENVER.replace("{city: 756}", "{city: 750}"), encoding="utf-8")
    done = run("check", str(files[0]))
    assert done.returncode == 1
    assert done.stdout == (
        f"{files[0]}:14:104: contract.examples.days.pays.by_payer.city: the example expects 750.00, the contract pays "
        "756.00; 6.00 too much\n"
    )
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("title: 3\n", encoding="utf-8")
    assert run("check", str(files[0]), str(wrong)).returncode == 2


def test_a_contract_alone_cannot_be_simulated(files: tuple[Path, Path]) -> None:
    done = run("run", str(files[0]))
    assert done.returncode == 2
    assert "holds a contract alone, without programme and capital; pay it with 'sibmodel pay'" in done.stderr


# explain


def test_explain_walks_from_a_measure_to_lines_and_sources() -> None:
    done = run("explain", WTW, "contract.terms.wellbeing")
    assert done.returncode == 0, done.stderr
    text = " ".join(done.stdout.split())
    for words in (
        "payment for wellbeing (Better wellbeing (30% of the contract)) = £1,896,276.06",
        "gross amount due = £1,896,276.06",
        "• contract.terms.wellbeing.price = 289.41 £ per person at 100 % [S02, grade 4] scenarios/ways_to",
        "cap contract.cap: does not bind",
        "paid by ccg = £1,142,739.76",
        "S02: INDIGO impact bond dataset",
    ):
        assert words in text


def test_explain_payments_for_given_outcomes(files: tuple[Path, Path]) -> None:
    contract, verified = map(str, files)
    text = run("explain", contract, "contract.terms.jail", "--verified", verified).stdout
    assert "verified jail = 33.8: as the evaluator's rows say" in text
    assert "cap contract.payers.state.cap = −£" in text
    in_period = run("explain", contract, "contract.terms.housing", "--verified", verified, "--period", "4").stdout
    assert "payment for housing in period 4 = £3,913,932.96" in in_period
    payer = run("explain", contract, "payer.state.payments", "--verified", verified).stdout
    assert "payer.state.payments = £1,000,000.00" in payer


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((WTW, "investor.ir"), "no measure called 'investor.ir'; did you mean 'investor.irr'?"),
        ((WTW, "contract.terms.wellbing"), "there is no term called 'wellbing'; did you mean 'wellbeing'?"),
    ],
)
def test_explaining_what_is_not_there(arguments: tuple[str, ...], words: str) -> None:
    done = run("explain", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_a_contract_alone_is_explained_for_outcomes_only(files: tuple[Path, Path]) -> None:
    done = run("explain", str(files[0]), "payers.payments")
    assert done.returncode == 2
    assert "say what was verified (--verified VERIFIED.csv)" in done.stderr


# new and schema


@pytest.mark.parametrize("options", [(), ("--contract",)])
def test_new_writes_a_file_that_works_and_never_overwrites(tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "mine.yaml"
    assert run("new", str(file), *options).returncode == 0
    text = file.read_text(encoding="utf-8")
    assert text.startswith("#")
    assert run("check", str(file)).returncode == 0
    done = run("new", str(file))
    assert done.returncode == 2
    assert "exists already" in done.stderr
    assert file.read_text(encoding="utf-8") == text
    if not options:
        assert run("run", str(file), "--trials", "50").returncode == 0


def as_json(file: Path) -> Any:
    return json.loads(json.dumps(YAML(typ="safe", pure=True).load(file), default=lambda day: day.isoformat()))


def test_the_schema_accepts_every_scenario_and_refuses_slips(tmp_path: Path) -> None:
    schema = json.loads(run("schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    starters = ROOT / "sibmodel" / "scenario" / "starters"
    for file in (*(ROOT / "scenarios").rglob("*.yaml"), *starters.glob("*.yaml")):
        assert not list(validator.iter_errors(as_json(file))), file
    variant = {"extends": "other.yaml", "contract": {"cap": 5}}
    assert validator.is_valid(variant)
    for slip in ({"extends": "other.yaml", "contract": {"cup": 5}}, {"title": "x"}, {**variant, "capitol": {}}):
        assert not validator.is_valid(slip)


def test_the_schema_knows_that_one_line_or_step_needs_no_list() -> None:
    validator = jsonschema.Draft202012Validator(json.loads(run("schema").stdout))
    for surplus in ({"provider": 1}, [{"provider": 1}], [{"a": 0.5, "b": 0.5}, {"provider": 1}]):
        for waterfall in (["a.coupon", "a.principal"], [["a", "b"], "c"]):
            assert validator.is_valid({"extends": "f.yaml", "capital": {"surplus": surplus, "waterfall": waterfall}})
    for capital in ({"surplus": "provider"}, {"surplus": {"provider": "all"}}, {"waterfall": [5]}, {"waterfall": "a"}):
        assert not validator.is_valid({"extends": "f.yaml", "capital": capital})


def test_the_schema_refuses_most_broken_forms() -> None:
    """Form is refused, sense is not: at least the files whose expected message is an unknown key or a missing one."""
    validator = jsonschema.Draft202012Validator(json.loads(run("schema").stdout))
    checked = 0
    for file in (ROOT / "tests" / "broken_scenarios").glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if "unknown key" in text.split("title:")[0]:
            checked += 1
            assert not validator.is_valid(as_json(file)), file
    assert checked > 10


# corrections

STARTS = """title: Starts
timeline: {signing: 2020-04-01, period: quarter, periods: 8}
outcomes: {start: {type: achievement}, days: {type: quantity}}
contract:
  payers: {city: {}}
  terms:
    starts: {rule: price, outcome: start, price: 500}
    days: {rule: price, outcome: days, price: 1}
"""


@pytest.mark.parametrize(
    ("rows", "total", "notes"),
    [
        ("1,start,20,\n1,start,-10,\n3,start,10,\n", 10_000, 0),  # (20 − 10 + 10) × £500
        ("1,start,20,\n2,start,-10,\n3,start,10,\n", 15_000, 1),  # (20 + 0 + 10) × £500
        ("1,start,-10,\n", 0, 1),
        ("1,start,0.5,A\n", 250, 1),
        ("1,start,0.5,A\n1,start,0.5,A\n", 500, 0),
        ("1,start,0.5,\n", 250, 0),  # a share of many people may be what was agreed
        ("1,days,-3,\n", 0, 0),  # as measured
    ],
)
def test_the_answer_tells_what_is_not_deducted(files: tuple[Path, Path], rows: str, total: float, notes: int) -> None:
    files[0].write_text(STARTS, encoding="utf-8")
    files[1].write_text(f"period,outcome,quantity,person\n{rows}", encoding="utf-8")
    out = json.loads(run("pay", *map(str, files), "--json", "-").stdout)
    assert (out["total"], len(out["notes"])) == (total, notes)
    printed = " ".join(run("pay", *map(str, files)).stdout.split())
    assert all(" ".join(note.split()) in printed for note in out["notes"])
