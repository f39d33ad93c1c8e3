"""Who pays, who invests and what comes of it, in one picture.

`python -m sibmodel.report.pictures SCENARIO.yaml PICTURE.png` makes the picture of a README; the scenario's own
trials and seed make it the same each time.
"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sibmodel.questions.stress.directions import read_by_terms
from sibmodel.report.charts import draw_returns
from sibmodel.report.numbers import money
from sibmodel.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    LARGE,
    NORMAL,
    RED,
    SMALL,
    plain,
    range_of,
    source_note,
    span,
    weak_evidence,
)
from sibmodel.running.results import Result
from sibmodel.running.simulation import simulate
from sibmodel.scenario.reader import load

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


FITS = ((SMALL - 0.5, 33, 6), (SMALL - 1.5, 38, 6), (SMALL - 2, 43, 7))
"""Sizes in which names are written, the characters in a line, and the lines that a box has room for."""
RANGES = "Ranges: nine futures in ten; other figures: the base case."


@dataclass(frozen=True)
class _Box:
    """A party: its centre in the unit square, what it is, and who it is."""

    x: float
    y: float
    heading: str
    names: str
    colour: str

    width = 0.255
    height = 0.25


def who_does_what(result: Result) -> Figure:
    """The parties and the money between them."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 5.6), dpi=110)
    axes = figure.add_axes((0.005, 0.09, 0.99, 0.81))
    draw_parties(axes, result)
    _heading(figure, "Investors pay first; payers repay them only for outcomes that are measured", 0.96)
    note = f"{source_note(result)} {RANGES}"
    figure.text(0.012, 0.02, textwrap.fill(note, 138), size=SMALL, color=GREY)
    return figure


def readme_picture(result: Result) -> Figure:
    """The parties beside the range of the investors' return: 1600 by 800 pixels."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14.5, 7.25), dpi=1600 / 14.5)
    draw_parties(figure.add_axes((0.005, 0.07, 0.575, 0.77)), result)
    returns = figure.add_axes((0.635, 0.17, 0.355, 0.6))
    plain(returns)
    draw_returns(returns, result)
    words = f"Investors' return: {range_of(result['investor.irr'])} a year"
    figure.text(0.605, 0.81, words, size=LARGE, weight="bold", color=INK)
    _heading(figure, textwrap.shorten(result.scenario.title, 90, placeholder=" …"), 0.945, 17)
    _heading(figure, "Investors pay first; payers repay them only for outcomes that are measured", 0.9, LARGE, GREY)
    note = f"{result.record.trials:,} simulated futures, seed {result.record.seed}. {RANGES}"
    figure.text(0.012, 0.025, f"{note} {weak_evidence(result)}", size=SMALL + 1, color=GREY)
    return figure


def _heading(figure: Figure, words: str, y: float, size: float = LARGE, colour: str = INK) -> None:
    figure.text(0.012, y, words, size=size, weight="bold" if colour == INK else "normal", color=colour, va="top")


def draw_parties(axes: Axes, result: Result) -> None:
    """Boxes for the parties, arrows for the money with its range."""
    scenario = result.scenario
    tranches = scenario.capital.tranches
    most = sum(tranche.commitment.central_values()[0] for tranche in tranches.values())
    who = "\n".join(dict.fromkeys(t.investor or t.title or n for n, t in tranches.items()))
    funders = f"{who}\nup to {money(most)}"
    payers = "\n".join(p.title or n for n, p in scenario.contract.payers.items())
    paid_for = read_by_terms(scenario)
    changes = "\n".join(o.title or n for n, o in scenario.outcomes.items() if n in paid_for)
    investors = _Box(0.5, 0.868, "INVESTORS", funders, BLUE)
    vehicle = _Box(0.5, 0.49, "VEHICLE", "a company set up for the bond, which holds the contracts and the cash", INK)
    payer = _Box(0.13, 0.49, "PAYERS", payers, RED)
    programme = _Box(0.87, 0.49, "PROGRAMME", _people(result), GREEN)
    outcomes = _Box(0.5, 0.13, "WHAT IS MEASURED", changes, GREEN)
    axes.set_axis_off()
    axes.set(xlim=(0, 1), ylim=(0, 1))
    for box in (investors, vehicle, payer, programme, outcomes):
        _draw_box(axes, box)
    _draw_flows(axes, result)


def _people(result: Result) -> str:
    people = sum(float(started.sum()) for started in result.base.service.activity.started.values())
    groups = "; ".join(group.title or name for name, group in result.scenario.programme.groups.items())
    return f"about {float(f'{people:.2g}'):,.0f} start: {groups}"


def _draw_box(axes: Axes, box: _Box) -> None:
    from matplotlib.patches import FancyBboxPatch

    corner = (box.x - box.width / 2, box.y - box.height / 2)
    axes.add_patch(
        FancyBboxPatch(corner, box.width, box.height, "round,pad=0,rounding_size=0.02", fc="white", ec=box.colour, lw=2)
    )
    axes.text(box.x, box.y + 0.085, box.heading, ha="center", va="center", size=NORMAL, weight="bold", color=box.colour)
    lines, size = fitted(box.names.split("\n"))
    axes.text(box.x, box.y - 0.03, "\n".join(lines), ha="center", va="center", size=size, color=INK)


def fitted(names: list[str]) -> tuple[list[str], float]:
    """Lines that a box has room for, and their size: names in full, or a line each, or the first and how many more."""
    for size, width, most in FITS:
        lines = [line for name in names for line in textwrap.wrap(name, width)]
        if len(lines) <= most:
            return lines, size
    lines = [textwrap.shorten(name, width, placeholder=" …") for name in names]
    left = len(lines) - (most - 1)
    return (lines if len(lines) <= most else [*lines[: most - 1], f"and {left} more"]), size


def _draw_flows(axes: Axes, result: Result) -> None:
    back = result["investor.multiple"].percentiles
    paid = range_of(result["payers.payments"]).replace("to ", "to\n")
    spend = float(np.sum(result.base.service.costs.spend))
    _arrow(axes, (0.44, 0.745), (0.44, 0.62), BLUE)
    _label(
        axes, 0.425, 0.685, f"put in {range_of(result['investor.peak_funding'])}\nat the deepest point", BLUE, "right"
    )
    _arrow(axes, (0.56, 0.62), (0.56, 0.745), BLUE)
    multiple = span(back[5], back[95], "£ per £")
    _label(axes, 0.575, 0.685, f"get back {multiple}\nfor each £1", BLUE, "left")
    _arrow(axes, (0.262, 0.45), (0.368, 0.45), RED)
    _label(axes, 0.315, 0.535, f"pay\n{paid}", RED, "center")
    _arrow(axes, (0.632, 0.45), (0.738, 0.45), INK)
    _label(axes, 0.685, 0.535, f"pays\nabout\n{money(spend)}", INK, "center")
    _arrow(axes, (0.87, 0.36), (0.634, 0.13), GREEN, "--")
    _arrow(axes, (0.366, 0.13), (0.13, 0.36), GREEN, "--")
    _label(axes, 0.21, 0.15, "verified results\ndecide the payments", GREEN, "right")
    _label(axes, 0.79, 0.15, "people's lives\nchange, or not", GREEN, "left")


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], colour: str, line: str = "-") -> None:
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2, "ls": line})


def _label(axes: Axes, x: float, y: float, words: str, colour: str, side: str) -> None:
    axes.text(x, y, words, color=colour, size=NORMAL - 0.5, ha=side, va="center", linespacing=1.3)


def main() -> None:
    """Make the picture of one scenario."""
    scenario, picture = sys.argv[1:3]
    readme_picture(simulate(load(scenario))).savefig(picture, metadata={"Software": None})


if __name__ == "__main__":
    main()
