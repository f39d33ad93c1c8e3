"""Making the trials of one block."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.sampling.distributions import values
from sibmodel.sampling.streams import BLOCK, normals, uniforms


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
    luck = {address: normals(seed, f"noise:{address}", block, periods)[:, :count] for address in noisy}
    return Trials(count, periods, inputs, luck)
