"""The stress test the other way round: the most likely combination of inputs in which investors lose so much.

In the space of the independent standard normal scores behind the inputs the density falls with the distance from the
middle, so the most likely combination is the nearest: the design point of structural reliability (Hasofer and Lind
1974). Dependence is honoured, because scores are mixed as in a simulation; a shock is a score of its own. Noise and
luck are zero.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.investor import net_flow
from sibmodel.model import Books, work_through
from sibmodel.questions.stress.checks import Figure, Found
from sibmodel.sampling.dependence import Together
from sibmodel.sampling.distributions import inside, values
from sibmodel.sampling.normal import score, share_below
from sibmodel.scenario.dependence import dependence_of
from sibmodel.scenario.schema import Scenario

SHARES: Final = (0.1, 0.5, 1.0)
"""Parts of their money that investors lose."""
FARTHEST = 6.0
"""Scores from the middle beyond which nothing is looked for: fewer than one future in a thousand million."""
STARTS, RAYS, CANDIDATES = 4, 25, 40
_BISECTIONS = 14
_STILL = 0.05
_NEARLY = 1e-9
_SLOPE = 1e-3
_SAME = 0.01


@dataclass(frozen=True)
class Moved:
    """An input at the point: its score (of the dependent normals), its value, and its central value."""

    address: str
    score: float
    value: float
    central: float
    unit: str

    @property
    def once_in(self) -> float:
        """Futures of which one lies at least as far out on that side."""
        return 1.0 / max(float(share_below(np.array([-abs(self.score)]))[0]), 1e-300)


@dataclass(frozen=True)
class Reverse:
    """The nearest point found at which investors lose `share` of their money, or none within `FARTHEST`.

    `distance` is the root of the sum of squares of independent scores, `lost` the share that is lost there, `moved` the
    inputs from the farthest out to the least. `agreeing` of `starts` searches ended within 1 % of it. `chance` is how
    often so much is lost in a simulation, `quiet` the same without noise and luck.
    """

    share: float
    distance: float | None
    lost: float | None
    moved: tuple[Moved, ...]
    starts: int
    agreeing: int
    chance: Figure
    quiet: Figure

    @property
    def beyond(self) -> float | None:
        """The chance of the half space beyond the point, Φ(−distance): of losing as much, were the edge straight."""
        return None if self.distance is None else float(share_below(np.array([-self.distance]))[0])


def loss_share(books: Books) -> FloatArray:
    """Part of what investors put in (netted by period) that they lose, (trials,); below 0 where they gain."""
    net = net_flow(books)
    put_in, back = over_time(np.maximum(-net, 0.0)), over_time(np.maximum(net, 0.0))
    return np.divide(put_in - back, put_in, out=np.zeros_like(put_in), where=put_in > 0)


def quiet(trials: Trials) -> Trials:
    """The inputs of trials, without noise, wandering and luck."""
    return Trials(trials.count, trials.periods, trials.inputs, probabilities=trials.probabilities)


def look(books: Books) -> dict[str, FloatArray]:
    """What investors lose as it may turn out, and with the same inputs without noise and luck."""
    return {
        "loss": loss_share(books),
        "quiet": loss_share(work_through(books.scenario, quiet(books.trials))),
    }


@dataclass(frozen=True)
class Space:
    """The independent scores behind a scenario's inputs: a row each, inputs alone first, then what hangs together."""

    scenario: Scenario

    @cached_property
    def items(self) -> dict[str, tuple[Quantity, int]]:
        """Every uncertain number by address, with its place in its quantity."""
        return {
            address: (quantity, index)
            for quantity in self.scenario.quantities()
            for index, (address, item) in enumerate(quantity.items())
            if not isinstance(item, float)
        }

    @cached_property
    def together(self) -> tuple[Together, ...]:
        """What is not independent."""
        return dependence_of(self.scenario)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """What each row is the score of."""
        return tuple(dict.fromkeys([*self.items, *(name for some in self.together for name in some.names)]))

    def uniforms(self, scores: FloatArray) -> dict[str, FloatArray]:
        """The uniform number of every input, for independent scores, (names, points)."""
        found = {name: inside(share_below(row)) for name, row in zip(self.names, scores, strict=True)}
        for some in self.together:
            found |= some.mixed(found)
        return {name: found[name] for name in self.items}

    def inputs(self, scores: FloatArray) -> dict[str, FloatArray]:
        """The value of every input."""
        out = {}
        for address, uniform in self.uniforms(scores).items():
            quantity, index = self.items[address]
            item = list(quantity.items())[index][1]
            assert not isinstance(item, float)  # noqa: S101 - only uncertain numbers are kept
            out[address] = np.clip(values(item, uniform), *quantity.limits)
        return out

    def lost(self, scores: FloatArray) -> FloatArray:
        """The share that investors lose at points, (names, points) → (points,)."""
        trials = Trials(scores.shape[1], self.scenario.timeline.periods + 1, self.inputs(scores))
        return loss_share(work_through(self.scenario, trials))

    def scores(self, probabilities: dict[str, FloatArray]) -> FloatArray:
        """Independent scores of trials, (names, trials): of dependent numbers those nearest to the middle."""
        dependent = {name: score(inside(uniform)) for name, uniform in probabilities.items()}
        out = np.zeros((len(self.names), next(iter(dependent.values())).size))
        for row, name in enumerate(self.names):
            if name in dependent:
                out[row] = dependent[name]
        for some in self.together:
            mine = [i for i, name in enumerate(some.names) if name in dependent]
            found = np.linalg.pinv(some.root[mine]) @ np.stack([dependent[some.names[i]] for i in mine])
            for i, name in enumerate(some.names):
                out[self.names.index(name)] = found[i]
        return out


def reverse(space: Space, found: Found, probabilities: dict[str, FloatArray]) -> tuple[Reverse, ...]:
    """The nearest points for every share, from the trials with these uniform numbers; none without uncertain inputs."""
    if not space.items:
        return ()
    scores, lost = space.scores(probabilities), found.trials["quiet"]
    return tuple(_of_share(space, share, scores, lost, found) for share in SHARES)


def _of_share(space: Space, share: float, scores: FloatArray, lost: FloatArray, found: Found) -> Reverse:
    least = share - _NEARLY
    ask: Ask = lambda points: space.lost(points) - least  # noqa: E731
    starts = _starts(ask, scores, lost >= least, lost)
    ends = [end for start in starts if (end := _refined(ask, start)) is not None]
    best = min(ends, key=_distance) if ends else None
    chance, calm = (
        found.chance(found.base[name] >= least, found.trials[name] >= least, words)
        for name, words in (("loss", "futures in which they lose as much"), ("quiet", "the same without noise and luck"))
    )
    if best is None:
        return Reverse(share, None, None, (), len(starts), 0, chance, calm)
    best = _simpler(ask, best)
    agreeing = sum(_distance(end) <= _distance(best) * (1.0 + _SAME) + _SAME for end in ends)
    reached = float(space.lost(best[:, None])[0])
    return Reverse(share, _distance(best), reached, moved(space, best), len(starts), agreeing, chance, calm)


Ask = Callable[[FloatArray], FloatArray]
"""How much more than asked is lost at points, (names, points) → (points,)."""


def _distance(point: FloatArray) -> float:
    return float(np.sqrt(np.sum(point**2)))


def _starts(ask: Ask, scores: FloatArray, failing: FloatArray, lost: FloatArray) -> list[FloatArray]:
    """The nearest points on the rays through trials in which as much is lost, or else through those that lose most."""
    if float(ask(np.zeros((len(scores), 1)))[0]) >= 0.0:
        return [np.zeros(len(scores))]
    size = np.sqrt(np.sum(scores**2, axis=0))
    if np.any(failing):
        order = np.argsort(np.where(failing, size, np.inf), kind="stable")[: min(CANDIDATES, int(np.sum(failing)))]
    else:
        order = np.argsort(-lost, kind="stable")[:CANDIDATES]
    rays = scores[:, order] / np.maximum(size[order], _NEARLY)
    radius = nearest_on(ask, rays)
    best = [i for i in np.argsort(radius, kind="stable").tolist() if np.isfinite(radius[i])]
    return [rays[:, i] * radius[i] for i in best[:STARTS]]


def nearest_on(ask: Ask, rays: FloatArray) -> FloatArray:
    """The smallest distance along each ray, (names, rays), at which as much is lost; infinite beyond `FARTHEST`."""
    count, grid = rays.shape[1], np.linspace(0.0, FARTHEST, RAYS)
    points = (rays[:, :, None] * grid).reshape(len(rays), -1)
    enough = ask(points).reshape(count, RAYS) >= 0.0
    first = np.argmax(enough, axis=1)
    there = enough.any(axis=1)
    high, low = grid[first], grid[np.maximum(first - 1, 0)]
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2.0
        inner = ask(rays * middle) >= 0.0
        high, low = np.where(inner, middle, high), np.where(inner, low, middle)
    return np.where(there, high, np.inf)


def _refined(ask: Ask, start: FloatArray) -> FloatArray | None:
    """The nearest point that sequential quadratic programming finds from a start, brought back onto the edge."""
    from scipy.optimize import minimize

    steps = np.eye(start.size) * _SLOPE

    def slope(point: FloatArray) -> FloatArray:
        both = np.concatenate([point[:, None] + steps, point[:, None] - steps], axis=1)
        up, down = np.split(ask(both), 2)
        return np.asarray((up - down) / (2.0 * _SLOPE))

    edge = {"type": "ineq", "fun": lambda point: float(ask(point[:, None])[0]), "jac": slope}
    found = minimize(
        lambda point: float(np.sum(point**2)) / 2.0, start, jac=lambda point: point, method="SLSQP", constraints=[edge],
        bounds=[(-FARTHEST, FARTHEST)] * start.size, options={"maxiter": 40, "ftol": 1e-7},
    )  # fmt: skip
    return min((end for end in (start, _onto(ask, found.x)) if end is not None), key=_distance, default=None)


def _onto(ask: Ask, point: FloatArray) -> FloatArray | None:
    """The nearest point on the ray through one at which as much is lost."""
    size = _distance(point)
    if not np.isfinite(size) or size < _NEARLY:
        return None
    ray = (point / size)[:, None]
    radius = float(nearest_on(ask, ray)[0])
    return ray[:, 0] * radius if np.isfinite(radius) else None


def _simpler(ask: Ask, point: FloatArray) -> FloatArray:
    """The same with inputs that hardly move left in the middle, where that is no farther out."""
    fewer = _onto(ask, np.where(np.abs(point) < _STILL, 0.0, point))
    return fewer if fewer is not None and _distance(fewer) <= _distance(point) * 1.005 else point


def moved(space: Space, point: FloatArray) -> tuple[Moved, ...]:
    """Every input at a point, the farthest out first."""
    uniforms, inputs = space.uniforms(point[:, None]), space.inputs(point[:, None])
    out = []
    for address, (quantity, index) in space.items.items():
        z = float(score(inside(uniforms[address]))[0])
        central = quantity.central_values()[index]
        out.append(Moved(address, z, float(inputs[address][0]), central, quantity.unit or ""))
    return tuple(sorted(out, key=lambda one: -abs(one.score)))
