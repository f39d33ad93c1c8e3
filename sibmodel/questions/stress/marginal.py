"""Outcomes of which nothing more is paid for more: at the plan, over a range, and how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sibmodel.contract.payers import payments
from sibmodel.core.flows import OutcomeFlow
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books
from sibmodel.questions.break_even import times
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged, not_applicable
from sibmodel.questions.stress.directions import read_by_terms
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "marginal", "Outcomes of which nothing more is paid for more"
MORE = 0.01
"""Part by which an outcome is made better."""
RANGE = 200
"""Hundredths of the plan that are looked at, from nothing up."""
TENTHS = 10
"""Parts into which a hundredth is divided to see whether it is paid by degrees or in one lump."""
MOST = 0.5
"""Part of a step that is paid at once where it is a lump; part of all steps that are paid for where pay is no lump."""
PENNY = 0.01
NOTHING, PART = 0.05, 0.5
"""Parts of what one per cent earns on the way to the plan: below the first next to nothing more is paid, below the
second only part."""


def look(books: Books, ways: Mapping[str, int]) -> dict[str, FloatArray]:
    """By outcome, what is paid more for one hundredth more (or less, where that is better) of all of it."""
    today = _paid(books.scenario, books.service.outcomes, books.trials)
    return {name: paid_if_better(books, {name: way}) - today for name, way in ways.items()}


def paid_if_better(books: Books, ways: Mapping[str, int]) -> FloatArray:
    """What is owed if some outcomes are a hundredth better, each for its own sake; (trials,)."""
    outcomes = {**books.service.outcomes}
    for name, way in ways.items():
        better = 1.0 + MORE * way * _signs(outcomes[name], books.trials)
        outcomes[name] = times(outcomes[name], better)
    return _paid(books.scenario, outcomes, books.trials)


def _signs(flow: OutcomeFlow, trials: Trials) -> FloatArray:
    """Whether all of an outcome is above nought, 1, or below, −1: there less of a fall is more; (trials,)."""
    return np.sign(over_time(np.broadcast_to(flow.units, (trials.periods, trials.count))))


def _paid(scenario: Scenario, outcomes: Mapping[str, OutcomeFlow], trials: Trials) -> FloatArray:
    """All that is owed, (trials,)."""
    found = payments(scenario.contract, outcomes, scenario.timeline, trials)
    shape = (trials.periods, trials.count)
    zero = np.zeros(trials.count)
    return sum((np.array(over_time(np.broadcast_to(one, shape))) for one in found.owed.values()), zero)


@dataclass(frozen=True)
class Range:
    """What is paid in all at multiples of an outcome's plan, and whether it is better the larger that is."""

    pay: Callable[[FloatArray], FloatArray]
    up: bool

    @cached_property
    def paid(self) -> FloatArray:
        """At 0, 1 … 200 % of the plan."""
        return self.pay(np.arange(RANGE + 1) / 100.0)

    @property
    def flat(self) -> float:
        """Share of the steps of a hundredth at which payment does not change."""
        return float(np.mean(np.abs(np.diff(self.paid)) < PENNY))

    @property
    def usual(self) -> float:
        """What a hundredth earns on the way to the plan: the median of the steps for which anything is paid.

        The median, as one step may bring a lump that all the others do not. Where most steps bring nothing, lumps are
        left out, as a hundredth earns nothing but where it happens to reach one; nought if there are lumps only.
        """
        steps, gains = self._way
        if steps.size and steps.size <= MOST * (RANGE // 2):
            gains = gains[~self._lumps(steps)]
        return float(np.median(gains)) if gains.size else 0.0

    @property
    def only_lumps(self) -> bool:
        """Whether something is paid on the way to the plan, but nothing by degrees."""
        return bool(self._way[0].size) and self.usual == 0.0

    @property
    def _way(self) -> tuple[npt.NDArray[np.intp], FloatArray]:
        """The steps on the way to the plan for which anything is paid, and what."""
        gains = np.diff(self.paid) * (1.0 if self.up else -1.0)
        way = np.arange(RANGE // 2) if self.up else np.arange(RANGE // 2, RANGE)
        steps = way[gains[way] >= PENNY]
        return steps, gains[steps]

    def _lumps(self, steps: npt.NDArray[np.intp]) -> npt.NDArray[np.bool_]:
        """Whether more than half of what a step changes is paid within a tenth of it."""
        within = (steps[:, None] + np.arange(TENTHS + 1) / TENTHS) / 100.0
        changes = np.abs(np.diff(self.pay(within.ravel()).reshape(within.shape)))
        return np.asarray(changes.max(axis=1) > MOST * changes.sum(axis=1))


def around_plan(base: Books, name: str, way: int) -> Range:
    """Payment with one outcome at nothing to twice its plan, all else as planned."""
    flow = base.service.outcomes[name]

    def pay(multiples: FloatArray) -> FloatArray:
        outcomes = {**base.service.outcomes, name: times(flow, multiples)}
        return _paid(base.scenario, outcomes, Trials(multiples.size, base.trials.periods))

    return Range(pay, way * float(_signs(flow, base.trials)[0]) > 0)


def part_paid(more: float, usual: float) -> float:
    """What is paid for one per cent more over what one per cent earns on the way; all or none where that is nothing."""
    return more / usual if usual > 0.0 else float(more >= PENNY)


def _nothing_more(name: str) -> Callable[[Columns], npt.NDArray[np.bool_]]:
    return lambda some: some[name] < PENNY


def check(base: Books, ways: Mapping[str, int], found: Found) -> Check:
    """By outcome and of all together; those of which little more is paid, and that no term reads, are named."""
    planned = {name: ways[name] for name in found.base if base.service.outcomes[name].units.any()}
    if not planned:
        reason = "the base case verifies none of the outcomes that are paid for"
        if not found.base:
            reason = "no term reads an outcome of which it is clear whether more is better"
        return not_applicable(NAME, TITLE, reason)
    around = {name: around_plan(base, name, way) for name, way in planned.items()}
    rows = [(name, _figures(found, name, one)) for name, one in around.items()]
    parts = {name: numbers["part"].base or 0.0 for name, numbers in rows}
    more = float(paid_if_better(base, planned)[0] - _paid(base.scenario, base.service.outcomes, base.trials)[0])
    usual = sum(numbers["usual"].base or 0.0 for _, numbers in rows)
    together = part_paid(more, usual)
    lumps = [name for name, one in around.items() if one.only_lumps]
    none = [name for name, part in parts.items() if part < NOTHING]
    partly = [name for name, part in parts.items() if NOTHING <= part < PART]
    unread = sorted(set(base.scenario.outcomes) - read_by_terms(base.scenario))
    numbers = {
        "flat_share": Figure(
            "share of outcomes of which next to nothing more is paid (1 where that is so of all together)",
            "rate",
            1.0 if together < NOTHING else len(none) / len(rows),
        ),
        "together": Figure("paid for 1% more of all of them together", "£", more),
        "usual": Figure("what 1% of each earns on the way to the plan, added up", "£", usual),
        "part": Figure("part of that", "rate", together),
    }
    verdict = judged(NAME, numbers["flat_share"])
    verdict = "warn" if verdict == "pass" and (unread or partly or together < PART) else verdict
    named = {"flat": none, "lumps": lumps, "partly": partly, "unread": unread}
    said = {key: ", ".join(names) for key, names in named.items() if names}
    return Check(NAME, TITLE, verdict, numbers, tuple(rows), said)


def _figures(found: Found, name: str, around: Range) -> dict[str, Figure]:
    more = found.figure(name, "paid for 1% more")
    return {
        "more": more,
        "usual": Figure("what 1% earns on the way to the plan", "£", around.usual),
        "part": Figure("part of that", "rate", part_paid(more.base or 0.0, around.usual)),
        "chance": found.chance(_nothing_more(name), "futures in which nothing more is paid"),
        "flat": Figure("part of 0 to 200% of the plan", "rate", around.flat),
    }
