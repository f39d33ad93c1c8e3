"""What a deal space is drawn over: a number of the scenario, all prices, the effect, or savings per pound."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from sibmodel.core.flows import Saving
from sibmodel.errors import SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import Books, Service
from sibmodel.outcomes.terms import AchievementTerms
from sibmodel.questions.candidates import (
    as_written,
    candidates,
    is_allowed,
    must_be_a_range,
    must_be_allowed,
    nothing_says_where,
    step_of,
    up_to,
)
from sibmodel.questions.futures import Futures, today_at
from sibmodel.questions.inputs import quantity_at
from sibmodel.scenario.schema import Scenario

PRICES, EFFECT, SAVINGS = "prices", "effect", "savings_per_pound"
TOP_DOWN: Final = "savings.top_down.savings_per_pound"
STATED: Final = "savings per pound spent, as stated"
"""What an axis is that moves `TOP_DOWN`; other savings per pound are the base case's as results count them."""
POUNDS_SAVED: Final = (1.0, 5.0)
"""Savings per pound are looked at from £1 to £5."""
_BETWEEN = "-between"
"""What the option that bounds a number ends in; it begins as the one that names it."""
TWICE: Final = 2.0
"""Anything else from nought to twice what it is today."""


_TERM = r"contract\.terms\.[^.]+(\.of\.[^.]+)*\."
_PRICE = re.compile(_TERM + r"(price|amount|prices\.[^.]+|milestones\.[^.]+)(\.by_group\.[^.]+)?")
_TIER = re.compile(_TERM + r"tiers\.\d+\.price")


@dataclass(frozen=True)
class Setting:
    """What is different at a point: numbers by address, the share of the true effect, savings as a multiple."""

    values: Mapping[str, float] = field(default_factory=dict)
    effect: float = 1.0
    saved: float = 1.0

    def __and__(self, other: Setting) -> Setting:
        """Both at once."""
        return Setting({**self.values, **other.values}, self.effect * other.effect, self.saved * other.saved)


@dataclass(frozen=True)
class Axis:
    """A number that is varied. `today` is what it is in the base case; `at` is what it sets.

    `name` is an address, or `prices` (every price of the contract, as a multiple), `effect` (the true effect of
    everything, as a multiple) or `savings_per_pound`. `step` is as in `solve`: whole numbers, or whole periods.
    """

    name: str
    words: str
    unit: str
    today: float | None
    between: tuple[float, float]
    at: Callable[[float], Setting]
    step: int | None = None


def books_at(futures: Futures, setting: Setting) -> Iterator[Books]:
    """The books of a point, part by part of the trials."""
    for books in futures.books(setting.values, setting.effect):
        yield books if setting.saved == 1.0 else replace(books, service=_saving(books.service, setting.saved))


def _saving(service: Service, times: float) -> Service:
    """The same service, with so many times the savings for the same outcomes."""
    return replace(service, worked_out=lambda: tuple(_times(one, times) for one in service.savings))


def _times(saving: Saving, times: float) -> Saving:
    return replace(saving, each={link: each * times for link, each in saving.each.items()})


def axis(base: Books, name: str, between: tuple[float, float] | None, option: str) -> Axis:
    """The axis of a name. Raises SibmodelError for one that there is not, or for bounds that cannot be looked at."""
    known = {PRICES: _prices, EFFECT: _effect, SAVINGS: _savings}
    found = known[name](base) if name in known else _number(base.scenario, name, option.removesuffix(_BETWEEN))
    if between is None:
        if not found.between[0] < found.between[1]:
            raise nothing_says_where(name, found.today, option)
        return found
    must_be_a_range(between)
    if name in known and between[0] < 0:
        raise SibmodelError(f"{name} from {between[0]:g} cannot be looked at; begin at 0 or above")
    for end in between:
        must_be_allowed(base.scenario, found.at(end).values, option)
    step = None if name in known else step_of(base.scenario, name, between)
    return replace(found, between=between, step=step)


def looked_at(scenario: Scenario, found: Axis, count: int, option: str) -> tuple[Axis, list[float]]:
    """The candidates of an axis that the scenario may have, and the axis from the first to the last of them.

    Bounds that were given are allowed; those that follow from today's number may reach too far, as a cap below a floor.
    """
    some = candidates(found.between, found.step, count)
    if not all(is_allowed(scenario, found.at(end).values) for end in (some[0], some[-1])):
        some = [x for x in some if is_allowed(scenario, found.at(x).values)]
        if len(some) < 2:
            raise nothing_says_where(found.name, found.today, option)
    return replace(found, between=(some[0], some[-1])), some


def usual_price(scenario: Scenario) -> str:
    """The price that is varied where none is named: the only one, or all of them together.

    All, too, where the only one is left at the 1 by which a scale is multiplied: what that pays is no price of a unit.
    """
    found = list(prices_of(scenario))
    written = [f"{address}." for address, _ in scenario.document.numbers()]
    return found[0] if len(found) == 1 and any(one.startswith(f"{found[0]}.") for one in written) else PRICES


def usual_against(base: Books) -> str:
    """What the price is set against where nothing is named: savings per pound, where anything is saved."""
    headline = all_measures(base).get("public.savings_per_pound")
    return SAVINGS if headline is not None and float(headline.values[0]) > 0 else EFFECT


def prices_of(scenario: Scenario) -> dict[str, float]:
    """Every price and sum of the contract, by address, in the base case."""
    tiers = {address: price for address, price in scenario.document.numbers() if _TIER.fullmatch(address)}
    return tiers | {
        address: central
        for quantity in scenario.quantities()
        if _PRICE.fullmatch(quantity.address)
        for (address, _), central in zip(quantity.items(), quantity.central_values(), strict=True)
    }


def _number(scenario: Scenario, address: str, option: str) -> Axis:
    """A number of the scenario: savings per pound from £1 to £5, others from nought to twice today's."""
    today = today_at(scenario, address, option)
    quantity = quantity_at(scenario, address)
    unit = "£" if _TIER.fullmatch(address) else ""
    if quantity is not None:
        unit = quantity.unit or ("£" if _PRICE.fullmatch(quantity.address) else "")
    between = POUNDS_SAVED if address == TOP_DOWN else up_to(scenario, address, today or 0.0, TWICE)
    step = step_of(scenario, address, between) if today else None
    return Axis(address, address, unit, today, between, lambda x: Setting(as_written({address: x})), step)


def _prices(base: Books) -> Axis:
    today = prices_of(base.scenario)
    if not any(today.values()):
        raise SibmodelError("the contract has no price that could be multiplied; name a number of it with --price")
    if not is_allowed(base.scenario, today):
        amended = next(address for address, price in today.items() if not is_allowed(base.scenario, {address: price}))
        what = f"{amended} is changed by an amendment, so that prices cannot be multiplied"
        raise SibmodelError(f"{what}; write it by period, as {{value: […], from_period: […]}}, or name another --price")
    words = "all prices of the contract, as a multiple of today's"
    return Axis(PRICES, words, "×", 1.0, (0.0, TWICE), lambda x: Setting({a: x * price for a, price in today.items()}))


def _effect(base: Books) -> Axis:
    """Up to twice the plan, but no farther than where the largest share of people who achieve something is all."""
    shares = [
        share
        for outcome in base.scenario.outcomes.values()
        if isinstance(outcome, AchievementTerms)
        for share in outcome.share.central_values()
    ]
    most = min([TWICE, *(1.0 / share for share in shares if share > 0)])
    return Axis(
        EFFECT, "the true effect, as a multiple of the plan", "×", 1.0, (0.0, most), lambda x: Setting(effect=x)
    )


def _savings(base: Books) -> Axis:
    """Savings stated per pound as they are stated; others as a multiple that brings the base case to so much."""
    terms = base.scenario.savings
    if terms is not None and terms.top_down is not None:
        found = _number(base.scenario, TOP_DOWN, "--against")
        return replace(found, name=SAVINGS, words=STATED, unit="£ per £")
    headline = all_measures(base).get("public.savings_per_pound")
    today = math.nan if headline is None else float(headline.values[0])
    if not today > 0:
        raise SibmodelError(f"the base case saves nothing, so no savings per pound can be set; take {EFFECT} instead")
    words = "savings per pound spent, in the base case"
    return Axis(SAVINGS, words, "£ per £", today, POUNDS_SAVED, lambda x: Setting(saved=x / today))
