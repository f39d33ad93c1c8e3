"""What is true of all capital: nobody is paid out of turn, loses more than was drawn, or is hurt by help."""

import copy
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodel import Books
from sibmodel.capital.claims import COUPON, FEE, OWED, PRINCIPAL, Claim
from sibmodel.capital.tranche import CouponScale, TrancheTerms
from sibmodel.core.flows import TrancheFlows, total
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.irr import NONE, STATUSES, TOTAL_LOSS
from sibmodel.programme.places import in_service
from tests.books import full, rounding, worked
from tests.properties.test_money import opening
from tests.properties.test_scenarios import close, pounds_times, times
from tests.random_numbers import Data
from tests.strategies import scenarios

# a payer who tops up one without a cap: the bound on exposure multiplies nothing by infinity on the way
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in multiply:RuntimeWarning")

more = settings(max_examples=2 * settings().max_examples)


@more
@given(scenarios())
def test_balances_are_what_moved(data: Data) -> None:
    books = worked(data)
    capital, near = books.settlement.capital, rounding(books)
    for name, one in capital.tranches.items():
        moved = one.drawdown - one.principal - one.guaranteed - one.written_off
        for what, closing, change in (
            ("principal", one.closing_principal, moved),
            ("coupon", one.closing_coupon, one.coupon_accrued - one.coupon),
            ("fee", one.closing_fee, one.fee_accrued - one.fee),
        ):
            balance = full(books, closing)
            assert np.abs(np.cumsum(full(books, change), axis=0) - balance).max() <= near, (name, what)
            assert balance.min() >= -near, (name, what)


@more
@given(scenarios())
def test_the_vehicle_pays_out_what_was_paid_in(data: Data) -> None:
    books = worked(data)
    ledger, capital = books.settlement.ledger, books.settlement.capital
    paid_in, paid_out = ledger.between(receiver="vehicle"), ledger.between(payer="vehicle")
    assert np.abs(np.cumsum(paid_in - paid_out, axis=0) - capital.closing_cash).max() <= rounding(books)
    assert np.abs((paid_in - paid_out).sum(axis=0)).max() <= rounding(books)


def _without(data: Data, *keys: str) -> Data:
    data = copy.deepcopy(data)
    for key in keys:
        data["capital"].pop(key, None)
    _keep(data["capital"])
    return data


def _keep(capital: Data) -> None:
    """Leave claims and shares of what is no longer there out of the waterfall and the surplus."""
    owners = {*capital["tranches"], *capital.get("guarantees", {}), *capital.get("contingent", {})}
    if "waterfall" in capital:
        steps = [[step] if isinstance(step, str) else step for step in capital["waterfall"]]
        kept = [[name for name in step if name.split(".")[0] in owners] for step in steps]
        capital["waterfall"] = [step for step in kept if step]
        if not capital["waterfall"]:
            del capital["waterfall"]
    if "surplus" in capital:
        capital["surplus"] = {"provider": 1}


@more
@given(scenarios())
def test_nobody_loses_more_than_was_drawn(data: Data) -> None:
    """Without payments that run both ways, and but for what a tranche has to pay as a guarantor."""
    books = worked(_without(data, "contingent"))
    capital, near = books.settlement.capital, rounding(books)
    measures = all_measures(books)
    given_by = {guarantee.guarantor for guarantee in capital.guarantees.values()}
    for name, one in capital.tranches.items():
        drawn, net = np.cumsum(full(books, one.drawdown), axis=0), np.cumsum(full(books, one.net), axis=0)
        if one.holder not in given_by:
            assert (net >= -drawn - near).all()
            assert (measures[f"tranche.{name}.expected_loss"].values <= drawn[-1] + near).all()
        terms = books.scenario.capital.tranches[name]
        if not terms.revolving:
            assert (drawn[-1] <= terms.commitment.over(books.trials)[0] + near).all()


def _always_due(terms: TrancheTerms) -> bool:
    """Whether nothing that is owed to it waits or is limited, so that what is left at the end of a period was due."""
    waits = terms.instalments or terms.coupon_dates or isinstance(terms.coupon, CouponScale)
    return not (waits or terms.return_cap or terms.repaid_from or terms.early_redemption)


def _paid_and_left(claim: Claim, books: Books) -> tuple[FloatArray, FloatArray | None]:
    """What a claim was paid in each period, and what of it was due and is still owed; None where that is not known."""
    capital = books.settlement.capital
    if claim.owner in capital.guarantees:
        return capital.guarantees[claim.owner].fee, None
    if claim.what == OWED:
        one = capital.contingent[claim.owner]
        return (one.forward if one.payer == "vehicle" else one.back), None
    flows: TrancheFlows = capital.tranches[claim.owner]
    paid = {FEE: flows.fee, COUPON: flows.coupon, PRINCIPAL: flows.principal}[claim.what]
    left = {FEE: flows.closing_fee, COUPON: flows.closing_coupon, PRINCIPAL: flows.closing_principal}[claim.what]
    return paid, left if _always_due(books.scenario.capital.tranches[claim.owner]) else None


@settings(max_examples=4 * settings().max_examples)
@given(scenarios())
def test_no_later_step_is_paid_while_an_earlier_is_owed(data: Data) -> None:
    # a guarantor pays after the distribution, and what it does not pay is owed then; so none here
    books = worked(_without(data, "guarantees"))
    near = rounding(books)
    owed = np.zeros_like(books.settlement.capital.closing_cash)
    for step in books.scenario.capital.order:
        found = [_paid_and_left(claim, books) for claim in step]
        for paid, _ in found:
            assert full(books, paid)[owed > near].max(initial=0) <= near, step
        owed = owed + sum(full(books, left) for _, left in found if left is not None)
    capital = books.settlement.capital
    surplus = sum(capital.surplus.values(), np.zeros_like(owed)) + sum(t.surplus for t in capital.tranches.values())
    assert surplus[owed > near].max(initial=0) <= near


def _receipts(books: Books, name: str) -> FloatArray:
    received: FloatArray = full(books, books.settlement.capital.tranches[name].net).sum(axis=0)
    return received


@more
@given(scenarios(), st.sampled_from(["amount", "tops_up_to"]), st.sampled_from([0.3, 0.75, 1.0]))
def test_a_guarantee_never_hurts_the_guaranteed(data: Data, form: str, share: float) -> None:
    """Before its fee, and called at the end: one called earlier ends the coupon on what it repays."""
    data = _without(data, "guarantees")
    tranches = data["capital"]["tranches"]
    owed = [name for name, tranche in tranches.items() if tranche.get("kind") != "grant"]
    if not owed:
        return
    months = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}[data["timeline"].get("period", "quarter")]
    promise = {"tranche": owed[0], form: share * (100_000 if form == "amount" else 1)}
    promise["month"] = months * data["timeline"]["periods"]
    helped = copy.deepcopy(data)
    helped["capital"]["guarantees"] = {"backer": promise}
    alone, backed = worked(data), worked(helped)
    near = rounding(backed)
    gained = _receipts(backed, owed[0]) - _receipts(alone, owed[0])
    paid = full(backed, backed.settlement.capital.guarantees["backer"].paid).sum(axis=0)
    assert np.abs(gained - paid).max() <= near
    assert gained.min() >= -near
    for name in tranches:
        if name != owed[0]:
            assert np.abs(_receipts(backed, name) - _receipts(alone, name)).max() <= near


@more
@given(scenarios())
def test_a_total_loss_is_minus_one_and_no_drawdown_is_none(data: Data) -> None:
    books = worked(data)
    measures = all_measures(books)
    for name, one in books.settlement.capital.tranches.items():
        net = full(books, one.net)
        net = np.where(np.abs(net) < 1e-6, 0.0, net)
        status = np.array(STATUSES)[measures[f"tranche.{name}.irr"].status]
        lost = (net < 0).any(axis=0) & ~(net > 0).any(axis=0)
        assert ((status == TOTAL_LOSS) == lost).all()
        assert (measures[f"tranche.{name}.irr"].values[lost] == -1).all()
        assert (status[~(net < 0).any(axis=0)] == NONE).all()


def pounds_of_capital(capital: Data, k: float) -> None:
    """Multiply whatever capital states in pounds, beyond what every scenario has."""
    for tranche in capital["tranches"].values():
        for one in tranche.get("drawdowns", ()):
            one["amount"] = times(one["amount"], k)
        if "amount" in tranche.get("return_cap", {}):
            tranche["return_cap"]["amount"] = times(tranche["return_cap"]["amount"], k)
    for guarantee in capital.get("guarantees", {}).values():
        if "amount" in guarantee:
            guarantee["amount"] = times(guarantee["amount"], k)
    for one in capital.get("contingent", {}).values():
        if "points" in one:
            one["points"] = [[x, y * k] for x, y in one["points"]]
        else:
            one["steps"] = [{**band, "pays": band["pays"] * k} for band in one["steps"]]


def pounds_and_capital_times(data: Data, k: float) -> Data:
    """The scenario with every amount of money multiplied, the capital's terms among them."""
    data = pounds_times(data, k)
    pounds_of_capital(data["capital"], k)
    return data


@more
@given(scenarios(plain=True, plain_capital=False), st.sampled_from([0.5, 2.0, 1024.0]))
def test_every_pound_times_k_multiplies_money_and_leaves_rates(data: Data, k: float) -> None:
    books = worked(data)
    one, other = all_measures(books), all_measures(worked(pounds_and_capital_times(data, k)))
    assert one.keys() == other.keys()
    for name, before in one.items():
        if name == "ledger.imbalance":
            continue
        after: Any = other[name]
        if before.unit == "£":
            assert close(before.values * k, after.values, rounding(books) * k), name
        else:
            assert close(before.values, after.values, 1e-9), name
        if before.status is not None:
            assert before.status.tolist() == after.status.tolist(), name


@more
@given(scenarios())
def test_the_service_stops_where_money_ran_out_and_nothing_changes_before(data: Data) -> None:
    going, stopping = copy.deepcopy(data), copy.deepcopy(data)
    going["capital"]["service_stops"], stopping["capital"]["service_stops"] = False, True
    one, other = worked(going), worked(stopping)
    gap = one.settlement.capital.gap > 0.005
    near = rounding(one)
    # up to and with the first period in which money is missing
    before: npt.NDArray[np.bool_] = np.cumsum(gap, axis=0) - gap == 0
    assert np.abs(one.settlement.capital.gap - other.settlement.capital.gap)[before].max(initial=0) <= near
    spent = running_costs(one), running_costs(other)
    assert np.abs(spent[0] - spent[1])[before].max(initial=0) <= near
    assert spent[1][~before].max(initial=0) == 0
    closing = next(line.resources for line in other.service.costs.lines if line.name == "wind_down")
    assert not full(other, closing)[:-1][before[:-1] & ~gap[:-1] & in_service_next(other)].any()
    for group, people in other.service.activity.started.items():
        assert np.abs(full(other, people) - full(one, one.service.activity.started[group]))[before].max(initial=0) == 0
        assert full(other, people)[~before].max(initial=0) == 0


def running_costs(books: Books) -> FloatArray:
    """Spend without what is paid after the end too: winding down, tax on it, and costs of a fixed month."""
    after = ("wind_down", "vat")
    lines = [one for one in books.service.costs.of_vehicle if one.name not in after and "cost_" not in one.name]
    return full(books, total(line.paid for line in lines))


def in_service_next(books: Books) -> npt.NDArray[np.bool_]:
    """Whether the next period is one of service, by the terms; (periods − 1, trials)."""
    service = in_service(books.scenario.programme.until(books.scenario.contract.ends_in_month).service,
                         books.scenario.timeline)  # fmt: skip
    return np.broadcast_to(service[1:] > 0, (books.trials.periods - 1, books.trials.count))


@more
@given(scenarios())
def test_tranches_that_name_the_same_terms_never_receive_more_than_these_have_paid(data: Data) -> None:
    books = worked(data)
    tranches, near = books.scenario.capital.tranches, rounding(books)
    paid = books.settlement.payments.by_term
    for terms in {frozenset(t.repaid_from) for t in tranches.values() if t.repaid_from}:
        names = [name for name, t in tranches.items() if t.repaid_from and frozenset(t.repaid_from) == terms]
        flows = [books.settlement.capital.tranches[name] for name in names]
        received = sum(full(books, f.fee + f.coupon + f.principal + f.surplus) for f in flows)
        of_terms = sum(full(books, paid[term]) for term in terms)
        assert (np.cumsum(received, axis=0) <= np.cumsum(of_terms, axis=0) + near).all()


@more
@given(scenarios())
def test_no_return_cap_is_exceeded(data: Data) -> None:
    data = _without(data, "guarantees")  # what guarantors pay is not limited
    books = worked(data)
    near = rounding(books)
    for name, terms in books.scenario.capital.tranches.items():
        cap, one = terms.return_cap, books.settlement.capital.tranches[name]
        if cap is None:
            continue
        received = np.cumsum(full(books, one.fee + one.coupon + one.principal + one.surplus), axis=0)
        drawn = np.cumsum(full(books, one.drawdown), axis=0)
        if cap.multiple is not None:
            assert (received[-1] <= cap.multiple.over(books.trials)[0] * drawn[-1] + near).all()
        if cap.amount is not None:
            assert (received[-1] <= drawn[-1] + cap.amount.over(books.trials)[0] + near).all()
        if cap.rate is not None:
            rate = cap.rate.over(books.trials)[0]
            years = books.scenario.timeline.years[:, None]
            grown = (1 + rate) ** (years[-1] - years)  # carried to the end at the rate of the cap
            flow = full(books, one.fee + one.coupon + one.principal + one.surplus - one.drawdown)
            assert ((flow * grown).sum(axis=0) <= near * grown.max(axis=0)).all()


@given(scenarios())
def test_opening_and_movements_make_closing_cash(data: Data) -> None:
    books = worked(data)
    cash = books.settlement.capital.closing_cash
    assert np.abs(opening(cash) + books.settlement.ledger.net("vehicle") - cash).max() <= rounding(books)
