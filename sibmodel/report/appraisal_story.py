"""What a pound saves, told to a finance director."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibmodel.measures.appraisal import cost_words, spend_words
from sibmodel.measures.commissioner import commissioners
from sibmodel.questions.appraise import BUDGET, CASHABLE, HEADLINE, POUNDS, RANGE, Appraisal, BudgetYear
from sibmodel.questions.savings_chain import LINKS, SavingChain, Step
from sibmodel.report.address_words import spaced
from sibmodel.report.horizon_words import cut_off_of, savings_cut_off
from sibmodel.report.numbers import figures, four_figures, money, per_cent, with_error
from sibmodel.report.section import STATISTICS, Section, Table, statistics
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary


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
            (words, *(_share(found.chances[name][p]) for p in POUNDS))
            for words, name in (("as the headline counts", HEADLINE), ("cashable, after optimism bias", CASHABLE))
        ],
        f"Shares of {found.result.record.trials:,} simulated futures, ± their standard errors.",
    )
    return Section(
        f"What a pound saves: {found.result.scenario.title}",
        [
            f"The headline means: {headline.label}.",
            f"The cashable line means: {cash.label}.",
            *cut_off_of(found.result.base),
            *savings_cut_off(found.result),
        ],
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


def _on_top(found: Appraisal) -> Iterator[str]:
    """What commissioners pay beside outcome payments."""
    measures = found.result.measures
    for payer in commissioners(found.result.base):
        for name, words in (("vat", "value added tax that it cannot recover"), ("promised", "guarantees and the like")):
            one = measures.get(f"payer.{payer}.{name}")
            if one is not None and (one.base or one.mean):
                mean = with_error(one.mean, one.se, "£")
                yield f"On top, {spaced(payer)} pays {mean} on average for {words}: no part of the tables."
    if any(p.late_months.central_values()[0] > 0 for p in found.result.scenario.contract.payers.values()):
        yield "Payers pay late, so a year's payments may be more than falls due in that year."


def _numbers(found: Appraisal) -> Section:
    """A table for each saving; those that rest on the same numbers (top-down, agency by agency) share one."""
    alike: dict[tuple[Step, ...], list[SavingChain]] = {}
    for one in found.savings:
        alike.setdefault(one.steps, []).append(one)
    return Section("The numbers in each chain", [], [_chain_table(several) for several in alike.values()])


def _chain_table(several: list[SavingChain]) -> Table:
    title = several[0].title if len(several) == 1 else "all savings, top-down"
    rows = [
        (_short(s.address, several[0].name), s.source, s.unit, figures(s.value, 6), _range(s), str(s.grade or "–"))
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
    return "–" if step.low is None or step.high is None else f"{four_figures(step.low)} to {four_figures(step.high)}"


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
        *_of_which_costs(result),
        *_no_ratio(result),
        *_paying_back(result),
        *_own_schedules(found),
    ]
    return Section("The appraisal", sentences, [Table(STATISTICS, rows)])


def _of_which_costs(result: Result) -> Iterator[str]:
    """Which costs each figure counts, where that differs."""
    social, spend = cost_words(result.base), spend_words(result.base)
    if social != spend:
        yield f"Of costs, these two count {social}; savings per £1 spent and payback, {spend}."


def _no_ratio(result: Result) -> Iterator[str]:
    """Why there is no benefit-cost ratio, where there is none."""
    ratio = result["public.benefit_cost_ratio"]
    none = np.isnan(result.values["public.benefit_cost_ratio"])
    where = ["the base case"] * (ratio.base is None) + [f"{_share(result.share(none))} of futures"] * bool(none.any())
    if where and result.scenario.appraisal.fiscal_savings_are == "lower_costs":
        yield (
            f"In {' and '.join(where)} fiscal savings are as large as the costs that they are taken off, or larger: "
            "nothing is left to divide by, so that there is no benefit-cost ratio."
        )


def _share(share: Summary) -> str:
    return with_error(share.mean, share.se, "probability")


def _own_schedules(found: Appraisal) -> Iterator[str]:
    for one in found.savings:
        if one.schedule is not None:
            yield f"{one.title} is discounted by the schedule '{one.schedule}', money by that of the headline."


def _paying_back(result: Result) -> Iterator[str]:
    """Payback is known only where it happens."""
    names = ("public.payback_period", "public.cashable_payback_period")
    shares = [result.share(np.isfinite(result.values[name])) for name in names]
    if min(share.mean or 0.0 for share in shares) < 1:
        yield (
            f"Spend is paid back by the end of the timeline in {_share(shares[0])} of futures, in cash in "
            f"{_share(shares[1])}; the rows on payback are of these alone."
        )


def _switches(found: Appraisal) -> Section:
    able = [switch for switch in found.switches if any(value is not None for value in switch.switches.values())]
    rows = [
        (switch.address, switch.unit, four_figures(switch.base), _moved(switch.base, switch.switches[HEADLINE]),
         _moved(switch.base, switch.switches[CASHABLE]))
        for switch in able
    ]  # fmt: skip
    sentences = []
    if len(able) < len(found.switches):
        others = len(found.switches) - len(able)
        many = len(found.switches)
        sentences.append(f"{others} of the {many} numbers of the chain cannot do it alone, however far they move.")
    note = (
        "Each number is moved alone, the others at their base values. 'never': no value within its limits, nor within "
        "twenty times its base, does it."
    )
    headings = ("number", "unit", "base", "for £1 to save £1", "for £1 to save £1 in cash")
    return Section("How far each link must move", sentences, [Table(headings, rows, note, words=2)] if rows else [])


def _moved(base: float, value: float | None) -> str:
    if value is None:
        return "never"
    change = f" ({(value - base) / abs(base):+,.0%})".replace("-", "−").replace("−0%", "+0%") if base else ""
    return f"{four_figures(value)}{change}"


def _pockets(found: Appraisal) -> Section:
    rows = [(spaced(p.name), *map(money, (p.pays, p.saves, p.saves_cash, p.net, p.cash_net))) for p in found.pockets]
    headings = ("who", "pays", "saves", "saves in cash", "net", "net in cash")
    note = (
        "Base case, real present values; savings after optimism bias; what payers pay with tax and guarantees. Payers "
        "that own no agency save nothing here."
    )
    return Section("Who pays and who saves", list(_wrong_pockets(found)), [Table(headings, rows, note)])


def _wrong_pockets(found: Appraisal) -> Iterator[str]:
    saved = sum(p.saves for p in found.pockets)
    elsewhere = sum(p.saves for p in found.pockets if not p.pays)
    if saved > 0 and elsewhere > 0:
        yield f"{per_cent(elsewhere / saved)} of the savings go to agencies that pay nothing: the wrong pockets."


def _budget(found: Appraisal) -> Section:
    years = [*found.budget, found.all_years]
    payments = [
        (b.year, *(with_error(b.payments[p], b.errors["payments"][p], "£") for p in BUDGET), money(b.most))
        for b in years
    ]
    left = [
        (b.year, *(with_error(of[p], b.errors[side][p], "£") for side, of in _sides(b).items() for p in RANGE))
        for b in years
        if b is found.all_years or b.year in found.result.cashable_savings
    ]
    limit = money(found.all_years.most)
    most = (
        "No cap, and no rule that is paid once, limits what commissioners may have to pay."
        if found.all_years.most is None
        else f"The contract never lets commissioners pay more than {limit} for outcomes."
        if not any(q.is_uncertain and q.address.startswith("contract.") for q in found.result.scenario.quantities())
        else f"In no simulated future can commissioners be asked for more than {limit} for outcomes."
    )
    names = tuple(f"P{p}" for p in BUDGET)
    low, middle, high = (f"P{p}" for p in RANGE)
    of_year = "Pounds of each year, April to March. 'At most' is what can fall due by the contract's caps and rules."
    own = "Commissioners' own cashable savings, and these less their payments in the same future."
    headings = ("financial year", f"saved in cash, {low}", middle, high, f"net of payments, {low}", middle, high)
    return Section(
        "The commissioners' budget",
        [most, *_on_top(found)],
        [
            Table(("financial year", f"payments, {names[0]}", *names[1:], "at most"), payments, of_year),
            Table(headings, left, own),
        ],
    )


def _sides(year: BudgetYear) -> dict[str, Mapping[int, float]]:
    return {"cashable_at": year.cashable_at, "net_at": year.net_at}


def _rests(found: Appraisal) -> Section:
    record = found.result.record
    sentences = []
    if found.weak is not None:
        sentences.append(f"{per_cent(found.weak)} of the fiscal savings rest on at least one number of grade 5 or 6.")
    if found.ungraded > 0:
        sentences.append(
            f"{per_cent(found.ungraded)} rest on numbers of which none has a grade: graded, they may be weak."
        )
    if record.reference:
        sentences.append("Reference tables: " + "; ".join(record.reference.values()) + ".")
    sentences += [f"Warning: {doubt}." for doubt in record.doubts]
    return Section("What this rests on", sentences)
