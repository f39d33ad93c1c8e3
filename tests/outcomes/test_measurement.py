"""The error of a report, by the formula."""

import math
from typing import Any

import numpy as np
import pytest

from sibmodel.model import work_through
from sibmodel.running.execution import trials_of
from sibmodel.sampling.sampler import sample
from tests.books import worked
from tests.random_numbers import Data
from tests.strategies import read


def bond(counterfactual: Data, **measurement: Any) -> Data:
    """100 people a year, measured together once, whose change is nothing but noise."""
    return {
        "title": "Noise",
        "timeline": {"signing": "2020-01-01", "period": "year", "periods": 2},
        "programme": {"groups": {"all": {"referrals": 100, "engaged": 1}}},
        "outcomes": {
            "days": {
                "type": "effect",
                "change": 0,
                "counterfactual": counterfactual,
                "measurement": {"first_month": 24, "every_months": 12, "person_sd": 30, **measurement},
            }
        },
        "contract": {"payers": {"council": {}}, "terms": {"days": {"rule": "price", "outcome": "days", "price": 1}}},
        "capital": {"tranches": {"only": {"commitment": 0}}},
    }


@pytest.mark.parametrize(
    ("counterfactual", "measurement", "error"),
    [
        ({}, {}, 30 * math.sqrt(1 / 200)),
        ({"method": "history", "agreed": 0}, {"comparison_ratio": 4}, 30 * math.sqrt(1 / 200)),
        ({"method": "trial"}, {}, 30 * math.sqrt(2 / 200)),
        ({"method": "comparison"}, {"comparison_ratio": 4}, 30 * math.sqrt(1 / 200 + 1 / 800)),
    ],
)
def test_the_error_of_a_report(counterfactual: Data, measurement: Data, error: float) -> None:
    books = worked(bond(counterfactual, **measurement), count=50)
    outcome = books.service.outcomes["days"]
    z = books.trials.normals["outcomes.days"]
    assert outcome.measured[:, 0].tolist() == [0, 0, 200]
    assert outcome.verified[2] == pytest.approx(error * z[2], rel=1e-12)
    assert not outcome.verified[:2].any()
    assert not np.any(outcome.true)


def test_noise_is_drawn_up_to_the_last_report_and_is_the_same() -> None:
    scenario = read(bond({}, first_month=12, last_month=12))
    (drawn,) = trials_of(scenario, 50, 7)
    whole = sample(scenario.quantities(), ["outcomes.days"], 3, seed=7, block=0, count=50)
    assert drawn.normals["outcomes.days"].tolist() == whole.normals["outcomes.days"][:2].tolist()
    of_drawn, of_whole = (work_through(scenario, some).service.outcomes["days"] for some in (drawn, whole))
    assert of_drawn.verified.any()
    assert of_drawn.verified.tolist() == of_whole.verified.tolist()
    assert of_drawn.measured.tolist() == of_whole.measured.tolist()
