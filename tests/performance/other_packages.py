"""One small bond in this library, in NumPy by hand, and in packages that one would otherwise take.

100 people a year for five years, a share of whom starts (uniform) and succeeds (triangular); each success is paid for,
and costs (triangular) are paid by an investor who keeps the difference.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np

import sibmodel
from sibmodel.running.simulation import simulate

YEARS, PEOPLE, PRICE = 5, 100, 2000
ENGAGED, SUCCEED, COST = (0.6, 0.9), (0.4, 0.6, 0.7), (80_000, 90_000, 130_000)
TEXT = f"""
title: Small
timeline: {{signing: 2025-01-01, period: year, periods: {YEARS}}}
discounting: {{investor: 0.05}}
programme:
  groups: {{all: {{referrals: {PEOPLE}, engaged: {{uniform: {list(ENGAGED)}}}}}}}
  costs: {{fixed_per_year: {{triangular: {list(COST)}}}}}
outcomes: {{success: {{type: quantity, per_person: {{triangular: {list(SUCCEED)}}}}}}}
contract:
  payers: {{council: {{}}}}
  terms: {{success: {{rule: price, outcome: success, price: {PRICE}}}}}
capital: {{tranches: {{fund: {{commitment: 700000}}}}}}
"""


def profit(engaged: float, succeed: float, cost: float) -> float:
    """What the investor has at the end."""
    total = 0.0
    for _ in range(YEARS):
        total += PEOPLE * engaged * succeed * PRICE - cost
    return total


def here(trials: int) -> float:
    """This library, with all of its measures."""
    return simulate(sibmodel.loads(TEXT), trials, 1, workers=1)["investor.profit"].mean or 0.0


def by_hand(trials: int) -> float:
    """NumPy over all trials."""
    generator = np.random.default_rng(1)
    engaged, succeed = generator.uniform(*ENGAGED, trials), generator.triangular(*SUCCEED, trials)
    return float(np.mean(YEARS * (PEOPLE * engaged * succeed * PRICE - generator.triangular(*COST, trials))))


def in_a_loop(trials: int) -> float:
    """Plain Python, a trial after the other."""
    generator = np.random.default_rng(1)
    draws = zip(
        generator.uniform(*ENGAGED, trials).tolist(),
        generator.triangular(*SUCCEED, trials).tolist(),
        generator.triangular(*COST, trials).tolist(),
        strict=True,
    )
    return statistics.fmean(profit(*one) for one in draws)


def in_monaco(trials: int) -> float:
    """The package monaco, in one thread."""
    import monaco
    from scipy.stats import triang, uniform

    def preprocess(case: SimpleNamespace) -> tuple[float, ...]:
        return tuple(case.invals[name].val for name in ("engaged", "succeed", "cost"))

    def postprocess(case: SimpleNamespace, found: float) -> None:
        case.addOutVal("profit", found)

    functions = {"preprocess": preprocess, "run": lambda *values: (profit(*values),), "postprocess": postprocess}
    sim = monaco.Sim(
        name="small", ndraws=trials, fcns=functions, firstcaseismedian=False, seed=1, singlethreaded=True,
        verbose=False, debug=True, savesimdata=False, savecasedata=False,
    )  # fmt: skip
    sim.addInVar(name="engaged", dist=uniform, distkwargs={"loc": ENGAGED[0], "scale": ENGAGED[1] - ENGAGED[0]})
    for name, (low, mode, high) in (("succeed", SUCCEED), ("cost", COST)):
        shape = {"c": (mode - low) / (high - low), "loc": low, "scale": high - low}
        sim.addInVar(name=name, dist=triang, distkwargs=shape)
    sim.runSim()
    return float(np.mean(sim.outvars["profit"].nums))


def in_squigglepy(trials: int) -> float:
    """The package squigglepy: a function is called for each sample."""
    import squigglepy as sq

    engaged, succeed, cost = sq.uniform(*ENGAGED), sq.triangular(*SUCCEED), sq.triangular(*COST)

    def model() -> float:
        return profit(sq.sample(engaged), sq.sample(succeed), sq.sample(cost))

    sq.set_seed(1)
    return float(np.mean(sq.sample(model, n=trials)))


RIVALS: dict[str, tuple[Callable[[int], float], int]] = {
    "NumPy by hand, one number": (by_hand, 100_000),
    "plain Python, one number": (in_a_loop, 20_000),
    "monaco, one number": (in_monaco, 1_000),
    "squigglepy, one number": (in_squigglepy, 1_000),
}


def compared() -> list[str]:
    """Microseconds a trial, and times the time of this library, in which all measures are worked out."""
    own = _each(here, 100_000)
    lines = [f"| a small bond of five years, here, with all measures | {own:.2f} µs a trial | |"]
    for name, (rival, trials) in RIVALS.items():
        each = _each(rival, trials)
        lines.append(f"| the same, {name} | {each:,.2f} µs a trial | {each / own:,.2g} times the time here |")
    return lines


def _each(model: Callable[[int], float], trials: int) -> float:
    """Median microseconds a trial; what the bond earns must be what it earns here."""
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        found = partial(model, trials)()
        seconds.append(time.perf_counter() - start)
    # 100 · E[engaged] · E[succeed] · 2000 − E[cost]: 75 · 0.56667 · 2000 − 100,000, five times
    expected = YEARS * (PEOPLE * 0.75 * sum(SUCCEED) / 3 * PRICE - sum(COST) / 3)
    if abs(found - expected) > 5 * 120_000 / trials**0.5:
        raise RuntimeError(f"{model.__name__} finds {found:,.0f} instead of about {expected:,.0f}")
    return 1e6 * statistics.median(seconds) / trials
