"""Laws of chance without ends: weights, means of a part, and values, of what a standard normal score is turned into."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np

STANDARD_NORMAL = NormalDist()


def normal_weight(low: float, high: float) -> float:
    """Probability that a standard normal lies between two scores, exact in either tail."""
    if low > 0:  # differences of small numbers keep their digits, those of numbers near 1 do not
        low, high = -high, -low
    return (math.erfc(-high / math.sqrt(2)) - math.erfc(-low / math.sqrt(2))) / 2


class OfScore(ABC):
    """A value that rises with a standard normal score."""

    @property
    @abstractmethod
    def ends(self) -> tuple[float, float]:
        """What all its values lie between."""

    @abstractmethod
    def at(self, score: Any) -> Any:
        """The value of a score, or of many."""

    @abstractmethod
    def score(self, value: float) -> float:
        """The score of a value; infinite beyond the ends."""

    @abstractmethod
    def sum_between(self, low: float, high: float) -> float:
        """Integral of the value over the scores between two."""

    def weight(self, low: float, high: float) -> float:
        """Probability of a value between two."""
        return normal_weight(self.score(low), self.score(high))

    def part(self, low: float, high: float) -> float:
        """Integral of the value over those between two, which is its mean there times their weight."""
        return self.sum_between(self.score(low), self.score(high))

    @property
    def mean(self) -> float:
        """Its mean."""
        return self.sum_between(-math.inf, math.inf)

    def quantile(self, share: float) -> float:
        """What a share of the values lies below."""
        return float(self.at(STANDARD_NORMAL.inv_cdf(share)))


@dataclass(frozen=True)
class Bell(OfScore):
    """Mean + sd · score."""

    centre: float
    sd: float

    @property
    def ends(self) -> tuple[float, float]:
        """None."""
        return -math.inf, math.inf

    def at(self, score: Any) -> Any:
        """Mean + sd · score."""
        return self.centre + self.sd * score

    def score(self, value: float) -> float:
        """(value − mean)/sd."""
        return (value - self.centre) / self.sd

    def sum_between(self, low: float, high: float) -> float:
        """Mean · weight − sd (φ(high) − φ(low))."""
        return self.centre * normal_weight(low, high) - self.sd * (_density(high) - _density(low))


@dataclass(frozen=True)
class LogBell(OfScore):
    """Median · exp(log_sd · score)."""

    median: float
    log_sd: float

    @property
    def ends(self) -> tuple[float, float]:
        """All are above 0."""
        return 0.0, math.inf

    def at(self, score: Any) -> Any:
        """Median · exp(log_sd · score)."""
        return self.median * np.exp(self.log_sd * score)

    def score(self, value: float) -> float:
        """Logarithm of value/median, in standard deviations."""
        return (math.log(value) - math.log(self.median)) / self.log_sd if value > 0 else -math.inf

    def sum_between(self, low: float, high: float) -> float:
        """Median · exp(log_sd²/2) · weight between the scores less log_sd."""
        weight = normal_weight(low - self.log_sd, high - self.log_sd)
        return self.median * math.exp(self.log_sd**2 / 2) * weight


@dataclass(frozen=True)
class Skewed(OfScore):
    """Median + scale · (exp(slope · score) − 1); scale and slope have one sign, that of the longer tail."""

    median: float
    scale: float
    slope: float

    @property
    def ends(self) -> tuple[float, float]:
        """The shorter tail ends at median − scale."""
        end = self.median - self.scale
        return (end, math.inf) if self.slope > 0 else (-math.inf, end)

    def at(self, score: Any) -> Any:
        """Median + scale · (exp(slope · score) − 1)."""
        return self.median + self.scale * np.expm1(self.slope * score)

    def score(self, value: float) -> float:
        """Logarithm of 1 + (value − median)/scale, over slope."""
        above = (value - self.median) / self.scale
        return math.log1p(above) / self.slope if above > -1 else math.copysign(math.inf, -self.slope)

    def sum_between(self, low: float, high: float) -> float:
        """(median − scale) · weight + scale · exp(slope²/2) · weight between the scores less slope."""
        if low == -math.inf and high == math.inf:
            return self.median + self.scale * math.expm1(self.slope**2 / 2)
        shifted = normal_weight(low - self.slope, high - self.slope)
        return (self.median - self.scale) * normal_weight(low, high) + self.scale * math.exp(
            self.slope**2 / 2
        ) * shifted


def _density(score: float) -> float:
    return math.exp(-(score**2) / 2) / math.sqrt(2 * math.pi)
