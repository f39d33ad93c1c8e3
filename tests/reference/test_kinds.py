"""Kinds of investor: every number has a source or is marked as an assumption, and a wrong file is told where."""

import datetime as dt
from pathlib import Path

import pytest

from sibmodel.errors import ScenarioError
from sibmodel.reference.kinds import ASSUMPTION, LIMITS, OUR_OWN, Cited, kinds_of_investor, parse_kinds

FILE = Path(__file__).parents[2] / "sibmodel" / "reference" / OUR_OWN
TEXT = FILE.read_text(encoding="utf-8")


def test_our_own_kinds_are_those_that_the_question_names() -> None:
    ours = kinds_of_investor()
    assert {kind.name for kind in ours.kinds} == {
        "philanthropist", "foundation", "social_bank", "social_impact_fund", "pension_fund", "city_hall",
    }  # fmt: skip
    assert ours.retrieved < ours.sunset <= ours.retrieved + dt.timedelta(days=400)
    assert ours.licence
    assert ours.edition


def test_every_number_has_a_source_or_is_an_assumption() -> None:
    for kind in kinds_of_investor().kinds:
        for key, (low, high) in LIMITS.items():
            number = getattr(kind, key)
            assert isinstance(number, Cited)
            assert low <= number.value <= high
            assert number.source == ASSUMPTION or len(number.source.split()) >= 2, (kind.name, key)
        assert kind.least_ticket.value < kind.most_ticket.value


def test_a_copy_of_the_file_can_be_given(tmp_path: Path) -> None:
    copy = tmp_path / "mine.toml"
    copy.write_text(TEXT, encoding="utf-8")
    assert kinds_of_investor(copy) == kinds_of_investor()


def problems(before: str, after: str) -> list[str]:
    assert before in TEXT
    with pytest.raises(ScenarioError) as caught:
        parse_kinds(TEXT.replace(before, after, 1), "mine.toml")
    return [str(problem) for problem in caught.value.problems]


def line_of(text: str) -> int:
    return TEXT[: TEXT.index(text)].count("\n") + 1


BANK = '[kinds.social_bank]\ntitle = "Social bank"\nleast_return = {value = 0.05, source = "assumption"}'
AT = line_of("[kinds.social_bank]")


@pytest.mark.parametrize(
    ("after", "line", "words"),
    [
        ("least_return = {valve = 0.05, source = 'assumption'}", 2,
         "kinds.social_bank.least_return.valve: unknown key 'valve'; did you mean 'value'?"),
        ("least_return = {value = 50, source = 'assumption'}", 2,
         "kinds.social_bank.least_return.value: 50 is out of range; it must be -0.99 to 10"),
        ("least_return = {value = true, source = 'assumption'}", 2, "there is no number; write value = and a number"),
        ("least_return = {value = 0.05}", 2, "least_return: the number has no source; add source ="),
        ("least_return = {value = 0.05, source = ' '}", 2, "least_return: the number has no source"),
        ("least_return = 0.05", 2, "a number stands here without its source; write least_return = {value"),
        ("least_retrun = 0.05", 2, "unknown key 'least_retrun'; did you mean 'least_return'?"),
        ("", 0, "kinds.social_bank.least_return: 'least_return' is missing; write"),
    ],
)  # fmt: skip
def test_a_wrong_number_is_told_with_its_line(after: str, line: int, words: str) -> None:
    found = problems(BANK, f'[kinds.social_bank]\ntitle = "Social bank"\n{after}')
    assert any(words in one and one.startswith(f"mine.toml:{AT + line}:") for one in found), found


def test_columns_are_those_of_the_key() -> None:
    line = 'longest_term = {value = 25, source = "GLA, Green Finance Fund"'
    (found,) = problems(line, line.replace("25", "-25"))
    assert found.startswith(
        f"mine.toml:{line_of(line)}:{line.index('value') + 1}: kinds.city_hall.longest_term.value: -25"
    )


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ('edition = "2026-11"', "", "mine.toml:1:1: edition: 'edition' is missing; give text in quotation marks"),
        ("sunset = 2027-11-30", 'sunset = "soon"', "sunset: this is not a date such as 2026-11-22"),
        ('title = "Kinds of investor"', 'title = "Kinds of investor"\nowner = 3', "owner: unknown key 'owner'"),
        ('title = "Foundation"', "", "kinds.foundation.title: 'title' is missing"),
        ("{value = 500_000,", "{value = 5,", "kinds.philanthropist.most_ticket: the most is below the least"),
    ],
)
def test_a_wrong_file_says_what_would_be_right(before: str, after: str, words: str) -> None:
    (found,) = problems(before, after)
    assert words in found


def test_several_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_kinds('title = 3\nkinds = {a = 1, b = {title = "B"}}', "mine.toml")
    addresses = [problem.address for problem in caught.value.problems]
    assert {"title", "edition", "licence", "kinds.a", "kinds.b.least_return"} <= set(addresses)


@pytest.mark.parametrize("text", ["", "kinds = 3", "[kinds]"])
def test_a_file_without_kinds(text: str) -> None:
    with pytest.raises(ScenarioError, match="there are no kinds of investor; write a table"):
        parse_kinds(text, "mine.toml")


def test_what_is_no_toml_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError) as caught:
        parse_kinds("title = 'x'\nedition = \n", "mine.toml")
    assert str(caught.value).startswith("mine.toml:2:11: invalid value; write TOML")
    with pytest.raises(ScenarioError, match=r"mine.toml:1:13: unclosed array"):
        parse_kinds("title = ['x'", "mine.toml")
    missing = tmp_path / "nothing.toml"
    with pytest.raises(ScenarioError, match=r"nothing.toml:1:1: the file cannot be read \(No such file"):
        kinds_of_investor(missing)
    missing.write_bytes(b"\xff\xfe")
    with pytest.raises(ScenarioError, match="it is not UTF-8 text"):
        kinds_of_investor(missing)
