"""Memory that is used again: fresh pages for every array would cost as much as the sums written into them."""

from __future__ import annotations

from functools import cache

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""What glibc calls M_TRIM_THRESHOLD and M_MMAP_THRESHOLD (malloc.h)."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to 1 GiB that arrays have given back, instead of handing it to the system each time.

    It would map every array of more than 32 MiB at most anew, and give back what is free at the end of its heap beyond
    twice that (mallopt(3)): a block of trials would be some ten thousand page faults. Elsewhere this does nothing.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    mallopt(_TRIM_THRESHOLD, 2**30)
    mallopt(_MMAP_THRESHOLD, 2**25)
