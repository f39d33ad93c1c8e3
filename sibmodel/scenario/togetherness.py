"""What a scenario says of numbers that move together or wander, in words for a log and a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Tie:
    """A correlation, a shock or a random walk: what it ties, how strongly, and why."""

    what: str
    how: str
    reason: str


def ties(scenario: Scenario) -> Iterator[Tie]:
    """Every correlation and shock with its reason, and every random walk with the note of its number."""
    for one in scenario.dependence.correlations:
        yield Tie(f"{one.between[0]} with {one.between[1]}", f"rank correlation {one.rank:.6g}", _in_a_line(one.reason))
    for name, shock in scenario.dependence.shocks.items():
        moved = ", ".join(f"{address} ({rank:.6g})" for address, rank in shock.moves.items())
        yield Tie(f"shock {name}", f"moves {moved}", _in_a_line(shock.reason))
    for quantity in scenario.quantities():
        if quantity.random_walk is not None:
            how = f"wanders by {100 * quantity.random_walk:.3g}% a {scenario.timeline.period.replace('_', ' ')}"
            yield Tie(quantity.address, how, _in_a_line(quantity.note or ""))


def _in_a_line(text: str) -> str:
    return " ".join(text.split()).rstrip(".")
