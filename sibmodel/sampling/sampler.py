"""Making the trials of one block."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.sampling.distributions import moved, values
from sibmodel.sampling.streams import BLOCK, luck, normals, uniforms


def sample(
    quantities: Iterable[Quantity],
    noisy: Iterable[str],
    periods: int,
    seed: int,
    block: int,
    count: int = BLOCK,
) -> Trials:
    """The first `count` trials of a block: values of every uncertain number, and normals of every noisy address.

    `periods` counts period 0. Values outside what a field allows are moved to the nearest allowed one.
    """
    inputs: dict[str, FloatArray] = {}
    for quantity in quantities:
        for address, item in quantity.items():
            if not isinstance(item, float):
                raw = values(item, uniforms(seed, address, block))[:count]
                inputs[address] = np.clip(raw, *quantity.limits)
    noise = {address: normals(seed, f"noise:{address}", block, periods)[:, :count] for address in noisy}
    return Trials(count, periods, inputs, noise)


def with_luck(trials: Trials, addresses: Iterable[str], seed: int, block: int) -> Trials:
    """The same trials of a block with luck with people, a uniform number for each cell.

    It is pseudo-random however inputs are sampled, and does not depend on anything else that is drawn.
    """
    drawn = {address: luck(seed, address, block, trials.periods)[:, : trials.count] for address in addresses}
    return replace(trials, uniforms=drawn)


def shifted(
    trials: Trials, quantities: Iterable[Quantity], shifts: Mapping[str, float], seed: int, block: int
) -> Trials:
    """The same trials of a block with something added to some normal scores, and all else to the bit as it was.

    `shifts` are by address of an uncertain number, whose value then is F⁻¹(Φ(Φ⁻¹(u) + shift)) with u its own uniform,
    or of a noisy outcome, whose normals all move, or of luck with people, whose uniforms move like those of inputs.
    """
    inputs = dict(trials.inputs)
    for quantity in quantities:
        for address, item in quantity.items():
            if address in shifts and not isinstance(item, float):
                raw = values(item, moved(uniforms(seed, address, block), shifts[address]))[: trials.count]
                inputs[address] = np.clip(raw, *quantity.limits)
    noise = {address: z + shifts[address] if address in shifts else z for address, z in trials.normals.items()}
    people = {address: moved(u, shifts[address]) if address in shifts else u for address, u in trials.uniforms.items()}
    return replace(trials, inputs=inputs, normals=noise, uniforms=people)
