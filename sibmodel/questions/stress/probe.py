"""Verified outcomes tried out on the contract: many sets of rows at once, by the contract's own machinery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from sibmodel.contract.payers import payments
from sibmodel.contract.payment import until_all_is_due
from sibmodel.contract.verified import Needs, VerifiedRow
from sibmodel.core.flows import NOBODY, OutcomeFlow, Part, total
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books
from sibmodel.outcomes.terms import AchievementTerms
from sibmodel.questions.stress.directions import read_by_terms
from sibmodel.running.paying import effects_of
from sibmodel.scenario.schema import Scenario

TOGETHER = 4096
"""Sets of rows that are paid at once."""
PERSONS = 12
"""People who are told apart where the contract asks for each person."""
_NOT_FEWER = 1.0


@dataclass(frozen=True)
class Cell:
    """A place for a quantity: a row of verified outcomes but for how much."""

    period: int
    outcome: str
    plan: float
    people: float | None = None
    group: str | None = None
    cohort: str | None = None
    person: str | None = None

    def row(self, quantity: float) -> VerifiedRow:
        """The row with a quantity."""
        return VerifiedRow(
            period=self.period, outcome=self.outcome, quantity=float(quantity), people=self.people, group=self.group,
            cohort=self.cohort, person=self.person,
        )  # fmt: skip


@dataclass(frozen=True)
class Paid:
    """What is owed for many sets of rows, each (sets,): in all, and by payer with tax it cannot recover.

    `due` is what each term's own rule asks for, before caps and floors.
    """

    total: FloatArray
    due: Mapping[str, FloatArray]
    by_payer: Mapping[str, FloatArray]


@dataclass(frozen=True)
class Probe:
    """A contract and the cells in which outcomes are tried out."""

    scenario: Scenario
    cells: tuple[Cell, ...]

    @cached_property
    def timeline(self) -> Timeline:
        """The timeline, and as much more as the last payments need."""
        return until_all_is_due(self.scenario.contract, self.scenario.timeline)

    @cached_property
    def effects(self) -> frozenset[str]:
        """The outcomes that are means."""
        return effects_of(self.scenario)

    @cached_property
    def plan(self) -> FloatArray:
        """The quantities of the plan, (cells,)."""
        return np.array([cell.plan for cell in self.cells])

    @cached_property
    def whole(self) -> npt.NDArray[np.bool_]:
        """The cells that count people, who are not divided; (cells,)."""
        return np.array([self.scenario.outcomes[cell.outcome].type == "achievement" for cell in self.cells], np.bool_)

    def only(self, cells: Sequence[Cell]) -> Probe:
        """The same with fewer cells."""
        return replace(self, cells=tuple(cells))

    def of(self, outcome: str) -> list[int]:
        """Numbers of an outcome's cells."""
        return [index for index, cell in enumerate(self.cells) if cell.outcome == outcome]

    def pay(self, quantities: FloatArray) -> Paid:
        """What is owed for columns of quantities, (cells, sets), over the whole contract."""
        parts = [
            self._paid(quantities[:, first : first + TOGETHER]) for first in range(0, quantities.shape[1], TOGETHER)
        ]
        return Paid(
            np.concatenate([part.total for part in parts]),
            {name: np.concatenate([part.due[name] for part in parts]) for name in parts[0].due},
            {name: np.concatenate([part.by_payer[name] for part in parts]) for name in parts[0].by_payer},
        )

    def _paid(self, quantities: FloatArray) -> Paid:
        contract, timeline = self.scenario.contract, self.timeline
        count = quantities.shape[1]
        trials = Trials(count, timeline.periods + 1)
        found = payments(contract, self._flows(quantities), timeline, trials, self.scenario.timeline.months)
        owed = {key: _in_all(amount, trials) for key, amount in found.owed.items()}
        nothing = np.zeros(count)
        by_payer = {
            name: sum((a for (_, by), a in owed.items() if by == name), nothing) * (1.0 + self._tax(name))
            for name in contract.payers
        }
        due = {name: _in_all(amount, trials) for name, amount in found.due.items()}
        return Paid(sum(owed.values(), nothing), due, by_payer)

    def _tax(self, payer: str) -> float:
        """The rate of the tax that a payer cannot recover."""
        vat = self.scenario.contract.vat
        mine = vat is not None and not self.scenario.contract.payers[payer].recovers_vat
        return vat.rate.central_values()[0] if vat is not None and mine else 0.0

    def _flows(self, quantities: FloatArray) -> dict[str, OutcomeFlow]:
        """Outcomes as the contract reads them, as `contract.verified.outcomes_of` makes them of rows."""
        return {name: self._flow(name, quantities) for name in self.scenario.outcomes}

    def _flow(self, name: str, quantities: FloatArray) -> OutcomeFlow:
        shape, is_effect = (self.timeline.periods + 1, quantities.shape[1]), name in self.effects
        parts: dict[tuple[str, str, str], Part] = {}
        for index in self.of(name):
            cell = self.cells[index]
            who = cell.group or "", cell.cohort or "", cell.person or ""
            if who not in parts:
                parts[who] = Part(who[0], np.zeros(shape), np.zeros((shape[0], 1)), who[1], who[2])
            people = 1.0 if cell.people is None else cell.people
            parts[who].units[cell.period] += quantities[index] * (people if is_effect else 1.0)
            parts[who].measured[cell.period] += people
        units = total([np.zeros(shape), *(part.units for part in parts.values())]) + np.zeros(shape)
        measured = total(part.measured for part in parts.values()) + np.zeros((shape[0], 1))
        if is_effect:
            units = np.divide(units, measured, out=np.zeros(shape), where=measured > 0)
        return OutcomeFlow(is_effect, np.zeros((1, 1)), units, measured, tuple(parts.values()))

    def rows(self, quantities: FloatArray) -> tuple[VerifiedRow, ...]:
        """One set as rows, (cells,)."""
        return tuple(cell.row(quantity) for cell, quantity in zip(self.cells, quantities.tolist(), strict=True))


def _in_all(amount: FloatArray, trials: Trials) -> FloatArray:
    return np.array(over_time(np.broadcast_to(amount, (trials.periods, trials.count))))


def commissioners_in(paid: Paid, scenario: Scenario) -> FloatArray:
    """What commissioners owe together with their tax, (sets,)."""
    buyers = [paid.by_payer[name] for name, payer in scenario.contract.payers.items() if payer.kind == "commissioner"]
    return sum(buyers, np.zeros_like(paid.total))


# ---------------------------------------------------------------------------------------------- cells of the plan


def planned(base: Books) -> Probe:
    """Cells where the base case verifies something that a term reads, with what it verifies.

    Whole people, means as they are.
    """
    return Probe(base.scenario, tuple(_cells(base)))


def in_every_period(base: Books) -> Probe:
    """The same cells, and as many in every other period up to the end."""
    found = planned(base)
    cells = list(found.cells)
    for name in base.scenario.outcomes:
        own = [cell for cell in found.cells if cell.outcome == name]
        if own:
            largest = max(own, key=lambda cell: cell.people or cell.plan)
            taken = {cell.period for cell in own}
            cells += [
                replace(largest, period=t, plan=0.0, cohort=largest.cohort and f"c{t}")
                for t in range(1, base.scenario.timeline.periods + 1)
                if t not in taken
            ]
    return found.only(cells)


def needs_of(scenario: Scenario) -> Needs:
    """Which columns the rows of an evaluator need."""
    contract = scenario.contract
    by_person = contract.caps.person is not None or contract.floors.person is not None
    return Needs(contract.terms, by_person, effects_of(scenario))


def _cells(base: Books) -> Iterator[Cell]:
    needs, read = needs_of(base.scenario), read_by_terms(base.scenario)
    for name, flow in ((name, flow) for name, flow in base.service.outcomes.items() if name in read):
        for group, one in _by_group(base, name, flow, name in needs.group):
            if name in needs.only_person:
                yield from _of_persons(name, group, one)
            elif name in needs.cohort_will_do:
                yield from _of_cohort(base, name, group, one)
            else:
                yield from _of_periods(base, name, group, one, name in needs.cohort)


def _by_group(base: Books, name: str, flow: OutcomeFlow, apart: bool) -> Iterator[tuple[str | None, OutcomeFlow]]:
    if not apart:
        yield None, flow
        return
    for group in base.scenario.outcomes[name].groups or tuple(base.scenario.programme.groups):
        yield group, flow.of_groups((group,))


def _of_periods(base: Books, name: str, group: str | None, flow: OutcomeFlow, by_cohort: bool) -> Iterator[Cell]:
    """A cell for each report, or for each period in which anything is counted."""
    verified, measured = _column(flow.verified), _column(flow.measured)
    whole = isinstance(base.scenario.outcomes[name], AchievementTerms)
    for t in np.flatnonzero(measured > NOBODY).tolist():
        cohort = f"c{t}" if by_cohort else None
        if flow.is_effect:
            people = max(float(round(measured[t])), _NOT_FEWER)
            yield Cell(t, name, _plainly(verified[t]), people, group, cohort)
        else:
            plan = float(round(verified[t])) if whole else _plainly(verified[t])
            yield Cell(t, name, plan, None, group, cohort)


def _of_cohort(base: Books, name: str, group: str | None, flow: OutcomeFlow) -> Iterator[Cell]:
    """People of one cohort, who reach an outcome at the period in which the plan first verifies it."""
    verified = _column(flow.verified)
    first = np.flatnonzero(verified > NOBODY)
    if first.size:
        yield Cell(int(first[0]), name, float(round(verified.sum())), None, group, "c1")


def _of_persons(name: str, group: str | None, flow: OutcomeFlow) -> Iterator[Cell]:
    """A few persons, each of whom has the outcome once in every one of a few periods (of an effect, its mean)."""
    verified, measured = _column(flow.verified), _column(flow.measured)
    periods = np.flatnonzero(verified > NOBODY)
    chosen = periods[np.unique(np.linspace(0, periods.size - 1, 3).round().astype(int))] if periods.size else periods
    for t in chosen.tolist():
        people = max(float(round(measured[t] / PERSONS)), _NOT_FEWER) if flow.is_effect else None
        plan = _plainly(verified[t]) if flow.is_effect else 1.0
        for number in range(1, PERSONS + 1):
            yield Cell(t, name, plan, people, group, None, f"{group or ''}{number}")


def _plainly(value: float) -> float:
    """To six digits, as an evaluator might report it."""
    return float(f"{value:.6g}")


def _column(amount: FloatArray) -> FloatArray:
    return np.asarray(amount[:, 0])
