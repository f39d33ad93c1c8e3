"""What a pound saves, told to a finance director."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.appraise import BUDGET, CASHABLE, HEADLINE, POUNDS, RANGE, Appraisal
from sibmodel.questions.savings_chain import LINKS, SavingChain, Step
from sibmodel.report.contract_words import spaced
from sibmodel.report.numbers import money, per_cent
from sibmodel.report.section import STATISTICS, Section, Table, statistics


def appraisal_story(found: Appraisal) -> list[Section]:
    """The whole answer, in the order in which a sceptic asks."""
    last = (_pockets(found), _budget(found), _numbers(found), _rests(found))
    return [_headline(found), _savings(found), _views(found), _switches(found), *last]


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


def _savings(found: Appraisal) -> Section:
    rows = [
        (one.title, spaced(one.agency), one.kind, *(money(one.left[link]) for link, _ in LINKS), str(one.grade or "–"),
         per_cent(one.optimism_bias))
        for one in found.savings
    ]  # fmt: skip
    headings = ("saving", "agency", "kind", "gross", "attributable", "after bias", "cashable", "weakest grade", "bias")
    note = "Base case, real present values. The grade is the weakest before optimism bias is taken off."
    sentences = [
        f"{one.title}: {money(one.short_of_a_step)} more would be cashable, but falls short of a whole step."
        for one in found.savings
        if one.short_of_a_step > 0.5
    ]
    return Section("Saving by saving", sentences, [Table(headings, rows, note, words=3)])


def _numbers(found: Appraisal) -> Section:
    """A table for each saving; those that rest on the same numbers (top-down, agency by agency) share one."""
    alike: dict[tuple[Step, ...], list[SavingChain]] = {}
    for one in found.savings:
        alike.setdefault(one.steps, []).append(one)
    return Section("The numbers in each chain", [], [_chain_table(several) for several in alike.values()])


def _chain_table(several: list[SavingChain]) -> Table:
    title = several[0].title if len(several) == 1 else "all savings, top-down"
    rows = [
        (_short(s.address, several[0].name), s.source, s.unit, f"{s.value:,.6g}", _range(s), str(s.grade or "–"))
        for s in several[0].steps
    ]
    return Table((title, "source", "unit", "base", "range", "grade"), rows, words=3)


def _short(address: str, saving: str) -> str:
    """What a number is called in its saving's own chain."""
    chapter, *rest = address.split(".")
    if chapter == "outcomes":
        return f"outcome: {spaced('.'.join(rest[1:]))}"
    return spaced(address.removeprefix(f"savings.items.{saving}.").removeprefix("savings."))


def _range(step: Step) -> str:
    return "–" if step.low is None else f"{step.low:,.4g} to {step.high:,.4g}"


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
    years = [*found.budget, found.all_years]
    payments = [(b.year, *(money(b.payments[p]) for p in BUDGET), money(b.most)) for b in years]
    left = [(b.year, *(money(of[p]) for of in (b.cashable_at, b.net_at) for p in RANGE)) for b in years]
    most = (
        "No cap limits what commissioners may have to pay."
        if found.all_years.most is None
        else f"The contract never lets commissioners pay more than {money(found.all_years.most)} in all."
    )
    names = tuple(f"P{p}" for p in BUDGET)
    low, middle, high = (f"P{p}" for p in RANGE)
    of_year = "Pounds of each year, April to March. 'At most' is what can fall due by the contract's caps and rules."
    own = "Commissioners' own cashable savings, and these less their payments in the same future."
    headings = ("financial year", f"saved in cash, {low}", middle, high, f"net of payments, {low}", middle, high)
    return Section(
        "The commissioners' budget",
        [most],
        [
            Table(("financial year", f"payments, {names[0]}", *names[1:], "at most"), payments, of_year),
            Table(headings, left, own),
        ],
    )


def _rests(found: Appraisal) -> Section:
    record = found.result.record
    sentences = []
    if found.weak is not None:
        sentences.append(f"{per_cent(found.weak)} of the fiscal savings rest on at least one number of grade 5 or 6.")
    if record.reference:
        sentences.append("Reference tables: " + "; ".join(record.reference.values()) + ".")
    sentences += [f"Warning: {doubt}." for doubt in record.doubts]
    return Section("What this rests on", sentences)
