"""The same programme paid for in different ways: by hand, against each other, and what always holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sibmodel
from sibmodel.core.ledger import Flow
from sibmodel.core.trials import Trials
from sibmodel.errors import ReconciliationError
from sibmodel.funding.loan import loan as loan_flows
from sibmodel.funding.paid import ledger_of
from sibmodel.funding.terms import DEFAULT_LUCK
from sibmodel.questions.route_flows import Plan, World, worlds
from sibmodel.questions.routes import routes
from sibmodel.questions.routes_answer import Routes
from sibmodel.running.execution import Run, base_case
from tests.strategies import read

RATE = 1.035
ROOT = Path(__file__).parents[2]


def bond(routes_: dict[str, Any] | None = None, periods: int = 8, **costs: Any) -> dict[str, Any]:
    """Six years of £500,000; the council pays exactly that for 1,000 people who all achieve something at once."""
    return {
        "title": "By hand",
        "timeline": {"signing": _day(), "period": "year", "periods": periods},
        "discounting": {"public": 0.035},
        "simulation": {"trials": 100, "seed": 1},
        "programme": {
            "service": {"from_month": 0, "to_month": 72},
            "groups": {"all": {"referrals": 1000, "engaged": 1}},
            "costs": costs or {"fixed_per_year": 500_000},
        },
        "outcomes": {"done": {"type": "achievement", "share": 1, "luck": {"counts": "expected"}}},
        "contract": {
            "payers": {"council": {}},
            "terms": {"done": {"rule": "price", "outcome": "done", "price": 500}},
        },
        "savings": {
            "agencies": {"council_care": {"payer": "council"}},
            "items": {
                "care": {
                    "outcome": "done", "agency": "council_care", "kind": "fiscal", "value": 100, "cashable": 0.5,
                },
            },
        },
        "capital": {"tranches": {"fund": {"commitment": 600_000}}},
        "routes": routes_ or {},
    }  # fmt: skip


def _day() -> Any:
    import datetime as dt

    return dt.date(2024, 3, 31)


def world(data: dict[str, Any], count: int | None = None) -> World:
    """The base case's flows, or those of some trials."""
    scenario = read(data)
    plan = Plan.of(base_case(scenario))
    if count is None:
        return worlds(plan, base_case(scenario).trials)[0]
    return worlds(plan, next(Run(scenario, count, 1).parts(0)))[0]


def present(*by_year: float) -> float:
    """Present value of pounds of years 0, 1, 2 …"""
    return float(sum(pounds / RATE**year for year, pounds in enumerate(by_year)))


DIRECT = present(0, *[500_000] * 6)


def test_direct_payment_is_the_costs_as_they_fall() -> None:
    found = routes(read(bond()))
    assert found["direct"].public.cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found.by_year().loc[("direct", "commissioners", "2024/25"), "mean"] == pytest.approx(500_000)


def test_a_bond_without_fee_return_or_failure_costs_what_direct_payment_does_to_the_penny() -> None:
    found = routes(read(bond()))
    gap = found["sib"].above_direct
    assert gap is not None
    assert gap.mean == pytest.approx(0.0, abs=0.01)
    assert found["sib"].public.cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found.premium.break_even is None
    assert found["sib"].if_nothing.mean == 0.0
    assert found["direct"].if_nothing.mean == pytest.approx(DIRECT, abs=0.01)


def test_savings_are_taken_off_by_hand() -> None:
    """1,000 people a year save £100 each, half of it cash, in the period in which they achieve it."""
    found = routes(read(bond()))
    assert found["direct"].less_cashable.mean == pytest.approx(DIRECT - DIRECT / 10, abs=0.01)


def test_premium_and_the_chance_of_failure_at_which_the_payer_is_indifferent() -> None:
    """At £600 a person the bond costs a fifth more; a chance of 1/6 of no payment at all makes it even."""
    data = bond()
    data["contract"]["terms"]["done"]["price"] = 600
    found = routes(read(data))
    assert found.premium.premium.mean == pytest.approx(DIRECT / 5, abs=0.01)
    assert found.premium.break_even is not None
    assert found.premium.break_even.mean == pytest.approx(1 / 6, abs=1e-9)


# ------------------------------------------------------------------------------------------------------- loans


def test_a_loan_at_nothing_without_default_costs_the_borrower_what_direct_payment_does() -> None:
    found = routes(read(bond({"loan": {"term_months": 24}})))
    years = found.by_year()["mean"].unstack("route")
    assert years["loan"].loc["commissioners"].sum() == pytest.approx(3_000_000, abs=0.01)
    assert years["loan"].loc["loan_fund"].sum() == pytest.approx(0, abs=0.01)
    # later, so cheaper for the borrower, at the expense of the fund
    assert found["loan"].by_role["commissioners"].cost.mean == pytest.approx(
        present(0, 0, 250_000, *[500_000] * 5, 250_000), abs=0.01
    )
    assert found["loan"].public.cost.mean == pytest.approx(DIRECT, abs=0.01)


def test_a_loan_repaid_in_the_same_period_is_direct_payment() -> None:
    found = routes(read(bond({"loan": {"term_months": 0, "rate": 0.05}})))
    assert found["loan"].by_role["commissioners"].cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert "loan_fund" not in found["loan"].by_role


def test_a_fund_of_a_million_lends_three_by_hand() -> None:
    """£500,000 a year for six years, each repaid in the two years after it."""
    lending = world(bond({"loan": {"fund": 1_000_000, "term_months": 24}})).paid("loan").lending
    assert lending is not None
    thousands = lending.balance[:, 0] / 1000
    np.testing.assert_allclose(thousands, [1000, 500, 250, 250, 250, 250, 250, 750, 1000])
    found = routes(read(bond({"loan": {"fund": 1_000_000, "term_months": 24}})))
    assert found["loan"].loan is not None
    assert found["loan"].loan.recycled.mean == pytest.approx(3.0)
    assert found["loan"].covered.mean == 1.0


def test_a_fund_of_a_million_with_loans_of_five_years_by_hand() -> None:
    """It is lent out after two years, and lends again when the first loan comes back; commissioners pay meanwhile."""
    data = bond({"loan": {"fund": 1_000_000, "term_months": 60, "grace_months": 60}})
    here = world(data)
    paid = here.paid("loan")
    assert paid.lending is not None
    np.testing.assert_allclose(paid.lending.lent[:, 0] / 1000, [0, 500, 500, 0, 0, 0, 500, 0, 0])
    np.testing.assert_allclose(paid.lending.balance[:, 0] / 1000, [1000, 500, 0, 0, 0, 0, 0, 500, 1000])
    found = routes(read(data))
    assert found["loan"].loan is not None
    assert found["loan"].loan.recycled.mean == pytest.approx(1.5)
    assert found["loan"].covered.mean == 0.0
    assert found["loan"].own_share.mean == pytest.approx(0.5)
    assert found["loan"].by_role["commissioners"].cost.mean == pytest.approx(
        present(0, 0, 0, 500_000, 500_000, 500_000, 500_000, 500_000, 500_000), abs=0.01
    )


def test_a_fund_without_a_size_has_put_in_the_most_that_it_has_out() -> None:
    lending = world(bond({"loan": {"term_months": 24}})).paid("loan").lending
    assert lending is not None
    assert lending.put_in[0, 0] == pytest.approx(750_000)
    assert lending.balance[:, 0].min() == pytest.approx(0)


def test_interest_is_annual_and_falls_with_what_is_owed() -> None:
    data = bond({"loan": {"rate": 0.04, "term_months": 36, "grace_months": 12}}, set_up=1000)
    lending = world(data).paid("loan").lending
    assert lending is not None
    np.testing.assert_allclose(lending.interest[:5, 0], [0, 40, 40, 20, 0], atol=1e-9)
    np.testing.assert_allclose(lending.principal[:5, 0], [0, 0, 500, 500, 0], atol=1e-9)


def test_instalments_beyond_the_end_are_due_at_the_end() -> None:
    lending = world(bond({"loan": {"term_months": 96}}, set_up=800)).paid("loan").lending
    assert lending is not None
    np.testing.assert_allclose(lending.principal[:, 0], [0, *[100] * 8])
    later = world(bond({"loan": {"term_months": 60}})).paid("loan").lending
    assert later is not None
    assert later.principal[:, 0].sum() == pytest.approx(3_000_000)
    assert later.principal[8, 0] == pytest.approx(100_000 * (4 + 3 + 3))


DEFAULTS = {"loan": {"term_months": 12, "default_per_year": 0.1, "recovered": 0.5}}


def test_default_in_the_base_case_is_its_expectation() -> None:
    """£1,000 due after a year in which one borrower in ten fails, half of whose debt is recovered."""
    lending = world(bond(DEFAULTS, set_up=1000)).paid("loan").lending
    assert lending is not None
    sums = [float(x.sum()) for x in (lending.principal, lending.recovered, lending.written_off)]
    assert sums == pytest.approx([900, 50, 50])


def test_default_is_drawn_in_a_simulation_with_luck_of_its_own() -> None:
    scenario = read(bond(DEFAULTS, set_up=1000))
    trials = next(Run(scenario, 4096, 1).parts(0))
    assert DEFAULT_LUCK in trials.uniforms
    lending = worlds(Plan.of(base_case(scenario)), trials)[0].paid("loan").lending
    assert lending is not None
    lost = lending.written_off.sum(axis=0)
    assert set(np.round(lost)) == {0.0, 500.0}
    assert lost.mean() == pytest.approx(50, abs=4 * lost.std() / 64)
    # a certain borrower draws nothing
    assert DEFAULT_LUCK not in next(Run(read(bond({"loan": {"term_months": 12}})), 10, 1).parts(0)).uniforms


def test_after_a_default_nothing_more_is_lent_and_commissioners_pay() -> None:
    scenario = read(bond({"loan": {"term_months": 12, "default_per_year": 0.5}}))
    trials = next(Run(scenario, 200, 1).parts(0))
    always = Trials(1, trials.periods, uniforms={DEFAULT_LUCK: np.array([[0.9]] * 3 + [[0.1]] * 6)})
    paid = worlds(Plan.of(base_case(scenario)), always)[0].paid("loan")
    assert paid.lending is not None
    np.testing.assert_allclose(paid.lending.lent[:, 0] / 1000, [0, 500, 500, 0, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(paid.lending.written_off[:, 0] / 1000, [0, 0, 0, 500, 0, 0, 0, 0, 0])
    shortfall = sum(flow.amount[:, 0] for flow in paid.flows if flow.what == "shortfall")
    np.testing.assert_allclose(np.asarray(shortfall) / 1000, [0, 0, 0, 500, 500, 500, 500, 0, 0])


def test_a_vehicle_repays_only_out_of_cashable_savings() -> None:
    """£50,000 of each year's £500,000 is saved in cash; the fund never sees the rest."""
    found = routes(read(bond({"loan": {"term_months": 12, "borrower": "vehicle"}})))
    assert found["loan"].loan is not None
    assert found["loan"].loan.lost.mean == pytest.approx(3_000_000 - 300_000, abs=0.01)
    assert found["loan"].by_role["commissioners"].cost.mean == pytest.approx(
        present(0, 0, 100_000, *[50_000] * 4), abs=0.01
    )
    assert found["loan"].if_nothing.mean == pytest.approx(DIRECT, abs=0.01)


def test_savings_below_zero_use_up_later_ones() -> None:
    """£20,000 a year is lost, then £50,000 a year saved: the vehicle has nothing to repay with until year 3."""
    here = world(bond({"loan": {"term_months": 12, "borrower": "vehicle"}}))
    worse = here.bill.cashable.copy()
    worse[1:3] = -20_000
    terms = here.plan.scenario.routes.loan
    assert terms is not None
    paid = loan_flows(terms, replace(here.bill, cashable=worse))
    ledger_of(paid, here.bill.shape)
    assert paid.lending is not None
    np.testing.assert_allclose(paid.lending.principal[:, 0] / 1000, [0, 0, 0, 10, 50, 50, 50, 0, 0], atol=1e-9)


def test_a_vehicle_has_less_to_repay_with_where_the_service_is_cut() -> None:
    """A fund of £300,000 pays three fifths of year 1, whose savings are three fifths of £50,000; nothing is left then.

    In year 2 the £30,000 that are repaid are lent again: 330 of 1,000 so far, so £16,500 is saved, and so on.
    """
    terms = {"fund": 300_000, "term_months": 0, "borrower": "vehicle", "shortfall": "service_is_cut"}
    lending = world(bond({"loan": terms})).paid("loan").lending
    assert lending is not None
    np.testing.assert_allclose(lending.lent[:3, 0], [0, 300_000, 30_000])
    np.testing.assert_allclose(lending.principal[:3, 0], [0, 30_000, 16_500])


def test_the_fund_bears_what_it_lends_too_cheaply_and_what_is_lost() -> None:
    """£1,000 at signing, due a year later: without interest that is worth 1,000 − 1,000/1.035 = £33.82 less.

    With a default of one in ten, half recovered: £900 + £50 come back, £50 are lost, all after a year. Lost: 50/1.035 =
    £48.31. The rest is cheapness: 1,000 − 950/1.035 − 50/1.035 = £33.82 again. At 3.5 % and no default it is nothing,
    and the fund is told all the same, as it pays at one time and receives at another. At 10 % it gains 65/1.035.
    """
    cheap = 1000 - 1000 / RATE
    for terms, lost, subsidy in (
        ({"term_months": 12}, 0.0, cheap),
        (DEFAULTS["loan"], 50 / RATE, cheap),
        ({"term_months": 12, "rate": 0.035}, 0.0, 0.0),
        ({"term_months": 12, "rate": 0.1}, 0.0, -65 / RATE),
    ):
        found = routes(read(bond({"loan": terms}, set_up=1000)), trials=20_000 if "default_per_year" in terms else 2)
        bears, loan = found["loan"].by_role["loan_fund"].cost, found["loan"].loan
        assert loan is not None
        assert (loan.lost_worth.base, loan.subsidy.base) == pytest.approx((lost, subsidy), abs=1e-6)
        assert loan.subsidy.mean == pytest.approx(subsidy, abs=1e-6)
        assert loan.lost_worth.mean == pytest.approx(lost, abs=4 * (loan.lost_worth.se or 0) + 1e-6)
        assert bears.mean == pytest.approx((loan.lost_worth.mean or 0) + (loan.subsidy.mean or 0), abs=1e-6)
    words = " ".join(str(found).split())
    assert "In present value lending above the public rate earns the fund £63, which its borrower pays." in words
    words = " ".join(str(routes(read(bond({"loan": {"term_months": 12}}, set_up=1000)), trials=2)).split())
    assert "In present value lending below the public rate costs the fund £34, which its borrower gains." in words


def test_a_debt_of_less_than_half_a_penny_is_none_to_default_on() -> None:
    """What thirds leave of a loan by rounding is no debt: a borrower who would surely default on a pound repays."""
    terms = {"term_months": 36, "default_per_year": 1.0, "recovered": 1.0}
    here = world(bond({"loan": terms}, set_up=0.004))
    lending = here.paid("loan").lending
    assert lending is not None
    assert lending.written_off.sum() == pytest.approx(0.0, abs=1e-15)
    np.testing.assert_allclose(lending.principal[1:4, 0], [0.004 / 3] * 3)


def test_a_provider_or_one_payer_may_borrow() -> None:
    found = routes(read(bond({"loan": {"term_months": 0, "borrower": "provider"}})))
    assert found["loan"].by_role["provider"].cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found["loan"].public.cost.mean == pytest.approx(0, abs=0.01)
    words = " ".join(str(found).split())
    assert (
        "less than direct payment, because the provider bears £2.66m; public and others together pay as much" in words
    )
    assert "The loan is repaid by the provider, whose money does not count as public" in words
    assert "A public loan moves money" not in words
    found = routes(read(bond({"loan": {"term_months": 0, "borrower": "council"}})))
    assert "A public loan moves money" in " ".join(str(found).split())
    assert found["loan"].by_payer["council"].cost.mean == pytest.approx(DIRECT, abs=0.01)


# ------------------------------------------------------------------------------------------------------ grants


def test_a_grant_that_is_fully_raised_costs_the_public_nothing() -> None:
    found = routes(read(bond({"grant": {}})))
    assert found["grant"].public.cost.mean == pytest.approx(0, abs=0.01)
    assert found["grant"].by_role["philanthropy"].cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found["grant"].covered.mean == 1.0


def test_a_grant_half_raised_by_hand() -> None:
    """£1m of £2m hoped for pays two years; the council pays the four after them."""
    found = routes(read(bond({"grant": {"hoped": 2_000_000, "raised": 0.5}})))
    assert found["grant"].public.cost.mean == pytest.approx(present(0, 0, 0, *[500_000] * 4), abs=0.01)
    assert found["grant"].by_role["philanthropy"].cost.mean == pytest.approx(present(0, 500_000, 500_000), abs=0.01)
    assert found["grant"].covered.mean == 0.0
    assert found["grant"].own_share.mean == pytest.approx(1 / 3)
    assert found["grant"].unpaid.mean == 0.0
    assert found["grant"].whole.mean == 1.0
    words = " ".join(str(found).split())
    # 1,000 of 3,000 thousand, in the first two years of service: 500/1.035 + 500/1.035² = £950k
    assert "because donors pay £950k; public and others together pay as much as directly." in words
    assert "in the part that they pay for, commissioners in the rest" in words


def test_a_service_that_is_cut_to_the_grant_costs_the_public_nothing_and_saves_less() -> None:
    found = routes(read(bond({"grant": {"hoped": 2_000_000, "raised": 0.5, "shortfall": "service_is_cut"}})))
    assert found["grant"].public.cost.mean == pytest.approx(0, abs=0.01)
    assert found["grant"].unpaid.mean == pytest.approx(2 / 3)
    assert found["grant"].own_share.mean == pytest.approx(1 / 3)
    assert found["grant"].whole.mean == 0.0
    # donors pay the first two of six years of £500,000, whose present value is £2.66m; the last four are not there
    assert found["grant"].by_role["philanthropy"].cost.mean == pytest.approx(present(0, 500_000, 500_000), abs=0.01)
    assert found["grant"].undone.mean == pytest.approx(present(0, 0, 0, *[500_000] * 4), abs=0.01)
    assert found["direct"].undone.mean == 0.0
    words = " ".join(str(found).split())
    assert (
        "Grant costs the public £2.66m less than direct payment, because donors pay £950k and £1.71m of the service is "
        "not delivered; public and others together pay £1.71m less than directly, but nobody pays 66.7% of the costs"
    ) in words
    assert found["grant"].less_cashable.mean == pytest.approx(-DIRECT / 10 / 3, abs=0.01)


def test_instalments_wait_until_they_are_needed_and_what_is_left_goes_back() -> None:
    instalments = [{"month": 0, "share": 0.5}, {"month": 36, "share": 0.5}]
    paid = world(bond({"grant": {"hoped": 2_000_000, "instalments": instalments}})).paid("grant")
    by = {flow.what: flow.amount[:, 0] / 1000 for flow in paid.flows}
    np.testing.assert_allclose(by["grant"], [1000, 0, 0, 1000, 0, 0, 0, 0, 0])
    np.testing.assert_allclose(by["shortfall"], [0, 0, 0, 0, 0, 500, 500, 0, 0])
    paid = world(bond({"grant": {"hoped": 4_000_000, "instalments": [{"month": 0, "share": 1}]}})).paid("grant")
    back = next(flow for flow in paid.flows if flow.what == "unspent")
    np.testing.assert_allclose(back.amount[:, 0] / 1000, [0] * 8 + [1000])


# ---------------------------------------------------------------------------------------- mixes, costs, parties

ALL: dict[str, Any] = {
    "grant": {"hoped": 1_500_000, "raised": {"pert": [0.2, 0.6, 1.0]}},
    "loan": {"fund": 800_000, "rate": 0.04, "term_months": 36, "default_per_year": 0.05, "recovered": 0.4},
    "transaction_costs": {"sib": {"at_signing": 9_000, "per_year": 1_000}, "grant": {"at_signing": 5_000}},
}


def uncertain(routes_: dict[str, Any]) -> dict[str, Any]:
    data = bond(routes_)
    data["programme"]["costs"]["fixed_per_year"] = {"normal": [500_000, 20_000]}
    data["outcomes"]["done"]["share"] = {"uniform": [0.6, 1]}
    return data


@pytest.mark.parametrize("route", ["direct", "grant", "loan", "sib"])
def test_a_mix_of_one_route_is_that_route(route: str) -> None:
    found = routes(read(uncertain(ALL | {"mixes": {"alone": {"shares": {route: 1}}}})), trials=200)
    one, same = found[route], found["alone"]
    apart: dict[str, Any] = {"name": "", "title": "", "parts": {}, "above_direct": None, "all_above_direct": None}
    assert replace(one, **apart) == replace(same, **apart)


def test_shares_of_a_mix_add_up() -> None:
    mixes = {"mixes": {"half": {"shares": {"direct": 0.25, "sib": 0.75}}}}
    found = routes(read(uncertain({"mixes": mixes["mixes"]})), trials=200)
    means = [found[name].public.cost.mean or 0.0 for name in ("direct", "sib", "half")]
    assert means[2] == pytest.approx(0.25 * means[0] + 0.75 * means[1])
    assert found["half"].less_cashable.mean == pytest.approx(
        0.25 * (found["direct"].less_cashable.mean or 0.0) + 0.75 * (found["sib"].less_cashable.mean or 0.0)
    )


def test_a_grant_has_all_its_money_for_its_part_of_a_mix() -> None:
    found = routes(
        read(bond({"grant": {"hoped": 750_000}, "mixes": {"m": {"shares": {"grant": 0.25, "direct": 0.75}}}}))
    )
    assert found["m"].public.cost.mean == pytest.approx(0.75 * DIRECT, abs=0.01)


def test_a_loan_fund_has_all_its_money_for_its_part_of_a_mix_and_costs_of_its_own_in_full() -> None:
    """A quarter of £500,000 a year, repaid a year later, out of £250,000: six times £125,000 is three times that."""
    terms = {"loan": {"fund": 250_000, "term_months": 12}, "transaction_costs": {"loan": {"at_signing": 8_000}}}
    found = routes(read(bond(terms | {"mixes": {"m": {"shares": {"loan": 0.25, "direct": 0.75}}}})))["m"]
    assert found.loan is not None
    assert found.loan.recycled.mean == pytest.approx(3.0)
    assert found.covered.mean == 1.0
    assert found.transaction.mean == pytest.approx(8_000)
    assert found.public.cost.mean == pytest.approx(DIRECT + 8_000, abs=0.01)


def test_transaction_costs_by_hand() -> None:
    found = routes(read(bond(ALL)))
    assert found["sib"].transaction.mean == pytest.approx(present(9_000, *[1_000] * 6), abs=0.01)
    assert found["grant"].transaction.mean == pytest.approx(5_000)
    assert found["direct"].transaction.mean == 0.0
    gap = found["sib"].above_direct
    assert gap is not None
    assert gap.mean == pytest.approx(present(9_000, *[1_000] * 6), abs=0.01)
    # all together pay more only what the way itself costs
    for name, extra in (("grant", 5_000.0), ("loan", 0.0), ("sib", gap.mean)):
        every = found[name].all_above_direct
        assert every is not None
        assert every.mean == pytest.approx(extra, abs=0.01)


def test_costs_that_only_the_bond_has_are_left_out_with_their_tax() -> None:
    data = bond({"without": ["management", "legal"]}, fixed_per_year=500_000)
    data["programme"]["costs"] |= {
        "management_per_year": 10_000,
        "evaluation_per_year": 30_000,
        "further": {"legal": {"amount": 7_000, "borne_by": "council"}},
        "vat": {"rate": 0.2, "lines": ["management", "evaluation"]},
    }
    found = routes(read(data))
    assert found["direct"].public.cost.mean == pytest.approx(DIRECT * 536 / 500, abs=0.01)
    data["routes"] = {}
    whole = routes(read(data))
    assert whole["direct"].public.cost.mean == pytest.approx(DIRECT * 548 / 500 + 7_000, abs=0.01)


def test_who_is_public_can_be_said() -> None:
    data = bond()
    data["contract"]["payers"] = {"council": {}, "lottery": {"kind": "outcomes_fund"}}
    data["contract"]["split"] = {"council": 0.8, "lottery": 0.2}
    found = routes(read(data))
    assert found["sib"].public.cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found["direct"].by_payer["council"].cost.mean == pytest.approx(DIRECT, abs=0.01)
    data["routes"] = {"not_public": ["lottery"]}
    assert routes(read(data))["sib"].public.cost.mean == pytest.approx(0.8 * DIRECT, abs=0.01)
    data["routes"] = {"also_public": ["fund"], "commissioners": {"council": 0.3, "lottery": 0.7}}
    found = routes(read(data))
    assert found["direct"].by_payer["lottery"].cost.mean == pytest.approx(0.7 * DIRECT, abs=0.01)


def dearer() -> dict[str, Any]:
    """£600 a person instead of £500, so that the bond costs a fifth more; two tranches, of which one is the city's.

    They pay the £400,000 that are due at signing.
    """
    data = bond()
    data["programme"]["costs"]["set_up"] = 400_000
    data["contract"]["terms"]["done"]["price"] = 600
    data["capital"]["tranches"] = {
        "city": {"title": "First loss", "investor": "City Hall", "rank": 2, "commitment": 200_000},
        "fund": {"rank": 1, "commitment": 400_000, "coupon": 0.05},
    }
    return data


def test_public_money_in_the_bond_has_a_column_and_a_bridge_of_its_own() -> None:
    """What the city has back beyond what it put in is the difference between payers' and the public's figure."""
    data = dearer()
    plain = routes(read(data))
    assert "public_investors" not in plain["sib"].by_role
    assert plain.premium.beyond_public.mean == pytest.approx(0, abs=0.01)
    assert "than it costs the public purse" not in " ".join(str(plain).split())
    both = plain["sib"].by_role["investors"].cost.mean or 0.0
    data["routes"] = {"also_public": ["city"]}
    found = routes(read(data))
    city, fund = (found["sib"].by_role[role].cost.mean or 0.0 for role in ("public_investors", "investors"))
    assert city + fund == pytest.approx(both, abs=0.01)
    assert city < -1000 < 0 < abs(fund)
    assert found["sib"].public.cost.mean == pytest.approx(DIRECT * 1.2 + city, abs=0.01)
    assert found.premium.beyond_public.mean == pytest.approx(-city, abs=0.01)
    words = " ".join(str(found).split())
    assert "Public investors: city (City Hall, First loss), whose money in the bond is public" in words
    assert "With the bond all payers pay £3.20m, which is" in words
    assert "more than it costs the public purse" in words
    assert "as the public's figure counts also what city pays and receives." in words
    assert found.public_investors == ("city",)


def test_payers_whose_money_is_not_public_are_in_the_bridge() -> None:
    data = bond({"not_public": ["lottery"]})
    data["contract"]["payers"] = {"council": {}, "lottery": {"kind": "outcomes_fund"}}
    data["contract"]["split"] = {"council": 0.8, "lottery": 0.2}
    found = routes(read(data))
    assert found.premium.beyond_public.mean == pytest.approx(0.2 * DIRECT, abs=0.01)
    assert "as the public's figure leaves out lottery." in " ".join(str(found).split())
    # with the bond the lottery pays a fifth, which the council pays otherwise
    words = " ".join(str(found).split())
    assert "because payers whose money is not public bear £533k; public and others together pay as much" in words
    data["routes"] |= {"commissioners": {"council": 0.5, "lottery": 0.5}, "grant": {"hoped": 1_000_000}}
    half = routes(read(data))
    gap, every = half["grant"].above_direct, half["grant"].all_above_direct
    assert gap is not None
    assert every is not None
    assert (gap.mean, every.mean) == pytest.approx((-present(0, 250_000, 250_000), 0.0), abs=0.01)
    assert half["grant"].others["other_payers"].mean == pytest.approx(-present(0, 250_000, 250_000), abs=0.01)


def test_what_the_public_pays_is_what_public_roles_pay() -> None:
    """The tax office too, where it is public: its tax is no cost to the public, and has a column."""
    data = dearer()
    data["programme"]["costs"]["vat"] = {"rate": 0.2, "lines": ["fixed"]}
    data["programme"]["costs"]["management_per_year"] = 10_000
    data["programme"]["costs"]["vat"]["lines"] = ["management"]
    data["routes"] = {"also_public": ["city", "tax_office"], "loan": {"term_months": 24}}
    found = routes(read(data))
    for name in ("direct", "loan", "sib"):
        mine = {role: one.cost.mean or 0.0 for role, one in found[name].by_role.items()}
        assert mine["tax_office"] == pytest.approx(-DIRECT * 2 / 500, abs=0.01)
        public = sum(mine.get(role, 0.0) for role in ("commissioners", "loan_fund", "public_investors", "tax_office"))
        assert found[name].public.cost.mean == pytest.approx(public, abs=0.01)


def test_where_the_bond_runs_out_of_money_its_service_stops_and_the_others_go_on() -> None:
    data = bond()
    data["outcomes"]["done"]["share"] = 0.5
    data["capital"] |= {"service_stops": True}
    found = routes(read(data))
    assert found["direct"].public.cost.mean == pytest.approx(DIRECT, abs=0.01)
    assert found["sib"].covered.mean == 0.0
    assert found["sib"].unpaid.mean == pytest.approx(
        0.5
    )  # £600,000 of capital fills £250,000 a year: year 3 is the last
    assert found["direct"].unpaid.mean == 0.0
    # its own money: 600 of capital and 250 in each of three years, of 3,000; the sponsor fills the other 150 of year 3
    assert found["sib"].own_share.mean == pytest.approx(1350 / 3000)
    assert (found["sib"].whole.mean, found["direct"].whole.mean) == (0.0, 1.0)
    # the last three of six years
    assert found["sib"].undone.mean == pytest.approx(present(0, 0, 0, 0, *[500_000] * 3), abs=0.01)
    words = " ".join(str(found).split())
    assert "and £1.26m of the service is not delivered;" in words
    assert "but nobody pays 50.0% of the costs, as service is cut or stops, and as much is not done" in words


# ------------------------------------------------------------------------------------------------ simulation


def test_differences_are_paired() -> None:
    """A loan among public parties costs the public the same in every trial, however much costs vary."""
    found = routes(read(uncertain({"loan": ALL["loan"], "grant": ALL["grant"]})), trials=2_000)
    gap = found["loan"].above_direct
    assert gap is not None
    assert (gap.se or 0.0) < 1e-6
    assert (found["loan"].public.cost.se or 0.0) > 100
    above = found["grant"].above_direct
    assert above is not None
    assert above.mean == pytest.approx((found["grant"].public.cost.mean or 0) - (found["direct"].public.cost.mean or 0))


def test_the_chapter_changes_nothing_that_the_bond_itself_comes_to() -> None:
    plain, with_routes = (sibmodel.simulate(read(uncertain(extra)), trials=300) for extra in ({}, ALL))
    assert plain.trials_frame().equals(with_routes.trials_frame())
    one, other = (sibmodel.risk(read(uncertain(extra)), trials=300).as_dict()["matrix"] for extra in ({}, ALL))
    assert one == other


def test_nothing_depends_on_the_number_of_workers() -> None:
    scenario = read(uncertain(ALL | {"mixes": {"m": {"shares": {"grant": 0.5, "sib": 0.5}}}}))
    one, two = (routes(scenario, trials=9_000, workers=workers).as_dict() for workers in (1, 2))
    assert one == two


def test_every_summary_has_an_error_and_frames_have_every_route() -> None:
    found = routes(read(uncertain(ALL)), trials=200)
    assert isinstance(found, Routes)
    assert list(found.to_frame().index) == ["direct", "grant", "loan", "sib"]
    assert float(found.to_frame()["se"].to_dict()["grant"]) > 0
    frame = found.by_year()
    assert set(frame.columns) == {"base", "mean", "se"}
    assert max(year.se or 0.0 for (role, _), year in found["grant"].years.items() if role == "philanthropy") > 0
    assert "What it costs the public purse".upper() in str(found).upper()
    assert "<table" in found._repr_html_()


def test_books_that_do_not_balance_are_refused() -> None:
    here = world(bond(ALL))
    paid = here.paid("loan")
    ledger_of(paid, here.bill.shape)
    with pytest.raises(ReconciliationError, match="programme's account"):
        ledger_of(paid.and_more([Flow("council", "programme account", "extra", np.ones((9, 1)))]), here.bill.shape)
    with pytest.raises(ReconciliationError, match="the loan fund"):
        ledger_of(paid.and_more([Flow("council", "loan fund", "extra", np.ones((9, 1)))]), here.bill.shape)
    with pytest.raises(ReconciliationError, match="a flow below zero"):
        ledger_of(paid.and_more([Flow("council", "suppliers", "extra", -np.ones((9, 1)))]), here.bill.shape)


months = st.sampled_from([0, 12, 24, 36])
handled = st.sampled_from(["commissioners", "service_is_cut"])
grants = st.fixed_dictionaries(
    {"raised": st.floats(0, 2), "shortfall": handled},
    optional={
        "hoped": st.floats(0, 5e6),
        "instalments": st.just([{"month": 12, "share": 0.25}, {"month": 48, "share": 0.75}]),
    },
)
loans = st.builds(
    lambda grace, more, rest: rest | {"grace_months": grace, "term_months": grace + more},
    months,
    months,
    st.fixed_dictionaries(
        {
            "rate": st.floats(0, 0.3),
            "borrower": st.sampled_from(["commissioners", "council", "provider", "vehicle"]),
            "default_per_year": st.floats(0, 1),
            "recovered": st.floats(0, 1),
            "shortfall": handled,
        },
        optional={"fund": st.floats(0, 2e6)},
    ),
)


@settings(max_examples=60, deadline=None)
@given(grants, loans, st.floats(0, 1))
def test_what_always_holds(grant: dict[str, Any], loan: dict[str, Any], share: float) -> None:
    """Books balance; what is paid and what nobody pays are the costs; a fund never lends what it does not have.

    Nothing that all public parties do among themselves changes what they pay together.
    """
    mix = {"m": {"shares": {"grant": share, "loan": 1 - share}}}
    here = world(uncertain({"grant": grant, "loan": loan, "mixes": mix}), 20)
    for name in ("direct", "grant", "loan", "m"):
        paid = here.paid(name)
        ledger = ledger_of(paid, here.bill.shape)
        assert np.allclose(ledger.between("programme account", "provider"), paid.spent, atol=0.01)
        assert np.all(paid.spent >= -0.01)
        assert np.all(paid.spent <= here.bill.cost + 0.01)
    lending = here.paid("loan").lending
    assert lending is not None
    assert np.all(lending.balance >= -0.01)
    both = here.paid("loan")
    if loan["borrower"] != "provider" and loan["shortfall"] == "commissioners":
        ledger = ledger_of(both, here.bill.shape)
        assert np.allclose(-ledger.net("council", "loan fund"), here.bill.cost, atol=0.01)


def test_worked_case_of_the_page() -> None:
    """scenarios/worked/w1_routes.yaml, whose arithmetic is at its head and in docs/questions/routes.md."""
    scenario = sibmodel.load(ROOT / "scenarios/worked/w1_routes.yaml")
    found = routes(scenario)
    costs = {name: route.public.cost.mean for name, route in found.routes.items()}
    assert costs["direct"] == pytest.approx(2_407_526.19, abs=0.01)
    assert costs["grant"] == pytest.approx(1_822_743.58, abs=0.01)
    assert costs["loan"] == pytest.approx(costs["direct"], abs=0.01)
    assert costs["sib"] == pytest.approx(2_365_795.14, abs=0.01)
    lending = worlds(Plan.of(base_case(scenario)), base_case(scenario).trials)[0].paid("loan").lending
    assert lending is not None
    np.testing.assert_allclose(lending.lent[:, 0] / 1000, [150, 500, 425, 325, 462.5, 375, 0, 0])
    np.testing.assert_allclose(lending.principal[:, 0] / 1000, [0, 0, 75, 325, 462.5, 375, 393.75, 606.25])
    np.testing.assert_allclose(lending.balance[:, 0] / 1000, [850, 350, 0, 0, 0, 0, 393.75, 1000], atol=1e-9)
    assert found["loan"].loan is not None
    assert found["loan"].loan.recycled.mean == pytest.approx(2.2375)
    words = " ".join(str(found).split())
    assert "because investors, who earn less than the public rate, bear £41.7k; public and others together pay" in words
    assert "because donors pay £549k and investors, who earn less than the public rate, bear £31.3k;" in words
    # costs of 662,500, of which the grant pays 600,000, and three quarters of the bond
    assert found["quarter"].own_share.mean == pytest.approx((600_000 + 0.75 * 2_650_000) / 2_650_000)
    # 75 and 75 in years 1 and 2 … of the fund: 150 + 500/1.035 + 350/1.035² − 393.75/1.035⁶ − 606.25/1.035⁷
    fund = present(150_000, 500_000, 350_000, 0, 0, 0, -393_750, -606_250)
    assert fund == pytest.approx(162_997.63, abs=0.01)
    assert found["loan"].loan.subsidy.mean == pytest.approx(fund, abs=0.01)
    assert found["loan"].by_role["commissioners"].cost.mean == pytest.approx(2_244_528.55, abs=0.01)
    dearer = routes(sibmodel.change(scenario, {"contract.terms.job.price": 500}))
    assert dearer.premium.premium.mean == pytest.approx(154_575.58, abs=0.01)
    assert dearer.premium.break_even is not None
    assert dearer.premium.break_even.mean == pytest.approx(0.0603316, abs=1e-7)


@pytest.mark.parametrize(("sampling", "count"), [("latin_hypercube", 320), ("sobol", 256)])
def test_trials_may_come_in_replicates(sampling: str, count: int) -> None:
    data = uncertain(ALL)
    data["simulation"] = {"sampling": sampling, "trials": count}
    found = routes(read(data))
    cost, gap = found["grant"].public.cost, found["grant"].above_direct
    assert cost.replicates == 16
    assert gap is not None
    assert 0 < (gap.se or 0.0) < 20_000


def test_outcomes_funds_that_pay_with_the_bond_only_are_told() -> None:
    found = routes(sibmodel.load(ROOT / "scenarios/ways_to_wellness.yaml"), trials=200)
    assert "Outcomes funds pay" in str(found)
    funds, buyers = (found["sib"].by_role[role].cost.mean or 0.0 for role in ("outcomes_funds", "commissioners"))
    assert funds + buyers == pytest.approx(found["sib"].public.cost.mean)
    assert found.premium.payments.mean == pytest.approx(found["sib"].public.cost.mean)
    assert found["direct"].by_role["commissioners"].cost.mean == found["direct"].public.cost.mean


def test_pan_london_compares_all_of_them() -> None:
    found = routes(sibmodel.load(ROOT / "scenarios/london/pan_london.yaml"), trials=64)
    assert list(found.routes) == ["direct", "grant", "loan", "sib", "thirds", "grant_then_loan"]
    assert all(route.public.cost.mean for route in found.routes.values())
