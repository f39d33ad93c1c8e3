"""One contract twice: as a scenario, and as a programmer would write it in NumPy for this contract alone.

Eight terms with caps at every level: what `make bench` compares, and a test that both pay the same.
"""

from __future__ import annotations

import numpy as np

import sibmodel
from sibmodel.core.flows import OutcomeFlow, Part
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.scenario.schema import ContractSheet

PERIODS = 28
SHEET = """
title: Eight terms with caps at every level
timeline: {signing: 2020-04-01, period: quarter, periods: 28}
outcomes:
  start: {type: achievement}
  plan: {type: achievement}
  job: {type: achievement}
  kept: {type: achievement}
  days: {type: quantity}
  visits: {type: quantity}
  wellbeing: {type: effect}
  hospital: {type: effect}
contract:
  payers:
    council: {cap: 9000000, caps: {financial_year: 1500000}}
    nhs: {cap: 9000000, caps: {financial_year: 1400000}}
    fund: {kind: outcomes_fund, cap: 1900000}
  cap: 17000000
  caps: {period: 700000, financial_year: 2600000}
  split: [{shares: {council: 0.3, nhs: 0.4, fund: 0.3}}, {after_month: 24, shares: {council: 0.5, nhs: 0.5}}]
  terms:
    work:
      rule: rate_card
      prices: {start: 300, plan: 200, job: 2500, kept: 1200}
      lag_months: 3
      cap: 4000000
      caps: {person: 3500, shares: {start: 0.2}, period: 200000, financial_year: 600000}
    housing: {rule: price, outcome: days, price: 9, lag_months: 3, cap: 2500000, caps: {period: 120000}}
    visits:
      rule: tiers
      outcome: visits
      over: financial_year
      tiers: [{up_to: 2000, price: 60}, {up_to: 6000, price: 30}, {price: 10}]
      cap: 1500000
      caps: {financial_year: 250000}
    wellbeing: {rule: linear, outcome: wellbeing, points: [[0.5, 0], [1.4, 1]], per: person, price: 290, cap: 3000000}
    hospital:
      rule: linear
      outcome: hospital
      reads: total
      over: contract
      points: [[0, 0], [9000000, 1]]
      price: 5000000
      cap: 4500000
      lag_months: 6
    bands:
      rule: steps
      outcome: days
      over: financial_year
      steps: [{at_least: 9000, pays: 50000}, {above: 20000, pays: 120000}]
      cap: 700000
    bonus: {rule: trigger, amount: 80000, when: {outcome: wellbeing, at_least: 1}, cap: 300000}
    standing: {rule: standing_charge, amount: 25000, caps: {financial_year: 90000}}
"""

_PRICES = {"start": 300.0, "plan": 200.0, "job": 2500.0, "kept": 1200.0}
_AGES = {"start": 0, "plan": 1, "job": 3, "kept": 6}
_SHARES = {"start": 0.9, "plan": 0.7, "job": 0.35, "kept": 0.25}


def sheet() -> ContractSheet:
    """The contract as its file says it."""
    found = sibmodel.loads_contract(SHEET)
    if not isinstance(found, ContractSheet):
        raise TypeError("a contract alone")
    return found


def outcomes(trials: int, seed: int = 1) -> dict[str, OutcomeFlow]:
    """Random verified outcomes of 28 quarters."""
    rng = np.random.default_rng(seed)
    shape = (PERIODS + 1, trials)
    people = np.zeros(shape)
    people[1:21] = rng.uniform(150, 350, (20, trials))
    out = {}
    for name, age in _AGES.items():
        share = _SHARES[name] * rng.uniform(0.8, 1.1, (1, trials))
        came = np.zeros(shape)
        came[age:] = people[: len(people) - age]
        part = Part("all", came * share, came, age=age, chance=share, each=np.ones((1, 1)))
        out[name] = OutcomeFlow(False, part.units, part.units, came, (part,))
    for name, each in (("days", 20.0), ("visits", 6.0)):
        units = people * each * rng.uniform(0.5, 1.5, shape)
        out[name] = OutcomeFlow(False, units, units, people)
    for name, mean, sd in (("wellbeing", 1.0, 0.3), ("hospital", 150.0, 120.0)):
        measured = np.zeros(shape)
        measured[2::2] = people[2::2] + people[1:-1:2]
        value = np.where(measured > 0, rng.normal(mean, sd, shape), 0.0)
        out[name] = OutcomeFlow(True, value, value, measured)
    return out


# ------------------------------------------------------------------------------------------- by hand, for this only


def _years() -> list[slice]:
    """Periods of each financial year; signing on 1 April 2020, so quarters 1 to 4 are the first, with period 0."""
    return [slice(0, 5), *(slice(first, first + 4) for first in range(5, 29, 4))]


def _total_cap(asked: FloatArray, cap: float) -> FloatArray:
    return np.diff(np.minimum(np.cumsum(asked, axis=0), cap), axis=0, prepend=0.0)


def _year_cap(asked: FloatArray, cap: float) -> FloatArray:
    out = np.empty_like(asked)
    for year in _years():
        out[year] = _total_cap(asked[year], cap)
    return out


def _later(x: FloatArray, periods: int) -> FloatArray:
    out = np.zeros_like(x)
    out[periods:] = x[: len(x) - periods]
    return out


def _year_total(x: FloatArray) -> FloatArray:
    out = np.empty_like(x)
    for year in _years():
        out[year] = np.cumsum(x[year], axis=0)
    return out


def _newly_in_year(owed: FloatArray) -> FloatArray:
    out = np.empty_like(owed)
    for year in _years():
        out[year] = np.diff(np.maximum.accumulate(owed[year], axis=0), axis=0, prepend=0.0)
    return out


def _person_factors(flows: dict[str, OutcomeFlow]) -> dict[str, FloatArray]:
    """Expected capped over uncapped payment by age, on a grid of £100 up to £3,500."""
    mass = np.zeros((36, flows["start"].units.shape[1]))
    mass[0] = 1.0
    value = 100.0 * np.arange(36)[:, None]
    before = np.zeros(mass.shape[1])
    out = {}
    for name in _AGES:  # in order of age
        chance = flows[name].parts[0].chance[0]  # type: ignore[index]
        steps = int(_PRICES[name] / 100)
        moved = np.zeros_like(mass)
        moved[steps:] = mass[: 36 - steps]
        moved[-1] += mass[36 - steps :].sum(axis=0)
        mass = (1.0 - chance) * mass + chance * moved
        now = (mass * value).sum(axis=0)
        out[name] = (now - before) / (chance * _PRICES[name])
        before = now
    return out


def by_hand(flows: dict[str, OutcomeFlow]) -> dict[str, FloatArray]:
    """Payments by payer, (periods, trials)."""
    factor = _person_factors(flows)
    lines = {name: _later(flows[name].units * price * factor[name], 1) for name, price in _PRICES.items()}
    work = sum(lines.values(), start=np.zeros_like(lines["start"]))
    kept = np.divide(_total_cap(work, 4e6), work, out=np.ones_like(work), where=work > 0)
    lines = {name: line * kept for name, line in lines.items()}
    lines["start"] = _total_cap(lines["start"], 0.2 * 4e6)
    well, hospital, days = flows["wellbeing"], flows["hospital"], flows["days"].units
    so_far = np.interp(np.cumsum(hospital.verified * hospital.measured, axis=0), [0, 9e6], [0, 5e6])
    in_year = _year_total(flows["visits"].units)
    tiers = 60 * np.clip(in_year, 0, 2000) + 30 * (np.clip(in_year, 2000, 6000) - 2000)
    tiers += 10 * np.maximum(in_year - 6000, 0)
    total_days = _year_total(days)
    bands = np.where(total_days > 20_000, 120_000.0, np.where(total_days >= 9000, 50_000.0, 0.0))
    standing = np.full_like(work, 25_000.0)
    standing[0] = 0.0
    on_scale = np.interp(well.verified, [0.5, 1.4], [0, 290]) * well.measured
    terms = [
        sum(lines.values(), start=np.zeros_like(work)),
        _total_cap(_later(days * 9, 1), 2.5e6),
        _total_cap(_newly_in_year(tiers), 1.5e6),
        _total_cap(on_scale, 3e6),
        _total_cap(_later(np.diff(np.maximum.accumulate(so_far, axis=0), axis=0, prepend=0.0), 2), 4.5e6),
        _total_cap(_newly_in_year(bands), 7e5),
        _total_cap(np.where((well.measured > 0) & (well.verified >= 1), 80_000.0, 0.0), 3e5),
        standing,
    ]
    terms[0] = np.minimum(terms[0], 200_000.0)
    terms[1] = np.minimum(terms[1], 120_000.0)
    asked = sum(terms, start=np.zeros_like(work))
    let = np.minimum(asked, 700_000.0)
    terms = _cut(terms, asked, let)
    for index, cap in ((0, 6e5), (2, 2.5e5), (7, 9e4)):
        terms[index] = _year_cap(terms[index], cap)
    asked = sum(terms, start=np.zeros_like(work))
    terms = _cut(terms, asked, _year_cap(asked, 2.6e6))
    asked = sum(terms, start=np.zeros_like(work))
    terms = _cut(terms, asked, _total_cap(asked, 17e6))
    early = (np.arange(PERIODS + 1) * 3 <= 24)[:, None]
    out = {}
    for name, first, then, year, cap in (
        ("council", 0.3, 0.5, 1.5e6, 9e6),
        ("nhs", 0.4, 0.5, 1.4e6, 9e6),
        ("fund", 0.3, 0.0, np.inf, 1.9e6),
    ):
        own = [term * np.where(early, first, then) for term in terms]
        asked = sum(own, start=np.zeros_like(work))
        let = _year_cap(asked, year) if np.isfinite(year) else asked
        out[name] = sum(_cut(_cut(own, asked, let), let, _total_cap(let, cap)), start=np.zeros_like(work))
    return out


def _cut(amounts: list[FloatArray], asked: FloatArray, let: FloatArray) -> list[FloatArray]:
    kept = np.divide(let, asked, out=np.ones_like(let), where=asked > 0)
    return [amount * kept for amount in amounts]


def by_the_library(contract: ContractSheet, flows: dict[str, OutcomeFlow]) -> dict[str, FloatArray]:
    """The same by the contract stage of the model."""
    from sibmodel.contract.payers import payments

    count = flows["days"].units.shape[1]
    found = payments(contract.contract, flows, contract.timeline, Trials(count, PERIODS + 1))
    return {
        name: sum((a for (_, payer), a in found.paid.items() if payer == name), start=np.zeros((1, 1)))
        for name in contract.contract.payers
    }
