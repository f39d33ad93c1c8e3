"""The contract in words: what each term pays for, when, and who pays. Each rule says its own part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.split import Phase
from sibmodel.contract.terms import ContractTerms, PayerTerms
from sibmodel.core.conditions import AllOf, Condition, When
from sibmodel.core.quantity import Quantity
from sibmodel.outcomes.terms import OutcomeTerms
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import exactly, in_words, is_nothing
from sibmodel.scenario.schema import OutcomeSheet

if TYPE_CHECKING:
    Outcomes = Mapping[str, OutcomeTerms | OutcomeSheet]


def contract_in_words(contract: ContractTerms, outcomes: Outcomes, late: Sequence[str] = ()) -> Iterator[str]:
    """Who pays, then a paragraph for each term. `late` are floors that are made up after the end of the timeline."""
    yield from _payers_in_words(contract)
    shared = contract.split if len(contract.payers) > 1 else None
    if shared is not None and not all(term.split for term in contract.terms.values()):
        yield f"Unless a term says otherwise, payments are made {_split_in_words(shared)}."
    for name, term in contract.terms.items():
        words = ContractWords(outcomes)
        only = f", if {condition_in_words(term.when, words)}" if term.when is not None else ""
        by = f", {_split_in_words(contract.split_of(name))}" if term.split or shared is None else ""
        yield f"{term.title or spaced(name)}: {term.in_words(words)}{only}{_of_whom(term)}. {_when(term)}{by}."
        yield from _floors_in_words("This term", f"contract.terms.{name}", term, late)
    yield from _floors_in_words("The contract", "contract", contract, late)
    yield from _payers_own_rules(contract, late)
    yield from _tax_and_end(contract)


def _floors_in_words(
    who: str, address: str, terms: TermBase | ContractTerms | PayerTerms, late: Sequence[str]
) -> Iterator[str]:
    """The least that is paid, where there is a floor, and whether it still is within the timeline."""
    floors = {"": terms.floor, " in every period": terms.floors.period, " a year": terms.floors.financial_year}
    floors[" for every person for whom anything is paid"] = getattr(terms.floors, "person", None)
    least = [f"{in_words(floor, exactly)}{each or ' in all'}" for each, floor in floors.items() if floor is not None]
    if least:
        too_late = _too_late(address, late)
        pays = "owes" if too_late else "pays"
        yield f"{who} {pays} at least {' and '.join(least)}, if its caps allow{too_late}."


def _too_late(address: str, late: Sequence[str]) -> str:
    """That what is missing to a floor over the contract, or in the last year, is outside."""
    whole, last = f"{address}.floor" in late, f"{address}.floors.financial_year" in late
    if not (whole or last):
        return ""
    when = "" if whole else " in the last year"
    return f"; but what is missing{when} falls due after the end of the timeline, and no figure here contains it"


def _payers_own_rules(contract: ContractTerms, late: Sequence[str]) -> Iterator[str]:
    """Floors, overflow, top-ups, disputes and late payment of each payer."""
    for name, payer in contract.payers.items():
        who = spaced(name)
        yield from _floors_in_words(who, f"contract.payers.{name}", payer, late)
        if payer.overflow_to is not None:
            yield f"What exceeds a cap of {who} is paid by {spaced(payer.overflow_to)}."
        if payer.tops_up is not None:
            others = ", ".join(map(spaced, payer.tops_up.payers))
            yield f"On top, {who} adds {in_words(payer.tops_up.share, exactly)} for each £1 that {others} owe."
        if not is_nothing(payer.late_months):
            yield f"It is assumed that {who} pays {in_words(payer.late_months, _months)} late."
        if payer.disputes is not None:
            share, lost = (
                in_words(s, lambda x: f"{100 * x:.3g}%") for s in (payer.disputes.share, payer.disputes.lost)
            )
            months = in_words(payer.disputes.months, _months)
            disputed = f"{who} disputes {share} of what it owes, for {months}"
            yield f"It is assumed that {disputed}, and that {lost} of that is lost."


def _tax_and_end(contract: ContractTerms) -> Iterator[str]:
    """Value added tax, and an early termination."""
    cost = [spaced(name) for name, payer in contract.payers.items() if not payer.recovers_vat]
    if contract.vat is not None and cost:
        rate = in_words(contract.vat.rate, lambda x: f"{100 * x:.3g}%")
        yield f"Value added tax of {rate} comes on top of what {', '.join(cost)} pays and cannot be recovered."
    end = contract.termination
    if end is not None and end.month is not None:
        row = end.in_force
        pays = f"{in_words(row.pays, exactly)} is paid" if row is not None else "nothing is paid"
        yield f"The contract is terminated in month {end.month}; {pays} for that, and nothing for later outcomes."


def _payers_in_words(contract: ContractTerms) -> Iterator[str]:
    for kind in dict.fromkeys(payer.kind for payer in contract.payers.values()):
        payers = {name: payer.title for name, payer in contract.payers.items() if payer.kind == kind}
        named = [spaced(name) + (f", {title}" if title else "") for name, title in payers.items()]
        yield f"{spaced(kind).capitalize()}{'s' if len(named) > 1 else ''}: {'; '.join(named)}."


def _when(term: TermBase) -> str:
    if is_nothing(term.lag_months):
        return "Paid as soon as it is verified"
    return f"Paid {in_words(term.lag_months, _months)} after it is verified"


def _of_whom(term: TermBase) -> str:
    """For which groups, and in which months, if not all."""
    groups = f", for {', '.join(map(spaced, term.groups))} only" if term.groups else ""
    if term.from_month or term.to_month is not None:
        until = "the end" if term.to_month is None else f"month {term.to_month}"
        return f"{groups}, for outcomes verified after month {term.from_month} and up to {until}"
    return groups


def condition_in_words(when: When, words: ContractWords) -> str:
    """'the mean of 'Reconvictions' in each report is at least 10', joined by and or or."""
    if isinstance(when, Condition):
        edges = " and ".join(
            f"{name.replace('_', ' ')} {in_words(edge, lambda x: f'{x:,.10g}')}"
            for name in ("at_least", "above", "at_most", "below")
            if (edge := getattr(when, name)) is not None
        )
        since = f" from month {when.from_month} on" if when.from_month else ""
        return f"{_read_in_words(when, words)} is {edges}{since}"
    parts = [condition_in_words(part, words) for part in (when.all if isinstance(when, AllOf) else when.any)]
    return (" and " if isinstance(when, AllOf) else " or ").join(parts)


def _read_in_words(condition: Condition, words: ContractWords) -> str:
    over = {"window": "", "contract": " since signing"}.get(condition.over, f" in the {spaced(condition.over)} so far")
    if condition.index is not None:
        return "+".join(f"{w:g} × {words.outcome(n)}" for n, w in condition.index.items()) + over
    name = words.outcome(condition.names[0])
    if condition.divided_by is not None:
        return f"{name} divided by {words.outcome(condition.divided_by)}{over}"
    return f"{name}{over}"


@dataclass(frozen=True)
class ContractWords:
    """Names and numbers of a contract in words, for its rules."""

    outcomes: Outcomes

    def pounds(self, quantity: Quantity) -> str:
        """A price as a contract writes it."""
        return in_words(quantity, exactly)

    def exactly(self, pounds: float) -> str:
        """Pounds as a contract writes them."""
        return exactly(pounds)

    def outcome(self, name: str) -> str:
        """An outcome by its title, in quotation marks."""
        return f"'{self.outcomes[name].title or spaced(name)}'"

    def read(self, name: str) -> str:
        """'each report' of an effect, 'each period' of a count."""
        return "each report" if self.is_effect(name) else "each period"

    def is_effect(self, name: str) -> bool:
        """Whether the outcome is a mean rather than a count."""
        return self.outcomes[name].type == "effect"

    def measured(self, name: str) -> str:
        """'person measured' or 'person-year measured'."""
        yearly = getattr(self.outcomes[name], "per", "") == "person_year"
        return "person-year measured" if yearly else "person measured"


def _months(months: float) -> str:
    return f"{months:.3g} month{'' if months == 1 else 's'}"


def _split_in_words(phases: tuple[Phase, ...]) -> str:
    """By whom, with the share of each; by phase where it changes."""
    if len(phases) == 1:
        return f"by {_shares(phases[0])}"
    until = [f"to {_begins(later)} by {_shares(phase)}" for phase, later in pairwise(phases)]
    return "; ".join([*until, f"after that by {_shares(phases[-1])}"])


def _begins(phase: Phase) -> str:
    return f"month {phase.after_month}" if phase.after_paid is None else f"{exactly(phase.after_paid)} paid"


def _shares(phase: Phase) -> str:
    shares = {spaced(name): phase.share_of(name) for name in phase.payers if phase.share_of(name)}
    if len(shares) == 1:
        return f"{next(iter(shares))} alone"
    return ", ".join(f"{name} {100 * share:.3g}%" for name, share in shares.items())
