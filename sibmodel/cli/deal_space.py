"""The command that looks for a deal: exit code 1 if there is none."""

from __future__ import annotations

from typing import Annotated

import typer

from sibmodel.cli.ending import NO, or_stop
from sibmodel.cli.options import Chart, File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load
from sibmodel.cli.writing import answer, draw, must_be_drawable, show_progress

Bounds = tuple[float, float] | None


@app.command()
def deal_space(
    file: File,
    price: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="The price to vary; prices are all of them, as a multiple.",
            show_default="the only price, or prices",
        ),
    ] = None,
    against: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="What else to vary: savings_per_pound, effect (as a multiple), or any number.",
            show_default="savings_per_pound, £1 to £5",
        ),
    ] = None,
    grid: Annotated[int, typer.Option(metavar="N", help="Candidates on each axis.")] = 21,
    price_between: Annotated[
        Bounds, typer.Option(metavar="LOW HIGH", help="Which prices to look at.", show_default="0 to twice today's")
    ] = None,
    against_between: Annotated[
        Bounds,
        typer.Option(metavar="LOW HIGH", help="The same of the other number.", show_default="0 to twice today's"),
    ] = None,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    chart: Chart = None,
    json: Json = None,
) -> None:
    """At which prices, and savings per pound (or anything else), every party accepts; and what stands in the way."""
    scenario = load(file, sets, sampling, trials)
    if chart is not None:
        must_be_drawable(chart)
    from sibmodel.questions.deal_space import deal_space as look

    found = or_stop(
        lambda: look(
            scenario, price, against, grid, price_between=price_between, against_between=against_between,
            trials=trials, seed=seed, workers=workers, progress=show_progress,
        )
    )  # fmt: skip
    from sibmodel.report.deal_space_story import deal_space_story

    answer(found, deal_space_story, json)
    if chart is not None:
        from sibmodel.report.deal_space_chart import deal_space_chart

        draw(chart, deal_space_chart(found))
    if found.is_empty:
        raise typer.Exit(NO)
