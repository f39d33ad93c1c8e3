"""Straight lines between points, flat outside."""

import numpy as np
import pytest

from sibmodel.core.schedule import linear


@pytest.mark.parametrize(
    ("x", "y"),
    [(-1e9, 0), (-5, 0), (0, 0), (5, 0.25), (15, 0.75), (20, 1), (25, 0.6), (30, 0.2), (1e9, 0.2)],
)
def test_lines_between_points(x: float, y: float) -> None:
    points = ((0.0, 0.0), (10.0, 0.5), (20.0, 1.0), (30.0, 0.2))
    assert linear(points, np.array([[x]]))[0, 0] == pytest.approx(y)


def test_the_shape_is_kept() -> None:
    assert linear(((0.0, 0.0), (1.0, 2.0)), np.full((3, 4), 0.5)).tolist() == [[1.0] * 4] * 3


@pytest.mark.parametrize(
    "points", [((0.5, 0.0), (1.4, 1.0)), ((0.0, 0.0), (10_800_000.0, 1.0)), ((-3.0, 7.0), (0.1, -0.3))]
)
def test_one_line_is_that_of_numpy_to_the_last_bit(points: tuple[tuple[float, float], tuple[float, float]]) -> None:
    (left, low), (right, high) = points
    rng = np.random.default_rng(1)
    ends = [left, right, np.nextafter(left, right), np.nextafter(right, left), -np.inf, np.inf]
    x = np.concatenate([rng.uniform(2 * left - right, 2 * right - left, 5000), ends])[:, None]
    before = x.copy()
    assert linear(points, x).tolist() == np.interp(x, [left, right], [low, high]).tolist()
    assert x.tolist() == before.tolist()
