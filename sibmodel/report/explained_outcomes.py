"""Outcomes explained: people, and what changes for each."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.model import Books
from sibmodel.outcomes.terms import EffectTerms, OutcomeTerms
from sibmodel.report.address_words import spaced
from sibmodel.report.steps import Step
from sibmodel.scenario.inputs import Inputs
from sibmodel.scenario.schema import Scenario

_OF_THE_EVALUATOR = ("verified_share", "verification_months", "measurement", "luck", "counterfactual.agreed")
"""What is said about seeing an outcome, and moves nothing that truly changes."""


class OutcomeStory:
    """Outcomes of the base case, down to the inputs."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.scenario: Scenario = books.scenario
        self.inputs = Inputs(self.scenario)

    def people(self, group: str) -> Step:
        """People of a group who start."""
        started = sum_of(self.books.service.activity.started[group])
        referred = sum_of(self.books.service.activity.referred[group])
        parts: tuple[Step, ...] = (Step("referred", referred, "people"),)
        rows, how = self.inputs.under(f"programme.groups.{group}"), "referred × engaged"
        if self.books.service.activity.able is not None:
            gave_up = sum_of(self.books.service.activity.gave_up[group])
            parts += (Step("gave up waiting", gave_up, "people"),)
            how += ", as far as link workers have room; the others wait or give up"
            rows += self.inputs.under("programme.link_workers")
        if self.books.service.activity.onward:
            helped = sum_of(self.books.service.activity.helped[group])
            parts += (Step("helped in full, where they are sent on to", helped, "people"),)
            rows += self.inputs.under("programme.onward")
        return Step(f"people who start, {spaced(group)}", started, "people", how, parts, rows)

    def _unseen(self, terms: OutcomeTerms) -> tuple[str, ...]:
        """What does not move what is verified: what would have happened anyway, where it is not deducted as it is.

        Where some people have more or less of the effect, it is the effect and so the rest of the level that they have.
        """
        deducted = terms.counterfactual.method in ("comparison", "trial")
        if deducted or terms.effect_in_group or self.scenario.programme.onward:
            return ()
        return ("counterfactual.level", "counterfactual.regression_to_mean")

    def outcome(self, name: str, true: bool = False) -> Step:
        """An outcome: people, and what changes for each."""
        terms, flow = self.scenario.outcomes[name], self.books.service.outcomes[name]
        groups = [self.people(group) for group in terms.groups or self.scenario.programme.groups]
        rows = self.inputs.under(f"outcomes.{name}", _OF_THE_EVALUATOR if true else self._unseen(terms))
        if true:
            how = "people × true change, net of what would have happened anyway"
            return Step(f"true net {spaced(name)}", sum_of(flow.true), "outcome unit", how, tuple(groups), rows)
        units, people = sum_of(np.asarray(flow.units)), sum_of(flow.measured)
        if isinstance(terms, EffectTerms):
            mean = units / people if people else None
            seen = Step("measured, all reports", people, "people" if terms.per == "person" else "person-years")
            how = "mean over the people of the evaluator's reports, less what is deducted; no noise in the base case"
            return Step(f"verified {spaced(name)}, mean", mean, "outcome unit", how, (seen, *groups), rows)
        how = "people × verified level × verified share"
        seen = Step("people whose outcome is seen", people, "people")
        return Step(f"verified {spaced(name)}", units, "outcome unit", how, (seen, *groups), rows)


def sum_of(amount: FloatArray, period: int | None = None) -> float:
    """Pounds (or units) of the first trial, in one period or in all."""
    if period is not None:
        return float(amount[min(period, len(amount) - 1), 0]) if period < len(amount) or len(amount) == 1 else 0.0
    return float(over_time(amount)[0])
