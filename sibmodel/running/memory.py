"""Memory that is used again: fresh pages for every array would cost as much as the sums written into them."""

from __future__ import annotations

from functools import cache

import numpy as np

_LARGEST = 2**25 - 2**12
"""Bytes; glibc takes no block larger than 32 MiB as a sign of how large blocks usually are."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep what arrays give back, up to twice 32 MiB, instead of handing it to the system each time.

    It maps blocks above a threshold from the system and unmaps them when they are freed. The threshold rises to the
    size of the largest such block freed so far (mallopt(3), M_MMAP_THRESHOLD), so that one block, never written to, is
    enough. Elsewhere this does nothing.
    """
    np.empty(_LARGEST, dtype=np.uint8)  # freed at once
