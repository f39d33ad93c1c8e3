"""What guarantors pay, when, and what they charge; by hand."""

import pytest

from tests.capital.bond import bond, near

LOAN = "instalments: [{month: 24, share: 1}]"


def guaranteed(guarantee: str, income: float, tranche: str = LOAN) -> tuple[float, float]:
    """What the guarantor pays on a loan of 100 of which `income` was repaid in year 2, and what is lost of it."""
    one = bond(
        f"  tranches: {{fund: {{commitment: 100, {tranche}}}}}\n  guarantees: {{bank: {{tranche: fund, {guarantee}}}}}",
        income=[0, 0, income],
        costs=[100, 0, 0, 0],
    )
    paid = one["bank>fund:guarantee_bank"]
    assert paid == near(0, 0, paid[2], 0)
    assert one.balance("fund")[-1] == pytest.approx(100 - income - paid[2])
    assert one.measure("tranche.fund.profit") == pytest.approx(income + paid[2] - 100)
    return paid[2], one.balance("fund")[-1]


@pytest.mark.parametrize(("income", "paid"), [(0, 30), (60, 30), (80, 20), (100, 0)])
def test_an_amount_makes_good_what_is_missing_up_to_it(income: float, paid: float) -> None:
    assert guaranteed("amount: 30", income)[0] == pytest.approx(paid)


@pytest.mark.parametrize(("income", "paid"), [(0, 75), (50, 25), (75, 0), (90, 0)])
def test_a_top_up_brings_principal_to_its_share_and_no_further(income: float, paid: float) -> None:
    assert guaranteed("tops_up_to: 0.75", income)[0] == pytest.approx(paid)


def test_it_is_called_with_the_last_instalment_in_its_month_or_at_the_end() -> None:
    """A loan without instalments: at the end, month 36, or in month 24 if that is said."""
    text = "  tranches: {{fund: {{commitment: 100}}}}\n  guarantees: {{bank: {{tranche: fund, amount: 30{}}}}}"
    for month, paid in (("", [0, 0, 0, 30]), (", month: 24", [0, 0, 30, 0])):
        one = bond(text.format(month), costs=[100, 0, 0, 0])
        assert one["bank>fund:guarantee_bank"] == paid


def test_money_after_the_call_repays_what_is_still_owed_and_no_more() -> None:
    """30 of 100 are paid by the guarantor in month 24, so of the 90 of year 3 the loan takes 70."""
    one = bond(
        "  tranches: {fund: {commitment: 100}}\n"
        "  guarantees: {bank: {tranche: fund, amount: 30, month: 24}}\n  surplus: {council: 1}",
        income=[0, 0, 0, 90],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>fund:principal"] == [0, 0, 0, 70]
    assert one["vehicle>council:surplus"] == [0, 0, 0, 20]


def test_several_pay_in_the_order_of_the_file() -> None:
    """60 are missing: the first pays 40, the second tops up to 90 %, which 10 more would not reach: 60 − 40 − 10."""
    one = bond(
        """
  tranches: {fund: {commitment: 100}}
  guarantees:
    first: {tranche: fund, amount: 40}
    second: {tranche: fund, tops_up_to: 0.9}
""",
        income=[0, 40],
        costs=[100, 0],
    )
    assert one["first>fund:guarantee_first"] == [0, 40]
    assert one["second>fund:guarantee_second"] == near(0, 10)
    assert one.balance("fund") == near(100, 10)


def test_a_tranche_that_guarantees_pays_out_of_its_own_pocket() -> None:
    """The junior, itself unpaid, tops the senior up by 25: it has lost its 50 and those."""
    one = bond(
        """
  tranches:
    senior: {commitment: 100}
    junior: {commitment: 50, rank: 2}
  guarantees: {promise: {tranche: senior, tops_up_to: 0.75, by: junior}}
""",
        income=[0, 50],
        costs=[150, 0],
    )
    assert one["junior>senior:guarantee_promise"] == near(0, 25)
    assert one.measure("tranche.junior.profit") == pytest.approx(-75)
    assert one.measure("tranche.senior.profit") == pytest.approx(-25)
    assert one.measure("investor.profit") == pytest.approx(-100)


def test_a_payer_may_guarantee() -> None:
    one = bond(
        "  tranches: {fund: {commitment: 100}}\n  guarantees: {floor: {tranche: fund, tops_up_to: 0.5, by: council}}",
        income=[0, 20],
        costs=[100, 0],
    )
    assert one["council>fund:guarantee_floor"] == near(0, 30)


def test_the_fee_is_charged_on_the_most_it_may_pay_until_it_is_called_and_comes_first() -> None:
    """2 % of 75 % of 100 is 1.50 a year, for years 1 and 2; the 2 of year 1 pay it before coupon."""
    one = bond(
        """
  tranches: {fund: {commitment: 100, coupon: 0.1, compounds: false}}
  guarantees: {bank: {tranche: fund, tops_up_to: 0.75, month: 24, fee: 0.02}}
""",
        income=[0, 2, 0, 150],
        costs=[100, 0, 0, 0],
    )
    assert one["vehicle>bank:fee_bank"] == near(0, 1.5, 0, 1.5)
    assert one["vehicle>fund:coupon"] == near(0, 0.5, 0, 9.5 + 10 + 2.5)


def test_a_guarantee_makes_good_what_redemption_wrote_off() -> None:
    """Redeemed at half: 50 of 100 come back and 50 are written off; topped up to 75 % of what was drawn by 25."""
    one = bond(
        """
  tranches: {fund: {commitment: 100, early_redemption: {month: 12, table: [{from_month: 12, share: 0.5}]}}}
  guarantees: {bank: {tranche: fund, tops_up_to: 0.75}}
  surplus: {council: 1}
""",
        income=[0, 80, 0],
        costs=[100, 0, 0],
    )
    assert one["vehicle>fund:principal"] == near(0, 50, 0)
    assert one["bank>fund:guarantee_bank"] == near(0, 0, 25)
    assert one.balance("fund") == near(100, 0, 0)


def test_a_cap_counts_what_guarantors_paid() -> None:
    """Cap of 1.1 × 100: 60 came from the guarantor, so of 130 later only 50, of which 40 are principal."""
    one = bond(
        """
  tranches: {fund: {commitment: 100, return_cap: {multiple: 1.1}}}
  guarantees: {bank: {tranche: fund, amount: 60, month: 12}}
  surplus: [{fund: 1}, {council: 1}]
""",
        income=[0, 0, 130],
        costs=[100, 0, 0],
    )
    assert one["vehicle>fund:principal"] == near(0, 0, 40)
    assert one["vehicle>fund:surplus"] == near(0, 0, 10)
    assert one["vehicle>council:surplus"] == near(0, 0, 80)


def test_a_promise_to_the_provider_is_paid_to_the_provider() -> None:
    one = bond(
        """
  tranches:
    fund: {commitment: 100}
    fees: {kind: deferred_fees, commitment: 50, rank: 2, drawdown_order: 2}
  guarantees: {floor: {tranche: fees, tops_up_to: 0.4, by: sponsor}}
""",
        income=[0, 100],
        costs=[150, 0],
    )
    assert one["sponsor>provider:guarantee_floor"] == near(0, 20)


def test_a_tranche_that_guarantees_another_has_the_fee_and_bears_the_call() -> None:
    """Of 50 that come in, 4 are the fee on 40; 46 repay the loan of 100, and the guarantor pays 40 of the other 54."""
    one = bond(
        """
  tranches: {loan: {commitment: 100}, helper: {commitment: 0, rank: 2}}
  guarantees: {promise: {tranche: loan, amount: 40, by: helper, fee: 0.1}}
""",
        income=[0, 50],
        costs=[100],
    )
    assert one["vehicle>helper:fee_promise"] == near(0, 4)
    assert one["helper>loan:guarantee_promise"] == near(0, 40)
    assert one.measure("tranche.helper.profit") == pytest.approx(-36)
    assert one.measure("tranche.loan.profit") == pytest.approx(-14)
