"""What a bigger or better evaluation is worth: what is paid, and not paid, by luck in measuring.

The error of every report is divided by the root of a multiple of its sample; all else in every future stays the same,
so that what differs is paid by the luck of measuring alone. Where people are counted, luck with them plays that part:
it is told as it is today, against what would be paid for the numbers expected.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace

import numpy as np
import numpy.typing as npt

from sibmodel.core.quantity import WALK
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.measures.commissioner import real_present_value
from sibmodel.measures.investor import investor_losses
from sibmodel.model import Books, achieve, if_nothing, settle, work_through
from sibmodel.outcomes.terms import EffectTerms
from sibmodel.questions.information.decision import Worth, mean_of
from sibmodel.running.statistics import error_of_mean

TIMES = (0.25, 0.5, 1.0, 2.0, 4.0, 10.0)
"""Multiples of today's sample that are looked at where none are asked for."""
_EXACT, _EXPECTED = str(math.inf), "as expected"
TENTH = 0.1
"""Part of what is due by which a payment must be off to count."""


@dataclass(frozen=True)
class Chance:
    """A share of futures, with its standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Sample:
    """Payments where the sample is `times` today's; nominal, against what is due: what the true numbers would be paid.

    `for_nothing` is paid by the luck of measuring though the programme changes nothing, `chance_for_nothing` how often.
    If it works as in each future: `missed` is due and not paid, `too_much` paid and not due, `short` how often at least
    a tenth of what is due is missed, `sd` the standard deviation of what luck adds. `loss` is investors' chance of
    loss, `paid` the mean payment, `more` how much more that is than with today's sample. `cost` is what measuring more
    (or fewer) people costs, None where no price is known.
    """

    times: float
    for_nothing: Worth
    chance_for_nothing: Chance
    missed: Worth
    too_much: Worth
    short: Chance
    sd: Worth
    loss: Chance
    paid: Worth
    more: Worth
    cost: float | None

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        out: dict[str, object] = {"times": None if math.isinf(self.times) else self.times}
        for name in ("for_nothing", "missed", "too_much", "sd", "paid", "more"):
            out[name] = getattr(self, name).as_dict()
        for name in ("chance_for_nothing", "short", "loss"):
            out[name] = asdict(getattr(self, name)) | {"unit": "probability"}
        return out | {"cost": {"value": self.cost, "unit": "£"}}


@dataclass(frozen=True)
class Measuring:
    """How an outcome is measured today, in the base case: people of one report, and the standard error it has.

    `in_all` are the people (or person-years) of all reports, `compared` the comparison people for each of them, 0
    without a comparison group. `reach` is the multiple that a comparison group without end would come to.
    """

    outcome: str
    title: str
    unit: str
    people: float
    in_all: float
    compared: float
    se: float
    effect: float

    @property
    def reach(self) -> float:
        """1 + 1/ratio with a comparison group, else 1."""
        return 1.0 + 1.0 / self.compared if self.compared else 1.0


@dataclass(frozen=True)
class Evaluation:
    """Payments by size of the sample, and how outcomes are measured today.

    `cost_today` is the present value of what evaluation costs in the base case. Without outcomes that are measured with
    error there are no samples. `people` is the same of luck with people, without any error of measurement; None where
    nobody is counted by lot.
    """

    measured: tuple[Measuring, ...]
    samples: tuple[Sample, ...]
    people: Sample | None
    cost_today: float

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "cost_today": {"value": self.cost_today, "unit": "£"},
            "measured": [asdict(one) | {"reach": one.reach} for one in self.measured],
            "samples": [sample.as_dict() for sample in self.samples],
            "luck_with_people": None if self.people is None else self.people.as_dict(),
        }


def measuring(base: Books) -> Iterator[Measuring]:
    """Outcomes that are measured with error, as in the base case."""
    for name, terms in base.scenario.outcomes.items():
        flow = base.service.outcomes[name]
        people = flow.measured[flow.measured > 0] if isinstance(terms, EffectTerms) else np.zeros(0)
        sd = terms.measurement.person_sd.central_values()[0] if isinstance(terms, EffectTerms) else 0.0
        if isinstance(terms, EffectTerms) and people.size and sd:
            ratio = terms.measurement.comparison_ratio.central_values()[0] if terms.counterfactual.compares else 0.0
            each, in_all = float(people.mean()), float(people.sum())
            error = sd * math.sqrt((1.0 + (1.0 / ratio if ratio else 0.0)) / each)
            effect = float(over_time(flow.verified * flow.measured)[0]) / in_all
            yield Measuring(name, terms.title or name, terms.unit or "", each, in_all, ratio, error, effect)


def cost_today(base: Books) -> float:
    """Present value of what evaluation costs in the base case, real at the public rate."""
    lines = (line.paid for line in base.service.costs.lines if line.name == "evaluation")
    return sum(float(real_present_value(base, paid)[0]) for paid in lines)


def look(books: Books, times: tuple[float, ...]) -> dict[str, FloatArray]:
    """Payments and losses of some trials: by multiple of the sample, without error, and with nobody's luck either.

    Without multiples there is no error of measurement.
    """
    found: dict[str, FloatArray] = {}
    for multiple in times:
        again = books if multiple == 1.0 else _again(books, less_noise(books.trials, multiple))
        found |= _columns(str(multiple), again)
    exact = _again(books, less_noise(books.trials, math.inf)) if times else books
    if times or books.trials.uniforms:
        found |= _columns(_EXACT, exact)
    if books.trials.uniforms:
        found |= _columns(_EXPECTED, _again(exact, replace(exact.trials, uniforms={})))
    return found


def _columns(name: str, books: Books) -> dict[str, FloatArray]:
    nothing = if_nothing(books.scenario, books.service, books.trials)
    losses = dict(investor_losses(books))["investor.loss_probability"].values
    return {f"{name}:paid": _paid(books), f"{name}:nothing": _paid(nothing), f"{name}:loss": losses}


def less_noise(trials: Trials, times: float) -> Trials:
    """The same trials with samples so many times as large: errors of outcomes over its root; numbers that wander do."""
    share = 0.0 if math.isinf(times) else 1.0 / math.sqrt(times)
    return replace(trials, normals={a: z if a.endswith(WALK) else z * share for a, z in trials.normals.items()})


def _again(books: Books, trials: Trials) -> Books:
    """The same service measured otherwise; where service stops for want of money, all is worked through again."""
    scenario, service = books.scenario, books.service
    if scenario.capital.service_stops:
        return work_through(scenario, trials)
    measured = achieve(scenario, service.activity, service.costs, trials, 1.0)
    return Books(scenario, trials, measured, settle(scenario, measured, trials))


def _paid(books: Books) -> FloatArray:
    total = books.settlement.payments.total
    return np.array(over_time(np.broadcast_to(total, (books.trials.periods, books.trials.count))))


def samples(
    columns: Mapping[str, FloatArray], times: tuple[float, ...], replicates: int, cost_of_one: float | None
) -> tuple[Sample, ...]:
    """What `look` found in all trials, by multiple; `cost_of_one` is what today's sample costs once more."""
    found = []
    for one in (*times, math.inf):
        cost = None if cost_of_one is None or math.isinf(one) else (one - 1.0) * cost_of_one
        found.append(replace(_against(columns, str(one), _EXACT, "1.0", replicates), times=one, cost=cost))
    return tuple(found)


def luck_with_people(columns: Mapping[str, FloatArray], replicates: int) -> Sample | None:
    """The same of luck with people: what is due is what would be paid for the numbers expected; None if that is all."""
    names = [f"{_EXPECTED}:{what}" for what in ("paid", "nothing") if f"{_EXPECTED}:{what}" in columns]
    if all(np.array_equal(columns[name], columns[name.replace(_EXPECTED, _EXACT)]) for name in names):
        return None
    return _against(columns, _EXACT, _EXPECTED, _EXACT, replicates)


def _against(columns: Mapping[str, FloatArray], name: str, due: str, today: str, replicates: int) -> Sample:
    """Payments under one name against what is due under another."""
    paid, owed = columns[f"{name}:paid"], columns[f"{due}:paid"]
    by_luck, off = columns[f"{name}:nothing"] - columns[f"{due}:nothing"], paid - owed

    def chance(so: npt.NDArray[np.bool_]) -> Chance:
        return Chance(float(so.mean()), error_of_mean(so.astype(np.float64), replicates) or 0.0)

    return Sample(
        times=1.0,
        for_nothing=mean_of(by_luck, replicates),
        chance_for_nothing=chance(by_luck > HALF_A_PENNY),
        missed=mean_of(np.maximum(-off, 0.0), replicates),
        too_much=mean_of(np.maximum(off, 0.0), replicates),
        short=chance((-off > HALF_A_PENNY) & (-off >= TENTH * owed - HALF_A_PENNY)),
        sd=_standard_deviation(off, replicates),
        loss=chance(columns[f"{name}:loss"] > 0.0),
        paid=mean_of(paid, replicates),
        more=mean_of(paid - columns[f"{today}:paid"], replicates),
        cost=None,
    )


def _standard_deviation(each: FloatArray, replicates: int) -> Worth:
    """√Var and its standard error by the delta method, that of the variance over twice the root."""
    squares = (each - each.mean()) ** 2
    sd = float(np.sqrt(squares.mean()))
    return Worth(sd, (error_of_mean(squares, replicates) or 0.0) / (2.0 * sd) if sd > 0.0 else 0.0, replicates)
