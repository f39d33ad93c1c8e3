"""The command that compares ways of paying for a programme."""

from __future__ import annotations

from sibmodel.cli.ending import or_stop
from sibmodel.cli.options import Chart, File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load
from sibmodel.cli.writing import answer, draw, must_be_drawable, show_progress


@app.command()
def routes(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    chart: Chart = None,
    json: Json = None,
) -> None:
    """The same programme paid for directly, by a grant, a loan, the bond, or a mix: who pays, when, who bears what."""
    scenario = load(file, sets, sampling, trials)
    if chart is not None:
        must_be_drawable(chart)
    from sibmodel.questions.routes import routes as ways

    found = or_stop(lambda: ways(scenario, trials, seed, workers, show_progress))
    from sibmodel.report.routes_story import routes_story

    answer(found, routes_story, json)
    if chart is not None:
        from sibmodel.report.routes_chart import routes_chart

        draw(chart, routes_chart(found))
