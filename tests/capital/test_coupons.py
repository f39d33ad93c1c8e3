"""What capital costs: coupons and fees by hand."""

from itertools import pairwise

import pytest

from sibmodel.errors import ReconciliationError, SibmodelError
from tests.capital.bond import bond, near

ISSUE = "drawdowns: [{month: 0, amount: 1000}], instalments: [{month: 24, share: 1}]"


def accrued(terms: str, periods: int, period: str = "half_year", signing: str = "2020-12-31") -> list[float]:
    """Coupon accrued by period on 1,000 drawn at signing, none of it paid."""
    text = f"  tranches: {{fund: {{commitment: 1000, {terms}}}}}"
    one = bond(text, costs=[1000, *[0] * periods], period=period, signing=signing)
    closing = one.balance("fund", "coupon")
    return [after - before for before, after in pairwise(closing)]


def test_an_effective_rate_comes_to_itself_in_a_year() -> None:
    """(1.1025)^½ = 1.05: 50 in the first half-year, and 5 % of 1,050 in the second."""
    assert accrued("coupon: 0.1025", 2) == near(50, 52.5)


def test_a_periodic_rate_is_divided_by_the_periods() -> None:
    """10 % a year is 5 % in each half-year."""
    assert accrued("coupon: 0.1, day_count: periodic", 2) == near(50, 52.5)


def test_without_compounding_unpaid_coupon_bears_nothing() -> None:
    assert accrued("coupon: 0.1, day_count: periodic, compounds: false", 3) == near(50, 50, 50)


def test_actual_365_counts_the_days_of_each_period() -> None:
    """From 31 December 2020: 181 days to 30 June, 184 to 31 December. 3.65 % is 10p a day on 1,000."""
    assert accrued("coupon: 0.0365, day_count: actual_365, compounds: false", 2) == near(18.1, 18.4)


def test_coupon_compounds_on_days() -> None:
    """(1,000 + 18.10) × 3.65 % × 184/365 = 18.73304."""
    assert accrued("coupon: 0.0365, day_count: actual_365", 2) == near(18.1, 18.73304)


def test_the_rate_may_change_from_period_to_period() -> None:
    """Years at 5 %, 10 % and again 10 % on 1,000, simple."""
    assert accrued("coupon: [0.05, 0.1], compounds: false", 3, "year") == near(50, 100, 100)


def test_coupon_is_paid_before_principal_and_what_is_missing_is_owed() -> None:
    """10 % of 100 is 10. Income of 4 leaves 6 owed; next year 10.60 accrue, and 16.60 + 3.40 are paid."""
    one = bond("  tranches: {fund: {commitment: 100, coupon: 0.1}}", income=[0, 4, 20], costs=[100, 0, 0])
    assert one["vehicle>fund:coupon"] == near(0, 4, 16.6)
    assert one["vehicle>fund:principal"] == near(0, 0, 3.4)
    assert one.balance("fund", "coupon") == near(0, 6, 0)


def test_coupon_dates_cut_the_accrual_on_their_day() -> None:
    """Quarters from 31 December 2020 have 90, 91, 92 and 92 days; 3.65 % is 10p a day on 1,000, simple.

    A date on 31 January: the 31 days up to it fall due, 59 × 10p wait. On 15 July (15 days into the third quarter) what
    waited, the 91 days of the second quarter and those 15 fall due: 165 days. The rest of 77 days, and the last
    quarter's 92, fall due at the end. Income is ample.
    """
    one = bond(
        """
  tranches:
    fund:
      commitment: 1000
      drawdowns: [{month: 0, amount: 1000}]
      instalments: [{month: 12, share: 1}]
      coupon: 0.0365
      day_count: actual_365
      compounds: false
      coupon_dates: [2021-01-31, 2021-07-15]
""",
        income=[0, 500, 0, 0, 1000],
        costs=[1000, 0, 0, 0, 0],
        period="quarter",
    )
    assert one["vehicle>fund:coupon"] == near(0, 3.1, 0, 16.5, 16.9)
    assert one.balance("fund", "coupon") == near(0, 5.9, 15, 7.7, 0)


def test_two_dates_in_one_period_count_up_to_the_last() -> None:
    """Both 31 January and 10 March lie in the first quarter: 69 days fall due, 21 wait."""
    one = bond(
        """
  tranches:
    fund:
      commitment: 1000
      coupon: 0.0365
      day_count: actual_365
      compounds: false
      coupon_dates: [2021-01-31, 2021-03-10]
""",
        income=[0, 6.9, 20],
        costs=[1000, 0, 0],
        period="quarter",
    )
    assert one["vehicle>fund:coupon"] == near(0, 6.9, 2.1 + 9.1)


def test_coupon_of_a_reading_is_that_of_the_next_one_and_falls_due_with_it() -> None:
    """Readings of 50 in year 2 and 70 in year 3: 5 % for years 1 and 2, 7 % for year 3 and, after the last, year 4.

    On 100, simple: 5 + 5 in year 2, 7 in year 3, 7 in year 4.
    """
    one = bond(
        """
  tranches:
    fund:
      commitment: 100
      compounds: false
      instalments: [{month: 48, share: 1}]
      coupon: {outcome: score, points: [[0, 0], [100, 0.1]]}
""",
        income=[0, 20, 20, 20, 20],
        costs=[100, 0, 0, 0, 0],
        readings={"score": {2: 50, 3: 70}},
    )
    assert one["vehicle>fund:coupon"] == near(0, 0, 10, 7, 7)


def test_the_floor_of_a_reading_holds_by_period_and_where_nothing_is_ever_read() -> None:
    """A reading of 10 would be 1 %: at least 4 % in year 1, 2 % in year 2, then 1 %; without any reading the floor."""
    text = """
  tranches:
    fund:
      commitment: 100
      compounds: false
      coupon: {outcome: score, points: [[0, 0], [100, 0.1]], floor: [0.04, 0.02, 0]}
"""
    read = bond(text, costs=[100, 0, 0, 0], readings={"score": {3: 10}})
    assert read.balance("fund", "coupon") == near(0, 4, 6, 7)
    unread = bond(text, costs=[100, 0, 0, 0])
    assert unread.balance("fund", "coupon") == near(0, 4, 6, 6)


def test_bands_of_a_coupon_know_their_edges() -> None:
    """60 lies in the upper band, which begins at it; 59.9 in the lower."""
    text = """
  tranches:
    fund:
      commitment: 100
      coupon: {outcome: score, steps: [{below: 60, pays: 0.03}, {at_least: 60, pays: 0.08}]}
"""
    for score, coupon in ((59.9, 3), (60, 8)):
        one = bond(text, costs=[100, 0], readings={"score": {1: score}})
        assert one.balance("fund", "coupon") == near(0, coupon)


def test_commitment_fee_is_charged_on_what_can_still_be_drawn() -> None:
    """1 % of 100 − 40 in year 1 and of 100 − 70 in year 2; nothing after month 24, when no more can be drawn."""
    one = bond(
        "  tranches: {fund: {commitment: 100, commitment_fee: 0.01, drawn_to_month: 24}}",
        income=[0, 0, 0, 5],
        costs=[40, 30, 0, 0],
    )
    assert one["vehicle>fund:fee"] == near(0, 0, 0, 0.9)
    assert one.balance("fund", "fee") == near(0, 0.6, 0.9, 0)
    assert one["vehicle>fund:principal"] == near(0, 0, 0, 4.1)


def test_a_rate_of_return_is_the_coupon_where_all_is_paid() -> None:
    one = bond("  tranches: {fund: {commitment: 100, coupon: 0.08}}", income=[0, 8, 108], costs=[100, 0, 0])
    assert one.measure("tranche.fund.irr") == pytest.approx(0.08)


def test_coupon_that_grows_beyond_pennies_is_the_files_mistake() -> None:
    """500 at 100 % a year, never paid: more than a thousand billion after 32 years."""
    with pytest.raises(SibmodelError, match="too large to balance to a penny") as caught:
        bond("  tranches: {fund: {commitment: 500, coupon: 1}}", income=[0] * 61, costs=[500])
    assert not isinstance(caught.value, ReconciliationError)


def test_a_coupon_of_which_nothing_is_ever_read_is_its_floor_and_due_at_the_end() -> None:
    """10 accrue on 100; 30 are repaid; 8 more accrue on 70 and 10."""
    terms = "{commitment: 100, coupon: {outcome: score, points: [[0, 0], [1, 1]], floor: 0.1}}"
    one = bond(f"  tranches: {{fund: {terms}}}", income=[0, 30, 200], costs=[100])
    assert one["vehicle>fund:coupon"] == near(0, 0, 18)
    assert one["vehicle>fund:principal"] == near(0, 30, 70)


def test_a_coupon_date_on_the_last_day_of_a_period_is_in_it() -> None:
    terms = "{commitment: 100, coupon: 0.1, compounds: false, coupon_dates: [2021-12-31]}"
    one = bond(f"  tranches: {{fund: {terms}}}", income=[0, 10, 0, 120], costs=[100])
    assert one["vehicle>fund:coupon"] == near(0, 10, 0, 20)
