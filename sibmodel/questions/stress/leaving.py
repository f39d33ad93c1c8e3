"""What happens if one payer stops paying, beside what happens if all pay."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from sibmodel.contract.payers import collected, payments
from sibmodel.core.flows import Payments, total
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.model import Books, Service, serve, settled, until_money_runs_out
from sibmodel.programme.activity import ALWAYS
from sibmodel.questions.stress.checks import Check, Found, judged, worst_row
from sibmodel.questions.stress.ending import against, dates, figures, position
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "leaving", "One payer leaving"


def stops_paying(scenario: Scenario, paid: Payments, trials: Trials, payer: str, period: int) -> Payments:
    """The same, but the payer pays nothing from a period on, and nobody tops it up. Others owe what they owed."""
    later = (np.arange(trials.periods) >= period)[:, None]
    owed = {
        (term, name): amount * (1.0 - later * _topping(scenario, paid, term, (name, payer)))
        for (term, name), amount in paid.owed.items()
    }
    received, lost = collected(scenario.contract, owed, scenario.timeline, trials)
    mine = {key: amount * ~later if key[1] == payer else amount for key, amount in received.items()}
    vat = {name: amount * ~later if name == payer else amount for name, amount in paid.vat.items()}
    return replace(paid, paid=mine, lost=lost, vat=vat)


def _topping(scenario: Scenario, paid: Payments, term: str, who: tuple[str, str]) -> FloatArray:
    """The part of what one pays for a term that tops up the other; nought where it tops up nobody of the name."""
    name, topped = who
    terms = scenario.contract.payers[name].tops_up
    if terms is None or topped not in terms.payers:
        return np.zeros((1, 1))
    every = total(paid.owed[term, other] for other in terms.payers if (term, other) in paid.owed)
    mine = paid.owed.get((term, topped), np.zeros((1, 1)))
    return np.divide(mine, every, out=np.zeros(np.broadcast_shapes(mine.shape, every.shape)), where=every > 0)


@dataclass(frozen=True)
class Served:
    """A bond's service and what is owed and paid for it, before anybody leaves."""

    scenario: Scenario
    trials: Trials
    service: Service
    paid: Payments

    @classmethod
    def of(cls, scenario: Scenario, trials: Trials, running: FloatArray = ALWAYS) -> Served:
        """Worked out for as long as service runs."""
        service = serve(scenario, trials, running=running)
        return cls(scenario, trials, service, payments(scenario.contract, service.outcomes, scenario.timeline, trials))

    def without(self, payer: str, period: int) -> Books:
        """Capital and the ledger with a payer who pays nothing from a period on."""
        left = stops_paying(self.scenario, self.paid, self.trials, payer, period)
        money = settled(self.scenario, self.service, self.trials, left)
        return Books(self.scenario, self.trials, self.service, money)


def without(served: Served, payer: str, period: int) -> Books:
    """The bond worked through with a payer who stops paying in a period; service stops where the scenario says so.

    `served` is with service that always runs.
    """
    running, books = ALWAYS, served.without(payer, period)
    while served.scenario.capital.service_stops:
        until = running * until_money_runs_out(books.settlement.capital)
        if np.all(until == running):
            break
        running, books = until, Served.of(served.scenario, served.trials, until).without(payer, period)
    return books


def look(books: Books, worst: dict[str, int]) -> dict[str, FloatArray]:
    """By payer, where investors stand if it stops paying in its worst period."""
    served, alone = Served.of(books.scenario, books.trials), position(books)["lost"]
    found: dict[str, FloatArray] = {}
    for payer, period in worst.items():
        left = against(without(served, payer, period), alone)
        found |= {f"{payer}.{what}": amount for what, amount in left.items()}
    return found


def worst_periods(base: Books) -> dict[str, int]:
    """The period from which on a payer's leaving costs investors most in the base case, of the first of every year."""
    scenario, out = base.scenario, {}
    served = Served.of(scenario, base.trials)
    for payer in scenario.contract.payers:
        lost = {
            period: float(position(without(served, payer, period))["lost"][0])
            for period in (0, *(end + 1 for end in dates(scenario)))
        }
        out[payer] = max(lost, key=lambda period: lost[period])
    return out


def check(scenario: Scenario, found: Found, worst: dict[str, int]) -> Check:
    """By payer, and the one whose leaving is worst."""
    rows = [(payer, figures(found, payer)) for payer in worst]
    payer, numbers = worst_row(NAME, rows, "extra_share", "extra")
    whens = {f"when.{name}": _when(scenario, period) for name, period in worst.items()}
    said = {"payer": payer, "when": whens[f"when.{payer}"]} | whens
    verdict = judged(NAME, numbers["extra_share"])
    if len(worst) == 1 and verdict == "fail":  # every bond with a single payer stands and falls with it
        verdict = "warn"
    return Check(NAME, TITLE, verdict, numbers, tuple(rows), said)


def _when(scenario: Scenario, period: int) -> str:
    return "the start" if period == 0 else scenario.timeline.ends[period - 1].isoformat()
