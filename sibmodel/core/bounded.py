"""Distributions that lie between two ends."""

from __future__ import annotations

import math
from functools import cached_property
from itertools import accumulate
from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Discriminator, Field, GetJsonSchemaHandler, Tag, field_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sibmodel.core.schema import Model, Number, wrong
from sibmodel.core.spoken import Spoken, Three, Two, in_order, in_reach

_LEAST, _MOST = 0.01, 1e6
"""Parameters of a beta for which its inverse is exact to nine digits."""


class Bounded(Spoken):
    """A distribution that lies between two ends."""

    elsewhere: ClassVar = {"within": ("this distribution has ends already", "choose them, and leave 'within' out")}
    bounded: ClassVar[bool] = True

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`: 1 if an end lies outside."""
        ends = self.ends
        return 1.0 if ends[0] < low or ends[1] > high else 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        return self.params[0], self.params[-1]

    @property
    def extremes(self) -> tuple[float, float]:
        """Its ends."""
        return self.ends


class Triangular(Bounded):
    """Low, mode, high, with straight sides."""

    triangular: Three
    """`[low, mode, high]`: nothing outside, the mode most likely, straight sides."""

    _order = field_validator("triangular")(lambda p: in_order(p, "triangular"))

    @property
    def mean(self) -> float:
        """(low + mode + high)/3."""
        return sum(self.triangular) / 3


class Pert(Bounded):
    """Low, mode, high of a beta distribution whose mean weights the mode four times (Malcolm et al. 1959)."""

    pert: Three
    """`[low, mode, high]`: the same ends with thinner tails."""

    _order = field_validator("pert")(lambda p: in_order(p, "pert"))

    @property
    def mean(self) -> float:
        """(low + 4 mode + high)/6."""
        low, mode, high = self.pert
        return (low + 4 * mode + high) / 6


class Uniform(Bounded):
    """Any value between two ends, each as likely."""

    uniform: Two
    """`[low, high]`: any value between, each as likely."""

    _order = field_validator("uniform")(lambda p: in_order(p, "uniform"))

    @property
    def mean(self) -> float:
        """Midpoint."""
        return sum(self.uniform) / 2


class MeanAndSd(Model):
    """A beta distribution by its mean and standard deviation."""

    mean: Annotated[Number, Field(gt=0, lt=1)]
    """The mean."""
    sd: Annotated[Number, Field(gt=0)]
    """The standard deviation; its square is below mean · (1 − mean)."""

    @property
    def shapes(self) -> tuple[float, float]:
        """The a and b of that beta, by the method of moments: a = mean ν, b = (1 − mean) ν, ν = mean(1 − mean)/sd² − 1.

        The mean 1 − mean is formed once, so that a mean near 1 keeps its digits.
        """
        rest = 1 - self.mean
        weight = self.mean * rest / self.sd**2 - 1
        return self.mean * weight, rest * weight


class Beta(Bounded):
    """A share of which so many are known to be one thing and so many the other."""

    beta: Annotated[
        Annotated[Two, Tag("~list")] | Annotated[MeanAndSd, Tag("~mapping")],
        Discriminator(lambda raw: "~mapping" if isinstance(raw, dict | MeanAndSd) else "~list"),
    ]
    """`[a, b]`, or its mean and standard deviation: a share between 0 and 1."""

    @classmethod
    def may_be(cls, raw: Any) -> bool:
        """A list, or a mapping of nothing but mean and standard deviation."""
        return not isinstance(raw, dict) or raw.keys() <= MeanAndSd.model_fields.keys()

    @field_validator("beta")
    @classmethod
    def _shapes(cls, given: Two | MeanAndSd) -> Two | MeanAndSd:
        if not isinstance(given, MeanAndSd):
            return in_reach(given, ("a", "b"), _LEAST, _MOST)
        widest = math.sqrt(given.mean * (1 - given.mean))
        if min(given.shapes) < _LEAST or max(given.shapes) > _MOST:
            what = f"no beta that can be used has the mean {given.mean:g} and the standard deviation {given.sd:g}"
            advice = "narrower" if given.sd > widest / 10 else "wider"
            raise wrong(what, f"make it {advice}; at this mean it is always below {widest:.4g}", "sd")
        return given

    @property
    def params(self) -> tuple[float, float]:
        """Its a and b."""
        return self.beta.shapes if isinstance(self.beta, MeanAndSd) else self.beta

    @property
    def ends(self) -> tuple[float, float]:
        """0 and 1."""
        return 0.0, 1.0

    @property
    def mean(self) -> float:
        """a/(a + b)."""
        if isinstance(self.beta, MeanAndSd):
            return self.beta.mean
        a, b = self.beta
        return a / (a + b)

    def __str__(self) -> str:
        if isinstance(self.beta, MeanAndSd):
            return f"beta: {{mean: {self.beta.mean:.12g}, sd: {self.beta.sd:.12g}}}"
        return super().__str__()


def _read(key: Any) -> Any:
    """A key of the file as the number that it is; anything else is left to be refused."""
    if isinstance(key, str):
        try:
            return float(key)
        except ValueError:
            raise wrong(f"'{key[:40]}' is not a number", "write value: weight, such as 100: 0.3") from None
    return key


def _each_once(raw: Any) -> Any:
    """Refuse a value that is written in two ways: 1 and 1.0."""
    seen: dict[Any, Any] = {}
    for key in raw if isinstance(raw, dict) else ():
        value = _number_or_none(key)
        if value is not None and value in seen:
            raise wrong(f"the value {value:.12g} is given twice", "keep one of them", key)
        seen[value] = key
    return raw


def _number_or_none(key: Any) -> float | None:
    try:
        return float(key)
    except (TypeError, ValueError):
        return None


class Choice(Bounded):
    """One of a few values, each with its weight."""

    advice: ClassVar[str] = "choose values inside"

    choice: Annotated[
        dict[Annotated[Number, BeforeValidator(_read)], Annotated[Number, Field(gt=0)]],
        Field(min_length=1),
        BeforeValidator(_each_once),
    ]
    """`{value: weight, …}`: one of these values; weights are divided by their sum."""

    @classmethod
    def may_be(cls, raw: Any) -> bool:
        """A mapping of numbers."""
        return not isinstance(raw, dict) or all(_number_or_none(key) is not None for key in raw)

    @property
    def params(self) -> tuple[float, ...]:
        """The values, from smallest to largest."""
        return tuple(sorted(self.choice))

    @property
    def reached(self) -> tuple[float, ...]:
        """Probability of each value or a smaller one, in the order of `params`; the last is 1."""
        sums = list(accumulate(self.choice[value] for value in self.params))
        return tuple(weight / sums[-1] for weight in sums)

    @property
    def mean(self) -> float:
        """Σ value · weight ÷ Σ weight."""
        return sum(value * weight for value, weight in self.choice.items()) / sum(self.choice.values())

    def __str__(self) -> str:
        return f"choice: {{{', '.join(f'{v:.12g}: {w:.12g}' for v, w in self.choice.items())}}}"


class FromFile:
    """Marks a list of numbers that may be written as the name of a file, which is read before the list is checked."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """The name of a file, or the list."""
        return {"anyOf": [{"type": "string"}, handler(schema)]}


class Empirical(Bounded):
    """Any of the numbers that were observed, each as likely."""

    advice: ClassVar[str] = "leave out those outside"

    empirical: Annotated[tuple[Number, ...], Field(min_length=1), FromFile()]
    """Observed numbers, each as likely: a list, or a CSV file (path from this file's folder) with one in each line,
    in the first column, below a heading or not."""

    @field_validator("empirical")
    @classmethod
    def _in_order(cls, observed: tuple[float, ...]) -> tuple[float, ...]:
        return tuple(sorted(observed))

    @cached_property
    def mean(self) -> float:
        """Average of the observed numbers."""
        return math.fsum(self.empirical) / len(self.empirical)

    def __str__(self) -> str:
        count, (low, high) = len(self.empirical), self.ends
        if count <= 10:
            return super().__str__()
        return f"empirical: {count:,} numbers from {low:.12g} to {high:.12g}"
