"""What it is worth to know more, told: what to find out first, and what pilots and evaluations bring."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.information.decision import Decision
from sibmodel.questions.information.found import Information
from sibmodel.questions.information.knowing import Kind, Knowing
from sibmodel.report.address_words import named
from sibmodel.report.information_measuring import about_pilots, about_samples, pilot_tables, sample_tables
from sibmodel.report.information_words import NOISE, capital, in_table, no_less, told
from sibmodel.report.numbers import chance_and_error, per_cent, with_error
from sibmodel.report.section import Section, Table

_HARDLY = 0.001
"""A share of futures below which they are counted."""
_ROWS = 8
"""Rows of a table of numbers; those that are worth nothing are counted below it."""
_KIND_WORDS = {"input": "number", "risk": "risk", "source": "source"}
_HEADINGS = {"input": ("number", "risk"), "risk": ("risk", "what is uncertain in it"), "source": ("source", "title")}


def information_story(found: Information) -> list[Section]:
    """The first question first, then what its answer rests on."""
    return [
        Section("What should we find out first?", [*_first(found), *_decision(found)], [_readings(found)]),
        Section("What is it worth to know a number before signing?", list(_about_knowing(found)), list(_tables(found))),
        Section("What would a pilot be worth?", list(about_pilots(found)), list(pilot_tables(found))),
        Section("What would a bigger or better evaluation be worth?", list(about_samples(found)),
                list(sample_tables(found))),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- what to find out first


def _first(found: Information) -> Iterator[str]:
    inputs, whole = found.of("input"), found.of("all")
    if inputs and not inputs[0].worth.is_noise:
        best = inputs[0]
        yield (
            f"{capital(named(found.scenario, best.what.name))} ({best.what.name}). To know this one number before "
            f"signing would be worth {told(best.worth)}, {_than_others(inputs)}."
        )
        return
    groups = [one for one in (*whole, *found.of("risk")) if not one.worth.is_noise]
    if groups:
        best_of = groups[0].what
        which = "every uncertain number of the file" if best_of.kind == "all" else f"all of '{best_of.name}'"
        yield (
            "No single number: knowing one alone is worth nothing that can be told from chance. "
            f"Knowing {which} together would be worth {told(groups[0].worth)}."
        )
        return
    yield (
        f"Nothing, as the deal stands: by this measure {NOISE} is gained by knowing any number, or all of them, before "
        f"deciding. {_why_nothing(found)}"
    )
    yield (f"At which number the decision turns is found by `sibmodel solve FILE {found.decision.measure}=0 ADDRESS`.")
    open_ones = [one for one in found.readings.values() if not one.everything.is_noise]
    if open_ones:
        most = max(open_ones, key=lambda one: one.everything.value)
        yield (
            f"By another measure it is otherwise: decided by {most.measure}, to know everything would be worth "
            f"{told(most.everything)} (--measure {most.measure})."
        )


def _than_others(inputs: tuple[Knowing, ...]) -> str:
    """That the first input is worth most, and which others may be worth as much."""
    if len(inputs) == 1:
        return "and no other number is uncertain"
    rivals = [one for one in inputs[1:] if no_less(one.worth, inputs[0].worth)]
    if not rivals:
        return "more than to know any other"
    others = f" and {len(rivals) - 1} more" if len(rivals) > 1 else ""
    return f"the most of all; but within chance {rivals[0].what.name}{others} may be worth as much"


def _why_nothing(found: Information) -> str:
    one = found.decision
    few = f"{one.wrong * found.record.trials:,.0f} of {found.record.trials:,}"
    if not one.wrong:
        return "In every future the decision would be the same."
    if one.everything.is_noise:
        return f"The decision would be another in so few futures ({few}) that no study pays."
    return (
        f"The decision would be another in {few} futures, but that is decided by luck and errors of measurement, or by "
        "so much at once that these futures cannot tell by which number."
    )


def _decision(found: Information) -> Iterator[str]:
    one, trials = found.decision, found.record.trials
    unsure = " These futures cannot tell on which side of £0 it lies." if one.mean.is_noise else ""
    yield (
        f"Today's decision is {'to sign' if one.signs else 'not to sign'}: on average {one.measure} is "
        f"{with_error(one.mean.value, one.mean.se, '£')} if one signs, and £0 if one does not.{unsure}"
    )
    if one.wrong and one.loss is not None:
        yield (
            f"It turns out wrong {chance_and_error(one.wrong, trials, one.wrong_se)}, and then costs "
            f"{with_error(one.loss, one.loss_se, '£')} on average."
        )
    yield (
        "To know everything beforehand, luck and errors of measurement included, would be worth "
        f"{told(one.everything)}: no study can be worth more."
    )
    whole = next(iter(found.of("all")), None)
    if whole is not None and one.everything.value:
        yield (
            f"Research can find out numbers, not luck: to know every uncertain number of the file would be worth "
            f"{told(whole.worth)}."
        )
    yield "All this is for one deal: where several places face the same decision, an answer is worth as much to each."
    yield (
        f"{trials:,} futures, seed {found.record.seed}. After ± stands the standard error. {one.measure}: {one.label}."
    )


def _readings(found: Information) -> Table:
    trials = found.record.trials
    rows = [_reading(one, trials) for one in (found.decision, *found.readings.values())]
    headings = ("what counts", "mean if signed", "decision", "turns out wrong", "worth of knowing all")
    return Table(headings, rows, "What one counts as a benefit decides what is worth knowing; choose it by --measure.")


def _reading(one: Decision, trials: int) -> tuple[str, ...]:
    few = round(one.wrong * trials)
    wrong = per_cent(one.wrong) if one.wrong >= _HARDLY else f"in {f'{few:,}' if few else 'none'} of {trials:,}"
    mean = with_error(one.mean.value, one.mean.se, "£")
    return one.measure, mean, "sign" if one.signs else "do not", wrong, in_table(one.everything)


# ---------------------------------------------------------------------------------------------- what is worth knowing


def _about_knowing(found: Information) -> Iterator[str]:
    if not found.of("input"):
        yield "No number of the file is uncertain, so there is nothing to find out. State ranges instead of numbers."
        return
    yield (
        "Worth knowing is a number only if it could change the decision: this is how much better one would decide, on "
        "average, with its true value in hand and all else as uncertain as today. In brackets: "
        f"{NOISE}. –: it changes the decision in no future."
    )


def _tables(found: Information) -> Iterator[Table]:
    kinds: tuple[Kind, ...] = ("input", "risk", "source")
    for kind in kinds:
        every = found.of(kind)
        if any(one.worth.value > 0.0 for one in every):
            yield _table(kind, every)


def _table(kind: Kind, every: tuple[Knowing, ...]) -> Table:
    shown = [one for one in every if one.worth.value > 0.0][:_ROWS]
    rows = [(*_about(one), in_table(one.worth)) for one in shown]
    rest = len(every) - len(shown)
    some = (
        f"the other {rest} {_KIND_WORDS[kind]}{'s' if rest > 1 else ''}"
        if rest > 1
        else f"the other {_KIND_WORDS[kind]}"
    )
    less = any(one.worth.value > 0.0 for one in every[len(shown) :])
    note = f"{capital(some)}: {'less' if less else 'nothing'}." if rest else ""
    return Table((*_HEADINGS[kind], "worth knowing"), rows, note, words=1 if kind == "input" else 2)


def _about(one: Knowing) -> tuple[str, str]:
    if one.what.kind == "input":
        return one.what.name, one.what.words
    numbers = len(one.what.addresses)
    return (
        one.what.name,
        f"{one.what.words}{', ' if one.what.words else ''}{numbers} number{'s' if numbers > 1 else ''}",
    )
