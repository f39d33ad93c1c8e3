"""Who could invest, and what would bring in the others, in words."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from sibmodel.questions.matrix import Estimate
from sibmodel.questions.risk import RiskResult
from sibmodel.questions.suitability import LOSS, RETURN, TERM, TICKET, Change, Profile
from sibmodel.reference.kinds import ASSUMPTION, LIMITS, Cited, Kind, Kinds
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import chance_and_error, error, money, per_cent, rate
from sibmodel.report.section import Section, Table


def possible_investors(result: RiskResult) -> Section:
    """Each tranche against each kind of investor, then what the kinds ask."""
    found = result.suitability
    if not found.profiles:
        return Section("Who could invest", ["Nothing here is owed back, so no investor is looked for."])
    sentences, tables = [], []
    for name, profile in found.profiles.items():
        sentences.append(_offer(name, profile, result.record.trials))
        if profile.drawn:
            suited = [kind.title for kind in found.suits(name)]
            sentences.append(f"As it stands it suits {', '.join(suited) or 'no kind of investor'}.")
            tables.append(_matches(name, profile, found.kinds.kinds, found.changes[name]))
    return Section("Who could invest", sentences, [*tables, _criteria(found.kinds)])


def _offer(name: str, profile: Profile, trials: int) -> str:
    if not profile.drawn:
        return f"Tranche {spaced(name)} puts in no money in any future, so nobody need invest in it."
    returns = "with no return that can be worked out"
    if profile.returns is not None:
        spread = f" ± {error(profile.returns.se, 'rate')}" if profile.returns.se else ""
        returns = f"for {per_cent(profile.returns.mean)}{spread} a year on the mean cash flow"
    return (
        f"Tranche {spaced(name)} commits {money(profile.ticket)} {returns}; it loses money "
        f"{chance_and_error(profile.loss.mean, trials)}, and its last money comes {_years(profile.term)} after signing."
    )


def _years(years: float) -> str:
    return f"{years:.4g} year{'' if years == 1 else 's'}"


def _matches(name: str, profile: Profile, kinds: Sequence[Kind], changes: Mapping[str, Sequence[Change]]) -> Table:
    rows = []
    for kind in kinds:
        advice = "; ".join(_advice(kind, profile, changes[kind.name]))
        rows.append((kind.title, "no" if advice else "yes", advice or "nothing"))
    note = (
        f"Whether tranche {spaced(name)} meets what each kind of investor asks, and where it does not, the change that "
        "alone would meet each point; what has to change for several points has to change for all of them."
    )
    return Table(("kind of investor", "suits", "what would bring it in"), rows, note, words=3)


def _advice(kind: Kind, profile: Profile, changes: Sequence[Change]) -> Iterator[str]:
    for change in changes:
        if change.criterion == RETURN:
            yield _receipts(kind, change.needed)
        elif change.criterion == LOSS and change.needed is not None:
            yield _guarantee(kind, change.needed)
        elif change.criterion == TERM:
            yield f"all repaid within {_years(kind.longest_term.value)} of signing"
        elif change.criterion == TICKET:
            yield _ticket(kind, profile)


def _receipts(kind: Kind, needed: Estimate | None) -> str:
    least = rate(kind.least_return.value)
    if needed is None:
        return f"asks {least} a year: nothing can do it, for it receives nothing"
    spread = f" ± {error(needed.se, 'rate')}" if needed.se else ""
    return f"asks {least} a year: receipts {per_cent(needed.mean)}{spread} higher"


def _guarantee(kind: Kind, needed: Estimate) -> str:
    limit = per_cent(kind.most_chance_of_loss.value, 0)
    spread = f" ± {error(needed.se, '£')}" if needed.se else ""
    return f"loss in at most {limit} of futures: a guarantee of {money(needed.mean)}{spread}, paid on loss"


def _ticket(kind: Kind, profile: Profile) -> str:
    low, high = kind.least_ticket.value, kind.most_ticket.value
    between = f"a commitment from {money(low)} to {money(high)}"
    if profile.ticket > high:
        return f"{between}, so at least {math.ceil(profile.ticket / high)} of them together"
    return f"{between}, such as a fund of several bonds" if profile.ticket else between


def _criteria(kinds: Kinds) -> Table:
    rows = [
        (
            kind.title,
            _marked(kind.least_return, rate(kind.least_return.value)),
            _marked(kind.most_chance_of_loss, per_cent(kind.most_chance_of_loss.value, 0)),
            _marked(kind.longest_term, f"{kind.longest_term.value:g}"),
            _marked(kind.least_ticket, money(kind.least_ticket.value)),
            _marked(kind.most_ticket, money(kind.most_ticket.value)),
        )
        for kind in kinds.kinds
    ]
    cited = [getattr(kind, key) for kind in kinds.kinds for key in LIMITS]
    guessed = sum(number.source == ASSUMPTION for number in cited)
    sources = list(dict.fromkeys(number.source for number in cited if number.source != ASSUMPTION))
    dates = f"looked up {kinds.retrieved.isoformat()}, to be looked up again by {kinds.sunset.isoformat()}"
    note = (
        f"What each kind of investor asks: {kinds.title}, edition {kinds.edition}, {dates}. {guessed} of {len(cited)} "
        "numbers are assumptions, marked *" + (f"; the others from: {'; '.join(sources)}." if sources else ".")
    )
    note += "".join(f" {kind.title}: {kind.note}." for kind in kinds.kinds if kind.note)
    headings = ("least return", "most chance of loss", "longest term, years", "ticket from", "ticket to")
    return Table(("kind of investor", *headings), rows, note)


def _marked(number: Cited, text: str) -> str:
    return f"{text}*" if number.source == ASSUMPTION else f"{text} "
