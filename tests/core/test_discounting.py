"""Discount factors against the published table of the Green Book, deflators against arithmetic."""

import numpy as np
import pytest

from sibmodel.core.discounting import deflators, discount_factors, flat_discount_factors

STANDARD = [(1, 0.035), (31, 0.03), (76, 0.025), (126, 0.02), (201, 0.015), (301, 0.01)]
HEALTH = [(1, 0.015), (31, 0.0129), (76, 0.0107)]


@pytest.mark.parametrize(
    ("year", "factor"),
    [
        (0, 1),
        (1, 0.966184),
        (5, 0.841973),
        (10, 0.708919),
        (30, 0.356278),
        (31, 0.345901),
        (75, 0.094214),
        (76, 0.091916),
        (125, 0.027411),
        (126, 0.026873),
    ],
)
def test_the_standard_schedule(year: int, factor: float) -> None:
    assert discount_factors(np.array([float(year)]), STANDARD)[0] == pytest.approx(factor, abs=5e-7)


@pytest.mark.parametrize(
    ("year", "factor"), [(1, 0.985222), (5, 0.928260), (10, 0.861667), (30, 0.639762), (31, 0.631615)]
)
def test_the_health_schedule(year: int, factor: float) -> None:
    assert discount_factors(np.array([float(year)]), HEALTH)[0] == pytest.approx(factor, abs=5e-7)


def test_factors_fall_and_parts_of_a_year_lie_between() -> None:
    years = np.arange(0, 130, 0.25)
    factors = discount_factors(years, STANDARD)
    assert (np.diff(factors) < 0).all()
    # 30.5 years are thirty at 3.5 % and half a one at 3 %
    at = int(np.flatnonzero(years == 30.5)[0])
    assert factors[at] == pytest.approx(1.035**-30 * 1.03**-0.5, rel=1e-14)


def test_one_rate_is_a_power() -> None:
    years = np.arange(0, 60, 1 / 12)
    assert flat_discount_factors(years, 0.07) == pytest.approx(1.07**-years, rel=1e-12)
    assert flat_discount_factors(years, 0.0).tolist() == [1.0] * len(years)
    assert flat_discount_factors(np.array([2.0]), -0.5)[0] == pytest.approx(4)


def test_a_net_present_value() -> None:
    """100 now for 30 in each of the years 1 to 9."""
    flows = np.array([-100.0, *[30.0] * 9])
    factors = flat_discount_factors(np.arange(10.0), 0.035)
    assert factors @ flows == pytest.approx(128.230595, abs=5e-7)
    assert (factors[1:] @ flows[1:]) / 100 == pytest.approx(2.282306, abs=5e-7)
    assert factors @ flows / factors.sum() == pytest.approx(14.897219, abs=5e-7)


def test_a_thousand_pounds_deflated_at_two_per_cent() -> None:
    level = deflators(np.arange(6.0), np.array([[0.02]]))
    assert (1000 / level).ravel() == pytest.approx([1000, 980.39, 961.17, 942.32, 923.85, 905.73], abs=0.005)


def test_real_and_nominal_rates_give_the_same_value() -> None:
    years = np.arange(10.0)
    real = flat_discount_factors(years, 0.035) / deflators(years, np.array([[0.02]])).ravel()
    assert real == pytest.approx(flat_discount_factors(years, 0.0557), rel=1e-12)
    assert pytest.approx(0.05882353, abs=5e-9) == 1.08 / 1.02 - 1


def test_every_trial_has_its_own_prices() -> None:
    level = deflators(np.array([0.0, 1.0, 2.0]), np.array([[0.0, 0.1]]))
    assert level.T.tolist() == [[1, 1, 1], pytest.approx([1, 1.1, 1.21])]


def test_a_thousand_pounds_over_five_years() -> None:
    """£1,000 in each of six years with prices growing 2 %: what each is in prices of the first (1000 ÷ 1.02^t)."""
    real = 1000 / deflators(np.arange(6.0), np.array([[0.02]]))[:, 0]
    assert real.round(2).tolist() == [1000.0, 980.39, 961.17, 942.32, 923.85, 905.73]
