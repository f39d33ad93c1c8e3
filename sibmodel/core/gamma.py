"""The gamma law, whose weights need the incomplete gamma function."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class GammaLaw:
    """Values above 0 with the density x^(shape − 1) exp(−x/scale), normed. SciPy is slow to import, so only on use."""

    shape: float
    scale: float

    @property
    def ends(self) -> tuple[float, float]:
        """All are above 0."""
        return 0.0, math.inf

    @property
    def mean(self) -> float:
        """Shape · scale."""
        return self.shape * self.scale

    def weight(self, low: float, high: float) -> float:
        """Probability of a value between two: P(shape, high/scale) − P(shape, low/scale)."""
        return _weight(self.shape, low / self.scale, high / self.scale)

    def part(self, low: float, high: float) -> float:
        """Integral of the value over those between two: the mean times the weight with a shape greater by 1."""
        return self.mean * _weight(self.shape + 1, low / self.scale, high / self.scale)

    def quantile(self, share: float) -> float:
        """What a share of the values lies below."""
        from scipy.special import gammaincinv

        return self.scale * float(gammaincinv(self.shape, share))


def _weight(shape: float, low: float, high: float) -> float:
    from scipy.special import gammainc, gammaincc

    low, high = max(low, 0.0), max(high, 0.0)
    if low > shape:  # beyond the middle the upper tail keeps its digits
        return float(gammaincc(shape, low) - gammaincc(shape, high))
    return float(gammainc(shape, high) - gammainc(shape, low))
