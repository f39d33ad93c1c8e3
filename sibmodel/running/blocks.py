"""Blocks of trials worked through by several processes or threads, with their results in the order of the blocks."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from sibmodel.errors import SibmodelError
from sibmodel.running.memory import begin_afresh

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess
    from multiprocessing.queues import Queue

MOST_WORKERS = 64
_PATIENCE = 1.0
"""Seconds between two looks at whether a process that owes a result is still there."""
_R = TypeVar("_R")
Work = Callable[[int], _R]


def workers_for(blocks: int, asked: int | None = None) -> int:
    """How many work at a time: as many as asked for, else one a processor, never more than blocks.

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


def in_order(work: Work[_R], blocks: int, workers: int) -> Iterator[_R]:
    """`work(0)`, `work(1)` … to `blocks`, by processes where they can be forked safely, else by threads.

    A block is some thousand short calls of NumPy, between which threads wait for each other; processes do not. A
    process is copied as it is (forked) on Linux if no other thread of Python runs in it: a notebook has others. What
    `work` writes to memory is lost with its process, unless the memory is shared.
    """
    if workers == 1:
        return map(work, range(blocks))
    can_fork = sys.platform == "linux" and threading.active_count() == 1
    return by_processes(work, blocks, workers) if can_fork else by_threads(work, blocks, workers)


def by_threads(work: Work[_R], blocks: int, workers: int) -> Iterator[_R]:
    """The same by threads; no more than twice as many blocks are begun as there are threads."""
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


def by_processes(work: Work[_R], blocks: int, workers: int) -> Iterator[_R]:
    """The same by this process and forked ones, of which each has every so manieth block."""
    from multiprocessing import get_context

    context = get_context("fork")
    begin_afresh()
    queues = [context.Queue() for _ in range(1, workers)]
    children = [
        context.Process(target=_child, args=(work, range(mine, blocks, workers), queue), daemon=True)
        for mine, queue in enumerate(queues, 1)
    ]
    try:
        with warnings.catch_warnings():
            # threads of a linear algebra library are no danger: they are ended before, and begun again after
            warnings.simplefilter("ignore", DeprecationWarning)
            for child in children:
                child.start()
        for block in range(blocks):
            mine = block % workers
            yield work(block) if mine == 0 else _received(queues[mine - 1], children[mine - 1])
    finally:
        for child, queue in zip(children, queues, strict=True):
            child.terminate()
            child.join()
            queue.close()


def _child(work: Work[Any], mine: Iterable[int], queue: Queue[tuple[bool, Any]]) -> None:
    """Work through the blocks that are its own; an interruption is the parent's business."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    begin_afresh()
    for block in mine:
        try:
            queue.put((True, work(block)))
        except Exception as error:
            queue.put((False, error))
            return


def _received(queue: Queue[tuple[bool, Any]], child: ForkProcess) -> Any:
    from queue import Empty

    while True:
        try:
            done, found = queue.get(timeout=_PATIENCE)
        except Empty:
            if child.is_alive() or not queue.empty():
                continue
            raise SibmodelError(
                f"a process that simulates ended with {child.exitcode}: there may be too little memory; "
                "ask for fewer workers"
            ) from None
        if done:
            return found
        raise found
