"""The twin's counts of people against arithmetic by hand: the twin checks the engine, so it is checked first."""

import math

from tests.test_twin_by_hand import near, small_bond
from tests.twin import twin
from tests.twin_luck import by_normal_score, chances, successes


def test_chances_of_people_who_are_alike() -> None:
    """p = 0.5, ρ = 0.2: a = b = 0.4. Of two 0.4 · 0.6 ÷ 0.8 = 0.3 none, of three 0.4 · 0.6 · 0.8 ÷ (0.8 · 1.2) = 0.2.

    One of two: 2 · 0.4 · 0.4 ÷ 0.8 = 0.4; one of three: 3 · 0.4 · 0.4 · 0.6 ÷ 0.96 = 0.3.
    """
    assert chances(2, 0.5, 0.2) == near([0.3, 0.4, 0.3])
    assert chances(3, 0.5, 0.2) == near([0.2, 0.3, 0.3, 0.2])


def test_chances_have_the_mean_and_the_variance_of_the_beta_binomial() -> None:
    """30 people, p = 0.3, ρ = 0.1: mean 9, variance 30 · 0.21 · (1 + 29 · 0.1) = 24.57."""
    found = chances(30, 0.3, 0.1)
    mean = sum(k * x for k, x in enumerate(found))
    assert sum(found) == near(1)
    assert mean == near(9)
    assert sum((k - mean) ** 2 * x for k, x in enumerate(found)) == near(24.57)


def test_independent_people_are_binomial() -> None:
    assert chances(3, 0.2, 0) == near([0.512, 0.384, 0.096, 0.008])
    assert chances(2, 0, 0.1) == [1, 0, 0]
    assert chances(2, 1, 0.1) == [0, 0, 1]


def test_counts_of_two_and_a_half_people() -> None:
    """Half the time two are there, half the time three: 0.25, 0.35, 0.3 and 0.1."""
    for u, count in ((0.2499, 0), (0.2501, 1), (0.5999, 1), (0.6001, 2), (0.8999, 2), (0.9001, 3)):
        assert successes(u, 2.5, 0.5, 0.2) == count


def test_many_people_by_a_normal_score() -> None:
    """400 people, p = 0.5, ρ = 0: σ² = 100 − 1/12, no skewness, γ₂ = (1 − 6 · 0.25)/100 = −0.005.

    At z = 1.2 (u = 0.884930) h = 1.2 − 0.005 (1.728 − 3.6)/24 = 1.20039; 200 + 9.99583 · 1.20039 = 211.9989, so 212.
    """
    u = 0.5 * math.erfc(-1.2 / math.sqrt(2))
    assert by_normal_score(u, 400, 0.5, 0) == 212
    assert successes(u, 400, 0.5, 0) == 212


def test_skewness_and_kurtosis_of_many_people_who_are_alike() -> None:
    """1,000 people, p = 0.2, ρ = 0.02, q − p = 0.6, pq = 0.16, D = 1 + 999 · 0.02 = 20.98, V = 160 · 20.98 = 3,356.8.

    γ₁ = 0.6 · (41.96 − 0.98)/(1.02 · 57.93790) = 0.416064. K = 0.98 (0.96 + 120) + 0.48 · 0.98 (998 · 0.98 + 1000 ·
    994 · 0.02) + (6 − 2.88) · 400 = 118.5408 + 0.4704 (978.04 + 19,880) + 1,248 = 11,178.16; γ₂ = 11,178.16/(3,356.8 ·
    1.02 · 1.04) − 3 = 0.139146. At z = −2: h = −2 + 0.416064/2 + 0.139146 · (−2)/24 − 0.173109 · (−6)/36 = −1.774712.
    With σ² = 3,356.8 − 1/12: 200 − 57.93718 · 1.774712 = 97.1782, so 97; without the kurtosis 97.85, so 98.
    """
    u = 0.5 * math.erfc(2 / math.sqrt(2))
    assert by_normal_score(u, 1000, 0.2, 0.02) == 97


def test_an_outcome_of_a_cohort_is_drawn_and_what_happens_anyway_is_expected() -> None:
    """Three of 100 people are left: engaged 0.03, so n = 3; p = 0.2: 0.512 none, 0.896 at most one. Anyway 0.1: 0.3."""
    data = small_bond("year", 2)
    data["programme"]["groups"]["all"]["engaged"] = 0.03
    data["outcomes"]["start"] = {
        "type": "achievement",
        "share": 0.2,
        "lag_months": 12,
        "counterfactual": {"level": 0.1},
        "luck": {"intraclass_correlation": 0},
    }
    books = twin(data, luck={"luck:outcomes.start.all": [0.9, 0.9, 0.6]})
    assert books.verified["start"] == near([0, 0, 1])
    assert books.true["start"] == near([0, 0, 0.7])
    nothing = twin(data, luck={"luck:outcomes.start.all": [0.9, 0.9, 0.8]}, scale=0)  # of three none with 0.729
    assert nothing.verified["start"] == near([0, 0, 1])
    assert nothing.true["start"] == near([0, 0, 0.7])
    data["outcomes"]["start"]["luck"] = {"counts": "expected"}
    assert twin(data, luck={"luck:outcomes.start.all": [0.9, 0.9, 0.6]}).verified["start"] == near([0, 0, 0.6])
