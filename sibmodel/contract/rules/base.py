"""What all payment rules have in common. A rule is a class in a file of its own, listed in `contract.rules`.

It says what a scenario may write (fields), what is owed for verified outcomes (`owed`, or `lines` where it pays by the
unit), and how that reads in words (`in_words`).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Protocol

import numpy as np
from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator

from sibmodel.contract.limits import TermCaps, TermFloors, floor_below_cap, floors_below_caps
from sibmodel.contract.split import Split
from sibmodel.core.conditions import When, conditions, holds
from sibmodel.core.flows import Part, total
from sibmodel.core.quantity import Amount, AmountByPeriod, Quantity, default
from sibmodel.core.reading import Seen, Span
from sibmodel.core.schema import Context, GroupName, Model, MonthOnTimeline, wrong
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials


class Words(Protocol):
    """How a rule puts names and numbers of the scenario into words."""

    def pounds(self, quantity: Quantity) -> str:
        """A price as a contract writes it."""

    def exactly(self, pounds: float) -> str:
        """Pounds as a contract writes them."""

    def outcome(self, name: str) -> str:
        """An outcome by its title, in quotation marks."""

    def read(self, name: str) -> str:
        """'each report' of an effect, 'each period' of a count."""

    def is_effect(self, name: str) -> bool:
        """Whether the outcome is a mean rather than a count."""

    def measured(self, name: str) -> str:
        """'person measured' or 'person-year measured'."""


class GroupPrices(Model):
    """A price for each group of people."""

    by_group: Annotated[dict[GroupName, AmountByPeriod], Field(min_length=1)]
    """Price by group."""

    def of(self, group: str) -> Quantity:
        """The price of a group."""
        return self.by_group[group]


def _kind(raw: Any) -> str:
    """Prices by group, or one price. Tags begin with '~' so that they never look like a key of the file."""
    return "~groups" if isinstance(raw, GroupPrices) or (isinstance(raw, dict) and "by_group" in raw) else "~all"


Price = Annotated[Annotated[GroupPrices, Tag("~groups")] | Annotated[AmountByPeriod, Tag("~all")], Discriminator(_kind)]


def price_of(price: GroupPrices | Quantity, group: str, trials: Trials) -> FloatArray:
    """Pounds for a unit of a group, (1 or periods, 1 or trials)."""
    return (price.of(group) if isinstance(price, GroupPrices) else price).over(trials)


def price_in_words(price: GroupPrices | Quantity, words: Words) -> str:
    """A price, or one for each group."""
    if isinstance(price, Quantity):
        return words.pounds(price)
    return ", ".join(f"{words.pounds(one)} ({name.replace('_', ' ')})" for name, one in price.by_group.items())


def every_group_priced(price: GroupPrices | Quantity, info: ValidationInfo) -> None:
    """Refuse prices that leave out a group whose people the term pays for."""
    if not isinstance(price, GroupPrices) or not isinstance(info.context, Context):
        return
    paid_for = info.data.get("groups") or info.context.names.get("group", ())
    missing = [name for name in paid_for if name not in price.by_group]
    if missing:
        what = f"group{'s' if len(missing) > 1 else ''} {', '.join(missing)} without a price"
        raise wrong(what, "give every group one; 0 pays nothing", "by_group")


@dataclass(frozen=True)
class Line:
    """Pounds for one outcome, and for whom where the contract asks; (periods, 1 or trials).

    `first_price` are pounds for a unit in period 1, (1 or trials,), where the units of a part have a price.
    """

    outcome: str
    part: Part | None
    amount: FloatArray
    first_price: FloatArray | None = None


class TermBase(Model):
    """What all terms have."""

    title: str | None = None
    """The term in words."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1)] | None = None
    """The groups whose outcomes count; all if not given."""
    each: Literal["cohort"] | None = None
    """`cohort`: the rule and its conditions are worked out for each cohort on its own, and added up."""
    from_month: MonthOnTimeline = 0
    """The term sees outcomes verified after this month."""
    to_month: MonthOnTimeline | None = None
    """The term sees outcomes verified up to this month; to the end if not given."""
    when: When | None = None
    """Conditions on which the term pays; without any it always does."""
    lag_months: Amount = default(0)
    """Months from verification to payment."""
    cap: AmountByPeriod | None = None
    """The most that the term pays over the contract."""
    caps: TermCaps = Field(default_factory=TermCaps)
    """Further caps."""
    floor: Annotated[Amount | None, AfterValidator(floor_below_cap)] = None
    """The least that the term pays over the contract; what is missing is paid when its last payments fall due."""
    floors: Annotated[TermFloors, AfterValidator(floors_below_caps)] = Field(default_factory=TermFloors)
    """Further floors."""
    split: Split | None = None
    """Who pays which share; the contract's split if not given."""

    sees_its_own: ClassVar[bool] = True
    """Whether it reads the outcomes of its months and groups only; conditions always read all."""
    pays_for_people: ClassVar[bool] = False
    """Whether the amount is a sum over people, so that caps by person and by outcome make sense."""

    @field_validator("from_month")
    @classmethod
    def _before_the_end(cls, month: int, info: ValidationInfo) -> int:
        end = info.context.months if isinstance(info.context, Context) else None
        if end is not None and month >= end:
            raise wrong(f"the term sees nothing after month {month}, when the timeline ends", "let it begin earlier")
        return month

    @field_validator("to_month")
    @classmethod
    def _after_the_beginning(cls, month: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("from_month", -1)
        if month is not None and month <= first:
            raise wrong(f"the term ends in month {month} but begins after month {first}", "it must end later")
        return month

    @field_validator("groups")
    @classmethod
    def _pays_for_groups(cls, groups: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if groups is not None and not cls.sees_its_own:
            raise wrong("the sum does not depend on groups", "drop 'groups', or use a scale with rule: steps")
        return groups

    @field_validator("each")
    @classmethod
    def _cohorts_are_reports(cls, each: str | None, info: ValidationInfo) -> str | None:
        if each is not None and cls.pays_for_people:
            raise wrong("a price is the same for every cohort", "drop 'each'")
        return each

    @property
    @abstractmethod
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that it pays for."""

    @property
    def needs_parts(self) -> bool:
        """Whether it must know whose outcomes they are."""
        return self.groups is not None

    @property
    def priced_by_group(self) -> bool:
        """Whether its price depends on the group."""
        return False

    @property
    def needs_persons(self) -> bool:
        """Whether rows of an evaluator must name the person."""
        return False

    @property
    def needs_people(self) -> bool:
        """Whether an effect's people matter to it: where means are added up, or people are paid for."""
        return False

    @property
    def span(self) -> Span:
        """Over what the amount owed is counted; it is paid as it grows."""
        return "window"

    @abstractmethod
    def owed(self, seen: Seen) -> FloatArray:
        """Pounds owed in each period, or so far within the span; (periods, 1 or trials)."""

    def most(self, trials: Trials) -> FloatArray:
        """The most it can ever pay, (1, 1 or trials); infinite where its rule has no end."""
        return np.full((1, 1), np.inf)

    @abstractmethod
    def in_words(self, words: Words) -> str:
        """What it pays for what, as part of a sentence."""

    @property
    def conditions_need_people(self) -> tuple[str, ...]:
        """Outcomes that its conditions add up."""
        adding = (one for one in (conditions(self.when) if self.when else ()) if one.adds_up)
        return tuple(name for one in adding for name in one.names)

    @property
    def condition_names(self) -> tuple[str, ...]:
        """Outcomes that its conditions read."""
        return tuple(name for one in (conditions(self.when) if self.when else ()) for name in one.names)


class UnitTerms(TermBase):
    """What all rules have that pay a price for each unit."""

    pays_for_people: ClassVar[bool] = True

    @property
    @abstractmethod
    def price_list(self) -> Mapping[str, GroupPrices | Quantity]:
        """The price of each outcome that is paid for."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that have a price."""
        return tuple(self.price_list)

    @property
    def needs_parts(self) -> bool:
        """Groups matter where prices differ by group."""
        return self.groups is not None or self.priced_by_group

    @property
    def priced_by_group(self) -> bool:
        """Whether any of its prices does."""
        return any(isinstance(price, GroupPrices) for price in self.price_list.values())

    @property
    def needs_people(self) -> bool:
        """An effect is paid for as often as there are people."""
        return True

    def claimed(self, seen: Seen) -> Mapping[str, tuple[Part, ...]]:
        """The units that are paid for, by outcome and part."""
        return {name: seen.outcomes[name].parts for name in self.price_list}

    def owed(self, seen: Seen) -> FloatArray:
        """Sum of price times units."""
        return total(line.amount for line in self.lines(seen, by_part=False))

    def lines(self, seen: Seen, by_part: bool) -> list[Line]:
        """Price times units of each outcome; by part only where something depends on it."""
        if not by_part and not self.needs_parts:
            return [
                Line(name, None, seen.outcomes[name].units * price_of(price, "", seen.trials))
                for name, price in self.price_list.items()
            ]
        lines = []
        for name, parts in self.claimed(seen).items():
            for part in parts:
                price = price_of(self.price_list[name], part.group, seen.trials)
                lines.append(Line(name, part, part.units * price, price[:2][-1]))
        return lines if by_part else _by_outcome(lines, self.outcomes)


def _by_outcome(lines: list[Line], outcomes: tuple[str, ...]) -> list[Line]:
    return [Line(name, None, total(line.amount for line in lines if line.outcome == name)) for name in outcomes]


def window(term: TermBase, seen: Seen) -> FloatArray | None:
    """1 in the periods whose outcomes the term sees, shape (periods, 1); None if it sees them all."""
    ends = seen.timeline.month_ends
    last = seen.last_month if term.to_month is None else min(term.to_month, seen.last_month)
    if term.from_month == 0 and last >= ends[-1]:
        return None
    months = (ends <= last) & ((ends > term.from_month) | (term.from_month == 0))
    return np.asarray(months.astype(np.float64)[:, None])


EVERY_MONTH = np.ones((1, 1))
"""Months without a first or last."""


def earned(term: TermBase, seen: Seen, around: FloatArray = EVERY_MONTH) -> FloatArray:
    """Pounds earned in the period in which outcomes are verified; never below zero. (periods, 1 or trials).

    `around` are the months of a term inside which the rule stands: what it would earn outside is not earned yet.
    Cohorts are those that an evaluator names. A simulation names none: there each report is on a cohort of its own.
    """
    cohorts = seen.cohorts(term.outcomes) if term.each == "cohort" else ()
    if cohorts:
        alone = term.model_copy(update={"each": None})
        return total(earned(alone, seen.of_cohort(cohort), around) for cohort in cohorts)
    own = seen.only(term.groups, window(term, seen)) if term.sees_its_own else seen
    owed = term.owed(own)
    for months in (gate(term, seen), around):
        owed = owed if np.all(months == 1.0) else owed * months
    return increases(owed, seen.spans(term.span)) if term.span != "window" else np.clip(owed, 0.0, np.inf)


def earned_lines(term: UnitTerms, seen: Seen, by_part: bool) -> list[Line]:
    """The same by outcome and, if asked, by part; parts below zero are set against the others."""
    own = seen.only(term.groups, window(term, seen))
    lines = term.lines(own, by_part)
    whole, gains = total(line.amount for line in lines), total(np.maximum(line.amount, 0.0) for line in lines)
    # a line below zero is set against the others, so that none is paid less than nothing
    kept = gate(term, seen) * np.divide(whole, gains, out=np.zeros_like(whole + gains), where=(whole > 0) & (gains > 0))
    return [replace(line, amount=np.maximum(line.amount, 0.0) * kept) for line in lines]


def gate(term: TermBase, seen: Seen) -> FloatArray:
    """1 where the term's conditions hold and its months are open, (1 or periods, 1 or trials)."""
    months = window(term, seen)
    opened = np.ones((1, 1)) if months is None else months
    return opened if term.when is None else opened * holds(term.when, seen.everything)


def increases(owed: FloatArray, spans: Sequence[object]) -> FloatArray:
    """What is newly owed when the total owed so far in a span can rise but is never taken back."""
    out = np.clip(owed, 0.0, np.inf)
    highest = np.zeros(out.shape[1:])
    for t in range(len(out)):
        if t and spans[t] != spans[t - 1]:
            highest = np.zeros(out.shape[1:])
        reached = np.maximum(out[t], highest)
        out[t] = reached - highest
        highest = reached
    return out
