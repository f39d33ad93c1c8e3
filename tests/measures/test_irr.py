"""Internal rates of return against published examples, exact algebra, and another implementation."""

from fractions import Fraction
from itertools import pairwise

import numpy as np
import numpy_financial
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sibmodel.measures.irr import STATUSES, irr


def rate_of(*flows: float, per_year: int = 1) -> tuple[float, str]:
    found = irr(np.array(flows, dtype=np.float64)[:, None], per_year)
    return float(found.annual[0]), STATUSES[int(found.status[0])]


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ((-500, -300, 100, 350, 450, 150), 0.088013),
        ((-100, 39, 59, 55, 20), 0.280948421),
        ((-1000, 200, 300, 300), -0.098309),
        ((-1000, 300, 500, 600), 0.167949),
        ((-1000, 200, 325, 375), -0.046582),
        ((-100, 110), 0.1),
        ((-100, 0, 121), 0.1),
        ((0, 0, -100, 110, 0), 0.1),
        ((-100, 100), 0.0),
        ((-100, 1), -0.99),
        ((100, -110), 0.1),  # a borrower's rate
    ],
)
def test_published_rates(flows: tuple[float, ...], rate: float) -> None:
    found, status = rate_of(*flows)
    assert status == "unique"
    assert found == pytest.approx(rate, abs=5e-7)


@pytest.mark.parametrize(
    ("flows", "nearest_zero"),
    [
        ((-1000, 2300, -1320), 0.10),
        ((-1600, 10000, -10000), 0.25),
        ((-100, 230, -132), 0.10),
    ],
)
def test_several_rates(flows: tuple[float, ...], nearest_zero: float) -> None:
    found, status = rate_of(*flows)
    assert status == "multiple"
    assert found == pytest.approx(nearest_zero, rel=1e-12)


def test_the_nearest_rate_is_chosen_per_period() -> None:
    """Rates of −40 % and +50 % a month: −40 % is the nearer, although it is −99.8 % a year."""
    found, status = rate_of(-1, 0.6 + 1.5, -0.9, per_year=12)
    assert status == "multiple"
    assert found == pytest.approx(0.6**12 - 1, rel=1e-12)


def test_a_total_loss_and_no_rate() -> None:
    assert rate_of(-100, 0, 0) == (-1.0, "total_loss")
    assert rate_of(-100, -50) == (-1.0, "total_loss")
    for flows in ((0, 0, 0), (0, 100, 50), (100, -150, 100), (-100, 150, -100)):
        found, status = rate_of(*flows)
        assert status == "none"
        assert np.isnan(found)


def test_a_double_rate_is_one() -> None:
    """−(1 − 1.1x)²: present value touches zero at 10 % and is negative everywhere else."""
    found, status = rate_of(-1000, 2200, -1210)
    assert status == "unique"
    assert found == pytest.approx(0.1, abs=1e-6)


def test_dust_does_not_count() -> None:
    assert rate_of(-100, 110, -9e-7) == rate_of(-100, 110)
    assert rate_of(-9e-7, 100)[1] == "none"
    assert rate_of(-100, 9e-7) == (-1.0, "total_loss")
    assert rate_of(-100, 110, -2e-6)[1] == "multiple"


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e9, 1e14])
def test_the_size_of_the_money_does_not_matter(size: float) -> None:
    found, status = rate_of(*(np.array([-500, -300, 100, 350, 450, 150]) * size))
    assert status == "unique"
    assert found == pytest.approx(rate_of(-500, -300, 100, 350, 450, 150)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ((-1e-3, 1e9), 1e12),
        ((-1e9, 1e-3), -1 + 1e-12),
        ((-1, *[0] * 198, 1e12), 1e12 ** (1 / 199) - 1),
        ((-1e12, *[0] * 198, 1), 1e-12 ** (1 / 199) - 1),
    ],
)
def test_single_huge_and_tiny_flows(flows: tuple[float, ...], rate: float) -> None:
    found, status = rate_of(*flows)
    assert status == "unique"
    assert found == pytest.approx(rate, rel=1e-12)


def test_ten_years_of_months() -> None:
    """A level repayment of 120 instalments at 1 % a month is 12.68 % a year."""
    payment = 1000 * 0.01 / (1 - 1.01**-120)
    found, status = rate_of(-1000, *[payment] * 120, per_year=12)
    assert status == "unique"
    assert found == pytest.approx(1.01**12 - 1, rel=1e-11)
    payment = 1000 * -0.005 / (1 - 0.995**-120)  # too little to return the 1,000
    found, status = rate_of(-1000, *[payment] * 120, per_year=12)
    assert status == "unique"
    assert found == pytest.approx(0.995**12 - 1, rel=1e-11)


# --- Exact algebra ------------------------------------------------------------------------------------

Polynomial = list[Fraction]  # highest power first, the first not nothing


def remainder(one: Polynomial, other: Polynomial) -> Polynomial:
    """What is left of one polynomial divided by another."""
    left = list(one)
    while len(left) >= len(other):
        times = left[0] / other[0]
        left = [a - times * b for a, b in zip(left, other + [Fraction(0)] * len(left), strict=False)][1:]
    while left and left[0] == 0:
        left = left[1:]
    return left


def number_of_rates(flows: list[int]) -> int:
    """How many different rates above −100 % there are: Sturm's theorem on x > 0, in fractions."""
    first, last = (next(t for t in order if flows[t]) for order in (range(len(flows)), range(len(flows))[::-1]))
    polynomial = [Fraction(flow) for flow in reversed(flows[first : last + 1])]
    degree = len(polynomial) - 1
    chain = [polynomial, [a * (degree - k) for k, a in enumerate(polynomial[:-1])]]
    while rest := remainder(chain[-2], chain[-1]):
        chain.append([-a for a in rest])
    return changes([p[-1] for p in chain]) - changes([p[0] for p in chain])


def changes(values: list[Fraction]) -> int:
    """Changes of sign, noughts left out."""
    signs = [value > 0 for value in values if value != 0]
    return sum(one != other for one, other in pairwise(signs))


def nearest_rate(flows: list[int]) -> float:
    """The rate nearest zero, by the eigenvalues of the companion matrix."""
    roots = np.roots(np.trim_zeros(np.array(flows[::-1], dtype=np.float64)))
    real = roots.real[(np.abs(roots.imag) < 1e-5 * np.abs(roots)) & (roots.real > 0)]
    rates = 1 / real - 1
    return float(rates[np.argmin(np.abs(rates))])


def test_sturm_counts_rates() -> None:
    assert number_of_rates([-1000, 2300, -1320]) == 2
    assert number_of_rates([-100, 110]) == 1
    assert number_of_rates([-1000, 2200, -1210]) == 1
    assert number_of_rates([-100, 150, -100]) == 0
    assert number_of_rates([0, -100, 0, 121, 0]) == 1


@settings(max_examples=max(400, settings().max_examples))
@given(st.lists(st.integers(-60, 60), min_size=2, max_size=13))
@example([-1, 3, -3, 1])  # a triple rate of nothing
@example([-1, 1, 1, -1])  # a double one
@example([-2, 5, -4, 1])  # a double rate of nothing beside one of −50 %
@example([-4, 0, 5, 0, -1])
def test_all_rates_are_found(flows: list[int]) -> None:
    found, status = rate_of(*flows)
    if not any(flow < 0 for flow in flows) or not any(flow > 0 for flow in flows):
        assert status == ("total_loss" if any(flows) and max(flows) <= 0 else "none")
        return
    count = number_of_rates(flows)
    assert status == {0: "none", 1: "unique"}.get(count, "multiple")
    if count:
        # eigenvalues know a triple rate to a third of the digits only
        assert found == pytest.approx(nearest_rate(flows), abs=1e-4)
        x = 1 / (1 + found)
        value = sum(flow * x**t for t, flow in enumerate(flows))
        assert abs(value) <= 1e-9 * sum(abs(flow) * x**t for t, flow in enumerate(flows))


@settings(max_examples=max(200, settings().max_examples))
@given(
    st.lists(st.floats(1, 1e6), min_size=1, max_size=5),
    st.lists(st.floats(1, 1e6), min_size=1, max_size=20),
    st.sampled_from([1, 2, 4, 12]),
)
def test_conventional_flows_against_numpy_financial(put_in: list[float], back: list[float], per_year: int) -> None:
    flows = [*(-amount for amount in put_in), *back]
    expected = numpy_financial.irr(flows)
    found, status = rate_of(*flows, per_year=per_year)
    assert status == "unique"
    if not np.isnan(expected) and abs(expected) < 10:  # it has no answer where the rate is extreme
        assert found == pytest.approx((1 + expected) ** per_year - 1, rel=1e-7, abs=1e-9)


def test_many_at_once_are_as_one_by_one() -> None:
    flows = np.random.default_rng(2).integers(-50, 60, size=(9, 300)).astype(np.float64)
    together = irr(flows, 4)
    for column in range(flows.shape[1]):
        alone = irr(flows[:, [column]], 4)
        assert np.array_equal(alone.annual, together.annual[[column]], equal_nan=True)
        assert alone.status[0] == together.status[column]
    assert sum(together.counts().values()) == 300
    assert min(together.counts()[status] for status in ("unique", "multiple", "none")) > 10


def test_a_rate_within_rounding_of_zero_is_one_rate() -> None:
    rates = irr(np.array([[-100.0], [100.0000009]]), 1)
    assert rates.counts()["unique"] == 1
    assert rates.annual[0] == pytest.approx(0.0, abs=1e-8)


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_flows_that_are_no_numbers_have_no_rate(odd: float) -> None:
    found = irr(np.array([[-100.0, -1.0, odd, odd], [110.0, odd, -odd, 2.0]]), 1)
    assert found.annual[0] == pytest.approx(0.1)
    assert np.isnan(found.annual[1:]).all()
    assert [STATUSES[int(code)] for code in found.status] == ["unique", "none", "none", "none"]
