"""Working random scenarios through, for tests that look at the books."""

from dataclasses import replace

import numpy as np

from sibmodel import Books, Scenario
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.model import work_through
from sibmodel.running.sampling import sampler_of
from tests.random_numbers import Data
from tests.strategies import read


def some_trials(scenario: Scenario, count: int, seed: int) -> Trials:
    """The first trials that a simulation with this seed would run, with pseudo-random numbers."""
    return replace(sampler_of(scenario, count, seed), sampling="pseudo_random").block(0)


def worked(data: Data, seed: int = 1, count: int = 4, scale: float = 1.0, luck: bool = True) -> Books:
    """A few trials of a scenario, with luck with people or without."""
    scenario = read(data)
    trials = some_trials(scenario, count, seed)
    return work_through(scenario, trials if luck else replace(trials, uniforms={}), scale)


def full(books: Books, array: FloatArray) -> FloatArray:
    """An array that may broadcast, as (periods, trials)."""
    return np.broadcast_to(array, (books.trials.periods, books.trials.count))


def rounding(books: Books) -> float:
    """Pounds that sums of floating-point numbers may be out by: a few last digits of all money that moves.

    The constant is for amounts that cancel before they become money (a level less its counterfactual).
    """
    due = sum(float(full(books, amount).sum()) for amount in books.settlement.payments.due.values())
    return 1e-8 + 1e-13 * (due + sum(float(flow.amount.sum()) for flow in books.settlement.ledger.flows))
