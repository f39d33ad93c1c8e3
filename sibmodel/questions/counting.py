"""Counting people and pounds in every trial."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.values import Unit, Values
from sibmodel.model import Books

SOMEBODY = 1e-6
"""Fewer people than this are nobody."""


class Key(NamedTuple):
    """What is counted: of a group, route, area, service, lever or year, by its name; `what` names the number."""

    of: str
    name: str
    what: str


def people(books: Books, series: FloatArray, label: str, unit: Unit = "people") -> Values:
    """A sum over periods in every trial."""
    return Values(over_time(np.broadcast_to(series, (books.trials.periods, books.trials.count))), unit, label)


def most(books: Books, waiting: FloatArray) -> Values:
    """The largest queue in every trial."""
    full = np.broadcast_to(waiting, (books.trials.periods, books.trials.count))
    return Values(full.max(axis=0), "people", "most who wait at the end of a period")


def at_the_end(books: Books, waiting: FloatArray, label: str) -> Values:
    """Those of the last period, in every trial."""
    return Values(np.broadcast_to(waiting[-1], books.trials.count).astype(np.float64), "people", label)
