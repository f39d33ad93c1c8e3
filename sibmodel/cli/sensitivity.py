"""The command that says what a measure depends on."""

from __future__ import annotations

from typing import Annotated

import typer

from sibmodel.cli.ending import WRONG, or_stop, stop
from sibmodel.cli.options import File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load
from sibmodel.cli.writing import answer, draw, must_be_drawable, show_progress

Range = tuple[float, float]


@app.command()
def sensitivity(
    file: File,
    measure: Annotated[
        str | None,
        typer.Option(
            metavar="MEASURE",
            help="A measure of `run`.",
            show_default="commissioner.net_saving, or investor.npv where commissioners save nothing",
        ),
    ] = None,
    effects: Annotated[
        str | None,
        typer.Option(metavar="total|shapley", help="Effects that need more runs, as well.", show_default=False),
    ] = None,
    target: Annotated[
        float | None, typer.Option(help="What switching values bring it to.", show_default="0, £1 for £1, or the rate")
    ] = None,
    grid: Annotated[
        tuple[str, str] | None,
        typer.Option(metavar="ADDRESS ADDRESS", help="Its mean over two numbers, down and across.", show_default=False),
    ] = None,
    down: Annotated[
        Range | None, typer.Option(metavar="LOW HIGH", help="Where to look at the first.", show_default=False)
    ] = None,
    across: Annotated[
        Range | None, typer.Option(metavar="LOW HIGH", help="Where to look at the second.", show_default=False)
    ] = None,
    points: Annotated[int, typer.Option(help="Values of each number of the grid.")] = 5,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    chart: Annotated[
        str | None, typer.Option(metavar="FILE.png|svg|pdf", help="Draw tornado and grid as well.", show_default=False)
    ] = None,
    json: Json = None,
) -> None:
    """What a measure depends on: each number moved alone, what knowing it would tell, where it would have to be."""
    if grid is None and (down is not None or across is not None):
        stop("--down and --across say where a grid looks; name its two numbers with --grid ADDRESS ADDRESS", WRONG)
    scenario = load(file, sets, sampling, trials)
    if chart is not None:
        must_be_drawable(chart)
    from sibmodel.questions.sensitivity import TwoWay
    from sibmodel.questions.sensitivity import sensitivity as depends_on

    asked = None if grid is None else TwoWay(*grid, down, across, points)
    found = or_stop(
        lambda: depends_on(
            scenario, measure, effects=effects, target=target, grid=asked, trials=trials, seed=seed, workers=workers,
            progress=show_progress,
        )
    )  # fmt: skip
    from sibmodel.report.sensitivity_story import sensitivity_story

    answer(found, sensitivity_story, json)
    if chart is not None:
        from sibmodel.report.sensitivity_chart import sensitivity_chart

        draw(chart, sensitivity_chart(found))
