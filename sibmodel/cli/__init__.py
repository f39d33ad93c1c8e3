"""The command line: `sibmodel check`, `run`, `risk`, `pay`, `cashflows`, `explain`, `evidence`, `inputs` and so on."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import partial

from sibmodel.cli import commands, deal_space, information, routes, sensitivity, simulations, solving, stress
from sibmodel.cli.ending import DONE, ended
from sibmodel.cli.options import app

__all__ = [
    "app",
    "commands",
    "deal_space",
    "information",
    "main",
    "routes",
    "sensitivity",
    "simulations",
    "solving",
    "stress",
]


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    code = max(ended(partial(app, standalone_mode=False)), ended(sys.stdout.flush))
    if code != DONE:  # what could not be written is not tried again at the end
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)
