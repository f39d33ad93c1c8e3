"""At which prices a party accepts, for one value of the other number: stretches, and what binds at their ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise

from sibmodel.questions.acceptance import Condition, Held

_CLOSE, _NEAR = 1e-6, 1e-3
"""Parts of a step of the grid, or of its own standard error, to which an end is narrowed down."""
_HALVINGS = 20
_APART = 3.0
"""Standard errors by which numbers must differ at two prices that tell a slope: a chance moves in small leaps."""
_LEAP = 1e-3
"""Part of the step's change by which a number may miss its threshold at an end before it is said to leap there."""

Ask = Callable[[float], tuple[Held, ...]]
"""What every condition comes to at a price."""


@dataclass(frozen=True)
class End:
    """An end of a stretch: the price, its standard error, and the condition that binds there.

    `se` is the number's own over how much it moves with the price there; None where it leaps or has none. `binds` is
    None where the stretch goes on as far as prices were looked at.
    """

    at: float
    se: float | None = None
    binds: str | None = None


@dataclass(frozen=True)
class Stretch:
    """Prices from `low` to `high`."""

    low: End
    high: End


@dataclass(frozen=True)
class Row:
    """For one value of the other number, the prices at which each party accepts, and at which all of them do."""

    against: float
    parties: Mapping[str, tuple[Stretch, ...]]
    deal: tuple[Stretch, ...]


def row_of(against: float, conditions: Sequence[Condition], known: Mapping[float, tuple[Held, ...]], ask: Ask) -> Row:
    """The stretches of a row. `known` is what was found at the prices of the grid, from the lowest to the highest."""
    parties: dict[str, list[int]] = {}
    for number, condition in enumerate(conditions):
        parties.setdefault(condition.party, []).append(number)
    search = _Search(conditions, known, ask)
    found = {party: tuple(search.stretches(numbers)) for party, numbers in parties.items()}
    return Row(against, found, reduce(lambda one, other: tuple(both(one, other)), found.values()))


def both(some: Sequence[Stretch], others: Sequence[Stretch]) -> Iterator[Stretch]:
    """What two sets of stretches have in common."""
    for one in some:
        for other in others:
            low = max(one.low, other.low, key=lambda end: end.at)
            high = min(one.high, other.high, key=lambda end: end.at)
            if low.at <= high.at:
                yield Stretch(low, high)


@dataclass(frozen=True)
class _Search:
    """Where conditions of a row are met. Two ends of one between neighbours on the grid hide each other."""

    conditions: Sequence[Condition]
    known: Mapping[float, tuple[Held, ...]]
    ask: Ask

    def stretches(self, numbers: Sequence[int]) -> Iterator[Stretch]:
        """Where some conditions are all met."""
        missed = {x: [n for n in numbers if not held[n].is_met] for x, held in self.known.items()}
        prices = list(missed)
        start = None if missed[prices[0]] else End(prices[0])
        for one, other in pairwise(prices):
            if set(missed[one]) & set(missed[other]):
                continue  # one of them is met nowhere in between
            lows = [self.end(number, one, other) for number in missed[one]]
            highs = [self.end(number, one, other) for number in missed[other]]
            if lows:
                start = max(lows, key=lambda end: end.at)
            if highs and start is not None:
                high = min(highs, key=lambda end: end.at)
                if start.at <= high.at:
                    yield Stretch(start, high)
                start = None
        if start is not None:
            yield Stretch(start, End(prices[-1]))

    def end(self, number: int, one: float, other: float) -> End:
        """Where a condition begins or ceases to be met between two prices: the last looked at where it is met."""
        margins = [self.known[price][number].margin for price in (one, other)]
        size = max(abs(margin) for margin in margins if margin is not None) or 1.0
        low, high = (-size if margin is None else margin for margin in margins)

        seen = {one: low, other: high}

        def gap(price: float) -> float:
            if price not in seen:
                margin = self.ask(price)[number].margin
                seen[price] = -size if margin is None else margin
            return seen[price]

        change = abs(high - low)
        errors = [self.known[price][number].se or 0.0 for price in (one, other)]
        close = (other - one) * max(_CLOSE, _NEAR * min(errors) / change)
        near = _last_met(gap, (one, other), low >= 0) if 0.0 in margins else _root(gap, (one, other), close)
        at = min((price for price, margin in seen.items() if margin >= 0), key=lambda price: abs(price - near))
        held = self.ask(at)[number]
        leaps = held.margin is None or None in margins or abs(held.margin) > _LEAP * change
        se = None if leaps or held.se is None else held.se / _slope(seen, at, max(_APART * held.se, _LEAP * change))
        return End(at, se, self.conditions[number].key)


def _slope(seen: Mapping[float, float], at: float, least: float) -> float:
    """How much a margin moves with the price: from there to the nearest price where it differs by so much at least.

    From the first to the last price that was looked at where it differs by less everywhere.
    """
    far = [price for price, margin in seen.items() if price != at and abs(margin - seen[at]) >= least]
    one, other = (at, min(far, key=lambda price: abs(price - at))) if far else (min(seen), max(seen))
    return abs((seen[other] - seen[one]) / (other - one))


def _root(gap: Callable[[float], float], between: tuple[float, float], close: float) -> float:
    """The price between two at which the margin is nought; by Brent's method."""
    from scipy.optimize import brentq

    return float(brentq(gap, *between, xtol=close))


def _last_met(gap: Callable[[float], float], between: tuple[float, float], low_is_met: bool) -> float:
    """The price farthest from where a condition is met at which it still is, by halving.

    For margins that are nought in a stretch, as of a surplus wherever costs are covered.
    """
    met, missed = between if low_is_met else between[::-1]
    for _ in range(_HALVINGS):
        middle = (met + missed) / 2.0
        met, missed = (middle, missed) if gap(middle) >= 0 else (met, middle)
    return met
