"""When a floor is made up where payments come some time after they are earned, by hand."""

from typing import Any

import pytest

import sibmodel
from sibmodel.contract.exposure import years_due
from tests.strategies import as_yaml

Data = dict[str, Any]


def half_years(periods: int, term: Data, **contract: Any) -> Data:
    """Five units at £1,000 in period 2 (to 30 September 2027), paid half a year later; signed on 1 October 2026."""
    return {
        "title": "Half-years",
        "timeline": {"signing": "2026-10-01", "period": "half_year", "periods": periods},
        "programme": {
            "service": {"to_month": 12},
            "groups": {"all": {"referrals": [0, 5], "engaged": 1}},
            "costs": {"set_up": 20_000},
        },
        "outcomes": {"a": {"type": "quantity", "per_person": 1}},
        "contract": {
            "payers": {"x": {}},
            "terms": {"a": {"rule": "price", "outcome": "a", "price": 1000, "lag_months": 6, **term}},
            **contract,
        },
        "capital": {"tranches": {"loan": {"commitment": 20_000}}},
    }


def paid(data: Data) -> tuple[list[float], dict[str, float]]:
    """By period in the base case, and by period by `pay`."""
    scenario = sibmodel.loads(as_yaml(data))
    flows = sibmodel.base_case(scenario).settlement.payments.total[:, 0]
    rows = [{"period": 2, "outcome": "a", "quantity": 5}]
    return flows.tolist(), dict(sibmodel.pay(scenario, rows).by_period)


def test_a_yearly_floor_waits_for_what_falls_due_later_in_the_year() -> None:
    """2026/27 has period 1 alone: 12,000. In 2027/28 5,000 fall due in March, and 7,000 are missing then."""
    by_period, by_pay = paid(half_years(6, {"to_month": 12, "floors": {"financial_year": 12_000}}))
    assert by_period == pytest.approx([0, 12_000, 0, 12_000, 0, 0, 0])
    assert by_pay == pytest.approx({"1": 12_000, "3": 12_000})


def test_a_yearly_floor_is_made_up_with_the_last_payment_where_the_year_is_longer() -> None:
    """Without a lag the term's last month is September 2027: 7,000 are missing then."""
    by_period, _ = paid(half_years(6, {"to_month": 12, "lag_months": 0, "floors": {"financial_year": 12_000}}))
    assert by_period == pytest.approx([0, 12_000, 12_000, 0, 0, 0, 0])


@pytest.mark.parametrize("owner", ["contract", "payer", "term"])
def test_a_yearly_floor_of_a_year_that_ends_after_the_timeline_is_told_and_not_paid(owner: str) -> None:
    """The timeline ends in September 2027; 5,000 and the missing 7,000 fall due in March 2028."""
    floors: Data = {"floors": {"financial_year": 12_000}}
    data = half_years(2, floors if owner == "term" else {}, **(floors if owner == "contract" else {}))
    if owner == "payer":
        data["contract"]["payers"]["x"] = floors
    by_period, by_pay = paid(data)
    assert by_period == pytest.approx([0, 12_000, 0])
    assert by_pay == pytest.approx({"1": 12_000, "3": 12_000})
    result = sibmodel.simulate(sibmodel.loads(as_yaml(data)), trials=2)
    assert result.after_the_end == {"payments": pytest.approx(12_000)}
    told = "at least £12,000 a year, if its caps allow; but what is missing in the last year falls due after the end"
    assert told in " ".join(str(result).split())


@pytest.mark.parametrize("owner", ["contract", "payer", "term"])
def test_a_floor_that_falls_due_after_the_end_is_told_and_not_paid(owner: str) -> None:
    """5,000 in period 3; 65,000 more when what is verified in period 3 falls due, in period 4."""
    data = half_years(3, {"floor": 70_000} if owner == "term" else {})
    if owner == "payer":
        data["contract"]["payers"]["x"] = {"floor": 70_000}
    if owner == "contract":
        data["contract"]["floor"] = 70_000
    by_period, by_pay = paid(data)
    assert by_period == pytest.approx([0, 0, 0, 5000])
    assert by_pay == pytest.approx({"3": 5000, "4": 65_000})
    result = sibmodel.simulate(sibmodel.loads(as_yaml(data)), trials=2)
    assert result.after_the_end == {"payments": pytest.approx(65_000)}
    text = " ".join(str(result).split())
    assert "£65.0k of payments come after 2028-03-31, its last day" in text
    assert "owes at least £70,000 in all, if its caps allow; but what is missing falls due after the end" in text
    assert "pays at least" not in text
    explained = " ".join(str(sibmodel.explain(sibmodel.loads(as_yaml(data)), "contract.terms.a")).split())
    assert "is made up after the end of the timeline, so that no figure here contains it" in explained
    assert "does not raise anything" not in explained
    assert "£65.0k of payments come after 2028-03-31" in explained


def test_a_cap_that_carries_binds_as_long_as_something_waits() -> None:
    """Of £180,000 in year 1 it lets £50,000 a year through: £130,000, £80,000 and £30,000 wait, then nothing."""
    data = {
        "title": "A carrying cap",
        "timeline": {"signing": "2026-03-31", "period": "year", "periods": 4},
        "programme": {"service": {"to_month": 12}, "groups": {"all": {"referrals": 180, "engaged": 1}}},
        "outcomes": {"job": {"type": "quantity", "per_person": 1}},
        "contract": {
            "payers": {"council": {}},
            "caps": {"financial_year": {"limit": 50_000, "carry": "next_period"}},
            "terms": {"job": {"rule": "price", "outcome": "job", "price": 1000}},
        },
        "capital": {"tranches": {"loan": {"commitment": 0}}},
    }
    scenario = sibmodel.loads(as_yaml(data))
    (cap,) = sibmodel.pay(scenario, [{"period": 1, "outcome": "job", "quantity": 180}]).caps
    assert (cap.bound_in, cap.forgone) == ([1, 2, 3], 0)
    use = sibmodel.simulate(scenario, trials=2).caps["contract.caps.financial_year"]
    assert use.base_bound_in == [1, 2, 3]
    assert use.bound_by_year == {"2026/27": 1, "2027/28": 1, "2028/29": 1}


def test_people_are_served_to_the_end_of_their_stay_though_the_contract_is_terminated() -> None:
    """Ten people stay for two and a half years, with a link worker at £40,000; what is fixed ends with the contract."""
    data = {
        "title": "Terminated",
        "timeline": {"signing": "2026-03-31", "period": "year", "periods": 5},
        "programme": {
            "groups": {"all": {"referrals": 10, "engaged": 1, "stay_months": 30}},
            "link_workers": {"caseload": 10, "cost_per_year": 40_000},
            "costs": {"fixed_per_year": 10_000},
        },
        "outcomes": {"job": {"type": "quantity", "per_person": 1}},
        "contract": {
            "payers": {"council": {}},
            "terms": {"job": {"rule": "price", "outcome": "job", "price": 9000}},
            "termination": {"month": 12},
        },
        "capital": {"tranches": {"loan": {"commitment": 200_000}}},
    }
    books = sibmodel.base_case(sibmodel.loads(as_yaml(data)))
    spend = books.service.costs.spend[:, 0]
    assert spend.tolist() == pytest.approx([0, 50_000, 40_000, 20_000, 0, 0])


def yearly(contract: Data, term: Data | None = None) -> sibmodel.Scenario:
    """Four years from April 2026; jobs at £100."""
    job = {"rule": "price", "outcome": "job", "price": 100, **(term or {})}
    data = {
        "title": "By year",
        "timeline": {"signing": "2026-03-31", "period": "year", "periods": 4},
        "programme": {"service": {"to_month": 12}, "groups": {"all": {"referrals": 10, "engaged": 1}}},
        "outcomes": {"job": {"type": "quantity", "per_person": 1}},
        "contract": {"payers": {"council": {}}, **contract, "terms": {"job": job, **contract.get("terms", {})}},
        "capital": {"tranches": {"loan": {"commitment": 0}}},
    }
    return sibmodel.loads(as_yaml(data))


def test_what_an_earlier_cap_takes_when_it_is_asked_again_is_lost_and_told() -> None:
    """£100 are due in years 1 and 2. The contract lets £50 through in year 1; the other £50 come to £150 in year 2, of
    which the term's own £100 a year let £100 through: £50 are lost to the term's cap."""
    carry = {"carry": "next_period"}
    caps = {"period": {"limit": {"value": [50, 300], "from_period": [1, 2]}, **carry}}
    scenario = yearly({"caps": caps}, {"caps": {"period": {"limit": 100, **carry}}})
    paid = sibmodel.pay(scenario, [{"period": t, "outcome": "job", "quantity": 1} for t in (1, 2)])
    assert dict(paid.by_period) == pytest.approx({"1": 50, "2": 100})
    found = {cap.where: (cap.bound_in, cap.forgone) for cap in paid.caps}
    assert found["contract.terms.job.caps.period"][1] == pytest.approx(50)
    assert 2 in found["contract.terms.job.caps.period"][0]


@pytest.mark.parametrize("owner", ["contract", "payer"])
def test_what_yearly_floors_add_counts_towards_the_floor_over_the_contract(owner: str) -> None:
    """£8,000 in each of four years are £32,000; £18,000 more make £50,000, in the last year, not £42,000 in year 2."""
    floors: Data = {"floor": 50_000, "floors": {"financial_year": 8_000}}
    contract = floors if owner == "contract" else {"payers": {"council": floors}}
    scenario = yearly(contract, {"to_month": 24})
    paid = sibmodel.pay(scenario, [{"period": 1, "outcome": "job", "quantity": 10}])
    assert dict(paid.by_period) == pytest.approx({"1": 8_000, "2": 8_000, "3": 8_000, "4": 26_000})


def test_a_terms_yearly_cap_counts_in_the_years_in_which_it_is_paid_alone() -> None:
    """Jobs without a lag: £100,000 in each of four years. Courses two years later, £50,000 in all: £450,000."""
    course = {"rule": "price", "outcome": "job", "price": 1, "lag_months": 24, "cap": 50_000}
    scenario = yearly({"terms": {"course": course}}, {"from_month": 0, "caps": {"financial_year": 100_000}})
    books = sibmodel.base_case(scenario)
    assert books.settlement.payments.exposure is not None
    # the day of signing, 31 March 2026, is in a year of its own
    assert float(books.settlement.payments.exposure[0, 0]) == pytest.approx(550_000)


def test_nothing_falls_due_after_a_terms_last_month_and_lag() -> None:
    """Seen in years 1 and 2, paid a year later, at most £9,000 a year: £18,000, in 2027/28 and 2028/29."""
    scenario = yearly({}, {"from_month": 0, "to_month": 24, "lag_months": 12, "caps": {"financial_year": 9_000}})
    years = years_due(scenario.contract, scenario.timeline)
    assert years == ("2026/27", "2027/28", "2028/29")  # what is verified on the day of signing is due in 2026/27
    books = sibmodel.base_case(scenario)
    assert books.settlement.payments.exposure is not None
    assert float(books.settlement.payments.exposure[0, 0]) == pytest.approx(27_000)
