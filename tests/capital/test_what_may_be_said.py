"""Terms that look odd and make sense must not be refused; those that do not are in tests/broken_scenarios."""

import pytest

from tests.capital.bond import scenario

MAY = {
    "more than the commitment in all, where repaid capital is drawn again": """
  tranches: {fund: {commitment: 50, revolving: true, drawdowns: [{month: 0, amount: 50}, {month: 12, amount: 50}]}}
""",
    "a grant that comes on the last day": """
  tranches:
    fund: {commitment: 50}
    gift: {kind: grant, commitment: 50, drawdowns: [{month: 36, amount: 50}]}
""",
    "a guarantee called before the last instalment, because of early redemption": """
  tranches:
    fund:
      commitment: 50
      instalments: [{month: 36, share: 1}]
      early_redemption: {month: 12, table: [{from_month: 12, share: 0.5}]}
  guarantees: {bank: {tranche: fund, amount: 5, month: 12}}
""",
    "a guarantee that expires, of a loan without instalments": """
  tranches: {fund: {commitment: 50}}
  guarantees: {bank: {tranche: fund, amount: 5, month: 12}}
""",
    "a coupon of nothing, as a sweep may set it": """
  tranches: {fund: {commitment: 50, coupon: 0, coupon_dates: [2021-06-30]}}
""",
    "a cap at the coupon": """
  tranches: {fund: {commitment: 50, coupon: 0.08, return_cap: {rate: 0.08}}}
  surplus: {council: 1}
""",
    "a cap above a simple coupon": """
  tranches: {fund: {commitment: 50, coupon: 0.08, day_count: actual_365, compounds: false, return_cap: {rate: 0.08}}}
  surplus: {council: 1}
""",
    "a written waterfall that names what is never owed": """
  tranches: {fund: {commitment: 50}}
  contingent: {back: {from: vehicle, to: provider, outcome: score, points: [[0, -5], [1, 0]]}}
  waterfall: [fund.fee, fund.coupon, fund.principal, back]
  surplus: {fund: 1}
""",
    "surplus to a grant's giver, a guarantor, a sponsor": """
  tranches:
    fund: {commitment: 50}
    gift: {kind: grant, commitment: 50}
  guarantees: {bank: {tranche: fund, amount: 5}}
  surplus: {gift: 0.25, bank: 0.25, sponsor: 0.5}
""",
    "an uncertain coupon, described": """
  tranches: {fund: {commitment: 50, coupon: {value: {uniform: [0.03, 0.05]}, unit: a year, source: assumption}}}
""",
    "redemption on the contract's termination, which this file leaves open": """
  tranches: {fund: {commitment: 50, early_redemption: {table: [{from_month: 12, share: 0.5}]}}}
""",
}


@pytest.mark.parametrize("capital", MAY.values(), ids=MAY.keys())
def test_it_may_be_said(capital: str) -> None:
    assert scenario(capital, [0, 0, 0, 0], contract="termination: {}").capital.tranches
