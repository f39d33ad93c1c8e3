"""Names and addresses of a scenario file in words."""

from __future__ import annotations

from typing import Any

from sibmodel.scenario.schema import Scenario

_KINDS = {
    "outcomes": "outcome",
    "evidence": "evidence",
    "groups": "group",
    "routes": "route",
    "areas": "area",
    "onward": "onward service",
    "terms": "term",
    "payers": "payer",
    "agencies": "agency",
    "items": "saving",
    "tranches": "tranche",
    "guarantees": "guarantee",
    "contingent": "contingent payment",
}
"""What the names are that stand under a heading of the file."""


def spaced(name: str) -> str:
    """A name of the file as words."""
    return name.replace("_", " ")


def in_words(address: str) -> str:
    """An address as words, the last name first: stay months of group 'complex', share of outcome 'job'."""
    words: list[str] = []
    chapter, *rest = address.split(".")
    parts = iter([chapter, *rest] if chapter in _KINDS else rest)
    for part in parts:
        if part == "by_group":
            words[-1] += f" for group '{spaced(next(parts))}'"
        elif part == "effect_in_group":
            words.append(f"effect for group '{spaced(next(parts))}'")
        elif part in _KINDS:
            words.append(f"{_KINDS[part]} '{spaced(next(parts))}'")
        elif part.isdigit():
            words.append(f"number {int(part) + 1}")
        elif part != "value":
            words.append("programme costs" if part == "costs" else spaced(part))
    return " of ".join(reversed(words))


def named(scenario: Scenario, address: str) -> str:
    """An address in words: whose number it is, by its title, and which."""
    at: Any = scenario
    parts, title, owner = address.split("."), "", ""
    for part in parts[:-1]:
        if isinstance(at, dict):
            at, owner = at.get(part), part
        elif isinstance(at, tuple) and part.isdigit():
            at = at[int(part)]
        else:
            at = getattr(at, part, None)
        title = getattr(at, "title", None) or title
    if parts[0] == "evidence":
        body = scenario.evidence[parts[1]]
        return f"the studies '{body.title or spaced(parts[1])}'"
    last = parts[-1] if not parts[-1].isdigit() else f"{parts[-2]}, number {int(parts[-1]) + 1} of its list"
    whose = title or spaced(owner)
    return f"{whose}: {spaced(last)}" if whose else spaced(last)
