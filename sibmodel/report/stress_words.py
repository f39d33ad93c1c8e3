"""What each line of the contract test battery found, in a sentence or two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sibmodel.questions.causes import CAUSES
from sibmodel.questions.stress.checks import Check, Figure
from sibmodel.questions.stress.marginal import NOTHING, PART
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import chance_and_error, exactly, money, per_cent, shown, with_error
from sibmodel.running.statistics import interval

HALF_A_POUND = 0.5
"""Less is told as nothing."""
_SOMEBODY = 0.005
"""Fewer others for each who starts are told as nobody."""
_RAREST = 1e6


def told(figure: Figure) -> str:
    """A figure with its standard error, or the base case's where nothing was simulated."""
    if figure.mean is None:
        return shown(figure.base, figure.unit)
    if figure.unit == "probability":
        return chance_and_error(figure.mean, figure.trials, figure.se)
    return with_error(figure.mean, figure.se, figure.unit)


def called(kind: str, names: str) -> str:
    """Names of one kind that a comma separates, so that a reader knows what they are: terms 'job' and 'home'."""
    each = [f"'{spaced(name)}'" for name in names.split(", ")]
    if len(each) == 1:
        return f"{kind} {each[0]}"
    return f"{kind}s {', '.join(each[:-1])} and {each[-1]}"


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
    whatever, rest = numbers["whatever"], numbers.get("rest")
    part = f"{told(share)} of the mean payment" if share.mean is not None else ""
    begins = f"If the programme changed nothing, payers would still pay {told(mean)} on average"
    if rest is None:
        yield f"{begins}{f', {part} as it may turn out' if part else ''}."
    else:
        yield f"{begins}, {told(whatever)} of it whatever the outcomes (standing charges, floors; not judged)."
        yield f"The rest, {told(rest)}, is {part} beyond that, as it may turn out." if part else ""
    yield f"Something is paid {told(numbers['chance'])}."
    causes = [f"{told(numbers[cause])} for {words}" for cause, words in CAUSES.items()
              if cause in numbers and abs(numbers[cause].mean or 0.0) >= HALF_A_POUND]  # fmt: skip
    yield f"By cause: {'; '.join(causes)}." if causes else ""


def _working(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    if not any(row["chance_of_less"].mean for _, row in check.rows):
        yield (
            "If the programme works just as in the base case, every term pays at least what the true effect earns "
            f"in all {numbers['chance_of_less'].trials:,} futures."
        )
        return
    worst = f"{called('term', said['term'])} pays"
    if len(check.rows) > 1:
        worst = f"of {len(check.rows)} terms {called('term', said['term'])} fares worst: it pays"
    yield (
        f"If the programme works just as in the base case, {worst} nothing "
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
            falling = called("term", said["falling"])
            yield f"But less is paid for better by the own rule of {falling}; other terms make up for it."
    else:
        one = check.counterexample
        before, after = exactly(round(one.pays, 2)), exactly(round(one.better_pays or 0.0, 2))
        yield f"Better is paid less: {spaced(one.words)} is paid {after} instead of {before}."
        yield f"Less is paid by {called('term', said['terms'])}." if said.get("terms") else ""
    if "less_is_better" in said:
        yield f"Less is taken to be better of {called('outcome', said['less_is_better'])}."
    if "unclear" in said:
        yield f"Not tried, as nothing says which way is better: {called('outcome', said['unclear'])}."


def _cliffs(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"The largest jump for one step better is {told(numbers['jump'])}, {told(numbers['share_of_most'])} of "
        f"{told(numbers['most'])}: from {_plain_number(numbers['from'])} to {_plain_number(numbers['to'])} of "
        f"{called('outcome', said['outcome'])}, {said['where']}."
    )


def _plain_number(figure: Figure) -> str:
    return "–" if figure.base is None else unrounded(figure.base)


def unrounded(value: float) -> str:
    """A number as somebody would write it: 0.01, 6,553."""
    return f"{round(value, 9):,.10g}"


def _marginal(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    every = "1% more of " + (called("outcome", check.rows[0][0]) if len(check.rows) == 1 else "every outcome together")
    lumps, at_plan = _names(said, "lumps"), f"At the plan {told(numbers['together'])} is paid for {every}"
    by_degrees = (numbers["usual"].base or 0.0) >= HALF_A_POUND
    if by_degrees:
        aside = " by degrees" if lumps else ""
        yield f"{at_plan}; on the way to the plan 1% earns {told(numbers['usual'])}, where it is paid for{aside}."
    else:
        yield f"{at_plan}, and {'only lumps' if lumps else 'nothing'} on the way to it."
    if flat := [name for name in _names(said, "flat") if name not in lumps]:
        yield (
            f"Next to nothing is paid for more of {called('outcome', ', '.join(flat))} (under {per_cent(NOTHING, 0)} "
            "of what 1% of it earns on the way)."
        )
    stuck = ", ".join(name for name in lumps if name in _names(said, "flat"))
    if stuck and (by_degrees or len(check.rows) > 1):
        yield f"Nothing is paid for more of {called('outcome', stuck)}, and only lumps on the way to the plan."
    if other := ", ".join(name for name in lumps if name not in _names(said, "flat")):
        yield f"Paid for in lumps only, on the way to the plan: {called('outcome', other)}."
    if "partly" in said:
        yield f"Only part is paid for more of {called('outcome', said['partly'])} (under {per_cent(PART, 0)} of it)."
    if "unread" in said:
        yield f"No term reads {called('outcome', said['unread'])}."


def _names(said: Said, key: str) -> list[str]:
    return said[key].split(", ") if key in said else []


def _most(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    found, stated = numbers["found"], numbers["stated"]
    if "commissioners" in said:
        yield "No payer is a commissioner."
    elif stated.base is None:
        yield "No cap states what commissioners may be asked for at most."
    else:
        yield f"The most that a search found for commissioners is {told(found)}; the contract states {told(stated)}."
    excess = numbers["excess"].base or 0.0
    if check.verdict == "fail":
        yield f"That is {money(excess)} more than stated (tax that cannot be recovered, and top-ups, come on top)."
    if "endless" in said:
        yield "All payers together can be asked for ever more."
    else:
        yield f"For all payers together it found {told(numbers['all_payers'])}{_caps_added_up(numbers)}."


def _caps_added_up(numbers: Numbers) -> str:
    """What caps allow, beside what was found: less than that can be asked for, and more than was found, perhaps."""
    whose = {"caps": "all terms", "caps_of_payers": "all payers", "cap": "the contract"}
    found = [f"{told(numbers[name])} for {words}" for name, words in whose.items() if numbers[name].base is not None]
    return f"; caps allow {', '.join(found)}" if found else ""


def _saving(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    whose = called("Payer", said["payer"])
    if len(check.rows) > 1:
        whose = f"Of {len(check.rows)} payers with savings {called('payer', said['payer'])} fares worst: it"
    yield (
        f"{whose} pays more than it saves itself {told(numbers['chance'])}; in present values it "
        f"pays {told(numbers['bill'])} and saves {told(numbers['saved'])} on average."
    )
    yield f"It pays more than the part that releases cash {told(numbers['chance_of_cash'])} (not judged)."
    if "others" in said:
        yield f"Without savings of their own here, so not judged: {called('payer', said['others'])}."


def _groups(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    yield (
        f"One more who starts in group '{spaced(said['easy'])}' instead of group '{spaced(said['hard'])}' brings "
        f"{told(numbers['gain'])}, {told(numbers['gain_share'])} of the {told(numbers['average'])} that is paid for "
        "each who starts."
    )
    low, high = interval(numbers["gain"].mean or 0.0, numbers["gain"].se or 0.0)
    yield "That is within noise." if low <= 0.0 <= high and low < high else ""
    others = numbers["others"]
    if (others.mean or 0.0) >= _SOMEBODY:
        yield (
            f"Link workers or places are scarce: up to {told(others)} others do not start for each more who does, so "
            "margins are those of a swap."
        )


def _caps(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    chance = numbers["chance"]
    yield f"Caps take away more than 1% of what is earned, before the end, {told(chance)}."
    if chance.mean:
        yield (
            f"Where so, it begins {told(numbers['when'])} years after signing on average; over all futures "
            f"{told(numbers['forgone'])} is earned and never paid."
        )
        unpaid = [
            f"{told(figure)} of {called('term', name.removeprefix('unpaid.'))}"
            for name, figure in numbers.items()
            if name.startswith("unpaid.") and figure.mean
        ]
        yield f"People (or units) unpaid for, over all futures: {', '.join(unpaid)}." if unpaid else ""


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
    anyway = _anyway(numbers)
    if _costs_nothing(numbers):
        nothing = "An early end costs investors nothing in the base case, whenever it comes"
        lose = f"{nothing}; they lose {anyway} without it."
        yield lose if anyway else "Investors lose nothing in the base case, whenever the contract ends."
        yield _on_average(numbers, f"Worst on {said['when']}")
    else:
        yield (
            f"Worst on {said['when']}: in the base case investors have put in {shown(numbers['put_in'].base, '£')}, "
            f"get back {shown(numbers['back'].base, '£')} and lose {shown(numbers['lost'].base, '£')}; without an "
            f"early end they lose {anyway or 'nothing'}. {_costs(numbers)}"
        )
        yield _left_to_others(numbers)
        paid = shown(numbers["paid"].base, "£")
        yield "" if "commissioners" in said else f"Commissioners have then paid {paid}."
    if said["redemption"] == "no":
        yield "The contract says nothing of what is paid on early termination."


def _costs_nothing(numbers: Numbers) -> bool:
    """Whether an event costs investors nothing in the base case, beyond what they lose anyway."""
    return (numbers["extra"].base or 0.0) < HALF_A_POUND


def _anyway(numbers: Numbers) -> str:
    """What investors lose without the event in the base case; no words if nothing."""
    alone = numbers["alone"].base or 0.0
    return money(alone) if alone >= HALF_A_POUND else ""


def _costs(numbers: Numbers) -> str:
    """What the event costs them."""
    return (
        f"So it costs them {shown(numbers['extra'].base, '£')}, {told(numbers['extra_share'])} of what they put in; "
        f"{told(numbers['extra'])} on average over all futures."
    )


def _on_average(numbers: Numbers, when: str) -> str:
    """What an event that costs nothing in the base case costs over all futures, where that is no noise."""
    extra = numbers["extra"]
    low, _ = interval(extra.mean or 0.0, extra.se or 0.0)
    return f"{when}: it costs them {told(extra)} on average over all futures." if low >= HALF_A_POUND else ""


def _left_to_others(numbers: Numbers) -> str:
    """What investors lose need not be spent: it may go to others."""
    left = numbers["left"].base or 0.0
    if left < HALF_A_POUND:
        return ""
    return f"{money(left)} is not spent then and goes to others, or stays with the vehicle."


def _leaving(numbers: Numbers, said: Said, check: Check) -> Iterator[str]:
    anyway = _anyway(numbers)
    if _costs_nothing(numbers):
        lose = f"No payer's leaving costs investors anything in the base case; they lose {anyway} if all pay."
        yield lose if anyway else "Investors lose nothing in the base case, whichever payer stops paying."
        yield _on_average(numbers, f"Worst if payer '{spaced(said['payer'])}' pays nothing from {said['when']} on")
        return
    yield (
        f"If payer '{spaced(said['payer'])}' pays nothing from {said['when']} on, investors lose "
        f"{shown(numbers['lost'].base, '£')} in the base case; if all pay they lose {anyway or 'nothing'}. "
        f"{_costs(numbers)}"
    )
    yield _left_to_others(numbers)
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
    if times >= _RAREST:
        return "rarer than 1-in-a-million"
    return f"1-in-{times:.1f}" if times < 2.95 else f"1-in-{round(times):,}"
