"""Time, numbers and timing of the second model (docs/model.md, Sections 1 to 3), and what outcomes hand on."""

import ast
import calendar
import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist
from typing import Any

Series = list[float]  # one number for each period 0 … T

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
NOBODY = 1e-9  # people; fewer are rounding and count as nobody


# --- The scenario: time and numbers ---------------------------------------------------------------


class Scenario:
    """A scenario's data seen from one trial, with its timeline (Sections 1 and 2)."""

    def __init__(
        self,
        data: dict[str, Any],
        inputs: Mapping[str, float],
        noise: Mapping[str, Sequence[float]],
        scale: float,
        luck: Mapping[str, Sequence[float]] = {},
    ) -> None:
        """Keep the trial's inputs, noise, scale and luck with people beside the data."""
        self.data = data
        self.inputs = inputs
        self.noise = noise
        self.scale = scale
        self.luck = luck
        self.months: int = MONTHS[data["timeline"].get("period", "quarter")]  # L
        self.last: int = data["timeline"]["periods"]  # T
        self.per_year: int = 12 // self.months  # m
        self.stops_after: int = self.last  # the last period of service, if money runs out (Section 8)

    @property
    def periods(self) -> range:
        """All periods, 0 … T."""
        return range(self.last + 1)

    def nothing(self) -> Series:
        """A zero for each period."""
        return [0.0 for _ in self.periods]

    def contract_year(self, t: int) -> int:
        """Section 1: y(t), the number of whole years before period t began; y(0) = 0."""
        return (t - 1) // self.per_year if t >= 1 else 0

    def period_end(self, t: int) -> dt.date:
        """Section 1: the last day of a period; of period 0 the day of signing."""
        written = self.data["timeline"]["signing"]
        signing: dt.date = dt.date.fromisoformat(written) if isinstance(written, str) else written
        if t == 0:
            return signing
        year, month = divmod(signing.year * 12 + signing.month - 1 + t * self.months, 12)
        length = calendar.monthrange(year, month + 1)[1]
        if signing.day == 1:
            return dt.date(year, month + 1, 1) - dt.timedelta(days=1)
        on_the_last_day = signing.day == calendar.monthrange(signing.year, signing.month)[1]
        return dt.date(year, month + 1, length if on_the_last_day else min(signing.day, length))

    def financial_year(self, t: int) -> int:
        """Section 1: the year in which the period's financial year began, on 1 April."""
        end = self.period_end(t)
        return end.year if (end.month, end.day) >= (4, 1) else end.year - 1

    @property
    def end_month(self) -> float:
        """Section 6: the month of early termination, or the end of the timeline."""
        return self.number("contract.termination.month", self.last * self.months)

    def years(self, t: int) -> float:
        """Section 1: years from signing to the flows of period t."""
        return t / self.per_year

    def find(self, address: str) -> Any:
        """What the scenario says at an address, or None if it says nothing."""
        place: Any = self.data
        for key in address.split("."):
            if key.isdigit() and isinstance(place, dict):
                place = place["value"]  # an annotated list
            if isinstance(place, list):
                if not key.isdigit():
                    return None
                place = place[int(key)]
            elif isinstance(place, dict) and key in place:
                place = place[key]
            else:
                return None
        return place

    def has(self, address: str) -> bool:
        """Whether the scenario says anything at the address."""
        return self.find(address) is not None

    def names(self, address: str) -> list[str]:
        """The names of a mapping, in the order of the file; none if it is not there."""
        return list(self.find(address) or {})

    def text(self, address: str, default: str) -> str:
        """A word such as `rate` or `effect`."""
        found = self.find(address)
        return default if found is None else str(found)

    def number(self, address: str, default: float = 0.0) -> float:
        """Section 2: the value in this trial of the quantity at an address."""
        written = self.find(address)
        if written is None:
            return default
        override = None
        if isinstance(written, dict) and "value" in written:
            override = written.get("central")
            written = written["value"]
        if not isinstance(written, dict):
            return float(written)
        if address in self.inputs:
            return float(self.inputs[address])
        return float(override) if override is not None else central_value(written)

    def by_period(self, address: str, default: float = 0.0) -> Series:
        """Section 2: a quantity by period; the last item holds on, period 0 is as period 1."""
        written = self.find(address)
        if isinstance(written, dict) and "value" in written:
            written = written["value"]
        if not isinstance(written, list):
            values = [self.number(address, default) for _ in self.periods]
        else:
            items = self.items(address)
            values = [items[min(max(t, 1), len(items)) - 1] for t in self.periods]
        return [value * factor for value, factor in zip(values, self.wandered(address), strict=True)]

    def wandered(self, address: str) -> Series:
        """Section 2: the factors of a quantity's random walk in this trial."""
        steps, sd = self.noise.get(f"{address}.random_walk"), self.find(f"{address}.random_walk")
        if steps is None or sd is None:
            return [1.0 for _ in self.periods]
        level, factors = 0.0, []
        for t in self.periods:
            level += steps[t] if t >= 2 else 0.0
            factors.append(math.exp(sd * level - sd * sd * max(t - 1, 0) / 2))
        return factors

    def items(self, address: str) -> list[float]:
        """The numbers of a list, each with an address of its own."""
        written = self.find(address)
        if written is None:
            return []
        if isinstance(written, dict):
            written = written["value"]
        return [self.number(f"{address}.{i}") for i in range(len(written))]

    def in_periods(self, address: str, default: float = 0.0) -> float:
        """Section 1: a duration, written in months, in periods."""
        return self.number(address, default) / self.months


def central_value(distribution: dict[str, Any]) -> float:
    """Section 2: the mean of an uncertain number."""
    if "within" in distribution:
        return mean_within(repr(distribution))
    if "between" in distribution:
        mean, sd, is_log = interval(distribution)
        return math.exp(mean + sd**2 / 2) if is_log else mean
    ((kind, written),) = distribution.items()
    return float(MEANS[kind](written))


def mean_of_quartiles(quartiles: Sequence[float]) -> float:
    """Section 2: m + s (exp(κ²/2) − 1), or the median if κ is 0."""
    slope, scale = skew(*quartiles)
    return quartiles[1] + scale * (math.exp(slope**2 / 2) - 1)


MEANS: dict[str, Callable[[Any], float]] = {
    "triangular": lambda p: (p[0] + p[1] + p[2]) / 3,
    "pert": lambda p: (p[0] + 4 * p[1] + p[2]) / 6,
    "uniform": lambda p: (p[0] + p[1]) / 2,
    "normal": lambda p: p[0],
    "lognormal": lambda p: p[0] * math.exp(p[1] ** 2 / 2),
    "beta": lambda p: p["mean"] if isinstance(p, dict) else p[0] / (p[0] + p[1]),
    "gamma": lambda p: p[0] * p[1],
    "choice": lambda p: sum(float(value) * weight for value, weight in p.items()) / sum(p.values()),
    "empirical": lambda p: sum(p) / len(p),
    "quartiles": mean_of_quartiles,
}


def interval(distribution: dict[str, Any]) -> tuple[float, float, bool]:
    """Section 2: mean and standard deviation of a number between two ends, or of its logarithm, and which."""
    low, high = distribution["between"]
    quantile = NormalDist().inv_cdf((1 + distribution.get("confidence", 0.9)) / 2)
    if low <= 0:
        return (low + high) / 2, (high - low) / (2 * quantile), False
    return (math.log(low) + math.log(high)) / 2, (math.log(high) - math.log(low)) / (2 * quantile), True


def skew(lower: float, median: float, upper: float) -> tuple[float, float]:
    """Section 2: κ and s of three quartiles; a κ of 0 stands for a normal distribution."""
    wide = (upper - median) / (median - lower)
    if abs(wide - 1) < 1e-8:
        return 0.0, 0.0
    return math.log(wide) / NormalDist().inv_cdf(0.75), (upper - median) / (wide - 1)


STEPS = 10_000


@cache
def mean_within(written: str) -> float:
    """Section 2: the mean of what is kept of a distribution, by Simpson's rule on its density.

    In s with x = low + (high − low) s², so that a gamma, which begins like a power of x, is smooth at its lower end.
    """
    distribution = ast.literal_eval(written)
    low, high = distribution["within"]
    weighed = mass = 0.0
    for i in range(STEPS + 1):
        s = i / STEPS
        x = low + (high - low) * s * s
        here = s * density(distribution, x) * (1 if i in (0, STEPS) else 4 if i % 2 else 2)
        mass += here
        weighed += x * here
    return weighed / mass


def density(distribution: dict[str, Any], x: float) -> float:
    """How likely values close to x are, but for a constant factor."""
    if "gamma" in distribution:
        shape, scale = distribution["gamma"]
        return math.exp((shape - 1) * math.log(x / scale) - x / scale) if x > 0 else 0.0
    if "quartiles" in distribution:
        lower, median, upper = distribution["quartiles"]
        slope, scale = skew(lower, median, upper)
        if slope == 0:
            return bell(x, median, (upper - lower) / (2 * NormalDist().inv_cdf(0.75)))
        grown = 1 + (x - median) / scale
        return bell(math.log(grown) / slope, 0, 1) / grown if grown > 0 else 0.0
    if "normal" in distribution:
        return bell(x, *distribution["normal"])
    if "lognormal" in distribution:
        mean, sd, is_log = math.log(distribution["lognormal"][0]), distribution["lognormal"][1], True
    else:
        mean, sd, is_log = interval(distribution)
    if not is_log:
        return bell(x, mean, sd)
    return bell(math.log(x), mean, sd) / x if x > 0 else 0.0


def bell(x: float, mean: float, sd: float) -> float:
    """The bell curve, but for a constant factor."""
    return math.exp(-(((x - mean) / sd) ** 2) / 2)


# --- Timing functions -----------------------------------------------------------------------------


def clip(x: float, low: float, high: float) -> float:
    """The nearest number to x between low and high."""
    return min(max(x, low), high)


def delay_weight(age: int, lag: float) -> float:
    """Section 3: the part of a series delayed by `lag` periods that arrives `age` periods later."""
    return max(0.0, 1 - abs(lag - age))


def live_share(age: int, lag: float, lasting: float) -> float:
    """Section 3: ℓ(a), the part of the period from age − 1 to age in which something is live."""
    return clip(age - lag, 0, 1) - clip(age - lag - lasting, 0, 1)


def kept_share(age: int, lag: float, kept_each_year: float, per_year: int) -> float:
    """Section 3: k(a), what is left at an age, a step down at each anniversary; 0 to the power 0 is 1."""
    anniversaries = math.floor(max(age - 1 - lag, 0) / per_year)
    return float(kept_each_year**anniversaries)


def present_share(age: int, stay: float) -> float:
    """Section 3: p(a), the part of a period of age a in which somebody is still there."""
    return clip(stay - age, 0, 1)


def spread(x: Series, weights: Series) -> Series:
    """Section 3: (x ∗ w)[t] = Σ w(a) x[t − a]."""
    return [sum(weights[a] * x[t - a] for a in range(t + 1)) for t in range(len(x))]


def delay(x: Series, lag: float) -> Series:
    """Section 3: x delayed by a number of periods; what arrives after the last period is lost."""
    return spread(x, [delay_weight(age, lag) for age in range(len(x))])


def total(many: Iterable[Series], length: int) -> Series:
    """The sum of several series, period by period."""
    return [sum(series[t] for series in many) for t in range(length)]


# --- What outcomes hand to the contract -----------------------------------------------------------

Cohorts = dict[tuple[str, int], Series]  # one series for each group and period of start


@dataclass(frozen=True)
class Outcome:
    """One outcome by period (Section 5)."""

    is_effect: bool
    true: Series
    verified: Series
    measured: Series  # the base: delayed people, or the people of a report
    each: Series  # units for each of them
    cohorts: Cohorts  # the base by group and period of start
    extra: Cohorts  # units on top of base times each, where some have more or less of the effect
    mean_of_each: dict[str, float]  # of a count, by group: units for each who comes

    @property
    def units(self) -> Series:
        """Section 5: what the contract counts."""
        if self.is_effect:
            return [mean * people for mean, people in zip(self.verified, self.measured, strict=True)]
        return self.verified
