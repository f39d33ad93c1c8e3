"""The risks of a bond, and which uncertain number belongs to which: one table of addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from sibmodel.errors import SibmodelError


@dataclass(frozen=True)
class Risk:
    """One risk: its name, and what is uncertain in it, in words."""

    name: str
    words: str


VOLUME: Final = Risk("volume", "how many people are referred")
ENGAGEMENT: Final = Risk("engagement", "how many of them start, and how long they stay")
EFFECT: Final = Risk("effect", "what truly changes, for how long, and what would have happened anyway")
PEOPLE: Final = Risk("luck with people", "who happens to succeed")
MEASUREMENT: Final = Risk("measurement", "what the evaluator sees of it: noise, and what it accepts or deducts")
COST: Final = Risk("cost", "what delivery costs, and prices in general")
VALUE: Final = Risk("value of savings", "what a change is worth, to whom it is due, how much of it is cashable")
TIMING: Final = Risk("timing", "how long outcomes, payments and savings take")
PAYER: Final = Risk("payer", "whether payers pay late or dispute what they owe")
DEAL: Final = Risk("terms of the deal", "prices, caps and capital that are not yet agreed")

RISKS: Final = (VOLUME, ENGAGEMENT, EFFECT, PEOPLE, MEASUREMENT, COST, VALUE, TIMING, PAYER, DEAL)
"""In the order in which they are told. The terms of the deal are no risk of the world; they are told if uncertain."""

TABLE: Final = (
    ("prices.inflation", COST),
    ("programme.groups.*.referrals", VOLUME),
    ("programme.groups.*.engaged", ENGAGEMENT),
    ("programme.groups.*.stay_months", ENGAGEMENT),
    ("programme.groups.*.caseload_weight", COST),
    ("programme.groups.*.cost_per_person", COST),
    ("programme.groups.*.routes.*.referrals", VOLUME),
    ("programme.groups.*.routes.*.cannot_use", VOLUME),
    ("programme.groups.*.routes.*.engaged", ENGAGEMENT),
    ("programme.groups.*.routes.*.cost_per_referral", COST),
    ("programme.areas.**", COST),
    ("programme.minimum.*", COST),
    ("programme.link_workers.give_up_each_month", ENGAGEMENT),
    ("programme.link_workers.*", COST),
    ("programme.onward.*.cost_per_place", COST),
    ("programme.onward.*.volunteers.cost_per_year", COST),
    ("programme.onward.**", ENGAGEMENT),
    ("programme.costs.**", COST),
    ("outcomes.*.lag_months", TIMING),
    ("outcomes.*.luck.*", PEOPLE),
    ("outcomes.*.verified_share", MEASUREMENT),
    ("outcomes.*.measurement.*", MEASUREMENT),
    ("outcomes.*.counterfactual.agreed", MEASUREMENT),
    ("outcomes.*.counterfactual.level", EFFECT),
    ("outcomes.*.counterfactual.regression_to_mean.*", EFFECT),
    ("outcomes.*.share", EFFECT),
    ("outcomes.*.per_person", EFFECT),
    ("outcomes.*.change", EFFECT),
    ("outcomes.*.effect_in_group.*", EFFECT),
    ("outcomes.*.lasts_months", EFFECT),
    ("outcomes.*.kept_each_year", EFFECT),
    ("savings.items.*.lag_months", TIMING),
    ("savings.**", VALUE),
    ("appraisal.**", VALUE),
    ("reference.**", VALUE),
    ("contract.payers.*.late_months", PAYER),
    ("contract.payers.*.disputes.*", PAYER),
    ("contract.terms.*.lag_months", TIMING),
    ("routes.**", DEAL),
    ("contract.**", DEAL),
    ("capital.**", DEAL),
)
"""Patterns of addresses, the first that fits holds: `*` is one name of an address, `**` all the rest."""


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.escape(pattern).replace(r"\*\*", ".+").replace(r"\*", r"[^.]+")
    return re.compile(parts)


_EXPRESSIONS = tuple((_expression(pattern), risk) for pattern, risk in TABLE)


def risk_of(address: str) -> Risk:
    """The risk to which an uncertain number belongs, by its address (without an index of a list by period)."""
    for expression, risk in _EXPRESSIONS:
        if expression.fullmatch(address):
            return risk
    raise SibmodelError(f"'{address}' belongs to no risk: a fault of the program, please report it")
