"""What is true of the money in every scenario: nothing is lost, capped, drawn or paid out of turn."""

import numpy as np
import pytest
from hypothesis import given

from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from tests.books import full, rounding, worked
from tests.random_numbers import Data
from tests.strategies import scenarios

# a payer who tops up one without a cap: the bound on exposure multiplies nothing by infinity on the way
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in multiply:RuntimeWarning")


def opening(closing: FloatArray) -> FloatArray:
    """Balances at the start of each period."""
    return np.vstack([np.zeros((1, closing.shape[1])), closing[:-1]])


@given(scenarios())
def test_every_pound_comes_from_somebody_and_goes_to_somebody(data: Data) -> None:
    books = worked(data)
    ledger = books.settlement.ledger
    assert min(float(flow.amount.min()) for flow in ledger.flows) >= 0
    together = sum(ledger.net(party) for party in ledger.parties)
    assert np.abs(together).max() <= rounding(books)
    assert books.settlement.imbalance.max() <= 0.01


@given(scenarios())
def test_balances_are_what_moved(data: Data) -> None:
    books = worked(data)
    ledger, capital, near = books.settlement.ledger, books.settlement.capital, rounding(books)
    assert np.abs(np.cumsum(ledger.net("vehicle"), axis=0) - capital.closing_cash).max() <= near
    for name, tranche in capital.tranches.items():
        drawn, repaid = ledger.between(name, "vehicle"), ledger.between("vehicle", name, "principal")
        assert np.abs(np.cumsum(drawn - repaid, axis=0) - tranche.closing_principal).max() <= near
        yearly = books.scenario.capital.tranches[name].coupon.over(books.trials)
        growth = (1 + yearly) ** (1 / books.scenario.timeline.per_year) - 1
        owed = opening(tranche.closing_coupon)
        accrued = (opening(tranche.closing_principal) + owed) * growth
        paid = ledger.between("vehicle", name, "coupon")
        assert np.abs(owed + accrued - paid - tranche.closing_coupon).max() <= near
        assert tranche.closing_principal.min() >= 0
        assert tranche.closing_coupon.min() >= 0


@given(scenarios())
def test_cash_is_never_negative_and_none_stays_at_the_end(data: Data) -> None:
    books = worked(data)
    cash = books.settlement.capital.closing_cash
    assert cash.min() >= 0
    assert cash[-1].max() == 0


@given(scenarios())
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


@given(scenarios())
def test_nobody_loses_more_than_was_drawn(data: Data) -> None:
    books = worked(data)
    ledger, near = books.settlement.ledger, rounding(books)
    measures = all_measures(books)
    for name, terms in books.scenario.capital.tranches.items():
        drawn = ledger.between(name, "vehicle", "drawdown")
        assert (np.cumsum(ledger.net(name), axis=0) >= -np.cumsum(drawn, axis=0) - near).all()
        assert (measures[f"tranche.{name}.expected_loss"].values <= drawn.sum(axis=0) + near).all()
        if not terms.revolving:
            assert (drawn.sum(axis=0) <= terms.commitment.over(books.trials)[0] + near).all()


@given(scenarios())
def test_no_lower_rank_is_paid_while_a_higher_is_owed(data: Data) -> None:
    books = worked(data)
    capital, near = books.settlement.capital, rounding(books)
    nothing = np.zeros_like(capital.closing_cash)
    surplus = sum(capital.surplus.values(), nothing) + sum(t.surplus for t in capital.tranches.values())
    for rank in books.scenario.capital.ranks():
        ours = [capital.tranches[name] for name in rank]
        coupon_owed = sum((t.closing_coupon for t in ours), nothing)
        owed = coupon_owed + sum(t.closing_principal for t in ours)
        lower = [
            capital.tranches[name]
            for name, terms in books.scenario.capital.tranches.items()
            if terms.rank > books.scenario.capital.tranches[rank[0]].rank
        ]
        paid_lower = surplus + sum(t.coupon + t.principal for t in lower)
        assert paid_lower[owed > near].max(initial=0) <= near
        repaid = sum((t.principal for t in ours), nothing)
        assert repaid[coupon_owed > near].max(initial=0) <= near


@given(scenarios())
def test_tranches_of_one_rank_get_the_same_part_of_what_they_are_owed(data: Data) -> None:
    for terms in data["capital"]["tranches"].values():
        terms["rank"] = 1
    books = worked(data)
    tranches, near = list(books.settlement.capital.tranches.values()), rounding(books)
    owed = [t.principal + t.closing_principal for t in tranches]
    for one, its in zip(tranches, owed, strict=True):
        for other, theirs in zip(tranches, owed, strict=True):
            # as products, because nothing may be owed
            assert np.abs(one.principal * theirs - other.principal * its).max() <= near * (1 + its + theirs).max()
