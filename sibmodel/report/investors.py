"""Who invests, on which terms, and what they get."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.report.address_words import spaced
from sibmodel.report.capital_words import capital_in_words
from sibmodel.report.contract_words import ContractWords
from sibmodel.report.numbers import chance_and_error, is_nothing, listed, money, rate, shown, with_error
from sibmodel.report.section import STATISTICS, Section, Table, often, statistics
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary

TITLE = "Who invests, and what they get"


def investors(result: Result) -> Section:
    """Each tranche's terms in words; returns of all investors together, and by tranche where there are several."""
    capital = result.scenario.capital
    sentences = [*capital_in_words(capital, ContractWords(result.scenario.outcomes))]
    if not money_goes_in(result):
        return Section(TITLE, [*sentences, _nobody(result)])
    sentences += _furthest_out(result)
    if result["investor.irr"].se:
        sentences.append(
            "The two returns below differ: the first is the mean of all futures' returns, each counting the same; the "
            "second adds up the money of all futures first, so that futures with more money in them count for more."
        )
    tables = [_returns(result)]
    if len(capital.tranches) > 1:
        tables.append(_by_tranche(result))
    return Section(TITLE, sentences, tables)


def _furthest_out(result: Result) -> list[str]:
    """When, in the base case, most money is out."""
    most, period = result["investor.peak_funding"].base, result["investor.peak_funding_period"].base
    if not most or period is None:
        return []
    end = result.scenario.timeline.ends[int(period)]
    return [f"In the base case investors are furthest out of pocket on {end} (period {period:.0f}), by {money(most)}."]


def money_goes_in(result: Result) -> bool:
    """Whether investors are out of pocket at any time, in any future or in the base case."""
    return bool((result.values["investor.peak_funding"] > 0).any() or result["investor.peak_funding"].base)


def _nobody(result: Result) -> str:
    """Why investors have no return: others' money is enough, or none is needed or committed."""
    tranches = result.scenario.capital.tranches
    drawn = [name for name in tranches if (result.values[f"tranche.{name}.peak_funding"] > 0).any()]
    if drawn:
        out = {name: money(result[f"tranche.{name}.peak_funding"].base) for name in drawn}
        given = listed([f"{pounds} from {spaced(name)}" for name, pounds in out.items()])
        return f"Investors put no money in: what is drawn is {given} (base case). So investors have no return."
    committed = not all(is_nothing(tranche.commitment) for tranche in tranches.values())
    why = "no capital is needed in any future" if committed else "no capital is committed"
    return f"Nobody puts money in: {why}. So there is no return, and nothing to pay back."


def _returns(result: Result) -> Table:
    its_rate = rate(result.scenario.discounting.investor)
    several = bool((result["investor.irr"].status or {}).get("multiple"))
    rows = [
        ("return a year (IRR)", "investor.irr"),
        ("return on the mean cash flow", "investor.irr_of_mean_flow"),
        *([(f"modified return (MIRR at {its_rate})", "investor.mirr")] if several else []),
        ("return after fund managers' fees", "investor.net_irr"),
        ("money back for each £1", "investor.multiple"),
        ("the same after fund managers' fees", "investor.net_multiple"),
        (f"net present value at {its_rate}", "investor.npv"),
        ("most money out at once", "investor.peak_funding"),
        ("years until the money is back", "investor.payback_period"),
    ]
    known = [(words, name) for words, name in rows if name in result.measures]
    return Table(STATISTICS, [statistics(words, result[name]) for words, name in known], "; ".join(_notes(result)))


def _notes(result: Result) -> Iterator[str]:
    """How many futures have no return, or an odd one."""
    trials, counts = result.record.trials, result["investor.irr"].status or {}
    put_in = result.values["investor.peak_funding"] > 0
    if not put_in.all():
        yield f"no capital is drawn {often(result.share(~put_in))} (left out of returns and years)"
    if counts.get("total_loss"):
        yield f"total loss {chance_and_error(counts['total_loss'] / trials, trials)} (a return of −100%)"
    if counts.get("multiple"):
        several = chance_and_error(counts["multiple"] / trials, trials)
        yield f"more than one rate of return fits the cash flow {several} (the one nearest zero is shown)"
    none = put_in & np.isnan(result.values["investor.irr"])
    if none.any():
        lost = int(np.sum(result.values["investor.expected_loss"][none] > 0))
        yield f"no rate of return exists {often(result.share(none))} (left out; {lost:,} of them lose money)"
    never = put_in & np.isnan(result.values["investor.payback_period"])
    if never.any():
        yield f"the money never comes back {often(result.share(never))} (left out of the years)"


def _by_tranche(result: Result) -> Table:
    headings = (
        "tranche", "return, base", "return, mean", "return on mean flow", "money back for each £1", "chance of loss",
        "mean loss", "loss in worst 5%",
    )  # fmt: skip
    measures = ("irr", "irr_of_mean_flow", "multiple", "loss_probability", "expected_loss", "expected_shortfall")
    rows: list[tuple[str, ...]] = []
    for name in (n for n, tranche in result.scenario.capital.tranches.items() if tranche.is_owed):
        irr, *others = (result[f"tranche.{name}.{measure}"] for measure in measures)
        rows.append((spaced(name), shown(irr.base, irr.unit), *map(_mean_and_error, (irr, *others))))
    note = (
        "Means over the futures, ± their standard errors. Futures without a return are left out of it; grants, which "
        "are never repaid, out of the table."
    )
    return Table(headings, rows, note)


def _mean_and_error(summary: Summary) -> str:
    return with_error(summary.mean, summary.se, summary.unit)
