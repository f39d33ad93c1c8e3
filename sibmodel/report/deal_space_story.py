"""Where there is a deal, told."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from sibmodel.measures.catalogue import all_measures
from sibmodel.questions.acceptance import COMMISSIONERS, PROVIDER, Condition, Held
from sibmodel.questions.axes import EFFECT, PRICES, SAVINGS, STATED, Axis
from sibmodel.questions.deal_space import Cell, DealSpace
from sibmodel.questions.frontier import End, Row, Stretch
from sibmodel.report.address_words import in_words
from sibmodel.report.numbers import listed, rate, ratio, shown, with_error
from sibmodel.report.section import Section, Table
from sibmodel.running.execution import base_case

_ROWS = 11
"""Rows of the table at most, besides today's."""
_NOTHING = 1e-4
"""Part of what was looked at that is told as 0."""
_POUNDS = 10_000
"""From here on pence are not told."""
_WANTS = {
    "investor.npv": "net present value",
    "commissioner.net_saving": "net saving",
    "commissioner.payments": "payments",
    "provider.surplus": "surplus",
}
_TITLES = {
    PRICES: ("all prices", " × today's"),
    EFFECT: ("effect", " × the plan"),
    SAVINGS: ("savings per £1 spent", ""),
    STATED: ("stated savings per £1 spent", ""),
}
"""What an axis is, and what stands after its numbers."""


def deal_space_story(found: DealSpace) -> list[Section]:
    """Whether there is a deal, where, what binds, and what each party would like best."""
    return [
        Section("Is there a deal?", [*_answer(found), *_today(found), _how(found)], [_rows(found)]),
        Section("What each party asks for", list(_usual(found)), [_conditions(found)]),
        *_favourites(found),
    ]


def title_of(axis: Axis) -> str:
    """What an axis is, short enough for a heading."""
    name = STATED if axis.words == STATED else axis.name
    return _TITLES[name][0] if name in _TITLES else in_words(name)


def number(axis: Axis, value: float | None, se: float | None = None) -> str:
    """A number of an axis, as precise as its error allows, without what stands after it."""
    if value is None:
        return "not given"
    nothing = _NOTHING * (axis.between[1] - axis.between[0])
    value = 0.0 if abs(value) < nothing else value
    pounds = "£" if axis.unit.startswith("£") else ""
    if not se or se < nothing:
        return f"{'−' if value < 0 else ''}{pounds}{_plain(abs(value), bool(pounds))}"
    digits = max(0, -math.floor(math.log10(se)))
    return f"{'−' if value < 0 else ''}{pounds}{abs(value):,.{digits}f} ± {pounds}{se:,.{digits}f}"


def _plain(size: float, is_money: bool) -> str:
    """Four figures at least, no nought after the point; pence in pairs, of small sums."""
    if size >= (_POUNDS if is_money else 1000):
        return f"{size:,.0f}"
    text = f"{size:,.2f}" if is_money or 1 <= size < 100 else f"{size:.4g}"
    return text.removesuffix(".00")


def headline(found: DealSpace) -> str:
    """The answer in a line."""
    if found.is_empty:
        where = " within what was looked at" if found.today.accepted else ""
        return f"There is no deal{where}: {_conflict(found)}"
    row = found.row_today
    if row is not None and row.deal:
        at = f"if {_if(found, row.deal)}"
        at = f"whatever {title_of(found.price)} {_are(found)}, as far as was looked" if _is_any(found, row.deal) else at
        return f"There is a deal: {_with(found, row.against)}, as in the base case, every party would sign {at}"
    runs = [[one.against for one in some] for has, some in groupby(found.rows, lambda one: bool(one.deal)) if has]
    ends = " or ".join(
        " to ".join(dict.fromkeys(number(found.against, y) for y in (levels[0], levels[-1]))) for levels in runs
    )
    where = f"There is a deal with {title_of(found.against)} of {ends}{_after(found.against)}"
    return where if row is None else f"{where}, but not of {number(found.against, row.against)}, as in the base case"


def _are(found: DealSpace) -> str:
    return "are" if found.price.name == PRICES else "is"


def _if(found: DealSpace, stretches: Sequence[Stretch]) -> str:
    return f"{title_of(found.price)} {_are(found)} {_stretches(found, stretches)}{_after(found.price)}"


def asks(condition: Condition) -> str:
    """A condition in words: mean yearly return at least 5%."""
    return f"{condition.words} at {'least' if condition.at_least else 'most'} {_threshold(condition)}"


def _threshold(condition: Condition) -> str:
    if condition.unit in ("rate", "probability"):
        return rate(condition.threshold)
    return shown(condition.threshold, condition.unit)


def _answer(found: DealSpace) -> Iterator[str]:
    yield headline(found) + "."
    if found.is_empty:
        yield _nearest(found)
        yield f"Looked at were {_looked(found)}."
        return
    row = found.row_today
    if row is not None and row.deal:
        yield from _bounds(found, row.deal)
    accepted, unsure = (sum(getattr(c, name) for c in found.cells) for name in ("accepted", "may_be_chance"))
    chance = (
        f", and {unsure} lie{'s' if unsure == 1 else ''} so near the edge that other futures might turn the answer"
        if unsure
        else ""
    )
    between = "" if accepted else " (where there is a deal, it lies between them)"
    points = f"{accepted} of {len(found.cells)} points suit{'s' * (accepted == 1)} everybody"
    yield f"Looked at were {_looked(found)}: {points}{between}{chance}."


def _nearest(found: DealSpace) -> str:
    """The row in which the parties' prices are least far apart, or the nearest point where somebody signs nowhere."""
    rows = [row for row in found.rows if all(row.parties.values())]
    if not rows:
        return f"The nearest point is {_point(found, found.nearest)}, where {_missed(found, found.nearest)}."
    level = found.against.today if found.against.today is not None else rows[0].against
    row = min(rows, key=lambda one: (round(_apart(one), 6), abs(one.against - level)))
    picky = [party for party in found.parties if not _is_any(found, row.parties[party])]
    asked = "; ".join(f"{_of(party)} would sign if {_if(found, row.parties[party])}" for party in picky)
    return f"Nearest to one they are {_with(found, row.against)}: {asked}."


def _apart(row: Row) -> float:
    """By how much the highest of the lowest prices exceeds the lowest of the highest."""
    stretches = row.parties.values()
    return max(one[0].low.at for one in stretches) - min(one[-1].high.at for one in stretches)


def _conflict(found: DealSpace) -> str:
    """Who would sign nowhere, or that no point suits all."""
    never = [party for party in found.parties if not any(row.parties[party] for row in found.rows)]
    if never:
        return f"{_and(never)} would sign nowhere"
    picky = [p for p in found.parties if not all(_is_any(found, row.parties[p]) for row in found.rows)]
    return f"{_and(picky)} would each sign somewhere, but never at the same point"


def _bounds(found: DealSpace, deal: Sequence[Stretch]) -> Iterator[str]:
    for end, way in ((deal[0].low, "less"), (deal[-1].high, "more")):
        if end.binds is not None:
            condition = next(c for c in found.conditions if c.key == end.binds)
            yield f"For {way} {_of(condition.party)} would not ({asks(condition)})."


def _today(found: DealSpace) -> Iterator[str]:
    cell = found.today
    chance = ", though other futures might turn that" if cell.may_be_chance else ""
    if cell.accepted:
        yield f"The deal as the file has it suits every party{chance}."
    else:
        yield f"The deal as the file has it does not suit every party{chance}: {_missed(found, cell)}."


def _missed(found: DealSpace, cell: Cell) -> str:
    return "; ".join(
        f"{c.words} of {_of(c.party)} is {_value(c, held)}, not at {'least' if c.at_least else 'most'} {_threshold(c)}"
        + (" (a difference within noise)" if held.may_be_chance else "")
        for c, held in zip(found.conditions, cell.held, strict=True)
        if not held.is_met
    )


def _value(condition: Condition, held: Held) -> str:
    return "without a value" if held.value is None else with_error(held.value, held.se, condition.unit)


def _how(found: DealSpace) -> str:
    return (
        f"Every point was worked out in the same {found.record.trials:,} futures (seed {found.record.seed}). After ± "
        "stands the standard error; that of a price is its condition's, over how much that moves with the price."
    )


def _rows(found: DealSpace) -> Table:
    every = -(-(len(found.rows) - 1) // (_ROWS - 1))
    rows = {row.against: row for i, row in enumerate(found.rows) if i % every == 0}
    if found.row_today is not None:
        rows[found.row_today.against] = found.row_today
    easy = [party for party in found.parties if all(_is_any(found, row.parties[party]) for row in rows.values())]
    parties = [party for party in found.parties if party not in easy]
    told = [
        (
            number(found.against, against) + (" (base case)" if row is found.row_today else ""),
            *(_stretches(found, row.parties[party]) for party in parties),
            _stretches(found, row.deal),
            _binding(found, row),
        )
        for against, row in sorted(rows.items())
    ]
    headings = (title_of(found.against), *(f"suits {_of(party)}" for party in parties), "suits all", "who says no")
    unit = f" ({_after(found.price).strip()})" if _after(found.price) else ""
    note = f"In each column: {title_of(found.price)}{unit} for which a party would sign."
    note += f" Any that was looked at suits {_and(easy)}." if easy else ""
    return Table(headings, told, note)


def _binding(found: DealSpace, row: Row) -> str:
    """Who would not sign for less, and for more; where nothing suits all, who would sign for nothing."""
    if not row.deal:
        never = [party for party in found.parties if not row.parties[party]]
        some = [party for party in found.parties if not _is_any(found, row.parties[party])]
        return _and(never or some)
    party = {c.key: c.party for c in found.conditions}
    ends = {"less": row.deal[0].low, "more": row.deal[-1].high}
    return ", ".join(f"{way}: {_of(party[end.binds])}" for way, end in ends.items() if end.binds is not None)


def _is_any(found: DealSpace, stretches: Sequence[Stretch]) -> bool:
    return [(one.low.at, one.high.at) for one in stretches] == [found.price.between]


def _stretches(found: DealSpace, stretches: Sequence[Stretch]) -> str:
    """Prices from … to …; any, where they reach as far as was looked."""
    if not stretches:
        return "none"
    if _is_any(found, stretches):
        return "any"
    return " or ".join(_stretch(found, one) for one in stretches)


def _stretch(found: DealSpace, one: Stretch) -> str:
    if one.low.at == one.high.at:
        return f"just {_end(found, one.low)}"
    if one.low.binds is None:
        return f"up to {_end(found, one.high)}"
    if one.high.binds is None:
        return f"at least {_end(found, one.low)}"
    return f"{_end(found, one.low)} to {_end(found, one.high)}"


def _end(found: DealSpace, end: End) -> str:
    return number(found.price, end.at, end.se)


def _conditions(found: DealSpace) -> Table:
    rows = [
        (c.party, asks(c), c.address if c.stated else "usual", _value(c, held))
        for c, held in zip(found.conditions, found.today.held, strict=True)
    ]
    return Table(("party", "asks for", "where it is said", "as the file has it"), rows, words=3)


def _usual(found: DealSpace) -> Iterator[str]:
    yield from _as_stated(found)
    if found.against.name == SAVINGS and found.own_part is not None and COMMISSIONERS in found.parties:
        yield (
            "Savings per £1 spent are those of all agencies, before optimism bias. The net saving of commissioners "
            f"counts their own after it: {100 * found.own_part:.3g}p of each pound saved."
        )
    if any(not condition.stated for condition in found.conditions):
        yield (
            "Usual, where the file says nothing in `acceptance`: investors ask for their discount rate, commissioners "
            "for no net cost, the provider for its costs."
        )
    if all(payer.kind != "commissioner" for payer in found.scenario.contract.payers.values()):
        yield (
            "No payer is a commissioner here. Say in acceptance.further what others ask for, such as "
            "payer.NAME.payments at most so many pounds."
        )
    elif COMMISSIONERS not in found.parties:
        yield (
            "Commissioners ask for nothing here: no agency of their own saves anything in this file. Say in "
            "acceptance.commissioners what they ask for, such as a budget."
        )


def _as_stated(found: DealSpace) -> Iterator[str]:
    """What the stated number comes to as results count it."""
    today = found.against.today
    if found.against.words == STATED and today is not None:
        counted = all_measures(base_case(found.scenario))["public.savings_per_pound"].values[0]
        yield (
            f"Stated savings are the file's own number, before discounting and the end of the timeline: "
            f"{number(found.against, today)} stated is £{ratio(float(counted))} of savings per £1 spent in `run` and "
            "`appraise`."
        )


def _favourites(found: DealSpace) -> Iterator[Section]:
    if found.is_empty:
        return
    rows = [row for party in found.best for row in _favourite(found, party)]
    sentences = ["Of all that suits everybody, what a party would choose if it could. Figures are means over futures."]
    headings = ("party", "where", title_of(found.price), title_of(found.against), "its figure")
    yield Section("What each party would like best", sentences, [Table(headings, rows, words=2)])


def _favourite(found: DealSpace, party: str) -> Iterator[tuple[str, ...]]:
    places = {"anywhere": found.best[party], f"{title_of(found.against)} as in the base case": found.best_today[party]}
    if not any(places.values()):
        yield (party, "does not mind: its figure is the same everywhere", "", "", "")
    for where, cell in places.items():
        if cell is not None:
            want = cell.wants[party]
            figure = f"{_WANTS[want.measure]} {with_error(want.value, want.se, '£')}"
            price, against = number(found.price, cell.price), number(found.against, cell.against)
            yield (party, where, price + _after(found.price), against + _after(found.against), figure)


def _point(found: DealSpace, cell: Cell) -> str:
    ends = [f"{title_of(axis)} {number(axis, x)}{_after(axis)}" for axis, x in _axes(found, cell)]
    return " and ".join(ends)


def _axes(found: DealSpace, cell: Cell) -> tuple[tuple[Axis, float | None], ...]:
    return ((found.price, cell.price), (found.against, cell.against))


def _with(found: DealSpace, against: float) -> str:
    return f"with {title_of(found.against)} of {number(found.against, against)}{_after(found.against)}"


def _looked(found: DealSpace) -> str:
    return " and ".join(
        f"{title_of(axis)}{_address(axis)} from {' to '.join(number(axis, x) for x in axis.between)}{_after(axis)}"
        for axis in (found.price, found.against)
    )


def _address(axis: Axis) -> str:
    return "" if axis.name in _TITLES else f" ({axis.name})"


def _after(axis: Axis) -> str:
    return _TITLES.get(axis.name, ("", ""))[1]


def _of(party: str) -> str:
    return "the provider" if party == PROVIDER else party


def _and(parties: Sequence[str]) -> str:
    return listed(list(map(_of, parties)))
