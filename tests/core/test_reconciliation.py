"""Books that are tampered with are refused, whatever is wrong with them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import sibmodel
from sibmodel.cli import app
from sibmodel.core.flows import CapitalFlows, Payments
from sibmodel.core.ledger import Flow, Ledger
from sibmodel.core.reconciliation import _bands, reconcile
from sibmodel.core.service import Costs
from sibmodel.core.timeline import FloatArray
from sibmodel.model import work_through
from sibmodel.running.execution import Run

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"
Books4 = tuple[Ledger, Costs, Payments, CapitalFlows]


def books() -> Books4:
    of = sibmodel.base_case(sibmodel.load(W1, {"contract.cap": 2_500_000}))
    return of.settlement.ledger, of.service.costs, of.settlement.payments, of.settlement.capital


def with_flow(name: str, change: Callable[[FloatArray], FloatArray]) -> Callable[[Books4], Books4]:
    def tamper(given: Books4) -> Books4:
        ledger, *others = given
        flows = [Flow(f.payer, f.receiver, f.what, change(f.amount)) if f.name == name else f for f in ledger.flows]
        return Ledger(tuple(flows)), *others  # type: ignore[return-value]

    return tamper


def two_pence_more(amount: FloatArray) -> FloatArray:
    changed = amount.copy()
    changed[3] += 0.02
    return changed


def not_a_number(amount: FloatArray) -> FloatArray:
    changed = amount.copy()
    changed[3] = np.nan
    return changed


def cash_from_nowhere(given: Books4) -> Books4:
    ledger, costs, payments, capital = given
    return ledger, costs, payments, replace(capital, closing_cash=capital.closing_cash + 0.02)


def a_cap_that_says_less(given: Books4) -> Books4:
    ledger, costs, payments, capital = given
    held = {address: amount * 0.5 for address, amount in payments.held.items()}
    return ledger, costs, replace(payments, held=held), capital


TAMPERED: dict[str, tuple[Callable[[Books4], Books4], str]] = {
    "payment": (with_flow("council>vehicle:job", two_pence_more), "the vehicle's cash"),
    "cost": (with_flow("vehicle>provider:fixed", two_pence_more), "the vehicle's cash"),
    "principal": (with_flow("vehicle>investor:principal", two_pence_more), "is out by up to £0.02"),
    "coupon": (with_flow("vehicle>investor:coupon", two_pence_more), "in period 3"),
    "negative": (with_flow("provider>suppliers:fixed", lambda amount: -amount), "a flow below zero"),
    "nan": (with_flow("council>vehicle:job", not_a_number), "do not balance"),
    "cash": (cash_from_nowhere, "the vehicle's cash"),
    "cap": (a_cap_that_says_less, "after caps, floors and top-ups"),
}


def test_sound_books_balance() -> None:
    assert reconcile(*books()).max() < 1e-8


@pytest.mark.parametrize("what", TAMPERED)
def test_tampered_books_are_refused(what: str) -> None:
    tamper, words = TAMPERED[what]
    with pytest.raises(sibmodel.ReconciliationError, match=words):
        reconcile(*tamper(books()))


@pytest.mark.parametrize("pounds", [1.1e12, np.inf])
def test_more_than_can_be_balanced_is_said(pounds: float) -> None:
    huge = with_flow("council>vehicle:job", lambda amount: np.full_like(amount, pounds))
    with pytest.raises(sibmodel.SibmodelError, match="too large to balance to a penny"):
        reconcile(*huge(books()))


def test_books_in_other_memory_reconcile_to_the_same_bits() -> None:
    """What is the same array needs no comparison; a copy of the ledger has to be compared, and gives the same."""
    ledger, *others = books()
    copied = Ledger(tuple(replace(flow, amount=flow.amount.copy()) for flow in ledger.flows))
    assert reconcile(copied, *others).tobytes() == reconcile(ledger, *others).tobytes()  # type: ignore[arg-type]


def test_reconciling_writes_to_no_ones_array() -> None:
    given = books()
    before = [flow.amount.copy() for flow in given[0].flows], given[3].closing_cash.copy(), given[2].total.copy()
    reconcile(*given)
    reconcile(*given)
    assert all(np.array_equal(flow.amount, kept) for flow, kept in zip(given[0].flows, before[0], strict=True))
    assert np.array_equal(given[3].closing_cash, before[1])
    assert np.array_equal(given[2].total, before[2])
    assert np.array_equal(sum(given[2].due.values()), sum(books()[2].due.values()))


def test_a_flow_that_differs_from_what_the_contract_paid_is_found_even_where_the_vehicle_agrees() -> None:
    """The vehicle's cash is made to fit the changed payment, so that only the contract can tell."""
    ledger, costs, payments, capital = with_flow("council>vehicle:job", two_pence_more)(books())
    cash = capital.closing_cash + 0.02 * (np.arange(8) >= 3)[:, None]
    with pytest.raises(sibmodel.ReconciliationError, match="payments in the ledger against the contract"):
        reconcile(ledger, costs, payments, replace(capital, closing_cash=cash))


def test_a_penny_is_let_pass_and_told() -> None:
    less = with_flow("council>vehicle:job", lambda amount: amount + 0.004 * (np.arange(8) == 3)[:, None])
    assert reconcile(*less(books())).max() == pytest.approx(0.004)


def test_the_command_line_ends_with_three(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> FloatArray:
        raise sibmodel.ReconciliationError("the books do not balance: by design")

    monkeypatch.setattr("sibmodel.model.reconcile", broken)
    done = CliRunner().invoke(app, ["run", str(W1), "--trials", "2"])
    assert done.exit_code == 3
    assert "by design" in done.output


def many_books() -> Books4:
    """Six hundred futures of nine years, which are looked at in more than one band."""
    scenario = sibmodel.load(Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml")
    of = work_through(scenario, next(Run(scenario, 600, 1).parts(0)))
    return of.settlement.ledger, of.service.costs, of.settlement.payments, of.settlement.capital


@pytest.mark.parametrize(("period", "trial"), [(0, 0), (7, 301), (36, 599)])
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ccg>vehicle:wellbeing", "the vehicle's cash"),
        ("vehicle>bridges:principal", "the vehicle's cash"),
        ("vehicle>provider:link_workers", "the vehicle's cash"),
    ],
)
def test_a_pound_in_one_future_and_period_is_found(name: str, words: str, period: int, trial: int) -> None:
    def a_pound_more(amount: FloatArray) -> FloatArray:
        changed = amount.copy()
        changed[period, trial] += 1.0
        return changed

    given = many_books()
    assert len(list(_bands(given[0]))) > 1
    assert reconcile(*given).max() < 1e-6
    with pytest.raises(
        sibmodel.ReconciliationError, match=f"{words} is out by up to £1.00, at worst in period {period}"
    ):
        reconcile(*with_flow(name, a_pound_more)(given))
