"""Observed numbers that a scenario names by a file, read into the place where the name stands."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sibmodel.core.schema import LARGEST
from sibmodel.scenario.document import Document
from sibmodel.scenario.marks import Path_

EMPIRICAL = "empirical"
MOST_NUMBERS = 100_000
MOST_BYTES = 5_000_000

_ANY = [0.5]
"""Stands for a file that cannot be read, so that nothing else is said about it."""


class _RefusedError(Exception):
    """What is wrong with a file, and what would be right."""


def read_observations(document: Document, elsewhere: tuple[Path_, ...]) -> None:
    """Put the numbers of each file in the place of its name; problems are added. `elsewhere` is left alone.

    A path starts from the folder of the file in which it is written, as that of `extends` does; where a scenario is
    text alone, from the folder in which the program runs.
    """
    for path, node in list(_named(document.data, (), elsewhere)):
        here = (*path, EMPIRICAL)
        name = node[EMPIRICAL]
        try:
            node[EMPIRICAL] = _numbers_of(Path(document.place(here)[0]).parent / name, name)
        except _RefusedError as refused:
            document.problems.append(document.problem(here, *refused.args))
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
    cells = list(_first_column(_text_of(path, name), name))
    if cells and _number(cells[0][1]) is None:  # a heading
        cells = cells[1:]
    if not cells:
        raise _RefusedError(f"'{name}' holds no numbers", "write one in each line, below a heading or not")
    if len(cells) > MOST_NUMBERS:
        raise _RefusedError(f"'{name}' holds {len(cells):,} numbers", f"give at most {MOST_NUMBERS:,}")
    numbers = []
    for line, text in cells:
        number = _number(text)
        if number is None:
            what = f"'{text[:40]}' in line {line} of '{name}' is not a number"
            raise _RefusedError(what, "write digits alone in its first column, such as 0.5 or 12000")
        numbers.append(number)
    return numbers


def _text_of(path: Path, name: str) -> str:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise _RefusedError(f"there is no file '{name}'", "give its path from the folder of this file") from None
    except (OSError, ValueError):
        raise _RefusedError(f"'{name[:40]}' cannot be read", "give the path of a CSV file from this folder") from None
    if len(raw) > MOST_BYTES:
        raise _RefusedError(f"'{name}' has {len(raw):,} bytes", f"give at most {MOST_BYTES:,}")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _RefusedError(f"'{name}' is not UTF-8 text", "save it as CSV with encoding UTF-8") from None


def _first_column(text: str, name: str) -> Iterator[tuple[int, str]]:
    """The first cell of every line that has something in it, with the line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells[0].strip()
    except csv.Error as error:
        raise _RefusedError(
            f"line {reader.line_num} of '{name}' is not CSV ({error})", "save it as CSV again"
        ) from None


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if abs(number) <= LARGEST and "_" not in text else None
