"""Where the spread of results comes from, told: a table for each measure."""

from __future__ import annotations

from math import sqrt

from sibmodel.questions.levels import WORDS
from sibmodel.questions.spread import Spread, Taken
from sibmodel.questions.variance import Part
from sibmodel.report.luck_words import luck_told
from sibmodel.report.numbers import per_cent, shown
from sibmodel.report.section import Section, Table

_HEADINGS = ("level", "what it is", "of the variance", "± s.e.", "on its own")


def spread_story(found: Spread) -> list[Section]:
    """Its sections: what is taken apart, each measure, and what it rests on."""
    return [_opening(found), *(_measure(name, taken) for name, taken in found.measures.items()), _rests_on(found)]


def _opening(found: Spread) -> Section:
    text = (
        f"{found.record.trials:,} simulated futures, each run again with a level drawn anew and all else as it was: "
        "half the mean square of what that changes is what would be left of the variance if all else were known."
    )
    return Section(found.scenario.title, [text])


def _measure(name: str, taken: Taken) -> Section:
    title = f"Where the spread of {name} comes from"
    if not taken.total.variance:
        return Section(title, [f"It is the same in all {taken.defined:,} futures in which it is defined."])
    sd = shown(sqrt(taken.total.variance), taken.unit)
    rows = [_row(level, WORDS[level], part, taken) for level, part in taken.levels.items()]
    together = Part(-taken.together.variance, taken.together.se, -taken.together.share, taken.together.share_se)
    if len(taken.levels) > 1:
        rows.append(_row("together", "what levels do only together, counted in each of them", together, taken))
    rows.append(("all", "", per_cent(1.0), "–", sd))
    note = (
        "'On its own': the standard deviation with that level's variance alone. Variances add up, standard deviations "
        "do not."
    )
    sentence = f"{taken.label.capitalize()}: its standard deviation is {sd} over {taken.defined:,} futures."
    return Section(title, [sentence], [Table(_HEADINGS, rows, note, words=2)])


def _row(level: str, words: str, part: Part, taken: Taken) -> tuple[str, ...]:
    alone = shown(sqrt(part.variance), taken.unit) if part.variance > 0 else "–"
    return (level, words, per_cent(part.share), per_cent(part.share_se), alone)


def _rests_on(found: Spread) -> Section:
    record = found.record
    sentences = [
        luck_told(found.scenario),
        f"Seed {record.seed}, {record.sampling}; scenario {record.hash[:12]}. The formulas are in docs/risk.md.",
        *(f"Warning: {doubt}." for doubt in record.doubts),
    ]
    return Section("What this rests on", sentences)
