"""Distributions as a scenario file writes them: files of numbers, variants, amendments, settings, the schema."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator

from sibmodel.core.quantity import Quantity
from sibmodel.errors import ScenarioError
from sibmodel.running.simulation import simulate
from sibmodel.sampling.sampler import sample, shifted
from sibmodel.scenario.document import parse_value
from sibmodel.scenario.inputs import all_inputs
from sibmodel.scenario.json_schema import json_schema
from sibmodel.scenario.reader import change, load, loads
from sibmodel.scenario.schema import Scenario

W1 = (Path(__file__).parent.parent / "scenarios" / "worked" / "w1.yaml").read_text(encoding="utf-8")
ENGAGED = "programme.groups.everyone.engaged"
PRICE = "contract.terms.job.price"


def engaged(scenario: Scenario) -> Quantity:
    found = scenario.programme.groups["everyone"].engaged
    assert found is not None
    return found


def price(scenario: Scenario) -> Quantity:
    return {quantity.address: quantity for quantity in scenario.quantities()}[PRICE]


def written(text: str) -> str:
    return W1.replace("engaged: 0.75", f"engaged: {text}")


def refused(text: str, values: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, values)
    return [str(problem) for problem in caught.value.problems]


# Files of numbers


@pytest.mark.parametrize(
    "text",
    [
        "0.6\n0.7\n0.95\n",
        "share\n0.6\n0.7\n0.95",
        "\ufeffshare of people,place\r\n0.6,here\r\n\r\n0.7,there\r\n 0.95 ,\r\n",
        '"share, of people"\n"0.6"\n7e-1\n+.95\n',
        "share\r0.6\r0.7\r0.95\r",
        "0.6,here\n0.7,there\n0.95\n",
    ],
    ids=["bare", "heading", "Windows", "quotes", "old Mac", "words beside"],
)
def test_a_file_of_numbers_is_the_list_of_them(tmp_path: Path, text: str) -> None:
    (tmp_path / "shares.csv").write_bytes(text.encode())
    (tmp_path / "bond.yaml").write_text(written("{empirical: shares.csv}"), encoding="utf-8")
    here, inline = load(tmp_path / "bond.yaml"), loads(written("{empirical: [0.95, 0.6, 0.7]}"))
    assert engaged(here).value == engaged(inline).value
    assert engaged(here).central_values()[0] == pytest.approx(0.75)
    assert engaged(here).extremes == (0.6, 0.95)
    assert engaged(change(here, {PRICE: 5})).value == engaged(here).value


def test_a_path_starts_from_the_folder_of_the_file_that_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "base").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "base" / "shares.csv").write_text("0.6\n0.8\n", encoding="utf-8")
    (tmp_path / "mine.csv").write_text("300\n500\n", encoding="utf-8")
    (tmp_path / "base" / "bond.yaml").write_text(written("{empirical: shares.csv}"), encoding="utf-8")
    variant = tmp_path / "variant.yaml"
    variant.write_text(
        "extends: base/bond.yaml\ntitle: A variant\ncontract: {terms: {job: {price: {empirical: mine.csv}}}}\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path / "elsewhere")
    scenario = load(variant)
    assert engaged(scenario).central_values()[0] == pytest.approx(0.7)
    assert price(scenario).central_values() == (400,)
    # a value that is set: from the file whose number it replaces
    assert engaged(load(variant, {ENGAGED: {"empirical": "shares.csv"}})).extremes == (0.6, 0.8)
    # text alone: from where the program runs
    assert refused(written("{empirical: shares.csv}"))[0].endswith(
        "there is no file 'shares.csv'; give its path from the folder of this file"
    )
    monkeypatch.chdir(tmp_path / "base")
    assert engaged(loads(written("{empirical: shares.csv}"))).extremes == (0.6, 0.8)


def test_too_many_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "many.csv").write_text("0.5\n" * 100_001, encoding="utf-8")
    (tmp_path / "large.csv").write_text("0.5000\n" * 1_000_000, encoding="utf-8")
    assert refused(written("{empirical: many.csv}"))[0].endswith(
        "'many.csv' holds 100,001 numbers; give at most 100,000"
    )
    assert refused(written("{empirical: large.csv}"))[0].endswith(
        "'large.csv' has 7,000,000 bytes; give at most 5,000,000"
    )
    assert len(refused(written("{empirical: many.csv}"))) == 1


@pytest.mark.parametrize("number", ["inf", "nan", "1_000", "2e15", ""])
def test_what_only_looks_like_a_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.csv").write_text(f"share,place\n0.5,here\n{number},there\n", encoding="utf-8")
    assert refused(written("{empirical: odd.csv}"))[0].endswith(
        f"'{number}' in line 3 of 'odd.csv' is not a number{' that can be used' if number else ''}; "
        "write digits alone in its first column, such as 0.5 or 12000"
    )


NOT_DIGITS = "write digits alone in its first column, such as 0.5 or 12000"


@pytest.mark.parametrize("first", ["£0.5", "30%", "−5", "-", "0,5 %", "nan", "1e400", "0.5 of them", "\u200b0.5", "Q1"])
def test_a_first_line_with_a_number_written_badly_is_no_heading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.csv").write_text(f'"{first}"\n0.4\n0.5\n', encoding="utf-8")
    (problem,) = refused(written("{empirical: odd.csv}"))
    assert f"'{first.strip(chr(0x200B))}' in line 1 of 'odd.csv' is not a number" in problem
    assert problem.endswith(NOT_DIGITS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1,200\n0.4\n1,800\n", [(1, "holds 2 numbers"), (3, "holds 2 numbers")]),
        ("0,5\n0,6\n", [(1, "holds 2 numbers"), (2, "holds 2 numbers")]),
        ("0.5,0.6\n", [(1, "holds 2 numbers")]),
        ("share\n0,5\n0.6,\n", [(2, "has 2 cells, its headings 1")]),
    ],
)
def test_numbers_with_commas_are_not_cut_short(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, expected: list[tuple[int, str]]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.csv").write_text(text, encoding="utf-8")
    found = [
        problem.partition("empirical: ")[2].partition(";")[0] for problem in refused(written("{empirical: odd.csv}"))
    ]
    assert found == [f"line {line} of 'odd.csv' {what}" for line, what in expected]


def test_every_wrong_line_is_told_but_not_a_thousand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "odd.csv").write_text("share\nhalf\n0.5\nmany\n", encoding="utf-8")
    (tmp_path / "all.csv").write_text("share\n" + "half\n" * 1_021, encoding="utf-8")
    lines = [problem.partition(" in line ")[2][:1] for problem in refused(written("{empirical: odd.csv}"))]
    assert lines == ["2", "4"]
    many = refused(written("{empirical: all.csv}"))
    assert len(many) == 21
    assert "1,001 more lines of 'all.csv' are wrong" in many[-1]


# Variants, amendments, settings


EVERY = (
    "{beta: [6, 2]}", "{beta: {mean: 0.7, sd: 0.1}}", "{gamma: [40, 0.01]}", "{choice: {0.5: 1, 0.7: 2}}",
    "{quartiles: [0.5, 0.6, 0.7], within: [0, 1]}", "{empirical: [0.5, 0.7]}", "{normal: [0.6, 0.3], within: [0, 1]}",
)  # fmt: skip


@pytest.mark.parametrize("base", EVERY)
@pytest.mark.parametrize("own", EVERY)
def test_a_distribution_replaces_another_whole(tmp_path: Path, base: str, own: str) -> None:
    (tmp_path / "base.yaml").write_text(written(base), encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: base.yaml\nprogramme: {{groups: {{everyone: {{engaged: {own}}}}}}}\n", encoding="utf-8")
    assert engaged(load(path)).value == engaged(loads(written(own))).value


@pytest.mark.parametrize("name", ["beta", "choice", "gamma", "empirical", "quartiles", "within"])
def test_a_group_may_be_called_like_a_distribution(tmp_path: Path, name: str) -> None:
    """What is joined key by key stays so."""
    (tmp_path / "base.yaml").write_text(W1.replace("everyone", name), encoding="utf-8")
    path = tmp_path / "own.yaml"
    path.write_text(f"extends: base.yaml\nprogramme: {{groups: {{{name}: {{engaged: 0.5}}}}}}\n", encoding="utf-8")
    group = load(path).programme.groups[name]
    assert group.engaged is not None
    assert group.engaged.central_values() == (0.5,)
    assert group.referrals is not None
    assert any(group.referrals.central_values())


@pytest.mark.parametrize(
    "after", ["{choice: {300: 1, 500: 2}}", "{gamma: [40, 10]}", "{normal: [400, 300], within: [0, 900]}"]
)
@pytest.mark.parametrize(
    "before", ["400", "{choice: {300: 1, 500: 2}}", "{quartiles: [300, 400, 500], within: [0, 900]}"]
)
def test_a_number_with_a_new_distribution_is_amended(before: str, after: str) -> None:
    text = W1.replace("price: 400", f"price: {before}")
    assert text != W1 or before == "400"
    amended = loads(text + f"amendments: [{{from: 2022-01-01, set: {{{PRICE}: {after}}}}}]\n")
    first, second = (price(loads(W1, {PRICE: parse_value(one)})).value for one in (before, after))
    assert price(amended).value == (*first, *second)


@pytest.mark.parametrize("weights", [{0.5: 1, 0.7: 3}, {"0.5": 1, "0.7": 3}, {np.float64(0.5): 1, 0.7: 3}])
def test_a_choice_is_set_with_numbers_or_their_text_as_keys(weights: dict[Any, float]) -> None:
    assert engaged(loads(W1, {ENGAGED: {"choice": weights}})).central_values()[0] == pytest.approx(0.65)


def test_one_parameter_is_set() -> None:
    cut = written("{normal: [0.6, 0.3], within: [0, 1]}")
    assert str(engaged(loads(cut, {f"{ENGAGED}.within.0": 0.2})).value[0]) == "normal: [0.6, 0.3], within: [0.2, 1]"
    assert str(engaged(loads(cut, {f"{ENGAGED}.normal.1": 0.2})).value[0]) == "normal: [0.6, 0.2], within: [0, 1]"
    wide = written("{beta: {mean: 0.7, sd: 0.1}}")
    assert str(engaged(loads(wide, {f"{ENGAGED}.beta.sd": 0.2})).value[0]) == "beta: {mean: 0.7, sd: 0.2}"


def test_a_distribution_says_itself() -> None:
    said = [str(engaged(loads(written(text))).value[0]) for text in EVERY]
    assert [f"{{{one}}}" for one in said] == list(EVERY)
    assert str(engaged(loads(written(f"{{empirical: {[n / 20 for n in range(20)]}}}"))).value[0]) == (
        "empirical: 20 numbers from 0 to 0.95"
    )


@pytest.mark.parametrize("text", [*EVERY, "{normal: [0.6, 0.01]}", "{between: [0.5, 0.6]}"])
def test_it_is_listed_among_the_inputs(text: str) -> None:
    (one,) = (one for one in all_inputs(loads(written(text))) if one.address.startswith(ENGAGED))
    assert one.value == text[1:-1].replace(":", "", 1)


# Trials


def drawn(scenario: Scenario, blocks: Sequence[int]) -> dict[int, dict[str, list[float]]]:
    return {
        block: {a: v.tolist() for a, v in sample(scenario.quantities(), [], 4, 7, block).inputs.items()}
        for block in blocks
    }


@pytest.mark.parametrize("text", EVERY)
def test_another_uncertain_number_leaves_the_others_as_they_were(text: str) -> None:
    """And a block is the same whichever were drawn before."""
    alone, beside = loads(written(text)), loads(written(text), {PRICE: {"gamma": [4, 100]}})
    first, again = drawn(alone, (0, 1, 5)), drawn(beside, (5, 1, 0))
    assert {address for block in again.values() for address in block} == {ENGAGED, PRICE}
    for block in first:
        assert first[block][ENGAGED] == again[block][ENGAGED]


@pytest.mark.parametrize("text", EVERY)
def test_a_shift_toward_less_never_gives_more(text: str) -> None:
    scenario = loads(written(text))
    trials = sample(scenario.quantities(), [], 4, 7, 0)
    lower = shifted(trials, scenario.quantities(), {ENGAGED: -1.28})
    assert (lower.inputs[ENGAGED] <= trials.inputs[ENGAGED]).all()
    assert lower.inputs[ENGAGED].mean() < trials.inputs[ENGAGED].mean()


@pytest.mark.parametrize("text", EVERY)
def test_it_is_simulated(text: str) -> None:
    """What is paid rises with those who engage, so its mean is that of the base case but for sampling."""
    scenario = loads(written(text))
    result = simulate(scenario, 4096, 3)
    drawn_mean = sample(scenario.quantities(), [], 4, 3, 0).inputs[ENGAGED].mean()
    base = engaged(scenario).central_values()[0]
    assert drawn_mean == pytest.approx(base, rel=0.05)
    paid = result["payers.payments"]
    assert paid.mean is not None
    assert paid.base is not None
    assert paid.mean / paid.base == pytest.approx(drawn_mean / base, rel=0.02)


# Editors


@pytest.mark.parametrize(
    "text", [*EVERY, "{empirical: shares.csv}", "{between: [0.5, 0.6], confidence: 0.8, within: [0, 1]}"]
)
def test_the_json_schema_knows_it(text: str) -> None:
    schema = json_schema()
    check = Draft202012Validator({"$ref": "#/$defs/Quantity", "$defs": schema["$defs"]})
    assert check.is_valid(parse_value(text))
    assert check.is_valid({"value": parse_value(text), "unit": "share"})


@pytest.mark.parametrize(
    "text", ["{beta: [6]}", "{beta: {mean: 0.7}}", "{choice: {0.5: -1}}", "{triangular: [0, 1, 2], within: [0, 1]}"]
)
def test_the_json_schema_refuses_it(text: str) -> None:
    schema = json_schema()
    assert not Draft202012Validator({"$ref": "#/$defs/Quantity", "$defs": schema["$defs"]}).is_valid(parse_value(text))
