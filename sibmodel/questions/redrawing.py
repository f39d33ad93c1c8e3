"""The same trials again, with something in them drawn anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Progress, Run

OTHERS = 2**62
"""Added to a seed, it gives other trials that are independent of its own."""

Variant = Callable[[Sequence[Trials]], Trials]
"""Trials made of those of several runs."""
Measured = dict[str, FloatArray]
"""Measures by name, each (trials,)."""


def others_of(run: Run) -> Run:
    """As many trials of the same scenario, independent of the run's own.

    They are pseudo-random: a second scrambled Sobol sequence would go hand in hand with the first.
    """
    scenario = run.scenario
    simulation = scenario.simulation.model_copy(update={"sampling": "pseudo_random"})
    return Run(scenario.model_copy(update={"simulation": simulation}), run.count, run.seed ^ OTHERS)


def redrawn(
    runs: Sequence[Run],
    variants: Mapping[str, Variant],
    measures: Sequence[str],
    progress: Progress | None = None,
    workers: int | None = None,
) -> dict[str, Measured]:
    """Measures of every variant of the trials of runs that are of the first one's scenario and equally long.

    `progress` is called with trials worked through and in all. Raises SibmodelError if so many workers cannot be had.
    """
    first, asked = runs[0], list(product(variants.values(), range(runs[0].blocks)))

    def work(place: int) -> list[Measured]:
        variant, block = asked[place]
        found = []
        for some in zip(*(run.parts(block) for run in runs), strict=True):
            values = all_measures(work_through(first.scenario, variant(some)))
            found.append({name: values[name].values for name in measures})
        return found

    blocks: list[list[Measured]] = []
    for place, found in enumerate(in_order(work, len(asked), workers_for(len(asked), workers))):
        blocks.append(found)
        if progress is not None:
            whole, block = divmod(place, first.blocks)
            progress(whole * first.count + min((block + 1) * first.block, first.count), len(variants) * first.count)
    return {
        name: _joined(blocks[place * first.blocks : (place + 1) * first.blocks], measures)
        for place, name in enumerate(variants)
    }


def _joined(blocks: Sequence[Sequence[Measured]], measures: Sequence[str]) -> Measured:
    """Measures of all trials from those of their parts."""
    return {name: np.concatenate([part[name] for block in blocks for part in block]) for name in measures}
