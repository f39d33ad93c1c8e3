"""A chart of what each way of paying costs the public purse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibmodel.questions.routes_answer import Route, Routes
from sibmodel.report.numbers import money
from sibmodel.report.style import BLUE, GREEN, GREY, INK, ORANGE, SMALL, bare_rows, canvas, pounds

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_THICK = 0.24


def routes_chart(found: Routes) -> Figure:
    """Mean cost to the public purse by route, the same less savings, and what donors, investors and others bear.

    Lines span nine futures in ten.
    """
    note = (
        f"{found.scenario.title}. {found.record.trials:,} simulated futures, seed {found.record.seed}. Present values, "
        "real at the public rate. Lines: nine futures in ten. Others: donors, investors, provider, sponsor and payers "
        "whose money is not public, more than with direct payment."
    )
    shown = list(found.routes.values())
    figure, (axes,) = canvas("What each way of paying costs the public purse", note, 1.8 + 0.9 * len(shown))
    for row, one in enumerate(shown):
        costs = (("cost", BLUE, one.public.cost), ("cost less cashable savings", GREEN, one.less_cashable))
        for place, (words, colour, cost) in zip((row - _THICK, row), costs, strict=True):
            low, high, mean = (x or 0.0 for x in (cost.percentiles[5], cost.percentiles[95], cost.mean))
            axes.barh(place, mean, height=_THICK - 0.02, color=colour, label=words if row == 0 else None)
            axes.plot([low, high], [place] * 2, color=INK, lw=1.2)
            _amount(axes, place, max(high, mean, 0.0), mean)
        others = _others(one)
        axes.barh(row + _THICK, others, height=_THICK - 0.02, color=ORANGE, label="others bear" if row == 0 else None)
        _amount(axes, row + _THICK, max(others, 0.0), others)
    axes.axvline(0.0, color=GREY, lw=1)
    bare_rows(axes, [one.title for one in shown])
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(pounds)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=3)
    return figure


def _amount(axes: Axes, place: float, end: float, value: float) -> None:
    axes.text(end, place, f"  {money(value)}", va="center", size=SMALL, color=INK)


def _others(one: Route) -> float:
    """What donors, investors and others bear on average, more than with direct payment."""
    return sum(gap.mean or 0.0 for gap in one.others.values())
