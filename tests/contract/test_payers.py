"""Who pays how much, by hand."""

import copy
import datetime as dt
from typing import Any

import numpy as np
import pytest

from sibmodel import base_case
from sibmodel.contract.exposure import maximum_in_year, years_due
from sibmodel.contract.split import Phase, shares_over_time
from sibmodel.core.timeline import Timeline
from tests.random_numbers import Data
from tests.strategies import read

BOND: Data = {
    "title": "A thousand people at £100,000 each",
    "timeline": {"signing": "2020-01-01", "period": "year", "periods": 2},
    "programme": {"groups": {"all": {"referrals": 1000, "engaged": 1}}},
    "outcomes": {"start": {"type": "achievement", "share": 1}},
    "contract": {
        "payers": {"a": {}, "b": {}, "c": {"kind": "outcomes_fund"}},
        "split": {"a": 0.5, "b": 0.25, "c": 0.25},
        "terms": {"start": {"rule": "price", "outcome": "start", "price": 100_000}},
    },
    "capital": {"tranches": {"only": {"commitment": 0}}},
}


def bond(**contract: Any) -> Data:
    data = copy.deepcopy(BOND)
    data["contract"] |= contract
    return data


def test_a_phase_begins_after_its_month() -> None:
    """A payment due in month 24 is still the first phase's, and so is one due at signing."""
    timeline = Timeline.model_validate({"signing": dt.date(2020, 1, 1), "period": "half_year", "periods": 6})
    phases = (Phase(shares={"a": 0.3, "b": 0.7}), Phase(after_month=24, shares={"a": 1.0}))
    assert shares_over_time(phases, "a", timeline).ravel().tolist() == [0.3, 0.3, 0.3, 0.3, 0.3, 1, 1]
    assert shares_over_time(phases, "b", timeline).ravel().tolist() == [0.7, 0.7, 0.7, 0.7, 0.7, 0, 0]


@pytest.mark.parametrize("receivers", [("a", "b", "c"), ("only", "a", "provider")])
def test_thirds_written_with_ten_digits_lose_no_pennies(receivers: tuple[str, ...]) -> None:
    """One part in 10¹⁰ of £200m is two pence."""
    thirds = dict.fromkeys(receivers, 0.3333333333)
    data = bond(split=thirds) if "b" in thirds else bond()
    if "only" in thirds:
        data["capital"]["surplus"] = thirds
    books = base_case(read(data))
    assert books.settlement.imbalance.max() < 1e-6
    for receiver in receivers:
        moved = books.settlement.ledger.between(receiver, "vehicle") + (
            books.settlement.ledger.between("vehicle", receiver) if "only" in thirds else np.zeros((3, 1))
        )
        assert moved[1, 0] == pytest.approx(1e8 / 3 + (5e7 if receiver == "a" and "only" in thirds else 0), rel=1e-12)


@pytest.mark.parametrize(
    ("contract", "most"),
    [
        ({}, None),
        ({"cap": 1_000_000}, 750_000),
        ({"payers": {"a": {"cap": 300_000}, "b": {"cap": 200_000}, "c": {"kind": "outcomes_fund"}}}, 500_000),
        ({"payers": {"a": {"cap": 300_000}, "b": {}, "c": {"kind": "outcomes_fund"}}}, None),
        ({"payers": {"a": {"kind": "outcomes_fund"}, "b": {"kind": "outcomes_fund"}, "c": {"cap": 7}}}, 7),
        ({"payers": {name: {"kind": "outcomes_fund"} for name in "abc"}}, 0),
    ],
)
def test_the_most_that_commissioners_can_be_asked_for(contract: Data, most: float | None) -> None:
    exposure = base_case(read(bond(**contract))).settlement.payments.exposure
    assert (None if exposure is None else float(exposure[0, 0])) == most


EXPOSURES: list[tuple[dict[str, Any], float | None]] = [
    # x pays the first term alone and is capped; y pays the second, which is capped: 500 + 700
    ({"x": {"cap": 500}, "y": {}, "one": {"split": {"x": 1}}, "two": {"split": {"y": 1}, "cap": 700}}, 1200),
    # y pays nothing, so that it has no cap does not matter
    ({"x": {"cap": 500}, "y": {}, "one": {"split": {"x": 1, "y": 0}}, "two": {"split": {"x": 1}}}, 500),
    # x is asked for at most 100 of its 500
    ({"x": {"cap": 500}, "y": {"cap": 5000}, "one": {"split": {"x": 1}, "cap": 100}, "two": {"split": {"y": 1}}}, 5100),
    # nothing limits the second term
    ({"x": {"cap": 500}, "y": {}, "one": {"split": {"x": 1}}, "two": {"split": {"y": 1}}}, None),
]


@pytest.mark.parametrize(("deal", "most"), EXPOSURES)
def test_exposure_adds_up_what_each_commissioner_can_be_asked_for(deal: dict[str, Any], most: float | None) -> None:
    data = copy.deepcopy(BOND)
    price = {"rule": "price", "outcome": "start", "price": 100_000}
    data["contract"] = {
        "payers": {name: deal[name] for name in ("x", "y")},
        "terms": {name: {**price, **deal[name]} for name in ("one", "two")},
    }
    exposure = base_case(read(data)).settlement.payments.exposure
    assert (None if exposure is None else exposure.item()) == most


def test_caps_by_period_count_until_the_last_payment_is_due() -> None:
    """Verified in half-years 0 to 6, paid a year later in 2 to 8: seven times 75 % of £100.

    Signed on 1 January 2020, periods 2 to 8 end in December 2020 to December 2023: financial years 2020/21 to 2023/24.
    """
    data = bond(caps={"period": 100})
    data["timeline"] |= {"signing": "2020-01-01", "period": "half_year", "periods": 6}
    for term in data["contract"]["terms"].values():
        term["lag_months"] = 12
    books = base_case(read(data))
    assert books.settlement.payments.exposure == pytest.approx(7 * 75)
    contract, timeline = books.scenario.contract, books.scenario.timeline
    assert years_due(contract, timeline) == ("2020/21", "2021/22", "2022/23", "2023/24")
    most = [maximum_in_year(contract, timeline, books.trials, year) for year in years_due(contract, timeline)]
    assert [float(one[0, 0]) for one in most if one is not None] == [75, 150, 150, 150]
