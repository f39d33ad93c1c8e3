"""Reading a scenario: all problems at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from sibmodel.core.quantity import DISTRIBUTIONS, Quantity
from sibmodel.core.schema import Context, nearest
from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.addresses import AddressError, set_value
from sibmodel.scenario.document import Document, Path_, parse_document, read_document
from sibmodel.scenario.schema import Scenario, context_of


def load(path: str | Path, values: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario file, with `values` set at their addresses.

    Raises ScenarioError, whose `problems` are everything found: file, line, column, address, what is wrong,
    what would be right.
    """
    return _scenario(read_document(path), values or {})


def loads(text: str, values: Mapping[str, Any] | None = None, name: str = "scenario") -> Scenario:
    """A scenario from YAML text instead of a file."""
    return _scenario(parse_document(text, name), values or {})


def change(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A copy of `scenario` with other values at some addresses."""
    return _scenario(scenario.document.copy(), values)


def _scenario(document: Document, values: Mapping[str, Any]) -> Scenario:
    scenario, problems, models = _validate(document)
    if values:
        places: list[Path_] = []
        for address, value in values.items():
            try:
                places.append(set_value(document, address, value, models.models))
            except AddressError as error:
                problems.append(Problem("--set", 1, 1, error.address, error.what, error.right))
        if not problems:
            scenario, problems, _ = _validate(document)
    if problems or scenario is None:
        raise ScenarioError(problems)
    return scenario.attach(document)


def _validate(document: Document) -> tuple[Scenario | None, list[Problem], Context]:
    context = context_of(document.data)
    try:
        return Scenario.model_validate(document.data, context=context), [], context
    except ValidationError as error:
        problems = [_problem(details, document, context) for details in error.errors(include_url=False)]
        return None, list(dict.fromkeys(problems)), context


def _problem(details: ErrorDetails, document: Document, context: Context) -> Problem:
    """One pydantic error in the words of the file."""
    path, node = _walk(document.data, details["loc"])
    kind, ctx = details["type"], details.get("ctx", {})
    if kind == "scenario":
        return document.problem(path, ctx["what"], ctx["right"])
    if kind == "choice":
        return _choice(document, path, node, ctx)
    if kind == "missing":
        return _missing(document, path, details["loc"][-1])
    if kind == "extra_forbidden":
        return _unknown_key(document, path, context)
    if details["loc"] and details["loc"][-1] == "[key]":
        return document.problem(path, *_bad_key(kind, details, path), at_key=True)
    what, right = _TRANSLATIONS.get(kind, _as_it_is)(details)
    return document.problem(path, what, right)


def _walk(data: Any, loc: tuple[str | int, ...]) -> tuple[Path_, Any]:
    """Path in the file for pydantic's location, which also names choices ('~…') and short forms."""
    path: Path_ = ()
    node = data
    for part in loc:
        if isinstance(node, dict) and part in node:
            node, path = node[str(part)], (*path, part)
        elif isinstance(node, list) and isinstance(part, int) and part < len(node):
            node, path = node[part], (*path, part)
    return path, node


def _choice(document: Document, path: Path_, node: Any, ctx: dict[str, Any]) -> Problem:
    key, options = ctx["key"], ctx["options"].split()
    if not isinstance(node, dict):
        return document.problem(path, "this is not a mapping", f"give a mapping with '{key}'")
    if key not in node:
        return document.problem((*path, key), f"'{key}' is missing", f"it may be {', '.join(options)}")
    return document.problem((*path, key), f"there is no {key} '{node[key]}'", nearest(str(node[key]), options))


def _missing(document: Document, path: Path_, key: str | int) -> Problem:
    if isinstance(key, int):
        return document.problem(path, f"a number is missing after the first {key}", "give all of them")
    return document.problem((*path, key), f"'{key}' is missing", "add it")


def _unknown_key(document: Document, path: Path_, context: Context) -> Problem:
    key = str(path[-1])
    _, parent = _walk(document.data, path[:-1])
    known = context.models.get(id(parent))
    fields = list(known.model_fields) if known else []
    if known in DISTRIBUTIONS.values() and key in Quantity.model_fields:
        right = f"put the distribution under 'value' and '{key}' beside it"
    else:
        right = nearest(key, (name for name in fields if name not in parent))
    return document.problem(path, f"unknown key '{key}'", right, at_key=True)


def _bad_key(kind: str, details: ErrorDetails, path: Path_) -> tuple[str, str]:
    if kind == "string_pattern_mismatch":
        return f"'{path[-1]}' is not a name", "use small letters, digits and _, beginning with a letter"
    return _TRANSLATIONS.get(kind, _as_it_is)(details)


def _shown(value: Any) -> str:
    text = repr(value) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _out_of_range(words: str, key: str) -> Callable[[ErrorDetails], tuple[str, str]]:
    def say(details: ErrorDetails) -> tuple[str, str]:
        return f"{_shown(details['input'])} is out of range", f"it must be {words} {details['ctx'][key]:g}"

    return say


def _not(what: str, right: str) -> Callable[[ErrorDetails], tuple[str, str]]:
    return lambda details: (f"{_shown(details['input'])} is not {what}", right)


def _as_it_is(details: ErrorDetails) -> tuple[str, str]:
    return details["msg"], "see docs/scenarios.md"


def _literal(details: ErrorDetails) -> tuple[str, str]:
    options = [part.strip("' ") for part in details["ctx"]["expected"].replace(" or ", ",").split(",")]
    return f"{_shown(details['input'])} is not a choice here", nearest(str(details["input"]), options)


def _length(details: ErrorDetails) -> tuple[str, str]:
    ctx = details["ctx"]
    if "min_length" in ctx:
        return f"there are {ctx['actual_length']} items", f"give at least {ctx['min_length']}"
    return f"there are {ctx['actual_length']} items", f"give at most {ctx['max_length']}"


_NUMBER = _not("a number", "write a number without quotes, such as 0.5")
_WHOLE = _not("a whole number", "write one such as 12")
_DATE = _not("a date", "write it as 2026-04-01")
_MAPPING = _not("a mapping", "write 'key: value' lines below it")
_LIST = _not("a list", "write [first, second, …]")

_TRANSLATIONS: dict[str, Callable[[ErrorDetails], tuple[str, str]]] = {
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _not("a finite number", "write a number; to have no limit, leave the key out"),
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": _WHOLE,
    "bool_type": _not("true or false", "write true or false"),
    "string_type": _not("text", "write text, in quotes if it looks like a number"),
    "string_pattern_mismatch": _not("a name", "use small letters, digits and _, beginning with a letter"),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "tuple_type": _LIST,
    "list_type": _LIST,
    "literal_error": _literal,
    "too_short": _length,
    "too_long": _length,
    "greater_than": _out_of_range("above", "gt"),
    "greater_than_equal": _out_of_range("at least", "ge"),
    "less_than": _out_of_range("below", "lt"),
    "less_than_equal": _out_of_range("at most", "le"),
}
