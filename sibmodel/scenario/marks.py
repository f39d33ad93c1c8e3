"""Where things stand in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sibmodel.errors import Problem

Path_ = tuple[str | int, ...]


@dataclass(frozen=True)
class Mark:
    """File, and line and column, counted from 1, of a key and of its value."""

    file: str
    key: tuple[int, int]
    value: tuple[int, int]


class Composed(NamedTuple):
    """Plain data (None if there is none to read), the place of every node by its path, and what is wrong."""

    data: Any
    marks: dict[Path_, Mark]
    problems: list[Problem]
