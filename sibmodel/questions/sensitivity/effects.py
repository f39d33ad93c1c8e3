"""Effects that need more runs: total effects of what is independent, and Shapley effects, dependent or not.

All come from the same half squares: a trial again with some players drawn anew, given those that are not. The mean of
½ (Y − Y′)² is E[Var(Y | the others)] (Jansen 1999).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.values import Unit
from sibmodel.questions.inputs import Input
from sibmodel.questions.redrawing import Variant, others_of, redrawn
from sibmodel.questions.sensitivity.groups import Group, Marks
from sibmodel.questions.variance import Part, half, part, settled, squares_of
from sibmodel.running.execution import Progress, Run

Kind = Literal["total", "shapley"]
KINDS: Final[tuple[Kind, ...]] = ("total", "shapley")
LUCK: Final = "luck and noise"
MOST_PLAYERS = 12
"""Players besides luck; what matters least is taken together."""


@dataclass(frozen=True)
class Player:
    """What is drawn anew together: one number, several that move together, the many that hardly matter, or luck."""

    name: str
    addresses: tuple[str, ...]


@dataclass(frozen=True)
class Effect:
    """A player's part of the variance."""

    player: Player
    part: Part
    within_noise: bool


@dataclass(frozen=True)
class Effects:
    """The parts of all players, the largest first; `defined` counts the trials in which all runs have a value.

    `total` is the variance of which they are shares. Shapley effects add up to it; total effects count what players do
    only together in each of them.
    """

    kind: Kind
    effects: tuple[Effect, ...]
    total: Part
    defined: int


@dataclass(frozen=True)
class Table:
    """Who plays: players, the inputs behind them, and the groups of inputs that move together."""

    players: tuple[Player, ...]
    inputs: Mapping[str, Input]
    groups: tuple[Group, ...]

    def anew(self, runs: Sequence[Trials], drawn: Marks) -> Trials:
        """Trials of which those players come from the other trials that are `drawn`, (players, trials)."""
        some, others = runs
        mark = {address: row for player, row in zip(self.players, drawn, strict=True) for address in player.addresses}
        inputs = {a: np.where(mark[a], others.inputs[a], v) if a in mark else v for a, v in some.inputs.items()}
        for group in self.groups:
            marks = np.stack([mark[name] for name in group.names])
            for name, row, uniform in zip(group.names, marks, group.anew(some, others, marks), strict=True):
                inputs[name] = np.where(row, self.inputs[name].at(uniform), some.inputs[name])
        found = replace(some, inputs=inputs)
        names = [player.name for player in self.players]
        if LUCK not in names:
            return found
        lucky = drawn[names.index(LUCK)]
        return replace(
            found,
            normals={a: np.where(lucky, others.normals[a], own) for a, own in some.normals.items()},
            uniforms={a: np.where(lucky, others.uniforms[a], own) for a, own in some.uniforms.items()},
        )


def players(
    inputs: Mapping[str, Input], groups: tuple[Group, ...], matters: Mapping[str, float], *, whole: bool, luck: bool
) -> Table:
    """Inputs in order of how much they matter, the last of many together; groups as one if `whole`; then `luck`."""
    tied = {address: group.names for group in groups for address in group.names} if whole else {}
    units = dict.fromkeys(tied.get(address, (address,)) for address in inputs)
    order = sorted(units, key=lambda unit: -max(matters.get(address, 0.0) for address in unit))
    kept = order if len(order) <= MOST_PLAYERS else order[: MOST_PLAYERS - 1]
    found = [Player(" with ".join(unit), unit) for unit in kept]
    rest = tuple(address for unit in order[len(kept) :] for address in unit)
    if rest:
        found.append(Player(f"the {len(rest)} others together", rest))
    if luck:
        found.append(Player(LUCK, ()))
    return Table(tuple(found), inputs, groups)


def effects_of(
    table: Table,
    run: Run,
    measure: tuple[str, Unit],
    kind: Kind,
    progress: Progress | None = None,
    workers: int | None = None,
) -> Effects:
    """Total effects of players on a measure (name and unit), each drawn anew alone, or their Shapley effects."""
    runs = (run, others_of(run))
    ways = _total(table) if kind == "total" else _shapley(table, run)
    name, unit = measure
    found = redrawn(runs, ways.variants, (name,), progress, workers)
    values = settled({which: one[name] for which, one in found.items()}, unit)
    defined = np.logical_and.reduce([np.isfinite(one) for one in values.values()])
    known = {which: np.where(defined, one, np.nan) for which, one in values.items()}
    each, squares = ways.parts(known)
    found_parts = [part(square, squares, run.replicates) for square in each]
    told = [Effect(*one, one[1].within_noise(run.replicates)) for one in zip(table.players, found_parts, strict=True)]
    told.sort(key=lambda effect: -effect.part.share)
    return Effects(kind, tuple(told), part(squares, squares, run.replicates), int(defined.sum()))


@dataclass(frozen=True)
class _Ways:
    """Variants of the trials, and what their values say: squares of each player and of all, each (trials,)."""

    variants: Mapping[str, Variant]
    parts: Callable[[Mapping[str, FloatArray]], tuple[list[FloatArray], FloatArray]]


def _itself(runs: Sequence[Trials]) -> Trials:
    return runs[0]


def _total(table: Table) -> _Ways:
    def alone(place: int) -> Variant:
        def variant(runs: Sequence[Trials]) -> Trials:
            drawn = np.zeros((len(table.players), runs[0].count), dtype=np.bool_)
            drawn[place] = True
            return table.anew(runs, drawn)

        return variant

    def parts(values: Mapping[str, FloatArray]) -> tuple[list[FloatArray], FloatArray]:
        return [half(values[""], values[str(i)]) for i in range(len(table.players))], squares_of(values[""])

    return _Ways({"": _itself, **{str(i): alone(i) for i in range(len(table.players))}}, parts)


def _shapley(table: Table, run: Run) -> _Ways:
    """One order of the players for each trial, who are drawn anew one after the other.

    A player's part is by how much ½ (Y − Y′)² grows as it joins those drawn anew before: an estimate without bias of
    its Shapley effect with costs E[Var(Y | the others)] (Song, Nelson and Staum 2016; with an order for each trial,
    Goda 2021, here with draws given what stays). All parts of a trial add up to ½ (Y − Y′)² of two independent trials.
    """
    count = len(table.players)
    order = np.random.default_rng((run.seed, count)).permuted(np.tile(np.arange(count), (run.count, 1)), axis=1).T
    turn: npt.NDArray[np.intp] = np.argsort(order, axis=0)

    def first(step: int) -> Variant:
        def variant(runs: Sequence[Trials]) -> Trials:
            begin = runs[0].first
            return table.anew(runs, turn[:, begin : begin + runs[0].count] < step)

        return variant

    def parts(values: Mapping[str, FloatArray]) -> tuple[list[FloatArray], FloatArray]:
        nothing = np.zeros(run.count)
        squares = np.stack([nothing, *(half(values[""], values[str(step)]) for step in range(1, count + 1))])
        grown = np.diff(squares, axis=0)
        each = np.arange(run.count)
        return [grown[turn[player], each] for player in range(count)], squares[-1]

    return _Ways({"": _itself, **{str(step): first(step) for step in range(1, count + 1)}}, parts)
