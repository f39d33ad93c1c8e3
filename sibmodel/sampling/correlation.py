"""Correlation matrices: from ranks to normal scores, the nearest valid one, and its root."""

from __future__ import annotations

import numpy as np

from sibmodel.core.timeline import FloatArray

CLOSE = 1e-10
"""An eigenvalue above minus this is not negative, and iterations that move less have arrived."""
_MOST_STEPS = 20_000
_NOTHING_LEFT = 1e-12
"""A variance below this, of the part of a score that those before it do not explain, is nought."""


def of_scores(rank: FloatArray | float) -> FloatArray:
    """Correlation of two normal scores whose rank correlation (Spearman) is `rank`: 2 sin(π rank/6) (Pearson 1907)."""
    return np.asarray(2.0 * np.sin(np.pi * np.asarray(rank) / 6.0))


def of_ranks(correlation: FloatArray | float) -> FloatArray:
    """The inverse: 6/π arcsin(correlation/2)."""
    return np.asarray(6.0 / np.pi * np.arcsin(np.asarray(correlation) / 2.0))


def is_valid(matrix: FloatArray) -> bool:
    """Whether a symmetric matrix has no negative eigenvalue."""
    return bool(np.linalg.eigvalsh(matrix)[0] >= -CLOSE)


def nearest(matrix: FloatArray) -> FloatArray:
    """The correlation matrix nearest to a symmetric one, by the sum of squared differences.

    Alternating projections on the matrices without negative eigenvalues and those with ones on the diagonal, with
    Dykstra's correction (Higham 2002, IMA Journal of Numerical Analysis 22:329-343).
    """
    found, correction = matrix, np.zeros_like(matrix)
    for _ in range(_MOST_STEPS):
        before, corrected = found, found - correction
        projected = _without_negative(corrected)
        correction = projected - corrected
        found = projected.copy()
        np.fill_diagonal(found, 1.0)
        if np.abs(found - before).max() <= CLOSE:
            break
    return _unit_diagonal(_without_negative(found))


def _without_negative(matrix: FloatArray) -> FloatArray:
    """The same with negative eigenvalues put to 0."""
    sizes, vectors = np.linalg.eigh(matrix)
    found = (vectors * np.maximum(sizes, 0.0)) @ vectors.T
    return np.asarray((found + found.T) / 2.0)


def _unit_diagonal(matrix: FloatArray) -> FloatArray:
    """The same divided by the roots of its diagonal, which keeps eigenvalues from being negative."""
    size = np.sqrt(np.diag(matrix))
    found = matrix / np.outer(size, size)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)


def root(matrix: FloatArray) -> FloatArray:
    """The lower triangle L with L Lᵀ = `matrix` (Cholesky), also where an eigenvalue is 0; its rows have length 1.

    The first variable is its own first score; each other one mixes its own with those before it.
    """
    lower = np.zeros_like(matrix)
    for j in range(len(matrix)):
        left = matrix[j, j] - lower[j, :j] @ lower[j, :j]
        if left > _NOTHING_LEFT:
            lower[j, j] = np.sqrt(left)
            lower[j + 1 :, j] = (matrix[j + 1 :, j] - lower[j + 1 :, :j] @ lower[j, :j]) / lower[j, j]
    return np.asarray(lower / np.sqrt((lower**2).sum(axis=1))[:, None])
