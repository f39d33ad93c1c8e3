"""Two deals for the capital stage of the benchmarks: a plain one with two tranches, and one with everything."""

import numpy as np

import sibmodel
from sibmodel.capital import vehicle
from sibmodel.capital.deal import Given
from sibmodel.core.trials import Trials

QUARTERS = 28
_HEAD = """
title: Capital alone
timeline: {signing: 2020-03-31, period: quarter, periods: 28}
programme: {groups: {everyone: {referrals: 10, engaged: 1}}}
outcomes: {job: {type: achievement, share: 1}}
contract:
  payers: {council: {}}
  terms: {a: {rule: price, outcome: job, price: 1}, b: {rule: price, outcome: job, price: 1}}
capital:
  minimum_cash: 50000
"""
PLAIN = """
  tranches:
    senior: {rank: 1, commitment: 600000, coupon: 0.05}
    junior: {rank: 2, commitment: 600000, coupon: 0.08}
"""
EVERYTHING = """
  tranches:
    grant: {kind: grant, commitment: 100000, drawdown_order: 1}
    senior: {rank: 1, kind: senior, commitment: 400000, coupon: 0.05, drawdown_order: 3, return_cap: {rate: 0.08}}
    mezzanine: {rank: 2, commitment: 300000, coupon: 0.07, drawdown_order: 2, return_cap: {multiple: 1.5}}
    first_loss: {rank: 3, kind: first_loss, commitment: 200000, coupon: 0.08, drawdown_order: 2, revolving: true}
    equity: {rank: 4, kind: equity, commitment: 200000, drawdown_order: 2, return_cap: {rate: 0.15}}
  guarantees: {bank: {tranche: senior, tops_up_to: 0.75, fee: 0.01}}
  surplus: [{equity: 1}, {council: 0.5, provider: 0.5}]
"""


def deal(capital: str) -> sibmodel.Scenario:
    """A scenario of which only the capital matters."""
    return sibmodel.loads(_HEAD + capital)


def given(trials: int) -> Given:
    """Five years of spend, and payments of two terms that begin after a year: every trial its own."""
    rng = np.random.default_rng(0)
    period = np.arange(QUARTERS + 1)[:, None]
    spend = np.where(period < 20, rng.uniform(60_000, 120_000, (QUARTERS + 1, trials)), 0.0)
    first = np.where(period > 4, rng.uniform(0, 120_000, (QUARTERS + 1, trials)), 0.0)
    return Given({"a": first, "b": 0.3 * first}, spend, spend, {})


def work(scenario: sibmodel.Scenario, money: Given, trials: int) -> None:
    """The capital stage for some trials."""
    vehicle.capital(scenario.capital, money, scenario.timeline, Trials(trials, QUARTERS + 1))
