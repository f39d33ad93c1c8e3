"""Charts of what a pound saves, and of the studies behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sibmodel.questions.appraise import CASHABLE, HEADLINE, POUNDS, Appraisal
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import per_cent
from sibmodel.report.style import BLUE, GREEN, GREY, INK, NORMAL, RED, SMALL, bare_rows, canvas
from sibmodel.studies.pooling import Pooled

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def chain_chart(found: Appraisal) -> Figure:
    """What is left of the savings of a pound after each link, base case."""
    links = [link for link in found.chain if link.per_pound is not None]
    note = (
        f"{found.result.scenario.title}. Base case, real present values per pound of programme spend; fiscal savings."
    )
    figure, (axes,) = canvas("What is left of a pound's savings, link by link", note, 1.6 + 0.6 * len(links))
    values = [link.per_pound or 0.0 for link in links]
    axes.barh(range(len(links)), values, color=[BLUE] * 3 + [GREEN] * 2, height=0.55)
    for row, value in enumerate(values):
        axes.text(max(value, 0.0), row, f"  £{value:,.2f}", va="center", size=NORMAL, color=INK)
    axes.axvline(1.0, color=RED, lw=1, ls=":")
    bare_rows(axes, [link.name for link in links])
    axes.set_xlim(0, max(1.2, *values) * 1.15)
    axes.set_xlabel("£ for each £ spent (dotted: £1)", size=SMALL, color=INK)
    return figure


def chance_chart(found: Appraisal) -> Figure:
    """The chance that a pound saves more than £1 to £5, as the headline counts and in cash."""
    result = found.result
    note = f"{result.scenario.title}. {result.record.trials:,} simulated futures, seed {result.record.seed}."
    figure, (axes,) = canvas("The chance that a pound saves more than …", note, 3.6)
    for name, colour, words, shift in (
        (HEADLINE, BLUE, "as the headline counts", -0.2), (CASHABLE, GREEN, "in cash, after optimism bias", 0.2)
    ):  # fmt: skip
        found_in = found.chances[name].items()
        shares = {pounds: share.mean for pounds, share in found_in if share.mean is not None}
        places = [pounds + shift for pounds in shares]
        axes.bar(places, list(shares.values()), width=0.36, color=colour, label=words)
        for pounds, share in shares.items():
            axes.text(pounds + shift, share, per_cent(share), ha="center", va="bottom", size=SMALL, color=INK)
    axes.set_xticks(list(POUNDS), [f"£{pounds}" for pounds in POUNDS], size=NORMAL, color=INK)
    axes.set_yticks([])
    axes.set_ylim(0, 1.12)
    axes.legend(frameon=False, fontsize=NORMAL, loc="upper right")
    return figure


def forest_chart(pooled: Pooled) -> Figure:
    """A forest plot: each study with its interval, the pool, and the range for another place."""
    body = pooled.body
    assumed = (
        " Hollow: the interval is an assumption." if any(r.study.spread == "assumption" for r in pooled.rows) else ""
    )
    luck = per_cent(pooled.disagreement)
    note = f"{body.unit or ''}. Lines: the intervals of the studies, 95 % for the pool.{assumed} I² {luck}."
    figure, (axes,) = canvas(body.title, note, 1.8 + 0.45 * (len(pooled.rows) + 2))
    for row, one in enumerate(pooled.rows):
        axes.plot([one.low, one.high], [row, row], color=BLUE, lw=1.5)
        inside = "white" if one.study.spread == "assumption" else BLUE
        axes.scatter(one.estimate, row, s=30 + 250 * one.weight, marker="s", color=inside, edgecolor=BLUE, zorder=3)
    last = len(pooled.rows)
    axes.plot(pooled.interval, [last, last], color=INK, lw=2)
    axes.scatter(pooled.estimate, last, s=90, marker="D", color=INK, zorder=3)
    axes.plot(pooled.elsewhere, [last + 1, last + 1], color=RED, lw=2)
    axes.axvline(0.0, color=GREY, lw=1)
    names = [f"{spaced(one.name)} (grade {one.study.grade})" for one in pooled.rows]
    bare_rows(axes, [*names, "pooled", "another place"])
    return figure
