"""The tornado: every uncertain number moved alone to its 10th and 90th percentile, all else as in the base case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.values import Unit
from sibmodel.model import work_through
from sibmodel.questions.inputs import Input
from sibmodel.questions.one_by_one import HIGH, LOW, one_by_one
from sibmodel.questions.sensitivity.groups import Group
from sibmodel.questions.variance import rounding
from sibmodel.running.statistics import known
from sibmodel.sampling.normal import score
from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Bar:
    """A number, its two values, and the measure at each; None where it has no value.

    `with_low` and `with_high` are the measure where the numbers that move together with it do so, each to the middle of
    what it then may be; None for a number that moves alone. `width` is the measure's highest less its lowest value at
    both ends and in the base case, the number alone moved; `moves` is whether it moves at all, alone or with others.
    """

    address: str
    unit: str
    base: float
    low: float
    high: float
    at_low: float | None
    at_high: float | None
    with_low: float | None
    with_high: float | None
    width: float | None
    moves: bool


def tornado(
    scenario: Scenario, measure: tuple[str, Unit], inputs: Mapping[str, Input], groups: Sequence[Group]
) -> tuple[float | None, tuple[Bar, ...]]:
    """A measure (name and unit) in the base case, and a bar for each input, the widest first; no noise, no luck."""
    name, unit = measure
    group_of = {address: group for group in groups for address in group.names}
    ends = {address: one.at(np.array([LOW, HIGH])) for address, one in inputs.items()}
    rows: list[Mapping[str, float]] = [{}]
    places: dict[str, list[int]] = {}
    for address, found in ends.items():
        alone = [{address: float(value)} for value in found]
        together = [
            {**row, **_others(inputs, group_of[address], address, share)}
            for row, share in zip(alone, (LOW, HIGH), strict=True)
            if address in group_of
        ]
        places[address] = list(range(len(rows), len(rows) + len(alone) + len(together)))
        rows += [*alone, *together]
    values = all_measures(work_through(scenario, one_by_one(scenario, rows)))[name].values
    least = rounding(values, unit)
    measured = [known(value) for value in np.broadcast_to(values, len(rows))]
    bars = [_bar(inputs[a], ends[a], [measured[0], *(measured[i] for i in at)], least) for a, at in places.items()]
    return measured[0], tuple(sorted(bars, key=lambda bar: -(np.inf if bar.width is None else bar.width)))


def _others(inputs: Mapping[str, Input], group: Group, address: str, share: float) -> dict[str, float]:
    """The middle of what others of a group may be where one of them is at a percentile."""
    shares = group.others(address, float(score(np.array([share]))[0]))
    return {other: float(inputs[other].at(np.array([middle]))[0]) for other, middle in shares.items()}


def _bar(one: Input, ends: FloatArray, measured: Sequence[float | None], least: float) -> Bar:
    """A bar from the measure in the base case, at both ends, and where it has any at both ends with others."""
    base, at_low, at_high, *others = measured
    with_low, with_high = others or (None, None)
    alone = [value for value in (base, at_low, at_high) if value is not None]
    width = max(alone) - min(alone) if len(alone) == 3 else None
    moves = any(_differs(value, base, least) for value in measured[1:])
    return Bar(
        one.address, one.unit, one.base, float(ends[0]), float(ends[1]), at_low, at_high, with_low, with_high,
        width, moves,
    )  # fmt: skip


def _differs(value: float | None, base: float | None, least: float) -> bool:
    if value is None or base is None:
        return value is not base
    return abs(value - base) > least
