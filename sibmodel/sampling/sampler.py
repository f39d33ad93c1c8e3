"""Making the trials of one block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.sampling.dependence import SHOCK, Together
from sibmodel.sampling.distributions import moved, values
from sibmodel.sampling.points import Points
from sibmodel.sampling.replicates import Sampling
from sibmodel.sampling.streams import BLOCK, luck, normals


@dataclass(frozen=True)
class Sampler:
    """All that the trials of a run depend on. Any block can be made on its own, in any order and by any thread.

    `noisy` are the addresses whose luck is wanted, and for how many periods; `periods` counts period 0, `count` the
    trials of the whole run, `together` the numbers that are not independent, `lucky` the addresses of luck with people.
    `shock_seed` is the seed of the shocks, `seed` if not given.
    """

    quantities: tuple[Quantity, ...]
    noisy: Mapping[str, int]
    periods: int
    seed: int
    count: int = BLOCK
    sampling: Sampling = "pseudo_random"
    together: tuple[Together, ...] = ()
    lucky: tuple[str, ...] = ()
    shock_seed: int | None = None

    @cached_property
    def points(self) -> Points:
        """Where uniform numbers come from: inputs in the order of the schema, then what only mixes with them."""
        drawn = (
            address for quantity in self.quantities for address, item in quantity.items() if not isinstance(item, float)
        )
        names = dict.fromkeys([*drawn, *(name for some in self.together for name in some.names)])
        return Points(self.seed, tuple(names), self.sampling, self.count)

    def block(self, number: int) -> Trials:
        """A block's trials: values of every uncertain number, normals of every noisy address and random walk.

        A short pseudo-random run holds the first trials of a long one. Values outside what a field allows are moved to
        the nearest allowed one.
        """
        count = min(BLOCK, self.count - number * BLOCK)
        uniform = dict(self.points.block(number))
        if self.shock_seed is not None:
            other = replace(self.points, seed=self.shock_seed).block(number)
            uniform |= {name: some for name, some in other.items() if name.startswith(SHOCK)}
        for some in self.together:
            uniform |= some.mixed(uniform)
        inputs = {}
        for quantity in self.quantities:
            for address, item in quantity.items():
                if not isinstance(item, float):
                    inputs[address] = np.clip(values(item, uniform[address])[:count], *quantity.limits)
        noise = {a: self._normals(f"noise:{a}", number, periods, count) for a, periods in self.noisy.items()}
        for quantity in self.quantities:
            if quantity.random_walk is not None:
                wander = self._normals(f"walk:{quantity.address}", number, self.periods, count)
                noise[quantity.walk_address] = wander
        kept = {address: uniform[address][:count] for address in inputs}
        people = {address: luck(self.seed, address, number, self.periods)[:, :count] for address in self.lucky}
        return Trials(count, self.periods, inputs, noise, people, kept, first=number * BLOCK)

    def _normals(self, stream: str, block: int, periods: int, count: int) -> FloatArray:
        return normals(self.seed, stream, block, periods)[:, :count]


def sample(
    quantities: Iterable[Quantity],
    noisy: Iterable[str],
    periods: int,
    seed: int,
    block: int,
    count: int = BLOCK,
) -> Trials:
    """The first `count` pseudo-random trials of a block, all numbers independent; `periods` counts period 0."""
    return Sampler(tuple(quantities), dict.fromkeys(noisy, periods), periods, seed, block * BLOCK + count).block(block)


def shifted(trials: Trials, quantities: Iterable[Quantity], shifts: Mapping[str, float]) -> Trials:
    """The same trials with something added to some normal scores, and all else to the bit as it was.

    `shifts` are by address of an uncertain number, whose value then is F⁻¹(Φ(Φ⁻¹(u) + shift)) with u its own uniform
    (after dependence, so that what moves with it stays), or of a noisy outcome or random walk, whose normals all move,
    or of luck with people, whose uniforms move like those of inputs.
    """
    inputs = dict(trials.inputs)
    for quantity in quantities:
        for address, item in quantity.items():
            if address in shifts and not isinstance(item, float):
                raw = values(item, moved(trials.probabilities[address], shifts[address]))
                inputs[address] = np.clip(raw, *quantity.limits)
    noise = {address: z + shifts[address] if address in shifts else z for address, z in trials.normals.items()}
    people = {address: moved(u, shifts[address]) if address in shifts else u for address, u in trials.uniforms.items()}
    return replace(trials, inputs=inputs, normals=noise, uniforms=people)
