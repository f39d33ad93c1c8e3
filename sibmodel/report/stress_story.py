"""The contract test battery, told: every line with its verdict, and how investors likeliest lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibmodel.contract.verified import VerifiedRow
from sibmodel.questions.stress.battery import FEW, SOME, Stress
from sibmodel.questions.stress.checks import Check, Counterexample, Figure
from sibmodel.questions.stress.reverse import FARTHEST, Middle, Moved, Reverse
from sibmodel.report.address_words import in_words, spaced
from sibmodel.report.luck_words import luck_told
from sibmodel.report.numbers import chance_and_error, exactly, per_cent, shown, with_error
from sibmodel.report.section import Section, Table
from sibmodel.report.story import cap_in_words
from sibmodel.report.stress_words import once_in, unrounded

_MOST_ROWS = 12
_FAR_OUT = 0.25
"""Scores from the middle from which on an input is told."""


def stress_story(found: Stress) -> list[Section]:
    """An overview, every line that applies, the reverse stress test, and what it rests on."""
    lines = [_line(number, check) for number, check in enumerate(found.checks, 1)]
    return [_opening(found), *(line for line in lines if line is not None), _reverse(found), _rests_on(found)]


def _opening(found: Stress) -> Section:
    count = {verdict: sum(c.verdict == verdict for c in found.checks) for verdict in ("fail", "warn", "pass")}
    others = [f"{n} ({check.title[0].lower()}{check.title[1:]})" for n, check in enumerate(found.checks, 1)
              if check.verdict == "does not apply"]  # fmt: skip
    apply = f"{len(others)} {'does' if len(others) == 1 else 'do'} not apply"
    sentences = [
        f"{len(found.checks)} tests of the contract and the deal around it, in {found.record.trials:,} simulated "
        f"futures and by search over verified outcomes: {count['fail']} fail, {count['warn']} warn, "
        f"{count['pass']} pass{f', {apply}: {_in_a_row(others)}' if others else ''}. After ± stands a figure's "
        "standard error.",
    ]
    rows = [(check.verdict.upper(), f"{number}. {check.title}", check.sentence)
            for number, check in enumerate(found.checks, 1)]  # fmt: skip
    note = "From where a line warns and fails, and why there, is a table in docs/questions/stress.md."
    return Section(found.scenario.title, sentences, [Table(("verdict", "line", "what was found"), rows, note, words=3)])


def _in_a_row(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _line(number: int, check: Check) -> Section | None:
    """Tables and examples of a line; None where the overview says it all."""
    if not check.rows and check.counterexample is None:
        return None
    tables = [_of_rows(check)] if check.rows else []
    sentences = []
    if check.counterexample is not None:
        sentences = list(_of_example(check.counterexample))
        tables += _csv(check.counterexample)
    return Section(f"{number}. {check.title}: {check.verdict}", sentences, tables)


BASE, MEAN, UNROUNDED = "base", "mean", "unrounded"
_COLUMNS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "working": (
        ("earned", "earned by the true effect", BASE),
        ("chance_of_nothing", "pays nothing", MEAN),
        ("chance_of_less", "pays less", MEAN),
        ("shortfall", "paid too little on average", MEAN),
    ),
    "cliffs": (
        ("step", "one step", UNROUNDED),
        ("jump", "largest jump", BASE),
        ("share", "of all payment", BASE),
    ),
    "marginal": (
        ("more", "1% more, base case", BASE),
        ("usual", "1% on the way", BASE),
        ("more", "1% more, mean", MEAN),
        ("chance", "nothing more in", MEAN),
        ("flat", "flat from 0 to 200%", BASE),
    ),
    "saving": (
        ("bill", "pays", MEAN),
        ("saved", "saves", MEAN),
        ("chance", "pays more in", MEAN),
        ("excess", "by, on average", MEAN),
        ("chance_of_cash", "more than cash in", MEAN),
    ),
    "groups": (
        ("paid", "paid for each more who starts", MEAN),
        ("spent", "spent", MEAN),
        ("margin", "margin", MEAN),
        ("others", "others who then do not start", MEAN),
    ),
    "caps": (("binds", "binds in", MEAN),),
    "budget": (
        ("budget", "budget", BASE),
        ("paid", "paid, base case", BASE),
        ("paid", "mean", MEAN),
        ("chance", "above the budget", MEAN),
        ("excess", "by, over all futures", MEAN),
    ),
    "ending": (
        ("put_in", "put in", BASE),
        ("back", "back", BASE),
        ("extra", "lost to it", BASE),
        ("extra_share", "share", BASE),
        ("extra", "lost to it, mean", MEAN),
        ("paid", "commissioners pay", BASE),
        ("gap", "missing", MEAN),
    ),
}
"""What is shown of each line's rows: a figure, its heading, and whether the base case (unrounded or not) or mean."""
_OF = {
    "working": ("term",),
    "cliffs": ("outcome",),
    "marginal": ("outcome",),
    "saving": ("payer",),
    "groups": ("group",),
    "caps": ("cap",),
    "budget": ("year",),
    "ending": ("ended on",),
    "leaving": ("who leaves", "from"),
}
"""What each line's rows are."""


def _of_rows(check: Check) -> Table:
    """The figures of every row."""
    key = "ending" if check.name == "leaving" else check.name
    columns = _COLUMNS[key]
    rows = [
        (*_begins(check, of), *(_figure(figures[key], which) for key, _, which in columns))
        for of, figures in check.rows
    ]
    words = _OF[check.name]
    note = _anyway(check.rows[0][1]["alone"]) if key == "ending" else ""
    return Table((*words, *(heading for _, heading, _ in columns)), rows, note, words=len(words))


def _anyway(alone: Figure) -> str:
    """What investors lose without an early end, or if all pay: the same in every row."""
    return (
        f"Lost to it: what investors lose with it less what they lose without, which is {_figure(alone, BASE)} in the "
        f"base case and {_figure(alone, MEAN)} on average."
    )


def _begins(check: Check, of: str) -> tuple[str, ...]:
    """What a row is about: a cap in words, a payer and when it leaves, or a name."""
    if check.name == "leaving":
        return spaced(of), check.said[f"when.{of}"]
    return (cap_in_words(of) if check.name == "caps" else spaced(of),)


def _figure(figure: Figure, which: str) -> str:
    if which == BASE:
        return shown(figure.base, figure.unit)
    if which == UNROUNDED:
        return unrounded(figure.base or 0.0)
    return with_error(figure.mean, figure.se, figure.unit)


def _of_example(example: Counterexample) -> Iterator[str]:
    words = f"An example to put into `sibmodel pay`: these verified outcomes are paid {exactly(round(example.pays, 2))}"
    if example.better_pays is None:
        yield f"{words}."
    else:
        yield f"{words}; with the quantities of the last column {exactly(round(example.better_pays, 2))}."


def _csv(example: Counterexample) -> list[Table]:
    columns = [
        name
        for name in ("period", "outcome", "quantity", "people", "group", "cohort", "person")
        if any(getattr(row, name) is not None for row in example.rows)
    ]
    last = ["better quantity"] if example.better else []
    pairs = list(zip(example.rows, example.better or example.rows, strict=True))
    told_rows = [
        (*(_cell(row, name) for name in columns), *([f"{other.quantity:.10g}"] if last else [])) for row, other in pairs
    ]
    changed = [row for row, (one, other) in zip(told_rows, pairs, strict=True) if one.quantity != other.quantity]
    shown_rows = told_rows if len(told_rows) <= _MOST_ROWS else (changed or told_rows)[:_MOST_ROWS]
    note = "" if len(shown_rows) == len(told_rows) else f"{len(told_rows)} rows; all are in the JSON."
    return [Table((*columns, *last), shown_rows, note, words=2)]


def _cell(row: VerifiedRow, name: str) -> str:
    value = getattr(row, name)
    return "" if value is None else f"{value:.10g}" if isinstance(value, float) else str(value)


def _reverse(found: Stress) -> Section:
    title = "The other way round: how investors would most likely lose"
    if not found.reverse:
        return Section(title, ["No number of the scenario is uncertain, so there is no combination to look for."])
    text = (
        "The likeliest combination of inputs in which so much is lost: the one nearest to the middle, by the sum of "
        "squares of normal scores. The middle is every input's median, as likely too high as too low, with noise and "
        "luck at zero; inputs that are not named stay near it. Of a lopsided range the median is not the base case."
    )
    sentences = [text, *_of_middle(found.middle)]
    tables = []
    for one in found.reverse:
        sentences += list(_of_point(one))
        if one.distance:
            tables.append(_inputs(one))
    return Section(title, sentences, tables)


def _of_middle(middle: Middle | None) -> Iterator[str]:
    if middle is not None:
        yield (
            f"With every input at its median investors {_outcome(middle.at_medians)} what they put in; in the base "
            f"case they {_outcome(middle.base)} it."
        )


def _outcome(lost: float) -> str:
    """What investors lose or gain, as a share of."""
    share = per_cent(abs(lost), 1)
    return (
        f"{'lose' if lost > 0 else 'gain'} {share} of" if float(share[:-1].replace(",", "")) else "just get back all of"
    )


def _of_point(one: Reverse) -> Iterator[str]:
    asked = f"{per_cent(one.share, 0)} of their money"
    often = chance_and_error(one.chance.mean or 0.0, one.chance.trials, one.chance.se)
    calm = chance_and_error(one.quiet.mean or 0.0, one.quiet.trials, one.quiet.se)
    chances = f"It happens {often} with noise and luck, {calm} without."
    if often == calm:
        chances = f"It happens {often}, with noise and luck or without."
    if one.distance is None:
        yield f"{asked}: no combination was found within {FARTHEST:g} scores of the middle. {chances}"
        return
    if not one.distance:
        yield f"{asked}: they lose as much already with every input in its middle. {chances}"
        return
    yield f"{asked}: {_combination(one)}. {chances} {_how_sure(one)}"


def _combination(one: Reverse) -> str:
    return _in_a_row([_moved(m) for m in _far_out(one, _FAR_OUT)])


def _far_out(one: Reverse, least: float) -> list[Moved]:
    """The inputs so many scores from the middle, or else the one that is farthest out."""
    return [m for m in one.moved if abs(m.score) >= least] or list(one.moved[:1])


def _moved(one: Moved) -> str:
    side = "low" if one.score < 0 else "high"
    there, median, central = (_amount(value, one.unit) for value in (one.value, one.median, one.central))
    base = "" if central == median else f"; {central} in the base case"
    return f"{in_words(one.address)} {there} instead of {median} {_measured_in(one.unit)}".rstrip() + (
        f" (a {once_in(one.once_in)} {side}{base})"
    )


_SHARE, _POUNDS = "share", "£"


def _amount(value: float, unit: str = "") -> str:
    """To three figures; shares in per cent."""
    if unit.startswith(_SHARE):
        return f"{100 * value:,.3g}%"
    return (_POUNDS if unit.startswith(_POUNDS) else "") + (f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}")


def _measured_in(unit: str) -> str:
    """What stands behind the amount: of "share of people" "of people"."""
    return unit.removeprefix(_SHARE).removeprefix(_POUNDS).strip()


def _how_sure(one: Reverse) -> str:
    if one.starts == 1:
        return "It was found from a single start, so it may be a local optimum."
    if one.agreeing == one.starts:
        return f"All {one.starts} searches ended there; nothing nearer is known, which is no proof that there is none."
    return (
        f"{one.agreeing} of {one.starts} searches ended there, the others farther out: it is a local optimum at least."
    )


def _inputs(one: Reverse) -> Table:
    rows = [
        (m.address, *(_amount(v, m.unit) for v in (m.value, m.median, m.central)), f"{m.score:+.2f}".replace("-", "−"),
         once_in(m.once_in))
        for m in _far_out(one, _FAR_OUT / 5)[:_MOST_ROWS]
    ]  # fmt: skip
    note = (
        f"A loss of {per_cent(one.lost, 1)}; {one.distance:.2f} scores from the middle, beyond which lies "
        f"{per_cent(one.beyond, 2)} of all futures, were the edge straight."
    )
    return Table(
        (f"loss of {per_cent(one.share, 0)}", "there", "median", "base case", "score", "as far out"), rows, note
    )


def _rests_on(found: Stress) -> Section:
    record = found.record
    sentences = [
        luck_told(found.scenario),
        f"Lines on groups, early ends and leaving payers look at the first {min(record.trials, FEW):,} futures, the "
        f"last section at the first {min(record.trials, SOME):,}. Searches try many sets of verified outcomes, not "
        "all: a line that passes has not been refuted, which is no proof.",
        f"Seed {record.seed}, {record.trials:,} trials, {record.sampling}; scenario {record.hash[:12]}.",
        *(f"Warning: {doubt}." for doubt in record.doubts),
    ]
    return Section("What this rests on", sentences)
