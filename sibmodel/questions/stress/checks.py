"""What a line of the battery says: its figures, its verdict, and the limits from which it warns or fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
import numpy.typing as npt

from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.values import Unit, Values
from sibmodel.running.statistics import interval, summarise

if TYPE_CHECKING:
    import pandas as pd

Verdict = Literal["pass", "warn", "fail", "does not apply"]
ORDER: Final[tuple[Verdict, ...]] = ("does not apply", "pass", "warn", "fail")

Columns = Mapping[str, FloatArray]
"""By name, a number in every trial, (trials,); not a number where a trial has none."""


@dataclass(frozen=True)
class Limit:
    """From where a line warns and fails: its figure above `warn` or `fail`, and why there."""

    figure: str
    warn: float
    fail: float
    why: str


LIMITS: Final[Mapping[str, Limit]] = {
    "nothing": Limit(
        "share_paid",
        0.05,
        0.2,
        "mean payment for nothing (without standing charges and floors) as a share of the mean payment as it may turn "
        "out: one pound in twenty is the usual size of a test; from one in five on the payer buys what is there anyway",
    ),
    "working": Limit(
        "chance_of_nothing",
        0.05,
        0.2,
        "chance that a term pays nothing though the programme works: studies are planned for a power of 80 %, so that "
        "one effect in five is missed",
    ),
    "better": Limit("drop", 0.01, 0.01, "pounds by which a better outcome is paid less: none may be, beyond a penny"),
    "cliffs": Limit(
        "share_of_most",
        0.1,
        0.25,
        "share of all payment that hangs on one person or one step of an effect: from a quarter on, one case decides "
        "more than a year of a four-year contract",
    ),
    "marginal": Limit(
        "flat_share",
        0.0,
        0.99,
        "share of the outcomes paid for of which next to nothing more is paid at the plan (all of them, if that is so "
        "of all together): one is a warning, all is a failure",
    ),
    "most": Limit(
        "excess",
        0.01,
        0.01,
        "pounds found above the most that the contract states: none may be, beyond a penny. Nothing stated is a "
        "warning",
    ),
    "saving": Limit(
        "chance",
        0.1,
        0.5,
        "chance that a payer pays more than it saves: one in ten is a risk to name; more likely than not is a bad "
        "bargain",
    ),
    "groups": Limit(
        "gain_share",
        0.1,
        0.3,
        "what one person of the best group brings more than one of the worst, as a share of the payment for a person: "
        "providers' usual margins are a tenth, and nobody turns down three",
    ),
    "caps": Limit(
        "chance",
        0.05,
        0.25,
        "chance that caps take away more than 1 % of what is earned before the end: one future in twenty, one in four",
    ),
    "budget": Limit(
        "chance",
        0.05,
        0.2,
        "chance that a year's payments exceed its budget: budgets are commonly set at P80, cautious ones at P95",
    ),
    "ending": Limit(
        "extra_share",
        0.1,
        0.5,
        "share of the money that investors have put in which the end costs them (what they lose more than without it) "
        "in the base case at the worst date: the end is the payer's choice and no outcome, so investors should get "
        "most of it back",
    ),
    "leaving": Limit(
        "extra_share",
        0.1,
        0.5,
        "the same if the payer whose leaving is worst stops paying: from half on the bond is a loan to that payer",
    ),
}
"""The thresholds of all lines: a judgement, stated once."""


@dataclass(frozen=True)
class Figure:
    """A number of a line: in the base case, and its mean over `trials` futures with its standard error.

    A chance is the mean of what is 1 or 0 in each future. None stands for what there is not.
    """

    words: str
    unit: Unit
    base: float | None = None
    mean: float | None = None
    se: float | None = None
    trials: int = 0

    @property
    def value(self) -> float | None:
        """The mean, or the base case's where nothing was simulated."""
        return self.base if self.mean is None else self.mean


@dataclass(frozen=True)
class Counterexample:
    """Two sets of verified outcomes, and what the contract pays for them: `rows` as `sibmodel pay` reads them."""

    words: str
    rows: tuple[VerifiedRow, ...]
    pays: float
    better: tuple[VerifiedRow, ...] = ()
    better_pays: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "words": self.words,
            "rows": [row.model_dump(exclude_none=True) for row in self.rows],
            "pays": self.pays,
            "better": [row.model_dump(exclude_none=True) for row in self.better],
            "better_pays": self.better_pays,
        }


Row = tuple[str, Mapping[str, Figure]]
"""What a row of a table is about, and its figures."""


@dataclass(frozen=True)
class Check:
    """One line: `numbers` by name, `rows` of the same kind of figures (by date, payer, group …), and what was found.

    `said` are words for the sentence that are no figures, such as the name of a term. `reason` is why a line does not
    apply.
    """

    name: str
    title: str
    verdict: Verdict
    numbers: Mapping[str, Figure] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    said: Mapping[str, str] = field(default_factory=dict)
    counterexample: Counterexample | None = None
    reason: str = ""

    @property
    def sentence(self) -> str:
        """What was found, in words, each simulated figure with its standard error."""
        from sibmodel.report.stress_words import sentence

        return sentence(self)

    def to_frame(self) -> pd.DataFrame:
        """The figures of its rows: base case, mean and standard error of each."""
        import pandas as pd

        rows = {of: {(name, what): getattr(one, what) for name, one in some.items() for what in ("base", "mean", "se")}
                for of, some in self.rows}  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index")

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        limit = LIMITS[self.name]
        return {
            "name": self.name,
            "title": self.title,
            "verdict": self.verdict,
            "sentence": self.sentence,
            "limit": asdict(limit),
            "numbers": {name: asdict(figure) for name, figure in self.numbers.items()},
            "rows": [{"of": of, **{name: asdict(f) for name, f in some.items()}} for of, some in self.rows],
            "said": dict(self.said),
            "counterexample": None if self.counterexample is None else self.counterexample.as_dict(),
        }


def judged(name: str, figure: Figure) -> Verdict:
    """Fail where the figure lies above its limit by more than noise (1.96 standard errors), warn where it lies above.

    A figure above the limit of failure within noise warns only.
    """
    limit, value = LIMITS[name], figure.value
    if value is None:
        return "pass"
    low = value if figure.mean is None or not figure.se else interval(value, figure.se)[0]
    if low > limit.fail:
        return "fail"
    return "warn" if value > limit.warn else "pass"


def worst(verdicts: list[Verdict]) -> Verdict:
    """The worst of several."""
    return max(verdicts, key=ORDER.index, default="does not apply")


def worst_row(line: str, rows: Sequence[Row], *figures: str) -> Row:
    """The row with the worst verdict by its first figure; of several the one with most of that, then of the next."""

    def key(row: Row) -> tuple[float, ...]:
        return ORDER.index(judged(line, row[1][figures[0]])), *(round(row[1][f].value or 0.0, 9) for f in figures)

    return max(rows, key=key)


def not_applicable(name: str, title: str, reason: str) -> Check:
    """A line that has nothing to look at."""
    return Check(name, title, "does not apply", reason=reason)


@dataclass(frozen=True)
class Found:
    """What was looked at in the base case and in all trials, column by column.

    `replicates` is 1 for the first of the trials only, which are no whole replicates: they count as independent.
    """

    base: Columns
    trials: Columns
    replicates: int = 1

    def figure(self, name: str, words: str, unit: Unit = "£") -> Figure:
        """A column's base case, and its mean over the trials that have it."""
        return self.of(lambda some: some[name], words, unit)

    def of(self, make: Callable[[Columns], FloatArray], words: str, unit: Unit = "£") -> Figure:
        """The same of what is made of columns."""
        base, values = make(self.base), make(self.trials)
        found = summarise(Values(base, unit, words), values, self.replicates)
        return Figure(words, unit, found.base, found.mean, found.se, found.defined)

    def chance(self, make: Callable[[Columns], npt.NDArray[np.bool_]], words: str) -> Figure:
        """How often something is so."""
        return self.of(lambda some: make(some).astype(np.float64), words, "probability")
