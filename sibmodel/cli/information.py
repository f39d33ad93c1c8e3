"""The command that says what it is worth to know more."""

from __future__ import annotations

from typing import Annotated

import typer

from sibmodel.cli.ending import or_stop
from sibmodel.cli.options import File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load
from sibmodel.cli.writing import answer, draw, must_be_drawable, show_progress


@app.command()
def information(
    file: File,
    measure: Annotated[
        str,
        typer.Option(metavar="MEASURE", help="The net benefit, in pounds, by which one signs or not."),
    ] = "commissioner.cashable_net_saving",
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    people: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="People in a pilot; may be repeated.", show_default="50 to 5,000"),
    ] = None,
    sample: Annotated[
        list[float] | None,
        typer.Option(metavar="TIMES", help="Sample of the evaluation against today's; may be repeated.",
                     show_default="¼ to 10"),
    ] = None,
    pilot_cost: Annotated[
        float | None,
        typer.Option(metavar="POUNDS", help="Cost of each person in a pilot.",
                     show_default="programme spend per person who starts"),
    ] = None,
    measuring_cost: Annotated[
        float | None,
        typer.Option(metavar="POUNDS", help="Cost of each person measured once more.", show_default=False),
    ] = None,
    chart: Annotated[
        str | None, typer.Option(metavar="FILE.png|svg|pdf", help="Draw it as well.", show_default=False)
    ] = None,
    json: Json = None,
) -> None:  # fmt: skip
    """What should we find out first: the value of knowing more before signing, of a pilot, of a better evaluation."""
    scenario = load(file, sets, sampling, trials)
    if chart is not None:
        must_be_drawable(chart)
    from sibmodel.questions.information import information as ask
    from sibmodel.questions.information.evaluation import TIMES
    from sibmodel.questions.information.pilot import PEOPLE

    found = or_stop(
        lambda: ask(
            scenario, measure, trials=trials, seed=seed, workers=workers, progress=show_progress,
            people=people or PEOPLE, samples=sample or TIMES, pilot_cost=pilot_cost, measuring_cost=measuring_cost,
        )
    )  # fmt: skip
    from sibmodel.report.information_story import information_story

    answer(found, information_story, json)
    if chart is not None:
        from sibmodel.report.information_chart import information_chart

        draw(chart, information_chart(found))
