"""Differences of two runs of the same trials, and their paired errors."""

import math
from statistics import NormalDist
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy.special import ndtri

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.values import Unit, Values
from sibmodel.running.differences import difference
from sibmodel.running.results import Result
from sibmodel.running.simulation import simulate
from sibmodel.running.statistics import Summary, expected_shortfall, summarise
from sibmodel.sampling.points import Points
from sibmodel.sampling.replicates import Sampling
from tests.running.test_runs import SMALL, WTW
from tests.strategies import read


def run(values: FloatArray, replicates: int = 1, unit: Unit = "£", seed: int = 1) -> Result:
    """A run with one measure, and the shortfall of it as a profit."""
    base = Values(np.array([0.0]), unit, "amount")
    measures = {"x.profit": summarise(base, values, replicates)}
    measures["x.expected_shortfall"] = expected_shortfall(base, values, replicates)

    class Known(SimpleNamespace):
        def __getitem__(self, name: str) -> Summary:
            return measures[name]

    record = SimpleNamespace(trials=values.size, seed=seed, sampling=f"{replicates} parts")
    return cast("Result", Known(record=record, replicates=replicates, values={"x.profit": values}))


def test_a_constant_more_is_known_exactly() -> None:
    values = np.random.default_rng(1).normal(size=4000)
    found = difference(run(values), run(values + 3), "x.profit")
    assert found.mean == pytest.approx(3)
    assert found.se == pytest.approx(0, abs=1e-12)
    assert list(found.percentiles.values()) == pytest.approx([3] * 5)
    assert list(found.percentile_errors.values()) == pytest.approx([0] * 5, abs=1e-7)
    assert not found.is_noise


def test_unpaired_runs_have_the_error_of_both() -> None:
    one, other = (np.random.default_rng(seed).normal(size=50_000) for seed in (1, 2))
    found = difference(run(one), run(other), "x.profit")
    assert found.se == pytest.approx(math.sqrt(2 / 50_000), rel=0.02)
    median = math.sqrt(math.pi / 2 / 50_000)
    assert found.percentile_errors[50] == pytest.approx(math.sqrt(2) * median, rel=0.1)
    assert found.is_noise


def test_only_trials_in_which_both_are_defined_count() -> None:
    found = difference(run(np.array([1.0, 2, np.nan, 4])), run(np.array([2.0, np.nan, 5, 8])), "x.profit")
    assert (found.mean, found.defined) == (2.5, 2)  # of 1 and 4
    assert found.se == pytest.approx(math.sqrt(4.5 / 2))
    nothing = difference(run(np.array([1.0, np.nan])), run(np.array([np.nan, 1.0])), "x.profit")
    assert (nothing.mean, nothing.se, nothing.defined) == (None, None, 0)


def test_a_chance_differs_by_what_differs_in_each_trial() -> None:
    """Of 100 trials 10 become losses and 2 stop being one: 0.08 ± √((0.12 − 0.08²) · 100/99/100) = 0.03387."""
    one = np.array([1.0] * 20 + [0.0] * 80)
    other = np.array([0.0] * 2 + [1.0] * 18 + [1.0] * 10 + [0.0] * 70)
    found = difference(run(one, unit="probability"), run(other, unit="probability"), "x.profit")
    assert found.mean == pytest.approx(0.08)
    assert found.se == pytest.approx(math.sqrt((0.12 - 0.0064) / 99))
    assert set(found.percentiles.values()) == {None}


@pytest.mark.parametrize("replicates", [1, 16])
@pytest.mark.parametrize("statistic", ["mean", "p5", "p50", "shortfall"])
def test_intervals_of_differences_cover_the_truth(statistic: str, replicates: int) -> None:
    """Normal losses with correlation 0.8, the second with 1.5 times the spread and 0.5 more on average."""
    z5, tail = 1.6448536, 2.0627128  # the 5 % quantile and the mean beyond it
    truth = {"mean": 0.5, "p50": 0.5, "p5": 0.5 - 0.5 * z5, "shortfall": 0.5 * tail - 0.5}
    covered = 0
    for seed in range(200):
        generator = np.random.default_rng(seed)
        one = generator.normal(size=3200)
        other = 0.5 + 1.5 * (0.8 * one + 0.6 * generator.normal(size=3200))
        name = "x.expected_shortfall" if statistic == "shortfall" else "x.profit"
        found = difference(run(one, replicates), run(other, replicates), name)
        low, high = found.interval(statistic if statistic[0] == "p" else "mean") or (math.inf, -math.inf)
        covered += low <= truth[statistic] <= high
    assert 180 <= covered <= 198


def test_other_trials_are_refused() -> None:
    with pytest.raises(sibmodel.SibmodelError, match="compare runs of one seed"):
        difference(run(np.zeros(5)), run(np.zeros(6)), "x.profit")
    with pytest.raises(sibmodel.SibmodelError, match="compare runs of one seed"):
        difference(run(np.zeros(5)), run(np.zeros(5), seed=2), "x.profit")


def test_undefined_trials_do_not_make_errors_larger() -> None:
    """A third of trials is undefined in both; the others differ by a constant, which is known exactly."""
    values = np.random.default_rng(1).normal(size=3000)
    values[::3] = np.nan
    found = difference(run(values), run(values + 1), "x.profit")
    assert list(found.percentile_errors.values()) == pytest.approx([0] * 5, abs=1e-7)
    assert found.percentiles[5] == pytest.approx(1)


def test_intervals_of_percentiles_that_are_tied_cover_the_truth() -> None:
    """Counts: the error from ties is not smaller than the spread over 200 runs by more than a third."""
    gaps, errors = [], []
    for seed in range(200):
        generator = np.random.default_rng(seed)
        one = generator.binomial(400, 0.5, 2000).astype(float)
        other = generator.binomial(400, 0.5, 2000) + one
        found = difference(run(one), run(other), "x.profit")
        gaps.append(found.percentiles[50])
        errors.append(found.percentile_errors[50])
    assert np.mean(np.array(errors, float)) > 0.67 * np.std(np.array(gaps, float))


def test_other_sampling_is_refused() -> None:
    with pytest.raises(sibmodel.SibmodelError, match="compare runs of one seed"):
        difference(run(np.zeros(32), 1), run(np.zeros(32), 16), "x.profit")


def test_a_price_a_tenth_higher_pays_a_tenth_more() -> None:
    """100 people × a uniform share × 2 years × £1 more: mean £100, sd 200/√12 = £57.735."""
    scenario = read(SMALL)
    found = sibmodel.compare(scenario, sibmodel.change(scenario, {"contract.terms.units.price": 11}), trials=4000)
    gap = found.differences["payers.payments"][0]
    assert gap.mean == pytest.approx(found.results[0]["payers.payments"].mean / 10)  # type: ignore[operator]
    assert gap.se == pytest.approx(57.735 / math.sqrt(4000), rel=0.02)
    assert gap.base == pytest.approx(100)
    assert [(one.address, one.values) for one in found.inputs] == [("contract.terms.units.price", ("10", "11"))]


def test_a_comparison_with_itself_changes_nothing() -> None:
    found = sibmodel.compare(WTW, WTW, trials=300)
    assert found.inputs == ()
    for name, (gap,) in found.differences.items():
        if gap.mean is not None and not name.endswith("irr_of_mean_flow"):
            assert (gap.mean, gap.se) == (0, 0), name
    assert "Nothing: the scenarios say the same." in str(found)
    assert "Investors' mean return: the same." in str(found)


def test_an_added_input_leaves_the_luck_of_the_others() -> None:
    """Only the new number moves: with its range shut, all is the same in every trial."""
    other = sibmodel.change(WTW, {"capital.tranches.bridges.coupon": {"uniform": [0.05, 0.05]}})
    one, two = simulate(WTW, 500), simulate(other, 500)
    assert all(one.values[name].tobytes() == two.values[name].tobytes() for name in one.values)


def test_everything_that_differs_is_listed() -> None:
    scenario = read(SMALL)
    changes = {"programme.groups.all.engaged": 0.5, "contract.terms.units.lag_months": 12, "title": "Other"}
    more = sibmodel.change(scenario, {**changes, "contract.payers.council.kind": "outcomes_fund"})
    found = sibmodel.compare(scenario, more, scenario, trials=50)
    assert found.names == ("Small (1)", "Other", "Small (3)")
    listed = {one.address: one.values for one in found.inputs}
    assert listed == {
        "programme.groups.all.engaged": ("uniform [0, 1]", "0.5", "uniform [0, 1]"),
        "contract.terms.units.lag_months": ("0", "12", "0"),
        "contract.payers.council.kind": (None, "outcomes_fund", None),
    }
    assert found.inputs_frame().shape == (3, 5)
    frame = found.to_frame()
    assert frame.loc["payers.payments", "difference: Small (3)"] == 0
    assert found._repr_html_().count("<table>") == 5


@pytest.mark.parametrize("count", [0, 1, 21])
def test_too_few_or_too_many(count: int) -> None:
    with pytest.raises(sibmodel.SibmodelError, match=f"{count} scenarios cannot be compared; give 2 to 20"):
        sibmodel.compare(*[WTW] * count)


def test_old_and_new_source_are_both_told() -> None:
    """A number set for this run has a source of its own, which does not hide whence the old one comes."""
    address = "contract.terms.hospital_cost.cap"
    found = sibmodel.compare(WTW, sibmodel.change(WTW, {address: 4_000_000}), trials=100, names=("old", "new"))
    (one,) = found.inputs
    assert (one.address, one.values, one.unit) == (address, ("5740000", "4000000"), "£")
    assert one.source == "S02 | set for this run"
    assert "Source: of each in turn" in " ".join(str(found).split())


def test_futures_in_which_not_both_have_a_value_are_counted() -> None:
    """Where much is paid early, investors need put in nothing in some futures, and have no rate of return there."""
    dear = sibmodel.change(WTW, {"contract.terms.wellbeing.price": 800})
    found = sibmodel.compare(WTW, dear, trials=400)
    (gap,) = found.differences["investor.irr"]
    lacking = 400 - gap.defined
    assert 0 < lacking < 40
    words = " ".join(str(found).split())
    assert f"Not both have a value in {lacking} of 400 futures: investors' return a year (IRR)." in words
    (sure,) = found.differences["payers.payments"]
    assert sure.defined == 400
    assert words.count("Not both have a value") < 4


def test_rounding_of_ratios_is_no_difference() -> None:
    """A cap changes nothing in what the programme saves for a pound, so that no percentile of it may be told apart."""
    other = sibmodel.change(WTW, {"contract.terms.hospital_cost.cap": 4_000_000})
    words = [line for line in str(sibmodel.compare(WTW, other, trials=1000)).splitlines() if "per £1 spent" in line]
    assert len(words) == 2
    assert all("noise" not in line and "e−" not in line and "e-" not in line for line in words)


@pytest.mark.parametrize("sampling", ["latin_hypercube", "sobol"])
def test_percentiles_by_replicates_and_their_differences_cover_the_truth(sampling: Sampling) -> None:
    """Profit p q − c with q ~ N(120, 30) and c ~ N(11,000, 800) at p = 100 and 110: normal, with √((30 p)² + 800²).

    Each of 16 replicates has 128 futures, of which six lie below the 5 % quantile.
    """

    def quantile(price: float, p: int) -> float:
        return 120 * price - 11_000 + NormalDist().inv_cdf(p / 100) * math.hypot(30 * price, 800)

    covered = dict.fromkeys([(what, p) for what in ("one", "gap") for p in (5, 50, 95)], 0)
    for seed in range(200):
        q, c = (ndtri(uniform) for uniform in Points(seed, ("q", "c"), sampling, 2048).block(0).values())
        cheap, dear = (run(price * (120 + 30 * q) - 11_000 - 800 * c, 16) for price in (100, 110))
        gap = difference(cheap, dear, "x.profit")
        for p in (5, 50, 95):
            truth = {"one": quantile(100, p), "gap": quantile(110, p) - quantile(100, p)}
            for what, found in (("one", cheap["x.profit"]), ("gap", gap)):
                low, high = found.interval(f"p{p}") or (math.inf, -math.inf)
                covered[what, p] += low <= truth[what] <= high
    assert all(180 <= count <= 198 for count in covered.values()), covered


def test_what_draws_other_numbers_from_the_same_distribution_is_called_noise() -> None:
    """Two bonds that differ in nothing but the name of an input: a difference is told from nought in a twentieth."""
    told = 0
    for seed in range(200):
        q, c, v = (ndtri(uniform) for uniform in Points(seed, ("q", "c", "v"), "sobol", 2048).block(0).values())
        one, other = (run(3000 * x - 800 * c, 16) for x in (q, v))
        found = difference(one, other, "x.profit")
        told += sum(not found.within_noise(f"p{p}") for p in (5, 50, 95))
    assert told <= 0.08 * 600


def test_where_there_is_no_error_nothing_is_said_of_noise() -> None:
    """Fifty futures are too few for the error of a 5 % quantile; a chance has no percentiles at all."""
    scenario = read(SMALL)
    found = sibmodel.compare(scenario, sibmodel.change(scenario, {"contract.terms.units.price": 11}), trials=50)
    (gap,) = found.as_dict()["measures"]["payers.payments"]["differences"]
    assert (gap["p5_se"], gap["p5_within_noise"], gap["within_noise"]) == (None, None, False)
    (chance,) = found.as_dict()["measures"]["investor.loss_probability"]["differences"]
    assert chance["p5_within_noise"] is None
    assert "(unsure)" in str(found)


def test_how_many_futures_a_file_asks_for_is_no_change_of_the_bond() -> None:
    scenario = read(SMALL)
    other = sibmodel.change(scenario, {"simulation.trials": 300, "simulation.seed": 9})
    assert sibmodel.compare(scenario, other, trials=20).inputs == ()
