"""What pydantic finds, in the words of the file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from sibmodel.core.distribution import DISTRIBUTIONS, PARAMETERS
from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import LARGEST, Context, closest, keys_of, nearest
from sibmodel.errors import Problem
from sibmodel.scenario.blanks import odd_blank, shown
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_

Words = tuple[str, str]


def problems_of(error: ValidationError, document: Document, context: Context) -> list[Problem]:
    """Everything found, except a missing key that is there in a misspelt form."""
    found = error.errors(include_url=False)
    meant = set(_meant(found, document, context))
    return [
        problem
        for details in found
        if not _is_only_misspelt(details, document, meant) and not _is_long_enough(details)
        for problem in _problems(details, document, context)
    ]


def _is_only_misspelt(details: ErrorDetails, document: Document, meant: set[Path_]) -> bool:
    """Whether a key is missed that is there in a misspelt form, or one that may be its alternative."""
    path, node = _walk(document.data, details["loc"])
    if details["type"] == "missing":
        return path in meant
    beside = any(other[:-1] == path[:-1] for other in meant)
    return details["type"] == "scenario" and node is None and beside


def _is_long_enough(details: ErrorDetails) -> bool:
    """Whether a list is only called short because some of its items are wrong, which is reported anyway."""
    return details["type"] == "too_short" and len(details["input"]) >= details["ctx"]["min_length"]


def _meant(found: list[ErrorDetails], document: Document, context: Context) -> Iterator[Path_]:
    """Paths of the keys that unknown ones are likely to mean."""
    for details in found:
        if details["type"] == "extra_forbidden":
            path, _ = _walk(document.data, details["loc"])
            key = closest(str(path[-1]), _fields_left(document, path, context))
            if key is not None:
                yield (*path[:-1], key)


def _problems(details: ErrorDetails, document: Document, context: Context) -> Iterator[Problem]:
    path, node = _walk(document.data, details["loc"])
    kind, at_key = details["type"], details["loc"][-1:] == ("[key]",)
    if kind == "scenario":
        for what, right, at in details["ctx"]["wrongs"]:
            below, _ = _walk(node, at)
            yield document.problem((*path, *below), what, right, at_key)
    elif kind == "choice":
        yield _choice(document, path, node, details["ctx"])
    elif kind == "number":
        yield _not_a_number(document, path, node)
    elif kind == "extra_forbidden":
        yield document.problem(path, *_unknown_key(document, path, context), at_key=True)
    else:
        what, right = _TRANSLATIONS.get(kind, _as_it_is)(details, path)
        if kind == "missing":
            right = _of_the_base(document, path[:-1], right)
        yield document.problem(path, what, right, at_key)


def _walk(data: Any, loc: tuple[str | int, ...]) -> tuple[Path_, Any]:
    """Path in the file for pydantic's location, which also names choices ('~…'), '[key]' and short forms.

    The path ends with the last key even if the file lacks it; the node is then None.
    """
    path: Path_ = ()
    node = data
    for part in loc:
        if _holds(node, part):
            node, path = node[part], (*path, part)
    keys = [part for part in loc if not str(part).startswith(("~", "["))]
    # A short form lacks more than the last key, and is not a mapping of the fields that it stands for.
    lacking = isinstance(node, dict) and keys[:-1][-1:] == list(path[-1:]) != keys[-1:]
    if lacking and isinstance(keys[-1], str):
        return (*path, keys[-1]), None
    return path, node


def _holds(node: Any, part: str | int) -> bool:
    if isinstance(node, list):
        return isinstance(part, int) and part < len(node)
    return isinstance(node, dict) and part in node


def _choice(document: Document, path: Path_, node: Any, ctx: dict[str, Any]) -> Problem:
    key, options = ctx["key"], ctx["options"].split()
    if not isinstance(node, dict):
        return document.problem(path, f"{_shown(node)} is not a mapping", f"write a mapping with '{key}'")
    if key in node:
        what = f"there is no {key} {_shown(node[key])}"
        return document.problem((*path, key), what, nearest(str(node[key]), options))
    misspelt = next((other for other in node if closest(other, [key])), None)
    if misspelt is not None:
        return document.problem((*path, misspelt), *_unknown(misspelt, [key]), at_key=True)
    right = _of_the_base(document, path, f"it may be {', '.join(options)}")
    return document.problem((*path, key), f"'{key}' is missing", right)


def _of_the_base(document: Document, path: Path_, right: str) -> str:
    """What would be right where something is missing in a mapping; in a variant its name may be misspelt."""
    above = _walk(document.data, path[:-1])[1] if path else None
    if not isinstance(above, dict):
        return right
    file = document.place(path)[0]
    others = [name for name in above if document.place((*path[:-1], name))[0] != file]
    meant = closest(str(path[-1]), others)
    return right if meant is None else f"did you mean '{meant}', which the extended file has? if not, {right}"


def _not_a_number(document: Document, path: Path_, node: Any) -> Problem:
    """A mapping that names no distribution stands where a number is wanted."""
    for key in node:
        if (beside := _beside(key)) is not None:
            return document.problem((*path, key), *beside, at_key=True)
        if closest(key, (*DISTRIBUTIONS, "value")) and key != "value":
            return document.problem((*path, key), *_unknown(key, (*DISTRIBUTIONS, "value")), at_key=True)
    if "value" in node:
        return document.problem(path, "'value' stands inside a value", "describe the whole number or list once")
    described = next((key for key in node if key in Quantity.model_fields), None)
    if described is not None:
        return document.problem((*path, "value"), "'value' is missing", f"put the number beside '{described}'")
    right = "write a number, or one of " + ", ".join(
        f"{{{kind}: {'[…]' if kind in PARAMETERS else '{…}'}}}" for kind in DISTRIBUTIONS
    )
    return document.problem(path, "this mapping is not a number", right)


def _beside(key: str) -> Words | None:
    """What to say of a key that belongs beside one distribution and stands elsewhere."""
    owners = [kind for kind, model in DISTRIBUTIONS.items() if key in model.model_fields and key != kind]
    return (f"'{key}' does not belong here", f"it stands beside '{owners[0]}'") if len(owners) == 1 else None


def _unknown_key(document: Document, path: Path_, context: Context) -> Words:
    key, parent = str(path[-1]), _walk(document.data, path[:-1])[1]
    if context.model_of(parent) in DISTRIBUTIONS.values():
        if key in DISTRIBUTIONS:
            return f"'{key}' is a second distribution", "keep one of them"
        if key in Quantity.model_fields:
            return f"unknown key '{key}'", f"put the distribution under 'value' and '{key}' beside it"
        if (beside := _beside(key)) is not None:
            return beside
    model = context.model_of(parent)
    if model is not None and key.partition(".")[0] in keys_of(model):
        return f"an address stands where a key is wanted: '{key}'", "write its parts as keys, each below the one before"
    said = getattr(model, "elsewhere", {}).get(key)
    if said is not None:
        return str(said[0]), str(said[1])
    left = _fields_left(document, path, context)
    owner = None if closest(key, left) else _owner(key, context.model_of(parent))
    if owner is not None:
        return f"'{key}' does not belong here", f"it is a field of {owner}"
    return _unknown(key, left)


def _owner(key: str, model: type[BaseModel] | None) -> str | None:
    """The kind beside `model` that has a field `key`, as the file would write it: 'rule: linear'."""
    base = model.__base__ if model is not None else None
    beside: list[type[Any]] = base.__subclasses__() if base is not None else []
    for name in ("rule", "type"):
        for other in beside:
            if name in other.model_fields and key in other.model_fields:
                return f"{name}: {get_args(other.model_fields[name].annotation)[0]}"
    return None


def _unknown(key: str, known: Any) -> Words:
    return f"unknown key '{key}'", nearest(key, known)


def _fields_left(document: Document, path: Path_, context: Context) -> list[str]:
    """Fields of the mapping that holds the key at `path` which its file does not use; one that it extends may."""
    parent = _walk(document.data, path[:-1])[1]
    model = context.model_of(parent)
    file = document.place(path)[0]
    return [
        name
        for name in (keys_of(model) if model else [])
        if name not in parent or document.place((*path[:-1], name))[0] != file
    ]


def _shown(value: Any) -> str:
    """A value as the file has it, or what it is, if it has no place in a line."""
    if isinstance(value, (dict, list, tuple, set)):
        return "a mapping" if isinstance(value, dict) else "a list"
    if value is None or isinstance(value, bool):
        return {None: "nothing", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of more than 60 digits"
    text = repr(shown(value)) if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "…"


def _beyond(words: str, key: str) -> Callable[[ErrorDetails, Path_], Words]:
    def said(details: ErrorDetails, _: Path_) -> Words:
        value, limit = details["input"], details["ctx"][key]
        right = f"it must be {words} {limit:,}" if isinstance(limit, int) else f"it must be {words} {limit:,.16g}"
        if key in ("lt", "le") and 0.9 < limit <= 1 and 2 <= value <= 100:  # 1.5 may be many slips
            right += f"; write {value / 100:.12g} for {value:.12g} %"
        return f"{_shown(value)} is out of range", right

    return said


def _not(what: str, right: str) -> Callable[[ErrorDetails, Path_], Words]:
    return lambda details, _: (f"{_shown(details['input'])} is not {what}", right)


def _as_it_is(details: ErrorDetails, _: Path_) -> Words:
    return details["msg"], "see docs/reference.md"


def _missing(details: ErrorDetails, path: Path_) -> Words:
    key = details["loc"][-1]
    if isinstance(key, int):
        return "a number is missing", _whole_list(path)
    return f"'{key}' is missing", f"add '{key}: …'"


def _literal(details: ErrorDetails, _: Path_) -> Words:
    options = [part.strip("' ") for part in details["ctx"]["expected"].replace(" or ", ",").split(",")]
    return f"{_shown(details['input'])} is not a choice here", nearest(str(details["input"]), options)


def _too_few(details: ErrorDetails, path: Path_) -> Words:
    count, least = details["ctx"]["actual_length"], details["ctx"]["min_length"]
    return ("there is nothing in it" if not count else f"there {_items(count)}"), f"give at least {least}"


def _too_many(details: ErrorDetails, path: Path_) -> Words:
    return f"there {_items(details['ctx']['actual_length'])}", _whole_list(path)


def _items(count: int) -> str:
    return "is 1 item" if count == 1 else f"are {count} items"


def _not_a_list(details: ErrorDetails, path: Path_) -> Words:
    return f"{_shown(details['input'])} is not a list", _whole_list(path)


def _whole_list(path: Path_) -> str:
    """How the list at `path` is written: a pair of addresses, a distribution, a point, or any other."""
    if path[:1] == ("dependence",) and path[-1] == "between":
        return "write [ADDRESS, ADDRESS]"
    if path[-1:] and path[-1] in PARAMETERS:
        return f"write [{PARAMETERS[str(path[-1])]}]"
    return "write [x, y]" if path[-2:-1] == ("points",) else "write [first, second, …]"


def _not_a_float(details: ErrorDetails, _: Path_) -> Words:
    if type(details["input"]) is int:  # too large even to be turned into one
        return f"{_shown(details['input'])} is out of range", f"it must be at most {LARGEST:,.16g}"
    if isinstance(details["input"], dict) and "from_period" in details["input"]:  # as an amendment writes it
        return "this number is changed by period", "it cannot change by period; write one number"
    odd = odd_blank(details["input"]) if isinstance(details["input"], str) else ""
    right = "write digits alone, such as 0.5 or 12000: no quotes, commas, £ or %"
    return f"{_shown(details['input'])} is not a number", odd + right


_WHOLE = _not("a whole number", "write digits alone, such as 12")
_DATE = _not("a date", "write it as 2026-04-01, without quotes or a time")
_MAPPING = _not("a mapping", "write 'key: value' lines below it")
_NAMES = {
    "^[a-z][a-z0-9_]*$": "use small letters, digits and _, beginning with a letter",
    "^(0|[1-9][0-9]*)$": 'write the number of a period in quotes, such as "4"',
    "^[A-Za-z][A-Za-z0-9_]*$": "use letters, digits and _, beginning with a letter",
}


def _bad_name(details: ErrorDetails, _: Path_) -> Words:
    return f"{_shown(details['input'])} is not a name", _NAMES[details["ctx"]["pattern"]]


_TRANSLATIONS: dict[str, Callable[[ErrorDetails, Path_], Words]] = {
    "missing": _missing,
    "float_type": _not_a_float,
    "finite_number": _not("a finite number", "write a number; to have no limit, leave the key out"),
    "int_type": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _not("true or false", "write true or false, without quotes"),
    "string_type": _not("text", "write text, in quotes if it looks like a number or a date"),
    "string_pattern_mismatch": _bad_name,
    "date_type": _DATE,
    "dict_type": _MAPPING,
    "model_type": _MAPPING,
    "model_attributes_type": _MAPPING,
    "tuple_type": _not_a_list,
    "literal_error": _literal,
    "too_short": _too_few,
    "too_long": _too_many,
    "greater_than": _beyond("above", "gt"),
    "greater_than_equal": _beyond("at least", "ge"),
    "less_than": _beyond("below", "lt"),
    "less_than_equal": _beyond("at most", "le"),
}
