"""When principal falls due, what waits for it, and early redemption; by hand."""

import pytest

from tests.capital.bond import bond, near


def test_instalments_are_shares_of_what_was_drawn_and_surplus_waits_for_them() -> None:
    """100 are drawn. 40 fall due in year 1 and 60 in year 3; 90 come in year 1, 50 wait for year 3, with 30 more.

    In year 2 nothing is due, and the surplus waits. At the end 60 repay the loan and 20 are left.
    """
    one = bond(
        """
  tranches:
    fund: {commitment: 100, instalments: [{month: 12, share: 0.4}, {month: 36, share: 0.6}]}
  surplus: {council: 1}
""",
        income=[0, 90, 0, 30],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>fund:principal"] == [0, 40, 0, 60]
    assert one.cash == [0, 50, 50, 0]
    assert one["vehicle>council:surplus"] == [0, 0, 0, 20]


def test_an_instalment_that_is_not_met_stays_due() -> None:
    """40 fall due in year 1 and 10 come in: 30 more are due in year 2, before any surplus."""
    one = bond(
        "  tranches: {fund: {commitment: 100, instalments: [{month: 12, share: 0.4}, {month: 36, share: 0.6}]}}",
        income=[0, 10, 50, 0],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>fund:principal"] == [0, 10, 30, 20]


def test_a_bullet_loan_drawn_at_signing_is_spent_and_repaid_at_its_end() -> None:
    """100 at signing against costs of 60 and 40. Income of 120 waits from year 1 until month 24, then 100 go back."""
    one = bond(
        """
  tranches:
    fund:
      commitment: 100
      drawdowns: [{month: 0, amount: 100}]
      instalments: [{month: 24, share: 1}]
""",
        income=[0, 120, 0, 0],
        costs=[60, 40, 0, 0],
    )
    assert one["fund>vehicle:drawdown"] == [100, 0, 0, 0]
    assert one["vehicle>fund:principal"] == [0, 0, 100, 0]
    assert one.cash == [40, 120, 0, 0]
    assert one["vehicle>fund:surplus"] == [0, 0, 20, 0]


def test_all_is_due_in_the_last_period_even_before_an_instalment_would_be() -> None:
    """A tranche without instalments and one with them until month 24, the end."""
    one = bond(
        """
  tranches:
    first: {commitment: 50, drawdown_order: 1}
    second: {commitment: 50, drawdown_order: 2, instalments: [{month: 24, share: 1}]}
""",
        income=[0, 70, 30],
        costs=[100, 0, 0],
    )
    assert one["vehicle>first:principal"] == [0, 50, 0]
    assert one["vehicle>second:principal"] == [0, 0, 50]
    assert one.cash == [0, 20, 0]


def test_rolled_up_coupon_waits_for_the_first_instalment() -> None:
    """10 % on 100 for two years is 21; nothing is paid in year 1 although 30 come in. Then it is paid as it accrues.

    Year 2: 21 + 50 of principal are due against 30 + 50, so 9 stay. Year 3: 5 accrue on 50.
    """
    one = bond(
        """
  tranches:
    fund:
      commitment: 100
      coupon: 0.1
      rolled_up: true
      instalments: [{month: 24, share: 0.5}, {month: 36, share: 0.5}]
""",
        income=[0, 30, 50, 60],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>fund:coupon"] == near(0, 0, 21, 5)
    assert one["vehicle>fund:principal"] == near(0, 0, 50, 50)
    assert one.cash == near(0, 30, 9, 0)
    assert one["vehicle>fund:surplus"] == near(0, 0, 0, 14)


def test_surplus_waits_for_its_month() -> None:
    """Nothing is outstanding any more after year 1; 30 of surplus wait for month 24."""
    one = bond(
        "  surplus_from_month: 24\n  tranches: {fund: {commitment: 100}}", income=[0, 130, 0, 5], costs=[100, 0, 0, 0]
    )
    assert one["vehicle>fund:principal"] == [0, 100, 0, 0]
    assert one["vehicle>fund:surplus"] == [0, 0, 30, 5]


def test_surplus_waits_for_accrued_coupon() -> None:
    """The coupon of 10 on 100 is reckoned with a reading in year 2; a year before, 10 are left after principal."""
    one = bond(
        """
  tranches:
    fund: {commitment: 100, coupon: {outcome: score, points: [[0, 0.1], [1, 0.1]]}}
  surplus: {council: 1}
""",
        income=[0, 112, 0, 0],
        costs=[100, 0, 0, 0],
        readings={"score": {2: 1}},
    )
    assert one["vehicle>fund:principal"] == [0, 100, 0, 0]
    assert one.cash == near(0, 12, 0, 0)
    assert one["vehicle>fund:coupon"] == near(0, 0, 11, 0)  # 10, and 10 % on them in year 2
    assert one["vehicle>council:surplus"] == near(0, 0, 1, 0)


REDEEMED = """
  tranches:
    fund:
      commitment: 100
      coupon: 0.1
      compounds: false
      instalments: [{month: 48, share: 1}]
      early_redemption: {%s table: [{from_month: 12, share: 0.5}, {from_month: 24, share: 0.8}]}
  surplus: {council: 1}
"""


@pytest.mark.parametrize(("month", "share"), [(12, 0.5), (24, 0.8), (36, 0.8)])
def test_redemption_by_table(month: int, share: float) -> None:
    """100 are out at 10 %, each year's 10 is paid. From month 12 half is repaid, from month 24 four fifths."""
    one = bond(REDEEMED % f"month: {month},", income=[0, 110, 10, 10, 10], costs=[100, 0, 0, 0, 0])
    year = month // 12
    principal = [0.0] * 5
    principal[year] = 100 * share
    assert one["vehicle>fund:principal"] == near(*principal)
    assert one["vehicle>fund:coupon"] == near(0, *[10.0] * year, *[0.0] * (4 - year))
    assert one.balance("fund") == near(*[100.0] * year, *[0.0] * (5 - year))


def test_redemption_on_a_condition_waits_for_the_table() -> None:
    """The reading of year 1 already holds, but the table begins in month 24; nothing more is drawn after it."""
    text = """
  tranches:
    fund:
      commitment: 200
      early_redemption: {when: {outcome: score, below: 5}, table: [{from_month: 24, share: 0.25}]}
"""
    one = bond(text, income=[0, 0, 25, 0], costs=[100, 0, 0, 30], readings={"score": {1: 4}})
    assert one["vehicle>fund:principal"] == [0, 0, 25, 0]
    assert one["fund>vehicle:drawdown"] == [100, 0, 0, 0]
    assert one["provider>vehicle:gap"] == [0, 0, 0, 30]
    assert one.balance("fund") == [100, 100, 0, 0]
    kept = bond(text, income=[0, 0, 25, 0], costs=[100, 0, 0, 30], readings={"score": {1: 5}})
    assert kept["fund>vehicle:drawdown"] == [100, 0, 0, 30]
    assert kept.balance("fund")[-1] == 105


def test_redemption_month_and_condition_must_both_have_come() -> None:
    """The condition holds from year 1, the month is 24: redeemed then, at the table's 0.8."""
    text = REDEEMED % "month: 24, when: {outcome: score, at_least: 5},"
    one = bond(text, income=[0, 110, 10, 10, 10], costs=[100, 0, 0, 0, 0], readings={"score": {1: 9}})
    assert one["vehicle>fund:principal"] == near(0, 0, 80, 0, 0)


@pytest.mark.parametrize(
    ("terminated", "paid"), [("termination: {month: 24}", [0, 0, 80, 0, 0]), ("termination: {}", [0, 0, 0, 0, 100])]
)
def test_redemption_when_the_contract_is_terminated(terminated: str, paid: list[float]) -> None:
    """In month 24 four fifths; where the contract is never terminated the loan runs to month 48."""
    one = bond(REDEEMED % "", income=[0, 110, 10, 10, 10], costs=[100, 0, 0, 0, 0], contract=terminated)
    assert one["vehicle>fund:principal"] == near(*paid)


def test_redemption_on_a_condition_does_not_wait_for_the_contract_to_end() -> None:
    """The condition holds in year 1, when half is repaid; the contract is terminated in month 24."""
    text = REDEEMED % "when: {outcome: score, at_least: 5},"
    readings, ends = {"score": {1: 9}}, "termination: {month: 24}"
    one = bond(text, income=[0, 110, 10, 10, 10], costs=[100, 0, 0, 0, 0], readings=readings, contract=ends)
    assert one["vehicle>fund:principal"] == near(0, 50, 0, 0, 0)


def test_redeemed_principal_that_cannot_be_paid_stays_due() -> None:
    """Half of 100 is due in month 12 and 20 are there; the other 30 come later, without coupon."""
    one = bond(REDEEMED % "month: 12,", income=[0, 30, 0, 40, 0], costs=[100, 0, 0, 0, 0])
    assert one["vehicle>fund:coupon"] == near(0, 10, 0, 0, 0)
    assert one["vehicle>fund:principal"] == near(0, 20, 0, 30, 0)
    assert one["vehicle>council:surplus"] == near(0, 0, 0, 10, 0)


def test_coupon_that_has_accrued_falls_due_on_redemption() -> None:
    """10 accrue in each year until the date in year 3; redeemed in year 2, the fund has 20 then and no more."""
    one = bond(
        """
  tranches:
    fund:
      commitment: 100
      coupon: 0.1
      compounds: false
      coupon_dates: [2023-12-31]
      early_redemption: {month: 24, table: [{from_month: 0, share: 1}]}
  surplus: {council: 1}
""",
        income=[0, 0, 125, 0],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>fund:coupon"] == near(0, 0, 20, 0)
    assert one["vehicle>council:surplus"] == near(0, 0, 5, 0)
    assert one.balance("fund", "coupon") == near(0, 10, 0, 0)


def test_instalments_of_a_commitment_that_is_not_all_drawn() -> None:
    """50 of 100 are drawn: half of an instalment is 25, whatever was committed."""
    one = bond(
        "  tranches: {fund: {commitment: 100, instalments: [{month: 12, share: 0.5}, {month: 24, share: 0.5}]}}",
        income=[0, 60, 0],
        costs=[50, 0, 0],
    )
    assert one["vehicle>fund:principal"] == [0, 25, 25]
    assert one["vehicle>fund:surplus"] == [0, 0, 10]


def test_nothing_is_committed_after_redemption() -> None:
    """10 % a year on 50 that can still be drawn: 5 in year 1, at whose end the fund is redeemed, and no more."""
    one = bond(
        """
  tranches:
    fund:
      commitment: 100
      commitment_fee: 0.1
      early_redemption: {month: 12, table: [{from_month: 0, share: 1}]}
  surplus: {council: 1}
""",
        income=[0, 60, 20],
        costs=[50, 0, 0],
    )
    assert one["vehicle>fund:fee"] == near(0, 5, 0)
    assert one["vehicle>council:surplus"] == near(0, 5, 20)
