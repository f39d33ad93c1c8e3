"""The chapters joined: everything that a scenario may say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import (
    BaseModel,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)

from sibmodel.capital.terms import CapitalTerms
from sibmodel.contract.terms import ContractTerms
from sibmodel.core.discounting import discount_factors
from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import (
    Model,
    Name,
    Wrong,
    all_wrong,
)
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import luck_of
from sibmodel.funding.terms import DEFAULT_LUCK, RoutesTerms
from sibmodel.outcomes.measurement import report_periods
from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms
from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.reference.tables import DiscountRates, ReferenceTerms, Table, UnitCosts, own_table
from sibmodel.sampling.terms import DependenceTerms
from sibmodel.savings.terms import SavingsTerms
from sibmodel.scenario.acceptance import AcceptanceTerms
from sibmodel.scenario.chapters import (
    AmendmentTerms,
    AppraisalTerms,
    DiscountingTerms,
    PricesTerms,
    SimulationTerms,
    SourceKey,
    SourceTerms,
    WholeExampleTerms,
)
from sibmodel.scenario.dependence import repairs
from sibmodel.scenario.document import Document
from sibmodel.studies.terms import Body


class Sheet(Model):
    """What every file says first."""

    title: str
    """The bond in a line."""
    description: str | None = None
    """A few sentences for its readers."""
    sources: dict[SourceKey, SourceTerms] = Field(default_factory=dict)
    """Where its numbers were read."""
    timeline: Timeline
    """The day of signing and the periods."""
    amendments: tuple[AmendmentTerms, ...] = ()
    """Changes of numbers and splits from a date, in the order of their dates."""

    _document: Document = PrivateAttr()
    _quantities: tuple[Quantity, ...] = PrivateAttr(())

    @property
    def document(self) -> Document:
        """The file it was read from, with what was set since."""
        return self._document

    def attach(self, document: Document) -> Self:
        """Remember the file, and tell every quantity its address (once, by the reader)."""
        self._document = document
        placed = []
        for address, value in walk(self):
            if isinstance(value, Quantity):
                value.place(address)
                if not address.startswith("reference."):  # a table's numbers count where they are named
                    placed.append(value)
        self._quantities = tuple(placed)
        return self

    def says(self, quantity: Quantity) -> bool:
        """Whether the file or a table that it names says a number, so that it is no default."""
        if quantity.source is not None:
            return True
        node: Any = self.document.data
        for part in quantity.address.split("."):
            if isinstance(node, list):
                node = node[int(part)] if part.isdigit() and int(part) < len(node) else None
            else:
                node = node.get(part) if isinstance(node, dict) else None
        return node is not None

    def quantities(self) -> list[Quantity]:
        """Every number that may be uncertain, in the order of the schema."""
        return list(self._quantities)


class EvidenceSheet(Model):
    """A file of evidence, which scenarios share by `extends`. Made by `sibmodel.load_evidence`."""

    title: str
    """What it is about."""
    description: str | None = None
    """A few sentences for its readers."""
    sources: dict[SourceKey, SourceTerms] = Field(default_factory=dict)
    """Where its numbers were read."""
    reference: ReferenceTerms = Field(default_factory=ReferenceTerms)
    """Tables of your own instead of those that come with the program."""
    evidence: Annotated[dict[Name, Body], Field(min_length=1)]
    """Studies of one number brought together, by name."""

    _document: Document = PrivateAttr()

    @property
    def document(self) -> Document:
        """The file it was read from."""
        return self._document

    def attach(self, document: Document) -> Self:
        """Remember the file (once, by the reader)."""
        self._document = document
        return self


class GroupSheet(Model):
    """People of whom a contract speaks."""

    title: str | None = None
    """The group in words."""


class OutcomeSheet(Model):
    """An outcome of which a contract speaks."""

    type: Literal["achievement", "quantity", "effect"]
    """`achievement`, `quantity` or `effect`."""
    title: str | None = None
    """The outcome in words."""
    unit: str | None = None
    """Its unit."""


class ContractSheet(Sheet):
    """A payment contract alone: enough to pay it, not to simulate a bond. Made by `sibmodel.load_contract`."""

    groups: dict[Name, GroupSheet] = Field(default_factory=dict)
    """The groups that the contract tells apart."""
    outcomes: Annotated[dict[Name, OutcomeSheet], Field(min_length=1)]
    """The outcomes that it reads."""
    contract: ContractTerms
    """The contract."""


class Scenario(Sheet):
    """One scenario file, validated. Made by `sibmodel.load`."""

    prices: PricesTerms = Field(default_factory=PricesTerms)
    """Inflation."""
    discounting: DiscountingTerms = Field(default_factory=DiscountingTerms)
    """Rates for present values."""
    reference: ReferenceTerms = Field(default_factory=ReferenceTerms)
    """Tables of your own instead of those that come with the program."""
    appraisal: AppraisalTerms = Field(default_factory=AppraisalTerms)
    """What is added up, and on which side, when the whole is appraised."""
    evidence: dict[Name, Body] = Field(default_factory=dict)
    """Studies of one number brought together, by name; numbers refer to them by `evidence: NAME`."""
    simulation: SimulationTerms = Field(default_factory=SimulationTerms)
    """How many futures are simulated."""
    dependence: DependenceTerms = Field(default_factory=DependenceTerms)
    """Which uncertain numbers move together; none do if not given."""
    programme: ProgrammeTerms
    """People, service and costs."""
    outcomes: Annotated[dict[Name, OutcomeTerms], Field(min_length=1)]
    """What changes for people, by name."""
    contract: ContractTerms
    """Who pays what for which outcome."""
    savings: SavingsTerms | None = None
    """What the public saves; no savings are worked out if not given."""
    capital: CapitalTerms
    """Who invests, and who is repaid first."""
    routes: RoutesTerms = Field(default_factory=RoutesTerms)
    """Other ways to pay for the same programme, with which `sibmodel routes` compares the bond."""
    acceptance: AcceptanceTerms = Field(default_factory=AcceptanceTerms)
    """At which thresholds each party accepts the deal, of which `sibmodel deal-space` asks."""
    examples: dict[Name, WholeExampleTerms] = Field(default_factory=dict)
    """What the whole bond must come to; `sibmodel check` tests it."""

    @field_validator("acceptance")
    @classmethod
    def _of_what_there_is(cls, acceptance: AcceptanceTerms, info: ValidationInfo) -> AcceptanceTerms:
        found = [*_of_savings(acceptance, info.data), *_of_parties(acceptance, info.data)]
        if found:
            raise all_wrong(found)
        return acceptance

    def grade_of(self, quantity: Quantity) -> int | None:
        """A number's grade; of evidence the weakest of its studies, whether or not they were cut for it."""
        body = self.evidence.get(quantity.evidence or "")
        return quantity.grade if body is None else body.worst_grade

    def table(self, name: str) -> Table:
        """The scenario's own reference table, or the program's."""
        own: Table | None = getattr(self.reference, name)
        return own_table(name) if own is None else own

    @property
    def rates(self) -> tuple[tuple[int, float], ...]:
        """Real discount rates of the public: (first year, rate), each to the next one's year."""
        if self.discounting.public is not None:
            return ((1, self.discounting.public),)
        return self._scheduled(self.discounting.schedule or "standard")

    def _scheduled(self, name: str) -> tuple[tuple[int, float], ...]:
        rates = self.table("discount_rates")
        assert isinstance(rates, DiscountRates)  # noqa: S101 - by its name
        return rates.schedules[name]

    @property
    def rates_in_words(self) -> str:
        """`3.50% a year`, and the name of the schedule where rates change within the timeline."""
        last = max(1.0, float(np.ceil(self._discounted_years[-1])))  # a part of a year is discounted at its own rate
        reached = [rate for start, rate in self.rates if start <= last]
        words = f"{reached[0]:.2%} a year"
        falls = f", falling to {reached[-1]:.2%}" if len(reached) > 1 else ""
        return words + falls + ("" if self.discounting.public is not None else
                                f" (schedule '{self.discounting.schedule or 'standard'}')")  # fmt: skip

    @property
    def _discounted_years(self) -> FloatArray:
        """For how many years each period's flows are discounted, (periods,)."""
        years = self.timeline.years
        return np.maximum(np.ceil(years) - 1.0, 0.0) if self.discounting.convention == "green_book_year" else years

    def public_factors(self, schedule: str | None = None) -> FloatArray:
        """Discount factors of all periods, (periods,), at the public rates or by a schedule."""
        return discount_factors(self._discounted_years, self.rates if schedule is None else self._scheduled(schedule))

    @property
    def tables_used(self) -> dict[str, Table]:
        """The reference tables on which results rest."""
        items = list((self.savings.items or {}).values()) if self.savings else []
        named = {item.unit_cost for item in items if item.unit_cost is not None}
        by_grade = self.savings is not None and self.savings.optimism_bias_by_grade is not None
        used = {
            "discount_rates": self.discounting.public is None or any(item.discounted_at is not None for item in items),
            "gdp_deflator": any(item.price_year is not None for item in items),
            "optimism_bias": by_grade
            or self.appraisal.cost_optimism_bias_by_grade is not None
            or any(b.discount_by_grade != "none" for b in self.evidence.values()),
            "unit_costs": self._uses_costs("unit_costs", named),
            "wellbeing_values": self._uses_costs("wellbeing_values", named),
        }
        return {name: self.table(name) for name, is_used in used.items() if is_used}

    def doubts(self, today: dt.date | None = None) -> tuple[str, ...]:
        """What makes results doubtful: unverified or old tables, people who are independent, repaired correlations."""
        day = dt.date.today() if today is None else today
        found = [doubt for table in self.tables_used.values() for doubt in table.doubts(day)]
        alone = [
            name for name, one in self.outcomes.items() if isinstance(one, AchievementTerms) and one.luck.independent
        ]
        if alone:
            found.append(_independent([f"{name} ({self._luck_of(name)})" for name in alone]))
        return (*found, *repairs(self))

    def _luck_of(self, outcome: str) -> str:
        """Where the file says that people are independent."""
        return self.document.line(("outcomes", outcome, "luck", "intraclass_correlation"))

    def _uses_costs(self, table: str, named: set[str]) -> bool:
        found = self.table(table)
        return isinstance(found, UnitCosts) and not named.isdisjoint(found.costs)

    def noisy_outcomes(self) -> list[str]:
        """Names of the outcomes that are measured with error."""
        return list(self.last_reports())

    def last_reports(self) -> dict[str, int]:
        """The period of the last report of each outcome that is measured with error."""
        return {
            name: report_periods(outcome.measurement, self.timeline)[-1]
            for name, outcome in self.outcomes.items()
            if isinstance(outcome, EffectTerms)
        }

    def quantities_of_the_bond(self) -> list[Quantity]:
        """Every number that may be uncertain but those of other ways to pay, on which nothing of the bond depends."""
        return [quantity for quantity in self.quantities() if not quantity.address.startswith("routes.")]

    def luck_with_borrowers(self) -> list[str]:
        """Addresses of the luck that decides whether the borrower of a loan stops paying; none if it never does."""
        loan = self.routes.loan
        never = loan is None or not (loan.default_per_year.is_uncertain or any(loan.default_per_year.central_values()))
        return [] if never else [DEFAULT_LUCK]

    def luck_with_people(self) -> list[str]:
        """Addresses of the luck that a simulation draws: of each achievement and each of its groups."""
        return [
            luck_of(name, group)
            for name, outcome in self.outcomes.items()
            if isinstance(outcome, AchievementTerms) and outcome.luck.counts == "drawn"
            for group in outcome.groups or self.programme.groups
        ]


def _of_savings(acceptance: AcceptanceTerms, read: Mapping[str, Any]) -> Iterator[Wrong]:
    """Thresholds of savings where the file has none."""
    if read.get("savings", acceptance) is None:
        for name in ("least_net_saving", "least_cashable_net_saving"):
            if getattr(acceptance.commissioners, name) is not None:
                what = f"{name} asks for savings, of which the file says nothing"
                yield Wrong(what, "add a savings chapter, or drop it", ("commissioners", name))


def _of_parties(acceptance: AcceptanceTerms, read: Mapping[str, Any]) -> Iterator[Wrong]:
    """Thresholds of a party that the file has not."""
    contract, capital = read.get("contract"), read.get("capital")
    payers = contract.payers.values() if isinstance(contract, ContractTerms) else ()
    if payers and acceptance.commissioners.model_fields_set and all(one.kind != "commissioner" for one in payers):
        yield Wrong("no payer is a commissioner", "say in 'further' what the others ask for", ("commissioners",))
    if isinstance(capital, CapitalTerms) and acceptance.investors.model_fields_set and not capital.investors:
        yield Wrong("no tranche holds investors' money", "drop it, or add a tranche of theirs", ("investors",))


def _independent(outcomes: list[str]) -> str:
    """The doubt about outcomes whose intraclass correlation is 0."""
    return (
        f"everybody succeeds independently of others in {' and '.join(outcomes)}, as intraclass_correlation is 0, "
        "which understates risk: people of one cohort share their workers, their area and their time"
    )


def walk(value: Any, address: str = "") -> Iterator[tuple[str, Any]]:
    """Every part of a model with its dotted address, quantities as leaves."""
    yield address, value
    if isinstance(value, Quantity):
        return
    if isinstance(value, BaseModel):
        parts = [(name, getattr(value, name)) for name in type(value).model_fields]
    elif isinstance(value, Mapping):
        parts = list(value.items())
    elif isinstance(value, tuple):
        parts = [(str(index), part) for index, part in enumerate(value)]
    else:
        return
    for name, part in parts:
        yield from walk(part, f"{address}.{name}" if address else name)


def is_contract_alone(data: Any) -> bool:
    """Whether a raw file holds a contract and nothing of a programme, savings or capital."""
    others = ("programme", "savings", "capital")
    return isinstance(data, dict) and "contract" in data and not any(key in data for key in others)


def is_evidence_alone(data: Any) -> bool:
    """Whether a raw file holds evidence and nothing of a bond."""
    others = ("programme", "outcomes", "contract", "capital")
    return isinstance(data, dict) and "evidence" in data and not any(key in data for key in others)
