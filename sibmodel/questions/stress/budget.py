"""Years in which payments exceed the commissioners' budget."""

from __future__ import annotations

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.commissioner import commissioners, outlay
from sibmodel.model import Books
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged, not_applicable, worst_row
from sibmodel.running.gathering import years_of

NAME, TITLE = "budget", "Years in which payments exceed the budget"


def look(books: Books) -> dict[str, FloatArray]:
    """By financial year, all that the bond costs commissioners, with tax that they cannot recover; nominal."""
    bill = np.broadcast_to(outlay(books, *commissioners(books)), (books.trials.periods, books.trials.count))
    return {year: np.array(over_time(bill[periods])) for year, periods in years_of(books).items()}


def check(found: Found, each_year: float | None) -> Check:
    """By year the chance and mean of payments above the budget, and the chance of any such year."""
    if each_year is None:
        return not_applicable(NAME, TITLE, "no budget is given")
    years = {year: f for year in found.base if (f := _figures(found, year, each_year)) is not None}
    if not years:
        return not_applicable(NAME, TITLE, "commissioners pay nothing in any year")
    year, _ = worst_row(NAME, list(years.items()), "chance", "excess")
    over = found.chance(
        lambda some: np.logical_or.reduce([some[name] > each_year + HALF_A_PENNY for name in some]), "in any year"
    )
    numbers = {**years[year], "any": over}
    verdict = judged(NAME, numbers["chance"])
    return Check(NAME, TITLE, verdict, numbers, tuple(years.items()), {"year": year})


def _figures(found: Found, year: str, budget: float) -> dict[str, Figure] | None:
    """A year's payments against its budget; None for a year without any payment."""
    if not (found.base[year].any() or found.trials[year].any()):
        return None

    def above(some: Columns) -> FloatArray:
        return some[year] - budget

    return {
        "budget": Figure("budget", "£", budget),
        "paid": found.figure(year, "paid"),
        "chance": found.chance(lambda some: above(some) > HALF_A_PENNY, "futures in which payments exceed the budget"),
        "excess": found.of(lambda some: np.maximum(above(some), 0.0), "above the budget, on average"),
    }
