"""The frozen values that pass between chapters. Arrays are (periods, trials), period 0 first, in pounds or people.

An array may have a single row or column where nothing varies along it; it broadcasts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sibmodel.core.quantity import Kind
from sibmodel.core.timeline import FloatArray

NOBODY = 1e-9
"""Fewer people than this are rounding dust of the timing weights: nobody is measured."""


def total(arrays: Iterable[FloatArray]) -> FloatArray:
    """Sum of arrays that broadcast; a zero of shape (1, 1) if there are none."""
    return sum(arrays, start=np.zeros((1, 1)))


@dataclass(frozen=True)
class Activity:
    """People, by group."""

    referred: Mapping[str, FloatArray]
    started: Mapping[str, FloatArray]
    on_programme: Mapping[str, FloatArray]


@dataclass(frozen=True)
class CostLine:
    """One line of programme spend: what the vehicle pays, and what the receiver spends of it on its own suppliers."""

    name: str
    receiver: Literal["provider", "manager", "evaluator"]
    paid: FloatArray
    passed_on: FloatArray | None = None


@dataclass(frozen=True)
class Costs:
    """Programme spend of the vehicle, nominal."""

    lines: tuple[CostLine, ...]
    link_workers: FloatArray

    @property
    def spend(self) -> FloatArray:
        """All lines together."""
        return total(line.paid for line in self.lines)


@dataclass(frozen=True)
class OutcomeFlow:
    """One outcome: what truly changed, and what the evaluator accepts.

    `true` is net of the counterfactual, in units. `verified` is a total in units, or for an effect the
    mean over the people of the report, zero between reports. `measured` is the people (or person-years) behind it.
    """

    is_effect: bool
    true: FloatArray
    verified: FloatArray
    measured: FloatArray

    @property
    def units(self) -> FloatArray:
        """Verified total in units."""
        return self.verified * self.measured if self.is_effect else self.verified


@dataclass(frozen=True)
class Payments:
    """Outcome payments in the period they are due.

    `earned` is each term's amount when its outcome is verified and `due` the same when it falls due, both before
    caps; `paid` what each payer pays for each term, and `forgone` what each cap
    (by address) took away. `exposure` is the most that commissioners can be asked for, shape (1, 1 or trials),
    or None where no cap limits it.
    """

    earned: Mapping[str, FloatArray]
    due: Mapping[str, FloatArray]
    paid: Mapping[tuple[str, str], FloatArray]
    forgone: Mapping[str, FloatArray]
    exposure: FloatArray | None

    @property
    def total(self) -> FloatArray:
        """All payments of the period."""
        return total(self.paid.values())


@dataclass(frozen=True)
class Saving:
    """One agency's saving of one kind, in real pounds, at each link of the chain."""

    name: str
    agency: str
    kind: Kind
    gross: FloatArray
    attributable: FloatArray
    after_bias: FloatArray
    cashable: FloatArray


@dataclass(frozen=True)
class TrancheFlows:
    """One tranche's movements and closing balances."""

    drawdown: FloatArray
    coupon: FloatArray
    principal: FloatArray
    surplus: FloatArray
    coupon_accrued: FloatArray
    closing_principal: FloatArray
    closing_coupon: FloatArray


@dataclass(frozen=True)
class CapitalFlows:
    """The vehicle's money: tranches, surplus to others, the gap and who covers it, and closing cash."""

    tranches: Mapping[str, TrancheFlows]
    surplus: Mapping[str, FloatArray]
    gap: FloatArray
    gap_covered_by: str
    closing_cash: FloatArray
