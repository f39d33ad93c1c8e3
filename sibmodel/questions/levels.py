"""The levels of risk, kept apart: what is drawn at each of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from sibmodel.core.quantity import WALK
from sibmodel.core.trials import Trials
from sibmodel.outcomes.terms import AchievementTerms
from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Level:
    """One level: its name, what it is in words, and trials with that level taken from other trials."""

    name: str
    words: str
    anew: Callable[[Trials, Trials], Trials]


def _normals(belongs: Callable[[str], bool]) -> Callable[[Trials, Trials], Trials]:
    """Take the standard normals whose address belongs to a level from other trials."""

    def anew(trials: Trials, others: Trials) -> Trials:
        normals = {a: others.normals[a] if belongs(a) else own for a, own in trials.normals.items()}
        return replace(trials, normals=normals)

    return anew


PEOPLE: Final = Level(
    "luck with people",
    "who happens to succeed",
    lambda trials, others: replace(trials, uniforms=others.uniforms),
)
MEASUREMENT: Final = Level(
    "measurement",
    "noise in what an evaluator measures",
    _normals(lambda address: not address.endswith(WALK)),
)
PROGRAMME: Final = Level(
    "programme",
    "numbers that nobody knows for certain; more evidence makes it less",
    lambda trials, others: replace(trials, inputs=others.inputs),
)
VOLUME: Final = Level(
    "volume",
    "referrals that wander from period to period; nobody can know beforehand how",
    _normals(lambda address: address.endswith(WALK)),
)
SYSTEM: Final = Level(
    "system",
    "shocks that many numbers share; more evidence or more people do not make it less",
    lambda trials, others: replace(trials, inputs=others.inputs),
)
"""Its other trials are the same but for the shocks."""

WORDS: Final = {
    "person": "each person succeeds or fails (binomial); the more people, the less it matters",
    "cohort": "people of one cohort succeed or fail together (over-dispersion)",
    MEASUREMENT.name: MEASUREMENT.words,
    PROGRAMME.name: PROGRAMME.words,
    VOLUME.name: VOLUME.words,
    SYSTEM.name: SYSTEM.words,
}
"""The levels that are told. Luck with people is two: what is left of it where people are independent, and the rest."""


def levels_of(scenario: Scenario) -> Iterator[Level]:
    """The levels at which anything is drawn."""
    if scenario.luck_with_people():
        yield PEOPLE
    if scenario.noisy_outcomes():
        yield MEASUREMENT
    items = (item for quantity in scenario.quantities() for _, item in quantity.items())
    if any(not isinstance(item, float) for item in items):
        yield PROGRAMME
    if any(quantity.random_walk is not None for quantity in scenario.quantities()):
        yield VOLUME
    if scenario.dependence.shocks:
        yield SYSTEM


def independent(scenario: Scenario, trials: Trials) -> Trials:
    """The same trials with everybody on their own: every intraclass correlation is 0."""
    nothing = {
        address: np.zeros(trials.count)
        for one in scenario.outcomes.values()
        if isinstance(one, AchievementTerms)
        for address, _ in one.luck.intraclass_correlation.items()
    }
    return replace(trials, inputs={**trials.inputs, **nothing})
