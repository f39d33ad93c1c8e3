"""W2: the chance of loss in closed form. Of 500 people each succeeds with 0.6 on their own; a success pays £400.

Every number of successes from 0 to 500 is worked through as a trial of its own, and weighted with its binomial
probability: what is tested is capital and the measures of loss. tests/outcomes/test_luck.py draws the successes.
"""

import math

import numpy as np
import pytest

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through

PEOPLE, CHANCE = 500, 0.6

BOND = """
title: W2
timeline: {signing: 2020-03-31, period: year, periods: 2}
programme: {groups: {everyone: {referrals: [500, 0], engaged: 1}}, costs: {set_up: 116000}}
outcomes: {job: {type: achievement, share: {uniform: [0, 1]}, lag_months: 12}}
contract: {payers: {council: {}}, terms: {job: {rule: price, outcome: job, price: 400}}}
capital: {tranches: {lender: {commitment: 116000}}}
"""


def binomial(chance: float) -> FloatArray:
    """The chance of each number of successes."""
    return np.array([math.comb(PEOPLE, k) * chance**k * (1 - chance) ** (PEOPLE - k) for k in range(PEOPLE + 1)])


def loses() -> FloatArray:
    """1 for every number of successes with which the lender loses money."""
    scenario = sibmodel.loads(BOND)
    shares = np.arange(PEOPLE + 1) / PEOPLE
    trials = Trials(PEOPLE + 1, scenario.timeline.periods + 1, {"outcomes.job.share": shares})
    return all_measures(work_through(scenario, trials))["investor.loss_probability"].values


def test_the_lender_is_whole_from_290_successes_on() -> None:
    assert loses().tolist() == [1.0] * 290 + [0.0] * 211


def test_the_chance_of_loss_is_that_of_fewer_than_290_successes() -> None:
    assert float(binomial(CHANCE) @ loses()) == pytest.approx(0.168839, abs=5e-7)


def test_over_dispersion_raises_it() -> None:
    """The same mean, but a cohort's own chance is 0.55 or 0.65."""
    spread = 0.5 * binomial(0.55) + 0.5 * binomial(0.65)
    assert float(spread @ np.arange(PEOPLE + 1)) == pytest.approx(PEOPLE * CHANCE)
    assert float(spread @ loses()) > 0.168839 + 0.1
