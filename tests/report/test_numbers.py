"""Numbers in words."""

import pytest

from sibmodel.core.quantity import Quantity
from sibmodel.report.numbers import (
    chance,
    chance_and_error,
    count,
    error,
    in_words,
    money,
    per_cent,
    ratio,
    shown,
    with_error,
)


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
        (2.5e12, "£2,500bn"),
        (1e15, "£1,000,000bn"),
        (-1.234e18, "−£1.23e18"),
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
        (0, 2, "in none of 2 futures"),
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


@pytest.mark.parametrize(
    ("share", "trials", "words"),
    [
        (0.0, 10_000, "in none of 10,000 futures (so in fewer than about 3 of 10,000)"),
        (1.0, 10_000, "in all 10,000 futures"),
        (0.3, 10_000, "in about 30 ± 0.5 of 100 futures"),
        (0.3, 10_000_000, "in about 30 ± 0.01 of 100 futures"),
        (0.0004, 10_000, "in 4 ± 2 of 10,000 futures"),
    ],
)
def test_a_chance_and_its_error_have_one_unit(share: float, trials: int, words: str) -> None:
    assert chance_and_error(share, trials) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "–"),
        (0.0, "0"),
        (2250.0, "2,250"),
        (-2250.0, "−2,250"),
        (99.96, "100"),
        (83.25, "83.2"),
        (2.9, "2.90"),
        (0.0123, "0.0123"),
        (1.5e-6, "1.50e−06"),
        (3e20, "3.00e20"),
    ],
)
def test_counts_are_whole_and_only_small_ones_have_decimals(value: float | None, words: str) -> None:
    assert count(value) == words


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (5, "£5"),
        ([5, 7], "£5 up to period 1, then £7"),
        ([5, 5, 7, 6], "£5 up to period 2, then £7 up to period 3, then £6"),
        ([5, 6, 7, 8], "£5 to £8 (changing by period)"),
        ([5, 5], "£5"),
        ({"uniform": [4, 6]}, "£5 on average"),
        ({"value": {"uniform": [4, 6]}, "central": 4}, "£4 in the base case"),
        ([{"uniform": [4, 6]}, 7], "£5 up to period 1, then £7 on average"),
    ],
)
def test_a_number_of_the_scenario_in_words(raw: object, words: str) -> None:
    assert in_words(Quantity.model_validate(raw), money) == words


def test_no_error_is_a_bare_nought_whatever_the_unit() -> None:
    assert {error(0.0, unit) for unit in ("£", "rate", "probability", "ratio", "years", "£ per £")} == {"0"}
    assert error(1e-17, "rate") == "0"
    assert error(0.00004, "rate") == "0.004%"
    assert error(0.02, "£") == "£0.02"


def test_huge_numbers_stay_short() -> None:
    assert ratio(1e15) == "1.00e15"
    assert ratio(12345.6) == "12,345.60"
    assert shown(-1e15, "£ per £") == "−£1.00e15"
    assert per_cent(1e15) == "1.00e17%"
    assert per_cent(-123.4) == "−12,340.0%"


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


@pytest.mark.parametrize(
    ("value", "se", "unit", "words"),
    [
        (4_571_000, 12_000, "£", "£4.57m ± £12k"),
        (4_571_000, 3_000, "£", "£4.57m ± £3.0k"),
        (4_571_234, 1_300, "£", "£4.57m ± £1.3k"),
        (4_571_234, 900, "£", "£4.5712m ± £900"),
        (4_571_234, 13, "£", "£4.57123m ± £13"),
        (1_200.26, 0.3, "£", "£1,200.3 ± £0.3"),
        (-1_200.26, 0.3, "£", "−£1,200.3 ± £0.3"),
        (0.2, 0.3, "£", "£0 ± £0.3"),
        (420.4, 0.02, "£", "£420.40 ± £0.02"),
        (0.0507, 0.0017, "rate", "5.1% ± 0.17%"),
        (0.050667, 0.000006, "rate", "5.0667% ± 0.0006%"),
        (0.05, None, "rate", "5.0%"),
        (None, 0.1, "rate", "–"),
    ],
)
def test_a_value_has_the_figures_that_its_error_leaves(
    value: float | None, se: float | None, unit: str, words: str
) -> None:
    assert with_error(value, se, unit) == words


def test_rounding_of_a_rate_is_no_error() -> None:
    """Sixteen futures all alike: their rates of return differ by less than they are found to."""
    assert with_error(0.297, 1e-9, "rate") == "29.7%"
    assert with_error(0.297, 1e-6, "rate") == "29.7000% ± 0.0001%"
