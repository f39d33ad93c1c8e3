"""Which way is worse: every uncertain number and every luck moved alone from the base case, all in one run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.core.flows import NOBODY, total
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials, luck_of
from sibmodel.model import Books, work_through
from sibmodel.outcomes.people import people_by_group
from sibmodel.questions.positions import Positions, positions
from sibmodel.questions.risks import MEASUREMENT, PEOPLE, VOLUME, Risk, risk_of
from sibmodel.sampling.distributions import values
from sibmodel.scenario.schema import Scenario

SCORE = 1.2816
"""A standard normal score with one future in ten beyond it."""

FAR = 3.0902
"""A score with one future in a thousand beyond it, for what moves nothing nearer by."""


@dataclass(frozen=True)
class Lever:
    """Something uncertain that can be moved: an input, or luck in several `cells`, of an outcome (of a group) or walk.

    `worse` is the direction of its score in which it is worse, −1 or 1, or 0 if it moves nothing. `walks` is whether
    its cells are the steps of a random walk, which add up.
    """

    address: str
    risk: Risk
    cells: int = 1
    is_luck: bool = False
    worse: int = 0
    walks: bool = False


def levers_of(base: Books) -> list[Lever]:
    """Every uncertain number, and the measurement of every noisy outcome; `base` are the books of the base case.

    A cell of luck is a report of the evaluator on somebody, a cohort (the people of a group to whom an achievement
    comes in one period), or a step of a random walk before the last referrals.
    """
    scenario, found = base.scenario, []
    for quantity in scenario.quantities_of_the_bond():
        found += [
            Lever(address, risk_of(quantity.address))
            for address, item in quantity.items()
            if not isinstance(item, float)
        ]
        if quantity.random_walk is not None and (steps := _steps(base)):
            found.append(Lever(quantity.walk_address, VOLUME, steps, is_luck=True, walks=True))
    for name in scenario.noisy_outcomes():
        cells = int(np.count_nonzero(base.service.outcomes[name].measured))
        if cells:
            found.append(Lever(f"outcomes.{name}", MEASUREMENT, cells, is_luck=True))
    return [*found, *_cohorts(base)]


def _cohorts(base: Books) -> Iterator[Lever]:
    """The luck with the people of every achievement and group that anybody comes from in the base case."""
    drawn, timeline = set(base.scenario.luck_with_people()), base.scenario.timeline
    for name, terms in base.scenario.outcomes.items():
        for group, people in people_by_group(terms, base.service.activity, timeline, base.trials).items():
            address, cells = luck_of(name, group), int(np.count_nonzero(people > NOBODY))
            if address in drawn and cells:
                yield Lever(address, PEOPLE, cells, is_luck=True)


def _steps(base: Books) -> int:
    """Steps of a random walk that move anybody: from period 2 to the last in which people are referred."""
    referred = total(base.service.activity.referred.values())
    return max(int(np.flatnonzero(referred[:, 0] > 0.0).max(initial=0)) - 1, 0)


def directed(scenario: Scenario, levers: list[Lever]) -> list[Lever]:
    """The same with their directions, found by moving each alone from the base case, by 1.2816 or else 3.0902 scores.

    Worse is toward lower resource value; where that does not move, lower outcome payments; where these do not move
    either, lower net present value to investors.
    """
    for score in (SCORE, FAR):
        still = [lever for lever in levers if not lever.worse]
        if still:
            found = positions(work_through(scenario, _moved_alone(scenario, still, score)))
            worse = dict(zip((lever.address for lever in still), _directions(found).tolist(), strict=True))
            levers = [replace(lever, worse=int(worse.get(lever.address, lever.worse))) for lever in levers]
    return levers


def _moved_alone(scenario: Scenario, levers: list[Lever], score: float) -> Trials:
    """Two trials for each lever, moved down and up by a score, with all others as in the base case."""
    periods, count = scenario.timeline.periods + 1, 2 * len(levers)
    columns = {lever.address: slice(2 * index, 2 * index + 2) for index, lever in enumerate(levers)}
    inputs: dict[str, FloatArray] = {}
    for quantity in scenario.quantities():
        for (address, item), central in zip(quantity.items(), quantity.central_values(), strict=True):
            if address in columns and not isinstance(item, float):
                inputs[address] = np.full(count, central)
                inputs[address][columns[address]] = np.clip(values(item, _ends(score)), *quantity.limits)
    normals = {}
    for lever in levers:
        if lever.is_luck and lever.risk != PEOPLE:
            # the steps of a walk add up, so that together they are one score
            each = score / math.sqrt(lever.cells) if lever.walks else score
            normals[lever.address] = np.zeros((periods, count))
            normals[lever.address][:, columns[lever.address]] = -each, each
    lucky = _moved_luck(scenario, columns, score, (periods, count))
    return Trials(count, periods, inputs, normals, lucky)


def _moved_luck(
    scenario: Scenario, columns: Mapping[str, slice], score: float, shape: tuple[int, int]
) -> dict[str, FloatArray]:
    """Luck with people that is moved; where it is not there is none."""
    found = {address: np.full(shape, np.nan) for address in scenario.luck_with_people() if address in columns}
    for address, uniform in found.items():
        uniform[:, columns[address]] = _ends(score)
    return found


def _ends(score: float) -> FloatArray:
    """The uniform numbers of two scores, −`score` and `score`."""
    return np.array([math.erfc(score / math.sqrt(2)) / 2, math.erfc(-score / math.sqrt(2)) / 2])


def _directions(found: Positions) -> FloatArray:
    """−1 where moving down is worse, 1 where moving up is, 0 where neither changes anything; (levers,)."""
    out = np.zeros(found.resource.size // 2)
    for value in (found.resource, found.payments, found.investors):
        rise = value[1::2] - value[::2]
        out = np.where((out == 0) & (np.abs(rise) > HALF_A_PENNY), -np.sign(rise), out)
    return out


def shifts(levers: list[Lever]) -> Mapping[str, float]:
    """What is added to each normal score when the levers of one risk move together: ∓1.2816/√n.

    n counts every input and every cell of luck that moves anything.
    """
    moving = [lever for lever in levers if lever.worse]
    each = SCORE / math.sqrt(sum(lever.cells for lever in moving)) if moving else 0.0
    return {lever.address: lever.worse * each for lever in moving}
