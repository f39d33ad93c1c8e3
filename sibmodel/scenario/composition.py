"""YAML text to plain data, keeping the place of every node and refusing what a scenario may not contain."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.composer import Composer
from ruamel.yaml.error import MarkedYAMLError, StringMark, YAMLError
from ruamel.yaml.events import AliasEvent, StreamEndEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.tag import Tag

from sibmodel.errors import Problem
from sibmodel.scenario.marks import Composed, Mark, Path_
from sibmodel.scenario.slips import slip_before

MAX_DEPTH = 40

_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "str", "timestamp", "null", "map", "seq")}
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_KEYED_BY_NUMBERS = "choice"
"""The one mapping of a scenario whose keys are numbers: {value: weight}."""
_REFUSED = "refused"
_UNREADABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
# The YAML library ends a line at these characters, editors do not; as blanks they keep both in step.
_NO_LINE_ENDS = {0x85: " ", 0x2028: " ", 0x2029: " "}
# Nor does it take tabs between a key, its value and a comment, which YAML allows; in an indent they are refused.
_AFTER_THE_INDENT = re.compile(r"(?<=[^ \t\n])[^\n]*|^[ \t]+(?=#|\r?$)", re.MULTILINE)

NO_VALUE = ("there is no value", "write one, or leave the key out")

_LINE_UP = "begin it in the same column as its neighbours, or put quotes around the whole text"
_CLOSE_QUOTE = "close it with the quote it began with; in double quotes write \\ as \\\\"
_CODE = "in double quotes \\ begins a code: write it twice, or use single quotes"
_PLAIN_WORDS = (
    ("nested too deeply", "the file is nested too deeply", "a scenario needs about ten levels"),
    ("'\\t' that cannot start", "a tab stands where blanks are wanted", "indent with blanks only"),
    ("that cannot start any token", "a text begins with a character that means something to YAML", "put it in quotes"),
    (
        "mapping values are not allowed",
        "a ':' stands where none can",
        "put text with ': ' in quotes, mend the indent, or add the ':' that the line above lacks",
    ),
    ("could not find expected ':'", "a ':' is missing after a key", "write 'key: value', here or in the line above"),
    ("while scanning a quoted scalar", "a quoted text is not in order", _CLOSE_QUOTE),
    ("while scanning a double-quoted scalar", "a quoted text is not in order", _CLOSE_QUOTE),
    (
        "while parsing a flow sequence",
        "a list in [ ], begun in line {}, is not in order",
        "put commas between items and close it with ]",
    ),
    (
        "while parsing a flow mapping",
        "a mapping in {{ }}, begun in line {}, is not in order",
        "put commas between entries and close it with }",
    ),
    ("while parsing a block", "this line does not fit the ones above", _LINE_UP),
    ("sequence entries are not allowed", "a '-' stands where none can", "begin each item of a list on its own line"),
    ("expected '<document start>'", "this line does not fit the ones above", _LINE_UP),
)


def compose(text: str, file: str) -> Composed:
    """Data, marks by path, and everything wrong with the form of the text."""
    odd = _UNREADABLE.search(text)
    if odd:
        what = f"the character U+{ord(odd.group()):04X} cannot be read"
        return _nothing(
            Problem(file, *_line_and_column(text, odd.start()), "", what, "delete it, and save as plain text")
        )
    yaml = YAML(typ="safe", pure=True)
    yaml.Composer = _Composer
    text = _AFTER_THE_INDENT.sub(lambda found: found.group().replace("\t", " "), text.translate(_NO_LINE_ENDS))
    try:
        node = yaml.compose(text)
    except MarkedYAMLError as error:
        stumble = error.problem_mark or error.context_mark
        slip = slip_before(text, stumble.line + 1) if stumble else None
        return _nothing(_syntax(error, file) if slip is None else Problem(file, slip.line, slip.column, "", *slip[2:]))
    except (YAMLError, ValueError) as error:
        return _nothing(Problem(file, 1, 1, "", f"this is not YAML: {str(error)[:100]}", "mend the form of the file"))
    if node is None:
        return _nothing(Problem(file, 1, 1, "", "the file is empty", "write a scenario"))
    reading = _Reading(file, yaml)
    if yaml.composer.second is not None:
        place = _at(yaml.composer.second)
        reading.problems.append(Problem(file, *place, "", "a second document begins", "one scenario is one document"))
    data = reading.value(node, (), _at(node.start_mark))
    if not isinstance(data, dict):
        return _nothing(Problem(file, *_at(node.start_mark), "", "the file is not a mapping", "begin with 'title: …'"))
    return Composed(data, reading.marks, reading.problems)


def _nothing(problem: Problem) -> Composed:
    return Composed(None, {}, [problem])


def _line_and_column(text: str, position: int) -> tuple[int, int]:
    before = text[:position]
    return before.count("\n") + 1, position - before.rfind("\n")


def _at(mark: StringMark) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _syntax(error: MarkedYAMLError, file: str) -> Problem:
    begun = error.context_mark or error.problem_mark
    unclosed = "end of stream" in str(error.problem)
    mark = begun if unclosed else error.problem_mark or begun
    said = " ".join(str(part) for part in (error.context, error.problem) if part)
    line = begun.line + 1 if begun else 1
    words = ((what.format(line), right) for sign, what, right in _PLAIN_WORDS if sign in said)
    what, right = next(words, (f"this is not YAML: {said}", "mend the line or the one above"))
    return Problem(file, *(_at(mark) if mark else (1, 1)), "", what, right)


class _Composer(Composer):
    """The library's composer, but aliases, tags and a second document become something to point at."""

    second: StringMark | None = None
    level = 0

    def get_single_node(self) -> Any:
        self.parser.get_event()
        node = None if self.parser.check_event(StreamEndEvent) else self.compose_document()
        if not self.parser.check_event(StreamEndEvent):
            self.second = self.parser.get_event().start_mark
        return node

    def compose_node(self, parent: Any, index: Any) -> Any:
        event = self.parser.peek_event()
        if self.level >= MAX_DEPTH:
            raise MarkedYAMLError(problem="the file is nested too deeply", problem_mark=event.start_mark)
        if isinstance(event, AliasEvent):
            self.parser.get_event()
            node = ScalarNode(_TEXT, "", event.start_mark, event.end_mark)
            return _refused(node, f"the alias *{event.anchor} is refused; write the value where it is used")
        event.anchor = None  # nothing may refer to it, so it does no harm
        tag, event.ctag = _written(event.ctag), None
        self.level += 1
        node = super().compose_node(parent, index)
        self.level -= 1
        return _refused(node, f"the tag {tag} is refused; write the value alone") if tag not in ("", "!") else node


def _written(tag: Tag | None) -> str:
    """A tag as the file has it; its text may be anything, so it is not decoded."""
    return f"{tag.handle or ''}{tag.suffix or ''}" if tag is not None else ""


def _refused(node: Node, why: str) -> Node:
    """The node with the reason in the place of its content."""
    node.ctag, node.value = Tag(suffix=_REFUSED), why
    return node


@dataclass
class _Reading:
    file: str
    yaml: YAML
    marks: dict[Path_, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: Node, path: Path_, key_place: tuple[int, int]) -> Any:
        # What is left empty begins nowhere, or in the next line.
        self.marks[path] = Mark(self.file, key_place, key_place if _is_empty(node) else _at(node.start_mark))
        if node.tag not in _PLAIN:
            return self.refuse(node, path, *_unusual(node))
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            items = enumerate(node.value)
            return [self.value(item, (*path, index), _at(item.start_mark)) for index, item in items]
        return self.scalar(node, path)

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode) or key.tag == _REFUSED:
                self.refuse(key, path, "a key here is not a word", "write 'word: value'")
                continue
            if str(key.tag).endswith(":merge"):
                self.refuse(key, path, "'<<' is refused", "write out the entries it would bring in")
                continue
            name = str(key.value)
            if name in out:
                first = self.marks[(*path, name)].key[0]
                self.refuse(
                    key,
                    (*path, name),
                    f"the key '{name}' is given twice",
                    f"keep one of them; the first is in line {first}",
                )
                continue
            if key.tag != _TEXT and not (path[-1:] == (_KEYED_BY_NUMBERS,) and key.tag in _NUMBERS):
                self.refuse(key, (*path, name), f"the key '{name}' is not a word", _key_advice(name))
                if _is_empty(value):  # the same slip, already said
                    continue
            out[name] = self.value(value, (*path, name), _at(key.start_mark))
        return out

    def scalar(self, node: Node, path: Path_) -> Any:
        if node.tag == _NULL:
            place = self.marks[path].value
            return self.refuse(node, path, *NO_VALUE, place)
        try:
            value = self.yaml.constructor.construct_object(node, deep=True)
        except ValueError:
            kind = "date" if str(node.tag).endswith("timestamp") else "number"
            return self.refuse(node, path, f"'{node.value[:40]}' is not a possible {kind}", "check the digits")
        if isinstance(value, str) and _CONTROL.search(value):
            return self.refuse(node, path, "the text contains a control character", _CODE)
        return value

    def refuse(self, node: Node, path: Path_, what: str, right: str, place: tuple[int, int] | None = None) -> None:
        address = ".".join(map(str, path))
        self.problems.append(Problem(self.file, *(place or _at(node.start_mark)), address, what, right))


def _key_advice(name: str) -> str:
    if name.isalpha():
        return "put it in quotes: without them it means something to YAML"
    return "put it in quotes; in numbers write no commas" if name.isdigit() else "begin a key with a letter"


def _is_empty(node: Node) -> bool:
    return node.tag == _NULL and node.value == ""


def _unusual(node: Node) -> tuple[str, str]:
    """What to say of a node that is neither a plain value nor a collection of them."""
    if node.tag == _REFUSED:
        what, _, right = node.value.rpartition("; ")
        return what, right
    return f"'{node.value}' means something to YAML", "put it in quotes if it is text"
