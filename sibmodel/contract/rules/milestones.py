"""Milestones that people reach one after the other, until something breaks the chain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal

import numpy as np
from pydantic import Field, ValidationInfo, field_validator

from sibmodel.contract.rules.base import GroupPrices, UnitTerms, Words, price_in_words
from sibmodel.contract.rules.price import FullPrice
from sibmodel.core.flows import Part
from sibmodel.core.quantity import Quantity
from sibmodel.core.reading import Seen
from sibmodel.core.schema import OutcomeName, wrong
from sibmodel.core.timeline import FloatArray, running_total


class MilestonesTerms(UnitTerms):
    """A price for each step of a way, each paid once for a person and only after the steps before it."""

    rule: Literal["milestones"]
    """Prices for the steps of a way."""
    milestones: Annotated[dict[OutcomeName, FullPrice], Field(min_length=1)]
    """Pounds for each person who reaches a milestone, in their order."""
    stops_at: OutcomeName | None = None
    """An outcome, such as a breakdown, after whose period a person's further milestones are not paid."""

    @field_validator("stops_at")
    @classmethod
    def _not_a_milestone(cls, stops: str | None, info: ValidationInfo) -> str | None:
        if stops is not None and stops in info.data.get("milestones", ()):
            raise wrong(f"'{stops}' is a milestone too", "name the outcome that ends the way")
        return stops

    @property
    def price_list(self) -> Mapping[str, GroupPrices | Quantity]:
        """The price of each milestone."""
        return self.milestones

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The milestones, and what stops them."""
        return (*self.milestones, *((self.stops_at,) if self.stops_at else ()))

    @property
    def needs_parts(self) -> bool:
        """Always: who came when decides who is paid for."""
        return True

    @property
    def needs_persons(self) -> bool:
        """Rows must name the person, or else the cohort."""
        return True

    def claimed(self, seen: Seen) -> Mapping[str, tuple[Part, ...]]:
        """The units that are paid for.

        For each person, or the people of a group who came in one period: up to any time no more of a milestone than of
        the one before it, and no more (but those already paid) than reached the first and had not stopped before.
        """
        flows = [seen.outcomes[name].parts for name in self.milestones]
        stops = seen.outcomes[self.stops_at].parts if self.stops_at else ()
        out: dict[str, list[Part]] = {name: [] for name in self.milestones}
        for key in dict.fromkeys(_who(part) for parts in flows for part in parts):
            own = [[part for part in parts if _who(part) == key] for parts in flows]
            ended = [part for part in stops if _who(part) == key]
            for name, parts in zip(self.milestones, _limited(own, ended), strict=True):
                out[name] += parts
        return {name: tuple(parts) for name, parts in out.items()}

    def in_words(self, words: Words) -> str:
        """Every milestone with its price."""
        steps = ", then ".join(
            f"{price_in_words(price, words)} for {words.outcome(name)}" for name, price in self.milestones.items()
        )
        until = f", until {words.outcome(self.stops_at)}" if self.stops_at else ""
        return f"for each person, each once: {steps}{until}"


def _who(part: Part) -> tuple[str, str, str]:
    """Whom a way belongs to: a person, else the people of a group (and cohort)."""
    return ("", "", part.person) if part.person else (part.group, part.cohort, "")


def _limited(milestones: list[list[Part]], stops: list[Part]) -> list[list[Part]]:
    """The parts of each milestone cut to what is paid for. Time runs in ages of a cohort, or in periods."""
    ages = sorted({part.age for parts in (*milestones, stops) for part in parts if part.age is not None})
    if not ages:
        nothing = np.zeros_like(next(part.units for parts in milestones for part in parts))
        reached = [running_total(sum((part.units for part in parts), start=nothing)) for parts in milestones]
        ended = running_total(sum((part.units for part in stops), start=nothing))
        before = np.concatenate([np.zeros_like(ended[:1]), ended[:-1]])
        if any(part.person for parts in milestones for part in parts):
            # a person reaches nothing any more after a stop, not even the first
            going = [sum((part.units for part in parts), start=nothing) * (before == 0) for parts in milestones]
            reached = [np.minimum(running_total(one), 1.0) for one in going]
        paid = _in_order(reached, before)
        increases = [np.diff(one, axis=0, prepend=0.0) for one in paid]
        return [
            [replace(parts[0], units=units)] if parts else []
            for parts, units in zip(milestones, increases, strict=True)
        ]
    by_age = [_to_date(parts, ages) for parts in milestones]
    ended = _to_date(stops, ages)
    before = np.concatenate([np.zeros_like(ended[:1]), ended[:-1]])
    paid = _in_order(by_age, before)
    return [_parts(parts, np.diff(one, axis=0, prepend=0.0), ages) for parts, one in zip(milestones, paid, strict=True)]


def _in_order(reached: list[FloatArray], ended: FloatArray) -> list[FloatArray]:
    """How many are paid for up to each time, by milestone; `ended` is how many had stopped before. Time leads."""
    paid = [reached[0]]
    going_on = np.maximum(reached[0] - ended, 0.0)
    for one in reached[1:]:
        most = np.minimum(np.minimum(one, paid[-1]), going_on)
        paid.append(np.maximum.accumulate(np.maximum(most, 0.0), axis=0))  # nobody, before anything is reached
    return paid


def _to_date(parts: list[Part], ages: list[int]) -> FloatArray:
    """How many of each cohort have it up to each age, shape (ages, cohorts, 1 or trials)."""
    shapes = [part.units.shape for part in parts]
    out = np.zeros((len(ages), *(np.broadcast_shapes(*shapes) if shapes else (1, 1))))
    for part in parts:
        units = np.broadcast_to(part.units, out.shape[1:])
        age = part.age or 0
        out[ages.index(age), : max(len(units) - age, 0)] += units[age:]  # nothing of what comes after the end
    return np.cumsum(out, axis=0)


def _parts(parts: list[Part], paid: FloatArray, ages: list[int]) -> list[Part]:
    """Units back in the periods in which they are paid for, one part for each age; their chance is cut alike.

    A milestone may have to wait for the one before it, and is then paid at an age at which nobody reaches it.
    """
    by_age = {part.age: part for part in parts}
    out = []
    for index, age in enumerate(ages):
        if parts and (age in by_age or paid[index].any()):
            part = by_age.get(age, parts[0])
            units = np.zeros(np.broadcast_shapes(part.units.shape, paid.shape[1:]))
            units[age:] = paid[index, : max(len(units) - age, 0)]
            reached = part.units if age in by_age else np.asarray(sum(one.measured for one in parts))
            before, after = reached.sum(axis=0, keepdims=True), units.sum(axis=0, keepdims=True)
            share = np.divide(after, before, out=np.zeros_like(after + before), where=before > 0)
            chance = share if age not in by_age or part.chance is None else part.chance * share
            out.append(replace(part, units=units, age=age, chance=chance))
    return out
