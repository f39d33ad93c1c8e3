"""A contract alone: what it pays for given verified outcomes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import ValidationError

from sibmodel.contract.desk import Entry
from sibmodel.contract.examples import ExampleTerms
from sibmodel.contract.payers import payments
from sibmodel.contract.payment import until_all_is_due
from sibmodel.contract.terms import ContractTerms
from sibmodel.contract.verified import Needs, VerifiedRow, faults, notes_on, outcomes_of, unknown
from sibmodel.core.flows import OutcomeFlow, Payments, total
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.reader import varied
from sibmodel.scenario.schema import ContractSheet, Scenario
from sibmodel.scenario.verified_file import VerifiedFile, read_verified

Verified = str | Path | Iterable[VerifiedRow | Mapping[str, Any]]


@dataclass(frozen=True)
class CapBound:
    """A cap that bound: its address, the periods in which it held something back, and pounds forgone for good."""

    where: str
    bound_in: list[int]
    forgone: float


@dataclass(frozen=True)
class FloorRaised:
    """A floor that raised payments: its address, the periods, and pounds added."""

    where: str
    raised_in: list[int]
    added: float


@dataclass(frozen=True, repr=False)
class Paid:
    """What a contract pays, in pounds, by term, by payer and by the period of payment. Prints itself as tables.

    Amounts are without value added tax; `vat` is what comes on top, by payer, whether it can be recovered or not.
    `verified` is what the outcomes came to (of an effect, the mean), `periods` the last period, which may lie after the
    timeline's where payments fall due later. `notes` say what is paid for in a way that one may not expect.
    """

    title: str
    total: float
    by_term: Mapping[str, float]
    by_payer: Mapping[str, float]
    by_period: Mapping[str, float]
    caps: tuple[CapBound, ...]
    floors: tuple[FloorRaised, ...]
    payments: Payments
    vat: Mapping[str, float]
    verified: Mapping[str, float]
    periods: int
    notes: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel pay --json`."""
        return {
            "total": self.total,
            "by_term": dict(self.by_term),
            "by_payer": dict(self.by_payer),
            "by_period": dict(self.by_period),
            "caps": [asdict(cap) for cap in self.caps],
            "floors": [asdict(floor) for floor in self.floors],
            "vat": dict(self.vat),
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        return f"<Paid £{self.total:,.2f} by '{self.title}': .by_term, .by_payer, .by_period, .caps, .floors>"

    def __str__(self) -> str:
        from sibmodel.report.payments import paid_in_words
        from sibmodel.report.terminal import as_text

        return as_text(paid_in_words(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.payments import paid_in_words
        from sibmodel.report.terminal import as_html

        return as_html(paid_in_words(self))


def pay(scenario: Scenario | ContractSheet, verified: Verified, trail: list[Entry] | None = None) -> Paid:
    """What the scenario's contract pays for verified outcomes, every uncertain number of it at its central value.

    `verified` is the name of a CSV file, or rows with `period`, `outcome`, `quantity` and, where the contract needs
    them,
    `people`, `group`, `cohort`, `person`. Payments that fall due after the timeline are included; lateness and
    disputes are not: they are risks, not terms. Every cap and floor at work is added to `trail`, if one is given.
    Raises ScenarioError if rows cannot be paid for.
    """
    return _paid(scenario, sound_rows(scenario, verified), trail)


def sound_rows(scenario: Scenario | ContractSheet, verified: Verified) -> list[VerifiedRow]:
    """Rows of verified outcomes that the contract can pay for.

    Raises ScenarioError with everything that is wrong with them.
    """
    source = _read(verified)
    wrong = [*source.problems, *_problems(scenario, source)]
    if wrong:
        raise ScenarioError(wrong)
    return source.rows


def _read(verified: Verified) -> VerifiedFile:
    if isinstance(verified, str | Path):
        return read_verified(verified)
    rows, wrong = [], []
    for number, row in enumerate(verified, start=1):
        try:
            rows.append(row if isinstance(row, VerifiedRow) else VerifiedRow.model_validate(_plain(row)))
        except ValidationError as error:
            wrong += [
                Problem("verified", number, 1, ".".join(map(str, e["loc"])), e["msg"], "mend the row")
                for e in error.errors(include_url=False)
            ]
    if wrong:
        raise ScenarioError(wrong)
    numbered = range(1, len(rows) + 1)
    return VerifiedFile("verified", rows, list(numbered), {line: {} for line in numbered})


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with plain Python numbers."""
    return {key: value.item() if isinstance(value, np.generic) else value for key, value in row.items()}


def _problems(scenario: Scenario | ContractSheet, source: VerifiedFile) -> Iterator[Problem]:
    """Everything wrong with rows, names first, but nothing of cells that could not be read.

    What a contract needs to know of an outcome is not asked of one that it has not.
    """
    groups = scenario.groups if isinstance(scenario, ContractSheet) else scenario.programme.groups
    told = set(source.unread)
    for index, row in enumerate(source.rows):
        for field, *words in _names(row, scenario, groups):
            if (index, field) not in told:
                yield source.problem(index, field, *words)
            told.add((index, field))
    needs = Needs(scenario.contract.terms, _by_person(scenario), effects_of(scenario))
    for index, field, *words in faults(source.rows, needs, scenario.timeline.periods):
        unknown_outcome = (index, "outcome") in told and field != "period"
        if (index, field) not in told and not unknown_outcome:
            yield source.problem(index, field, *words)


def _names(
    row: VerifiedRow, scenario: Scenario | ContractSheet, groups: Iterable[str]
) -> Iterator[tuple[str, str, str]]:
    if row.outcome not in scenario.outcomes:
        yield "outcome", *unknown(row.outcome, "outcome", scenario.outcomes)
    if row.group is not None and row.group not in groups:
        yield "group", *unknown(row.group, "group", groups)


def _by_person(scenario: Scenario | ContractSheet) -> bool:
    contract = scenario.contract
    return contract.caps.person is not None or contract.floors.person is not None


def effects_of(scenario: Scenario | ContractSheet) -> frozenset[str]:
    """Names of the outcomes that are effects."""
    return frozenset(name for name, outcome in scenario.outcomes.items() if outcome.type == "effect")


def _paid(scenario: Scenario | ContractSheet, rows: Sequence[VerifiedRow], trail: list[Entry] | None = None) -> Paid:
    contract, timeline = scenario.contract, scenario.timeline
    longer = until_all_is_due(contract, timeline)
    trials = Trials.base(longer.periods + 1)
    outcomes = outcomes_of(rows, scenario.outcomes, effects_of(scenario), longer.periods + 1)
    found = payments(contract, outcomes, longer, trials, timeline.months, trail)
    owed = {key: _by_period(amount, trials) for key, amount in found.owed.items()}
    in_all = _by_period(total(owed.values()), trials)
    by_payer = {name: _sum(total(a for (_, p), a in owed.items() if p == name)) for name in contract.payers}
    return Paid(
        title=scenario.title,
        total=_sum(in_all),
        by_term={name: _sum(total(a for (t, _), a in owed.items() if t == name)) for name in found.due},
        by_payer=by_payer,
        by_period={str(t): float(pounds[0]) for t, pounds in enumerate(in_all) if pounds[0]},
        caps=tuple(_bound(found, trials)),
        floors=tuple(
            FloorRaised(where, periods, _sum(added))
            for where, added in found.raised.items()
            if (periods := _where(_by_period(added, trials)))
        ),
        payments=found,
        vat=_vat(contract, by_payer),
        verified={name: _in_all(flow) for name, flow in outcomes.items()},
        periods=longer.periods,
        notes=notes_on(rows, {name for name, outcome in scenario.outcomes.items() if outcome.type == "achievement"}),
    )


def _vat(contract: ContractTerms, by_payer: Mapping[str, float]) -> dict[str, float]:
    """Value added tax on top, by payer; nothing where the service bears none."""
    rate = contract.vat.rate.central_values()[0] if contract.vat is not None else 0.0
    return {name: rate * pounds for name, pounds in by_payer.items()} if rate else {}


def _in_all(flow: OutcomeFlow) -> float:
    """What an outcome comes to: its total, or the mean of an effect over all people (or reports) measured."""
    units, people = _sum(flow.units), _sum(flow.measured)
    return units if not flow.is_effect else units / people if people else 0.0


def _bound(found: Payments, trials: Trials) -> Iterator[CapBound]:
    for where, kept_back in found.kept_back.items():
        periods = _where(_by_period(kept_back, trials))
        if periods:
            lost = _sum(_by_period(found.forgone[where], trials))
            yield CapBound(where, periods, lost if lost > HALF_A_PENNY else 0.0)


def _by_period(amount: FloatArray, trials: Trials) -> FloatArray:
    return np.broadcast_to(amount, (trials.periods, 1))


def _sum(amount: FloatArray) -> float:
    return float(over_time(amount)[0])


def _where(amount: FloatArray) -> list[int]:
    """Periods in which an amount is more than rounding."""
    return [int(t) for t in np.flatnonzero(amount[:, 0] > HALF_A_PENNY)]


# --------------------------------------------------------------------------------------------------- examples


def failed_examples(scenario: Scenario | ContractSheet) -> list[Problem]:
    """Every figure of the scenario's examples that the contract does not pay (a Failure), and wrong settings."""
    found: list[Problem] = []
    for name, example in scenario.contract.examples.items():
        place = ("contract", "examples", name)
        try:
            setting = varied(scenario, example.set) if example.set else scenario
        except ScenarioError as error:
            found += scenario.document.refused_settings((*place, "set"), example.set, error.problems)
            continue
        for path, what, right in _differences(example, _paid(setting, example.verified)):
            found.append(scenario.document.problem((*place, *path), what, right).as_failure())
    return found


def _differences(example: ExampleTerms, paid: Paid) -> Iterator[tuple[tuple[str, ...], str, str]]:
    expected = example.pays
    pairs: list[tuple[tuple[str, ...], float, float]] = []
    if expected.total is not None:
        pairs.append((("pays", "total"), expected.total, paid.total))
    for field in ("by_term", "by_payer", "by_period"):
        found: Mapping[str, float] = getattr(paid, field)
        for name, pounds in (getattr(expected, field) or {}).items():
            pairs.append((("pays", field, name), pounds, found.get(name, 0.0)))
    for path, pounds, is_paid in pairs:
        if not abs(pounds - is_paid) <= example.within:
            more = f"{abs(is_paid - pounds):,.2f} too {'much' if is_paid > pounds else 'little'}"
            yield path, f"the example expects {pounds:,.2f}, the contract pays {is_paid:,.2f}", more
