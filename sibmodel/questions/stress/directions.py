"""Which way an outcome is better, as its contract sees it: more, or less."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.contract.rules.base import TermBase, UnitTerms
from sibmodel.contract.rules.greatest import GreatestTerms
from sibmodel.contract.rules.milestones import MilestonesTerms
from sibmodel.contract.rules.scales import LinearTerms, ScaleTerms, StepsTerms
from sibmodel.core.conditions import conditions
from sibmodel.core.reading import ReadingTerms
from sibmodel.model import Books
from sibmodel.scenario.schema import Scenario

Vote = tuple[str, int]


def better(base: Books) -> dict[str, int]:
    """1 where more of an outcome is better, −1 where less is; outcomes of which nothing says so are left out.

    What terms pay for decides: a scale that ends higher than it begins says that more is better, one that ends lower
    that less is. Where that says nothing, conditions do; where these neither, a saving that is made of the outcome, or
    the sign of the true effect. Denominators of rates are neither. Outcomes that no term reads change no payment, and
    are left out too.
    """
    scenario = base.scenario
    read = read_by_terms(scenario) - _only_divides(scenario)
    paid, asked = list(_of_rules(scenario)), list(_of_conditions(scenario))
    out = {}
    for name in (name for name in scenario.outcomes if name in read):
        for votes in (paid, asked, list(_of_savings(scenario)), list(_of_effects(base))):
            sum_of_votes = sum(vote for outcome, vote in votes if outcome == name)
            if sum_of_votes:
                out[name] = 1 if sum_of_votes > 0 else -1
                break
    return out


def read_by_terms(scenario: Scenario) -> set[str]:
    """Outcomes that any term pays for or asks about."""
    terms = scenario.contract.terms.values()
    return {name for term in terms for name in (*term.outcomes, *term.condition_names)}


def rules_of(term: TermBase) -> Iterator[TermBase]:
    """The rule of a term, or those inside it."""
    if isinstance(term, GreatestTerms):
        for inner in term.of.values():
            yield from rules_of(inner)
    else:
        yield term


def _rules(scenario: Scenario) -> Iterator[TermBase]:
    for term in scenario.contract.terms.values():
        yield from rules_of(term)


def _of_rules(scenario: Scenario) -> Iterator[Vote]:
    for rule in _rules(scenario):
        if isinstance(rule, MilestonesTerms) and rule.stops_at:
            yield rule.stops_at, -1
        if isinstance(rule, UnitTerms):
            yield from ((name, 1) for name in rule.price_list)
        elif isinstance(rule, ScaleTerms):
            yield from _of_reading(rule, _trend(rule))


def _trend(rule: ScaleTerms) -> int:
    """Whether the scale ends higher than it begins, 1, lower, −1, or neither, 0."""
    if isinstance(rule, LinearTerms):
        first, last = rule.points[0][1], rule.points[-1][1]
    elif isinstance(rule, StepsTerms):
        first = rule.steps[0].pays if rule.steps[0].begins[0] == float("-inf") else 0.0
        last = rule.steps[-1].pays
    else:  # tiers pay for every unit
        return 1
    return (last > first) - (last < first)


def _of_reading(reading: ReadingTerms, trend: int) -> Iterator[Vote]:
    if reading.outcome is not None:
        yield reading.outcome, trend
    for name, weight in (reading.index or {}).items():
        yield name, trend * ((weight > 0) - (weight < 0))


def _of_conditions(scenario: Scenario) -> Iterator[Vote]:
    whens = [rule.when for rule in _rules(scenario)] + [term.when for term in scenario.contract.terms.values()]
    for one in (one for when in whens if when is not None for one in conditions(when)):
        yield from _of_reading(one, -1 if one.at_least is None and one.above is None else 1)


def _only_divides(scenario: Scenario) -> set[str]:
    """Outcomes that are read as denominators and that nothing is paid for: such as people referred."""
    readings: list[ReadingTerms] = [rule for rule in _rules(scenario) if isinstance(rule, ScaleTerms)]
    whens = [term.when for term in scenario.contract.terms.values()]
    readings += [one for when in whens if when is not None for one in conditions(when)]
    below = {one.divided_by for one in readings if one.divided_by is not None}
    return below - {name for name, _ in _of_rules(scenario)}


def _of_savings(scenario: Scenario) -> Iterator[Vote]:
    for item in (scenario.savings.items or {}).values() if scenario.savings else ():
        value = item.value.central_values()[0] if item.value is not None else 1.0
        yield item.outcome, (value > 0) - (value < 0)


def _of_effects(base: Books) -> Iterator[Vote]:
    for name, flow in base.service.outcomes.items():
        true = float(flow.true.sum())
        yield name, (true > 0) - (true < 0)
