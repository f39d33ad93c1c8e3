"""Distributions that an uncertain number may have: what a scenario writes, its mean and its reach."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from sibmodel.core.schema import Model, Number, wrong

STANDARD_NORMAL = NormalDist()
_THOUSANDTH = STANDARD_NORMAL.inv_cdf(0.999)
"""Standard deviations beyond which one value in a thousand lies."""

Three = tuple[Number, Number, Number]
Two = tuple[Number, Number]


WIDEST_LOG_SD = 10.0
PARAMETERS = {
    "triangular": "low, mode, high",
    "pert": "low, mode, high",
    "uniform": "low, high",
    "normal": "mean, standard deviation",
    "lognormal": "median, standard deviation of the logarithm",
    "between": "low, high",
}


def _in_order(params: tuple[float, ...], kind: str) -> tuple[float, ...]:
    if list(params) != sorted(params):
        raise wrong(f"{_listed(params)} is not in order", f"write [{PARAMETERS[kind]}] from smallest to largest")
    return params


def _listed(params: tuple[float, ...]) -> str:
    return f"[{', '.join(f'{p:.12g}' for p in params)}]"


def _positive(params: Two, index: int, name: str) -> None:
    if params[index] <= 0:
        raise wrong(f"the {name} is {params[index]:g}", "it must be above 0", index)


class Spoken(Model):
    """A distribution, which can say itself in the words of the file."""

    @property
    def params(self) -> tuple[float, ...]:
        """The numbers that make it."""
        params: tuple[float, ...] = next(iter(self.__dict__.values()))
        return params

    def __str__(self) -> str:
        return f"{next(iter(type(self).model_fields))}: {_listed(self.params)}"


class Bounded(Spoken):
    """A distribution that lies between two ends."""

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

    _order = field_validator("triangular")(lambda p: _in_order(p, "triangular"))

    @property
    def mean(self) -> float:
        """(low + mode + high)/3."""
        return sum(self.triangular) / 3


class Pert(Bounded):
    """Low, mode, high of a beta distribution whose mean weights the mode four times (Malcolm et al. 1959)."""

    pert: Three
    """`[low, mode, high]`: the same ends with thinner tails."""

    _order = field_validator("pert")(lambda p: _in_order(p, "pert"))

    @property
    def mean(self) -> float:
        """(low + 4 mode + high)/6."""
        low, mode, high = self.pert
        return (low + 4 * mode + high) / 6


class Uniform(Bounded):
    """Any value between two ends, each as likely."""

    uniform: Two
    """`[low, high]`: any value between, each as likely."""

    _order = field_validator("uniform")(lambda p: _in_order(p, "uniform"))

    @property
    def mean(self) -> float:
        """Midpoint."""
        return sum(self.uniform) / 2


class Normal(Spoken):
    """Mean and standard deviation."""

    normal: Two
    """`[mean, standard deviation]`: the bell curve, without ends."""

    @field_validator("normal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        _positive(params, 1, "standard deviation")
        return params

    @property
    def mean(self) -> float:
        """The mean."""
        return self.normal[0]

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        dist = NormalDist(*self.normal)
        return (dist.cdf(low) if low > -math.inf else 0.0) + (1 - dist.cdf(high) if high < math.inf else 0.0)

    @property
    def extremes(self) -> tuple[float, float]:
        """The values beyond which one in a thousand lies on either side."""
        mean, sd = self.normal
        return mean - _THOUSANDTH * sd, mean + _THOUSANDTH * sd


class Lognormal(Spoken):
    """Median, and standard deviation of the natural logarithm."""

    lognormal: Two
    """`[median, standard deviation of the logarithm]`: always above 0, with a long upper tail."""

    @field_validator("lognormal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        _positive(params, 0, "median")
        _positive(params, 1, "standard deviation of the logarithm")
        if params[1] > WIDEST_LOG_SD:
            what = f"the standard deviation of the logarithm is {params[1]:g}"
            raise wrong(what, f"it must be at most {WIDEST_LOG_SD:g} (0.3 is about 30 %)", 1)
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

    @property
    def extremes(self) -> tuple[float, float]:
        """The values beyond which one in a thousand lies on either side."""
        median, log_sd = self.lognormal
        return median * math.exp(-_THOUSANDTH * log_sd), median * math.exp(_THOUSANDTH * log_sd)


class Between(Spoken):
    """An interval that holds the value with the stated confidence, equal weights outside either end."""

    between: Two
    """`[low, high]` of an interval: lognormal if both ends are above 0, else normal."""
    confidence: Annotated[Number, Field(ge=0.01, le=0.999)] = 0.9
    """Beside `between`: how sure it is that the value lies inside."""

    @field_validator("between")
    @classmethod
    def _order(cls, params: Two) -> Two:
        if params[0] >= params[1]:
            raise wrong(f"{_listed(params)} is not an interval", "write [low, high] with low below high")
        return params

    @model_validator(mode="after")
    def _not_too_wide(self) -> Self:
        if self.between[0] > 0 and self._log_sd > WIDEST_LOG_SD:
            raise wrong(f"{_listed(self.between)} is too wide an interval", "bring its ends closer together")
        return self

    @property
    def _reach(self) -> float:
        """Standard deviations from the centre to either end."""
        return STANDARD_NORMAL.inv_cdf((1 + self.confidence) / 2)

    @property
    def _log_sd(self) -> float:
        low, high = self.between
        return (math.log(high) - math.log(low)) / (2 * self._reach)

    @property
    def fitted(self) -> Normal | Lognormal:
        """Lognormal if both ends are positive, else normal."""
        low, high = self.between
        if low > 0:
            return Lognormal(lognormal=(math.sqrt(low) * math.sqrt(high), self._log_sd))
        return Normal(normal=((low + high) / 2, (high - low) / (2 * self._reach)))

    @property
    def mean(self) -> float:
        """Mean of the fitted distribution."""
        return self.fitted.mean

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        return self.fitted.weight_outside(low, high)

    @property
    def extremes(self) -> tuple[float, float]:
        """Those of the fitted distribution."""
        return self.fitted.extremes


Distribution = Triangular | Pert | Uniform | Normal | Lognormal | Between
DISTRIBUTIONS: dict[str, type[Distribution]] = {
    "triangular": Triangular,
    "pert": Pert,
    "uniform": Uniform,
    "normal": Normal,
    "lognormal": Lognormal,
    "between": Between,
}
