"""The same futures of a deal under other numbers: what solving, deal spaces and stress tests look at."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import Problem, ScenarioError, SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Values
from sibmodel.model import Books, if_nothing, work_through
from sibmodel.questions.candidates import is_allowed, said_at
from sibmodel.questions.inputs import central_at
from sibmodel.running.execution import Run, base_case
from sibmodel.running.gathering import measures_if_nothing
from sibmodel.running.simulation import must_be_known
from sibmodel.scenario.reader import change, must_be_there
from sibmodel.scenario.schema import Scenario

_NUMBERS = (1.0, 0.0, 0.5, 12.0, 100.0, 1000.0)
"""Some of which a field allows if it takes numbers: shares, counts, months, pounds."""


def by_future(scenario: Scenario, name: str) -> Values:
    """A measure's base case, unit and label. Raises SibmodelError unless there is one in every future of itself."""
    must_be_known(scenario, (name,))
    found = all_measures(base_case(scenario)).get(name)
    if found is None:
        raise SibmodelError(f"'{name}' is not worked out future by future; take investor.irr or investor.npv instead")
    return found


def amount(scenario: Scenario, name: str, why: str) -> Values:
    """The same of a measure that is no chance; a chance is refused, because it `why`. Raises SibmodelError."""
    found = by_future(scenario, name)
    if found.unit == "probability":
        raise SibmodelError(
            f"{name} is 0 or 1 in each future and {why}; take an amount, such as investor.expected_loss"
        )
    return found


@dataclass(frozen=True)
class Futures:
    """So many futures of a scenario, drawn with one seed.

    Every uncertain number has the same luck in each variant that has it at the same address, so that two variants
    differ by what was changed and not by chance.
    """

    scenario: Scenario
    count: int
    seed: int

    def at(self, values: Mapping[str, Any]) -> Scenario:
        """The scenario with other values at some addresses. Raises ScenarioError for those it does not allow."""
        return change(self.scenario, values) if values else self.scenario

    def books(self, values: Mapping[str, Any], effect: float = 1.0) -> Iterator[Books]:
        """The books of a variant, part by part of the trials; `effect` is the share of the true effect that happens."""
        scenario = self.at(values)
        run = Run(scenario, self.count, self.seed)
        for block in range(run.blocks):
            for trials in run.parts(block):
                yield work_through(scenario, trials, effect)

    def measured(self, values: Mapping[str, Any], measures: Iterable[str]) -> dict[str, FloatArray]:
        """Some measures of a variant by name, each (trials,); NaN where a trial has none."""
        parts = [all_measures(books) for books in self.books(values)]
        return {name: np.concatenate([part[name].values for part in parts]) for name in measures}

    def measured_if_nothing(self, values: Mapping[str, Any], measures: Iterable[str]) -> dict[str, FloatArray]:
        """The same if the programme changes nothing, of payments and investors' losses."""
        parts = [
            measures_if_nothing(if_nothing(books.scenario, books.service, books.trials)) for books in self.books(values)
        ]
        return {name: np.concatenate([part[name].values for part in parts]) for name in measures}


def today_at(scenario: Scenario, address: str, option: str) -> float | None:
    """The number at an address in the base case; None where it is left at its default.

    Raises ScenarioError, of the option that names it, if there is no such address or it is no number's.
    """
    numbers = dict(scenario.document.numbers())
    central = central_at(scenario, address)
    if central is not None:
        return central
    if address in numbers:
        return numbers[address]
    try:
        must_be_there(scenario, address)
    except ScenarioError as error:
        raise said_at(error, option) from None
    if not any(is_allowed(scenario, {address: x}) for x in _NUMBERS):
        what, right = "this is not a number that can be varied", "name the address of one, such as a price"
        raise ScenarioError([Problem(option, 1, 1, address, what, right)])
    return None
