"""YAML text to plain data, keeping the place of every node and refusing what a scenario may not contain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from sibmodel.errors import Problem
from sibmodel.scenario.document import Mark, Path_

_PLAIN = {f"tag:yaml.org,2002:{kind}" for kind in ("int", "float", "bool", "str", "timestamp", "null", "map", "seq")}
_TEXT, _NULL = "tag:yaml.org,2002:str", "tag:yaml.org,2002:null"


def compose(text: str, file: str) -> tuple[Any, dict[Path_, Mark], list[Problem]]:
    """Data, marks by path, and everything wrong with the form of the text."""
    yaml = YAML(typ="safe", pure=True)
    try:
        problems = list(_forbidden(yaml, text, file))
        if problems:
            return None, {}, problems
        node = yaml.compose(text)
        if node is None:
            return None, {}, [Problem(file, 1, 1, "", "the file is empty", "write a scenario")]
        reading = _Reading(file, yaml)
        data = reading.value(node, (), _at(node))
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = " ".join(str(part) for part in (error.context, error.problem) if part)
        return (
            None,
            {},
            [Problem(file, line, column, "", f"this is not YAML: {what}", "mend the line or the one above")],
        )
    except YAMLError as error:
        return (
            None,
            {},
            [Problem(file, 1, 1, "", f"this is not YAML: {str(error).splitlines()[0]}", "save it as text")],
        )
    except RecursionError:
        return (
            None,
            {},
            [Problem(file, 1, 1, "", "the file is nested too deeply", "a scenario needs about ten levels")],
        )
    if not isinstance(data, dict):
        reading.problems.append(Problem(file, 1, 1, "", "the file is not a mapping", "begin with 'title: …'"))
    return data, reading.marks, reading.problems


def _forbidden(yaml: YAML, text: str, file: str) -> Iterator[Problem]:
    documents = 0
    for event in yaml.parse(text):
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, AliasEvent):
            yield Problem(
                file,
                line,
                column,
                "",
                f"the alias *{event.anchor} is refused",
                "write the value where it is used",
            )
        elif isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                yield Problem(file, line, column, "", "a second document begins", "one scenario is one document")


def _at(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


@dataclass
class _Reading:
    file: str
    yaml: YAML
    marks: dict[Path_, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def value(self, node: Node, path: Path_, key_place: tuple[int, int]) -> Any:
        self.marks[path] = Mark(key_place, _at(node))
        if node.tag not in _PLAIN:
            self.refuse(node, path, f"the tag {node.tag} is refused", "write plain values")
            return None
        if isinstance(node, MappingNode):
            return self.mapping(node, path)
        if isinstance(node, SequenceNode):
            return [self.value(item, (*path, index), _at(item)) for index, item in enumerate(node.value)]
        return self.scalar(node, path) if isinstance(node, ScalarNode) else None

    def mapping(self, node: MappingNode, path: Path_) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for key, value in node.value:
            name = str(key.value)
            if not isinstance(key, ScalarNode) or key.tag != _TEXT:
                self.refuse(key, (*path, name), f"the key {name} is not text", "keys are words")
            elif name in out:
                first = self.marks[(*path, name)].key[0]
                self.refuse(key, (*path, name), f"the key '{name}' is given twice", f"it stands in line {first} too")
            else:
                out[name] = self.value(value, (*path, name), _at(key))
        return out

    def scalar(self, node: ScalarNode, path: Path_) -> Any:
        if node.tag == _NULL:
            self.refuse(node, path, "there is no value", "write one, or leave the key out")
            return None
        try:
            return self.yaml.constructor.construct_object(node, deep=True)
        except ValueError:
            self.refuse(node, path, f"'{node.value[:40]}' cannot be read", "write a plain number, date or text")
            return None

    def refuse(self, node: Node, path: Path_, what: str, right: str) -> None:
        self.problems.append(Problem(self.file, *_at(node), ".".join(map(str, path)), what, right))
