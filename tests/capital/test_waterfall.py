"""Dividing money that is not enough, by hand."""

import numpy as np
import pytest

from sibmodel.capital.waterfall import distribute, share_out


def test_everybody_gets_what_they_are_owed_or_the_same_part_of_it() -> None:
    available = np.array([0.0, 50.0, 100.0, 500.0])
    shares = share_out(available, {"a": np.full(4, 75.0), "b": np.full(4, 25.0)})
    assert shares["a"].tolist() == [0, 37.5, 75, 75]
    assert shares["b"].tolist() == [0, 12.5, 25, 25]


def test_nothing_owed_is_nothing_given() -> None:
    shares = share_out(np.array([10.0]), {"a": np.zeros(1), "b": np.zeros(1)})
    assert [shares["a"].tolist(), shares["b"].tolist()] == [[0], [0]]


def test_ranks_are_paid_in_turn_coupon_before_principal() -> None:
    """Senior is owed 10 + 100, the two juniors 4 + 60 and 6 + 40, so 10, 110, 120 and 220 are the corners."""
    available = np.array([5.0, 10.0, 60.0, 110.0, 115.0, 120.0, 170.0, 220.0, 230.0])
    whole = np.ones_like(available)
    owed = {"senior": 10 * whole, "left": 4 * whole, "right": 6 * whole}
    principal = {"senior": 100 * whole, "left": 60 * whole, "right": 40 * whole}
    coupon, repaid, left = distribute(available, owed, principal, [["senior"], ["left", "right"]])
    assert coupon["senior"] == pytest.approx([5, 10, 10, 10, 10, 10, 10, 10, 10])
    assert repaid["senior"] == pytest.approx([0, 0, 50, 100, 100, 100, 100, 100, 100])
    assert coupon["left"] == pytest.approx([0, 0, 0, 0, 2, 4, 4, 4, 4])
    assert coupon["right"] == pytest.approx([0, 0, 0, 0, 3, 6, 6, 6, 6])
    assert repaid["left"] == pytest.approx([0, 0, 0, 0, 0, 0, 30, 60, 60])
    assert repaid["right"] == pytest.approx([0, 0, 0, 0, 0, 0, 20, 40, 40])
    assert left == pytest.approx([0, 0, 0, 0, 0, 0, 0, 0, 10])
