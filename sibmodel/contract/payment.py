"""From verified outcomes to what each term pays, when it falls due, before caps."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.contract.rules.base import Line, TermBase, UnitTerms, earned, earned_lines
from sibmodel.contract.terms import ContractTerms
from sibmodel.core.flows import Part, total
from sibmodel.core.reading import Seen
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.timing import delay, delay_weights

Lines = Mapping[str, list[Line]]

_A_TRIFLE = 1e-9
"""Part of a period by which a lag may exceed whole ones and still be as many."""


def lines_earned(contract: ContractTerms, seen: Seen) -> Lines:
    """What each term has earned in the period of verification, as finely as the contract's caps ask.

    By outcome and part where a person is limited, by outcome where an outcome is; else one line a term.
    """
    everyone = contract.caps.person is not None or contract.floors.person is not None
    return {name: _lines(term, seen, everyone) for name, term in contract.terms.items()}


def _lines(term: TermBase, seen: Seen, everyone: bool) -> list[Line]:
    limited = everyone or term.caps.person is not None or term.floors.person is not None
    if isinstance(term, UnitTerms) and (limited or term.caps.shares or term.floors.shares):
        return earned_lines(term, seen, limited)
    return [Line("", None, earned(term, seen))]


def due(term: TermBase, lines: list[Line], seen: Seen) -> list[Line]:
    """Lines earned in the period in which they fall due.

    What is verified on the last day of a period is paid on that of a later one, so a lag is rounded up to whole
    periods.
    """
    lag = np.ceil(term.lag_months.over(seen.trials) / seen.timeline.period_months - _A_TRIFLE)
    if not np.any(lag):
        return lines
    return [later for line in lines for later in _later(line, lag)]


def longest_lag(term: TermBase, timeline: Timeline) -> int:
    """Months from the end of the period of verification to that of payment, at the central value of the lag."""
    periods = math.ceil(max(term.lag_months.central_values()) / timeline.period_months - _A_TRIFLE)
    return periods * timeline.period_months


def sees_until(term: TermBase, last_month: int) -> int:
    """The month up to which a term sees outcomes, where nothing is earned after `last_month`."""
    return last_month if term.to_month is None else min(term.to_month, last_month)


def last_due(terms: Iterable[TermBase], timeline: Timeline, last_month: int) -> int:
    """The month in which the last payment of some terms falls due."""
    return max(sees_until(term, last_month) + longest_lag(term, timeline) for term in terms)


def until_all_is_due(contract: ContractTerms, timeline: Timeline) -> Timeline:
    """A timeline that goes on until whatever is verified on this one has fallen due."""
    longest = max((longest_lag(term, timeline) for term in contract.terms.values()), default=0)
    return timeline.longer(longest // timeline.period_months)


def _later(line: Line, lag: FloatArray) -> list[Line]:
    """A line after the lag; where ages matter, one for each age at which it may fall due."""
    if line.part is None or line.part.age is None:
        return [replace(line, amount=delay(line.amount, lag))]
    weights = delay_weights(lag, len(line.amount))
    out = []
    for periods in range(len(weights)):
        if weights[periods].any():
            moved = np.zeros(np.broadcast_shapes(line.amount.shape, weights[periods].shape))
            moved[periods:] = weights[periods] * line.amount[: len(moved) - periods]
            part = _aged(line.part, periods, weights[periods], moved.shape)
            out.append(replace(line, amount=moved, part=part))
    return out


def _aged(part: Part, periods: int, weight: FloatArray, shape: tuple[int, ...]) -> Part:
    units = np.zeros(np.broadcast_shapes(shape, part.units.shape))
    units[periods:] = weight * part.units[: len(units) - periods]
    chance = None if part.chance is None else part.chance * weight
    return replace(part, age=(part.age or 0) + periods, chance=chance, units=units)


def redeemed(contract: ContractTerms, seen: Seen) -> FloatArray | None:
    """What is paid on early termination, (periods, 1 or trials); None where the contract runs to its end."""
    end = contract.ends_in_month
    row = contract.termination.in_force if contract.termination else None
    if row is None:
        return None
    return np.asarray((seen.timeline.month_ends == end)[:, None] * row.pays.over(seen.trials))


def by_term(lines: Lines) -> dict[str, FloatArray]:
    """Each term's amount."""
    return {name: own[0].amount if len(own) == 1 else total(line.amount for line in own) for name, own in lines.items()}
