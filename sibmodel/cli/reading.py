"""Reading what the user names: scenario files and the numbers set for a run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from sibmodel.cli.ending import or_stop
from sibmodel.cli.targets import spare

if TYPE_CHECKING:
    from sibmodel.scenario.schema import ContractSheet, Scenario

S = TypeVar("S", bound="Scenario | ContractSheet")


def load(file: Path, sets: Iterable[str] | None, sampling: str | None = None, trials: int | None = None) -> Scenario:
    """Read the scenario with its --set values and way of sampling, or print every problem and stop.

    `trials` are those asked for, which the way of sampling must be able to balance.
    """
    from sibmodel.running.memory import keep_freed_memory
    from sibmodel.scenario import reader

    keep_freed_memory()
    values = or_stop(lambda: _values(sets or ()))
    if sampling is not None:
        values["simulation.sampling"] = sampling
    if trials is not None and "simulation.sampling" in values:
        values["simulation.trials"] = trials
    return _spared(file, or_stop(lambda: reader.load(file, values)))


def load_contract(file: Path, sets: Iterable[str] | None) -> Scenario | ContractSheet:
    """Read a scenario or a contract alone, or print every problem and stop."""
    from sibmodel.scenario import reader

    return _spared(file, or_stop(lambda: reader.load_contract(file, _values(sets or ()))))


def _spared(file: Path, sheet: S) -> S:
    """The scenario after its warnings; none of the files that it was read from is to be written."""
    spare(file, *sheet.document.reads)
    return warned(file, sheet)


def warned(file: Path, sheet: S) -> S:
    """The scenario, after a warning for every reference table of its that is unverified or out of date."""
    for doubt in getattr(sheet, "doubts", tuple)():
        typer.echo(f"{file}: warning: {doubt}", err=True)
    return sheet


def _values(sets: Iterable[str]) -> dict[str, Any]:
    from sibmodel.errors import Problem, ScenarioError
    from sibmodel.scenario.document import parse_value

    out: dict[str, Any] = {}
    problems = []
    for text in sets:
        address, equals, value = text.partition("=")
        if not equals or not address.strip():
            problems.append(Problem("--set", 1, 1, text, "there is no 'ADDRESS='", "write --set ADDRESS=VALUE"))
            continue
        if address.strip() in out:
            problems.append(Problem("--set", 1, 1, address.strip(), "this is set twice", "keep one of them"))
            continue
        try:
            out[address.strip()] = parse_value(value)
        except ScenarioError as error:
            problems += [Problem("--set", p.line, p.column, address, p.what, p.right) for p in error.problems]
    if problems:
        raise ScenarioError(problems)
    return out


def number_or_per_cent(text: str) -> float | None:
    """A number that may be written in per cent: 0.05 or 5%; None if it is none."""
    digits, per_cent, rest = text.strip().partition("%")
    try:
        return None if rest else float(digits) / (100 if per_cent else 1)
    except ValueError:
        return None


def errors_wanted(texts: Iterable[str]) -> dict[str, float]:
    """Standard errors by measure from texts such as `investor.irr=0.001`, or print every problem and stop."""
    from sibmodel.errors import Problem, ScenarioError

    out, problems = {}, []
    for text in texts:
        name, equals, number = text.partition("=")
        if name.strip() in out:
            problems.append(Problem("--precision", 1, 1, name.strip(), "this is asked twice", "keep one of them"))
        try:
            out[name.strip()] = float(number)
        except ValueError:
            what = f"'{number}' is not a number" if equals else "there is no '=ERROR'"
            right = "write investor.irr=0.003 for 0.3 percentage points" if equals else "write investor.irr=0.001"
            problems.append(Problem("--precision", 1, 1, text, what, right))
    if problems:
        or_stop(lambda: _refuse(ScenarioError(problems)))
    return out


def _refuse(error: Exception) -> None:
    raise error
