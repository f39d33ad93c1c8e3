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
import numpy.typing as npt

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.investor import net_flow
from sibmodel.model import Books, work_through
from sibmodel.questions.stress.checks import Columns, Figure, Found
from sibmodel.sampling.dependence import Together
from sibmodel.sampling.distributions import inside, values
from sibmodel.sampling.normal import score, share_below
from sibmodel.scenario.dependence import dependence_of
from sibmodel.scenario.schema import Scenario

SHARES: Final = (0.1, 0.5, 1.0)
"""Parts of their money that investors lose."""
FARTHEST = 6.0
"""Scores from the middle beyond which nothing is looked for: fewer than one future in a thousand million."""
STARTS, CANDIDATES = 6, 40
_POINTS, _LEVELS = 13, 4
"""Points on a ray that are looked at together, and how often the step between two of them is divided."""
_TOWARD = (1.0, 0.5, 0.2, 0.05)
"""Parts of the way from a ray to the steepest that are tried."""
_SCALES, _WIDE, _NARROW, _ROUNDS = (1.0, 1.0, 0.2, 0.2), 0.5, 0.01, 40
"""Turns by lot: their sizes, as parts of a width that is halved from the first to the second where nothing helps."""
_BETTER = 1e-4
_STILL = 0.05
_NEARLY = 1e-9
_SLOPE = 1e-3
_SAME = 0.01


@dataclass(frozen=True)
class Moved:
    """An input at the point: its score (of the dependent normals), its value, its median, and its central value.

    The search begins at medians, where all scores are 0; of a skewed input that is not the base case's central value.
    """

    address: str
    score: float
    value: float
    median: float
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


@dataclass(frozen=True)
class Middle:
    """The share of their money that investors lose with every input at its median, and in the base case.

    Below 0 they gain. Noise and luck are zero in both.
    """

    at_medians: float
    base: float

    @classmethod
    def of(cls, space: Space, base: Books) -> Middle:
        """Worked out at scores of nought, and from the base case."""
        return cls(float(space.lost(np.zeros((len(space.names), 1)))[0]), float(loss_share(base)[0]))


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

    def scores(self, probabilities: Columns) -> FloatArray:
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


def of_share(space: Space, share: float, found: Found, probabilities: Columns) -> Reverse | None:
    """The nearest point at which a share is lost, from trials with these uniform numbers; None without inputs."""
    if not space.items:
        return None
    scores, lost = space.scores(probabilities), found.trials["quiet"]
    least = share - _NEARLY
    ask: Ask = lambda points: space.lost(points) - least  # noqa: E731
    starts = _starts(ask, scores, lost >= least, lost)
    ends = _refined(ask, starts) if starts else []
    best = min(ends, key=_distance, default=None)
    chance = found.chance(lambda some: some["loss"] >= least, "futures in which they lose as much")
    calm = found.chance(lambda some: some["quiet"] >= least, "the same without noise and luck")
    if best is None:
        return Reverse(share, None, None, (), len(starts), 0, chance, calm)
    best = _simpler(ask, best)
    agreeing = sum(_distance(end) <= _distance(best) * (1.0 + _SAME) + _SAME for end in ends)
    reached = float(space.lost(best[:, None])[0])
    return Reverse(share, _distance(best), reached, moved(space, best), len(starts), agreeing, chance, calm)


Steps = npt.NDArray[np.int64]
Ask = Callable[[FloatArray], FloatArray]
"""How much more than asked is lost at points, (names, points) → (points,)."""


def _distance(point: FloatArray) -> float:
    return float(np.sqrt(np.sum(point**2)))


def _starts(ask: Ask, scores: FloatArray, failing: npt.NDArray[np.bool_], lost: FloatArray) -> list[FloatArray]:
    """The nearest points on the rays through trials in which as much is lost, or else through those that lose most."""
    if float(ask(np.zeros((len(scores), 1)))[0]) >= 0.0:
        return [np.zeros(len(scores))]
    size = np.sqrt(np.sum(scores**2, axis=0))
    near = np.lexsort(
        (-lost, np.where(failing, size, np.inf))
    )  # those that fail by distance, then those that lose most
    order = near[:CANDIDATES]
    rays = scores[:, order] / np.maximum(size[order], _NEARLY)
    radius = nearest_on(ask, rays, np.full(rays.shape[1], FARTHEST))
    best = [i for i in np.argsort(radius, kind="stable").tolist() if np.isfinite(radius[i])]
    return [rays[:, i] * radius[i] for i in best[:STARTS]]


def nearest_on(ask: Ask, rays: FloatArray, far: FloatArray, start: Steps | None = None) -> FloatArray:
    """The smallest distance along each ray, (names, rays), up to `far`, at which as much is lost; infinite beyond.

    Where only the nearest of the rays of each `start`, (rays,), is asked for, the others are followed no longer than
    they may be that one, so that their distances are too large.
    """
    low, high = np.zeros(far.size), far.copy()
    of = np.arange(far.size) if start is None else start
    going = np.arange(far.size)
    for level in range(_LEVELS):
        grid = low[going, None] + (high - low)[going, None] * np.linspace(0.0, 1.0, _POINTS)
        enough = ask((rays[:, going, None] * grid).reshape(len(rays), -1)).reshape(grid.shape) >= 0.0
        there = np.asarray(enough.any(axis=1))
        first, each = np.where(there, np.argmax(enough, axis=1), _POINTS - 1), np.arange(going.size)
        low[going], high[going] = grid[each, np.maximum(first - 1, 0)], grid[each, first]
        if level == 0:
            high[~there], going = np.inf, going[there]
        nearest = np.full(int(of.max()) + 1, np.inf)
        np.minimum.at(nearest, of, high)
        going = going[low[going] < nearest[of[going]]]
        if not going.size:
            break
    return high


def _refined(ask: Ask, starts: list[FloatArray]) -> list[FloatArray]:
    """Where searches end that turn each start's ray toward the steepest direction, or by lot, for as long as it helps.

    At the nearest point of a smooth edge the ray is the steepest direction. Turns by lot help where the edge has steps.
    All starts and turns are worked out together: a thousand points cost the model little more than one.
    """
    points = np.stack(starts, axis=1)
    if not points.any():
        return starts
    rng, wide = np.random.default_rng(1), _WIDE
    radius = np.sqrt(np.sum(points**2, axis=0))
    rays = points / radius
    steepest, each = _steepest(ask, points), np.arange(radius.size)
    for _ in range(_ROUNDS):
        tried = _turned(rays, steepest, wide, rng)
        found = _nearer(ask, tried, radius * (1.0 - _BETTER))
        best = np.argmin(found, axis=1)
        better = found[each, best] < np.inf
        rays = np.where(better, tried[:, each, best], rays)
        radius = np.where(better, found[each, best], radius)
        if better.any():
            steepest[:, better] = _steepest(ask, (rays * radius)[:, better])
        else:
            wide /= 2.0
            if wide < _NARROW:
                break
    return [rays[:, i] * radius[i] for i in range(radius.size)]


def _nearer(ask: Ask, tried: FloatArray, radius: FloatArray) -> FloatArray:
    """The distance on each of the rays tried, (names, starts, ways), as far as within a radius; else infinite.

    Only rays are looked at on which as much is lost at the radius: the farther out, the more is lost as a rule.
    """
    names, starts, ways = tried.shape
    rays, far, start = tried.reshape(names, -1), np.repeat(radius, ways), np.repeat(np.arange(starts), ways)
    within = ask(rays * far) >= 0.0
    found = np.full(far.size, np.inf)
    if within.any():
        found[within] = nearest_on(ask, rays[:, within], far[within], start[within])
    return found.reshape(starts, ways)


def _steepest(ask: Ask, points: FloatArray) -> FloatArray:
    """The direction in which the loss grows fastest at each point, of length 1; nought where it does not grow."""
    names, count = points.shape
    steps = np.concatenate([np.eye(names), -np.eye(names)], axis=1) * _SLOPE
    lost = ask((points[:, :, None] + steps[:, None, :]).reshape(names, -1)).reshape(count, 2, names)
    slope = (lost[:, 0] - lost[:, 1]).T
    return np.asarray(slope / np.maximum(np.sqrt(np.sum(slope**2, axis=0)), _NEARLY**2))


def _turned(rays: FloatArray, steepest: FloatArray, wide: float, rng: np.random.Generator) -> FloatArray:
    """Each ray turned in several ways, (names, rays, ways)."""
    toward = [(1.0 - part) * rays + part * steepest for part in _TOWARD]
    spread = wide / np.sqrt(len(rays))
    by_lot = [rays + spread * scale * rng.standard_normal(rays.shape) for scale in _SCALES]
    found = np.stack([*toward, *by_lot], axis=2)
    size = np.sqrt(np.sum(found**2, axis=0))
    return np.where(size > _NEARLY, found / np.maximum(size, _NEARLY), rays[:, :, None])


def _onto(ask: Ask, point: FloatArray) -> FloatArray | None:
    """The nearest point on the ray through one at which as much is lost."""
    size = _distance(point)
    if size < _NEARLY:
        return None
    ray = (point / size)[:, None]
    radius = float(nearest_on(ask, ray, np.array([FARTHEST]))[0])
    return ray[:, 0] * radius if np.isfinite(radius) else None


def _simpler(ask: Ask, point: FloatArray) -> FloatArray:
    """The same with inputs that hardly move left in the middle, where that is no farther out."""
    fewer = _onto(ask, np.where(np.abs(point) < _STILL, 0.0, point))
    return fewer if fewer is not None and _distance(fewer) <= _distance(point) * 1.005 else point


def moved(space: Space, point: FloatArray) -> tuple[Moved, ...]:
    """Every input at a point, the farthest out first."""
    uniforms, inputs = space.uniforms(point[:, None]), space.inputs(point[:, None])
    medians = space.inputs(np.zeros((point.size, 1)))
    out = []
    for address, (quantity, index) in space.items.items():
        z = float(score(inside(uniforms[address]))[0])
        central = quantity.central_values()[index]
        value, median = float(inputs[address][0]), float(medians[address][0])
        out.append(Moved(address, z, value, median, central, quantity.unit or ""))
    return tuple(sorted(out, key=lambda one: -abs(one.score)))
