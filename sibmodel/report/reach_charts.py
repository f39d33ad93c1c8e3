"""Charts of whom a programme reaches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sibmodel.questions.reach import Reach
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import count, per_cent
from sibmodel.report.style import BLUE, GREEN, GREY, INK, NORMAL, ORANGE, PALE, PINK, RED, SMALL, bare_rows, canvas

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ENDS = (
    ("helped", "helped in full", GREEN), ("less", "start, but a service has no place", BLUE),
    ("waiting", "wait in vain for a link worker", ORANGE), ("not_engaged", "do not engage", PALE),
    ("unreached", "no route reaches them", RED),
)  # fmt: skip


def whom_it_reaches(found: Reach) -> Figure:
    """What becomes of everybody who would come, by group: shares, and people at the end of each bar."""
    programme, names = found.scenario.programme, found.names("group")
    note = f"{found.scenario.title}. Means over {found.record.trials:,} simulated futures, the whole service."
    figure, (axes,) = canvas("Of those who would come, not all are helped", note, 2.2 + 0.62 * len(names))
    for row, name in enumerate(names):
        people = _ends(found, name)
        whole, left = sum(people.values()) or 1.0, 0.0
        for key, words, colour in _ENDS:
            part = people[key] / whole
            axes.barh(row, part, left=left, color=colour, height=0.6, label=words if row == 0 else None)
            if part >= 0.045:
                dark = colour in (PALE, ORANGE)
                axes.text(left + part / 2, row, per_cent(part, 0), ha="center", va="center", size=SMALL,
                          color=INK if dark else "white")  # fmt: skip
            left += part
        axes.text(1.01, row, count(whole), va="center", size=NORMAL, color=GREY)
    bare_rows(axes, [programme.groups[name].title or spaced(name) for name in names])
    axes.set_xlim(0, 1.12)
    axes.set_xticks([])
    axes.spines["bottom"].set_visible(False)
    axes.legend(frameon=False, fontsize=SMALL, ncols=3, loc="upper center", bbox_to_anchor=(0.45, 0.0))
    return figure


def _ends(found: Reach, group: str) -> dict[str, float]:
    def mean(what: str) -> float:
        return found.number("group", group, what).mean or 0.0

    return {
        "helped": mean("helped"),
        "less": mean("started") - mean("helped"),
        "waiting": mean("gave_up") + mean("still_waiting"),
        "not_engaged": mean("not_engaged"),
        "unreached": mean("unreached"),
    }


def more_of(answers: Mapping[float, Reach], what: str) -> Figure:
    """How many start and are helped in full, by how much there is of something; `what` names it."""
    steps = sorted(answers)
    first = answers[steps[0]]
    note = f"{first.scenario.title}. Means over {first.record.trials:,} simulated futures."
    figure, (axes,) = canvas(f"Whom more {what} would reach", note, 4.2)
    for key, words, colour in (("started", "start", BLUE), ("helped", "are helped in full", GREEN)):
        middle = [_in_all(answers[step], key) for step in steps]
        axes.plot(steps, middle, color=colour, marker="o", lw=2, label=words)
    lost = [_in_all(answers[step], "gave_up") + _in_all(answers[step], "still_waiting") for step in steps]
    axes.plot(steps, lost, color=PINK, marker="o", lw=2, label="wait in vain")
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:,.0f}")
    axes.set_ylim(bottom=0)
    axes.set_xlabel(what, size=NORMAL, color=INK)
    axes.set_ylabel("people over the whole service")
    axes.legend(frameon=False, fontsize=NORMAL)
    return figure


def _in_all(found: Reach, what: str) -> float:
    return sum(found.number("group", name, what).mean or 0.0 for name in found.names("group"))


def minimum_by_year(found: Reach) -> Figure:
    """How many areas meet the minimum, year by year of service."""
    years = found.names("year")
    areas = len(found.scenario.programme.areas or {})
    met = [found.number("year", year, "areas_that_meet_it").mean or 0.0 for year in years]
    note = f"{found.scenario.title}. Means over {found.record.trials:,} simulated futures."
    figure, (axes,) = canvas(f"How many of {areas} areas meet the minimum", note, 3.4)
    axes.bar(years, met, color=BLUE, width=0.6)
    for place, value in enumerate(met):
        axes.text(place, value, f"{value:.1f}", ha="center", va="bottom", size=NORMAL, color=INK)
    axes.axhline(areas, color=GREY, lw=1, ls=":")
    axes.set_ylim(0, areas * 1.12)
    axes.set_xlabel("year of service", size=NORMAL, color=INK)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    return figure
