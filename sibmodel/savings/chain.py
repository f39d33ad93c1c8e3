"""The chain from a true net outcome to cashable pounds, link by link, in real pounds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache

import numpy as np

from sibmodel.core.flows import Link, OutcomeFlow, Saving, Units, total
from sibmodel.core.powers import power
from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import parts_of_whole
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay, kept, spread
from sibmodel.core.trials import Trials
from sibmodel.savings.terms import CorrectionTerms, SavingsTerms, SavingTerms, StepTerms, TopDownTerms

_WHOLE = 1e-9
"""Savings this share of a step short of it are rounding dust: the step is reached."""


def savings(
    terms: SavingsTerms | None,
    outcomes: Mapping[str, OutcomeFlow],
    real_spend: Callable[[], FloatArray],
    timeline: Timeline,
    trials: Trials,
    scale: float = 1.0,
) -> tuple[Saving, ...]:
    """Savings by agency and kind; `real_spend()` is programme spend in prices of the signing date."""
    if terms is None:
        return ()
    if terms.top_down is not None:
        return tuple(_top_down(terms.top_down, tuple(terms.agencies), real_spend(), timeline, trials, scale))
    shared: dict[tuple[object, ...], Units] = {}
    found = {
        name: _bottom_up(name, item, _units(item, outcomes, shared, timeline, trials), timeline.signing.year, trials)
        for name, item in (terms.items or {}).items()
    }
    for name, step in (terms.steps or {}).items():
        mine = {key: found[key] for key, item in (terms.items or {}).items() if item.released_by == name}
        share = _share_released(tuple(mine.values()), step, timeline, trials)
        for key, one in mine.items():
            found[key] = replace(one, released=_part_of(one.units, share))
    return tuple(found.values())


def _share_released(
    savings: tuple[Saving, ...], step: StepTerms, timeline: Timeline, trials: Trials
) -> Callable[[], FloatArray]:
    """The part of the cash of some savings together that whole steps release, by period: ⌊x/size⌋ size/x, x a year.

    What costs more (x below 0) costs all of it: no step holds it back.
    """

    @cache
    def share() -> FloatArray:
        yearly = timeline.per_year * total(one.cashable for one in savings)
        size = step.size.over(trials)
        steps = np.floor(yearly / size + _WHOLE)
        return np.divide(steps * size, yearly, out=np.ones_like(steps), where=yearly > 0)

    return share


def _part_of(units: Units, share: Callable[[], FloatArray]) -> Units:
    return Units(lambda: units.amount * share())


def _units(
    item: SavingTerms,
    outcomes: Mapping[str, OutcomeFlow],
    shared: dict[tuple[object, ...], Units],
    timeline: Timeline,
    trials: Trials,
) -> Units:
    """What the item is a multiple of, made once for all items of the same outcome and timing."""
    timing = (item.lag_months, item.lasts_months, item.kept_each_year, item.real_growth)
    key = (item.outcome, *(None if one is None else _value_of(one, trials) for one in timing))
    if key not in shared:
        shared[key] = Units(lambda: _timed(item, outcomes[item.outcome].true, timeline, trials))
    return shared[key]


def _value_of(quantity: Quantity, trials: Trials) -> object:
    """The one value that it has in all trials, else where its values come from and what they are without."""
    values = quantity.over(trials)
    if values.size == 1:
        return values.item()
    return tuple(address for address, _ in quantity.items()), quantity.central_values()


def _timed(item: SavingTerms, true: FloatArray, timeline: Timeline, trials: Trials) -> FloatArray:
    """Units by period, each as much larger as its value has grown since signing."""
    lag = item.lag_months.over(trials) / timeline.period_months
    if item.lasts_months is None:
        units = delay(true, lag)
    else:
        lasts = item.lasts_months.over(trials) / timeline.period_months
        units = kept(true, lag, lasts, item.kept_each_year.over(trials), timeline.per_year) / timeline.per_year
    growth = item.real_growth.over(trials)
    return units * power(1.0 + growth, timeline.years[:, None]) if growth.any() else units


def _bottom_up(name: str, item: SavingTerms, units: Units, signed_in: int, trials: Trials) -> Saving:
    assert item.value is not None  # noqa: S101 - the schema refuses a saving without
    gross = item.value.over(trials)[0] * item.factor
    growth = item.real_growth.over(trials)[0]
    if item.price_year is not None and growth.any():
        gross = gross * power(1.0 + growth, signed_in - item.price_year)
    attributable = gross * (1 - item.displacement.over(trials)[0]) * (1 - item.attributed_to_others.over(trials)[0])
    saving = _corrected(name, item.agency, item, units, (gross, attributable), trials)
    return saving if item.discounted_at is None else replace(saving, schedule=item.discounted_at)


def _top_down(
    terms: TopDownTerms,
    agencies: tuple[str, ...],
    real_spend: FloatArray,
    timeline: Timeline,
    trials: Trials,
    scale: float,
) -> list[Saving]:
    """Spend times savings per pound, spread over the years after the spend and split over agencies."""
    saved = scale * terms.savings_per_pound.over(trials) * real_spend
    if terms.profile is not None:
        profile = np.array(terms.profile) / sum(terms.profile)
        by_age = np.repeat(profile / timeline.per_year, timeline.per_year)
        saved = spread(saved, np.concatenate([[0.0], by_age])[:, None])
    split = parts_of_whole(terms.split or {agencies[0]: 1.0})
    units = Units(lambda: saved)
    return [
        _corrected(f"top_down.{agency}", agency, terms, units, (np.full(1, share), np.full(1, share)), trials)
        for agency, share in split.items()
    ]


def _corrected(
    name: str,
    agency: str,
    terms: CorrectionTerms,
    units: Units,
    first: tuple[FloatArray, FloatArray],
    trials: Trials,
) -> Saving:
    """The later links after the first two, gross and attributable."""
    gross, attributable = first
    after_bias = attributable * (1 - terms.optimism_bias.over(trials)[0])
    cashable = after_bias * terms.cashable.over(trials)[0]
    each: dict[Link, FloatArray] = {
        "gross": gross, "attributable": attributable, "after_bias": after_bias, "cashable": cashable
    }  # fmt: skip
    return Saving(name, agency, terms.kind, units, each)
