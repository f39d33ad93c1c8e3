"""The command line: `sibmodel check`, `run`, `risk`, `pay`, `cashflows`, `explain`, `evidence`, `inputs` and so on."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, TypeVar

import typer

if TYPE_CHECKING:
    from sibmodel.report.section import Section, Table
    from sibmodel.scenario.schema import ContractSheet, Scenario

DONE, NO, WRONG, FAULT = 0, 1, 2, 3
LONG_RUN = 20_000
"""Trials from which a run shows its progress."""

T = TypeVar("T")
S = TypeVar("S", bound="Scenario | ContractSheet")

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Model a social impact bond from a YAML scenario: who invests, how repayment works, where the risk falls.",
    epilog="Exit codes: 0 done; 1 the answer is no; 2 the input is wrong; 3 a fault of the program.",
)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Scenario file (YAML).", show_default=False)]
Trials = Annotated[int | None, typer.Option(help="Number of simulated futures.", show_default="the scenario's")]
Seed = Annotated[int | None, typer.Option(help="Seed of the random numbers.", show_default="the scenario's")]
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
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Scenario files.", show_default=False)],
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
            found = [] if isinstance(scenario, EvidenceSheet) else failed_examples(_warned(file, scenario))
            if isinstance(scenario, Scenario):
                found += failed_whole_examples(scenario)
                short = _or_stop(lambda whole=scenario: shortage(whole))  # type: ignore[misc]
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
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Simulate a scenario and say who invests, how repayment works, where the risk falls, and what a pound saves."""
    scenario = _load(file, sets)
    from sibmodel.running.execution import simulate

    result = _or_stop(lambda: simulate(scenario, trials, seed, _show_progress))
    from sibmodel.report.story import story

    _answer(result, story, json)


@app.command()
def risk(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sets: Sets = None,
    kinds: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Kinds of investor (TOML).", show_default="the program's")
    ] = None,
    json: Json = None,
) -> None:
    """Where the risks fall: by risk and party, in the worst futures, at what price, and who could invest."""
    scenario = _load(file, sets)
    from sibmodel.questions.risk import risk as find_out

    result = _or_stop(lambda: find_out(scenario, trials, seed, kinds, _show_progress))
    from sibmodel.report.risk_story import risk_story

    _answer(result, risk_story, json)


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
    scenario = _load_contract(file, sets)
    from sibmodel.running.paying import pay as work_out

    paid = _or_stop(lambda: work_out(scenario, verified))
    from sibmodel.report.payments import paid_in_words

    _answer(paid, paid_in_words, json)


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
    scenario = _load(file, sets)
    from sibmodel.report.balances import COLUMNS, balance_rows
    from sibmodel.report.tables import cashflow_rows, flow_tables
    from sibmodel.running.execution import base_case
    from sibmodel.running.whole import verified_case

    books = _or_stop(lambda: base_case(scenario) if verified is None else verified_case(scenario, verified))
    if csv is not None and balances:
        _write(csv, _as_csv(COLUMNS, balance_rows(books)))
    elif csv is not None:
        _write(csv, _as_csv(*_or_stop(lambda: cashflow_rows(books, party))))
    else:
        for table in _or_stop(lambda: flow_tables(books, party, balances)):
            _print_table(table)


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
    scenario = _load_contract(file, sets)
    from sibmodel.report.explanation import explain as find_out

    typer.echo(str(_or_stop(lambda: find_out(scenario, measure, verified, period))), nl=False)


@app.command()
def appraise(
    file: File,
    trials: Trials = None,
    seed: Seed = None,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """What a pound saves: the chain link by link, chances of £1 to £5, switching values, who pays and who saves."""
    scenario = _load(file, sets)
    from sibmodel.questions.appraise import appraise as find_out

    result = _or_stop(lambda: find_out(scenario, trials, seed, _show_progress))
    from sibmodel.report.appraisal_story import appraisal_story

    _answer(result, appraisal_story, json)


@app.command()
def evidence(
    file: File,
    json: Json = None,
) -> None:
    """Studies of the same number brought together: what they say, how far they disagree, what each of them moves."""
    from sibmodel.questions.evidence import evidence as bring_together
    from sibmodel.scenario.reader import load_evidence

    found = _or_stop(lambda: bring_together(load_evidence(file)))
    for doubt in found.doubts:
        typer.echo(f"{file}: warning: {doubt}", err=True)
    from sibmodel.report.evidence_story import evidence_story

    _answer(found, evidence_story, json)


@app.command()
def logs(
    file: File,
    sets: Sets = None,
    json: Json = None,
) -> None:
    """Logs of assumptions (with source, grade, owner and rank of effect), of data and of decisions."""
    scenario = _load(file, sets)
    from sibmodel.questions.logs import logs as make

    found = _or_stop(lambda: make(scenario))
    from sibmodel.report.logs_story import logs_story

    _answer(found, logs_story, json)


@app.command()
def inputs(file: File, sets: Sets = None) -> None:
    """Every number of a scenario with its address, for --set; tab-separated."""
    scenario = _load_contract(file, sets)
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
        _stop(f"{file} exists already; name a new file", WRONG)
    starter = resources.files("sibmodel.scenario") / "starters" / ("contract.yaml" if contract else "bond.yaml")
    _write(str(file), starter.read_text(encoding="utf-8"))
    typer.echo(f"{file} written; now edit it, and try: sibmodel check {file}", err=True)


@app.command()
def schema() -> None:
    """The JSON Schema of scenario files, with which editors complete keys and explain them."""
    from json import dumps

    from sibmodel.scenario.json_schema import json_schema

    typer.echo(dumps(json_schema(), indent=1, ensure_ascii=False))


def _answer(found: Any, sections: Callable[[Any], list[Section]], json: str | None) -> None:
    """Write what was found as JSON, if that is asked for, and tell it, unless JSON goes to standard output."""
    if json is not None:
        from json import dumps

        _write(json, dumps(found.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    if json != "-":
        from sibmodel.report.terminal import console, print_sections

        print_sections(sections(found), console())


def _load(file: Path, sets: Iterable[str] | None) -> Scenario:
    """Read the scenario with its --set values, or print every problem and stop."""
    from sibmodel.scenario.reader import load

    return _warned(file, _or_stop(lambda: load(file, _values(sets or ()))))


def _load_contract(file: Path, sets: Iterable[str] | None) -> Scenario | ContractSheet:
    """Read a scenario or a contract alone, or print every problem and stop."""
    from sibmodel.scenario.reader import load_contract

    return _warned(file, _or_stop(lambda: load_contract(file, _values(sets or ()))))


def _warned(file: Path, sheet: S) -> S:
    """The scenario, after a warning for every reference table of its that is unverified or out of date."""
    for doubt in getattr(sheet, "doubts", tuple)():
        typer.echo(f"{file}: warning: {doubt}", err=True)
    return sheet


def _values(sets: Iterable[str]) -> dict[str, Any]:
    from sibmodel.errors import Problem, ScenarioError
    from sibmodel.scenario.document import parse_value

    out: dict[str, Any] = {}
    problems = []
    for text in sets:
        address, equals, value = text.partition("=")
        if not equals or not address.strip():
            problems.append(Problem("--set", 1, 1, text, "there is no 'ADDRESS='", "write --set ADDRESS=VALUE"))
            continue
        try:
            out[address.strip()] = parse_value(value)
        except ScenarioError as error:
            problems += [Problem("--set", p.line, p.column, address, p.what, p.right) for p in error.problems]
    if problems:
        raise ScenarioError(problems)
    return out


def _or_stop(work: Callable[[], T]) -> T:
    """The result of some work; an error meant for the user is printed and ends the program."""
    from sibmodel.errors import ReconciliationError, SibmodelError

    try:
        return work()
    except ReconciliationError as error:
        _stop(str(error), FAULT)
    except SibmodelError as error:
        _stop(str(error), WRONG)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _show_progress(done: int, all_trials: int) -> None:
    """One line on standard error that rewrites itself, where somebody is watching a long run."""
    if all_trials >= LONG_RUN and sys.stderr.isatty():
        end = "\n" if done == all_trials else ""
        typer.echo(f"\r{done:,} of {all_trials:,} futures simulated{end}", err=True, nl=False)


def _write(target: str, text: str) -> None:
    """Write to a file, whole or not at all; '-' is standard output. A pipe or device is written to as it is."""
    if target == "-":
        typer.echo(text, nl=False)
        return
    if not target or target.endswith(("/", os.sep)) or Path(target).is_dir():
        _stop(f"'{target}' cannot be written: it is a folder or nothing; name a file, or - for standard output", WRONG)
    if Path(target).exists() and not Path(target).is_file():
        Path(target).write_text(text, encoding="utf-8", newline="")
        return
    path = Path(target).resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        _stop(f"{target}: cannot be written ({error.strerror}); name a file in a folder that exists", WRONG)


def _as_csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def _print_table(table: Table) -> None:
    from sibmodel.report.terminal import console, print_table

    print_table(table, console())


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    app()
