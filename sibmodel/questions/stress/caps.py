"""Caps that are reached early, and what is left unpaid behind them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from sibmodel.core.flows import OutcomeFlow, Payments, total
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, first_of, last_of, over_time
from sibmodel.model import Books
from sibmodel.questions.stress.checks import Check, Figure, Found, judged, not_applicable
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "caps", "Caps hit early, leaving people unpaid for"
LEAST = 0.01
"""Part of what is earned that must be taken away, so that a rounding of the last quarter is no cap hit early."""


def look(books: Books) -> dict[str, FloatArray]:
    """What caps take away for good, whether that begins before the last payment is due, when, and units unpaid.

    What another payer takes over, or a cap with carry lets be paid later, is not taken away.
    """
    paid, shape = books.settlement.payments, (books.trials.periods, books.trials.count)
    if not paid.held:
        return {}
    forgone, due = (np.broadcast_to(total(some.values()), shape) for some in (paid.forgone, paid.due))
    so_far = np.cumsum(forgone, axis=0)
    lost = np.maximum(so_far[-1], 0.0)
    asked = np.array(over_time(due))
    years = np.array(books.scenario.timeline.years)
    first, last = first_of(for_good(so_far)), last_of(due > HALF_A_PENNY)
    early = (lost > LEAST * asked) & (lost > HALF_A_PENNY) & (first < last)
    found = {
        "forgone": lost,
        "early": early * 1.0,
        "when": np.where(early, np.take(years, first), np.nan),
    }
    for name in books.scenario.contract.terms:
        found[f"unpaid.{name}"] = np.where(early, _unpaid(books, paid, name), 0.0)
    for address, amount in paid.held.items():
        bound = (np.broadcast_to(amount, shape) > HALF_A_PENNY).any(axis=0)
        found[f"cap.{address}"] = np.asarray(bound, dtype=np.float64)
    return found


def for_good(so_far: FloatArray) -> npt.NDArray[np.bool_]:
    """Where something is missing, and is from then on, (periods, trials)."""
    missing = so_far > HALF_A_PENNY
    return np.asarray(np.logical_and.accumulate(missing[::-1], axis=0)[::-1])


def _unpaid(books: Books, paid: Payments, term: str) -> FloatArray:
    """People or units of a term's first outcome for which nothing is paid in the end, (trials,)."""
    shape, nothing = (books.trials.periods, books.trials.count), np.zeros(books.trials.count)
    names = books.scenario.contract.terms[term].outcomes
    if not names:
        return nothing
    due = over_time(np.broadcast_to(paid.due[term], shape))
    owed = over_time(np.broadcast_to(total(a for (t, _), a in paid.owed.items() if t == term), shape))
    part = np.divide(np.maximum(due - owed, 0.0), due, out=np.zeros(shape[1]), where=due > HALF_A_PENNY)
    return np.asarray(part * over_time(np.broadcast_to(_counted(books.service.outcomes[names[0]]), shape)))


def _counted(flow: OutcomeFlow) -> FloatArray:
    """Of an effect the people measured, otherwise what is verified."""
    return flow.measured if flow.is_effect else np.maximum(flow.verified, 0.0)


def check(scenario: Scenario, found: Found) -> Check:
    """Chance, time, pounds, units; by cap how often it binds at all."""
    if not found.base:
        return not_applicable(NAME, TITLE, "the contract has no cap")
    numbers = {
        "chance": found.figure("early", "futures in which caps take away more than 1% before the end", "probability"),
        "when": found.figure("when", "years from signing to the first pound taken away, where so", "years"),
        "forgone": found.figure("forgone", "earned but never paid because of caps"),
    }
    for name in scenario.contract.terms:
        numbers[f"unpaid.{name}"] = found.figure(f"unpaid.{name}", f"unpaid of {name}", "people")
    rows: list[tuple[str, dict[str, Figure]]] = [
        (key.removeprefix("cap."), {"binds": found.figure(key, "futures in which it binds", "probability")})
        for key in found.base
        if key.startswith("cap.")
    ]
    return Check(NAME, TITLE, judged(NAME, numbers["chance"]), numbers, tuple(rows))
