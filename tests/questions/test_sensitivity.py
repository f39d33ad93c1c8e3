"""What a measure depends on, against variances, crossings and means that are known in closed form."""

import copy
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.questions.given import Known
from sibmodel.questions.inputs import Input, inputs_of
from sibmodel.questions.sensitivity.effects import LUCK
from sibmodel.questions.sensitivity.groups import Group
from sibmodel.questions.sensitivity.importance import Drawn
from sibmodel.questions.switching import crossings
from sibmodel.questions.variance import Part, half, part, settled, squares_of
from sibmodel.report.numbers import shown
from sibmodel.sampling.normal import score, share_below
from tests.random_numbers import Data
from tests.running.test_runs import SMALL, WTW
from tests.strategies import read

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"
PILOT = W1.parents[1] / "london" / "borough_pilot.yaml"
JOB, ENGAGEMENT = "contract.terms.job.price", "contract.terms.engagement.price"
A, B, C = (f"outcomes.{name}.per_person" for name in "abc")
PAYMENTS = "payers.payments"
REFERRALS = "programme.groups.long_term_conditions.referrals"

# 100 people; of outcome a, b and c so much for each of them, paid £1, £2 and £3 for each. So payments are
# 100 (a + 2 b + 3 c), with a, b and c normal of mean 10 and standard deviation 1.
LINEAR: Data = {
    "title": "A sum",
    "timeline": {"signing": "2020-03-31", "period": "year", "periods": 1},
    "programme": {"groups": {"all": {"referrals": 100, "engaged": 1}}, "costs": {"set_up": {"uniform": [900, 1100]}}},
    "outcomes": {name: {"type": "quantity", "per_person": {"normal": [10, 1]}} for name in "abc"},
    "contract": {
        "payers": {"council": {}},
        "terms": {
            name: {"rule": "price", "outcome": name, "price": price} for name, price in (("a", 1), ("b", 2), ("c", 3))
        },
    },
    "capital": {"tranches": {"fund": {"commitment": 2000}}},
}


def linear(rank: float | None = None) -> sibmodel.Scenario:
    """The sum; with a rank correlation of a and b."""
    data = copy.deepcopy(LINEAR)
    if rank is not None:
        data["dependence"] = {"correlations": [{"between": [A, B], "rank": rank, "reason": "assumption: for a test"}]}
    return read(data)


def shares(found: sibmodel.Sensitivity) -> dict[str, tuple[float, float]]:
    """First-order shares with their standard errors."""
    return {one.name: (one.part.share, one.part.share_se) for one in found.told}


def effects(found: sibmodel.Sensitivity) -> dict[str, tuple[float, float]]:
    """Total or Shapley effects with their standard errors."""
    assert found.effects is not None
    return {one.player.name: (one.part.share, one.part.share_se) for one in found.effects.effects}


def near(found: tuple[float, float], exact: float, room: float = 0.0) -> bool:
    """Within four standard errors, and no more than 0.1 of them."""
    return abs(found[0] - exact) < 4 * found[1] + room + 1e-12 and found[1] < 0.05


# --- Importance and effects --------------------------------------------------------------------------


@pytest.mark.parametrize("sampling", ["pseudo_random", "latin_hypercube", "sobol"])
def test_of_a_sum_each_part_is_its_own_variance(sampling: str) -> None:
    """Var = 1 + 4 + 9 = 14, and first-order, total and Shapley effects are all 1/14, 4/14, 9/14."""
    data = {**LINEAR, "simulation": {"sampling": sampling, "trials": 4096}}
    exact = {A: 1 / 14, B: 4 / 14, C: 9 / 14, "programme.costs.set_up": 0.0}
    for kind in ("total", "shapley"):
        found = sibmodel.sensitivity(read(data), PAYMENTS, effects=kind, trials=4096, seed=3)
        assert found.luck is None
        for name, share in exact.items():
            assert near(shares(found)[name], share, room=0.002), name
            assert near(effects(found)[name], share), name
        assert effects(found)["programme.costs.set_up"] == (0.0, 0.0)
        assert found.effects is not None
        assert found.effects.total.variance == pytest.approx(140_000, abs=4 * found.effects.total.se)


def test_of_a_product_what_is_done_together_is_in_both_totals_and_halved_by_shapley() -> None:
    """Payments are 2000 e u: e uniform on 0 to 1 (mean 1/2, variance 1/12), u on 0 to 4 (mean 2, variance 16/12).

    Var(e u) = (1/12)(4) + (1/4)(16/12) + (1/12)(16/12) = 12/36 + 12/36 + 4/36: alone 12/28 each, together 4/28.
    """
    data = copy.deepcopy(SMALL)
    data["outcomes"]["units"]["per_person"] = {"uniform": [0, 4]}
    engaged, units = "programme.groups.all.engaged", "outcomes.units.per_person"
    total = sibmodel.sensitivity(read(data), PAYMENTS, effects="total", trials=8000, seed=4)
    shapley = sibmodel.sensitivity(read(data), PAYMENTS, effects="shapley", trials=8000, seed=4)
    for name in (engaged, units):
        assert near(shares(total)[name], 12 / 28)
        assert near(effects(total)[name], 16 / 28)
        assert near(effects(shapley)[name], 14 / 28)
    text = " ".join(str(total).split())
    assert "what they do only together is counted in each of them" in text


RANK = 0.5
RHO = 2 * math.sin(math.pi * RANK / 6)
VARIANCE = 1 + 4 + 4 * RHO + 9


def test_shapley_effects_of_numbers_that_move_together() -> None:
    """Of β₁x + β₂z with correlation ρ: φ₁ = β₁²(1 − ρ²/2) + β₁β₂ρ + β₂²ρ²/2; first order S₁ = (β₁ + ρβ₂)².

    E.g. v({1}) = (β₁ + ρβ₂)² and what 1 adds to 2 is β₁²(1 − ρ²); φ₁ is their mean.
    """
    found = sibmodel.sensitivity(linear(RANK), PAYMENTS, effects="shapley", trials=20_000, seed=5)
    first = {A: (1 + 2 * RHO) ** 2, B: (2 + RHO) ** 2, C: 9}
    fair = {
        A: 1 * (1 - RHO**2 / 2) + 2 * RHO + 4 * RHO**2 / 2,
        B: 4 * (1 - RHO**2 / 2) + 2 * RHO + 1 * RHO**2 / 2,
        C: 9,
    }
    assert sum(fair.values()) == pytest.approx(VARIANCE)
    for name in (A, B, C):
        assert near(shares(found)[name], first[name] / VARIANCE, room=0.002), name
        assert near(effects(found)[name], fair[name] / VARIANCE), name
    assert sum(share for share, _ in effects(found).values()) == pytest.approx(1, rel=1e-9)
    assert found.together == ((A, B),)
    text = " ".join(str(found).split())
    assert f"These move together: {A} and {B}. Moving one alone breaks that" in text
    assert "each also tells of those that move with it" in text


def test_total_effects_are_of_whole_groups_where_numbers_move_together() -> None:
    found = sibmodel.sensitivity(linear(RANK), PAYMENTS, effects="total", trials=8000, seed=6)
    assert set(effects(found)) == {f"{A} with {B}", C, "programme.costs.set_up"}
    assert near(effects(found)[f"{A} with {B}"], (5 + 4 * RHO) / VARIANCE)
    assert near(effects(found)[C], 9 / VARIANCE)
    assert "has no total effect of its own" in " ".join(str(found).split())


def test_a_number_that_nothing_reads_has_an_effect_only_if_it_moves_with_one_that_is_read() -> None:
    data = copy.deepcopy(LINEAR)
    pair = {"between": [C, "programme.costs.set_up"], "rank": RANK, "reason": "assumption: for a test"}
    data["dependence"] = {"correlations": [pair]}
    found = sibmodel.sensitivity(read(data), PAYMENTS, effects="shapley", trials=8000, seed=7)
    assert near(effects(found)["programme.costs.set_up"], 9 * RHO**2 / 2 / 14)
    assert near(effects(found)[C], 9 * (1 - RHO**2 / 2) / 14)
    unread = next(bar for bar in found.bars if bar.address == "programme.costs.set_up")
    assert (unread.width, unread.moves) == (0.0, True)  # not alone, but with what moves with it


def test_luck_is_one_of_them_and_what_no_number_explains() -> None:
    """1000 p people out of 1000, binomial, £10 each: Var = 10²(1000 E[p(1 − p)] + 1000² Var p)."""
    data = copy.deepcopy(SMALL)
    data["timeline"]["periods"] = 1
    data["programme"]["groups"]["all"] = {"referrals": 1000, "engaged": 1}
    job = {"type": "achievement", "share": {"uniform": [0.4, 0.5]}, "luck": {"intraclass_correlation": 0}}
    data["outcomes"] = {"units": job}
    luck = 1000 * (0.45 * 0.55 - 0.01 / 12)
    exact = luck / (luck + 1000**2 * 0.01 / 12)
    for kind in ("total", "shapley"):
        found = sibmodel.sensitivity(read(data), PAYMENTS, effects=kind, trials=8000, seed=8)
        assert found.luck is not None
        assert near((found.luck.share, found.luck.share_se), exact)
        assert near(effects(found)[LUCK], exact)
    assert "is luck, noise in measuring and wandering volumes" in " ".join(str(found).split())


def test_many_numbers_are_merged_and_still_add_up() -> None:
    found = sibmodel.sensitivity(sibmodel.load(PILOT), "investor.npv", effects="shapley", trials=600, seed=9)
    names = effects(found)
    assert sum(share for share, _ in names.values()) == pytest.approx(1, rel=1e-9)
    assert len(names) == 13  # eleven, the others together, luck
    (rest,) = (one.player for one in found.effects.effects if "others together" in one.player.name)  # type: ignore[union-attr]
    assert len(rest.addresses) == len(found.bars) - 11
    assert len(found.together) == 2


def test_the_ishigami_function_from_given_data() -> None:
    """sin x₁ + 7 sin² x₂ + 0.1 x₃⁴ sin x₁ on −π to π: S = 0.3139, 0.4424 and 0 (Ishigami and Homma 1990)."""
    uniforms = np.random.default_rng(1).uniform(size=(3, 8000))
    x = (2 * uniforms - 1) * np.pi
    y = np.sin(x[0]) + 7 * np.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * np.sin(x[0])
    drawn = Drawn(y, {str(i): Known(x[i], uniforms[i]) for i in range(3)}, 1)
    for name, exact in (("0", 0.3139), ("1", 0.4424), ("2", 0.0)):
        told = drawn.part_told_by((name,))
        assert near((told.share, told.share_se), exact, room=0.002), name
    both = drawn.part_told_by(("0", "2"))  # 1 − S₂, as x₁ and x₃ act together
    assert near((both.share, both.share_se), 1 - 0.4424, room=0.06)


def test_means_where_a_number_is_low_and_high() -> None:
    """Payments 2000 e, e uniform: the mean over the lowest fifth is 200, over the highest 1800."""
    (one,) = sibmodel.sensitivity(read(SMALL), PAYMENTS, trials=8000, seed=1).told
    assert one.low is not None
    assert one.high is not None
    assert one.low.mean == pytest.approx(200, abs=4 * (one.low.se or 0))
    assert one.high.mean == pytest.approx(1800, abs=4 * (one.high.se or 0))
    assert one.part.share == pytest.approx(1, abs=1e-6)


def test_draws_given_what_stays_have_the_copulas_correlations() -> None:
    """New scores given others that stay are as correlated with these, and as spread, as at first."""
    wanted = np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.5], [0.3, 0.5, 1.0]])
    rng = np.random.default_rng(2)
    some, others = (
        Trials(40_000, 2, probabilities={n: share_below(row) for n, row in zip("xyz", z, strict=True)})
        for z in (np.linalg.cholesky(wanted) @ rng.standard_normal((3, 40_000)) for _ in range(2))
    )
    group = Group(("x", "y", "z"), wanted)
    drawn = rng.integers(0, 2, (3, 40_000)).astype(bool)
    new, old = score(group.anew(some, others, drawn)), score(np.stack([some.probabilities[n] for n in "xyz"]))
    assert np.cov(new) == pytest.approx(wanted, abs=0.03)
    np.testing.assert_allclose(new[~drawn], old[~drawn], rtol=1e-9)
    all_new = np.all(drawn, axis=0)  # nothing stays: as in the other trials
    np.testing.assert_allclose(
        new[:, all_new], score(np.stack([others.probabilities[n] for n in "xyz"]))[:, all_new], rtol=1e-9
    )
    x_stays = drawn[1] & ~drawn[0]
    left = new[1][x_stays] - 0.6 * old[0][x_stays]
    assert left.var() == pytest.approx(1 - 0.36, abs=0.03)
    assert np.corrcoef(left, old[1][x_stays] - 0.6 * old[0][x_stays])[0, 1] == pytest.approx(0.0, abs=0.15)


# --- Tornado -----------------------------------------------------------------------------------------


def test_a_tornado_by_hand() -> None:
    """Payments 100 (a + 2 b + 3 c): 6000 in the base case, ±128.155 times 1, 2 and 3; costs move nothing."""
    found = sibmodel.sensitivity(linear(), PAYMENTS, trials=100)
    assert found.base == pytest.approx(6000)
    assert [bar.address for bar in found.bars] == [C, B, A, "programme.costs.set_up"]
    for bar, times in zip(found.bars, (3, 2, 1), strict=False):
        assert [bar.low, bar.high] == pytest.approx([8.718448, 11.281552])
        assert bar.at_low == pytest.approx(6000 - 128.1552 * times, abs=0.01)
        assert bar.width == pytest.approx(256.3103 * times, abs=0.01)
        assert bar.with_low is None
    assert not found.bars[-1].moves
    text = " ".join(str(found).split())
    assert "It does not depend on programme.costs.set_up, as far as the base case shows." in text
    assert "Less of it is better for those who pay." in text


def test_a_group_moves_with_the_number_that_is_moved() -> None:
    """With a at its 90th percentile, score 1.2816, the middle of b is 10 + ρ 1.2816."""
    bar = next(bar for bar in sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=100).bars if bar.address == A)
    assert bar.at_high == pytest.approx(6000 + 128.1552, abs=0.01)
    assert bar.with_high == pytest.approx(6000 + 128.1552 * (1 + 2 * RHO), abs=0.01)


def test_a_group_that_moves_both_ways_the_same() -> None:
    """Paid is £1 for each unit of all 100 people above 10 each, of a and of b, which are opposed."""
    data = copy.deepcopy(LINEAR)
    data["outcomes"]["b"]["per_person"] = {"normal": [10, 2]}
    pair = {"between": [A, B], "rank": -0.5, "reason": "assumption: for a test"}
    data["dependence"] = {"correlations": [pair]}
    data["contract"]["terms"] = {
        name: {"rule": "linear", "outcome": name, "points": [[1000, 0], [2000, 1]], "price": 1000} for name in "ab"
    }
    found = sibmodel.sensitivity(read(data), PAYMENTS, trials=100)
    bar = next(bar for bar in found.bars if bar.address == A)
    assert (found.base, bar.at_low) == (0.0, 0.0)
    assert bar.with_low == pytest.approx(100 * 2 * RHO * 1.2815516)
    assert bar.with_high == pytest.approx(100 * 1.2815516)
    # from nought to the larger of the two, not from one to the other
    of_b, of_a = (line.split()[-1] for line in str(found).splitlines() if "its group with it" in line)
    assert (of_b, of_a) == ("£256", "£133")


def test_a_measure_without_a_value_at_one_end() -> None:
    """Nobody invests where nothing costs anything, so that there is no rate of return."""
    data = copy.deepcopy(SMALL)
    data["programme"]["costs"] = {"set_up": {"choice": {0: 1, 500: 1}}}
    found = sibmodel.sensitivity(read(data), "investor.irr", trials=400)
    bar = next(bar for bar in found.bars if bar.address == "programme.costs.set_up")
    assert (bar.at_low, bar.width, bar.moves) == (None, None, True)
    assert 100 < found.defined < 300
    assert "In the other" in str(found)
    json.dumps(found.as_dict(), allow_nan=False)


def test_nothing_uncertain_and_nothing_that_moves() -> None:
    found = sibmodel.sensitivity(sibmodel.load(W1), trials=20)
    assert found.measure == "investor.npv"
    assert (found.bars, found.told) == ((), ())
    assert "No number of the file is uncertain" in " ".join(str(found).split())
    still = sibmodel.sensitivity(sibmodel.load(W1, {"discounting.public": 0.03}), PAYMENTS, trials=20)
    assert still.sd == pytest.approx(0, abs=1e-6)
    moved = sibmodel.sensitivity(read({**LINEAR, "outcomes": fixed()}), PAYMENTS, trials=20)
    text = " ".join(str(moved).split())
    assert "Nothing moves it." in text
    assert "It is the same in all futures." in text


def fixed() -> Data:
    return {name: {"type": "quantity", "per_person": 10} for name in "abc"}


# --- Switching values --------------------------------------------------------------------------------


def test_the_switching_price_of_w1() -> None:
    """2,650,000 = 5 (450 p + 750 · 500) at p = 344.4444; from 300 to 500 evenly, 0.2222 of it lies below."""
    found = sibmodel.sensitivity(sibmodel.load(W1, {JOB: {"uniform": [300, 500]}}), "investor.profit", trials=50)
    (one,) = found.switches or ()
    assert one.at == pytest.approx(775_000 / 2_250, rel=1e-9)
    assert one.moved == pytest.approx(344.4444 / 400 - 1, rel=1e-4)
    assert one.chance == pytest.approx((344.44444 - 300) / 200, rel=1e-6)
    assert "344.4" in str(found)
    share = 2_650_000 / 2_775_000
    assert share == pytest.approx(0.95495, abs=5e-6)
    both = sibmodel.load(W1, {JOB: {"uniform": [300, 500]}, ENGAGEMENT: 500 * share})
    (one,) = sibmodel.sensitivity(both, "investor.profit", trials=50).switches or ()
    assert one.at == pytest.approx(400 * share, rel=1e-9)


def test_targets() -> None:
    scenario = sibmodel.load(W1, {JOB: {"uniform": [300, 500]}})
    at = {}
    for measure in ("investor.npv", "investor.irr", "investor.multiple"):
        found = sibmodel.sensitivity(scenario, measure, trials=50)
        (one,) = found.switches or ()
        assert one.at is not None
        at[measure] = one.at
    # a net present value of nought is a rate of return at the rate of discounting, a multiple of 1 a profit of nought
    assert at["investor.irr"] == pytest.approx(at["investor.npv"], rel=1e-6)
    assert at["investor.multiple"] == pytest.approx(775_000 / 2_250, rel=1e-6)
    paid = sibmodel.sensitivity(scenario, PAYMENTS, target=2_500_000, trials=50)
    assert (paid.switches or ())[0].at == pytest.approx(625_000 / 2_250, rel=1e-9)
    assert (paid.switches or ())[0].chance == 0
    assert sibmodel.sensitivity(scenario, "outcome.job.verified", trials=50).switches is None
    never = sibmodel.sensitivity(scenario, PAYMENTS, target=9e9, trials=50)
    assert (never.switches or ())[0].at is None
    assert f"Alone these do not bring it there: {JOB}." in " ".join(str(never).split())


def test_crossings_of_functions() -> None:
    """A line, a jump, two crossings of which the nearer counts, none, one at the target, one without a value there."""
    asked: list[float] = []

    def ask(x: FloatArray, which: Any) -> FloatArray:
        functions = (
            lambda v: 3 * v - 4, lambda v: np.where(v < 1.7, -1.0, 1.0), lambda v: (v - 0.5) * (v + 2.0),
            lambda v: v**2 + 1, lambda v: v - 1.0, lambda v: math.nan if abs(v - 1.5) < 0.4 else v - 1.5,
        )  # fmt: skip
        asked.extend(x)
        return np.array([functions[place](value) for place, value in zip(which, x, strict=True)])

    bases = np.array([0.0, 0.0, 0.0, 0.0, 1.0, 0.0])
    sides = [np.outer([0.25, 0.5, 1.0], np.full(6, end)) for end in (-4.0, 4.0)]
    found = crossings(ask, bases, sides)
    assert found[:3] == pytest.approx([4 / 3, 1.7, 0.5], abs=1e-6)
    assert math.isnan(found[3])
    assert found[4] == 1.0
    assert math.isnan(found[5])
    assert np.isfinite(asked).all()


def one_input(number: Any) -> Input:
    data = copy.deepcopy(SMALL)
    data["outcomes"]["units"]["per_person"] = number
    return inputs_of(read(data))["outcomes.units.per_person"]


def test_the_chance_beyond() -> None:
    uniform = one_input({"uniform": [0, 10]})
    assert uniform.chance_beyond(8.0) == pytest.approx(0.2)
    assert uniform.chance_beyond(2.0) == pytest.approx(0.2)
    assert uniform.chance_beyond(11.0) == pytest.approx(0, abs=1e-12)
    choice = one_input({"choice": {1: 1, 2: 2, 7: 1}})  # mean 3
    assert choice.chance_beyond(7.0) == pytest.approx(0, abs=1e-12)  # not beyond, but there
    assert choice.chance_beyond(6.9) == pytest.approx(0.25)
    assert choice.chance_beyond(2.0) == pytest.approx(0.25)
    assert one_input({"normal": [5, 1]}).chance_beyond(6.644854) == pytest.approx(0.05, rel=1e-5)


# --- Grids -------------------------------------------------------------------------------------------


def test_a_grid_of_w1() -> None:
    """Payments are 5 (450 p + 750 q); without a range from half to one and a half times today's number."""
    found = sibmodel.sensitivity(
        sibmodel.load(W1), PAYMENTS, trials=20, grid=sibmodel.TwoWay(JOB, ENGAGEMENT, (300, 500), points=3)
    )
    assert found.grid is not None
    assert found.grid.rows.values == (300, 400, 500)
    assert found.grid.columns.values == (250, 500, 750)
    assert (found.grid.rows.today, found.grid.columns.today) == (400, 500)
    for p, row in zip(found.grid.rows.values, found.grid.cells, strict=True):
        for q, cell in zip(found.grid.columns.values, row, strict=True):
            assert cell is not None
            assert cell.mean == pytest.approx(5 * (450 * p + 750 * q))
            assert cell.se == pytest.approx(0, abs=1e-6)
    assert "price \\ price" in str(found)


def test_a_grid_of_whole_periods() -> None:
    """Service for 30 to 60 months, or half to one and a half times 60, but only in whole years of seven."""
    ends, at = "programme.service.to_month", sibmodel.load(W1)
    found = sibmodel.sensitivity(at, PAYMENTS, trials=20, grid=sibmodel.TwoWay(ends, JOB, (30, 60), points=3))
    assert found.grid is not None
    assert found.grid.rows.values == (36, 48, 60)
    for months, row in zip(found.grid.rows.values, found.grid.cells, strict=True):
        assert row[1] is not None
        assert row[1].mean == pytest.approx(months / 12 * (450 * 400 + 750 * 500))
    usual = sibmodel.sensitivity(at, PAYMENTS, trials=20, grid=sibmodel.TwoWay(ends, JOB)).grid
    assert usual is not None
    assert usual.rows.values == (36, 48, 60, 72, 84)
    with pytest.raises(ScenarioError, match="--down"):
        sibmodel.sensitivity(at, PAYMENTS, trials=20, grid=sibmodel.TwoWay(ends, JOB, (60, 120)))


def test_a_grid_over_uncertain_numbers() -> None:
    """From the 10th to the 90th percentile; what is left random has its error: s/√n of 100 · 3 c."""
    found = sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=400, grid=sibmodel.TwoWay(A, B, points=2), workers=2)
    alone = sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=400, grid=sibmodel.TwoWay(A, B, points=2), workers=1)
    assert found.as_dict() == alone.as_dict()
    assert found.grid is not None
    assert list(found.grid.rows.values) == pytest.approx([8.718448, 11.281552])
    (low, _), (_, high) = found.grid.cells
    assert low is not None
    assert high is not None
    assert high.mean - low.mean == pytest.approx(100 * (1 + 2) * 2.563103, rel=1e-6)
    assert low.se == pytest.approx(300 / 20, rel=0.15)
    assert "what they move together with stays as it was drawn" in " ".join(str(found).split())


def test_items_of_a_list_by_period() -> None:
    """Referrals of two years, 100 each in the base case, are two numbers, and each can be fixed on its own."""
    data, name = copy.deepcopy(LINEAR), "programme.groups.all.referrals"
    data["timeline"]["periods"] = 2
    data["outcomes"] = fixed()
    data["programme"]["groups"]["all"]["referrals"] = {"value": [{"uniform": [50, 150]}] * 2, "unit": "people a year"}
    first, second = f"{name}.0", f"{name}.1"
    found = sibmodel.sensitivity(
        read(data), PAYMENTS, trials=400, grid=sibmodel.TwoWay(first, second, (0, 90), points=2)
    )
    assert {bar.address for bar in found.bars if bar.moves} == {first, second}
    assert found.grid is not None
    assert (found.grid.rows.today, found.grid.rows.unit, found.grid.columns.today) == (100.0, "people a year", 100.0)
    assert found.grid.columns.values == pytest.approx((60, 140))
    cells = [cell.mean for row in found.grid.cells for cell in row if cell is not None]
    assert cells == pytest.approx([60 * people for people in (60, 140, 150, 230)])
    text = " ".join(str(found).split())
    assert f"down {first} (people a year, 100 today)" in text
    assert "referrals 0 \\ referrals 1" in text
    solved = sibmodel.solve(read(data), PAYMENTS, 9000, second, trials=64)
    assert (solved.today, solved.address_unit, solved.between) == (100.0, "people a year", (0.0, 300.0))
    with pytest.raises(SibmodelError, match="give --across LOW HIGH"):  # the list itself is no number
        sibmodel.sensitivity(read(data), PAYMENTS, trials=20, grid=sibmodel.TwoWay(A, name))


def test_a_number_that_is_pooled_from_studies() -> None:
    """It is drawn as evidence, but set where it is used."""
    scenario = sibmodel.load(W1.parents[1] / "what_newcastle_saved" / "pooled.yaml")
    effect, price = "outcomes.hospital_cost.change", "contract.terms.wellbeing.price"
    found = sibmodel.sensitivity(scenario, trials=20, grid=sibmodel.TwoWay(effect, price, points=2))
    bar = next(bar for bar in found.bars if bar.address == "evidence.newcastle_hospital_cost")
    assert found.grid is not None
    assert found.grid.rows.values == (bar.low, bar.high)
    with pytest.raises(SibmodelError, match="pooled from studies; name the number that uses it"):
        sibmodel.sensitivity(scenario, trials=20, grid=sibmodel.TwoWay(bar.address, price))


@pytest.mark.parametrize(
    ("grid", "said"),
    [
        (sibmodel.TwoWay(JOB, JOB), "name two numbers"),
        (sibmodel.TwoWay(JOB, "contract.terms.job.prize"), "did you mean 'price'"),
        (sibmodel.TwoWay(JOB, ENGAGEMENT, (5, 2)), "lower bound first"),
        (sibmodel.TwoWay(JOB, ENGAGEMENT, (-5, 2)), "-5 is out of range"),
        (sibmodel.TwoWay(JOB, ENGAGEMENT, points=1), "ask for 2 to 15"),
        (sibmodel.TwoWay(JOB, "programme.costs.per_person"), "give --across LOW HIGH"),
    ],
)
def test_grids_that_cannot_be(grid: sibmodel.TwoWay, said: str) -> None:
    with pytest.raises((SibmodelError, ScenarioError), match=said):
        sibmodel.sensitivity(sibmodel.load(W1), "investor.profit", trials=20, grid=grid)


# --- All together ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"measure": "investor.profits"}, "did you mean 'investor.profit'"),
        ({"measure": "investor.irr_of_mean_flow"}, "not worked out future by future"),
        ({"measure": "investor.loss_probability"}, "0 or 1 in each future and does not move by degrees"),
        ({"effects": "sobol"}, "no 'sobol' effects; ask for total or shapley"),
        ({"trials": 1}, "ask for 2 to"),
        ({"workers": 0}, "ask for 1 to"),
    ],
)
def test_what_cannot_be_asked(options: dict[str, Any], said: str) -> None:
    with pytest.raises(SibmodelError, match=said):
        sibmodel.sensitivity(linear(), **{"trials": 20, **options})


def test_the_usual_measure_is_what_payers_save_where_they_save() -> None:
    found = sibmodel.sensitivity(sibmodel.load(PILOT), trials=40, seed=2)
    assert found.measure == "commissioner.net_saving"
    assert found.good is not None
    assert found.good.more
    assert "Mean where low, high" in " ".join(str(found).split())
    assert sibmodel.sensitivity(linear(), trials=40).measure == "investor.npv"
    data = copy.deepcopy(LINEAR)
    line = {"outcome": "a", "agency": "council", "value": 5}
    for payer, kind, usual in (
        ("commissioner", "fiscal", "commissioner.net_saving"),
        ("outcomes_fund", "fiscal", "investor.npv"),
        ("commissioner", "economic", "investor.npv"),
    ):
        data["contract"]["payers"]["council"]["kind"] = payer
        data["savings"] = {"agencies": {"council": {"payer": "council"}}, "items": {"of_a": {**line, "kind": kind}}}
        assert sibmodel.sensitivity(read(data), trials=20).measure == usual


def test_it_is_told_and_written() -> None:
    found = sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=400, seed=1, effects="shapley")
    assert "<table" in found._repr_html_()
    frame = found.to_frame()
    assert list(frame.index) == [bar.address for bar in found.bars]
    assert frame.loc[C, "share"] == pytest.approx(9 / VARIANCE, abs=0.15)
    written = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert written["bars"][0]["address"] == C
    assert written["together"] == [[A, B]]
    again = sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=400, seed=1, effects="shapley", workers=1)
    assert again.as_dict() == found.as_dict()


def test_a_measure_that_only_rounding_moves_is_the_same_in_all_futures() -> None:
    """Paid are always the £1,000 that the council pays at most: a pro rata share of it, and so off by rounding."""
    data = copy.deepcopy(LINEAR)
    data["contract"]["payers"]["council"]["cap"] = 1000
    for kind in ("total", "shapley"):
        found = sibmodel.sensitivity(read(data), PAYMENTS, trials=400, effects=kind)
        assert (found.sd, found.told, found.switches) == (0.0, (), ())
        assert set(effects(found).values()) == {(0.0, 0.0)}
        text = " ".join(str(found).split())
        assert "Nothing moves it." in text
        assert text.count("It is the same in all futures.") == 2
        assert "WHERE PAYERS.PAYMENTS" not in text
    assert sibmodel.spread(read(data), PAYMENTS, trials=400)[PAYMENTS].total.variance == 0.0


def test_parts_of_a_variance_from_few_values() -> None:
    """Half squares 1, 2 and 3 in four replicates, one of them empty: their error is that of independent trials."""
    each = np.array([1.0, 2.0, 3.0, np.nan])
    found = part(each, each * 2.0, 4)
    assert (found.variance, found.share, found.share_se) == (2.0, 0.5, 0.0)
    assert found.se == pytest.approx(1 / math.sqrt(3))
    assert part(np.array([1.0, np.nan]), np.ones(2), 1) == Part(0.0, 0.0, 0.0, 0.0)
    assert not squares_of(np.full(1000, 0.1)).any()
    runs = {"one": np.array([1e6, np.nan]), "other": np.array([1e6 + 0.004, 1e6])}
    assert not half(*settled(runs, "£").values())[0]
    assert half(*settled(runs, "ratio").values())[0] == pytest.approx(8e-6)


def test_too_few_futures_for_effects() -> None:
    """A rate of return in one future of twenty: hardly ever in a future and in all that are drawn anew from it."""
    data = copy.deepcopy(SMALL)
    data["programme"]["costs"] = {"set_up": {"choice": {0: 0.95, 500: 0.05}}}
    found = sibmodel.sensitivity(read(data), "investor.irr", trials=40, effects="total")
    assert found.effects is not None
    assert found.effects.defined < 2
    assert "There are too few futures in which it has a value, with each number drawn anew too" in " ".join(
        str(found).split()
    )
    bar = next(bar for bar in found.bars if bar.address == "programme.costs.set_up")
    assert (bar.low, bar.high) == (0.0, 0.0)


def test_the_worked_cases_of_the_page() -> None:
    """docs/questions/sensitivity.md says what is found."""
    page = " ".join((W1.parents[2] / "docs" / "questions" / "sensitivity.md").read_text(encoding="utf-8").split())
    total, shapley = (sibmodel.sensitivity(WTW, trials=4000, effects=kind) for kind in ("total", "shapley"))

    def told(some: tuple[float, float]) -> str:
        return f"{100 * some[0]:.1f} ± {100 * some[1]:.1f} %"

    for name in ("outcomes.hospital_cost.change", "outcomes.hospital_cost.lasts_months", REFERRALS):
        row = [told(shares(total)[name]), told(effects(total)[name]), told(effects(shapley)[name])]
        bar = next(bar for bar in total.bars if bar.address == name)
        assert f"{bar.low:.0f} to {bar.high:.0f}" in page
        assert f"{shown(bar.at_low, '£')} to {shown(bar.at_high, '£')} | {' | '.join(row)} |" in page, name
    assert f"| {told(effects(total)[LUCK])} | {told(effects(shapley)[LUCK])} |" in page
    by_name = {one.address: one for one in total.switches or ()}
    change, lasts = by_name["outcomes.hospital_cost.change"], by_name["outcomes.hospital_cost.lasts_months"]
    assert f"down to £{change.at:.0f} a person (chance beyond {100 * (change.chance or 0):.1f} %)" in page
    assert f"lasts {lasts.at:.0f} months and not {lasts.base:.0f}, which its distribution excludes" in page
    assert lasts.chance == 0.0
    pilot, housing = sibmodel.load(PILOT), "programme.groups.from_housing.referrals"
    found = sibmodel.sensitivity(pilot, "investor.npv", trials=4000, effects="shapley")
    assert f"tell {told(shares(found)[housing])} of the variance" in page
    assert f"a Shapley effect of {told(effects(found)[housing])}" in page


def test_few_futures_are_said_to_be_few() -> None:
    assert "There are too few futures to tell." in str(sibmodel.sensitivity(linear(), PAYMENTS, trials=5))


def test_the_chart_has_a_bar_a_number_and_a_cell_a_pair() -> None:
    from sibmodel.report.sensitivity_chart import sensitivity_chart

    found = sibmodel.sensitivity(linear(RANK), PAYMENTS, trials=40, grid=sibmodel.TwoWay(A, B, points=3))
    (empty,) = sensitivity_chart(sibmodel.sensitivity(sibmodel.load(W1), trials=20)).axes
    assert not empty.get_yticklabels()
    tornado, grid = sensitivity_chart(found).axes
    assert next(label.get_text() for label in tornado.get_yticklabels()) == "per person of outcome 'c'"
    assert len(grid.texts) == 9
