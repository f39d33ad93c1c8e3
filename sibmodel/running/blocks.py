"""Blocks of trials worked through by several threads, with their results in the order of the blocks."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sibmodel.errors import SibmodelError

MOST_WORKERS = 64
_R = TypeVar("_R")


def workers_for(blocks: int, asked: int | None = None) -> int:
    """How many threads work at a time: as many as asked for, else one a processor, never more than blocks.

    Raises SibmodelError if none or too many are asked for.
    """
    if asked is not None and not 1 <= asked <= MOST_WORKERS:
        raise SibmodelError(f"{asked} workers cannot be used; ask for 1 to {MOST_WORKERS}")
    return max(min(_processors() if asked is None else asked, blocks), 1)


def _processors() -> int:
    try:
        return min(len(os.sched_getaffinity(0)), MOST_WORKERS)
    except AttributeError:  # not on every system
        return min(os.cpu_count() or 1, MOST_WORKERS)


def in_order(work: Callable[[int], _R], blocks: int, workers: int) -> Iterator[_R]:
    """`work(0)`, `work(1)` … to `blocks`, each worked out by one of `workers` threads.

    NumPy lets other threads run while it calculates, so threads use all processors. No more than twice as many blocks
    are begun as there are threads, so that memory does not grow with their number.
    """
    if workers == 1:
        yield from map(work, range(blocks))
        return
    with ThreadPoolExecutor(workers) as pool:
        begun: deque[Future[_R]] = deque()
        try:
            for block in range(blocks):
                begun.append(pool.submit(work, block))
                if len(begun) == 2 * workers:
                    yield begun.popleft().result()
            while begun:
                yield begun.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
