"""`run --precision`, `--workers` and `--keep`, and `convergence`, as somebody types them."""

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

import sibmodel
from tests.interface.test_command_line import run

ROOT = Path(__file__).parents[2]
WTW = ROOT / "scenarios" / "ways_to_wellness.yaml"


def test_precision_and_workers() -> None:
    asked = ("--trials", "200", "--precision", "payers.payments=20000", "--workers")
    one, two = (run("run", WTW, *asked, workers, "--json", "-") for workers in ("1", "2"))
    assert (one.returncode, one.stdout) == (0, two.stdout)
    found = json.loads(one.stdout)
    assert found["measures"]["payers.payments"]["se"] <= 20_000
    assert found["record"]["trials"] > 200
    assert found["measures"]["payers.payments"]["p5_se"] > 0


def test_a_precision_that_is_no_number() -> None:
    twice = ("--precision", "investor.irr=1", "--precision", "investor.irr=2")
    done = run("run", WTW, "--precision", "investor.irr", "--precision", "payers.payments=x", *twice)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "--precision:1:1: investor.irr: there is no '=ERROR'; write investor.irr=0.001",
        "--precision:1:1: payers.payments=x: 'x' is not a number; write investor.irr=0.003 for 0.3 percentage points",
        "--precision:1:1: investor.irr: this is asked twice; keep one of them",
    ]


def test_trials_are_kept(tmp_path: Path) -> None:
    done = run("run", WTW, "--trials", "50", "--keep", tmp_path / "trials.parquet")
    assert (done.returncode, done.stderr) == (0, f"{tmp_path / 'trials.parquet'}: 50 trials kept\n")
    frame, record = sibmodel.kept_trials(tmp_path / "trials.parquet")
    assert frame.shape[0] == record["trials"] == 50


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("run", WTW, "--keep", "nowhere/trials.parquet"), "cannot be written (No such file or directory)"),
        (("run", WTW, "--keep", ROOT), "would hold Parquet, whatever its name says: end it in .parquet"),
        (("run", WTW, "--keep", "trials.csv"), "would hold Parquet, whatever its name says: end it in .parquet"),
        (("run", WTW, "--precision", "investor.irr.p99=0.1"), "there is no p99; take p5, p10, p50, p90, p95"),
        (("convergence", WTW, "--chart", "chart.gif"), "end its name in .png, .svg or .pdf"),
        (("convergence", WTW, "--chart", "nowhere/chart.png"), "name a file in a folder that exists"),
        (("convergence", WTW, "--measure", "investor.irrr", "--trials", "50"), "did you mean 'investor.irr'"),
        (("run", WTW, "--workers", "0"), "0 workers cannot be used; ask for 1 to 64"),
    ],
)
def test_what_cannot_be_done(words: tuple[str | Path, ...], message: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""


def test_convergence_in_words_numbers_and_a_picture(tmp_path: Path) -> None:
    chart = tmp_path / "chart.png"
    done = run("convergence", WTW, "--trials", "3200", "--measure", "payers.payments", "--chart", chart)
    assert (done.returncode, done.stderr) == (0, "")
    assert "mean ± s.e." in done.stdout
    assert "With 3,200 trials the mean is known to lie between £" in done.stdout
    assert chart.read_bytes().startswith(b"\x89PNG")
    numbers = run("convergence", WTW, "--trials", "3200", "--measure", "payers.payments", "--json", "-")
    steps = json.loads(numbers.stdout)["steps"]
    assert [step["trials"] for step in steps] == [50, 100, 200, 400, 800, 1600, 3200]
    assert all(later["se"] < 0.9 * before["se"] for before, later in pairwise(steps))


def test_compare_a_file_with_itself_as_set() -> None:
    done = run("compare", WTW, "--trials", "400", "--set", "contract.terms.hospital_cost.cap=4000000")
    assert (done.returncode, done.stderr) == (0, "")
    assert "Compared: as it is | as set" in done.stdout
    words = " ".join(done.stdout.split())
    assert re.search(r"Investors' mean return: lower by \d\.\d ± 0\.\d+ percentage points\.", words)
    assert re.search(r"Commissioners' payments: lower by £[\d.]+k ± £\d", words)


def test_compare_files_as_data() -> None:
    files = [ROOT / "scenarios" / "what_newcastle_saved" / f"{name}.yaml" for name in ("local_2018", "matched")]
    done = run("compare", *files, "--trials", "200", "--json", "-")
    found = json.loads(done.stdout)
    assert [one["name"][:16] for one in found["scenarios"]] == ["Ways to Wellness"] * 2
    assert found["inputs"][0]["address"] == "outcomes.hospital_cost.change"
    (gap,) = found["measures"]["commissioner.payments"]["differences"]
    means = [one["mean"] for one in found["measures"]["commissioner.payments"]["scenarios"]]
    assert gap["mean"] == pytest.approx(means[1] - means[0])
    assert gap["within_noise"] is False
    assert 0 < gap["se"] < 0.3 * found["measures"]["commissioner.payments"]["scenarios"][0]["se"]


def test_compare_nothing() -> None:
    done = run("compare", WTW)
    assert done.returncode == 2
    assert done.stderr == "one scenario is compared with nothing; give another FILE, or --set ADDRESS=VALUE\n"
