"""The value of information as a user asks for it."""

import json
from pathlib import Path

from tests.interface.test_command_line import run

WTW = "scenarios/ways_to_wellness.yaml"


def test_the_first_question_first() -> None:
    done = run("information", WTW, "--measure", "public.npv", "--trials", "500")
    assert (done.returncode, done.stderr) == (0, "")
    text = " ".join(done.stdout.split())
    assert text.startswith("What should we find out first? Hospital cost below the comparison group's: change")
    assert "WHAT WOULD A BIGGER OR BETTER EVALUATION BE WORTH?" in text


def test_nothing_to_find_out_is_an_answer_too() -> None:
    done = run("information", WTW, "--trials", "200")
    assert done.returncode == 0
    assert "Nothing, as the deal stands" in done.stdout
    assert "--measure public.npv" in " ".join(done.stdout.split())


def test_data_and_options() -> None:
    done = run(
        "information", WTW, "--measure", "public.npv", "--trials", "200", "--seed", "3", "--people", "300",
        "--people", "30", "--sample", "3", "--pilot-cost", "10", "--measuring-cost", "2", "--workers", "1",
        "--set", "outcomes.hospital_cost.change=200", "--json", "-",
    )  # fmt: skip
    assert done.returncode == 0
    found = json.loads(done.stdout)
    assert found["measure"] == "public.npv"
    assert found["record"]["seed"] == 3
    assert [size["people"] for size in found["pilots"][0]["sizes"]] == [30, 300]
    assert found["pilots"][0]["sizes"][1]["cost"]["value"] == 3000
    assert [one["times"] for one in found["evaluation"]["samples"]] == [1.0, 3.0, None]
    assert found["evaluation"]["samples"][1]["cost"]["value"] > 0
    assert "outcomes.hospital_cost.change" not in {one["name"] for one in found["by_input"]}


def test_a_chart(tmp_path: Path) -> None:
    for name, file in (("both.png", WTW), ("pilot.svg", "scenarios/london/greenwich.yaml"),
                       ("bars.png", "scenarios/worked/w1.yaml")):  # fmt: skip
        target = tmp_path / name
        done = run(
            "information", file, "--measure", "investor.npv", "--trials", "200", "--chart", str(target), "--json",
            str(tmp_path / "data.json"),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        assert target.stat().st_size > 5000


def test_wrong_input() -> None:
    for options, words in (
        (("scenarios/worked/w1.yaml",), "take --measure investor.npv"),
        ((WTW, "--measure", "investor.irr"), "is no net benefit in pounds"),
        ((WTW, "--measure", "public.nvp"), "no measure called 'public.nvp'"),
        ((WTW, "--trials", "50"), "ask for 100 or more"),
        ((WTW, "--people", "0"), "ask for 1 to 1,000,000"),
        ((WTW, "--chart", "picture.txt"), "cannot be drawn"),
    ):
        done = run("information", *options)
        assert (done.returncode, done.stdout) == (2, ""), options
        assert words in done.stderr
