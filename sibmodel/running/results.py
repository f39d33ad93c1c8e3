"""What a run found, with the evidence for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import UnknownNameError
from sibmodel.measures.horizon import after_the_end
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books
from sibmodel.running.columns import Columns
from sibmodel.running.record import Record
from sibmodel.running.statistics import Summary, summarise
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class CapUse:
    """One cap: its limit, what was forgone, in pounds over the contract, how often it bound, and when.

    `bound_by_year` is the share of futures in which it bound in a financial year; years in which it never did are left
    out, `_se` are standard errors. `base_bound_in` are the periods in which it bound in the base case.
    """

    limit: float
    base_forgone: float
    mean_forgone: float
    mean_forgone_se: float | None
    bound_share: float
    bound_share_se: float | None
    bound_by_year: Mapping[str, float]
    base_bound_in: list[int]


@dataclass(frozen=True)
class Result:
    """A scenario simulated. Prints itself as a report in a terminal and in a notebook.

    `measures` by name; `values` the same in every trial, shape (trials,); `if_nothing` the measures of the first 20,480
    trials at most if the programme changes nothing; `payments` outcome payments by (financial year, payer), shape
    (trials,), with `base_payments` in the base case; `paid_by_year` those of all payers together; `cashable_savings`
    commissioners' own by financial year, in pounds of the year, shape (trials,); `investors_cumulative` what all
    investors have received less what they have put in, up to each period, shape (periods, trials), of the first 20,480
    trials at most; `base` the books of the base case. `replicates` is how many independent parts the trials fall into;
    1 where each is independent.
    """

    scenario: Scenario
    record: Record
    measures: Mapping[str, Summary]
    values: Columns[str]
    if_nothing: Mapping[str, Summary]
    payments: Mapping[tuple[str, str], FloatArray]
    paid_by_year: Mapping[str, Summary]
    cashable_savings: Mapping[str, FloatArray]
    base_payments: Mapping[tuple[str, str], float]
    caps: Mapping[str, CapUse]
    investors_cumulative: FloatArray
    base: Books
    replicates: int = 1

    def __getitem__(self, name: str) -> Summary:
        try:
            return self.measures[name]
        except KeyError:
            raise UnknownNameError(f"no measure called '{name}'; {nearest(name, self.measures)}") from None

    def share(self, happens: npt.NDArray[np.bool_], among: npt.NDArray[np.bool_] | None = None) -> Summary:
        """The share of trials in which something happens, both (trials,), of all or of some; with its error."""
        counted = np.where(True if among is None else among, happens, np.nan)
        return summarise(Values(np.array([np.nan]), "probability", ""), counted, self.replicates)

    def simulated(self, name: str) -> Summary:
        """A measure that has a value in every trial. Raises UnknownNameError for one of all trials together."""
        summary = self[name]
        if name not in self.values:
            raise UnknownNameError(f"'{name}' is worked out from all trials together; {nearest(name, self.values)}")
        return summary

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel run --json`."""
        return {
            "scenario": self.scenario.title,
            "record": self.record.as_dict(),
            "measures": {name: summary.as_dict() for name, summary in self.measures.items()},
            "if_nothing": {name: summary.as_dict() for name, summary in self.if_nothing.items()},
            "payments": list(self._payment_rows()),
            "caps": {address: asdict(use) for address, use in self.caps.items()},
            "after_the_end": self.after_the_end,
        }

    @property
    def after_the_end(self) -> dict[str, float]:
        """What the base case's timeline cuts off: payments earned but due later, people still on the programme."""
        return after_the_end(self.base)

    def _payment_rows(self) -> Iterator[dict[str, Any]]:
        for (year, payer), paid in self.payments.items():
            base = pounds(np.array([self.base_payments[year, payer]]), "")
            found = summarise(base, paid, self.replicates).as_dict()
            yield {"financial_year": year, "payer": payer} | {
                key: found[key] for key in ("base", "mean", "se", "p5", "p5_se", "p50", "p50_se", "p95", "p95_se")
            }

    def to_frame(self) -> pd.DataFrame:
        """Measures as a table, a row each."""
        import pandas as pd

        rows = {name: summary.as_dict() for name, summary in self.measures.items()}
        return pd.DataFrame.from_dict(rows, orient="index").drop(columns=["status"], errors="ignore")

    def trials_frame(self) -> pd.DataFrame:
        """Every measure in every trial: a row a trial, a column a measure."""
        import pandas as pd

        return pd.DataFrame(dict(self.values)).rename_axis("trial")

    def keep(self, path: str | Path) -> None:
        """Write every measure and uncertain input of every trial, with the record, to a Parquet file.

        Columns are measures by name, and inputs as `input:ADDRESS`. Raises SibmodelError if it cannot be written.
        """
        from sibmodel.running.trials_file import keep

        keep(self, path)

    def payments_frame(self) -> pd.DataFrame:
        """Outcome payments by financial year and payer: base, mean and percentiles in nominal pounds."""
        import pandas as pd

        return pd.DataFrame(list(self._payment_rows())).set_index(["financial_year", "payer"])

    def __str__(self) -> str:
        from sibmodel.report.story import story
        from sibmodel.report.terminal import as_text

        return as_text(story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.story import story
        from sibmodel.report.terminal import as_html

        return as_html(story(self))
