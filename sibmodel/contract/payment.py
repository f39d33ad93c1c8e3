"""From verified outcomes to what each term pays, before caps.

A payment rule is one entry in `RULES`: a function of (term, outcomes, trials) that returns pounds by period, in
the period in which the outcome is verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from sibmodel.contract.terms import LinearTerms, PriceTerms, RateCardTerms, Term
from sibmodel.core.flows import NOBODY, OutcomeFlow, total
from sibmodel.core.schedule import linear
from sibmodel.core.timeline import FloatArray, Timeline, running_total
from sibmodel.core.timing import delay
from sibmodel.core.trials import Trials

Outcomes = Mapping[str, OutcomeFlow]


def price(term: PriceTerms, outcomes: Outcomes, trials: Trials) -> FloatArray:
    """Price times verified units."""
    return outcomes[term.outcome].units * term.price.over(trials)


def rate_card(term: RateCardTerms, outcomes: Outcomes, trials: Trials) -> FloatArray:
    """Sum over outcomes of price times verified units."""
    return total(outcomes[name].units * one.over(trials) for name, one in term.prices.items())


def linear_schedule(term: LinearTerms, outcomes: Outcomes, trials: Trials) -> FloatArray:
    """Price at a point on straight lines, for each report or for everything since signing."""
    outcome = outcomes[term.outcome]
    reads_mean = outcome.is_effect and term.reads != "total"
    units, people = outcome.units, outcome.measured
    if term.over == "contract":
        units, people = running_total(units), running_total(people)
    seen = people > NOBODY
    if not reads_mean:
        x = units
    elif term.over == "contract":
        x = units / np.where(seen, people, 1.0)
    else:
        x = outcome.verified
    amount = term.price.over(trials) * linear(term.points, x) * (people if term.per == "person" else 1.0)
    amount = np.where(seen, amount, 0.0)
    return _increase(amount) if term.over == "contract" else amount


def _increase(amount: FloatArray) -> FloatArray:
    """What is newly owed when the total owed so far can rise but is never taken back."""
    highest = np.maximum.accumulate(np.maximum(amount, 0.0), axis=0)
    return np.diff(highest, axis=0, prepend=0.0)


Rule = Callable[[Any, Outcomes, Trials], FloatArray]
RULES: Mapping[type, Rule] = {PriceTerms: price, RateCardTerms: rate_card, LinearTerms: linear_schedule}


def earned(terms: Mapping[str, Term], outcomes: Outcomes, trials: Trials) -> dict[str, FloatArray]:
    """Each term's amount in the period its outcome is verified; never below zero. (periods, 1 or trials)."""
    return {name: np.maximum(RULES[type(term)](term, outcomes, trials), 0.0) for name, term in terms.items()}


def due(
    terms: Mapping[str, Term], amounts: Mapping[str, FloatArray], timeline: Timeline, trials: Trials
) -> dict[str, FloatArray]:
    """Amounts earned in the period they fall due, before caps. (periods, 1 or trials)."""
    return {
        name: delay(amounts[name], term.lag_months.over(trials) / timeline.period_months)
        for name, term in terms.items()
    }
