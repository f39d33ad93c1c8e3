"""What the contract pays for a simulated future's verified outcomes is what that future paid."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.core.flows import NOBODY, OutcomeFlow
from sibmodel.core.trials import Trials
from sibmodel.model import work_through
from sibmodel.sampling.sampler import sample
from tests.books import full
from tests.strategies import as_yaml

ROOT = Path(__file__).parents[1]

EVERYTHING: dict[str, Any] = {
    "title": "Many mechanisms at once",
    "timeline": {"signing": "2021-05-15", "period": "quarter", "periods": 20},
    "programme": {
        "service": {"to_month": 36},
        "groups": {
            "young": {"referrals": {"uniform": [40, 80]}, "engaged": {"triangular": [0.5, 0.7, 0.8]}},
            "old": {"referrals": 30, "engaged": 0.9},
        },
    },
    "outcomes": {
        "start": {"type": "achievement", "share": {"uniform": [0.8, 1]}},
        "half": {"type": "achievement", "share": 0.6, "lag_months": 6},
        "whole": {"type": "achievement", "share": 0.7, "lag_months": 12},
        "broken": {"type": "achievement", "share": 0.1, "lag_months": 3},
        "days": {"type": "quantity", "per_person": {"uniform": [5, 15]}, "lag_months": 4, "verification_months": 3},
        "gain": {
            "type": "effect",
            "change": {"normal": [1, 0.4]},
            "lag_months": 3,
            "measurement": {"first_month": 6, "every_months": 6, "last_month": 48, "person_sd": 3},
        },
    },
    "contract": {
        "payers": {
            "nhs": {"cap": 900_000, "caps": {"financial_year": 250_000}, "overflow_to": "council"},
            "council": {"floor": 50_000, "caps": {"period": 60_000}},
            "fund": {"kind": "outcomes_fund", "cap": 400_000},
            "lottery": {"kind": "outcomes_fund", "tops_up": {"payers": ["council"], "share": 0.3}, "cap": 60_000},
        },
        "vat": {"rate": 0.2, "in_caps": True},
        "cap": 1_500_000,
        "caps": {"period": {"limit": 120_000, "carry": "next_period"}, "financial_year": 400_000},
        "split": [
            {"shares": {"nhs": 0.5, "council": 0.2, "fund": 0.3}},
            {"after_paid": 300_000, "amounts": {"nhs": 300, "council": 100}},
        ],
        "terms": {
            "way": {
                "rule": "milestones",
                "milestones": {"start": 300, "half": {"by_group": {"young": 900, "old": 600}}, "whole": 1500},
                "stops_at": "broken",
                "cap": 300_000,
                "caps": {"shares": {"start": 0.2}},
                "lag_months": 2,
            },
            "days": {
                "rule": "tiers",
                "outcome": "days",
                "over": "financial_year",
                "tiers": [{"up_to": 1000, "price": 20}, {"price": 5}],
                "floors": {"financial_year": 5000},
            },
            "gain": {
                "rule": "linear",
                "outcome": "gain",
                "points": [[0, 0], [2, 1]],
                "per": "person",
                "price": {"by_group": {"young": 400, "old": {"uniform": [200, 300]}}},
                "when": {"any": [{"outcome": "gain", "at_least": 0.5}, {"outcome": "days", "above": 300}]},
                "split": {"nhs": 1},
            },
            "either": {
                "rule": "greatest",
                "of": {
                    "each": {"rule": "trigger", "amount": 9000, "when": {"outcome": "gain", "at_least": 1}},
                    "pool": {
                        "rule": "trigger",
                        "amount": 60_000,
                        "pays": "once",
                        "when": {"outcome": "gain", "over": "contract", "at_least": 0.8, "from_month": 36},
                    },
                },
            },
            "rate": {
                "rule": "steps",
                "outcome": "half",
                "divided_by": "start",
                "over": "contract",
                "steps": [{"below": 0.4, "pays": 0}, {"at_least": 0.4, "pays": 10_000}, {"above": 0.6, "pays": 25_000}],
                "from_month": 12,
            },
            "ready": {"rule": "standing_charge", "amount": 2000, "every_months": 6, "to_month": 30},
            "young": {"rule": "price", "outcome": "days", "price": [3, 4, 5], "groups": ["young"]},
        },
    },
    "capital": {"tranches": {"only": {"commitment": 300_000, "revolving": True}}},
}


def rows(outcomes: dict[str, OutcomeFlow], trial: int) -> Iterator[dict[str, Any]]:
    """An evaluator's rows for one simulated future."""
    for name, flow in outcomes.items():
        shape = (len(flow.measured), max(flow.measured.shape[1], flow.verified.shape[1], trial + 1))
        for part in flow.parts or (None,):
            units = np.broadcast_to(flow.units if part is None else part.units, shape)[:, trial]
            people = np.broadcast_to(flow.measured if part is None else part.measured, shape)[:, trial]
            mean = np.broadcast_to(flow.verified, shape)[:, trial]
            for t in np.flatnonzero(people > NOBODY):
                row = {"period": int(t), "outcome": name, "quantity": float(mean[t] if flow.is_effect else units[t])}
                if flow.is_effect:
                    row["people"] = float(people[t])
                if part is not None:
                    row["group"] = part.group
                    if part.age is not None:
                        row["cohort"] = str(t - part.age)
                yield row


def simulated(scenario: sibmodel.Scenario, count: int) -> Trials:
    noisy = [f"outcomes.{name}" for name in scenario.noisy_outcomes()]
    return sample(scenario.quantities(), noisy, scenario.timeline.periods + 1, seed=5, block=0, count=count)


@pytest.mark.parametrize(
    "file", ["everything", "terminated", "scenarios/ways_to_wellness.yaml", "tests/every_chapter.yaml"]
)
def test_paying_a_simulated_future_pays_what_it_paid(file: str) -> None:
    scenario = sibmodel.load(ROOT / file) if file.endswith(".yaml") else sibmodel.loads(as_yaml(EVERYTHING))
    if file == "terminated":
        end = {"month": 24, "redemption": [{"pays": 40_000}, {"from_month": 24, "pays": 30_000}]}
        scenario = sibmodel.change(scenario, {"contract.termination": end})
    trials = simulated(scenario, 12)
    books = work_through(scenario, trials)
    compared = 0.0
    for trial in range(trials.count):
        fixed = {
            address: float(values[trial])
            for address, values in trials.inputs.items()
            if address.startswith("contract.")
        }
        paid = sibmodel.pay(sibmodel.change(scenario, fixed), rows(dict(books.service.outcomes), trial))
        for name, payer in scenario.contract.payers.items():
            owed = [a for (_, by), a in books.settlement.payments.owed.items() if by == name]
            for t in range(scenario.timeline.periods + 1):
                expected = sum(float(full(books, amount)[t, trial]) for amount in owed)
                found = sum(
                    float(np.broadcast_to(a, (paid.periods + 1, 1))[t, 0])
                    for (_, by), a in paid.payments.owed.items()
                    if by == name
                )
                assert found == pytest.approx(expected, rel=1e-9, abs=1e-6), (trial, name, t, payer)
                compared += expected
    assert compared > 5000
