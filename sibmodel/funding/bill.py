"""What every route has to pay for: the same costs, less those that only a bond has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.ledger import Flow
from sibmodel.core.service import CostLine
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials
from sibmodel.funding.terms import VEHICLE, Shortfall, TransactionTerms

ACCOUNT = "programme account"
"""The party through which costs are paid without a bond; blanks keep it apart from the names in files."""
DONORS = "grant donors"
FUND = "loan fund"
_VAT = "vat"


@dataclass(frozen=True)
class Bill:
    """Costs by line, nominal, and who stands behind them.

    `shares` are those of the commissioners, by name; `cashable` are the commissioners' own cashable savings, pounds of
    each year, (periods, trials).
    """

    lines: tuple[CostLine, ...]
    shares: Mapping[str, float]
    cashable: FloatArray
    timeline: Timeline
    trials: Trials

    @property
    def shape(self) -> tuple[int, int]:
        """(periods, trials)."""
        return self.trials.periods, self.trials.count

    @cached_property
    def cost(self) -> FloatArray:
        """What a route has to find money for: all lines but those that payers bear themselves, (periods, trials)."""
        paid = total(line.paid for line in self.lines if line.payer == VEHICLE)
        return np.array(np.broadcast_to(paid, self.shape))

    def part(self, share: float) -> Bill:
        """A share of every line (and of the savings)."""

        def some(line: CostLine) -> CostLine:
            passed = None if line.passed_on is None else line.passed_on * share
            return replace(line, paid=line.paid * share, passed_on=passed)

        return replace(self, lines=tuple(map(some, self.lines)), cashable=self.cashable * share)

    def spending(self, spent: FloatArray) -> Iterator[Flow]:
        """Every line, as far as there is money for the costs of its period, and the provider's own suppliers."""
        kept = np.divide(spent, self.cost, out=np.ones_like(self.cost), where=self.cost > 0.0)
        for line in self.lines:
            payer, part = (ACCOUNT, kept) if line.payer == VEHICLE else (line.payer, np.ones((1, 1)))
            yield Flow(payer, line.receiver, line.name, line.paid * part)
            if line.passed_on is not None:
                yield Flow(line.receiver, "suppliers", line.name, line.passed_on * part)

    def by_commissioners(self, amount: FloatArray, receiver: str, what: str) -> Iterator[Flow]:
        """An amount that the commissioners pay together."""
        for name, share in self.shares.items():
            yield Flow(name, receiver, what, amount * share)


def without(lines: tuple[CostLine, ...], names: tuple[str, ...], taxed: tuple[str, ...]) -> tuple[CostLine, ...]:
    """The lines less some, by name (or the name of a further cost), and less the tax on them; `taxed` bear tax."""
    gone = {*names, *(f"cost_{name}" for name in names)}
    if not gone:
        return lines
    before = total(line.paid for line in lines if line.name in taxed)
    after = total(line.paid for line in lines if line.name in taxed and line.name not in gone)
    left = np.divide(after, before, out=np.zeros(np.broadcast(after, before).shape), where=before > 0.0)
    return tuple(
        replace(line, paid=line.paid * left) if line.name == _VAT else line for line in lines if line.name not in gone
    )


def missing(bill: Bill, short: FloatArray, handled: Shortfall) -> tuple[list[Flow], FloatArray]:
    """Who pays costs that a source does not cover, and what stays unpaid because the service is cut."""
    if handled == "commissioners":
        return list(bill.by_commissioners(short, ACCOUNT, "shortfall")), np.zeros((1, 1))
    return [], short


def transaction(terms: TransactionTerms | None, bill: Bill, service: FloatArray) -> list[Flow]:
    """What commissioners pay for setting up and running a route; `service` is 1 in periods of service, (periods, 1)."""
    if terms is None:
        return []
    once = np.eye(bill.trials.periods, 1) * terms.at_signing.over(bill.trials)
    yearly = service * terms.per_year.over(bill.trials) / bill.timeline.per_year
    return list(bill.by_commissioners(once + yearly, "suppliers", "transaction"))
