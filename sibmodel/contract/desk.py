"""Where caps and floors are applied one after the other, and what each did is written down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from sibmodel.contract.caps import Limit, allowed, capped, raised
from sibmodel.contract.limits import CarriedCap, limit_of
from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.terms import ContractTerms, PayerTerms
from sibmodel.core.flows import total
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.trials import Trials

Amounts = dict[tuple[str, str], FloatArray]
"""By (term, outcome) until they are split, then by (term, payer)."""


@dataclass(frozen=True)
class Scope:
    """Whose limits they are, and which amounts they cover: those of a term, of a payer, or all.

    Floors by period and by year are in force in the months after `first` and up to `last`; what is missing over the
    contract, or in a year of them, is paid up to `last_due`, when the last payments fall due. Limits are divided by
    `divided_by`.
    """

    address: str
    terms: TermBase | ContractTerms | PayerTerms
    term: str | None = None
    payer: str | None = None
    outcome: str | None = None
    first: int = 0
    last: int = 0
    last_due: int = 0
    divided_by: FloatArray = field(default_factory=lambda: np.ones((1, 1)))

    def covers(self, key: tuple[str, str]) -> bool:
        """Whether it limits the amount of a key."""
        return self.term in (None, key[0]) and (self.payer or self.outcome) in (None, key[1])

    def cap(self, level: str) -> tuple[str, Quantity | CarriedCap | None]:
        """Address and number of the cap at a level."""
        if level == "contract":
            return f"{self.address}.cap", self.terms.cap
        return f"{self.address}.caps.{level}", getattr(self.terms.caps, level)

    def floor(self, level: str) -> tuple[str, Quantity | None]:
        """Address and number of the floor at a level."""
        if level == "contract":
            return f"{self.address}.floor", self.terms.floor
        return f"{self.address}.floors.{level}", getattr(self.terms.floors, level)


@dataclass(frozen=True)
class Entry:
    """One cap or floor at work: what it allows or asks for, and the amounts that it covers before and after.

    `carry` says that what a cap holds back is asked for again in the next period.
    """

    address: str
    limit: FloatArray
    before: Amounts
    after: Amounts
    carry: bool = False


@dataclass
class Desk:
    """Applies limits, and keeps what each cap allows, held back, passed on, and each floor added, by address.

    `waiting` is what caps that carry keep from being paid in a period, whenever it was asked for first. `late` are
    addresses of floors that are made up after the end of the timeline, where nothing is paid any more.
    """

    timeline: Timeline
    trials: Trials
    last_month: int
    trail: list[Entry] | None = None
    limits: dict[str, FloatArray] = field(default_factory=dict)
    held: dict[str, FloatArray] = field(default_factory=dict)
    overflow: dict[str, FloatArray] = field(default_factory=dict)
    raised: dict[str, FloatArray] = field(default_factory=dict)
    waiting: dict[str, FloatArray] = field(default_factory=dict)
    late: dict[str, None] = field(default_factory=dict)
    _passed: list[tuple[Scope, Limit]] = field(default_factory=list)

    def apply(self, scope: Scope, level: str, amounts: Amounts, overflow_to: str | None = None) -> Amounts:
        """All amounts after a scope's cap and floor at one level. An earlier cap wins over a later floor."""
        address, cap = scope.cap(level)
        if cap is not None:
            limit = self._limit(address, limit_of(cap), scope, self._spans(level), isinstance(cap, CarriedCap))
            amounts = self._cap(scope, limit, amounts, overflow_to)
            if limit.carry:  # what is paid later must still keep to the caps before
                for earlier, before in self._passed:
                    amounts = self._cap(earlier, before, amounts, None)
            self._passed.append((scope, replace(limit, carry=False)))
        address, floor = scope.floor(level)
        if floor is not None:
            limit = self._limit(address, floor, scope, self._floor_spans(address, level, scope))
            amounts = self._floor(scope, limit, amounts)
        return amounts

    def apply_shares(self, scope: Scope, outcome: str, amounts: Amounts) -> Amounts:
        """All amounts after the cap and floor of one outcome as shares of its term's cap."""
        terms = scope.terms
        if not isinstance(terms, TermBase) or terms.cap is None:  # the schema refuses it
            raise TypeError("a share of no cap")
        key = (scope.term or "", outcome)
        amounts = {key: np.zeros((self.trials.periods, 1))} | amounts  # nothing is verified of some outcomes
        cap, floor = (terms.caps.shares or {}).get(outcome), (terms.floors.shares or {}).get(outcome)
        whole = terms.cap.over(self.trials)
        if cap is not None:
            most = cap.over(self.trials) * whole
            limit = Limit(f"{scope.address}.caps.shares.{outcome}", most, self._spans("contract"))
            own = replace(scope, outcome=outcome)
            amounts = self._cap(own, limit, amounts, None)
            self._passed.append((own, limit))
        if floor is not None:
            address = f"{scope.address}.floors.shares.{outcome}"
            limit = Limit(address, floor.over(self.trials) * whole, self._floor_spans(address, "contract", scope))
            amounts = self._floor(replace(scope, outcome=outcome), limit, amounts)
        return amounts

    def split_over_payers(self) -> None:
        """From here on amounts are by payer; caps of single outcomes cannot be applied again."""
        self._passed = [(scope, limit) for scope, limit in self._passed if scope.outcome is None]

    def for_top_ups(self) -> Desk:
        """A desk on which earlier caps do not count, with the same books."""
        return replace(self, _passed=[])

    def note(self, address: str, limit: FloatArray, before: Amounts, after: Amounts, carry: bool = False) -> None:
        """Keep a step for an explanation, if one is wanted."""
        if self.trail is not None:
            self.trail.append(Entry(address, limit, dict(before), dict(after), carry))

    def _limit(
        self, address: str, amount: Quantity, scope: Scope, spans: Sequence[object], carry: bool = False
    ) -> Limit:
        return Limit(address, amount.over(self.trials) / scope.divided_by, spans, carry)

    def _cap(self, scope: Scope, limit: Limit, amounts: Amounts, overflow_to: str | None) -> Amounts:
        mine = {key: amount for key, amount in amounts.items() if scope.covers(key)}
        if not mine:
            return amounts
        kept, held = capped(mine, limit)
        self.limits[limit.address] = limit.amount
        self.held[limit.address] = self.held[limit.address] + held if limit.address in self.held else held
        if limit.carry:
            self.waiting[limit.address] = np.cumsum(held, axis=0)
        elif limit.address in self.waiting:  # asked again, after a later cap that carries: what it takes now is lost
            self.waiting[limit.address] = self.waiting[limit.address] + held
        self.note(limit.address, limit.amount, mine, kept, limit.carry)
        out = amounts | kept
        if overflow_to is not None:
            self.overflow[limit.address] = _passed_on(held, limit)
            for (term, name), amount in mine.items():
                more = _passed_on(amount - kept[term, name], limit)
                out[term, overflow_to] = out.get((term, overflow_to), 0.0) + more
        return out

    def _floor(self, scope: Scope, limit: Limit, amounts: Amounts) -> Amounts:
        mine = {key: amount for key, amount in amounts.items() if scope.covers(key)}
        if not mine:
            return amounts
        up, _ = raised(mine, limit)
        base, more = dict(amounts), {key: up[key] - amount for key, amount in mine.items()}
        for earlier, cap in self._passed:
            covered = [key for key in base if earlier.covers(key)]
            if any(key in more for key in covered):
                self._cut_what_is_added(cap, covered, base, more)
        self.raised[limit.address] = total(more.values())
        out = base | {key: base[key] + amount for key, amount in more.items()}
        self.note(limit.address, limit.amount, amounts, out)
        return out

    def _cut_what_is_added(self, cap: Limit, keys: list[tuple[str, str]], base: Amounts, more: Amounts) -> None:
        """Keep `base` and what a floor adds to it within an earlier cap; in each period what is added is cut first."""
        earned, added = total(base[key] for key in keys), total(more[key] for key in keys if key in more)
        cut = earned + added - allowed(earned + added, cap.amount, cap.spans)
        off_added = np.minimum(cut, added)
        off_earned = np.minimum(cut - off_added, earned)  # rounding must not leave less than nothing
        for amount in (self.held, self.waiting):
            if cap.address in amount:
                amount[cap.address] = amount[cap.address] + off_earned
        for amounts, asked, off in ((more, added, off_added), (base, earned, off_earned)):
            kept = 1.0 - np.divide(off, asked, out=np.zeros_like(cut), where=np.broadcast_to(asked > 0, cut.shape))
            amounts.update({key: amounts[key] * kept for key in keys if key in amounts})

    def _spans(self, level: str) -> Sequence[object]:
        """A label for each period: itself, its financial year, or the whole contract."""
        if level == "financial_year":
            return self.timeline.financial_years
        return range(len(self.timeline.ends)) if level == "period" else [0] * len(self.timeline.ends)

    def _floor_spans(self, address: str, level: str, scope: Scope) -> Sequence[object]:
        """The same, but None where no floor is in force: at signing, and outside the scope's months.

        In a year that ends after those months payments may fall due until `last_due`, so that it is made up then. A
        span that goes on after the end of the timeline is made up there, like all that falls due then.
        """
        spans, ends = self._spans(level), self.timeline.month_ends
        inside = [scope.first < month <= scope.last for month in ends]
        if level == "period":
            return [label if within else None for label, within in zip(spans, inside, strict=True)]
        begun = {label for label, within in zip(spans, inside, strict=True) if within or level == "contract"}
        # what the floors of periods and years add later counts towards the one over the contract
        alone = level == "contract" and scope.terms.floors.period is None and scope.terms.floors.financial_year is None
        last = scope.last_due if alone else max(scope.last, scope.last_due)
        if last > self.timeline.months and (late := self._goes_on(level)) in begun:
            self.late[address] = None
            begun.remove(late)
        due = [scope.first < month <= last for month in ends]
        return [label if falls and label in begun else None for label, falls in zip(spans, due, strict=True)]

    def _goes_on(self, level: str) -> object:
        """The label of the period after the last one."""
        return 0 if level == "contract" else self.timeline.longer(1).financial_years[-1]


def _passed_on(held: FloatArray, cap: Limit) -> FloatArray:
    """What another payer takes over: what is held back, or with a cap that carries it, what is left in the end."""
    if not cap.carry:
        return held
    left = np.zeros_like(held)
    left[-1] = over_time(held)
    return left
