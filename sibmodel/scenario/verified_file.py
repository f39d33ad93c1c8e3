"""Reading what an evaluator has verified from a CSV file: all problems at once, each with its place."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.schema import LARGEST, nearest
from sibmodel.errors import Problem, ScenarioError

COLUMNS = ("period", "outcome", "quantity", "people", "group", "cohort", "person")
REQUIRED = COLUMNS[:3]
MOST_BYTES = 50_000_000


@dataclass
class VerifiedFile:
    """Rows of a file, and the line of each."""

    file: str
    rows: list[VerifiedRow] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    columns: dict[int, dict[str, int]] = field(default_factory=dict)

    def problem(self, row: int, column: str, what: str, right: str) -> Problem:
        """A problem in a row (counted from 0) and column."""
        line = self.lines[row]
        return Problem(self.file, line, self.columns[line].get(column, 1), column, what, right)


def read_verified(path: str | Path) -> VerifiedFile:
    """Rows of a CSV file with the columns `period,outcome,quantity` and, where they matter, others of `COLUMNS`.

    Raises ScenarioError with everything that cannot be read. Names are checked later, against a contract.
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
    problems: list[Problem] = []
    reader = csv.reader(io.StringIO(text), strict=True)
    header: list[str] | None = None
    raw_lines = text.splitlines()
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            places = _places(raw_lines[line - 1] if line <= len(raw_lines) else "", cells)
            if header is None:
                header = [cell.strip().lower() for cell in cells]
                problems += _header(header, name, line, places)
                if problems:
                    break
                continue
            problems += _row(cells, header, line, places, out)
    except csv.Error as error:
        problems.append(Problem(name, reader.line_num, 1, "", f"this is not CSV ({error})", "save it as CSV again"))
    if header is None:
        problems.append(Problem(name, 1, 1, "", "the file is empty", f"begin with '{','.join(REQUIRED)}'"))
    if problems:
        raise ScenarioError(problems)
    return out


def _places(line: str, cells: list[str]) -> list[int]:
    """Column in the line at which each cell begins, counted from 1."""
    places, at = [], 0
    for cell in cells:
        found = line.find(cell, at)
        places.append(max(found, at) + 1)
        at = max(found, at) + len(cell)
        comma = line.find(",", at)
        at = comma + 1 if comma >= 0 else len(line)
    return places


def _header(header: list[str], name: str, line: int, places: list[int]) -> Iterator[Problem]:
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


def _row(cells: list[str], header: list[str], line: int, places: list[int], out: VerifiedFile) -> Iterator[Problem]:
    if len(cells) != len(header):
        what = f"the line has {len(cells)} cells, the first line {len(header)}"
        yield Problem(out.file, line, 1, "", what, "put text with commas in quotes, and write numbers without commas")
        return
    out.columns[line] = dict(zip(header, places, strict=True))
    values: dict[str, object] = {}
    wrong = []
    for column, cell in zip(header, cells, strict=True):
        found, value = _cell(column, cell.strip())
        if found is not None:
            wrong.append(Problem(out.file, line, out.columns[line][column], column, *found))
        if value is not None:
            values[column] = value
    if wrong:
        yield from wrong
        return
    try:
        out.rows.append(VerifiedRow.model_validate(values))
        out.lines.append(line)
    except ValidationError as error:
        for details in error.errors():
            column = str(details["loc"][0])
            what = f"{values.get(column)!r} cannot be used here"
            yield Problem(out.file, line, out.columns[line].get(column, 1), column, what, details["msg"])


def _cell(column: str, text: str) -> tuple[tuple[str, str] | None, object]:
    """What is wrong with a cell (what, right), or its value; neither for an empty cell that may be empty."""
    if not text:
        return (("there is no value", "write one") if column in REQUIRED else None), None
    if column not in ("period", "quantity", "people"):
        return None, text
    right = "write digits alone, such as 0.5 or 12000: no commas, £ or %"
    try:
        number = float(text)
    except ValueError:
        return (f"'{text[:40]}' is not a number", right), None
    if "_" in text or not abs(number) <= LARGEST:
        return (f"'{text[:40]}' is not a number that can be used", right), None
    if column == "period":
        whole = number == int(number) and number >= 0
        return (None, int(number)) if whole else ((f"'{text}' is not a period", "write a whole number from 0 on"), None)
    if column == "people" and number <= 0:
        return (f"'{text}' people cannot be measured", "write a number above 0, or leave the cell empty"), None
    return None, number
