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


def test_a_target_that_may_be_meant_in_per_cent() -> None:
    amount = "contract.terms.job.amount"
    for goal, asked in (("investor.irr.base=2", True), ("investor.irr.base=200%", False), ("investor.irr=900%", False)):
        done = run("solve", "scenarios/worked/r3.yaml", goal, amount, "--trials", "4")
        assert ("Did you mean" in done.stdout) == asked, goal


def test_mistakes_are_reported_where_they_were_made() -> None:
    r3 = "scenarios/worked/r3.yaml"
    wrong = "acceptance.further.x={party: investors, measure: investor.irrr, at_least: 0}"
    for words, said in (
        (("solve", r3, "investor.profit=0", "contract.terms.job.prize"), "ADDRESS:1:1: contract.terms.job.prize: "),
        (("deal-space", r3, "--price", "timeline.signing"), "--price:1:1: timeline.signing: this is not a number"),
        (("deal-space", r3, "--against", "timeline.signin"), "--against:1:1: timeline.signin: there is no 'signin'"),
        (("deal-space", r3, "--set", wrong), "--set:1:1: acceptance.further.x.measure: no measure called"),
        (("sensitivity", r3, "--grid", "outcomes.job.shar", JOB), "--grid:1:1: outcomes.job.shar: there is no 'shar'"),
        (("sensitivity", r3, "--measure", "investor.irr.p5"), "'investor.irr.p5': percentiles are not taken here; "),
        (("sensitivity", r3, "--measure", "investor.irr.base"), "'base' is not asked for here; write 'investor.irr'"),
    ):
        done = run(*words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert said in done.stderr, words
        assert "1.0" not in done.stderr


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
