"""What a file takes from elsewhere, written out: files of numbers, studies, unit costs, price bases, corrections."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import nearest
from sibmodel.reference.tables import TABLES, OptimismBias, PriceIndex, Table, own_table, raw_table
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_
from sibmodel.scenario.observations import read_observations
from sibmodel.studies.pooling import pool
from sibmodel.studies.terms import Body

EVIDENCE = "evidence"
_ELSEWHERE = ((EVIDENCE,), ("amendments",), ("examples",), ("sources",))
"""Sections in which nothing is a number to be pooled: they are read when they are applied, if at all."""
BY_GRADE = "optimism_bias_by_grade"


def expand(document: Document) -> Document:
    """A copy in which every reference to evidence, a table or a file is what it stands for; problems are added.

    What is not well formed is left to the schema.
    """
    if not isinstance(document.data, dict):
        return document
    out = document.copy()
    read_observations(out, _ELSEWHERE)
    _inline_evidence(out)
    _pooled(out)
    for path, item in _items(out):
        _unit_cost(out, path, item)
        _price_year(out, path, item)
    _by_grade(out)
    _costs_by_grade(out)
    return out


def table_of(data: Any, name: str) -> Table:
    """The scenario's own table, or the program's where it has none (or none in order, which the schema reports)."""
    own = _at(data, "reference", name)
    if own is None:
        return own_table(name)
    try:
        return TABLES[name].model_validate(own)
    except ValidationError:
        return own_table(name)


def bias_of(data: Any) -> OptimismBias:
    """The shares by which costs are raised and benefits cut for each grade."""
    bias = table_of(data, "optimism_bias")
    assert isinstance(bias, OptimismBias)  # noqa: S101 - by its name
    return bias


def _at(data: Any, *path: str | int) -> Any:
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data


def _inline_evidence(document: Document) -> None:
    """Move evidence that is written out in a number to the section `evidence`, under its address in words."""
    for path, node in list(_uses(document.data, (), dict)):
        if "studies" not in node[EVIDENCE]:  # something that is only called so
            continue
        name = "_".join(str(part) for part in path)
        bodies = document.data.setdefault(EVIDENCE, {})
        if not isinstance(bodies, dict) or name in bodies:
            right = "rename that of the section 'evidence'"
            document.problems.append(document.problem((*path, EVIDENCE), f"'{name}' is there twice", right))
            continue
        bodies[name], node[EVIDENCE] = node[EVIDENCE], name
        document.moved[EVIDENCE, name] = (*path, EVIDENCE)


def _pooled(document: Document) -> None:
    bodies = _at(document.data, EVIDENCE)
    for path, node in list(_uses(document.data, (), str)):
        named = node[EVIDENCE]
        if "value" in node:
            what = "both value and evidence are given"
            document.problems.append(document.problem((*path, EVIDENCE), what, "keep one of them", at_key=True))
            continue
        known = bodies if isinstance(bodies, dict) else {}
        if named not in known:
            right = nearest(named, known) if known else "describe the studies in the section 'evidence'"
            document.problems.append(
                document.problem((*path, EVIDENCE), f"there is no evidence called '{named}'", right)
            )
            node["value"] = 0.5  # so that nothing else is said about it
            continue
        try:
            body = Body.model_validate(known[named])
        except ValidationError:  # reported where the evidence stands
            node["value"] = 0.5
            continue
        if "grade" in node:
            what = "a grade is given beside evidence"
            document.problems.append(document.problem((*path, "grade"), what, "its studies have their own; drop it"))
        node["value"] = pool(body, bias_of(document.data).benefit_cut).distribution
        if body.discount_by_grade == "none":  # else it is cut already
            node.setdefault("grade", body.worst_grade)
        node.setdefault("unit", body.unit)
        node.setdefault("source", f"evidence pooled: {body.title}")


def _uses(node: Any, path: Path_, form: type) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every number that is given as the name of a body of evidence, or as the body itself."""
    if isinstance(node, dict):
        if path and isinstance(node.get(EVIDENCE), form):
            yield path, node
        for key, part in node.items():
            if (*path, key) not in _ELSEWHERE:
                yield from _uses(part, (*path, key), form)
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from _uses(part, (*path, index), form)


def _items(document: Document) -> Iterator[tuple[Path_, dict[str, Any]]]:
    items = _at(document.data, "savings", "items")
    for name, item in (items if isinstance(items, dict) else {}).items():
        if isinstance(item, dict):
            yield ("savings", "items", name), item


def _unit_cost(document: Document, path: Path_, item: dict[str, Any]) -> None:
    name = item.get("unit_cost")
    if not isinstance(name, str):
        return
    if "price_year" in item:
        what = "both price_year and unit_cost are given"
        right = "a unit cost has a price year of its own; drop price_year"
        document.problems.append(document.problem((*path, "price_year"), what, right, at_key=True))
    is_set = ".".join(map(str, (*path, "value"))) in document.overrides
    if "value" in item and not is_set:
        what = "both value and unit_cost are given"
        document.problems.append(document.problem((*path, "unit_cost"), what, "keep one of them", at_key=True))
        item |= {"price_year": 2000, "uprated_by": 1.0}  # so that nothing else is said about it
        return
    item.setdefault("value", 0.5)
    known: dict[str, Any] = {}
    for table in ("unit_costs", "wellbeing_values"):
        rows = _at(document.data, "reference", table, "costs") or raw_table(table)["costs"]
        known |= rows if isinstance(rows, dict) else {}
    cost = known.get(name)
    if not isinstance(cost, dict):
        document.problems.append(
            document.problem((*path, "unit_cost"), f"there is no unit cost called '{name}'", nearest(name, known))
        )
        item |= {"price_year": 2000, "uprated_by": 1.0}
        return
    if "kind" in item and "kind" in cost and item["kind"] != cost["kind"]:
        what = f"'{name}' is of kind {cost['kind']}, not {item['kind']}"
        document.problems.append(document.problem((*path, "kind"), what, f"write kind: {cost['kind']}"))
    value = cost.get("value", 0.5)
    if not is_set:
        item["value"] = {
            "value": value.get("value", value) if isinstance(value, dict) else value,
            "unit": cost.get("unit"),
            "source": str(cost.get("source", "")) + f" (unit cost '{name}')",
            "grade": cost.get("grade"),
            **({"central": value["central"]} if isinstance(value, dict) and "central" in value else {}),
        }
    item.setdefault("price_year", cost.get("price_year"))


def _price_year(document: Document, path: Path_, item: dict[str, Any]) -> None:
    year, signing = item.get("price_year"), _at(document.data, "timeline", "signing")
    if type(year) is not int or not isinstance(signing, dt.date) or "uprated_by" in item:
        return
    index = table_of(document.data, "gdp_deflator")
    assert isinstance(index, PriceIndex)  # noqa: S101 - by its name
    ratio = index.ratio(signing.year, year, _inflation(document.data))
    if ratio is None:
        what = f"the price index '{index.title}' does not know the prices of {min(year, signing.year)}"
        right = f"it begins in {index.first_year}; give the value in prices of a later year, or an index of your own"
        document.problems.append(document.problem((*path, "price_year"), what, right))
    else:
        item["uprated_by"] = ratio


def _inflation(data: Any) -> float:
    """The central value of inflation in general."""
    try:
        return Quantity.model_validate(_at(data, "prices", "inflation") or 0.0).central_values()[0]
    except ValidationError:  # reported where it stands
        return 0.0


def _by_grade(document: Document) -> None:
    rule = _at(document.data, "savings", BY_GRADE)
    if rule not in ("worst", "average"):
        return
    cuts = bias_of(document.data).benefit_cut
    for path, item in _items(document):
        if "optimism_bias" in item:
            continue
        measuring = (("measurement",), ("verified_share",), ("counterfactual", "agreed"))
        place = ("outcomes", str(item.get("outcome")))
        grades = [
            *_grades(document, path, but=((*path, "cashable"),)),
            *_grades(document, place, but=tuple((*place, *what) for what in measuring)),
        ]
        if not grades:
            what = "nothing that it rests on has a grade, so there is no correction by grade"
            document.problems.append(document.problem(path, what, "grade its numbers, or give optimism_bias"))
            continue
        item["optimism_bias"] = _correction(rule, grades, cuts)


def _costs_by_grade(document: Document) -> None:
    appraisal = _at(document.data, "appraisal")
    rule = _at(appraisal, f"cost_{BY_GRADE}")
    if rule not in ("worst", "average"):
        return
    key, path = "cost_optimism_bias", ("appraisal", f"cost_{BY_GRADE}")
    grades = [g for part in ("costs", "link_workers") for g in _grades(document, ("programme", part))]
    if key in appraisal:
        what = f"both {key} and {path[-1]} are given"
        document.problems.append(document.problem(path, what, "keep one of them", at_key=True))
    elif not grades:
        what = "no cost has a grade, so there is no correction by grade"
        document.problems.append(document.problem(path, what, f"grade the costs, or give {key}", at_key=True))
    else:
        appraisal[key] = _correction(rule, grades, bias_of(document.data).cost_uplift)


def _correction(rule: str, grades: list[int], shares: tuple[float, ...]) -> dict[str, Any]:
    found = [shares[grade - 1] for grade in grades]
    share = max(found) if rule == "worst" else sum(found) / len(found)
    source = f"optimism bias by grade: {rule} of grades {', '.join(map(str, grades))}"
    return {"value": share, "unit": "share", "source": source}


def _grades(document: Document, path: Path_, but: tuple[Path_, ...] = ()) -> Iterator[int]:
    """Grades of all numbers at a place and below; evidence that was discounted for its grade is not cut again."""
    node = _at(document.data, *path)
    grade = node.get("grade") if isinstance(node, dict) else None
    grade = document.was_graded.get(path) if grade is None else grade
    if type(grade) is int and 1 <= grade <= 6:
        yield grade
    for key in node if isinstance(node, dict) else ():
        if (*path, key) not in but:
            yield from _grades(document, (*path, key), but)
