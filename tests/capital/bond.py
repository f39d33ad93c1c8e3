"""A bond whose income and costs are given outright, so that capital alone is under test."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pytest

from sibmodel import Books, Scenario, loads
from sibmodel.measures.catalogue import all_measures
from sibmodel.running.whole import verified_case

TEXT = """
title: By hand
timeline: {{signing: {signing}, period: {period}, periods: {periods}}}
programme:
  groups: {{everyone: {{referrals: 0, engaged: 1}}}}
  costs: {{set_up: {set_up}, fixed_per_year: {running}}}
outcomes:
  income: {{type: quantity, per_person: 0}}
  other: {{type: quantity, per_person: 0}}
  score: {{type: effect, change: 0, measurement: {{first_month: {months}, every_months: {months}, person_sd: 0}}}}
contract:
  payers: {{council: {{}}}}
  terms:
    income: {{rule: price, outcome: income, price: 1}}
    other: {{rule: price, outcome: other, price: 1}}
  {contract}
capital:
{capital}
"""
MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def scenario(
    capital: str, costs: Sequence[float], *, period: str = "year", signing: str = "2020-12-31", contract: str = ""
) -> Scenario:
    """A scenario with what the vehicle has to pay in each period, signing first."""
    running = [cost * 12 / MONTHS[period] for cost in costs[1:]]
    text = TEXT.format(
        capital=capital, set_up=costs[0], running=running, periods=len(running), period=period, months=MONTHS[period],
        signing=signing, contract=contract,
    )  # fmt: skip
    return loads(text)


class Bond:
    """The flows and measures of one."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.flows = {flow.name: flow.amount[:, 0] for flow in books.settlement.ledger.flows}

    def __getitem__(self, flow: str) -> list[float]:
        return [round(float(pounds), 6) + 0.0 for pounds in self.flows[flow]]

    def balance(self, tranche: str, what: str = "principal") -> list[float]:
        closing = getattr(self.books.settlement.capital.tranches[tranche], f"closing_{what}")
        return [round(float(pounds), 6) + 0.0 for pounds in np.broadcast_to(closing, (len(self.cash), 1))[:, 0]]

    @property
    def cash(self) -> list[float]:
        return [round(float(pounds), 6) + 0.0 for pounds in self.books.settlement.capital.closing_cash[:, 0]]

    @property
    def measures(self) -> dict[str, float]:
        return {name: float(measure.values[0]) for name, measure in all_measures(self.books).items()}

    def measure(self, name: str) -> float:
        return self.measures[name]


def bond(
    capital: str,
    income: Sequence[float] = (),
    costs: Sequence[float] = (),
    readings: Mapping[str, Mapping[int, float]] | None = None,
    **how: Any,
) -> Bond:
    """The bond with income by period, signing first, and readings by outcome and period."""
    longest = max(len(income), len(costs))
    series = {"income": dict(enumerate(income)), **(readings or {})}
    rows = [
        {"period": period, "outcome": name, "quantity": float(value)}
        for name, values in series.items()
        for period, value in values.items()
        if value or name == "score"
    ]
    rows = rows or [{"period": 0, "outcome": "income", "quantity": 0.0}]
    return Bond(verified_case(scenario(capital, [*costs, *[0.0] * (longest - len(costs))], **how), rows))


def near(*expected: float) -> Any:
    """Equal to a thousandth of a penny."""
    return pytest.approx(list(expected), abs=1e-5)
