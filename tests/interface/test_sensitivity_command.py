"""What a measure depends on, asked as a user does."""

import json
from pathlib import Path

import pytest

from tests.interface.test_command_line import WTW, run

W1, JOB, ENGAGEMENT = "scenarios/worked/w1.yaml", "contract.terms.job.price", "contract.terms.engagement.price"
CHANGE = "outcomes.hospital_cost.change"
FEW = ("--trials", "200", "--seed", "1")


def test_ways_to_wellness_is_told() -> None:
    done = run("sensitivity", WTW, *FEW, "--effects", "shapley")
    text = " ".join(done.stdout.split())
    assert (done.returncode, done.stderr) == (0, "")
    assert "What commissioner.net_saving depends on" in text
    assert "More of it is better for those who save." in text
    for title in ("EACH NUMBER MOVED ALONE", "SHAPLEY EFFECTS", "WHAT WOULD BRING IT TO £0"):
        assert title in text
    assert "Where each number would have to be for commissioner.net_saving to be £0." in text


def test_data_and_chart(tmp_path: Path) -> None:
    chart = tmp_path / "tornado.svg"
    grid = ("--grid", CHANGE, "contract.terms.wellbeing.price", "--across", "200", "300", "--points", "2")
    done = run("sensitivity", WTW, *FEW, "--measure", "investor.npv", *grid, "--chart", chart, "--json", "-")
    found = json.loads(done.stdout)
    assert found["measure"] == "investor.npv"
    assert found["unit"] == "£"
    assert found["bars"][0]["address"] == CHANGE
    assert found["grid"]["columns"]["values"] == [200, 300]
    assert found["grid"]["cells"][0][0]["se"] > 0
    assert found["effects"] is None
    assert found["record"]["trials"] == 200
    assert chart.read_text().startswith("<?xml")


def test_set_and_target() -> None:
    done = run("sensitivity", W1, "--set", JOB + "={uniform: [300, 500]}", "--measure", "investor.profit", *FEW)
    assert "344.4" in done.stdout
    paid = ("--measure", "payers.payments", "--target", "2500000", *FEW)
    assert "277.8" in run("sensitivity", W1, "--set", JOB + "={uniform: [250, 500]}", *paid).stdout


def test_a_target_in_per_cent_is_the_same_number() -> None:
    rate = ("sensitivity", WTW, *FEW, "--measure", "investor.irr", "--json", "-", "--target")
    found = [json.loads(run(*rate, text).stdout) for text in ("5%", "0.05")]
    assert found[0] == found[1]
    assert found[0]["target"] == 0.05
    assert json.loads(run(*rate, "-2.5%").stdout)["target"] == -0.025


def test_a_grid_is_headed_in_words_and_its_addresses_stand_in_the_text() -> None:
    done = run("sensitivity", W1, *FEW, "--grid", ENGAGEMENT, JOB, "--points", "2")
    assert "PRICE OF TERM 'ENGAGEMENT', BY PRICE OF TERM 'JOB'" in done.stdout
    text = " ".join(done.stdout.split())
    assert f"down {ENGAGEMENT} (500 today), across {JOB} (400 today)" in text
    assert "down \\ across" in text
    # nothing is uncertain, so that there is no standard error to speak of
    assert "Standard errors" not in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--measure", "investor.nvp"), "did you mean 'investor.npv'"),
        (("--measure", "investor.loss_probability"), "take an amount, such as investor.expected_loss"),
        (("--effects", "sobol"), "ask for total or shapley"),
        (("--grid", JOB, "contract.terms.job.prize"), "did you mean 'price'"),
        (("--grid", "contract.payers.council.title", JOB), "contract.payers.council.title"),
        (("--grid", JOB, ENGAGEMENT, "--down", "5", "1"), "lower bound first"),
        (("--down", "1", "5"), "name its two numbers with --grid"),
        (("--trials", "0"), "ask for 2 to"),
        (("--target", "5%%"), "'5%%' is no target; write a number, such as --target 0.05 or --target 5%"),
        (("--target", "nan"), "is no target"),
        (("--target", "five"), "is no target"),
        (("--chart", "tornado.bmp"), "cannot be drawn"),
        (("--set", "nothing=1"), "nothing"),
    ],
)
def test_what_is_wrong_is_said_and_ends_with_two(arguments: tuple[str, ...], said: str) -> None:
    done = run("sensitivity", W1, *FEW, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
