"""Who is paid first, how those of a step share, what caps take away, and who gets what is left; by hand."""

import numpy as np
import pytest

from sibmodel.capital.waterfall import share_out
from tests.capital.bond import bond, near


def test_everybody_gets_what_they_are_owed_or_the_same_part_of_it() -> None:
    available = np.array([0.0, 50.0, 100.0, 500.0])
    first, second = share_out(available, [np.full(4, 75.0), np.full(4, 25.0)])
    assert first.tolist() == [0, 37.5, 75, 75]
    assert second.tolist() == [0, 12.5, 25, 25]


def test_one_alone_gets_what_there_is() -> None:
    (only,) = share_out(np.array([10.0, 90.0]), [np.full(2, 75.0)])
    assert only.tolist() == [10, 75]


def test_nothing_owed_is_nothing_given() -> None:
    shares = share_out(np.array([10.0]), [np.zeros(1), np.zeros(1)])
    assert [share.tolist() for share in shares] == [[0], [0]]


RANKS = """
  tranches:
    senior: {commitment: 100, coupon: 0.1, rank: 1, drawdown_order: 3}
    left: {commitment: 60, coupon: 0.05, rank: 2}
    right: {commitment: 40, coupon: 0.15, rank: 2, drawdown_order: 2}
"""
# after a year the senior is owed 10 + 100, left 3 + 60, right 6 + 40, so that 10, 110, 119 and 219 are the corners


@pytest.mark.parametrize(
    ("income", "senior", "left", "right"),
    [
        (5, (5, 0), (0, 0), (0, 0)),
        (10, (10, 0), (0, 0), (0, 0)),
        (60, (10, 50), (0, 0), (0, 0)),
        (110, (10, 100), (0, 0), (0, 0)),
        (113, (10, 100), (1, 0), (2, 0)),
        (119, (10, 100), (3, 0), (6, 0)),
        (169, (10, 100), (3, 30), (6, 20)),
        (219, (10, 100), (3, 60), (6, 40)),
        (239, (10, 100), (3, 60), (6, 40)),
    ],
)
def test_ranks_are_paid_in_turn_coupons_before_principals(
    income: float, senior: tuple[float, float], left: tuple[float, float], right: tuple[float, float]
) -> None:
    one = bond(RANKS, income=[0, income], costs=[200, 0])
    for name, paid in {"senior": senior, "left": left, "right": right}.items():
        assert (one[f"vehicle>{name}:coupon"][1], one[f"vehicle>{name}:principal"][1]) == near_pair(paid)
    # what is left goes to the last rank in proportion to commitments, 60 to 40
    assert one["vehicle>left:surplus"] == near(0, 0.6 * max(income - 219, 0))
    assert one["vehicle>right:surplus"] == near(0, 0.4 * max(income - 219, 0))


def near_pair(pair: tuple[float, float]) -> object:
    return pytest.approx(pair, abs=1e-6)


def test_fees_come_before_coupons_and_all_fees_of_a_rank_together() -> None:
    """Of two commitments of 100 one is drawn: coupon 10 on it; fees of 2 on the other's 100. Income of 5 pays 2 + 3."""
    one = bond(
        """
  tranches:
    drawn: {commitment: 100, coupon: 0.1}
    undrawn: {commitment: 100, commitment_fee: 0.02, drawdown_order: 2}
""",
        income=[0, 5],
        costs=[100, 0],
    )
    assert one["vehicle>undrawn:fee"] == near(0, 2)
    assert one["vehicle>drawn:coupon"] == near(0, 3)


WRITTEN = """
  tranches:
    senior: {commitment: 100, coupon: 0.1, drawdown_order: 2}
    junior: {commitment: 50, coupon: 0.2}
  waterfall: %s
  surplus: {junior: 1}
"""
# after a year the senior is owed 10 + 100 and the junior 10 + 50


@pytest.mark.parametrize(
    ("waterfall", "income", "senior", "junior"),
    [
        ("[senior, junior]", 130, (10, 100), (10, 10)),
        ("[senior.coupon, junior.coupon, senior.principal, junior.principal]", 75, (10, 55), (10, 0)),
        ("[[senior.coupon, junior.coupon], [senior.principal, junior.principal]]", 95, (10, 50), (10, 25)),
        ("[[senior.coupon, junior.coupon], junior.principal, senior.principal]", 10, (5, 0), (5, 0)),
        ("[[senior, junior]]", 95, (10, 50), (10, 25)),
        ("[junior, senior]", 65, (5, 0), (10, 50)),
        # claims that a list names share whatever they are: 10 of coupon and 50 of principal
        ("[[senior.coupon, junior.principal], junior.coupon, senior.principal]", 30, (5, 0), (0, 25)),
        # in a list of both, what a name stands for comes first: coupon 10, principal 50, then the senior's principal
        ("[senior.fee, senior.coupon, [senior.principal, junior]]", 95, (10, 25), (10, 50)),
    ],
)
def test_a_written_waterfall_is_followed_step_by_step(
    waterfall: str, income: float, senior: tuple[float, float], junior: tuple[float, float]
) -> None:
    one = bond(WRITTEN % waterfall, income=[0, income], costs=[150, 0])
    assert (one["vehicle>senior:coupon"][1], one["vehicle>senior:principal"][1]) == near_pair(senior)
    assert (one["vehicle>junior:coupon"][1], one["vehicle>junior:principal"][1]) == near_pair(junior)


# ---------------------------------------------------------------------------------------------------------- caps


def capped(cap: str, income: list[float], coupon: float = 0.0, extra: str = "") -> list[float]:
    text = f"""
  tranches:
    fund: {{commitment: 100, coupon: {coupon}, return_cap: {cap}{extra}}}
  surplus: [{{fund: 1}}, {{council: 1}}]
"""
    one = bond(text, income=income, costs=[100, *[0.0] * (len(income) - 1)])
    got = [
        sum(parts)
        for parts in zip(*(one[f"vehicle>fund:{x}"] for x in ("coupon", "principal", "surplus")), strict=True)
    ]
    given = one["vehicle>council:surplus"]
    assert sum(got) + sum(given) == pytest.approx(sum(income))
    return got


def test_a_cap_on_the_rate_lets_through_what_earns_it() -> None:
    """10 % a year: 110 after a year; of them 60 are received, so 55 after the second year, and no more."""
    assert capped("{rate: 0.1}", [0, 60, 500, 500]) == near(0, 60, 55, 0)


def test_the_rate_of_a_capped_tranche_is_its_cap() -> None:
    one = bond(
        "  tranches: {fund: {commitment: 100, return_cap: {rate: 0.1}}}\n  surplus: [{fund: 1}, {council: 1}]",
        income=[0, 60, 500, 500],
        costs=[100, 0, 0, 0],
    )
    assert one.measure("tranche.fund.irr") == pytest.approx(0.1)


def test_caps_on_multiple_and_amount_and_the_least_of_all() -> None:
    """1.5 × 100 = 150; 100 + 20 = 120; together the lesser. At 30 % a year only 130 after one year."""
    assert capped("{multiple: 1.5}", [0, 60, 500]) == near(0, 60, 90)
    assert capped("{amount: 20}", [0, 60, 500]) == near(0, 60, 60)
    assert capped("{amount: 20, multiple: 1.5}", [0, 60, 500]) == near(0, 60, 60)
    assert capped("{rate: 0.3, multiple: 1.5}", [0, 500, 500]) == near(0, 130, 0)


def test_a_capped_claim_stays_owed() -> None:
    """A coupon of 30 on 100 with a cap of 120 in all: 30 + 90 of principal; 10 stay outstanding."""
    one = bond(
        "  tranches: {fund: {commitment: 100, coupon: 0.3, return_cap: {amount: 20}}}\n"
        "  surplus: [{fund: 1}, {council: 1}]",
        income=[0, 500],
        costs=[100, 0],
    )
    assert one["vehicle>fund:coupon"] == near(0, 30)
    assert one["vehicle>fund:principal"] == near(0, 90)
    assert one.balance("fund") == near(100, 10)
    assert one["vehicle>council:surplus"] == near(0, 380)


def test_a_capped_one_leaves_its_share_of_a_step_to_the_other() -> None:
    """Both are owed 50 of principal and 60 come in; the first may receive 10 more, the second gets the other 50."""
    one = bond(
        """
  tranches:
    first: {commitment: 50, return_cap: {amount: 0}}
    second: {commitment: 50}
  surplus: {council: 1}
""",
        income=[0, 80, 60],
        costs=[100, 0, 0],
    )
    assert one["vehicle>first:principal"] == near(0, 40, 10)
    assert one["vehicle>second:principal"] == near(0, 40, 10)
    assert one["vehicle>council:surplus"] == near(0, 0, 40)


def test_surplus_that_one_may_not_take_goes_to_the_others_and_then_to_the_next_line() -> None:
    """100 each are repaid; 100 are left, 30 : 70. One may have 10 more, the other 40; the council gets the last 50."""
    one = bond(
        """
  tranches:
    one: {commitment: 100, return_cap: {amount: 10}}
    other: {commitment: 100, return_cap: {multiple: 1.4}}
  surplus: [{one: 0.3, other: 0.7}, {council: 1}]
""",
        income=[0, 300],
        costs=[200, 0],
    )
    assert one["vehicle>one:surplus"] == near(0, 10)
    assert one["vehicle>other:surplus"] == near(0, 40)
    assert one["vehicle>council:surplus"] == near(0, 50)


def test_surplus_shared_with_one_who_is_capped() -> None:
    """100 are left, half each; the fund may take 20 of its 50, so the provider gets 80."""
    one = bond(
        "  tranches: {fund: {commitment: 100, return_cap: {amount: 20}}}\n  surplus: {fund: 0.5, provider: 0.5}",
        income=[0, 200],
        costs=[100, 0],
    )
    assert one["vehicle>fund:surplus"] == near(0, 20)
    assert one["vehicle>provider:surplus"] == near(0, 80)


TIED = """
  tranches:
    own: {commitment: 60, repaid_from: [other]%s}
    free: {commitment: 40, rank: 2}
  surplus: {council: 1}
"""


def test_a_tranche_is_repaid_from_one_term_alone() -> None:
    """100 are drawn 60 : 40. The other term pays 20 of 90: own gets 20, free its 40, the council 30."""
    one = bond(TIED % "", income=[0, 70], costs=[100, 0], readings={"other": {1: 20}})
    assert one["vehicle>own:principal"] == near(0, 20)
    assert one["vehicle>free:principal"] == near(0, 40)
    assert one["vehicle>council:surplus"] == near(0, 30)
    assert one.balance("own") == near(60, 40)


def test_what_a_term_has_paid_before_counts_later() -> None:
    """The other term pays 20 in year 1, when its money meets a cost of 20, so own may still have 20 in year 2."""
    one = bond(TIED % "", income=[0, 0, 50], costs=[100, 20, 0], readings={"other": {1: 20}})
    assert one["vehicle>own:principal"] == near(0, 0, 20)
    assert one["vehicle>free:principal"] == near(0, 0, 30)


def test_tranches_of_the_same_terms_share_what_those_have_paid() -> None:
    """Owed 60 and 30 of one rank, of terms that paid 45 of the 145 there: 30 and 15; the third is owed 10."""
    one = bond(
        """
  tranches:
    first: {commitment: 60, repaid_from: [other]}
    second: {commitment: 30, repaid_from: [other]}
    third: {commitment: 10}
  surplus: {council: 1}
""",
        income=[0, 100],
        costs=[100, 0],
        readings={"other": {1: 45}},
    )
    assert one["vehicle>first:principal"] == near(0, 30)
    assert one["vehicle>second:principal"] == near(0, 15)
    assert one["vehicle>third:principal"] == near(0, 10)
    assert one["vehicle>council:surplus"] == near(0, 90)


def test_claims_of_one_tranche_in_a_step_are_cut_together() -> None:
    """The fund is owed 20 + 100 and may have 60 in all: 10 and 50. The council gets the rest."""
    one = bond(
        """
  tranches: {fund: {commitment: 100, coupon: 0.2, repaid_from: [other]}}
  waterfall: [[fund.coupon, fund.principal]]
  surplus: {council: 1}
""",
        income=[0, 90],
        costs=[100, 0],
        readings={"other": {1: 60}},
    )
    assert one["vehicle>fund:coupon"] == near(0, 10)
    assert one["vehicle>fund:principal"] == near(0, 50)
    assert one["vehicle>council:surplus"] == near(0, 90)


def test_without_surplus_named_the_last_investors_have_it_and_never_a_grant() -> None:
    one = bond(
        """
  tranches:
    gift: {kind: recoverable_grant, commitment: 50, rank: 3}
    fund: {commitment: 50, rank: 2}
    senior: {commitment: 50}
""",
        income=[0, 180],
        costs=[150, 0],
    )
    assert one["vehicle>fund:surplus"] == near(0, 30)
    assert one["vehicle>gift:surplus"] == near(0, 0)


def test_the_provider_s_fees_and_surplus_go_to_the_provider() -> None:
    one = bond(
        """
  tranches:
    fund: {commitment: 80}
    fees: {kind: deferred_fees, commitment: 20, coupon: 0.1, rank: 2}
  surplus: {fees: 1}
""",
        income=[0, 110],
        costs=[100, 0],
    )
    assert one["vehicle>provider:coupon_fees"] == near(0, 2)
    assert one["vehicle>provider:principal_fees"] == near(0, 20)
    assert one["vehicle>provider:surplus_fees"] == near(0, 8)


def test_surplus_goes_on_where_rounding_leaves_a_tied_tranche_a_last_bit_of_room() -> None:
    """Owed 358 of terms that paid 219, all of which they have: the surplus of 4,782 is all the provider's.

    107.4/358 and 250.6/358 of 219 are not 219 to the last bit. In year 2 they are owed 139; 2,663 are shared freely.
    """
    one = bond(
        """
  tranches:
    first: {commitment: 300, repaid_from: [income]}
    second: {commitment: 700, repaid_from: [income]}
  surplus: {first: 0.3, second: 0.3, provider: 0.4}
""",
        income=[0, 219, 2802],
        costs=[358],
        readings={"other": {1: 4782}},
    )
    assert one["vehicle>first:principal"] == near(0, 65.7, 41.7)
    assert one["vehicle>first:surplus"] == near(0, 0, 798.9)
    assert one["vehicle>provider:surplus"] == near(0, 4782, 1065.2)


def test_a_little_of_a_large_surplus_goes_on_too() -> None:
    """Half of a billion is 40 pence more than the fund may have."""
    one = bond(
        """
  tranches: {fund: {commitment: 1000, return_cap: {amount: 499_999_999.6}}}
  surplus: {fund: 0.5, provider: 0.5}
""",
        income=[0, 1_000_001_000],
        costs=[1000],
    )
    assert one["vehicle>fund:surplus"] == near(0, 499_999_999.6)
    assert one["vehicle>provider:surplus"] == near(0, 500_000_000.4)


def test_a_cap_on_the_rate_grows_with_the_period() -> None:
    """21 % a year are 10 % in half a year: 10 on the 100 that are drawn, and 90 of the 200 are the provider's."""
    one = bond(
        """
  tranches: {fund: {commitment: 100, return_cap: {rate: 0.21}}}
  surplus: [{fund: 1}, {provider: 1}]
""",
        income=[0, 200],
        costs=[100],
        period="half_year",
    )
    assert one["vehicle>fund:surplus"] == near(0, 10)
    assert one["vehicle>provider:surplus"] == near(0, 90)


def test_the_last_investors_share_equally_where_nothing_is_committed() -> None:
    one = bond("  tranches: {one: {commitment: 0}, other: {commitment: 0}}", income=[0, 10])
    assert one["vehicle>one:surplus"] == one["vehicle>other:surplus"] == near(0, 5)
