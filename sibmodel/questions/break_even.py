"""How much of the planned outcomes is enough: for each tranche to be whole, and for each payer to save money."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sibmodel.core.flows import OutcomeFlow, Part, total
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.commissioner import outlay, present_value_of_real, real_present_value
from sibmodel.model import Books, settle

MOST = 10.0
"""The most that verified quantities are multiplied by."""

_GRID, _FINER, _ROUNDS = 1001, 33, 9

Answers = npt.NDArray[np.bool_]


Ask = Callable[[FloatArray], Answers]
"""Answers for some multiples: a row a question, a column a multiple."""


@dataclass(frozen=True)
class Stretch:
    """Multiples of the plan at which a tranche is whole: from `low` on, or only up to `high`."""

    low: float
    high: float | None = None


@dataclass(frozen=True)
class BreakEven:
    """Shares of the base case's verified quantities; 1 is as planned.

    `tranches`: where the tranche is whole, None if nowhere up to ten times the plan. If it is whole at ten times the
    plan, `low` is the smallest share from which it is and stays so; otherwise it is the first stretch.
    `payers`: the largest up to which the payer's own fiscal savings after optimism bias cover its payments, `cashable`
    the same with cashable savings only; MOST if they always do, None if they do not without any outcome. Payers without
    savings of their own are left out. `planned` is whether the base case verifies anything that could be multiplied.
    """

    planned: bool
    tranches: Mapping[str, Stretch | None]
    payers: Mapping[str, float | None]
    cashable: Mapping[str, float | None]


def break_even(base: Books) -> BreakEven:
    """All else stays as in the base case: costs, and savings, which follow from what truly changes.

    A grid of 0 to MOST in hundredths finds the steps in which an answer changes, ever finer grids the place in them.
    """
    tranches = tuple(name for name, tranche in base.scenario.capital.tranches.items() if tranche.is_owed)
    payers = tuple(name for name in base.scenario.contract.payers if _own(base, name))
    saved = [_saved(base, name, cashable) for cashable in (False, True) for name in payers]

    def ask(multiples: FloatArray) -> Answers:
        """Rows: tranche not whole; payer's payments above its savings; the same of cashable savings."""
        books = scaled(base, multiples)
        short = [over_time(books.settlement.capital.net((name,))) < -HALF_A_PENNY for name in tranches]
        bills = [_bill(books, name) for name in payers]
        dear = [bill > some + HALF_A_PENNY for bill, some in zip([*bills, *bills], saved, strict=True)]
        return np.array([*short, *dear])

    grid = np.linspace(0.0, MOST, _GRID)
    answers, count = ask(grid), len(tranches)
    whole = _whole(ask, grid, answers, range(count))
    up_to = _saving(ask, grid, answers, range(count, count + len(saved)))
    return BreakEven(
        any(bool(flow.verified.any()) for flow in base.service.outcomes.values()),
        dict(zip(tranches, whole, strict=True)),
        dict(zip(payers, up_to[: len(payers)], strict=True)),
        dict(zip(payers, up_to[len(payers) :], strict=True)),
    )


def _bill(books: Books, payer: str) -> FloatArray:
    """Present value of all that the bond costs a payer, (trials,)."""
    return real_present_value(books, outlay(books, payer))


def _own(base: Books, payer: str) -> set[str]:
    """Agencies whose savings are the payer's own."""
    agencies = base.scenario.savings.agencies if base.scenario.savings else {}
    return {name for name, agency in agencies.items() if agency.payer == payer}


def _saved(base: Books, payer: str, cashable: bool) -> float:
    mine = [s for s in base.service.savings if s.kind == "fiscal" and s.agency in _own(base, payer)]
    return float(present_value_of_real(base, total(s.cashable if cashable else s.after_bias for s in mine))[0])


def scaled(base: Books, multiples: FloatArray) -> Books:
    """The base case settled again with all verified quantities multiplied, one trial for each of `multiples`."""
    trials = Trials(multiples.size, base.trials.periods)
    outcomes = {name: times(flow, multiples) for name, flow in base.service.outcomes.items()}
    service = replace(base.service, outcomes=outcomes)
    return Books(base.scenario, trials, service, settle(base.scenario, service, trials))


def times(flow: OutcomeFlow, multiples: FloatArray) -> OutcomeFlow:
    """Verified totals or means, and the units of every part, times each multiple; the people stay as they are."""
    parts = tuple(_part_times(part, multiples) for part in flow.parts)
    return replace(flow, verified=flow.verified * multiples, parts=parts)


def _part_times(part: Part, multiples: FloatArray) -> Part:
    """An achievement comes to more people, units of a quantity come in greater number to the same."""
    chance, each = part.chance, part.each
    if part.certain and each is not None:
        each = each * multiples
    elif chance is not None:
        chance = np.minimum(chance * multiples, 1.0)
    return replace(part, units=part.units * multiples, chance=chance, each=each)


@dataclass(frozen=True)
class _Crossing:
    """A change of an answer between two multiples: the last where it stops being true, or the first where it begins."""

    row: int
    low: float
    high: float
    stops: bool

    def within(self, grid: FloatArray, true: Answers) -> _Crossing:
        """The same between two neighbours of a grid, given the answers there."""
        where = np.flatnonzero(true)
        left = int(where[-1]) if self.stops else int(where[0]) - 1
        return replace(self, low=float(grid[left]), high=float(grid[left + 1]))


def _found(ask: Ask, crossings: Sequence[_Crossing]) -> list[_Crossing]:
    """Every crossing between two multiples that agree to all digits that count, by ever finer grids in the same run."""
    for _ in range(_ROUNDS if crossings else 0):
        grids = [np.linspace(one.low, one.high, _FINER) for one in crossings]
        answers = np.split(ask(np.concatenate(grids)), len(grids), axis=1)
        found = zip(crossings, grids, answers, strict=True)
        crossings = [one.within(grid, true[one.row]) for one, grid, true in found]
    return list(crossings)


def _whole(ask: Ask, grid: FloatArray, short: Answers, rows: Sequence[int]) -> list[Stretch | None]:
    """For each tranche where it is whole: for good, or else the first stretch of it."""
    crossings: list[_Crossing] = []
    for row in rows:
        first, end = _stretch(short[row])
        if 0 < first < len(grid):
            crossings.append(_Crossing(row, float(grid[first - 1]), float(grid[first]), stops=True))
        if end < len(grid):
            crossings.append(_Crossing(row, float(grid[end - 1]), float(grid[end]), stops=False))
    found = _found(ask, crossings)
    begins = {one.row: one.high for one in found if one.stops}
    ends = {one.row: one.low for one in found if not one.stops}
    return [None if short[row].all() else Stretch(begins.get(row, 0.0), ends.get(row)) for row in rows]


def _stretch(short: Answers) -> tuple[int, int]:
    """First point of a stretch without `short`, and the first after it: of the last if that reaches the end."""
    changes = np.flatnonzero(np.diff(short)) + 1
    if not short[-1]:
        return (int(changes[-1]) if changes.size else 0), len(short)
    begin = 0 if not short[0] else next(iter(changes.tolist()), len(short))
    return begin, next((end for end in changes.tolist() if end > begin), len(short))


def _saving(ask: Ask, grid: FloatArray, dear: Answers, rows: Sequence[int]) -> list[float | None]:
    """For each payer the multiple up to which its savings cover its payments: MOST if always, None if never."""
    crossings = []
    for row in rows:
        first = int(np.argmax(dear[row]))
        if dear[row].any() and first:
            crossings.append(_Crossing(row, float(grid[first - 1]), float(grid[first]), stops=False))
    found = {one.row: one.low for one in _found(ask, crossings)}
    return [MOST if not dear[row].any() else found.get(row) for row in rows]
