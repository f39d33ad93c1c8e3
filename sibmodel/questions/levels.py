"""The levels of risk, kept apart: what is drawn at each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sibmodel.core.trials import Trials
from sibmodel.outcomes.terms import AchievementTerms
from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Level:
    """One level: its name, what it is in words, and trials with that level taken from other trials."""

    name: str
    words: str
    anew: Callable[[Trials, Trials], Trials]


def _inputs(belongs: Callable[[str], bool]) -> Callable[[Trials, Trials], Trials]:
    """Take the uncertain numbers whose address belongs to a level from other trials."""

    def anew(trials: Trials, others: Trials) -> Trials:
        inputs = {
            address: others.inputs[address] if belongs(address) else own for address, own in trials.inputs.items()
        }
        return replace(trials, inputs=inputs)

    return anew


PEOPLE: Final = Level(
    "luck with people",
    "who happens to succeed",
    lambda trials, others: replace(trials, uniforms=others.uniforms),
)
MEASUREMENT: Final = Level(
    "measurement",
    "noise in what an evaluator measures",
    lambda trials, others: replace(trials, normals=others.normals),
)
PROGRAMME: Final = Level(
    "programme",
    "numbers that nobody knows for certain; more evidence makes it less",
    _inputs(lambda address: True),
)

WORDS: Final = {
    "person": "each person succeeds or fails (binomial); the more people, the less it matters",
    "cohort": "people of one cohort succeed or fail together (over-dispersion)",
    MEASUREMENT.name: MEASUREMENT.words,
    PROGRAMME.name: PROGRAMME.words,
}
"""The levels that are told. Luck with people is two: what is left of it where people are independent, and the rest."""


def levels_of(scenario: Scenario) -> Iterator[Level]:
    """The levels at which anything is drawn."""
    if scenario.luck_with_people():
        yield PEOPLE
    if scenario.noisy_outcomes():
        yield MEASUREMENT
    if any(quantity.is_uncertain for quantity in scenario.quantities()):
        yield PROGRAMME


def independent(scenario: Scenario, trials: Trials) -> Trials:
    """The same trials with everybody on their own: every intraclass correlation is 0."""
    nothing = {
        address: np.zeros(trials.count)
        for one in scenario.outcomes.values()
        if isinstance(one, AchievementTerms)
        for address, _ in one.luck.intraclass_correlation.items()
    }
    return replace(trials, inputs={**trials.inputs, **nothing})
