"""Reading a scenario: all problems at once, each with its place and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from sibmodel.core.schema import Context
from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.addresses import AddressError, set_value
from sibmodel.scenario.amendments import AMENDMENTS, amend
from sibmodel.scenario.composition import NO_VALUE
from sibmodel.scenario.context import context_of
from sibmodel.scenario.dependence import wrong_dependence
from sibmodel.scenario.document import SETTING, Document, parse_document, read_document
from sibmodel.scenario.expansion import expand
from sibmodel.scenario.schema import (
    ContractSheet,
    EvidenceSheet,
    Scenario,
    is_contract_alone,
    is_evidence_alone,
)
from sibmodel.scenario.variants import extended
from sibmodel.scenario.wording import problems_of


def load(path: str | Path, values: Mapping[str, Any] | None = None) -> Scenario:
    """Read a scenario file, with `values` set at their addresses.

    Raises ScenarioError, whose `problems` are everything found: file, line, column, address, what is wrong,
    what would be right.
    """
    return _whole(extended(read_document(path)), values or {})


def load_contract(path: str | Path, values: Mapping[str, Any] | None = None) -> Scenario | ContractSheet:
    """Read a file that holds a contract: a whole scenario, or only title, timeline, outcomes and contract.

    Raises ScenarioError as `load` does.
    """
    return _read(extended(read_document(path)), values or {})


def load_evidence(path: str | Path) -> EvidenceSheet | Scenario:
    """Read a file of evidence, or a scenario with an `evidence` section. Raises ScenarioError as `load` does."""
    document = extended(read_document(path))
    return _evidence(document) if is_evidence_alone(document.data) else _whole(document, {})


def load_sheet(path: str | Path) -> EvidenceSheet | Scenario | ContractSheet:
    """Read any file of this program: a scenario, a contract alone, or evidence. Raises ScenarioError as `load` does."""
    document = extended(read_document(path))
    return _evidence(document) if is_evidence_alone(document.data) else _read(document, {})


def _evidence(document: Document) -> EvidenceSheet:
    context = context_of(document.data)
    try:
        sheet = EvidenceSheet.model_validate(document.data, context=context)
    except ValidationError as error:
        raise ScenarioError([*document.problems, *problems_of(error, document, context)]) from None
    if document.problems:
        raise ScenarioError(document.problems)
    return sheet.attach(document)


def loads(text: str, values: Mapping[str, Any] | None = None, name: str = "scenario") -> Scenario:
    """A scenario from YAML text instead of a file."""
    return _whole(extended(parse_document(text, name)), values or {})


def loads_contract(
    text: str, values: Mapping[str, Any] | None = None, name: str = "scenario"
) -> Scenario | ContractSheet:
    """What `load_contract` reads, from YAML text instead of a file."""
    return _read(extended(parse_document(text, name)), values or {})


def change(scenario: Scenario, values: Mapping[str, Any]) -> Scenario:
    """A copy of `scenario` with other values at some addresses."""
    return _whole(_as_it_was_read(scenario), values)


def varied(scenario: Scenario | ContractSheet, values: Mapping[str, Any]) -> Scenario | ContractSheet:
    """The same as `change`, of a contract alone too."""
    return _read(_as_it_was_read(scenario), values)


def must_be_there(scenario: Scenario, address: str) -> None:
    """Raise ScenarioError unless something may stand at an address, whatever that is."""
    document = _as_it_was_read(scenario)
    problems = _set(document, {address: None}, _validate(document)[2])
    if problems:
        raise ScenarioError(problems)


def _whole(document: Document, values: Mapping[str, Any]) -> Scenario:
    """A scenario with all its chapters; a contract alone is refused."""
    scenario = _read(document, values)
    if isinstance(scenario, ContractSheet):
        what = "the file holds a contract alone, without programme and capital"
        right = "pay it with 'sibmodel pay', or add the chapters that a simulation needs"
        raise ScenarioError([Problem(document.file, 1, 1, "", what, right)])
    return scenario


def _as_it_was_read(scenario: Scenario | ContractSheet) -> Document:
    """A document of its own, before amendments, so that they hold for what is set as well."""
    return (scenario.document.unamended or scenario.document).copy()


def _read(document: Document, values: Mapping[str, Any]) -> Scenario | ContractSheet:
    scenario, problems, context = _validate(document)
    refused = _set(document, values, context) if values else []
    amended = document
    if isinstance(document.data, dict) and AMENDMENTS in document.data:
        amended = document.copy()
        amended.unamended = document
        amended.problems += amend(amended)
    if values or amended is not document:
        scenario, problems, _ = _validate(amended)
        problems = [*(_where_it_was_said(problem, amended, values) for problem in problems), *refused]
    if problems or scenario is None:
        raise ScenarioError(problems)
    scenario = scenario.attach(amended)
    problems = wrong_dependence(scenario) if isinstance(scenario, Scenario) else []
    if problems:
        raise ScenarioError([_where_it_was_said(problem, amended, values) for problem in problems])
    return scenario


def _set(document: Document, values: Mapping[str, Any], context: Context) -> list[Problem]:
    problems = []
    for address, value in values.items():
        try:
            set_value(document, address, value, context)
        except AddressError as error:
            problems.append(Problem(SETTING, 1, 1, error.address, error.what, error.right))
    return problems


def _where_it_was_said(problem: Problem, document: Document, values: Mapping[str, Any]) -> Problem:
    """The problem itself, or the same without a place in the file if the value there was set."""
    written = {".".join(map(str, path)) for path in document.marks}
    below = any(f"{problem.address}.".startswith(f"{address}.") for address in values)
    above = any(address.startswith(f"{problem.address}.") for address in values) and problem.address not in written
    return replace(problem, file=SETTING, line=1, column=1) if below or above else problem


def _validate(document: Document) -> tuple[Scenario | ContractSheet | None, list[Problem], Context]:
    source, document = document, expand(document)
    written, source.reads = source.data, document.reads
    context = context_of(document.data)
    model = ContractSheet if is_contract_alone(document.data) else Scenario
    try:
        scenario = model.model_validate(document.data, context=context)
    except ValidationError as error:
        refused = {_where(problem) for problem in document.problems}
        found = [p for p in problems_of(error, document, context) if _where(p) not in refused]
        _remember(written, document.data, context)
        own = [_needed(problem, document, context) for problem in document.problems]
        return None, list(dict.fromkeys([*own, *found])), context
    _remember(written, document.data, context)
    return scenario, document.problems, context


def _needed(problem: Problem, document: Document, context: Context) -> Problem:
    """The problem; of a key without a value that cannot be left out, without that advice."""
    if (problem.what, problem.right) != NO_VALUE:
        return problem
    *parents, key = problem.address.split(".")
    node = document.data
    for part in parents:
        node = node.get(part) if isinstance(node, dict) else None
    model = context.model_of(node)
    field = model.model_fields.get(key) if model is not None else None
    kind = model is None and key in ("rule", "type")  # without it, nothing says which model it is
    return replace(problem, right="write one") if kind or (field and field.is_required()) else problem


def _remember(written: Any, read: Any, context: Context) -> None:
    """Let the context know the mappings of the file as well, of which a copy was read."""
    if isinstance(written, dict) and isinstance(read, dict):
        model = context.model_of(read)
        if model is not None:
            context.remember(written, model)
        for key, part in written.items():
            _remember(part, read.get(key), context)
    elif isinstance(written, list) and isinstance(read, list):
        for one, other in zip(written, read, strict=True):
            _remember(one, other, context)


def _where(problem: Problem) -> tuple[str, int, int, str]:
    return problem.file, problem.line, problem.column, problem.address
