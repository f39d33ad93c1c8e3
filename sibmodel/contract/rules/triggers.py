"""Sums that do not depend on how much: standing charges, triggers, and the greater of several rules."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Field, field_validator

from sibmodel.contract.rules.base import TermBase, Words
from sibmodel.core.conditions import When, holds, read_anew
from sibmodel.core.quantity import Amount, AmountByPeriod
from sibmodel.core.reading import Seen, Span
from sibmodel.core.schema import ASKED, MonthOnTimeline, wrong
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials


class StandingChargeTerms(TermBase):
    """A sum paid by the calendar, whatever the outcomes."""

    sees_its_own: ClassVar[bool] = False

    rule: Literal["standing_charge"]
    """A sum by the calendar."""
    amount: AmountByPeriod
    """Pounds each time."""
    every_months: Annotated[MonthOnTimeline | None, Field(ge=1)] = None
    """Months from one payment to the next; every period if not given. The first is that long after `from_month`."""

    @property
    def outcomes(self) -> tuple[str, ...]:
        """None."""
        return ()

    def owed(self, seen: Seen) -> FloatArray:
        """The amount in every period in which it is due."""
        months = seen.timeline.month_ends - self.from_month
        every = self.every_months or seen.timeline.period_months
        return np.asarray(((months > 0) & (months % every == 0))[:, None] * self.amount.over(seen.trials))

    def in_words(self, words: Words) -> str:
        """The sum and how often."""
        often = "period" if self.every_months is None else f"{self.every_months} months"
        return f"{words.pounds(self.amount)} every {often}, whatever the outcomes"


class TriggerTerms(TermBase):
    """A sum paid if conditions are met: all or nothing."""

    sees_its_own: ClassVar[bool] = False

    rule: Literal["trigger"]
    """A sum if conditions are met."""
    amount: Amount
    """Pounds each time."""
    pays: Literal["each_time", "once"] = "each_time"
    """At every reading at which the conditions hold, or only the first time."""
    when: Annotated[When | None, ASKED] = None
    """The conditions; a trigger must have one."""

    @field_validator("when")
    @classmethod
    def _conditions(cls, when: Any) -> Any:
        if when is None:
            raise wrong("nothing says when the sum is paid", "give 'when' with a condition")
        return when

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Those that the conditions read."""
        return tuple(dict.fromkeys(self.condition_names))

    @property
    def span(self) -> Span:
        """A sum paid once is owed over the contract."""
        return "contract" if self.pays == "once" and self.each is None else "window"

    def owed(self, seen: Seen) -> FloatArray:
        """The amount wherever a condition is read and all that must hold do."""
        if self.when is None:  # the schema refuses it
            raise TypeError("no condition")
        fires = read_anew(self.when, seen.everything) & holds(self.when, seen.everything)
        return np.where(fires, self.amount.over(seen.trials), 0.0)

    def most(self, trials: Trials) -> FloatArray:
        """The amount, if it is paid once."""
        return self.amount.over(trials) if self.span == "contract" else super().most(trials)

    def in_words(self, words: Words) -> str:
        """The sum and how often."""
        often = "once" if self.pays == "once" else "at each reading"
        return f"{words.pounds(self.amount)} {often}, all or nothing"
