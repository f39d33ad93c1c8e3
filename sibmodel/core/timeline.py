"""Periods, their dates, and the financial years they fall in."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Hashable, Iterable, Sequence
from functools import cached_property, lru_cache
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import AfterValidator, Field

from sibmodel.core.schema import Day, Model, Whole, wrong

FloatArray = npt.NDArray[np.float64]

PeriodLength = Literal["month", "quarter", "half_year", "year"]
PERIOD_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}


def _of_our_time(day: dt.date) -> dt.date:
    """Refuse slips such as year 0202, which no calendar of the answer could show."""
    if not 1900 <= day.year < 2200:
        raise wrong(f"{day} is in year {day.year}", "the year must be 1900 to 2199")
    return day


class Timeline(Model):
    """The day of signing (period 0) and the periods 1…T that follow it."""

    signing: Annotated[Day, AfterValidator(_of_our_time)]
    """The day of signing (period 0), written 2026-04-01 without quotes; years 1900 to 2199."""
    period: PeriodLength = "quarter"
    """How long a period is. Every payment falls on the last day of one."""
    periods: Annotated[Whole, Field(ge=1, le=600)]
    """How many periods follow signing."""

    def longer(self, periods: int) -> Timeline:
        """The same with some more periods."""
        return _known(self.signing, self.period, self.periods + periods)

    @property
    def period_months(self) -> int:
        """Months in a period."""
        return PERIOD_MONTHS[self.period]

    @property
    def per_year(self) -> int:
        """Periods in a year."""
        return 12 // self.period_months

    @property
    def months(self) -> int:
        """Months from signing to the end."""
        return self.periods * self.period_months

    @cached_property
    def ends(self) -> tuple[dt.date, ...]:
        """Date of period 0 and last day of each period, length T + 1."""
        first_period_begins = self.signing.day == 1  # then periods are calendar months and end the day before
        ends = (add_months(self.signing, int(months)) for months in self.month_ends[1:])
        return (self.signing, *(end - dt.timedelta(days=1) if first_period_begins else end for end in ends))

    @cached_property
    def years(self) -> FloatArray:
        """Years from signing to each period's flows, shape (periods + 1,)."""
        return np.arange(self.periods + 1) / self.per_year

    @cached_property
    def contract_years(self) -> FloatArray:
        """Whole years completed before each period, shape (periods + 1,); periods 0 and 1 are in year 0."""
        return np.maximum(np.arange(self.periods + 1) - 1, 0) // self.per_year * 1.0

    @cached_property
    def month_ends(self) -> npt.NDArray[np.int64]:
        """Months from signing to the end of each period, shape (periods + 1,)."""
        return np.arange(self.periods + 1) * self.period_months

    @cached_property
    def financial_years(self) -> tuple[str, ...]:
        """April-to-March year of each period's last day, length T + 1."""
        return tuple(financial_year(day) for day in self.ends)


@lru_cache(maxsize=64)
def _known(signing: dt.date, period: PeriodLength, periods: int) -> Timeline:
    """A timeline by what it says: its calendar is worked out once, though every block of trials asks for it."""
    return Timeline.model_construct(signing=signing, period=period, periods=periods)


def over_time(by_period: FloatArray) -> FloatArray:
    """Sum over periods, one after the other, shape (trials,).

    NumPy's own sum adds up in another order for a single trial than for many, so that a trial's last bits would
    depend on how many there are. Of whole rows of several trials it adds up row after row too, and faster.
    """
    if by_period.ndim == 2 and by_period.shape[1] > 1 and by_period.flags.c_contiguous:
        return np.asarray(np.add.reduce(by_period, axis=0, initial=0.0))
    if by_period.ndim == 2 and by_period.shape[1] == 1 and len(by_period):
        return np.asarray(np.add.accumulate(by_period, axis=0, dtype=np.float64)[-1] + 0.0)
    out = np.zeros(by_period.shape[1:])
    for row in by_period:
        out += row
    return out


def weighed(by_period: FloatArray, factors: FloatArray) -> FloatArray:
    """Sum over periods of a flow times a factor for each period, (1 or trials,).

    Flows are (1 or periods, 1 or trials), factors (periods,). The same bits as `over_time` of the product, which would
    be written to memory and read again.
    """
    if by_period.shape[1] == 1 or len(by_period) < len(factors) or by_period.strides[0] == 0:
        return over_time(by_period * factors[:, None])
    return np.asarray(np.einsum("t,tn->n", factors, by_period))


def summed(terms: Iterable[tuple[np.ufunc, FloatArray]], new: bool = True) -> FloatArray:
    """Arrays added up or subtracted one after the other, new in memory; a zero of shape (1, 1) if there are none.

    Memory is taken once, as fresh memory costs more than adding up, and rows of nothing are passed over. If it need
    not be `new`, the only array that is not nothing is its own sum, which nobody may write to.
    """
    first: FloatArray | None = None  # belongs to somebody else, so that nothing may be written to it
    out: FloatArray | None = None
    nothing = np.zeros((1, 1))
    for how, array in terms:
        if array.shape[-1] == 1 and not array.any():
            nothing = nothing if len(nothing) >= len(array) and nothing.ndim >= array.ndim else array
        elif out is not None:
            out = added(out, array, how)
        elif first is not None:
            out, first = np.asarray(how(first, array)), None
        elif how is np.add:
            first = array
        else:
            out = np.asarray(how(0.0, array))
    if first is not None and not new and np.broadcast_shapes(first.shape, nothing.shape) == first.shape:
        return first
    if first is not None or out is None:
        return np.asarray(nothing + (0.0 if first is None else first))
    return out if len(out) >= len(nothing) and out.ndim >= nothing.ndim else out + nothing


def added(out: FloatArray, more: FloatArray, how: np.ufunc = np.add) -> FloatArray:
    """Their sum (or another function), in the memory of `out` where it fits: `out` must belong to the caller alone."""
    fits = out.shape == more.shape or (
        out.ndim == more.ndim and all(own in (1, size) for own, size in zip(more.shape, out.shape, strict=True))
    )
    return np.asarray(how(out, more, out=out) if fits else how(out, more))


def times(array: FloatArray, factor: FloatArray) -> FloatArray:
    """The product, to be read only: the array itself where the factor is 1 throughout and does not make it larger."""
    shape = np.broadcast_shapes(array.shape, factor.shape)
    return array if shape == array.shape and (factor == 1.0).all() else array * factor


def narrow(array: FloatArray) -> FloatArray:
    """The same without the rows and columns that broadcasting only repeats: they are worked on once."""
    if array.ndim == 2 and array.shape[1] > 1 and array.strides[1] == 0:
        array = array[:, :1]
    return array[:1] if len(array) > 1 and array.strides[0] == 0 else array


def rows(array: FloatArray, some: slice) -> FloatArray:
    """Some periods of an array, or its only row, which stands for all."""
    return array[some] if len(array) > 1 else array


def bits_of(array: FloatArray) -> int:
    """The highest bits of any number, read as a whole number.

    The bits of numbers above nought rise with them; with a minus, or if it is not a number, they are higher than all of
    these. So one look at an array tells whether it is nothing but noughts, and whether all that it holds is sound.
    """
    return int(array.view(np.uint64).max())


def same(one: FloatArray, other: FloatArray) -> bool:
    """Whether two arrays are one in memory, whatever broadcasting repeats."""
    if one is other:
        return True
    one, other = narrow(one), narrow(other)
    steps = zip(one.shape, one.strides, other.strides, strict=False)
    if one.shape != other.shape or any(size > 1 and step != further for size, step, further in steps):
        return False
    return bool(one.__array_interface__["data"][0] == other.__array_interface__["data"][0])


def first_of(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The first period that is marked, (trials,); 0 where none is. Like NumPy's argmax, but fast down columns."""
    ahead = np.arange(len(marks), 0, -1, dtype=np.int16)[:, None]
    most = (marks * ahead).max(axis=0)
    return np.where(most > 0, len(marks) - most, 0).astype(np.int64)


def last_of(marks: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """The last period that is marked, (trials,); −1 where none is."""
    so_far = np.arange(1, len(marks) + 1, dtype=np.int16)[:, None]
    return np.asarray((marks * so_far).max(axis=0), dtype=np.int64) - 1


def running_total(by_period: FloatArray, spans: Sequence[Hashable] | None = None) -> FloatArray:
    """Sum up to each period, shape of `by_period`; row by row, which is faster than NumPy along this axis.

    With `spans`, a label for each period, the sum begins anew where the label changes.
    """
    return accumulated(by_period.astype(np.float64), spans)


def accumulated(out: FloatArray, spans: Sequence[Hashable] | None = None) -> FloatArray:
    """The same in the memory of `out`, which must belong to the caller alone."""
    for t in range(1, len(out)):
        if spans is None or spans[t] == spans[t - 1]:
            out[t] += out[t - 1]
    return out


def add_months(day: dt.date, months: int) -> dt.date:
    """`day` moved by whole months; the last day of a month stays a last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    is_last = day.day == calendar.monthrange(day.year, day.month)[1]
    return dt.date(year, month + 1, last if is_last else min(day.day, last))


def financial_year(day: dt.date) -> str:
    """The UK public sector's year from 1 April to 31 March, written 2015/16."""
    start = day.year if day.month >= 4 else day.year - 1
    return f"{start}/{(start + 1) % 100:02d}"
