"""The contract in words: what each term pays for, when, and who pays.

A payment rule is one entry in `RULES`: a function of (term, outcomes) that says what is paid for what.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from sibmodel.contract.terms import ContractTerms, LinearTerms, Phase, PriceTerms, RateCardTerms, TermBase
from sibmodel.core.quantity import Quantity
from sibmodel.outcomes.terms import EffectTerms, OutcomeTerms
from sibmodel.report.numbers import exactly, in_words, is_nothing

Outcomes = Mapping[str, OutcomeTerms]


def contract_in_words(contract: ContractTerms, outcomes: Outcomes) -> Iterator[str]:
    """Who pays, then a paragraph for each term."""
    yield from _payers_in_words(contract)
    shared = contract.split if len(contract.payers) > 1 else None
    if shared is not None and not all(term.split for term in contract.terms.values()):
        yield f"Unless a term says otherwise, payments are made {_split_in_words(shared)}."
    for name, term in contract.terms.items():
        rule = RULES[type(term)](term, outcomes)
        by = f", {_split_in_words(contract.split_of(name))}" if term.split or shared is None else ""
        yield f"{term.title or spaced(name)}: {rule}. {_when(term)}{by}."


def spaced(name: str) -> str:
    """A name of the file as words."""
    return name.replace("_", " ")


def _payers_in_words(contract: ContractTerms) -> Iterator[str]:
    for kind in dict.fromkeys(payer.kind for payer in contract.payers.values()):
        payers = {name: payer.title for name, payer in contract.payers.items() if payer.kind == kind}
        named = [spaced(name) + (f", {title}" if title else "") for name, title in payers.items()]
        yield f"{spaced(kind).capitalize()}{'s' if len(named) > 1 else ''}: {'; '.join(named)}."


def _when(term: TermBase) -> str:
    if is_nothing(term.lag_months):
        return "Paid as soon as it is verified"
    return f"Paid {in_words(term.lag_months, _months)} after it is verified"


def _months(months: float) -> str:
    return f"{months:.3g} month{'' if months == 1 else 's'}"


def _split_in_words(phases: tuple[Phase, ...]) -> str:
    """By whom, with the share of each; by phase where it changes."""
    if len(phases) == 1:
        return f"by {_shares(phases[0])}"
    until = [f"to month {later.after_month} by {_shares(phase)}" for phase, later in pairwise(phases)]
    return "; ".join([*until, f"after that by {_shares(phases[-1])}"])


def _shares(phase: Phase) -> str:
    shares = {spaced(name): phase.share_of(name) for name in phase.shares if phase.share_of(name)}
    if len(shares) == 1:
        return f"{next(iter(shares))} alone"
    return ", ".join(f"{name} {100 * share:.3g}%" for name, share in shares.items())


def _price(term: PriceTerms, outcomes: Outcomes) -> str:
    return f"{_per_unit(term.price, term.outcome, outcomes)}, {_read(term.outcome, outcomes)} on its own"


def _rate_card(term: RateCardTerms, outcomes: Outcomes) -> str:
    parts = [_per_unit(price, name, outcomes) for name, price in term.prices.items()]
    read = " or ".join(sorted({_read(name, outcomes) for name in term.prices}))
    return f"{', and '.join(parts)}, {read} on its own"


def _per_unit(price: Quantity, outcome: str, outcomes: Outcomes) -> str:
    measured = f" and {_measured(outcome, outcomes)}" if isinstance(outcomes[outcome], EffectTerms) else ""
    return f"{in_words(price, exactly)} for each verified unit of '{_named(outcome, outcomes)}'{measured}"


def _linear(term: LinearTerms, outcomes: Outcomes) -> str:
    mean = isinstance(outcomes[term.outcome], EffectTerms) and term.reads != "total"
    if term.over == "contract":
        over = "of everything since signing, paying what is newly owed"
    else:
        over = f"of {_read(term.outcome, outcomes)} on its own"
    each = f" for each {_measured(term.outcome, outcomes)}" if term.per == "person" else ""
    return (
        f"a sliding scale on '{_named(term.outcome, outcomes)}', {_scale(term)}{each}, straight between and level "
        f"outside; it reads the {'mean' if mean else 'total'} {over}"
    )


def _scale(term: LinearTerms) -> str:
    """Every point with its pounds, or as shares of a price that is not one fixed number."""
    prices = set(term.price.central_values())
    if len(prices) == 1 and not term.price.is_uncertain:
        (price,) = prices
        return _joined([f"{exactly(y * price)} at {x:,.10g}" for x, y in term.points])
    shares = _joined([f"{y:,.10g} at {x:,.10g}" for x, y in term.points])
    return f"{shares}, times {in_words(term.price, exactly)}"


def _joined(points: list[str]) -> str:
    return "from " + " to ".join(points) if len(points) == 2 else ", ".join(points)


def _measured(outcome: str, outcomes: Outcomes) -> str:
    """Whom an effect is measured on, and counted by."""
    return "person-year measured" if getattr(outcomes[outcome], "per", "") == "person_year" else "person measured"


def _read(outcome: str, outcomes: Outcomes) -> str:
    return "each report" if isinstance(outcomes[outcome], EffectTerms) else "each period"


def _named(outcome: str, outcomes: Outcomes) -> str:
    return outcomes[outcome].title or spaced(outcome)


RULES: Mapping[type, Callable[[Any, Outcomes], str]] = {
    PriceTerms: _price,
    RateCardTerms: _rate_card,
    LinearTerms: _linear,
}
