"""A small bond whose contract passes every line of the battery, and one variation for each line that fails it alone.

Each half-year 100 people are referred for four years, about 80 start, about 28 of them find a job a year later, and
each job is paid £4,000. So 224 jobs earn £896,000; service costs £484,000.
"""

import copy
from collections.abc import Callable
from typing import Any

from tests.random_numbers import Data

TRIALS, SEED = 1000, 7
BUDGET = 1_000_000.0
"""Pounds a year that the council has, of which it needs 40 % of £224,000, £89,600, in a full year."""
SCARCE = 90_000.0
"""Pounds a year that are hardly enough for what is planned."""

PASSES: Data = {
    "title": "A contract that passes",
    "timeline": {"signing": "2026-03-31", "period": "half_year", "periods": 12},
    "programme": {
        "service": {"to_month": 48},
        "groups": {
            "young": {"referrals": 50, "engaged": {"uniform": [0.75, 0.85]}},
            "adult": {"referrals": 50, "engaged": {"uniform": [0.75, 0.85]}},
        },
        "costs": {"set_up": 20_000, "fixed_per_year": 100_000, "per_person": 100},
    },
    "outcomes": {"job": {"type": "achievement", "share": {"uniform": [0.3, 0.4]}, "lag_months": 12}},
    "contract": {
        "payers": {
            "council": {"kind": "commissioner"},
            "fund_a": {"kind": "outcomes_fund"},
            "fund_b": {"kind": "outcomes_fund"},
        },
        "cap": 3_000_000,
        "split": {"council": 0.4, "fund_a": 0.3, "fund_b": 0.3},
        "terms": {"job": {"rule": "price", "outcome": "job", "price": 4000}},
        "termination": {"redemption": [{"pays": 200_000}, {"from_month": 24, "pays": 100_000}]},
    },
    "savings": {
        "agencies": {"benefits": {"payer": "council"}},
        "items": {"benefits": {"outcome": "job", "agency": "benefits", "kind": "fiscal", "value": 60_000}},
    },
    "capital": {"tranches": {"fund": {"commitment": 500_000}}},
}


def paid_for_nothing(data: Data) -> None:
    """Most of those who find a job would have found one anyway."""
    data["outcomes"]["job"]["counterfactual"] = {"level": 0.25}


def missed(data: Data) -> None:
    """A scale that begins just below the effect, measured once on a few hundred people: half the time it misses."""
    data["outcomes"]["score"] = {
        "type": "effect",
        "change": 0.105,
        "counterfactual": {"method": "trial"},
        "measurement": {"first_month": 54, "every_months": 54, "person_sd": 0.7},
    }
    data["contract"]["terms"]["score"] = {"rule": "linear", "outcome": "score", "points": [[0.1, 0], [0.3, 40_000]]}


def punished(data: Data) -> None:
    """A bonus for 20 to 39 jobs in a half-year, lost with the fortieth."""
    steps = [{"at_least": 20, "below": 40, "pays": 30_000}]
    data["contract"]["terms"]["bonus"] = {"rule": "steps", "outcome": "job", "steps": steps}


def cliff(data: Data) -> None:
    """More than all else, once the hundredth job is reached."""
    when = {"outcome": "job", "over": "contract", "at_least": 100}
    data["contract"]["terms"]["bonus"] = {"rule": "trigger", "amount": 1_200_000, "pays": "once", "when": when}


def flat(data: Data) -> None:
    """A scale that ends at 20 jobs in a half-year, where 28 are planned."""
    data["contract"]["terms"]["job"] = {"rule": "linear", "outcome": "job", "points": [[0, 0], [20, 112_000]]}


def more_than_stated(data: Data) -> None:
    """Tax that the council cannot recover comes on top of a cap without it."""
    data["contract"]["vat"] = {"rate": 0.2}
    data["contract"]["payers"]["council"]["recovers_vat"] = False


def dear(data: Data) -> None:
    """A job is worth £500 to a council that pays £1,600 for it."""
    data["savings"]["items"]["benefits"]["value"] = 500


def picked(data: Data) -> None:
    """Young people's jobs are paid more than twice as much, and cost the same."""
    data["contract"]["terms"]["job"]["price"] = {"by_group": {"young": 6000, "adult": 2500}}


def capped(data: Data) -> None:
    """From the third year on a cap by year allows the £224,000 that are planned, and hardly more."""
    cap = {"value": [500_000, 226_000], "from_period": [1, 5]}
    data["contract"]["caps"] = {"financial_year": cap}


def beyond_budget(data: Data) -> None:
    """The contract stays as it is: the budget is smaller."""


def ended(data: Data) -> None:
    """Nothing is paid on early termination."""
    data["contract"]["termination"] = {"redemption": []}


def left(data: Data) -> None:
    """Nine tenths are paid by the council."""
    data["contract"]["split"] = {"council": 0.9, "fund_a": 0.05, "fund_b": 0.05}


FAILS: dict[str, Callable[[Data], Any]] = {
    "nothing": paid_for_nothing,
    "working": missed,
    "better": punished,
    "cliffs": cliff,
    "marginal": flat,
    "most": more_than_stated,
    "saving": dear,
    "groups": picked,
    "caps": capped,
    "budget": beyond_budget,
    "ending": ended,
    "leaving": left,
}
"""The variation of each line, by its name."""


def varied(line: str | None = None) -> Data:
    """The contract that passes, or the variation of a line."""
    data = copy.deepcopy(PASSES)
    if line is not None:
        FAILS[line](data)
    return data


def left_of(line: str | None = None) -> float:
    """The budget beside it."""
    return SCARCE if line == "budget" else BUDGET
