"""Who pays what: caps and floors in their declared order, splits, and when the money comes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.contract.desk import Amounts, Desk, Entry, Scope
from sibmodel.contract.exposure import maximum_exposure
from sibmodel.contract.payment import Lines, by_term, due, last_due, lines_earned, redeemed, sees_until
from sibmodel.contract.people import PersonLimits, limited
from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.split import shares_of
from sibmodel.contract.terms import TERMINATION, ContractTerms
from sibmodel.core.flows import OutcomeFlow, Payments, total
from sibmodel.core.ledger import Flow
from sibmodel.core.reading import Seen
from sibmodel.core.timeline import FloatArray, Timeline, times
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials

TAX_OFFICE = "tax_office"


def payments(
    contract: ContractTerms,
    outcomes: Mapping[str, OutcomeFlow],
    timeline: Timeline,
    trials: Trials,
    last_month: int | None = None,
    trail: list[Entry] | None = None,
) -> Payments:
    """Outcome payments by term and payer in the period in which they are due, and in which the money comes.

    Caps and floors hold for amounts due, in the order person, term, share of a term, period, financial year, contract,
    and, once amounts are split over payers, payer. Nothing is earned after `last_month`, the end of the timeline if not
    given, nor after an early termination. Every step of every cap and floor is added to `trail` if one is given.
    """
    last_month = timeline.months if last_month is None else last_month
    last_month = last_month if contract.ends_in_month is None else min(last_month, contract.ends_in_month)
    seen = Seen(outcomes, timeline, trials, last_month)
    desk = Desk(timeline, trials, last_month, trail)
    gained = lines_earned(contract, seen)
    asked = {name: due(contract.terms[name], lines, seen) for name, lines in gained.items()}
    earned, before_caps = by_term(gained), by_term(asked)
    amounts = _of_terms(contract, _of_persons(contract, asked, desk), desk)
    end = redeemed(contract, seen)
    if end is not None:
        amounts[TERMINATION, ""] = earned[TERMINATION] = before_caps[TERMINATION] = end
    payable = _of_contract(contract, amounts, desk)
    desk.split_over_payers()
    owed = _of_payers(contract, _split(contract, payable, timeline), desk)
    topped_up = _top_ups(contract, owed, desk)
    paid, lost = collected(contract, owed, timeline, trials)
    return Payments(
        earned=earned,
        due=before_caps,
        limits=desk.limits,
        held=desk.held,
        waiting=desk.waiting,
        overflow=desk.overflow,
        raised=desk.raised,
        late=tuple(desk.late),
        topped_up=topped_up,
        owed=owed,
        paid=paid,
        lost=lost,
        vat=_vat(contract, paid, trials),
        bound=lambda: maximum_exposure(contract, timeline, trials),
    )


# ----------------------------------------------------------------------------------------- caps in their order


def _of_persons(contract: ContractTerms, asked: Lines, desk: Desk) -> Lines:
    """Limits by person: each term's own, then the contract's for all terms together."""
    lines = dict(asked)
    for name, term in contract.terms.items():
        lines |= _of_person(f"contract.terms.{name}", term, {name: lines[name]}, desk)
    return _of_person("contract", contract, lines, desk)


def _of_person(address: str, terms: TermBase | ContractTerms, lines: Lines, desk: Desk) -> Lines:
    cap, floor = terms.caps.person, terms.floors.person
    if cap is None and floor is None:
        return lines
    taxed = _with_tax(terms, desk.trials) if isinstance(terms, ContractTerms) else 1.0
    most = np.full((1, 1), np.inf) if cap is None else cap.over(desk.trials) / taxed
    least = np.zeros((1, 1)) if floor is None else floor.over(desk.trials) / taxed
    kept = limited(lines, PersonLimits(most, least))
    before, after = ({(name, ""): amount for name, amount in by_term(some).items()} for some in (lines, kept))
    kind, limit = ("caps", most) if cap is not None else ("floors", least)
    desk.note(f"{address}.{kind}.person", limit, before, after)
    change = total(by_term(kept).values()) - total(by_term(lines).values())
    if cap is not None:
        desk.limits[f"{address}.caps.person"] = most
        desk.held[f"{address}.caps.person"] = np.maximum(-change, 0.0) if floor is not None else -change
    if floor is not None:
        desk.raised[f"{address}.floors.person"] = np.maximum(change, 0.0) if cap is not None else change
    return kept


def _of_terms(contract: ContractTerms, lines: Lines, desk: Desk) -> Amounts:
    """Amounts by (term, outcome) under the term's own cap, and under its outcomes' shares of that cap."""
    amounts: Amounts = {}
    for name, own in lines.items():
        for line in own:
            before = amounts.get((name, line.outcome))
            amounts[name, line.outcome] = line.amount if before is None else before + line.amount
        if not own:  # nothing is ever verified of what it pays for
            amounts[name, ""] = np.zeros((desk.trials.periods, 1))
    for name, term in contract.terms.items():
        amounts = desk.apply(_of_term(contract, name, desk), "contract", amounts)
        for outcome in dict.fromkeys([*(term.caps.shares or ()), *(term.floors.shares or ())]):
            amounts = desk.apply_shares(_of_term(contract, name, desk), outcome, amounts)
    return amounts


def _of_contract(contract: ContractTerms, amounts: Amounts, desk: Desk) -> dict[str, FloatArray]:
    """Each term's amount after the caps of terms and contract by period and by year, and the contract's own."""
    for level in ("period", "financial_year"):
        for name in contract.terms:
            amounts = desk.apply(_of_term(contract, name, desk), level, amounts)
        amounts = desk.apply(_whole(contract, desk), level, amounts)
    amounts = desk.apply(_whole(contract, desk), "contract", amounts)
    out: dict[str, FloatArray] = {}
    for (name, _), amount in amounts.items():
        out[name] = out[name] + amount if name in out else amount
    return out


def _of_term(contract: ContractTerms, name: str, desk: Desk) -> Scope:
    """What the limits of a term cover."""
    term = contract.terms[name]
    last = sees_until(term, desk.last_month)
    due = last_due([term], desk.timeline, desk.last_month)
    return Scope(f"contract.terms.{name}", term, term=name, first=term.from_month, last=last, last_due=due)


def _whole(contract: ContractTerms, desk: Desk) -> Scope:
    due = last_due(contract.terms.values(), desk.timeline, desk.last_month)
    tax = _with_tax(contract, desk.trials)
    return Scope("contract", contract, last=desk.last_month, last_due=due, divided_by=tax)


def _with_tax(contract: ContractTerms, trials: Trials) -> FloatArray:
    """What a limit that includes value added tax is divided by, (1, 1 or trials)."""
    vat = contract.vat
    return 1.0 + vat.rate.over(trials) if vat is not None and vat.in_caps else np.ones((1, 1))


# ------------------------------------------------------------------------------------------------------- payers


def _split(contract: ContractTerms, amounts: Mapping[str, FloatArray], timeline: Timeline) -> Amounts:
    """Amounts by (term, payer); terms under the contract's split are split together."""
    together: dict[int, list[str]] = {}
    for name in amounts:
        split = contract.split_of(name)
        together.setdefault(id(split) if split is contract.split else id(name), []).append(name)
    out: Amounts = {}
    for names in together.values():
        own = {name: amounts[name] for name in names}
        shares = shares_of(contract.split_of(names[0]), contract.shared_payers, own, timeline)
        out |= {(name, payer): times(amount, share) for name, amount in own.items() for payer, share in shares.items()}
    return out


def _of_payers(contract: ContractTerms, amounts: Amounts, desk: Desk) -> Amounts:
    """What each payer owes after its own caps; what overflows from one is added to the next before that one's."""
    for name in _in_order_of_overflow(contract):
        amounts = _of_payer(contract, name, amounts, desk)
    return amounts


def _of_payer(contract: ContractTerms, name: str, amounts: Amounts, desk: Desk) -> Amounts:
    payer = contract.payers[name]
    scope = replace(_whole(contract, desk), address=f"contract.payers.{name}", terms=payer, payer=name)
    for level in ("period", "financial_year", "contract"):
        amounts = desk.apply(scope, level, amounts, payer.overflow_to)
    return amounts


def _in_order_of_overflow(contract: ContractTerms) -> tuple[str, ...]:
    """The payers in the order of the file, but whoever overflows to another before that one."""
    order: dict[str, None] = {}

    def visit(name: str) -> None:
        for other in contract.shared_payers:
            if contract.payers[other].overflow_to == name and other not in order:
                visit(other)
        order[name] = None

    for name in contract.shared_payers:
        visit(name)
    return tuple(order)


def _top_ups(contract: ContractTerms, owed: Amounts, desk: Desk) -> dict[str, FloatArray]:
    """What payers add to others' payments, before their own caps; `owed` receives what they owe after them."""
    added: dict[str, FloatArray] = {}
    for name, payer in contract.payers.items():
        if payer.tops_up is not None:
            share = payer.tops_up.share.over(desk.trials)
            own: Amounts = {}
            for (term, other), amount in owed.items():
                if other in payer.tops_up.payers:
                    own[term, name] = own.get((term, name), 0.0) + share * amount
            added[name] = total(own.values())
            owed |= _of_payer(contract, name, own, desk.for_top_ups())
    return added


def collected(
    contract: ContractTerms, owed: Amounts, timeline: Timeline, trials: Trials
) -> tuple[Amounts, dict[str, FloatArray]]:
    """What is paid when the money comes, and what each payer's disputes lose, in the period in which it was due."""
    paid: Amounts = {}
    lost: dict[str, FloatArray] = {}
    for (term, name), amount in owed.items():
        payer = contract.payers[name]
        late = payer.late_months.over(trials) / timeline.period_months
        if payer.disputes is None:
            paid[term, name] = delay(amount, late)
            continue
        disputed = amount * payer.disputes.share.over(trials)
        gone = disputed * payer.disputes.lost.over(trials)
        settled = late + payer.disputes.months.over(trials) / timeline.period_months
        paid[term, name] = delay(amount - disputed, late) + delay(disputed - gone, settled)
        lost[name] = lost.get(name, 0.0) + gone
    return paid, lost


def _vat(contract: ContractTerms, paid: Amounts, trials: Trials) -> dict[str, FloatArray]:
    """Tax on the payments of those who cannot recover it."""
    if contract.vat is None:
        return {}
    rate = contract.vat.rate.over(trials)
    return {
        name: rate * total(amount for (_, by), amount in paid.items() if by == name)
        for name, payer in contract.payers.items()
        if not payer.recovers_vat
    }


def postings(paid: Payments) -> Iterator[Flow]:
    """Every payer pays the vehicle, term by term, and tax that it cannot recover to the tax office."""
    for (term, payer), amount in paid.paid.items():
        yield Flow(payer, "vehicle", term, amount)
    for payer, amount in paid.vat.items():
        yield Flow(payer, TAX_OFFICE, "vat", amount)
