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


@pytest.mark.parametrize("in_memory", [10, 100])
def test_names_that_are_alike_have_the_same_numbers(in_memory: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "IN_MEMORY", in_memory)
    kept = Columns(["one", "copy", "two"], 20, {"copy": "one"})
    kept.write(0, {"one": np.arange(20.0), "copy": np.arange(20.0), "two": np.ones(20)}, 20)
    assert list(kept) == ["one", "copy", "two"]
    assert kept["copy"].tolist() == kept["one"].tolist() == list(range(20))
    assert kept["two"].tolist() == [1] * 20


def test_a_full_disk_says_what_would_help(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(columns, "IN_MEMORY", 10)
    monkeypatch.setattr("os.pwrite", full)
    kept = Columns(["one"], 1_000_000)
    with pytest.raises(SibmodelError, match=r"1,000,000 trials need 8 MiB .*No space left.*TMPDIR"):
        kept.write(0, {"one": np.zeros(5)}, 5)
    monkeypatch.setattr("os.pwrite", lambda *_: 3)  # less than all was written
    with pytest.raises(SibmodelError, match="No space left"):
        kept.write(0, {"one": np.zeros(5)}, 5)


def test_without_places_in_files_a_lock_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "IN_MEMORY", 10)
    monkeypatch.delattr("os.pwrite")
    monkeypatch.delattr("os.pread")
    kept = Columns(["one", "two"], 20)
    kept.write(10, {"two": np.arange(10.0)}, 10)
    kept.write(0, {"two": np.ones(10)}, 10)
    assert kept["two"].tolist() == [*[1] * 10, *range(10)]
