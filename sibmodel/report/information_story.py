"""What it is worth to know more, told: what to find out first, and what pilots and evaluations bring."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.information.decision import Decision
from sibmodel.questions.information.evaluation import TENTH, Measuring, Sample
from sibmodel.questions.information.found import Information
from sibmodel.questions.information.knowing import Kind, Knowing
from sibmodel.questions.information.pilot import Pilot, Size
from sibmodel.report.information_words import NOISE, in_table, named, often, share, told
from sibmodel.report.numbers import chance_and_error, count, money, per_cent, with_error
from sibmodel.report.section import Section, Table
from sibmodel.report.stress_words import plain

_ROWS = 8
"""Rows of a table of numbers; those that are worth nothing are counted below it."""
_KIND_WORDS = {"input": "number", "risk": "risk", "source": "source"}
_HEADINGS = {"input": ("number", "risk"), "risk": ("risk", "what is uncertain in it"), "source": ("source", "title")}


def information_story(found: Information) -> list[Section]:
    """The first question first, then what its answer rests on."""
    return [
        Section("What should we find out first?", [*_first(found), *_decision(found)], [_readings(found)]),
        Section("What is it worth to know a number before signing?", list(_about_knowing(found)), list(_tables(found))),
        Section("What would a pilot be worth?", list(_about_pilots(found)), list(_pilot_tables(found))),
        Section("What would a bigger or better evaluation be worth?", list(_about_samples(found)),
                list(_sample_tables(found))),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------- what to find out first


def _first(found: Information) -> Iterator[str]:
    inputs, whole = found.of("input"), found.of("all")
    if inputs and not inputs[0].worth.is_noise:
        best = inputs[0]
        yield (
            f"{_capital(named(found.scenario, best.what.name))} ({best.what.name}). To know this one number before "
            f"signing would be worth {told(best.worth)}, more than to know any other."
        )
        return
    groups = [one for one in (*whole, *found.of("risk")) if not one.worth.is_noise]
    if groups:
        yield (
            "No single number: knowing one alone is worth nothing that can be told from chance. "
            f"Knowing all of '{groups[0].what.name}' together would be worth {told(groups[0].worth)}."
        )
        return
    yield (
        f"Nothing, as the deal stands: by this measure {NOISE} is gained by knowing any number, or all of them, before "
        f"deciding. {_rarely_wrong(found)}"
    )
    yield (f"At which number the decision turns is found by `sibmodel solve FILE {found.decision.measure}=0 ADDRESS`.")
    open_ones = [one for one in found.readings.values() if not one.everything.is_noise]
    if open_ones:
        most = max(open_ones, key=lambda one: one.everything.value)
        yield (
            f"By another measure it is otherwise: decided by {most.measure}, to know everything would be worth "
            f"{told(most.everything)} (--measure {most.measure})."
        )


def _rarely_wrong(found: Information) -> str:
    if not found.decision.wrong:
        return "In every future the decision would be the same."
    return (
        f"The decision would be another in so few futures ({found.decision.wrong * found.record.trials:,.0f} of "
        f"{found.record.trials:,}) that no study pays."
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
        f"{trials:,} futures, seed {found.record.seed}. After ± stands the standard error. Present values, real. "
        f"{one.measure}: {one.label}."
    )


def _readings(found: Information) -> Table:
    trials = found.record.trials
    rows = [_reading(one, trials) for one in (found.decision, *found.readings.values())]
    headings = ("what counts", "mean if signed", "decision", "turns out wrong", "worth of knowing all")
    return Table(headings, rows, "What one counts as a benefit decides what is worth knowing; choose it by --measure.")


def _reading(one: Decision, trials: int) -> tuple[str, ...]:
    wrong = per_cent(one.wrong) if one.wrong else f"in none of {trials:,}"
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
    note = f"{_capital(some)}: {'less' if less else 'nothing'}." if rest else ""
    return Table((*_HEADINGS[kind], "worth knowing"), rows, note, words=1 if kind == "input" else 2)


def _about(one: Knowing) -> tuple[str, str]:
    if one.what.kind == "input":
        return one.what.name, one.what.words
    numbers = len(one.what.addresses)
    return (
        one.what.name,
        f"{one.what.words}{', ' if one.what.words else ''}{numbers} number{'s' if numbers > 1 else ''}",
    )


# ------------------------------------------------------------------------------------------------------------- pilots


def _about_pilots(found: Information) -> Iterator[str]:
    if found.unmeasurable:
        names = ", ".join(f"'{found.scenario.outcomes[name].title or plain(name)}'" for name in found.unmeasurable)
        yield f"Left out are {names}: the file does not say how far people differ in them."
    if not found.pilots:
        yield "No outcome whose true size is uncertain can be measured by a pilot."
        return
    useful = _useful(found)
    if not useful:
        yield (
            "Nothing: even to know for certain how large the outcomes are would be worth "
            f"{told(found.pilots[0].certain)}. A pilot cannot be worth more than that."
        )
        return
    for one in useful:
        yield _how_many(found, one)
    yield _what_it_costs(found, useful[0])
    yield (
        "Assumed: the pilot's people are like the programme's, measured as its evaluator does, each once (or for one "
        "year), and the effect stays the same; the decision waits for the result, and waiting costs nothing; that the "
        "pilot's own people are helped is not counted."
    )


def _useful(found: Information) -> tuple[Pilot, ...]:
    """Those worth anything; where a single outcome is, the pilot that shows all at once tells no more."""
    useful = tuple(one for one in found.pilots if not one.certain.is_noise)
    alone = tuple(one for one in useful if len(one.outcomes) == 1)
    return alone if len(alone) == 1 else useful


def _how_many(found: Information, one: Pilot) -> str:
    half = "no number of people up to a million brings half of that"
    if one.half is not None:
        half = f"about {one.half:,} people bring half of that"
    return f"To know for certain how large {_shows(found, one)} is would be worth {told(one.certain)}; {half}."


def _what_it_costs(found: Information, one: Pilot) -> str:
    best = one.best
    given = "as given" if found.cost_is_given else "what the programme spends for each person who starts"
    words = f"A pilot is taken to cost {money(found.cost_per_person)} a person ({given}). "
    if best is None:
        return words + "At that price no size of it is worth its cost beyond chance."
    return words + (
        f"Of these sizes {best.people:,} people leave most: {told(best.net)} after their cost of {money(best.cost)}."
    )


def _shows(found: Information, one: Pilot) -> str:
    names = [found.scenario.outcomes[name].title or plain(name) for name in one.outcomes]
    return f"'{names[0]}'" if len(names) == 1 else "each of " + " and ".join(f"'{name}'" for name in names)


def _pilot_tables(found: Information) -> Iterator[Table]:
    for one in _useful(found)[:1]:
        rows = [_size(size) for size in one.sizes]
        note = f"A pilot that shows {_shows(found, one)}. Known for certain it is worth {told(one.certain)}."
        yield Table(("people in the pilot", "worth", "cost", "left"), rows, note, words=0)


def _size(size: Size) -> tuple[str, ...]:
    return f"{size.people:,}", in_table(size.worth), money(size.cost), in_table(size.net)


# -------------------------------------------------------------------------------------------------------- evaluations


def _about_samples(found: Information) -> Iterator[str]:
    all_of_it = found.evaluation
    if not all_of_it.samples:
        yield (
            "Does not apply: no outcome is measured with error. Payments are for people or units counted one by one; "
            "what luck with people does to them is told by `sibmodel spread`."
        )
        return
    today = next(one for one in all_of_it.samples if one.times == 1.0)
    trials = found.record.trials
    yield (
        f"Today, if the programme changed nothing, {told(today.for_nothing)} would be paid on average by errors of "
        f"measurement alone, something of it {often(today.chance_for_nothing, trials)}."
    )
    yield (
        f"If it works, errors of measurement miss {told(today.missed)} of what is due on average and pay "
        f"{told(today.too_much)} that is not; at least {per_cent(TENTH, 0)} of what is due is missed "
        f"{often(today.short, trials)}."
    )
    for one in all_of_it.measured:
        yield _how_measured(one)
    yield (
        "Everybody in the programme is measured already, so a bigger sample means a bigger comparison group, a finer "
        "or repeated measurement, or allowing for what people were like before."
    )
    costs = f"The evaluation costs {money(all_of_it.cost_today)} in the base case (present value)."
    yield costs if all_of_it.cost_today else "The file states no cost of evaluation."


def _how_measured(one: Measuring) -> str:
    words = (
        f"{one.title}: a report covers {count(one.people)} people (or person-years) in the base case; its standard "
        f"error is {count(one.se)} where {count(one.effect)} {one.unit} are measured."
    )
    if one.compared:
        words += f" A comparison group however large comes to {one.reach:.3g} times the sample."
    return " ".join(words.split())


def _sample_tables(found: Information) -> Iterator[Table]:
    samples = found.evaluation.samples
    if not samples:
        return
    headings = ("times the sample", "paid for nothing", "how often", "due, not paid", "paid, not due", "a tenth missed")
    rows = [
        (_times(one), in_table(one.for_nothing), share(one.chance_for_nothing), in_table(one.missed),
         in_table(one.too_much), share(one.short))
        for one in samples
    ]  # fmt: skip
    yield Table(headings, rows, "Nominal pounds. What is due is what would be paid for the true numbers.", words=0)
    priced = any(one.cost is not None for one in samples)
    further = ("times the sample", "paid", "more than today", "spread by luck", "investors lose")
    more = [_further(one, priced) for one in samples]
    yield Table((*further, "more to measure") if priced else further, more, words=0)


def _further(one: Sample, priced: bool) -> tuple[str, ...]:
    row = (_times(one), with_error(one.paid.value, one.paid.se, "£"), in_table(one.more), in_table(one.sd))
    return (*row, share(one.loss), money(one.cost)) if priced else (*row, share(one.loss))


def _times(one: Sample) -> str:
    return "no error" if one.times == float("inf") else f"{one.times:g}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
