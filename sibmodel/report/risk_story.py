"""Where the risks fall, told to somebody who has to decide: tables that add up, and what each of them shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sibmodel.questions.break_even import MOST, Stretch
from sibmodel.questions.directions import Lever
from sibmodel.questions.matrix import RESOURCE, Estimate, Row
from sibmodel.questions.positions import VEHICLE
from sibmodel.questions.risk import RiskResult
from sibmodel.questions.risks import PEOPLE
from sibmodel.questions.tails import Ends
from sibmodel.report.address_words import spaced
from sibmodel.report.horizon_words import cut_off
from sibmodel.report.luck_words import luck_told
from sibmodel.report.numbers import error, money, per_cent, ratio
from sibmodel.report.possible_investors import possible_investors
from sibmodel.report.risk_summary import in_short
from sibmodel.report.section import Section, Table

SMALLEST = 0.5
"""Pounds below which a column is nothing."""


def risk_story(result: RiskResult) -> list[Section]:
    """The whole answer: who bears which risk, who loses in the worst futures, at what price, and who could invest."""
    return [
        _opening(result),
        _matrix(result),
        _tails(result),
        _price(result),
        _break_even(result),
        possible_investors(result),
        _evidence(result),
    ]


def party(key: str) -> str:
    """A column in words: 'tranche bridges', 'payer ccg', 'ccg: fiscal savings', 'cash left in the vehicle'."""
    if key == RESOURCE:
        return "together"
    kind, _, name = key.partition(".")
    if kind == "agency":
        agency, _, saved = name.rpartition(".")
        return f"{spaced(agency)}: {saved} savings"
    if key == VEHICLE:
        return "cash in the vehicle"
    return spaced(f"{kind} {name}" if name else key)


def with_error(estimate: Estimate | None) -> str:
    """−£206k ± £1.6k."""
    if estimate is None:
        return "–"
    pounds = money(estimate.mean)
    return pounds if estimate.se is None or estimate.se < SMALLEST / 10 else f"{pounds} ± {error(estimate.se, '£')}"


def _opening(result: RiskResult) -> Section:
    public = result.scenario.rates_in_words
    sentences = [
        *in_short(result, party),
        f"{result.record.trials:,} simulated futures. Present values are pounds at the prices of the day of signing, "
        f"discounted at {public}, for everybody alike, so that they can be added up. '±' is the standard error: "
        "how far a figure may be off because the number of futures is limited.",
        *cut_off(result.scenario),
    ]
    return Section(f"Where the risks fall: {result.scenario.title}", sentences)


# ------------------------------------------------------------------------------------------------------- matrix


def _matrix(result: RiskResult) -> Section:
    matrix = result.matrix
    sentences = [
        "One risk at a time turns out worse, about as bad as in one future of ten; everything else stays as uncertain "
        "as it was. Money that one party loses another keeps, unless something real is lost: fewer savings, or more "
        "spent on the programme. That is the last column, and every row adds up to it.",
    ]
    columns = [key for key in matrix.columns if _is_used(result, key)]
    headings = ("if this turns out worse", *map(party, columns), party(RESOURCE))
    rows = [(row.risk.name, *_cells(row.changes, columns)) for row in matrix.rows]
    rows.append(("as expected today", *_cells(matrix.today, columns)))
    notes = [
        "Each figure is the change of a party's mean present value; the last row is that value itself. Tranches and "
        f"payers: cash received less paid. Together: {_together(matrix.kinds)}.",
        *_vehicle(columns),
        *_left_out(result, columns),
        *_empty(matrix.rows),
    ]
    tables = [Table(headings, rows, " ".join(notes))]
    if any(row.changes or row.without_effect for row in matrix.rows):
        tables.append(_moved(result))
    return Section("Which risk falls on whom", sentences, tables)


def _cells(changes: Mapping[str, Estimate], columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(with_error(changes.get(key)) for key in (*columns, RESOURCE))


def _is_used(result: RiskResult, key: str) -> bool:
    found = [result.matrix.today, *(row.changes for row in result.matrix.rows if row.changes)]
    return any(abs(changes[key].mean) >= SMALLEST for changes in found)


def _together(kinds: Sequence[str]) -> str:
    costs = "what the programme costs in people and things"
    if not kinds:
        return f"{costs}, below zero because the scenario counts no savings"
    several = ", different in kind and added up only here" if len(kinds) > 1 else ""
    return f"{' and '.join(kinds)} savings{several}, before optimism bias, less {costs}"


def _vehicle(columns: Sequence[str]) -> Iterator[str]:
    if VEHICLE in columns:
        yield f"{party(VEHICLE).capitalize()}: it waits there without interest, which is what it costs the others."


def _left_out(result: RiskResult, columns: Sequence[str]) -> Iterator[str]:
    others = [party(key) for key in result.matrix.columns if key not in columns]
    if others:
        yield f"Not shown, because nothing happens to them: {', '.join(others)}."


def _empty(rows: Sequence[Row]) -> Iterator[str]:
    reasons: dict[str, list[str]] = {}
    for row in rows:
        if row.why:
            reasons.setdefault(row.why, []).append(row.risk.name)
    for why, names in reasons.items():
        yield f"{', '.join(names).capitalize()}: {why}."


def _moved(result: RiskResult) -> Table:
    rows = [
        (row.risk.name, row.risk.words, "; ".join(_levers(row)) or "nothing")
        for row in result.matrix.rows
        if row.changes
    ]
    idle = [_named(lever) for row in result.matrix.rows for lever in row.without_effect]
    notes = ["What is uncertain in each risk, and moves together in its row."]
    if idle:
        notes.append(f"Uncertain, but without effect in the base case, so not moved: {', '.join(idle)}.")
    return Table(("risk", "what may turn out otherwise", "moved"), rows, " ".join(notes), words=3)


def _levers(row: Row) -> Iterator[str]:
    for lever in row.moved:
        yield f"{_named(lever)} {'down' if lever.worse < 0 else 'up'}"


def _named(lever: Lever) -> str:
    if not lever.is_luck:
        return lever.address
    many = "s" if lever.cells > 1 else ""
    if lever.risk == PEOPLE:
        return f"{lever.cells} cohort{many} of {lever.address.removeprefix('luck:')}"
    if lever.walks:
        return f"{lever.cells} step{many} of {lever.address}"
    return f"noise in {lever.cells} report{many} of {lever.address}"


# -------------------------------------------------------------------------------------------------------- tails


def _tails(result: RiskResult) -> Section:
    tails, trials = result.tails, result.record.trials
    sentences = [
        f"Futures are ranked by what all investors together make or lose: {with_error(tails.investors.worst)} in the "
        f"worst one in twenty ({max(round(trials / 20), 1):,} futures), {with_error(tails.investors.all)} on average, "
        f"{with_error(tails.investors.best)} in the best one in twenty."
    ]
    present = _ends_table(
        result,
        tails.present_values,
        "What each party has in those futures: mean present value, real. The worst futures of investors need not be "
        "the worst of anybody else.",
    )
    profit = _ends_table(
        result,
        tails.profits,
        "The same as profit: pounds of each year received less paid; savings at the prices of their year.",
    )
    return Section("Who loses in the worst futures, and who gains in the best", sentences, [present, profit])


def _ends_table(result: RiskResult, ends: Mapping[str, Ends], note: str) -> Table:
    rows = [
        (party(key), *(with_error(one) for one in (found.worst, found.all, found.best)))
        for key, found in ends.items()
        if any(abs(one.mean) >= SMALLEST for one in (found.worst, found.all, found.best))
    ]
    return Table(("party", "worst 5%", "all futures", "best 5%"), rows, note)


# -------------------------------------------------------------------------------------------------------- price


def _price(result: RiskResult) -> Section:
    price = result.price
    rows = [
        ("payments to the bond", with_error(price.payments)),
        ("programme, if paid for directly", with_error(price.spend)),
        ("premium: the difference", with_error(price.premium)),
        ("tail of the bill, paying directly", with_error(price.tail_direct)),
        ("tail of the bill, with the bond", with_error(price.tail_bond)),
        ("tail that investors take over", with_error(price.shed)),
    ]
    note = (
        "What all payers together pay with the bond, and would pay for the programme without it; mean present values. "
        "Their bill is what they pay less their own cashable savings; its tail is how far the dearest one future in "
        "twenty lies above the mean."
    )
    return Section(
        "What it costs to shed risk", [_price_in_words(result)], [Table(("payers together", "pounds"), rows, note)]
    )


def _price_in_words(result: RiskResult) -> str:
    price = result.price
    more = "more" if price.premium.mean >= 0 else "less"
    size = Estimate(abs(price.premium.mean), price.premium.se)
    premium = f"On average payers pay {with_error(size)} {more} for the bond than the programme costs"
    if price.price is None:
        return (
            f"{premium}. No risk moved: their bill is at least as uncertain with the bond as when they pay directly, "
            "so there is no price for each pound of it."
        )
    if price.premium.mean < 0:
        return f"{premium}, and shed {with_error(price.shed)} of their tail as well: it costs them nothing."
    spread = f" ± £{ratio(price.price.se)}" if price.price.se else ""
    cost = f"£{ratio(price.price.mean)}{spread} for each £1 of it"
    return f"{premium}, and shed {with_error(price.shed)} of their tail: {cost}."


# --------------------------------------------------------------------------------------------------- break-even


def _break_even(result: RiskResult) -> Section:
    found = result.break_even
    rows = [
        (f"tranche {spaced(name)}", "has its money back from", _from(share)) for name, share in found.tranches.items()
    ]
    for name, share in found.payers.items():
        rows.append((f"payer {spaced(name)}", "saves money, counting all its own fiscal savings, up to", _up_to(share)))
        rows.append(("", "counting only those that release cash, up to", _up_to(found.cashable[name])))
    note = (
        "The share of the planned outcomes, as verified, at which each party is just whole. Base case; costs and "
        "savings stay as planned, so that this is what payment alone can bear. Savings are after optimism bias; "
        f"payments include tax that is not recovered, and guarantees. Searched from 0% to {per_cent(MOST, 0)} of it."
    )
    return Section(
        "How much must succeed", list(_no_answers(result)), [Table(("party", "", "of the plan"), rows, note, words=2)]
    )


def _no_answers(result: RiskResult) -> Iterator[str]:
    found = result.break_even
    if not found.planned:
        yield "In the base case nothing is verified, and multiples of nothing are nothing: the figures say little."
    without = [spaced(name) for name in result.scenario.contract.payers if name not in found.payers]
    if without:
        yield f"The scenario names no savings of its own for: {', '.join(without)}."


def _from(whole: Stretch | None) -> str:
    if whole is None:
        return f"never, even at {per_cent(MOST, 0)}"
    start = per_cent(whole.low, 3) if whole.low else "0%"
    if whole.high is not None:
        return f"{start}, but only up to {per_cent(whole.high, 3)}"
    return start if whole.low else "0%: it cannot lose"


def _up_to(share: float | None) -> str:
    if share is None:
        return "never"
    return f"any share up to {per_cent(MOST, 0)}" if share == MOST else per_cent(share, 3)


def _evidence(result: RiskResult) -> Section:
    record = result.record
    sentences = [
        f"{luck_told(result.scenario)} What the scenario takes as certain is no risk here.",
        f"Seed {record.seed}, {record.trials:,} trials, {record.sampling}; scenario {record.hash[:12]}; sibmodel "
        f"{record.versions['sibmodel']}, NumPy {record.versions['numpy']}, Python {record.versions['python']}. The "
        "formulas are in docs/risk.md.",
    ]
    if record.overrides:
        sentences.append("Set for this run: " + ", ".join(f"{a} = {v}" for a, v in record.overrides.items()) + ".")
    return Section("What this rests on", sentences)
