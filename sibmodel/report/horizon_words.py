"""What the timeline cuts off, in words that every result says in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibmodel.measures.horizon import after_the_end
from sibmodel.model import Books
from sibmodel.report.numbers import money
from sibmodel.running.execution import base_case
from sibmodel.scenario.schema import Scenario


def cut_off(scenario: Scenario) -> list[str]:
    """What the base case of a scenario loses at the end of its timeline, a sentence each; nothing as a rule."""
    return list(cut_off_in_words(scenario, after_the_end(base_case(scenario))))


def cut_off_of(books: Books) -> list[str]:
    """The same of a base case that is worked out."""
    return list(cut_off_in_words(books.scenario, after_the_end(books)))


def cut_off_in_words(scenario: Scenario, beyond: Mapping[str, float]) -> Iterator[str]:
    """Payments, outcomes and people beyond the last period, as `after_the_end` has them."""
    if "payments" in beyond:
        yield (
            f"The timeline ends too early: {money(beyond['payments'])} of payments come after "
            f"{scenario.timeline.ends[-1]}, its last day. They are in no figure here; give timeline.periods more."
        )
    for name, outcome in scenario.outcomes.items():
        if f"outcome.{name}" in beyond:
            what = (outcome.title or name) + (f" ({outcome.unit})" if outcome.unit else "")
            yield (
                f"For {beyond[f'outcome.{name}']:,.0f} people {what} comes after the last period or the last report; "
                "it is never verified or paid."
            )
    if "people_on_programme" in beyond:
        yield (
            f"When the timeline ends {beyond['people_on_programme']:,.0f} people are still on the programme; what they "
            "cost after that is in no figure here."
        )
