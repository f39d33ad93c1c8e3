"""Numbers of every trial, kept so that memory stays flat in a long run."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Hashable, Iterable, Iterator, Mapping
from errno import ENOSPC
from mmap import mmap
from threading import Lock
from typing import IO, Generic, TypeVar

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError

IN_MEMORY = 65_536
"""Trials up to which columns stay in memory; those of longer runs lie in a temporary file, eight bytes a number."""
_BYTES = 8

K = TypeVar("K", bound=Hashable)


class Columns(Mapping[K, FloatArray], Generic[K]):
    """A column of numbers for each name, one number a trial, shape (trials,); read-only once written.

    Parts may be written in any order, by several threads and forked processes, which share the memory. A file that no
    name in the file system refers to holds what memory does not; it vanishes with this object. Raises SibmodelError if
    there is no room for it.
    """

    def __init__(self, names: Iterable[K], trials: int, alike: Mapping[K, K] | None = None) -> None:
        """Room for `trials` numbers under each name; names that are `alike` another have its numbers."""
        self._alike, names = alike or {}, tuple(names)
        own = {name: row for row, name in enumerate(name for name in names if name not in self._alike)}
        self._rows = {name: own[self._alike.get(name, name)] for name in names}
        self._count = len(own)
        self._trials = trials
        self._lock = Lock()
        self._memory: FloatArray | None = None
        self._file: IO[bytes] | None = None
        if trials <= IN_MEMORY:
            shared = mmap(-1, max(self._count * trials, 1) * _BYTES)
            self._memory = np.frombuffer(shared)[: self._count * trials].reshape(self._count, trials)
        else:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the columns
            weakref.finalize(self, self._file.close)

    def write(self, first: int, values: Mapping[K, FloatArray], count: int) -> None:
        """Put `count` trials from trial `first` on into their columns; values are of shape (count,) or (1,)."""
        for name, some in values.items():
            if name in self._alike:
                continue
            if self._memory is not None:
                self._memory[self._rows[name], first : first + count] = some
            else:
                full = some if some.shape == (count,) else np.broadcast_to(some, count)
                full = np.ascontiguousarray(full, dtype=np.float64)
                self._write(self._rows[name] * self._trials + first, full)

    def _write(self, place: int, values: FloatArray) -> None:
        assert self._file is not None  # noqa: S101 - there is one or the other
        try:
            self._put(self._file, place * _BYTES, values)
        except OSError as error:
            needed = self._count * self._trials * _BYTES / 2**20
            raise SibmodelError(
                f"{self._trials:,} trials need {needed:,.0f} MiB in {tempfile.gettempdir()} ({error.strerror}); "
                "make room there, name another folder in TMPDIR, or ask for fewer trials"
            ) from None

    def _put(self, file: IO[bytes], place: int, values: FloatArray) -> None:
        if hasattr(os, "pwrite"):  # processes share one place in the file, so it must not be moved
            written = os.pwrite(file.fileno(), values.data, place)
            if written < values.nbytes:
                raise OSError(ENOSPC, os.strerror(ENOSPC))
            return
        with self._lock:
            file.seek(place)
            file.write(values.data)
            file.flush()

    def __getitem__(self, name: K) -> FloatArray:
        return self.part(name, 0, self._trials)

    def part(self, name: K, first: int, last: int) -> FloatArray:
        """Numbers of the trials from `first` up to `last`, which is not one of them."""
        row = self._rows[name]
        if self._memory is not None:
            view = self._memory[row, first:last]
            view.flags.writeable = False
            return view
        assert self._file is not None  # noqa: S101 - there is one or the other
        place, count = (row * self._trials + first) * _BYTES, last - first
        if hasattr(os, "pread"):
            return np.frombuffer(os.pread(self._file.fileno(), count * _BYTES, place))
        with self._lock:
            self._file.seek(place)
            return np.frombuffer(self._file.read(count * _BYTES))

    def __iter__(self) -> Iterator[K]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)
