"""What each line of the contract test battery found, in a sentence or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sibmodel.questions.stress.checks import Check, Figure
from sibmodel.questions.stress.nothing import CAUSES
from sibmodel.report.numbers import chance_and_error, exactly, money, shown, with_error
from sibmodel.running.statistics import interval

HALF_A_POUND = 0.5
"""Less is told as nothing."""


def told(figure: Figure) -> str:
    """A figure with its standard error, or the base case's where nothing was simulated."""
    if figure.mean is None:
        return shown(figure.base, figure.unit)
    if figure.unit == "probability":
        return chance_and_error(figure.mean, figure.trials, figure.se)
    return with_error(figure.mean, figure.se, figure.unit)


def plain(name: str) -> str:
    """A name of the file as words."""
    return name.replace("_", " ")


def sentence(check: Check) -> str:
    """What was found."""
    if check.verdict == "does not apply":
        return f"Does not apply: {check.reason}."
    return " ".join(part for part in _WORDS[check.name](check.numbers, check.said, check) if part)


Numbers = Mapping[str, Figure]
Said = Mapping[str, str]


def _nothing(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    mean, share = numbers["mean"], numbers["share_paid"]
    if not mean.mean and not mean.base:
        yield "Nothing: without a change nothing is paid in any future."
        return
    part = f", {told(share)} of the mean payment as it may turn out" if share.mean is not None else ""
    yield f"If the programme changed nothing, payers would still pay {told(mean)} on average{part}."
    yield f"Something is paid {told(numbers['chance'])}."
    causes = [f"{told(numbers[cause])} for {words}" for cause, words in CAUSES.items()
              if cause in numbers and abs(numbers[cause].mean or 0.0) >= HALF_A_POUND]  # fmt: skip
    if numbers["whatever"].mean:
        causes.append(f"{told(numbers['whatever'])} whatever the outcomes (standing charges, floors; not judged)")
    yield f"By cause: {'; '.join(causes)}." if causes else ""


def _working(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"If the programme works just as in the base case, term '{plain(said['term'])}' pays nothing "
        f"{told(numbers['chance_of_nothing'])}, and less than the true effect earns "
        f"{told(numbers['chance_of_less'])}."
    )
    yield (
        f"It earns {told(numbers['earned'])}; what is paid too little comes to {told(numbers['shortfall'])} on "
        "average (what is paid too much is not set against it)."
    )


def _better(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    if check.counterexample is None:
        yield "In no set of verified outcomes that was tried is a better outcome paid less."
        if "falling" in said:
            yield f"But by its own rule {plain(said['falling'])} pays less for better; other terms make up for it."
    else:
        one = check.counterexample
        before, after = exactly(round(one.pays, 2)), exactly(round(one.better_pays or 0.0, 2))
        yield f"Better is paid less: {plain(one.words)} is paid {after} instead of {before}."
        yield f"Terms: {plain(said['terms'])}." if said.get("terms") else ""
    if "less_is_better" in said:
        yield f"Less is taken to be better of {plain(said['less_is_better'])}, from the rules."
    if "unclear" in said:
        yield f"Not tried, as nothing says which way is better: {plain(said['unclear'])}."


def _cliffs(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"The largest jump for one step better is {told(numbers['jump'])}, {told(numbers['share_of_most'])} of "
        f"{told(numbers['most'])}: from {_plain_number(numbers['from'])} to {_plain_number(numbers['to'])} of "
        f"{plain(said['outcome'])}, {said['where']}."
    )


def _plain_number(figure: Figure) -> str:
    return "–" if figure.base is None else f"{round(figure.base, 9):,.10g}"


def _marginal(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    if "flat" in said:
        yield f"At the plan, nothing more is paid for better: {plain(said['flat'])}."
    else:
        yield "At the plan, more is paid for more of every outcome that the contract reads."
    if "unread" in said:
        yield f"No term reads {plain(said['unread'])}."


def _most(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    found, stated, caps = numbers["found"], numbers["stated"], numbers["caps"]
    if stated.base is None:
        yield "No cap limits what commissioners may be asked for."
    else:
        yield (f"By search, commissioners can be asked for {told(found)} at most; the contract states {told(stated)}.")
    excess = numbers["excess"].base or 0.0
    if check.verdict == "fail":
        yield f"That is {money(excess)} more than stated (tax that cannot be recovered, and top-ups, come on top)."
    if "endless" in said:
        yield "All payers together can be asked for ever more."
    else:
        added = "" if caps.base is None else f"; the terms' caps add up to {told(caps)}"
        yield f"All payers together: {told(numbers['all_payers'])} at most, by search{added}."


def _saving(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"'{plain(said['payer'])}' pays more than it saves itself {told(numbers['chance'])}; in present values it "
        f"pays {told(numbers['bill'])} and saves {told(numbers['saved'])} on average."
    )
    yield f"It pays more than the part that releases cash {told(numbers['chance_of_cash'])} (not judged)."
    if "others" in said:
        yield f"Without savings of their own here, so not judged: {plain(said['others'])}."


def _groups(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"One more who starts in '{plain(said['easy'])}' instead of '{plain(said['hard'])}' brings "
        f"{told(numbers['gain'])}, {told(numbers['gain_share'])} of the {told(numbers['average'])} that is paid for "
        "each who starts."
    )
    low, high = interval(numbers["gain"].mean or 0.0, numbers["gain"].se or 0.0)
    yield "That is within noise." if low <= 0.0 <= high and low < high else ""


def _caps(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    chance = numbers["chance"]
    yield f"Caps take away more than 1% of what is earned, before the end, {told(chance)}."
    if chance.mean:
        yield (
            f"Where so, it begins {told(numbers['when'])} years after signing on average; over all futures "
            f"{told(numbers['forgone'])} is earned and never paid."
        )
        unpaid = [
            f"{told(figure)} of {plain(name.removeprefix('unpaid.'))}"
            for name, figure in numbers.items()
            if name.startswith("unpaid.") and figure.mean
        ]
        yield f"People (or units) unpaid for: {', '.join(unpaid)}." if unpaid else ""


def _budget(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    if not numbers["any"].mean:
        yield f"Commissioners stay within {told(numbers['budget'])} a year in every future."
        return
    yield (
        f"Worst in {said['year']}: commissioners pay {told(numbers['paid'])} on average and exceed "
        f"{told(numbers['budget'])} {told(numbers['chance'])}, by {told(numbers['excess'])} averaged over all futures."
    )
    yield f"They exceed it in some year {told(numbers['any'])}."


def _ending(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    lost = numbers["lost"]
    if not numbers["loss_share"].base:
        yield "Investors lose nothing in the base case, whenever the contract ends."
    else:
        yield (
            f"Worst on {said['when']}: in the base case investors have put in {shown(numbers['put_in'].base, '£')}, "
            f"get back {shown(numbers['back'].base, '£')} and lose {shown(lost.base, '£')}, "
            f"{told(numbers['loss_share'])} of it; {told(lost)} on average over all futures."
        )
        yield f"Commissioners have then paid {shown(numbers['paid'].base, '£')}."
    if said["redemption"] == "no":
        yield "The contract says nothing of what is paid on early termination."


def _leaving(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    if not numbers["loss_share"].base:
        yield "Investors lose nothing in the base case, whichever payer stops paying."
        return
    yield (
        f"If '{plain(said['payer'])}' pays nothing from {said['when']} on, investors lose "
        f"{shown(numbers['lost'].base, '£')} in the base case, {told(numbers['loss_share'])} of what they put in; "
        f"{told(numbers['lost'])} on average over all futures."
    )
    yield (
        f"{told(numbers['gap'])} is missing then, beyond all commitments."
        if (numbers["gap"].mean or 0.0) >= HALF_A_POUND
        else ""
    )
    yield (
        "A bond with a single payer stands and falls with it, so this line only warns." if len(check.rows) == 1 else ""
    )


_WORDS: Mapping[str, Callable[[Numbers, Said, Check], Iterator[str]]] = {
    "nothing": _nothing,
    "working": _working,
    "better": _better,
    "cliffs": _cliffs,
    "marginal": _marginal,
    "most": _most,
    "saving": _saving,
    "groups": _groups,
    "caps": _caps,
    "budget": _budget,
    "ending": _ending,
    "leaving": _leaving,
}


def once_in(times: float) -> str:
    """One in so many, as a reader says it."""
    if times >= 1e6:
        return "less than 1-in-a-million"
    return f"1-in-{times:.1f}" if times < 3 else f"1-in-{round(times):,}"
