"""Lines of CSV files, as spreadsheets save them, and the numbers in their cells."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import NamedTuple

from sibmodel.core.schema import LARGEST
from sibmodel.scenario.blanks import odd_blank, shown

_LINE_END = re.compile("\r\n|\r")  # also of old Macs
_UNCLOSED = "unexpected end of data"


class Line(NamedTuple):
    """A line that has something in it: its number from 1, its text, and its cells without blanks around them."""

    number: int
    text: str
    cells: list[str]

    @property
    def places(self) -> list[int]:
        """Column at which each cell begins, counted from 1."""
        places, at = [], 0
        for cell in self.cells:
            found = max(self.text.find(cell, at), at)
            places.append(found + 1)
            comma = self.text.find(",", found + len(cell))
            at = comma + 1 if comma >= 0 else len(self.text)
        return places


class NotCsvError(Exception):
    """Line and column from which a text is no CSV, what is wrong, and what would be right."""

    def __init__(self, line: int, column: int, what: str, right: str) -> None:
        self.line, self.column, self.what, self.right = line, column, what, right
        super().__init__(what)


def lines_of(text: str) -> Iterator[Line]:
    """Every line that has something in it. Raises NotCsvError where a text is no CSV."""
    rows = _LINE_END.sub("\n", text).split("\n")
    reader = csv.reader((f"{row}\n" for row in rows), strict=True)
    begun = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Line(begun, rows[begun - 1], [cell.strip() for cell in cells])
            begun = reader.line_num + 1
    except csv.Error as error:
        column = rows[begun - 1].rfind('"') + 1
        if str(error) == _UNCLOSED:
            raise NotCsvError(begun, column, "a quotation mark is not closed", "close it, or leave it out") from None
        line = max(begun, reader.line_num)
        what = "something follows a closing quotation mark" if '"' in rows[line - 1] else "this is not CSV"
        raise NotCsvError(line, 1, what, "put quotes around a whole cell, or save it as CSV again") from None


def number_of(text: str) -> float | None:
    """The number in a cell, if it is one that can be used."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) <= LARGEST and "_" not in text else None


def no_number(text: str, right: str, where: str = "") -> tuple[str, str]:
    """What is wrong with a cell that is no number, and what would be right."""
    try:
        float(text)
    except ValueError:
        usable = ""
    else:
        usable = " that can be used"
    return f"'{shown(text)[:40]}'{where} is not a number{usable}", odd_blank(text) + right
