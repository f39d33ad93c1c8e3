"""Every mistake is answered in one line with its place, what is wrong and what would be right."""

import copy
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.document import parse_value
from sibmodel.scenario.reader import change, load, load_contract, load_evidence, loads
from sibmodel.scenario.slips import slip_before

HERE = Path(__file__).parent
SCENARIOS = HERE.parent / "scenarios"
BROKEN = sorted((HERE / "broken_scenarios").glob("*.yaml"))
EXPECT = "# expect: "
W1 = SCENARIOS / "worked" / "w1.yaml"
W1_TEXT = W1.read_text(encoding="utf-8")
ENGAGED = "programme.groups.everyone.engaged"
ANNOTATED = W1_TEXT.replace(
    "engaged: 0.75", "engaged: {value: {triangular: [0.6, 0.7, 0.8]}, central: 0.72, unit: share}"
)


def refused(text: str, values: dict[str, Any] | None = None) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        loads(text, values, name="f")
    return [str(problem).removeprefix("f:") for problem in caught.value.problems]


def refused_file(path: Path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load_contract(path)
    return [str(problem).removeprefix(f"{path}:") for problem in caught.value.problems]


@pytest.mark.parametrize("path", BROKEN, ids=lambda path: path.stem)
def test_broken_file_gives_exactly_the_expected_problems(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    expected = [line.removeprefix(EXPECT) for line in lines if line.startswith(EXPECT)]
    assert expected
    assert refused_file(path) == expected


@pytest.mark.parametrize(
    "path", [*sorted(SCENARIOS.rglob("*.yaml")), HERE / "every_chapter.yaml"], ids=lambda path: path.stem
)
def test_scenario_of_this_repository_is_not_broken(path: Path) -> None:
    # published bonds may be contracts alone, and evidence stands in a file of its own
    read = load_evidence if path.stem == "evidence" else load_contract if path.parent.name == "published" else load
    assert read(path).title


# What cannot be a small file


def test_too_large_file(tmp_path: Path) -> None:
    path = tmp_path / "large.yaml"
    path.write_text("title: long\n" + "# filled up\n" * 90_000, encoding="utf-8")
    assert refused_file(path) == [
        "1:1: the file has 1,080,012 bytes; a scenario has at most 1,000,000; keep data in files of its own"
    ]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "with byte order mark"])
def test_not_utf_8(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "latin.yaml"
    path.write_bytes(mark + "title: £5\ndescription: £ and ".encode() + "café\n".encode("latin-1"))
    assert refused_file(path) == ["2:23: the file is not UTF-8 text; save it with encoding UTF-8"]


def test_missing_file(tmp_path: Path) -> None:
    assert refused_file(tmp_path / "none.yaml") == ["1:1: there is no such file; check the name and the folder"]


def test_directory(tmp_path: Path) -> None:
    assert refused_file(tmp_path) == ["1:1: the file cannot be read (Is a directory); give a readable YAML file"]


def test_name_no_file_can_have() -> None:
    assert refused_file(Path("a\0b"))[0].endswith("the name cannot be that of a file; check the name and the folder")


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n...\n"])
def test_empty_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "empty.yaml"
    path.write_text(text, encoding="utf-8")
    problem = refused_file(path)[0]
    assert problem in (
        "1:1: the file is empty; write a scenario",
        "2:1: the file is not a mapping; begin with 'title: …'",
    )


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000],
    ids=["lists", "mappings", "items", "keys"],
)
def test_deep_nesting(text: str) -> None:
    (problem,) = refused(text)
    assert problem.endswith("the file is nested too deeply; a scenario needs about ten levels")


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("9" * 5_000, "is not a possible number; check the digits"),
        ("1" + "0" * 400, "a number of more than 60 digits is out of range; it must be at most 1,000,000,000,000,000"),
        (
            "0x" + "f" * 5_000,
            "a number of more than 60 digits is out of range; it must be at most 1,000,000,000,000,000",
        ),
        ("1e400", "inf is not a finite number; write a number; to have no limit, leave the key out"),
    ],
    ids=["5000 digits", "10**400", "hexadecimal", "1e400"],
)
def test_huge_number(number: str, expected: str) -> None:
    (problem,) = refused(W1_TEXT.replace("set_up: 150000", f"set_up: {number}"))
    assert problem.startswith("22:19: programme.costs.set_up: ")
    assert problem.endswith(expected)


@pytest.mark.parametrize("name", ["trials", "seed"])
def test_huge_whole_number(name: str) -> None:
    (problem,) = refused(f"simulation: {{{name}: 0x{'f' * 5_000}}}\n{W1_TEXT}")
    assert problem.startswith(f"1:{16 + len(name)}: simulation.{name}: a number of more than 60 digits is out of range")


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\ufffe", "\ud800"])
def test_control_character(character: str) -> None:
    (problem,) = refused(f"title: ok\ndescription: a£{character}b\n")
    code = f"U+{ord(character):04X}"
    assert problem == f"2:16: the character {code} cannot be read; delete it, and save as plain text"


def test_line_separator_from_a_word_processor_does_not_shift_lines() -> None:
    text = W1_TEXT.replace("Worked bond", "Worked\u2028bond\x85").replace("engaged: 0.75", "engaged: 7")
    assert refused(text) == [f"21:42: {ENGAGED}: 7 is out of range; it must be 0 to 1"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tabs_between_a_key_its_value_and_a_comment_are_blanks(end: str) -> None:
    text = (
        W1_TEXT.replace("engaged: 0.75", "engaged:\t0.75").replace("500000}", "500000}\t# a year") + "\t\n\t# end\n \t"
    )
    assert loads(text.replace("\n", end)).model_dump() == loads(W1_TEXT).model_dump()
    assert refused(text.replace("0.75", "7").replace("\n", end)) == [
        f"21:42: {ENGAGED}: 7 is out of range; it must be 0 to 1"
    ]


def test_message_stays_on_one_line_whatever_the_key() -> None:
    (problem,) = refused('"a\\nb\\e[31m": 1\n' + W1_TEXT)
    assert problem.startswith("1:1: a\\nb\\x1b[31m: unknown key 'a\\nb\\x1b[31m'; ")
    assert all(len(line) < 1_000 for line in refused(f"{'k' * 50_000}: 1\n{W1_TEXT}"))


def test_large_but_allowed_file_is_answered_soon() -> None:
    started = time.perf_counter()
    problems = refused(W1_TEXT + "".join(f"unknown_{i}: {i}\n" for i in range(2_000)))
    assert len(problems) == 2_000
    assert time.perf_counter() - started < 20


# Values that were set, not read


@pytest.mark.parametrize(
    ("address", "value", "expected"),
    [
        (ENGAGED, 1.5, f"{ENGAGED}: 1.5 is out of range; it must be 0 to 1"),
        (ENGAGED, [0.5, 7], f"{ENGAGED}.1: 7 is out of range; it must be 0 to 1"),
        (
            ENGAGED,
            {"pert": [0, 1, 2]},
            f"{ENGAGED}: pert: [0, 1, 2] goes out of range; it must be 0 to 1; choose ends inside",
        ),
        (ENGAGED, {"prt": [0, 1, 1]}, f"{ENGAGED}.prt: unknown key 'prt'; did you mean 'pert'?"),
        (f"{ENGAGED}.0", 0.5, f"{ENGAGED}.0: '0' goes beyond a single value; stop at {ENGAGED}"),
        (
            "programme.groups.everybody.engaged",
            0.5,
            "programme.groups.everybody.engaged: there is no 'everybody' here; did you mean 'everyone'?",
        ),
        ("prices.inflatoin", 0.02, "prices.inflatoin: there is no 'inflatoin' here; did you mean 'inflation'?"),
        ("contract.terms.job.prise", 1, "contract.terms.job.prise: there is no 'prise' here; did you mean 'price'?"),
        (
            "capital.surplus.fund",
            1,
            "capital.surplus.fund: there is no party called 'fund'; it may be 'council', 'investor', 'provider', "
            "'sponsor'",
        ),
        ("title", 5, "title: 5 is not text; write text, in quotes if it looks like a number or a date"),
        (
            "timeline.signing",
            "2020-01-01",
            "timeline.signing: '2020-01-01' is not a date; write it as 2026-04-01, without quotes or a time",
        ),
        ("contract", 5, "contract: 5 is not a mapping; write 'key: value' lines below it"),
        (
            "programme.groups.everyone.ramp.0",
            0.5,
            "programme.groups.everyone.ramp: a mapping is not a list; write [first, second, …]",
        ),
        (
            "contract.cap",
            10**400,
            "contract.cap: a number of more than 60 digits is out of range; it must be at most 1,000,000,000,000,000",
        ),
    ],
)  # fmt: skip
def test_wrong_setting_is_answered_as_a_setting(address: str, value: Any, expected: str) -> None:
    assert refused(W1_TEXT, {address: value}) == [f"--set:1:1: {expected}"]


def test_setting_more_digits_than_can_be_written() -> None:
    assert refused(W1_TEXT, {"timeline.periods": 10**5000}) == [
        "--set:1:1: timeline.periods: a number of more than 60 digits is out of range; it must be at most 600"
    ]


@pytest.mark.parametrize("address", ["", ".", "title.", ".title", "a..b", "no_such_chapter"])
def test_address_of_nothing(address: str) -> None:
    (problem,) = refused(W1_TEXT, {address: 1})
    assert problem.startswith("--set:1:1: ")


@pytest.mark.parametrize("item", ["3", "-1", "²", "01", "9" * 30, "x"])
def test_item_that_the_list_does_not_have(item: str) -> None:
    (problem,) = refused(ANNOTATED, {f"{ENGAGED}.triangular.{item}": 0.7})
    assert problem.endswith("' is not an item; the list has items 0 to 2")


def test_all_wrong_settings_are_answered_at_once_with_the_mistakes_of_the_file() -> None:
    text = W1_TEXT.replace("engaged: 0.75", "engaged: 75")
    assert refused(text, {"contract.terms.jab.price": 1, "contract.capp": 2}) == [
        "--set:1:1: contract.terms.jab.price: there is no 'jab' here; did you mean 'job'?",
        "--set:1:1: contract.capp: there is no 'capp' here; did you mean 'cap'?",
        f"21:42: {ENGAGED}: 75 is out of range; it must be 0 to 1; write 0.75 for 75 %",
    ]


def test_setting_that_makes_the_file_wrong_points_into_the_file() -> None:
    assert refused(W1_TEXT, {"timeline.periods": 3}) == [
        "19:38: programme.service.to_month: 60 months reach beyond the end of the timeline; "
        "use at most 36, or a longer timeline"
    ]


@pytest.mark.parametrize("address", [ENGAGED, f"{ENGAGED}.value"])
@pytest.mark.parametrize("value", [0.5, {"uniform": [0.4, 0.6]}, [0.5, 0.6], np.float64(0.5), np.int64(1)], ids=repr)
def test_setting_an_annotated_number_keeps_the_rest_but_not_its_source(address: str, value: Any) -> None:
    for name in ("everyone", "value"):  # a group may be called like a field
        text, where = ANNOTATED.replace("everyone", name), address.replace("everyone", name)
        engaged = loads(text, {where: value}).programme.groups[name].engaged
        assert engaged is not None
        assert (engaged.unit, engaged.source, engaged.central) == ("share", "set for this run", None)
        assert engaged.central_values()[0] == (
            value if isinstance(value, float) else pytest.approx(1 if value == 1 else 0.5)
        )


@pytest.mark.parametrize("parameter", [f"{ENGAGED}.triangular.1", f"{ENGAGED}.value.triangular.1"])
def test_setting_one_parameter_of_a_distribution(parameter: str) -> None:
    engaged = loads(ANNOTATED, {parameter: 0.75}).programme.groups["everyone"].engaged
    assert engaged is not None
    assert engaged.model_dump(mode="json")["value"] == [{"triangular": [0.6, 0.75, 0.8]}]
    # what vouched for the old number does not vouch for the new one
    assert (engaged.central, engaged.grade, engaged.note) == (None, None, None)
    assert engaged.source == "set for this run"
    assert engaged.unit == "share"


def test_setting_fields_left_at_their_defaults() -> None:
    scenario = loads(W1_TEXT, {"prices.inflation": 0.02, "contract.cap": 5, "contract.terms.job.cap": 3})
    assert scenario.prices.inflation.central_values() == (0.02,)
    assert scenario.contract.cap is not None
    assert scenario.contract.terms["job"].cap is not None
    assert change(scenario, {"contract.cap": None}).contract.cap is None


# Whatever the input


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in entries:
        yield (*path, key)
        yield from places(value, (*path, key))


RICH = (HERE / "every_chapter.yaml").read_text(encoding="utf-8")
DATA = [YAML(typ="safe", pure=True).load(text) for text in (W1_TEXT, RICH)]
SMALL = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates()
WORDS = st.sampled_from(
    ["value", "shares", "0", "uniform", "a.b", "type", "[key]", "~price", "council", "effect", "1e3"]
)
JUNK = st.recursive(
    SMALL | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS | st.text(max_size=4), inner, max_size=3),
    max_leaves=5,
)


def mutate(data: Any, draw: Any) -> None:
    *parents, last = draw(st.sampled_from(list(places(data))))
    node = data
    for key in parents:
        node = node[key]
    action = draw(st.sampled_from(["delete", "replace", "rename"]))
    if action == "replace":
        node[last] = draw(JUNK)
    elif action == "delete" or isinstance(node, list):
        del node[last]
    else:
        node[draw(st.text(max_size=6) | WORDS | st.just(f"{last}s"))] = node.pop(last)


def assert_works_or_says_why(text: str, values: dict[str, Any] | None = None) -> None:
    problems = []
    try:
        assert loads(text, values).title is not None
    except ScenarioError as error:
        problems = error.problems or [Problem("", 0, 0, "", "refused without a reason")]
    for problem in problems:
        assert_well_said(problem)


def assert_well_said(problem: Problem) -> None:
    assert problem.line >= 1
    assert problem.column >= 1
    assert problem.what
    assert problem.right
    assert len(str(problem).splitlines()) == 1
    assert "validation error" not in str(problem)
    assert "Input should" not in str(problem)
    assert "docs/scenarios.md" not in problem.right


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_mutated_scenario_is_read_or_refused_in_order(data: st.DataObject) -> None:
    mutant = copy.deepcopy(data.draw(st.sampled_from(DATA)))
    for _ in range(data.draw(st.integers(1, 3))):
        if mutant:
            mutate(mutant, data.draw)
    stream = io.StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.dump(mutant, stream)
    assert_works_or_says_why(stream.getvalue())


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_any_setting_works_or_is_refused_in_order(data: st.DataObject) -> None:
    index = data.draw(st.sampled_from([0, 1]))
    path = data.draw(st.sampled_from(list(places(DATA[index]))))
    address = ".".join(map(str, path)) + data.draw(st.sampled_from(["", "", ".value", ".0", ".x"]))
    assert_works_or_says_why((W1_TEXT, RICH)[index], {address: data.draw(JUNK)})


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=60) | st.text(alphabet="ab:-? []{},\"'|>&*!%@#\n\t\\\r0.1<=~", max_size=40))
def test_any_text_is_read_or_refused_in_order(text: str) -> None:
    assert_works_or_says_why(text)


@pytest.mark.parametrize(
    "text", ["*%", "!%", "!<%> a", "! a", "&a *a", "!!int", "!!bool x", "<<: 1", "? *a", "%TAG ! x"]
)
def test_odd_corners_of_yaml(text: str) -> None:
    assert refused(text)
    assert refused(f"title: {text}")


@settings(deadline=None, max_examples=200)
@given(st.integers(0, len(W1_TEXT)), st.integers(0, 8), st.text(alphabet="ab:-? []{},\"'|>&*!%@#\n\t\\", max_size=6))
def test_damaged_file_is_read_or_refused_in_order(start: int, length: int, instead: str) -> None:
    assert_works_or_says_why(W1_TEXT[:start] + instead + W1_TEXT[start + length :])


def test_value_typed_on_a_command_line_is_counted_from_its_own_beginning() -> None:
    assert parse_value("{normal: [400, 20]}") == {"normal": [400, 20]}
    for text, place in (("{normal: [1, 2}", (1, 15)), ("*price", (1, 1)), ("", (1, 1)), ("[1, null]", (1, 5))):
        with pytest.raises(ScenarioError) as caught:
            parse_value(text)
        (problem,) = caught.value.problems
        assert (problem.line, problem.column) == place


def test_a_quoted_text_over_lines_is_not_blamed_for_a_slip_elsewhere() -> None:
    text = 'title: "A text of two lines,\n  Note: that looks like a key."\nother: {a: 1\nmore: 2\n'
    slip = slip_before(text, 4)
    assert slip is None
