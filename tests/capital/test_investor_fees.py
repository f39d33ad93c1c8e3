"""What an investor pays its own fund manager, and what is left of its return; by hand."""

import pytest

from tests.capital.bond import bond, near


def test_fees_on_commitment_and_principal_from_the_first_period_on() -> None:
    """2 % of 200 committed is 4 a year; 1 % of 100 outstanding as year 1 begins, and of 40 as year 2 begins."""
    one = bond(
        "  tranches: {fund: {commitment: 200, investor_fees: {on_commitment: 0.02, on_principal: 0.01}}}",
        income=[0, 60, 50],
        costs=[100, 0, 0],
    )
    assert one["fund>fund_manager:fund_fee"] == near(0, 5, 4.4)
    assert one["vehicle>fund:principal"] == near(0, 60, 40)


def test_carried_interest_is_a_share_of_what_is_above_all_that_was_paid() -> None:
    """100 out, a fee of 2 a year. After year 2 the total is −100 − 4 + 90 + 30 = 16, after year 3 16 − 2 + 40 = 54.

    A fifth of each rise: 3.20 and 7.60. Net of all fees the investor has 54 − 10.80 = 43.20.
    """
    one = bond(
        "  tranches: {fund: {commitment: 100, investor_fees: {on_commitment: 0.02, carried_interest: 0.2}}}",
        income=[0, 90, 30, 40],
        costs=[100, 0, 0, 0],
    )
    assert one["fund>fund_manager:carried_interest"] == near(0, 0, 3.2, 7.6)
    assert one.measure("tranche.fund.profit") == pytest.approx(60)
    assert one.measure("tranche.fund.net_multiple") == pytest.approx((88 + 24.8 + 30.4) / 100)
    # −100 + 88/x + 24.8/x² + 30.4/x³ at x = 1 + net rate
    x = 1 + one.measure("tranche.fund.net_irr")
    assert 88 / x + 24.8 / x**2 + 30.4 / x**3 == pytest.approx(100)


def test_a_fall_is_made_up_before_more_is_carried() -> None:
    """The total stands at 10, falls to −10 with a second drawdown, and rises to 40: carried on 10, then on 30 more."""
    one = bond(
        "  tranches: {fund: {commitment: 120, investor_fees: {carried_interest: 0.5}}}",
        income=[0, 110, 0, 50],
        costs=[100, 0, 20, 0],
    )
    assert one["fund>fund_manager:carried_interest"] == near(0, 5, 0, 15)


def test_they_do_not_touch_the_vehicle() -> None:
    plain = bond("  tranches: {fund: {commitment: 100}}", income=[0, 60, 50], costs=[100, 0, 0])
    fees = bond(
        "  tranches: {fund: {commitment: 100, investor_fees: {on_commitment: 0.02}}}",
        income=[0, 60, 50],
        costs=[100, 0, 0],
    )
    assert fees.cash == plain.cash
    assert fees.measure("tranche.fund.irr") == plain.measure("tranche.fund.irr")
    assert "tranche.fund.net_irr" not in plain.measures
