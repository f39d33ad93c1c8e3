"""Random-effects pooling against meta-analyses worked by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from sibmodel.studies.pooling import pool
from sibmodel.studies.terms import Body, Study

CUTS = (0, 0.05, 0.10, 0.15, 0.25, 0.40)


def body(*studies: tuple[float, float, int], **more: Any) -> Body:
    """A body of evidence from (estimate, standard error, grade)."""
    rows = {
        f"s{i}": {"estimate": float(y), "standard_error": float(s), "grade": g, "source": "assumption"}
        for i, (y, s, g) in enumerate(studies)
    }
    return Body.model_validate({"title": "something", "studies": rows, **more})


THREE = ((100, 20, 2), (200, 50, 4), (50, 30, 5))


def test_dersimonian_and_laird_by_hand() -> None:
    # weights 1/400, 1/2500, 1/900: sum 0.00401111; fixed mean (0.25 + 0.08 + 0.0555556)/0.00401111 = 96.121884
    # Q = (3.878116² /400) + (103.878116²/2500) + (46.121884²/900) = 0.037599 + 4.316265 + 2.363587 = 6.717452
    # C = 0.00401111 − (6.25e-6 + 1.6e-7 + 1.234568e-6)/0.00401111 = 0.00401111 − 0.00190585 = 0.00210526
    # τ² = (6.717452 − 2)/0.00210526 = 2240.7895
    found = pool(body(*THREE, method="dersimonian_laird"), CUTS)
    assert found.q == pytest.approx(6.717452, abs=1e-6)
    assert found.between**2 == pytest.approx(2240.7895, abs=1e-3)
    assert found.disagreement == pytest.approx(4.717452 / 6.717452, abs=1e-6)
    # weights 1/2640.7895, 1/4740.7895, 1/3140.7895: 0.000378675, 0.000210935, 0.000318391, sum 0.000908001
    assert found.centre == pytest.approx((0.0378675 + 0.0421871 + 0.0159196) / 0.000908001, abs=1e-3)
    assert found.error == pytest.approx(0.000908001**-0.5, abs=1e-3)
    assert found.sd == pytest.approx(math.hypot(found.error, found.between))
    assert [row.weight for row in found.rows] == pytest.approx([0.417042, 0.232307, 0.350651], abs=1e-6)


def test_without_the_second_study_by_hand() -> None:
    # two studies 100 (20) and 50 (30): Q = 50²/(400 + 900) = 1.923077, τ² = 50²/2 − 650 = 600
    # weights 1/1000 and 1/1500: (0.1 + 0.0333333)/(0.001 + 0.000666667) = 80
    found = pool(body(*THREE, method="dersimonian_laird"), CUTS)
    assert [row.without for row in found.rows] == pytest.approx([119.666667, 80.0, 139.5], abs=1e-5)


def test_paule_and_mandel_solve_their_equation() -> None:
    found = pool(body(*THREE), CUTS)
    weights = 1 / (np.array([20.0, 50.0, 30.0]) ** 2 + found.between**2)
    q = float(weights @ (np.array([100.0, 200.0, 50.0]) - found.centre) ** 2)
    assert q == pytest.approx(2.0, abs=1e-6)  # the generalised Q equals its degrees of freedom


def test_fixed_effect_by_hand() -> None:
    found = pool(body(*THREE, method="fixed"), CUTS)
    assert found.centre == pytest.approx(96.121884, abs=1e-6)
    assert found.error == pytest.approx(0.004011111**-0.5, abs=1e-5)
    assert found.between == 0


def test_two_studies_on_the_log_scale_by_hand() -> None:
    # ln 2 and ln 8 with se 0.1 on either scale of 1: mean ln 4, τ² = (ln 4)²/2 − 0.01
    found = pool(body((2, 0.2, 1), (8, 0.8, 1), scale="log"), CUTS)
    assert found.estimate == pytest.approx(4.0)
    assert found.between**2 == pytest.approx(math.log(4) ** 2 / 2 - 0.01, abs=1e-6)
    assert found.distribution == {"lognormal": [pytest.approx(4.0), found.sd]}


def test_an_interval_gives_its_standard_error() -> None:
    # 77.57 with a 95 % interval of 2.84 to 152.30: 149.46/3.919928 = 38.128
    raw = {
        "title": "t",
        "studies": {"one": {"estimate": 77.57, "interval": [2.84, 152.30], "grade": 2, "source": "S20 of a list"}},
    }
    found = pool(Body.model_validate(raw), CUTS)
    assert found.centre == 77.57
    assert found.error == pytest.approx(38.128, abs=5e-4)
    assert found.rows[0].without is None


def test_cuts_for_weak_evidence() -> None:
    each = pool(body((100, 20, 4), discount_by_grade="each_study"), CUTS)
    assert [each.centre, each.error] == pytest.approx([85, 17])  # 15 % off both
    worst = pool(body((100, 20, 1), (100, 20, 5), discount_by_grade="worst"), CUTS)
    assert worst.centre == pytest.approx(75)  # 25 % off the pooled 100
    assert worst.error == pytest.approx(20 / math.sqrt(2) * 0.75)
    logs = pool(body((100, 20, 1), (100, 20, 5), discount_by_grade="worst", scale="log"), CUTS)
    assert logs.estimate == pytest.approx(75)


def test_for_the_average_the_places_do_not_count() -> None:
    found = pool(body(*THREE, applies_to="average"), CUTS)
    assert found.sd == found.error
    assert found.distribution == {"normal": [found.centre, found.error]}


@given(
    st.lists(st.tuples(st.floats(-500, 500), st.floats(1, 100), st.integers(1, 6)), min_size=2, max_size=6),
    st.sampled_from(["paule_mandel", "dersimonian_laird", "fixed"]),
)
def test_the_pool_lies_among_its_studies(studies: list[tuple[float, float, int]], method: str) -> None:
    found = pool(body(*studies, method=method), CUTS)
    low, high = min(s[0] for s in studies), max(s[0] for s in studies)
    assert low - 1e-6 <= found.centre <= high + 1e-6
    assert sum(row.weight for row in found.rows) == pytest.approx(1)
    assert found.elsewhere[0] <= found.interval[0] <= found.interval[1] <= found.elsewhere[1]
    moved = pool(body(*((y + 10, s, g) for y, s, g in studies), method=method), CUTS)
    assert moved.centre == pytest.approx(found.centre + 10, abs=1e-3)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({}, "neither an interval nor a standard error"),
        ({"interval": [2, 1]}, "is not an interval"),
        ({"interval": [2, 3]}, "lies outside its interval"),
        ({"interval": [0, 3], "standard_error": 1.0}, "both interval and standard_error"),
    ],
)
def test_a_study_must_say_how_sure_it_is(more: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        Study.model_validate({"estimate": 1.0, "source": "assumption", "grade": 3, **more})


def test_the_pool_without_a_study_is_cut_for_the_worst_of_the_others() -> None:
    study = {"estimate": 10, "standard_error": 1, "source": "assumption"}
    body = Body.model_validate(
        {
            "title": "Two",
            "discount_by_grade": "worst",
            "studies": {"a": {**study, "grade": 1}, "b": {**study, "grade": 6}},
        }
    )
    found = pool(body, (0.0, 0.05, 0.1, 0.15, 0.25, 0.4))
    assert {row.name: row.without for row in found.rows} == {"a": pytest.approx(6.0), "b": pytest.approx(10.0)}
