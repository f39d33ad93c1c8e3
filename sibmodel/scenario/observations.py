"""Observed numbers that a scenario names by a file, read into the place where the name stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sibmodel.scenario.csv_lines import Line, NotCsvError, lines_of, no_number, number_of
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_

EMPIRICAL = "empirical"
MOST_NUMBERS = 100_000
MOST_BYTES = 5_000_000

MOST_TOLD = 20
"""Wrong lines of a file that are told one by one."""
_DIGITS = "write digits alone in its first column, such as 0.5 or 12000"

_ANY = [0.5]
"""Stands for a file that cannot be read, so that nothing else is said about it."""


class _RefusedError(Exception):
    """Everything wrong with a file, and what would be right."""

    def __init__(self, *wrongs: tuple[str, str]) -> None:
        self.wrongs = wrongs
        super().__init__(wrongs)


def read_observations(document: Document, elsewhere: tuple[Path_, ...]) -> None:
    """Put the numbers of each file in the place of its name; problems are added. `elsewhere` is left alone.

    A path starts from the folder of the file in which it is written, as that of `extends` does; where a scenario is
    text alone, from the folder in which the program runs.
    """
    for path, node in list(_named(document.data, (), elsewhere)):
        here = (*path, EMPIRICAL)
        name = node[EMPIRICAL]
        file = Path(document.place(here)[0]).parent / name
        document.reads.append(str(file))
        try:
            node[EMPIRICAL] = _numbers_of(file, name)
        except _RefusedError as refused:
            document.problems += [document.problem(here, *one) for one in refused.wrongs]
            node[EMPIRICAL] = _ANY


def _named(node: Any, path: Path_, elsewhere: tuple[Path_, ...]) -> Iterator[tuple[Path_, dict[str, Any]]]:
    if isinstance(node, dict):
        if isinstance(node.get(EMPIRICAL), str):
            yield path, node
        for key, part in node.items():
            if (*path, key) not in elsewhere:
                yield from _named(part, (*path, key), elsewhere)
    elif isinstance(node, list):
        for index, part in enumerate(node):
            yield from _named(part, (*path, index), elsewhere)


def _numbers_of(path: Path, name: str) -> list[float]:
    """Numbers of the first column. Raises _RefusedError."""
    text = _text_of(path, name)
    try:
        lines = list(lines_of(text))
    except NotCsvError as error:
        raise _RefusedError((f"{error.what} in line {error.line} of '{name}'", error.right)) from None
    heading = lines[0] if lines and _is_heading(lines[0].cells[0]) else None
    lines = lines[heading is not None :]
    if not lines:
        raise _RefusedError((f"'{name}' holds no numbers", "write one in each line, below a heading or not"))
    if len(lines) > MOST_NUMBERS:
        raise _RefusedError((f"'{name}' holds {len(lines):,} numbers", f"give at most {MOST_NUMBERS:,}"))
    wrongs = [wrong for line in lines if (wrong := _wrong(line, heading, name)) is not None]
    if wrongs:
        raise _RefusedError(*_told(wrongs, name))
    return [float(line.cells[0]) for line in lines]


def _is_heading(cell: str) -> bool:
    """Whether a first cell names its column: in letters, for with digits it is a number that somebody wrote badly."""
    words = any(c.isalpha() for c in cell) and not any(c.isdigit() for c in cell)
    return words and cell.strip("+-").lower() not in ("nan", "inf", "infinity")


def _wrong(line: Line, heading: Line | None, name: str) -> tuple[str, str] | None:
    """What is wrong with a line, and what would be right."""
    first, *others = line.cells
    if number_of(first) is None:
        return no_number(first, _DIGITS, f" in line {line.number} of '{name}'")
    if heading is None and any(number_of(cell) is not None for cell in others):
        what = f"line {line.number} of '{name}' holds {len(line.cells)} numbers"
        return what, "write numbers without commas, one in each line; above several columns write headings"
    if heading is not None and len(line.cells) > len(heading.cells) and any(others):
        what = f"line {line.number} of '{name}' has {len(line.cells)} cells, its headings {len(heading.cells)}"
        return what, "write numbers without commas, and a heading above each column"
    return None


def _told(wrongs: list[tuple[str, str]], name: str) -> list[tuple[str, str]]:
    """The first of them, and how many more there are."""
    more = len(wrongs) - MOST_TOLD
    return wrongs[:MOST_TOLD] + ([(f"{more:,} more lines of '{name}' are wrong", "mend these too")] if more > 0 else [])


def _text_of(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _RefusedError((f"there is no file '{name}'", "give its path from the folder of this file")) from None
    except (OSError, ValueError):
        raise _RefusedError((f"'{name[:40]}' cannot be read", "give the path of a CSV file from this folder")) from None
    if len(raw) > MOST_BYTES:
        raise _RefusedError((f"'{name}' has {len(raw):,} bytes", f"give at most {MOST_BYTES:,}"))
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _RefusedError((f"'{name}' is not UTF-8 text", "save it as CSV with encoding UTF-8")) from None
