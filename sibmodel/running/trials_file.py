"""Every trial of a run in a Parquet file, with the record of the run in it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError
from sibmodel.running.execution import Run

if TYPE_CHECKING:
    import pandas as pd

    from sibmodel.running.results import Result

RECORD = b"sibmodel.record"
"""Key of the record among the file's own notes."""
INPUT = "input:"
"""Before the address of an uncertain number, so that no column has the name of a measure."""
ROWS = 65_536
"""Trials in a row group, which readers take in one piece."""


def keep(result: Result, path: str | Path) -> None:
    """Write every measure and every uncertain input of every trial, a row a trial, to a Parquet file.

    Columns are measures by name, and inputs by address after `input:`; the record of the run, as JSON, is in the file's
    notes under `sibmodel.record`. Memory does not grow with trials. The file appears whole or not at all. Raises
    SibmodelError if it cannot be written.
    """
    from pyarrow import ArrowException

    target = Path(path)
    part = target.parent / f".sibmodel.{os.getpid()}.part"
    try:
        _write(result, part)
        part.replace(target)
    except (OSError, ArrowException, ValueError) as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        why = getattr(error, "strerror", None) or str(error)
        raise SibmodelError(f"{path}: cannot be written ({why}); name a file in a folder that exists") from None


def _write(result: Result, path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    notes = {RECORD: json.dumps(result.record.as_dict(), ensure_ascii=False, default=str).encode()}
    run = Run(result.scenario, result.record.trials, result.record.seed)
    names = [*result.values, *(f"{INPUT}{address}" for address in next(run.parts(0)).inputs)]
    schema = pa.schema([pa.field(name, pa.float64()) for name in names], metadata=notes)
    with path.open("wb") as file, pq.ParquetWriter(file, schema) as writer:
        for first, inputs in _inputs(run):
            last = min(first + ROWS, run.count)
            columns = [result.values.part(name, first, last) for name in result.values]
            writer.write_table(pa.table([*columns, *inputs.values()], schema=schema))


def _inputs(run: Run) -> Iterator[tuple[int, dict[str, FloatArray]]]:
    """The inputs of a row group after the other, with the number of its first trial."""
    blocks = ROWS // run.block
    for start in range(0, run.blocks, blocks):
        parts = [trials for block in range(start, min(start + blocks, run.blocks)) for trials in run.parts(block)]
        yield parts[0].first, {name: np.concatenate([p.inputs[name] for p in parts]) for name in parts[0].inputs}


def kept_trials(path: str | Path) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Trials that were kept, a row a trial, and the record of their run.

    Raises SibmodelError if the file is none of these.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.read_table(path)
    except (OSError, pa.ArrowException) as error:
        raise SibmodelError(f"{path}: cannot be read as Parquet ({str(error)[:80]})") from None
    notes = table.schema.metadata or {}
    if RECORD not in notes:
        raise SibmodelError(f"{path}: has no record of a run; it was not written by 'sibmodel run --keep'")
    return table.to_pandas().rename_axis("trial"), json.loads(notes[RECORD])
