"""When a term pays at all: conditions on what is verified, joined by any and all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from sibmodel.core.quantity import Quantity, Real
from sibmodel.core.reading import BoolArray, ReadingTerms, Seen, read
from sibmodel.core.schedule import Edge, reaches
from sibmodel.core.schema import Model, MonthOnTimeline, wrong

_EDGES: tuple[Edge, ...] = ("at_least", "above", "at_most", "below")


class Condition(ReadingTerms):
    """A reading that must lie between edges. It keeps its last answer until the next reading."""

    at_least: Real | None = None
    """The reading must be this or more (a closed edge)."""
    above: Real | None = None
    """The reading must be more than this (an open edge)."""
    at_most: Real | None = None
    """The reading must be this or less (a closed edge)."""
    below: Real | None = None
    """The reading must be less than this (an open edge)."""
    from_month: MonthOnTimeline = 0
    """Readings before this month do not count."""

    @model_validator(mode="after")
    def _some_edge(self) -> Self:
        low = [edge for edge in (self.at_least, self.above) if edge is not None]
        high = [edge for edge in (self.at_most, self.below) if edge is not None]
        if not low and not high:
            raise wrong("the condition has no edge", "give at_least, above, at_most or below")
        if len(low) > 1 or len(high) > 1:
            raise wrong("two edges stand at the same side", "keep one of at_least and above, of at_most and below")
        if low and high:
            _refuse_nothing_between(low[0], high[0], None not in (self.at_least, self.at_most))
        return self


def _refuse_nothing_between(low: Any, high: Any, closed: bool) -> None:
    """Refuse edges that no number can lie between."""
    least, most = min(low.central_values()), max(high.central_values())
    if least > most or (least == most and not closed):
        raise wrong(f"no number lies between {least:.12g} and {most:.12g}", "the lower edge must lie below the upper")


class AllOf(Model):
    """Every one of several conditions."""

    all: Annotated[tuple[When, ...], Field(min_length=1)]
    """Conditions that must all hold."""


class AnyOf(Model):
    """At least one of several conditions."""

    any: Annotated[tuple[When, ...], Field(min_length=1)]
    """Conditions of which one must hold."""


def _kind(raw: Any) -> str:
    """Which kind of condition this is. Tags begin with '~' so that they never look like a key of the file."""
    for name in ("all", "any"):
        if (isinstance(raw, dict) and name in raw) or (isinstance(raw, Model) and hasattr(raw, name)):
            return f"~{name}"
    return "~one"


When = Annotated[
    Annotated[Condition, Tag("~one")] | Annotated[AllOf, Tag("~all")] | Annotated[AnyOf, Tag("~any")],
    Discriminator(_kind),
]

AllOf.model_rebuild()
AnyOf.model_rebuild()


def conditions(when: When) -> Iterator[Condition]:
    """Every single condition in it."""
    if isinstance(when, Condition):
        yield when
        return
    for part in when.all if isinstance(when, AllOf) else when.any:
        yield from conditions(part)


def holds(when: When, seen: Seen) -> BoolArray:
    """Whether it holds in each period, (periods, 1 or trials); false before the first reading."""
    if isinstance(when, Condition):
        return _holds(when, seen)
    parts = [holds(part, seen) for part in (when.all if isinstance(when, AllOf) else when.any)]
    joined = np.logical_and if isinstance(when, AllOf) else np.logical_or
    return np.asarray(joined.reduce(np.broadcast_arrays(*parts)))


def _holds(condition: Condition, seen: Seen) -> BoolArray:
    reading = read(condition, seen)
    live = _counts(condition, reading.fresh, seen)
    met = np.ones_like(reading.value, dtype=np.bool_)
    for name in _EDGES:
        edge: Quantity | None = getattr(condition, name)
        if edge is not None:
            met = met & reaches(reading.value, edge.over(seen.trials), name)
    out = np.zeros(np.broadcast_shapes(met.shape, live.shape), dtype=np.bool_)
    met, live = np.broadcast_to(met, out.shape), np.broadcast_to(live, out.shape)
    for t in range(len(out)):
        out[t] = np.where(live[t], met[t], out[t - 1] if t else False)
    return out


def read_anew(when: When, seen: Seen) -> BoolArray:
    """Where any of its conditions is read, (periods, 1 or trials)."""
    parts = [_counts(one, read(one, seen).fresh, seen) for one in conditions(when)]
    return np.asarray(np.logical_or.reduce(np.broadcast_arrays(*parts)))


def _counts(condition: Condition, live: BoolArray, seen: Seen) -> BoolArray:
    return live & (seen.timeline.month_ends >= condition.from_month)[:, None]
