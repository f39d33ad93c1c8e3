"""What a pound saves, told to a finance director."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.appraise import CASHABLE, HEADLINE, POUNDS, Appraisal
from sibmodel.report.contract_words import spaced
from sibmodel.report.numbers import money, per_cent
from sibmodel.report.section import STATISTICS, Section, Table, statistics


def appraisal_story(found: Appraisal) -> list[Section]:
    """The whole answer, in the order in which a sceptic asks."""
    return [_headline(found), _views(found), _switches(found), _pockets(found), _budget(found), _rests(found)]


def _headline(found: Appraisal) -> Section:
    headline, cash = found.result[HEADLINE], found.result[CASHABLE]
    rows = [
        (link.name, money(link.pounds), "–" if link.per_pound is None else f"£{link.per_pound:,.2f}")
        for link in found.chain
    ]
    chain = Table(("link of the chain, base case", "present value", "per £1 spent"), rows,
                  "Each line is what is left of the one above. Fiscal savings only; real pounds.")  # fmt: skip
    chances = Table(
        ("chance that £1 saves more than", *(f"£{p}" for p in POUNDS)),
        [
            (words, *(per_cent(found.chances[name][p]) for p in POUNDS))
            for words, name in (("as the headline counts", HEADLINE), ("cashable, after optimism bias", CASHABLE))
        ],
        f"Shares of {found.result.record.trials:,} simulated futures.",
    )
    return Section(
        f"What a pound saves: {found.result.scenario.title}",
        [f"The headline means: {headline.label}.", f"The cashable line means: {cash.label}."],
        [chain, chances],
    )


_VIEWS = (
    ("public.npv", "net present value"), ("public.benefit_cost_ratio", "benefit-cost ratio"),
    ("public.fiscal_return", "fiscal savings per £1 spent"),
    ("public.cashable_return", "cashable savings per £1 spent"),
    ("public.payback_period", "payback, years"), ("public.cashable_payback_period", "payback in cash, years"),
    ("payers.savings_per_pound", "gross savings per £1 of payments"),
    ("payers.cashable_savings_per_pound", "cashable savings per £1 of payments"),
    ("public.weighted_npv", "net present value, weighted for incomes"),
)  # fmt: skip


def _views(found: Appraisal) -> Section:
    result = found.result
    rows = [statistics(words, result[name]) for name, words in _VIEWS if name in result.measures]
    kinds = " + ".join(result.scenario.appraisal.adds_up)
    where = {"benefits": "counted as benefits", "lower_costs": "taken off the costs"}
    sentences = [
        f"Net present value and benefit-cost ratio add up: {kinds}. Fiscal savings are "
        f"{where[result.scenario.appraisal.fiscal_savings_are]}. Both are after optimism bias; outcome payments are "
        "transfers and in neither.",
    ]
    return Section("The appraisal", sentences, [Table(STATISTICS, rows)])


def _switches(found: Appraisal) -> Section:
    rows = [
        (switch.address, switch.unit, f"{switch.base:,.6g}", _moved(switch.base, switch.switches[HEADLINE]),
         _moved(switch.base, switch.switches[CASHABLE]))
        for switch in found.switches
    ]  # fmt: skip
    note = "Each number is moved alone, the others at their base values. 'never': no value within its limits does it."
    headings = ("number", "unit", "base", "for £1 to save £1", "for £1 to save £1 in cash")
    return Section("How far each link must move", [], [Table(headings, rows, note, words=2)])


def _moved(base: float, value: float | None) -> str:
    if value is None:
        return "never"
    change = f" ({(value - base) / abs(base):+.0%})" if base else ""
    return f"{value:,.4g}{change}"


def _pockets(found: Appraisal) -> Section:
    rows = [(spaced(p.name), *map(money, (p.pays, p.saves, p.saves_cash, p.net, p.cash_net))) for p in found.pockets]
    headings = ("who", "pays", "saves", "saves in cash", "net", "net in cash")
    note = "Base case, real present values; savings after optimism bias. Payers that own no agency save nothing here."
    return Section("Who pays and who saves", list(_wrong_pockets(found)), [Table(headings, rows, note)])


def _wrong_pockets(found: Appraisal) -> Iterator[str]:
    saved = sum(p.saves for p in found.pockets)
    elsewhere = sum(p.saves for p in found.pockets if not p.pays)
    if saved > 0 and elsewhere > 0:
        yield f"{per_cent(elsewhere / saved)} of the savings go to agencies that pay nothing: the wrong pockets."


def _budget(found: Appraisal) -> Section:
    rows = [
        (b.year, *(money(b.payments[p]) for p in (50, 80, 95)), money(b.cashable), money(b.net)) for b in found.budget
    ]
    saved = sum(b.cashable for b in found.budget)
    p = found.all_years
    rows.append(("all years", *(money(p[x]) for x in (50, 80, 95)), money(saved), money(saved - p[50])))
    headings = ("financial year", "P50", "P80", "P95", "own cashable savings", "net at P50")
    most = (
        "No cap limits what commissioners may have to pay."
        if found.most is None
        else f"The contract never lets commissioners pay more than {money(found.most)} in all; set that aside."
    )
    note = "Commissioners' payments and the base case's own cashable savings, pounds of each year, April to March."
    return Section("The commissioners' budget", [most], [Table(headings, rows, note)])


def _rests(found: Appraisal) -> Section:
    record = found.result.record
    sentences = []
    if found.weak is not None:
        sentences.append(f"{per_cent(found.weak)} of the fiscal savings rest on at least one number of grade 5 or 6.")
    if record.reference:
        sentences.append("Reference tables: " + "; ".join(record.reference.values()) + ".")
    sentences += [f"Warning: {doubt}." for doubt in record.doubts]
    return Section("What this rests on", sentences)
