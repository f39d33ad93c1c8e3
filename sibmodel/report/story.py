"""A result told to somebody who has never seen a social impact bond.

The story is data: sections of sentences and tables, which the terminal, the notebook and later pages set in type.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY, PENNY
from sibmodel.measures.commissioner import commissioners
from sibmodel.questions.causes import causes_in_words
from sibmodel.report.address_words import spaced
from sibmodel.report.beside_words import besides, not_in_the_limit
from sibmodel.report.contract_words import contract_in_words
from sibmodel.report.horizon_words import cut_off_of, savings_cut_off
from sibmodel.report.investors import investors, money_goes_in
from sibmodel.report.luck_words import luck_told
from sibmodel.report.numbers import chance, money, with_error
from sibmodel.report.section import STATISTICS, Section, Table, often, statistics
from sibmodel.running.results import CapUse, Result
from sibmodel.running.statistics import Summary, error_of_mean
from sibmodel.scenario.togetherness import ties

__all__ = ["Section", "Table", "story"]


def story(result: Result) -> list[Section]:
    """The whole answer, in the order in which people ask."""
    sections = [_opening(result), _programme(result), investors(result), _repayment(result), _risk(result)]
    if result.scenario.savings is not None:
        sections.append(_savings(result))
    return [*sections, _evidence(result)]


def _opening(result: Result) -> Section:
    sentences = [result.scenario.description.strip()] if result.scenario.description else []
    sentences.append(
        f"{result.record.trials:,} simulated futures{_alike(result)}. The base case puts every uncertain number at its "
        "central value and luck at zero; it is one future, not the expected one. One future in twenty lies below the "
        "5% column, half below 50%, one in twenty above 95%. After ± stands a figure's standard error: how far it may "
        "be off because the number of futures is limited (not how far the assumptions may be off)."
    )
    return Section(result.scenario.title, sentences)


def _alike(result: Result) -> str:
    scenario = result.scenario
    uncertain = any(q.is_uncertain for q in scenario.quantities())
    drawn = scenario.noisy_outcomes() or scenario.luck_with_people()
    return "" if uncertain or drawn else ", all alike, because nothing here is uncertain"


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
    sentences += list(_waiting(result))
    rows = [
        (_outcome_in_words(name, result), *statistics("", result[f"outcome.{name}.verified"])[1:])
        for name in result.scenario.outcomes
    ]
    note = "What the contract's evaluator accepts: totals, or for an effect the mean over the people measured."
    return Section("What the programme does", sentences, [Table(("verified outcome", *STATISTICS[1:]), rows, note)])


def _waiting(result: Result) -> Iterator[str]:
    """Who waits for a link worker, gives up, or finds no place, where any of these are limited."""
    if "programme.without_place" in result.measures:
        missing = result["programme.without_place"]
        if (missing.base or 0) >= 0.5 or (missing.mean or 0) >= 0.5:
            yield (
                f"Of those who start {missing.base:,.0f} are sent on to services that have no place for them "
                f"({with_error(missing.mean, missing.se, 'people')} on average over all futures)."
            )
    if "programme.most_waiting" not in result.measures:
        return
    most, lost = result["programme.most_waiting"], result["programme.gave_up"]
    if (most.base or 0) < 0.5 and (most.mean or 0) < 0.5:
        yield "There are enough link workers: nobody waits for one."
        return
    yield (
        f"Link workers are short: up to {most.base:,.0f} people wait for one in the base case, and {lost.base:,.0f} "
        f"give up ({with_error(lost.mean, lost.se, 'people')} on average over all futures)."
    )


def _outcome_in_words(name: str, result: Result) -> str:
    outcome = result.scenario.outcomes[name]
    return (outcome.title or name) + (f" ({outcome.unit})" if outcome.unit else "")


def _repayment(result: Result) -> Section:
    spend = float(result.base.service.costs.spend.sum())
    late = result.base.settlement.payments.late
    price = f"In the base case payers pay {money(result['payers.payments'].base)} for a programme that costs "
    sentences = [
        f"{price}{money(spend)}.",
        *_on_top(result),
        *cut_off_of(result.base),
        *contract_in_words(result.scenario.contract, result.scenario.outcomes, late),
    ]
    tables = [_payments_table(result)]
    if result.caps:
        tables.append(_caps_table(result))
    return Section("How repayment works", sentences, tables)


def _on_top(result: Result) -> Iterator[str]:
    """What payers spend beside outcome payments."""
    yield from (f"On top, {words}." for words in besides(result.measures, result.scenario.contract.payers, "pays"))
    if "payers.own_costs" in result.measures:
        borne = dict.fromkeys(spaced(line.payer) for line in result.base.service.costs.of_payers)
        yield f"Costs of their own, borne by {', '.join(borne)}: {money(result['payers.own_costs'].base)}."


def _payments_table(result: Result) -> Table:
    payers = result.scenario.contract.payers
    headings = ("financial year", *map(spaced, payers), "all, base", "all, mean", "5%", "95%")
    rows = []
    for year, found in result.paid_by_year.items():
        if found.mean or found.base:
            base = (result.base_payments[year, name] for name in payers)
            rows.append((year, *map(money, base), *_simulated(found)))
    sums = [sum(result.base_payments[year, name] for year in result.paid_by_year) for name in payers]
    rows.append(("all years", *map(money, sums), *_simulated(result["payers.payments"])))
    note = "Outcome payments. Columns named after a payer are its own in the base case; pounds of each year."
    return Table(headings, rows, note)


def _simulated(found: Summary) -> tuple[str, ...]:
    """Base case, mean, and one future in twenty on either side."""
    figures = (with_error(*found.statistic(name), found.unit) for name in ("mean", "p5", "p95"))
    return (money(found.base), *figures)


def _caps_table(result: Result) -> Table:
    headings = ("cap", "limit", "binds in", "years", "forgone, base", "forgone, mean")
    uncertain = {q.address for q in result.scenario.quantities() if q.is_uncertain}
    rows: list[tuple[str, ...]] = [
        (
            cap_in_words(address),
            money(use.limit) + (" on average" if address in uncertain else ""),
            _binds_in(use),
            _years(list(use.bound_by_year)),
            money(use.base_forgone),
            with_error(use.mean_forgone, use.mean_forgone_se, "£"),
        )
        for address, use in result.caps.items()
    ]
    return Table(headings, rows, "A cap binds where payments would have been higher without it.")


def _binds_in(use: CapUse) -> str:
    if not use.bound_share:
        return "no future"
    return f"{with_error(use.bound_share, use.bound_share_se, 'probability')} of futures"


def _years(years: list[str]) -> str:
    """The first and the last of the financial years in which a cap binds in some future."""
    return "–" if not years else years[0] if len(years) == 1 else f"{years[0]} to {years[-1]}"


def cap_in_words(address: str) -> str:
    """'term wellbeing', 'payer ccg, each financial year', 'whole contract', 'term card, share of job'."""
    parts = address.split(".")
    whose = "whole contract" if parts[1] in ("cap", "caps") else spaced(f"{parts[1].removesuffix('s')} {parts[2]}")
    if parts[-2] == "shares":
        return f"{whose}, share of {spaced(parts[-1])}"
    return whose if parts[-1] == "cap" else f"{whose}, each {spaced(parts[-1])}"


def _risk(result: Result) -> Section:
    sentences = [*_losses(result), *_if_it_does_nothing(result), *_exposure(result), *_gap(result)]
    works, nothing = result["commissioner.payments"], result.if_nothing["commissioner.payments"]
    every, for_nothing = result["payers.payments"], result.if_nothing["payers.payments"]
    rows = [
        statistics("commissioners, as it may turn out", works),
        statistics("commissioners, if it changes nothing", nothing),
        statistics("all payers, as it may turn out", every),
        statistics("all payers, if it changes nothing", for_nothing),
    ]
    if len(result.scenario.contract.payers) == 1:
        rows = rows[2:]
    return Section("Where the risk falls", sentences, [Table(("outcome payments", *STATISTICS[1:]), rows)])


def _losses(result: Result) -> Iterator[str]:
    if not money_goes_in(result):
        yield "Investors put no money in, so they have none to lose."
        return
    lose, lost = result["investor.loss_probability"], result["investor.expected_loss"]
    several = len(result.scenario.capital.investors) > 1
    who = "Investors, all tranches of theirs together, lose" if several else "Investors lose"
    yield f"{who} money {often(lose)}."
    if lose.mean:
        worst = result["investor.expected_shortfall"]
        yield (
            f"Losses alone, averaged over all futures (one without a loss counts as nothing), come to "
            f"{with_error(lost.mean, lost.se, '£')}; in the worst one in twenty they are "
            f"{with_error(*lost.statistic('p95'), '£')} or more, {with_error(worst.mean, worst.se, '£')} on average."
        )


def _if_it_does_nothing(result: Result) -> Iterator[str]:
    for_nothing = result.if_nothing["payers.payments"]
    lost = result.if_nothing["investor.expected_loss"]
    still = money(for_nothing.base), with_error(for_nothing.mean, for_nothing.se, "£")
    if set(still) == {"£0"}:
        paid = "payers would pay nothing for outcomes"
    else:
        why = causes_in_words(result.scenario)
        paid = f"payers would still pay {still[0]} for outcomes in the base case and {still[1]} on average"
        paid += f" (for {'; '.join(why)})" if why else ""
    how_much = with_error(lost.mean, lost.se, "£")
    investors_lose = f", and investors would lose {how_much} on average" if lost.mean or money_goes_in(result) else ""
    yield f"If the programme changed nothing, {paid}{investors_lose}."
    for words in besides(result.if_nothing, result.scenario.contract.payers, "would pay"):
        yield f"On top, {words} then."
    if result.scenario.capital.service_stops:
        yield "Without outcomes money soon runs out and the service stops, so that less is paid for."


def _exposure(result: Result) -> Iterator[str]:
    most = result["commissioner.maximum_exposure"]
    if all(payer.kind != "commissioner" for payer in result.scenario.contract.payers.values()):
        yield "No payer is a commissioner, so commissioners pay nothing."
    elif most.mean is None:
        yield "No cap limits what commissioners may have to pay."
    else:
        limits = result.values["commissioner.maximum_exposure"]
        uncertain = f" in any of these futures (this limit is uncertain, {money(most.mean)} on average)"
        known = float(np.ptp(limits)) <= PENNY
        beside = not_in_the_limit(result.measures, result.base, commissioners(result.base))
        yield (
            f"The contract never lets commissioners pay more than {money(limits.max())} for outcomes"
            f"{'' if known else uncertain}.{beside}"
        )


def _gap(result: Result) -> Iterator[str]:
    gaps = result.values["vehicle.funding_gap"] > HALF_A_PENNY
    who = result.scenario.capital.gap_covered_by
    if gaps.any():
        every = result.values["vehicle.funding_gap"]
        error = error_of_mean(np.where(gaps, every, np.nan), result.replicates)
        average, share = with_error(float(every[gaps].mean()), error, "£"), often(result.share(gaps))
        stops = ", and the service stops" if result.scenario.capital.service_stops else ""
        yield (
            f"The committed capital runs out {share}; then the {who} puts in {average} on average and does "
            f"not get it back{stops}.{_first_gap(result)}"
        )
    else:
        yield f"The committed capital was enough {chance(1.0, result.record.trials)}."


def _first_gap(result: Result) -> str:
    """When money is first missing in the base case, if it is."""
    first = result["vehicle.first_gap_period"].base
    if first is None:
        return " In the base case there is enough."
    return f" In the base case it is missing first in period {first:.0f}, {result.scenario.timeline.ends[int(first)]}."


def _savings(result: Result) -> Section:
    headline = result["public.savings_per_pound"]
    rows = [statistics("savings per £1 spent", headline)]
    rows += [
        statistics(result[name].label.split(",")[0], result[name])
        for name in result.measures
        if name.startswith("agency.")
    ]
    rows += [
        statistics("net saving of commissioners", result["commissioner.net_saving"]),
        statistics("net saving, cashable part only", result["commissioner.cashable_net_saving"]),
    ]
    note = (
        "Present values in prices of the signing date. Net saving is the commissioners' own saving after optimism bias "
        "less what they pay. Fiscal, economic and wellbeing values are never added up."
    )
    sentences = [
        f"Savings per pound means: {headline.label}.",
        *savings_cut_off(result),
        _more_than_a_pound(result),
        _net_saving("all their own fiscal savings", result["commissioner.net_saving"]),
        _net_saving("only the savings that release cash", result["commissioner.cashable_net_saving"]),
        *_surplus_returned(result),
    ]
    return Section("Savings per pound", sentences, [Table(STATISTICS, rows, note)])


def _more_than_a_pound(result: Result) -> str:
    values = result.values["public.savings_per_pound"]
    defined = values[np.isfinite(values)]
    if not defined.size:
        return "Nothing is spent in any future, so there is no saving per pound."
    words = f"More than £1 is saved for each £1 spent {often(result.share(values > 1, np.isfinite(values)))}"
    spent = f", counting only the {defined.size:,} of {values.size:,} in which anything is spent"
    return words + (spent if defined.size < values.size else "") + "."


def _net_saving(counting: str, net: Summary) -> str:
    mean = net.mean or 0.0
    if net.is_noise:
        return f"Counting {counting}, commissioners are neither better nor worse off on average, within noise."
    side = "better" if mean >= 0 else "worse"
    return f"Counting {counting}, commissioners are {with_error(abs(mean), net.se, '£')} {side} off on average."


def _surplus_returned(result: Result) -> Iterator[str]:
    """Surplus that goes back to a payer, which its net saving leaves out."""
    for name, surplus in result.base.settlement.capital.surplus.items():
        if name in result.scenario.contract.payers:
            back = money(float(surplus.sum()))
            yield f"Surplus returned to {spaced(name)} ({back} in the base case) is not counted in net saving."


def _evidence(result: Result) -> Section:
    record = result.record
    graded = [q for q in result.scenario.quantities_of_the_bond() if q.grade is not None]
    weak = sum(1 for q in graded if (q.grade or 0) >= 5)
    sentences = [
        luck_told(result.scenario),
        f"Seed {record.seed}, {record.trials:,} trials, {record.sampling}; scenario {record.hash[:12]}; sibmodel "
        f"{record.versions['sibmodel']}, NumPy {record.versions['numpy']}, Python {record.versions['python']}. Books "
        f"balance to {result['ledger.imbalance'].percentiles[95] or 0:.1g} pounds.",
    ]
    if graded:
        sentences.insert(1, f"{weak} of {len(graded)} graded numbers rest on weak evidence (grade 5 or 6).")
    if record.reference:
        sentences.append("Reference tables: " + "; ".join(record.reference.values()) + ".")
    sentences += [
        f"{tie.what}: {tie.how}{f', because {tie.reason}' if tie.reason else ''}." for tie in ties(result.scenario)
    ]
    sentences += [f"Warning: {doubt}." for doubt in record.doubts]
    if record.overrides:
        sentences.append("Set for this run: " + ", ".join(f"{a} = {v}" for a, v in record.overrides.items()) + ".")
    return Section("What this rests on", sentences)
