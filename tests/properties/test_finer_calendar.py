"""Splitting every period in two changes nothing where the contract does not mention periods (no lags)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sibmodel
from tests.random_numbers import Data
from tests.strategies import as_yaml

YEARS = 4


def sheet(contract: Data, halves: int) -> sibmodel.Scenario | sibmodel.ContractSheet:
    length = {1: "year", 2: "half_year", 4: "quarter"}[halves]
    return sibmodel.loads_contract(
        as_yaml(
            {
                "title": "T",
                "timeline": {"signing": "2026-04-01", "period": length, "periods": YEARS * halves},
                "outcomes": {"a": {"type": "achievement"}, "b": {"type": "quantity"}},
                "contract": contract,
            }
        )
    )


@st.composite
def contracts(draw: st.DrawFn) -> Data:
    """Rules and limits that count by the year or the contract, never by the period."""
    pounds = st.integers(1, 40).map(lambda k: 250.0 * k)
    some = st.one_of(st.none(), pounds)
    rules: list[Data] = [
        {"rule": "price", "outcome": "a", "price": draw(pounds)},
        {"rule": "rate_card", "prices": {"a": draw(pounds), "b": 10}},
        {"rule": "linear", "outcome": "b", "over": "contract", "points": [[0, 0], [60, 20_000]]},
        {
            "rule": "tiers",
            "outcome": "a",
            "over": draw(st.sampled_from(["contract", "financial_year", "contract_year"])),
            "tiers": [{"up_to": 8, "price": 900}, {"price": 300}],
        },
    ]
    chosen = draw(st.lists(st.sampled_from(range(len(rules))), min_size=1, max_size=3, unique=True))
    terms = {f"t{i}": {k: v for k, v in {**rules[i], "cap": draw(some)}.items() if v is not None} for i in chosen}
    contract: dict[str, Any] = {"payers": {"x": {}, "y": {}}, "terms": terms}
    contract["split"] = [{"shares": {"x": 0.25, "y": 0.75}}, {"after_month": 24, "shares": {"x": 0.5, "y": 0.5}}]
    cap = draw(some)
    return contract | ({"cap": 2 * cap} if cap is not None else {})


@given(contracts(), st.lists(st.integers(0, 20), min_size=2 * YEARS, max_size=2 * YEARS), st.sampled_from([2, 4]))
def test_a_finer_calendar_pays_the_same_in_every_year(contract: Data, amounts: list[int], parts: int) -> None:
    whole, fine = [], []
    for year in range(YEARS):
        for name, quantity in (("a", amounts[2 * year]), ("b", amounts[2 * year + 1])):
            whole.append({"period": year + 1, "outcome": name, "quantity": quantity})
            fine += [
                {"period": year * parts + part + 1, "outcome": name, "quantity": quantity / parts}
                for part in range(parts)
            ]
    one = sibmodel.pay(sheet(contract, 1), whole)
    other = sibmodel.pay(sheet(contract, parts), fine)
    assert other.by_payer == pytest.approx(one.by_payer, abs=1e-6)
    by_year = dict.fromkeys(range(1, YEARS + 1), 0.0)
    for period, pounds in other.by_period.items():
        by_year[(int(period) - 1) // parts + 1] += pounds
    assert by_year == pytest.approx({year: one.by_period.get(str(year), 0.0) for year in by_year}, abs=1e-6)
