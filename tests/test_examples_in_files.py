"""Examples of a file: what is wrong in them is told at its place and is no example that fails."""

from pathlib import Path

import pytest

from tests.interface.test_command_line import run

ROOT = Path(__file__).parent.parent
W1 = (ROOT / "scenarios" / "worked" / "w1.yaml").read_text(encoding="utf-8").partition("examples:")[0]
LAST = len(W1.splitlines())


def checked(tmp_path: Path, examples: str) -> tuple[int, list[str]]:
    path = tmp_path / "f.yaml"
    path.write_text(f"{W1}{examples}\n", encoding="utf-8")
    done = run("check", "f.yaml", cwd=tmp_path)
    return done.returncode, [line.removeprefix("f.yaml:") for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("example", "expected"),
    [
        (
            "gives: {investor.irrr: 0.05}",
            "24: examples.e.gives.investor.irrr: there is no measure called 'investor.irrr'; did you",
        ),
        (
            "set: {contract.x: 3}, gives: {investor.irr: 0.05}",
            "22: examples.e.set.contract.x: there is no 'x' here; it may be",
        ),
        (
            "set: {contract.terms.job.price: -3}, gives: {investor.irr: 0.05}",
            "22: examples.e.set.contract.terms.job.price: -3 is out of range; it must be at least 0",
        ),
        (
            "set: {timeline.periods: 3}, gives: {investor.irr: 0.05}",
            "16: examples.e.set: with this, programme.service.to_month: 60 months reach beyond the end of the timeline",
        ),
        (
            "verified: [{period: 99, outcome: job, quantity: 1}], gives: {investor.irr: 0.05}",
            "36: examples.e.verified.0.period: period 99 lies beyond the end of the timeline; it has 7",
        ),
        (
            "verified: [{period: 5, outcome: job, quantity: 1, people: 3}], gives: {investor.irr: 0.05}",
            "74: examples.e.verified.0.people: 'job' is not measured on people; leave 'people' out",
        ),
    ],
)
def test_wrong_input_in_an_example_of_the_bond_is_no_failed_example(
    tmp_path: Path, example: str, expected: str
) -> None:
    code, found = checked(tmp_path, f"examples: {{e: {{{example}}}}}")
    assert code == 2
    assert len(found) == 1
    assert found[0].startswith(f"{LAST + 1}:{expected}")


def test_an_example_of_the_bond_that_does_not_hold_is_an_answer(tmp_path: Path) -> None:
    code, found = checked(tmp_path, "examples: {e: {gives: {investor.irr: 5}}}")
    assert code == 1
    assert found[0].startswith(f"{LAST + 1}:38: examples.e.gives.investor.irr: the example expects 5, the bond gives")


def test_wrong_settings_in_an_example_of_the_contract_and_one_that_fails(tmp_path: Path) -> None:
    examples = "{verified: [], set: {contract.x: 3, contract.cap: -1}, pays: {total: 1}}"
    both = f"{{e: {examples}, f: {{verified: [], pays: {{total: 1}}}}}}"
    text = f"extends: base.yaml\ntitle: x\ncontract:\n  examples: {both}\n"
    (tmp_path / "base.yaml").write_text(W1, encoding="utf-8")
    (tmp_path / "f.yaml").write_text(text, encoding="utf-8")
    done = run("check", "f.yaml", cwd=tmp_path)
    places = [line.split(": ")[1] for line in done.stdout.splitlines()]
    assert done.returncode == 2
    assert places == [
        "contract.examples.e.set.contract.x",
        "contract.examples.e.set.contract.cap",
        "contract.examples.f.pays.total",
    ]
