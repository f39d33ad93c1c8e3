"""Capital on the command line, as an investor's accountant would use it."""

import csv
import io
from collections import defaultdict
from pathlib import Path

import pytest

import sibmodel
from sibmodel.errors import ScenarioError
from sibmodel.running.whole import verified_case
from tests.interface.test_command_line import ROOT, W1, run

RIKERS = ROOT / "scenarios" / "published" / "rikers_island.yaml"

BOND = """
title: A loan, and a guarantee
timeline: {signing: 2020-03-31, period: year, periods: 2}
programme: {groups: {everyone: {referrals: [100, 0], engaged: 1}}, costs: {set_up: 1000}}
outcomes: {job: {type: achievement, share: 0.5, lag_months: 12}}
contract: {payers: {council: {}}, terms: {job: {rule: price, outcome: job, price: 16}}}
capital:
  tranches: {lender: {commitment: 1000, drawdowns: [{month: 0, amount: 1000}], instalments: [{month: 24, share: 1}]}}
  guarantees: {backer: {tranche: lender, tops_up_to: 0.9}}
"""


@pytest.fixture
def bond(tmp_path: Path) -> Path:
    file = tmp_path / "bond.yaml"
    file.write_text(BOND, encoding="utf-8")
    return file


def test_balances_as_csv_add_up(bond: Path) -> None:
    done = run("cashflows", bond, "--balances", "--csv", "-")
    assert done.returncode == 0
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert {row["balance"] for row in rows} >= {"cash", "lender.principal"}
    lines: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for row in rows:
        lines[row["balance"], row["period"]][row["line"]] = float(row["amount"])
    for (balance, period), own in lines.items():
        movements = sum(amount for line, amount in own.items() if line not in ("opening", "closing"))
        assert own["opening"] + movements == pytest.approx(own["closing"], abs=0.005)
        if period != "0":
            assert own["opening"] == lines[balance, str(int(period) - 1)]["closing"]
    # 50 people × 16 = 800 are repaid; the backer makes it 900
    assert lines["lender.principal", "2"] == pytest.approx(
        {"opening": 1000, "drawdown": 0, "repaid": -800, "paid by guarantors": -100, "written off": 0, "closing": 100}
    )


def test_a_tranche_shows_its_flows_and_its_balances(bond: Path) -> None:
    done = run("cashflows", bond, "--party", "lender")
    assert done.returncode == 0
    assert "guarantee_backer" in done.stdout.replace("\n", "")
    (closing,) = [line.split() for line in done.stdout.splitlines() if line.split()[:1] == ["2"] and "1,000" in line]
    assert closing == ["2", "2022-03-31", "1,000", "0", "-800", "-100", "100"]


def test_sources_equal_uses(bond: Path) -> None:
    done = run("cashflows", bond)
    lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
    assert "from council: payments 800" in lines
    assert "from lender: drawdown 1,000" in lines
    assert "to provider: programme 1,000" in lines
    assert "together 1,800 1,800" in lines


def test_flows_for_given_outcomes(bond: Path, tmp_path: Path) -> None:
    verified = tmp_path / "verified.csv"
    verified.write_text("period,outcome,quantity\n2,job,30\n", encoding="utf-8")
    done = run("cashflows", bond, "--verified", verified, "--party", "backer", "--csv", "-")
    assert done.returncode == 0
    last = list(csv.DictReader(io.StringIO(done.stdout)))[-1]
    assert float(last["backer>lender:guarantee_backer"]) == pytest.approx(900 - 30 * 16)
    verified.write_text("period,outcome,quantity\n2,jobs,30\n", encoding="utf-8")
    done = run("cashflows", bond, "--verified", verified)
    assert (done.returncode, done.stdout) == (2, "")
    assert "verified.csv:2:3: outcome: there is no outcome called 'jobs'; did you mean 'job'?" in done.stderr


def test_balances_in_python(bond: Path) -> None:
    table = sibmodel.balances(sibmodel.load(bond))
    closing = table[(table["line"] == "closing") & (table["period"] == 2)].set_index("balance")["amount"]
    assert closing["cash"] == 0
    assert closing["lender.principal"] == pytest.approx(100)


def test_examples_of_a_whole_bond_are_worked_out(bond: Path) -> None:
    given = (
        "{verified: [{period: 2, outcome: job, quantity: 75}], gives: {tranche.lender.irr: %s, investor.profit: 200}}"
    )
    bond.write_text(BOND + "examples:\n  well: " + given % "0.0954451", encoding="utf-8")  # 1.2^(1/2) − 1
    done = run("check", bond)
    assert (done.returncode, done.stdout) == (0, "")
    assert "1 example holds" in done.stderr
    bond.write_text(BOND + "examples:\n  well: " + given % "0.1", encoding="utf-8")
    done = run("check", bond)
    assert done.returncode == 1
    assert done.stdout.count("\n") == 1
    assert "examples.well.gives.tranche.lender.irr: the example expects 0.1, the bond gives 0.095445" in done.stdout
    bond.write_text(BOND + "examples:\n  well: {gives: {tranche.lendr.irr: 0.1}}", encoding="utf-8")
    assert "did you mean 'tranche.lender.irr'?" in run("check", bond).stdout


def test_an_example_with_rows_that_cannot_be_paid_for_says_so(bond: Path) -> None:
    rows = "{verified: [{period: 9, outcome: job, quantity: 75}], gives: {investor.profit: 200}}"
    bond.write_text(BOND + "examples:\n  late: " + rows, encoding="utf-8")
    done = run("check", bond)
    assert done.returncode == 2
    said = "bond.yaml:11:30: examples.late.verified.0.period: period 9 lies beyond the end of the timeline; it has 2"
    assert said in done.stdout


def test_a_plan_that_runs_out_of_money_is_noted_with_its_first_date() -> None:
    done = run("check", W1)
    assert "note" not in done.stderr
    scenario = sibmodel.load(W1, {"capital.tranches.investor.commitment": 600_000})
    result = sibmodel.simulate(scenario, trials=10)
    # 150 + 500 of set-up and first year against 600, then 320 more
    assert result["vehicle.funding_gap"].base == pytest.approx(370_000)
    assert result["vehicle.first_gap_period"].base == 1
    assert "missing first in period 1, 2021-03-31" in " ".join(str(result).split())


def test_check_notes_a_shortage(bond: Path) -> None:
    bond.write_text(BOND.replace("set_up: 1000", "set_up: 1500"), encoding="utf-8")
    done = run("check", bond)
    assert (done.returncode, done.stdout) == (0, "")
    assert "500.00 is missing, first in period 0 (2020-03-31), and covered by the provider" in done.stderr


def test_check_and_cashflows_note_what_the_timeline_cuts_off(bond: Path, tmp_path: Path) -> None:
    """What is verified in the last quarter of Ways to Wellness falls due after it."""
    verified = tmp_path / "verified.csv"
    verified.write_text("period,outcome,quantity,people\n36,wellbeing,3.5,500\n", encoding="utf-8")
    done = run("cashflows", ROOT / "scenarios" / "ways_to_wellness.yaml", "--verified", verified, "--csv", "-")
    assert "note: The timeline ends too early: £145k of payments come after 2024-03-31" in done.stderr
    assert "note" not in done.stdout
    bond.write_text(BOND.replace("price: ", "lag_months: 24, price: "), encoding="utf-8")
    for command in ("check", "cashflows"):
        assert "note: The timeline ends too early" in run(command, bond).stderr


def test_what_is_verified_replaces_what_is_expected() -> None:
    scenario = sibmodel.loads(BOND)
    books = verified_case(scenario, [{"period": 1, "outcome": "job", "quantity": 10}])
    assert books.settlement.payments.total[:, 0].tolist() == [0, 160, 0]
    with pytest.raises(ScenarioError):
        verified_case(scenario, [{"period": 1, "outcome": "job", "quantity": 10, "people": 5}])


def test_rikers_from_the_command_line(tmp_path: Path) -> None:
    verified = tmp_path / "verified.csv"
    verified.write_text("period,outcome,quantity\n4,jail_days,0\n", encoding="utf-8")
    done = run("cashflows", RIKERS, "--verified", verified, "--party", "lender", "--csv", "-")
    net = [float(row["net"]) for row in csv.DictReader(io.StringIO(done.stdout))]
    assert sum(net) == pytest.approx(-2_400_000)
