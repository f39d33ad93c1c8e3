"""Numbers in words."""

import pytest

from sibmodel.report.numbers import chance, error, money, per_cent, ratio, shown


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0, "£0"),
        (0.4, "£0"),
        (-0.4, "£0"),
        (0.6, "£1"),
        (420, "£420"),
        (-420, "−£420"),
        (999, "£999"),
        (999.4, "£999"),
        (999.6, "£1.00k"),
        (1_000, "£1.00k"),
        (168_432, "£168k"),
        (1_650_000, "£1.65m"),
        (999_600, "£1.00m"),
        (-12_340_000, "−£12.3m"),
        (2.5e9, "£2.50bn"),
        (2.5e12, "£2500bn"),
    ],
)
def test_money_to_three_figures(value: float | None, words: str) -> None:
    assert money(value) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "–"), (0.0914, "9.1%"), (-0.0914, "−9.1%"), (-0.0004, "0.0%"), (1, "100.0%"), (-1, "−100.0%")],
)
def test_per_cent(value: float | None, words: str) -> None:
    assert per_cent(value) == words


@pytest.mark.parametrize(
    ("seen", "trials", "words"),
    [
        (0, 10_000, "in none of 10,000 futures (so in fewer than about 3 of 10,000)"),
        (10_000, 10_000, "in all 10,000 futures"),
        (3, 10_000, "in 3 of 10,000 futures"),
        (100, 10_000, "in about 1 of 100 futures"),
        (3_349, 10_000, "in about 33 of 100 futures"),
        (9_999, 10_000, "in 9,999 of 10,000 futures"),
        (1, 3, "in about 33 of 100 futures"),
    ],
)
def test_a_chance_is_never_a_bare_nought_or_a_hundred(seen: int, trials: int, words: str) -> None:
    assert chance(seen / trials, trials) == words


def test_each_unit_has_its_own_form() -> None:
    assert ratio(-1.234) == "−1.23"
    assert shown(1234, "£") == "£1.23k"
    assert shown(0.5, "rate") == "50.0%"
    assert shown(3.0, "period") == "3"
    assert shown(1.5, "£ per £") == "£1.50"
    assert shown(-1.5, "£ per £") == "−£1.50"
    assert shown(None, "£ per £") == "–"
    assert error(0.00123, "rate") == "0.12%"
    assert error(0.0123, "ratio") == "0.012"
    assert error(0.0, "years") == "0"
