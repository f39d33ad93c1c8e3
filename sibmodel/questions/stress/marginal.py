"""Outcomes of which nothing more is paid for more: at the plan, over a range, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from sibmodel.contract.payers import payments
from sibmodel.core.flows import OutcomeFlow
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books
from sibmodel.questions.break_even import times
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged, not_applicable
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "marginal", "Outcomes of which nothing more is paid for more"
MORE = 0.01
"""Part by which an outcome is made better."""
RANGE = 200
"""Hundredths of the plan that are looked at, from nothing up."""
PENNY = 0.01


def look(books: Books, ways: Mapping[str, int]) -> dict[str, FloatArray]:
    """By outcome, what is paid more for one hundredth more (or less, where that is better) of all of it."""
    today = _paid(books.scenario, books.service.outcomes, books.trials)
    found = {}
    for name, way in ways.items():
        if name in read_by_terms(books.scenario):
            changed = {**books.service.outcomes}
            changed[name] = times(changed[name], np.full(books.trials.count, 1.0 + way * MORE))
            found[name] = _paid(books.scenario, changed, books.trials) - today
    return found


def _paid(scenario: Scenario, outcomes: Mapping[str, OutcomeFlow], trials: Trials) -> FloatArray:
    """All that is owed, (trials,)."""
    found = payments(scenario.contract, outcomes, scenario.timeline, trials)
    shape = (trials.periods, trials.count)
    zero = np.zeros(trials.count)
    return sum((np.array(over_time(np.broadcast_to(one, shape))) for one in found.owed.values()), zero)


def read_by_terms(scenario: Scenario) -> set[str]:
    """Outcomes that any term pays for or asks about."""
    terms = scenario.contract.terms.values()
    return {name for term in terms for name in (*term.outcomes, *term.condition_names)}


def flat_part(base: Books, name: str) -> float:
    """Share of the steps of a hundredth from nothing to twice the plan at which payment does not change."""
    multiples = np.arange(RANGE + 1) / 100.0
    trials = Trials(multiples.size, base.trials.periods)
    outcomes = {**base.service.outcomes, name: times(base.service.outcomes[name], multiples)}
    paid = _paid(base.scenario, outcomes, trials)
    return float(np.mean(np.abs(np.diff(paid)) < PENNY))


def _nothing_more(name: str) -> Callable[[Columns], npt.NDArray[np.bool_]]:
    return lambda some: some[name] < PENNY


def check(base: Books, ways: Mapping[str, int], found: Found) -> Check:
    """By outcome; those that no term reads are named."""
    planned = [name for name in found.base if base.service.outcomes[name].units.sum() > 0.0]
    if not planned:
        return not_applicable(NAME, TITLE, "no term reads an outcome of which it is clear whether more is better")
    rows = []
    for name in planned:
        numbers = {
            "more": found.figure(name, "paid for 1% more"),
            "chance": found.chance(_nothing_more(name), "futures in which nothing more is paid"),
            "flat": Figure("part of 0 to 200% of the plan", "rate", flat_part(base, name)),
        }
        rows.append((name, numbers))
    none = [name for name in planned if found.base[name][0] < PENNY]
    unread = sorted(set(base.scenario.outcomes) - read_by_terms(base.scenario))
    share = Figure("share of outcomes of which nothing more is paid", "rate", len(none) / len(rows))
    verdict = judged(NAME, share)
    verdict = "warn" if unread and verdict == "pass" else verdict
    said = {"flat": ", ".join(none)} if none else {}
    said |= {"unread": ", ".join(unread)} if unread else {}
    return Check(NAME, TITLE, verdict, {"flat_share": share}, tuple(rows), said)
