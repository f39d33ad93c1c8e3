"""A YAML file as plain data, with the line and column of everything in it."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.composition import compose
from sibmodel.scenario.marks import Mark, Path_

MAX_BYTES = 1_000_000
SETTING = "--set"
"""Stands for the file in a problem with a value that was set, not read."""


@dataclass
class Document:
    """What a file says. `marks` gives the place of every node by its path; `overrides` what was set since.

    `moved` gives the path in the file of what is read as if it stood elsewhere.
    `was_graded` keeps the grades of numbers that were set: a correction by grade stays what it was.
    `reads` names the files that it takes something from: those it extends, and files of numbers.
    `left_out` gives what a variant leaves out of the file that it extends, and where it says so.
    `problems` are those of its form; what they refuse is None in `data`, so that the rest can still be checked.
    """

    file: str
    text: str
    data: Any
    marks: dict[Path_, Mark]
    problems: list[Problem] = field(default_factory=list)
    overrides: dict[str, Any] = field(default_factory=dict)
    unamended: Document | None = None
    moved: dict[Path_, Path_] = field(default_factory=dict)
    was_graded: dict[Path_, int] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    left_out: dict[Path_, Mark] = field(default_factory=dict)

    def copy(self) -> Document:
        """A document of its own with the same content."""
        data = copy.deepcopy(self.data)
        problems, overrides = list(self.problems), dict(self.overrides)
        return Document(
            self.file,
            self.text,
            data,
            dict(self.marks),
            problems,
            overrides,
            moved=dict(self.moved),
            was_graded=dict(self.was_graded),
            reads=list(self.reads),
            left_out=dict(self.left_out),
        )

    def written(self, path: Path_) -> Path_:
        """Where in the file something stands that is read at a path."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.moved:
                return self.moved[path[:length]] + path[length:]
        return path

    def place(self, path: Path_, at_key: bool = False) -> tuple[str, int, int]:
        """File, line and column of a node, or of its nearest parent that is in a file."""
        path = self.written(path)
        for length in range(len(path), -1, -1):
            mark = self.marks.get(path[:length])
            if mark is not None:
                exact = length == len(path)
                return mark.file, *(mark.key if at_key or not exact else mark.value)
        return self.file, 1, 1

    def line(self, path: Path_) -> str:
        """The same in words, with the file's name only if it is another one."""
        file, line, _ = self.place(path)
        return f"line {line}" if file == self.file else f"{file}, line {line}"

    def numbers(self) -> Iterator[tuple[str, float]]:
        """Every plain number as it is written, with its address."""
        yield from _numbers(self.data, "")

    def problem(self, path: Path_, what: str, right: str, at_key: bool = False) -> Problem:
        """A problem at a node of this document."""
        written = self.written(path)
        address = ".".join(str(part) for part in written)
        if any(f"{address}.".startswith(f"{one}.") for one in self.overrides):
            return Problem(SETTING, 1, 1, address, what, right)
        file, line, column = self.place(path, at_key)
        for left, mark in self.left_out.items():
            if left in self.marks:  # said again
                continue
            if left == written:
                return Problem(mark.file, *mark.value, address, f"{what}, as it is left out here", right)
            if f"'{left[-1]}'" in what:
                between = " " if right.endswith("?") else "; "
                right += f"{between}{mark.file}:{mark.value[0]} leaves '{left[-1]}' out by 'without'"
        return Problem(file, line, column, address, what, right)

    def refused_settings(self, path: Path_, values: Mapping[str, Any], problems: Iterable[Problem]) -> list[Problem]:
        """What is wrong once `values` are set, said where they stand: at `path`, by address."""
        found = []
        for problem in problems:
            at = next((key for key in values if f"{problem.address}.".startswith(f"{key}.")), None)
            what = problem.what if at == problem.address else f"with this, {problem.address}: {problem.what}"
            found.append(self.problem(path if at is None else (*path, at), what, problem.right, at_key=True))
        return found


def _numbers(node: Any, address: str) -> Iterator[tuple[str, float]]:
    if isinstance(node, int | float) and not isinstance(node, bool):
        yield address, node
    parts = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, part in parts:
        yield from _numbers(part, f"{address}.{key}" if address else str(key))


def read_document(path: str | Path) -> Document:
    """Read a file; raises ScenarioError if there is nothing to check further."""
    name = str(path)

    def refuse(what: str, right: str) -> ScenarioError:
        return ScenarioError([Problem(name, 1, 1, "", what, right)])

    try:
        raw = Path(path).read_bytes()
    except FileNotFoundError:
        raise refuse("there is no such file", "check the name and the folder") from None
    except ValueError:
        raise refuse("the name cannot be that of a file", "check the name and the folder") from None
    except OSError as error:
        raise refuse(f"the file cannot be read ({error.strerror})", "give a readable YAML file") from None
    if len(raw) > MAX_BYTES:
        raise refuse(
            f"the file has {len(raw):,} bytes",
            f"a scenario has at most {MAX_BYTES:,}; keep data in files of its own",
        )
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = error.object[: error.start].decode("utf-8")
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise ScenarioError(
            [Problem(name, line, column, "", "the file is not UTF-8 text", "save it with encoding UTF-8")]
        ) from None
    return parse_document(text, name)


def parse_document(text: str, file: str = "scenario") -> Document:
    """Plain data and marks from YAML text; raises ScenarioError if there is nothing to check further."""
    composed = compose(text, file)
    if composed.data is None:
        raise ScenarioError(composed.problems)
    return Document(file, text, *composed)


def parse_value(text: str) -> Any:
    """One value as a scenario would write it: a number, `{normal: [1, 2]}`, `[1, 2, 3]`."""
    key = "value: "
    try:
        document = parse_document(f"{key}{text}", SETTING)
        problems = document.problems
    except ScenarioError as error:
        problems = error.problems
    if problems:  # counted from where the value begins
        raise ScenarioError([replace(p, column=max(1, p.column - len(key))) for p in problems])
    return document.data["value"]
