"""The most that can ever be paid, found by search, against what the contract states."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.terms import ContractTerms, PayerTerms
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.model import Books
from sibmodel.questions.stress.checks import Check, Counterexample, Figure, judged, not_applicable
from sibmodel.questions.stress.ending import has_commissioners
from sibmodel.questions.stress.filling import Ask, filled
from sibmodel.questions.stress.paths import PENNY
from sibmodel.questions.stress.probe import Paid, Probe, commissioners_in
from sibmodel.running.paying import pay

NAME, TITLE = "most", "The most that can ever be paid"
LARGEST = 2.0**14
"""Times the plan."""
RANDOM, ROUNDS = 6000, 6
_TRIED = (0.0, 0.25, 0.5, 2.0, 4.0, 32.0, 1024.0)


def search(
    probe: Probe, ask: Ask, ways: Mapping[str, int], seed: int, enough: float = np.inf
) -> tuple[float, FloatArray]:
    """The largest amount found and its quantities, (cells,); `enough` is as much as there can be.

    All outcomes together at ever more times the plan and some thousand sets of rows drawn by lot; then every cell on
    its own changed for as long as that brings more. If that is not enough, but comes to an end, cells are filled one
    after the other.
    """
    most, best = _climbed(probe, ask, ways, seed)
    if most < enough - PENNY and not endless(probe, ask, best):
        more, other = filled(probe, ask, _usual(probe, ways), seed)
        if more > most + PENNY:
            return more, other
    return most, best


def _climbed(probe: Probe, ask: Ask, ways: Mapping[str, int], seed: int) -> tuple[float, FloatArray]:
    start = _starts(probe, ways, seed)
    paid = ask(probe.pay(start))
    best = start[:, int(np.argmax(paid))]
    most = float(paid.max())
    for _ in range(ROUNDS):
        tried = neighbours(probe, best, ways)
        paid = ask(probe.pay(tried))
        if float(paid.max()) <= most + PENNY:
            break
        most, best = float(paid.max()), tried[:, int(np.argmax(paid))]
    return most, best


def _usual(probe: Probe, ways: Mapping[str, int]) -> FloatArray:
    """A quantity for every cell: its plan, or the mean of its outcome's; of an effect on the side that is better."""
    means = {
        name: float(np.abs(probe.plan[own]).mean()) or 1.0
        for name in probe.scenario.outcomes
        if (own := probe.of(name))
    }
    side = {name: ways.get(name, 1) if name in probe.effects else 1 for name in means}
    return np.array([side[cell.outcome] * (abs(cell.plan) or means[cell.outcome]) for cell in probe.cells])


def _starts(probe: Probe, ways: Mapping[str, int], seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    usual, planned = _usual(probe, ways), np.array([cell.plan != 0.0 for cell in probe.cells])
    good = np.array([ways.get(cell.outcome, 1) > 0 or cell.outcome in probe.effects for cell in probe.cells])
    times = np.concatenate([[1.0, 1.25, 1.5, 3.0], 2.0 ** np.arange(1, 15)])
    together = [
        np.where(where & (good | full), usual, 0.0)[:, None] * times
        for where in (planned, np.ones_like(planned))
        for full in (True, False)
    ]
    names = list(probe.scenario.outcomes)
    by_outcome = 2.0 ** rng.integers(-1, 8, (len(names), RANDOM)) * (rng.random((len(names), RANDOM)) < 0.8)
    each = np.stack([by_outcome[names.index(cell.outcome)] for cell in probe.cells])
    random = usual[:, None] * each * (rng.random(each.shape) < rng.random(RANDOM))
    found = np.concatenate([probe.plan[:, None], *together, random], axis=1)
    found[probe.whole] = np.round(found[probe.whole])
    return found


def neighbours(probe: Probe, best: FloatArray, ways: Mapping[str, int]) -> FloatArray:
    """Sets with one cell changed, each to some multiples of what it is or, of nothing, of its plan; (cells, sets)."""
    usual, count = _usual(probe, ways), len(probe.cells)
    tried = np.repeat(best[:, None], count * len(_TRIED), axis=1)
    for number, times in enumerate(_TRIED):
        columns = np.arange(count) + number * count
        tried[np.arange(count), columns] = np.where(best != 0, best * times, usual * times)
    whole = probe.whole
    tried[whole] = np.round(tried[whole])
    return tried


def endless(probe: Probe, ask: Ask, best: FloatArray) -> bool:
    """Whether twice as much of everything is still paid more for."""
    paid = ask(probe.pay(np.stack([best * LARGEST, best * LARGEST * 2.0], axis=1)))
    return bool(paid[1] > paid[0] * (1.0 + 1e-9) + PENNY)


def of_plan(probe: Probe, base: Books, ways: Mapping[str, int], seed: int) -> float:
    """The most that the planned reports and periods can be paid by all payers; if that has no end, what the plan is."""
    owed = base.settlement.payments.owed.values()
    planned = sum(float(over_time(np.broadcast_to(amount, (base.trials.periods, 1)))[0]) for amount in owed)
    if not probe.cells:
        return planned
    found, best = search(probe, _of_all, ways, seed, _at_most(_added_up(base.scenario.contract)))
    return planned if endless(probe, _of_all, best) else max(found, planned)


def _of_all(paid: Paid) -> FloatArray:
    return paid.total


def check(probe: Probe, base: Books, ways: Mapping[str, int], seed: int) -> Check:
    """The search for commissioners and for all payers, against what is stated."""
    scenario = base.scenario
    if not probe.cells:
        return not_applicable(NAME, TITLE, "the base case verifies nothing")
    exposure = base.settlement.payments.exposure
    stated = None if exposure is None else float(exposure[0, 0])

    def of_commissioners(paid: Paid) -> FloatArray:
        return commissioners_in(paid, scenario)

    added_up = _added_up(scenario.contract)
    found, best = search(probe, of_commissioners, ways, seed, np.inf if stated is None else stated)
    in_all, every = search(probe, _of_all, ways, seed, _at_most(added_up))
    no_end = endless(probe, _of_all, every)
    numbers = {
        "found": Figure("most found by search for commissioners, with tax that they cannot recover", "£", found),
        "all_payers": Figure("most found by search for all payers, without tax", "£", in_all),
        "stated": Figure("most that the contract lets commissioners pay", "£", stated),
        "caps": Figure("caps of terms added up", "£", added_up["caps"]),
        "caps_of_payers": Figure("caps of payers added up", "£", added_up["caps_of_payers"]),
        "cap": Figure("cap of the contract", "£", added_up["cap"]),
        "excess": Figure("found above what is stated", "£", 0.0 if stated is None else max(found - stated, 0.0)),
    }
    verdict = judged(NAME, numbers["excess"])
    buyers = has_commissioners(scenario)
    verdict = "warn" if stated is None and buyers and verdict == "pass" else verdict
    example = None
    if verdict == "fail":
        rows = probe.rows(best)
        example = Counterexample("as much as this", rows, pay(scenario, rows).total)
    said = ({"endless": "yes"} if no_end else {}) | ({} if buyers else {"commissioners": "none"})
    return Check(NAME, TITLE, verdict, numbers, said=said, counterexample=example)


def _added_up(contract: ContractTerms) -> dict[str, float | None]:
    """Caps over the contract of all terms, of all payers, and its own, where every one of them has one."""
    return {
        "caps": _sum_of_caps(contract.terms.values()),
        "caps_of_payers": _sum_of_caps(contract.payers.values()),
        "cap": _sum_of_caps([contract]),
    }


def _at_most(added_up: Mapping[str, float | None]) -> float:
    """The least of them, more than which nobody need look for."""
    return min((cap for cap in added_up.values() if cap is not None), default=np.inf)


def _sum_of_caps(capped: Iterable[TermBase | PayerTerms | ContractTerms]) -> float | None:
    found = [None if one.cap is None else max(one.cap.central_values()) for one in capped]
    caps = [cap for cap in found if cap is not None]
    return sum(caps) if len(caps) == len(found) else None
