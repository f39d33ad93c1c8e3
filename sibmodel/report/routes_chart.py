"""A chart of what each way of paying costs the public purse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibmodel.questions.routes import Routes
from sibmodel.report.numbers import money
from sibmodel.report.style import BLUE, GREEN, GREY, INK, SMALL, bare_rows, canvas, pounds

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def routes_chart(found: Routes) -> Figure:
    """Mean cost to the public purse by route with the range of nine futures in ten, and the same less savings."""
    note = (
        f"{found.scenario.title}. {found.record.trials:,} simulated futures, seed {found.record.seed}. Present values, "
        "real at the public rate. Lines: nine futures in ten."
    )
    shown = list(found.routes.values())
    figure, (axes,) = canvas("What each way of paying costs the public purse", note, 1.8 + 0.75 * len(shown))
    for shift, colour, words in ((-0.16, BLUE, "cost"), (0.16, GREEN, "cost less cashable savings")):
        for row, one in enumerate(shown):
            cost = one.public.cost if colour == BLUE else one.less_cashable
            low, high = cost.percentiles[5], cost.percentiles[95]
            axes.barh(row + shift, cost.mean or 0.0, height=0.28, color=colour, label=words if row == 0 else None)
            axes.plot([low or 0.0, high or 0.0], [row + shift] * 2, color=INK, lw=1.2)
            end = max(high or 0.0, cost.mean or 0.0, 0.0)
            axes.text(end, row + shift, f"  {money(cost.mean)}", va="center", size=SMALL, color=INK)
    axes.axvline(0.0, color=GREY, lw=1)
    bare_rows(axes, [one.title for one in shown])
    axes.margins(x=0.12)
    axes.xaxis.set_major_formatter(pounds)
    axes.legend(frameon=False, fontsize=SMALL, loc="upper center", bbox_to_anchor=(0.5, 1.14), ncols=2)
    return figure
