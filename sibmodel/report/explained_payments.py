"""Payments explained: rule, gross amount, each cap and floor, each payer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.contract.desk import Entry
from sibmodel.contract.payers import payments
from sibmodel.contract.terms import TERMINATION
from sibmodel.core.flows import Payments
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.model import Books
from sibmodel.report.address_words import spaced
from sibmodel.report.contract_words import ContractWords, condition_in_words
from sibmodel.report.explained_outcomes import OutcomeStory, sum_of
from sibmodel.report.steps import TERMS, Step
from sibmodel.running.execution import base_case
from sibmodel.running.paying import Paid, Verified, pay
from sibmodel.scenario.inputs import Inputs
from sibmodel.scenario.schema import ContractSheet, Scenario

_NOT_THE_RULE = ("lag_months", "cap", "caps", "floor", "floors", "split")


@dataclass
class ContractStory:
    """One trial of a contract, with every cap and floor on the way."""

    scenario: Scenario | ContractSheet
    found: Payments
    trail: list[Entry]
    timeline: Timeline
    paid: Mapping[tuple[str, str], FloatArray]
    verified: Callable[[str], Step]
    inputs: Inputs
    books: Books | None = None

    @classmethod
    def of_base(cls, scenario: Scenario | ContractSheet) -> ContractStory:
        """The contract in the base case."""
        if isinstance(scenario, ContractSheet):  # refused before
            raise TypeError("a contract alone")
        books = base_case(scenario)
        trail: list[Entry] = []
        found = payments(scenario.contract, books.service.outcomes, scenario.timeline, books.trials, trail=trail)
        seen = OutcomeStory(books)
        return cls(scenario, found, trail, scenario.timeline, found.paid, seen.outcome, seen.inputs, books)

    @classmethod
    def of_pay(cls, scenario: Scenario | ContractSheet, verified: Verified) -> ContractStory:
        """The contract for given outcomes."""
        trail: list[Entry] = []
        paid: Paid = pay(scenario, verified, trail)
        longer = scenario.timeline.longer(paid.periods - scenario.timeline.periods)

        def seen(name: str) -> Step:
            value = paid.verified[name]
            return Step(f"verified {spaced(name)}", value, "outcome unit", "as the evaluator's rows say")

        return cls(scenario, paid.payments, trail, longer, paid.payments.owed, seen, Inputs(scenario))

    def payments(self, name: str, payers: tuple[str, ...]) -> Step:
        """All payments of some payers, by term."""
        terms = dict.fromkeys(term for term, payer in self.paid if payer in payers)
        parts = [self._share(term, payers) for term in terms]
        whole = sum(part.value or 0.0 for part in parts)
        return Step(name, whole, how="all terms added up", parts=tuple(parts), adds_up=True)

    def _share(self, term: str, payers: tuple[str, ...]) -> Step:
        """What some payers pay for a term, explained by the whole term."""
        if set(payers) >= {payer for name, payer in self.paid if name == term}:
            return self.term(term)
        mine = sum(sum_of(amount) for (name, payer), amount in self.paid.items() if name == term and payer in payers)
        return Step(f"{spaced(term)}, the part of {names_of(payers)}", mine, parts=(self.term(term),))

    def term(self, name: str, period: int | None = None) -> Step:
        """Rule, gross, each cap and floor, each payer."""
        terms = self.scenario.contract.terms
        entries = [entry for entry in self.trail if any(key[0] == name for key in entry.before)]
        of_payers = [entry for entry in entries if entry.address.startswith("contract.payers.")]
        whole = [entry for entry in entries if not entry.address.startswith("contract.payers.")]
        parts = [self._gross(name, period), *(self._limit(entry, name, period) for entry in whole)]
        owed = Step("owed before it is split", sum(part.value or 0.0 for part in parts), how="caps and floors in turn",
                    parts=tuple(parts), adds_up=True)  # fmt: skip
        title = terms[name].title if name in terms else None
        what = f"payment for {spaced(name)}{'' if period is None else f' in period {period}'}"
        paid = self._payers(name, of_payers, period)
        how = "the rule's gross amount, then caps and floors, then the payers"
        return Step(what + (f" ({title})" if title else ""), paid.value, how=how, parts=(owed, paid))

    def _gross(self, name: str, period: int | None) -> Step:
        due, earned = self.found.due[name], self.found.earned[name]
        term = self.scenario.contract.terms.get(name)
        if term is None:
            rows = self.inputs.under("contract.termination", ("split",))
            return Step("paid on termination", sum_of(due, period), how="the redemption table", inputs=rows)
        words = ContractWords(self.scenario.outcomes)
        rule = term.in_words(words) + (f", if {condition_in_words(term.when, words)}" if term.when else "")
        lag = self.inputs.under(f"{TERMS}{name}.lag_months")
        own = self.inputs.under(f"{TERMS}{name}", _NOT_THE_RULE)
        read = tuple(self.verified(outcome) for outcome in dict.fromkeys((*term.outcomes, *term.condition_names)))
        gross = Step("earned when verified, all periods", sum_of(earned), how=rule, parts=read, inputs=own)
        moved = "moved to the period in which it falls due" + ("" if np.any(due != earned) else " (the same)")
        dates = _by_period(due, self.timeline)
        how = f"{moved}; {dates}" if dates and period is None else moved
        return Step("gross amount due", sum_of(due, period), how=how, parts=(gross,), inputs=lag)

    def _limit(self, entry: Entry, name: str, period: int | None) -> Step:
        mine = {key: amount for key, amount in entry.before.items() if key[0] == name}
        change = sum(sum_of(entry.after[key] - amount, period) for key, amount in mine.items())
        shared = len({key[0] for key in entry.before}) > 1
        kind = "floor" if ".floor" in entry.address else "cap"
        how = "shared with other terms, cut pro rata" if shared and kind == "cap" else ""
        if abs(change) < 0.005:
            how = _without_change(entry, mine, period) if kind == "cap" else "does not raise anything"
        if entry.address in self.found.late:
            how = "is made up after the end of the timeline, so that no figure here contains it"
            if ".financial_year" in entry.address:
                how = f"of the last year, {how}"
        return Step(f"{kind} {entry.address}", change, how=how, inputs=self.inputs.under(entry.address))

    def _owner(self, name: str) -> str:
        """Where the split of a term, or of the payment on termination, stands."""
        contract = self.scenario.contract
        own = contract.terms.get(name, contract.termination)
        if own is None or own.split is None:
            return "contract"
        return f"{TERMS}{name}" if name in contract.terms else f"contract.{TERMINATION}"

    def _payers(self, name: str, entries: list[Entry], period: int | None) -> Step:
        """Each payer's part, and what its own caps and floors make of it."""
        parts = []
        for term, payer in self.paid:
            if term == name:
                address = f"contract.payers.{payer}"
                own = [self._limit(entry, name, period) for entry in entries if entry.address.startswith(f"{address}.")]
                rows = self.inputs.under(address, ("cap", "caps", "floor", "floors"))
                parts.append(Step(f"paid by {spaced(payer)}", sum_of(self.paid[term, payer], period), parts=tuple(own),
                                  inputs=rows))  # fmt: skip
        rows = self.inputs.under(f"{self._owner(name)}.split")
        how = "split over payers; each one's caps, floors, overflow, top-ups, disputes and lateness"
        whole = sum(part.value or 0.0 for part in parts)
        return Step("paid", whole, how=how, parts=tuple(parts), inputs=rows, adds_up=True)


def _without_change(entry: Entry, mine: Mapping[tuple[str, str], FloatArray], period: int | None) -> str:
    """A cap that leaves an amount as it is: it does not bind, or what it holds back is paid by and by."""
    waiting = [np.cumsum(amount - entry.after[key], axis=0) for key, amount in mine.items()] if entry.carry else []
    if period is None and any((one > 0.005).any() for one in waiting):
        return "binds, and what it holds back is paid in later periods"
    if period is not None and sum(sum_of(one, period) for one in waiting) > 0.005:
        return "binds, and lets as much through from before as it holds back"
    return "does not bind"


def names_of(names: Iterable[str]) -> str:
    """Names of the file as words."""
    return ", ".join(map(spaced, names))


def _by_period(amount: FloatArray, timeline: Timeline) -> str:
    """£1,000.00 in period 3 (2016-12-31), …; nothing where it is in more than eight."""
    rows = [(t, float(amount[t, 0])) for t in range(len(amount)) if abs(amount[t, 0]) >= 0.005]
    if not 0 < len(rows) <= 8:
        return ""
    return ", ".join(f"£{pounds:,.2f} in period {t} ({timeline.ends[t]})" for t, pounds in rows)
