"""A service that ends when money runs out, by hand."""

import pytest

from sibmodel import base_case, loads
from sibmodel.measures.catalogue import all_measures
from sibmodel.running.whole import verified_case

STOPS = """
title: By hand
timeline: {signing: 2020-12-31, period: year, periods: 5}
programme:
  service: {to_month: 48}
  groups: {everyone: {referrals: 10, engaged: 1}}
  costs: {fixed_per_year: 100}
outcomes:
  job: {type: achievement, share: 0.5, lag_months: 12}
contract:
  payers: {council: {}}
  terms:
    job: {rule: price, outcome: job, price: 4}
capital:
  service_stops: %s
  tranches: {fund: {commitment: 210}}
"""


def test_service_ends_after_the_first_gap_and_what_has_begun_is_still_paid() -> None:
    """5 jobs at 4 are 20 a year, from year 2. 100 are drawn in year 1, 80 in year 2; in year 3, 30 of 80: a gap of 50.

    Service then stops: year 4 costs nothing and nobody starts, so that 20 come in year 4 and nothing in year 5.
    """
    books = base_case(loads(STOPS % "true"))
    flows = {flow.name: flow.amount[:, 0] for flow in books.settlement.ledger.flows}
    assert flows["fund>vehicle:drawdown"] == pytest.approx([0, 100, 80, 30, 0, 0])
    assert flows["provider>vehicle:gap"] == pytest.approx([0, 0, 0, 50, 0, 0])
    assert flows["vehicle>provider:fixed"] == pytest.approx([0, 100, 100, 100, 0, 0])
    assert flows["council>vehicle:job"] == pytest.approx([0, 0, 20, 20, 20, 0])
    assert flows["vehicle>fund:principal"] == pytest.approx([0, 0, 0, 0, 20, 0])
    assert float(all_measures(books)["vehicle.first_gap_period"].values[0]) == 3


def test_service_that_does_not_stop_goes_on_with_a_gap_in_each_year() -> None:
    books = base_case(loads(STOPS % "false"))
    flows = {flow.name: flow.amount[:, 0] for flow in books.settlement.ledger.flows}
    assert flows["provider>vehicle:gap"] == pytest.approx([0, 0, 0, 50, 80, 0])
    assert flows["council>vehicle:job"] == pytest.approx([0, 0, 20, 20, 20, 20])


def test_other_verified_outcomes_leave_costs_as_they_are_in_the_base_case() -> None:
    """The base case stops after year 3; with 50 jobs verified in year 2 the costs are the same three years."""
    scenario = loads(STOPS % "true")
    books = verified_case(scenario, [{"period": 2, "outcome": "job", "quantity": 50.0}])
    flows = {flow.name: flow.amount[:, 0] for flow in books.settlement.ledger.flows}
    assert flows["vehicle>provider:fixed"] == pytest.approx([0, 100, 100, 100, 0, 0])
    assert flows["council>vehicle:job"] == pytest.approx([0, 0, 200, 0, 0, 0])
    assert flows["provider>vehicle:gap"] == pytest.approx([0] * 6)


WITHOUT_READING = """
title: By hand
timeline: {signing: 2020-12-31, period: year, periods: 8}
programme:
  groups: {everyone: {referrals: [10, 0, 0, 0, 0, 10], engaged: 1}}
  costs: {fixed_per_year: 100}
outcomes:
  job: {type: quantity, per_person: 1, lag_months: 12}
  score: {type: effect, change: 1, measurement: {first_month: 12, every_months: 12, person_sd: 0}}
contract:
  payers: {council: {}}
  terms:
    job: {rule: price, outcome: job, price: 40}
capital:
  service_stops: true
  tranches: {fund: {commitment: 100, coupon: {outcome: score, points: [[0, 0.2], [1, 0.2]]}}}
"""


def test_service_stops_earlier_where_a_coupon_no_longer_waits_for_a_reading() -> None:
    """400 come in year 2. The coupon is read in years 1 and 6, so that the surplus would wait and pay years 3 and 4.

    The first gap would be in year 5. But nobody is measured in year 6 if service ends with it: the coupon of 20 and
    the surplus of 180 leave in year 2, and 100 are missing in year 3, which is then the last of the service.
    """
    books = base_case(loads(WITHOUT_READING))
    flows = {flow.name: flow.amount[:, 0] for flow in books.settlement.ledger.flows}
    assert flows["vehicle>fund:coupon"] == pytest.approx([0, 0, 20, 0, 0, 0, 0, 0, 0])
    assert flows["vehicle>fund:surplus"] == pytest.approx([0, 0, 180, 0, 0, 0, 0, 0, 0])
    assert flows["provider>vehicle:gap"] == pytest.approx([0, 0, 0, 100, 0, 0, 0, 0, 0])
    assert flows["vehicle>provider:fixed"] == pytest.approx([0, 100, 100, 100, 0, 0, 0, 0, 0])
