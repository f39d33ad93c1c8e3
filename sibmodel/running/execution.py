"""Running a scenario: the base case, and thousands of trials through the same functions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import ClassVar, TypeVar

import numpy as np

from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError
from sibmodel.model import Books, work_through
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.sampling import sampler_of
from sibmodel.running.sums import Replicate
from sibmodel.sampling.replicates import MOST_TRIALS, replicates, unbalanced
from sibmodel.sampling.sampler import Sampler
from sibmodel.sampling.streams import BLOCK
from sibmodel.scenario.schema import Scenario

Progress = Callable[[int, int], None]
_R = TypeVar("_R")

CELLS = 500_000
"""Numbers in one array of people by period, area and trial: more trials at a time than that only cost memory."""


def trials_of(scenario: Scenario, count: int, seed: int) -> Iterator[Trials]:
    """The trials of a run, in parts, one after the other."""
    run = Run(scenario, count, seed)
    return chain.from_iterable(map(run.parts, range(run.blocks)))


def base_case(scenario: Scenario, scale: float = 1.0) -> Books:
    """Every number at its central value, every luck at zero; `scale` 0 asks what if the programme does nothing."""
    return work_through(scenario, Trials.base(scenario.timeline.periods + 1), scale)


def asked_for(scenario: Scenario, trials: int | None, seed: int | None) -> tuple[int, int]:
    """How many trials and which seed: the scenario's own where nothing is asked. Raises SibmodelError if impossible."""
    count = scenario.simulation.trials if trials is None else trials
    seed = scenario.simulation.seed if seed is None else seed
    for what, number in (("trials", count), ("seed", seed)):
        if not isinstance(number, int | np.integer) or isinstance(number, bool):
            raise SibmodelError(f"{what} cannot be {number!r}; give a whole number")
    count, seed = int(count), int(seed)
    if not 2 <= count <= MOST_TRIALS:
        raise SibmodelError(f"{count:,} trials cannot be run; ask for 2 to {MOST_TRIALS:,}")
    if not 0 <= seed < 2**63:
        raise SibmodelError(f"the seed {seed} cannot be used; give a whole number from 0 to 2⁶³ − 1")
    said = unbalanced(scenario.simulation.sampling, count)
    if said is not None:
        raise SibmodelError("; ".join(said))
    return count, seed


@dataclass(frozen=True)
class Run:
    """A simulation that is asked for: which trials of which scenario.

    `shock_seed` is the seed of shared shocks, `seed` if not given.
    """

    scenario: Scenario
    count: int
    seed: int
    shock_seed: int | None = None

    @property
    def replicates(self) -> int:
        """Independent parts of equal size, one after the other; 1 where every trial is independent of all others."""
        return replicates(self.scenario.simulation.sampling)

    @cached_property
    def sampler(self) -> Sampler:
        """What makes any of its blocks."""
        return replace(sampler_of(self.scenario, self.count, self.seed), shock_seed=self.shock_seed)

    block: ClassVar[int] = BLOCK
    """Trials that are drawn together."""

    @property
    def blocks(self) -> int:
        """Blocks of trials."""
        return -(-self.count // BLOCK)

    def parts(self, block: int) -> Iterator[Trials]:
        """The trials of a block; of a programme with many areas and groups, in parts.

        What the trials are does not depend on how many are worked through at a time, nor on other blocks.
        """
        trials, programme = self.sampler.block(block), self.scenario.programme
        together = max(CELLS // (trials.periods * len(programme.areas or (1,))), 1)
        for first in range(0, trials.count, together):
            yield trials if together >= trials.count else trials.part(first, min(first + together, trials.count))

    def replicate_of(self, trials: Trials) -> Replicate:
        """The replicate of each trial."""
        numbers = np.arange(trials.first, trials.first + trials.count)
        return np.asarray(numbers // (self.count // self.replicates), dtype=np.intp)

    def each_part(
        self, work: Callable[[Trials], _R], workers: int | None = None, progress: Progress | None = None
    ) -> Iterator[_R]:
        """`work(trials)` for every part of every block, by several processes or threads, in the order of the trials.

        `progress` is called with trials done and in all. Raises SibmodelError if so many workers cannot be had.
        """

        def whole(block: int) -> list[_R]:
            return list(map(work, self.parts(block)))

        for block, found in enumerate(in_order(whole, self.blocks, workers_for(self.blocks, workers))):
            yield from found
            if progress is not None:
                progress(min((block + 1) * BLOCK, self.count), self.count)
