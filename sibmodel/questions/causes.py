"""Why a contract may pay though the programme changes nothing."""

from __future__ import annotations

from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.rules.triggers import StandingChargeTerms
from sibmodel.contract.terms import ContractTerms, PayerTerms
from sibmodel.outcomes.terms import CounterfactualTerms, OutcomeTerms
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
WHATEVER = "standing charges and floors, whatever the outcomes"


def cause_of(counterfactual: CounterfactualTerms) -> str | None:
    """Why an outcome that would come about anyway may be paid for; None where others are compared."""
    if counterfactual.compares:
        return None
    if counterfactual.regression_to_mean is not None:
        return "regression"
    return "drift" if counterfactual.method == "history" else "deadweight"


def causes(scenario: Scenario) -> tuple[str, ...]:
    """The causes that a scenario has, in their order."""
    there = {cause_of(one.counterfactual) for one in scenario.outcomes.values() if _something_anyway(one)}
    there |= {"noise"} if scenario.noisy_outcomes() else set()
    there |= {"luck"} if scenario.luck_with_people() else set()
    return tuple(cause for cause in CAUSES if cause in there)


def causes_in_words(scenario: Scenario) -> list[str]:
    """Why a contract may pay for nothing: what is paid whatever the outcomes, then causes of outcomes that it reads."""
    read = {name for term in scenario.contract.terms.values() for name in term.outcomes}
    outcomes = {name: one for name, one in scenario.outcomes.items() if name in read}
    there = causes(scenario.model_copy(update={"outcomes": outcomes}))
    return [*([WHATEVER] if pays_whatever(scenario) else []), *(CAUSES[cause] for cause in there)]


def pays_whatever(scenario: Scenario) -> bool:
    """Whether the contract has a standing charge or a floor."""
    contract = scenario.contract
    limited: list[ContractTerms | TermBase | PayerTerms] = [contract]
    limited += [*contract.terms.values(), *contract.payers.values()]
    charged = any(isinstance(term, StandingChargeTerms) for term in contract.terms.values())
    return charged or any(one.floor is not None or any(level is not None for _, level in one.floors) for one in limited)


def _something_anyway(outcome: OutcomeTerms) -> bool:
    terms = outcome.counterfactual
    numbers = [terms.level, *([terms.agreed] if terms.agreed is not None else [])]
    return terms.regression_to_mean is not None or any(n.is_uncertain or any(n.central_values()) for n in numbers)
