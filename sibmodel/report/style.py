"""How charts look: one palette for colour-blind readers, titles that say what to see, units on every axis."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sibmodel.report.numbers import shown
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito, 2008: told apart with every common kind of colour blindness
BLUE, SKY, ORANGE, RED, GREEN, PINK = "#0072B2", "#56B4E9", "#E69F00", "#D55E00", "#009E73", "#CC79A7"
INK, GREY, PALE = "#222222", "#666666", "#DDDDDD"
SERIES = (BLUE, ORANGE, GREEN, PINK, SKY, RED)

SMALL, NORMAL, LARGE = 8.5, 10, 12.5
WIDTH = 9.0
"""Inches; charts are made for a notebook's column."""


def canvas(title: str, note: str, height: float = 4.6, panels: int = 1, **options: Any) -> tuple[Figure, list[Axes]]:
    """An empty figure with `panels` side by side (or `rows` of them), its title above and small print below."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # not through pyplot: no window, no state, and a notebook shows it once
    figure = Figure(figsize=(WIDTH, height), dpi=110, layout=ConstrainedLayoutEngine(w_pad=0.12, h_pad=0.08))
    rows = options.pop("rows", 1)
    axes = figure.subplots(rows, panels, squeeze=False, **options)
    figure.suptitle(textwrap.fill(title, 80), x=0.012, ha="left", size=LARGE, weight="bold", color=INK)
    figure.supxlabel(textwrap.fill(note, 138), x=0.012, ha="left", size=SMALL, color=GREY)
    for one in axes.flat:
        plain(one)
    return figure, list(axes.flat)


def plain(axes: Axes) -> None:
    """Only the lines that carry something."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(GREY)
    axes.tick_params(colors=GREY, labelsize=SMALL)
    axes.xaxis.label.set_color(GREY)
    axes.yaxis.label.set_color(GREY)


def bare_rows(axes: Axes, labels: Sequence[str]) -> None:
    """Rows of words from top to bottom, without a line or ticks."""
    axes.set_yticks(range(len(labels)), [textwrap.fill(label, 34) for label in labels], size=NORMAL, color=INK)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(labels) - 0.4, -0.6)


def pounds(value: float, _position: float = 0.0) -> str:
    """A tick on an axis of money: £1.5m, −£200k."""
    sign, size = ("−" if value < 0 else ""), abs(value)
    if size >= 1e6:
        return f"{sign}£{size / 1e6:g}m"
    return f"{sign}£{size / 1e3:g}k" if size >= 1e3 else f"{sign}£{size:g}"


def rate(value: float, _position: float = 0.0) -> str:
    """A tick on an axis of rates: −20%."""
    return f"{round(100 * value)}%".replace("-", "−")


def apart(places: Sequence[float], gap: float) -> list[float]:
    """The same places, moved up where labels would be nearer than `gap`."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    out = list(places)
    for below, above in pairwise(order):
        out[above] = max(out[above], out[below] + gap)
    # share the push between both ends, so that labels stay near what they name
    shift = sum(new - old for new, old in zip(out, places, strict=True)) / max(len(out), 1)
    return [place - shift for place in out]


def span(low: float | None, high: float | None, unit: str) -> str:
    """A range in words; one figure where both ends look alike."""
    first, last = shown(low, unit), shown(high, unit)
    return first if first == last else f"{first} to {last}"


def range_of(summary: Summary) -> str:
    """Nine futures in ten of a measure, in words."""
    return span(summary.percentiles[5], summary.percentiles[95], summary.unit)


def frequency(share: float, trials: int) -> str:
    """A chance as a count: 25 of 100, or of all trials where a hundred are too few to show it."""
    seen = round(share * trials)
    if 0.01 <= share <= 0.99:
        return f"{100 * share:.0f} of 100"
    if seen in (0, trials):
        return f"none of {trials:,}" if seen == 0 else f"all {trials:,}"
    return f"{seen:,} of {trials:,}"


def source_note(result: Result) -> str:
    """Which scenario, how many futures, which seed."""
    record = result.record
    return f"{result.scenario.title}. {record.trials:,} simulated futures, seed {record.seed}."


def weak_evidence(result: Result) -> str:
    """How many of the graded numbers rest on weak evidence; empty if none is graded."""
    grades = [q.grade for q in result.scenario.quantities_of_the_bond() if q.grade is not None]
    weak = sum(grade >= 5 for grade in grades)
    return f"{weak} of {len(grades)} graded numbers rest on weak evidence." if grades else ""
