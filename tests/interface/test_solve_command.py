"""Solving as a user does it."""

import json

from tests.interface.test_command_line import run

W1, JOB = "scenarios/worked/w1.yaml", "contract.terms.job.price"


def test_an_answer() -> None:
    done = run("solve", W1, "investor.profit=0", JOB, "--trials", "4")
    assert (done.returncode, done.stderr) == (0, "")
    assert "344.4444444, where the measure is £0" in done.stdout


def test_per_cent_and_data() -> None:
    done = run("solve", W1, "investor.irr=5%", JOB, "--trials", "4", "--json", "-")
    found = json.loads(done.stdout)
    assert found["target"] == 0.05
    assert abs(found["crossings"][0]["value"] - 0.05) < 1e-9


def test_no_answer_is_exit_code_one_and_says_the_reach() -> None:
    done = run("solve", W1, "payers.payments=9000000", JOB, "--between", "0", "1000", "--trials", "4")
    assert done.returncode == 1
    assert "No answer: between 0 and 1000" in done.stdout
    assert "£1.88m to £4.12m" in " ".join(done.stdout.split())


def test_goals_that_are_none() -> None:
    for goal in ("investor.profit", "investor.profit=much", "=5", "investor.irr=5%%"):
        done = run("solve", W1, goal, JOB)
        assert (done.returncode, done.stdout) == (2, "")
        assert "is no goal; write MEASURE=VALUE" in done.stderr
