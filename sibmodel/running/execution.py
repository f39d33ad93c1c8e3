"""Running a scenario: the base case, and thousands of trials through the same functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain

import numpy as np
import numpy.typing as npt

from sibmodel.core.discounting import deflators
from sibmodel.core.flows import saved
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time, running_total
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, own_savings, paid_by, payment_measures
from sibmodel.measures.investor import investor_losses, net_flow
from sibmodel.measures.irr import irr
from sibmodel.measures.values import Values
from sibmodel.model import Books, work_through
from sibmodel.running.record import record
from sibmodel.running.results import CapUse, Result
from sibmodel.running.statistics import Moments, Summary, expected_shortfall, summarise
from sibmodel.sampling.sampler import sample, with_luck
from sibmodel.sampling.streams import BLOCK
from sibmodel.scenario.schema import Scenario

Progress = Callable[[int, int], None]

Measures = Mapping[str, Values]

MOST_TRIALS = 10_000_000
FAN_TRIALS = 5 * BLOCK
"""Trials of which whole cash flows are kept: enough for percentiles by period, and memory stays small in a long run."""
CELLS = 2_000_000
"""Numbers in one array of people by period, area and trial: more trials at a time than that only cost memory."""


@dataclass(frozen=True)
class _Bound:
    """One cap: in each trial, shape (trials,), what it allows (at the end), whether it binds, and pounds lost.

    `binds_in` is the number of trials in which it binds in each financial year, in the order of the years.
    """

    limit: FloatArray
    binds: npt.NDArray[np.bool_]
    forgone: FloatArray
    binds_in: npt.NDArray[np.int64]


@dataclass(frozen=True)
class _Block:
    """What is kept of one block of trials."""

    measures: Measures
    if_nothing: Measures
    payments: Mapping[tuple[str, str], FloatArray]
    cashable: Mapping[str, FloatArray]
    caps: Mapping[str, _Bound]
    flows: Mapping[str, Moments]
    trials: int
    cumulative: FloatArray


def base_case(scenario: Scenario, scale: float = 1.0) -> Books:
    """Every number at its central value, every luck at zero; `scale` 0 asks what if the programme does nothing."""
    return work_through(scenario, Trials.base(scenario.timeline.periods + 1), scale)


def simulate(
    scenario: Scenario, trials: int | None = None, seed: int | None = None, progress: Progress | None = None
) -> Result:
    """Simulate a scenario.

    `trials` and `seed` default to the scenario's own; `progress` is called with trials done and in all.
    The same scenario, trials and seed give the same bits. Raises ReconciliationError if the books do not balance.
    """
    count, seed = asked_for(scenario, trials, seed)
    base = base_case(scenario)
    blocks: list[_Block] = []
    done = 0
    for trial_block in trials_of(scenario, count, seed):
        blocks.append(_run(scenario, trial_block, keep_flows=done < FAN_TRIALS))
        done += trial_block.count
        if progress is not None:
            progress(done, count)
    return _result(scenario, base, blocks, seed)


def asked_for(scenario: Scenario, trials: int | None, seed: int | None) -> tuple[int, int]:
    """How many trials and which seed: the scenario's own where nothing is asked. Raises SibmodelError if impossible."""
    count = scenario.simulation.trials if trials is None else trials
    seed = scenario.simulation.seed if seed is None else seed
    if not 2 <= count <= MOST_TRIALS:
        raise SibmodelError(f"{count:,} trials cannot be run; ask for 2 to {MOST_TRIALS:,}")
    if not 0 <= seed < 2**63:
        raise SibmodelError(f"the seed {seed} cannot be used; give a whole number from 0 to 2⁶³ − 1")
    return count, seed


def trials_of(scenario: Scenario, count: int, seed: int) -> Iterator[Trials]:
    """The trials of a run, block by block; of a programme with many areas and groups in parts of blocks.

    What the trials are does not depend on how many are worked through at a time.
    """
    quantities = [quantity for quantity in scenario.quantities() if quantity.is_uncertain]
    noisy = [f"outcomes.{name}" for name in scenario.noisy_outcomes()]
    lucky = scenario.luck_with_people()
    periods = scenario.timeline.periods + 1
    programme = scenario.programme
    together = max(CELLS // (periods * len(programme.areas or (1,)) * len(programme.groups)), 1)
    for block, start in enumerate(range(0, count, BLOCK)):
        trials = sample(quantities, noisy, periods, seed, block, min(BLOCK, count - start))
        trials = with_luck(trials, lucky, seed, block)
        for first in range(0, trials.count, together):
            yield trials if together >= trials.count else trials.part(first, min(first + together, trials.count))


def _run(scenario: Scenario, trials: Trials, keep_flows: bool) -> _Block:
    books = work_through(scenario, trials)
    nothing = work_through(scenario, trials, scale=0.0)
    net = net_flow(books)
    return _Block(
        measures=all_measures(books),
        if_nothing=measures_if_nothing(nothing),
        payments=payments_by_year(books),
        cashable=cashable_by_year(books),
        caps=_caps(books),
        flows={prefix: Moments.of(net_flow(books, names)) for prefix, names in investing(scenario).items()},
        trials=trials.count,
        cumulative=running_total(net) if keep_flows else np.empty((len(net), 0)),
    )


def _caps(books: Books) -> dict[str, _Bound]:
    payments, each = books.settlement.payments, np.zeros(books.trials.count)
    years = np.array(books.scenario.timeline.financial_years)
    return {
        address: _Bound(
            payments.limits[address][-1] + each,
            np.asarray(binds.any(axis=0)),
            over_time(payments.forgone[address]) + each,
            np.array([(binds[years == year]).any(axis=0).sum() for year in dict.fromkeys(years.tolist())]),
        )
        for address, held in payments.held.items()
        for binds in (np.broadcast_to(held > HALF_A_PENNY, (len(years), books.trials.count)),)
    }


def measures_if_nothing(books: Books) -> dict[str, Values]:
    """What is asked of a programme that changes nothing: payments and investors' losses."""
    return dict(chain(payment_measures(books), investor_losses(books)))


def payments_by_year(books: Books) -> dict[tuple[str, str], FloatArray]:
    """Outcome payments by (financial year, payer), nominal pounds, shape (trials,)."""
    years = np.array(books.scenario.timeline.financial_years)
    paid = {name: paid_by(books, name) for name in books.scenario.contract.payers}
    return {
        (year, name): over_time(amount[years == year])
        for year in dict.fromkeys(years.tolist())
        for name, amount in paid.items()
    }


def cashable_by_year(books: Books) -> dict[str, FloatArray]:
    """Commissioners' own cashable savings by financial year, in pounds of the year, shape (1 or trials,)."""
    timeline = books.scenario.timeline
    years = np.array(timeline.financial_years)
    own = [s for s in own_savings(books, *commissioners(books)) if s.each["cashable"].any()]
    if not own:
        return dict.fromkeys(years.tolist(), np.zeros(1))
    cash = saved(own, "cashable") * deflators(timeline.years, books.scenario.prices.inflation.over(books.trials))
    return {year: over_time(cash[years == year]) for year in dict.fromkeys(years.tolist())}


def _joined(blocks: list[Measures]) -> dict[str, Values]:
    def one(name: str) -> Values:
        parts = [block[name] for block in blocks]
        statuses = [part.status for part in parts if part.status is not None]
        first = parts[0]
        values = np.concatenate([part.values for part in parts])
        return Values(values, first.unit, first.label, np.concatenate(statuses) if statuses else None)

    return {name: one(name) for name in blocks[0]}


def _result(scenario: Scenario, base: Books, blocks: list[_Block], seed: int) -> Result:
    values = _joined([block.measures for block in blocks])
    nothing = _joined([block.if_nothing for block in blocks])
    base_values = all_measures(base)
    base_nothing = measures_if_nothing(base_case(scenario, scale=0.0))
    measures = {name: summarise(base_values[name], v) for name, v in values.items()}
    for prefix in investing(scenario):
        measures[f"{prefix}.irr_of_mean_flow"] = _rate_of_mean_flow(prefix, scenario, base_values, blocks)
        profit = f"{prefix}.profit"
        measures[f"{prefix}.expected_shortfall"] = expected_shortfall(base_values[profit], values[profit])
    return Result(
        scenario=scenario,
        record=record(scenario, next(iter(values.values())).values.size, seed),
        measures=dict(sorted(measures.items())),
        values={name: v.values for name, v in values.items()},
        if_nothing={name: summarise(base_nothing[name], v) for name, v in nothing.items()},
        payments={key: np.concatenate([b.payments[key] for b in blocks]) for key in blocks[0].payments},
        cashable_savings={
            year: np.concatenate([np.broadcast_to(b.cashable[year], b.trials) for b in blocks])
            for year in blocks[0].cashable
        },
        base_payments={key: float(paid[0]) for key, paid in payments_by_year(base).items()},
        caps=_cap_use(base, blocks),
        investors_cumulative=np.concatenate([block.cumulative for block in blocks], axis=1),
        base=base,
    )


def investing(scenario: Scenario) -> dict[str, tuple[str, ...]]:
    """Tranches by the prefix of their measures: all investors', and each on its own."""
    capital = scenario.capital
    return {"investor": capital.investors} | {f"tranche.{name}": (name,) for name in capital.tranches}


def _rate_of_mean_flow(prefix: str, scenario: Scenario, base: Measures, blocks: list[_Block]) -> Summary:
    """The internal rate of return of the mean cash flow: not the mean of the rates."""
    moments = blocks[0].flows[prefix]
    for block in blocks[1:]:
        moments = moments + block.flows[prefix]
    rates = irr(moments.mean[:, None], scenario.timeline.per_year)
    label = base[f"{prefix}.irr"].label.replace("return of", "return of the mean cash flow of")
    found = summarise(base[f"{prefix}.irr"], Values(rates.annual, "rate", label, rates.status))
    error = moments.error_of_rate(float(rates.annual[0]), scenario.timeline.years)
    return Summary(found.base, found.mean, error, dict.fromkeys(found.percentiles), "rate", label, 1, found.status)


def _cap_use(base: Books, blocks: list[_Block]) -> dict[str, CapUse]:
    out: dict[str, CapUse] = {}
    for address, in_base in _caps(base).items():
        parts = [block.caps[address] for block in blocks]
        lost = np.concatenate([part.forgone for part in parts])
        lost_in_base = float(in_base.forgone[0])
        trials = np.concatenate([part.binds for part in parts]).size
        years = dict.fromkeys(base.scenario.timeline.financial_years)
        binds_in = zip(years, np.sum([part.binds_in for part in parts], axis=0), strict=True)
        held = base.settlement.payments.held[address]
        out[address] = CapUse(
            limit=float(np.concatenate([part.limit for part in parts]).mean()),
            base_forgone=lost_in_base if lost_in_base > HALF_A_PENNY else 0.0,
            mean_forgone=float(np.where(lost > HALF_A_PENNY, lost, 0.0).mean()),
            bound_share=float(np.concatenate([part.binds for part in parts]).mean()),
            bound_by_year={year: float(count / trials) for year, count in binds_in if count},
            base_bound_in=[t for t in range(len(held)) if held[t, 0] > HALF_A_PENNY],
        )
    return out
