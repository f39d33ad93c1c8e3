"""What the timeline cuts off, in words that every result says in the same way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibmodel.measures.horizon import after_the_end
from sibmodel.measures.savings_beyond import saved_later
from sibmodel.model import Books
from sibmodel.report.numbers import money, per_cent, shown
from sibmodel.running.execution import base_case
from sibmodel.running.results import Result
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
                f"Of {beyond[f'outcome.{name}']:,.0f} people {what} would be seen only after the last period or the "
                "last report; it is never verified or paid."
            )
    if "people_on_programme" in beyond:
        yield (
            f"{beyond['people_on_programme']:,.0f} people stay on the programme after the timeline ends; what they "
            "cost after that is in no figure here."
        )


def savings_cut_off(result: Result) -> Iterator[str]:
    """What the base case saves after the timeline, and what the headline would be with it; nothing where it ends."""
    later = saved_later(result.base)
    if later is None:
        return
    headline = shown(result["public.savings_per_pound"].base, "£ per £")
    yield (
        f"Savings go on after the timeline ends on {result.scenario.timeline.ends[-1]}: {money(later.pounds)} in the "
        f"base case, {per_cent(later.share)} of all (real, not discounted), are in no figure here. With them £1 spent "
        f"would save {shown(later.savings_per_pound, '£ per £')} instead of {headline}; for that give "
        "timeline.periods more."
    )
