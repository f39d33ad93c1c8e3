"""What is kept of every trial, and what is summed up block by block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from sibmodel.core.flows import saved, saved_by_span
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time, running_total
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import beside_measures, commissioners, own_savings, paid_by, payment_measures
from sibmodel.measures.investor import investor_losses, net_flow
from sibmodel.measures.irr import STATUSES
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.running.columns import Columns
from sibmodel.running.execution import Run
from sibmodel.running.sums import Average, Moments, Replicate
from sibmodel.sampling.streams import BLOCK
from sibmodel.scenario.schema import Scenario

FAN_TRIALS = 5 * BLOCK
"""Trials of which whole cash flows are kept: enough for percentiles by period, and memory stays small in a long run."""

Measures = Mapping[str, Values]
Counts = Mapping[str, npt.NDArray[np.int64]]


@dataclass(frozen=True)
class CapSums:
    """One cap over some trials: what it allows (at the end), whether it binds, and pounds lost.

    `binds_in` is the number of trials in which it binds in each financial year, in the order of the years.
    """

    limit: Average
    binds: Average
    forgone: Average
    binds_in: npt.NDArray[np.int64]

    def __add__(self, other: CapSums) -> CapSums:
        return CapSums(
            self.limit + other.limit,
            self.binds + other.binds,
            self.forgone + other.forgone,
            self.binds_in + other.binds_in,
        )


@dataclass(frozen=True)
class Part:
    """What is summed up of some trials.

    `statuses` counts how a measure's rates of return were found. `cumulative` is what investors have received less what
    they have put in, up to each period, (periods, trials), of the first trials.
    """

    statuses: Counts
    caps: Mapping[str, CapSums]
    flows: Mapping[str, Moments]
    cumulative: tuple[FloatArray, ...]

    def __add__(self, other: Part) -> Part:
        return Part(
            {name: counts + other.statuses[name] for name, counts in self.statuses.items()},
            {address: sums + other.caps[address] for address, sums in self.caps.items()},
            {prefix: moments + other.flows[prefix] for prefix, moments in self.flows.items()},
            self.cumulative + other.cumulative,
        )


@dataclass(frozen=True)
class Kept:
    """What is kept of every trial."""

    measures: Columns[str]
    if_nothing: Columns[str]
    payments: Columns[tuple[str, str]]
    cashable: Columns[str]

    @classmethod
    def room(cls, base: Books, run: Run) -> Kept:
        """Columns for everything that the base case has."""
        nothing = measures_if_nothing(base)
        by_year, cashable, measures = payments_by_year(base), cashable_by_year(base), all_measures(base)
        return cls(
            Columns(measures, run.count, alike(run.scenario, measures)),
            Columns(nothing, trials_if_nothing(run)),
            Columns(by_year, run.count),
            Columns(cashable, run.count),
        )

    def of_nothing(self, trials: Trials, measures: Measures) -> None:
        """Write what some trials come to if the programme changes nothing."""
        self.if_nothing.write(trials.first, {name: one.values for name, one in measures.items()}, trials.count)

    def of(self, books: Books, run: Run) -> Part:
        """Write some trials into their columns, and sum up the rest."""
        first, count = books.trials.first, books.trials.count
        measures = all_measures(books)
        self.measures.write(first, {name: one.values for name, one in measures.items()}, count)
        self.payments.write(first, payments_by_year(books), count)
        self.cashable.write(first, cashable_by_year(books), count)
        replicate, net = run.replicate_of(books.trials), net_flow(books)
        prefixes = investing(run.scenario)
        moments = {
            names: Moments.of(net_flow(books, names), replicate, run.replicates, is_first=first < FAN_TRIALS)
            for names in dict.fromkeys(prefixes.values())
        }
        return Part(
            statuses={
                name: np.bincount(one.status, minlength=len(STATUSES))
                for name, one in measures.items()
                if one.status is not None
            },
            caps=caps_of(books, replicate, run.replicates),
            flows={prefix: moments[names] for prefix, names in prefixes.items()},
            cumulative=(running_total(net),) if first < FAN_TRIALS else (),
        )


def caps_of(books: Books, replicate: Replicate, replicates: int) -> dict[str, CapSums]:
    """Every cap by its address."""
    payments, years = books.settlement.payments, tuple(years_of(books).values())

    def average(values: FloatArray) -> Average:
        return Average.of(values, replicate, replicates)

    def one(address: str, kept_back: FloatArray) -> CapSums:
        bound = kept_back > HALF_A_PENNY
        by_year = np.stack([bound[year].any(axis=0) for year in years])  # many times as fast as reduceat
        alike = books.trials.count // by_year.shape[1]  # all trials, where none differs from another
        lost = over_time(payments.forgone[address])
        return CapSums(
            average(payments.limits[address][-1:].reshape(-1)),
            average(np.asarray(by_year.any(axis=0), np.float64)),
            average(np.where(lost > HALF_A_PENNY, lost, 0.0)),
            alike * by_year.sum(axis=1),
        )

    return {address: one(address, kept_back) for address, kept_back in payments.kept_back.items()}


def years_of(books: Books) -> dict[str, slice]:
    """The periods of each financial year, in order."""
    years = books.scenario.timeline.financial_years
    return {year: slice(years.index(year), years.index(year) + years.count(year)) for year in dict.fromkeys(years)}


def trials_if_nothing(run: Run) -> int:
    """Trials of which it is also asked what happens if the programme changes nothing: the first 20,480 at most.

    That is a quarter of the work of a run, for a few means. Replicates are not cut.
    """
    return run.count if run.replicates > 1 else min(run.count, FAN_TRIALS)


def measures_if_nothing(books: Books) -> dict[str, Values]:
    """What is asked of a programme that changes nothing: what payers pay, and investors' losses."""
    return dict(chain(payment_measures(books), beside_measures(books), investor_losses(books)))


def payments_by_year(books: Books) -> dict[tuple[str, str], FloatArray]:
    """Outcome payments by (financial year, payer), nominal pounds, shape (trials,)."""
    paid = {name: paid_by(books, name) for name in books.scenario.contract.payers}
    return {
        (year, name): over_time(amount[periods])
        for year, periods in years_of(books).items()
        for name, amount in paid.items()
    }


def cashable_by_year(books: Books) -> dict[str, FloatArray]:
    """Commissioners' own cashable savings by financial year, in pounds of the year, shape (1 or trials,)."""
    years = years_of(books)
    own = [s for s in own_savings(books, *commissioners(books)) if s.each["cashable"].any()]
    if not own:
        return dict.fromkeys(years, np.zeros(1))
    level = books.price_level
    if level.shape[1] == 1:
        return saved_by_span(own, "cashable", level[:, 0], years)
    cash = saved(own, "cashable") * level
    return {year: over_time(cash[periods]) for year, periods in years.items()}


def investing(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Tranches by the prefix of their measures: all investors', and each on its own."""
    capital = scenario.capital
    return {"investor": capital.investors} | {f"tranche.{name}": (name,) for name in capital.tranches}


def alike(scenario: Scenario, measures: Iterable[str]) -> dict[str, str]:
    """Measures of a tranche that is all there is, by those of all investors, which are the same."""
    only = [prefix for prefix, names in investing(scenario).items() if names == scenario.capital.investors][1:]
    own = {name: prefix for name in measures for prefix in only if name.startswith(f"{prefix}.")}
    return {name: f"investor{name.removeprefix(prefix)}" for name, prefix in own.items()}
