"""Timing functions against examples done by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodel.core.timeline import FloatArray
from sibmodel.core.timing import delay, delay_weights, fading_weights, live_weights, present_weights, spread


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
