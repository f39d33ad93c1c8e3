"""Why a contract may pay though the programme changes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.rules.greatest import GreatestTerms
from sibmodel.contract.rules.triggers import StandingChargeTerms
from sibmodel.contract.terms import ContractTerms, PayerTerms, has_floor
from sibmodel.core.quantity import Quantity
from sibmodel.outcomes.terms import AchievementTerms, CounterfactualTerms, EffectTerms, OutcomeTerms
from sibmodel.scenario.schema import Scenario

CAUSES = {
    "regression": "regression to the mean",
    "drift": "drift of a historic baseline",
    "deadweight": "what happens anyway and is not deducted in full",
    "noise": "noise in measuring",
    "luck": "luck with people",
}
"""In the order in which they are taken away, the one after the other."""
ANYWAY = ("regression", "drift", "deadweight")


def cause_of(counterfactual: CounterfactualTerms) -> str | None:
    """Why an outcome that would come about anyway may be paid for; None where others are compared."""
    if counterfactual.compares:
        return None
    if counterfactual.regression_to_mean is not None:
        return "regression"
    return "drift" if counterfactual.method == "history" else "deadweight"


def causes(scenario: Scenario) -> tuple[str, ...]:
    """The causes that a scenario has, in their order."""
    outcomes = scenario.outcomes.values()
    there = {cause_of(one.counterfactual) for one in outcomes if _something_anyway(one)}
    measured = (one.measurement.person_sd for one in outcomes if isinstance(one, EffectTerms))
    there |= {"noise"} if any(map(_is_something, measured)) else set()
    there |= {"luck"} if any(map(_some_succeed_anyway, outcomes)) else set()
    return tuple(cause for cause in CAUSES if cause in there)


def causes_in_words(scenario: Scenario) -> list[str]:
    """Why a contract may pay for nothing: what is paid whatever the outcomes, then causes of outcomes that it reads."""
    read = {name for term in scenario.contract.terms.values() for name in term.outcomes}
    outcomes = {name: one for name, one in scenario.outcomes.items() if name in read}
    there = causes(scenario.model_copy(update={"outcomes": outcomes}))
    return [*_whatever(scenario.contract), *(CAUSES[cause] for cause in there)]


def _whatever(contract: ContractTerms) -> Iterator[str]:
    """What a contract pays whatever the outcomes."""
    if any(map(_charges, contract.terms.values())):
        yield "standing charges"
    limited: tuple[ContractTerms | TermBase | PayerTerms, ...] = (
        contract,
        *contract.terms.values(),
        *contract.payers.values(),
    )
    if any(map(has_floor, limited)):
        yield "floors"
    if contract.termination is not None and contract.termination.in_force is not None:
        yield "redemption on termination"


def _charges(term: TermBase) -> bool:
    inside = term.of.values() if isinstance(term, GreatestTerms) else ()
    return isinstance(term, StandingChargeTerms) or any(map(_charges, inside))


def _something_anyway(outcome: OutcomeTerms) -> bool:
    """Whether something comes about anyway that may not be deducted in full."""
    terms = outcome.counterfactual
    if terms.regression_to_mean is not None:
        return True
    if terms.agreed is None:
        return _is_something(terms.level)
    sure = not (terms.agreed.is_uncertain or terms.level.is_uncertain) and terms.basis == "rate"
    return not (sure and min(terms.agreed.central_values()) >= max(terms.level.central_values()))


def _some_succeed_anyway(outcome: OutcomeTerms) -> bool:
    """Whether people are drawn of whom some succeed though nothing changes."""
    if not isinstance(outcome, AchievementTerms) or outcome.luck.counts != "drawn":
        return False
    return outcome.counterfactual.regression_to_mean is not None or _is_something(outcome.counterfactual.level)


def _is_something(number: Quantity) -> bool:
    return number.is_uncertain or any(number.central_values())
