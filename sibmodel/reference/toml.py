"""A TOML file with the line and column of everything in it, as far as its text shows them."""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sibmodel.errors import Problem, ScenarioError

Path_ = tuple[str, ...]

_PLACE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass
class Page:
    """What a file says, and what is wrong with it so far."""

    file: str
    text: str
    data: Mapping[str, Any]
    problems: list[Problem] = field(default_factory=list)

    def at(self, path: Path_) -> Any:
        """What stands at a path, None if nothing does."""
        node: Any = self.data
        for key in path:
            node = node.get(key) if isinstance(node, dict) else None
        return node

    def wrong(self, path: Path_, what: str, right: str) -> None:
        """Note a problem."""
        self.problems.append(self.problem(path, what, right))

    def problem(self, path: Path_, what: str, right: str) -> Problem:
        """A problem at a key, or at the nearest key above it that is written."""
        return Problem(self.file, *self._place(path), ".".join(path), what, right)

    def known(self, path: Path_, body: Mapping[str, Any], keys: Iterable[str]) -> None:
        """Note every key of a table that has no meaning."""
        names = sorted(keys)
        for key in body:
            if key not in names:
                close = difflib.get_close_matches(key.lower(), names, n=1, cutoff=0.6)
                right = f"did you mean '{close[0]}'?" if close else "it may be " + ", ".join(f"'{n}'" for n in names)
                self.wrong((*path, key), f"unknown key '{key}'", right)

    def _place(self, path: Path_) -> tuple[int, int]:
        """Line and column, counted from 1."""
        table: Path_ = ()
        best, place = 0, (1, 1)
        for number, line in enumerate(self.text.splitlines(), 1):
            header = re.match(r"\s*\[([^\[\]]+)\]", line)
            key = re.match(r"\s*([\w.\"'-]+)\s*=", line)
            if header:
                table = _names(header[1])
            here = table if header else (*table, *_names(key[1])) if key else None
            if here and len(here) > best and path[: len(here)] == here:
                best, place = len(here), (number, _column(line, path[len(here) :]))
        return place


def _names(dotted: str) -> Path_:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _column(line: str, inside: Path_) -> int:
    """Where a line begins, or the last key of an inline table that is written in it."""
    found = len(line) - len(line.lstrip())
    for key in inside:
        match = re.search(rf"[{{,]\s*({re.escape(key)})\s*=", line[found:])
        if match is None:
            break
        found += match.start(1)
    return found + 1


def read_page(text: str, file: str) -> Page:
    """TOML text; raises ScenarioError with the place if it is none."""
    try:
        return Page(file, text, tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        lines = text.splitlines() or [""]
        line, column = (int(place[1]), int(place[2])) if place and place[1] else (len(lines), len(lines[-1]) + 1)
        what = _PLACE.sub("", str(error))
        right = "write TOML: key = value, text in quotation marks"
        raise ScenarioError([Problem(file, line, column, "", what[:1].lower() + what[1:], right)]) from None
