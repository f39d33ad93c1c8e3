"""How the program ends: exit codes, and errors meant for the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

import typer

DONE, NO, WRONG, FAULT = 0, 1, 2, 3

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
