"""Distributions without ends, which may be cut off by `within`."""

from __future__ import annotations

import math
from abc import abstractmethod
from typing import Annotated, Self

from pydantic import AfterValidator, Field, field_validator, model_validator

from sibmodel.core.gamma import GammaLaw
from sibmodel.core.laws import STANDARD_NORMAL, Bell, LogBell, OfScore, Skewed
from sibmodel.core.schema import Number, wrong
from sibmodel.core.spoken import PARAMETERS, Spoken, Three, Two, an_interval, in_reach, listed, positive

WIDEST_LOG_SD = 10.0
MOST_LOPSIDED = 10.0
"""How many times as wide one half of a middle range may be as the other: beyond it, the mean hangs on the far tail."""
EVEN = 1e-8
"""Halves of a middle range that differ by a smaller share are the same."""
_USUAL = 0.9
"""Confidence of an interval that does not say."""
LEAST_KEPT = 1e-3
_LEAST_SHAPE, _MOST_SHAPE = 0.1, 1e6
"""Shapes of a gamma whose smallest values are still numbers above 0, and whose inverse is exact to nine digits."""
_UPPER_QUARTILE = STANDARD_NORMAL.inv_cdf(0.75)


class Endless(Spoken):
    """A distribution without ends of its own."""

    within: Annotated[Two, AfterValidator(an_interval)] | None = None
    """`[low, high]` beside `normal`, `lognormal`, `between`, `gamma` or `quartiles`: nothing outside, all else in
    proportion."""

    @property
    @abstractmethod
    def law(self) -> OfScore | GammaLaw:
        """What it would be without `within`."""

    @model_validator(mode="after")
    def _keeps_enough(self) -> Self:
        if self.within is not None and (kept := self.law.weight(*self.within)) < LEAST_KEPT:
            what = f"{listed(self.within)} keeps {kept:.2g} of {super().__str__()}"
            raise wrong(what, "let it keep at least one in a thousand", "within")
        return self

    @property
    def bounded(self) -> bool:
        """Whether it lies between two ends."""
        return self.within is not None

    @property
    def ends(self) -> tuple[float, float]:
        """What all values lie between."""
        low, high = self.law.ends
        return (low, high) if self.within is None else (max(low, self.within[0]), min(high, self.within[1]))

    @property
    def mean(self) -> float:
        """Mean of the law, or of what `within` keeps of it."""
        if self.within is None:
            return self.law.mean
        low, high = self.within
        return min(max(self.law.part(low, high) / self.law.weight(low, high), low), high)

    def weight_outside(self, low: float, high: float) -> float:
        """Probability of a value below `low` or above `high`."""
        if self.within is None:
            return self.law.weight(-math.inf, low) + self.law.weight(high, math.inf)
        least, most = self.within
        below = self.law.weight(least, min(low, most)) if low > least else 0.0
        above = self.law.weight(max(high, least), most) if high < most else 0.0
        return (below + above) / self.law.weight(least, most)

    @property
    def extremes(self) -> tuple[float, float]:
        """The values beyond which one in a thousand lies on either side."""
        low, high = (-math.inf, math.inf) if self.within is None else self.within
        below, kept = self.law.weight(-math.inf, low), self.law.weight(low, high)
        return self.law.quantile(below + 0.001 * kept), self.law.quantile(below + 0.999 * kept)

    @property
    def _cut_off(self) -> str:
        return "" if self.within is None else f", within: {listed(self.within)}"

    def __str__(self) -> str:
        return super().__str__() + self._cut_off


class Normal(Endless):
    """Mean and standard deviation."""

    normal: Two
    """`[mean, standard deviation]`: the bell curve, without ends."""

    @field_validator("normal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        positive(params, 1, "standard deviation")
        return params

    @property
    def law(self) -> Bell:
        """The bell curve."""
        return Bell(*self.normal)


class Lognormal(Endless):
    """Median, and standard deviation of the natural logarithm."""

    lognormal: Two
    """`[median, standard deviation of the logarithm]`: always above 0, with a long upper tail."""

    @field_validator("lognormal")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        positive(params, 0, "median")
        positive(params, 1, "standard deviation of the logarithm")
        if params[1] > WIDEST_LOG_SD:
            what = f"the standard deviation of the logarithm is {params[1]:g}"
            raise wrong(what, f"it must be at most {WIDEST_LOG_SD:g} (0.3 is about 30 %)", 1)
        return params

    @property
    def law(self) -> LogBell:
        """The exponential of a bell curve."""
        return LogBell(*self.lognormal)


class Between(Endless):
    """An interval that holds the value with the stated confidence, equal weights outside either end."""

    between: Two
    """`[low, high]` of an interval: lognormal if both ends are above 0, else normal."""
    confidence: Annotated[Number, Field(ge=0.01, le=0.999)] = _USUAL
    """Beside `between`: how sure it is that the value lies inside."""

    _order = field_validator("between")(an_interval)

    def __str__(self) -> str:
        own = "" if self.confidence == _USUAL else f", confidence: {self.confidence:.12g}"
        return f"{self.kind()}: {listed(self.params)}{own}" + self._cut_off

    @model_validator(mode="after")
    def _not_too_wide(self) -> Self:
        if self.between[0] > 0 and self._log_sd > WIDEST_LOG_SD:
            raise wrong(f"{listed(self.between)} is too wide an interval", "bring its ends closer together")
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
    def law(self) -> Bell | LogBell:
        """Lognormal if both ends are positive, else normal."""
        low, high = self.between
        if low > 0:
            return LogBell(math.sqrt(low) * math.sqrt(high), self._log_sd)
        return Bell((low + high) / 2, (high - low) / (2 * self._reach))


class Gamma(Endless):
    """Shape and scale."""

    gamma: Two
    """`[shape, scale]`: always above 0; the mean is shape · scale, the variance shape · scale²."""

    @field_validator("gamma")
    @classmethod
    def _spread(cls, params: Two) -> Two:
        positive(params, 1, "scale")
        in_reach((params[0], 1.0), ("the shape", "the scale"), _LEAST_SHAPE, _MOST_SHAPE)
        return params

    @property
    def law(self) -> GammaLaw:
        """The gamma law."""
        return GammaLaw(*self.gamma)


class Quartiles(Endless):
    """The three published quartiles, which the distribution has exactly."""

    quartiles: Three
    """`[lower quartile, median, upper quartile]` as published: normal if the median is in the middle, else a lognormal
    that is moved or mirrored so that it has all three."""

    @field_validator("quartiles")
    @classmethod
    def _rising(cls, params: Three) -> Three:
        lower, median, upper = params
        if not lower < median < upper:
            right = f"write [{PARAMETERS['quartiles']}], each above the one before"
            raise wrong(f"{listed(params)} does not rise", right)
        ratio = (upper - median) / (median - lower)
        if not 1 / MOST_LOPSIDED <= ratio <= MOST_LOPSIDED:
            times, side = max(ratio, 1 / ratio), "upper" if ratio > 1 else "lower"
            what = f"the {side} half of {listed(params)} is {times:.3g} times as wide as the other"
            raise wrong(what, f"at most {MOST_LOPSIDED:g} times can be fitted; give the numbers as 'empirical'")
        return params

    @property
    def law(self) -> Bell | Skewed:
        """Normal if both halves of the middle range are as wide, else a moved lognormal, mirrored if skewed downward.

        With d₁ = median − lower, d₂ = upper − median and z = 0.6745, the score of the upper quartile, the value is
        median + s (exp(κ · score) − 1), κ = ln(d₂/d₁)/z, s = d₁ d₂/(d₂ − d₁). It is plainly lognormal if
        median² = lower · upper. Johnson 1949, Biometrika 36:149 (his system S_L).
        """
        lower, median, upper = self.quartiles
        below, above = median - lower, upper - median
        wider = (above - below) / below
        if abs(wider) < EVEN:
            return Bell(median, (upper - lower) / (2 * _UPPER_QUARTILE))
        return Skewed(median, above / wider, math.log1p(wider) / _UPPER_QUARTILE)
