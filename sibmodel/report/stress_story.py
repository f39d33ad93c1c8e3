"""The contract test battery, told: every line with its verdict, and how investors likeliest lose."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sibmodel.contract.verified import VerifiedRow
from sibmodel.questions.stress.battery import FEW, SOME, Stress
from sibmodel.questions.stress.checks import Check, Counterexample, Figure
from sibmodel.questions.stress.reverse import FARTHEST, Moved, Reverse
from sibmodel.report.luck_words import luck_told
from sibmodel.report.numbers import chance_and_error, exactly, per_cent, shown, with_error
from sibmodel.report.section import Section, Table
from sibmodel.report.stress_words import once_in, plain

_MOST_ROWS = 12
_FAR_OUT = 0.25
"""Scores from the middle from which on an input is told."""


def stress_story(found: Stress) -> list[Section]:
    """An overview, every line that applies, the reverse stress test, and what it rests on."""
    lines = [_line(number, check) for number, check in enumerate(found.checks, 1)]
    return [_opening(found), *(line for line in lines if line is not None), _reverse(found), _rests_on(found)]


def _opening(found: Stress) -> Section:
    count = {verdict: sum(c.verdict == verdict for c in found.checks) for verdict in ("fail", "warn", "pass")}
    sentences = [
        f"{len(found.checks)} tests of the contract and the deal around it, in {found.record.trials:,} simulated "
        f"futures and by search over verified outcomes: {count['fail']} fail, {count['warn']} warn, "
        f"{count['pass']} pass. After ± stands a figure's standard error.",
    ]
    rows = [(check.verdict.upper(), f"{number}. {check.title}", check.sentence)
            for number, check in enumerate(found.checks, 1)]  # fmt: skip
    note = "From where a line warns and fails, and why there, is a table in docs/questions/stress.md."
    return Section(found.scenario.title, sentences, [Table(("verdict", "line", "what was found"), rows, note, words=3)])


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


BASE, MEAN = "base", "mean"
_COLUMNS: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "working": (
        ("earned", "earned by the true effect", BASE),
        ("chance_of_nothing", "pays nothing", MEAN),
        ("chance_of_less", "pays less", MEAN),
        ("shortfall", "paid too little on average", MEAN),
    ),
    "cliffs": (
        ("step", "one step", BASE),
        ("jump", "largest jump", BASE),
        ("share", "of all payment", BASE),
    ),
    "marginal": (
        ("more", "for 1% more, base case", BASE),
        ("more", "mean", MEAN),
        ("chance", "futures with nothing more", MEAN),
        ("flat", "flat part of 0 to 200%", BASE),
    ),
    "saving": (
        ("bill", "pays", MEAN),
        ("saved", "saves", MEAN),
        ("chance", "pays more than it saves", MEAN),
        ("excess", "by, over all futures", MEAN),
        ("chance_of_cash", "pays more than the cashable part", MEAN),
    ),
    "groups": (
        ("paid", "paid for each more who starts", MEAN),
        ("spent", "spent", MEAN),
        ("margin", "margin", MEAN),
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
        ("lost", "lost", BASE),
        ("loss_share", "share", BASE),
        ("lost", "lost, mean", MEAN),
        ("paid", "commissioners paid", BASE),
        ("gap", "missing, mean", MEAN),
    ),
}
"""What is shown of each line's rows: a figure, its heading, and whether the base case or the mean."""


def _of_rows(check: Check) -> Table:
    """The figures of every row."""
    columns = _COLUMNS["ending" if check.name == "leaving" else check.name]
    rows = [(plain(name), *(_figure(figures[key], which) for key, _, which in columns)) for name, figures in check.rows]
    return Table(("", *(heading for _, heading, _ in columns)), rows)


def _figure(figure: Figure, which: str) -> str:
    if which == BASE:
        return shown(figure.base, figure.unit)
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
        "squares of normal scores. Noise and luck are zero, and inputs that are not named stay near their middle."
    )
    sentences = [text]
    tables = []
    for one in found.reverse:
        sentences += list(_of_point(one))
        if one.distance:
            tables.append(_inputs(one))
    return Section(title, sentences, tables)


def _of_point(one: Reverse) -> Iterator[str]:
    asked = f"{per_cent(one.share, 0)} of their money"
    often = chance_and_error(one.chance.mean or 0.0, one.chance.trials, one.chance.se)
    calm = chance_and_error(one.quiet.mean or 0.0, one.quiet.trials, one.quiet.se)
    chances = f"It happens {often} with noise and luck, {calm} without."
    if one.distance is None:
        yield f"{asked}: no combination was found within {FARTHEST:g} scores of the middle. {chances}"
        return
    if not one.distance:
        yield f"{asked}: they lose as much already with every input in its middle. {chances}"
        return
    yield f"{asked}: {_combination(one)}. {chances} {_how_sure(one)}"


def _combination(one: Reverse) -> str:
    far = [m for m in one.moved if abs(m.score) >= _FAR_OUT] or list(one.moved[:1])
    return " and ".join(_moved(m) for m in far)


def _moved(one: Moved) -> str:
    pounds, unit = ("£", one.unit.removeprefix("£").strip()) if one.unit.startswith("£") else ("", one.unit)
    side = "low" if one.score < 0 else "high"
    return (
        f"{in_words(one.address)} {pounds}{_amount(one.value)} instead of {pounds}{_amount(one.central)}"
        f"{f' {unit}' if unit else ''} (a {once_in(one.once_in)} {side})"
    )


def _amount(value: float) -> str:
    return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"


def in_words(address: str) -> str:
    """An address as words: its last name, and whose it is."""
    parts = [part for part in address.split(".") if part not in ("value", "by_group")]
    index = f" (number {int(parts.pop()) + 1} of its list)" if parts[-1].isdigit() else ""
    owner = [part for part in parts[1:-1] if part not in ("groups", "routes", "items", "terms", "payers", "tranches")]
    what = plain(parts[-1])
    return f"{what} of {plain(' '.join(owner))}{index}" if owner else f"{what}{index}"


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
        (m.address, _amount(m.value), _amount(m.central), f"{m.score:+.2f}".replace("-", "−"), once_in(m.once_in))
        for m in one.moved
        if abs(m.score) >= _FAR_OUT / 5
    ][:_MOST_ROWS]
    note = (
        f"A loss of {per_cent(one.lost, 1)}; {one.distance:.2f} scores from the middle, beyond which lies "
        f"{per_cent(one.beyond, 2)} of all futures, were the edge straight."
    )
    return Table((f"loss of {per_cent(one.share, 0)}", "there", "base case", "score", "as far out"), rows, note)


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
