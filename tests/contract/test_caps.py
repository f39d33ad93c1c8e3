"""Limits on running totals, by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodel.contract import caps
from sibmodel.contract.caps import Limit, allowed, capped, raised
from sibmodel.core.timeline import FloatArray


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


@st.composite
def amounts_under_a_cap(draw: st.DrawFn) -> tuple[dict[str, FloatArray], Limit]:
    """Amounts whose sums lie below the cap, above it, or on it."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    columns = draw(st.sampled_from([1, 3]))
    amounts = {
        name: rng.random((6, columns)) * (rng.random((6, columns)) < 0.7) for name in "ab"[: draw(st.integers(1, 2))]
    }
    spans = draw(st.sampled_from([[0] * 6, [0, 0, 1, 1, 1, 2], list(range(6))]))
    size = draw(st.sampled_from([0.5, 1.0, 3.0, 100.0]))
    rows = draw(st.sampled_from([1, 6]))
    cap = np.full((rows, columns), size) if draw(st.booleans()) else size * (0.5 + rng.random((rows, columns)))
    return amounts, Limit("cap", cap, spans, carry=draw(st.booleans()))


@given(amounts_under_a_cap())
@settings(max_examples=300, deadline=None)
def test_a_cap_that_cannot_bind_is_passed_over_without_a_trace(
    given_: tuple[dict[str, FloatArray], Limit],
) -> None:
    """The same bits as by the loop over periods, whether or not the cap is known beforehand not to bind."""
    amounts, limit = given_
    kept, held = capped(amounts, limit)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(caps, "_cannot_bind", lambda *_: False)
        slowly, held_slowly = capped(amounts, limit)
    for name, amount in kept.items():
        assert np.array_equal(np.broadcast_to(amount, slowly[name].shape), slowly[name])
    assert np.array_equal(np.broadcast_to(held, held_slowly.shape), held_slowly)


def test_a_cap_that_is_just_reached_is_not_taken_for_one_that_cannot_bind() -> None:
    """Tenths add up to a last bit less or more than they should."""
    asked = np.full((10, 1), 0.1)
    assert not caps._cannot_bind(asked, np.array([[1.0]]), [0] * 10)
    assert caps._cannot_bind(asked, np.array([[1.0 + 1e-9]]), [0] * 10)
    assert not caps._cannot_bind(-asked, np.array([[1.0]]), [0] * 10)
    assert not caps._cannot_bind(asked * np.nan, np.array([[1.0]]), [0] * 10)
