"""What is true of the money in every scenario: nothing is lost, capped, drawn or paid out of turn."""

import numpy as np
import pytest
from hypothesis import given

from sibmodel.core.timeline import FloatArray
from tests.books import full, rounding, worked
from tests.random_numbers import Data
from tests.strategies import scenarios

# a payer who tops up one without a cap: the bound on exposure multiplies nothing by infinity on the way
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in multiply:RuntimeWarning")


def opening(closing: FloatArray) -> FloatArray:
    """Balances at the start of each period."""
    return np.vstack([np.zeros((1, closing.shape[1])), closing[:-1]])


@given(scenarios(dependent=True))
def test_every_pound_comes_from_somebody_and_goes_to_somebody(data: Data) -> None:
    books = worked(data)
    ledger = books.settlement.ledger
    assert min(float(flow.amount.min()) for flow in ledger.flows) >= 0
    together = sum(ledger.net(party) for party in ledger.parties)
    assert np.abs(together).max() <= rounding(books)
    assert books.settlement.imbalance.max() <= 0.01


@given(scenarios(dependent=True))
def test_cash_is_never_negative_and_none_stays_at_the_end(data: Data) -> None:
    books = worked(data)
    cash = books.settlement.capital.closing_cash
    assert cash.min() >= 0
    assert cash[-1].max() == 0


@given(scenarios(plain=True))
def test_a_gap_is_what_drawdowns_could_not_cover(data: Data) -> None:
    books = worked(data)
    terms, capital, trials = books.scenario.capital, books.settlement.capital, books.trials
    minimum = full(books, terms.minimum_cash.over(trials)).copy()
    minimum[-1] = 0
    before_capital = opening(capital.closing_cash) + full(
        books, books.settlement.payments.total - books.service.costs.spend
    )
    drawn = sum(tranche.drawdown for tranche in capital.tranches.values())
    room = np.zeros_like(minimum)
    for name, tranche in capital.tranches.items():
        used = tranche.closing_principal if terms.tranches[name].revolving else np.cumsum(tranche.drawdown, axis=0)
        room += np.maximum(terms.tranches[name].commitment.over(trials) - opening(used), 0)
    near = rounding(books)
    assert np.abs(drawn - np.minimum(np.maximum(minimum - before_capital, 0), room)).max() <= near
    assert np.abs(capital.gap - np.maximum(-before_capital - room, 0)).max() <= near
    # to the last digit: where there was room left, no dust of a gap is reported
    assert not (capital.gap[room > drawn + near] > 0).any()
