"""What a scenario may say about the payment contract."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from sibmodel.contract.examples import ExampleTerms, examples_make_sense
from sibmodel.contract.limits import (
    ContractCaps,
    ContractFloors,
    PayerCaps,
    PayerFloors,
    floor_below_cap,
    floors_below_caps,
)
from sibmodel.contract.rules import Term
from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.rules.milestones import MilestonesTerms
from sibmodel.contract.split import Phase, Split
from sibmodel.core.quantity import Amount, AmountByPeriod, Share, default
from sibmodel.core.schema import (
    ASKED,
    Context,
    Flag,
    Model,
    MonthOnTimeline,
    Months,
    Name,
    PartyName,
    PayerName,
    Wrong,
    all_wrong,
    wrong,
)

TERMINATION = "termination"
"""Payments on early termination appear as a term of this name."""


class DisputeTerms(Model):
    """Payments that the payer disputes: a risk, not part of the contract."""

    share: Share
    """Share of each payment that is disputed."""
    months: Amount = default(0)
    """Months until a dispute is settled."""
    lost: Share = default(0)
    """Share of the disputed money that is never paid."""


class TopUpTerms(Model):
    """Money that a payer adds to what others pay."""

    payers: Annotated[tuple[PayerName, ...], Field(min_length=1)]
    """The payers whose payments are topped up."""
    share: Amount
    """Pounds added for each pound that they pay."""


class PayerTerms(Model):
    """Who owes outcome payments."""

    title: str | None = None
    """The payer's full name."""
    kind: Literal["commissioner", "outcomes_fund"] = "commissioner"
    """A commissioner buys for its own people; an outcomes fund helps to pay."""
    cap: AmountByPeriod | None = None
    """The most it pays over the contract."""
    caps: PayerCaps = Field(default_factory=PayerCaps)
    """Further caps."""
    floor: Annotated[Amount | None, AfterValidator(floor_below_cap)] = None
    """The least it pays over the contract; what is missing is paid when the last payments fall due."""
    floors: Annotated[PayerFloors, AfterValidator(floors_below_caps)] = Field(default_factory=PayerFloors)
    """Further floors."""
    overflow_to: PayerName | None = None
    """The payer who takes over what exceeds this one's caps; otherwise it is forgone."""
    tops_up: TopUpTerms | None = None
    """It pays on top of others, instead of a share of the split."""
    recovers_vat: Flag = True
    """Whether it can recover value added tax; if not, it is a cost to it."""
    late_months: Amount = default(0)
    """Months by which it pays late: a risk, not part of the contract."""
    disputes: DisputeTerms | None = None
    """Payments that it disputes."""


class VatTerms(Model):
    """Value added tax on outcome payments. Prices are without it."""

    rate: Share
    """The rate, such as 0.2."""
    in_caps: Flag = False
    """Whether caps of the contract and of the payers include the tax."""


class RedemptionTerms(Model):
    """What is paid if the contract ends early."""

    from_month: Months = 0
    """Terminations in this month or later."""
    pays: Amount
    """Pounds paid on termination."""


def _later_and_later(table: tuple[RedemptionTerms, ...]) -> tuple[RedemptionTerms, ...]:
    for index, (before, after) in enumerate(pairwise(table)):
        if after.from_month <= before.from_month:
            what = f"this row begins in month {after.from_month}, the one before it in month {before.from_month}"
            raise wrong(what, "each row must begin later than the one before", index + 1, "from_month")
    return table


class TerminationTerms(Model):
    """Early termination: later outcomes are not paid, nobody is referred any more, and the table is paid."""

    by: str | None = None
    """Who may terminate, and on what notice, in words."""
    month: MonthOnTimeline | None = None
    """The month in which the contract is terminated; not at all if not given."""
    redemption: Annotated[tuple[RedemptionTerms, ...], AfterValidator(_later_and_later)] = ()
    """What is paid, by the month of termination; nothing before the first row's month."""
    split: Split | None = None
    """Who pays it; the contract's split if not given."""

    @property
    def in_force(self) -> RedemptionTerms | None:
        """The row of the table for the month of termination, if the contract is terminated and there is one."""
        rows = [row for row in self.redemption if self.month is not None and row.from_month <= self.month]
        return rows[-1] if rows else None


def _listed(kind: str, names: tuple[str, ...]) -> str:
    return f"{kind}{'s' if len(names) > 1 else ''} {', '.join(names)}"


class ContractTerms(Model):
    """The `contract` section."""

    payers: Annotated[dict[PartyName, PayerTerms], Field(min_length=1)]
    """Who pays, by name."""
    vat: VatTerms | None = None
    """Value added tax, if the service bears any."""
    cap: AmountByPeriod | None = None
    """The most that is paid over the contract."""
    caps: ContractCaps = Field(default_factory=ContractCaps)
    """Further caps."""
    floor: Annotated[Amount | None, AfterValidator(floor_below_cap)] = None
    """The least that is paid over the contract; what is missing is paid when the last payments fall due."""
    floors: Annotated[ContractFloors, AfterValidator(floors_below_caps)] = Field(default_factory=ContractFloors)
    """Further floors."""
    split: Annotated[Split | None, ASKED] = None
    """Who pays which share of terms that do not say so themselves."""
    terms: Annotated[dict[Name, Term], Field(min_length=1)]
    """The rules of payment, by name."""
    termination: TerminationTerms | None = None
    """What happens if the contract ends early."""
    examples: dict[Name, ExampleTerms] = Field(default_factory=dict)
    """Payments that given outcomes must lead to; `sibmodel check` tests them."""

    @field_validator("payers")
    @classmethod
    def _money_flows_one_way(cls, payers: dict[str, PayerTerms]) -> dict[str, PayerTerms]:
        found = [*_circles(payers), *_top_ups_of_top_ups(payers)]
        if found:
            raise all_wrong(found)
        return payers

    @field_validator("split")
    @classmethod
    def _everything_is_paid_by_somebody(cls, split: Split | None, info: ValidationInfo) -> Split | None:
        context = info.context
        if split is None and isinstance(context, Context) and context.unsplit and len(_sharing(info)) > 1:
            raise wrong(
                f"nothing says who pays {_listed('term', context.unsplit)}",
                "give every term a split, or the contract one for all",
            )
        return split

    @field_validator("terms")
    @classmethod
    def _terms_fit(cls, terms: dict[str, TermBase], info: ValidationInfo) -> dict[str, TermBase]:
        effects = info.context.effects if isinstance(info.context, Context) else frozenset()
        found = [problem for name, term in terms.items() for problem in _term_problems(name, term, effects)]
        if found:
            raise all_wrong(found)
        return terms

    @field_validator("examples")
    @classmethod
    def _examples_make_sense(cls, examples: dict[str, ExampleTerms], info: ValidationInfo) -> dict[str, ExampleTerms]:
        terms = info.data.get("terms")
        if terms is not None and info.data.get("payers") is not None:
            found = list(examples_make_sense(examples, terms, info))
            if found:
                raise all_wrong(found)
        return examples

    @model_validator(mode="after")
    def _every_payer_pays_for_something(self) -> Self:
        splits = [term.split or self.split for term in self.terms.values()]
        splits += [self.termination.split] if self.termination else []
        named = {name for split in splits for phase in split or () for name in phase.payers}
        named |= {payer.overflow_to for payer in self.payers.values() if payer.overflow_to is not None}
        named |= {name for name, payer in self.payers.items() if payer.tops_up is not None}
        named |= set(self.shared_payers) if len(self.shared_payers) == 1 else set()
        right = "give it a share in a split, let another's overflow go to it, or drop it"
        idle = [Wrong(f"payer '{n}' pays for nothing", right, ("payers", n)) for n in self.payers if n not in named]
        topping = [
            Wrong(f"payer '{name}' tops up others and has a share too", "drop one of them", ("payers", name, "tops_up"))
            for name, payer in self.payers.items()
            if payer.tops_up is not None and any(name in p.payers for split in splits for p in split or ())
        ]
        found = [*idle, *topping, *self._limits_of_nobody()]
        if found:
            raise all_wrong(found)
        return self

    def _limits_of_nobody(self) -> Iterator[Wrong]:
        paying = any(term.pays_for_people for term in self.terms.values())
        for kind, limits in (("caps", self.caps), ("floors", self.floors)):
            if limits.person is not None and not paying:
                right = "drop it, or use price, rate_card or milestones"
                yield Wrong("no term pays for persons", right, (kind, "person"))

    @property
    def shared_payers(self) -> tuple[str, ...]:
        """The payers among whom payments are split: all but those who top up."""
        return tuple(name for name, payer in self.payers.items() if payer.tops_up is None)

    def split_of(self, name: str) -> tuple[Phase, ...]:
        """The phases in force for a term, or for the payment on termination."""
        own = self.termination.split if name == TERMINATION and self.termination else None
        own = self.terms[name].split if name in self.terms else own
        return own or self.split or (Phase(shares={self.shared_payers[0]: 1.0}),)

    def outcomes_in_parts(self) -> frozenset[str]:
        """Outcomes of which the contract asks whose they are."""
        everyone = self.caps.person is not None or self.floors.person is not None
        asked: set[str] = set()
        for term in self.terms.values():
            by_person = everyone or term.caps.person is not None or term.floors.person is not None
            if term.needs_parts or (by_person and term.pays_for_people):
                asked |= set(term.outcomes)
        return frozenset(asked)

    @property
    def ends_in_month(self) -> int | None:
        """The month of early termination, if it is terminated."""
        return self.termination.month if self.termination else None


def _sharing(info: ValidationInfo) -> list[str]:
    """The payers who may pay a share, as far as they can be read."""
    payers: dict[str, PayerTerms] | None = info.data.get("payers")
    if payers is None:
        return list(info.context.names["payer"]) if isinstance(info.context, Context) else []
    return [name for name, payer in payers.items() if payer.tops_up is None]


def _circles(payers: dict[str, PayerTerms]) -> Iterator[Wrong]:
    for name, payer in payers.items():
        seen, following = {name}, payer.overflow_to
        while following is not None and following not in seen and following in payers:
            seen.add(following)
            following = payers[following].overflow_to
        if following == name:
            yield Wrong("the overflow comes back to this payer", "let it end with another", (name, "overflow_to"))


def _top_ups_of_top_ups(payers: dict[str, PayerTerms]) -> Iterator[Wrong]:
    for name, payer in payers.items():
        for index, other in enumerate(payer.tops_up.payers if payer.tops_up else ()):
            if other in payers and payers[other].tops_up is not None:
                what = f"'{other}' tops up others itself" if other != name else "a payer cannot top up itself"
                yield Wrong(what, "name payers who pay a share", (name, "tops_up", "payers", index))
    for name, payer in payers.items():
        heir = payers.get(payer.overflow_to or "")
        if payer.overflow_to is not None and (payer.tops_up is not None or (heir and heir.tops_up is not None)):
            what = "top-ups and overflow do not mix: a top-up comes on top of what others pay in the end"
            yield Wrong(what, "let the overflow go to a payer who pays a share", (name, "overflow_to"))
    if payers and all(payer.tops_up is not None for payer in payers.values()):
        yield Wrong("every payer tops up others", "one at least must pay a share", ())


def _term_problems(name: str, term: TermBase, effects: frozenset[str]) -> Iterator[Wrong]:
    if name == TERMINATION:
        yield Wrong(f"'{name}' is the name of the payment on termination", "choose another name", (name,))
    if isinstance(term, MilestonesTerms):
        for outcome in effects & set(term.outcomes):
            yield Wrong(f"'{outcome}' is an effect, which no person reaches", "name achievements", (name, "milestones"))
    for kind, limits in (("caps", term.caps), ("floors", term.floors)):
        if limits.person is not None:
            yield from _limits_of_persons(term, effects, (name, kind, "person"))
        if limits.shares:
            yield from _limits_of_shares(term, limits.shares, (name, kind, "shares"))


def _limits_of_persons(term: TermBase, effects: frozenset[str], at: tuple[str, ...]) -> Iterator[Wrong]:
    if not term.pays_for_people:
        right = "use price, rate_card or milestones, or limit the period"
        yield Wrong("the rule does not pay for persons", right, at)
    elif effects & set(term.outcomes):
        what = "an effect is measured on many people together, so no person's part of it is known"
        yield Wrong(what, "limit the period or the year", at)


def _limits_of_shares(term: TermBase, shares: Iterable[str], at: tuple[str, ...]) -> Iterator[Wrong]:
    for outcome in shares:
        if not term.pays_for_people or outcome not in term.outcomes:
            yield Wrong(f"the term has no price for '{outcome}'", "name one that it pays for", (*at, outcome))
    if term.cap is None:
        yield Wrong("a share of the term's cap needs a cap", "give the term a 'cap'", at)


def has_floor(terms: TermBase | ContractTerms | PayerTerms) -> bool:
    """Whether anything is paid at least, over the contract, a year, a period, by person or by outcome."""
    return terms.floor is not None or any(level is not None for _, level in terms.floors)
