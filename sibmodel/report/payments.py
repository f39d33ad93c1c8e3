"""What a contract pays, told as tables to the penny."""

from __future__ import annotations

from collections.abc import Mapping

from sibmodel.report.address_words import spaced
from sibmodel.report.section import Section, Table
from sibmodel.running.paying import Paid


def paid_in_words(paid: Paid) -> list[Section]:
    """Title and total, then by term, payer and period, then the caps that bound and the floors that raised."""
    sections = [
        Section(paid.title, [f"For these verified outcomes the contract pays {pence(paid.total)}.", *paid.notes])
    ]
    for title, amounts in (
        ("By term", {spaced(name): pounds for name, pounds in paid.by_term.items()}),
        ("By payer", {spaced(name): pounds for name, pounds in paid.by_payer.items()}),
        ("By period of payment", paid.by_period),
    ):
        sections.append(Section(title, [], [_amounts(amounts)]))
    if paid.vat:
        tax = {spaced(name): pounds for name, pounds in paid.vat.items()}
        sections.append(Section("Value added tax, on top", [], [_amounts(tax)]))
    limits = [(cap.where, _listed(cap.bound_in), pence(cap.forgone)) for cap in paid.caps]
    if limits:
        note = "A cap binds in a period where it keeps something from being paid then; forgone is never paid."
        sections.append(
            Section("Caps that bound", [], [Table(("cap", "in periods", "forgone"), limits, note, words=2)])
        )
    floors = [(floor.where, _listed(floor.raised_in), pence(floor.added)) for floor in paid.floors]
    if floors:
        sections.append(Section("Floors", [], [Table(("floor", "in periods", "added"), floors, words=2)]))
    return sections


def pence(pounds: float) -> str:
    """Pounds and pence: £1,234.50."""
    return f"{'−' if pounds <= -0.005 else ''}£{abs(pounds):,.2f}"


def _amounts(amounts: Mapping[str, float]) -> Table:
    rows = [(name, pence(pounds)) for name, pounds in amounts.items()]
    return Table(("", "paid"), rows or [("nothing", pence(0.0))])


def _listed(periods: list[int]) -> str:
    """1–4, 6: runs of periods."""
    runs: list[list[int]] = []
    for period in periods:
        if runs and period == runs[-1][-1] + 1:
            runs[-1].append(period)
        else:
            runs.append([period])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)
