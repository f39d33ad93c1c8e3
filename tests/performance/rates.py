"""Rates of return against pyxirr and numpy-financial, and against fifty digits."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, localcontext

import numpy as np
import numpy_financial
import pyxirr

from sibmodel.core.timeline import FloatArray
from sibmodel.measures.investor import net_flow
from sibmodel.measures.irr import STATUSES, irr
from sibmodel.model import work_through
from sibmodel.sampling.sampler import sample
from sibmodel.sampling.streams import BLOCK
from sibmodel.scenario.schema import Scenario

PER_YEAR = 4
REPEATS = 11


@dataclass(frozen=True)
class Comparison:
    """Flows of one kind, and seconds a row of each solver, measured in turn."""

    what: str
    flows: FloatArray
    own: float
    pyxirr: float
    numpy_financial: float

    def several_changes(self) -> float:
        """Share of rows whose flows change their sign more than once."""
        signs = [np.sign(row[row != 0]) for row in self.flows.T]
        return float(np.mean([np.sum(sign[1:] != sign[:-1]) > 1 for sign in signs]))

    def lines(self) -> list[str]:
        """Rows of a Markdown table."""
        several = irr(self.flows, PER_YEAR).counts()["multiple"] / self.flows.shape[1]
        mix = (
            f"{self.several_changes():.0%} of rows with more than one change of sign, {several:.0%} with several rates"
        )
        other, slow = self.pyxirr, self.numpy_financial
        return [
            f"| rate of return, {self.what}, a row of {len(self.flows)} flows | {1e9 * self.own:,.0f} ns | {mix} |",
            f"| the same, pyxirr `irr` | {1e9 * other:,.0f} ns | own is {other / self.own:.1f} times as fast |",
            f"| the same, numpy-financial `irr` | {1e9 * slow:,.0f} ns | own is {slow / self.own:,.0f} times as fast |",
        ]


def conventional() -> FloatArray:
    """Six quarters of drawdowns, then returns."""
    rng = np.random.default_rng(0)
    return np.concatenate([-rng.uniform(50, 100, (6, BLOCK)), np.abs(rng.normal(30, 25, (23, BLOCK)))])


def rough() -> FloatArray:
    """The same with returns of which one in nine is negative, as if money were called again."""
    rng = np.random.default_rng(0)
    return np.concatenate([-rng.uniform(50, 100, (6, BLOCK)), rng.normal(30, 25, (23, BLOCK))])


def simulated(scenario: Scenario) -> FloatArray:
    """Net flows to the investors of a scenario, as simulated."""
    noisy = [f"outcomes.{name}" for name in scenario.noisy_outcomes()]
    trials = sample(scenario.quantities(), noisy, scenario.timeline.periods + 1, seed=1, block=0)
    books = work_through(scenario, trials)
    return net_flow(books)


def compared(what: str, flows: FloatArray) -> Comparison:
    """All solvers on the same flows in turn, by the processor time of all threads: a busy machine slows all alike."""
    rows = [row.copy() for row in flows.T[:400]]
    kinds: list[tuple[Callable[[], object], int]] = [
        (lambda: irr(flows, PER_YEAR), flows.shape[1]),
        (lambda: [pyxirr.irr(row) for row in rows], len(rows)),
        (lambda: [numpy_financial.irr(row) for row in rows[:40]], 40),
    ]
    seconds: list[list[float]] = [[], [], []]
    for attempt in range(REPEATS + 1):
        for (work, count), taken in zip(kinds, seconds, strict=True):
            start = time.process_time()
            work()
            if attempt:  # the first is not counted
                taken.append((time.process_time() - start) / count)
    own, other, slow = (statistics.median(taken) for taken in seconds)
    return Comparison(what, flows, own, other, slow)


def largest_error(flows: FloatArray, count: int = 300) -> float:
    """Largest difference of an annual rate from the one to fifty digits beside it, in the first rows."""
    found = irr(flows[:, :count], PER_YEAR)
    largest = 0.0
    for row, rate, status in zip(flows.T, found.annual, found.status, strict=False):
        if STATUSES[status] in {"unique", "multiple"}:
            largest = max(largest, abs(float(Decimal(float(rate)) - exact_rate(row, float(rate)))))
    return largest


def exact_rate(row: FloatArray, near: float) -> Decimal:
    """The annual rate next to `near`, by Newton's method in decimal arithmetic."""
    with localcontext() as context:
        context.prec = 60
        growth = (1 + Decimal(near)) ** (Decimal(1) / PER_YEAR)
        for _ in range(4):
            value, slope = Decimal(0), Decimal(0)
            for flow in row:
                slope = slope * growth + value
                value = value * growth + Decimal(float(flow))
            growth -= value / slope
        return growth**PER_YEAR - 1
