"""Caps per person: exact for named persons, and expected in a simulation against people simulated one by one."""

import copy
from typing import Any

import numpy as np
import pytest

import sibmodel
from tests.random_numbers import Data
from tests.strategies import read

PRICES = {"start": 800.0, "plan": 1400.0, "certificate": 3300.0, "job": 3500.0, "kept": 2000.0}
SHARES = {"start": 0.9, "plan": 0.7, "certificate": 0.35, "job": 0.4, "kept": 0.25}
LAGS = {"start": 0, "plan": 3, "certificate": 6, "job": 9, "kept": 15}

BOND: Data = {
    "title": "Five prices and a cap per person",
    "timeline": {"signing": "2020-01-01", "period": "quarter", "periods": 16},
    "programme": {"service": {"to_month": 24}, "groups": {"all": {"referrals": 1000, "engaged": 1}}},
    "outcomes": {
        name: {"type": "achievement", "share": share, "lag_months": LAGS[name]} for name, share in SHARES.items()
    },
    "contract": {
        "payers": {"council": {}},
        "terms": {"card": {"rule": "rate_card", "prices": PRICES, "caps": {"person": 5000}}},
    },
    "capital": {"tranches": {"only": {"commitment": 0}}},
}


def bond(**contract: Any) -> Data:
    data = copy.deepcopy(BOND)
    data["contract"]["terms"]["card"] |= contract
    return data


def total(data: Data) -> float:
    books = sibmodel.base_case(read(data))
    return float(books.settlement.payments.total.sum())


def one_by_one(limit: float, people: int = 400_000, least: float = 0.0) -> float:
    """Mean payment for a person whose achievements are independent, simulated person by person."""
    rng = np.random.default_rng(1)
    so_far = sum(PRICES[name] * (rng.random(people) < SHARES[name]) for name in PRICES)
    return float(np.where(so_far > 0, np.maximum(np.minimum(so_far, limit), least), 0.0).mean())


@pytest.mark.parametrize("cap", [1000, 3000, 5000, 8000, 11_000])
def test_expected_payments_under_a_cap_are_those_of_people_one_by_one(cap: float) -> None:
    """8,000 people; 400,000 simulated ones have a standard error of about £4 a person. Prices are multiples of £100."""
    paid = total(bond(caps={"person": cap})) / 8000
    assert paid == pytest.approx(one_by_one(cap), abs=16)


def test_a_grid_that_prices_do_not_fit_is_as_good() -> None:
    """£4,999.999 is no whole number of pennies, so that the grid has 512 steps of about £10."""
    assert total(bond(caps={"person": 4999.999})) / 8000 == pytest.approx(one_by_one(5000), abs=16)


def test_a_floor_per_person_raises_whoever_is_paid_anything() -> None:
    paid = total(bond(caps={"person": 5000}, floors={"person": 1500})) / 8000
    assert paid == pytest.approx(one_by_one(5000, least=1500), abs=16)


def test_two_achievements_by_hand() -> None:
    """£600 with chance 0.5, then £500 with chance 0.4, at most £800.

    First 0.5 × 600 = 300; second 0.4 × (0.5 × 500 + 0.5 × 200) = 140. Uncapped 300 and 200.
    """
    data = copy.deepcopy(BOND)
    data["outcomes"] = {
        "one": {"type": "achievement", "share": 0.5},
        "two": {"type": "achievement", "share": 0.4, "lag_months": 6},
    }
    data["programme"]["service"]["to_month"] = 3
    data["contract"]["terms"]["card"] |= {"prices": {"one": 600, "two": 500}, "caps": {"person": 800}}
    payments = sibmodel.base_case(read(data)).settlement.payments
    assert payments.total[:, 0].tolist()[:5] == pytest.approx([0, 300_000, 0, 140_000, 0])
    assert payments.forgone["contract.terms.card.caps.person"][3, 0] == pytest.approx(60_000)


def test_a_cap_for_all_terms_together() -> None:
    """The same two achievements in two terms, under the contract's cap."""
    data = copy.deepcopy(BOND)
    data["outcomes"] = {
        "one": {"type": "achievement", "share": 0.5},
        "two": {"type": "achievement", "share": 0.4, "lag_months": 6},
    }
    data["programme"]["service"]["to_month"] = 3
    data["contract"]["caps"] = {"person": 800}
    data["contract"]["terms"] = {
        "first": {"rule": "price", "outcome": "one", "price": 600},
        "second": {"rule": "price", "outcome": "two", "price": 500},
    }
    paid = sibmodel.base_case(read(data)).settlement.payments.paid
    assert paid["first", "council"].sum() == pytest.approx(300_000)
    assert paid["second", "council"].sum() == pytest.approx(140_000)


def test_units_of_a_quantity_come_to_everybody() -> None:
    """Three days at £10 and a cap of £25: everybody is paid £25."""
    data = copy.deepcopy(BOND)
    data["outcomes"] = {"days": {"type": "quantity", "per_person": 3}}
    data["contract"]["terms"]["card"] = {"rule": "price", "outcome": "days", "price": 10, "caps": {"person": 25}}
    assert total(data) == pytest.approx(8000 * 25)


SHEET = """
title: Persons
timeline: {signing: 2020-01-01, period: quarter, periods: 8}
outcomes: {one: {type: achievement}, two: {type: achievement}}
contract:
  payers: {council: {}}
  terms:
    card: {rule: rate_card, prices: {one: 600, two: 500}, caps: {person: 800}}
"""


def test_named_persons_are_capped_one_by_one() -> None:
    """Ann has both (600, then 200), Bob the second twice (500, then 300), Cid the first alone."""
    rows = [
        {"period": 1, "outcome": "one", "quantity": 1, "person": "ann"},
        {"period": 3, "outcome": "two", "quantity": 1, "person": "ann"},
        {"period": 1, "outcome": "two", "quantity": 1, "person": "bob"},
        {"period": 2, "outcome": "two", "quantity": 1, "person": "bob"},
        {"period": 2, "outcome": "one", "quantity": 1, "person": "cid"},
    ]
    paid = sibmodel.pay(sibmodel.loads_contract(SHEET), rows)
    assert paid.by_period == {"1": 1100, "2": 900, "3": 200}
    assert [(cap.where, cap.bound_in, cap.forgone) for cap in paid.caps] == [
        ("contract.terms.card.caps.person", [2, 3], 500.0)
    ]


def test_two_outcomes_of_one_period_share_what_is_left() -> None:
    """1,100 earned at once, 800 paid: 600/1100 and 500/1100 of it."""
    rows = [
        {"period": 1, "outcome": "one", "quantity": 1, "person": "ann"},
        {"period": 1, "outcome": "two", "quantity": 1, "person": "ann"},
    ]
    assert sibmodel.pay(sibmodel.loads_contract(SHEET), rows).total == pytest.approx(800)


def test_a_group_that_has_only_one_of_the_milestones_and_less_than_none_of_it() -> None:
    """The evaluator deducts more than is reached, and nobody of that group can reach the second milestone."""
    scenario = sibmodel.loads(
        """
title: Two groups
timeline: {signing: 2020-03-31, period: year, periods: 3}
programme: {groups: {one: {referrals: 100, engaged: 1}, other: {referrals: 100, engaged: 1}}}
outcomes:
  start: {type: achievement, share: 0.5, groups: [one], counterfactual: {method: fixed, agreed: 0.9}}
  job: {type: achievement, share: 0.5, groups: [other]}
contract:
  payers: {council: {}}
  terms: {steps: {rule: milestones, milestones: {start: 100, job: 200}}}
capital: {tranches: {fund: {commitment: 0}}}
"""
    )
    assert sibmodel.base_case(scenario).settlement.payments.total.max() == 0


def test_less_than_none_of_a_later_milestone_takes_nothing_back() -> None:
    """In each of 3 years 50 start, at 100 pounds each; visits, which follow, become fewer by one each."""
    scenario = sibmodel.loads(
        """
title: One group
timeline: {signing: 2020-03-31, period: year, periods: 3}
programme: {groups: {one: {referrals: 100, engaged: 1}}}
outcomes:
  start: {type: achievement, share: 0.5}
  visits: {type: quantity, per_person: -1}
contract:
  payers: {council: {}}
  terms: {steps: {rule: milestones, milestones: {start: 100, visits: 200}}}
capital: {tranches: {fund: {commitment: 0}}}
"""
    )
    assert sibmodel.base_case(scenario).settlement.payments.total.sum() == pytest.approx(15000)
