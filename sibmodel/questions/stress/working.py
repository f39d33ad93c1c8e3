"""What is not paid when the programme works."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sibmodel.contract.payers import payments
from sibmodel.core.quantity import WALK
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.model import Books, serve
from sibmodel.questions.stress.checks import Check, Figure, Found, judged, not_applicable, worst_row
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "working", "What is not paid when it works"


def look(books: Books) -> dict[str, FloatArray]:
    """Payments by term where every number is at its central value, and measuring and people are a matter of luck."""
    scenario, drawn = books.scenario, books.trials
    noise = {name: z for name, z in drawn.normals.items() if not name.endswith(WALK)}
    trials = replace(drawn, inputs={}, normals=noise, probabilities={})
    service = serve(scenario, trials)
    paid = payments(scenario.contract, service.outcomes, scenario.timeline, trials)
    shape = (trials.periods, trials.count)
    return {name: np.array(over_time(np.broadcast_to(one, shape))) for name, one in paid.by_term.items()}


def check(scenario: Scenario, found: Found) -> Check:
    """By term: the chance of nothing, the chance of less than the true effect earns, and how much less on average."""
    terms = [name for name in found.base if found.base[name][0] > HALF_A_PENNY]
    if not terms:
        return not_applicable(NAME, TITLE, "no term pays anything in the base case")
    if not (scenario.noisy_outcomes() or scenario.luck_with_people()):
        return not_applicable(NAME, TITLE, "nothing is measured with noise, and nobody's success is a matter of luck")
    rows = [(name, _figures(found, name, float(found.base[name][0]))) for name in terms]
    name, numbers = worst_row(NAME, rows, "chance_of_nothing", "shortfall")
    verdict = judged(NAME, numbers["chance_of_nothing"])
    return Check(NAME, TITLE, verdict, numbers, tuple(rows), {"term": name})


def _figures(found: Found, name: str, due: float) -> dict[str, Figure]:
    return {
        "earned": Figure("earned by the true effect", "£", due),
        "chance_of_nothing": found.chance(lambda some: some[name] <= HALF_A_PENNY, "pays nothing"),
        "chance_of_less": found.chance(lambda some: some[name] < due - HALF_A_PENNY, "pays less"),
        "shortfall": found.of(lambda some: np.maximum(due - some[name], 0.0), "paid less, on average"),
    }
