"""Switching values: how far each link of the savings chain must move for a pound to save a pound."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.appraisal import appraisal_measures
from sibmodel.measures.public_value import public_measures
from sibmodel.model import work_through
from sibmodel.scenario.schema import Scenario

CHAIN = ("outcomes.", "savings.", "evidence.")
FARTHEST = 20.0
"""How far to look beyond an unlimited number, in multiples of its base value."""
_HALVINGS = 50
_INSIDE = 1e-9


@dataclass(frozen=True)
class Switch:
    """One link: its base value, and where it must be for each measure to be 1, None if nowhere within its limits."""

    address: str
    unit: str
    base: float
    switches: Mapping[str, float | None]


def switching_values(scenario: Scenario, measures: tuple[str, ...]) -> tuple[Switch, ...]:
    """All links of the chain, each moved alone in the base case. Measures are ratios of `sibmodel run`.

    Bisection between the base value and the nearer limit beyond which the ratio is on the other side of 1.
    """
    links = list(_links(scenario))
    if not links:
        return ()
    bases = np.array([base for _, base, _, _ in links])
    found = {m: _root(scenario, [address for address, *_ in links], bases, links, m) for m in measures}
    return tuple(
        Switch(_told(scenario, at, quantity), quantity.unit or "", base, {m: _known(found[m][i]) for m in measures})
        for i, (at, base, _, quantity) in enumerate(links)
    )


def _told(scenario: Scenario, address: str, quantity: Quantity) -> str:
    """Where the number can be set: at its own address, but evidence in several places by its name."""
    places = [q for q in scenario.quantities() if q.evidence is not None and q.evidence == quantity.evidence]
    return address if len(places) > 1 else quantity.address


def is_link(address: str) -> bool:
    """Whether a number says how large a saving is, and not how an outcome is measured."""
    parts = address.split(".")
    about_measuring = parts[2:3] == ["measurement"] or parts[2:] in (["verified_share"], ["counterfactual", "agreed"])
    return address.startswith(CHAIN) and not (parts[0] == "outcomes" and about_measuring)


Link = tuple[str, float, tuple[float, float], Quantity]


def _links(scenario: Scenario) -> Iterator[Link]:
    """Address, base value and ends of every single number of the chain, those of the same evidence once."""
    seen: set[str] = set()
    for quantity in scenario.quantities():
        address, _ = next(iter(quantity.items()))
        if not is_link(quantity.address) or len(quantity.value) > 1 or address in seen or not scenario.says(quantity):
            continue
        seen.add(address)
        base = quantity.central_values()[0]
        reach = FARTHEST * max(abs(base), 1.0)
        low, high = quantity.limits
        low += _INSIDE  # the end itself may not be allowed: a step of nothing
        yield address, base, (max(low, base - reach), min(high, base + reach)), quantity


def _ratio(scenario: Scenario, addresses: list[str], bases: FloatArray, values: FloatArray, measure: str) -> FloatArray:
    """The measure where each link alone has its value, (links,)."""
    inputs = {}
    for i, address in enumerate(addresses):
        column = np.full(len(addresses), bases[i])
        column[i] = values[i]
        inputs[address] = column
    books = work_through(scenario, Trials(len(addresses), scenario.timeline.periods + 1, inputs))
    return dict(chain(public_measures(books), appraisal_measures(books)))[measure].values


def _root(scenario: Scenario, addresses: list[str], bases: FloatArray, links: list[Link], measure: str) -> FloatArray:
    def above(values: FloatArray) -> FloatArray:
        return _ratio(scenario, addresses, bases, values, measure) - 1.0

    at_base = above(bases)
    ends = np.array([end for _, _, end, _ in links])
    crosses = [at_base * above(ends[:, side]) < 0 for side in (0, 1)]
    near, far = bases.copy(), np.where(crosses[0], ends[:, 0], ends[:, 1])
    for _ in range(_HALVINGS):
        middle = (near + far) / 2
        same = above(middle) * at_base > 0
        near, far = np.where(same, middle, near), np.where(same, far, middle)
    return np.where(crosses[0] | crosses[1], (near + far) / 2, np.nan)


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
