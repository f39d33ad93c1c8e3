"""What a measure depends on, all together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError
from sibmodel.measures.values import Unit
from sibmodel.questions.futures import Futures, amount
from sibmodel.questions.inputs import drawn_for, inputs_of
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.redrawing import Variant, others_of, redrawn
from sibmodel.questions.sensitivity.effects import KINDS, Effects, Kind, effects_of, players
from sibmodel.questions.sensitivity.grid import Grid, TwoWay, grid_of
from sibmodel.questions.sensitivity.groups import groups_of
from sibmodel.questions.sensitivity.importance import Drawn, Told, importance
from sibmodel.questions.sensitivity.measure import Good, good_of, usual_measure
from sibmodel.questions.sensitivity.switches import Switching, switches, usual_target
from sibmodel.questions.sensitivity.tornado import Bar, tornado
from sibmodel.questions.variance import Part, half, part, settled, squares_of
from sibmodel.running.execution import Progress, Run, asked_for
from sibmodel.running.record import Record, record
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

_LUCK = "luck"


@dataclass(frozen=True)
class Sensitivity:
    """What a measure depends on. Prints itself.

    `base` is the measure in the base case, `mean` that over the `defined` futures in which it has a value, `sd` its
    standard deviation. `bars` are the tornado, `told` and `risks` first-order importance, `luck` the part of the
    variance that no number tells: luck and noise, None where there is none. `together` are the numbers that move
    together. `effects`, `switches` and `grid` are None where they were not asked for, or there is no target.
    """

    title: str
    record: Record
    measure: str
    unit: str
    label: str
    good: Good | None
    base: float | None
    mean: Estimate | None
    sd: float
    defined: int
    bars: tuple[Bar, ...]
    together: tuple[tuple[str, ...], ...]
    told: tuple[Told, ...]
    risks: tuple[Told, ...]
    luck: Part | None
    target: float | None = None
    switches: tuple[Switching, ...] | None = None
    effects: Effects | None = None
    grid: Grid | None = None

    def to_frame(self) -> pd.DataFrame:
        """A row for each uncertain number: its tornado, importance and switching value."""
        import pandas as pd

        frame = pd.DataFrame([asdict(bar) for bar in self.bars], columns=list(Bar.__dataclass_fields__))
        frame = frame.set_index("address")
        for name, found in {
            "share": {one.name: one.part.share for one in self.told},
            "share_se": {one.name: one.part.share_se for one in self.told},
            "switching_value": {one.address: one.at for one in self.switches or ()},
            "chance_beyond": {one.address: one.chance for one in self.switches or ()},
        }.items():
            frame[name] = pd.Series(found, dtype="float64").reindex(frame.index)
        return frame

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel sensitivity --json`."""
        return asdict(self)

    def __str__(self) -> str:
        from sibmodel.report.sensitivity_story import sensitivity_story
        from sibmodel.report.terminal import as_text

        return as_text(sensitivity_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.sensitivity_story import sensitivity_story
        from sibmodel.report.terminal import as_html

        return as_html(sensitivity_story(self))


def sensitivity(
    scenario: Scenario,
    measure: str | None = None,
    *,
    effects: str | None = None,
    target: float | None = None,
    grid: TwoWay | None = None,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Sensitivity:
    """What a measure depends on: tornado, first-order importance and switching values; on request effects and a grid.

    `measure` is one of `run` that has an amount in every future; without it what commissioners save where one has
    fiscal savings of its own, else the investors' net present value. `effects` adds total effects or Shapley effects,
    `grid` the measure's mean over two numbers. `target` is what switching values bring the measure to. `trials` and
    `seed` default to the scenario's own. Raises SibmodelError for an unknown measure or address, a chance, no such
    effects, or a grid that cannot be.
    """
    name = usual_measure(scenario) if measure is None else measure
    about = amount(scenario, name, "does not move by degrees")
    kind = _kind_of(effects)
    count, seed = asked_for(scenario, trials, seed)
    table = None if grid is None else grid_of(Futures(scenario, count, seed), name, grid, workers)
    inputs = inputs_of(scenario)
    groups, run = groups_of(scenario, inputs), Run(scenario, count, seed)
    base, bars = tornado(scenario, (name, about.unit), inputs, groups)
    values, luck = _values_and_luck(run, (name, about.unit), progress, workers)
    trials_drawn = Drawn(values, drawn_for(run, inputs), run.replicates)
    moving = [bar.address for bar in bars if bar.moves]
    told, risks = importance(trials_drawn, inputs, set(moving))
    found = Sensitivity(
        scenario.title, record(scenario, count, seed), name, about.unit, about.label, good_of(name), base,
        trials_drawn.mean, float(np.sqrt(np.nanmean(squares_of(values)))) if trials_drawn.defined else 0.0,
        trials_drawn.defined, bars, tuple(group.names for group in groups), told, risks, luck, grid=table,
    )  # fmt: skip
    target = usual_target(scenario, name, about) if target is None else target
    if target is not None:
        movers = [inputs[address] for address in moving]
        found = replace(found, target=target, switches=switches(scenario, name, movers, target))
    if kind is not None:
        who = players(inputs, groups, _matters(bars, told), whole=kind == "total", luck=luck is not None)
        found = replace(found, effects=effects_of(who, run, (name, about.unit), kind, progress, workers))
    return found


def _kind_of(effects: str | None) -> Kind | None:
    known: dict[str | None, Kind | None] = {None: None, **{kind: kind for kind in KINDS}}
    if effects not in known:
        raise SibmodelError(f"there are no '{effects}' effects; ask for {' or '.join(KINDS)}")
    return known[effects]


def _values_and_luck(
    run: Run, measure: tuple[str, Unit], progress: Progress | None, workers: int | None
) -> tuple[FloatArray, Part | None]:
    """The measure in every trial, and the part of its variance that is left where all inputs are known.

    That is half the mean square of what other luck changes (Jansen 1999); luck is independent of all inputs.
    """
    scenario, (name, unit) = run.scenario, measure
    wanders = any(quantity.random_walk is not None for quantity in scenario.quantities_of_the_bond())
    variants: dict[str, Variant] = {"": lambda runs: runs[0]}
    if scenario.luck_with_people() or scenario.noisy_outcomes() or wanders:
        variants[_LUCK] = _other_luck
    runs = (run, others_of(run))
    drawn_anew = redrawn(runs, variants, (name,), progress, workers)
    found = settled({which: one[name] for which, one in drawn_anew.items()}, unit)
    values = found[""]
    if _LUCK not in found:
        return values, None
    return values, part(half(values, found[_LUCK]), squares_of(values), run.replicates)


def _other_luck(runs: Sequence[Trials]) -> Trials:
    some, others = runs
    return replace(some, normals=others.normals, uniforms=others.uniforms)


def _matters(bars: tuple[Bar, ...], told: tuple[Told, ...]) -> Mapping[str, float]:
    """How much an input seems to matter, for who is looked at alone: its share of what all tell, or of all widths²."""
    squares = {bar.address: (bar.width or 0.0) ** 2 if bar.moves else 0.0 for bar in bars}
    every = sum(squares.values()) or 1.0
    shares = {one.name: one.part.share for one in told}
    return {address: max(shares.get(address, 0.0), square / every) for address, square in squares.items()}
