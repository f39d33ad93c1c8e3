"""Dated tables of public parameters: discount rates, price index, optimism bias, unit costs, values of wellbeing.

Each is a data file beside this module, and has the same form in the `reference` section of a scenario.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from sibmodel.core.quantity import Kind, Real
from sibmodel.core.schema import Day, Flag, Model, Name, Number, Whole, wrong

Year = Annotated[Whole, Field(ge=1800, le=2200)]


def _rising(segments: tuple[tuple[int, float], ...]) -> tuple[tuple[int, float], ...]:
    starts = [start for start, _ in segments]
    if starts[0] != 1 or any(later <= earlier for earlier, later in pairwise(starts)):
        raise wrong(
            "the years do not rise from 1", "begin with [1, rate], and let each year be later than the one before"
        )
    return segments


YearRate = tuple[Whole, Annotated[Number, Field(gt=-1, le=1)]]
Schedule = Annotated[tuple[YearRate, ...], Field(min_length=1), AfterValidator(_rising)]


class Table(Model):
    """What every table says of itself."""

    title: str
    """What the table holds."""
    edition: str
    """Which edition it is; printed with every result that uses it."""
    source: str
    """Where it was read."""
    licence: str
    """Under which licence it may be used."""
    retrieved: Day
    """When it was read."""
    sunset: Day
    """The day after which it should be looked up again; results say so from then on."""
    verified: Flag
    """Whether the primary source itself was read; results say so if not."""
    note: str | None = None
    """Anything else about it."""

    def doubts(self, today: dt.date) -> list[str]:
        """What every result that uses it must say."""
        name = f"{self.title} ({self.edition})"
        found = []
        if not self.verified:
            found.append(
                f"{name} is not verified: {' '.join((self.note or 'the primary source was not read').split())}"
            )
        if today > self.sunset:
            found.append(f"{name} has expired on {self.sunset}: look for a new edition")
        return found


class DiscountRates(Table):
    """Real yearly rates by name of the schedule."""

    schedules: Annotated[dict[Name, Schedule], Field(min_length=1)]
    """`[first year, rate]` pairs by name; a rate holds from its year to the next pair's, segment by segment."""


class PriceIndex(Table):
    """Prices in general by calendar year."""

    first_year: Year
    """The year of the first number."""
    index: Annotated[tuple[Annotated[Number, Field(gt=0)], ...], Field(min_length=1)]
    """The level of prices of each year, one after the other, in any base."""

    def level(self, year: int, growth: float = 0.0) -> float | None:
        """The level in a year, `growth` a year beyond the last; None before the first."""
        place = year - self.first_year
        if place < 0:
            return None
        last = len(self.index) - 1
        return self.index[min(place, last)] * (1 + growth) ** max(place - last, 0)

    def ratio(self, to: int, of: int, growth: float = 0.0) -> float | None:
        """By how much a price of the year `of` rises to the year `to`; None if the index does not know a year."""
        later, earlier = self.level(to, growth), self.level(of, growth)
        return None if later is None or earlier is None else later / earlier


Share = Annotated[Number, Field(ge=0, le=1)]
Cut = Annotated[Number, Field(ge=0, lt=1)]
Six = tuple[Share, Share, Share, Share, Share, Share]


class OptimismBias(Table):
    """Corrections for the six grades of evidence, grade 1 first."""

    cost_uplift: Six
    """Share by which a cost is raised."""
    benefit_cut: tuple[Cut, Cut, Cut, Cut, Cut, Cut]
    """Share by which a benefit is cut."""


class UnitCost(Model):
    """What one unit is worth, in pounds of its own year."""

    title: str
    """The unit in words."""
    unit: str
    """Pounds of what."""
    kind: Kind
    """What it is: public money, value to the economy, or wellbeing."""
    value: Real
    """Pounds in the prices of `price_year`."""
    price_year: Year
    """The year whose prices these are."""
    source: str
    """Where the entry was read."""
    grade: Annotated[Whole, Field(ge=1, le=6)]
    """How good the evidence is."""


class UnitCosts(Table):
    """Values of units by name."""

    costs: Annotated[dict[Name, UnitCost], Field(min_length=1)]
    """The values."""


class ReferenceTerms(Model):
    """The `reference` section: tables of your own instead of those that come with the program."""

    discount_rates: DiscountRates | None = None
    """Real discount rates by schedule."""
    gdp_deflator: PriceIndex | None = None
    """The index that brings prices of one year to another's."""
    optimism_bias: OptimismBias | None = None
    """Corrections by grade of evidence."""
    unit_costs: UnitCosts | None = None
    """What units cost the public purse."""
    wellbeing_values: UnitCosts | None = None
    """What wellbeing and health are worth."""


TABLES: dict[str, type[Table]] = {
    "discount_rates": DiscountRates,
    "gdp_deflator": PriceIndex,
    "optimism_bias": OptimismBias,
    "unit_costs": UnitCosts,
    "wellbeing_values": UnitCosts,
}


@cache
def raw_table(name: str) -> Any:
    """A table that comes with the program, as plain data."""
    from ruamel.yaml import YAML

    text = resources.files("sibmodel.reference").joinpath(f"{name}.yaml").read_text("utf-8")
    return YAML(typ="safe", pure=True).load(text)


@cache
def own_table(name: str) -> Table:
    """A table that comes with the program."""
    return TABLES[name].model_validate(raw_table(name))
