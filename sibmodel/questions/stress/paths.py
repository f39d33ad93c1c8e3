"""Ways along which verified outcomes get better, step by step, with all else as it was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import floor, log10

import numpy as np
import numpy.typing as npt

from sibmodel.contract.rules.scales import LinearTerms, ScaleTerms, StepsTerms, TiersTerms
from sibmodel.core.conditions import Condition, conditions
from sibmodel.core.reading import ReadingTerms
from sibmodel.core.timeline import FloatArray
from sibmodel.outcomes.terms import EffectTerms
from sibmodel.questions.stress.directions import rules_of
from sibmodel.questions.stress.probe import Paid, Probe
from sibmodel.scenario.schema import Scenario

Steps = npt.NDArray[np.int64]

POINTS, FINER = 161, 33
SINGLE = 6
"""Rows of an outcome that are moved alone."""
FARTHEST, USUAL = 64, 4
"""Times the plan that are looked at where payment still changes: at most, and where it never ends to."""
_DOUBLINGS = 12
PENNY = 0.01
_DIGITS = 6
"""Of a pound, to which amounts are as large as each other."""


@dataclass(frozen=True)
class Path:
    """One way: the quantities of `moved` cells as a function of a whole number of steps, from `low` to `high`.

    `worse` is whether the outcome is better the fewer there are. All other cells stay at `background`, (cells,).
    """

    words: str
    outcome: str
    probe: Probe
    background: FloatArray
    moved: tuple[int, ...]
    step: float
    whole: bool
    worse: bool

    @cached_property
    def planned(self) -> int:
        """Steps of the plan: of what is counted in all moved cells together, of an effect on average."""
        plan = self.probe.plan[list(self.moved)]
        found = plan.mean() if self.outcome in self.probe.effects else plan.sum()
        return max(abs(round(float(found) / self.step)), 1)

    @cached_property
    def _ranks(self) -> list[FloatArray]:
        """For whole people, the place of each cell's first, second … in the order in which they are added."""
        plan = np.maximum(self.probe.plan[list(self.moved)], 1e-3)
        most = np.ceil(FARTHEST * 2 * plan / plan.sum() * self.planned + 2).astype(np.int64)
        keys = np.concatenate([(np.arange(n) + 0.5) / p for n, p in zip(most, plan, strict=True)])
        ranks = np.empty(keys.size)
        ranks[np.argsort(keys, kind="stable")] = np.arange(1, keys.size + 1)
        return np.split(ranks, np.cumsum(most)[:-1])

    def quantities(self, steps: Steps) -> FloatArray:
        """All cells at some numbers of steps, (cells, sets): one person more is one more in one cell."""
        out = np.repeat(self.background[:, None], steps.size, axis=1)
        if self.outcome in self.probe.effects:
            out[list(self.moved)] = np.round(steps * self.step, 9)
        elif self.whole and len(self.moved) > 1:
            for index, ranks in zip(self.moved, self._ranks, strict=True):
                out[index] = np.searchsorted(ranks, steps, side="right")
        else:
            plan = self.probe.plan[list(self.moved)]
            share = plan / plan.sum() if plan.sum() > 0 else np.full(plan.size, 1.0 / plan.size)
            out[list(self.moved)] = share[:, None] * np.round(steps * self.step, 9)
        return out

    def pay(self, steps: Steps) -> Paid:
        """What is owed at some numbers of steps."""
        return self.probe.pay(self.quantities(steps))

    def total(self, steps: Steps) -> FloatArray:
        """In all."""
        return self.pay(steps).total

    def gains(self, values: FloatArray) -> FloatArray:
        """What is paid more from each point of a grid to the next for the better of the two."""
        return np.diff(values) * (-1.0 if self.worse else 1.0)

    @cached_property
    def grid(self) -> Steps:
        """Numbers of steps from nothing to where payment ends to change, edges of the contract among them."""
        planned = self.planned
        low = -planned if self.outcome in self.probe.effects else 0
        far = planned * 2 ** np.arange(_DOUBLINGS)
        paid = self.total(far)
        changes = np.flatnonzero(np.abs(np.diff(paid)) > PENNY)
        last = int(changes[-1]) + 1 if changes.size else 0
        times = USUAL if last == _DOUBLINGS - 1 else min(max(2 ** (last + 1), 2), FARTHEST)
        high = times * planned
        points = np.linspace(low, high, POINTS).round().astype(np.int64)
        edges = [
            floor(edge / self.step + 1e-9) + more
            for edge in edges_of(self.probe.scenario, self.outcome, self._people)
            for more in (-1, 0, 1, 2)
            if abs(edge) < 1e12
        ]
        near = [n for n in (*edges, planned - 1, planned, planned + 1) if low <= n <= high]
        return np.unique(np.concatenate([points, np.array(near, dtype=np.int64)]))

    @property
    def _people(self) -> tuple[float, ...]:
        """People behind the moved cells: of each, and of all together."""
        people = [self.probe.cells[index].people or 1.0 for index in self.moved]
        return tuple(dict.fromkeys([1.0, people[0], sum(people)]))

    def steepest(self, points: Steps, values: FloatArray, most: int) -> tuple[int, float]:
        """Where one step better changes payment most, up (`most` 1) or down (−1): the lower number of steps, and by.

        Three intervals of the grid are divided until they are one step wide: those with the largest change, with the
        largest change for each step, and with the largest change beyond that of both neighbours, as a wide interval of
        a slope changes more than a narrow one with a cliff. The largest of what is found there counts.
        """
        gains, wide = self.gains(values) * most, np.diff(points)
        each = gains / wide
        around = np.pad(each, 1, mode="edge")
        beyond = gains - wide * np.maximum(around[:-2], around[2:])
        found = [self._divided(points, values, most, _largest(by)) for by in (gains, each, beyond)]
        return max(found, key=lambda one: round(one[1] * most, _DIGITS))

    def _divided(self, points: Steps, values: FloatArray, most: int, at: int) -> tuple[int, float]:
        """The step with the largest change in an interval of a grid that is divided, the part with most each time."""
        while points[at + 1] - points[at] > 1:
            points = np.unique(np.linspace(points[at], points[at + 1], FINER).round().astype(np.int64))
            values = self.total(points)
            at = _largest(self.gains(values) * most)
        return int(points[at]), float(self.gains(values)[at])


def _largest(amounts: FloatArray) -> int:
    """The first of the largest, rounding left aside."""
    return int(np.argmax(np.round(amounts, _DIGITS)))


def step_of(scenario: Scenario, outcome: str, plan: float) -> float:
    """One person, one unit; of an effect, the power of ten at or below a hundredth of the plan."""
    if not isinstance(scenario.outcomes[outcome], EffectTerms) and abs(plan) >= 1.0:
        return 1.0
    if plan == 0.0:
        return 1.0
    return float(10.0 ** floor(log10(abs(plan) / 100.0) + 1e-12))


def edges_of(scenario: Scenario, outcome: str, people: Sequence[float]) -> Iterator[float]:
    """Quantities of an outcome at which a scale bends or a condition begins or ceases to hold, as far as is said."""
    for term in scenario.contract.terms.values():
        for rule in rules_of(term):
            if isinstance(rule, ScaleTerms):
                yield from _shared(rule, _bends(rule), outcome, people)
            for one in conditions(rule.when) if rule.when is not None else ():
                yield from _shared(one, _limits(one), outcome, people)
        for one in conditions(term.when) if term.when is not None else ():
            yield from _shared(one, _limits(one), outcome, people)


def _bends(rule: ScaleTerms) -> Iterator[float]:
    if isinstance(rule, LinearTerms):
        yield from (x for x, _ in rule.points)
    elif isinstance(rule, StepsTerms):
        yield from (edge for step in rule.steps for edge in (step.begins[0], step.ends[0]))
    elif isinstance(rule, TiersTerms):
        yield from (tier.up_to for tier in rule.tiers if tier.up_to is not None)


def _limits(condition: Condition) -> Iterator[float]:
    for edge in (condition.at_least, condition.above, condition.at_most, condition.below):
        if edge is not None:
            yield from edge.central_values()


def _shared(reading: ReadingTerms, edges: Iterator[float], outcome: str, people: Sequence[float]) -> Iterator[float]:
    """Each edge as it is, for each of the people behind it, and over the weight in an index."""
    if outcome not in reading.names:
        return
    weight = (reading.index or {}).get(outcome, 1.0) or 1.0
    for edge in edges:
        if np.isfinite(edge):
            yield from (edge / weight / n for n in people)


def paths(probe: Probe, ways: Mapping[str, int]) -> list[Path]:
    """All ways that are looked at, those with the fewest rows first.

    For each outcome: some of its rows alone; all of them alone; then the same with all others at the plan, and at three
    times the plan.
    """
    found = [path for name, way in ways.items() for path in _of_outcome(probe, name, way)]
    return sorted(found, key=lambda path: int(np.count_nonzero(path.background)) + len(path.moved))


def _of_outcome(probe: Probe, name: str, way: int) -> Iterator[Path]:
    own = probe.of(name)
    if not own:
        return
    chosen = [own[i] for i in np.unique(np.linspace(0, len(own) - 1, SINGLE).round().astype(int)).tolist()]
    for index in chosen:
        cell = probe.cells[index]
        yield _path(probe.only([cell]), name, way, (0,), 0.0, f"in period {cell.period} alone")
    alone = probe.only([probe.cells[index] for index in own])
    if len(own) > 1:
        yield _path(alone, name, way, tuple(range(len(own))), 0.0, "in every report, all else nothing")
    if len(probe.cells) > len(own):
        yield _path(probe, name, way, tuple(own), 1.0, "in every report, all else as planned")
        yield _path(probe, name, way, tuple(own), 3.0, "in every report, all else three times the plan")
    if len(probe.cells) > 1:
        for index in chosen:
            words = f"in period {probe.cells[index].period}, all else as planned"
            yield _path(probe, name, way, (index,), 1.0, words)


def _path(probe: Probe, name: str, way: int, moved: tuple[int, ...], times: float, words: str) -> Path:
    scenario = probe.scenario
    plan = probe.plan[list(moved)]
    is_effect = name in probe.effects
    step = step_of(scenario, name, float(plan.mean() if is_effect else plan.sum()))
    whole = scenario.outcomes[name].type == "achievement"
    return Path(words, name, probe, times * probe.plan, moved, step, whole, way < 0)
