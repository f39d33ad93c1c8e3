"""A price for each unit of an outcome: rate cards, unit and day prices, a share of a measured saving."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, Field, ValidationInfo

from sibmodel.contract.rules.base import (
    GroupPrices,
    Price,
    UnitTerms,
    Words,
    every_group_priced,
    price_in_words,
)
from sibmodel.core.flows import Part
from sibmodel.core.quantity import Quantity
from sibmodel.core.reading import Seen
from sibmodel.core.schema import OutcomeName


def _priced(price: Any, info: ValidationInfo) -> Any:
    every_group_priced(price, info)
    return price


FullPrice = Annotated[Price, AfterValidator(_priced)]


class ClaimedTerms(UnitTerms):
    """Units of which each person may be claimed for once only."""

    claims: Literal["repeat", "once"] = "repeat"
    """Whether a person may be claimed for again (`repeat`) or only the first time (`once`)."""

    @property
    def needs_persons(self) -> bool:
        """Who was claimed for before matters only if it counts once."""
        return self.claims == "once"

    @property
    def needs_parts(self) -> bool:
        """As for every price, and to know who was claimed for before."""
        return super().needs_parts or self.claims == "once"

    def claimed(self, seen: Seen) -> Mapping[str, tuple[Part, ...]]:
        """All units, or those of each person up to the first."""
        claims = super().claimed(seen)
        return {name: first_claims(parts) for name, parts in claims.items()} if self.claims == "once" else claims


def first_claims(parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Each person's units up to the first one.

    Where nobody is named, as in a simulation, a share of people has no second. Rows of the same person in several
    cohorts or groups count together.
    """
    used: dict[str, np.ndarray[Any, np.dtype[np.float64]]] = {}
    out = []
    for part in parts:
        if not part.person:
            out.append(part)
            continue
        before = used.get(part.person, np.zeros_like(part.units))
        after = before + np.cumsum(part.units, axis=0)
        kept = np.diff(np.minimum(after, 1.0) - np.minimum(before, 1.0), axis=0, prepend=0.0)
        used[part.person] = after
        out.append(_with_units(part, kept))
    return tuple(out)


def _with_units(part: Part, units: np.ndarray[Any, np.dtype[np.float64]]) -> Part:
    return Part(part.group, units, part.measured, part.cohort, part.person)


class PriceTerms(ClaimedTerms):
    """A price for each unit of an outcome."""

    rule: Literal["price"]
    """A price for each unit of one outcome."""
    outcome: OutcomeName
    """The outcome that is paid for."""
    price: FullPrice
    """Pounds for each verified unit; one number, one by period, or one by group. For an outcome in pounds, the
    share."""

    @property
    def price_list(self) -> Mapping[str, GroupPrices | Quantity]:
        """The one price."""
        return {self.outcome: self.price}

    def in_words(self, words: Words) -> str:
        """£400 for each verified unit of 'In work', each period on its own."""
        return f"{_per_unit(self.outcome, self.price, words)}, {words.read(self.outcome)} on its own{_once(self)}"


class RateCardTerms(ClaimedTerms):
    """Prices for several outcomes in one term."""

    rule: Literal["rate_card"]
    """A price for each unit of several outcomes."""
    prices: Annotated[dict[OutcomeName, FullPrice], Field(min_length=1)]
    """Pounds for each verified unit, by outcome."""

    @property
    def price_list(self) -> Mapping[str, GroupPrices | Quantity]:
        """All prices."""
        return self.prices

    def in_words(self, words: Words) -> str:
        """Every price in turn."""
        parts = [_per_unit(name, price, words) for name, price in self.prices.items()]
        read = " or ".join(sorted({words.read(name) for name in self.prices}))
        return f"{', and '.join(parts)}, {read} on its own{_once(self)}"


def _per_unit(outcome: str, price: GroupPrices | Quantity, words: Words) -> str:
    measured = f" and {words.measured(outcome)}" if words.is_effect(outcome) else ""
    return f"{price_in_words(price, words)} for each verified unit of {words.outcome(outcome)}{measured}"


def _once(term: ClaimedTerms) -> str:
    return ", once for each person" if term.claims == "once" else ""
