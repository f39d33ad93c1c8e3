"""Payments on a scale: straight lines, steps and tiers of what is read."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import AfterValidator, ValidationInfo, field_validator

from sibmodel.contract.rules.base import Price, TermBase, Words, every_group_priced, price_in_words
from sibmodel.core.flows import total
from sibmodel.core.quantity import Quantity, default
from sibmodel.core.reading import ReadingTerms, Seen, Span, is_counted, read
from sibmodel.core.schedule import Points, Steps, Tiers, linear, stepped, tiered
from sibmodel.core.schema import ASKED, wrong
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials


class ScaleTerms(ReadingTerms, TermBase):
    """What all scales have: something read, and money by a function of it."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """The outcomes that are read."""
        return self.names

    @property
    def needs_people(self) -> bool:
        """Where means are added up over reports, or a mean is turned into a total."""
        return self.adds_up

    @property
    def span(self) -> Span:
        """What is read over the contract or a year is owed over it too, and paid as it grows."""
        return self.over

    def owed(self, seen: Seen) -> FloatArray:
        """The scale at what is read, nothing where nothing is read."""
        reading = read(self, seen)
        owed = self.scale(reading.value) * self._times(reading.people, seen)
        if owed.shape != reading.live.shape:
            return np.where(reading.live, owed, 0.0)
        np.copyto(owed, 0.0, where=~reading.live)
        return owed

    def _times(self, people: FloatArray, seen: Seen) -> FloatArray | float:
        """What the scale is multiplied by."""
        return 1.0

    @abstractmethod
    def scale(self, x: FloatArray) -> FloatArray:
        """The function, same shape as `x`."""

    def _reading_in_words(self, words: Words) -> str:
        """What is read, over what."""
        first = self.names[0]
        if self.index is not None:
            what = "the sum of " + ", ".join(f"{w:g} × {words.outcome(name)}" for name, w in self.index.items())
        elif self.divided_by is not None:
            what = f"{words.outcome(first)} divided by {words.outcome(self.divided_by)}"
        else:
            mean = words.is_effect(first) and self.reads != "total"
            what = f"the {'mean' if mean else 'total'}"
        return f"it reads {what} of {_OVER[self.over].format(each=words.read(first))}"


_OVER = {
    "window": "{each} on its own",
    "financial_year": "everything in the financial year so far, paying what is newly owed",
    "contract_year": "everything in the contract's year so far, paying what is newly owed",
    "contract": "everything since signing, paying what is newly owed",
}


class PricedScaleTerms(ScaleTerms):
    """A scale times a price, for the contract as a whole or for each person measured."""

    price: Price = default(1)
    """Pounds that a 1 on the scale stands for; one number, one by period (where one report is read), or (per person)
    one by group."""
    per: Annotated[Literal["contract", "person"], ASKED] = "contract"
    """Whether the scale is paid once, or for each person measured."""

    @field_validator("per")
    @classmethod
    def _people_of_an_effect(cls, per: str, info: ValidationInfo) -> str:
        if per == "person" and (is_counted(info) or info.data.get("index")):
            what = "an index" if info.data.get("index") else f"outcome '{info.data['outcome']}'"
            raise wrong(f"{what} is not measured on people", "only an effect is; use per: contract")
        price = info.data.get("price")
        if price is not None and not isinstance(price, Quantity):
            if per == "contract":
                raise wrong("prices by group are paid for people", "use per: person, or one price for all")
            every_group_priced(price, info)
        return per

    @field_validator("price")
    @classmethod
    def _one_price_over_all(cls, price: Any, info: ValidationInfo) -> Any:
        prices = [price] if isinstance(price, Quantity) else list(price.by_group.values())
        over = info.data.get("over", "window")
        if over != "window" and any(len(one.value) > 1 for one in prices):
            whole = "the whole contract" if over == "contract" else f"a {over.replace('_', ' ')}"
            raise wrong(f"the price changes by period in a term over {whole}", "give one price")
        return price

    @property
    def needs_people(self) -> bool:
        """Also where it is paid for each of them."""
        return super().needs_people or self.per == "person"

    @property
    def priced_by_group(self) -> bool:
        """Whether people of different groups have different prices."""
        return not isinstance(self.price, Quantity)

    @property
    def needs_parts(self) -> bool:
        """Also where prices differ by group."""
        return super().needs_parts or self.priced_by_group

    def _times(self, people: FloatArray, seen: Seen) -> FloatArray:
        if isinstance(self.price, Quantity):
            return self.price.over(seen.trials) * (people if self.per == "person" else 1.0)
        by_group = {name: seen.only((name,), None) for name in self.price.by_group}
        return total(self.price.of(name).over(seen.trials) * read(self, own).people for name, own in by_group.items())

    def most(self, trials: Trials) -> FloatArray:
        """The top of the scale, where it is paid over the whole contract once."""
        if self.span != "contract" or self.per == "person" or not isinstance(self.price, Quantity):
            return super().most(trials)
        return self.price.over(trials) * max(self.heights())

    @abstractmethod
    def heights(self) -> Iterator[float]:
        """The values that the scale may have at its points."""

    def _worth(self, y: float, words: Words) -> str:
        """A value of the scale in pounds, or as a share of a price that is not one fixed number."""
        fixed = isinstance(self.price, Quantity) and not self.price.is_uncertain and len(self.price.value) == 1
        if fixed and isinstance(self.price, Quantity):
            return words.exactly(y * self.price.central_values()[0])
        return f"{y:,.10g}"

    def _price_in_words(self, words: Words) -> str:
        """The price, where the points do not hold it already."""
        one = isinstance(self.price, Quantity) and not self.price.is_uncertain and len(self.price.value) == 1
        return "" if one else f", times {price_in_words(self.price, words)}"

    def _each(self, words: Words) -> str:
        return f" for each {words.measured(self.names[0])}" if self.per == "person" else ""


class LinearTerms(PricedScaleTerms):
    """Straight lines between points, flat outside them."""

    rule: Literal["linear"]
    """A sliding scale."""
    points: Points
    """Two or more `[x, y]`: what is read, and what it pays (times the price)."""

    def scale(self, x: FloatArray) -> FloatArray:
        """Straight lines, flat outside."""
        return linear(self.points, x)

    def heights(self) -> Iterator[float]:
        """The points' heights."""
        yield from (y for _, y in self.points)

    def in_words(self, words: Words) -> str:
        """A sliding scale with its points."""
        points = [f"{self._worth(y, words)} at {x:,.10g}" for x, y in self.points]
        listed = "from " + " to ".join(points) if len(points) == 2 else ", ".join(points)
        what = f"a sliding scale on {words.outcome(self.names[0])}, {listed}{self._price_in_words(words)}"
        return f"{what}{self._each(words)}, straight between and level outside; {self._reading_in_words(words)}"


class StepsTerms(PricedScaleTerms):
    """Bands that each pay one amount; every edge says whether it belongs to its band."""

    rule: Literal["steps"]
    """Bands that each pay one amount."""
    steps: Steps
    """The bands, lowest first, each with `at_least` or `above`, if it ends before the next with `at_most` or `below`,
    and what it `pays`. Nothing is paid outside them."""

    def scale(self, x: FloatArray) -> FloatArray:
        """What the band pays."""
        return stepped(self.steps, x)

    def heights(self) -> Iterator[float]:
        """What the bands pay."""
        yield from (step.pays for step in self.steps)

    def in_words(self, words: Words) -> str:
        """Every band."""
        bands = ", ".join(f"{self._worth(step.pays, words)} {_band(step)}" for step in self.steps)
        what = f"steps on {words.outcome(self.names[0])}: {bands}{self._price_in_words(words)}{self._each(words)}"
        return f"{what}; {self._reading_in_words(words)}"


def _band(step: Any) -> str:
    edges = (("at_least", "from {:,.10g}"), ("above", "above {:,.10g}"), ("at_most", "up to {:,.10g}"))
    named = [text.format(getattr(step, name)) for name, text in (*edges, ("below", "to below {:,.10g}"))
             if getattr(step, name) is not None]  # fmt: skip
    return " ".join(named)


def _totals_only(tiers: Any, info: ValidationInfo) -> Any:
    if info.data.get("reads") == "mean":
        raise wrong(
            "tiers count units, not a mean",
            "use reads: total",
        )
    return tiers


class TiersTerms(ScaleTerms):
    """A price for each further unit that falls as more are reached, or rises."""

    rule: Literal["tiers"]
    """A price for each further unit."""
    tiers: Annotated[Tiers, AfterValidator(_totals_only)]
    """The tiers, first units first, each with the `price` of a unit and (but for the last) `up_to` how many."""

    def owed(self, seen: Seen) -> FloatArray:
        """Every unit at the price of its tier; units of an effect are its total."""
        terms = self if self.reads or self.index or self.divided_by else self.model_copy(update={"reads": "total"})
        reading = read(terms, seen)
        return np.where(reading.live, self.scale(reading.value), 0.0)

    @property
    def needs_people(self) -> bool:
        """A total is read, of an effect too."""
        return True

    def scale(self, x: FloatArray) -> FloatArray:
        """Every unit at the price of its tier."""
        return tiered(self.tiers, x)

    def most(self, trials: Trials) -> FloatArray:
        """All tiers full, where they have an end."""
        paying = [tier for tier in self.tiers if tier.price > 0]
        if self.span != "contract" or (paying and paying[-1].up_to is None):
            return super().most(trials)
        return self.scale(np.full((1, 1), max((tier.up_to or 0.0 for tier in paying), default=0.0)))

    def in_words(self, words: Words) -> str:
        """Every tier."""
        parts = [
            f"{words.exactly(tier.price)} for each unit" + ("" if tier.up_to is None else f" up to {tier.up_to:,.10g}")
            for tier in self.tiers
        ]
        over = _OVER[self.over].format(each=words.read(self.names[0]))
        return f"on {words.outcome(self.names[0])}, {', then '.join(parts)}, of {over}"
