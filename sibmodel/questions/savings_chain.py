"""The savings chain of the base case: all savings together, and each saving number by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sibmodel.core.flows import Link, Saving, saved
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.appraisal import ratio
from sibmodel.measures.commissioner import commissioners, own_savings, real_present_value, worth_of
from sibmodel.model import Books
from sibmodel.questions.logs import range_of
from sibmodel.questions.switching import is_link
from sibmodel.savings.terms import SavingTerms
from sibmodel.scenario.schema import Scenario

_DUST = 1e-6
LINKS: tuple[tuple[Link, str], ...] = (
    ("gross", "net of what happens anyway"),
    ("attributable", "less displacement and what others brought about"),
    ("after_bias", "less optimism bias"),
    ("cashable", "of which cashable"),
)


@dataclass(frozen=True)
class Rest:
    """What is left at a link of the chain: present value in the base case, and per pound of programme spend."""

    name: str
    pounds: float
    per_pound: float | None


@dataclass(frozen=True)
class Step:
    """One number of a saving's chain. `low` and `high` are what one future in ten lies below and above."""

    address: str
    value: float
    low: float | None
    high: float | None
    unit: str
    source: str
    grade: int | None


@dataclass(frozen=True)
class SavingChain:
    """One saving: the numbers that it rests on, in the order of the chain, and the pounds left at each link.

    `left` are real present values in the base case. `grade` is the weakest of the numbers before optimism bias, and
    `optimism_bias` the share that it costs. `short_of_a_step` is cashable value that no whole step has
    released, `schedule` names discount rates of its own.
    """

    name: str
    title: str
    agency: str
    kind: str
    steps: tuple[Step, ...]
    left: dict[Link, float]
    grade: int | None
    optimism_bias: float
    short_of_a_step: float
    schedule: str | None


def fiscal_chain(books: Books) -> tuple[Rest, ...]:
    """All fiscal savings together, link by link, down to the pockets of those who pay."""
    fiscal = [s for s in books.service.savings if s.kind == "fiscal"]
    values = {f"gross, {words}" if link == "gross" else words: worth_of(books, fiscal, link) for link, words in LINKS}
    own = own_savings(books, *commissioners(books))
    values["of which in the pockets of those who pay"] = worth_of(books, own, "cashable")
    spend = real_present_value(books, books.service.costs.spend)
    return tuple(Rest(name, float(value[0]), _finite(ratio(value, spend))) for name, value in values.items())


def _finite(values: FloatArray) -> float | None:
    return float(values[0]) if np.isfinite(values[0]) else None


def saving_chains(books: Books) -> tuple[SavingChain, ...]:
    """Every saving of every kind on its own."""
    return tuple(_chain_of(books, one) for one in books.service.savings)


def _chain_of(books: Books, one: Saving) -> SavingChain:
    terms = books.scenario.savings
    items = (terms.items or {}) if terms else {}
    item = items.get(one.name)
    numbers = list(_numbers_of(books, one))
    left = {link: float(worth_of(books, [one], link)[0]) for link, _ in LINKS}
    grades = [books.scenario.grade_of(q) for q in numbers if not q.address.endswith((".cashable", "_bias", ".size"))]
    weakest = [grade for grade in grades if grade is not None]
    whole = float((books.scenario.public_factors(one.schedule) @ (one.units.amount * one.each["cashable"]))[0])
    bias = next((q.central_values()[0] for q in numbers if q.address.endswith(".optimism_bias")), 0.0)
    return SavingChain(
        one.name,
        item.title if item is not None and item.title else one.name.replace("_", " ").replace("down.", "down, "),
        one.agency,
        one.kind,
        tuple(_step(books.scenario, q, _prices(books, item) if q.address.endswith(".value") else "") for q in numbers),
        left,
        max(weakest, default=None),
        bias,
        short if (short := whole - left["cashable"]) > _DUST else 0.0,
        one.schedule,
    )  # fmt: skip


def _numbers_of(books: Books, one: Saving) -> Iterator[Quantity]:
    """The numbers that the file says (or a table, or a rule by grade) and on which a saving rests."""
    scenario = books.scenario
    item = (scenario.savings.items or {}).get(one.name) if scenario.savings else None
    if item is None:
        places = ["savings.top_down."]
    else:
        places = [f"outcomes.{item.outcome}.", f"savings.items.{one.name}."]
        places += [f"savings.steps.{item.released_by}."] if item.released_by else []
    for quantity in sorted(scenario.quantities(), key=_place_in_chain):
        mine = quantity.address.startswith(tuple(places)) and is_link(quantity.address)
        if mine and scenario.says(quantity):
            yield quantity


_ORDER = (
    "value", "savings_per_pound", "real_growth", "displacement", "attributed_to_others", "optimism_bias", "cashable",
    "size", "lag_months", "lasts_months", "kept_each_year",
)  # fmt: skip


def _place_in_chain(quantity: Quantity) -> tuple[bool, int]:
    """Outcomes first, as they stand; then savings in the order of the chain."""
    is_saving, last = quantity.address.startswith("savings."), quantity.address.rsplit(".", 1)[-1]
    return is_saving, _ORDER.index(last) if is_saving and last in _ORDER else 0


def _prices(books: Books, item: SavingTerms | None) -> str:
    """In prices of which year a value is, and what brings it to those of the signing date."""
    if item is None or item.price_year is None or item.price_year == books.scenario.timeline.signing.year:
        return ""
    return f"{item.price_year} prices (× {item.factor:.4g})"


def _step(scenario: Scenario, quantity: Quantity, prices: str) -> Step:
    low, high = range_of(quantity) or (None, None)
    unit = ", ".join(part for part in (quantity.unit, prices) if part)
    base, source = quantity.central_values()[0], quantity.source or ""
    return Step(quantity.address, base, low, high, unit, source, scenario.grade_of(quantity))


def by_period(savings: list[Saving], link: Link, periods: int) -> FloatArray:
    """Pounds of some savings together in the base case, (periods,), real."""
    return np.broadcast_to(saved(savings, link), (periods, 1))[:, 0]
