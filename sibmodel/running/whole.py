"""A whole bond for given verified outcomes, and the examples of what it must come to."""

from __future__ import annotations

from dataclasses import replace

from sibmodel.contract.verified import outcomes_of
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.schema import nearest
from sibmodel.core.trials import Trials
from sibmodel.errors import Problem, ScenarioError, SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Values
from sibmodel.model import Books, settle
from sibmodel.running.execution import base_case
from sibmodel.running.paying import Verified, effects_of, sound_rows
from sibmodel.scenario.chapters import WholeExampleTerms
from sibmodel.scenario.reader import change
from sibmodel.scenario.schema import Scenario

_CLOSE = {"£": 0.005}
_EXACT = 5e-7
_MANY = 1e9
"""A quantity so large is the likeliest cause of amounts that are too large."""


def verified_case(scenario: Scenario, verified: Verified) -> Books:
    """The base case with these verified outcomes in place of the expected ones: what is then paid, and to whom.

    Costs and savings stay those of the base case. `verified` is what `pay` takes. Payments that fall due after the
    timeline are outside. Raises ScenarioError if rows cannot be paid for, SibmodelError if they are too large for it.
    """
    trials = Trials.base(scenario.timeline.periods + 1)
    rows = sound_rows(scenario, verified)
    service = base_case(scenario).service
    seen = outcomes_of(rows, scenario.outcomes, effects_of(scenario), trials.periods)
    outcomes = {name: replace(flow, true=service.outcomes[name].true) for name, flow in seen.items()}
    service = replace(service, outcomes=outcomes)
    try:
        return Books(scenario, trials, service, settle(scenario, service, trials))
    except ScenarioError as error:
        largest = max((abs(row.quantity) for row in rows), default=0.0)
        if largest < _MANY:
            raise
        raise SibmodelError(f"{error.problems[0].what}; a verified quantity is {largest:.3g}: is it right?") from None


def failed_whole_examples(scenario: Scenario) -> list[Problem]:
    """Every measure of the scenario's examples that comes to something else (a Failure), and what is wrong there."""
    return [problem for name in scenario.examples for problem in _whole_example(scenario, name)]


def _whole_example(scenario: Scenario, name: str) -> list[Problem]:
    example, place, document = scenario.examples[name], ("examples", name), scenario.document
    try:
        setting = change(scenario, example.set) if example.set else scenario
    except ScenarioError as error:
        return document.refused_settings((*place, "set"), example.set, error.problems)
    try:
        books = base_case(setting) if example.verified is None else verified_case(setting, example.verified)
    except ScenarioError as error:  # of rows, the line is their number
        places = [
            (*place, "verified", p.line - 1, p.address) if p.file == "verified" else place for p in error.problems
        ]
        return [document.problem(path, p.what, p.right) for path, p in zip(places, error.problems, strict=True)]
    measures, found = all_measures(books), []
    for measure, expected in example.gives.items():
        path = (*place, "gives", measure)
        if measure not in measures:
            what = f"there is no measure called '{measure}'"
            found.append(document.problem(path, what, nearest(measure, measures), at_key=True))
        elif (words := _difference(example, measures[measure], expected)) is not None:
            found.append(document.problem(path, *words).as_failure())
    return found


def shortage(scenario: Scenario) -> str | None:
    """When and by how much money is first missing in the base case, in words; None where there is enough."""
    books = base_case(scenario)
    gap = books.settlement.capital.gap[:, 0]
    first = next((t for t, pounds in enumerate(gap) if pounds > HALF_A_PENNY), None)
    if first is None:
        return None
    when = f"in period {first} ({scenario.timeline.ends[first]})"
    missing = f"{gap.sum():,.2f} is missing, first {when}, and covered by the {scenario.capital.gap_covered_by}"
    return f"in the base case capital and income run out: {missing}"


def _difference(example: WholeExampleTerms, measure: Values, expected: float) -> tuple[str, str] | None:
    value = float(measure.values[0])
    within = _CLOSE.get(measure.unit, _EXACT) if example.within is None else example.within
    if abs(value - expected) <= within:
        return None
    return f"the example expects {expected:,.10g}, the bond gives {value:,.10g}", f"within {within:g}"
