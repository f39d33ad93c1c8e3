"""Correlation matrices: ranks to scores and back, Higham's example, and the nearest matrix against a simpler repair."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.correlation import is_valid, nearest, of_ranks, of_scores, root


def test_ranks_of_normal_scores() -> None:
    """Pearson 1907: 1/2 of rank is 2 sin(15°) = 0.5176 of scores; the ends and the middle stay."""
    assert of_scores(0.5) == pytest.approx(2 * np.sin(np.pi / 12), rel=1e-15)
    assert of_scores(np.array([-1.0, 0.0, 1.0])) == pytest.approx([-1, 0, 1], abs=1e-15)
    ranks = np.linspace(-1, 1, 41)
    assert of_ranks(of_scores(ranks)) == pytest.approx(ranks, abs=1e-14)


def test_the_example_of_higham() -> None:
    """Higham 2002, Section 4: the nearest to this matrix, to the four digits that he prints."""
    stated = np.array([[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]])
    assert not is_valid(stated)
    assert np.round(nearest(stated), 4).tolist() == [[1, 0.7607, 0.1573], [0.7607, 1, 0.7607], [0.1573, 0.7607, 1]]


@st.composite
def symmetric(draw: st.DrawFn) -> FloatArray:
    """Any matrix that looks like one of correlations, valid or not; shocks may imply entries above 1."""
    size = draw(st.integers(2, 6))
    pairs = size * (size - 1) // 2
    found = np.eye(size)
    found[np.tril_indices(size, -1)] = draw(
        st.lists(st.integers(-30, 30).map(lambda n: n / 20), min_size=pairs, max_size=pairs)
    )
    return np.tril(found, -1) + np.tril(found, -1).T + np.eye(size)


def clipped(matrix: FloatArray) -> FloatArray:
    """The simple repair: negative eigenvalues put to 0, then divided by the roots of the diagonal."""
    sizes, vectors = np.linalg.eigh(matrix)
    found = (vectors * np.maximum(sizes, 0)) @ vectors.T
    scale = np.sqrt(np.diag(found))
    return np.asarray(found / np.outer(scale, scale))


@given(symmetric())
def test_the_repair_is_a_correlation_matrix_and_no_other_is_nearer(matrix: FloatArray) -> None:
    found = nearest(matrix)
    assert np.diag(found).tolist() == [1.0] * len(matrix)
    assert (found == found.T).all()
    assert np.linalg.eigvalsh(found)[0] >= -1e-12
    assert np.linalg.norm(found - matrix) <= np.linalg.norm(clipped(matrix) - matrix) + 1e-7
    if is_valid(matrix):
        assert np.abs(found - matrix).max() <= 1e-9


@given(symmetric())
def test_the_repair_meets_the_conditions_of_the_nearest(matrix: FloatArray) -> None:
    """The set is convex, so X is the nearest to A if some diagonal D makes X − A + D positive semidefinite and its
    product with X nought (Higham 2002, Theorem 2.5); the diagonal of that product gives D.
    """
    found = nearest(matrix)
    multiplier = found - matrix - np.diag(np.diag((found - matrix) @ found))
    assert np.linalg.eigvalsh(multiplier)[0] >= -1e-8
    assert np.abs(multiplier @ found).max() <= 1e-8


@given(symmetric())
def test_the_root_gives_the_matrix_back(matrix: FloatArray) -> None:
    """Also of a singular matrix, where a plain Cholesky fails."""
    valid = nearest(matrix)
    lower = root(valid)
    assert np.triu(lower, 1).tolist() == np.zeros_like(lower).tolist()
    assert np.abs(lower @ lower.T - valid).max() <= 2e-6
    assert (lower**2).sum(axis=1) == pytest.approx(1, abs=1e-14)


def test_the_root_where_two_are_the_same() -> None:
    assert root(np.ones((2, 2))).tolist() == [[1, 0], [1, 0]]
    assert root(np.array([[1.0, -1.0], [-1.0, 1.0]])).tolist() == [[1, 0], [-1, 0]]
    assert root(np.eye(3)).tolist() == np.eye(3).tolist()
