"""A random order of any length of which every place can be worked out on its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
ROUNDS = 8
"""Four make a Feistel network with random functions a pseudo-random order (Luby and Rackoff 1988); short ones need
more."""


def permuted(index: IntArray, size: int, random: np.random.Generator) -> IntArray:
    """Where each index below `size` stands in the order that `random`, from its present state on, stands for.

    A Feistel network over the next power of 4, its functions tables of random numbers. What falls outside goes through
    it again until it does not (Black and Rogaway 2002). So an order takes no more memory than the root of its length,
    and any block of trials can be made without the others.
    """
    half = max((size - 1).bit_length() + 1, 2) // 2
    functions = random.integers(0, 2**half, (ROUNDS, 2**half))
    out = _network(index, half, functions)
    while (beyond := out >= size).any():
        out[beyond] = _network(out[beyond], half, functions)
    return out


def _network(value: IntArray, half: int, functions: IntArray) -> IntArray:
    """One pass over numbers of twice `half` bits."""
    left, right = value >> half, value & (2**half - 1)
    for function in functions:
        left, right = right, left ^ function[right]
    return np.asarray(left << half | right)
