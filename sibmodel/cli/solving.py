"""The command that solves for a number: exit code 1 if there is no answer."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from sibmodel.cli.ending import NO, WRONG, or_stop, stop
from sibmodel.cli.options import File, Json, Sampling, Seed, Sets, Trials, Workers, app
from sibmodel.cli.reading import load, number_or_per_cent
from sibmodel.cli.writing import answer


@app.command()
def solve(
    file: File,
    goal: Annotated[
        str,
        typer.Argument(
            metavar="MEASURE=VALUE",
            help="A measure of `run` and its target: investor.irr=5%, investor.irr.p5=0, investor.profit.base=0.",
            show_default=False,
        ),
    ],
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The number to find.", show_default=False)],
    between: Annotated[
        tuple[float, float] | None, typer.Option(metavar="LOW HIGH", help="Where to look.", show_default=False)
    ] = None,
    trials: Trials = None,
    seed: Seed = None,
    sampling: Sampling = None,
    sets: Sets = None,
    workers: Workers = None,
    json: Json = None,
) -> None:
    """Find the number at an address that brings a measure to a target: a price, an effect, a cap."""
    measure, target, in_per_cent = _goal(goal)
    scenario = load(file, sets, sampling, trials)
    from sibmodel.questions.solve import solve as find_out

    found = replace(
        or_stop(
            lambda: find_out(scenario, measure, target, address, between, trials=trials, seed=seed, workers=workers)
        ),
        in_per_cent=in_per_cent,
    )
    from sibmodel.report.solve_story import solve_story

    answer(found, solve_story, json)
    if not found.crossings:
        raise typer.Exit(NO)


def _goal(text: str) -> tuple[str, float, bool]:
    """Measure and target, and whether that is written in per cent."""
    measure, equals, value = text.partition("=")
    target = number_or_per_cent(value)
    if not equals or target is None or not measure.strip():
        stop(f"'{text}' is no goal; write MEASURE=VALUE, such as investor.irr=0.05 or investor.irr=5%", WRONG)
    return measure.strip(), target, value.strip().endswith("%")
