"""What is paid when the programme does nothing, and for which cause."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

import numpy as np

from sibmodel.contract.payers import payments
from sibmodel.core.quantity import WALK
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.service import Activity, Costs
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books, Service, achieve, work_through
from sibmodel.outcomes.terms import CounterfactualTerms
from sibmodel.questions.causes import ANYWAY, CAUSES, cause_of, causes
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "nothing", "What is paid when the programme does nothing"


def look(books: Books) -> dict[str, FloatArray]:
    """All payments as they are, if nothing changes, and then without one cause after the other; nominal."""
    scenario, trials, service = books.scenario, books.trials, _service_of(books)
    found = {
        "works": _in_all(books.settlement.payments.total, trials),
        "nothing": paid_for_nothing(scenario, service.activity, service.costs, trials),
    }
    for cause, changed, some in _without_causes(scenario, trials):
        found[f"without {cause}"] = paid_for_nothing(changed, service.activity, service.costs, some)
    return found


def beyond_whatever(books: Books) -> FloatArray:
    """All payments if nothing changes, less what is paid whatever the outcomes, (trials,); nominal."""
    service = _service_of(books)
    *_, (_, last, some) = [("", books.scenario, books.trials), *_without_causes(books.scenario, books.trials)]
    paid = paid_for_nothing(books.scenario, service.activity, service.costs, books.trials)
    return paid - paid_for_nothing(last, service.activity, service.costs, some)


def _service_of(books: Books) -> Service:
    """People and costs if nothing changes: as they are, unless service stops for want of money."""
    if books.scenario.capital.service_stops:
        return work_through(books.scenario, books.trials, scale=0.0).service
    return books.service


def paid_for_nothing(scenario: Scenario, people: Activity, costs: Costs, trials: Trials) -> FloatArray:
    """All payments if the true effect of everything is nought, (trials,)."""
    unchanged = achieve(scenario, people, costs, trials, scale=0.0)
    paid = payments(scenario.contract, unchanged.outcomes, scenario.timeline, trials)
    return _in_all(paid.total, trials)


def _in_all(amount: FloatArray, trials: Trials) -> FloatArray:
    return np.array(over_time(np.broadcast_to(amount, (trials.periods, trials.count))))


def _without_causes(scenario: Scenario, trials: Trials) -> Iterator[tuple[str, Scenario, Trials]]:
    """The scenario and trials with one cause after the other taken away."""
    switches: dict[str, Callable[[Trials], Trials]] = {"noise": without_noise, "luck": without_luck}
    there = set(causes(scenario))
    for cause in CAUSES:
        if cause not in there:
            continue
        if cause in ANYWAY:
            scenario = _as_if_nothing_happened_anyway(scenario, {cause})
        else:
            trials = switches[cause](trials)
        yield cause, scenario, trials


def _as_if_nothing_happened_anyway(scenario: Scenario, of: Collection[str]) -> Scenario:
    """Nothing comes about anyway, and nothing is deducted, for outcomes with some of the causes."""
    nothing = CounterfactualTerms()
    outcomes = {
        name: one.model_copy(update={"counterfactual": nothing}) if cause_of(one.counterfactual) in of else one
        for name, one in scenario.outcomes.items()
    }
    return scenario.model_copy(update={"outcomes": outcomes})


def without_noise(trials: Trials) -> Trials:
    """The same with nothing wrong in any measurement; numbers that wander still do."""
    return replace(trials, normals={name: z for name, z in trials.normals.items() if name.endswith(WALK)})


def without_luck(trials: Trials) -> Trials:
    """The same with as many people as are expected."""
    return replace(trials, uniforms={})


def check(scenario: Scenario, found: Found) -> Check:
    """Mean and chance of payment, by cause; judged without what is paid whatever the outcomes."""
    there = causes(scenario)
    stages = ["nothing", *(f"without {cause}" for cause in there)]
    last = stages[-1]
    numbers = {
        "mean": found.figure("nothing", "paid though nothing changes"),
        "chance": found.chance(lambda some: some["nothing"] > HALF_A_PENNY, "futures in which anything is paid"),
        "whatever": found.figure(last, "of which paid whatever the outcomes: standing charges, floors"),
    }
    if abs(numbers["whatever"].mean or 0.0) > HALF_A_PENNY:
        numbers["rest"] = found.of(lambda some: some["nothing"] - some[last], "the rest of what is paid")
    for cause, before, after in zip(there, stages, stages[1:], strict=False):
        numbers[cause] = _cause(found, cause, before, after)
        numbers[f"{cause}_chance"] = _chance(found, cause, before, after)
    numbers["share_paid"] = share_paid(found, last)
    return Check(NAME, TITLE, judged(NAME, numbers["share_paid"]), numbers)


def _cause(found: Found, cause: str, before: str, after: str) -> Figure:
    """The mean of paired differences."""
    return found.of(lambda some: some[before] - some[after], f"of which for {CAUSES[cause]}")


def _chance(found: Found, cause: str, before: str, after: str) -> Figure:
    """By how much the chance of any payment falls without a cause."""

    def less(some: Columns) -> FloatArray:
        return (some[before] > HALF_A_PENNY).astype(np.float64) - (some[after] > HALF_A_PENNY)

    return found.of(less, f"chance of payment for {CAUSES[cause]}", "rate")


def share_paid(found: Found, last: str) -> Figure:
    """Mean payment for nothing over mean payment, without what is paid in any case; its error by the delta method."""
    words = "share of the mean payment that is paid even if nothing changes"

    def mean(some: Columns, name: str) -> float:
        return float(np.mean(some[name] - some[last]))

    base = mean(found.base, "nothing") / of if (of := mean(found.base, "works")) > HALF_A_PENNY else None
    works = mean(found.trials, "works")
    if works <= HALF_A_PENNY:
        return Figure(words, "rate", base)
    share = mean(found.trials, "nothing") / works
    spread = found.of(lambda some: (some["nothing"] - some[last] - share * (some["works"] - some[last])) / works, words)
    return Figure(words, "rate", base, share, spread.se, spread.trials)
