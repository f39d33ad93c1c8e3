"""Internal rates of return of many columns at once: bonds that recycle, several rates, extremes, and the same bits."""

from fractions import Fraction

import numpy as np
import pytest

from sibmodel.core.timeline import FloatArray
from sibmodel.measures.irr import DUST, STATUSES, irr, mirr
from sibmodel.measures.isolation import _any_number
from tests.measures.test_irr import nearest_rate, number_of_rates

UNIQUE, MULTIPLE, LOST, NONE = range(4)


def bonds(count: int, seed: int, quarters: int = 28) -> FloatArray:
    """Net flows to investors: drawdowns, running costs out of payments received, outcomes paid late; to the pound."""
    rng = np.random.default_rng(seed)
    quarter = np.arange(quarters + 1)[:, None]
    paid = rng.gamma(2.0, rng.uniform(8, 26, count), (quarters + 1, count)) * (quarter >= 4)
    costs = rng.uniform(10, 30, (quarters + 1, count)) * (quarter < rng.integers(8, 24, count))
    drawn = 60.0 * (quarter < rng.integers(1, 6, count))
    over = quarter > rng.integers(quarters // 2, quarters + 8, count)
    return np.where(over, 0.0, np.round(1000 * (paid - costs - drawn)))


def rough(count: int, seed: int, periods: int = 28) -> FloatArray:
    """Flows of either sign without any pattern, to the pound: most have several rates or none."""
    return np.round(np.random.default_rng(seed).normal(0, 500, (periods + 1, count)))


def changes(flows: FloatArray) -> list[int]:
    """Changes of sign of each column."""
    signs = [np.sign(column[column != 0]) for column in flows.T]
    return [int(np.sum(sign[1:] != sign[:-1])) for sign in signs]


def with_rates(growths: list[Fraction], periods: int) -> FloatArray:
    """A column with just these values of 1 + r, exact in whole pounds, to at least so many periods."""
    flows = [1]
    for growth in growths:  # times (denominator − numerator·x)
        n, d = growth.numerator, growth.denominator
        flows = [d * a - n * b for a, b in zip([*flows, 0], [0, *flows], strict=True)]
    while len(flows) <= periods:  # times 1 + x³, which has no root above nothing
        flows = [a + b for a, b in zip([*flows, 0, 0, 0], [0, 0, 0, *flows], strict=True)]
    return np.array(flows, dtype=np.float64)[:, None]


def test_bonds_recycle_and_change_sign_often() -> None:
    assert np.mean(np.array(changes(bonds(500, 1))) > 1) > 0.6


@pytest.mark.parametrize("flows", [bonds(30, 2), rough(25, 3)], ids=["bonds", "rough"])
def test_counts_against_sturm(flows: FloatArray) -> None:
    found = irr(flows, 1)
    for column, status in zip(flows.T, found.status, strict=True):
        if (column < 0).any() and (column > 0).any():
            count = number_of_rates([int(flow) for flow in column])
            assert status == {0: NONE, 1: UNIQUE}.get(count, MULTIPLE)
        else:
            assert status == (LOST if (column < 0).any() else NONE)


def test_rates_against_eigenvalues() -> None:
    flows = bonds(300, 4)
    found = irr(flows, 1)
    for column, rate, status in zip(flows.T, found.annual, found.status, strict=True):
        if status in (UNIQUE, MULTIPLE):
            assert rate == pytest.approx(nearest_rate([int(flow) for flow in column]), rel=1e-9, abs=1e-10)


@pytest.mark.parametrize("periods", [5, 8, 28, 120])
@pytest.mark.parametrize("make", [bonds, rough])
def test_quick_ways_agree_with_halving(make: object, periods: int) -> None:
    """Halving the unit interval settles every column by itself; the quick ways must say the same."""
    flows = {bonds: bonds, rough: rough}[make](400, 5, periods)  # type: ignore[index]
    flows = flows[:, (flows < 0).any(axis=0) & (flows > 0).any(axis=0)]
    assert flows.size
    growth, count = _any_number(flows, np.abs(flows.sum(axis=0)) <= DUST)
    found = irr(flows, 1)
    assert np.array_equal(found.status, np.select([count == 1, count > 1], [UNIQUE, MULTIPLE], NONE))
    np.testing.assert_allclose(found.annual + 1.0, growth, rtol=1e-9)


def test_the_rate_is_right_to_the_last_digits() -> None:
    """Exact arithmetic: the present value changes its sign within some units in the last place of 1 + r."""
    flows = np.concatenate([-np.full((3, 60), 4000.0), np.random.default_rng(6).integers(100, 900, (26, 60))])
    found = irr(flows, 1)
    for column, rate in zip(flows.T, found.annual, strict=True):
        low, high = (1 + Fraction(rate) + Fraction(way, 10**15) for way in (-2, 2))
        assert exact_value(column, low) > 0 > exact_value(column, high)


def exact_value(column: FloatArray, growth: Fraction) -> Fraction:
    """Σ c_t g^(T−t), which has the sign of the present value."""
    total = Fraction(0)
    for flow in column:
        total = total * growth + Fraction(int(flow))
    return total


@pytest.mark.parametrize("apart", [10, 100, 1000, 10_000])
@pytest.mark.parametrize("at", [Fraction(11, 10), Fraction(9, 10), Fraction(101, 100)])
@pytest.mark.parametrize("periods", [2, 20])
def test_two_rates_close_together(apart: int, at: Fraction, periods: int) -> None:
    near, far = sorted([at, at + Fraction(1, 10 * apart)], key=lambda growth: abs(growth - 1))
    found = irr(with_rates([near, far], periods), 1)
    assert found.status[0] == MULTIPLE
    assert found.annual[0] == pytest.approx(float(near - 1), abs=1e-13 * apart**1.5)


@pytest.mark.parametrize("periods", [2, 20])
def test_nearly_two_rates_are_none(periods: int) -> None:
    """−((1 − 1.1x)² + a little) never reaches nothing."""
    flows = -with_rates([Fraction(11, 10)] * 2, periods)
    touching = irr(flows, 1)
    assert touching.status[0] == UNIQUE
    assert touching.annual[0] == pytest.approx(0.1, abs=1e-5)
    flows[0] -= 1e-3
    assert irr(flows, 1).status[0] == NONE


@pytest.mark.parametrize(
    ("growths", "nearest"),
    [
        (["0.97", "1.02", "1.05"], "1.02"),
        (["0.99", "1.02", "1.05"], "0.99"),
        (["0.4", "1.7", "3"], "0.4"),
        (["0.02", "1.9", "40"], "1.9"),
        (["0.9", "0.8", "0.7"], "0.9"),
        (["1.25", "1.5", "2", "0.5"], "1.25"),
        (["0.98", "1.03"], "0.98"),
    ],
)
@pytest.mark.parametrize("periods", [5, 29])
def test_the_nearest_of_known_rates(growths: list[str], nearest: str, periods: int) -> None:
    for sign in (1, -1):
        found = irr(sign * with_rates([Fraction(growth) for growth in growths], periods), 1)
        assert found.status[0] == MULTIPLE
        assert found.annual[0] == pytest.approx(float(nearest) - 1, rel=1e-11)


def test_noughts_before_and_after_change_nothing() -> None:
    flows = np.concatenate([bonds(200, 7), rough(200, 8)], axis=1)
    plain = irr(flows, 4)
    for before, after in ((5, 0), (0, 3), (2, 90)):
        found = irr(np.pad(flows, ((before, after), (0, 0))), 4)
        assert np.array_equal(found.status, plain.status)
        np.testing.assert_allclose(found.annual, plain.annual, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("months", [120, 600])
@pytest.mark.parametrize("rate", [-0.02, -0.003, -1e-5, 1e-6, 0.004, 0.03, 0.3])
def test_long_horizons(months: int, rate: float) -> None:
    """A level repayment over all months after two years of drawdowns."""
    drawn = 24
    discount = (1.0 + rate) ** -np.arange(months + 1.0)
    level = discount[:drawn].sum() / discount[drawn:].sum()
    flows = np.where(np.arange(months + 1) < drawn, -1000.0, 1000.0 * level)[:, None]
    found = irr(flows, 12)
    assert found.counts()["unique"] == 1
    assert (1.0 + found.annual[0]) ** (1 / 12) - 1.0 == pytest.approx(rate, rel=1e-10, abs=1e-13)


def test_hundreds_of_periods_with_several_rates() -> None:
    found = irr(with_rates([Fraction(101, 100), Fraction(99, 100)], 0), 1)
    assert found.status[0] == MULTIPLE
    flows = np.zeros((601, 2))
    flows[[0, 1, 2], 0] = -1000, 2030, -1030.2  # 1 % and 2 %
    flows[[0, 300, 600], 1] = -1000, 2500, -1540  # 1.1 and 1.4 over 300 periods
    found = irr(flows, 1)
    assert list(found.status) == [MULTIPLE, MULTIPLE]
    np.testing.assert_allclose(found.annual, [0.01, 1.1 ** (1 / 300) - 1], rtol=1e-9)


def test_losses_have_negative_rates() -> None:
    rng = np.random.default_rng(9)
    flows = np.concatenate([-rng.uniform(50, 100, (4, 300)), rng.uniform(0, 12, (25, 300))])
    flows[6:] *= rng.uniform(0, 1, 300) < 0.7  # some get nearly nothing back
    found = irr(flows, 4)
    assert found.counts()["unique"] == 300
    assert (found.annual < 0).all()
    growth = (1.0 + found.annual) ** 0.25
    powers = growth ** np.arange(28, -1, -1)[:, None]
    assert (np.abs((flows * powers).sum(axis=0)) <= 1e-12 * (np.abs(flows) * powers).sum(axis=0)).all()


def mixed(count: int, periods: int) -> FloatArray:
    """Bonds, rough flows, losses and nothing at all, in turn."""
    flows = np.concatenate([bonds(count, 10, periods), rough(count, 11, periods), bonds(count, 12, periods)], axis=1)
    flows[:, 2 * count :: 2] = np.minimum(flows[:, 2 * count :: 2], 0.0)
    flows[:, ::97] = 0.0
    flows[:, 5::89] -= flows[:, 5::89].mean(axis=0)
    return flows[:, np.random.default_rng(13).permutation(3 * count)]


@pytest.mark.parametrize("periods", [3, 28, 36, 150])
def test_the_company_changes_no_bit(periods: int) -> None:
    flows = mixed(300, periods)
    together = irr(flows, 4)
    rng = np.random.default_rng(14)
    groups = [rng.permutation(900)[: rng.integers(1, 700)] for _ in range(8)]
    for group in [*groups, *np.arange(60)[:, None]]:
        found = irr(flows[:, group], 4)
        assert np.array_equal(found.annual, together.annual[group], equal_nan=True)
        assert np.array_equal(found.status, together.status[group])


def test_neither_does_the_layout_in_memory_nor_the_number() -> None:
    flows = mixed(120, 28)
    plain = irr(flows, 4)
    wide = np.zeros((58, 2 * flows.shape[1]))
    wide[::2, ::2] = flows
    for same in (np.asfortranarray(flows), wide[::2, ::2], flows[::-1].copy()[::-1]):
        assert np.array_equal(irr(same, 4).annual, plain.annual, equal_nan=True)
    many = irr(np.tile(flows, (1, 30)), 4)
    assert np.array_equal(many.annual, np.tile(plain.annual, 30), equal_nan=True)


def test_a_rate_of_nothing_beside_another() -> None:
    """x(1 − x)(1 − 4x), where Newton's first step from the middle ends at nothing."""
    found = irr(np.array([[0.0], [1.0], [-5.0], [4.0]]), 1)
    assert found.status[0] == MULTIPLE
    assert found.annual[0] == 0.0


def test_what_is_given_is_left_as_it_was() -> None:
    flows = mixed(20, 28)
    before = flows.copy()
    irr(flows, 4)
    mirr(flows, 4, 0.1, 0.1)
    assert np.array_equal(flows, before)


def test_no_columns_and_one_period() -> None:
    assert irr(np.zeros((5, 0)), 4).annual.shape == (0,)
    assert irr(np.zeros((0, 3)), 4).counts()["none"] == 3
    found = irr(np.array([[-1.0, 0.0, 1.0]]), 4)
    assert [STATUSES[code] for code in found.status] == ["total_loss", "none", "none"]


@pytest.mark.parametrize(
    ("flows", "finance", "reinvest", "rate"),
    [
        ((-120000, 39000, 30000, 21000, 37000, 46000), 0.10, 0.12, 0.126094),
        ((-500, -300, 100, 350, 450, 150), 0.035, 0.035, 0.068788),
        ((-1600, 10000, -10000), 0.10, 0.10, 0.055990),
        ((-100, 0, 0), 0.05, 0.05, -1.0),
    ],
)
def test_modified_rates(flows: tuple[float, ...], finance: float, reinvest: float, rate: float) -> None:
    column = np.array(flows, dtype=np.float64)[:, None]
    assert mirr(column, 1, finance, reinvest)[0] == pytest.approx(rate, abs=5e-7)


def test_modified_rates_of_many() -> None:
    flows = np.array([[-100.0, 0.0, 50.0, -1.0], [0.0, 0.0, 60.0, 0.0], [121.0, 0.0, 0.0, 9e-7]])
    np.testing.assert_allclose(mirr(flows, 2, 0.05, 0.3), [0.21, np.nan, np.nan, -1.0], rtol=1e-12)
    np.testing.assert_allclose(mirr(flows[:1], 2, 0.05, 0.3), [-1.0, np.nan, np.nan, -1.0])


def test_a_modified_rate_at_the_rate_itself_is_that_rate() -> None:
    flows = bonds(200, 15)
    found = irr(flows, 4)
    some = np.flatnonzero((found.status == UNIQUE) & (found.annual > 0))[:50]
    for column in some:
        rate = float(found.annual[column])
        assert mirr(flows[:, [column]], 4, rate, rate)[0] == pytest.approx(rate, rel=1e-9)


@pytest.mark.parametrize("noughts", [(0, 0), (4, 2), (1, 0), (0, 30)])
def test_noughts_around_the_flows_change_nothing(noughts: tuple[int, int]) -> None:
    """−5 (3 − 2x)(9 − 10x)²: a double rate of 1/9 beside one of −1/3."""
    flows = [-1215.0, 3510.0, -3300.0, 1000.0]
    before, after = noughts
    padded = [0.0] * before + flows + [0.0] * after
    alone, around = (irr(np.array(one)[:, None], 1) for one in (flows, padded))
    assert number_of_rates([int(flow) for flow in padded]) == 2
    assert STATUSES[int(around.status[0])] == STATUSES[int(alone.status[0])] == "multiple"
    assert around.annual[0] == pytest.approx(1 / 9, abs=1e-6)  # a double root is known to half the digits
