"""What pilots and better evaluations bring, told."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sibmodel.outcomes.terms import AchievementTerms
from sibmodel.questions.information.evaluation import TENTH, Measuring, Sample
from sibmodel.questions.information.found import Information
from sibmodel.questions.information.pilot import Counted, Pilot, Size
from sibmodel.report.information_words import in_table, listed, no_less, often, quoted, share, shows, titled, told
from sibmodel.report.numbers import count, four_figures, money, per_cent, with_error
from sibmodel.report.section import Table


def about_pilots(found: Information) -> Iterator[str]:
    """What knowing outcomes is worth, how many people bring half of that, and whether a pilot pays."""
    if found.unmeasurable:
        names = ", ".join(f"'{titled(found.scenario, name)}'" for name in found.unmeasurable)
        yield f"Left out are {names}: the file does not say how far people differ in them."
    if not found.pilots:
        yield "No outcome whose true size is uncertain can be measured by a pilot."
        return
    useful = found.useful_pilots
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
    yield from _how_counted(found, dict.fromkeys(name for one in useful for name in one.outcomes))


def _how_counted(found: Information, names: Iterable[str]) -> Iterator[str]:
    """How alike a pilot's people are taken to be, and in which cohorts they come; once for outcomes that are alike."""
    words: dict[str, list[str]] = {}
    for name in names:
        if name in found.counted:
            words.setdefault(_counted(found, name, found.counted[name]), []).append(name)
    for said, alike in words.items():
        yield f"Assumed for {quoted(found.scenario, alike)}: {said}"


def _counted(found: Information, name: str, one: Counted) -> str:
    terms = found.scenario.outcomes[name]
    uncertain = isinstance(terms, AchievementTerms) and terms.luck.intraclass_correlation.is_uncertain
    stated = "the middle of what the file states" if uncertain else "as the file states"
    words = (
        f"people of one cohort of the pilot succeed or fail with a correlation of {four_figures(one.correlation)} "
        f"({stated if one.stated else 'the usual value, as the file states none'}; 0: each on their own). It has "
        f"{one.cohorts} cohort{'s' if one.cohorts > 1 else ''}, one for each group and period of a year, and more "
        f"where these would be larger than the programme's own ({count(one.largest)} people on average)."
    )
    if one.drawn:
        return words
    return words + (
        " For the programme's own people the file takes the numbers expected, without luck (counts: expected). A pilot "
        "has few, so that luck is never left out of it."
    )


def _how_many(found: Information, one: Pilot) -> str:
    half = "no number of people up to a million brings half of that"
    if one.half is not None:
        half = f"about {one.half:,} people bring half of that"
    return f"To know for certain how large {shows(found.scenario, one)} is would be worth {told(one.certain)}; {half}."


def _what_it_costs(found: Information, one: Pilot) -> str:
    best = one.best
    given = "as given" if found.cost_is_given else "what the programme spends for each person who starts"
    words = f"A pilot is taken to cost {money(found.cost_per_person)} a person ({given}). "
    if best is None:
        return words + "At that price no size of it is worth its cost beyond chance."
    return words + (
        f"Of these sizes {best.people:,} people leave most: {told(best.net)} after their cost of {money(best.cost)}."
        f"{_as_good(one, best)}"
    )


def _as_good(one: Pilot, best: Size) -> str:
    others = [size.people for size in one.sizes if size != best and no_less(size.net, best.net)]
    return f" Within chance {listed(others)} may leave as much." if others else ""


def pilot_tables(found: Information) -> Iterator[Table]:
    """Pilots by size, where any is worth something."""
    for one in found.useful_pilots[:1]:
        rows = [_size(size) for size in one.sizes]
        note = f"A pilot that shows {shows(found.scenario, one)}. Known for certain it is worth {told(one.certain)}."
        yield Table(("people in the pilot", "worth", "cost", "left"), rows, note, words=0)


def _size(size: Size) -> tuple[str, ...]:
    return f"{size.people:,}", in_table(size.worth), money(size.cost), in_table(size.net)


# -------------------------------------------------------------------------------------------------------- evaluations


def about_samples(found: Information) -> Iterator[str]:
    """What luck does to payments today, and how outcomes are measured."""
    all_of_it = found.evaluation
    if all_of_it.people is not None:
        yield _with_people(all_of_it.people, found.record.trials)
    if not all_of_it.samples:
        yield (
            "A bigger sample does not apply: no outcome is measured with error. Payments are for people or units "
            "counted one by one."
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


def _with_people(one: Sample, trials: int) -> str:
    """What luck with people does to payments, without error of measurement."""
    return (
        f"Luck with people, who happens to succeed, pays {told(one.too_much)} more on average than the numbers "
        f"expected would earn, and misses {told(one.missed)}; at least {per_cent(TENTH, 0)} is missed "
        f"{often(one.short, trials)}. More people make it less only as far as people of one cohort are not alike "
        "(`sibmodel spread` tells the two apart)."
    )


def _how_measured(one: Measuring) -> str:
    words = (
        f"{one.title}: a report covers {count(one.people)} people (or person-years) in the base case; its standard "
        f"error is {count(one.se)} where {count(one.effect)} {one.unit} are measured."
    )
    if one.compared:
        words += f" A comparison group however large comes to {one.reach:.3g} times the sample."
    return " ".join(words.split())


def sample_tables(found: Information) -> Iterator[Table]:
    """Payments by size of the sample."""
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
