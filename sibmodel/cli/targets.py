"""Files that a command is to write, which must not be those that it reads."""

from __future__ import annotations

from pathlib import Path

from sibmodel.cli.ending import WRONG, stop

_targets: list[str] = []
"""Files that the options of the command at hand name."""


def begin() -> None:
    """Forget what another command was to write."""
    _targets.clear()


def target(value: str | None) -> str | None:
    """Remember a file that an option names to be written."""
    if value is not None:
        _targets.append(value)
    return value


def spare(*sources: str | Path | None) -> None:
    """Stop, before anything is written, if a file that is read would be replaced."""
    for one in _targets:
        for source in sources:
            if source is not None and _same(Path(one), Path(source)):
                stop(f"{one}: this file is read, and would be lost; name another file to write", WRONG)


def _same(one: Path, other: Path) -> bool:
    try:
        return one.is_file() and one.samefile(other)
    except (OSError, ValueError):  # one of them is not there, or no name of a file
        return False
