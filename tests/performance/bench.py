"""The benchmarks: one table, all ratios from one run, each figure the median of several.

Run by `make bench`. Times differ between machines and drift on shared ones; the ratios are what to compare.
"""

from __future__ import annotations

import copy
import datetime as dt
import io
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
from ruamel.yaml import YAML

import sibmodel
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.running.simulation import simulate
from sibmodel.sampling.sampler import sample
from sibmodel.sampling.streams import BLOCK
from tests.performance.capital_stage import EVERYTHING, PLAIN, deal, given, work
from tests.performance.contract_by_hand import by_hand, by_the_library, outcomes, sheet
from tests.performance.long_runs import TRIALS, command, growth, workers
from tests.performance.other_packages import compared as compared_with_others
from tests.performance.questions import rows as questions
from tests.performance.rates import compared, conventional, largest_error, rough, simulated
from tests.twin import twin

ROOT = Path(__file__).parents[2]
WTW = ROOT / "scenarios" / "ways_to_wellness.yaml"
REPEATS = 5


@dataclass(frozen=True)
class Times:
    """Seconds of several runs."""

    seconds: list[float]

    @property
    def median(self) -> float:
        """The one to quote."""
        return statistics.median(self.seconds)


def timed(work: Callable[[], object], repeats: int = REPEATS) -> Times:
    """Wall time of calls in this process, after one that is not counted."""
    work()
    out = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        out.append(time.perf_counter() - start)
    return Times(out)


def process(arguments: list[str], repeats: int = REPEATS) -> tuple[Times, float]:
    """Wall time of whole processes, after one that is not counted, and the largest memory of one of them in MiB."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(arguments, cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
        seconds.append(time.perf_counter() - start)
    return Times(seconds), together(arguments)


def together(arguments: list[str]) -> float:
    """Most memory in MiB that a process and those that it forks hold together, each page counted once."""
    most = 0.0
    with subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.DEVNULL) as child:
        while child.poll() is None:
            most = max(most, sum(_held(pid) for pid in _family(child.pid)))
            time.sleep(0.01)
    return most / 1024


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    except OSError:
        return []
    return [pid, *(one for child in children for one in _family(int(child)))]


def _held(pid: int) -> float:
    """Proportional set size of a process in KiB: a page that n processes share counts as one n-th for each."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return 0.0
    return sum(float(line.split()[1]) for line in lines if line.startswith("Pss:"))


def engine_against_twin() -> tuple[float, float]:
    """Seconds a trial of the engine (a block of 4,096) and of the plain-Python twin, both with all measures."""
    scenario = sibmodel.load(WTW)
    noisy = [f"outcomes.{name}" for name in scenario.noisy_outcomes()]
    trials = sample(scenario.quantities(), noisy, scenario.timeline.periods + 1, seed=1, block=0)
    engine = timed(lambda: all_measures(work_through(scenario, trials))).median / trials.count
    some = 20

    def slow() -> None:
        for i in range(some):
            inputs = {address: float(values[i]) for address, values in trials.inputs.items()}
            noise = {address: [float(z) for z in rows[:, i]] for address, rows in trials.normals.items()}
            twin(scenario.document.data, inputs, noise)

    return engine, timed(slow).median / some


def rates_of_return() -> list[str]:
    """Own solver against pyxirr and numpy-financial, a row of the table each, and how exact it is."""
    kinds = {
        "one change of sign": conventional(),
        "rough": rough(),
        "simulated, Ways to Wellness": simulated(sibmodel.load(WTW)),
    }
    lines = [line for what, flows in kinds.items() for line in compared(what, flows).lines()]
    error = max(largest_error(flows) for flows in kinds.values())
    return [*lines, f"| largest error of a rate of return, 300 rows of each against fifty digits | {error:.0e} | |"]


def contract_stage() -> tuple[float, float]:
    """Seconds for 100,000 trials × 28 quarters of eight terms with caps at every level: the library, and NumPy by hand.

    Both in blocks of 4,096 trials, in which the library runs (NumPy by hand is slower on all trials at once). The
    time to make the outcomes is not counted.
    """
    contract = sheet()
    flows = outcomes(BLOCK)
    for name, by_library in by_the_library(contract, flows).items():
        np.testing.assert_allclose(by_library, by_hand(flows)[name], rtol=1e-9, atol=1e-6)
    blocks = 100_000 / BLOCK
    library = timed(lambda: by_the_library(contract, flows), repeats=15).median
    return blocks * library, blocks * timed(lambda: by_hand(flows), repeats=15).median


def capital_stage() -> tuple[float, float, float]:
    """Seconds for 100,000 trials × 28 quarters of two plain tranches, of five with guarantee and caps, and their ratio.

    The two take turns, and the ratio is the median of those of neighbours: how dear memory is differs from minute to
    minute, and more between programs.
    """
    money, blocks = given(BLOCK), 100_000 / BLOCK
    plain, everything = deal(PLAIN), deal(EVERYTHING)
    two, five = [], []
    for _ in range(21):
        two.append(timed(lambda: work(plain, money, BLOCK), repeats=1).median)
        five.append(timed(lambda: work(everything, money, BLOCK), repeats=1).median)
    ratio = statistics.median(b / a for a, b in zip(two, five, strict=True))
    return blocks * statistics.median(two), blocks * statistics.median(five), ratio


def savings_chain() -> float:
    """How much longer a run takes with a chain of 8 agencies × 4 outcomes × 3 kinds; median of neighbouring runs."""
    data = YAML(typ="safe", pure=True).load(WTW.read_text(encoding="utf-8"))
    del data["savings"]
    data["outcomes"] |= {name: {"type": "quantity", "per_person": 1} for name in ("third", "fourth")}
    # all agencies are the payer's own, and some of the money is cash, so that nothing is left out
    item = {"value": 2, "displacement": 0.1, "attributed_to_others": 0.2, "optimism_bias": 0.1, "lag_months": 3,
            "lasts_months": 24, "kept_each_year": 0.8}  # fmt: skip
    items = {
        f"{outcome}_{agency}_{kind}": {
            **item,
            "outcome": outcome,
            "agency": f"agency_{agency}",
            "kind": kind,
            **({"cashable": 0.3} if kind == "fiscal" else {}),
        }
        for outcome in data["outcomes"]
        for agency in range(8)
        for kind in ("fiscal", "economic", "wellbeing")
    }
    chain = {"savings": {"agencies": {f"agency_{agency}": {"payer": "ccg"} for agency in range(8)}, "items": items}}
    texts = []
    for one in (data, data | chain):
        out = io.StringIO()
        YAML(typ="safe", pure=True).dump(copy.deepcopy(one), out)
        texts.append(out.getvalue())
    plain, whole = map(sibmodel.loads, texts)
    ratios = []
    for _ in range(9):
        first = timed(lambda: simulate(plain, 2 * BLOCK), repeats=1).median
        ratios.append(timed(lambda: simulate(whole, 2 * BLOCK), repeats=1).median / first)
    return statistics.median(ratios) - 1


def long_runs() -> list[str]:
    """Rows of the table: fresh processes of more and more trials, and two workers against one."""
    rows = []
    for count in TRIALS:
        times, memory = process(command(count), repeats=1 if count > 100_000 else 3)
        seconds = times.median
        limit = "at most 6 s and 300 MiB" if count == 1_000_000 else ""
        what = f"Ways to Wellness, {count:,} trials, a fresh process"
        rows.append(f"| {what} | {seconds:.2f} s, {memory:.0f} MiB; {1e6 * seconds / count:.1f} µs a trial | {limit} |")
    one, two, ratio = workers()
    what = "65,536 trials in this process, one worker and two"
    return [*rows, f"| {what} | {one:.2f} s, {two:.2f} s | two are {ratio:.2f} times as fast, at least 1.8 |"]


def london(areas: int, groups: int, outcomes: int = 1) -> sibmodel.Scenario:
    """A programme in many areas: posts, a queue, a service with a budget; ten years by quarter."""

    def about(value: float) -> dict[str, list[float]]:
        return {"triangular": [0.8 * value, value, 1.3 * value]}

    names = [f"outcome_{i}" for i in range(outcomes)]
    group = {"referrals": about(4000), "ramp": [0.5, 0.75], "engaged": about(0.6), "stay_months": about(6)}
    data = {
        "title": "Many areas",
        "timeline": {"signing": dt.date(2027, 4, 1), "period": "quarter", "periods": 40},
        "programme": {
            "service": {"from_month": 6, "to_month": 108},
            "groups": {f"group_{i}": group for i in range(groups)},
            "areas": {f"area_{i}": {"need": 1000 + i, "from_month": 6 + 6 * (i % 3)} for i in range(areas)},
            "link_workers": {"caseload": about(112), "cost_per_year": 40_000, "posts": 130 * groups,
                             "leave_each_year": about(0.2), "recruited_in_months": 4, "trained_in_months": 2,
                             "give_up_each_month": about(0.05)},
            "onward": {"community": {"share": about(0.5), "cost_per_place": 150, "budget_per_year": about(1.2e6),
                                     "give_up_each_month": 0.05}},
        },
        "outcomes": {name: {"type": "achievement", "share": about(0.6)} for name in names},
        "contract": {"payers": {"icb": {}}, "terms": {n: {"rule": "price", "outcome": n, "price": 500} for n in names}},
        "capital": {"tranches": {"fund": {"commitment": 20e6}}},
    }  # fmt: skip
    out = io.StringIO()
    writer = YAML(typ="safe", pure=True)
    writer.representer.ignore_aliases = lambda _: True
    writer.dump(data, out)
    return sibmodel.loads(out.getvalue())


def many_areas() -> list[str]:
    """Rows of the table: 33 areas × 4 groups whole, and how time grows with groups, areas and outcomes."""
    script = (
        "import sys; sys.path.insert(0, '.'); from tests.performance.bench import london; import sibmodel; "
        "sibmodel.simulate(london(33, 4), 10_000, seed=1)"
    )
    whole, memory = process([sys.executable, "-c", script], repeats=3)
    counts = {"33 areas × 2 groups": (33, 2, 1), "33 × 4": (33, 4, 1), "33 × 8": (33, 8, 1), "66 × 4": (66, 4, 1),
              "33 × 4, 4 outcomes": (33, 4, 4)}  # fmt: skip
    times = {}
    for name, size in counts.items():
        scenario = london(*size)
        times[name] = timed(lambda one=scenario: simulate(one, BLOCK), repeats=3).median  # type: ignore[misc]
    each = "; ".join(f"{name} {seconds:.2f} s" for name, seconds in times.items())
    return [
        f"| 33 areas × 4 groups with queues, one outcome, 10,000 trials × 40 quarters, a fresh process | "
        f"{whole.median:.1f} s | at most 15 s |",
        f"| the same, peak memory | {memory:.0f} MiB | at most 1,024 MiB |",
        f"| {BLOCK:,} trials of the same | {each} | linear |",
    ]


def main() -> None:
    """Measure and print."""
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        script = "from sibmodel.cli import main; main()"
        target = str(Path(folder) / "out.json")
        run = [python, "-c", script, "run", str(WTW), "--trials", "10000", "--json", target]
        whole, memory = process(run)
    bare, _ = process([python, "-c", "pass"], repeats=11)
    help_, _ = process([python, "-c", script, "--help"], repeats=11)
    engine, slow = engine_against_twin()
    rates = rates_of_return()
    library, hand = contract_stage()
    two, five, times = capital_stage()
    names = ("numpy", "scipy", "pydantic", "pyxirr", "numpy-financial", "monaco", "squigglepy")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in names)
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}\n")
    print("| what | measured | limit or comparison |")
    print("|---|---|---|")
    print(f"| Ways to Wellness, 10,000 trials, a fresh process, wall | {whole.median:.2f} s | at most 2 s |")
    print(f"| the same, peak memory | {memory:.0f} MiB | at most 300 MiB |")
    print(
        f"| `sibmodel --help` over a bare interpreter | {1e3 * (help_.median - bare.median):.0f} ms | at most 150 ms |"
    )
    print(f"| engine, a trial with all measures | {1e6 * engine:.1f} µs | |")
    print(f"| plain-Python twin, a trial | {1e6 * slow:,.0f} µs | |")
    print(f"| engine against twin | {slow / engine:.0f} times as fast | at least 80, aim 400 |")
    print("\n".join(rates))
    print(f"| contract stage, 8 terms, caps at every level, 100,000 trials × 28 quarters | {library:.2f} s | |")
    print(f"| the same contract in NumPy by hand | {hand:.2f} s | library {library / hand:.2f} times that, at most 2 |")
    print(f"| capital stage, two plain tranches, 100,000 trials × 28 quarters | {two:.2f} s | |")
    print(f"| five tranches with guarantee, recycling and caps | {five:.2f} s | {times:.2f} times that, at most 3 |")
    added = savings_chain()
    print(f"| savings of 8 agencies × 4 outcomes × 3 kinds | {added:.0%} added to a run without | at most 33 % |")
    print("\n".join(many_areas()))
    print("\n".join([*long_runs(), *growth(), *questions(), *compared_with_others()]))


if __name__ == "__main__":
    main()
