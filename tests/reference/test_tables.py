"""The tables that come with the program, against published numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from sibmodel.core.discounting import discount_factors
from sibmodel.reference.tables import TABLES, DiscountRates, OptimismBias, PriceIndex, UnitCosts, own_table

FACTORS = {
    "standard": {0: 1, 1: 0.966184, 5: 0.841973, 10: 0.708919, 30: 0.356278, 31: 0.345901, 75: 0.094214, 76: 0.091916,
                 125: 0.027411, 126: 0.026873},
    "health": {1: 0.985222, 5: 0.928260, 10: 0.861667, 30: 0.639762, 31: 0.631615, 75: 0.359354, 76: 0.355550},
    "lower_rate": {1: 0.970874, 5: 0.862609, 30: 0.411987, 31: 0.401664, 75: 0.131513},
}  # fmt: skip


@pytest.mark.parametrize("name", FACTORS)
def test_discount_factors(name: str) -> None:
    rates = own_table("discount_rates")
    assert isinstance(rates, DiscountRates)
    years = np.array(list(FACTORS[name]), dtype=float)
    assert discount_factors(years, rates.schedules[name]) == pytest.approx(list(FACTORS[name].values()), abs=5e-7)


def test_prices_of_one_year_in_those_of_another() -> None:
    index = own_table("gdp_deflator")
    assert isinstance(index, PriceIndex)
    assert 109 * (index.ratio(2024, 2011) or 0) == pytest.approx(153.88, abs=0.005)
    assert 13_000 * (index.ratio(2024, 2019) or 0) == pytest.approx(16_027.91, abs=0.005)
    assert index.ratio(2026, 2024, growth=0.02) == pytest.approx(1.02**2)
    assert index.ratio(2024, 1950) is None


def test_corrections_by_grade() -> None:
    bias = own_table("optimism_bias")
    assert isinstance(bias, OptimismBias)
    assert [100_000 * (1 + up) for up in bias.cost_uplift] == pytest.approx(
        [100_000, 105_000, 110_000, 115_000, 125_000, 140_000]
    )
    assert [100_000 * (1 - cut) for cut in bias.benefit_cut] == pytest.approx(
        [100_000, 95_000, 90_000, 85_000, 75_000, 60_000]
    )


@pytest.mark.parametrize("name", TABLES)
def test_every_table_says_where_it_comes_from_and_when_it_ends(name: str) -> None:
    table = own_table(name)
    assert table.edition
    assert table.source
    assert table.licence
    assert table.retrieved < table.sunset
    unverified = [] if table.verified else [f"{table.title} ({table.edition}) is not verified"]
    assert [doubt.split(":")[0] for doubt in table.doubts(table.sunset)] == unverified
    late = table.doubts(table.sunset + dt.timedelta(days=1))
    assert late[-1].startswith(f"{table.title} ({table.edition}) has expired on {table.sunset}")


def test_values_of_wellbeing_are_no_public_money() -> None:
    values, costs = own_table("wellbeing_values"), own_table("unit_costs")
    assert isinstance(values, UnitCosts)
    assert isinstance(costs, UnitCosts)
    assert {cost.kind for cost in values.costs.values()} == {"wellbeing"}
    assert {cost.kind for cost in costs.costs.values()} == {"fiscal"}
