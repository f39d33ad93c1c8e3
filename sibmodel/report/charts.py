"""Charts of a result, each with one thing to see.

Every function returns a matplotlib `Figure`, which a notebook shows and `figure.savefig` writes. Ranges come first:
nine futures in ten unless a chart says otherwise.
"""

from __future__ import annotations

import datetime as dt
import textwrap
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.contract.rules.scales import LinearTerms
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError
from sibmodel.measures.investor import net_flow
from sibmodel.measures.irr import STATUSES
from sibmodel.model import Books
from sibmodel.report.numbers import chance, money, shown
from sibmodel.report.style import (
    BLUE,
    GREEN,
    GREY,
    INK,
    NORMAL,
    PALE,
    RED,
    SERIES,
    SMALL,
    apart,
    bare_rows,
    canvas,
    frequency,
    pounds,
    range_of,
    rate,
    source_note,
    span,
)
from sibmodel.running.execution import base_case
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary

RANGES = "Dots: the middle future. Lines: nine futures in ten."
NOMINAL = "Pounds of each year."
EPOCH = dt.date(1970, 1, 1).toordinal()
"""Where matplotlib's count of days begins."""

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# ---------------------------------------------------------------------------------------------- investors


def investors_over_time(result: Result) -> Figure:
    """What investors have received less what they have put in, period by period: a fan and the base case."""
    level = np.percentile(result.investors_cumulative, (5, 25, 50, 75, 95), axis=1)
    base = net_flow(result.base).cumsum(axis=0)[:, 0]
    title = (
        f"Investors are {range_of(result['investor.peak_funding'])} out of pocket at the worst moment, and end "
        f"{_end_in_words(float(level[0, -1]), float(level[4, -1]))}"
    )
    note = (
        f"{source_note(result)} Dark band: the middle half of futures. Whole band: nine in ten. "
        "Pounds of each year, before investors' own costs and tax."
    )
    figure, (axes,) = canvas(title, note, 4.8)
    _fan(axes, result, level, base)
    axes.yaxis.set_major_formatter(pounds)
    axes.set_ylabel("Received less put in, running total (£)")
    axes.set_xlabel("Date")
    words = {0: "1 in 20 ends lower", 1: "1 in 4 ends lower", 2: "middle future", 3: "1 in 4 ends higher"}
    words[4] = "1 in 20 ends higher"
    if level[4, -1] - level[0, -1] < 1.0:
        words = {}
    places = [float(level[i, -1]) for i in words]
    _end_labels(axes, [*places, float(base[-1])], [*words.values(), "base case"], [*[BLUE] * len(words), INK])
    return figure


def _fan(axes: Axes, result: Result, level: FloatArray, base: FloatArray) -> None:
    """Bands between the percentiles in `level`, (5, periods), the middle one as a line, and the base case."""
    ends = np.array([end.toordinal() for end in result.scenario.timeline.ends]) - EPOCH
    axes.xaxis_date()
    axes.fill_between(ends, level[0], level[4], color=BLUE, alpha=0.18, lw=0)
    axes.fill_between(ends, level[1], level[3], color=BLUE, alpha=0.32, lw=0)
    axes.plot(ends, level[2], color=BLUE, lw=2)
    axes.plot(ends, base, color=INK, lw=1.4, ls="--")
    axes.axhline(0, color=GREY, lw=0.8)
    axes.set_xlim(ends[0], ends[-1])


def _end_in_words(low: float, high: float) -> str:
    """What investors end with: lost, gained, or between the two."""
    if low < 0.0 < high:
        return f"anywhere from {money(-low)} lost to {money(high)} gained"
    return f"with {span(low, high, '£')} gained" if low >= 0.0 else f"with {span(-high, -low, '£')} lost"


def _end_labels(axes: Axes, places: list[float], words: list[str], colours: list[str]) -> None:
    """Names beside the right-hand ends of lines or bars, instead of a legend."""
    low, high = axes.get_ylim()
    gap = 0.055 * max(word.count("\n") + 1 for word in words) * (high - low)
    right = axes.get_yaxis_transform()
    beside = apart(places, gap)
    up = max(low + gap / 2 - min(beside), 0.0) if len(words) > 1 else 0.0
    for place, word, colour in zip(beside, words, colours, strict=True):
        axes.text(1.01, place + up, word, transform=right, color=colour, size=SMALL, va="center", clip_on=False)


def investors_return(result: Result) -> Figure:
    """How often each yearly return comes out; losses coloured, total losses as a bar of their own."""
    irr, lose = result["investor.irr"], result["investor.loss_probability"].mean or 0.0
    title = (
        f"Investors' return: {range_of(irr)} a year in nine futures of ten; "
        f"they lose money {chance(lose, result.record.trials)}"
    )
    figure, (axes,) = canvas(title, f"{source_note(result)} {_left_out(result)}")
    draw_returns(axes, result)
    return figure


def draw_returns(axes: Axes, result: Result) -> None:
    """The bars of `investors_return` on axes of one's own."""
    rates, trials = result.values["investor.irr"], result.record.trials
    known = rates[np.isfinite(rates) & (rates > -1.0)]
    edges = _edges(known, 0.025, 1.0)
    heights = np.histogram(np.clip(known, edges[0], edges[-1]), edges)[0] * 100 / trials
    colours = [RED if left < -1e-9 else BLUE for left in edges[:-1]]
    axes.bar(edges[:-1], heights, width=0.022, align="edge", color=colours)
    axes.axvline(0, color=INK, lw=1)
    total = int(np.sum(rates == -1.0))
    top = max(float(heights.max(initial=1.0)), total * 110 / trials)
    axes.set_ylim(0, 1.15 * top)
    lose = result["investor.loss_probability"].mean or 0.0
    heading: dict[str, Any] = {"y": 1.08 * top, "size": NORMAL, "weight": "bold"}
    axes.text(-0.008, s=f"lose money: {frequency(lose, trials)}", color=RED, ha="right", **heading)
    axes.text(0.008, s=f"no loss: {frequency(1 - lose, trials)}", color=BLUE, **heading)
    worst = min(float(edges[0]), -0.1) - 0.13
    _total_losses(axes, worst, total, trials)
    ticks = [tick for tick in np.arange(-9, 101) / 10 if min(edges[0], 0.0) - 1e-9 <= tick <= edges[-1] + 0.05]
    axes.set_xticks([worst, *ticks], ["−100%", *map(rate, ticks)])
    axes.set_xlim(worst - 0.1, max(float(edges[-1]) + 0.04, 0.3))
    worse = known.size and known.min() < edges[0]
    clipped = f"\nThe bar at {rate(edges[0])} also holds all between it and −100%" if worse else ""
    axes.set_xlabel(f"Investors' return a year (%){clipped}")
    axes.set_ylabel("Futures of 100")


def _total_losses(axes: Axes, place: float, count: int, trials: int) -> None:
    """A bar of its own: far from the others on the true scale, and too important to drop."""
    height = count * 100 / trials
    axes.bar(place, height, width=0.03, color=INK)
    words = f"everything lost:\n{frequency(count / trials, trials)}"
    axes.annotate(words, (place, height), (0, 5), textcoords="offset points", ha="center", size=SMALL, color=INK)


def _edges(values: FloatArray, width: float, tail: float = 0.1) -> FloatArray:
    """Bins of `width` with zero at an edge, from the percentile `tail` to all but the highest one in a thousand."""
    low, high = np.percentile(values, (tail, 99.9)) if values.size else (0.0, 0.0)
    return np.asarray(np.arange(np.floor(low / width), np.floor(high / width) + 2) * width)


def _left_out(result: Result) -> str:
    counts = result["investor.irr"].status or {}
    none = counts.get(STATUSES[3], 0)
    if not none:
        return "A total loss counts as −100%."
    missing = ~np.isfinite(result.values["investor.irr"])
    lost = int(result.values["investor.loss_probability"][missing].sum())
    return f"Not drawn: {none:,} futures without a rate of return; investors lose money in {lost:,} of them."


# ---------------------------------------------------------------------------------------------- repayment


def payment_scales(result: Result) -> Figure:
    """Each sliding scale of the contract: what is paid for how much, and where the base case stands."""
    scales = {n: t for n, t in result.scenario.contract.terms.items() if isinstance(t, LinearTerms)}
    # those of one outcome, at one price for all
    terms = {n: t for n, t in scales.items() if t.outcome and not t.divided_by and isinstance(t.price, Quantity)}
    if not terms:
        raise SibmodelError("this contract has no sliding scale to draw (a term with 'rule: linear')")
    title = "What is paid for what: nothing below the start of a scale, no more above its end"
    note = f"{source_note(result)} Dots: the base case, and the same with a programme that changes nothing."
    figure, panels = canvas(title, note, 4.2, panels=len(terms))
    nothing = base_case(result.scenario, scale=0.0)
    for axes, (name, term) in zip(panels, terms.items(), strict=True):
        _scale(axes, result, name, term)
        if _reads(result, term) == "mean" or term.over == "contract":
            _dot(axes, result, result.base, INK, "base case", term)
            _dot(axes, result, nothing, RED, "if it changes nothing", term)
    return figure


def _reads(result: Result, term: LinearTerms) -> str:
    """What the scale is read at: the mean for effects and the total for others, unless the term says."""
    return term.reads or ("mean" if result.scenario.outcomes[term.names[0]].type == "effect" else "total")


def _scale(axes: Axes, result: Result, name: str, term: LinearTerms) -> None:
    price, outcome = _top_price(term), result.scenario.outcomes[term.names[0]]
    x, y = np.array(term.points).T
    dot = _place(result.base, term, _reads(result, term))
    reach = max(dot - x[-1], 0.0) + (x[-1] - x[0]) * 0.6
    axes.plot([min(0.0, x[0]), *x, x[-1] + reach], [y[0] * price, *(y * price), y[-1] * price], color=BLUE, lw=2.5)
    each = " for each person measured" if term.per == "person" else ""
    axes.set_ylabel(f"Paid{each} (£)")
    unit = outcome.unit or "units"
    total = _reads(result, term) == "total"
    unit = unit.split(" per ")[0] if total else unit
    in_all = ", in total" if total else ""
    axes.set_xlabel(textwrap.fill(f"{outcome.title or term.names[0]}{in_all} ({unit})", 50))
    axes.yaxis.set_major_formatter(pounds)
    if unit == "£":
        axes.xaxis.set_major_formatter(pounds)
    axes.set_ylim(-0.17 * price * y.max(), 1.22 * price * y.max())
    axes.set_title(term.title or name, loc="left", size=NORMAL, color=INK)


def _top_price(term: LinearTerms) -> float:
    """The price a scale is drawn at: the highest of those by period."""
    return max(term.price.central_values()) if isinstance(term.price, Quantity) else 1.0


def _place(books: Books, term: LinearTerms, reads: str) -> float:
    """Where on a scale one set of books stands."""
    flow = books.service.outcomes[term.names[0]]
    units, people = float(np.sum(flow.units)), float(np.sum(flow.measured))
    return units / people if reads == "mean" and people else units


def _dot(axes: Axes, result: Result, books: Books, colour: str, words: str, term: LinearTerms) -> None:
    place = _place(books, term, _reads(result, term))
    x, y = np.array(term.points).T
    height = float(np.interp(place, x, y)) * _top_price(term)
    axes.plot([place], [height], "o", color=colour, ms=8, clip_on=False, zorder=3)
    # to the right and below, where a rising line never is
    axes.annotate(words, (place, height), (9, -4), textcoords="offset points", color=colour, size=SMALL, va="top")


def payments_by_year(result: Result) -> Figure:
    """Outcome payments by financial year: the base case by payer, and the range of the total."""
    payers = result.scenario.contract.payers
    together = {y: sum(result.payments[y, n] for n in payers) for y in dict.fromkeys(y for y, _ in result.payments)}
    years = [year for year, paid in together.items() if np.any(paid)] or list(together)
    levels = np.array([np.percentile(together[year], (5, 95)) for year in years]).reshape(-1, 2).T
    title = f"Payers pay {range_of(result['payers.payments'])} in all, and nothing before {years[0]}"
    note = f"{source_note(result)} Bars: the base case. Lines: the year's total in nine futures of ten. {NOMINAL}"
    figure, (axes,) = canvas(title, note)
    bottom = np.zeros(len(years))
    places = []
    for index, name in enumerate(payers):
        base = np.array([result.base_payments[year, name] for year in years])
        axes.bar(years, base, bottom=bottom, color=SERIES[index % len(SERIES)], width=0.62)
        places.append(float(bottom[-1] + base[-1] / 2))
        bottom = bottom + base
    axes.vlines(years, *levels, color=INK, lw=1.5)
    axes.yaxis.set_major_formatter(pounds)
    axes.set_ylabel("Outcome payments in the year (£)")
    axes.set_xlabel("Financial year (April to March)")
    words = [
        f"{textwrap.fill(p.title or n, 26)}\n{range_of(result[f'payer.{n}.payments'])} in all"
        for n, p in payers.items()
    ]
    _end_labels(axes, places, words, [SERIES[i % len(SERIES)] for i in range(len(payers))])
    return figure


def bill(result: Result) -> Figure:
    """What commissioners, and all payers, pay: in the base case, as it may turn out, and if nothing changes."""
    works, nothing = (m["commissioner.payments"] for m in (result.measures, result.if_nothing))
    still = "still " if nothing.percentiles[95] else ""
    title = f"Commissioners pay {range_of(works)}; if the programme changes nothing, {still}{range_of(nothing)}"
    note = f"{source_note(result)} {RANGES} Diamonds: the base case. {NOMINAL}"
    groups = {"Commissioners": "commissioner.payments", "All payers together": "payers.payments"}
    if len(result.scenario.contract.payers) == 1:
        groups.pop("All payers together")
    figure, panels = canvas(title, note, 1.8 + 1.5 * len(groups), rows=len(groups), sharex=True)
    for axes, (who, name) in zip(panels, groups.items(), strict=True):
        bare_rows(axes, ["as it may turn out", "if it changes nothing"])
        _range(axes, 0, result[name], BLUE)
        _range(axes, 1, result.if_nothing[name], RED)
        axes.set_title(who, loc="left", size=NORMAL, weight="bold", color=INK)
        _most(axes, _limit(result, name))
    panels[-1].xaxis.set_major_formatter(pounds)
    panels[-1].set_xlabel("Outcome payments over the contract (£)")
    panels[-1].set_xlim(left=-0.01 * panels[-1].get_xlim()[1])
    return figure


def _limit(result: Result, name: str) -> float | None:
    """The most the contract allows: commissioners' exposure, or the contract's own cap for all payers."""
    if name == "commissioner.payments":
        most = result.values["commissioner.maximum_exposure"].max()
        return float(most) if np.isfinite(most) else None
    cap = result.scenario.contract.cap
    return None if cap is None else cap.central_values()[0]


def _most(axes: Axes, limit: float | None) -> None:
    if limit is not None:
        axes.axvline(limit, color=GREY, lw=1, ls=":")
        words = f"the contract's\nmost: {money(limit)}"
        axes.annotate(words, (limit, 0.5), (-4, 0), textcoords="offset points", ha="right", size=SMALL, color=GREY)


def _range(axes: Axes, row: int, summary: Summary, colour: str) -> None:
    """Nine futures in ten as a line with the middle future, its figures above, the base case as a diamond."""
    low, middle, high = (summary.percentiles[p] for p in (5, 50, 95))
    if low is None or middle is None or high is None:
        return
    axes.hlines(row, low, high, color=colour, lw=5, alpha=0.45)
    axes.plot([middle], [row], "o", color=colour, ms=8)
    if summary.base is not None:
        axes.plot([summary.base], [row], "D", color=INK, ms=5, mfc="white")
    words = span(low, high, summary.unit)
    axes.annotate(words, (middle, row), (0, 9), textcoords="offset points", ha="center", size=SMALL, color=colour)


# ---------------------------------------------------------------------------------------------- savings and variants


def savings_per_pound(result: Result) -> Figure:
    """How often a pound of programme spend saves how much, with the £1 line and what is counted."""
    saved = result["public.savings_per_pound"]
    values = result.values["public.savings_per_pound"]
    values, trials = values[np.isfinite(values)], saved.defined
    above = chance(float(np.mean(values > 1.0)), trials)
    title = f"{range_of(saved)} saved for each £1 in nine futures of ten; more than £1 {above}"
    figure, (axes,) = canvas(title, f"{source_note(result)} Counted: {saved.label}.")
    edges = _edges(values, 0.1)
    heights = np.histogram(np.clip(values, edges[0], edges[-1]), edges)[0] * 100 / max(trials, 1)
    axes.bar(edges[:-1], heights, width=0.088, align="edge", color=[GREEN if e > 0.999 else RED for e in edges[:-1]])
    axes.axvline(1.0, color=INK, lw=1)
    top = 1.12 * float(heights.max(initial=1.0))
    axes.set_ylim(0, 1.08 * top)
    axes.text(1.02, top, "saves more than £1", color=GREEN, size=NORMAL, weight="bold")
    axes.text(0.98, top, "saves less than £1", color=RED, size=NORMAL, ha="right", weight="bold")
    axes.xaxis.set_major_formatter(lambda x, _: f"£{x:.2f}")
    axes.set_xlabel("Savings for each £1 of programme spend (£)")
    axes.set_ylabel("Futures of 100")
    return figure


COMPARED: Mapping[str, str] = {
    "public.savings_per_pound": "Savings for each £1 (£)",
    "investor.irr": "Investors' return a year (%)",
    "investor.loss_probability": "Investors lose money (futures of 100)",
    "payers.payments": "All payers pay (£)",
}
REPAID: Mapping[str, str] = {
    "investor.irr": "Investors' return a year (%)",
    "investor.loss_probability": "Investors lose money (futures of 100)",
    "payers.payments": "All payers pay (£)",
    "commissioner.net_saving": "Commissioners save, less what they pay (£)",
}


def comparison(results: Mapping[str, Result], title: str, measures: Mapping[str, str] = COMPARED) -> Figure:
    """Variants as rows, measures as panels: nine futures in ten as a line, the middle future as a dot."""
    first = next(iter(results.values()))
    seeds = f"{first.record.trials:,} simulated futures each, seed {first.record.seed}."
    note = f"{first.scenario.title}. {seeds} {RANGES}"
    figure, panels = canvas(title, note, 1.9 + 0.55 * len(results), panels=len(measures), sharey=True)
    for axes, (name, words) in zip(panels, measures.items(), strict=True):
        bare_rows(axes, list(results))
        for row, result in enumerate(results.values()):
            _compared(axes, row, result[name], result.record.trials)
        axes.set_title(textwrap.fill(words, 22), loc="left", size=NORMAL, color=INK)
        axes.grid(axis="x", color=PALE, lw=0.6)
        axes.set_axisbelow(True)
    return figure


def _compared(axes: Axes, row: int, summary: Summary, trials: int) -> None:
    if summary.unit != "probability":
        formats = {"£": pounds, "rate": rate, "£ per £": lambda x, _: f"£{x:g}"}
        if summary.unit in formats:
            axes.xaxis.set_major_formatter(formats[summary.unit])
        axes.margins(x=0.12)
        p = summary.percentiles
        axes.hlines(row, p[5] or 0.0, p[95] or 0.0, color=BLUE, lw=4, alpha=0.45)
        axes.plot([p[50] or 0.0], [row], "o", color=BLUE, ms=6)
        axes.annotate(
            shown(p[50], summary.unit), (p[50] or 0.0, row), (0, 6), textcoords="offset points", ha="center", size=SMALL
        )
        return
    share = 100 * (summary.mean or 0.0)
    axes.barh(row, share, color=RED, height=0.4)
    axes.set_xlim(0, 115)
    few = frequency(share / 100, trials).replace(" of 100", "")
    axes.annotate(few, (share, row), (4, 0), textcoords="offset points", va="center", size=SMALL, color=INK)
