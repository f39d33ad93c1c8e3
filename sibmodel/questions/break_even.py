"""How much of the planned outcomes is enough: for each tranche to be whole, and for each payer to save money."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from sibmodel.core.flows import OutcomeFlow, Part, total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.commissioner import paid_by, present_value_of_real, real_present_value
from sibmodel.model import Books, Service, settle
from sibmodel.questions.positions import tranches_of

MOST = 10.0
"""The most that verified quantities are multiplied by."""

HALF_A_PENNY = 0.005
_GRID, _FINER, _ROUNDS = 1001, 33, 9

Answers = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BreakEven:
    """Shares of the base case's verified quantities; 1 is as planned.

    `tranches`: the smallest from which the tranche is whole and stays so, None if it is not at ten times the plan.
    `payers`: the largest up to which the payer's own fiscal savings after optimism bias cover its payments, `cashable`
    the same with cashable savings only; MOST if they always do, None if they do not without any outcome. Payers without
    savings of their own are left out.
    """

    tranches: Mapping[str, float | None]
    payers: Mapping[str, float | None]
    cashable: Mapping[str, float | None]


def break_even(base: Books) -> BreakEven:
    """All else stays as in the base case: costs, and savings, which follow from what truly changes."""
    own = {name for name in base.scenario.contract.payers if _own(base, name)}
    saved = {name: _saved(base, name, cashable=False) for name in own}
    cash = {name: _saved(base, name, cashable=True) for name in own}
    tranches = tranches_of(base)
    payers = tuple(name for name in base.scenario.contract.payers if name in own)

    def answers(multiples: FloatArray) -> Answers:
        """Rows: tranche not whole; payer's payments above its savings; the same of cashable savings."""
        books = scaled(base, multiples)
        short = [over_time(books.settlement.ledger.net(name)) < -HALF_A_PENNY for name in tranches]
        bills = {name: _bill(books, name) for name in payers}
        dear = [bills[name] > some[name] + HALF_A_PENNY for some in (saved, cash) for name in payers]
        return np.array([*short, *dear])

    count = len(tranches)
    last = _edges(answers, range(count), last=True)
    first = _edges(answers, range(count, count + 2 * len(payers)), last=False)
    return BreakEven(
        dict(zip(tranches, last, strict=True)),
        dict(zip(payers, first[: len(payers)], strict=True)),
        dict(zip(payers, first[len(payers) :], strict=True)),
    )


def _bill(books: Books, payer: str) -> FloatArray:
    """Present value of what a payer pays, with value added tax that it cannot recover, (trials,)."""
    tax = books.settlement.payments.vat.get(payer, np.zeros((1, 1)))
    return real_present_value(books, paid_by(books, payer) + tax)


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
    outcomes = {name: _times(flow, multiples) for name, flow in base.service.outcomes.items()}
    service = Service(base.service.activity, base.service.costs, outcomes, base.service.savings)
    return Books(base.scenario, trials, service, settle(base.scenario, service, trials))


def _times(flow: OutcomeFlow, multiples: FloatArray) -> OutcomeFlow:
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


def _edges(answers: Callable[[FloatArray], Answers], rows: range, last: bool) -> list[float | None]:
    """For each row, where it stops being true for good (`last`), or where it first becomes true.

    A grid of 0 to MOST in hundredths finds the step in which it happens, ever finer grids within it the place. None if
    it is still true at the end (or, for the first, at the beginning); 0 and MOST if it is true nowhere.
    """
    grid = np.linspace(0.0, MOST, _GRID)
    found: dict[int, float | None] = {}
    brackets: dict[int, tuple[float, float]] = {}
    for row, true in zip(rows, answers(grid)[rows.start : rows.stop], strict=True):
        if not true.any():
            found[row] = 0.0 if last else MOST
        elif true[-1 if last else 0]:
            found[row] = None
        else:
            brackets[row] = _step(grid, true, last)
    for _ in range(_ROUNDS if brackets else 0):
        grids = {row: np.linspace(*ends, _FINER) for row, ends in brackets.items()}
        together = answers(np.concatenate(list(grids.values())))
        for place, (row, grid) in enumerate(grids.items()):
            brackets[row] = _step(grid, together[row, place * _FINER : (place + 1) * _FINER], last)
    found |= {row: high if last else low for row, (low, high) in brackets.items()}
    return [found[row] for row in rows]


def _step(grid: FloatArray, true: Answers, last: bool) -> tuple[float, float]:
    """The two points between which it stops being true for good, or first becomes true."""
    where = np.flatnonzero(true)
    low = int(where[-1]) if last else int(where[0]) - 1
    return float(grid[low]), float(grid[low + 1])
