"""The program, and the options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sibmodel.cli.ending import DONE
from sibmodel.cli.targets import begin, target

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Model a social impact bond from a YAML scenario: who invests, how repayment works, where the risk falls.",
    epilog="Exit codes: 0 done; 1 the answer is no; 2 the input is wrong; 3 a fault of the program.",
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Scenario file (YAML).", show_default=False)]
Files = Annotated[list[Path], typer.Argument(metavar="FILE…", help="Scenario files.", show_default=False)]
Trials = Annotated[int | None, typer.Option(help="Number of simulated futures.", show_default="the scenario's")]
Seed = Annotated[int | None, typer.Option(help="Seed of the random numbers.", show_default="the scenario's")]
Workers = Annotated[
    int | None, typer.Option(help="Processes that work at a time; no number depends on it.", show_default="processors")
]
Sampling = Annotated[
    str | None,
    typer.Option(
        metavar="WAY", help="pseudo_random, latin_hypercube (16 · n trials) or sobol (16 · 2ⁿ).",
        show_default="the scenario's",
    ),
]  # fmt: skip
Json = Annotated[
    str | None,
    typer.Option("--json", metavar="FILE|-", callback=target, help="Write results as JSON.", show_default=False),
]
Chart = Annotated[
    str | None,
    typer.Option("--chart", metavar="FILE.png|svg|pdf", callback=target, help="Draw it as well.", show_default=False),
]
Csv = Annotated[
    str | None,
    typer.Option("--csv", metavar="FILE|-", callback=target, help="Write every flow as CSV.", show_default=False),
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="ADDRESS=VALUE", help="Set a number for this run; may be repeated.", show_default=False
    ),
]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    begin()
    if version:
        from sibmodel import __version__

        typer.echo(f"sibmodel {__version__}")
        raise typer.Exit(DONE)
