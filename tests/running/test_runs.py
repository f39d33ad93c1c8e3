"""Long runs: threads, files, precision, convergence."""

import json
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import sibmodel
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.running import columns
from sibmodel.running.blocks import by_processes, by_threads, in_order, workers_for
from sibmodel.running.execution import trials_of
from sibmodel.running.simulation import simulate
from sibmodel.running.statistics import summarise
from sibmodel.running.trials_file import INPUT
from tests.random_numbers import Data
from tests.strategies import read

SCENARIOS = Path(__file__).parents[2] / "scenarios"
WTW = sibmodel.load(SCENARIOS / "ways_to_wellness.yaml")
SMALL: Data = {
    "title": "Small",
    "timeline": {"signing": "2020-01-01", "period": "year", "periods": 2},
    "programme": {"groups": {"all": {"referrals": 100, "engaged": {"uniform": [0, 1]}}}, "costs": {"set_up": 1000}},
    "outcomes": {"units": {"type": "quantity", "per_person": 1}},
    "contract": {"payers": {"council": {}}, "terms": {"units": {"rule": "price", "outcome": "units", "price": 10}}},
    "capital": {"tranches": {"only": {"commitment": 1000}}},
}


def small(trials: int = 10_000, **options: object) -> sibmodel.Result:
    return simulate(read(SMALL), trials, 5, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["ways_to_wellness", "london/borough_pilot"])
def test_no_number_depends_on_the_workers(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = sibmodel.load(SCENARIOS / f"{name}.yaml")
    alone, three = simulate(scenario, 13_000, 3, workers=1), simulate(scenario, 13_000, 3, workers=3)
    monkeypatch.setattr(columns, "IN_MEMORY", 100)
    on_disk = simulate(scenario, 13_000, 3, workers=2)
    for other in (three, on_disk):
        assert json.dumps(other.as_dict()) == json.dumps(alone.as_dict())
        for measure in alone.values:
            assert other.values[measure].tobytes() == alone.values[measure].tobytes(), measure
    assert on_disk.investors_cumulative.tobytes() == alone.investors_cumulative.tobytes()


def test_a_short_run_holds_the_first_trials_of_a_long_one() -> None:
    few, many = simulate(WTW, 300, 3), simulate(WTW, 9000, 3)
    for measure in few.values:
        np.testing.assert_array_equal(few.values[measure], many.values[measure][:300], err_msg=measure)


def test_a_tranche_that_is_all_there_is_brings_what_all_investors_get() -> None:
    """Kept once, it is what the measures of the trials say of either."""
    result = simulate(WTW, 300, 3)
    (trials,) = trials_of(WTW, 300, 3)
    found = all_measures(work_through(WTW, trials))
    for name in (name for name in found if name.startswith("tranche.bridges.")):
        assert result.values[name].tobytes() == np.broadcast_to(found[name].values, 300).tobytes(), name
        own = summarise(all_measures(result.base)[name], found[name].values)
        told = replace(result[name], status=None, base_status=None)
        assert told == own, name


def test_what_all_payers_pay_in_a_year_is_the_sum_of_what_each_pays() -> None:
    result = simulate(WTW, 300, 3)
    for year, found in result.paid_by_year.items():
        together = sum(result.payments[year, payer] for payer in WTW.contract.payers)
        assert found.mean == pytest.approx(float(np.mean(together)), rel=1e-12)
        assert found.base == pytest.approx(sum(result.base_payments[year, payer] for payer in WTW.contract.payers))
    assert {year for year, _ in result.payments} == set(result.paid_by_year)


@pytest.mark.parametrize("way", [by_threads, by_processes])
def test_blocks_come_in_order(way: Callable[[Callable[[int], int], int, int], Iterator[int]]) -> None:
    assert list(way(lambda block: block * block, 30, 3)) == [block * block for block in range(30)]


def test_few_threads_are_ahead() -> None:
    begun: list[int] = []
    found = []
    for number in by_threads(lambda block: begun.append(block) or block, 30, 3):  # type: ignore[func-returns-value]
        found.append(number)
        assert len(begun) <= len(found) + 6
    assert found == list(range(30))


def test_workers() -> None:
    assert workers_for(1) == 1
    assert workers_for(1000, 2) == 2
    assert 1 <= workers_for(1000) <= 64
    for number in (0, 65):
        with pytest.raises(sibmodel.SibmodelError, match=f"{number} workers cannot be used; ask for 1 to 64"):
            workers_for(10, number)


def test_progress_counts_trials() -> None:
    seen: list[tuple[int, int]] = []
    small(10_000, progress=lambda done, every: seen.append((done, every)))
    assert seen == [(4096, 10_000), (8192, 10_000), (10_000, 10_000)]


def test_precision_takes_as_many_trials_as_needed() -> None:
    """Payments are £2,000 × a uniform share: sd 2000/√12 = £577.35, so £4 take about (577.35/4)² = 20,833 trials."""
    result = small(1000, precision={"payers.payments": 4})
    assert result["payers.payments"].se is not None
    assert result["payers.payments"].se <= 4
    assert 20_000 < result.record.trials < 26_000
    assert result.values["payers.payments"].tobytes() == small(result.record.trials).values["payers.payments"].tobytes()
    assert small(1000, precision={"payers.payments": 40}).record.trials == 1000  # met already: 577/√1000 = £18


def test_precision_of_a_percentile() -> None:
    """The density at the 5 % quantile is 1/£2,000: the error is £2,000 √(0.0475/n), so £4 take about 11,875 trials."""
    result = small(1000, precision={"payers.payments.p5": 4})
    error = result["payers.payments"].percentile_errors[5]
    assert error is not None
    assert error <= 4
    assert 9000 < result.record.trials < 17_000


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ({"investor.irr": 0}, "investor.irr cannot have the standard error 0; give a number above 0"),
        ({"investor.irr": float("nan")}, "cannot have the standard error nan"),
        ({"investor.irrr": 0.1}, "no measure called 'investor.irrr'; did you mean 'investor.irr'"),
        # sd £2,000/√12 = £577.35, ÷ √10⁷ = £0.1826; the error found in 100 trials is a twentieth off or so
        ({"payers.payments": 0.0001}, r"10,000,000, the most that can be run, it would be about 0\.1[789]"),
        ({"investor.loss_probability.p5": 0.1}, "no standard error of its p5"),
    ],
)
def test_a_precision_that_cannot_be_had(precision: dict[str, float], words: str) -> None:
    with pytest.raises(sibmodel.SibmodelError, match=words):
        small(100, precision=precision)


def test_convergence_shows_the_first_trials_of_the_run() -> None:
    result = small(10_000)
    found = sibmodel.convergence(result, "payers.payments")
    assert list(found.steps) == [78, 156, 312, 625, 1250, 2500, 5000, 10_000]
    assert found.steps[10_000].mean == result["payers.payments"].mean
    assert found.steps[625].mean == small(625)["payers.payments"].mean
    assert found.steps[625].percentile_errors == small(625)["payers.payments"].percentile_errors
    frame = found.to_frame()
    assert list(frame.index) == list(found.steps)
    assert frame.loc[10_000, "p5_se"] == result["payers.payments"].percentile_errors[5]
    assert "± " in str(found)
    assert found._repr_html_().count("<tr>") == 9


def test_convergence_of_what_it_cannot_show() -> None:
    result = small(200)
    with pytest.raises(sibmodel.UnknownNameError, match="did you mean"):
        sibmodel.convergence(result, "payers.payment")
    with pytest.raises(sibmodel.UnknownNameError, match="worked out from all trials together"):
        sibmodel.convergence(result, "investor.expected_shortfall")


@pytest.mark.parametrize("in_memory", [10, 100_000])
def test_kept_trials_are_those_of_the_run(in_memory: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(columns, "IN_MEMORY", in_memory)
    monkeypatch.setattr("sibmodel.running.trials_file.ROWS", 8192)
    result = simulate(WTW, 9000, 2)
    result.keep(tmp_path / "trials.parquet")
    frame, record = sibmodel.kept_trials(tmp_path / "trials.parquet")
    assert record == json.loads(json.dumps(result.record.as_dict()))
    assert frame.shape[0] == 9000
    for measure in result.values:
        np.testing.assert_array_equal(frame[measure].to_numpy(), result.values[measure], err_msg=measure)
    assert not frame.filter(like=INPUT).isna().any(axis=None)
    # an input is that of the trial: more change in hospital cost, more saved (rank correlation near 1)
    inputs = frame[f"{INPUT}outcomes.hospital_cost.change"]
    assert inputs.corr(frame["public.savings_per_pound"], method="spearman") > 0.8
    assert [path.name for path in tmp_path.iterdir()] == ["trials.parquet"]


def test_a_scenario_without_uncertainty_is_kept_too(tmp_path: Path) -> None:
    sure = read({**SMALL, "programme": {**SMALL["programme"], "groups": {"all": {"referrals": 100, "engaged": 1}}}})
    simulate(sure, 50).keep(tmp_path / "trials.parquet")
    assert sibmodel.kept_trials(tmp_path / "trials.parquet")[0]["payers.payments"].tolist() == [2000.0] * 50


def test_files_that_cannot_be_kept_or_read(tmp_path: Path) -> None:
    result = small(50)
    with pytest.raises(sibmodel.SibmodelError, match=r"cannot be written \(No such file or directory\)"):
        result.keep(tmp_path / "nowhere" / "trials.parquet")
    with pytest.raises(sibmodel.SibmodelError, match="cannot be written"):
        result.keep(tmp_path)
    assert not list(tmp_path.iterdir())
    (tmp_path / "text.parquet").write_text("no")
    with pytest.raises(sibmodel.SibmodelError, match="cannot be read as Parquet"):
        sibmodel.kept_trials(tmp_path / "text.parquet")
    result.trials_frame().to_parquet(tmp_path / "bare.parquet")
    with pytest.raises(sibmodel.SibmodelError, match="has no record of a run"):
        sibmodel.kept_trials(tmp_path / "bare.parquet")


def test_the_hash_sees_the_numbers_of_a_file(tmp_path: Path) -> None:
    text = (SCENARIOS / "worked" / "w1.yaml").read_text().replace("share: 0.6", "share: {empirical: seen.csv}")
    (tmp_path / "bond.yaml").write_text(text)
    found = []
    for numbers in ("0.5\n0.7\n", "0.5\n0.8\n", "0.7\n0.5\n"):
        (tmp_path / "seen.csv").write_text(numbers)
        found.append(sibmodel.simulate(sibmodel.load(tmp_path / "bond.yaml"), 10).record.hash)
    assert found[0] == found[2] != found[1]


@pytest.mark.parametrize("way", [by_threads, by_processes])
@pytest.mark.parametrize("in_memory", [100, 100_000])
def test_threads_and_processes_give_the_bits_of_one_worker(
    way: object, in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alone = simulate(WTW, 20_000, 3, workers=1)
    monkeypatch.setattr(columns, "IN_MEMORY", in_memory)
    monkeypatch.setattr("sibmodel.running.execution.in_order", way)
    monkeypatch.setattr("sibmodel.running.simulation.in_order", way)
    other = simulate(WTW, 20_000, 3, workers=3)
    assert json.dumps(other.as_dict()) == json.dumps(alone.as_dict())
    assert all(other.values[name].tobytes() == alone.values[name].tobytes() for name in alone.values)
    assert other.investors_cumulative.tobytes() == alone.investors_cumulative.tobytes()


@pytest.mark.parametrize(
    "error",
    [
        sibmodel.SibmodelError("no"),
        sibmodel.ReconciliationError("off"),
        sibmodel.UnknownNameError("who"),
        sibmodel.ScenarioError([sibmodel.Problem("bond.yaml", 3, 4, "capital", "is wrong", "be right")]),
    ],
)
def test_an_error_in_a_process_is_the_same_error(error: Exception) -> None:
    def fails(block: int) -> int:
        if block == 3:
            raise error
        return block

    with pytest.raises(type(error)) as caught:
        list(by_processes(fails, 10, 2))
    assert str(caught.value) == str(error)


def test_a_process_that_dies_is_told() -> None:
    parent = os.getpid()

    def dies(block: int) -> int:
        if os.getpid() != parent:
            os._exit(9)
        time.sleep(0.2)
        return block

    with pytest.raises(sibmodel.SibmodelError, match=r"a process that simulates ended with 9: .* fewer workers"):
        list(by_processes(dies, 4, 2))


def test_a_process_that_has_nothing_left_to_do_is_not_missed() -> None:
    """Of three processes one is slow, another is ready a second before it, and the third waits for the slow one."""
    parent, others = os.getpid(), multiprocessing.get_context("fork").Value("i", 0)

    def work(block: int) -> int:
        time.sleep(0.3)
        if os.getpid() != parent:
            with others.get_lock():
                others.value += 1
                slow = others.value == 1
            time.sleep(2.5 if slow else 0.0)
        return block

    assert list(by_processes(work, 4, 3)) == [0, 1, 2, 3]
    assert others.value >= 2


def test_a_result_that_is_not_sent_is_not_waited_for() -> None:
    parent = os.getpid()

    def local(block: int) -> object:
        time.sleep(0.2)
        return block if os.getpid() == parent else lambda: block

    with pytest.raises(sibmodel.SibmodelError, match="a process that simulates ended with 0"):
        list(by_processes(local, 3, 2))


def test_no_process_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    code = f"""
import os, time
from sibmodel.running.blocks import by_processes
def work(block):
    open(r"{tmp_path}/" + str(os.getpid()), "w").close()
    time.sleep(0.05)
list(by_processes(work, 10_000, 2))
"""
    root = Path(__file__).parents[2]
    parent = subprocess.Popen([sys.executable, "-c", code], cwd=root)
    while len(list(tmp_path.iterdir())) < 2 and parent.poll() is None:
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    (child,) = (int(path.name) for path in tmp_path.iterdir() if path.name != str(parent.pid))
    for _ in range(100):
        if not Path(f"/proc/{child}").exists():
            break
        time.sleep(0.05)
    assert not Path(f"/proc/{child}").exists()


def test_whoever_is_free_takes_the_next_block() -> None:
    """This process sleeps over its first block; the other one does all others meanwhile."""
    parent = os.getpid()

    def work(block: int) -> int:
        time.sleep(1.0 if os.getpid() == parent else 0.001)
        return os.getpid()

    pids = list(by_processes(work, 30, 2))
    assert pids.count(parent) <= 2


def test_a_program_with_threads_is_not_forked() -> None:
    stop = threading.Event()
    other = threading.Thread(target=stop.wait)
    other.start()

    def who(_: int) -> int:
        time.sleep(0.1)
        return os.getpid()

    try:
        pids = set(in_order(who, 6, 2))
    finally:
        stop.set()
        other.join()
    assert pids == {os.getpid()}
    if sys.platform == "linux":
        assert len(set(in_order(who, 6, 2))) == 2


@pytest.mark.parametrize(
    ("what", "number"), [("trials", 100.0), ("trials", "100"), ("trials", True), ("seed", 1.5), ("seed", "1")]
)
def test_trials_and_seed_are_whole_numbers(what: str, number: object) -> None:
    with pytest.raises(sibmodel.SibmodelError, match=f"{what} cannot be .*; give a whole number"):
        simulate(read(SMALL), **{what: number})  # type: ignore[arg-type]
    assert simulate(read(SMALL), np.int64(10), np.int64(3)).record.seed == 3  # type: ignore[arg-type]


def test_a_statistic_that_is_not_worked_out_is_named_with_those_that_are() -> None:
    with pytest.raises(sibmodel.UnknownNameError, match="no statistic 'p7'; take mean or p5, p10, p50, p90, p95"):
        small(100)["payers.payments"].interval("p7")
