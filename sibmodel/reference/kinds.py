"""Kinds of investor as dated reference data: what each asks of an investment, with a source for every number."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

from sibmodel.errors import Problem, ScenarioError
from sibmodel.reference.toml import Page, read_page

ASSUMPTION = "assumption"
OUR_OWN = "kinds_of_investor.toml"

LIMITS: Mapping[str, tuple[float, float]] = {
    "least_return": (-0.99, 10.0),
    "most_chance_of_loss": (0.0, 1.0),
    "longest_term": (0.0, 600.0),
    "least_ticket": (0.0, 1e15),
    "most_ticket": (0.0, 1e15),
}
"""The numbers of a kind, and between what they lie."""

_ABOUT: Mapping[str, type] = {"title": str, "edition": str, "licence": str, "retrieved": dt.date, "sunset": dt.date}
_WORDS = {str: "text in quotation marks", dt.date: "a date such as 2026-11-22"}


@dataclass(frozen=True)
class Cited:
    """A number with its source, which is `assumption` where nobody has published it."""

    value: float
    source: str
    note: str = ""


@dataclass(frozen=True)
class Kind:
    """A kind of investor: yearly return and chance as shares, term in years from signing, tickets in pounds."""

    name: str
    title: str
    least_return: Cited
    most_chance_of_loss: Cited
    longest_term: Cited
    least_ticket: Cited
    most_ticket: Cited
    note: str = ""


@dataclass(frozen=True)
class Kinds:
    """Kinds of investor with their edition. They should be looked up again by the day of `sunset`."""

    title: str
    edition: str
    licence: str
    retrieved: dt.date
    sunset: dt.date
    kinds: tuple[Kind, ...] = field(repr=False)


def kinds_of_investor(path: str | Path | None = None) -> Kinds:
    """The kinds in a TOML file, or those that come with the program.

    Raises ScenarioError with every problem: file, line, column, address, what is wrong, what would be right.
    """
    if path is None:
        return parse_kinds(resources.files("sibmodel.reference").joinpath(OUR_OWN).read_text("utf-8"), OUR_OWN)
    try:
        text = Path(path).read_text("utf-8")
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise ScenarioError(
            [Problem(str(path), 1, 1, "", f"the file cannot be read ({why})", "give a TOML file")]
        ) from None
    return parse_kinds(text, str(path))


def parse_kinds(text: str, file: str) -> Kinds:
    """Kinds from TOML text."""
    page = read_page(text, file)
    page.known((), page.data, (*_ABOUT, "kinds"))
    for key, wanted in _ABOUT.items():
        _typed(page, (key,), wanted)
    found = page.data.get("kinds")
    if not isinstance(found, dict) or not found:
        page.wrong(("kinds",), "there are no kinds of investor", "write a table [kinds.NAME] for each")
        found = {}
    kinds = [_kind(page, name, body) for name, body in found.items()]
    if page.problems:
        raise ScenarioError(page.problems)
    about = {key: page.data[key] for key in _ABOUT}
    return Kinds(**about, kinds=tuple(kind for kind in kinds if kind is not None))


def _typed(page: Page, path: tuple[str, ...], wanted: type) -> Any:
    value = page.at(path)
    if value is None:
        page.wrong(path, f"'{path[-1]}' is missing", f"give {_WORDS[wanted]}")
    elif type(value) is not wanted:
        page.wrong(path, f"this is not {_WORDS[wanted]}", f"write {_WORDS[wanted]}")
    return value


def _kind(page: Page, name: str, body: Any) -> Kind | None:
    path = ("kinds", name)
    if not isinstance(body, dict):
        page.wrong(path, "this is not a table", "write [kinds.NAME] and its numbers below")
        return None
    page.known(path, body, ("title", "note", *LIMITS))
    title = _typed(page, (*path, "title"), str)
    note = _typed(page, (*path, "note"), str) if "note" in body else ""
    numbers = {key: _cited(page, (*path, key)) for key in LIMITS}
    if any(number is None for number in numbers.values()):
        return None
    given = {key: number for key, number in numbers.items() if number is not None}
    kind = Kind(name, str(title), **given, note=str(note))
    if kind.least_ticket.value > kind.most_ticket.value:
        page.wrong((*path, "most_ticket"), "the most is below the least", "write the larger of both here")
    return kind


def _cited(page: Page, path: tuple[str, ...]) -> Cited | None:
    body = page.at(path)
    if not isinstance(body, dict):
        what = f"'{path[-1]}' is missing" if body is None else "a number stands here without its source"
        page.wrong(path, what, f'write {path[-1]} = {{value = …, source = "…"}}')
        return None
    page.known(path, body, ("value", "source", "note"))
    value, source, note = body.get("value"), body.get("source"), body.get("note", "")
    low, high = LIMITS[path[-1]]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        page.wrong((*path, "value"), "there is no number", "write value = and a number")
        return None
    if not low <= value <= high:
        page.wrong((*path, "value"), f"{value:g} is out of range", f"it must be {low:g} to {high:g}")
    if not isinstance(source, str) or not source.strip() or not isinstance(note, str):
        page.wrong(path, "the number has no source", f'add source = "title of it", or source = "{ASSUMPTION}"')
        return None
    return Cited(float(value), source, note)
