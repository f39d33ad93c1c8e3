"""A file that extends another: what it says itself replaces or joins what the other says."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sibmodel.core.distribution import DISTRIBUTIONS
from sibmodel.core.schema import nearest
from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.document import Document, read_document
from sibmodel.scenario.marks import Mark, Path_

EXTENDS, WITHOUT = "extends", "without"

_WHOLE = {"value", "evidence", "limit", "by_group", "any", "all", "amounts", *DISTRIBUTIONS}
"""Keys of mappings that say one thing, so that half of one and half of another would say nonsense.

They may also be names that somebody chose, of a term or a group; then a mapping of its own stands there.
"""
_KINDS = ("rule", "type")


def extended(document: Document, under: tuple[Path, ...] = ()) -> Document:
    """The document joined with the file or files that it extends, and they with theirs; unchanged if it extends none.

    Of several files the later says more than the earlier, and the document more than all.

    Mappings are joined key by key. A list, a number, a quantity or distribution, and a term or outcome of another kind
    replace what was there. `without` lists addresses of the other file that are left out.
    Raises ScenarioError if the other file cannot be read.
    """
    if not isinstance(document.data, dict) or EXTENDS not in document.data:
        return document
    here = Path(document.file).resolve()
    named = document.data.pop(EXTENDS)
    names = named if isinstance(named, list) else [named]
    if not names or not all(isinstance(name, str) for name in names):
        raise _refuse(document, "this names no file", f"write {EXTENDS}: other.yaml, or a list of files")
    *before, last = [_other(document, name, here, under) for name in names]
    for earlier in reversed(before):
        last = _joined(earlier, last)
    problems = _leave_out(last, document)
    joined = _joined(last, document)
    joined.problems += problems
    return joined


def _joined(base: Document, document: Document) -> Document:
    """What `base` says, joined with or replaced by what the document says itself."""
    data, marks = dict(base.data), dict(base.marks)
    marks[()] = document.marks[()]
    _join(data, document.data, marks, document.marks, ())
    problems = [*base.problems, *document.problems]
    reads = [*base.reads, base.file, *document.reads]
    left_out = base.left_out | document.left_out
    return Document(
        document.file, document.text, data, marks, problems, dict(document.overrides), reads=reads, left_out=left_out
    )


def _other(document: Document, named: str, here: Path, under: tuple[Path, ...]) -> Document:
    """A file that the document extends, with what that extends in turn."""
    try:
        other = (here.parent / named).resolve()
        exists = other.is_file()
    except OSError:
        raise _refuse(document, "the name cannot be that of a file", "give its path from this folder") from None
    if other in (here, *under):
        raise _refuse(document, f"'{named}' extends this file in turn", "extend a file that stands on its own")
    if not exists:
        raise _refuse(document, f"there is no file '{named}'", "give its path from the folder of this file")
    return extended(read_document(Path(document.file).parent / named), (*under, here))


def _refuse(document: Document, what: str, right: str) -> ScenarioError:
    return ScenarioError([document.problem((EXTENDS,), what, right)])


def _leave_out(base: Document, document: Document) -> list[Problem]:
    """Delete from the base what the document lists under `without`; what is not there is a problem."""
    listed = document.data.pop(WITHOUT, [])
    if not isinstance(listed, list):
        return [document.problem((WITHOUT,), "this is not a list", "write [address, …]")]
    problems = []
    for index, address in enumerate(listed):
        *parents, last = str(address).split(".")
        node = base.data
        for key in parents:
            node = node.get(key) if isinstance(node, dict) else None
        if not isinstance(node, dict) or last not in node:
            known = node if isinstance(node, dict) else base.data
            what = f"the extended file says nothing at '{address}'"
            problems.append(document.problem((WITHOUT, index), what, nearest(last, known)))
        else:
            del node[last]
            path = (*parents, last)
            for old in [place for place in base.marks if place[: len(path)] == path]:
                del base.marks[old]
            document.left_out[path] = document.marks[WITHOUT, index]
    return problems


def _join(
    base: dict[str, Any], own: dict[str, Any], marks: dict[Path_, Mark], own_marks: dict[Path_, Mark], path: Path_
) -> None:
    for key, value in own.items():
        here = (*path, key)
        both = isinstance(base.get(key), dict) and isinstance(value, dict)
        if both and key != "split" and not _replaces(base[key], value):
            base[key] = dict(base[key])
            marks[here] = own_marks[here]
            _join(base[key], value, marks, own_marks, here)
            continue
        base[key] = value
        for old in [place for place in marks if place[: len(here)] == here]:
            del marks[old]
        marks |= {place: mark for place, mark in own_marks.items() if place[: len(here)] == here}


def _replaces(base: dict[str, Any], own: dict[str, Any]) -> bool:
    """Whether a mapping says something whole, so that it stands in place of the other."""
    one_thing = any(key in _WHOLE and not _is_a_name(key, value) for key, value in own.items())
    return one_thing or any(key in own and own[key] != base.get(key) for key in _KINDS)


def _is_a_name(key: str, value: Any) -> bool:
    """Whether a key is the name of a term, a group and so on, and not a keyword."""
    if not isinstance(value, dict) or key in ("by_group", "amounts"):
        return False
    if key in DISTRIBUTIONS and DISTRIBUTIONS[key].may_be(value):
        return False
    return not any(part in DISTRIBUTIONS or part == "value" for part in value)
