"""Do 95 % intervals of simulated bonds hold the truth? And does memory stay flat?"""

import gc
import hashlib
import math
import subprocess
import sys
import tracemalloc
from pathlib import Path

import pytest

from sibmodel.running import columns
from sibmodel.running.simulation import simulate
from tests.running.test_runs import SMALL
from tests.strategies import read

RUNS, TRIALS = 200, 480


def test_intervals_of_a_bond_cover_the_truth() -> None:
    """Mean £1,000, 5 % quantile £100, chance that receipts stay below £1,000: ½, over 200 seeds."""
    scenario = read(SMALL)
    truth = {("payers.payments", "mean"): 1000.0, ("payers.payments", "p5"): 100.0}
    truth |= {("payers.payments", "p95"): 1900.0, ("investor.loss_probability", "mean"): 0.5}
    covered = dict.fromkeys(truth, 0)
    for seed in range(RUNS):
        result = simulate(scenario, TRIALS, seed)
        for (measure, statistic), value in truth.items():
            low, high = result[measure].interval(statistic) or (math.inf, -math.inf)
            covered[measure, statistic] += low <= value <= high
    assert all(0.90 * RUNS <= count <= 0.99 * RUNS for count in covered.values()), covered


def test_another_process_gives_the_same_bits() -> None:
    scenario = read(SMALL)
    code = (
        "import hashlib\nfrom tests.running.test_coverage import *\n"
        "print(hashed(simulate(read(SMALL), 9000, 4, workers=2).values))"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashed(simulate(scenario, 9000, 4, workers=1).values)


def hashed(values: columns.Columns[str]) -> str:
    """SHA-256 of every measure in every trial."""
    digest = hashlib.sha256()
    for name in values:
        digest.update(name.encode() + values[name].tobytes())
    return digest.hexdigest()


def test_memory_does_not_grow_with_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four times the trials take no more memory, but for a column at a time (8 bytes a trial) and its sorted copies."""
    monkeypatch.setattr(columns, "IN_MEMORY", 100)
    scenario = read(SMALL)

    def peak(trials: int) -> int:
        gc.collect()
        tracemalloc.start()
        simulate(scenario, trials, 1, workers=1)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    peak(5000)  # what is read and worked out once
    few, many = peak(25_000), peak(100_000)
    assert many < few + 75_000 * 8 * 5
    assert many < 100_000 * 8 * 40  # all columns would be more
