"""What could be given more of: a post for a link worker, money for places, a volunteer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.scenario.schema import Scenario

RAISE = 1000.0
"""Pounds a year by which a budget is raised."""


@dataclass(frozen=True)
class Lever:
    """One thing of which there could be more, in words."""

    name: str
    words: str
    changed: ProgrammeTerms = field(compare=False, repr=False)

    def pull(self, scenario: Scenario) -> Scenario:
        """The scenario with more of it."""
        return scenario.model_copy(update={"programme": self.changed})


def levers(scenario: Scenario) -> Iterator[Lever]:
    """What the programme itself can have more of: a post, £1,000 a year for places, a volunteer."""
    programme = scenario.programme
    workers = programme.link_workers
    if workers is not None and workers.posts is not None:
        more = workers.model_copy(update={"posts": workers.posts.more_by(1.0)})
        words = "one more post for a link worker"
        yield Lever("link_worker", words, programme.model_copy(update={"link_workers": more}))
    for name, one in programme.onward.items():
        title = one.title or name.replace("_", " ")
        if one.budget_per_year is not None:
            changed = {**programme.onward, name: one.model_copy(
                update={"budget_per_year": one.budget_per_year.more_by(RAISE)})}  # fmt: skip
            words = f"£{RAISE:,.0f} a year more for {title}"
            yield Lever(f"money_for_{name}", words, programme.model_copy(update={"onward": changed}))
        if one.volunteers is not None:
            helping = one.volunteers.model_copy(update={"at_start": one.volunteers.at_start.more_by(1.0)})
            changed = {**programme.onward, name: one.model_copy(update={"volunteers": helping})}
            words = f"one more volunteer at the start for {title}"
            yield Lever(f"volunteer_for_{name}", words, programme.model_copy(update={"onward": changed}))
