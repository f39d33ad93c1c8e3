"""A tornado, and a two-way grid as a heat map."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from sibmodel.questions.sensitivity import Sensitivity
from sibmodel.questions.sensitivity.grid import Axis, Grid
from sibmodel.report.address_words import in_words
from sibmodel.report.numbers import four_figures, shown
from sibmodel.report.style import BLUE, GREY, INK, NORMAL, ORANGE, SMALL, bare_rows, canvas, pounds, rate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BARS = 12
_INCHES = 0.5
"""Height of a row."""


def sensitivity_chart(found: Sensitivity) -> Figure:
    """How far each number moves a measure alone, the widest first; below it the grid, where one was asked for."""
    moving = [bar for bar in found.bars if bar.moves and bar.width is not None][:_BARS]
    grid = found.grid
    note = (
        f"{found.title}. Bars: base case, each number alone at the values beside its bar, which no more than one "
        "future in ten lies below, or above; line: the base case."
    )
    if grid is not None:
        note += f" Grid: means over {found.record.trials:,} simulated futures, seed {found.record.seed}."
    heights = [max(1.6, _INCHES * len(moving))] + ([] if grid is None else [0.9 + _INCHES * len(grid.rows.values)])
    figure, axes = canvas(
        f"What moves {found.measure}", note, 1.3 + sum(heights), rows=len(heights),
        gridspec_kw={"height_ratios": heights},
    )  # fmt: skip
    _draw_bars(axes[0], found)
    if grid is not None:
        _draw_grid(axes[1], found, grid)
    return figure


def _draw_bars(axes: Axes, found: Sensitivity) -> None:
    moving = [bar for bar in found.bars if bar.moves and bar.width is not None][:_BARS]
    base = found.base or 0.0
    for row, bar in enumerate(moving):
        ends = [(bar.at_low or 0.0, bar.low, ORANGE), (bar.at_high or 0.0, bar.high, BLUE)]
        for at, _, colour in sorted(ends, key=lambda end: -abs(end[0] - base)):  # the wider behind the narrower
            axes.barh(row, at - base, left=base, height=0.55, color=colour)
        ends.sort()
        for (at, value, _), side in zip(ends, ("right", "left"), strict=True):
            place = min(at, base) if side == "right" else max(at, base)
            axes.text(place, row, f"  {four_figures(value)}  ", ha=side, va="center", size=SMALL, color=INK)
    axes.axvline(base, color=GREY, lw=1)
    bare_rows(axes, [in_words(bar.address) for bar in moving])
    axes.margins(x=0.14)
    axes.xaxis.set_major_formatter(_ticks(found.unit))
    for colour, words in ((ORANGE, "at its lower value"), (BLUE, "at its higher value")):
        axes.barh(0, 0, left=base, color=colour, label=words)
    axes.legend(frameon=False, fontsize=SMALL, loc="lower right")


def _ticks(unit: str) -> Callable[[float, float], str]:
    if unit == "£":
        return pounds
    return rate if unit == "rate" else lambda value, _: four_figures(value)


def _draw_grid(axes: Axes, found: Sensitivity, grid: Grid) -> None:
    means = np.array([[np.nan if cell is None else cell.mean for cell in row] for row in grid.cells])
    around = found.target if found.target is not None else float(np.nanmean(means))
    most = max(float(np.nanmax(np.abs(means - around))), 1e-12)
    # violet above the target, orange below, pale near it: told apart by everybody
    axes.imshow(means, cmap="PuOr", vmin=around - most, vmax=around + most, aspect="auto")
    for (row, column), mean in np.ndenumerate(means):
        strong = abs(mean - around) > 0.5 * most
        axes.text(column, row, shown(float(mean), found.unit) if np.isfinite(mean) else "–", ha="center", va="center",
                  size=SMALL, color="white" if strong else INK)  # fmt: skip
    axes.set_xticks(range(len(grid.columns.values)), list(map(four_figures, grid.columns.values)))
    axes.set_yticks(range(len(grid.rows.values)), list(map(four_figures, grid.rows.values)))
    axes.set_xlabel(_name(grid.columns), size=NORMAL, color=INK)
    axes.set_ylabel(textwrap.fill(_name(grid.rows), 30), size=NORMAL, color=INK)


def _name(axis: Axis) -> str:
    return in_words(axis.address) + (f" ({axis.unit})" if axis.unit else "")
