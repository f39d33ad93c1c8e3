"""What the timeline cuts off: money earned and people served after its last period."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import over_time
from sibmodel.measures.savings_beyond import saved_later
from sibmodel.model import Books
from sibmodel.outcomes.terms import EffectTerms

_PENNY = 0.01
_SOMEBODY = 1e-6


def after_the_end(books: Books) -> dict[str, float]:
    """Amounts of the first trial that lie beyond the last period and so are in no other result; empty if none do.

    `payments`: pounds earned, before caps, that fall due later, and pounds owed that come later.
    `people_on_programme`: people still served when the timeline ends, whose later cost is missing. `outcome.NAME`:
    people whose outcome comes after the last period, or after the last report, and is never verified. `savings`:
    fiscal savings, as the headline counts, real and not discounted.
    """
    payments = books.settlement.payments
    earned, due, owed, lost, paid = (
        sum(float(over_time(amount)[0]) for amount in amounts.values())
        for amounts in (payments.earned, payments.due, payments.owed, payments.lost, payments.paid)
    )
    staying = sum(float(people[-1, 0]) for people in books.service.activity.on_programme.values())
    served = any(np.any(line.paid) for line in books.service.costs.lines if line.name == "link_workers")
    found = {"payments": earned - due + owed - lost - paid, "people_on_programme": staying if served else 0.0}
    found |= {f"outcome.{name}": _never_verified(books, name) for name in books.service.outcomes}
    later = saved_later(books)
    found |= {} if later is None else {"savings": later.pounds}
    return {name: value for name, value in found.items() if value > (_PENNY if name == "payments" else _SOMEBODY)}


def _never_verified(books: Books, name: str) -> float:
    """People who came but whose outcome is seen too late; none for an effect a person_year, which many reports see."""
    terms, activity = books.scenario.outcomes[name], books.service.activity
    if isinstance(terms, EffectTerms) and terms.per == "person_year":
        return 0.0
    came = activity.started if isinstance(terms, EffectTerms) or terms.of == "engaged" else activity.referred
    people = sum(float(over_time(came[group])[0]) for group in terms.groups or came)
    return people - float(over_time(books.service.outcomes[name].measured)[0])
