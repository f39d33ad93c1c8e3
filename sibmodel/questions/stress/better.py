"""Is a better outcome ever paid less? A search by the contract's own machinery, and the smallest example found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.questions.stress.checks import Check, Counterexample, Figure, judged, not_applicable
from sibmodel.questions.stress.paths import PENNY, Path, step_of
from sibmodel.questions.stress.probe import Paid, Probe
from sibmodel.running.paying import pay

NAME, TITLE = "better", "Whether a better outcome is ever paid less"
Walked = list[tuple[Path, Paid]]
"""Paths, those with the fewest rows first, and what is paid at the points of each one's grid."""
RANDOM = 12_000
"""Sets of rows drawn by lot, each paid with and without one row made better."""
_FACTORS = (0.0, 0.5, 1.0, 1.0, 1.5, 3.0, 8.0)
_BETTER = (0.02, 0.1, 0.5, 2.0)
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Drop:
    """Two sets of quantities of a probe's cells, the second better and paid less."""

    probe: Probe
    rows: FloatArray
    better: FloatArray

    @property
    def paid(self) -> tuple[float, float]:
        """What is paid for either."""
        found = self.probe.pay(np.stack([self.rows, self.better], axis=1)).total
        return float(found[0]), float(found[1])

    @property
    def size(self) -> float:
        """Pounds paid less."""
        before, after = self.paid
        return before - after

    @property
    def is_one(self) -> bool:
        """Whether it is more than rounding."""
        before, after = self.paid
        return before - after > PENNY + _ROUNDING * abs(before)

    def without(self, index: int) -> Drop:
        """The same without one row."""
        kept = [i for i in range(len(self.probe.cells)) if i != index]
        return Drop(self.probe.only([self.probe.cells[i] for i in kept]), self.rows[kept], self.better[kept])


def along(path: Path, values: FloatArray) -> Drop | None:
    """The largest drop for one step better along a path, if there is any."""
    if float(path.gains(values).min()) >= -PENNY - _ROUNDING * float(np.abs(values).max()):
        return None
    low, _ = path.steepest(path.grid, values, -1)
    both = path.quantities(np.array([low, low + 1]))
    found = Drop(path.probe, both[:, int(path.worse)], both[:, int(not path.worse)])
    return found if found.is_one else None


def by_lot(probe: Probe, ways: Mapping[str, int], seed: int) -> Drop | None:
    """The first drop among sets of rows drawn by lot, made as small as it goes."""
    rng = np.random.default_rng(seed)
    movable = [index for index, cell in enumerate(probe.cells) if cell.outcome in ways]
    if not movable:
        return None
    rows = probe.plan[:, None] * rng.choice(_FACTORS, (len(probe.cells), RANDOM))
    by_outcome = {name: rng.choice(_FACTORS, RANDOM) for name in probe.scenario.outcomes}
    rows *= np.stack([by_outcome[cell.outcome] for cell in probe.cells])
    which = rng.choice(movable, RANDOM)
    more = np.array([_step_more(probe, index, ways) for index in which.tolist()]) * rng.choice(_BETTER, RANDOM)
    whole = probe.whole
    rows[whole] = np.round(rows[whole])
    better = rows.copy()
    more = np.where(whole[which], np.sign(more) * np.ceil(np.abs(more)), more)
    better[which, np.arange(RANDOM)] += more
    counted = np.array([cell.outcome not in probe.effects for cell in probe.cells])
    better[counted] = np.maximum(better[counted], 0.0)
    paid = probe.pay(rows).total
    lost = paid - probe.pay(better).total
    if float(lost.max()) <= PENNY + _ROUNDING * float(np.abs(paid).max()):
        return None
    at = int(np.argmax(lost))
    return smallest(Drop(probe, rows[:, at], better[:, at]))


def _step_more(probe: Probe, index: int, ways: Mapping[str, int]) -> float:
    """What a cell is made better by: its plan, or one step where nothing is planned."""
    cell = probe.cells[index]
    return ways[cell.outcome] * (abs(cell.plan) or step_of(probe.scenario, cell.outcome, cell.plan))


def smallest(drop: Drop) -> Drop:
    """The same with every row left out that it does not need."""
    index = 0
    while index < len(drop.probe.cells) and len(drop.probe.cells) > 1:
        fewer = drop.without(index)
        if not np.array_equal(fewer.rows, fewer.better) and fewer.is_one:
            drop = fewer
        else:
            index += 1
    return drop


def found_along(walked: Walked) -> Drop | None:
    """The drop with the fewest rows along all paths, of which the paths with the fewest rows come first."""
    for path, paid in walked:
        found = along(path, paid.total)
        if found is not None:
            return smallest(found)
    return None


def falling_terms(walked: Walked) -> list[str]:
    """Terms whose own rule asks for less where an outcome is better, before caps, whatever others make up."""
    found = {
        name: None
        for path, paid in walked
        for name, due in paid.due.items()
        if float(path.gains(due).min()) < -PENNY - _ROUNDING * float(np.abs(due).max())
    }
    return list(found)


def check(probe: Probe, ways: Mapping[str, int], walked: Walked, seed: int) -> Check:
    """The smallest counterexample, confirmed by `sibmodel.pay`."""
    if not walked:
        return not_applicable(NAME, TITLE, "nothing says of any outcome that is paid for whether more of it is better")
    drop = found_along(walked) or by_lot(probe, ways, seed)
    unclear = [name for name in dict.fromkeys(cell.outcome for cell in probe.cells) if name not in ways]
    said = {"unclear": ", ".join(unclear)} if unclear else {}
    less = {name for name, way in ways.items() if way < 0}
    said |= {"less_is_better": ", ".join(sorted(less))} if less else {}
    if drop is None:
        figure, falling = Figure("most that a better outcome is paid less", "£", 0.0), falling_terms(walked)
        said |= {"falling": ", ".join(falling)} if falling else {}
        return Check(NAME, TITLE, "warn" if falling else "pass", {"drop": figure}, said=said)
    example = confirmed(drop)
    before, after = (pay(probe.scenario, rows).by_term for rows in (example.rows, example.better))
    said |= {"terms": ", ".join(name for name in before if after[name] < before[name] - PENNY)}
    figure = Figure("paid less for the better outcome", "£", example.pays - (example.better_pays or 0.0))
    return Check(NAME, TITLE, judged(NAME, figure), {"drop": figure}, said=said, counterexample=example)


def confirmed(drop: Drop) -> Counterexample:
    """The rows, and what the contract alone pays for them."""
    rows, better = drop.probe.rows(drop.rows), drop.probe.rows(drop.better)
    scenario = drop.probe.scenario
    moved = np.flatnonzero(drop.rows != drop.better)
    cell = drop.probe.cells[int(moved[0])]
    words = f"outcome '{cell.outcome}' of {drop.better[moved[0]]:.10g} instead of {drop.rows[moved[0]]:.10g}"
    words += f" in period {cell.period}" if moved.size == 1 else f" in {moved.size} rows"
    return Counterexample(words, rows, pay(scenario, rows).total, better, pay(scenario, better).total)
