"""A chart of how a measure settles as trials are added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibmodel.report.numbers import error, shown
from sibmodel.report.style import BLUE, GREY, INK, canvas, source_note
from sibmodel.running.convergence import Convergence

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def convergence_chart(found: Convergence) -> Figure:
    """The mean after so many trials, with its 95 % interval: a funnel that closes on the last value."""
    last = found.steps[max(found.steps)]
    title = (
        f"After {max(found.steps):,} futures the mean of {found.measure} is {shown(last.mean, last.unit)}, "
        f"± {error(last.se, last.unit)}"
    )
    note = f"{source_note(found.result)} Lines: 95 % intervals. Each dot is the mean of the first so many futures."
    figure, (axes,) = canvas(title, note, 4.2)
    axes.set_xscale("log")
    for count, summary in found.steps.items():
        ends, mean = summary.interval(), summary.mean
        if ends is not None and mean is not None:
            axes.plot([count, count], list(ends), color=BLUE, lw=2, solid_capstyle="round")
            axes.plot([count], [mean], "o", color=INK, ms=5)
    axes.axhline(last.mean or 0.0, color=GREY, lw=0.8)
    axes.set_xticks(list(found.steps), [f"{count:,}" for count in found.steps])
    axes.minorticks_off()
    axes.yaxis.set_major_formatter(lambda value, _: shown(value, last.unit))
    axes.set_xlabel("Simulated futures")
    axes.set_ylabel(f"Mean of {found.measure}")
    return figure
