"""Numbers that an address may be set to: where to look, and how far apart they are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.questions.inputs import quantity_at
from sibmodel.scenario.reader import change
from sibmodel.scenario.schema import Scenario

Bounds = tuple[float, float]


def up_to(scenario: Scenario, address: str, today: float, times: float) -> Bounds:
    """From nought to so many times today's number, within what its field allows."""
    quantity = quantity_at(scenario, address)
    least, most = (-math.inf, math.inf) if quantity is None else quantity.limits
    return max(min(0.0, times * today), least), min(max(0.0, times * today), most)


def nothing_says_where(name: str, today: float | None, option: str) -> SibmodelError:
    """The answer where bounds would follow from a number that is nought or not there."""
    what = "not given" if today is None else f"{today:g}"
    return SibmodelError(f"'{name}' says nothing of where to look (it is {what}); give {option} LOW HIGH")


def must_be_a_range(bounds: Bounds) -> None:
    """Refuse bounds that are not finite or out of order."""
    low, high = bounds
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise SibmodelError(f"{low:g} to {high:g} is no range; give the lower bound first")


def must_be_allowed(scenario: Scenario, values: Mapping[str, float], option: str) -> None:
    """Answer a bound that a field refuses as the bound that it is, not as a candidate between."""
    try:
        change(scenario, as_written(values))
    except ScenarioError as error:
        raise said_at(error, option) from None


def said_at(error: ScenarioError, option: str) -> ScenarioError:
    """The same problems where the user said what is wrong, which no file does."""
    return ScenarioError([replace(problem, file=option, line=1, column=1) for problem in error.problems])


def is_allowed(scenario: Scenario, values: Mapping[str, float]) -> bool:
    """Whether the scenario may have such numbers."""
    try:
        change(scenario, as_written(values))
    except ScenarioError:
        return False
    return True


def as_written(values: Mapping[str, float]) -> dict[str, float]:
    """Numbers as a file would say them: whole ones without a fraction, which some fields refuse."""
    return {address: int(x) if float(x).is_integer() else x for address, x in values.items()}


def step_of(scenario: Scenario, address: str, bounds: Bounds) -> int | None:
    """How far apart the numbers are that a field allows: whole numbers, or months in whole periods; None for any."""
    inside = bounds[0] + (bounds[1] - bounds[0]) / math.pi
    if is_allowed(scenario, {address: inside}):
        return None
    for step in (1, scenario.timeline.period_months):
        if all(is_allowed(scenario, {address: step * (inside // step + more)}) for more in (0, 1)):
            return step
    return None


def candidates(bounds: Bounds, step: int | None, count: int) -> list[float]:
    """Numbers over the bounds, both included, that the field may allow; fewer if there are no more."""
    if step is None:
        return [float(x) for x in np.linspace(*bounds, count)]
    first, last = math.ceil(bounds[0] / step), math.floor(bounds[1] / step)
    return [float(step * round(x)) for x in np.linspace(first, last, min(count, last - first + 1))]
