"""Payments that depend on an outcome, between the vehicle and others and between two others; by hand."""

import pytest

from sibmodel import simulate
from tests.capital.bond import bond, near, scenario

BONUS = """
  tranches: {{fund: {{commitment: 100}}}}
  contingent:
    bonus: {{from: {}, to: {}, outcome: score, points: [[0, -10], [10, 0], [20, 20]]{}}}
"""


def test_what_the_vehicle_owes_comes_after_capital_and_stays_owed() -> None:
    """15 earns 10. In year 1 only 5 are left after the fund's 100; the other 5 are paid in year 2, then surplus."""
    one = bond(
        BONUS.format("vehicle", "provider", ""), income=[0, 105, 8], costs=[100, 0, 0], readings={"score": {1: 15}}
    )
    assert one["vehicle>provider:bonus"] == near(0, 5, 5)
    assert one["vehicle>fund:surplus"] == near(0, 0, 3)


def test_below_zero_it_comes_back_to_the_vehicle_as_income() -> None:
    """5 costs the provider 5, of which the fund is repaid."""
    one = bond(
        BONUS.format("vehicle", "provider", ""), income=[0, 20, 0], costs=[100, 0, 0], readings={"score": {1: 5}}
    )
    assert one["provider>vehicle:bonus"] == near(0, 5, 0)
    assert one["vehicle>fund:principal"] == near(0, 25, 0)


def test_a_penalty_to_the_vehicle_and_what_the_vehicle_then_owes() -> None:
    """The other way about: 15 is 10 from the provider, 5 is 5 owed to it."""
    one = bond(
        BONUS.format("provider", "vehicle", ""),
        income=[0, 90, 20],
        costs=[100, 0, 0],
        readings={"score": {1: 15, 2: 5}},
    )
    assert one["provider>vehicle:bonus"] == near(0, 10, 0)
    assert one["vehicle>fund:principal"] == near(0, 100, 0)
    assert one["vehicle>provider:bonus"] == near(0, 0, 5)
    assert one["vehicle>fund:surplus"] == near(0, 0, 15)


def test_between_two_others_it_is_paid_at_once_and_touches_nothing_else() -> None:
    """The council pays the fund 20 at 30, the fund pays the council 10 at 0; principal stays as it was."""
    one = bond(
        BONUS.format("council", "fund", ""), income=[0, 10, 20], costs=[100, 0, 0], readings={"score": {1: 30, 2: 0}}
    )
    assert one["council>fund:bonus"] == near(0, 20, 0)
    assert one["fund>council:bonus"] == near(0, 0, 10)
    assert one.balance("fund") == near(100, 90, 70)
    assert one.measure("tranche.fund.profit") == pytest.approx(-100 + 30 + 20 - 10)


def test_it_does_not_count_against_a_cap() -> None:
    one = bond(
        """
  tranches: {fund: {commitment: 100, return_cap: {amount: 0}}}
  contingent: {bonus: {from: council, to: fund, outcome: score, steps: [{at_least: 1, pays: 50}]}}
  surplus: {council: 1}
""",
        income=[0, 100],
        costs=[100, 0],
        readings={"score": {1: 1}},
    )
    assert one["vehicle>fund:principal"] == near(0, 100)


def test_settled_in_its_months_at_the_latest_reading() -> None:
    """Readings of 20 in year 1 and 15 in year 3; settled in months 24 and 48: 20, then 10. Before any: nothing."""
    text = BONUS.format("council", "fund", ", settled_in_months: [24, 48]")
    one = bond(text, costs=[100, 0, 0, 0, 0], readings={"score": {1: 20, 3: 15}})
    assert one["council>fund:bonus"] == near(0, 0, 20, 0, 10)
    later = bond(text, costs=[100, 0, 0, 0, 0], readings={"score": {3: 15}})
    assert later["council>fund:bonus"] == near(0, 0, 0, 0, 10)


def test_whenever_something_new_is_read() -> None:
    one = bond(BONUS.format("council", "fund", ""), costs=[100, 0, 0, 0], readings={"score": {1: 20, 3: 20}})
    assert one["council>fund:bonus"] == near(0, 20, 0, 20)


def test_its_place_in_a_written_waterfall() -> None:
    """Before the fund: the 10 that 15 earns, then 95 of 100."""
    one = bond(
        BONUS.format("vehicle", "provider", "") + "  waterfall: [bonus, fund]\n  surplus: {fund: 1}\n",
        income=[0, 105],
        costs=[100, 0],
        readings={"score": {1: 15}},
    )
    assert one["vehicle>provider:bonus"] == near(0, 10)
    assert one["vehicle>fund:principal"] == near(0, 95)


def test_what_a_payer_promises_beside_the_contract_is_a_measure_even_where_it_comes_to_nothing() -> None:
    """In the base case nothing is read, so nothing flows; in a simulation the measure is there as well."""
    result = simulate(scenario(BONUS.format("council", "fund", ", settled_in_months: [36]"), [100, 0, 0, 0]), trials=10)
    assert result["payer.council.promised"].base == pytest.approx(0)
    one = bond(BONUS.format("council", "fund", ""), costs=[100, 0, 0], readings={"score": {1: 15, 2: 7}})
    assert one.measure("payer.council.promised") == pytest.approx(10 - 3)
    assert "payer.council.promised" not in bond("  tranches: {fund: {commitment: 100}}", costs=[100, 0]).measures


def test_what_a_tranche_pays_or_receives_is_part_of_its_return() -> None:
    """Repaid in year 1, the fund pays the council 5 at a score of 1, and would receive 3 at 0."""
    text = """
  tranches: {fund: {commitment: 100}}
  contingent: {adjustment: {from: fund, to: council, outcome: score, points: [[0, -3], [1, 5]]}}
"""
    for score, profit in ((1, -5), (0, 3)):
        one = bond(text, income=[0, 100, 0], costs=[100], readings={"score": {2: score}})
        assert one.measure("tranche.fund.profit") == pytest.approx(profit)
        assert one.measure("payer.council.promised") == pytest.approx(profit)
