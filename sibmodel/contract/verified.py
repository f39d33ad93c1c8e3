"""What an evaluator has verified, row by row, and outcomes made of such rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Annotated

import numpy as np
from pydantic import Field

from sibmodel.contract.rules.base import TermBase
from sibmodel.core.flows import OutcomeFlow, Part
from sibmodel.core.schema import GroupName, Model, Number, OutcomeName, Whole, nearest
from sibmodel.core.timeline import FloatArray


class VerifiedRow(Model):
    """One verified outcome."""

    period: Annotated[Whole, Field(ge=0)]
    """The period in which it is verified; 0 is the day of signing."""
    outcome: OutcomeName
    """Which outcome."""
    quantity: Number
    """How much: a number of achievements or units, or the measured value of an effect."""
    people: Annotated[Number, Field(gt=0)] | None = None
    """People (or person-years) on whom an effect was measured."""
    group: GroupName | None = None
    """The group of people."""
    cohort: str | None = None
    """Those who came together, by any name."""
    person: str | None = None
    """The person, by any name."""


Fault = tuple[int, str, str, str]
"""Which row, which of its fields, what is wrong, what would be right."""


class Needs:
    """Which fields of the rows a contract cannot do without, by outcome."""

    def __init__(self, terms: Mapping[str, TermBase], by_person: bool, effects: frozenset[str]) -> None:
        rules = [(outer, rule) for outer in terms.values() for rule in _rules(outer)]
        self.effects = effects
        self.group = {n for outer, rule in rules if outer.groups or rule.groups or rule.priced_by_group
                      for n in rule.outcomes}  # fmt: skip
        self.cohort_will_do = {n for _, rule in rules if rule.needs_persons and not _once(rule) for n in rule.outcomes}
        self.only_person = {n for _, rule in rules if _once(rule) for n in rule.outcomes}
        limited = [t for t in terms.values() if by_person or t.caps.person is not None or t.floors.person is not None]
        self.only_person |= {n for term in limited if term.pays_for_people for n in term.outcomes} - effects
        self.cohort = {n for _, rule in rules if rule.each == "cohort" for n in rule.outcomes}
        adding = {n for _, rule in rules if rule.needs_people for n in rule.outcomes}
        self.people = (adding | {n for term in terms.values() for n in term.conditions_need_people}) & effects

    def missing(self, row: VerifiedRow) -> Iterator[tuple[str, str]]:
        """Fields that the row lacks, and why they matter."""
        name = row.outcome
        if name in self.group and row.group is None:
            yield "group", f"'{name}' is paid for by group"
        if name in self.only_person and row.person is None:
            yield "person", f"'{name}' is paid for person by person"
        elif name in self.cohort_will_do and row.person is None and row.cohort is None:
            yield "person", f"'{name}' is paid for in the order of each person's milestones (a cohort would do)"
        if name in self.cohort and row.cohort is None:
            yield "cohort", f"'{name}' is paid for cohort by cohort"
        if name in self.people and row.people is None:
            yield "people", f"the contract adds up or pays for the people on whom '{name}' was measured"


def _rules(term: TermBase) -> Iterator[TermBase]:
    """The rule of a term, or those inside it."""
    inner: dict[str, TermBase] = getattr(term, "of", {})
    if not inner:
        yield term
    for one in inner.values():
        yield from _rules(one)


def _once(term: TermBase) -> bool:
    return getattr(term, "claims", "repeat") == "once"


def faults(rows: Iterable[VerifiedRow], needs: Needs, periods: int) -> Iterator[Fault]:
    """Everything that keeps rows from being paid for; `periods` is the last period."""
    seen: dict[tuple[int, str], tuple[int, float | None]] = {}
    groups: dict[str, str] = {}
    for index, row in enumerate(rows):
        if row.period > periods:
            yield index, "period", f"period {row.period} lies beyond the end of the timeline", f"it has {periods}"
        for field, why in needs.missing(row):
            yield index, field, f"'{field}' is missing", why
        if row.people is not None and row.outcome not in needs.effects:
            yield index, "people", f"'{row.outcome}' is not measured on people", "leave 'people' out"
        key = (row.period, row.outcome)
        if row.person is not None and row.group is not None and groups.setdefault(row.person, row.group) != row.group:
            what = f"person '{row.person}' is in group '{row.group}' here and in '{groups[row.person]}' before"
            yield index, "group", what, "give every person one group"
        alone = row.outcome in needs.cohort
        if row.outcome in needs.effects and key in seen and not alone and None in (row.people, seen[key][1]):
            first = seen[key][0] + 1
            yield (
                index,
                "people",
                f"'{row.outcome}' is measured twice in period {row.period}",
                (f"give 'people' so that both count in proportion, or drop one (the first is row {first})"),
            )
        seen.setdefault(key, (index, row.people))


def notes_on(rows: Iterable[VerifiedRow], achievements: Container[str]) -> tuple[str, ...]:
    """What rows say that is paid for in a way one may not expect: fewer people than none, and parts of a person."""
    counted = [row for row in rows if row.outcome in achievements]
    reached: dict[tuple[int, str], float] = defaultdict(float)
    by_person: dict[tuple[int, str, str], float] = defaultdict(float)
    for row in counted:
        reached[row.period, row.outcome] += row.quantity
        if row.person is not None:
            by_person[row.period, row.outcome, row.person] += row.quantity
    below = (
        f"In period {period} '{name}' comes to {number:,.10g}. That counts as nothing and is not deducted from what "
        "other periods earn; write a correction into the period that it corrects."
        for (period, name), number in reached.items()
        if number < 0
    )
    parts = (
        f"In period {period} person '{person}' reaches '{name}' {number:,.10g} times, and is paid for in proportion."
        for (period, name, person), number in by_person.items()
        if number != int(number)
    )
    return (*below, *parts)


def outcomes_of(
    rows: Iterable[VerifiedRow], names: Iterable[str], effects: frozenset[str], periods: int
) -> dict[str, OutcomeFlow]:
    """Outcomes as the contract sees them, arrays (periods, 1); `periods` counts period 0."""
    by_outcome: dict[str, list[VerifiedRow]] = defaultdict(list)
    for row in rows:
        by_outcome[row.outcome].append(row)
    return {name: _flow(by_outcome[name], name in effects, periods) for name in names}


def _flow(rows: list[VerifiedRow], is_effect: bool, periods: int) -> OutcomeFlow:
    by_part: dict[tuple[str, str, str], list[VerifiedRow]] = defaultdict(list)
    for row in rows:
        by_part[row.group or "", row.cohort or "", row.person or ""].append(row)
    parts = tuple(_part(who, own, is_effect, periods) for who, own in by_part.items())
    nothing = np.zeros((periods, 1))
    units = sum((part.units for part in parts), start=nothing)
    measured = sum((part.measured for part in parts), start=nothing)
    if is_effect:
        mean = np.divide(units, measured, out=np.zeros_like(units), where=measured > 0)
        return OutcomeFlow(True, nothing, mean, measured, parts)
    return OutcomeFlow(False, nothing, units, measured, parts)


def _part(who: tuple[str, str, str], rows: list[VerifiedRow], is_effect: bool, periods: int) -> Part:
    group, cohort, person = who
    units, measured = _nothing(periods), _nothing(periods)
    for row in rows:
        people = 1.0 if row.people is None else row.people
        units[row.period] += row.quantity * (people if is_effect else 1.0)
        measured[row.period] += people
    return Part(group, units, measured, cohort, person)


def _nothing(periods: int) -> FloatArray:
    return np.zeros((periods, 1))


def unknown(name: str, kind: str, known: Iterable[str]) -> tuple[str, str]:
    """What is wrong with a name that the contract does not have, and what would be right."""
    return f"there is no {kind} called '{name}'", nearest(name, known)
