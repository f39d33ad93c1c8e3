"""Commands that simulate: each reads, asks one question and writes the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sibmodel.cli.ending import WRONG, or_stop, stop
from sibmodel.cli.options import Chart, File, Files, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import errors_wanted, load
from sibmodel.cli.targets import spare
from sibmodel.cli.writing import (
    answer,
    draw,
    must_be_drawable,
    must_be_parquet,
    show_progress,
)


@app.command()
def run(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MEASURE=ERROR",
            help="Simulate until the standard error of the measure's mean, or of a percentile (investor.irr.p5=0.002), "
            "is at most ERROR; may be repeated.",
            show_default=False,
        ),
    ] = None,
    workers: Workers = None,
    keep: Annotated[
        str | None,
        typer.Option(metavar="FILE.parquet", help="Keep every trial in a Parquet file.", show_default=False),
    ] = None,
    json: Json = None,
) -> None:
    """Simulate a scenario and say who invests, how repayment works, where the risk falls, and what a pound saves."""
    scenario = load(file, sets, sampling, trials)
    wanted = errors_wanted(precision or ())
    if keep is not None:
        must_be_parquet(keep)
    from sibmodel.running.simulation import simulate

    result = or_stop(lambda: simulate(scenario, trials, seed, show_progress, workers, wanted))
    from sibmodel.report.story import story

    answer(result, story, json)
    if keep is not None:
        or_stop(lambda: result.keep(keep))
        typer.echo(f"{keep}: {result.record.trials:,} trials kept", err=True)


@app.command()
def compare(
    files: Files,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    json: Json = None,
) -> None:
    """Compare scenarios in the same futures; a single FILE with itself after the --set values."""
    if len(files) == 1 and not sets:
        stop("one scenario is compared with nothing; give another FILE, or --set ADDRESS=VALUE", WRONG)
    scenarios = [load(file, sets, sampling, trials) for file in files]
    names = [scenario.title for scenario in scenarios]
    if len(files) == 1:
        scenarios, names = [load(files[0], None, sampling, trials), *scenarios], ["as it is", "as set"]
    from sibmodel.questions.comparison import compare as difference

    found = or_stop(
        lambda: difference(
            *scenarios, trials=trials, seed=seed, workers=workers, progress=show_progress, names=tuple(names)
        )
    )
    from sibmodel.report.comparison_story import comparison_story

    answer(found, comparison_story, json)


@app.command()
def convergence(
    file: File,
    measure: Annotated[
        str, typer.Option(metavar="MEASURE", help="The measure to look at.", show_default=True)
    ] = "investor.irr",
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    chart: Chart = None,
    json: Json = None,
) -> None:
    """How sure a simulated number is: what fewer of the same trials would have said of it."""
    scenario = load(file, sets, sampling, trials)
    if chart is not None:
        must_be_drawable(chart)
    from sibmodel.running.convergence import convergence as settle
    from sibmodel.running.simulation import must_be_known, simulate

    or_stop(lambda: must_be_known(scenario, (measure,)))
    found = or_stop(lambda: settle(simulate(scenario, trials, seed, show_progress, workers), measure))
    from sibmodel.report.convergence_story import convergence_story

    answer(found, convergence_story, json)
    if chart is not None:
        from sibmodel.report.convergence_chart import convergence_chart

        draw(chart, convergence_chart(found))


@app.command()
def risk(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    kinds: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Kinds of investor (TOML).", show_default="the program's")
    ] = None,
    json: Json = None,
) -> None:
    """Where the risks fall: by risk and party, in the worst futures, at what price, and who could invest."""
    scenario = load(file, sets, sampling, trials)
    spare(kinds)
    from sibmodel.questions.risk import risk as find_out

    result = or_stop(lambda: find_out(scenario, trials, seed, kinds, show_progress))
    from sibmodel.report.risk_story import risk_story

    answer(result, risk_story, json)


@app.command()
def appraise(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """What a pound saves: the chain link by link, chances of £1 to £5, switching values, who pays and who saves."""
    scenario = load(file, sets, sampling, trials)
    from sibmodel.questions.appraise import appraise as find_out

    result = or_stop(lambda: find_out(scenario, trials, seed, show_progress))
    from sibmodel.report.appraisal_story import appraisal_story

    answer(result, appraisal_story, json)


@app.command()
def reach(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Whom the programme reaches: by group, route and area, who waits or is lost, and what one more worker buys."""
    scenario = load(file, sets, sampling, trials)
    from sibmodel.questions.reach import reach as find_out

    found = or_stop(lambda: find_out(scenario, trials, seed, show_progress))
    from sibmodel.report.reach_story import reach_story

    answer(found, reach_story, json)


@app.command()
def spread(
    file: File,
    measure: Annotated[str | None, typer.Option("--measure", help="One measure; a few if not given.")] = None,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Where the spread of a result comes from: each person, cohorts, measurement, or numbers nobody knows."""
    scenario = load(file, sets, sampling, trials)
    from sibmodel.questions.spread import spread as take_apart

    found = or_stop(lambda: take_apart(scenario, measure, trials, seed, show_progress))
    from sibmodel.report.spread_story import spread_story

    answer(found, spread_story, json)
