"""A number in a scenario: fixed or uncertain, one or by period, with where it comes from."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import NormalDist
from typing import Annotated, Any, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationInfo,
    field_validator,
    model_validator,
)

from sibmodel.core.schema import Context, Model, Number, Whole, wrong
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials

STANDARD_NORMAL = NormalDist()

Three = tuple[Number, Number, Number]
Two = tuple[Number, Number]


def _in_order(params: tuple[float, ...], names: str) -> tuple[float, ...]:
    if list(params) != sorted(params):
        raise wrong(f"{list(params)} is not in order", f"write [{names}] from smallest to largest")
    return params


def _positive(value: float, name: str) -> None:
    if value <= 0:
        raise wrong(f"the {name} is {value:g}", "it must be above 0")


class Bounded(Model):
    """A distribution that lies between two ends."""

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`: 1 if an end lies outside."""
        ends = self.ends
        return 1.0 if ends[0] < low or ends[1] > high else 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Smallest and largest possible value."""
        params: tuple[float, ...] = next(iter(self.__dict__.values()))
        return params[0], params[-1]


class Triangular(Bounded):
    """Low, mode, high, with straight sides."""

    triangular: Three

    _order = field_validator("triangular")(lambda p: _in_order(p, "low, mode, high"))

    @property
    def mean(self) -> float:
        """(low + mode + high)/3."""
        return sum(self.triangular) / 3


class Pert(Bounded):
    """Low, mode, high of a beta distribution whose mean weights the mode four times (Malcolm et al. 1959)."""

    pert: Three

    _order = field_validator("pert")(lambda p: _in_order(p, "low, mode, high"))

    @property
    def mean(self) -> float:
        """(low + 4 mode + high)/6."""
        low, mode, high = self.pert
        return (low + 4 * mode + high) / 6


class Uniform(Bounded):
    """Any value between two ends, each as likely."""

    uniform: Two

    _order = field_validator("uniform")(lambda p: _in_order(p, "low, high"))

    @property
    def mean(self) -> float:
        """Midpoint."""
        return sum(self.uniform) / 2


class Normal(Model):
    """Mean and standard deviation."""

    normal: Two

    @field_validator("normal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        _positive(params[1], "standard deviation")
        return params

    @property
    def mean(self) -> float:
        """The mean."""
        return self.normal[0]

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        dist = NormalDist(*self.normal)
        return (dist.cdf(low) if low > -math.inf else 0.0) + (1 - dist.cdf(high) if high < math.inf else 0.0)


class Lognormal(Model):
    """Median, and standard deviation of the natural logarithm."""

    lognormal: Two

    @field_validator("lognormal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        _positive(params[0], "median")
        _positive(params[1], "standard deviation of the logarithm")
        return params

    @property
    def mean(self) -> float:
        """Median · exp(log_sd²/2)."""
        return self.lognormal[0] * math.exp(self.lognormal[1] ** 2 / 2)

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        dist = NormalDist(math.log(self.lognormal[0]), self.lognormal[1])
        below = dist.cdf(math.log(low)) if low > 0 else 0.0
        return below + (1 - dist.cdf(math.log(high)) if 0 < high < math.inf else float(high <= 0))


class Between(Model):
    """An interval that holds the value with the stated confidence, equal weights outside either end."""

    between: Two
    confidence: Annotated[Number, Field(gt=0, lt=1)] = 0.9

    @field_validator("between")
    @classmethod
    def _order(cls, params: Two) -> Two:
        if params[0] >= params[1]:
            raise wrong(f"{list(params)} is not an interval", "write [low, high] with low below high")
        return params

    @property
    def fitted(self) -> Normal | Lognormal:
        """Lognormal if both ends are positive, else normal."""
        low, high = self.between
        reach = STANDARD_NORMAL.inv_cdf((1 + self.confidence) / 2)
        if low > 0:
            centre, sd = math.log(low * high) / 2, math.log(high / low) / (2 * reach)
            return Lognormal(lognormal=(math.exp(centre), sd))
        return Normal(normal=((low + high) / 2, (high - low) / (2 * reach)))

    @property
    def mean(self) -> float:
        """Mean of the fitted distribution."""
        return self.fitted.mean

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        return self.fitted.weight_outside(low, high)


Distribution = Triangular | Pert | Uniform | Normal | Lognormal | Between
DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "triangular": Triangular,
    "pert": Pert,
    "uniform": Uniform,
    "normal": Normal,
    "lognormal": Lognormal,
    "between": Between,
}


def _tag(raw: Any) -> str | None:
    """Which kind of number this is. Tags begin with '~' so that they never look like a key of the file."""
    if isinstance(raw, dict):
        return next((f"~{key}" for key in DISTRIBUTIONS if key in raw), None)
    if isinstance(raw, Model):
        return next((f"~{key}" for key, kind in DISTRIBUTIONS.items() if isinstance(raw, kind)), None)
    return "~number"


Item = Annotated[
    Annotated[Number, Tag("~number")]
    | Annotated[Triangular, Tag("~triangular")]
    | Annotated[Pert, Tag("~pert")]
    | Annotated[Uniform, Tag("~uniform")]
    | Annotated[Normal, Tag("~normal")]
    | Annotated[Lognormal, Tag("~lognormal")]
    | Annotated[Between, Tag("~between")],
    Discriminator(
        _tag,
        custom_error_type="scenario",
        custom_error_message="{what}; {right}",
        custom_error_context={
            "what": "this is not a number",
            "right": "write a number, or one of " + ", ".join(f"{{{k}: […]}}" for k in DISTRIBUTIONS),
        },
    ),
]


class Quantity(Model):
    """A number, or a list of numbers by period, each fixed or uncertain, with its provenance."""

    value: tuple[Item, ...]
    central: Number | None = None
    unit: str | None = None
    source: str | None = None
    grade: Annotated[Whole, Field(ge=1, le=6)] | None = None
    owner: str | None = None
    date: dt.date | None = None
    note: str | None = None

    _address: str = PrivateAttr("")
    _listed: bool = PrivateAttr(False)
    _low: float = PrivateAttr(-math.inf)
    _high: float = PrivateAttr(math.inf)

    @model_validator(mode="wrap")
    @classmethod
    def _short_forms(cls, raw: Any, read: Callable[[Any], Self], info: ValidationInfo) -> Self:
        """A bare number, distribution or list stands for `{value: …}`."""
        if isinstance(raw, cls):
            return raw
        annotated = isinstance(raw, dict) and "value" in raw
        if annotated and isinstance(info.context, Context):
            info.context.models[id(raw)] = cls
        body = raw if annotated else {"value": raw}
        listed = isinstance(body["value"], list)
        quantity = read(body if listed else {**body, "value": [body["value"]]})
        quantity._listed = listed
        return quantity

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.value:
            raise wrong("the list is empty", "give one number for each period; the last one holds to the end")
        if self.central is not None and (len(self.value) > 1 or isinstance(self.value[0], float)):
            raise wrong("'central' has no use here", "it overrides the mean of one uncertain number; leave it out")
        return self

    @property
    def address(self) -> str:
        """Dotted address in the scenario."""
        return self._address

    @property
    def limits(self) -> tuple[float, float]:
        """Lowest and highest value that its field allows."""
        return self._low, self._high

    def place(self, address: str) -> None:
        """Tell the quantity where in the scenario it stands (once, by the reader)."""
        self._address = address

    def items(self) -> Iterator[tuple[str, Item]]:
        """Address and content of each number."""
        for index, item in enumerate(self.value):
            yield (f"{self._address}.{index}" if self._listed else self._address), item

    @property
    def is_uncertain(self) -> bool:
        """Whether any of its numbers is a distribution."""
        return any(not isinstance(item, float) for item in self.value)

    def central_values(self) -> tuple[float, ...]:
        """Value of each item in the base case."""
        if self.central is not None:
            return (self.central,)
        return tuple(item if isinstance(item, float) else item.mean for item in self.value)

    def over(self, trials: Trials) -> FloatArray:
        """Its values, shape (1 or periods, 1 or trials), ready to broadcast against (periods, trials).

        The first item of a list is for period 1 (and period 0); the last holds to the end.
        """
        columns = [
            np.atleast_1d(np.asarray(trials.inputs.get(address, central), dtype=np.float64))
            for (address, _), central in zip(self.items(), self.central_values(), strict=True)
        ]
        if len(columns) == 1:
            return columns[0][None, :]
        rows = np.clip(np.arange(trials.periods) - 1, 0, len(columns) - 1)
        return np.stack(np.broadcast_arrays(*columns))[rows]


@dataclass(frozen=True)
class Within:
    """The values a field allows. `open_low` refuses the lower end itself."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    by_period: bool = False

    def __call__(self, quantity: Quantity) -> Quantity:
        """Refuse numbers outside, and distributions with more than a thousandth of their weight outside."""
        if len(quantity.value) > 1 and not self.by_period:
            raise wrong("a list stands where one number is wanted", "this number cannot change by period")
        centrals = () if quantity.central is None else (quantity.central,)
        for item in (*quantity.value, *centrals):
            self._check(item)
        quantity._low, quantity._high = self.low, self.high
        return quantity

    def _check(self, item: Item) -> None:
        if isinstance(item, float):
            if item < self.low or item > self.high or (self.open_low and item == self.low):
                raise wrong(f"{item:.12g} is out of range", f"it must be {self}")
            return
        outside = item.weight_outside(self.low, self.high)
        if self.open_low and isinstance(item, Bounded):
            outside = max(outside, float(item.ends[0] <= self.low))
        if outside > (0.0 if self.open_low else 1e-3):
            share = "" if isinstance(item, Bounded) else f" with probability {outside:.2g}"
            raise wrong(
                f"{item.model_dump(mode='json')} goes out of range{share}",
                f"it must be {self}; choose ends inside, or a triangular, pert or uniform",
            )

    def __str__(self) -> str:
        low = f"{'above' if self.open_low else 'at least'} {self.low:g}"
        if self.high == math.inf:
            return low
        return f"above {self.low:g} and at most {self.high:g}" if self.open_low else f"{self.low:g} to {self.high:g}"


Real = Annotated[Quantity, AfterValidator(Within())]
Share = Annotated[Quantity, AfterValidator(Within(0, 1))]
ShareByPeriod = Annotated[Quantity, AfterValidator(Within(0, 1, by_period=True))]
Amount = Annotated[Quantity, AfterValidator(Within(0))]
AmountByPeriod = Annotated[Quantity, AfterValidator(Within(0, by_period=True))]
Positive = Annotated[Quantity, AfterValidator(Within(0, open_low=True))]
Growth = Annotated[Quantity, AfterValidator(Within(-1, open_low=True))]


def default(value: float) -> Any:
    """A field that is `value` where the scenario says nothing; its own object, so that it can hold an address."""
    return Field(default_factory=lambda: Quantity.model_validate(value))


Kind = Literal["fiscal", "economic", "wellbeing"]
