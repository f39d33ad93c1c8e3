"""Whom the programme reaches where its workers are limited."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import over_time
from sibmodel.measures.values import Values
from sibmodel.model import Books


def programme_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """People who start, give up and wait at most; nothing where there are as many workers as are needed."""
    people, shape = books.service.activity, (books.trials.periods, books.trials.count)
    if people.able is None:
        return
    started, waiting = (np.broadcast_to(total(by.values()), shape) for by in (people.started, people.waiting))
    gave_up = np.broadcast_to(total(people.gave_up.values()), shape)
    yield "programme.started", Values(over_time(started), "people", "people who start")
    yield "programme.gave_up", Values(over_time(gave_up), "people", "people who give up waiting for a link worker")
    yield "programme.most_waiting", Values(waiting.max(axis=0), "people", "most people who wait at the end of a period")
