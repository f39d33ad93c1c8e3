"""Whom the programme reaches where its workers or the places that it sends people on to are limited."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.service import Activity
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.values import Values
from sibmodel.model import Books


def programme_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """People who start, give up, wait at most or find no place; nothing where nobody has to."""
    people, shape = books.service.activity, (books.trials.periods, books.trials.count)

    def in_all(series: FloatArray) -> FloatArray:
        return over_time(np.broadcast_to(series, shape))

    if people.able is not None or people.onward:
        yield "programme.started", Values(in_all(total(people.started.values())), "people", "people who start")
        for group, started in people.started.items():
            yield f"group.{group}.started", Values(in_all(started), "people", f"people of '{group}' who start")
    if people.able is not None:
        yield from _of_the_queue(people, shape)
    if books.service.costs.of_payers:
        own = total(line.paid for line in books.service.costs.of_payers)
        yield (
            "payers.own_costs",
            Values(in_all(own), "£", "what payers spend on the bond besides"),
        )
    if people.onward:
        lost = total(one.asked - one.placed for one in people.onward.values())
        words = "people who get no place at the services that they are sent on to"
        yield "programme.without_place", Values(in_all(lost), "people", words)


def _of_the_queue(people: Activity, shape: tuple[int, int]) -> Iterator[tuple[str, Values]]:
    gave_up = np.broadcast_to(total(people.gave_up.values()), shape)
    yield "programme.gave_up", Values(over_time(gave_up), "people", "people who give up waiting for a link worker")
    waiting = np.broadcast_to(total(people.waiting.values()), shape).max(axis=0)
    yield "programme.most_waiting", Values(waiting, "people", "most people who wait at the end of a period")
    for group, own in people.gave_up.items():
        lost = over_time(np.broadcast_to(own, shape))
        yield f"group.{group}.gave_up", Values(lost, "people", f"people of '{group}' who give up waiting")
