"""How the program ends: exit codes, and errors meant for the user."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

import typer

DONE, NO, WRONG, FAULT = 0, 1, 2, 3

NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""What the system says where there is no room to write, or a device is broken."""

T = TypeVar("T")


def stop(message: str, code: int) -> NoReturn:
    """Say why on standard error, and end with an exit code."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


def or_stop(work: Callable[[], T]) -> T:
    """The result of some work; an error meant for the user is printed and ends the program."""
    from sibmodel.errors import ReconciliationError, SibmodelError

    try:
        return work()
    except ReconciliationError as error:
        stop(str(error), FAULT)
    except SibmodelError as error:
        stop(str(error), WRONG)


def unwritten(target: str, error: OSError) -> str:
    """That something cannot be written, why, and what would be right."""
    right = "make room, or write elsewhere" if error.errno in NO_ROOM else "name a file in a folder that exists"
    return f"{target}: cannot be written ({error.strerror}); {right}"


def ended(work: Callable[[], object]) -> int:
    """The exit code of some work. A fault of the program is told with its place, and never looks like a 'no'."""
    try:
        code = work()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else DONE if end.code is None else WRONG
    except OSError as error:
        if error.errno not in NO_ROOM:
            return _fault()
        typer.echo(unwritten(str(error.filename or "standard output"), error), err=True)
        return WRONG
    except Exception as error:
        return _usage(error) if hasattr(error, "format_message") else _fault()
    return code if isinstance(code, int) else DONE


_PLAIN = (
    (r"Input should be a valid integer.*", "this is not a whole number; write digits alone, such as 1000"),
    (r"Input should be a valid number.*", "this is not a number; write digits alone, such as 0.5 or 12000"),
    (r"requires (\d+) arguments", r"needs \1 values, with a blank between them"),
)
"""What the library of the command line says of options, and the same in plain English."""


def _usage(error: Any) -> int:
    """Say how an option is wrong; the exit code."""
    for pattern, words in _PLAIN:
        error.message = re.sub(pattern, words, error.message)
    error.show()
    return int(error.exit_code)


def _fault() -> int:
    import traceback

    traceback.print_exc()
    typer.echo("this is a fault of the program, not of the input; please report it with the lines above", err=True)
    return FAULT
