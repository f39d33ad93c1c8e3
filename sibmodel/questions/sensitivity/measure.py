"""Which measure is looked at where none is asked for, and which way it is good."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sibmodel.measures.commissioner import commissioners, own_savings
from sibmodel.running.execution import base_case
from sibmodel.scenario.schema import Scenario

PAYERS, INVESTORS = "commissioner.net_saving", "investor.npv"


@dataclass(frozen=True)
class Good:
    """Whether more of a measure is good, and for whom."""

    more: bool
    whom: str


_TABLE: Final = (
    (r"(investor|tranche\..+)\.(irr|mirr|multiple|profit|npv)", Good(True, "those who invest")),
    (r"(investor|tranche\..+)\.(expected_loss|peak_funding|payback_period)", Good(False, "those who invest")),
    (r".*net_saving|agency\..+\.\w+", Good(True, "those who save")),
    (r"(payers?|commissioner)\b.*\.(payments\w*|maximum_exposure|own_costs|promised)", Good(False, "those who pay")),
    (r"payers\..*savings_per_pound", Good(True, "those who pay")),
    (r"public\..*payback_period", Good(False, "the public purse")),
    (r"public\..+", Good(True, "the public purse")),
    (r"provider\.surplus", Good(True, "the provider")),
    (r"vehicle\.funding_gap", Good(False, "those who must cover it")),
    (r"outcome\..+\.verified|.+\.started", Good(True, "participants")),
    (r".+\.(gave_up|most_waiting|without_place)", Good(False, "participants")),
)  # fmt: skip
"""Patterns of measures, the first that fits holds; of others it is not said which way is good."""


def good_of(measure: str) -> Good | None:
    """Which way a measure is good; None where that depends."""
    return next((good for pattern, good in _TABLE if re.fullmatch(pattern, measure)), None)


def usual_measure(scenario: Scenario) -> str:
    """What commissioners save after all payments, where one has fiscal savings of its own; else what investors gain."""
    base = base_case(scenario)
    return PAYERS if own_savings(base, *commissioners(base)) else INVESTORS
