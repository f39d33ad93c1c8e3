"""Blocks of trials worked through by several processes or threads, with their results in the order of the blocks."""

from __future__ import annotations

import os
import sys
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from queue import Empty
from typing import TYPE_CHECKING, Any, TypeVar

from sibmodel.errors import SibmodelError
from sibmodel.running.memory import begin_afresh

if TYPE_CHECKING:
    from multiprocessing.context import ForkProcess
    from multiprocessing.queues import Queue
    from multiprocessing.sharedctypes import Synchronized

MOST_WORKERS = 64
_DIE_WITH_PARENT = 1
"""What Linux calls PR_SET_PDEATHSIG (prctl(2))."""
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
    return by_processes(work, blocks, workers) if _can_fork() else by_threads(work, blocks, workers)


def _can_fork() -> bool:
    """Whether this process may be copied; a worker of somebody else's pool may have no children."""
    if sys.platform != "linux" or threading.active_count() > 1:
        return False
    from multiprocessing import current_process

    return not current_process().daemon


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
    """The same by this process and forked ones; whoever is free takes the next block."""
    from multiprocessing import get_context

    context = get_context("fork")
    begin_afresh()
    team = _Team(context.Queue(), context.Value("q", 0), blocks)
    children: list[ForkProcess] = []
    try:
        with warnings.catch_warnings():
            # threads of a linear algebra library are no danger: they are ended before, and begun again after
            warnings.simplefilter("ignore", DeprecationWarning)
            for _ in range(1, workers):
                child = context.Process(target=_child, args=(work, team, os.getpid()), daemon=True)
                try:
                    child.start()
                except OSError:  # too little memory for another one: fewer do it too
                    break
                children.append(child)
        done: dict[int, _R] = {}
        for block in range(blocks):
            while block not in done:
                own = team.next_block()
                if own is not None:
                    done[own] = work(own)
                done |= team.received(children, wait=own is None)
            yield done.pop(block)
    finally:
        for child in children:
            child.terminate()
            child.join()
        team.results.close()


@dataclass(frozen=True)
class _Team:
    """What processes share: a queue of results, each (block, None, result) or (block, error, None), and a counter."""

    results: Queue[tuple[int, Exception | None, Any]]
    taken: Synchronized[int]
    blocks: int

    def next_block(self) -> int | None:
        """The first block that nobody has taken yet; None if all are."""
        with self.taken.get_lock():
            block = self.taken.value
            self.taken.value = block + 1
        return block if block < self.blocks else None

    def received(self, children: list[ForkProcess], wait: bool) -> dict[int, Any]:
        """Results of other processes that are here; at least one if it is waited for. Raises what they raised."""
        found: dict[int, Any] = {}
        all_ended = False
        while True:
            try:
                block, error, result = self.results.get(block=wait and not found, timeout=_PATIENCE)
            except Empty:
                if found or not wait:
                    return found
                _must_live(children, all_ended)
                all_ended = all(child.exitcode is not None for child in children)
                continue
            if error is not None:
                raise error
            found[block] = result


def _must_live(children: list[ForkProcess], all_ended: bool) -> None:
    """Refuse to wait for what will not come: a process has died, or all had ended before the last look at the queue."""
    ended = [child.exitcode for child in children if child.exitcode is not None]
    died = [code for code in ended if code] or (ended if all_ended else [])
    if died:
        raise SibmodelError(
            f"a process that simulates ended with {died[0]}: there may be too little memory; ask for fewer workers"
        )


def _child(work: Work[Any], team: _Team, parent: int) -> None:
    """Work through blocks until none is left; an interruption is the parent's business."""
    import ctypes
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    ctypes.CDLL(None).prctl(_DIE_WITH_PARENT, signal.SIGKILL)
    if os.getppid() != parent:  # it died before
        os._exit(1)
    begin_afresh()
    while (block := team.next_block()) is not None:
        try:
            team.results.put((block, None, work(block)))
        except Exception as error:
            team.results.put((block, error, None))
            return
