"""The frozen values that pass between chapters. Arrays are (periods, trials), period 0 first, in pounds or people.

An array may have a single row or column where nothing varies along it; it broadcasts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np

from sibmodel.core.quantity import Kind
from sibmodel.core.timeline import FloatArray, added, summed, weighed

NOBODY = 1e-9
"""Fewer people than this are rounding dust of the timing weights: nobody is measured."""


def total(arrays: Iterable[FloatArray]) -> FloatArray:
    """Sum of arrays that broadcast, new in memory; a zero of shape (1, 1) if there are none."""
    return summed((np.add, array) for array in arrays)


def sum_of(arrays: Iterable[FloatArray]) -> FloatArray:
    """The same to be read only: an array that alone is not nothing is its own sum."""
    return summed(((np.add, array) for array in arrays), new=False)


@dataclass(frozen=True)
class Part:
    """Verified units of some of the people: those of one group who came in one period, or one person.

    A simulation knows `age`, the periods since the people came, and for each of them the chance of having the outcome
    and the units then, (1, 1 or trials); `certain` units come to everybody, and the chance is the part of them that
    comes at that age. The rows of an evaluator know `cohort` and `person`, as far as they say so.
    """

    group: str
    units: FloatArray
    measured: FloatArray
    cohort: str = ""
    person: str = ""
    age: int | None = None
    chance: FloatArray | None = None
    each: FloatArray | None = None
    certain: bool = False


@dataclass(frozen=True)
class OutcomeFlow:
    """One outcome: what truly changed, and what the evaluator accepts.

    `true` is net of the counterfactual, in units. `verified` is a total in units, or for an effect the
    mean over the people of the report, zero between reports. `measured` is the people (or person-years) behind it.
    `parts` add up to the units; there are none where the contract does not ask who had the outcome.
    """

    is_effect: bool
    true: FloatArray
    verified: FloatArray
    measured: FloatArray
    parts: tuple[Part, ...] = ()

    @cached_property
    def units(self) -> FloatArray:
        """Verified total in units."""
        return self.verified * self.measured if self.is_effect else self.verified

    def within(self, periods: FloatArray) -> OutcomeFlow:
        """What is verified in the periods marked 1, shape (periods, 1)."""
        parts = (replace(part, units=part.units * periods, measured=part.measured * periods) for part in self.parts)
        verified, measured = self.verified * periods, self.measured * periods
        return replace(self, verified=verified, measured=measured, parts=tuple(parts))

    def of_cohort(self, cohort: str) -> OutcomeFlow:
        """What is verified of one cohort, with its own mean."""
        return self._of(tuple(part for part in self.parts if part.cohort == cohort))

    def _of(self, parts: tuple[Part, ...]) -> OutcomeFlow:
        units, measured = total(part.units for part in parts), total(part.measured for part in parts)
        mean = np.divide(units, measured, out=np.zeros_like(units), where=measured > 0)
        units, mean, measured = (x + np.zeros_like(self.verified) for x in (units, mean, measured))
        return replace(self, verified=mean if self.is_effect else units, measured=measured, parts=parts)

    def longer(self, rows: int, periods: int) -> OutcomeFlow:
        """The same with more `periods` than its `rows`, signing counted in both; nothing is verified in these."""
        return replace(
            self,
            true=_longer(self.true, rows, periods),
            verified=_longer(self.verified, rows, periods),
            measured=_longer(self.measured, rows, periods),
            parts=tuple(
                replace(part, units=_longer(part.units, rows, periods), measured=_longer(part.measured, rows, periods))
                for part in self.parts
            ),
        )

    def later(self, periods: int) -> OutcomeFlow:
        """The same, verified some whole periods later."""
        if not periods:
            return self
        parts = tuple(
            replace(
                part,
                units=_later(part.units, periods),
                measured=_later(part.measured, periods),
                age=None if part.age is None else part.age + periods,
            )
            for part in self.parts
        )
        verified, measured = _later(self.verified, periods), _later(self.measured, periods)
        return replace(self, verified=verified, measured=measured, parts=parts)

    def of_groups(self, groups: tuple[str, ...]) -> OutcomeFlow:
        """What is verified of some groups, with their own mean."""
        return self._of(tuple(part for part in self.parts if part.group in groups))


def _longer(series: FloatArray, rows: int, periods: int) -> FloatArray:
    own = np.broadcast_to(series, (rows, series.shape[1]))
    return np.concatenate([own, np.zeros((periods - rows, series.shape[1]))])


def _later(series: FloatArray, periods: int) -> FloatArray:
    return np.concatenate([np.zeros_like(series[:periods]), series[:-periods]])


@dataclass(frozen=True)
class Payments:
    """Outcome payments. Keys are terms, addresses of caps and floors, payers, and (term, payer).

    `earned` is each term's amount when its outcome is verified and `due` the same when it falls due, both before
    caps; `limits` is what each cap allows, per period or span; `held` is what each cap kept from being paid (below
    zero where a carried excess is paid later), `waiting` what caps that carry keep back in each period, `overflow` the
    part that another payer took over, `raised` what each floor added, and `late` are floors that are made up after the
    end of the timeline; `topped_up` is what payers add who top up others. `owed` is what each payer owes for each term
    in the end, and `paid` the same when the money comes, less what is `lost` in disputes. `vat` is value added tax that
    a payer cannot recover. `bound` works out `exposure`.
    """

    earned: Mapping[str, FloatArray]
    due: Mapping[str, FloatArray]
    limits: Mapping[str, FloatArray]
    held: Mapping[str, FloatArray]
    waiting: Mapping[str, FloatArray]
    overflow: Mapping[str, FloatArray]
    raised: Mapping[str, FloatArray]
    late: tuple[str, ...]
    topped_up: Mapping[str, FloatArray]
    owed: Mapping[tuple[str, str], FloatArray]
    paid: Mapping[tuple[str, str], FloatArray]
    lost: Mapping[str, FloatArray]
    vat: Mapping[str, FloatArray]
    bound: Callable[[], FloatArray | None]

    @cached_property
    def exposure(self) -> FloatArray | None:
        """The most that commissioners can be asked for, shape (1, 1 or trials), or None where no cap limits it."""
        return self.bound()

    @cached_property
    def total(self) -> FloatArray:
        """All payments of the period."""
        return total(self.paid.values())

    @cached_property
    def by_term(self) -> dict[str, FloatArray]:
        """Payments of the period by term, all payers together."""
        terms = dict.fromkeys(term for term, _ in self.paid)
        return {name: total(amount for (term, _), amount in self.paid.items() if term == name) for name in terms}

    @cached_property
    def kept_back(self) -> dict[str, FloatArray]:
        """What each cap keeps from being paid in a period, with what has waited since an earlier one."""
        return {address: self.waiting.get(address, held) for address, held in self.held.items()}

    @cached_property
    def forgone(self) -> dict[str, FloatArray]:
        """What each cap took away for good: what it held back less what another payer took over."""
        passed = self.overflow
        return {address: held - passed[address] if address in passed else held for address, held in self.held.items()}


Link = Literal["gross", "attributable", "after_bias", "cashable"]
"""How far down the chain a saving is looked at."""


@dataclass(frozen=True, eq=False)
class Units:
    """What a saving is a multiple of, by period; savings with the same outcome and timing share one.

    It is made when it is first asked for: what happens if the programme does nothing is never asked for savings.
    """

    make: Callable[[], FloatArray]
    _worth: dict[bytes, FloatArray] = field(default_factory=dict)

    @cached_property
    def amount(self) -> FloatArray:
        """(periods, 1 or trials)."""
        return self.make()

    def worth(self, factors: FloatArray) -> FloatArray:
        """Sum over periods of amount times factor, (1 or trials,); worked out once for the same factors."""
        key = factors.tobytes()
        if key not in self._worth:
            self._worth[key] = weighed(self.amount, factors)
        return self._worth[key]


@dataclass(frozen=True)
class Saving:
    """One agency's saving of one kind: units, and real pounds for each unit at each link of the chain, (1 or trials,).

    `gross`, `attributable`, `after_bias` and `cashable` are the pounds by period. `schedule` names the discount rates
    of its own that it has; `released` are the units of its cash where a cost falls in whole steps.
    """

    name: str
    agency: str
    kind: Kind
    units: Units
    each: Mapping[Link, FloatArray]
    schedule: str | None = None
    released: Units | None = None

    def units_of(self, link: Link) -> Units:
        """What the pounds of a link are a multiple of."""
        return self.units if self.released is None or link != "cashable" else self.released

    @property
    def gross(self) -> FloatArray:
        """Net of the counterfactual."""
        return self.units.amount * self.each["gross"]

    @property
    def attributable(self) -> FloatArray:
        """Less displacement and what others brought about."""
        return self.units.amount * self.each["attributable"]

    @property
    def after_bias(self) -> FloatArray:
        """Less optimism bias."""
        return self.units.amount * self.each["after_bias"]

    @property
    def cashable(self) -> FloatArray:
        """The part that releases cash."""
        return self.units_of("cashable").amount * self.each["cashable"]


def saved_by_span(
    savings: Iterable[Saving], link: Link, factors: FloatArray, spans: Mapping[str, slice]
) -> dict[str, FloatArray]:
    """Pounds of some savings together in each span of periods, times a factor for each period, (1 or trials,)."""
    together = _together(savings, link)
    return {
        span: sum((weighed(units.amount[some], factors[some]) * each for units, each in together), start=np.zeros(1))
        for span, some in spans.items()
    }


def saved(savings: Iterable[Saving], link: Link) -> FloatArray:
    """Pounds of some savings together by period, at a link of the chain."""
    return sum_of(units.amount * each for units, each in _together(savings, link))


def worth(savings: Iterable[Saving], link: Link, factors: FloatArray) -> FloatArray:
    """The same times a factor for each period, added up over periods; (1 or trials,)."""
    return sum((units.worth(factors) * each for units, each in _together(savings, link)), start=np.zeros(1))


def _together(savings: Iterable[Saving], link: Link) -> list[tuple[Units, FloatArray]]:
    """Every units that some savings share, with their pounds for each unit added up."""
    found: dict[int, tuple[Units, FloatArray]] = {}
    for one in savings:
        units = one.units_of(link)
        before = found[id(units)][1] if id(units) in found else 0.0
        found[id(units)] = units, before + one.each[link]
    return list(found.values())


@dataclass(frozen=True)
class TrancheFlows:
    """One tranche's movements and closing balances, and what its investor pays a fund manager.

    `holder` is its party in the ledger. `guaranteed` comes from guarantors, `contingent` is what contingent payments
    bring (below zero: cost). Balances of coupon include what has accrued and is not yet due.
    """

    holder: str
    drawdown: FloatArray
    fee: FloatArray
    coupon: FloatArray
    principal: FloatArray
    surplus: FloatArray
    guaranteed: FloatArray
    contingent: FloatArray
    written_off: FloatArray
    fee_accrued: FloatArray
    coupon_accrued: FloatArray
    closing_principal: FloatArray
    closing_coupon: FloatArray
    closing_fee: FloatArray
    fund_fee: FloatArray
    carried_interest: FloatArray

    @cached_property
    def net(self) -> FloatArray:
        """Received less drawn, before what its investor pays a fund manager."""
        received = [(np.add, a) for a in (self.fee, self.coupon, self.principal, self.surplus, self.guaranteed)]
        return summed([*received, (np.subtract, self.drawdown), (np.add, self.contingent)])

    @cached_property
    def net_of_fees(self) -> FloatArray:
        """The same after it."""
        if not (self.fund_fee.any() or self.carried_interest.any()):
            return self.net
        return added(self.net - self.fund_fee, self.carried_interest, np.subtract)


@dataclass(frozen=True)
class GuaranteeFlows:
    """What a guarantor pays the holder of a tranche, and its fee."""

    guarantor: str
    holder: str
    paid: FloatArray
    fee: FloatArray


@dataclass(frozen=True)
class ContingentFlows:
    """A payment between two parties: forward from the first to the second, and back."""

    payer: str
    receiver: str
    forward: FloatArray
    back: FloatArray


@dataclass(frozen=True)
class CapitalFlows:
    """The vehicle's money: tranches, guarantees, contingent payments, surplus to others, the gap, and closing cash."""

    tranches: Mapping[str, TrancheFlows]
    guarantees: Mapping[str, GuaranteeFlows]
    contingent: Mapping[str, ContingentFlows]
    surplus: Mapping[str, FloatArray]
    gap: FloatArray
    gap_covered_by: str
    closing_cash: FloatArray

    @property
    def promising(self) -> frozenset[str]:
        """Everybody who gives a guarantee or is party to a contingent payment."""
        either = {name for one in self.contingent.values() for name in (one.payer, one.receiver)}
        return frozenset(either | {guarantee.guarantor for guarantee in self.guarantees.values()})

    def promised(self, party: str) -> FloatArray:
        """What somebody pays under guarantees and contingent payments, less what these and guarantee fees bring."""
        out = np.zeros((1, 1))
        for guarantee in self.guarantees.values():
            if guarantee.guarantor == party:
                out = out + guarantee.paid - guarantee.fee
        for one in self.contingent.values():
            out = out + (one.forward - one.back) * ((one.payer == party) * 1.0 - (one.receiver == party))
        return out

    def net(self, names: Iterable[str], of_fees: bool = False) -> FloatArray:
        """Net flow of some tranches together; `of_fees` after what their investors pay fund managers. New in memory."""
        out = np.zeros_like(self.closing_cash)
        for name in names:
            tranche = self.tranches[name]
            out = added(out, tranche.net_of_fees if of_fees else tranche.net)
        return out
