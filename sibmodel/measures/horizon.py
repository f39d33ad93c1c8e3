"""What the timeline cuts off: money earned and people served after its last period."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from sibmodel.contract.payers import payments
from sibmodel.contract.payment import until_all_is_due
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.timing import present_weights
from sibmodel.core.trials import Trials
from sibmodel.measures.savings_beyond import saved_later
from sibmodel.model import Books
from sibmodel.outcomes.terms import EffectTerms

Key = TypeVar("Key", bound=Hashable)

_PENNY = 0.01
_SOMEBODY = 1e-6


def after_the_end(books: Books) -> dict[str, float]:
    """Amounts of the base case that lie beyond the last period and so are in no other result; empty if none do.

    `payments`: pounds that payers owe by caps, floors and top-ups, and that fall due, or come, later.
    `people_on_programme`: people who stay on after the last period, whose later cost is missing. `outcome.NAME`:
    people whose outcome comes after the last period, or after the last report, and is never verified. `savings`:
    fiscal savings, as the headline counts, real and not discounted.
    """
    staying = sum(_staying(books, group) for group in books.service.activity.started)
    served = any(np.any(line.paid) for line in books.service.costs.lines if line.name == "link_workers")
    found = {"payments": _paid_later(books), "people_on_programme": staying if served else 0.0}
    found |= {f"outcome.{name}": _never_verified(books, name) for name in books.service.outcomes}
    later = saved_later(books)
    found |= {} if later is None else {"savings": later.pounds}
    return {name: value for name, value in found.items() if value > (_PENNY if name == "payments" else _SOMEBODY)}


def payments_after_the_end(books: Books) -> dict[str, float]:
    """The same of payments alone."""
    pounds = _paid_later(books)
    return {"payments": pounds} if pounds > _PENNY else {}


def _paid_later(books: Books) -> float:
    """What the contract pays in all for what is verified on the timeline, less what is paid on it.

    Like `pay`, the contract is worked out on a timeline that goes on until all has fallen due.
    """
    contract, timeline = books.scenario.contract, books.scenario.timeline
    longer = until_all_is_due(contract, timeline)
    rows, trials = timeline.periods + 1, Trials.base(longer.periods + 1)
    outcomes = {name: flow.longer(rows, trials.periods) for name, flow in books.service.outcomes.items()}
    whole = payments(contract, outcomes, longer, trials, timeline.months)
    return _in_all(whole.owed) - _in_all(whole.lost) - _in_all(books.settlement.payments.paid)


def _in_all(amounts: Mapping[Key, FloatArray]) -> float:
    return sum(float(over_time(amount)[0]) for amount in amounts.values())


def _staying(books: Books, group: str) -> float:
    """People of a group who would be there in the period after the last, if nobody came any more."""
    stay = books.scenario.programme.groups[group].stay_months.over(books.trials) / books.scenario.timeline.period_months
    weights = present_weights(stay, books.trials.periods + 1)[1:]
    started = np.broadcast_to(books.service.activity.started[group], (books.trials.periods, books.trials.count))
    latest = started[::-1][: len(weights)]
    return float(over_time(latest * weights[: len(latest)])[0])


def _never_verified(books: Books, name: str) -> float:
    """People who came but whose outcome is seen too late; none for an effect a person_year, which many reports see."""
    terms, activity = books.scenario.outcomes[name], books.service.activity
    if isinstance(terms, EffectTerms) and terms.per == "person_year":
        return 0.0
    came = activity.started if isinstance(terms, EffectTerms) or terms.of == "engaged" else activity.referred
    people = sum(float(over_time(came[group])[0]) for group in terms.groups or came)
    return people - float(over_time(books.service.outcomes[name].measured)[0])
