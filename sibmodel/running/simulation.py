"""Simulating a scenario: every trial worked through, and what they say together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.irr import STATUSES, irr
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books, if_nothing, work_through
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.gathering import (
    Kept,
    Measures,
    Part,
    alike,
    investing,
    measures_if_nothing,
    payments_by_year,
    trials_if_nothing,
)
from sibmodel.running.precision import needed, targets_of
from sibmodel.running.record import record
from sibmodel.running.results import CapUse, Result
from sibmodel.running.statistics import PERCENTILES, Summary, expected_shortfall, known, summarise
from sibmodel.sampling.replicates import balanced
from sibmodel.scenario.schema import Scenario

_FIGURE = re.compile(r"base|mean|p\d+")


def simulate(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    progress: Progress | None = None,
    workers: int | None = None,
    precision: Mapping[str, float] | None = None,
) -> Result:
    """Simulate a scenario.

    `trials` and `seed` default to the scenario's own; `progress` is called with trials done and in all. `workers` is
    how many processes or threads work, one a processor if not given; no number depends on it. The same scenario, trials
    and seed give the same bits. `precision` maps a measure's name, or name and percentile (`investor.irr.p5`), to the
    standard error that it may have at most: then as many trials are run as that takes, at least `trials`. Raises
    SibmodelError if that is more than can be run, and ReconciliationError if the books do not balance.
    """
    count, seed = asked_for(scenario, trials, seed)
    targets = targets_of(precision or {})
    must_be_known(scenario, [target.measure for target in targets])
    while True:
        result = _simulated(Run(scenario, count, seed), progress, workers)
        more = needed(result, targets)
        if more <= count:
            return result
        more = max(balanced(scenario.simulation.sampling, more), more)
        count = asked_for(scenario, more, seed)[0]


def must_be_known(scenario: Scenario, measures: Iterable[str]) -> None:
    """Look before a long run whether there are such measures. Raises UnknownNameError for the first there is not."""
    names: list[str] = []
    for measure in measures:
        if not names:
            names = [*all_measures(base_case(scenario)), *_of_all_together(scenario)]
        if measure not in names:
            whole, _, part = measure.rpartition(".")
            if whole in names and _FIGURE.fullmatch(part):
                what = "percentiles are not taken here" if part.startswith("p") else f"'{part}' is not asked for here"
                raise UnknownNameError(f"'{measure}': {what}; write '{whole}'")
            raise UnknownNameError(f"no measure called '{measure}'; {nearest(measure, names)}")


def _of_all_together(scenario: Scenario) -> list[str]:
    return [f"{prefix}.{name}" for prefix in investing(scenario) for name in ("irr_of_mean_flow", "expected_shortfall")]


def _simulated(run: Run, progress: Progress | None, workers: int | None) -> Result:
    base = base_case(run.scenario)
    kept = Kept.room(base, run)

    def work(trials: Trials) -> Part:
        books = work_through(run.scenario, trials)
        service, part = books.service, kept.of(books, run)
        del books  # what follows works in its memory, which is still in the processor's cache
        if trials.first < trials_if_nothing(run):
            kept.of_nothing(trials, measures_if_nothing(if_nothing(run.scenario, service, trials)))
        return part

    return _result(run, base, kept, reduce(add, run.each_part(work, workers, progress)), workers)


def _result(run: Run, base: Books, kept: Kept, sums: Part, workers: int | None) -> Result:
    base_values, base_nothing = all_measures(base), measures_if_nothing(base_case(run.scenario, scale=0.0))
    same, paid = alike(run.scenario, base_values), _paid_by_year(base)
    own, years = [name for name in base_values if name not in same], list(paid)

    def one(i: int) -> Summary:
        if i < len(own):
            return _summary(own[i], base_values, kept, sums, run.replicates)
        year = years[i - len(own)]
        together = np.asarray(sum(kept.payments[year, name] for name in run.scenario.contract.payers))
        return summarise(paid[year], together, run.replicates)

    found = list(in_order(one, len(own) + len(years), workers_for(run.blocks, workers)))
    measures = dict(zip(own, found, strict=False))
    measures |= {name: replace(measures[other], label=base_values[name].label) for name, other in same.items()}
    for prefix in investing(run.scenario):
        measures[f"{prefix}.irr_of_mean_flow"] = _rate_of_mean_flow(prefix, run, base_values, sums)
        profit = f"{prefix}.profit"
        measures[f"{prefix}.expected_shortfall"] = expected_shortfall(
            base_values[profit], kept.measures[profit], run.replicates
        )
    return Result(
        scenario=run.scenario,
        record=record(run.scenario, run.count, run.seed),
        measures=dict(sorted(measures.items())),
        values=kept.measures,
        if_nothing={name: summarise(one, kept.if_nothing[name], run.replicates) for name, one in base_nothing.items()},
        payments=kept.payments,
        paid_by_year=dict(zip(years, found[len(own) :], strict=True)),
        cashable_savings=kept.cashable,
        base_payments={key: float(paid[0]) for key, paid in payments_by_year(base).items()},
        caps=_cap_use(base, sums, run),
        investors_cumulative=np.concatenate(sums.cumulative, axis=1),
        base=base,
        replicates=run.replicates,
    )


def _paid_by_year(base: Books) -> dict[str, Values]:
    """What all payers pay together in each financial year."""
    by_year: dict[str, FloatArray] = {}
    for (year, _), paid in payments_by_year(base).items():
        by_year[year] = by_year.get(year, np.zeros(1)) + paid
    return {year: pounds(paid, "outcome payments by all payers, nominal") for year, paid in by_year.items()}


def _summary(name: str, base: Measures, kept: Kept, sums: Part, replicates: int) -> Summary:
    found = summarise(base[name], kept.measures[name], replicates)
    counts, status = sums.statuses.get(name), base[name].status
    if counts is None or status is None:
        return found
    return replace(
        found,
        status={words: int(count) for words, count in zip(STATUSES, counts, strict=True)},
        base_status=STATUSES[int(status[0])],
    )


def _rate_of_mean_flow(prefix: str, run: Run, base: Measures, sums: Part) -> Summary:
    """The internal rate of return of the mean cash flow: not the mean of the rates."""
    moments, timeline = sums.flows[prefix], run.scenario.timeline
    rates = irr(moments.mean[:, None], timeline.per_year)
    in_base = base[f"{prefix}.irr"]
    return Summary(
        base=known(in_base.values[0]),
        mean=known(rates.annual[0]),
        se=moments.error_of_rate(float(rates.annual[0]), timeline.years),
        percentiles=dict.fromkeys(PERCENTILES),
        unit="rate",
        label=in_base.label.replace("return of", "return of the mean cash flow of"),
        defined=1,
        status=rates.counts(),
        replicates=run.replicates,
    )


def _cap_use(base: Books, sums: Part, run: Run) -> dict[str, CapUse]:
    years = dict.fromkeys(base.scenario.timeline.financial_years)
    payments = base.settlement.payments
    out: dict[str, CapUse] = {}
    for address, cap in sums.caps.items():
        kept_back, lost = payments.kept_back[address], float(payments.forgone[address].sum())
        binds_in = zip(years, cap.binds_in, strict=True)
        out[address] = CapUse(
            limit=cap.limit.mean,
            base_forgone=lost if lost > HALF_A_PENNY else 0.0,
            mean_forgone=cap.forgone.mean,
            mean_forgone_se=cap.forgone.error,
            bound_share=cap.binds.mean,
            bound_share_se=cap.binds.error,
            bound_by_year={year: float(count / run.count) for year, count in binds_in if count},
            base_bound_in=[t for t in range(len(kept_back)) if kept_back[t, 0] > HALF_A_PENNY],
        )
    return out
