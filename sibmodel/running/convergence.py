"""How a measure's statistics settle as trials are added."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.measures.values import Values
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary, summarise

if TYPE_CHECKING:
    import pandas as pd

HALVINGS = 8
"""The first row has so many times half as many trials as the last, if that is enough of them."""
FEWEST = 50


@dataclass(frozen=True)
class Convergence:
    """A measure after more and more of the same trials. Prints itself as a table.

    `steps` maps a number of trials to what the first so many say; the last is all. Where trials come in replicates, as
    many whole replicates, two at least.
    """

    result: Result
    measure: str
    steps: dict[int, Summary]

    def to_frame(self) -> pd.DataFrame:
        """A row for each number of trials: mean and percentiles with their standard errors."""
        import pandas as pd

        rows = {count: summary.as_dict() for count, summary in self.steps.items()}
        frame = pd.DataFrame.from_dict(rows, orient="index").rename_axis("trials")
        return frame.drop(columns=["base", "unit", "label", "status", "base_status"], errors="ignore")

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel convergence --json`."""
        steps = [{"trials": count} | summary.as_dict() for count, summary in self.steps.items()]
        return {"record": self.result.record.as_dict(), "measure": self.measure, "steps": steps}

    def __str__(self) -> str:
        from sibmodel.report.convergence_story import convergence_story
        from sibmodel.report.terminal import as_text

        return as_text(convergence_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.convergence_story import convergence_story
        from sibmodel.report.terminal import as_html

        return as_html(convergence_story(self))


def convergence(result: Result, measure: str) -> Convergence:
    """What fewer of the same trials would have said of a measure.

    Raises UnknownNameError if there is no such measure, or none with a value in every trial.
    """
    whole = result.simulated(measure)
    values = result.values[measure]
    steps = {}
    for count, replicates in _counts(values.size, result.replicates):
        base = Values(np.array([np.nan if whole.base is None else whole.base]), whole.unit, whole.label)
        steps[count] = summarise(base, values[:count], replicates)
    return Convergence(result, measure, steps)


def _counts(trials: int, replicates: int) -> Iterator[tuple[int, int]]:
    """Numbers of trials, and of replicates, that double up to all."""
    parts = replicates if replicates > 1 else 2**HALVINGS
    some = 1
    while some < parts:
        count = trials * some // parts
        if count >= FEWEST and (replicates == 1 or some > 1):
            yield count, some if replicates > 1 else 1
        some *= 2
    yield trials, replicates
