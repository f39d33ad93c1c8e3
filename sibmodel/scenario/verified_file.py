"""Reading what an evaluator has verified from a CSV file: all problems at once, each with its place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.schema import nearest
from sibmodel.errors import Problem, ScenarioError
from sibmodel.scenario.csv_lines import Line, NotCsvError, lines_of, no_number, number_of

COLUMNS = ("period", "outcome", "quantity", "people", "group", "cohort", "person")
REQUIRED = COLUMNS[:3]
MOST_BYTES = 50_000_000
_INSTEAD: dict[str, object] = {"period": 0, "outcome": "", "quantity": 0.0, "people": 1.0}
"""Stands for a cell that cannot be read, so that the rest of its row can still be checked."""


@dataclass
class VerifiedFile:
    """Rows of a file, the line of each, and the cells that cannot be read, each with its problem."""

    file: str
    rows: list[VerifiedRow] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: dict[int, dict[str, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    unread: set[tuple[int, str]] = field(default_factory=set)

    def problem(self, row: int, column: str, what: str, right: str) -> Problem:
        """A problem in a row (counted from 0) and column."""
        line = self.lines[row]
        return Problem(self.file, line, self.columns[line].get(column, 1), column, what, right)


def read_verified(path: str | Path) -> VerifiedFile:
    """Rows of a CSV file with the columns `period,outcome,quantity` and, where they matter, others of `COLUMNS`.

    Raises ScenarioError if there are no rows to check; what is wrong with single cells is in `problems`. Names are
    checked later, against a contract.
    """
    name = str(path)
    try:
        raw = Path(path).read_bytes()
    except (OSError, ValueError):
        raise ScenarioError([Problem(name, 1, 1, "", "the file cannot be read", "check the name and folder")]) from None
    if len(raw) > MOST_BYTES:
        what = f"the file has {len(raw):,} bytes"
        raise ScenarioError([Problem(name, 1, 1, "", what, f"give at most {MOST_BYTES:,}")])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        wrong = Problem(name, line, 1, "", "the file is not UTF-8 text", "save it as CSV with encoding UTF-8")
        raise ScenarioError([wrong]) from None
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise ScenarioError([Problem(name, line, 1, "", "a character here is no text", "save the file as CSV again")])
    return parse_verified(text, name)


def parse_verified(text: str, name: str = "verified") -> VerifiedFile:
    """The same from text. Raises ScenarioError."""
    out = VerifiedFile(name)
    header: list[str] | None = None
    try:
        for line in lines_of(text):
            if header is None:
                header = [cell.lower() for cell in line.cells]
                out.problems += _header(header, name, line)
                if out.problems:
                    raise ScenarioError(out.problems)
            else:
                _row(line, header, out)
    except NotCsvError as error:
        out.problems.append(Problem(name, error.line, error.column, "", error.what, error.right))
    if header is None:
        empty = Problem(name, 1, 1, "", "the file is empty", f"begin with '{','.join(REQUIRED)}'")
        raise ScenarioError(out.problems or [empty])
    return out


def _header(header: list[str], name: str, heading: Line) -> Iterator[Problem]:
    line, places = heading.number, heading.places
    right = f"the columns are {', '.join(COLUMNS)}"
    if len(header) == 1 and any(mark in header[0] for mark in (";", "\t")):
        yield Problem(name, line, 1, "", "the columns are not separated by commas", "save it as CSV with commas")
        return
    for index, column in enumerate(header):
        if column not in COLUMNS:
            yield Problem(name, line, places[index], "", f"unknown column '{column}'", nearest(column, COLUMNS))
        elif column in header[:index]:
            yield Problem(name, line, places[index], "", f"the column '{column}' is given twice", "keep one of them")
    for column in REQUIRED:
        if column not in header:
            yield Problem(name, line, 1, "", f"the column '{column}' is missing", right)


def _row(line: Line, header: list[str], out: VerifiedFile) -> None:
    if len(line.cells) != len(header):
        what = f"the line has {len(line.cells)} cells, the first line {len(header)}"
        right = "put text with commas in quotes, and write numbers without commas"
        out.problems.append(Problem(out.file, line.number, 1, "", what, right))
        return
    out.columns[line.number] = dict(zip(header, line.places, strict=True))
    out.lines.append(line.number)
    values: dict[str, object] = {}
    for column, cell in zip(header, line.cells, strict=True):
        wrong, value = _cell(column, cell)
        if wrong is not None:
            out.problems.append(out.problem(len(out.rows), column, *wrong))
            out.unread.add((len(out.rows), column))
            value = _INSTEAD[column]
        if value is not None:
            values[column] = value
    out.rows.append(VerifiedRow.model_validate(values))


def _cell(column: str, text: str) -> tuple[tuple[str, str] | None, object]:
    """What is wrong with a cell (what, right), or its value; neither for an empty cell that may be empty."""
    if not text:
        return (("there is no value", "write one") if column in REQUIRED else None), None
    if column not in ("period", "quantity", "people"):
        return None, text
    number = number_of(text)
    if number is None:
        return no_number(text, "write digits alone, such as 0.5 or 12000: no commas, £ or %"), None
    if column == "period":
        whole = number == int(number) and number >= 0
        return (None, int(number)) if whole else ((f"'{text}' is not a period", "write a whole number from 0 on"), None)
    if column == "people" and number <= 0:
        return (f"'{text}' people cannot be measured", "write a number above 0, or leave the cell empty"), None
    return None, number
