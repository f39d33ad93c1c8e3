"""Limits on running totals, by hand."""

import numpy as np
import pytest

from sibmodel.contract.caps import Limit, allowed, capped, raised


def test_what_exceeds_a_running_total_is_lost() -> None:
    asked = np.array([[10.0], [20.0], [30.0], [40.0]])
    assert allowed(asked, np.array([[45.0, 0.0, 1e9]]), [0] * 4).T.tolist() == [
        [10, 20, 15, 0],
        [0, 0, 0, 0],
        [10, 20, 30, 40],
    ]


def test_terms_under_one_cap_are_cut_in_proportion() -> None:
    kept, lost = capped(
        {"a": np.array([[30.0], [0.0], [60.0]]), "b": np.array([[10.0], [0.0], [20.0]])},
        Limit("cap", np.array([[60.0]]), [0] * 3),
    )
    assert kept["a"].ravel() == pytest.approx([30, 0, 15])
    assert kept["b"].ravel() == pytest.approx([10, 0, 5])
    assert lost.ravel() == pytest.approx([0, 0, 60])


def test_what_rounding_leaves_under_a_cap_does_not_decide_who_gets_a_floor() -> None:
    """1e-13 of a term whose cap is used up counts as nothing: each of the two terms gets half of what is missing."""
    of_term = {"used_up": np.array([[0.0], [1e-13]]), "unpaid": np.array([[0.0], [0.0]])}
    up, added = raised(of_term, Limit("floor", np.array([[4000.0]]), [0] * 2))
    assert up["used_up"].ravel() == pytest.approx([0, 2000])
    assert up["unpaid"].ravel() == pytest.approx([0, 2000])
    assert added.ravel() == pytest.approx([0, 4000])
