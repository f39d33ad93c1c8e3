"""The appraisal of the whole: net present value, benefit-cost ratio and payback, by what is counted."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from sibmodel.core.flows import Link
from sibmodel.core.flows import saved as saved_by
from sibmodel.core.powers import power
from sibmodel.core.quantity import Kind
from sibmodel.core.timeline import FloatArray, accumulated, added, last_of, times
from sibmodel.measures.commissioner import paid_by, real_present_value, worth_of
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books


def appraisal_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """Benefits after optimism bias against programme spend raised for it; real present values at the public rates."""
    scenario, saved = books.scenario, books.service.savings
    if scenario.savings is None:
        return
    terms = scenario.appraisal
    uplift = terms.cost_optimism_bias.over(books.trials)[0]
    cost = real_present_value(books, books.service.costs.spend) * (1 + uplift)
    to_society = real_present_value(books, books.service.costs.to_society) * (1 + uplift)
    every = {kind: worth_of(books, (s for s in saved if s.kind == kind), "after_bias") for kind in terms.adds_up}
    fiscal = worth_of(books, (s for s in saved if s.kind == "fiscal"), "after_bias")
    cash = worth_of(books, saved, "cashable")
    benefits = _sum(every.values(), books)
    kinds = " + ".join(terms.adds_up)
    raised = " raised for its optimism bias" if uplift.any() else ""
    spend, social = spend_words(books) + raised, cost_words(books) + raised
    after = "after optimism bias, real present values at " + scenario.rates_in_words
    scheduled = dict.fromkeys((s.kind, s.schedule) for s in saved if s.schedule is not None and s.kind in terms.adds_up)
    mixed = after + "".join(f", some {kind} value at schedule '{name}'" for kind, name in scheduled)
    yield "public.npv", pounds(benefits - to_society, f"{kinds} benefits less {social}, {mixed}")
    sides = f"{kinds} benefits", social
    yield "public.benefit_cost_ratio", _benefit_cost_ratio(books, every, to_society, sides, mixed)
    what = f"fiscal savings of all agencies per £ of {spend}, {after}"
    yield "public.fiscal_return", Values(ratio(fiscal, cost), "£ per £", what)
    yield "public.cashable_return", Values(ratio(cash, cost), "£ per £", f"cashable {what}")
    paybacks: tuple[tuple[str, str, Link], ...] = (
        ("payback_period", "", "after_bias"), ("cashable_payback_period", "cashable ", "cashable")
    )  # fmt: skip
    for name, words, link in paybacks:
        flow = saved_by((s for s in saved if s.kind == "fiscal"), link)
        label = f"years until {words}fiscal savings stay above {spend}, {after}"
        yield f"public.{name}", Values(_payback(books, flow, uplift), "years", label)
    gross = worth_of(books, (s for s in saved if s.kind == "fiscal"), "attributable")
    paid = real_present_value(books, paid_by(books, *scenario.contract.payers))
    per = "fiscal savings of all agencies per £ of outcome payments"
    words = f"gross {per}, before optimism bias and cashability, real present values at {scenario.rates_in_words}"
    yield "payers.savings_per_pound", Values(ratio(gross, paid), "£ per £", words)
    yield "payers.cashable_savings_per_pound", Values(ratio(cash, paid), "£ per £", f"cashable {per}, {after}")
    weight = terms.distributional_weight
    if weight is not None:
        incomes = weight.median_income.over(books.trials)[0] / weight.participants_income.over(books.trials)[0]
        weighs = power(incomes, weight.exponent.over(books.trials)[0]) + np.zeros(books.trials.count)
        theirs = _sum((value for kind, value in every.items() if kind != "fiscal"), books)
        yield "public.distributional_weight", Values(weighs, "ratio", "what a pound to the people weighs")
        label = f"{kinds} benefits less {social}, what goes to the people weighted for their incomes, {mixed}"
        yield "public.weighted_npv", pounds(benefits - to_society + (weighs - 1) * theirs, label)


def cost_words(books: Books) -> str:
    """What the bond costs society: programme spend, without tax and with what payers bear, where there is any."""
    costs = books.service.costs
    beside = ("without tax",) * _taxed(books) + ("with payers' own costs",) * bool(costs.of_payers)
    return "programme spend" + (f" {' and '.join(beside)}" if beside else "")


def spend_words(books: Books) -> str:
    """What the vehicle spends on the programme, which holds the tax that it cannot recover."""
    return "programme spend" + (" with its tax" if _taxed(books) else "")


def _taxed(books: Books) -> bool:
    return any(line.receiver == "tax_office" for line in books.service.costs.lines)


def _sum(values: Iterable[FloatArray], books: Books) -> FloatArray:
    """Present values added up, (trials,)."""
    return sum(values, start=np.zeros(books.trials.count))


def ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """One over the other, not a number where the lower is not above nought."""
    shape = np.broadcast_shapes(above.shape, below.shape)
    return np.asarray(np.divide(above, below, out=np.full(shape, np.nan), where=np.broadcast_to(below > 0, shape)))


def _benefit_cost_ratio(
    books: Books, every: Mapping[Kind, FloatArray], cost: FloatArray, words: tuple[str, str], after: str
) -> Values:
    benefits, spend = words
    if books.scenario.appraisal.fiscal_savings_are == "benefits":
        label = f"{benefits} ÷ {spend}, fiscal savings counted as benefits, {after}"
        return Values(ratio(_sum(every.values(), books), cost), "ratio", label)
    others = _sum((value for kind, value in every.items() if kind != "fiscal"), books)
    label = f"{benefits} but fiscal ÷ ({spend} − fiscal savings), {after}"
    return Values(ratio(others, cost - every.get("fiscal", 0.0)), "ratio", label)


def _payback(books: Books, savings: FloatArray, uplift: FloatArray) -> FloatArray:
    """Years until the discounted sum of savings less spend stays at or above nought, linear within a period."""
    years = books.scenario.timeline.years
    shape = (books.trials.periods, books.trials.count)
    cost = books.memo.once("spend raised", lambda: times(books.real(books.service.costs.spend), 1 + uplift), uplift)
    by_period = added(savings - cost, books.scenario.public_factors()[:, None], np.multiply)
    ahead = np.broadcast_to(accumulated(by_period), shape)
    behind = ahead < -1e-9
    last = last_of(behind)
    never, at_once = behind[-1], last < 0
    last = np.maximum(last, 0)
    column = np.arange(shape[1])
    later = np.minimum(last + 1, shape[0] - 1)
    owed, gained = -ahead[last, column], ahead[later, column] - ahead[last, column]
    part = np.divide(owed, gained, out=np.zeros_like(owed), where=gained > 0)
    found = years[last] + part * (years[later] - years[last])
    return np.where(never, np.nan, np.where(at_once, 0.0, found))
