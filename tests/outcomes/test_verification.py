"""What is verified later moves what the contract sees, not what is true."""

import copy

import pytest

import sibmodel
from tests.random_numbers import Data
from tests.strategies import read

BOND: Data = {
    "title": "T",
    "timeline": {"signing": "2020-01-01", "period": "quarter", "periods": 8},
    "programme": {"service": {"to_month": 6}, "groups": {"all": {"referrals": 10, "engaged": 1}}},
    "outcomes": {
        "job": {"type": "achievement", "share": 0.5, "lag_months": 3, "verification_months": 6},
        "gain": {
            "type": "effect",
            "change": 2,
            "verification_months": 3,
            "measurement": {"first_month": 6, "every_months": 6, "last_month": 6, "person_sd": 1},
        },
    },
    "contract": {
        "payers": {"c": {}},
        "terms": {
            "job": {"rule": "price", "outcome": "job", "price": 100},
            "gain": {"rule": "price", "outcome": "gain", "price": 1},
        },
    },
    "capital": {"tranches": {"only": {"commitment": 0}}},
}


def test_verification_takes_its_time() -> None:
    """Ten people in quarters 1 and 2; jobs a quarter later, accepted two quarters after that; the report a quarter."""
    books = sibmodel.base_case(read(BOND))
    job, gain = books.service.outcomes["job"], books.service.outcomes["gain"]
    assert job.true[:, 0].tolist() == [0, 0, 5, 5, 0, 0, 0, 0, 0]
    assert job.verified[:, 0].tolist() == [0, 0, 0, 0, 5, 5, 0, 0, 0]
    assert gain.verified[:, 0].tolist() == [0, 0, 0, 2, 0, 0, 0, 0, 0]
    assert gain.measured[:, 0].tolist() == [0, 0, 0, 20, 0, 0, 0, 0, 0]
    assert books.settlement.payments.total[:, 0].tolist() == [0, 0, 0, 40, 500, 500, 0, 0, 0]


def test_a_cap_per_person_counts_from_the_start_to_the_payment() -> None:
    data = copy.deepcopy(BOND)
    data["contract"]["terms"]["job"]["caps"] = {"person": 40}
    assert sibmodel.base_case(read(data)).settlement.payments.total[4, 0] == pytest.approx(200)


def test_verification_in_parts_of_a_period_is_refused() -> None:
    data = copy.deepcopy(BOND)
    data["outcomes"]["job"]["verification_months"] = 4
    with pytest.raises(sibmodel.ScenarioError, match="4 months are not whole periods of 3 months"):
        read(data)
