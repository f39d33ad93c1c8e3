"""Memory that is used again: fresh pages for every array would cost as much as the sums written into them."""

from __future__ import annotations

from functools import cache

import numpy as np

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""What glibc calls M_TRIM_THRESHOLD, M_MMAP_THRESHOLD and M_ARENA_MAX (malloc.h)."""
_LARGEST = 2**25
"""Bytes; glibc maps every larger array anew."""


@cache
def keep_freed_memory() -> None:
    """Let glibc keep up to 1 GiB that arrays have given back, in huge pages, for whichever thread asks next.

    It would give back what is free at the end of its heap beyond 128 KiB to 64 MiB, so that a block of trials would be
    some ten thousand page faults; and it would keep a heap for each thread (mallopt(3)). It is to be called before
    there are other threads. Elsewhere this does nothing.
    """
    import ctypes

    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # another C library
        return
    mallopt(_TRIM_THRESHOLD, 2**30)
    mallopt(_MMAP_THRESHOLD, _LARGEST)
    mallopt(_ARENA_MAX, 1)
    _in_huge_pages()


def begin_afresh() -> None:
    """Give back what is free, so that a process about to be forked, or just forked, has nothing to be copied.

    A forked process shares its parent's memory page by page until one of the two writes to it, which copies the page
    first. Elsewhere than on Linux with glibc this does nothing.
    """
    import ctypes

    try:
        ctypes.CDLL(None).malloc_trim(0)
    except (AttributeError, OSError, TypeError):  # another C library
        return
    _in_huge_pages()


def _in_huge_pages() -> None:
    """Have NumPy ask the system for huge pages, as it does for arrays of 4 MiB, where smaller ones will lie later.

    Nothing is written, so that no memory is taken.
    """
    heap = [np.empty(_LARGEST - 2**16, dtype=np.uint8) for _ in range(4)]
    del heap
