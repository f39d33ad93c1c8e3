"""Asking what it is worth to know more: one run for today's decision, one for what its inputs say."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError, UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, own_savings, real_present_value
from sibmodel.measures.values import Values
from sibmodel.model import Books, work_through
from sibmodel.questions.information import evaluation, pilot
from sibmodel.questions.information.decision import decision
from sibmodel.questions.information.evaluation import TIMES, Evaluation
from sibmodel.questions.information.found import Information
from sibmodel.questions.information.knowing import knowing
from sibmodel.questions.information.pilot import PEOPLE, Pilot
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import record
from sibmodel.scenario.schema import Scenario

CASHABLE = "commissioner.cashable_net_saving"
READINGS = (CASHABLE, "commissioner.net_saving", "public.npv", "investor.npv")
"""Net benefits that a decision may rest on; those that a scenario has are told beside the one asked for."""
FEWEST = 100
"""Trials below which nothing is said."""


def information(
    scenario: Scenario,
    measure: str = CASHABLE,
    *,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    people: Sequence[int] = PEOPLE,
    samples: Sequence[float] = TIMES,
    pilot_cost: float | None = None,
    measuring_cost: float | None = None,
) -> Information:
    """What it is worth to know inputs before signing, to run a pilot, and to evaluate better.

    The decision is to sign or not, by the mean of `measure`, a net benefit in pounds; not signing has a net benefit of
    nought. `people` are sizes of pilots, `samples` multiples of today's sample of the evaluation; `pilot_cost` is
    pounds for each person of a pilot (programme spend for each who starts if not given), `measuring_cost` pounds for
    each person measured once, compared people too. Raises SibmodelError for a measure that is no net benefit or that
    the scenario does not have, for too few trials, and for sizes and costs that cannot be.
    """
    count, chosen = asked_for(scenario, trials, seed)
    if count < FEWEST:
        raise SibmodelError(f"{count} trials are too few to tell what knowing is worth; ask for {FEWEST} or more")
    sizes, times = _sizes(people), _times(samples)
    _must_be_costs(pilot_cost, measuring_cost)
    base = base_case(scenario)
    known = all_measures(base)
    _must_be_a_benefit(base, known, measure)
    run = Run(scenario, count, chosen)
    names = tuple(dict.fromkeys((measure, *(name for name in READINGS if _is_there(base, known, name)))))
    measured = tuple(evaluation.measuring(base))
    columns = _looked(run, names, times if measured else (), workers, progress)
    benefit = columns[measure]
    missing = int(np.sum(~np.isfinite(benefit)))
    if missing:
        raise SibmodelError(
            f"{measure} has no value in {missing:,} of {count:,} futures, so no decision can rest on it; "
            f"{_instead(base)}"
        )
    readings = {
        name: decision(name, known[name].label, columns[name], run.replicates)
        for name in names
        if np.isfinite(columns[name]).all()
    }
    cost = _cost_per_person(base) if pilot_cost is None else pilot_cost
    all_measured = sum(one.in_all * (1.0 + one.compared) for one in measured)
    once_more = None if measuring_cost is None else measuring_cost * all_measured
    return Information(
        scenario=scenario,
        record=record(scenario, count, chosen),
        decision=readings.pop(measure),
        readings=readings,
        knowing=knowing(run, measure, benefit, workers),
        pilots=_pilots(run, base, columns, pilot.Question(benefit, run.replicates, sizes, cost)),
        unmeasurable=pilot.unmeasurable(scenario),
        cost_per_person=cost,
        cost_is_given=pilot_cost is not None,
        evaluation=Evaluation(
            measured=measured,
            samples=evaluation.samples(columns, times, run.replicates, once_more) if measured else (),
            people=evaluation.luck_with_people(columns, run.replicates),
            cost_today=evaluation.cost_today(base),
        ),
    )


def _looked(
    run: Run, names: tuple[str, ...], times: tuple[float, ...], workers: int | None, progress: Progress | None
) -> dict[str, FloatArray]:
    """Everything that is looked at in each trial, (trials,)."""

    def work(trials: Trials) -> dict[str, FloatArray]:
        books = work_through(run.scenario, trials)
        found = all_measures(books)
        columns = {name: found[name].values for name in names}
        columns |= pilot.look(books) | evaluation.look(books, times)
        return {name: np.broadcast_to(values, (trials.count,)).copy() for name, values in columns.items()}

    parts = list(run.each_part(work, workers, progress))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _pilots(run: Run, base: Books, columns: Mapping[str, FloatArray], question: pilot.Question) -> tuple[Pilot, ...]:
    return pilot.pilots(question, pilot.shown_by(run, columns, pilot.cohorts_of(base)))


def _cost_per_person(base: Books) -> float:
    """Programme spend, present value, for each who starts in the base case; 0 if nobody does."""
    people = sum(float(over_time(started)[0]) for started in base.service.activity.started.values())
    return float(real_present_value(base, base.service.costs.spend)[0]) / people if people else 0.0


def _is_there(base: Books, known: Mapping[str, Values], measure: str) -> bool:
    """Whether the scenario has a net benefit: a commissioner's needs savings of its own."""
    needs_savings = measure.startswith("commissioner.")
    return measure in known and not (needs_savings and not own_savings(base, *commissioners(base)))


def _must_be_a_benefit(base: Books, known: Mapping[str, Values], measure: str) -> None:
    if measure in ("commissioner.net_saving", CASHABLE) and not _is_there(base, known, measure):
        raise SibmodelError(
            f"{measure} cannot be weighed: no agency that saves belongs to a commissioner "
            f"(savings.agencies.NAME.payer), so payments have nothing to be set against; {_instead(base)}"
        )
    if measure not in known:
        raise UnknownNameError(f"no measure called '{measure}'; {nearest(measure, known)}")
    if known[measure].unit != "£":
        raise SibmodelError(
            f"{measure} is no net benefit in pounds, so that nought does not part signing from not signing; "
            f"{_instead(base)}"
        )


def _instead(base: Books) -> str:
    """The measures of net benefit that there are."""
    known = all_measures(base)
    there = [name for name in READINGS if _is_there(base, known, name)]
    return f"take --measure {', '.join(there[:-1]) + ' or ' if len(there) > 1 else ''}{there[-1]}"


def _sizes(people: Sequence[int]) -> tuple[int, ...]:
    wrong = next((n for n in people if not 1 <= n <= pilot.MOST), None)
    if wrong is not None or not people:
        raise SibmodelError(f"a pilot of {wrong or 0:,} people cannot be; ask for 1 to {pilot.MOST:,.0f}")
    return tuple(sorted(set(people)))


def _times(samples: Sequence[float]) -> tuple[float, ...]:
    """Multiples in order, today's among them."""
    wrong = next((m for m in samples if not (math.isfinite(m) and m > 0.0)), None)
    if wrong is not None:
        raise SibmodelError(f"{wrong:g} times today's sample cannot be; ask for a number above 0, such as 2")
    return tuple(sorted({1.0, *map(float, samples)}))


def _must_be_costs(*costs: float | None) -> None:
    wrong = next((one for one in costs if one is not None and not (math.isfinite(one) and one >= 0.0)), None)
    if wrong is not None:
        raise SibmodelError(f"{wrong:g} is no cost of a person; give pounds from 0 on")
