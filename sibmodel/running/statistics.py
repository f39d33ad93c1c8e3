"""What many trials say about a measure, each number with its standard error."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.irr import STATUSES, Rates
from sibmodel.measures.values import Unit, Values

PERCENTILES = (5, 10, 50, 90, 95)


@dataclass(frozen=True)
class Summary:
    """A measure: its base case, and its mean, standard error and percentiles over the trials where it is defined.

    None stands for what is undefined. `status` counts trials by how a rate of return was found.
    """

    base: float | None
    mean: float | None
    se: float | None
    percentiles: dict[int, float | None]
    unit: Unit
    label: str
    defined: int
    status: dict[str, int] | None = None
    base_status: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        out: dict[str, Any] = {"base": self.base, "mean": self.mean, "se": self.se}
        out |= {f"p{p}": value for p, value in self.percentiles.items()}
        out |= {"unit": self.unit, "label": self.label, "defined": self.defined}
        if self.status is not None:
            out |= {"status": self.status, "base_status": self.base_status}
        return out


def summarise(base: Values, simulated: Values) -> Summary:
    """Statistics of a measure from its base case (one trial) and its simulated values."""
    x = simulated.values[np.isfinite(simulated.values)]
    mean = float(x.mean()) if x.size else None
    return Summary(
        base=known(base.values[0]),
        mean=mean,
        se=_standard_error(x, simulated.unit),
        percentiles=_percentiles(x, simulated.unit),
        unit=simulated.unit,
        label=simulated.label,
        defined=int(x.size),
        status=None if simulated.status is None else Rates(simulated.values, simulated.status).counts(),
        base_status=None if base.status is None else STATUSES[int(base.status[0])],
    )


WORST = 0.05
"""Part of the trials that an expected shortfall looks at."""


def expected_shortfall(base: Values, profit: Values) -> Summary:
    """Mean loss in the worst 5 % of trials, ranked by profit; a profit counts as no loss.

    Its standard error is √((s² + (1 − p)(ES − VaR)²)/(pn)), with s² the variance of the losses in the tail, VaR the
    smallest of them and p = 5 % (Manistre and Hancock 2005).
    """
    loss = np.where(profit.values < -PENNY, -profit.values, 0.0)
    worst = np.sort(loss)[::-1][: int(np.ceil(WORST * loss.size - 1e-9))]
    mean = float(worst.mean())
    spread = float(worst.var(ddof=1)) if worst.size > 1 else 0.0
    error = np.sqrt((spread + (1 - WORST) * (mean - float(worst[-1])) ** 2) / worst.size)
    lost = max(-float(base.values[0]), 0.0)
    label = "mean loss in the worst 5 % of futures: " + profit.label
    nothing = dict.fromkeys(PERCENTILES)
    return Summary(lost if lost > PENNY else 0.0, mean, float(error), nothing, "£", label, loss.size)


def known(value: float) -> float | None:
    """The number, or None if it is not one."""
    return float(value) if np.isfinite(value) else None


def _standard_error(x: FloatArray, unit: Unit) -> float | None:
    """Of a mean: s/√n. Of a probability: √(p(1 − p)/n)."""
    if x.size < 2:
        return None
    if unit == "probability":
        return float(np.sqrt(x.mean() * (1.0 - x.mean()) / x.size))
    return float(x.std(ddof=1) / np.sqrt(x.size))


def _percentiles(x: FloatArray, unit: Unit) -> dict[int, float | None]:
    """Linear between order statistics; a probability has none."""
    if not x.size or unit == "probability":
        return dict.fromkeys(PERCENTILES)
    return dict(zip(PERCENTILES, map(float, np.percentile(x, PERCENTILES)), strict=True))


@dataclass
class Moments:
    """Mean and covariance of a cash flow over trials, gathered block by block."""

    count: int
    total: FloatArray
    products: FloatArray

    @classmethod
    def of(cls, flow: FloatArray) -> Moments:
        """Moments of one block, (periods, trials)."""
        return cls(flow.shape[1], flow.sum(axis=1), np.einsum("sn,tn->st", flow, flow))

    def __add__(self, other: Moments) -> Moments:
        return Moments(self.count + other.count, self.total + other.total, self.products + other.products)

    @property
    def mean(self) -> FloatArray:
        """Mean flow, (periods,)."""
        return self.total / self.count

    def error_of_rate(self, rate: float, years: FloatArray) -> float | None:
        """Standard error of the rate at which the mean flow is worth nothing, by the delta method.

        The standard error of the mean present value at that rate over the slope of present value there.
        """
        if not np.isfinite(rate) or rate <= -1.0 or self.count < 2:
            return None
        factors = (1.0 + rate) ** -years
        slope = float((years * factors / (1.0 + rate)) @ self.mean)
        covariance = (self.products - self.count * np.outer(self.mean, self.mean)) / (self.count - 1)
        variance = max(float(factors @ covariance @ factors), 0.0)
        return float(np.sqrt(variance / self.count) / abs(slope)) if slope else None
