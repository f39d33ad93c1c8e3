"""What is true of every contract: caps hold, splits add up, and success is never punished."""

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodel import Books
from sibmodel.contract.exposure import maximum_in_year
from sibmodel.contract.limits import limit_of
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners
from tests.books import full, rounding, worked
from tests.properties.test_scenarios import split_in_two
from tests.random_numbers import Data
from tests.strategies import scenarios
from tests.twin_basics import Scenario

# a payer who tops up one without a cap: the bound on exposure multiplies nothing by infinity on the way
tops_up_without_a_cap = pytest.mark.filterwarnings("ignore:invalid value encountered in multiply:RuntimeWarning")


def without_caps(data: Data) -> Data:
    data = copy.deepcopy(data)
    contract = data["contract"]
    for part in (contract, *contract["payers"].values(), *contract["terms"].values()):
        part.pop("cap", None)
    return data


def paid(books: Books, term: str | None = None, payer: str | None = None) -> FloatArray:
    """Payments so far, in each period and trial."""
    amounts = books.settlement.payments.paid.items()
    matching = [amount for (of, by), amount in amounts if term in (None, of) and payer in (None, by)]
    return np.cumsum(full(books, sum(matching, np.zeros((1, 1)))), axis=0)


Cells = list[tuple[str, str]]  # terms and payers


def owed(books: Books, cells: Cells) -> FloatArray:
    """What is owed in each period and trial for some terms by some payers."""
    amounts = [books.settlement.payments.owed.get(cell, np.zeros((1, 1))) for cell in cells]
    return full(books, sum(amounts, np.zeros((1, 1))))


def spans_of(data: Data) -> dict[str, list[int]]:
    """The spans of the caps: a number for each period."""
    calendar = Scenario(data, {}, {}, 1.0)
    return {
        "caps.period": list(calendar.periods),
        "caps.financial_year": [calendar.financial_year(t) for t in calendar.periods],
        "cap": [0 for _ in calendar.periods],
    }


def excess(amounts: FloatArray, most: FloatArray, spans: list[int]) -> float:
    """By how much a period's amount exceeds what earlier ones in its span have left of a cap."""
    worst = 0.0
    for t in range(len(spans)):
        before = sum((amounts[u] for u in range(t) if spans[u] == spans[t]), np.zeros(amounts.shape[1]))
        worst = max(worst, float((amounts[t] - np.maximum(most[t] - before, 0)).max()))
    return worst


@tops_up_without_a_cap
@given(scenarios(plain_capital=True))
def test_no_cap_is_ever_exceeded(data: Data) -> None:
    """At no level. Who tops up pays on top of the caps of terms and contract."""
    books = worked(data)
    contract = books.scenario.contract
    terms = list(books.settlement.payments.due)
    sharing = list(contract.shared_payers)
    tax = 1 + contract.vat.rate.over(books.trials) if contract.vat is not None and contract.vat.in_caps else 1.0
    of_owner: list[tuple[Any, Cells, Any]] = [(contract, [(t, p) for t in terms for p in sharing], tax)]
    of_owner += [(term, [(name, p) for p in sharing], 1.0) for name, term in contract.terms.items()]
    of_owner += [(payer, [(t, name) for t in terms], tax) for name, payer in contract.payers.items()]
    for owner, cells, divisor in of_owner:
        limits = {"cap": owner.cap, "caps.period": owner.caps.period, "caps.financial_year": owner.caps.financial_year}
        for key, spans in spans_of(data).items():
            if limits[key] is not None:
                most = full(books, limit_of(limits[key]).over(books.trials) / divisor)
                assert excess(owed(books, cells), most, spans) <= rounding(books), key


def with_one_payer(data: Data) -> Data:
    """The same contract if one payer without limits of its own owed everything."""
    data = copy.deepcopy(data)
    data["programme"]["costs"].pop("further", None)  # which one of the payers may bear
    contract = data["contract"]
    contract["payers"] = {"council": {}}
    for part in (contract, *contract["terms"].values(), contract.get("termination", {})):
        part.pop("split", None)
    for agency in data.get("savings", {}).get("agencies", {}).values():
        agency.pop("payer", None)
    data["capital"].pop("surplus", None)
    return data


OWN_LIMITS = ("cap", "caps", "floor", "floors", "overflow_to", "late_months", "disputes")


@given(scenarios(plain_capital=True))
def test_what_is_paid_does_not_depend_on_who_pays(data: Data) -> None:
    data = copy.deepcopy(data)
    for payer in data["contract"]["payers"].values():
        for limit in OWN_LIMITS:
            payer.pop(limit, None)
    data["contract"].get("vat", {}).pop("in_caps", None)
    split, whole = worked(without_top_ups(data)), worked(with_one_payer(data))
    for term in whole.settlement.payments.due:
        apart = paid(split, term=term) - paid(whole, term=term)
        assert np.abs(apart).max() <= rounding(split), term


def without_top_ups(data: Data) -> Data:
    """The contract without the payer who tops up others."""
    data = copy.deepcopy(data)
    if data["contract"]["payers"].pop("match", None) is not None:
        data["programme"]["costs"].pop("further", None)  # which it may bear
        data["capital"].pop("surplus", None)
        for agency in data.get("savings", {}).get("agencies", {}).values():
            agency.pop("payer", None)
    return data


def named_groups(contract: Data) -> bool:
    return any(word in str(contract) for word in ("'groups'", "'by_group'"))


@tops_up_without_a_cap
@given(
    scenarios(plain_capital=True).filter(lambda data: not named_groups(data["contract"])),
    st.sampled_from([0.25, 0.3, 1.0]),
)
def test_a_group_split_in_two_changes_no_payment(data: Data, part: float) -> None:
    whole, divided = split_in_two(data, "all", part)
    one, other = worked(whole, luck=False), worked(divided, luck=False)  # which is each group's own
    for term, due in one.settlement.payments.due.items():
        assert np.abs(full(one, due) - full(other, other.settlement.payments.due[term])).max() <= rounding(one), term
    for cell, amount in one.settlement.payments.owed.items():
        assert np.abs(full(one, amount) - owed(other, [cell])).max() <= rounding(one), cell


@tops_up_without_a_cap
@given(scenarios(plain_capital=True))
def test_commissioners_never_pay_more_than_their_maximum_exposure(data: Data) -> None:
    books = worked(data)
    measures = all_measures(books)
    most = measures["commissioner.maximum_exposure"].values
    asked = measures["commissioner.payments"].values
    assert (np.isnan(most) | (asked <= most + rounding(books))).all()


@tops_up_without_a_cap
@given(scenarios(plain_capital=True))
def test_what_falls_due_in_a_year_is_never_more_than_that_years_maximum(data: Data) -> None:
    books = worked(data)
    timeline, contract = books.scenario.timeline, books.scenario.contract
    buyers = commissioners(books)
    owed = total(amount for (_, payer), amount in books.settlement.payments.owed.items() if payer in buyers)
    years = np.array(timeline.financial_years)
    in_all = books.settlement.payments.exposure
    for year in dict.fromkeys(timeline.financial_years):
        most = maximum_in_year(contract, timeline, books.trials, year)
        assert in_all is None or most is not None
        if most is not None:
            due = full(books, owed)[years == year].sum(axis=0)
            assert (due <= most[0] + rounding(books)).all(), year
            assert in_all is None or (most <= in_all + rounding(books)).all(), year


@given(scenarios(plain=True))
def test_a_cap_never_raises_what_has_been_paid(data: Data) -> None:
    books, uncapped = worked(data), worked(without_caps(data))
    assert (paid(books) <= paid(uncapped) + rounding(uncapped)).all()


@given(scenarios(plain=True))
def test_the_payers_shares_add_up_to_the_payment(data: Data) -> None:
    books = worked(without_caps(data))
    for name, due in books.settlement.payments.due.items():
        assert np.abs(paid(books, term=name) - np.cumsum(full(books, due), axis=0)).max() <= rounding(books)


@given(scenarios(plain=True))
def test_what_is_not_paid_was_forgone_at_a_cap(data: Data) -> None:
    books = worked(data)
    payments = books.settlement.payments
    due = sum((full(books, amount) for amount in payments.due.values()), np.zeros((1, 1)))
    forgone = sum((full(books, amount) for amount in payments.forgone.values()), np.zeros((1, 1)))
    assert np.abs(np.cumsum(due - forgone, axis=0) - paid(books)).max() <= rounding(books)
    assert all(amount.min() >= -rounding(books) for amount in payments.forgone.values())


def quiet(data: Data) -> Data:
    """The same without noise, and with schedules that pay nothing for nothing."""
    data = copy.deepcopy(data)
    for outcome in data["outcomes"].values():
        if outcome["type"] == "effect":
            outcome["measurement"]["person_sd"] = 0
    for term in data["contract"]["terms"].values():
        if term["rule"] == "linear":
            beyond = [point for point in term["points"] if point[0] > 0]
            term["points"] = [[0, 0], *beyond] if beyond else [[0, 0], [1, 1]]
    return data


LEVELS = {"achievement": "share", "quantity": "per_person", "effect": "change"}


@given(scenarios(plain=True))
def test_zero_outcome_pays_zero(data: Data) -> None:
    data = quiet(data)
    for outcome in data["outcomes"].values():
        outcome[LEVELS[outcome["type"]]] = 0
        outcome.pop("counterfactual", None)
    assert paid(worked(data)).max() == 0


@given(scenarios(plain=True), st.sampled_from(["comparison", "trial"]))
def test_a_programme_that_does_nothing_earns_nothing_where_others_are_measured_too(data: Data, method: str) -> None:
    data = quiet(data)
    for outcome in data["outcomes"].values():
        counterfactual = outcome.setdefault("counterfactual", {})
        counterfactual["method"] = method
        counterfactual.pop("agreed", None)
    books = worked(data, scale=0, luck=False)  # by luck more may succeed than would have anyway
    assert paid(books).max() <= rounding(worked(data))


RISING = ("price", "rate_card", "linear", "steps", "tiers")


def rising(term: Data) -> Data:
    """The term without whatever may pay less for more: falling scales, bands that end, caps, floors and conditions."""
    limits = ("when", "cap", "caps", "floor", "floors", "split")
    term = {key: value for key, value in term.items() if key not in limits}
    if term["rule"] == "linear":
        heights = sorted(y for _, y in term["points"])
        term["points"] = [[x, y] for (x, _), y in zip(term["points"], heights, strict=True)]
    if term["rule"] == "steps":
        heights = sorted(band["pays"] for band in term["steps"])
        bands = [{key: band[key] for key in band if key in ("at_least", "above")} for band in term["steps"]]
        term["steps"] = [{**band, "pays": pays} for band, pays in zip(bands, heights, strict=True)]
    if "index" in term:
        term["index"] = {name: abs(weight) for name, weight in term["index"].items()}
    return term


@given(scenarios(plain_capital=True), st.integers(0, 20), st.integers(1, 20))
def test_more_success_never_lowers_an_uncapped_payment(data: Data, low: int, more: int) -> None:
    data = without_top_ups(with_one_payer(data))
    terms = data["contract"]["terms"].items()
    kept = {name: rising(term) for name, term in terms if term["rule"] in RISING and "divided_by" not in term}
    anything = {"rule": "price", "outcome": next(iter(data["outcomes"])), "price": 1}
    data["contract"] = {"payers": {"council": {}}, "terms": kept or {"main": anything}}
    for outcome in data["outcomes"].values():
        # a share of the gross outcome above 1, which a normal can draw, would turn success into failure
        outcome.get("counterfactual", {}).pop("basis", None)
    better = copy.deepcopy(data)
    for scenario, level in ((data, low), (better, low + more)):
        for outcome in scenario["outcomes"].values():
            outcome[LEVELS[outcome["type"]]] = level / 40 if outcome["type"] == "achievement" else level
    one, other = worked(data), worked(better)
    for name in data["contract"]["terms"]:
        assert (paid(one, term=name) <= paid(other, term=name) + rounding(other)).all()
