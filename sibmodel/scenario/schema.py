"""The chapters joined: everything that a scenario may say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, Field, PrivateAttr, StringConstraints, ValidationError

from sibmodel.capital.terms import CapitalTerms
from sibmodel.contract.terms import ContractTerms
from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.quantity import Growth, Quantity, default
from sibmodel.core.schema import Context, Day, Model, Name, Number, SourceName, Whole
from sibmodel.core.timeline import PERIOD_MONTHS, Timeline
from sibmodel.outcomes.terms import EffectTerms, OutcomeTerms
from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.savings.terms import SavingsTerms
from sibmodel.scenario.document import Document

SourceKey = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]
Rate = Annotated[Number, Field(gt=-1)]


class SourceTerms(Model):
    """Where a number was read."""

    title: str
    """What it is called."""
    address: str | None = None
    """Where it can be found."""
    note: str | None = None
    """Anything else about it."""


class PricesTerms(Model):
    """Prices in general."""

    inflation: Growth = default(0)
    """Yearly growth of prices in general."""


class DiscountingTerms(Model):
    """Rates for present values: real for the public, nominal for the investor.

    3.5 % is the standard rate of HM Treasury's Green Book for years 0 to 30.
    """

    public: Rate = 0.035
    """Real rate for present values."""
    investor: Rate = 0.035
    """Nominal rate of the investor's net present value."""


class SimulationTerms(Model):
    """How many futures are simulated, and from which seed."""

    trials: Annotated[Whole, Field(ge=2, le=10_000_000)] = 10_000
    """How many futures."""
    seed: Annotated[Whole, Field(ge=0, lt=2**63)] = 1
    """The seed of the random numbers; the same seed gives the same futures."""


class AmendmentTerms(Model):
    """What changes from a date."""

    date: Day = Field(alias="from")
    """The first day of the change; it holds for flows dated on or after it."""
    set: Annotated[dict[str, Any], Field(min_length=1)]
    """New numbers (or shares of a split) by address."""
    note: str | None = None
    """Why."""
    source: SourceName | None = None
    """Where it is agreed."""


class WholeExampleTerms(Model):
    """What a whole bond must come to, in its base case or for given verified outcomes."""

    title: str | None = None
    """The example in words."""
    verified: tuple[VerifiedRow, ...] | None = None
    """What the evaluator verified; what the programme is expected to bring, if not given."""
    set: dict[str, Any] = Field(default_factory=dict)
    """Numbers that are different in this example, by address."""
    gives: Annotated[dict[str, Number], Field(min_length=1)]
    """What measures must come to, by name, such as `tranche.senior.irr: 0.05`."""
    within: Annotated[Number, Field(gt=0)] | None = None
    """By how much they may be missed; if not given half a penny, and 0.0000005 where the unit is not pounds."""


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

    @property
    def document(self) -> Document:
        """The file it was read from, with what was set since."""
        return self._document

    def attach(self, document: Document) -> Self:
        """Remember the file, and tell every quantity its address (once, by the reader)."""
        self._document = document
        for address, value in walk(self):
            if isinstance(value, Quantity):
                value.place(address)
        return self

    def quantities(self) -> list[Quantity]:
        """Every number that may be uncertain, in the order of the schema."""
        return [value for _, value in walk(self) if isinstance(value, Quantity)]


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
    simulation: SimulationTerms = Field(default_factory=SimulationTerms)
    """How many futures are simulated."""
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
    examples: dict[Name, WholeExampleTerms] = Field(default_factory=dict)
    """What the whole bond must come to; `sibmodel check` tests it."""

    def noisy_outcomes(self) -> list[str]:
        """Names of the outcomes that are measured with error."""
        return [name for name, outcome in self.outcomes.items() if isinstance(outcome, EffectTerms)]


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


def context_of(data: Any) -> Context:
    """What the raw file declares, as far as it can be read, for checks that look across chapters."""
    payers, tranches = _mapping(data, "contract", "payers"), _mapping(data, "capital", "tranches")
    guarantees = _mapping(data, "capital", "guarantees")
    others = (*tranches, *payers, "provider", "sponsor") if tranches and payers else ()
    timeline = _mapping(data, "timeline")
    periods = timeline.get("periods")
    signing, last_day = _first_and_last_day(timeline)
    return Context(
        names={
            "group": (*_mapping(data, "programme", "groups"), *_mapping(data, "groups")),
            "outcome": tuple(_mapping(data, "outcomes")),
            "payer": tuple(payers),
            "source": tuple(_mapping(data, "sources")),
            "agency": tuple(_mapping(data, "savings", "agencies")),
            "term": tuple(_mapping(data, "contract", "terms")),
            "tranche": tuple(tranches),
            "guarantee": tuple(guarantees),
            "guarantor": others,
            "counterparty": ("vehicle", *others) if others else (),
            "party": (*others, *_own_parties(guarantees)) if others else (),
        },
        outcome_types={name: str(_mapping(body).get("type")) for name, body in _mapping(data, "outcomes").items()},
        unsplit=tuple(
            name
            for name, body in _mapping(data, "contract", "terms").items()
            if isinstance(body, dict) and body.get("split") is None
        ),
        period_months=PERIOD_MONTHS.get(str(timeline.get("period", "quarter"))),
        periods=periods if type(periods) is int and periods > 0 else None,
        signing=signing,
        last_day=last_day,
        may_end_early="termination" in _mapping(data, "contract"),
        first_reports=dict(_first_reports(data)),
    )


def _own_parties(guarantees: dict[str, Any]) -> tuple[str, ...]:
    """Guarantees that are parties of their own."""
    return tuple(name for name, body in guarantees.items() if isinstance(body, dict) and body.get("by") is None)


def _first_reports(data: Any) -> Iterator[tuple[str, int]]:
    """The month in which each effect is first reported and verified."""
    for name, body in _mapping(data, "outcomes").items():
        first, later = _mapping(body, "measurement").get("first_month"), _mapping(body).get("verification_months", 0)
        if type(first) is int and type(later) is int:
            yield name, first + later


def _first_and_last_day(timeline: dict[str, Any]) -> tuple[dt.date, dt.date] | tuple[None, None]:
    """The days of signing and of the end, if the file's timeline is in order."""
    try:
        ends = Timeline.model_validate(timeline).ends
    except ValidationError:
        return None, None
    return ends[0], ends[-1]


def is_contract_alone(data: Any) -> bool:
    """Whether a raw file holds a contract and nothing of a programme, savings or capital."""
    others = ("programme", "savings", "capital")
    return isinstance(data, dict) and "contract" in data and not any(key in data for key in others)


def _mapping(data: Any, *path: str) -> dict[str, Any]:
    """The raw mapping at a path, empty if there is none."""
    for key in path:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, dict) else {}
