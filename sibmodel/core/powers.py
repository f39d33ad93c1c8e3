"""Powers of which no last bit depends on how many are worked out at a time."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import FloatArray

_LANES = 64
"""A multiple of as many numbers as any processor takes at once."""


def power(base: FloatArray | float, exponent: FloatArray | float) -> FloatArray:
    """`base` to the power of `exponent`, broadcast.

    NumPy works powers out in ways that round differently, by how many there are and whether one exponent serves all, so
    that a trial's last bit would depend on the trials beside it. Here all are filled up to whole rows of the same kind.
    """
    left, right = np.broadcast_arrays(np.asarray(base, np.float64), np.asarray(exponent, np.float64))
    size = left.size
    filled = np.ones((2, -(-size // _LANES) * _LANES))
    filled[0, :size], filled[1, :size] = left.ravel(), right.ravel()
    return np.asarray(np.power(filled[0], filled[1])[:size].reshape(left.shape))
