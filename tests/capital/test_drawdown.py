"""When capital is drawn, from whom, and who pays when it has run out; by hand."""

import pytest

from tests.capital.bond import bond


def test_capital_is_drawn_as_costs_need_it_and_income_comes_first() -> None:
    """100 at signing; in year 1 a cost of 100 meets 30 of income, so 70 are drawn; in year 2 60 come back."""
    one = bond("  tranches: {fund: {commitment: 1000}}", income=[0, 30, 60], costs=[100, 100, 0])
    assert one["fund>vehicle:drawdown"] == [100, 70, 0]
    assert one["vehicle>fund:principal"] == [0, 0, 60]
    assert one.balance("fund") == [100, 170, 110]


def test_without_recycling_income_repays_at_once_and_all_costs_are_drawn() -> None:
    """The same costs: 100 + 100 are drawn; 30 and 60 of income go to the fund."""
    one = bond("  recycling: false\n  tranches: {fund: {commitment: 1000}}", income=[0, 30, 60], costs=[100, 100, 0])
    assert one["fund>vehicle:drawdown"] == [100, 100, 0]
    assert one["vehicle>fund:principal"] == [0, 30, 60]


def test_without_recycling_income_pays_costs_only_when_commitments_have_run_out() -> None:
    """150 are committed: 100, then 50. Of year 1's cost of 100 the other 50 come out of income; its 70 leave 20."""
    one = bond("  recycling: false\n  tranches: {fund: {commitment: 150}}", income=[0, 70, 0], costs=[100, 100, 0])
    assert one["fund>vehicle:drawdown"] == [100, 50, 0]
    assert one["vehicle>fund:principal"] == [0, 20, 0]
    assert one["provider>vehicle:gap"] == [0, 0, 0]


def test_lower_orders_are_drawn_first_and_those_of_one_order_by_what_they_can_still_give() -> None:
    """The grant gives 100; then first (300) and second (100) share three to one; the senior gives the rest.

    Costs of 100, 200 and 300: 100 of the grant; 150 + 50; the other 150 + 50, and 100 of the senior.
    """
    one = bond(
        """
  tranches:
    senior: {commitment: 500, drawdown_order: 3}
    first: {commitment: 300, drawdown_order: 2, rank: 2}
    second: {commitment: 100, drawdown_order: 2, rank: 2}
    gift: {kind: grant, commitment: 100}
""",
        costs=[100, 200, 300],
    )
    assert one["gift>vehicle:drawdown"] == [100, 0, 0]
    assert one["first>vehicle:drawdown"] == [0, 150, 150]
    assert one["second>vehicle:drawdown"] == [0, 50, 50]
    assert one["senior>vehicle:drawdown"] == [0, 0, 100]


def test_a_grant_is_spent_and_not_owed() -> None:
    """Of the cost of 100 the grant bears 40; the loan's 60 come back, and 20 more, as surplus to the loan."""
    one = bond(
        """
  tranches:
    gift: {kind: grant, commitment: 40}
    loan: {commitment: 100, drawdown_order: 2}
""",
        income=[0, 80],
        costs=[100, 0],
    )
    assert one.balance("gift") == [0, 0]
    assert one["vehicle>loan:principal"] == [0, 60]
    assert one["vehicle>loan:surplus"] == [0, 20]
    assert one.measure("investor.multiple") == pytest.approx(80 / 60)


def test_a_recoverable_grant_is_repaid_and_is_no_investment() -> None:
    """40 of the grant rank behind 60 of the loan; 80 come in, so the grant gets 20 of its 40."""
    one = bond(
        """
  tranches:
    gift: {kind: recoverable_grant, commitment: 40, rank: 2}
    loan: {commitment: 100, drawdown_order: 2}
""",
        income=[0, 80],
        costs=[100, 0],
    )
    assert one["vehicle>loan:principal"] == [0, 60]
    assert one["vehicle>gift:principal"] == [0, 20]
    assert one.measure("investor.multiple") == pytest.approx(1)
    assert one.measure("tranche.gift.multiple") == pytest.approx(0.5)


def test_agreed_drawdowns_come_on_their_day_and_what_is_not_needed_goes_back() -> None:
    """60 are drawn at signing, of which 10 are spent: 50 go straight back. In month 12 40 are drawn and spent."""
    one = bond(
        """
  tranches:
    fund: {commitment: 100, drawdowns: [{month: 0, amount: 60}, {month: 12, amount: 40}]}
""",
        costs=[10, 40, 0],
    )
    assert one["fund>vehicle:drawdown"] == [60, 40, 0]
    assert one["vehicle>fund:principal"] == [50, 0, 0]
    assert one.balance("fund") == [10, 50, 50]


def test_another_tranche_gives_what_agreed_drawdowns_leave_open() -> None:
    """10 are drawn at signing against a cost of 30: the other gives 20."""
    one = bond(
        """
  tranches:
    agreed: {commitment: 10, drawdowns: [{month: 0, amount: 10}]}
    needed: {commitment: 100}
""",
        costs=[30, 0],
    )
    assert one["agreed>vehicle:drawdown"] == [10, 0]
    assert one["needed>vehicle:drawdown"] == [20, 0]


def test_nothing_is_drawn_after_its_last_month() -> None:
    """Months 0 and 12 are open, month 24 is not: the provider bears the 30."""
    one = bond("  tranches: {fund: {commitment: 100, drawn_to_month: 12}}", costs=[10, 20, 30])
    assert one["fund>vehicle:drawdown"] == [10, 20, 0]
    assert one["provider>vehicle:gap"] == [0, 0, 30]


def test_minimum_cash_is_drawn_and_given_back_at_the_end() -> None:
    """At signing 100 + 20; year 1 costs 50, all drawn, and 20 stay; in year 2 they pay 20 of 25 and 5 are drawn."""
    one = bond("  minimum_cash: 20\n  tranches: {fund: {commitment: 1000}}", costs=[100, 50, 25])
    assert one["fund>vehicle:drawdown"] == [120, 50, 5]
    assert one.cash == [20, 20, 0]


@pytest.mark.parametrize(("revolving", "second"), [("false", 0), ("true", 40)])
def test_repaid_capital_is_drawn_again_only_if_it_revolves(revolving: str, second: float) -> None:
    """100 are drawn, 60 come back; year 2 costs 40, which revolving capital gives again and other capital does not."""
    one = bond(
        f"  tranches: {{fund: {{commitment: 100, revolving: {revolving}}}}}", income=[0, 60, 0], costs=[100, 0, 40]
    )
    assert one["fund>vehicle:drawdown"] == [100, 0, second]
    assert one["provider>vehicle:gap"] == [0, 0, 40 - second]


def test_a_gap_is_covered_and_not_repaid() -> None:
    """Commitments of 60 against costs of 100: the sponsor puts in 40 and sees none of the 90 that come later."""
    one = bond("  gap_covered_by: sponsor\n  tranches: {fund: {commitment: 60}}", income=[0, 90], costs=[100, 0])
    assert one["sponsor>vehicle:gap"] == [40, 0]
    assert one["vehicle>fund:principal"] == [0, 60]
    assert one["vehicle>fund:surplus"] == [0, 30]
    assert one.measure("vehicle.funding_gap") == pytest.approx(40)


FEES = """
  tranches:
    fees: {kind: deferred_fees, commitment: 25, share_of_fees: 0.2, rank: 2}
    fund: {commitment: 1000}
"""


def test_the_provider_leaves_a_share_of_its_fees() -> None:
    """A fifth of 100 is 20; a fifth of 50 would be 10, but 5 are left of 25. The fund gives the rest."""
    one = bond(FEES, income=[0, 0, 140], costs=[100, 50, 0])
    assert one["provider>vehicle:drawdown_fees"] == [20, 5, 0]
    assert one["fund>vehicle:drawdown"] == [80, 45, 0]
    assert one["vehicle>fund:principal"] == [0, 0, 125]
    assert one["vehicle>provider:principal_fees"] == [0, 0, 15]
    assert one.measure("provider.surplus") == pytest.approx(15 - 25)
    assert one.measure("investor.multiple") == pytest.approx(1)
