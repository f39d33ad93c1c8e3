"""The twin's capital against arithmetic done by hand."""

import datetime as dt
from typing import Any

import pytest

from tests.random_numbers import Data
from tests.strategies import read
from tests.test_twin_by_hand import near
from tests.twin import Books, twin

M = {"month": 12, "quarter": 4, "half_year": 2, "year": 1}


def bond(
    spend: list[float], income: list[float], capital: Data, *, period: str = "year", people: Any = 100, **chapters: Any
) -> Data:
    """A bond whose programme spend and income by period are given; income begins in period 1."""
    yearly = [M[period] * amount for amount in [*spend[1:], 0]][: len(income) - 1]
    costs = {"set_up": spend[0], "fixed_per_year": yearly}
    data: Data = {
        "title": "By hand",
        "timeline": {"signing": dt.date(2021, 3, 31), "period": period, "periods": len(income) - 1},
        "programme": {"groups": {"all": {"referrals": people, "engaged": 1}}, "costs": costs},
        "outcomes": {"start": {"type": "achievement", "share": 1}},
        "contract": {"payers": {"council": {}}, "terms": {"main": {"rule": "standing_charge", "amount": income[1:]}}},
        "capital": capital,
    }
    return {**data, **chapters}


def worked(*args: Any, **kwargs: Any) -> Books:
    """The bond through the twin; the reader must accept it."""
    data = bond(*args, **kwargs)
    read(data)
    return twin(data)


# --- Guarantees --------------------------------------------------------------------------------------


def test_a_bullet_loan_that_is_topped_up() -> None:
    """Of 400 the guarantor takes its fees, 3 × 1 % × 900 = 27; 373 repaid leave 627; topped up to 900, so 527 more."""
    loan = {"commitment": 1000, "instalments": [{"month": 36, "share": 1}]}
    floor = {"tranche": "loan", "tops_up_to": 0.9, "fee": 0.01}
    books = worked([1000], [0, 0, 0, 400], {"tranches": {"loan": loan}, "guarantees": {"floor": floor}})
    assert books.flows["vehicle>floor:fee_floor"] == near([0, 0, 0, 27])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 0, 373])
    assert books.flows["floor>loan:guarantee_floor"] == near([0, 0, 0, 527])
    assert books.capital.principal["loan"] == near([1000, 1000, 1000, 100])
    assert books.measures["investor.multiple"] == near(0.9)
    assert books.measures["investor.expected_loss"] == near(100)


def test_a_guarantee_of_an_amount_given_by_a_tranche_and_called_early() -> None:
    """In month 12, 300 are outstanding of which 200 are guaranteed; the last 100 come a year later, and 400 surplus."""
    tranches = {"loan": {"commitment": 1000}, "junior": {"commitment": 0, "rank": 2}}
    backed = {"tranche": "loan", "amount": 200, "by": "junior", "month": 12}
    books = worked([1000], [0, 700, 500], {"tranches": tranches, "guarantees": {"backed": backed}})
    assert books.flows["junior>loan:guarantee_backed"] == near([0, 200, 0])
    assert books.flows["vehicle>loan:principal"] == near([0, 700, 100])
    assert books.flows["vehicle>junior:surplus"] == near([0, 0, 400])
    assert books.capital.net["junior"] == near([0, -200, 400])
    assert books.capital.net["loan"] == near([-1000, 900, 100])


def test_a_guarantee_makes_good_what_redemption_wrote_off() -> None:
    """Of 1000, 400 are written off in month 12, and 550 of 600 are repaid; 50 and 400 are missing, 420 guaranteed.

    So the council pays 50 of principal and 370 of what was written off; it has had 2 % of 420 for two years, 16.8.
    """
    early = {"month": 12, "table": [{"from_month": 0, "share": 0.6}]}
    backed = {"tranche": "loan", "amount": 420, "fee": 0.02, "by": "council"}
    capital = {"tranches": {"loan": {"commitment": 1000, "early_redemption": early}}, "guarantees": {"backed": backed}}
    books = worked([1000], [0, 8.4 + 550, 8.4], capital)
    assert books.capital.written_off["loan"] == near([0, 400, -370])
    assert books.capital.principal["loan"] == near([1000, 50, 0])
    assert books.capital.net["loan"] == near([-1000, 550, 420])
    assert books.measures["payer.council.promised"] == near(420 - 16.8)


# --- Coupons -----------------------------------------------------------------------------------------


def test_a_coupon_read_once_after_five_years() -> None:
    """7.5m at 6 % for five years: 7.5m × 1.06⁵ = 10,036,692, none of it due before the reading."""
    coupon = {"outcome": "start", "points": [[0, 0], [200, 0.12]]}
    loan = {"commitment": 7_500_000, "coupon": coupon, "instalments": [{"month": 60, "share": 1}]}
    capital = {"tranches": {"loan": loan}, "surplus": {"provider": 1}}
    books = worked([7_500_000], [0, 0, 0, 0, 0, 12_000_000], capital, people=[0, 0, 0, 0, 100])
    assert books.capital.coupon["loan"][:5] == near([7_500_000 * (1.06**t - 1) for t in range(5)])
    received = books.flows["vehicle>loan:coupon"][5] + books.flows["vehicle>loan:principal"][5]
    assert received == pytest.approx(10_036_692, abs=0.5)
    assert books.measures["investor.irr"] == pytest.approx(0.06, abs=1e-12)


def test_a_coupon_looks_ahead_to_the_next_reading_and_stays_at_the_last() -> None:
    """Readings of 20 in year 2 and 10 in year 3: 2 %, 2 %, 1 %, 1 % on 1000, each at least 1.5 %."""
    coupon = {"outcome": "start", "points": [[0, 0], [100, 0.1]], "floor": 0.015}
    loan = {"commitment": 1000, "coupon": coupon, "compounds": False, "instalments": [{"month": 60, "share": 1}]}
    capital = {"tranches": {"loan": loan}}
    books = worked([1000], [0, 100, 100, 100, 100, 2000], capital, people=[0, 20, 10, 0, 0])
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 40, 15, 15, 15])
    assert books.capital.coupon["loan"] == near([0, 20, 0, 0, 0, 0])


def test_actual_days_between_coupon_dates() -> None:
    """155,000 at 6.4286 % a year, simple: 180, 184, 92 and 93 days bring 4,913.9, 5,023.1, 2,511.6 and 2,538.9."""
    days = [dt.date(2021, 9, 28), dt.date(2022, 3, 31), dt.date(2022, 7, 1), dt.date(2022, 10, 2)]
    loan = {"commitment": 155_000, "coupon": 0.064286, "day_count": "actual_365", "compounds": False}
    loan |= {"coupon_dates": days, "instalments": [{"month": 24, "share": 1}]}
    timeline = {"signing": dt.date(2021, 4, 1), "period": "month", "periods": 24}
    income = [0.0, *[20_000.0] * 24]
    books = worked([155_000], income, {"tranches": {"loan": loan}}, period="month", timeline=timeline)
    coupon = books.flows["vehicle>loan:coupon"]
    a_day = 155_000 * 0.064286 / 365
    expected = {6: 180, 12: 184, 16: 92, 19: 93, 24: 180}  # 2 October to 31 March is 180 days again
    assert coupon == near([expected.get(t, 0) * a_day for t in range(25)])
    assert [coupon[t] for t in (6, 12, 16, 19)] == pytest.approx([4913.9, 5023.1, 2511.6, 2538.9], abs=0.05)


def test_periodic_rates_and_coupon_on_coupon() -> None:
    """8 % a year is 2 % a quarter: 1000, 1020, 1040.4, 1061.208; simple, it is 20 each time."""
    loan = {"commitment": 1000, "coupon": 0.08, "day_count": "periodic"}
    capital: Data = {"tranches": {"loan": loan}, "surplus": {"provider": 1}}
    books = worked([1000], [0, 0, 0, 2000], capital, period="quarter")
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 0, 61.208])
    capital["tranches"]["loan"]["compounds"] = False
    books = worked([1000], [0, 0, 0, 2000], capital, period="quarter")
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 0, 60])


def test_a_fee_on_what_can_still_be_drawn() -> None:
    """Of 1000 at 2 % a year, 600 are left: 6 each half-year up to month 12; 100 pay 12 and 88 of principal."""
    loan = {"commitment": 1000, "commitment_fee": 0.02, "drawn_to_month": 12}
    books = worked([400], [0, 0, 0, 100], {"tranches": {"loan": loan}}, period="half_year")
    assert books.flows["vehicle>loan:fee"] == near([0, 0, 0, 12])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 0, 88])


def test_instalments_rolled_up_coupon_and_surplus_that_waits() -> None:
    """1000 at 10 %, half due in month 24, half in month 36.

    Year 1: 50 wait. Year 2: coupon 210 is due, then 500 of principal; 50 + 800 − 710 = 140 wait. Year 3: coupon 50
    and 500, and 140 + 600 − 550 = 190 are surplus.
    """
    loan: Data = {"commitment": 1000, "coupon": 0.1, "rolled_up": True}
    loan["instalments"] = [{"month": 24, "share": 0.5}, {"month": 36, "share": 0.5}]
    books = worked([1000], [0, 50, 800, 600], {"tranches": {"loan": loan}})
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 210, 50])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 500, 500])
    assert books.capital.cash == near([0, 50, 140, 0])
    assert books.flows["vehicle>loan:surplus"] == near([0, 0, 0, 190])


def test_surplus_from_a_month() -> None:
    """Of 300 in year 1, 100 repay the loan; 200 wait for month 24."""
    capital = {"tranches": {"loan": {"commitment": 100}}, "surplus_from_month": 24}
    books = worked([100], [0, 300, 0, 0], capital)
    assert books.flows["vehicle>loan:surplus"] == near([0, 0, 200, 0])
    assert books.capital.cash == near([0, 200, 0, 0])


# --- What a tranche may receive ------------------------------------------------------------------------


def test_a_return_cap_by_rate() -> None:
    """1000 at 10 %: 1100 − 500 = 600, then 660, then 726: 500 principal and 226 surplus; the return is 10 %."""
    capital = {
        "tranches": {"loan": {"commitment": 1000, "return_cap": {"rate": 0.1}}},
        "surplus": [{"loan": 1}, {"provider": 1}],
    }
    books = worked([1000], [0, 500, 0, 2000], capital)
    assert books.flows["vehicle>loan:principal"] == near([0, 500, 0, 500])
    assert books.flows["vehicle>loan:surplus"] == near([0, 0, 0, 226])
    assert books.flows["vehicle>provider:surplus"] == near([0, 0, 0, 1274])
    assert books.measures["investor.irr"] == pytest.approx(0.1, abs=1e-12)


def test_the_least_of_several_caps_cuts_principal() -> None:
    """1.25 × 1000 is less than 1000 + 300: after 331 of coupon 919 of principal are left, and 81 stay owed."""
    loan = {"commitment": 1000, "coupon": 0.1, "return_cap": {"multiple": 1.25, "amount": 300}}
    books = worked([1000], [0, 0, 0, 2000], {"tranches": {"loan": loan}, "surplus": {"provider": 1}})
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 0, 331])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 0, 919])
    assert books.capital.principal["loan"] == near([1000, 1000, 1000, 81])
    assert books.flows["vehicle>provider:surplus"] == near([0, 0, 0, 750])


def test_lines_of_surplus() -> None:
    """800 are left. Line 1 offers 200 and 600, of which 100 and 400 are taken; line 2 gets 300.

    With the council in line 1 beside `a`, at a half each, it takes what `a` cannot: 700.
    """
    tranches = {
        "a": {"commitment": 100, "return_cap": {"amount": 100}},
        "b": {"commitment": 100, "return_cap": {"amount": 400}},
    }
    capital = {"tranches": tranches, "surplus": [{"a": 0.25, "b": 0.75}, {"provider": 1}]}
    flows = worked([200], [0, 1000], capital).flows
    assert [flows[f"vehicle>{party}:surplus"][1] for party in ("a", "b", "provider")] == near([100, 400, 300])
    flows = worked([200], [0, 1000], {"tranches": tranches, "surplus": {"a": 0.5, "council": 0.5}}).flows
    assert [flows[f"vehicle>{party}:surplus"][1] for party in ("a", "b", "council")] == near([100, 0, 700])


def test_repaid_from_one_term() -> None:
    """300 and 100 are repaid from 200 and then 100 of one term only: 150 and 50, 75 and 25; the rest is surplus."""
    of_main = {"repaid_from": ["main"]}
    capital = {
        "tranches": {"a": {"commitment": 300, **of_main}, "b": {"commitment": 100, **of_main}},
        "surplus": {"provider": 1},
    }
    terms = {name: {"rule": "standing_charge", "amount": x} for name, x in (("main", [200, 100]), ("other", [500, 0]))}
    books = worked([400], [0, 200, 100], capital, contract={"payers": {"council": {}}, "terms": terms})
    assert books.flows["vehicle>a:principal"] == near([0, 150, 75])
    assert books.flows["vehicle>b:principal"] == near([0, 50, 25])
    assert books.flows["vehicle>provider:surplus"] == near([0, 500, 0])


# --- Kinds, drawing and running out --------------------------------------------------------------------


def test_fees_that_the_provider_leaves() -> None:
    """A fifth of 500 and of 500, but no more than 150: 100 and 50. The loan gives 600 − 100 and 600 − 50."""
    tranches = {
        "loan": {"commitment": 5000},
        "fees": {"kind": "deferred_fees", "commitment": 150, "share_of_fees": 0.2, "rank": 2},
    }
    data = bond([0, 500, 500], [0, 0, 0, 2000], {"tranches": tranches})
    data["programme"]["costs"]["management_per_year"] = [100, 100, 0]
    read(data)
    books = twin(data)
    assert books.flows["provider>vehicle:drawdown_fees"] == near([0, 100, 50, 0])
    assert books.flows["loan>vehicle:drawdown"] == near([0, 500, 550, 0])
    assert books.flows["vehicle>provider:principal_fees"] == near([0, 0, 0, 150])
    assert books.flows["vehicle>loan:surplus"] == near([0, 0, 0, 800])
    assert books.measures["investor.peak_funding"] == near(1050)
    assert books.measures["tranche.fees.multiple"] == near(1)
    assert books.measures["provider.surplus"] == near(0)


def test_grants_are_written_off_and_no_investors_money() -> None:
    """250 are needed: grant 100 first, then loan 150; both recoverable grant and grant are outside `investor`."""
    tranches = {
        "gift": {"kind": "grant", "commitment": 100},
        "loan": {"commitment": 150, "drawdown_order": 2},
        "back": {"kind": "recoverable_grant", "commitment": 50, "drawdown_order": 3, "rank": 2},
    }
    books = worked([270], [0, 160], {"tranches": tranches})
    assert books.capital.written_off["gift"] == near([100, 0])
    assert books.capital.principal == {"gift": near([0, 0]), "loan": near([150, 0]), "back": near([20, 10])}
    assert books.measures["investor.multiple"] == near(1)
    assert books.measures["tranche.gift.expected_loss"] == near(100)
    assert books.measures["tranche.back.expected_loss"] == near(10)


def test_agreed_drawdowns_then_order() -> None:
    """150 at signing: 100 agreed, 50 of `first`. 100 in year 1: its last 10, 30 of `second`, and 60 are missing."""
    tranches = {
        "agreed": {"commitment": 100, "drawdowns": [{"month": 0, "amount": 100}]},
        "second": {"commitment": 30, "drawdown_order": 2},
        "first": {"commitment": 60},
    }
    books = worked([150, 100], [0, 0], {"tranches": tranches, "gap_covered_by": "sponsor"})
    drawn = {name: books.flows[f"{name}>vehicle:drawdown"] for name in tranches}
    assert drawn == {"agreed": near([100, 0]), "second": near([0, 30]), "first": near([50, 10])}
    assert books.flows["sponsor>vehicle:gap"] == near([0, 60])
    assert books.measures["vehicle.first_gap_period"] == 1.0


def test_income_that_pays_no_costs() -> None:
    """Costs of 100 a year are drawn although there is income, which repays 80.

    In year 2 the last 50 are drawn; 30 of income and 20 of the provider cover the rest. 170 are owed at the end.
    """
    capital = {"tranches": {"loan": {"commitment": 250}}, "recycling": False}
    books = worked([100, 100, 100], [0, 80, 30, 500], capital)
    assert books.flows["loan>vehicle:drawdown"] == near([100, 100, 50, 0])
    assert books.flows["vehicle>loan:principal"] == near([0, 80, 0, 170])
    assert books.flows["provider>vehicle:gap"] == near([0, 0, 20, 0])
    assert books.flows["vehicle>loan:surplus"] == near([0, 0, 0, 330])


def test_service_stops_when_money_runs_out() -> None:
    """100 a year and 150 of capital: in year 2, with 10 of income, 40 are missing. The ten who started are still paid.

    Without a stop years 3 and 4 cost another 200.
    """
    outcomes = {"start": {"type": "achievement", "share": 1, "lag_months": 12}}
    contract = {"payers": {"council": {}}, "terms": {"main": {"rule": "price", "outcome": "start", "price": 1}}}
    capital = {"tranches": {"loan": {"commitment": 150}}, "service_stops": True}
    chapters: Data = {"people": 10, "outcomes": outcomes, "contract": contract}
    books = worked([0, 100, 100, 100, 100], [0] * 5, capital, **chapters)
    assert books.referred["all"] == near([0, 10, 10, 0, 0])
    assert books.flows["council>vehicle:main"] == near([0, 0, 10, 10, 0])
    assert books.flows["provider>vehicle:gap"] == near([0, 0, 40, 0, 0])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 0, 10, 0])
    on = worked([0, 100, 100, 100, 100], [0] * 5, {**capital, "service_stops": False}, **chapters)
    assert on.flows["provider>vehicle:gap"] == near([0, 0, 40, 90, 90])


# --- Early redemption and contingent payments ------------------------------------------------------------


@pytest.mark.parametrize("by", ["month", "termination", "when"])
def test_early_redemption_of_three_quarters(by: str) -> None:
    """In month 24: 250 of 1000 are written off, coupon 210 and 750 are due at once, and the tranche ends."""
    own: dict[str, Data] = {
        "month": {"month": 24},
        "termination": {},
        "when": {"when": {"outcome": "start", "at_least": 50, "from_month": 24}},
    }
    table = [{"from_month": 12, "share": 0.5}, {"from_month": 24, "share": 0.75}]
    loan = {"commitment": 1000, "coupon": 0.1, "instalments": [{"month": 36, "share": 1}], "rolled_up": True}
    loan["early_redemption"] = {**own[by], "table": table}
    data = bond([1000], [0, 0, 2000, 0], {"tranches": {"loan": loan}, "surplus": {"provider": 1}})
    if by == "termination":
        data["contract"]["termination"] = {"month": 24}
    read(data)
    books = twin(data)
    assert books.capital.written_off["loan"] == near([0, 0, 250, 0])
    assert books.flows["vehicle>loan:coupon"] == near([0, 0, 210, 0])
    assert books.flows["vehicle>loan:principal"] == near([0, 0, 750, 0])
    assert books.flows["vehicle>provider:surplus"] == near([0, 0, 1040, 0])


def test_contingent_payments_run_both_ways() -> None:
    """25 people: −50, so the council pays 50, which repays the loan; 100 people: the vehicle owes 100 after 70."""
    bonus = {"from": "vehicle", "to": "council", "outcome": "start", "points": [[0, -100], [100, 100]]}
    capital = {"tranches": {"loan": {"commitment": 120}}, "contingent": {"bonus": bonus}}
    books = worked([120], [0, 0, 150], capital, people=[25, 100])
    assert books.flows["council>vehicle:bonus"] == near([0, 50, 0])
    assert books.flows["vehicle>loan:principal"] == near([0, 50, 70])
    assert books.flows["vehicle>council:bonus"] == near([0, 0, 80])  # 20 of it are never paid
    assert books.measures["payers.payments"] == near(150)


def test_contingent_payments_settled_later_and_past_the_vehicle() -> None:
    """At the reading of year 1, in months 24 and 36: the sponsor gives the investor 40 each time."""
    bonus: Data = {"from": "sponsor", "to": "loan", "outcome": "start", "steps": [{"at_least": 10, "pays": 40}]}
    bonus["settled_in_months"] = [24, 36]
    capital = {"tranches": {"loan": {"commitment": 100}}, "contingent": {"bonus": bonus}}
    books = worked([100], [0, 0, 0, 60], capital, people=[20, 0, 0])
    assert books.flows["sponsor>loan:bonus"] == near([0, 0, 40, 40])
    assert books.capital.net["loan"] == near([-100, 0, 40, 100])
    assert books.capital.principal["loan"] == near([100, 100, 100, 40])


# --- The order of claims, and investors' own fees -----------------------------------------------------------


def test_a_written_waterfall() -> None:
    """Coupon 30 of `a` and the fee of 10 share 20 as 3 to 1; then comes all of `b`; then principal of `a`."""
    tranches = {
        "a": {"commitment": 300, "coupon": 0.1},
        "b": {"commitment": 100, "coupon": 0.05},
    }
    capital: Data = {
        "tranches": tranches,
        "guarantees": {"g": {"tranche": "a", "amount": 100, "fee": 0.1, "by": "sponsor"}},
        "waterfall": [["a.coupon", "g.fee"], "b", "a.fee", "a.principal"],
        "surplus": {"provider": 1},
    }
    first = worked([400], [0, 20], capital).flows
    assert [first["vehicle>a:coupon"][1], first["vehicle>sponsor:fee_g"][1]] == near([15, 5])
    second = worked([400], [0, 40 + 5 + 60], capital).flows
    assert [second["vehicle>b:coupon"][1], second["vehicle>b:principal"][1]] == near([5, 60])
    third = worked([400], [0, 40 + 105 + 200], capital).flows
    assert [third["vehicle>a:principal"][1], third["sponsor>a:guarantee_g"][1]] == near([200, 100])


def test_net_of_the_investors_own_fees() -> None:
    """−1000, 600, 600. Fees 1 % of 1000 and of principal (1000, 400): 20, 14. −1000, −420, 166: carried 20 % of 166."""
    fees = {"on_commitment": 0.01, "on_principal": 0.01, "carried_interest": 0.2}
    capital = {"tranches": {"loan": {"commitment": 1000, "investor_fees": fees}}}
    books = worked([1000], [0, 600, 600], capital, discounting={"investor": 0.05})
    assert books.flows["loan>fund_manager:fund_fee"] == near([0, 20, 14])
    assert books.flows["loan>fund_manager:carried_interest"] == near([0, 0, 33.2])
    assert books.measures["investor.multiple"] == near(1.2)
    assert books.measures["investor.net_multiple"] == near((580 + 552.8) / 1000)
    rate = books.measures["investor.net_irr"] or 0.0
    assert -1000 + 580 / (1 + rate) + 552.8 / (1 + rate) ** 2 == near(0)
    assert books.measures["investor.mirr"] == near(((600 * 1.05 + 600) / 1000) ** 0.5 - 1)
