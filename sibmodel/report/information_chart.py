"""A chart of what pilots are worth, and of what is paid by luck in measuring."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING

from sibmodel.questions.information.decision import Worth
from sibmodel.questions.information.evaluation import Sample
from sibmodel.questions.information.found import Information
from sibmodel.report.address_words import named
from sibmodel.report.information_words import shows
from sibmodel.report.numbers import money
from sibmodel.report.style import BLUE, GREEN, GREY, INK, ORANGE, PALE, RED, SMALL, bare_rows, canvas, pounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_REACH = 1.96
_BARS = 6
_ACROSS = 58
"""Letters of a panel's title in a line."""


def information_chart(found: Information) -> Figure:
    """Pilots by size beside payments by luck by sample; what each number is worth knowing where there is neither."""
    panels: list[Callable[[Axes, Information], None]] = []
    if found.pilots:
        panels.append(_pilots)
    if found.evaluation.samples:
        panels.append(_luck)
    note = (
        f"{found.scenario.title}. {found.record.trials:,} simulated futures, seed {found.record.seed}. "
        f"Decision by {found.decision.measure}. Bars: 95 % intervals."
    )
    title = "What should we find out first, and how well should we measure?"
    figure, axes = canvas(title, note, 4.6, len(panels) or 1)
    for draw, one in zip(panels or [_numbers], axes, strict=True):
        draw(one, found)
    return figure


def _pilots(axes: Axes, found: Information) -> None:
    """Worth by number of people of the pilot that the report tells, with that of certainty as a line."""
    pilot = next(iter(found.useful_pilots), found.pilots[0])
    people = [size.people for size in pilot.sizes]
    _line(axes, people, [size.worth for size in pilot.sizes], BLUE, "worth of the pilot")
    axes.axhline(pilot.certain.value, color=INK, lw=1.2, ls="--", label=f"certainty: {money(pilot.certain.value)}")
    axes.set_xscale("log")
    axes.set_xticks(people, [f"{n:,}" for n in people])
    axes.minorticks_off()
    top = max(pilot.certain.value, *(size.worth.value + _REACH * size.worth.se for size in pilot.sizes), 1.0)
    if pilot.sizes[0].cost < top:
        axes.plot(people, [size.cost for size in pilot.sizes], color=ORANGE, lw=1.5, ls=":", label="its cost")
    low = min(0.0, *(size.worth.value - _REACH * size.worth.se for size in pilot.sizes))
    axes.set_ylim(1.15 * low, 1.4 * top)
    shown = textwrap.fill(f"A pilot before the decision that shows {shows(found.scenario, pilot)}", _ACROSS)
    _finish(axes, shown, "People in the pilot")


def _luck(axes: Axes, found: Information) -> None:
    """What errors of measurement pay and miss, by size of the sample."""
    samples = [one for one in found.evaluation.samples if math.isfinite(one.times)]
    times = [one.times for one in samples]
    series: tuple[tuple[str, str, Callable[[Sample], Worth]], ...] = (
        (RED, "paid though nothing changes", lambda one: one.for_nothing),
        (BLUE, "due and not paid", lambda one: one.missed),
        (GREEN, "paid and not due", lambda one: one.too_much),
    )
    for colour, words, of in series:
        _line(axes, times, [of(one) for one in samples], colour, words)
    axes.axvline(1.0, color=PALE, lw=6, zorder=0)
    axes.set_xscale("log")
    axes.set_xticks(times, [f"{one:g}" for one in times])
    axes.minorticks_off()
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.25 * axes.get_ylim()[1])
    _finish(axes, "Mean payment by luck in measuring", "Sample against today's")


def _numbers(axes: Axes, found: Information) -> None:
    """What the numbers worth most are worth."""
    shown = found.of("input")[:_BARS]
    if not shown:
        axes.text(0.5, 0.5, "No number of the file is uncertain.", ha="center", transform=axes.transAxes, color=INK)
        axes.set_axis_off()
        return
    for row, one in enumerate(shown):
        axes.barh(row, one.worth.value, height=0.5, color=BLUE, xerr=_REACH * one.worth.se, ecolor=INK)
    bare_rows(axes, [named(found.scenario, one.what.name) for one in shown])
    axes.axvline(0.0, color=GREY, lw=1)
    axes.xaxis.set_major_formatter(pounds)
    axes.set_title("Worth knowing before signing", loc="left", size=SMALL + 1.5, color=INK)


def _line(axes: Axes, at: list[int] | list[float], worths: list[Worth], colour: str, words: str) -> None:
    axes.errorbar(
        at, [one.value for one in worths], [_REACH * one.se for one in worths], color=colour, lw=2, marker="o", ms=4,
        elinewidth=1, label=words,
    )  # fmt: skip


def _finish(axes: Axes, title: str, label: str) -> None:
    axes.axhline(0.0, color=GREY, lw=0.8)
    axes.yaxis.set_major_formatter(pounds)
    axes.set_xlabel(label)
    axes.set_title(title, loc="left", size=SMALL + 1.5, color=INK)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper center", ncols=2)
