"""The command line, driven as a user drives it: a process of its own, its output, its exit code."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import sibmodel

ROOT = Path(__file__).parents[2]
W1 = "scenarios/worked/w1.yaml"
WTW = "scenarios/ways_to_wellness.yaml"


def run(*arguments: str | Path, cwd: Path = ROOT, columns: str = "100") -> subprocess.CompletedProcess[str]:
    """`sibmodel` with arguments, in a process of its own, as text."""
    command = [sys.executable, "-W", "error", "-c", "from sibmodel.cli import main; main()", *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": columns}
    return subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def test_check_is_silent_on_standard_output_when_nothing_is_wrong() -> None:
    done = run("check", W1, WTW)
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr.count("no problems") == 2


def test_check_prints_a_line_a_problem_and_exits_two(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    text = (ROOT / W1).read_text().replace("price: 400", "prise: 400").replace("engaged: 0.75", "engaged: 75")
    text = text.replace("commitment: 1000000", "coupon: 0.05")
    broken.write_text(text)
    done = run("check", str(broken), W1)
    lines = done.stdout.splitlines()
    assert done.returncode == 2
    engaged, unknown, missing = lines
    assert "programme.groups.everyone.engaged: 75 is out of range; it must be 0 to 1" in engaged
    assert "contract.terms.job.prise: unknown key 'prise'; did you mean 'price'?" in unknown
    assert "capital.tranches.investor.commitment: 'commitment' is missing; add 'commitment: …'" in missing
    for line in lines:
        place = line.removeprefix(str(broken)).split(":")
        assert int(place[1]) > 1
        assert int(place[2]) >= 1


@pytest.mark.parametrize("command", ["run", "cashflows", "inputs"])
def test_a_broken_file_stops_every_command_with_two_and_no_output(command: str, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("title: x\ntimeline: {signing: 2020-03-31, periods: .inf}\n")
    target = tmp_path / "out.json"
    extra = ["--json", str(target)] if command == "run" else []
    done = run(command, str(broken), *extra)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert "broken.yaml:2:" in done.stderr
    assert list(tmp_path.iterdir()) == [broken]


def test_run_answers_the_three_questions_in_words() -> None:
    done = run("run", WTW, "--trials", "500")
    assert done.returncode == 0
    assert done.stderr == ""
    for words in (
        "WHO INVESTS, AND WHAT THEY GET",
        "Bridges Social Impact Bond Fund commits up to £1.65m",
        "HOW REPAYMENT WORKS",
        "2016/17",
        "binds in",
        "WHERE THE RISK FALLS",
        "If the programme changed nothing",
        "SAVINGS PER POUND",
        "before optimism bias and cashability",
        "Luck with people",
        "500 simulated futures",
    ):
        assert words in done.stdout, words
    assert "…" not in done.stdout  # no figure is cut off
    assert max(map(len, done.stdout.splitlines())) <= 100
    # no column is cut off either: each table has a rule as wide as its widest row, and five figures follow the words
    for words in ("Wellbeing Star", "return a year (IRR)", "savings per £1 spent", "all payers, as it may"):
        row = next(
            line for line in done.stdout.splitlines() if line.strip().startswith(words) and "sliding" not in line
        )
        figures = [part for part in re.split(r"\s{2,}", row.strip()) if re.search(r"\d", part)]
        assert len(figures) >= 5, row


def test_a_narrow_file_has_every_column_in_blocks() -> None:
    done = run("cashflows", WTW, "--party", "vehicle", columns="80")
    assert max(map(len, done.stdout.splitlines())) <= 80
    headings = [line for line in done.stdout.splitlines() if line.startswith(" period   ends")]
    assert len(headings) > 1
    assert headings[-1].split()[-1] == "net"


def test_run_writes_json_in_the_fixed_form(tmp_path: Path) -> None:
    target = tmp_path / "out.json"
    done = run("run", WTW, "--trials", "300", "--seed", "0", "--json", str(target))
    assert done.returncode == 0
    assert "WHO INVESTS" in done.stdout
    data = json.loads(target.read_text())
    assert {"scenario", "record", "measures"} <= set(data)
    assert data["record"]["seed"] == 0
    assert data["record"]["trials"] == 300
    assert set(data["record"]["versions"]) >= {"sibmodel", "numpy", "python"}
    irr = data["measures"]["investor.irr"]
    assert set(irr) >= {"base", "mean", "se", "p5", "p10", "p50", "p90", "p95", "unit", "status"}
    assert sum(irr["status"].values()) == 300
    assert data["measures"]["investor.loss_probability"]["p50"] is None
    assert "programme spend" in data["measures"]["public.savings_per_pound"]["label"]
    assert all(measure["unit"] for measure in data["measures"].values())
    assert list(tmp_path.iterdir()) == [target]


def test_json_to_standard_output_is_json_alone_and_the_same_every_time() -> None:
    first, second = (run("run", WTW, "--trials", "200", "--json", "-").stdout for _ in range(2))
    assert first == second
    assert json.loads(first)["measures"]["ledger.imbalance"]["p95"] < 0.01


def test_set_changes_a_number_and_is_recorded() -> None:
    done = run("run", W1, "--trials", "2", "--set", "contract.cap=2500000", "--json", "-")
    data = json.loads(done.stdout)
    assert data["measures"]["investor.irr"]["base"] == pytest.approx(-0.03621911, abs=5e-9)
    assert data["record"]["overrides"] == {"contract.cap": 2500000}


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("contract.terms.jbo.price=3", "did you mean 'job'?"),
        ("contract.terms.job.price", "write --set ADDRESS=VALUE"),
        ("contract.terms.job.price=-3", "it must be at least 0"),
        ("contract.terms.job.price={normal: [1", "close it with ]"),
        ("contract.terms.job.price=lots", "is not a number"),
    ],
)
def test_a_wrong_set_says_what_would_be_right(setting: str, words: str) -> None:
    done = run("run", W1, "--set", setting)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_an_address_is_set_once() -> None:
    price = "contract.terms.job.price"
    done = run("run", W1, "--set", f"{price}=3", "--set", f" {price} =4")
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{price}: this is set twice; keep one of them" in done.stderr


def test_cashflows_as_csv_add_up_for_every_party() -> None:
    done = run("cashflows", WTW, "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    assert list(rows[0])[:3] == ["period", "date", "financial_year"]
    assert (rows[1]["date"], rows[1]["financial_year"]) == ("2015-06-30", "2015/16")
    flows = [name for name in rows[0] if ">" in name]
    for party in ("vehicle", "bridges", "ccg", "provider"):
        named = list(csv.DictReader(io.StringIO(run("cashflows", WTW, "--party", party, "--csv", "-").stdout)))
        for row, mine in zip(rows, named, strict=True):
            received = sum(float(row[name]) for name in flows if f">{party}:" in name)
            paid = sum(float(row[name]) for name in flows if name.startswith(f"{party}>"))
            assert float(mine["net"]) == pytest.approx(received - paid, abs=1e-6)


def test_the_cash_table_reads_from_opening_to_closing() -> None:
    done = run("cashflows", W1)
    assert done.returncode == 0
    rows = [line.split() for line in done.stdout.splitlines() if "-03-31" in line]
    assert len(rows) == 8
    (together,) = [line.split() for line in done.stdout.splitlines() if "together" in line]
    assert together == ["together", "3,745,000", "3,745,000"]  # payments 2,775 and drawdowns 970
    for row in rows:
        opening, *movements, closing = (float(x.replace(",", "")) for x in row[2:])
        assert opening + sum(movements) == pytest.approx(closing, abs=3)
    # opening, payments, drawdown, principal, surplus, programme, closing
    assert rows[6][2:] == ["0", "555,000", "0", "-555,000", "0", "0", "0"]


def test_an_unknown_party_names_the_known_ones() -> None:
    done = run("cashflows", W1, "--party", "investors")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean 'investor'?" in done.stderr


def test_inputs_lists_every_address_and_each_can_be_set() -> None:
    done = run("inputs", WTW)
    rows = [line.split("\t") for line in done.stdout.splitlines()]
    assert rows[0][:3] == ["address", "value", "base"]
    by_address = {row[0]: row for row in rows[1:]}
    engaged = by_address["programme.groups.long_term_conditions.engaged"]
    assert engaged[1] == "triangular [0.72, 0.76, 0.8]"
    assert engaged[4:6] == ["S15", "3"]
    scenario = sibmodel.load(ROOT / WTW)
    for address in list(by_address)[::5]:
        base = by_address[address][2]
        if not base.startswith("["):
            number = float(base) if "." in base or "e" in base else int(base)
            assert sibmodel.change(scenario, {address: number}) is not None, address


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--trials", "1"), "ask for 2 to"),
        (("--trials", "many"), "'--trials': this is not a whole number; write digits alone, such as 1000"),
        (("--trials", "10,000"), "'--trials': this is not a whole number; write digits alone, such as 1000"),
        (("--colour",), "No such option: --colour"),
        (("--sampling", "sobol", "--trials", "1000"), "cannot balance 1,000 trials; take 1,024"),
        (("--sampling", "sobol"), "cannot balance 10,000 trials; take 16,384"),
        (("--sampling", "sobel"), "did you mean 'sobol'?"),
        (("--set", "simulation.sampling=latin_hypercube", "--trials", "100"), "cannot balance 100 trials; take 112"),
        (("--seed", "-1"), "the seed -1"),
        (("--json", "no/such/folder/out.json"), "cannot be written"),
    ],
)
def test_wrong_options_exit_two_without_a_traceback(arguments: tuple[str, ...], words: str) -> None:
    done = run("run", W1, *arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_help_needs_no_heavy_library() -> None:
    code = (
        "import sys, contextlib, io\n"
        "from sibmodel.cli import app\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): app(['--help'])\n"
        "print([m for m in ('numpy', 'pandas', 'pydantic', 'scipy', 'rich.table', 'ruamel.yaml') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_run_does_not_import_pandas() -> None:
    code = (
        "import sys\nfrom sibmodel.cli import app\n"
        f"try: app(['run', '{W1}', '--trials', '2'])\nexcept SystemExit: pass\n"
        "print('pandas' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "False"


@pytest.mark.parametrize("target", ["", ".", "/", "folder/"])
def test_a_folder_or_nothing_is_no_file_to_write(target: str) -> None:
    done = run("run", W1, "--trials", "2", "--json", target)
    assert done.returncode == 2
    assert "name a file" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_link_is_followed_and_a_pipe_is_written_to(tmp_path: Path) -> None:
    target, link, pipe = tmp_path / "target.csv", tmp_path / "link.csv", tmp_path / "pipe"
    target.write_text("old")
    link.symlink_to(target)
    assert run("cashflows", W1, "--csv", str(link)).returncode == 0
    assert link.is_symlink()
    assert target.read_text().startswith("period,")
    os.mkfifo(pipe)
    with subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE, text=True) as reader:
        assert run("cashflows", W1, "--csv", str(pipe)).returncode == 0
        out, _ = reader.communicate(timeout=30)
    assert out == target.read_text()
    assert pipe.is_fifo()


def test_flows_too_large_for_pennies_are_the_files_mistake() -> None:
    done = run("run", W1, "--trials", "2", "--set", "contract.terms.job.price=1000000000000")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "--set:1:1: contract.terms.job.price: an amount of £4.5e+14 is too large to balance to a penny; of all its "
        "numbers this one, about 1e+12, is furthest from 1: is it right?\n"
    )


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        ("set_up: 150000", "set_up: 1.0e+14", "22:19: programme.costs.set_up"),
        ("price: 400", "price: {uniform: [4, 1.0e+13]}", "30:59: contract.terms.job.price.uniform.1"),
        ("referrals: 1000", "referrals: 1.0e+14", "21:27: programme.groups.everyone.referrals"),
    ],
)
def test_amounts_too_large_point_at_the_number_that_is_furthest_from_one(
    tmp_path: Path, before: str, after: str, place: str
) -> None:
    file = tmp_path / "big.yaml"
    file.write_text((ROOT / W1).read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    for command in ("check", "run"):
        done = run(command, file)
        assert done.returncode == 2
        assert (done.stdout or done.stderr).startswith(f"{file}:{place}: an amount of £")


@pytest.mark.parametrize("command", ["run", "risk", "appraise", "reach"])
def test_every_command_that_simulates_takes_a_way_of_sampling(command: str) -> None:
    done = run(command, WTW, "--sampling", "latin_hypercube", "--trials", "160", "--json", "-")
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)["record"]
    assert record["sampling"] == "Latin hypercube (Philox), 16 replicates"
    assert record["trials"] == 160


def test_check_warns_of_correlations_that_contradict_one_another(tmp_path: Path) -> None:
    one, other, third = "programme.groups.everyone.engaged", "outcomes.job.share", "contract.terms.job.price"
    pairs = ((one, other, 1), (other, third, 1), (one, third, 0))
    told = "".join(f"    - {{between: [{a}, {b}], rank: {rank}, reason: a guess}}\n" for a, b, rank in pairs)
    text = (ROOT / W1).read_text().replace("engaged: 0.75", "engaged: {uniform: [0.7, 0.8]}")
    text = text.replace("share: 0.6", "share: {uniform: [0.5, 0.7]}").replace("price: 400", "price: {uniform: [3, 5]}")
    file = tmp_path / "contradicts.yaml"
    file.write_text(f"{text}dependence:\n  correlations:\n{told}")
    done = run("check", file)
    assert (done.returncode, done.stdout) == (0, "")
    line = file.read_text().splitlines().index("dependence:") + 1
    assert re.search(rf"warning: dependence \(line {line + 1}\): the rank correlations contradict", done.stderr)
    assert f"'{other}' with '{third}' 1.000 stated, 0.745 used" in done.stderr.replace(
        f"'{third}' with '{other}'", f"'{other}' with '{third}'"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("stress", W1, "--budget-each-year", "£100,000"), "this is not a number; write digits alone, such as 0.5"),
        (("solve", W1, "investor.irr=0", "contract.cap", "--between", "5"), "needs 2 values, with a blank between"),
    ],
)
def test_wrong_numbers_in_options_are_told_in_plain_english(arguments: tuple[str, ...], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
