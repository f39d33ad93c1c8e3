"""Slips that no eye sees, and that make YAML stumble far from where they are."""

from __future__ import annotations

import re
from typing import NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.tokens import ScalarToken

from sibmodel.scenario.blanks import is_odd_blank

_COLON = "\uff1a"
"""The wide colon of Chinese and Japanese keyboards."""
_A_KEY = re.compile(r"^\s*[\w-]+\s*:(\s|$)", re.MULTILINE)
_FAR = 3
"""Lines above a stumble in which an odd character is likely to be its cause."""


class Slip(NamedTuple):
    """Line and column of a slip, counted from 1, what is wrong, and what would be right."""

    line: int
    column: int
    what: str
    right: str


def slip_before(text: str, line: int) -> Slip | None:
    """The slip from which YAML is likely to stumble in a line, counted from 1; None if none is seen."""
    return _quote(text, line) or _odd_character(text, line)


def _quote(text: str, line: int) -> Slip | None:
    """A quoted text that swallows the keys of other lines, as its end is missing."""
    found = None
    try:
        for token in YAML(typ="safe", pure=True).scan(text):
            if isinstance(token, ScalarToken) and token.style in ("'", '"') and token.end_mark.line < line:
                inside = text[token.start_mark.index : token.end_mark.index].partition("\n")[2]
                after = text[token.end_mark.index :].partition("\n")[0].strip()
                ends_early = bool(after) and after[0] not in ",]}:#"  # in the middle of what another quote opened
                found = token if ends_early and _A_KEY.search(inside) else found
    except (YAMLError, ValueError):
        pass
    if found is None:
        return None
    end = found.end_mark.line + 1
    what = f"a quoted text begins here and ends only in line {end}"
    return Slip(found.start_mark.line + 1, found.start_mark.column + 1, what, "close it with the quote it began with")


def _odd_character(text: str, line: int) -> Slip | None:
    """A special blank in an indent, or a wide colon after a key, in the line or a little above."""
    lines = text.split("\n")
    for number in range(line, max(line - _FAR, 1) - 1, -1):
        written = lines[number - 1] if number <= len(lines) else ""
        indent = re.match(r"\s*", written)
        for column, character in enumerate(indent.group() if indent else "", start=1):
            if is_odd_blank(character):
                what = f"a special blank (U+{ord(character):04X}) stands in the indent"
                return Slip(number, column, what, "indent with ordinary blanks")
        wide = re.match(rf"\s*[\w-]+\s*{_COLON}", written)
        if wide:
            return Slip(number, wide.end(), f"a wide colon ({_COLON}) stands after a key", "write ':' and a blank")
    return None
