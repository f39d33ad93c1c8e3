"""A whole bond for given verified outcomes, and the examples of what it must come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sibmodel.contract.verified import outcomes_of
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.schema import nearest
from sibmodel.core.trials import Trials
from sibmodel.errors import Problem, ScenarioError
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import Books, settle
from sibmodel.running.execution import base_case
from sibmodel.running.paying import Verified, effects_of, sound_rows
from sibmodel.scenario.chapters import WholeExampleTerms
from sibmodel.scenario.reader import change
from sibmodel.scenario.schema import Scenario

_CLOSE = {"£": 0.005}
_EXACT = 5e-7


def verified_case(scenario: Scenario, verified: Verified) -> Books:
    """The base case with these verified outcomes in place of the expected ones: what is then paid, and to whom.

    Costs and savings stay those of the base case. `verified` is what `pay` takes. Payments that fall due after the
    timeline are outside. Raises ScenarioError if rows cannot be paid for.
    """
    trials = Trials.base(scenario.timeline.periods + 1)
    rows = sound_rows(scenario, verified)
    service = base_case(scenario).service
    seen = outcomes_of(rows, scenario.outcomes, effects_of(scenario), trials.periods)
    outcomes = {name: replace(flow, true=service.outcomes[name].true) for name, flow in seen.items()}
    service = replace(service, outcomes=outcomes)
    return Books(scenario, trials, service, settle(scenario, service, trials))


def failed_whole_examples(scenario: Scenario) -> list[Problem]:
    """Every measure of the scenario's examples that comes to something else, and examples that cannot be worked out."""
    found: list[Problem] = []
    for name, example in scenario.examples.items():
        place = ("examples", name)
        try:
            setting = change(scenario, example.set) if example.set else scenario
            books = base_case(setting) if example.verified is None else verified_case(setting, example.verified)
        except ScenarioError as error:
            key = "set" if example.set else "verified"
            found += [scenario.document.problem((*place, key), p.what, p.right) for p in error.problems]
            continue
        for measure, what, right in _differences(example, books):
            found.append(scenario.document.problem((*place, "gives", measure), what, right))
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


def _differences(example: WholeExampleTerms, books: Books) -> Iterator[tuple[str, str, str]]:
    measures = all_measures(books)
    for name, expected in example.gives.items():
        if name not in measures:
            yield name, f"there is no measure called '{name}'", nearest(name, measures)
            continue
        measure = measures[name]
        value = float(measure.values[0])
        within = _CLOSE.get(measure.unit, _EXACT) if example.within is None else example.within
        if not abs(value - expected) <= within:
            yield name, f"the example expects {expected:,.10g}, the bond gives {value:,.10g}", f"within {within:g}"
