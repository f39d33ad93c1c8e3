"""The family of errors that `sibmodel` raises on purpose."""

from __future__ import annotations

from dataclasses import dataclass

LONGEST = 400
"""Characters of one part of a message; more is cut off."""


class SibmodelError(Exception):
    """Anything the library refuses to do; the message is written for the user."""


@dataclass(frozen=True)
class Problem:
    """One thing wrong with an input, and what would be right. Lines and columns count from 1."""

    file: str
    line: int
    column: int
    address: str
    what: str
    right: str = ""

    def __post_init__(self) -> None:
        for name in ("file", "address", "what", "right"):
            object.__setattr__(self, name, _one_line(getattr(self, name)))

    def as_failure(self) -> Failure:
        """The same of an example that does not hold, though everything in it is in order."""
        return Failure(self.file, self.line, self.column, self.address, self.what, self.right)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}: "
        address = f"{self.address}: " if self.address else ""
        return f"{place}{address}{self.what}" + (f"; {self.right}" if self.right else "")


class Failure(Problem):
    """What an example, in which everything is in order, does not come to."""


def _one_line(text: str) -> str:
    """`text` without anything that breaks a line or moves a cursor, and of a length that can be read."""
    shown = "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text[:LONGEST])
    return shown if len(text) <= LONGEST else f"{shown}…"


class ScenarioError(SibmodelError):
    """The input is wrong. `problems` holds everything found, in the order of the file."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems, key=lambda p: (p.file, p.line, p.column))
        super().__init__("\n".join(str(p) for p in self.problems))

    def __reduce__(self) -> tuple[type[ScenarioError], tuple[list[Problem]]]:
        """So that it can pass from one process to another."""
        return type(self), (self.problems,)


class UnknownNameError(SibmodelError):
    """A party, measure or address that the scenario does not have."""


class TooLargeError(SibmodelError):
    """An amount so large that its pennies are lost."""


class ReconciliationError(SibmodelError):
    """The books do not balance: a fault of the model, never of the input."""
