"""Commands that do not simulate: each reads, asks one question and writes the answer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sibmodel.cli.ending import DONE, NO, WRONG, or_stop, stop
from sibmodel.cli.options import Csv, File, Files, Json, Sets, app
from sibmodel.cli.reading import load, load_contract, warned
from sibmodel.cli.targets import spare
from sibmodel.cli.writing import (
    answer,
    as_csv,
    print_table,
    write,
)

if TYPE_CHECKING:
    from sibmodel.errors import Problem
    from sibmodel.scenario.schema import ContractSheet, EvidenceSheet, Scenario


@app.command()
def check(
    files: Files,
) -> None:
    """Say what is wrong with scenario files, a line a problem, and which of their examples fail.

    Silent on standard output if nothing is. Exit code 2 if a file is wrong, 1 if only examples fail. A plan that runs
    out of money, or goes on after its timeline, is no mistake: a note on standard error says so.
    """
    from sibmodel.errors import Failure

    codes = [DONE]
    for file in files:
        found = or_stop(lambda one=file: _problems_of(one))  # type: ignore[misc]
        for problem in found:
            typer.echo(str(problem))
        codes += [NO if isinstance(problem, Failure) else WRONG for problem in found]
    raise typer.Exit(max(codes))


def _problems_of(file: Path) -> list[Problem]:
    """What is wrong with a file, and the examples that fail; a note if there are none."""
    from sibmodel.errors import ScenarioError
    from sibmodel.scenario.reader import load_sheet

    try:
        sheet = load_sheet(file)
        found = _beyond_reading(file, sheet)
    except ScenarioError as error:
        return error.problems
    if not found:
        typer.echo(f"{file}: no problems{_held(sheet)}", err=True)
    return found


def _beyond_reading(file: Path, sheet: EvidenceSheet | ContractSheet | Scenario) -> list[Problem]:
    """What is wrong with a file that could be read, and the examples that fail; notes of what is no mistake."""
    from sibmodel.questions.acceptance import wrong_measures
    from sibmodel.running.execution import base_case
    from sibmodel.running.paying import failed_examples
    from sibmodel.running.whole import failed_whole_examples
    from sibmodel.scenario.schema import EvidenceSheet, Scenario

    if isinstance(sheet, EvidenceSheet):
        return []
    found = failed_examples(warned(file, sheet))
    if isinstance(sheet, Scenario):
        found += failed_whole_examples(sheet)
        found += wrong_measures(base_case(sheet)) if sheet.acceptance.further else []
        for words in _notes(sheet):
            typer.echo(f"{file}: note: {words}", err=True)
    return sorted(found, key=lambda problem: (problem.file, problem.line, problem.column))


def _held(sheet: EvidenceSheet | ContractSheet | Scenario) -> str:
    """How many examples hold, in words."""
    count = sum(len(getattr(part, "examples", {})) for part in (sheet, getattr(sheet, "contract", None)))
    return f"; {count} example{'s hold' if count > 1 else ' holds'}" if count else ""


def _notes(scenario: Scenario) -> list[str]:
    """What is no mistake, but has to be known: money that runs out, and what the timeline cuts off."""
    from sibmodel.report.horizon_words import cut_off
    from sibmodel.running.whole import shortage

    short = shortage(scenario)
    return [*([] if short is None else [short]), *cut_off(scenario)]


@app.command()
def pay(
    file: File,
    verified: Annotated[Path, typer.Argument(metavar="VERIFIED.csv", help="What was verified.", show_default=False)],
    sets: Sets = None,
    json: Json = None,
) -> None:
    """What the contract pays for given verified outcomes, by term, payer and period, and which caps bound.

    VERIFIED.csv has the columns period,outcome,quantity and, where the contract needs them, people,group,cohort,person.
    """
    scenario = load_contract(file, sets)
    spare(verified)
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
    csv: Csv = None,
    sets: Sets = None,
) -> None:
    """The base case's cash flows, a row a period; opening and movements add up to closing, sources to uses."""
    scenario = load(file, sets)
    spare(verified)
    from sibmodel.measures.horizon import after_the_end, payments_after_the_end
    from sibmodel.report.balances import COLUMNS, balance_rows
    from sibmodel.report.horizon_words import cut_off_in_words
    from sibmodel.report.tables import cashflow_rows, flow_tables
    from sibmodel.running.execution import base_case
    from sibmodel.running.whole import verified_case

    books = or_stop(lambda: base_case(scenario) if verified is None else verified_case(scenario, verified))
    beyond = after_the_end(books) if verified is None else payments_after_the_end(books)
    for words in cut_off_in_words(scenario, beyond):
        typer.echo(f"{file}: note: {words}", err=True)
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

    sheet = or_stop(lambda: load_evidence(file))
    spare(file, *sheet.document.reads)
    found = or_stop(lambda: bring_together(sheet))
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
