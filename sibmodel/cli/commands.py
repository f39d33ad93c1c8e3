"""The commands: each reads, asks one question and writes the answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sibmodel.cli.ending import DONE, NO, WRONG, or_stop, stop
from sibmodel.cli.reading import errors_wanted, load, load_contract, warned
from sibmodel.cli.writing import (
    answer,
    as_csv,
    draw,
    must_be_drawable,
    must_be_parquet,
    print_table,
    show_progress,
    write,
)

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
    str | None, typer.Option("--json", metavar="FILE|-", help="Write results as JSON.", show_default=False)
]
Sets = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="ADDRESS=VALUE", help="Set a number for this run; may be repeated.", show_default=False
    ),
]


@app.callback(invoke_without_command=True)
def _version(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    if version:
        from sibmodel import __version__

        typer.echo(f"sibmodel {__version__}")
        raise typer.Exit(DONE)


@app.command()
def check(
    files: Files,
) -> None:
    """Say what is wrong with scenario files, a line a problem, and which of their examples fail.

    Silent on standard output if nothing is. Exit code 2 if a file is wrong, 1 if only examples fail. A plan that runs
    out of money is no mistake: a note on standard error says when.
    """
    from sibmodel.errors import ScenarioError
    from sibmodel.running.paying import failed_examples
    from sibmodel.running.whole import failed_whole_examples, shortage
    from sibmodel.scenario.reader import load_sheet
    from sibmodel.scenario.schema import EvidenceSheet, Scenario

    codes = [DONE]
    for file in files:
        try:
            scenario = load_sheet(file)
        except ScenarioError as error:
            codes.append(WRONG)
            found = error.problems
        else:
            found = [] if isinstance(scenario, EvidenceSheet) else failed_examples(warned(file, scenario))
            if isinstance(scenario, Scenario):
                found += failed_whole_examples(scenario)
                short = or_stop(lambda whole=scenario: shortage(whole))  # type: ignore[misc]
                if short is not None:
                    typer.echo(f"{file}: note: {short}", err=True)
            codes += [NO] if found else []
        for problem in found:
            typer.echo(str(problem))
        if not found:
            examples = sum(
                len(getattr(part, "examples", {})) for part in (scenario, getattr(scenario, "contract", None))
            )
            held = f"; {examples} example{'s hold' if examples > 1 else ' holds'}" if examples else ""
            typer.echo(f"{file}: no problems{held}", err=True)
    raise typer.Exit(max(codes))


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
    chart: Annotated[
        str | None, typer.Option(metavar="FILE.png|svg|pdf", help="Draw it as well.", show_default=False)
    ] = None,
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
    from sibmodel.questions.risk import risk as find_out

    result = or_stop(lambda: find_out(scenario, trials, seed, kinds, show_progress))
    from sibmodel.report.risk_story import risk_story

    answer(result, risk_story, json)


@app.command()
def pay(
    file: File,
    verified: Annotated[Path, typer.Argument(metavar="VERIFIED.csv", help="What was verified.", show_default=False)],
    sets: Sets = None,
    json: Annotated[
        str | None, typer.Option("--json", metavar="FILE|-", help="Write payments as JSON.", show_default=False)
    ] = None,
) -> None:
    """What the contract pays for given verified outcomes, by term, payer and period, and which caps bound.

    VERIFIED.csv has the columns period,outcome,quantity and, where the contract needs them, people,group,cohort,person.
    """
    scenario = load_contract(file, sets)
    from sibmodel.running.paying import pay as work_out

    paid = or_stop(lambda: work_out(scenario, verified))
    from sibmodel.report.payments import paid_in_words

    answer(paid, paid_in_words, json)


@app.command()
def cashflows(
    file: File,
    party: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this party's flows.", show_default=False)
    ] = None,
    verified: Annotated[
        Path | None,
        typer.Option(
            "--verified", metavar="VERIFIED.csv", help="Flows for these outcomes instead.", show_default=False
        ),
    ] = None,
    balances: Annotated[bool, typer.Option("--balances", help="Cash and every tranche's balances instead.")] = False,
    csv: Annotated[
        str | None, typer.Option("--csv", metavar="FILE|-", help="Write every flow as CSV.", show_default=False)
    ] = None,
    sets: Sets = None,
) -> None:
    """The base case's cash flows, a row a period; opening and movements add up to closing, sources to uses."""
    scenario = load(file, sets)
    from sibmodel.report.balances import COLUMNS, balance_rows
    from sibmodel.report.tables import cashflow_rows, flow_tables
    from sibmodel.running.execution import base_case
    from sibmodel.running.whole import verified_case

    books = or_stop(lambda: base_case(scenario) if verified is None else verified_case(scenario, verified))
    if csv is not None and balances:
        write(csv, as_csv(COLUMNS, balance_rows(books)))
    elif csv is not None:
        write(csv, as_csv(*or_stop(lambda: cashflow_rows(books, party))))
    else:
        for table in or_stop(lambda: flow_tables(books, party, balances)):
            print_table(table)


@app.command()
def explain(
    file: File,
    measure: Annotated[
        str,
        typer.Argument(metavar="MEASURE", help="A measure of `run`, or contract.terms.NAME.", show_default=False),
    ],
    verified: Annotated[
        Path | None,
        typer.Option("--verified", metavar="VERIFIED.csv", help="Explain payments for these outcomes instead."),
    ] = None,
    period: Annotated[int | None, typer.Option(help="Only a term's payment in this period.")] = None,
    sets: Sets = None,
) -> None:
    """Where a number of the base case, or a payment, comes from: step by step to the inputs and their sources."""
    scenario = load_contract(file, sets)
    from sibmodel.report.explanation import explain as find_out

    typer.echo(str(or_stop(lambda: find_out(scenario, measure, verified, period))), nl=False)


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
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Where the spread of a result comes from: each person, cohorts, measurement, or numbers nobody knows."""
    scenario = load(file, sets)
    from sibmodel.questions.spread import spread as take_apart

    found = or_stop(lambda: take_apart(scenario, measure, trials, seed, show_progress))
    from sibmodel.report.spread_story import spread_story

    answer(found, spread_story, json)


@app.command()
def ledgers(
    file: File,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Four ledgers by year that reconcile: who pays, who invests, provider and vehicle, society."""
    scenario = load(file, sets)
    from sibmodel.questions.ledgers import ledgers as keep

    found = or_stop(lambda: keep(scenario))
    from sibmodel.report.ledgers_story import ledgers_story

    answer(found, ledgers_story, json)


@app.command()
def evidence(
    file: File,
    json: Json = None,
) -> None:
    """Studies of the same number brought together: what they say, how far they disagree, what each of them moves."""
    from sibmodel.questions.evidence import evidence as bring_together
    from sibmodel.scenario.reader import load_evidence

    found = or_stop(lambda: bring_together(load_evidence(file)))
    for doubt in found.doubts:
        typer.echo(f"{file}: warning: {doubt}", err=True)
    from sibmodel.report.evidence_story import evidence_story

    answer(found, evidence_story, json)


@app.command()
def logs(
    file: File,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Logs of assumptions (with source, grade, owner and rank of effect), of data and of decisions."""
    scenario = load(file, sets)
    from sibmodel.questions.logs import logs as make

    found = or_stop(lambda: make(scenario))
    from sibmodel.report.logs_story import logs_story

    answer(found, logs_story, json)


@app.command()
def inputs(file: File, sets: Sets = None) -> None:
    """Every number of a scenario with its address, for --set; tab-separated."""
    scenario = load_contract(file, sets)
    from sibmodel.report.tables import INPUT_COLUMNS, input_rows

    for row in (INPUT_COLUMNS, *input_rows(scenario)):
        typer.echo("\t".join(row))


@app.command()
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The file to write.", show_default=False)],
    contract: Annotated[bool, typer.Option("--contract", help="A payment contract alone.")] = False,
) -> None:
    """Write a commented scenario to start from."""
    from importlib import resources

    if file.exists():
        stop(f"{file} exists already; name a new file", WRONG)
    starter = resources.files("sibmodel.scenario") / "starters" / ("contract.yaml" if contract else "bond.yaml")
    write(str(file), starter.read_text(encoding="utf-8"))
    typer.echo(f"{file} written; now edit it, and try: sibmodel check {file}", err=True)


@app.command()
def schema() -> None:
    """The JSON Schema of scenario files, with which editors complete keys and explain them."""
    from json import dumps

    from sibmodel.scenario.json_schema import json_schema

    typer.echo(dumps(json_schema(), indent=1, ensure_ascii=False))
