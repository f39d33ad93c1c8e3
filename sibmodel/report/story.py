"""A result told to somebody who has never seen a social impact bond.

The story is data: sections of sentences and tables, which the terminal, the notebook and later pages set in type.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sibmodel.contract.terms import LinearTerms, PriceTerms, Term
from sibmodel.report.numbers import chance, error, money, per_cent, shown
from sibmodel.running.results import Result
from sibmodel.running.statistics import Summary


@dataclass(frozen=True)
class Table:
    """Rows of text under headings; the first column is words, the others are figures."""

    headings: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""


@dataclass(frozen=True)
class Section:
    """One question and its answer."""

    title: str
    sentences: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


STATISTICS = ("", "base case", "mean", "± s.e.", "5%", "50%", "95%")


def story(result: Result) -> list[Section]:
    """The whole answer, in the order in which people ask."""
    sections = [_opening(result), _programme(result), _investors(result), _repayment(result), _risk(result)]
    if result.scenario.savings is not None:
        sections.append(_savings(result))
    return [*sections, _evidence(result)]


def _opening(result: Result) -> Section:
    sentences = [result.scenario.description.strip()] if result.scenario.description else []
    sentences.append(
        f"{result.record.trials:,} simulated futures{_alike(result)}. The base case puts every uncertain number at its "
        "central value and luck at zero; it is one future, not the expected one. '± s.e.' is the standard error of "
        "the mean: how far it may be off because the number of futures is limited. One future in twenty lies below "
        "the 5% column, half below 50%, one in twenty above 95%."
    )
    return Section(result.scenario.title, sentences)


def _alike(result: Result) -> str:
    uncertain = any(q.is_uncertain for q in result.scenario.quantities())
    return "" if uncertain or result.scenario.noisy_outcomes() else ", all alike, because nothing here is uncertain"


def _programme(result: Result) -> Section:
    service = result.base.service
    referred = sum(float(people.sum()) for people in service.activity.referred.values())
    started = sum(float(people.sum()) for people in service.activity.started.values())
    spend = float(service.costs.spend.sum())
    workers = float(service.costs.link_workers.max())
    sentences = [
        f"In the base case {referred:,.0f} people are referred and {started:,.0f} start"
        + (f", with up to {workers:.1f} link workers at a time" if workers else "")
        + f". It costs {money(spend)}"
        + (f", {money(spend / started)} for each person who starts." if started else ".")
    ]
    rows = [
        (_outcome_in_words(name, result), *_statistics("", result[f"outcome.{name}.verified"])[1:])
        for name in result.scenario.outcomes
    ]
    note = "What the contract's evaluator accepts: totals, or for an effect the mean over the people measured."
    return Section("What the programme does", sentences, [Table(("verified outcome", *STATISTICS[1:]), rows, note)])


def _outcome_in_words(name: str, result: Result) -> str:
    outcome = result.scenario.outcomes[name]
    return (outcome.title or name) + (f" ({outcome.unit})" if outcome.unit else "")


def _investors(result: Result) -> Section:
    tranches = result.scenario.capital.tranches
    sentences = [
        f"{tranche.investor or tranche.title or name} commits up to {money(_limit(result, name))}"
        + (f" ({tranche.title})" if tranche.investor and tranche.title else "")
        + (f", rank {tranche.rank}." if len(tranches) > 1 else ".")
        for name, tranche in tranches.items()
    ]
    rows = [
        ("return a year (IRR)", "investor.irr"),
        ("return on the mean cash flow", "investor.irr_of_mean_flow"),
        ("money back for each £1", "investor.multiple"),
        ("net present value", "investor.npv"),
        ("most money out at once", "investor.peak_funding"),
        ("years until the money is back", "investor.payback_period"),
    ]
    return Section(
        "Who invests, and what they get",
        sentences,
        [Table(STATISTICS, [_statistics(words, result[name]) for words, name in rows], _status_note(result))],
    )


def _limit(result: Result, tranche: str) -> float:
    return sum(result.scenario.capital.tranches[tranche].commitment.central_values())


def _status_note(result: Result) -> str:
    irr, payback = result["investor.irr"], result["investor.payback_period"]
    trials, counts = result.record.trials, irr.status or {}
    notes = []
    if counts.get("total_loss"):
        notes.append(f"total loss {chance(counts['total_loss'] / trials, trials)} (counted as −100 %)")
    if counts.get("multiple"):
        notes.append(f"several rates solve the flow {chance(counts['multiple'] / trials, trials)} (nearest zero shown)")
    if counts.get("none"):
        lost = int(np.sum(result.values["investor.expected_loss"][np.isnan(result.values["investor.irr"])] > 0))
        notes.append(
            f"no rate exists {chance(counts['none'] / trials, trials)} (left out; {lost:,} of them lose money)"
        )
    if payback.defined < trials:
        notes.append(
            f"the money never comes back {chance(1 - payback.defined / trials, trials)} (left out of the years)"
        )
    return "; ".join(notes)


def _statistics(words: str, summary: Summary) -> tuple[str, ...]:
    unit = summary.unit
    p = summary.percentiles
    figures = [shown(value, unit) for value in (summary.base, summary.mean, p[5], p[50], p[95])]
    return (words, *figures[:2], error(summary.se, unit), *figures[2:])


def _repayment(result: Result) -> Section:
    contract = result.scenario.contract
    sentences = [_term_in_words(name, term, result) for name, term in contract.terms.items()]
    tables = [_payments_table(result)]
    if result.caps:
        tables.append(_caps_table(result))
    return Section("How repayment works", sentences, tables)


def _term_in_words(name: str, term: Term, result: Result) -> str:
    title = term.title or name
    if isinstance(term, PriceTerms):
        outcome = result.scenario.outcomes[term.outcome]
        return f"{title}: {_prices(term.price.central_values())} for each unit of {outcome.title or term.outcome}."
    if isinstance(term, LinearTerms):
        first, last = term.points[0], term.points[-1]
        price = max(term.price.central_values())
        low, high = money(first[1] * price), money(last[1] * price)
        each = " for each person measured" if term.per == "person" else ""
        what = result.scenario.outcomes[term.outcome].title or term.outcome
        total = " in total" if term.reads == "total" else ""
        return (
            f"{title}: a sliding scale on '{what}'{total}, from {low} at {first[0]:,.10g} to {high}{each} at "
            f"{last[0]:,.10g}."
        )
    parts = ", ".join(f"{_prices(p.central_values())} for {outcome}" for outcome, p in term.prices.items())
    return f"{title}: {parts}."


def _prices(values: tuple[float, ...]) -> str:
    low, high = min(values), max(values)
    return f"£{low:,.2f}" if low == high else f"£{low:,.2f} to £{high:,.2f}"


def _payments_table(result: Result) -> Table:
    payers = result.scenario.contract.payers
    headings = ("financial year", *(name.replace("_", " ") for name in payers), "all, base", "all, mean", "5%", "95%")
    years = dict.fromkeys(year for year, _ in result.payments)
    rows = []
    for year in years:
        together = np.asarray(sum(result.payments[year, name] for name in payers))
        base = [result.base_payments[year, name] for name in payers]
        low, high = np.percentile(together, (5, 95))
        if together.any() or any(base):
            figures = (*base, sum(base), float(together.mean()), float(low), float(high))
            rows.append((year, *map(money, figures)))
    sums = [sum(result.base_payments[year, name] for year in years) for name in payers]
    every = result["payers.payments"]
    simulated = (every.base, every.mean, every.percentiles[5], every.percentiles[95])
    rows.append(("all years", *map(money, sums), *map(money, simulated)))
    return Table(headings, rows, "Columns named after a payer are its payments in the base case; pounds of each year.")


def _caps_table(result: Result) -> Table:
    headings = ("cap", "limit", "binds in", "forgone, base", "forgone, mean")
    rows: list[tuple[str, ...]] = [
        (
            _cap_in_words(address),
            money(use.limit),
            f"{per_cent(use.bound_share)} of futures" if use.bound_share else "no future",
            money(use.base_forgone),
            money(use.mean_forgone),
        )
        for address, use in result.caps.items()
    ]
    return Table(headings, rows, "A cap binds where payments would have been higher without it.")


def _cap_in_words(address: str) -> str:
    """'term wellbeing', 'payer ccg', 'whole contract'."""
    parts = address.split(".")
    return "whole contract" if len(parts) == 2 else f"{parts[1].removesuffix('s')} {parts[2]}"


def _risk(result: Result) -> Section:
    trials = result.record.trials
    lose = result["investor.loss_probability"]
    sentences = [
        f"Investors lose money {chance(lose.mean or 0.0, trials)} (± {error(lose.se, 'probability')}). Averaged "
        f"over all futures they lose {money(result['investor.expected_loss'].mean)}; in the worst one in twenty, "
        f"{money(result['investor.expected_loss'].percentiles[95])} or more.",
        *_if_it_does_nothing(result),
        *_exposure(result),
        *_gap(result),
    ]
    works, nothing = result["commissioner.payments"], result.if_nothing["commissioner.payments"]
    every, for_nothing = result["payers.payments"], result.if_nothing["payers.payments"]
    rows = [
        _statistics("commissioners, as it may turn out", works),
        _statistics("commissioners, if it changes nothing", nothing),
        _statistics("all payers, as it may turn out", every),
        _statistics("all payers, if it changes nothing", for_nothing),
    ]
    if len(result.scenario.contract.payers) == 1:
        rows = rows[2:]
    return Section("Where the risk falls", sentences, [Table(("payments", *STATISTICS[1:]), rows)])


def _if_it_does_nothing(result: Result) -> Iterator[str]:
    for_nothing = result.if_nothing["payers.payments"]
    lost = result.if_nothing["investor.expected_loss"]
    yield (
        f"If the programme changed nothing, payers would still pay {money(for_nothing.base)} in the base case and "
        f"{money(for_nothing.mean)} on average (what happens anyway and is not deducted, and luck in measuring), and "
        f"investors would lose {money(lost.mean)} on average."
    )


def _exposure(result: Result) -> Iterator[str]:
    most = result["commissioner.maximum_exposure"]
    if most.mean is None:
        yield "No cap limits what commissioners may have to pay."
    else:
        yield f"The contract never lets commissioners pay more than {money(most.mean)}."


def _gap(result: Result) -> Iterator[str]:
    gaps = result.values["vehicle.funding_gap"] > 0.005
    who = result.scenario.capital.gap_covered_by
    if gaps.any():
        average = money(float(result.values["vehicle.funding_gap"][gaps].mean()))
        share = chance(float(gaps.mean()), result.record.trials)
        yield (
            f"The committed capital runs out {share}; then the {who} puts in {average} on average and does "
            "not get it back."
        )
    else:
        yield f"The committed capital was enough {chance(1.0, result.record.trials)}."


def _savings(result: Result) -> Section:
    headline = result["public.savings_per_pound"]
    above = float(np.nanmean(result.values["public.savings_per_pound"] > 1))
    sentences = [
        f"Savings per pound means: {headline.label}.",
        f"More than £1 is saved for each £1 spent {chance(above, result.record.trials)}.",
    ]
    rows = [_statistics("savings per £1 spent", headline)]
    rows += [
        _statistics(result[name].label.split(",")[0], result[name])
        for name in result.measures
        if name.startswith("agency.")
    ]
    rows += [
        _statistics("net saving of commissioners", result["commissioner.net_saving"]),
        _statistics("net saving, cashable part only", result["commissioner.cashable_net_saving"]),
    ]
    note = (
        "Present values in prices of the signing date. Net saving is the commissioners' own saving after optimism bias "
        "less what they pay. Fiscal, economic and wellbeing values are never added up."
    )
    return Section("Savings per pound", sentences, [Table(STATISTICS, rows, note)])


def _evidence(result: Result) -> Section:
    record = result.record
    graded = [q for q in result.scenario.quantities() if q.grade is not None]
    weak = sum(1 for q in graded if (q.grade or 0) >= 5)
    sentences = [
        "Luck with people (who happens to succeed) is not yet included: achievements are expected counts, so the true "
        "spread is wider. Measurement noise of effects is included.",
        f"Seed {record.seed}, {record.trials:,} trials, {record.sampling}; scenario {record.hash[:12]}; sibmodel "
        f"{record.versions['sibmodel']}, NumPy {record.versions['numpy']}, Python {record.versions['python']}. Books "
        f"balance to {result['ledger.imbalance'].percentiles[95] or 0:.1g} pounds.",
    ]
    if graded:
        sentences.insert(1, f"{weak} of {len(graded)} graded numbers rest on weak evidence (grade 5 or 6).")
    if record.overrides:
        sentences.append("Set for this run: " + ", ".join(f"{a} = {v}" for a, v in record.overrides.items()) + ".")
    return Section("What this rests on", sentences)
