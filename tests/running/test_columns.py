"""Columns in memory and on disk hold the same."""

import numpy as np
import pytest

from sibmodel.errors import SibmodelError
from sibmodel.running import columns
from sibmodel.running.columns import Columns


@pytest.mark.parametrize("in_memory", [10, 100])
def test_what_is_written_is_read(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "IN_MEMORY", in_memory)
    kept = Columns(["one", "two"], 50)
    kept.write(20, {"two": np.arange(30.0), "one": np.array([7.0])}, 30)
    kept.write(0, {"one": np.arange(20.0), "two": -np.arange(20.0)}, 20)
    assert kept["one"].tolist() == [*range(20), *[7] * 30]
    assert kept["two"].tolist() == [*(-i for i in range(20)), *range(30)]
    assert kept.part("two", 19, 22).tolist() == [-19, 0, 1]
    assert (list(kept), len(kept), "two" in kept) == (["one", "two"], 2, True)
    with pytest.raises(KeyError):
        _ = kept["three"]


def test_a_full_disk_says_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def seek(self, _: int) -> None: ...

        def close(self) -> None: ...

        def write(self, _: bytes) -> None:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns, "IN_MEMORY", 10)
    monkeypatch.setattr("tempfile.TemporaryFile", Full)
    kept = Columns(["one"], 1_000_000)
    with pytest.raises(SibmodelError, match=r"1,000,000 trials need 8 MiB .*No space left.*TMPDIR"):
        kept.write(0, {"one": np.zeros(5)}, 5)
