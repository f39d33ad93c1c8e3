"""Sums that use memory again: the same bits as one addition after the other, and nobody else's array is written to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodel.core.flows import sum_of, total
from sibmodel.core.timeline import (
    FloatArray,
    added,
    bits_of,
    first_of,
    last_of,
    narrow,
    over_time,
    same,
    summed,
    times,
    weighed,
)

SHAPES = [(37, 1), (37, 2), (37, 3), (1, 5), (37, 511), (600, 7), (2, 4096), (0, 3), (37, 8)]


def numbers(shape: tuple[int, ...], seed: int = 0) -> FloatArray:
    rng = np.random.default_rng(seed)
    return np.asarray(rng.normal(size=shape) * 10.0 ** rng.integers(-8, 9, size=shape))


def one_by_one(by_period: FloatArray) -> list[float]:
    out = [0.0] * by_period.shape[1]
    for row in by_period.tolist():
        out = [so_far + number for so_far, number in zip(out, row, strict=True)]
    return out


@pytest.mark.parametrize("shape", SHAPES)
def test_periods_are_added_one_after_the_other(shape: tuple[int, int]) -> None:
    rows = numbers(shape)
    assert over_time(rows).tolist() == one_by_one(rows)
    assert over_time(np.asfortranarray(rows)).tolist() == one_by_one(rows)
    assert over_time(np.broadcast_to(rows[:, :1], shape)).tolist() == one_by_one(np.repeat(rows[:, :1], shape[1], 1))


def test_a_trials_sum_does_not_depend_on_the_trials_beside_it() -> None:
    rows = numbers((301, 64))
    for count in range(1, 65):
        assert over_time(rows[:, :count].copy()).tobytes() == over_time(rows)[:count].tobytes()


@st.composite
def terms(draw: st.DrawFn) -> list[tuple[np.ufunc, FloatArray]]:
    shapes = st.sampled_from([(1, 1), (5, 1), (1, 4), (5, 4)])
    found: list[tuple[np.ufunc, FloatArray]] = []
    for index in range(draw(st.integers(0, 6))):
        kind = draw(st.sampled_from(["numbers", "numbers", "nothing"]))
        shape = draw(shapes)
        array = numbers(shape, index) if kind == "numbers" else np.zeros(shape)
        found.append((draw(st.sampled_from([np.add, np.subtract])), array))
    return found


@given(terms())
@settings(deadline=None)
def test_a_sum_is_that_of_one_addition_after_the_other_and_new_in_memory(
    some: list[tuple[np.ufunc, FloatArray]],
) -> None:
    before = [array.copy() for _, array in some]
    expected: FloatArray = np.zeros((1, 1))
    for how, array in some:
        expected = how(expected, array)
    found = summed(some)
    assert found.shape == expected.shape
    assert np.array_equal(found, expected)
    assert not any(np.shares_memory(found, array) for _, array in some)
    found += 1.0
    assert all(np.array_equal(array, kept) for (_, array), kept in zip(some, before, strict=True))


def test_a_sum_of_nothing_has_one_row_and_column() -> None:
    assert total([]).tolist() == [[0.0]]
    assert total([np.zeros((3, 1)), np.ones((1, 2))]).tolist() == [[1.0, 1.0]] * 3


def test_a_sum_that_is_only_read_is_the_lone_array_where_that_has_its_shape() -> None:
    full, row = numbers((3, 4)), numbers((1, 4))
    assert sum_of([np.zeros((1, 1)), full, np.zeros((3, 1))]) is full
    assert sum_of([row, np.zeros((3, 1))]).tolist() == row.tolist() * 3
    assert sum_of([full, row]).tolist() == (full + row).tolist()
    assert sum_of([]).tolist() == [[0.0]]


def test_people_by_area_are_added_to_those_without() -> None:
    assert total([np.ones((1, 1)), np.ones((2, 3, 1))]).tolist() == np.full((2, 3, 1), 2.0).tolist()
    assert total([np.ones((2, 3, 1)), np.ones((2, 3, 4)), np.ones((1, 1))]).tolist() == np.full((2, 3, 4), 3.0).tolist()


def test_more_is_added_in_place_only_where_it_fits() -> None:
    wide, tall = np.ones((1, 3)), np.ones((2, 1))
    assert added(wide, tall).tolist() == [[2.0] * 3] * 2
    assert wide.tolist() == [[1.0] * 3]
    assert added(wide, np.ones((1, 1)), np.subtract) is wide
    assert wide.tolist() == [[0.0] * 3]


def test_what_broadcasting_repeats_is_left_out() -> None:
    column, row = np.arange(3.0)[:, None], np.arange(4.0)[None, :]
    assert narrow(np.broadcast_to(column, (3, 4))).tolist() == column.tolist()
    assert narrow(np.broadcast_to(row, (3, 4))).tolist() == row.tolist()
    assert narrow(np.broadcast_to(np.ones((1, 1)), (3, 4))).tolist() == [[1.0]]
    full = np.ones((3, 4))
    assert narrow(full) is full


def test_arrays_are_the_same_where_their_memory_is() -> None:
    column = np.arange(3.0)[:, None]
    assert same(column, column)
    assert same(column, np.broadcast_to(column, (3, 4)))
    assert not same(column, column.copy())
    assert not same(np.arange(6.0).reshape(3, 2), np.arange(6.0).reshape(3, 2)[::-1])
    whole = np.ones((4, 2))
    assert not same(whole, whole[:2])


@pytest.mark.parametrize("periods", [1, 2, 37, 200, 601])
def test_the_first_and_the_last_marked_period(periods: int) -> None:
    marks = np.random.default_rng(periods).random((periods, 50)) < 2.0 / periods
    marks[:, 0], marks[:, 1] = False, True
    assert first_of(marks).tolist() == np.argmax(marks, axis=0).tolist()
    expected = [max((t for t in range(periods) if column[t]), default=-1) for column in marks.T]
    assert last_of(marks).tolist() == expected


@pytest.mark.parametrize("trials", [1, 2, 5, 64, 1001])
def test_a_weighed_sum_has_the_bits_of_the_sum_of_products_in_any_company(trials: int) -> None:
    rng = np.random.default_rng(4)
    flows, factors = rng.normal(size=(37, trials)), rng.random(37)
    found = weighed(flows, factors)
    assert found.tobytes() == over_time(flows * factors[:, None]).tobytes()
    alone = [weighed(np.ascontiguousarray(flows[:, i : i + 1]), factors)[0] for i in range(trials)]
    assert found.tolist() == alone
    assert weighed(flows[:, ::2], factors).tolist() == alone[::2]


def test_a_flow_that_is_the_same_in_all_periods_is_weighed_in_each() -> None:
    assert weighed(np.array([[2.0, 3.0]]), np.array([1.0, 0.5])).tolist() == [3.0, 4.5]
    assert weighed(np.array([[2.0]]), np.array([1.0, 0.5])).tolist() == [3.0]


def test_the_bits_of_an_array_tell_noughts_and_what_is_unsound() -> None:
    million = bits_of(np.array([1e6]))
    assert bits_of(np.zeros((2, 3))) == 0
    assert 0 < bits_of(np.array([0.0, 999_999.0])) < million
    for unsound in (-1e-300, 1.1e6, np.nan, np.inf, -np.inf):
        assert bits_of(np.array([0.0, 5.0, unsound])) > million


def test_a_product_with_ones_is_the_array_itself_where_it_has_that_shape() -> None:
    array = np.array([[1.0, 2.0], [3.0, 4.0]])
    assert times(array, np.ones((2, 1))) is array
    assert times(array, np.ones(2)) is array
    assert times(array[:1], np.ones((2, 1))).tolist() == [[1, 2], [1, 2]]
    assert times(array, np.array([[1.0], [0.5]])).tolist() == [[1, 2], [1.5, 2]]
