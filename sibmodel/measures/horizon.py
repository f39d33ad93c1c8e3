"""What the timeline cuts off: money earned and people served after its last period."""

from __future__ import annotations

import numpy as np

from sibmodel.core.flows import NOBODY
from sibmodel.core.timeline import over_time
from sibmodel.model import Books

_PENNY = 0.01


def after_the_end(books: Books) -> dict[str, float]:
    """Amounts of the first trial that lie beyond the last period and so are in no other result; empty if none do.

    `payments`: pounds earned, before caps, that fall due later. `people_on_programme`: people still served when
    the timeline ends, whose later cost is missing.
    """
    payments = books.settlement.payments
    earned = sum(float(over_time(amount)[0]) for amount in payments.earned.values())
    due = sum(float(over_time(amount)[0]) for amount in payments.due.values())
    staying = sum(float(people[-1, 0]) for people in books.service.activity.on_programme.values())
    served = any(np.any(line.paid) for line in books.service.costs.lines if line.name == "link_workers")
    found = {"payments": earned - due, "people_on_programme": staying if served else 0.0}
    return {name: value for name, value in found.items() if value > (_PENNY if name == "payments" else NOBODY)}
