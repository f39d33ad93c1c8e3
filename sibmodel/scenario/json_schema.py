"""The JSON Schema of scenario files, for editors: which keys there are, what they mean, what may stand there.

It is made from the models that read scenarios. What they check beyond form (names that must exist, shares that must add
up) is left to `sibmodel check`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from sibmodel.core.schema import Model
from sibmodel.scenario.descriptions import descriptions_of
from sibmodel.scenario.schema import ContractSheet, EvidenceSheet, Scenario
from sibmodel.scenario.variants import EXTENDS, WITHOUT

Schema = dict[str, Any]

_OF_A_WHOLE = ("programme", "savings", "capital")
_VARIANT: Schema = {
    EXTENDS: {
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        "description": "Another file, or several, which this one changes.",
    },
    WITHOUT: {"type": "array", "items": {"type": "string"}, "description": "Addresses of it that are left out."},
}


def json_schema() -> Schema:
    """One schema for whole scenarios, contracts alone, and variants that extend another file."""
    _, made = models_json_schema(
        [(Scenario, "validation"), (ContractSheet, "validation"), (EvidenceSheet, "validation")]
    )
    _describe(made["$defs"])
    defs = _everywhere(made["$defs"], _any_of)
    defs = _everywhere(defs, _split)
    defs |= _quantity(defs["Quantity"])
    parts = {f"{name}_part": _without_required(body) for name, body in defs.items()}
    whole, alone = defs["Scenario"]["properties"], defs["ContractSheet"]["properties"]
    some = parts["ContractSheet_part"]["properties"] | parts["Scenario_part"]["properties"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of sibmodel",
        "type": "object",
        "properties": _VARIANT | {name: some[name] for name in dict.fromkeys([*whole, *alone])},
        "additionalProperties": False,
        "if": {"required": [EXTENDS]},
        "then": {},
        "else": {
            "if": {"anyOf": [{"required": [name]} for name in _OF_A_WHOLE]},
            "then": {"$ref": "#/$defs/Scenario"},
            "else": {
                "if": {"required": ["evidence"]},
                "then": {"$ref": "#/$defs/EvidenceSheet"},
                "else": {"$ref": "#/$defs/ContractSheet"},
            },
        },
        "$defs": defs | parts,
    }


def _describe(defs: dict[str, Schema]) -> None:
    """Add to every field what it means."""
    models = {model.__name__: model for model in _models(Model)}
    for name, body in defs.items():
        for field, text in descriptions_of(models[name]).items():
            key = models[name].model_fields[field].alias or field
            body["properties"][key]["description"] = text


def _models(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """Every model made from one."""
    for below in model.__subclasses__():
        yield below
        yield from _models(below)


def _everywhere(node: Any, change: Callable[[Schema], Schema]) -> Any:
    """A copy of a schema with every mapping in it changed, the innermost first."""
    if isinstance(node, dict):
        return change({key: _everywhere(value, change) for key, value in node.items()})
    return [_everywhere(item, change) for item in node] if isinstance(node, list) else node


def _any_of(node: Schema) -> Schema:
    """Alternatives may overlap: an editor need not know which one is meant."""
    if isinstance(node.get("oneOf"), list):
        return {("anyOf" if key == "oneOf" else key): value for key, value in node.items() if key != "discriminator"}
    return node


def _split(node: Schema) -> Schema:
    """A split may also be a mapping of shares, or one phase."""
    if node.get("type") == "array" and node.get("items") == {"$ref": "#/$defs/Phase"}:
        shares = {"type": "object", "additionalProperties": {"type": "number"}}
        rest = {key: value for key, value in node.items() if key not in ("type", "items", "minItems")}
        return rest | {"anyOf": [shares, {"$ref": "#/$defs/Phase"}, {"type": "array", "items": node["items"]}]}
    return node


def _quantity(written: Schema) -> dict[str, Schema]:
    """A number, distribution or list may stand for the whole quantity."""
    item = written["properties"]["value"]["items"]
    several = {"anyOf": [item, {"type": "array", "items": item}]}
    annotated = copy.deepcopy(written)
    annotated["properties"]["value"] = {**several, "description": written["properties"]["value"].get("description", "")}
    named = annotated["properties"]["evidence"]
    either = [{"type": "string"}, {"$ref": "#/$defs/Body"}]
    annotated["properties"]["evidence"] = {"anyOf": either, "description": named.get("description", "")}
    annotated["required"] = [key for key in annotated.get("required", []) if key != "value"]
    annotated["anyOf"] = [{"required": ["value"]}, {"required": ["evidence"]}]
    return {
        "Quantity": {"anyOf": [item, {"type": "array", "items": item}, {"$ref": "#/$defs/AnnotatedQuantity"}]},
        "AnnotatedQuantity": annotated,
    }


def _without_required(node: Any) -> Any:
    """The same for a part of a file, where anything may be left to the file that is extended."""
    if isinstance(node, dict):
        return {
            key: f"{value}_part" if key == "$ref" else _without_required(value)
            for key, value in node.items()
            if key not in ("required", "minProperties") or not isinstance(value, list | int)
        }
    return [_without_required(item) for item in node] if isinstance(node, list) else node
