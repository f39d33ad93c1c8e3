"""Which uncertain numbers of a bond move together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.questions.inputs import Input
from sibmodel.sampling.distributions import inside
from sibmodel.sampling.normal import score, share_below
from sibmodel.scenario.dependence import dependence_of
from sibmodel.scenario.schema import Scenario

Marks = npt.NDArray[np.bool_]


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


def groups_of(scenario: Scenario, inputs: Mapping[str, Input]) -> tuple[Group, ...]:
    """The groups of inputs that move together; shocks, which nobody sees, are left out."""
    found = []
    for some in dependence_of(scenario):
        mine = [i for i, name in enumerate(some.names) if name in inputs]
        if len(mine) > 1:
            found.append(Group(tuple(some.names[i] for i in mine), some.used[np.ix_(mine, mine)]))
    return tuple(found)
