"""Uncertain numbers that move together: a Gaussian copula over those that are connected, and nothing for the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.correlation import is_valid, nearest, of_ranks, of_scores, root
from sibmodel.sampling.distributions import inside
from sibmodel.sampling.normal import score, share_below
from sibmodel.sampling.terms import DependenceTerms

SHOCK = "shock:"
"""What the name of a shock's stream begins with, so that several bonds can share it."""
SEEN = 5e-4
"""A change of a rank correlation that shows in three digits."""

Pair = frozenset[str]
Resolve = Callable[[str], str | None]


@dataclass(frozen=True)
class Change:
    """A rank correlation that was repaired: of a pair, as stated or implied by shocks, and as used."""

    pair: tuple[str, str]
    stated: float
    used: float
    is_implied: bool

    def __str__(self) -> str:
        one, other = (f"'{name.replace(SHOCK, 'shock ')}'" for name in self.pair)
        return (
            f"{one} with {other} {self.stated:.3f} {'implied' if self.is_implied else 'stated'}, {self.used:.3f} used"
        )


@dataclass(frozen=True)
class Together:
    """Streams that are connected: shocks by name, then addresses in alphabetical order.

    `wanted` are the correlations of their normal scores as stated or implied, `said` the pairs that are stated.
    """

    names: tuple[str, ...]
    wanted: FloatArray
    said: frozenset[Pair]

    @cached_property
    def used(self) -> FloatArray:
        """The correlations wanted, or the nearest that do not contradict one another."""
        return self.wanted if is_valid(self.wanted) else nearest(self.wanted)

    @cached_property
    def root(self) -> FloatArray:
        """What turns independent normal scores into those of the copula."""
        return root(self.used)

    @property
    def changes(self) -> list[Change]:
        """Rank correlations that were repaired, the largest changes first."""
        rows, columns = np.tril_indices(len(self.names), -1)
        # shocks may imply more than any correlation can be
        wanted, used = np.clip(self.wanted[rows, columns], -2, 2), self.used[rows, columns]
        found = [
            Change(
                (self.names[j], self.names[i]),
                float(before),
                float(after),
                {self.names[i], self.names[j]} not in self.said,
            )
            for i, j, before, after in zip(rows, columns, of_ranks(wanted), of_ranks(used), strict=True)
            if abs(before - after) >= SEEN
        ]
        return sorted(found, key=lambda change: -abs(change.stated - change.used))

    def mixed(self, uniforms: Mapping[str, FloatArray]) -> dict[str, FloatArray]:
        """Uniform numbers by address, of the copula: Φ(Σ root · Φ⁻¹(u)). What mixes nothing stays to the bit."""
        scores = [score(uniforms[name]) for name in self.names]
        out = {}
        for i, name in enumerate(self.names):
            if name.startswith(SHOCK):
                continue
            weights = [(float(self.root[i, j]), scores[j]) for j in range(i + 1) if self.root[i, j] != 0.0]
            if len(weights) == 1 and self.root[i, i] == 1.0:
                out[name] = uniforms[name]
                continue
            # one after the other: a matrix product may add up in another order for other trials
            total = weights[0][0] * weights[0][1]
            for weight, other in weights[1:]:
                total = total + weight * other
            out[name] = inside(share_below(total))
        return out


def connected(terms: DependenceTerms, resolve: Resolve) -> tuple[Together, ...]:
    """The numbers that move together, in groups that are independent of each other.

    `resolve` gives the address at which a number that the file names is drawn; None leaves it out.
    """
    stated, loadings = _stated(terms, resolve), _loadings(terms, resolve)
    neighbours: dict[str, set[str]] = {}
    for pair in (*(pair for pair, rank in stated.items() if rank), *(pair for pair, rank in loadings.items() if rank)):
        for name in pair:
            neighbours.setdefault(name, set()).update(pair)
    seen: set[str] = set()
    out = []
    for name in sorted(neighbours):
        if name not in seen:
            members = _reached(name, neighbours)
            seen |= members
            names = tuple(sorted(members, key=lambda one: (not one.startswith(SHOCK), one)))
            out.append(_together(names, stated, loadings))
    return tuple(out)


def _stated(terms: DependenceTerms, resolve: Resolve) -> dict[Pair, float]:
    found = {frozenset(map(resolve, one.between)): one.rank for one in terms.correlations}
    return {frozenset(name for name in pair if name): rank for pair, rank in found.items() if None not in pair}


def _loadings(terms: DependenceTerms, resolve: Resolve) -> dict[Pair, float]:
    return {
        frozenset((SHOCK + shock, found)): rank
        for shock, body in terms.shocks.items()
        for address, rank in body.moves.items()
        if (found := resolve(address)) is not None
    }


def _reached(name: str, neighbours: Mapping[str, set[str]]) -> set[str]:
    """All that are connected with a name, by whatever way."""
    found, new = {name}, {name}
    while new:
        new = set().union(*(neighbours[one] for one in new)) - found
        found |= new
    return found


def _together(names: tuple[str, ...], stated: Mapping[Pair, float], loadings: Mapping[Pair, float]) -> Together:
    """Their matrix: loadings; pairs as stated; others Σ over shocks of the product of both loadings."""
    shocks = [i for i, name in enumerate(names) if name.startswith(SHOCK)]
    wanted = np.eye(len(names))
    loading = np.zeros((len(names), len(shocks)))
    for i, name in enumerate(names[len(shocks) :], start=len(shocks)):
        for k in shocks:
            loading[i, k] = of_scores(loadings.get(frozenset((name, names[k])), 0.0))
    implied = loading @ loading.T
    for i in range(len(names)):
        for j in range(i):
            pair = frozenset((names[i], names[j]))
            value = loading[i, j] if j in shocks else implied[i, j]
            wanted[i, j] = wanted[j, i] = of_scores(stated[pair]) if pair in stated else value
    return Together(names, wanted, frozenset(pair for pair in (*stated, *loadings) if pair <= set(names)))
