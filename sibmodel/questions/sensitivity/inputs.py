"""The uncertain numbers of a bond, and which of them move together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.distribution import Distribution
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.questions.risks import Risk, risk_of
from sibmodel.sampling.distributions import inside, values
from sibmodel.sampling.normal import score, share_below
from sibmodel.scenario.dependence import dependence_of
from sibmodel.scenario.schema import Scenario

_HALVINGS = 53
Marks = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Input:
    """One uncertain number: where it is drawn, and the quantity of which it is an item."""

    address: str
    quantity: Quantity
    index: int
    item: Distribution

    @property
    def base(self) -> float:
        """Its value in the base case."""
        return self.quantity.central_values()[self.index]

    @property
    def unit(self) -> str:
        """Its unit in words, empty if the file says none."""
        return self.quantity.unit or ""

    @property
    def risk(self) -> Risk:
        """The risk to which it belongs."""
        return risk_of(self.quantity.address)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that its field allows."""
        return self.quantity.limits

    def at(self, uniform: FloatArray) -> FloatArray:
        """Its values below which shares of the futures lie, as a run draws them."""
        return np.clip(values(self.item, uniform), *self.limits)

    def ends(self) -> tuple[float, float]:
        """The least and the most that it can be; without an end, but for one value in a thousand on that side."""
        low, high = np.clip(self.item.extremes, *self.limits)
        return float(low), float(high)

    def chance_beyond(self, value: float) -> float:
        """The chance, by its own distribution, that it lies on the far side of a value, seen from the base case."""
        above = value > self.base
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            here = float(self.at(inside(np.array([middle])))[0])
            low, high = (middle, high) if here < value or (above and here == value) else (low, middle)
        return 1.0 - high if above else low


@dataclass(frozen=True, eq=False)
class Group:
    """Numbers that move together, and the correlations of their normal scores, (names, names)."""

    names: tuple[str, ...]
    correlations: FloatArray

    def others(self, name: str, score_of_it: float) -> dict[str, float]:
        """The share of its futures below which each of the others has its middle, where one has a score: Φ(ρ z)."""
        row = self.correlations[self.names.index(name)]
        shares = share_below(row * score_of_it)
        return {other: float(shares[i]) for i, other in enumerate(self.names) if other != name and row[i] != 0.0}

    def anew(self, some: Trials, others: Trials, drawn: Marks) -> FloatArray:
        """Uniform numbers, (names, trials), of which those that are `drawn` come anew, given those that are not.

        Scores of the other trials, and what scores that stay lead to expect of them less what the others' own did
        (conditioning by kriging; Hoffman and Ribak 1991): an exact draw from the Gaussian copula.
        """
        own, new = ([score(inside(t.probabilities[name])) for name in self.names] for t in (some, others))
        z, w = np.stack(own), np.stack(new)
        out = np.where(drawn, w, z)
        for pattern in np.unique(drawn, axis=1).T:
            stays, columns = ~pattern, np.all(drawn == pattern[:, None], axis=0)
            if stays.any() and pattern.any():
                known = self.correlations[np.ix_(stays, stays)]
                weights = self.correlations[np.ix_(pattern, stays)] @ np.linalg.pinv(known)
                out[np.ix_(pattern, columns)] += weights @ (z - w)[np.ix_(stays, columns)]
        return inside(share_below(out))


def inputs_of(scenario: Scenario) -> dict[str, Input]:
    """Every uncertain number of the bond by the address at which it is drawn."""
    return {
        address: Input(address, quantity, index, item)
        for quantity in scenario.quantities_of_the_bond()
        for index, (address, item) in enumerate(quantity.items())
        if not isinstance(item, float)
    }


def groups_of(scenario: Scenario, inputs: Mapping[str, Input]) -> tuple[Group, ...]:
    """The groups of inputs that move together; shocks, which nobody sees, are left out."""
    found = []
    for some in dependence_of(scenario):
        mine = [i for i, name in enumerate(some.names) if name in inputs]
        if len(mine) > 1:
            found.append(Group(tuple(some.names[i] for i in mine), some.used[np.ix_(mine, mine)]))
    return tuple(found)
