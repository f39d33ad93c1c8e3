"""The command that tests a contract: exit code 1 if a line fails."""

from __future__ import annotations

from typing import Annotated

import typer

from sibmodel.cli.ending import NO, or_stop
from sibmodel.cli.options import File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load
from sibmodel.cli.writing import answer, show_progress


@app.command()
def stress(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    budget_each_year: Annotated[
        float | None,
        typer.Option(
            metavar="POUNDS",
            help="What commissioners have in each financial year.",
            show_default="what acceptance says",
        ),
    ] = None,
    json: Json = None,
) -> None:
    """Test the contract: what it pays for nothing, misses, jumps at and invites; and how investors likeliest lose."""
    scenario = load(file, sets, sampling, trials)
    from sibmodel.questions.stress import stress as put_to_the_test

    found = or_stop(lambda: put_to_the_test(scenario, trials, seed, workers, show_progress, budget_each_year))
    from sibmodel.report.stress_story import stress_story

    answer(found, stress_story, json)
    if found.failed:
        raise typer.Exit(NO)
