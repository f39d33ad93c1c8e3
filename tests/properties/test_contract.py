"""What is true of every contract: caps hold, splits add up, and success is never punished."""

import copy

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sibmodel import Books
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from tests.books import full, rounding, worked
from tests.random_numbers import Data
from tests.strategies import scenarios


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


@given(scenarios())
def test_no_cap_is_ever_exceeded(data: Data) -> None:
    books = worked(data)
    contract, trials, near = books.scenario.contract, books.trials, rounding(books)
    if contract.cap is not None:
        assert (paid(books) <= contract.cap.over(trials) + near).all()
    for name, term in contract.terms.items():
        if term.cap is not None:
            assert (paid(books, term=name) <= term.cap.over(trials) + near).all()
    for name, payer in contract.payers.items():
        if payer.cap is not None:
            assert (paid(books, payer=name) <= payer.cap.over(trials) + near).all()


@given(scenarios())
def test_commissioners_never_pay_more_than_their_maximum_exposure(data: Data) -> None:
    books = worked(data)
    measures = all_measures(books)
    most = measures["commissioner.maximum_exposure"].values
    asked = measures["commissioner.payments"].values
    assert (np.isnan(most) | (asked <= most + rounding(books))).all()


@given(scenarios())
def test_a_cap_never_raises_what_has_been_paid(data: Data) -> None:
    books, uncapped = worked(data), worked(without_caps(data))
    assert (paid(books) <= paid(uncapped) + rounding(uncapped)).all()


@given(scenarios())
def test_the_payers_shares_add_up_to_the_payment(data: Data) -> None:
    books = worked(without_caps(data))
    for name, due in books.settlement.payments.due.items():
        assert np.abs(paid(books, term=name) - np.cumsum(full(books, due), axis=0)).max() <= rounding(books)


@given(scenarios())
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


@given(scenarios())
def test_zero_outcome_pays_zero(data: Data) -> None:
    data = quiet(data)
    for outcome in data["outcomes"].values():
        outcome[LEVELS[outcome["type"]]] = 0
        outcome.pop("counterfactual", None)
    assert paid(worked(data)).max() == 0


@given(scenarios(), st.sampled_from(["comparison", "trial"]))
def test_a_programme_that_does_nothing_earns_nothing_where_others_are_measured_too(data: Data, method: str) -> None:
    data = quiet(data)
    for outcome in data["outcomes"].values():
        counterfactual = outcome.setdefault("counterfactual", {})
        counterfactual["method"] = method
        counterfactual.pop("agreed", None)
    books = worked(data, scale=0)
    assert paid(books).max() <= rounding(worked(data))


@given(scenarios(), st.integers(0, 20), st.integers(1, 20))
def test_more_success_never_lowers_an_uncapped_payment(data: Data, low: int, more: int) -> None:
    data = without_caps(data)
    for term in data["contract"]["terms"].values():
        if term["rule"] == "linear":
            heights = sorted(y for _, y in term["points"])
            term["points"] = [[x, y] for (x, _), y in zip(term["points"], heights, strict=True)]
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
