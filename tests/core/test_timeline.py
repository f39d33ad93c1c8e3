"""Dates of periods, financial years and month ends, and sums over time."""

import datetime as dt

import numpy as np
import pytest

from sibmodel.core.timeline import Timeline, add_months, financial_year, over_time


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (dt.date(2020, 1, 15), 1, dt.date(2020, 2, 15)),
        (dt.date(2020, 1, 31), 1, dt.date(2020, 2, 29)),
        (dt.date(2021, 1, 31), 1, dt.date(2021, 2, 28)),
        (dt.date(2021, 1, 30), 1, dt.date(2021, 2, 28)),
        (dt.date(2021, 1, 30), 2, dt.date(2021, 3, 30)),
        # the last day of a month stays one, even where the month begun in is the shorter
        (dt.date(2021, 2, 28), 1, dt.date(2021, 3, 31)),
        (dt.date(2020, 2, 28), 1, dt.date(2020, 3, 28)),
        (dt.date(2020, 2, 29), 12, dt.date(2021, 2, 28)),
        (dt.date(2020, 4, 30), 1, dt.date(2020, 5, 31)),
        (dt.date(2020, 12, 31), 2, dt.date(2021, 2, 28)),
        (dt.date(2020, 6, 10), 0, dt.date(2020, 6, 10)),
        (dt.date(2020, 11, 5), 14, dt.date(2022, 1, 5)),
    ],
)
def test_months_are_added_to_a_date(day: dt.date, months: int, expected: dt.date) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("day", "year"),
    [
        (dt.date(2015, 3, 31), "2014/15"),
        (dt.date(2015, 4, 1), "2015/16"),
        (dt.date(2015, 12, 31), "2015/16"),
        (dt.date(1999, 4, 1), "1999/00"),
        (dt.date(2009, 1, 1), "2008/09"),
    ],
)
def test_a_financial_year_begins_in_april(day: dt.date, year: str) -> None:
    assert financial_year(day) == year


def test_quarters_from_the_end_of_march() -> None:
    timeline = Timeline(signing=dt.date(2015, 3, 31), period="quarter", periods=5)
    assert timeline.ends == (
        dt.date(2015, 3, 31),
        dt.date(2015, 6, 30),
        dt.date(2015, 9, 30),
        dt.date(2015, 12, 31),
        dt.date(2016, 3, 31),
        dt.date(2016, 6, 30),
    )
    assert timeline.financial_years == ("2014/15", "2015/16", "2015/16", "2015/16", "2015/16", "2016/17")
    assert timeline.years.tolist() == [0, 0.25, 0.5, 0.75, 1, 1.25]
    assert timeline.contract_years.tolist() == [0, 0, 0, 0, 0, 1]
    assert timeline.month_ends.tolist() == [0, 3, 6, 9, 12, 15]
    assert timeline.months == 15


@pytest.mark.parametrize(("period", "per_year"), [("month", 12), ("quarter", 4), ("half_year", 2), ("year", 1)])
def test_contract_years_change_after_a_whole_year(period: str, per_year: int) -> None:
    timeline = Timeline.model_validate({"signing": dt.date(2020, 1, 1), "period": period, "periods": 3 * per_year})
    assert timeline.contract_years.tolist() == [0.0, *[0.0] * per_year, *[1.0] * per_year, *[2.0] * per_year]
    assert timeline.per_year == per_year


def test_a_sum_over_time_is_the_same_for_one_trial_and_for_many() -> None:
    flows = np.random.default_rng(1).normal(size=(200, 50)) * 1e6
    together = over_time(flows)
    alone = [over_time(flows[:, [trial]])[0] for trial in range(50)]
    assert together.tolist() == alone
    assert together == pytest.approx(flows.sum(axis=0), rel=1e-9)


def test_a_signing_on_the_first_makes_calendar_months() -> None:
    timeline = Timeline(signing=dt.date(2015, 4, 1), period="quarter", periods=4)
    assert [day.isoformat() for day in timeline.ends] == [
        "2015-04-01",
        "2015-06-30",
        "2015-09-30",
        "2015-12-31",
        "2016-03-31",
    ]
    assert set(timeline.financial_years) == {"2015/16"}
