"""The command line: `sibmodel check`, `run`, `risk`, `pay`, `cashflows`, `explain`, `evidence`, `inputs` and so on."""

from __future__ import annotations

import sys

from sibmodel.cli import commands, deal_space, information, routes, sensitivity, simulations, solving, stress
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
    app()
