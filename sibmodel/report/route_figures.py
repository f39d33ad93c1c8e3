"""Figures of ways to pay in words: pounds with their errors, differences that are none or noise."""

from __future__ import annotations

from sibmodel.core.reconciliation import PENNY
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.routes_answer import Year
from sibmodel.report.numbers import with_error
from sibmodel.running.statistics import Summary


def figure(summary: Summary) -> str:
    """A mean with its error."""
    return at(summary, None)


def at(summary: Summary, percentile: int | None) -> str:
    """The same of a percentile."""
    value, error = summary.statistic("mean" if percentile is None else f"p{percentile}")
    return with_error(value, _dusted(error) if summary.unit == "£" else error, summary.unit)


def pounds(found: Estimate | Year) -> str:
    """Pounds with their error."""
    return with_error(found.mean, _dusted(found.se), "£")


def size(gap: Summary) -> str:
    """How large a difference is, whichever way it goes."""
    return with_error(abs(gap.mean or 0.0), _dusted(gap.se), "£")


def _dusted(error: float | None) -> float | None:
    """A standard error of less than a penny is rounding."""
    return 0.0 if error is not None and error < PENNY else error


def is_none(gap: Summary) -> bool:
    """Whether there is no difference, to a penny."""
    return gap.mean is not None and max(abs(gap.mean), gap.se or 0.0) < PENNY


def is_nothing(gap: Summary) -> bool:
    """Whether there is no difference, or none beyond noise."""
    return is_none(gap) or gap.is_noise


def difference(gap: Summary) -> str:
    """A difference with its error, and whether it is noise."""
    if is_none(gap):
        return "none"
    return figure(gap) + (" (noise)" if gap.is_noise else "")
