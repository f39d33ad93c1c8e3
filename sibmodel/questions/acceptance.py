"""What each party asks for before it signs: a threshold for a number of each future."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.errors import Problem, ScenarioError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, outlay, own_savings
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.questions.statistic import BASE, MEAN, asked, is_other_percentile, simulated, worked_out
from sibmodel.questions.stress.nothing import beyond_whatever
from sibmodel.running.gathering import years_of
from sibmodel.running.statistics import interval
from sibmodel.scenario.schema import Scenario

INVESTORS, COMMISSIONERS, PROVIDER = "investors", "commissioners", "provider"
_NEARLY = 1e-9
"""What is rounding: of rates and errors; of pounds half a penny is."""

Measures = dict[str, Values]
Look = Callable[[Books, Measures], FloatArray]
"""A number of each trial, (1 or trials,)."""


@dataclass(frozen=True)
class Condition:
    """What a party asks for: that a number is at least, or at most, the threshold.

    `words` say what number it is, of `unit`. `statistic` is as in `solve`: the mean over futures in which the number
    has a value, or a percentile. `address` is where the scenario says it, whether or not it does (`stated`).
    """

    party: str
    name: str
    words: str
    unit: str
    threshold: float
    at_least: bool
    stated: bool
    address: str
    look: Look
    statistic: str = MEAN

    @property
    def key(self) -> str:
        """Its name in data: where in the chapter it is said, so that no two have the same."""
        return self.address.removeprefix("acceptance.")

    def held(self, values: FloatArray, replicates: int) -> Held:
        """What the trials say of it."""
        value, error = simulated(values, self.statistic, replicates)
        if math.isnan(value):
            return Held(None, None, None, False)
        margin = value - self.threshold if self.at_least else self.threshold - value
        margin = margin if abs(margin) > (HALF_A_PENNY if self.unit == "£" else _NEARLY) else 0.0
        if error is None or error <= _NEARLY:
            return Held(value, None if error is None else 0.0, margin, False)
        low, high = interval(value, error, replicates)
        return Held(value, error, margin, low <= self.threshold <= high)


@dataclass(frozen=True)
class Held:
    """The number that a condition looks at, its standard error, and by how much it is better than the threshold.

    None where it has no value: then the condition is not met. `may_be_chance` is whether the 95 % interval of the
    number holds the threshold.
    """

    value: float | None
    se: float | None
    margin: float | None
    may_be_chance: bool

    @property
    def is_met(self) -> bool:
        """Whether the condition is met, whatever its error."""
        return self.margin is not None and self.margin >= 0.0


def conditions_of(base: Books) -> tuple[Condition, ...]:
    """All that is asked for, by default or in the file. Raises ScenarioError for a measure that there is not."""
    return (*_investors(base.scenario), *_commissioners(base), *_provider(base.scenario), *_further(base))


def _investors(scenario: Scenario) -> Iterator[Condition]:
    if not scenario.capital.investors:
        return
    terms, at = scenario.acceptance.investors, "acceptance.investors"
    stated = terms.least_return is not None
    least = scenario.discounting.investor if terms.least_return is None else terms.least_return
    yield Condition(
        INVESTORS, "least_return", "mean yearly return", "rate", least, True, stated, f"{at}.least_return",
        _measure("investor.irr"),
    )  # fmt: skip
    if terms.most_loss_chance is not None:
        yield Condition(
            INVESTORS, "most_loss_chance", "chance of a loss", "probability", terms.most_loss_chance, False, True,
            f"{at}.most_loss_chance", _measure("investor.loss_probability"),
        )  # fmt: skip


def _commissioners(base: Books) -> Iterator[Condition]:
    terms, at = base.scenario.acceptance.commissioners, "acceptance.commissioners"

    def ask(name: str, words: str, unit: str, look: Look, *, at_least: bool, threshold: float) -> Condition:
        stated = getattr(terms, name) is not None
        return Condition(COMMISSIONERS, name, words, unit, threshold, at_least, stated, f"{at}.{name}", look)

    if terms.least_net_saving is not None or own_savings(base, *commissioners(base)):
        yield ask(
            "least_net_saving", "mean net saving, present value", "£", _measure("commissioner.net_saving"),
            at_least=True, threshold=terms.least_net_saving or 0.0,
        )  # fmt: skip
    if terms.least_cashable_net_saving is not None:
        yield ask(
            "least_cashable_net_saving", "mean cashable net saving, present value", "£",
            _measure("commissioner.cashable_net_saving"), at_least=True, threshold=terms.least_cashable_net_saving,
        )  # fmt: skip
    for name, words, bill in (
        ("budget", "chance that the bill exceeds the budget", _whole_bill),
        ("budget_each_year", "chance that a financial year's bill exceeds its budget", _dearest_year),
    ):
        most: float | None = getattr(terms, name)
        if most is not None:
            yield ask(
                name, f"{words} of £{most:,.12g}", "probability", _exceeds(bill, most),
                at_least=False, threshold=terms.most_over_budget,
            )  # fmt: skip
    if terms.most_paid_for_nothing is not None:
        yield ask(
            "most_paid_for_nothing", "chance of paying for nothing", "probability",
            lambda books, _: (beyond_whatever(books) > HALF_A_PENNY).astype(np.float64),
            at_least=False, threshold=terms.most_paid_for_nothing,
        )  # fmt: skip


def _provider(scenario: Scenario) -> Iterator[Condition]:
    least = scenario.acceptance.provider.least_surplus
    yield Condition(
        PROVIDER, "least_surplus", "mean surplus over its costs", "£", least, True,
        "least_surplus" in scenario.acceptance.provider.model_fields_set, "acceptance.provider.least_surplus",
        _measure("provider.surplus"),
    )  # fmt: skip


def wrong_measures(base: Books) -> list[Problem]:
    """Further conditions on measures that are not worked out future by future."""
    known, found = all_measures(base), []
    for key, terms in base.scenario.acceptance.further.items():
        name, statistic = asked(terms.measure)
        if name not in known or statistic == BASE:
            found.append(_not_of_futures(base.scenario, key, name, known))
    return found


def _further(base: Books) -> Iterator[Condition]:
    found = wrong_measures(base)
    if found:
        raise ScenarioError(found)
    known = all_measures(base)
    for key, terms in base.scenario.acceptance.further.items():
        name, statistic = asked(terms.measure)
        threshold = terms.at_most if terms.at_least is None else terms.at_least
        assert threshold is not None  # noqa: S101 - the schema asks for one of them
        yield Condition(
            terms.party, key, f"{_of(statistic)} {name}", known[name].unit, threshold,
            terms.at_least is not None, True, f"acceptance.further.{key}", _measure(name), statistic,
        )  # fmt: skip


def _of(statistic: str) -> str:
    return "mean" if statistic == MEAN else f"{statistic[1:]}th percentile of"


def _not_of_futures(scenario: Scenario, key: str, name: str, known: Measures) -> Problem:
    what, right = f"no measure called '{name}' is worked out future by future", nearest(name, known)
    if is_other_percentile(name):
        right = worked_out(name)
    if name in known:
        what, right = "the base case is no future", f"write {name} for its mean over futures, or {name}.p5"
    return scenario.document.problem(("acceptance", "further", key, "measure"), what, right)


def _measure(name: str) -> Look:
    return lambda _, measures: measures[name].values


def _bill(books: Books) -> FloatArray:
    """All that the bond costs commissioners, (periods, trials): the same that a net saving is net of."""
    return np.broadcast_to(outlay(books, *commissioners(books)), (books.trials.periods, books.trials.count))


def _whole_bill(books: Books) -> FloatArray:
    return over_time(_bill(books))


def _dearest_year(books: Books) -> FloatArray:
    bill = _bill(books)
    years = [over_time(bill[periods]) for periods in years_of(books).values()]
    return np.asarray(np.maximum.reduce(years))


def _exceeds(bill: Callable[[Books], FloatArray], budget: float) -> Look:
    return lambda books, _: (bill(books) > budget + HALF_A_PENNY).astype(np.float64)
