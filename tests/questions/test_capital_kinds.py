"""Where the risks fall with a grant, a guarantee and fees left by the provider: R3's bond, financed by several."""

from functools import cache
from pathlib import Path

import pytest

import sibmodel
from sibmodel.questions.break_even import Stretch

R3 = Path(__file__).parents[2] / "scenarios" / "worked" / "r3.yaml"
CAPITAL = """capital:
  tranches:
    gift: {kind: grant, commitment: 200000, drawdown_order: 1}
    senior: {kind: senior, commitment: 700000, drawdown_order: 2}
    patience: {kind: deferred_fees, commitment: 100000, drawdown_order: 3, rank: 2}
  guarantees:
    trust: {tranche: senior, amount: 500000}
"""


@cache
def found() -> sibmodel.RiskResult:
    text = R3.read_text(encoding="utf-8")
    return sibmodel.risk(sibmodel.loads(text[: text.index("capital:")] + CAPITAL), trials=2000)


def test_everybody_who_pays_has_a_column_and_rows_add_up() -> None:
    matrix = found().matrix
    assert set(matrix.columns) == {
        "tranche.gift", "tranche.senior", "payer.council", "agency.council.fiscal", "trust", "provider", "vehicle",
    }  # fmt: skip
    effect = matrix["effect"].changes
    assert sum(effect[key].mean for key in matrix.columns) == pytest.approx(effect["resource_value"].mean)
    assert effect["trust"].mean < 0
    assert effect["tranche.gift"].mean == pytest.approx(0)


def test_who_loses_what_when_it_fails() -> None:
    """1,000,000 is spent and nothing comes back: the trust makes good 500,000 of the senior's 700,000."""
    tails = found().tails
    assert tails.investors.worst.mean == pytest.approx(-200_000)
    worst = {key: ends.worst.mean for key, ends in tails.profits.items()}
    assert worst["tranche.senior"] == pytest.approx(-200_000)
    assert worst["trust"] == pytest.approx(-500_000)
    assert worst["tranche.gift"] == pytest.approx(-200_000)
    assert worst["provider"] == pytest.approx(-100_000)
    assert worst["payer.council"] == pytest.approx(0)


def test_break_even_of_all_that_is_owed() -> None:
    even = found().break_even
    assert set(even.tranches) == {"senior", "patience"}
    for whole in even.tranches.values():
        assert isinstance(whole, Stretch)
        assert whole.low == pytest.approx(0.4, abs=1e-9)


def test_only_what_is_owed_to_others_looks_for_investors() -> None:
    assert set(found().suitability.profiles) == {"senior"}
    profile = found().suitability.profiles["senior"]
    assert profile.loss.mean == pytest.approx(0.2, abs=0.04)
    assert "Tranche senior commits £700k" in str(found())
    assert "trust" in str(found())


def test_a_bond_of_gifts_looks_for_no_investor() -> None:
    text = R3.read_text(encoding="utf-8")
    gifts = "capital: {tranches: {gift: {kind: grant, commitment: 1000000}}, surplus: {council: 1}}\n"
    result = sibmodel.risk(sibmodel.loads(text[: text.index("capital:")] + gifts), trials=50)
    assert result.suitability.profiles == {}
    assert "Nothing here is owed back, so no investor is looked for." in str(result)
