"""What a pilot before the decision is worth (expected value of sample information, EVSI).

EVSI(n) = E[max(0, E(NB | what n people show))] − max(0, E NB). In each trial the pilot shows the trial's true effect
and an error of its own; E(NB | what is shown) is fitted as in `knowing`. For all n the errors come from the same random
numbers, so that the value moves with n and not by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sibmodel.core.counts import successes
from sibmodel.core.quantity import Quantity
from sibmodel.core.service import Activity
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books
from sibmodel.outcomes.effects import levels
from sibmodel.outcomes.people import came_and_effective
from sibmodel.outcomes.terms import AchievementTerms, EffectTerms, OutcomeTerms, QuantityTerms
from sibmodel.questions.given import Known
from sibmodel.questions.information.decision import Worth
from sibmodel.questions.information.knowing import known_of, worth_of
from sibmodel.running.execution import Run
from sibmodel.sampling.streams import normals, uniforms
from sibmodel.scenario.schema import Scenario

PEOPLE = (50, 100, 200, 500, 1000, 2000, 5000)
"""Sizes of pilots that are looked at where none are asked for."""
MOST = 1e6
"""People of the largest pilot that is looked at."""
_HALVINGS = 10


@dataclass(frozen=True)
class Size:
    """A pilot of so many people: what it is worth, what it costs, and what is left."""

    people: int
    worth: Worth
    cost: float
    net: Worth

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "people": self.people,
            "worth": self.worth.as_dict(),
            "cost": {"value": self.cost, "unit": "£"},
            "net": self.net.as_dict(),
        }


@dataclass(frozen=True)
class Pilot:
    """A pilot that shows one outcome, or several at once: its worth by size, and that of knowing for certain.

    `half` is the number of people that brings half of `certain`, None where that is no more than noise or takes more
    than a million.
    """

    outcomes: tuple[str, ...]
    sizes: tuple[Size, ...]
    certain: Worth
    half: int | None

    @property
    def best(self) -> Size | None:
        """The size that leaves most; None if none leaves more than nothing beyond noise."""
        most = max(self.sizes, key=lambda size: size.net.value)
        return most if most.net.value > 0.0 and not most.net.is_noise else None

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        best = self.best
        return {
            "outcomes": list(self.outcomes),
            "certain": self.certain.as_dict(),
            "people_for_half": self.half,
            "best_people": None if best is None else best.people,
            "sizes": [size.as_dict() for size in self.sizes],
        }


@dataclass(frozen=True)
class Effect:
    """What a pilot shows of an effect: the true one and a normal error of one person, each (trials,)."""

    truth: FloatArray
    person: FloatArray

    def shown(self, people: float) -> FloatArray:
        """The mean of so many people."""
        return np.asarray(self.truth + self.person / np.sqrt(people))


@dataclass(frozen=True)
class Share:
    """What a pilot shows of a share: how many achieve it, less what is deducted or what people compared achieve.

    Its people come in `cohorts`, each as alike as the file says, and in more where these would be larger than
    `largest`; arrays are (trials,).
    """

    chance: FloatArray
    anyway: FloatArray
    deducted: FloatArray
    alike: FloatArray
    cohorts: int
    largest: float
    luck: tuple[FloatArray, ...]

    @cached_property
    def truth(self) -> FloatArray:
        """What infinitely many would show."""
        return self.chance - self.deducted - (self.anyway if len(self.luck) > 1 else 0.0)

    def shown(self, people: float) -> FloatArray:
        """The share of so many people, less that of as many who are compared."""
        each = people / max(self.cohorts, people / self.largest)
        # one cohort of all with the variance of several: 1 + (n − 1) ρ' = 1 + (n/c − 1) ρ
        alike = self.alike * max(each - 1.0, 0.0) / max(people - 1.0, 1.0)
        found = self._counted(self.luck[0], self.chance, people, alike) - self.deducted
        return found if len(self.luck) == 1 else found - self._counted(self.luck[1], self.anyway, people, alike)

    @staticmethod
    def _counted(luck: FloatArray, chance: FloatArray, people: float, alike: FloatArray) -> FloatArray:
        found = successes(luck[None], np.array([[float(people)]]), chance[None], alike[None])[0]
        return np.asarray(found / people)


def shown_by(
    run: Run, columns: Mapping[str, FloatArray], cohorts: Mapping[str, tuple[int, float]]
) -> dict[str, Effect | Share]:
    """Outcomes whose true size is uncertain and that a pilot can measure, from `look` at every trial."""
    found: dict[str, Effect | Share] = {}
    for name, terms in run.scenario.outcomes.items():
        if not isinstance(terms, QuantityTerms) and not _exact(terms):
            one = _shown(run, name, terms, columns, cohorts)
            if np.ptp(one.truth) > 0.0:
                found[name] = one
    return found


def unmeasurable(scenario: Scenario) -> tuple[str, ...]:
    """Uncertain outcomes of which the file does not say how far people differ, so that no pilot can be simulated."""
    return tuple(
        name
        for name, terms in scenario.outcomes.items()
        if (isinstance(terms, QuantityTerms) and terms.per_person.is_uncertain)
        or (isinstance(terms, EffectTerms) and _exact(terms) and any(q.is_uncertain for q in _sizes(terms)))
    )


def _sizes(terms: EffectTerms) -> tuple[Quantity, ...]:
    """The numbers that say how large an effect is."""
    return terms.change, *terms.effect_in_group.values()


def _exact(terms: EffectTerms | AchievementTerms) -> bool:
    """Whether the file says that no person differs from another, as where it only wants no errors of measurement."""
    return isinstance(terms, EffectTerms) and not any(terms.measurement.person_sd.extremes)


def cohorts_of(base: Books) -> dict[str, tuple[int, float]]:
    """Cohorts of a pilot by outcome, one for each group and each period of a year, and how large the programme's are.

    That is the mean number of people of a group and a period in which some come, in the base case.
    """
    found = {}
    for name, terms in base.scenario.outcomes.items():
        if isinstance(terms, AchievementTerms):
            people = base.service.activity.referred if terms.of == "referred" else base.service.activity.started
            cells = np.concatenate([people[group].reshape(-1) for group in terms.groups or people])
            mean = float(cells[cells > 0].mean()) if (cells > 0).any() else 1.0
            found[name] = len(terms.groups or people) * base.scenario.timeline.per_year, max(mean, 1.0)
    return found


def look(books: Books) -> dict[str, FloatArray]:
    """What decides what a pilot shows, by outcome and name, each (trials,)."""
    trials = books.trials
    return {
        f"{name}:{what}": np.broadcast_to(values.reshape(-1), (trials.count,))
        for name, terms in books.scenario.outcomes.items()
        for what, values in _columns(terms, books.service.activity, trials)
    }


def _times(terms: EffectTerms | AchievementTerms, activity: Activity, trials: Trials) -> FloatArray:
    """How many times the effect stated the programme's people have on average, as some groups have less of it."""
    people, effective = came_and_effective(terms, activity, trials)
    came, having = np.broadcast_arrays(over_time(people), over_time(effective))
    return np.asarray(np.divide(having, came, out=np.ones(came.shape), where=came > 0))


def _columns(terms: OutcomeTerms, activity: Activity, trials: Trials) -> Iterator[tuple[str, FloatArray]]:
    if isinstance(terms, QuantityTerms):
        return
    more_of_it = _times(terms, activity, trials) - 1.0
    if isinstance(terms, EffectTerms):
        level = levels(terms.change, terms.counterfactual, trials, 1.0)
        more = 1.0 / terms.measurement.comparison_ratio.over(trials) if terms.counterfactual.compares else 0.0
        yield "truth", level.gross + more_of_it * level.net - level.deducted
        yield "sd", terms.measurement.person_sd.over(trials) * np.sqrt(1.0 + more)
    else:
        level = levels(terms.share, terms.counterfactual, trials, 1.0)
        yield "chance", np.clip(level.gross + more_of_it * level.net, 0.0, 1.0)
        yield "anyway", np.clip(level.anyway, 0.0, 1.0)
        yield "deducted", np.zeros((1, 1)) if terms.counterfactual.compares else level.deducted
        yield "alike", terms.luck.intraclass_correlation.over(trials)


def _shown(
    run: Run,
    name: str,
    terms: EffectTerms | AchievementTerms,
    columns: Mapping[str, FloatArray],
    cohorts: Mapping[str, tuple[int, float]],
) -> Effect | Share:
    stream = f"pilot:outcomes.{name}"
    if isinstance(terms, EffectTerms):
        z = np.concatenate([normals(run.seed, stream, block, 1)[0] for block in range(run.blocks)])[: run.count]
        return Effect(columns[f"{name}:truth"], z * columns[f"{name}:sd"])
    streams = (stream, f"{stream}:compared") if terms.counterfactual.compares else (stream,)
    luck = tuple(
        np.concatenate([uniforms(run.seed, one, block) for block in range(run.blocks)])[: run.count] for one in streams
    )
    chance, anyway, deducted, alike = (columns[f"{name}:{what}"] for what in ("chance", "anyway", "deducted", "alike"))
    return Share(chance, anyway, deducted, alike, *cohorts[name], luck)


@dataclass(frozen=True)
class Question:
    """What is asked of every pilot: the net benefit of each trial, what is shown, and what a person in it costs."""

    benefit: FloatArray
    replicates: int
    people: tuple[int, ...]
    cost_per_person: float

    def pilot(self, shown: Mapping[str, Effect | Share]) -> Pilot:
        """A pilot that shows some outcomes at once."""
        certain = self._worth([known_of(one.truth) for one in shown.values()])
        sizes = tuple(self._size(shown, n) for n in self.people)
        return Pilot(tuple(shown), sizes, certain, None if certain.is_noise else self._half(shown, certain.value / 2.0))

    def _worth(self, known: Sequence[Known]) -> Worth:
        return worth_of(self.benefit, known, self.replicates)

    def _of(self, shown: Mapping[str, Effect | Share], people: float) -> Worth:
        return self._worth([known_of(one.shown(people)) for one in shown.values()])

    def _size(self, shown: Mapping[str, Effect | Share], people: int) -> Size:
        worth, cost = self._of(shown, people), people * self.cost_per_person
        return Size(people, worth, cost, Worth(worth.value - cost, worth.se, worth.replicates))

    def _half(self, shown: Mapping[str, Effect | Share], target: float) -> int | None:
        """The least number of people that brings as much, by halving its logarithm, to two figures."""
        low, high = 0.0, float(np.log(MOST))
        if self._of(shown, MOST).value < target:
            return None
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            enough = self._of(shown, np.ceil(np.exp(middle))).value >= target
            low, high = (low, middle) if enough else (middle, high)
        return int(float(f"{np.ceil(np.exp(high)):.2g}"))


def pilots(question: Question, shown: Mapping[str, Effect | Share]) -> tuple[Pilot, ...]:
    """A pilot of each outcome, and of several the one that shows all of them at once, first."""
    alone = tuple(question.pilot({name: one}) for name, one in shown.items())
    return (question.pilot(shown), *alone) if len(shown) > 1 else alone
