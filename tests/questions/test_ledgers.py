"""Four ledgers against a bond worked by hand, and reconciled for whatever the reader accepts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

import sibmodel
from sibmodel.questions.ledgers import RUNNING_IT, ledgers
from tests.random_numbers import Data
from tests.strategies import read, scenarios

SCENARIOS = Path(__file__).parents[2] / "scenarios"

# Signed on 1 April 2020. Year 1: 100 people, 50 with a job; the council pays £40 for each, a trust £10. Delivery is
# £1,500 in year 1. An investor lends £1,500 and has what comes, £2,500: £1,500 of principal and £1,000 of surplus.
# Each job saves the council £60 and the department £100 in the year after, less 10 % optimism bias; half of the
# council's is cash.
BOND = """
title: By hand
timeline: {signing: 2020-04-01, period: year, periods: 2}
prices: {inflation: 0.1}
discounting: {public: 0.05}
programme:
  service: {from_month: 0, to_month: 12}
  groups: {all: {referrals: [100, 0], engaged: 1}}
  costs: {fixed_per_year: 1500}
outcomes:
  job: {type: achievement, share: 0.5}
contract:
  payers: {council: {}, trust: {kind: outcomes_fund}}
  split: {council: 0.8, trust: 0.2}
  terms: {job: {rule: price, outcome: job, price: 50}}
savings:
  agencies: {council: {payer: council}, department: {}}
  items:
    rent: {outcome: job, agency: council, kind: fiscal, value: 60, optimism_bias: 0.1, cashable: 0.5, lag_months: 12}
    benefits: {outcome: job, agency: department, kind: fiscal, value: 100, optimism_bias: 0.1, lag_months: 12}
    joy: {outcome: job, agency: department, kind: wellbeing, value: 10}
capital:
  tranches: {fund: {commitment: 1500}}
"""


def test_the_four_ledgers_by_hand() -> None:
    found = ledgers(sibmodel.loads(BOND))
    assert found.years == ("2020/21", "2021/22")
    rows = {
        (account.name, line.party, line.what): line.by_year
        for account in found.accounts
        for line in (*account.lines, *account.beside)
    }
    assert rows["payers", "council", "job"] == pytest.approx((-2000, 0))
    assert rows["payers", "trust", "job"] == pytest.approx((-500, 0))
    saved = 50 * 60 * 0.9 * 1.1**2  # in year 2, in its prices
    assert rows["payers", "council", "fiscal savings after optimism bias"] == pytest.approx((0, saved))
    assert rows["payers", "council", "of which cashable"] == pytest.approx((0, saved / 2))
    assert rows["payers", "department", "of which cashable"] == (0, 0)
    assert found["payers"].net == pytest.approx((-2500, 0))
    assert sum(found["investors"].net) == pytest.approx(1000)
    assert found["social"].net == pytest.approx((-1500 / 1.1, 50 * 160 * 0.9))
    assert rows["social", "society", "wellbeing value after optimism bias, not added up"] == (500, 0)
    values = {check.what.split(":")[0]: check.one for check in found.checks}
    assert values["net present value"] == pytest.approx(7200 / 1.05**2 - 1500 / 1.1 / 1.05)
    assert values["commissioners' net saving"] == pytest.approx(2700 / 1.05**2 - 2000 / 1.1 / 1.05)
    assert any("but for surplus that they get back" in check.what for check in found.checks)
    assert {party for name, party, _ in rows if name == "delivery"} <= set(RUNNING_IT)
    assert "They agree to a penny." in str(found)


@settings(max_examples=60)
@given(scenarios(dependent=True))
def test_they_reconcile(data: Data) -> None:
    found = ledgers(read(data))
    for check in found.checks:
        size = max(1.0, abs(check.one), *(abs(sum(account.net)) for account in found.accounts if account.lines))
        assert abs(check.difference) <= 1e-8 * size + 0.01, check


@pytest.mark.parametrize("name", ["ways_to_wellness.yaml", "ways_to_wellness_in_layers.yaml", "london/greenwich.yaml"])
def test_they_reconcile_for_the_bonds_that_come_with_it(name: str) -> None:
    found = ledgers(sibmodel.load(SCENARIOS / name))
    assert max(abs(check.difference) for check in found.checks) < 1e-6
    assert found["payers"].lines
    assert found["investors"].lines
