"""Questions of a deal: seconds of fresh processes, as somebody at a terminal waits for them."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parents[2]
WTW, LONDON = "scenarios/ways_to_wellness.yaml", "scenarios/london/pan_london.yaml"
ASKED = (
    ("solve", (WTW, "investor.irr=5%", "contract.terms.wellbeing.price", "--trials", "4000"), 3, "at most 3 s"),
    ("deal-space, 21 × 21", (WTW, "--trials", "4000"), 1, "at most 60 s"),
    ("stress", (WTW, "--trials", "4000"), 3, "at most 30 s"),
    ("sensitivity", (WTW, "--trials", "4000"), 3, ""),
    ("sensitivity with Shapley effects", (WTW, "--trials", "4000", "--effects", "shapley"), 3, ""),
    ("information", (WTW, "--trials", "4000"), 3, ""),
    ("routes", (WTW, "--trials", "4000"), 3, ""),
    ("stress", (LONDON, "--trials", "4000"), 1, ""),
    ("routes", (LONDON, "--trials", "4000"), 1, ""),
)
"""Question, arguments, repeats, limit."""


def rows() -> list[str]:
    """Rows of the table. Exit code 1 is an answer; anything above it ends the benchmarks."""
    found = []
    for question, arguments, repeats, limit in ASKED:
        command = question.split(",")[0].split()[0]
        seconds = []
        for _ in range(repeats):
            start = time.perf_counter()
            process = [sys.executable, "-c", "from sibmodel.cli import main; main()", command, *arguments]
            done = subprocess.run(process, cwd=ROOT, capture_output=True, check=False)
            seconds.append(time.perf_counter() - start)
            if done.returncode > 1:
                raise RuntimeError(done.stderr.decode())
        where = "Ways to Wellness" if arguments[0] == WTW else "Pan-London"
        found.append(
            f"| `{question}`, {where}, 4,000 trials, a fresh process | {statistics.median(seconds):.1f} s | {limit} |"
        )
    return found
