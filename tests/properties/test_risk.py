"""What is true of the risks of every bond: rows add up over parties, and nobody gains what nobody loses."""

import re

import numpy as np
import pytest
from hypothesis import given, settings

import sibmodel
from sibmodel.model import work_through
from sibmodel.questions import positions as module
from sibmodel.questions.break_even import break_even, scaled
from sibmodel.questions.matrix import RESOURCE
from sibmodel.questions.positions import investors_profit, positions, profits
from sibmodel.questions.risks import PEOPLE
from sibmodel.running.execution import base_case
from tests.books import some_trials
from tests.random_numbers import Data
from tests.strategies import read, scenarios

# a payer who tops up one without a cap: the bound on exposure multiplies nothing by infinity on the way
pytestmark = pytest.mark.filterwarnings("ignore:invalid value encountered in multiply:RuntimeWarning")


@given(scenarios(dependent=True))
@settings(max_examples=12)
def test_rows_add_up_over_parties(data: Data) -> None:
    scenario = read(data)
    result = sibmodel.risk(scenario, trials=8)
    uncertain = any(quantity.is_uncertain for quantity in scenario.quantities()) or scenario.noisy_outcomes()
    uncertain = uncertain or scenario.luck_with_people()
    assert any(row.changes for row in result.matrix.rows) <= bool(uncertain)
    for changes in (result.matrix.today, *(row.changes for row in result.matrix.rows if row.changes)):
        together = sum(changes[key].mean for key in result.matrix.columns)
        size = sum(abs(changes[key].mean) for key in result.matrix.columns)
        assert together == pytest.approx(changes[RESOURCE].mean, abs=0.01 + 1e-9 * size)
    assert bool(result.matrix[PEOPLE.name].changes) <= bool(scenario.luck_with_people())


@given(scenarios(dependent=True))
@settings(max_examples=8)
def test_the_story_is_told_and_the_data_are_plain(data: Data) -> None:
    result = sibmodel.risk(read(data), trials=8)
    assert "WHICH RISK FALLS ON WHOM" in str(result)
    assert not re.search(r"\bnan\b|\binf\b", str(result))
    assert result.matrix_frame().shape[1] == len(result.matrix.columns) + 2


@given(scenarios(dependent=True))
@settings(max_examples=12)
def test_profits_of_cash_parties_leave_what_resources_cost(data: Data) -> None:
    scenario = read(data)
    books = work_through(scenario, some_trials(scenario, 4, 1))
    cash = sum(value for key, value in profits(books).items() if not key.startswith("agency."))
    cost = sum(line.resources for line in books.service.costs.lines)
    spent = np.broadcast_to(cost, (books.trials.periods, 4)).sum(axis=0)
    assert np.abs(cash + spent).max() <= 0.01
    own = sum((profits(books)[f"tranche.{name}"] for name in scenario.capital.investors), np.zeros(4))
    fees = books.settlement.ledger.between(receiver="fund_manager").sum(axis=0)
    tranches = scenario.capital.tranches
    if not any(tranches[name].investor_fees for name in tranches if name not in scenario.capital.investors):
        assert np.abs(own + fees - investors_profit(books)).max() <= 0.01


@given(scenarios(dependent=True))
@settings(max_examples=12)
def test_a_tranche_is_whole_where_break_even_says_and_not_just_below(data: Data) -> None:
    base = base_case(read(data))
    for name, whole in break_even(base).tranches.items():
        low = 10.0 if whole is None else whole.low
        below = min(low * (1 - 1e-7), low - 1e-14)  # steps of the search end at 0.01/32⁹ = 3e-16
        shares = np.array([low, below, *np.linspace(low, 10, 40)])
        profit = scaled(base, shares).settlement.capital.net((name,)).sum(axis=0)
        if whole is None:
            assert profit[0] < -0.005
            continue
        assert profit[0] >= -0.006
        assert below < 0 or profit[1] < -0.005 + 1e-9 * np.abs(profit).max()
        assert whole.high is not None or (profit[2:] >= -0.006).all()


def test_a_row_that_does_not_add_up_stops_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sibmodel.load("scenarios/worked/r1.yaml")
    books = work_through(scenario, some_trials(scenario, 4, 1))
    monkeypatch.setattr(module, "_paid_for_resources", lambda _books: set())
    with pytest.raises(sibmodel.ReconciliationError, match="miss the resource value by up to £"):
        positions(books)
