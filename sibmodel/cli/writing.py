"""Writing what was found: to a terminal, as JSON, as CSV."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from sibmodel.cli.ending import WRONG, stop, unwritten

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from sibmodel.report.section import Section, Table

FORMATS = ("png", "svg", "pdf")
LONG_RUN = 20_000
"""Trials from which a run shows its progress."""


def answer(found: Any, sections: Callable[[Any], list[Section]], json: str | None) -> None:
    """Write what was found as JSON, if that is asked for, and tell it, unless JSON goes to standard output."""
    if json is not None:
        from json import dumps

        write(json, dumps(found.as_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n")
    if json != "-":
        from sibmodel.report.terminal import console, print_sections

        print_sections(sections(found), console())


def show_progress(done: int, all_trials: int) -> None:
    """One line on standard error that rewrites itself, where somebody is watching a long run."""
    if all_trials >= LONG_RUN and sys.stderr.isatty():
        end = "\n" if done == all_trials else ""
        typer.echo(f"\r{done:,} of {all_trials:,} futures simulated{end}", err=True, nl=False)


def must_be_drawable(target: str) -> None:
    """Stop before a long run whose chart could not be drawn."""
    if Path(target).suffix.lstrip(".").lower() not in FORMATS:
        stop(f"'{target}' cannot be drawn: end its name in .{', .'.join(FORMATS[:-1])} or .{FORMATS[-1]}", WRONG)
    must_have_a_folder(target)


def must_be_parquet(target: str) -> None:
    """Stop before a long run whose trials would be kept under a name that promises another format."""
    if Path(target).suffix != ".parquet":
        stop(f"'{target}' would hold Parquet, whatever its name says: end it in .parquet", WRONG)
    must_have_a_folder(target)


def must_have_a_folder(target: str) -> None:
    """Stop before a long run whose result could not be written."""
    path = Path(target)
    if not target or path.is_dir():
        stop(f"'{target}' cannot be written: it is a folder or nothing; name a file", WRONG)
    if not path.resolve().parent.is_dir():
        stop(f"{target}: cannot be written (No such file or directory); name a file in a folder that exists", WRONG)


def draw(target: str, figure: Figure) -> None:
    """Write a chart in the format that the file's name ends in, whole or not at all."""
    out = io.BytesIO()
    figure.savefig(out, format=Path(target).suffix.lstrip(".").lower())
    _replace(target, out.getvalue())


def write(target: str, text: str) -> None:
    """Write to a file, whole or not at all; '-' is standard output. A pipe or device is written to as it is."""
    if target == "-":
        typer.echo(text, nl=False)
        return
    if not target or target.endswith(("/", os.sep)) or Path(target).is_dir():
        stop(f"'{target}' cannot be written: it is a folder or nothing; name a file, or - for standard output", WRONG)
    if Path(target).exists() and not Path(target).is_file():
        try:
            Path(target).write_text(text, encoding="utf-8", newline="")
        except OSError as error:
            stop(unwritten(target, error), WRONG)
        return
    _replace(target, text.encode())


def _replace(target: str, content: bytes) -> None:
    path = Path(target).resolve()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        stop(unwritten(target, error), WRONG)


def as_csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Rows of comma-separated text under their headings."""
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue()


def print_table(table: Table) -> None:
    """A table in the terminal's width."""
    from sibmodel.report import terminal

    terminal.print_table(table, terminal.console())
