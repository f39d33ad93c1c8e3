"""A random order of any length of which every place can be worked out on its own."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

UintArray = npt.NDArray[np.uint64]
ROUNDS = 8
"""Four make a Feistel network a strong pseudo-random permutation (Luby and Rackoff 1988); short ones need more."""
_MULTIPLIERS = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def permuted(index: npt.NDArray[np.int64], size: int, keys: UintArray) -> npt.NDArray[np.int64]:
    """Where each index below `size` stands in the order that `keys` (one a round) stand for.

    A Feistel network over the next power of 4; what falls outside goes through it again until it does not (Black and
    Rogaway 2002). So no order is ever held in memory, and any block of trials can be made without the others.
    """
    half = max((size - 1).bit_length() + 1, 2) // 2
    out = _network(index.astype(np.uint64), half, keys)
    while (beyond := out >= size).any():
        out[beyond] = _network(out[beyond], half, keys)
    return out.astype(np.int64)


def _network(value: UintArray, half: int, keys: UintArray) -> UintArray:
    """One pass over numbers of twice `half` bits."""
    bits, mask = np.uint64(half), np.uint64(2**half - 1)
    left, right = value >> bits, value & mask
    for key in keys:
        left, right = right, left ^ (_scattered(right + key) & mask)
    return np.asarray(left << bits | right)


def _scattered(value: UintArray) -> UintArray:
    """Numbers of 64 bits of which every bit depends on all bits (finaliser of SplitMix64, Steele et al. 2014)."""
    value = (value ^ value >> np.uint64(30)) * _MULTIPLIERS[0]
    value = (value ^ value >> np.uint64(27)) * _MULTIPLIERS[1]
    return np.asarray(value ^ value >> np.uint64(31))
