"""What the programme passes on: people, and what serving them costs. Arrays as in `core/flows.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.memo import Memo
from sibmodel.core.timeline import FloatArray


@dataclass(frozen=True)
class OnwardActivity:
    """A service that people are sent on to: who is, who gets a place, waits at the end of a period, and drops out.

    `bought` are the places for which the programme pays, `volunteers` those who are there.
    """

    asked: FloatArray
    placed: FloatArray
    waiting: FloatArray
    gave_up: FloatArray
    bought: FloatArray
    volunteers: FloatArray


@dataclass(frozen=True)
class AreaActivity:
    """People of one area, all groups together."""

    referred: FloatArray
    started: FloatArray
    waiting: FloatArray
    gave_up: FloatArray


@dataclass(frozen=True)
class Activity:
    """People, by group. `waiting` at the end of a period, and `gave_up` in it, where there are not enough workers.

    `willing` are those referred who would start, and `helped` the starters who are helped in full: fewer than `started`
    where services that they are sent on to have no place. `by_route` are those referred and `unreached` those whom a
    route cannot reach, by (group, route). `workers` are paid in a period, `weighted_workers` the same with what they
    cost more in some areas; `able` hold cases, where their posts are limited: else there are as many as are needed.
    """

    referred: Mapping[str, FloatArray]
    willing: Mapping[str, FloatArray]
    started: Mapping[str, FloatArray]
    helped: Mapping[str, FloatArray]
    on_programme: Mapping[str, FloatArray]
    by_route: Mapping[tuple[str, str], FloatArray]
    unreached: Mapping[tuple[str, str], FloatArray]
    waiting: Mapping[str, FloatArray]
    gave_up: Mapping[str, FloatArray]
    workers: FloatArray
    weighted_workers: FloatArray
    able: FloatArray | None
    onward: Mapping[str, OnwardActivity]
    areas: Mapping[str, AreaActivity]
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)


@dataclass(frozen=True)
class CostLine:
    """One line of cost: what the vehicle (or a payer) pays, and what the receiver spends of it on its own suppliers."""

    name: str
    receiver: Literal["provider", "manager", "evaluator", "community", "suppliers", "tax_office"]
    paid: FloatArray
    passed_on: FloatArray | None = None
    payer: str = "vehicle"
    grows_with_people: bool = False

    @property
    def resources(self) -> FloatArray:
        """What it costs in people and things: tax is none."""
        if self.receiver == "tax_office":
            return np.zeros((1, 1))
        return self.paid if self.passed_on is None else self.passed_on


@dataclass(frozen=True)
class Costs:
    """Programme spend of the vehicle, nominal, and what payers spend besides on the bond."""

    lines: tuple[CostLine, ...]
    link_workers: FloatArray

    @cached_property
    def of_vehicle(self) -> tuple[CostLine, ...]:
        """The lines of programme spend."""
        return tuple(line for line in self.lines if line.payer == "vehicle")

    @cached_property
    def spend(self) -> FloatArray:
        """Programme spend: all lines of the vehicle together."""
        return total(line.paid for line in self.of_vehicle)

    @cached_property
    def of_payers(self) -> tuple[CostLine, ...]:
        """The lines that payers bear."""
        return tuple(line for line in self.lines if line.payer != "vehicle")

    def borne_by(self, *payers: str) -> FloatArray:
        """Costs of some payers' own."""
        return total(line.paid for line in self.of_payers if line.payer in payers)

    @cached_property
    def to_society(self) -> FloatArray:
        """Programme spend and what payers bear, without tax, which stays within the public."""
        lines = tuple(line for line in self.lines if line.receiver != "tax_office")
        return self.spend if lines == self.of_vehicle else total(line.paid for line in lines)

    @cached_property
    def of_provider(self) -> FloatArray:
        """What the provider is paid."""
        return total(line.paid for line in self.lines if line.receiver == "provider")
