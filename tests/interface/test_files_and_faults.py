"""Files that are read are not lost; what cannot be written, and faults, never look like the answer "no"."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.interface.test_command_line import ROOT, W1, run

ROWS = "period,outcome,quantity\n1,job,10\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "own.yaml", "--trials", "2", "--json", "own.yaml"),
        ("run", "variant.yaml", "--trials", "2", "--json", "own.yaml"),
        ("run", "variant.yaml", "--trials", "2", "--json", "link.json"),
        ("run", "variant.yaml", "--trials", "2", "--json", "prices.csv"),
        ("run", "variant.yaml", "--trials", "2", "--json", "./variant.yaml"),
        ("compare", "own.yaml", "variant.yaml", "--trials", "2", "--json", "variant.yaml"),
        ("pay", "own.yaml", "rows.csv", "--json", "rows.csv"),
        ("cashflows", "own.yaml", "--verified", "rows.csv", "--csv", "rows.csv"),
        ("risk", "own.yaml", "--kinds", "kinds.toml", "--json", "kinds.toml"),
        ("evidence", "evidence.yaml", "--json", "evidence.yaml"),
    ],
    ids=lambda arguments: f"{arguments[0]} {arguments[-1]}",
)
def test_a_file_that_is_read_is_not_replaced(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "own.yaml").write_bytes((ROOT / W1).read_bytes())
    (tmp_path / "evidence.yaml").write_bytes((ROOT / "scenarios" / "london" / "evidence.yaml").read_bytes())
    (tmp_path / "link.json").symlink_to(tmp_path / "own.yaml")
    (tmp_path / "prices.csv").write_text("300\n500\n")
    (tmp_path / "rows.csv").write_text(ROWS)
    (tmp_path / "kinds.toml").write_text("")
    (tmp_path / "variant.yaml").write_text(
        "extends: own.yaml\ntitle: x\ncontract: {terms: {job: {price: {empirical: prices.csv}}}}\n"
    )
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    done = run(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    said = f"{arguments[-1]}: this file is read, and would be lost; name another file to write"
    assert done.stderr.splitlines()[-1] == said
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(
    "arguments",
    [
        ("run", W1, "--trials", "2", "--json", "/dev/full"),
        ("cashflows", W1, "--csv", "/dev/full"),
        ("run", W1, "--trials", "2"),
        ("inputs", W1),
        ("schema",),
    ],
    ids=lambda arguments: arguments[0] + arguments[-1],
)
def test_a_full_disk_exits_two_without_a_traceback(arguments: tuple[str, ...]) -> None:
    command = [sys.executable, "-W", "error", "-c", "from sibmodel.cli import main; main()", *arguments]
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(command, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    target = "/dev/full" if arguments[-1] == "/dev/full" else "standard output"
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"{target}: cannot be written (No space left on device); make room, or write elsewhere"
    )
    assert "Traceback" not in done.stderr


def test_a_fault_of_the_program_ends_with_three() -> None:
    code = "import sibmodel.running.execution as one\none.base_case = None\nfrom sibmodel.cli import main\nmain()"
    command = [sys.executable, "-c", code, "cashflows", str(W1)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("a fault of the program, not of the input; please report it with the lines above\n")
