"""Long runs: time and memory by trials and workers, and how time grows with what a bond has."""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import sibmodel
from sibmodel.running.simulation import simulate
from sibmodel.sampling.streams import BLOCK
from tests.strategies import read

WTW = Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml"
TRIALS = (10_000, 100_000, 1_000_000)


def command(trials: int) -> list[str]:
    """A fresh process that simulates Ways to Wellness and prints all measures as JSON."""
    script = "from sibmodel.cli import main; main()"
    return [sys.executable, "-c", script, "run", str(WTW), "--trials", str(trials), "--json", "-"]


def workers() -> tuple[float, float, float]:
    """Seconds for 65,536 trials with one worker and with two, and how many times as fast two are.

    The ratio is the median of those of neighbouring runs.
    """
    scenario, count = sibmodel.load(WTW), 16 * BLOCK
    one: list[float] = []
    two: list[float] = []
    for _ in range(5):
        for times, number in ((one, 1), (two, 2)):
            start = time.perf_counter()
            simulate(scenario, count, workers=number)
            times.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(one, two, strict=True))
    return statistics.median(one), statistics.median(two), ratio


def bond(periods: int = 28, terms: int = 2, tranches: int = 2, groups: int = 2) -> sibmodel.Scenario:
    """A bond by quarter with so many of everything; all uncertain."""

    def about(value: float) -> dict[str, list[float]]:
        return {"triangular": [0.8 * value, value, 1.3 * value]}

    group = {"referrals": about(100), "engaged": about(0.6), "stay_months": 12}
    names = [f"term_{i}" for i in range(terms)]
    data: dict[str, Any] = {
        "title": "Growing",
        "timeline": {"signing": dt.date(2027, 4, 1), "period": "quarter", "periods": periods},
        "programme": {"groups": {f"group_{i}": group for i in range(groups)}, "costs": {"fixed_per_year": about(2e5)}},
        "outcomes": {name: {"type": "quantity", "per_person": about(1)} for name in names},
        "contract": {
            "payers": {"council": {"cap": 1e7}},
            "terms": {n: {"rule": "price", "outcome": n, "price": about(1000), "cap": 5e6} for n in names},
        },
        "capital": {"tranches": {f"t{i}": {"commitment": 4e5, "coupon": 0.04, "rank": i + 1} for i in range(tranches)}},
    }
    return read(data)


def growth() -> list[str]:
    """Rows of the table: milliseconds for 4,096 trials as a bond has more of something."""
    rows = []
    for what, sizes in (
        ("periods", (14, 28, 56, 112)), ("terms", (1, 2, 4, 8)), ("tranches", (1, 2, 4, 8)), ("groups", (1, 2, 4, 8)),
    ):  # fmt: skip
        times = []
        for size in sizes:
            scenario = bond(**{what: size})
            simulate(scenario, 100)
            seconds = []
            for _ in range(3):
                start = time.perf_counter()
                simulate(scenario, BLOCK, workers=1)
                seconds.append(time.perf_counter() - start)
            times.append(statistics.median(seconds))
        each = ", ".join(f"{size}: {1e3 * seconds:.0f} ms" for size, seconds in zip(sizes, times, strict=True))
        rows.append(f"| {BLOCK:,} trials of a bond by number of {what} | {each} | at most linear |")
    return rows
