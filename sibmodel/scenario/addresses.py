"""Dotted addresses: which numbers there are, and setting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import nearest
from sibmodel.scenario.document import Document, Path_

SET = "set for this run"


class AddressError(Exception):
    """There is nothing at an address; `right` says what there is."""

    def __init__(self, address: str, what: str, right: str) -> None:
        self.address, self.what, self.right = address, what, right
        super().__init__(f"{address}: {what}; {right}")


def set_value(document: Document, address: str, value: Any, models: Mapping[int, type[BaseModel]]) -> Path_:
    """Put `value` at `address` in the document's data and return its path.

    `models` says which model read which mapping (by identity), so that a field left at its default can be
    set but a misspelt name cannot be invented. Raises AddressError.
    """
    node: Any = document.data
    path: Path_ = ()
    *parents, last = address.split(".")
    for part in parents:
        node, path = _step(node, part, path, models, address)
    key, node, path = _key(node, last, path, models, address)
    old = node[key] if not isinstance(node, dict) or key in node else None
    if isinstance(old, dict) and _annotated(old, models) and not (isinstance(value, dict) and "value" in value):
        old["value"] = value
        old.pop("central", None)
        old["source"] = SET
        path = (*path, key, "value")
    else:
        node[key] = value
        path = (*path, key)
    document.overrides[address] = value
    return path


def _step(node: Any, part: str, path: Path_, models: Mapping[int, type[BaseModel]], address: str) -> tuple[Any, Path_]:
    key, node, path = _key(node, part, path, models, address)
    if isinstance(node, dict) and key not in node:
        node[key] = {}
    return node[key], (*path, key)


def _key(
    node: Any, part: str, path: Path_, models: Mapping[int, type[BaseModel]], address: str
) -> tuple[Any, Any, Path_]:
    """Key or index of `part` in `node`, looking through `value:` of an annotated quantity."""
    if _annotated(node, models) and part not in Quantity.model_fields:
        node, path = node["value"], (*path, "value")
    if isinstance(node, list):
        if part.isdigit() and int(part) < len(node):
            return int(part), node, path
        raise AddressError(address, f"'{part}' is not an item", f"the list has items 0 to {len(node) - 1}")
    if not isinstance(node, dict):
        raise AddressError(address, f"'{part}' goes beyond a single value", f"stop at {'.'.join(map(str, path))}")
    if part not in node and id(node) in models:
        fields = models[id(node)].model_fields
        if part not in fields:
            raise AddressError(address, f"there is no '{part}' here", nearest(part, fields))
    elif part not in node and node:
        raise AddressError(address, f"there is no '{part}' here", nearest(part, node))
    return part, node, path


def _annotated(node: Any, models: Mapping[int, type[BaseModel]]) -> bool:
    """Whether `node` is a quantity written as `{value: …, unit: …}`."""
    return models.get(id(node)) is Quantity
