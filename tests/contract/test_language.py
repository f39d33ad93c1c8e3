"""Mechanisms of the contract language together, by hand: cases that were once wrong, or nearly."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import sibmodel
from sibmodel.running.paying import Paid
from tests.random_numbers import Data
from tests.strategies import as_yaml, read

STARTER = Path(sibmodel.__file__).parent / "scenario" / "starters" / "bond.yaml"


def sheet(contract: Data, **more: Any) -> sibmodel.ContractSheet | sibmodel.Scenario:
    data: Data = {
        "title": "T",
        "timeline": {"signing": "2026-04-01", "period": "quarter", "periods": 8},
        "groups": {"g": {}, "h": {}},
        "outcomes": {
            "a": {"type": "achievement"},
            "b": {"type": "achievement"},
            "n": {"type": "quantity"},
            "e": {"type": "effect"},
        },
        "contract": {"payers": {"c": {}}} | contract,
    }
    return sibmodel.loads_contract(as_yaml(data | more))


def pay(contract: Data, *rows: Mapping[str, Any]) -> Paid:
    return sibmodel.pay(sheet(contract), rows)


def row(period: int, outcome: str, quantity: float, **more: Any) -> dict[str, Any]:
    return {"period": period, "outcome": outcome, "quantity": quantity, **more}


PRICE = {"rule": "price", "outcome": "a", "price": 1}


def by_payer(paid: Paid, payer: str) -> list[float]:
    amounts = [amount for (_, by), amount in paid.payments.owed.items() if by == payer]
    return [sum(float(amount[t, 0]) for amount in amounts) for t in range(1, 5)]


def test_paying_works_after_the_scenario_was_simulated() -> None:
    scenario = sibmodel.load(STARTER)
    sibmodel.base_case(scenario)
    paid = sibmodel.pay(scenario, [row(24, "wellbeing", 1.0, people=100)])
    assert paid.by_period == {"25": 22_500.0}


def test_what_a_cap_carries_overflows_only_in_the_end() -> None:
    """100 in period 1, at most 10 a quarter, eight quarters: 80 are paid by c, the last 20 by f, nothing below zero."""
    payers = {"c": {"caps": {"period": {"limit": 10, "carry": "next_period"}}, "overflow_to": "f"}, "f": {}}
    paid = pay({"payers": payers, "split": {"c": 1}, "terms": {"x": PRICE}}, row(1, "a", 100))
    assert paid.by_payer == {"c": 80, "f": 20}
    assert min(float(amount.min()) for amount in paid.payments.owed.values()) >= 0


def test_a_later_release_keeps_to_an_earlier_cap() -> None:
    """The contract's carried 120 a quarter must not release more of x than its own 100."""
    terms = {"x": PRICE | {"caps": {"period": 100}}, "y": PRICE | {"outcome": "b"}}
    rows = [row(t, "a", 100) for t in (1, 2, 3)]
    paid = pay({"caps": {"period": {"limit": 120, "carry": "next_period"}}, "terms": terms}, *rows, row(1, "b", 100))
    assert max(float(x) for x in paid.payments.owed["x", "c"][:, 0]) <= 100 + 1e-9


def test_a_cap_cuts_what_a_floor_adds_and_not_what_others_earn() -> None:
    """One job at 1,000, half each; a must pay at least 800, but the term's cap is 1,000: 500 each all the same."""
    contract = {
        "payers": {"a": {"floor": 800}, "b": {}},
        "split": {"a": 0.5, "b": 0.5},
        "terms": {"job": PRICE | {"price": 1000, "cap": 1000}},
    }
    for period in (1, 8):
        assert pay(contract, row(period, "a", 1)).by_payer == pytest.approx({"a": 500, "b": 500})


def test_floors_are_paid_where_nothing_is_ever_verified() -> None:
    by_group = PRICE | {"price": {"by_group": {"g": 5, "h": 6}}, "floor": 1000}
    assert pay({"terms": {"x": by_group}}).total == pytest.approx(1000)
    assert pay({"terms": {"x": PRICE | {"caps": {"person": 10}, "floor": 1000}}}).total == pytest.approx(1000)
    ways = {"rule": "milestones", "milestones": {"a": 1}, "floor": 70}
    assert pay({"terms": {"x": ways}}).total == pytest.approx(70)


def test_a_years_floor_ends_with_the_contract_and_the_whole_ones_waits_for_the_last_payment() -> None:
    terms = {"s": PRICE, "t": PRICE | {"to_month": 12, "lag_months": 6}}
    assert pay({"floors": {"financial_year": 1200}, "terms": terms}).by_period == {"4": 1200, "8": 1200}
    assert pay({"floor": 500, "terms": {"s": PRICE | {"lag_months": 6}}}, row(8, "a", 500)).by_period == {"10": 500}


def test_a_payer_who_comes_late_keeps_its_floor() -> None:
    """f pays what exceeds 4,100 and at least 1,000: nothing reaches it, and the floor is paid all the same."""
    contract = {
        "payers": {"c": {}, "f": {"floor": 1000}},
        "split": [{"shares": {"c": 1}}, {"after_paid": 4100, "shares": {"f": 1}}],
        "terms": {"x": PRICE},
    }
    assert pay(contract, row(1, "a", 100)).by_payer == {"c": 100, "f": 1000}


def test_a_floor_of_a_top_up_looks_at_its_own_caps_only() -> None:
    top = {"kind": "outcomes_fund", "tops_up": {"payers": ["c"], "share": 2}, "floor": 50}
    contract = {"payers": {"c": {}, "f": top}, "terms": {"x": PRICE | {"price": 10, "cap": 100}}}
    assert pay(contract, row(1, "a", 10)).by_payer == {"c": 100, "f": 200}


def test_lines_below_zero_are_set_against_the_others() -> None:
    """10 × 10 − 1 × 4 × 5 = 80; with the share of a limited nothing falls below zero."""
    card = {"rule": "rate_card", "prices": {"a": 10, "e": 4}, "cap": 1000, "caps": {"shares": {"a": 0.05}}}
    rows = [row(1, "a", 10), row(1, "e", -1, people=5)]
    assert pay({"terms": {"x": {**card, "caps": {}}}}, *rows).total == pytest.approx(80)
    assert pay({"terms": {"x": card}}, *rows).total == pytest.approx(50)


def test_conditions_see_everything_inside_a_narrower_rule() -> None:
    """b counts for the condition although the term is of group g, and although it was verified before month 12."""
    inner = PRICE | {"price": 10, "when": {"outcome": "b", "over": "contract", "at_least": 1}}
    both = {"rule": "greatest", "groups": ["g"], "from_month": 12, "of": {"p": inner, "q": PRICE}}
    rows = [row(1, "b", 1, group="h"), row(5, "a", 3, group="g"), row(5, "a", 9, group="h")]
    assert pay({"terms": {"x": both}}, *rows).total == pytest.approx(30)
    once = {"rule": "trigger", "pays": "once", "amount": 7, "from_month": 12}
    once["when"] = {"outcome": "a", "over": "contract", "at_least": 12}
    assert pay({"terms": {"x": once}}, row(1, "a", 9), row(5, "a", 3)).by_period == {"5": 7}


def test_a_rule_inside_another_earns_in_the_months_of_its_term() -> None:
    """What would have triggered the inner rule in month 3 is before the term; month 15 triggers it once."""
    inner = {"rule": "trigger", "pays": "once", "amount": 7, "when": {"outcome": "a", "at_least": 1}}
    term = {"rule": "least", "from_month": 12, "of": {"p": inner, "q": PRICE}}
    assert pay({"terms": {"x": term}}, row(1, "a", 9), row(5, "a", 30)).by_period == {"5": 7}


def test_groups_of_an_effect_have_their_own_mean_in_rows() -> None:
    scale = {"rule": "linear", "outcome": "e", "points": [[0, 0], [2, 2]], "per": "person", "price": 100}
    rows = [row(2, "e", 1.2, people=30, group="g"), row(2, "e", 0.1, people=10, group="h")]
    assert pay({"terms": {"x": scale | {"groups": ["g"]}}}, *rows).total == pytest.approx(3600)


def test_nothing_counted_is_none_in_a_rate() -> None:
    rate = {"rule": "steps", "outcome": "a", "divided_by": "n", "steps": [{"at_most": 0.1, "pays": 7}]}
    assert pay({"terms": {"x": rate}}, row(5, "n", 10)).total == 7


def test_nothing_is_paid_for_a_person_after_a_breakdown() -> None:
    way = {"rule": "milestones", "milestones": {"a": 5, "n": 9}, "stops_at": "b"}
    rows = [row(1, "b", 1, person="p"), row(2, "a", 1, person="p"), row(3, "n", 1, person="p")]
    assert pay({"terms": {"x": way}}, *rows).total == 0
    assert pay({"terms": {"x": way}}, *rows[1:]).total == 14


def test_a_milestone_reached_too_early_is_paid_when_its_turn_comes() -> None:
    data = {
        "title": "T",
        "timeline": {"signing": "2020-01-01", "period": "year", "periods": 4},
        "programme": {"service": {"to_month": 12}, "groups": {"all": {"referrals": 10, "engaged": 1}}},
        "outcomes": {
            "w": {"type": "achievement", "share": 1, "lag_months": 12},
            "j": {"type": "achievement", "share": 0.5},
        },
        "contract": {
            "payers": {"c": {}},
            "terms": {"x": {"rule": "milestones", "milestones": {"w": 1, "j": 100}}},
        },
        "capital": {"tranches": {"only": {"commitment": 0}}},
    }
    paid = sibmodel.base_case(read(data)).settlement.payments.total[:, 0]
    assert paid.tolist() == pytest.approx([0, 0, 510, 0, 0])


@pytest.mark.parametrize(
    ("term", "columns"),
    [
        (PRICE | {"price": {"by_group": {"g": 1, "h": 2}}, "claims": "once"}, {"group", "person"}),
        ({"rule": "milestones", "milestones": {"a": {"by_group": {"g": 1, "h": 2}}}}, {"group", "person"}),
        (PRICE | {"when": {"outcome": "a", "at_least": 1}}, set()),
        ({"rule": "least", "of": {"p": PRICE, "q": PRICE | {"claims": "once"}}}, {"person"}),
    ],
)
def test_rows_are_asked_for_what_the_contract_needs(term: Data, columns: set[str]) -> None:
    if not columns:
        assert pay({"terms": {"x": term}}, row(1, "a", 1)).total == 1
        return
    with pytest.raises(sibmodel.ScenarioError) as caught:
        pay({"terms": {"x": term}}, row(1, "a", 1))
    assert {problem.address for problem in caught.value.problems} == columns


def test_rows_of_a_notebook_that_cannot_be_read_name_their_place() -> None:
    with pytest.raises(sibmodel.ScenarioError, match=r"verified:2:1: period"):
        pay({"terms": {"x": PRICE}}, row(1, "a", 1), row(-1, "a", 1))


def test_a_setting_changes_the_number_that_is_amended_later() -> None:
    contract = sheet({"terms": {"x": PRICE}}, amendments=[{"from": "2027-04-01", "set": {"contract.terms.x.price": 5}}])
    assert isinstance(contract, sibmodel.ContractSheet)
    dearer = sibmodel.loads_contract(contract.document.text, {"contract.terms.x.price": 3})
    assert sibmodel.pay(dearer, [row(1, "a", 10), row(5, "a", 10)]).by_period == {"1": 30, "5": 50}


def test_value_added_tax_stands_beside_what_is_paid() -> None:
    paid = pay({"vat": {"rate": 0.2, "in_caps": True}, "cap": 120, "terms": {"x": PRICE}}, row(1, "a", 500))
    assert paid.total == pytest.approx(100)
    assert paid.vat == pytest.approx({"c": 20})
