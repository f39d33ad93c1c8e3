"""Four ledgers side by side, and the lines that tie them together."""

from __future__ import annotations

from sibmodel.questions.ledgers import Account, Ledgers, Line
from sibmodel.report.address_words import spaced
from sibmodel.report.horizon_words import cut_off_of
from sibmodel.report.numbers import money
from sibmodel.report.section import Section, Table

_ABOUT = {
    "payers": "Savings are no cash: they stand below the sum, each agency's own.",
    "investors": "What investors put in is negative, what comes back positive.",
    "delivery": "What is left in the vehicle is its cash; what is left with the provider, its surplus.",
    "social": "Outcome payments, capital and fees move money from one party to another and are not in it.",
}


def ledgers_story(found: Ledgers) -> list[Section]:
    """A section for each ledger, then the reconciliation."""
    accounts = [_account(account, found.years, found.title) for account in found.accounts]
    accounts[0].sentences.extend(cut_off_of(found.books))
    return [*accounts, _checks(found)]


def _account(account: Account, years: tuple[str, ...], title: str) -> Section:
    used = [i for i in range(len(years)) if any(line.by_year[i] for line in (*account.lines, *account.beside))]
    rows = [_row(line, used) for line in account.lines]
    net = Line("all together", "", account.net if account.lines else (0.0,) * len(years))
    rows += [_row(net, used), *(_row(line, used) for line in account.beside)]
    headings = ("", "", *(years[i] for i in used), "all years")
    table = Table(headings, rows, f"Base case; {account.basis}.", words=2)
    return Section(f"{account.title}: {title}", [_ABOUT[account.name]], [table])


def _row(line: Line, used: list[int]) -> tuple[str, ...]:
    words = spaced(line.what)
    if line.other:
        words += f" {'from' if line.total > 0 else 'to'} {spaced(line.other)}"
    return (spaced(line.party), words, *(money(line.by_year[i]) for i in used), money(line.total))


def _checks(found: Ledgers) -> Section:
    rows = [(c.what, money(c.one), money(c.other), f"{abs(c.difference):.2f}") for c in found.checks]
    worst = max(abs(c.difference) for c in found.checks)
    words = "They agree to a penny." if worst < 0.01 else f"They differ by up to £{worst:,.2f}."
    return Section("The ledgers reconciled", [words], [Table(("", "the one way", "the other", "difference"), rows)])
