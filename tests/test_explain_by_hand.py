"""Explanations of small contracts and bonds, by hand: what binds, what is listed, what a rate is."""

from typing import Any

import pytest

import sibmodel
from sibmodel.measures.catalogue import all_measures
from sibmodel.report.explanation import explain
from sibmodel.report.steps import Step
from tests.strategies import as_yaml
from tests.test_explain import steps

CAPPED: dict[str, Any] = {
    "title": "£120,000 over three years",
    "timeline": {"signing": "2026-04-01", "period": "year", "periods": 3},
    "outcomes": {"job": {"type": "achievement"}},
    "contract": {
        "payers": {"a": {}, "b": {}},
        "split": {"b": 1},
        "terms": {"job": {"rule": "price", "outcome": "job", "price": 1000}},
        "termination": {"redemption": [{"pays": 11_000}], "split": {"a": 1}},
    },
}


def cap_in(contract: dict[str, Any], verified: dict[int, float], period: int) -> Step:
    """The cap's step in the explanation of one period."""
    sheet = sibmodel.loads_contract(as_yaml(CAPPED | {"contract": CAPPED["contract"] | contract}))
    rows = [{"period": t, "outcome": "job", "quantity": jobs} for t, jobs in verified.items()]
    found = steps(explain(sheet, "contract.terms.job", rows, period).root)
    return next(step for step in found if step.what.startswith("cap "))


def test_a_cap_is_said_to_bind_only_in_the_periods_in_which_it_does() -> None:
    """Of £40,000 and £80,000 a cap of £100,000 leaves £60,000 in period 2; nothing is paid later."""
    found = [cap_in({"cap": 100_000}, {1: 40, 2: 80}, period) for period in (1, 2, 3)]
    assert [step.value for step in found] == pytest.approx([0, -20_000, 0])
    assert [step.how for step in found] == ["does not bind", "", "does not bind"]


def test_a_cap_that_carries_binds_where_as_much_comes_as_waits() -> None:
    """£50,000 a year of £80,000, £50,000 and nothing: £30,000 wait, still wait, and are paid."""
    carried = {"caps": {"period": {"limit": 50_000, "carry": "next_period"}}}
    found = [cap_in(carried, {1: 80, 2: 50}, period) for period in (1, 2, 3)]
    assert [step.value for step in found] == pytest.approx([-30_000, 0, 30_000])
    assert found[1].how == "binds, and lets as much through from before as it holds back"


def test_a_payment_on_termination_names_its_own_split() -> None:
    sheet = sibmodel.loads_contract(as_yaml(CAPPED), {"contract.termination.month": 12})
    found = steps(explain(sheet, "contract.terms.termination", []).root)
    paid = next(step for step in found if step.what == "paid")
    assert [one.address for one in paid.inputs] == ["contract.termination.split.a"]
    assert {step.what: step.value for step in found}["paid by a"] == 11_000


TWO_YEARS: dict[str, Any] = {
    "title": "A hundred people, two years",
    "timeline": {"signing": "2026-03-31", "period": "year", "periods": 2},
    "programme": {
        "service": {"to_month": 12},
        "groups": {"all": {"referrals": 100, "engaged": 1}},
        "costs": {
            "set_up": 90_000,
            "vat": {"rate": 0.2, "lines": ["set_up"]},
            "further": {"legal": {"amount": 5000}, "case": {"amount": 9000, "month": 12, "borne_by": "council"}},
        },
    },
    "outcomes": {
        "job": {
            "type": "achievement",
            "share": 0.9,
            "verified_share": 0.8,
            "counterfactual": {"level": 0.2, "method": "fixed", "agreed": 0.1},
            "luck": {"counts": "expected"},
        }
    },
    "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 2000}}},
    "savings": {
        "agencies": {"c": {"payer": "council"}},
        "items": {
            "s": {
                "kind": "fiscal", "outcome": "job", "agency": "c", "value": 3000, "displacement": 0.1,
                "attributed_to_others": 0.1, "optimism_bias": 0.1, "cashable": 0.5,
            }
        },
    },
    "appraisal": {
        "cost_optimism_bias": 0.25,
        "distributional_weight": {"median_income": 30_000, "participants_income": 20_000},
    },
    "capital": {
        "tranches": {"loan": {"commitment": 150_000, "investor_fees": {"on_principal": 0.01}}},
    },
}  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "agency.c.savings",
        "public.savings_per_pound",
        "public.npv",
        "public.benefit_cost_ratio",
        "public.fiscal_return",
        "public.cashable_return",
        "public.weighted_npv",
        "payers.payments",
        "payers.own_costs",
        "commissioner.net_saving",
        "commissioner.cashable_net_saving",
        "investor.mirr",
        "investor.net_irr",
        "investor.multiple",
    ],
)
def test_every_input_that_an_explanation_lists_moves_the_number(name: str) -> None:
    """A tenth less of each: nothing here has a cap, a floor or a step that could swallow it."""
    data = TWO_YEARS
    if name == "public.weighted_npv":
        worth = {"kind": "economic", "outcome": "job", "agency": "c", "value": 1000}
        items = TWO_YEARS["savings"]["items"] | {"e": worth}
        appraisal = TWO_YEARS["appraisal"] | {"adds_up": ["fiscal", "economic"]}
        data = TWO_YEARS | {"savings": TWO_YEARS["savings"] | {"items": items}, "appraisal": appraisal}
    scenario = sibmodel.loads(as_yaml(data))
    explained = explain(scenario, name).root
    inputs = {one.address: one for step in steps(explained) for one in step.inputs}
    assert inputs
    # more capital than is needed; when a cost falls of which the plain sum is told; tax that is taken off again
    passed_over = {"capital.tranches.loan.commitment", "programme.costs.further.case.month"}
    less_tax = any(step.what.startswith("less tax") for step in steps(explained))
    before = all_measures(sibmodel.base_case(scenario))[name].values[0]
    for address, one in inputs.items():
        if address in passed_over or (address == "programme.costs.vat.rate" and less_tax):
            continue
        less = float(one.value) * 0.9
        after = all_measures(sibmodel.base_case(sibmodel.change(scenario, {address: less})))[name].values[0]
        assert abs(after - before) > 1e-9, address


def test_net_present_value_shows_what_is_deducted() -> None:
    """90,000 + 5,000 at signing and 9,000 a year later, without the tax, raised by a quarter; no inflation."""
    found = explain(sibmodel.loads(as_yaml(TWO_YEARS)), "public.npv").root
    assert found.adds_up
    less = next(part for part in found.parts if part.what == "less what the bond costs society, present value")
    assert less.value == pytest.approx(-1.25 * (95_000 + 9000 / 1.035))


@pytest.mark.parametrize(
    ("flows", "words", "value"),
    [
        ([-100, 60, 60], "the yearly rate at which", 0.1306623862918075),
        ([-100, 230, -132], "the one nearest nought of several yearly rates", 0.1),
        ([-100, 0, 0], "a total loss counts as −100%", -1.0),
        ([-100, 100, -100], "there is none", None),
        ([0, 0, 0], "there is none", None),
    ],
)
def test_a_rate_of_return_is_explained_as_what_it_is(flows: list[float], words: str, value: float | None) -> None:
    """Contingent payments make any flow: 1.1 × 1.2 = 1.32 and 1.1 + 1.2 = 2.3 have two rates."""
    promises = {}
    for t, pounds in enumerate(flows):
        if t and pounds:
            first, second = ("council", "loan") if pounds > 0 else ("loan", "council")
            promises[f"in_{t}"] = {
                "from": first, "to": second, "outcome": "job", "points": [[0, abs(pounds)], [1, abs(pounds)]],
                "settled_in_months": [12 * t],
            }  # fmt: skip
    data = TWO_YEARS | {
        "programme": TWO_YEARS["programme"] | {"costs": {"set_up": -flows[0]} if flows[0] else {}},
        "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 0}}},
        "capital": {"tranches": {"loan": {"commitment": 100}}, "contingent": promises},
    }
    found = explain(sibmodel.loads(as_yaml(data)), "investor.irr").root
    assert found.how.startswith(words)
    assert found.value == (None if value is None else pytest.approx(value))


GRANT: dict[str, Any] = TWO_YEARS | {
    "capital": {"tranches": {"gift": {"kind": "grant", "commitment": 200_000}}, "surplus": {"council": 1}}
}


def test_where_a_grant_pays_for_all_nobody_is_said_to_put_nothing_in() -> None:
    """90,000 and a fifth of it in tax, and 5,000."""
    scenario = sibmodel.loads(as_yaml(GRANT))
    text = " ".join(str(sibmodel.simulate(scenario, trials=2)).split())
    assert (
        "Investors put no money in: what is drawn is £113k from gift (base case). So investors have no return" in text
    )
    assert "no capital is needed" not in text
    explained = explain(scenario, "investor.irr").root
    assert any(step.what == "net receipts of investors, of whom there are none" for step in steps(explained))
