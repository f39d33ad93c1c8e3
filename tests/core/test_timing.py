"""Timing functions against examples done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodel.core.timeline import FloatArray
from sibmodel.core.timing import (
    delay,
    delay_weights,
    fading_weights,
    kept,
    live,
    live_weights,
    present_weights,
    spread,
)


def one(value: float) -> FloatArray:
    return np.array([[value]])


def column(*values: float) -> FloatArray:
    return np.array(values)[:, None]


def test_a_whole_delay_moves() -> None:
    assert delay(column(1, 2, 3, 4), one(2)).ravel().tolist() == [0, 0, 1, 2]


def test_a_broken_delay_is_shared_by_two_neighbours() -> None:
    assert delay(column(8, 0, 0, 0), one(1.5)).ravel().tolist() == [0, 4, 4, 0]
    assert delay(column(8, 0, 0, 0), one(0.25)).ravel().tolist() == [6, 2, 0, 0]


def test_what_arrives_after_the_end_is_lost() -> None:
    assert delay(column(0, 0, 1), one(0.5)).ravel().tolist() == [0, 0, 0.5]
    assert delay(column(1, 1, 1), one(90)).ravel().tolist() == [0, 0, 0]


def test_every_trial_has_its_own_delay() -> None:
    assert delay(column(1, 0, 0), np.array([[0.0, 1.0, 1.5]])).T.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0.5, 0.5]]


@given(st.floats(0, 20))
def test_a_delay_loses_nothing(lag: float) -> None:
    assert delay_weights(one(lag), 40).sum() == pytest.approx(1, abs=1e-12)


def test_a_stay_of_two_and_a_half_periods() -> None:
    assert present_weights(one(2.5), 6).ravel().tolist() == [1, 1, 0.5]
    assert present_weights(one(0), 6).ravel().tolist() == [0]
    assert spread(column(0, 10, 0, 0), present_weights(one(1.5), 4)).ravel().tolist() == [0, 10, 5, 0]


def test_live_from_a_half_to_two_and_a_half() -> None:
    assert live_weights(one(0.5), one(2), 6).ravel().tolist() == [0, 0.5, 1, 0.5]


@given(st.floats(0, 10), st.floats(0, 10))
def test_live_as_long_as_it_lasts(lag: float, lasts: float) -> None:
    live = live_weights(one(lag), one(lasts), 40)
    assert live.sum() == pytest.approx(lasts, abs=1e-12)
    assert live.min() >= 0
    assert live.max() <= 1


def test_kept_steps_down_at_each_anniversary() -> None:
    # two periods a year, begun at once: ages 1 and 2 are its first year
    assert fading_weights(np.ones((7, 1)), one(0), one(0.5), 2).ravel().tolist() == [1, 1, 1, 0.5, 0.5, 0.25, 0.25]
    assert fading_weights(np.ones((7, 1)), one(1), one(0.5), 2).ravel().tolist() == [1, 1, 1, 1, 0.5, 0.5, 0.25]
    assert fading_weights(np.ones((4, 1)), one(0), one(0), 1).ravel().tolist() == [1, 1, 0, 0]


def test_spread_is_a_convolution() -> None:
    assert spread(column(1, 2, 3), column(1, 10)).ravel().tolist() == [1, 12, 23]


def test_ten_who_stay_for_a_period_and_a_half_from_a_quarter_on() -> None:
    """They begin evenly over the period after the lag: 0.75 of it at first, half of it in the second last."""
    people = live(column(0, 10, 0, 0, 0, 0), one(0.25), one(1.5)).ravel().tolist()
    # from 0.25 to 1.75 periods after period 1 ends: 0.75 of period 2, 0.75 of period 3
    assert people == [0, 0, 7.5, 7.5, 0, 0]
    assert kept(column(0, 10, 0, 0, 0, 0), one(0.25), one(1.5), one(1), 4).ravel().tolist() == people


@given(
    st.lists(st.floats(0, 1000), min_size=1, max_size=12),
    st.lists(st.tuples(st.floats(0, 14), st.floats(0, 14)), min_size=1, max_size=4),
)
def test_all_that_has_begun_less_all_that_has_ended_is_the_sum_over_ages(
    people: list[float], timing: list[tuple[float, float]]
) -> None:
    series = column(*people)
    lag, lasts = (np.array([[pair[i] for pair in timing]]) for i in (0, 1))
    found = live(series, lag, lasts)
    assert found == pytest.approx(spread(series, live_weights(lag, lasts, len(series))), abs=1e-9)
    for i, (own_lag, own_lasts) in enumerate(timing):
        alone = live(series, one(own_lag), one(own_lasts))
        assert alone.tobytes() == np.ascontiguousarray(found[:, i : i + 1]).tobytes()


def test_what_fades_is_the_sum_over_ages_with_fading_weights() -> None:
    series, lag, lasts = column(5, 1, 4, 0, 2, 3, 1, 0), one(0.5), one(6)
    weights = fading_weights(live_weights(lag, lasts, 8), lag, one(0.5), 2)
    assert np.array_equal(kept(series, lag, lasts, one(0.5), 2), spread(series, weights))


def test_what_lasts_far_beyond_the_end_takes_no_more_memory() -> None:
    """A million periods: nothing that begins has ended, so all that began after the lag of one is there."""
    lasts = np.array([[2.0, 1e6, 1e9]])
    found = live(column(5, 1, 4), one(0), lasts)
    assert found[:, 1:].T.tolist() == [[0, 5, 6], [0, 5, 6]]
    assert found[:, 0].tolist() == [0, 5, 6]
