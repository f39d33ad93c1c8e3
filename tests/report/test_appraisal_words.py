"""What an appraisal counts as costs, and why a ratio is missing, by hand."""

from typing import Any

import pytest

import sibmodel
from sibmodel.questions.appraise import Appraisal
from tests.strategies import as_yaml

LOWER: dict[str, Any] = {
    "title": "Savings above costs",
    "timeline": {"signing": "2026-03-31", "period": "year", "periods": 1},
    "discounting": {"public": 0},
    "programme": {
        "groups": {"all": {"referrals": 100, "engaged": 1}},
        "costs": {"set_up": 100_000, "vat": {"rate": 0.2, "lines": ["set_up"]}},
    },
    "outcomes": {"job": {"type": "quantity", "per_person": 1}},
    "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 1200}}},
    "savings": {
        "agencies": {"c": {"payer": "council"}},
        "items": {
            "f": {"kind": "fiscal", "outcome": "job", "agency": "c", "value": {"uniform": [600, 1800]}},
            "w": {"kind": "economic", "outcome": "job", "agency": "c", "value": 1000},
        },
    },
    "appraisal": {"adds_up": ["fiscal", "economic"], "fiscal_savings_are": "lower_costs"},
    "capital": {"tranches": {"loan": {"commitment": 130_000}}},
}


def appraised(value: Any, **programme: Any) -> tuple[Appraisal, str]:
    changes = {"savings.items.f.value": value} | programme
    found = sibmodel.appraise(sibmodel.loads(as_yaml(LOWER), changes), trials=100, seed=1)
    return found, " ".join(str(found).split())


def test_a_benefit_cost_ratio_without_costs_is_explained() -> None:
    """130,000 off costs of 100,000 leave nothing to divide 100,000 by; 60,000 off them leave 40,000."""
    found, text = appraised(1300)
    assert found.result["public.benefit_cost_ratio"].base is None
    assert "In the base case and 100.0% of futures fiscal savings are as large as the costs that they are taken" in text
    found, text = appraised(600)
    assert found.result["public.benefit_cost_ratio"].base == pytest.approx(2.5)
    assert "so that there is no benefit-cost ratio" not in text


def test_a_ratio_that_some_futures_lack_is_explained() -> None:
    """Savings are above costs where the uniform number is above 1,000: in about two thirds of futures."""
    found, text = appraised({"uniform": [600, 1800]})
    missing = 1 - (found.result["public.benefit_cost_ratio"].defined or 0) / 100
    assert 0.5 < missing < 0.8
    assert f"In the base case and {100 * missing:.1f}% ± " in text


def test_an_appraisal_says_which_costs_hold_tax() -> None:
    """A fifth of 100,000 is tax: 90,000 saved are £0.75 a pound of 120,000."""
    found, text = appraised(900)
    returns = found.result["public.fiscal_return"]
    assert returns.base == pytest.approx(0.75)
    assert "per £ of programme spend with its tax" in returns.label
    assert (
        "Of costs, these two count programme spend without tax; savings per £1 spent and payback, programme spend "
        "with its tax." in text
    )
    found, text = appraised(900, **{"programme.costs.vat": None})
    assert "with its tax" not in text + found.result["public.fiscal_return"].label
