"""Dotted addresses: which numbers there are, and setting one."""

from __future__ import annotations

from typing import Any

import numpy as np
from pydantic import BaseModel

from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import Context, nearest
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_

SET = "set for this run"
_ABOUT = ("evidence", "central", "source", "grade", "owner", "date", "note")
"""What a quantity says of its number, and no longer does once the number is another."""


class AddressError(Exception):
    """There is nothing at an address; `right` says what there is."""

    def __init__(self, address: str, what: str, right: str) -> None:
        self.address, self.what, self.right = address, what, right
        super().__init__(f"{address}: {what}; {right}")


def set_value(document: Document, address: str, value: Any, context: Context) -> None:
    """Put `value` at `address` in the document's data.

    `context` knows which model read which mapping, so that a field left at its default can be set but a
    misspelt name cannot be invented. An annotated quantity keeps its unit and loses what vouched for the old
    number: source, grade, owner, date and note. Raises AddressError.
    """
    value = value.item() if isinstance(value, np.generic) else value
    node: Any = document.data
    path: Path_ = ()
    around: Any = None  # the annotated quantity that is changed, or of which a part is
    place: Path_ = ()  # and where it stands
    *parents, last = _parts(document.data, address)
    for part in parents:
        around, place = (node, path) if _annotated(node, context) else (around, place)
        if around is node and part == "evidence":  # studies vouch for themselves
            around = None
        node, path = _step(node, part, path, context, address)
    around, place = (node, path) if _annotated(node, context) else (around, place)
    key, node, path = _key(node, last, path, context, address)
    old: Any = node.get(key) if isinstance(node, dict) else node[key]
    whole = isinstance(value, dict) and "value" in value
    if isinstance(old, dict) and _annotated(old, context) and not whole:
        old["value"], around, place = value, old, (*path, key)
    else:
        if whole and isinstance(old, dict) and type(old.get("grade")) is int:
            document.was_graded[*path, key] = old["grade"]
        node[key] = value
    if around is not None and (node is not around or key == "value"):
        if type(around.get("grade")) is int:
            document.was_graded[place] = around["grade"]
        for about in _ABOUT:
            around.pop(about, None)
        around["source"] = SET
    document.overrides[address] = value


def _parts(node: Any, address: str) -> list[str]:
    """The keys of an address; where addresses are keys themselves, as in a shock's `moves`, such a key is one part."""
    parts: list[str] = []
    rest: str | None = address
    while rest is not None:
        keys = [key for key in node if isinstance(key, str) and "." in key] if isinstance(node, dict) else []
        part = next((key for key in keys if f"{rest}.".startswith(f"{key}.")), rest.partition(".")[0])
        parts.append(part)
        rest = rest[len(part) + 1 :] if len(rest) > len(part) else None
        if isinstance(node, list):
            node = node[int(part)] if part.isdigit() and int(part) < len(node) else None
        else:
            node = node.get(part) if isinstance(node, dict) else None
    return parts


def _step(node: Any, part: str, path: Path_, context: Context, address: str) -> tuple[Any, Path_]:
    key, node, path = _key(node, part, path, context, address)
    if isinstance(node, dict) and key not in node:
        node[key] = {}
        model = context.model_of(node)
        section = model.model_fields[key].annotation if model is not None and key in model.model_fields else None
        if isinstance(section, type) and issubclass(section, BaseModel):  # so that a second of its fields can be set
            context.remember(node[key], section)
    return node[key], (*path, key)


def _key(node: Any, part: str, path: Path_, context: Context, address: str) -> tuple[Any, Any, Path_]:
    """Key or index of `part` in `node`, looking through `value:` of an annotated quantity."""
    if _annotated(node, context) and part not in Quantity.model_fields:
        node, path = node["value"], (*path, "value")
    if isinstance(node, list):
        items = {str(index): index for index in range(len(node))}
        if part in items:
            return items[part], node, path
        right = f"the list has items 0 to {len(node) - 1}" if node else "the list is empty"
        raise AddressError(address, f"'{part}' is not an item", right)
    if not isinstance(node, dict):
        raise AddressError(address, f"'{part}' goes beyond a single value", f"stop at {'.'.join(map(str, path))}")
    model = context.model_of(node)
    known = model.model_fields if model else node
    if known and part not in node and part not in known:
        raise AddressError(address, f"there is no '{part}' here", nearest(part, known))
    return part, node, path


def _annotated(node: Any, context: Context) -> bool:
    """Whether `node` is a quantity written as `{value: …, unit: …}`."""
    return context.model_of(node) is Quantity
