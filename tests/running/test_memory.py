"""Freed memory is kept: arrays of a block's size come without page faults."""

import platform
import resource

import numpy as np
import pytest

from sibmodel.running.memory import keep_freed_memory


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries are left as they are")
def test_arrays_come_again_without_page_faults() -> None:
    keep_freed_memory()

    def work() -> float:
        arrays = [np.full((37, 4096), float(number)) for number in range(8)]  # 1.2 MB each
        return float(sum(array[0, 0] for array in arrays))

    work()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    assert work() == 28.0
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < 200  # each array has 296 pages
