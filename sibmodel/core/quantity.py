"""A number in a scenario: fixed or uncertain, one or by period, with where it comes from."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from pydantic import (
    AfterValidator,
    Discriminator,
    Field,
    PrivateAttr,
    Tag,
    ValidationInfo,
    model_validator,
)

from sibmodel.core.distribution import (
    DISTRIBUTIONS,
    Beta,
    Between,
    Choice,
    Empirical,
    Gamma,
    Lognormal,
    Normal,
    Pert,
    Quartiles,
    Triangular,
    Uniform,
)
from sibmodel.core.schema import LARGEST, Context, Day, Model, Name, Number, SourceName, Whole, Wrong, all_wrong, wrong
from sibmodel.core.timeline import FloatArray, running_total
from sibmodel.core.trials import Trials

WALK = ".random_walk"
"""What the address of a random walk ends in."""
UNREACHED = 5e-17
"""Weight that no random number reaches: the smallest uniform is 2^-53."""


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
    | Annotated[Between, Tag("~between")]
    | Annotated[Beta, Tag("~beta")]
    | Annotated[Gamma, Tag("~gamma")]
    | Annotated[Choice, Tag("~choice")]
    | Annotated[Empirical, Tag("~empirical")]
    | Annotated[Quartiles, Tag("~quartiles")],
    Discriminator(
        _tag,
        custom_error_type="number",
        custom_error_message="this is neither a number nor a distribution",
    ),
]


def _not_empty(items: tuple[Item, ...]) -> tuple[Item, ...]:
    if not items:
        raise wrong("the list is empty", "give one number for each period; the last one holds to the end")
    return items


def _one_start_for_each(starts: tuple[int, ...] | None, info: ValidationInfo) -> tuple[int, ...] | None:
    count = len(info.data.get("value", ()))
    if starts is None or not count:
        return starts
    if len(starts) != count:
        raise wrong(f"the list has {count} and from_period {len(starts)}", "give as many periods as numbers")
    if starts[0] != 1 or any(later <= earlier for earlier, later in pairwise(starts)):
        raise wrong("the periods do not rise from 1", "begin with 1, and let each be later than the one before")
    return starts


def _of_one_uncertain_number(central: float | None, info: ValidationInfo) -> float | None:
    items = info.data.get("value", ())
    if central is not None and items and (len(items) > 1 or isinstance(items[0], float)):
        raise wrong("'central' has no use here", "it overrides the mean of one uncertain number; leave it out")
    return central


class Quantity(Model):
    """A number, or a list of numbers by period, each fixed or uncertain, with its provenance."""

    elsewhere: ClassVar = {
        "within": ("'within' belongs to a distribution", "put it beside 'normal' and so on, under 'value'")
    }

    value: Annotated[tuple[Item, ...], AfterValidator(_not_empty)]
    """The number, distribution, or list of them by period."""
    from_period: Annotated[tuple[Whole, ...] | None, AfterValidator(_one_start_for_each)] = None
    """The period from which each number of a list holds, if not one after the other; the first is 1."""
    central: Annotated[Number | None, AfterValidator(_of_one_uncertain_number)] = None
    """The base case's value of one uncertain number, if not its mean."""
    random_walk: Annotated[Number | None, Field(ge=0, le=1), AfterValidator(lambda sd: sd or None)] = None
    """Beside a volume by period: it wanders. The standard deviation of the change of its logarithm from one period to
    the next; its mean stays what `value` says. 0 is none."""
    evidence: Name | None = None
    """The body of evidence from which the number is pooled, by name or written out here, instead of `value`."""
    unit: str | None = None
    """The unit in words."""
    source: SourceName | None = None
    """Where it comes from: a key of `sources`, several words of free text, or `assumption`."""
    grade: Annotated[Whole, Field(ge=1, le=6)] | None = None
    """How good the evidence is: 1 (audited, or a randomised trial) to 6 (uncorroborated judgement)."""
    owner: str | None = None
    """Who answers for the number."""
    date: Day | None = None
    """When it was read or agreed."""
    note: str | None = None
    """Anything else about it."""

    _address: str = PrivateAttr("")
    _listed: bool = PrivateAttr(False)
    _low: float = PrivateAttr(-math.inf)
    _high: float = PrivateAttr(math.inf)
    _more: float = PrivateAttr(0.0)

    @model_validator(mode="wrap")
    @classmethod
    def _short_forms(cls, raw: Any, read: Callable[[Any], Self], info: ValidationInfo) -> Self:
        """A bare number, distribution or list stands for `{value: …}`."""
        if isinstance(raw, cls):
            return raw
        annotated = isinstance(raw, dict) and ("value" in raw or "evidence" in raw)
        if annotated and isinstance(info.context, Context):
            info.context.remember(raw, cls)
        body = raw if annotated else {"value": raw}
        listed = isinstance(body.get("value"), list)
        quantity = read(body if listed or "value" not in body else {**body, "value": [body["value"]]})
        quantity._listed = listed
        return quantity

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
        if self.evidence is not None and self.is_uncertain:  # wherever the same evidence is used, it is one draw
            yield f"evidence.{self.evidence}", self.value[0]
            return
        own = self.__pydantic_private__ or {}  # as in `_kept_over`
        for index, item in enumerate(self.value):
            yield (f"{own['_address']}.{index}" if own["_listed"] else own["_address"]), item

    @property
    def is_uncertain(self) -> bool:
        """Whether any of its numbers is a distribution, or it wanders."""
        return self.random_walk is not None or any(not isinstance(item, float) for item in self.value)

    def central_values(self) -> tuple[float, ...]:
        """Value of each item in the base case."""
        if self.central is not None:
            return (self.central,)
        return tuple(item if isinstance(item, float) else item.mean for item in self.value)

    @property
    def extremes(self) -> tuple[float, float]:
        """The least and the most that it can be; without an end, but for one value in a thousand on that side."""
        ends = [(item, item) if isinstance(item, float) else item.extremes for item in self.value]
        return min(low for low, _ in ends), max(high for _, high in ends)

    @property
    def walk_address(self) -> str:
        """Where the standard normals of its random walk are found."""
        return f"{self._address}{WALK}"

    def more_by(self, amount: float) -> Self:
        """The same number, and so much more in every period and trial."""
        more = self.model_copy()
        more._more = self._more + amount
        return more

    def over(self, trials: Trials) -> FloatArray:
        """Its values, shape (1 or periods, 1 or trials), ready to broadcast against (periods, trials).

        The first item of a list is for period 1 (and period 0); the last holds to the end. Nobody may write to them.
        """
        return trials.memo.once("values", lambda: self._kept_over(trials), self)

    def _kept_over(self, trials: Trials) -> FloatArray:
        own = self.__pydantic_private__ or {}  # pydantic's way to private attributes raises an error inside each time
        values = self._over(trials, own)
        if self.random_walk is not None and self.walk_address in trials.normals:
            values = values * walk(self.random_walk, trials.normals[self.walk_address])
        if own["_more"]:
            values = values + own["_more"]
        values.flags.writeable = False
        return values

    def _over(self, trials: Trials, own: Mapping[str, Any]) -> FloatArray:
        if len(self.value) == 1 and not own["_listed"] and self.evidence is None:  # nearly all, so quickly
            found = trials.inputs.get(own["_address"])
            return np.array([[self.central_values()[0]]]) if found is None else np.atleast_1d(found)[None, :]
        columns = [
            np.atleast_1d(np.asarray(trials.inputs.get(address, central), dtype=np.float64))
            for (address, _), central in zip(self.items(), self.central_values(), strict=True)
        ]
        if len(columns) == 1:
            return columns[0][None, :]
        starts = self.from_period or range(1, len(columns) + 1)
        rows = np.maximum(np.searchsorted(starts, np.arange(trials.periods), side="right") - 1, 0)
        return np.stack(np.broadcast_arrays(*columns))[rows]


def walk(sd: float, normals: FloatArray) -> FloatArray:
    """Factors of a random walk with mean 1, exp(sd W(t) − sd² (t − 1)/2), same shape as `normals` (periods, trials).

    W(t) is the sum of the normals of periods 2 to t: the walk begins in period 1, and period 0 is as period 1.
    """
    steps = normals.copy()
    steps[:2] = 0.0
    before = np.maximum(np.arange(len(normals)) - 1.0, 0.0)[:, None]
    return np.asarray(np.exp(sd * running_total(steps) - sd**2 * before / 2.0))


@dataclass(frozen=True)
class Within:
    """The values a field allows. `open_low` refuses the lower end itself; a `rate` may be meant in per cent from 1 on.

    A `volume` may wander from period to period.
    """

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    by_period: bool = False
    rate: bool = False
    volume: bool = False

    def __call__(self, quantity: Quantity, info: ValidationInfo) -> Quantity:
        """Refuse numbers outside, and distributions with more than a thousandth of their weight outside."""
        found = [*self._over_time(quantity, info.context), *self._outside(quantity)]
        if found:
            raise all_wrong(found)
        quantity._low, quantity._high = self.low, self.high
        return quantity

    def _over_time(self, quantity: Quantity, context: Any) -> Iterator[Wrong]:
        if quantity.random_walk is not None and not self.volume:
            yield Wrong("only a volume can wander", "leave it out; referrals may have it", ("random_walk",))
        count = len(quantity.value)
        periods = context.periods if isinstance(context, Context) else None
        if count > 1 and not self.by_period:
            yield Wrong("a list stands where one number is wanted", "this number cannot change by period", ("value",))
        elif periods is not None and quantity.from_period is not None and quantity.from_period[-1] > periods:
            what = f"period {quantity.from_period[-1]} lies beyond the end of the timeline"
            yield Wrong(what, f"it has {periods} periods", ("from_period", count - 1))
        elif periods is not None and count > periods:
            what = f"the list has {count} numbers, the timeline {periods} period{'s' if periods > 1 else ''}"
            yield Wrong(what, "leave out the rest", ("value", periods))

    def _outside(self, quantity: Quantity) -> Iterator[Wrong]:
        for index, item in enumerate(quantity.value):
            yield from self._refused(item, ("value", index))
        if quantity.central is not None:
            yield from self._wrong_central(quantity.central, quantity.value[0])

    def _wrong_central(self, central: float, item: Item) -> Iterator[Wrong]:
        refused = list(self._refused(central, ("central",)))
        if not refused and not isinstance(item, float) and item.bounded and not item.ends[0] <= central <= item.ends[1]:
            refused = [Wrong(f"{central:.12g} lies outside {item}", "it must lie between the ends", ("central",))]
        yield from refused

    def _refused(self, item: Item, at: tuple[str | int, ...]) -> Iterator[Wrong]:
        if isinstance(item, float):
            if item < self.low or item > self.high or (self.open_low and item == self.low):
                yield Wrong(f"{item:.12g} is out of range", f"it must be {self}{self._per_cent(item)}", at)
            return
        if not abs(item.mean) <= LARGEST:
            yield Wrong(f"the mean of {item} is {item.mean:.3g}", f"it must lie within ±{LARGEST:.0e}", at)
            return
        below, above = item.weight_outside(self.low, math.inf), item.weight_outside(-math.inf, self.high)
        outside = below + above
        if item.bounded:
            if outside or (self.open_low and item.ends[0] <= self.low):
                meant = self._per_cent(item.ends[1]) if item.ends[0] >= 1 else ""
                yield Wrong(f"{item} goes out of range", f"it must be {self}{meant or f'; {item.advice}'}", at)
        elif outside > 1e-3 or (self.open_low and below > UNREACHED):
            what = f"{item} goes out of range with probability {outside:.2g}"
            yield Wrong(
                what,
                f"it must be {self}; make it narrower, cut it off by 'within', or use a triangular, pert or uniform",
                at,
            )

    def _per_cent(self, value: float) -> str:
        """A hint for somebody who wrote per cent: a rate above 1, a share from 10 on, for 1.5 may be many slips."""
        meant = self.high in (1, 2) and (1 if self.rate else 10) <= value <= 100 * self.high
        return f"; write {value / 100:.12g} for {value:.12g} %" if meant else ""

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
VolumeByPeriod = Annotated[Quantity, AfterValidator(Within(0, by_period=True, volume=True))]
Positive = Annotated[Quantity, AfterValidator(Within(0, open_low=True))]
UpToTwice = Annotated[Quantity, AfterValidator(Within(0, 2))]
Surcharge = Annotated[Quantity, AfterValidator(Within(0, 2, rate=True))]
Growth = Annotated[Quantity, AfterValidator(Within(-1, 1, open_low=True, rate=True))]
Rate = Annotated[Quantity, AfterValidator(Within(0, 1, rate=True))]


def default(value: float) -> Any:
    """A field that is `value` where the scenario says nothing; its own object, so that it can hold an address."""
    return Field(default_factory=lambda: Quantity.model_validate(value))


Kind = Literal["fiscal", "economic", "wellbeing"]
