"""Break-even: all verified quantities multiplied, nothing else."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.questions.break_even import MOST, BreakEven, Stretch, break_even, scaled
from sibmodel.running.execution import base_case
from tests.random_numbers import Data
from tests.strategies import read

WTW = Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml"


def start(even: BreakEven, tranche: str) -> float:
    """The share from which a tranche stays whole."""
    whole = even.tranches[tranche]
    assert whole is not None
    assert whole.high is None
    return whole.low


def bond(contract: Data, **outcomes: Any) -> Data:
    return {
        "title": "A bond",
        "timeline": {"signing": "2020-01-01", "period": "year", "periods": 3},
        "programme": {
            "service": {"to_month": 12},
            "groups": {"young": {"referrals": 60, "engaged": 1}, "old": {"referrals": 40, "engaged": 1}},
            "costs": {"set_up": 1000},
        },
        "outcomes": outcomes or {"job": {"type": "achievement", "share": 0.4}},
        "contract": {"payers": {"council": {}}, **contract},
        "capital": {"tranches": {"senior": {"commitment": 600}, "junior": {"commitment": 400, "rank": 2}}},
    }


def priced(**rest: Any) -> Data:
    return {"terms": {"job": {"rule": "price", "outcome": "job", "price": 40, "lag_months": 12, **rest}}}


def test_each_tranche_in_turn() -> None:
    """Payments of 1,600 k: the senior 600 are whole from 0.375, the junior 400 after them from 0.625."""
    even = break_even(base_case(read(bond(priced()))))
    assert start(even, "senior") == pytest.approx(0.375, abs=1e-5)
    assert start(even, "junior") == pytest.approx(0.625, abs=1e-5)


def test_a_tranche_that_nothing_makes_whole_and_one_that_cannot_lose() -> None:
    even = break_even(base_case(read(bond(priced(cap=700)))))
    assert start(even, "senior") == pytest.approx(0.375, abs=1e-5)
    assert even.tranches["junior"] is None
    safe = {"terms": {"fee": {"rule": "standing_charge", "amount": 1000}}}
    assert set(break_even(base_case(read(bond(safe)))).tranches.values()) == {Stretch(0.0)}


def test_the_last_time_that_a_tranche_is_not_whole_counts() -> None:
    """1,000 pounds for 20 to 30 jobs only, else 25 a job: whole from half the plan, short again above three quarters,
    whole for good from 40 jobs on."""
    steps = [{"at_least": 0, "pays": 0}, {"at_least": 20, "pays": 1000}, {"above": 30, "pays": 0}]
    both = {
        "terms": {
            "band": {"rule": "steps", "outcome": "job", "price": 1, "over": "contract", "steps": steps, "to_month": 12},
            "trigger": {
                "rule": "trigger",
                "when": {"outcome": "job", "over": "contract", "at_least": 36},
                "amount": 1000,
                "lag_months": 12,
            },
        }
    }
    even = break_even(base_case(read(bond(both))))
    assert start(even, "junior") == pytest.approx(0.9, abs=1e-9)


def test_a_tranche_that_does_not_stay_whole_is_told_with_both_ends() -> None:
    """1,000 pounds for 20 to 30 jobs of 40 planned, nothing above."""
    steps = [{"at_least": 0, "pays": 0}, {"at_least": 20, "pays": 1000}, {"above": 30, "pays": 0}]
    band = {"rule": "steps", "outcome": "job", "price": 1, "over": "window", "reads": "total", "steps": steps}
    even = break_even(base_case(read(bond({"terms": {"band": band}}))))
    whole = even.tranches["senior"]
    assert whole is not None
    assert (whole.low, whole.high) == pytest.approx((0.5, 0.75), abs=1e-9)


def test_payers_save_up_to_where_payments_reach_their_savings() -> None:
    data = bond(priced())
    data["savings"] = {
        "agencies": {"council": {"payer": "council"}, "state": {}},
        "items": {
            "rent": {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 30, "cashable": 0.1},
            "tax": {"outcome": "job", "agency": "state", "kind": "fiscal", "value": 900},
            "joy": {"outcome": "job", "agency": "council", "kind": "wellbeing", "value": 900},
        },
    }
    data["discounting"] = {"public": 0.04}
    even = break_even(base_case(read(data)))
    assert even.payers["council"] == pytest.approx(30 * 1.04 / 40, abs=1e-5)
    assert even.cashable["council"] == pytest.approx(3 * 1.04 / 40, abs=1e-5)
    data["contract"]["vat"] = {"rate": 0.2}
    data["contract"]["payers"]["council"]["recovers_vat"] = False
    assert break_even(base_case(read(data))).payers["council"] == pytest.approx(30 * 1.04 / 48, abs=1e-5)


def test_payers_who_never_and_who_always_save() -> None:
    data = bond({"terms": {"fee": {"rule": "standing_charge", "amount": 10}}})
    data["savings"] = {
        "agencies": {"council": {"payer": "council"}},
        "items": {"rent": {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 30}},
    }
    even = break_even(base_case(read(data)))
    assert even.payers == {"council": MOST}
    assert even.cashable == {"council": None}


@pytest.mark.parametrize(
    "contract",
    [
        {"caps": {"person": 70}, "terms": {"card": {"rule": "rate_card", "prices": {"job": 50, "days": 8}}}},
        {"terms": {"young": {"rule": "price", "outcome": "days", "price": {"by_group": {"young": 3, "old": 5}}}}},
        {"terms": {"mean": {"rule": "price", "outcome": "score", "price": 2, "groups": ["old"]}}},
    ],
)
@pytest.mark.parametrize("share", [0.5, 1.5])
def test_multiplying_what_is_verified_is_multiplying_what_is_stated(contract: Data, share: float) -> None:
    """Without a counterfactual, all of it is verified: payments for half the plan are those of a plan of half."""

    def stated(times: float) -> Data:
        measured = {"first_month": 12, "every_months": 12, "person_sd": 1}
        return bond(
            contract,
            job={"type": "achievement", "share": 0.4 * times, "lag_months": 6},
            days={"type": "quantity", "per_person": 5 * times},
            score={"type": "effect", "change": 3 * times, "measurement": measured},
        )

    books = scaled(base_case(read(stated(1))), np.array([share, 1.0]))
    other = base_case(read(stated(share)))
    # limits by person are worked out on a finer or a coarser grid where futures differ
    near = 5e-4 if "caps" in contract else 1e-9
    assert np.allclose(books.settlement.payments.total[:, :1], other.settlement.payments.total, rtol=near)
    assert books.settlement.payments.total.sum() > 0


def test_ways_to_wellness_is_whole_there_and_not_below() -> None:
    base = base_case(sibmodel.load(WTW))
    share = start(break_even(base), "bridges")
    profit = scaled(base, np.array([share - 1e-6, share])).settlement.ledger.net("bridges").sum(axis=0)
    assert profit[0] < -0.005
    assert profit[1] >= -0.005 - 1e-6
