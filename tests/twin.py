"""The model of docs/model.md written a second time, the slow way: one trial, plain floats, loops and lists.

It is a check on the engine and shares no code with it. Every function names the section of docs/model.md that
it follows; fields and defaults are those of docs/scenarios.md. The scenario has been validated beforehand.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.twin_basics import (
    NOBODY,
    Cohorts,
    Outcome,
    Scenario,
    Series,
    delay,
    delay_weight,
    kept_share,
    live_share,
    spread,
    total,
)
from tests.twin_capital import Capital, capital_of
from tests.twin_luck import successes
from tests.twin_payments import Contract, contract_of, part_of_whole
from tests.twin_programme import Activity, Costs, activity_of, costs_of
from tests.twin_tranches import is_investors

PENNY = 0.01
A_GAP = 0.005  # pounds; less is no reason to stop a service
NO_FLOW = 1e-6  # pounds; smaller flows are rounding and count as zero


@dataclass(frozen=True)
class Books:
    """Everything that one trial leaves behind; every list is by period, 0 … T."""

    contract: Contract
    flows: dict[str, Series]  # by "payer>receiver:what", pounds
    referred: dict[str, Series]  # people, by group
    started: dict[str, Series]
    on_programme: dict[str, Series]
    true: dict[str, Series]  # true net outcome in its own unit, by outcome
    verified: dict[str, Series]  # units, or for an effect the verified mean
    measured: dict[str, Series]  # people of a report, or the delayed base of people
    savings: dict[str, dict[str, Series]]  # real pounds by item and link of the chain
    capital: Capital
    measures: dict[str, float | None]
    irr_status: dict[str, str]

    @property
    def gross(self) -> dict[str, Series]:
        """Pounds by term, in the period in which they are due, before caps."""
        return self.contract.gross

    @property
    def forgone(self) -> dict[str, float]:
        """Pounds over the contract, by address of the cap."""
        return self.contract.forgone


def twin(
    data: dict[str, Any],
    inputs: Mapping[str, float] = {},
    noise: Mapping[str, Sequence[float]] = {},
    scale: float = 1.0,
    luck: Mapping[str, Sequence[float]] = {},
) -> Books:
    """One trial of a whole scenario, chapter by chapter (docs/model.md, Sections 4 to 11)."""
    scenario = Scenario(data, inputs, noise, scale, luck)
    books = worked_through(scenario)
    stop = first_gap(books.capital)
    while scenario.find("capital.service_stops") and stop is not None and stop < scenario.stops_after:
        scenario.stops_after = stop
        books = worked_through(scenario)
        stop = first_gap(books.capital)
    return books


def first_gap(capital: Capital) -> int | None:
    """Sections 8 and 11: the first period in which more than half a penny was missing."""
    return next((t for t, amount in enumerate(capital.gap) if amount > A_GAP), None)


def worked_through(scenario: Scenario) -> Books:
    """One trial once, its service ended early or not."""
    activity = activity_of(scenario)
    costs = costs_of(scenario, activity)
    outcomes = {name: outcome_of(scenario, name, activity) for name in scenario.names("outcomes")}
    contract = contract_of(scenario, outcomes)
    savings = savings_of(scenario, outcomes, costs)
    capital = capital_of(scenario, costs.spend, costs.provider_paid, contract, outcomes)
    flows = {**contract.flows, **costs.flows, **capital.flows}
    measures, irr_status = measures_of(scenario, flows, costs, outcomes, savings, capital, contract)
    measures |= people_measures(scenario, activity)
    borne = [one for name in scenario.names("programme.costs.further")
             if (one := scenario.find(f"programme.costs.further.{name}.borne_by")) is not None]  # fmt: skip
    if borne:
        measures["payers.own_costs"] = sum(sum(flows[key]) for key in flows if ":cost_" in key and key[:7] != "vehicle")
    return Books(
        contract=contract,
        flows=flows,
        referred=activity.referred,
        started=activity.started,
        on_programme=activity.on_programme,
        true={name: outcome.true for name, outcome in outcomes.items()},
        verified={name: outcome.verified for name, outcome in outcomes.items()},
        measured={name: outcome.measured for name, outcome in outcomes.items()},
        savings=savings,
        capital=capital,
        measures=measures,
        irr_status=irr_status,
    )


def people_measures(scenario: Scenario, activity: Activity) -> dict[str, float | None]:
    """Section 9: whom a limited programme reaches, and what payers spend besides."""
    found: dict[str, float | None] = {}
    if activity.limited or activity.without_place:
        found["programme.started"] = sum(map(sum, activity.started.values()))
        for group, people in activity.started.items():
            found[f"group.{group}.started"] = sum(people)
    if activity.limited:
        lost = activity.gave_up
        found["programme.gave_up"] = sum(activity.gave_up.values())
        found["programme.most_waiting"] = max(activity.waiting)
        found |= {f"group.{group}.gave_up": lost[group] for group in lost}
    if activity.without_place:
        found["programme.without_place"] = sum(activity.without_place.values())
    return found


# --- Outcomes -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Levels:
    """The levels of an outcome for one person or person-year (Section 5)."""

    net: float  # true
    gross_in_run: float
    deducted: float  # by the evaluator, d


def outcome_of(scenario: Scenario, name: str, activity: Activity) -> Outcome:
    """Section 5: an outcome of any type, verified after `verification_months`."""
    kind = scenario.text(f"outcomes.{name}.type", "")
    if kind == "effect":
        seen = effect_of(scenario, name, activity)
    else:
        seen = counted_outcome(scenario, name, activity, "share" if kind == "achievement" else "per_person")
    wait = scenario.in_periods(f"outcomes.{name}.verification_months", 0)
    return replace(
        seen,
        verified=delay(seen.verified, wait),
        measured=delay(seen.measured, wait),
        each=delay(seen.each, wait),
        cohorts={key: delay(series, wait) for key, series in seen.cohorts.items()},
        extra={key: delay(series, wait) for key, series in seen.extra.items()},
    )


def levels_of(scenario: Scenario, address: str, gross_level: float) -> Levels:
    """Section 5: the counterfactual, and what the scale leaves of the effect."""
    counterfactual = scenario.number(f"{address}.counterfactual.level", 0)
    if scenario.text(f"{address}.counterfactual.basis", "rate") == "share":
        counterfactual = counterfactual * gross_level
    if scenario.has(f"{address}.counterfactual.regression_to_mean"):
        counterfactual = fall_of_high_users(scenario, f"{address}.counterfactual.regression_to_mean")
    net = scenario.scale * (gross_level - counterfactual)
    method = scenario.text(f"{address}.counterfactual.method", "none")
    if method == "none":
        deducted = 0.0
    elif method in ("fixed", "history"):
        deducted = scenario.number(f"{address}.counterfactual.agreed")
    else:
        deducted = counterfactual
    return Levels(net, counterfactual + net, deducted)


def fall_of_high_users(scenario: Scenario, address: str) -> float:
    """docs/savings.md: what people chosen for their high use would have used less of anyway."""
    mean = scenario.number(f"{address}.mean")
    normal = scenario.text(f"{address}.distribution", "") == "normal"
    if normal:
        reliability = scenario.number(f"{address}.correlation")
    else:
        shape = scenario.number(f"{address}.shape")
        reliability = mean / (shape + mean)
    if scenario.has(f"{address}.before"):
        before = scenario.number(f"{address}.before")
    elif normal:
        sd = scenario.number(f"{address}.sd")
        z = (scenario.number(f"{address}.chosen_from") - mean) / sd
        before = mean + sd * math.exp(-z * z / 2) / math.sqrt(2 * math.pi) / (math.erfc(z / math.sqrt(2)) / 2)
    else:  # every count up to the highest that matters
        chances = [(shape / (shape + mean)) ** shape]
        for count in range(1, 2000):
            chances.append(chances[-1] * (shape + count - 1) / count * mean / (shape + mean))
        chosen = range(int(scenario.number(f"{address}.chosen_from")), 2000)
        before = sum(n * chances[n] for n in chosen) / sum(chances[n] for n in chosen)
    return (1 - reliability) * (before - mean)


def groups_of(scenario: Scenario, address: str) -> list[str]:
    """Section 5: the groups that an outcome names; all groups if it names none."""
    return scenario.find(f"{address}.groups") or scenario.names("programme.groups")


def counted_outcome(scenario: Scenario, name: str, activity: Activity, gross_level: str) -> Outcome:
    """Section 5: an achievement or a quantity."""
    address = f"outcomes.{name}"
    referred = scenario.text(f"{address}.of", "engaged") == "referred"
    base = activity.referred if referred else activity.started
    groups = groups_of(scenario, address)
    having = effective(scenario, address, activity.referred if referred else activity.helped, groups)
    lag = scenario.in_periods(f"{address}.lag_months", 0)
    people = delay(total([base[group] for group in groups], scenario.last + 1), lag)
    with_effect = delay(total(having.values(), scenario.last + 1), lag)
    levels = levels_of(scenario, address, scenario.number(f"{address}.{gross_level}"))
    verified_share = scenario.number(f"{address}.verified_share", 1)
    each = (levels.gross_in_run - levels.deducted) * verified_share
    weights = [delay_weight(age, lag) for age in scenario.periods]
    more = levels.net * verified_share  # for each person who has once more the effect stated
    excess = {g: [more * (h - b) for h, b in zip(having[g], base[g], strict=True)] for g in groups}
    expected = [levels.gross_in_run * n + levels.net * (h - n) for n, h in zip(people, with_effect, strict=True)]
    achieved = expected
    cohorts = cohorts_of(scenario, {group: base[group] for group in groups}, weights)
    extra = cohorts_of(scenario, excess, weights)
    if kind_is_drawn(scenario, address):
        own = {
            g: achieved_in_group(scenario, name, g, (delay(base[g], lag), delay(having[g], lag)), levels)
            for g in groups
        }
        achieved = total([drawn for drawn, _ in own.values()], scenario.last + 1)
        effect = cohorts_of(scenario, having, weights)
        for (group, start), series in extra.items():
            for t in scenario.periods:
                n, h = cohorts[group, start][t], effect[group, start][t]
                part = levels.gross_in_run * n + levels.net * (h - n)
                series[t] += verified_share * part * (own[group][1][t] - 1)
    anyway = levels.gross_in_run - levels.net
    return Outcome(
        is_effect=False,
        true=[those - n * anyway for those, n in zip(achieved, people, strict=True)],
        verified=[verified_share * (those - n * levels.deducted) for those, n in zip(achieved, people, strict=True)],
        measured=people,
        each=[each for _ in scenario.periods],
        cohorts=cohorts,
        extra=extra,
        mean_of_each={g: each + (sum(excess[g]) / sum(base[g]) if sum(base[g]) else 0.0) for g in groups},
    )


def kind_is_drawn(scenario: Scenario, address: str) -> bool:
    """Section 5: whether people who achieve the outcome are counted by lot."""
    is_achievement = scenario.text(f"{address}.type", "") == "achievement"
    return is_achievement and scenario.text(f"{address}.luck.counts", "drawn") == "drawn"


def achieved_in_group(
    scenario: Scenario, name: str, group: str, people: tuple[Series, Series], levels: Levels
) -> tuple[Series, Series]:
    """Section 5: those of a group who achieve it, by period, and the same as a multiple of those expected."""
    uniforms = scenario.luck.get(f"luck:outcomes.{name}.{group}")
    rho = scenario.number(f"outcomes.{name}.luck.intraclass_correlation", 0.01)
    drawn, ratio = scenario.nothing(), [1.0 for _ in scenario.periods]
    for t, (n, h) in enumerate(zip(*people, strict=True)):
        drawn[t] = expected = levels.gross_in_run * n + levels.net * (h - n)
        if uniforms is not None and n > 0:
            p = expected / n
            drawn[t] = successes(uniforms[t], n, p, rho)
            if not -1e-9 <= p <= 1 + 1e-9:
                drawn[t] += expected - n * min(max(p, 0), 1)
            ratio[t] = drawn[t] / expected if expected > 0 else 1.0
    return drawn, ratio


def effective(scenario: Scenario, address: str, helped: dict[str, Series], groups: list[str]) -> dict[str, Series]:
    """Section 5: how many times the stated effect the people of each group have between them."""
    return {
        group: [x * scenario.number(f"{address}.effect_in_group.{group}", 1) for x in helped[group]] for group in groups
    }


def cohorts_of(scenario: Scenario, base: dict[str, Series], weights: Series) -> Cohorts:
    """Section 3: a series spread by weights, by group and by the period in which its people came."""
    return {
        (group, start): [people[start] * weights[t - start] if t >= start else 0.0 for t in scenario.periods]
        for group, people in base.items()
        for start in scenario.periods
    }


def effect_of(scenario: Scenario, name: str, activity: Activity) -> Outcome:
    """Section 5: an effect, measured in the periods of the evaluator's reports."""
    address = f"outcomes.{name}"
    groups = groups_of(scenario, address)
    started = total([activity.started[group] for group in groups], scenario.last + 1)
    weights, kept_weights = exposure_weights(scenario, address)
    exposure, kept = spread(started, weights), spread(started, kept_weights)
    exposed = cohorts_of(scenario, {group: activity.started[group] for group in groups}, weights)
    having = effective(scenario, address, activity.helped, groups)
    with_effect = spread(total(having.values(), scenario.last + 1), kept_weights)
    levels = levels_of(scenario, address, scenario.number(f"{address}.change"))
    noise = scenario.noise.get(address)
    verified, measured = scenario.nothing(), scenario.nothing()
    cohorts = {key: scenario.nothing() for key in exposed}
    extra = {key: scenario.nothing() for key in exposed}
    own_kept = cohorts_of(scenario, {group: activity.started[group] for group in groups}, kept_weights)
    own_effect = cohorts_of(scenario, having, kept_weights)
    for window in report_windows(scenario, address):
        report = window[-1]
        people = sum(exposure[t] for t in window)
        if people < NOBODY:
            continue
        everyone, effects = sum(kept[t] for t in window), sum(with_effect[t] for t in window)
        gained = everyone * (levels.gross_in_run - levels.net) + effects * levels.net
        deduction = everyone * levels.deducted
        error = measurement_error(scenario, address, people) * (noise[report] if noise is not None else 0.0)
        measured[report] = people
        verified[report] = (gained - deduction) / people + error
        for key, series in exposed.items():
            cohorts[key][report] = sum(series[t] for t in window)
        for group in groups:  # the mean of a group's own people, all cohorts alike, and the error of all
            keys = [key for key in exposed if key[0] == group]
            mine = sum(cohorts[key][report] for key in keys)
            kept_by = sum(own_kept[key][t] for key in keys for t in window)
            effect_of_mine = sum(own_effect[key][t] for key in keys for t in window)
            if mine >= NOBODY:
                before = kept_by * (levels.gross_in_run - levels.net - levels.deducted)
                own = (before + effect_of_mine * levels.net) / mine
                for key in keys:
                    extra[key][report] = cohorts[key][report] * (own - (gained - deduction) / people)
    uneven = scenario.has("programme.onward") or scenario.has(f"{address}.effect_in_group")
    nothing = {key: scenario.nothing() for key in exposed}
    true = [here * levels.net for here in with_effect]
    return Outcome(True, true, verified, measured, verified, cohorts, extra if uneven else nothing, {})


def exposure_weights(scenario: Scenario, address: str) -> tuple[Series, Series]:
    """Section 5: what a starter adds to exposure and kept exposure at each age, in people or person-years."""
    lag = scenario.in_periods(f"{address}.lag_months", 0)
    if scenario.text(f"{address}.per", "person") == "person":
        exposure = [delay_weight(age, lag) for age in scenario.periods]
        return exposure, exposure
    lasting = scenario.in_periods(f"{address}.lasts_months")
    kept_each_year = scenario.number(f"{address}.kept_each_year", 1)
    return year_weights(scenario, lag, lasting, 1.0), year_weights(scenario, lag, lasting, kept_each_year)


def year_weights(scenario: Scenario, lag: float, lasting: float, kept_each_year: float) -> Series:
    """Sections 5 and 7: ℓ·k/m by age."""
    return [
        live_share(age, lag, lasting) * kept_share(age, lag, kept_each_year, scenario.per_year) / scenario.per_year
        for age in scenario.periods
    ]


def report_windows(scenario: Scenario, address: str) -> list[list[int]]:
    """Section 5: for each report, the periods since the one before; the report is in the last of them."""
    month = int(scenario.number(f"{address}.measurement.first_month"))
    every = int(scenario.number(f"{address}.measurement.every_months"))
    end = int(scenario.number(f"{address}.measurement.last_month", scenario.last * scenario.months))
    windows = []
    opening = 0
    while month <= end:
        report = month // scenario.months
        windows.append(list(range(opening, report + 1)))
        opening = report + 1
        month += every
    return windows


def measurement_error(scenario: Scenario, address: str, people: float) -> float:
    """Section 5: the standard error of a verified mean."""
    person_sd = scenario.number(f"{address}.measurement.person_sd")
    variance = 1 / people
    if scenario.text(f"{address}.counterfactual.method", "none") in ("comparison", "trial"):
        variance += 1 / (scenario.number(f"{address}.measurement.comparison_ratio", 1) * people)
    return person_sd * math.sqrt(variance)


# --- Savings --------------------------------------------------------------------------------------


def savings_of(scenario: Scenario, outcomes: dict[str, Outcome], costs: Costs) -> dict[str, dict[str, Series]]:
    """Section 7: every saving, link by link, in real pounds."""
    savings = {name: item_savings(scenario, name, outcomes) for name in scenario.names("savings.items")}
    if scenario.has("savings.top_down"):
        whole = top_down_saving(scenario, costs.spend)
        for agency in scenario.names("savings.agencies"):
            share = top_down_share(scenario, agency)
            attributable = [amount * share for amount in whole]
            savings[f"top_down.{agency}"] = later_links(
                scenario, "savings.top_down", attributable, attributable, top_down_kind(scenario)
            )
    for step in scenario.names("savings.steps"):
        release_in_steps(scenario, step, savings)
    return savings


def release_in_steps(scenario: Scenario, step: str, savings: dict[str, dict[str, Series]]) -> None:
    """docs/savings.md: cash comes in whole steps only, shared in proportion."""
    members = [name for name in savings if scenario.find(f"savings.items.{name}.released_by") == step]
    size = scenario.number(f"savings.steps.{step}.size")
    for t in scenario.periods:
        yearly = sum(savings[name]["cashable"][t] for name in members) * scenario.per_year
        released = math.floor(yearly / size + 1e-9) * size if yearly > 0 else 0.0
        for name in members:
            savings[name]["cashable"][t] *= released / yearly if yearly > 0 else 1.0


def item_savings(scenario: Scenario, name: str, outcomes: dict[str, Outcome]) -> dict[str, Series]:
    """Section 7: one item of savings, from the true net outcome."""
    address = f"savings.items.{name}"
    true = outcomes[scenario.text(f"{address}.outcome", "")].true
    value = scenario.number(f"{address}.value")
    lag = scenario.in_periods(f"{address}.lag_months", 0)
    if scenario.has(f"{address}.lasts_months"):
        lasting = scenario.in_periods(f"{address}.lasts_months")
        kept_each_year = scenario.number(f"{address}.kept_each_year", 1)
        units = spread(true, year_weights(scenario, lag, lasting, kept_each_year))
    else:
        units = delay(true, lag)
    growth = scenario.number(f"{address}.real_growth", 0)
    gross = [units[t] * (1 + growth) ** scenario.years(t) * value for t in scenario.periods]
    displacement = scenario.number(f"{address}.displacement", 0)
    others = scenario.number(f"{address}.attributed_to_others", 0)
    attributable = [amount * (1 - displacement) * (1 - others) for amount in gross]
    return later_links(scenario, address, gross, attributable, scenario.text(f"{address}.kind", ""))


def later_links(scenario: Scenario, address: str, gross: Series, attributable: Series, kind: str) -> dict[str, Series]:
    """Section 7: optimism bias, then the cashable share (fiscal savings only)."""
    bias = scenario.number(f"{address}.optimism_bias", 0)
    cashable = scenario.number(f"{address}.cashable", 0) if kind == "fiscal" else 0.0
    after_bias = [amount * (1 - bias) for amount in attributable]
    return {
        "gross": gross,
        "attributable": attributable,
        "after_bias": after_bias,
        "cashable": [amount * cashable for amount in after_bias],
    }


def top_down_saving(scenario: Scenario, spend: Series) -> Series:
    """Section 7: pounds saved for each real pound of programme spend, spread over the years after it."""
    per_pound = scenario.number("savings.top_down.savings_per_pound")
    saving = [deflated(scenario, spend[t], t) * per_pound * scenario.scale for t in scenario.periods]
    profile = scenario.items("savings.top_down.profile")
    if not profile:
        return saving
    weights = scenario.nothing()
    for age in range(1, len(weights)):
        year = (age - 1) // scenario.per_year  # ages im + 1 … (i + 1)m
        if year < len(profile):
            weights[age] = profile[year] / sum(profile) / scenario.per_year
    return spread(saving, weights)


def top_down_share(scenario: Scenario, agency: str) -> float:
    """Section 7: an agency's share; all of it for the only agency."""
    if not scenario.has("savings.top_down.split"):
        return 1.0
    return part_of_whole(scenario.find("savings.top_down.split"), agency)


def top_down_kind(scenario: Scenario) -> str:
    """Section 7: the kind of a top-down saving."""
    return scenario.text("savings.top_down.kind", "fiscal")


# --- Present values -------------------------------------------------------------------------------


def discount_factor(years: float, rate: float) -> float:
    """Section 10, with one rate."""
    return float((1 + rate) ** -years)


def deflated(scenario: Scenario, amount: float, t: int) -> float:
    """Section 10: nominal pounds of period t in prices of the signing date."""
    return float(amount / (1 + scenario.number("prices.inflation", 0)) ** scenario.years(t))


def present_value(scenario: Scenario, real: Series) -> float:
    """Section 10: real pounds discounted at the public rate."""
    rate = scenario.number("discounting.public", 0.035)
    return sum(real[t] * discount_factor(scenario.years(t), rate) for t in scenario.periods)


def health_value(scenario: Scenario, real: Series) -> float:
    """docs/savings.md: the schedule of health effects, 1.5 % a year to year 30 and 1.29 % to year 75."""
    value = 0.0
    for t in scenario.periods:
        years = scenario.years(t)
        value += real[t] / (1.015 ** min(years, 30.0) * 1.0129 ** max(years - 30.0, 0.0))
    return value


def real_present_value(scenario: Scenario, nominal: Series) -> float:
    """Section 10: a ledger flow deflated, then discounted at the public rate."""
    return present_value(scenario, [deflated(scenario, nominal[t], t) for t in scenario.periods])


# --- Measures -------------------------------------------------------------------------------------

Measures = dict[str, float | None]


def measures_of(
    scenario: Scenario,
    flows: dict[str, Series],
    costs: Costs,
    outcomes: dict[str, Outcome],
    savings: dict[str, dict[str, Series]],
    capital: Capital,
    contract: Contract,
) -> tuple[Measures, dict[str, str]]:
    """Section 11: all measures, with the status of each internal rate of return."""
    measures: Measures = {}
    irr_status: dict[str, str] = {}
    for prefix in prefixes(scenario):
        investor, status = investor_measures(scenario, capital, names_under(scenario, prefix))
        measures.update({f"{prefix}.{measure}": value for measure, value in investor.items()})
        irr_status.update({f"{prefix}.{measure}": one for measure, one in status.items()})
    measures.update(payment_measures(scenario, contract))
    measures.update({f"payer.{payer}.promised": sum(flow) for payer, flow in capital.promised.items()})
    if scenario.has("savings"):
        measures.update(savings_measures(scenario, contract, costs, savings, capital))
    else:
        measures.update(
            {
                "commissioner.net_saving": None,
                "commissioner.cashable_net_saving": None,
                "public.savings_per_pound": None,
                "public.npv": None,
            }
        )
    first = first_gap(capital)
    measures["provider.surplus"] = sum(net_flow(scenario, flows, "provider"))
    measures["vehicle.funding_gap"] = sum(capital.gap)
    measures["vehicle.first_gap_period"] = None if first is None else float(first)
    measures["vehicle.closing_cash"] = capital.cash[-1]
    for name, outcome in outcomes.items():
        measures[f"outcome.{name}.verified"] = verified_overall(outcome)
    return measures, irr_status


def prefixes(scenario: Scenario) -> list[str]:
    """Section 11: whose return is measured: the investors' together, and each tranche's."""
    return ["investor", *(f"tranche.{name}" for name in scenario.names("capital.tranches"))]


def names_under(scenario: Scenario, prefix: str) -> list[str]:
    """Section 11: the tranches that a measure is of."""
    tranches = scenario.names("capital.tranches")
    if prefix == "investor":
        return [name for name in tranches if is_investors(scenario, name)]
    return [prefix.removeprefix("tranche.")]


def net_flow(scenario: Scenario, flows: dict[str, Series], party: str) -> Series:
    """Section 9: what a party receives less what it pays."""
    net = scenario.nothing()
    for key, flow in flows.items():
        payer, _, rest = key.partition(">")
        receiver = rest.partition(":")[0]
        for t in scenario.periods:
            net[t] += (flow[t] if receiver == party else 0.0) - (flow[t] if payer == party else 0.0)
    return net


def net_of(scenario: Scenario, capital: Capital, names: list[str], after_fees: bool = False) -> Series:
    """Section 11: n[t] of some tranches together, before or after investors' own fees; dust is nothing."""
    net = total([capital.net[name] for name in names], scenario.last + 1)
    if after_fees:
        fees = total([capital.own_fees[name] for name in names], scenario.last + 1)
        net = [amount - fee for amount, fee in zip(net, fees, strict=True)]
    return [amount if abs(amount) >= NO_FLOW else 0.0 for amount in net]


def investor_measures(scenario: Scenario, capital: Capital, names: list[str]) -> tuple[Measures, dict[str, str]]:
    """Section 11: the measures of some tranches together."""
    net = net_of(scenario, capital, names)
    lost = -sum(net)
    cumulative = running_total(net)
    rate = scenario.number("discounting.investor", 0.035)
    irr, status = internal_rate_of_return(net, scenario.per_year)
    measures: Measures = {
        "irr": irr,
        "mirr": modified_rate(scenario, net, rate),
        "profit": sum(net),
        "multiple": multiple_of(net),
        "npv": sum(net[t] * discount_factor(scenario.years(t), rate) for t in scenario.periods),
        "loss_probability": 1.0 if lost > PENNY else 0.0,
        "expected_loss": lost if lost > PENNY else 0.0,
        "peak_funding": max(0.0, -min(cumulative)),
        "peak_funding_period": float(deepest_period(cumulative)),
        "payback_period": payback(
            scenario, cumulative, total([capital.drawdown[name] for name in names], scenario.last + 1)
        ),
    }
    if not any(scenario.has(f"capital.tranches.{name}.investor_fees") for name in names):
        return measures, {"irr": status}
    after = net_of(scenario, capital, names, after_fees=True)
    measures["net_irr"], net_status = internal_rate_of_return(after, scenario.per_year)
    measures["net_multiple"] = multiple_of(after)
    return measures, {"irr": status, "net_irr": net_status}


def modified_rate(scenario: Scenario, net: Series, rate: float) -> float | None:
    """Section 11, `mirr`: what came back, carried to the end, over what was put in, as of signing."""
    end = scenario.years(scenario.last)
    put_in = sum(-x * discount_factor(scenario.years(t), rate) for t, x in enumerate(net) if x < 0)
    at_end = sum(x * discount_factor(scenario.years(t) - end, rate) for t, x in enumerate(net) if x > 0)
    return float((at_end / put_in) ** (1 / end) - 1) if put_in > 0 else None


def running_total(x: Series) -> Series:
    """The sum of a series up to each period."""
    return [sum(x[: t + 1]) for t in range(len(x))]


def deepest_period(cumulative: Series) -> int:
    """Section 11: the first period in which most has been put in, but for rounding; 0 if nothing ever is."""
    below = [min(amount, 0.0) for amount in cumulative]
    return next(t for t, amount in enumerate(below) if amount < min(below) + NO_FLOW)


def multiple_of(net: Series) -> float | None:
    """Section 11: money back over money in; undefined if no money went in."""
    put_in = -sum(amount for amount in net if amount < 0)
    came_back = sum(amount for amount in net if amount > 0)
    return came_back / put_in if put_in > 0 else None


def payback(scenario: Scenario, cumulative: Series, drawdown: Series) -> float | None:
    """Section 11: years to the first period from which the cumulative flow is never below zero again."""
    drawn_in = [t for t in scenario.periods if drawdown[t] >= NO_FLOW]
    if not drawn_in:
        return None
    for t in range(drawn_in[0], scenario.last + 1):
        if all(later >= -PENNY for later in cumulative[t:]):
            return scenario.years(t)
    return None


def payment_measures(scenario: Scenario, contract: Contract) -> Measures:
    """Section 11: what the payers pay, nominal, and the commissioners also in real present value."""
    flows = contract.flows
    measures: Measures = {}
    everybody, commissioners, commissioners_npv = 0.0, 0.0, 0.0
    for payer in scenario.names("contract.payers"):
        paid_to_terms = [flow for key, flow in flows.items() if key.startswith(f"{payer}>vehicle:")]
        paid = total(paid_to_terms, scenario.last + 1)
        measures[f"payer.{payer}.payments"] = sum(paid)
        everybody += sum(paid)
        tax = flows.get(f"{payer}>tax_office:vat")
        if tax is not None and scenario.has("contract.vat"):
            measures[f"payer.{payer}.vat"] = sum(tax)
        if is_commissioner(scenario, payer):
            commissioners += sum(paid)
            commissioners_npv += real_present_value(scenario, paid)
    measures["payers.payments"] = everybody
    measures["commissioner.payments"] = commissioners
    measures["commissioner.payments_npv"] = commissioners_npv
    return measures


def is_commissioner(scenario: Scenario, payer: str) -> bool:
    """Section 11: a payer is a commissioner unless it is an outcomes fund."""
    return scenario.text(f"contract.payers.{payer}.kind", "commissioner") == "commissioner"


def savings_measures(
    scenario: Scenario, contract: Contract, costs: Costs, savings: dict[str, dict[str, Series]], capital: Capital
) -> Measures:
    """Section 11: savings by agency and kind, the commissioners' net saving, and savings per pound."""
    measures: Measures = {}
    flows = contract.flows
    payments = payment_measures(scenario, contract)["commissioner.payments_npv"] or 0.0
    tax = total(
        [
            flows[f"{payer}>tax_office:vat"]
            for payer in scenario.names("contract.payers")
            if is_commissioner(scenario, payer) and f"{payer}>tax_office:vat" in flows
        ],
        scenario.last + 1,
    )
    promised = [flow for payer, flow in capital.promised.items() if is_commissioner(scenario, payer)]
    buyers = [name for name in scenario.names("contract.payers") if is_commissioner(scenario, name)]
    borne = [flow for key, flow in costs.flows.items() if key.split(">")[0] in buyers]
    cost = payments + real_present_value(scenario, total([tax, *promised, *borne], scenario.last + 1))
    net_saving, cashable_net_saving, all_fiscal = -cost, -cost, 0.0
    for agency in scenario.names("savings.agencies"):
        for kind, measure in (("fiscal", "savings"), ("economic", "economic"), ("wellbeing", "wellbeing")):
            measures[f"agency.{agency}.{measure}"] = agency_value(scenario, savings, agency, kind, "attributable")
        all_fiscal += agency_value(scenario, savings, agency, "fiscal", "attributable")
        payer = scenario.find(f"savings.agencies.{agency}.payer")
        if payer is not None and is_commissioner(scenario, payer):
            net_saving += agency_value(scenario, savings, agency, "fiscal", "after_bias")
            cashable_net_saving += agency_value(scenario, savings, agency, "fiscal", "cashable")
    spend = real_present_value(scenario, costs.spend)
    measures["commissioner.net_saving"] = net_saving
    measures["commissioner.cashable_net_saving"] = cashable_net_saving
    measures["public.savings_per_pound"] = all_fiscal / spend if spend > 0 else None
    measures.update(appraisal_measures(scenario, costs, savings))
    paid = total([flow for name, flow in flows.items() if is_payment(scenario, name)], scenario.last + 1)
    worth = real_present_value(scenario, paid)
    cash = sum(agency_value(scenario, savings, a, "fiscal", "cashable") for a in scenario.names("savings.agencies"))
    measures["payers.savings_per_pound"] = all_fiscal / worth if worth > 0 else None
    measures["payers.cashable_savings_per_pound"] = cash / worth if worth > 0 else None
    return measures


def is_payment(scenario: Scenario, flow: str) -> bool:
    """Whether a flow `payer>receiver:what` is what a payer pays for a term."""
    parties, _, what = flow.partition(":")
    return parties.split(">")[0] in scenario.names("contract.payers") and what != "vat"


def appraisal_measures(scenario: Scenario, costs: Costs, savings: dict[str, dict[str, Series]]) -> Measures:
    """docs/savings.md: fiscal savings alone, as benefits, against programme spend that is not raised."""
    agencies = scenario.names("savings.agencies")
    value = sum(agency_value(scenario, savings, agency, "fiscal", "after_bias") for agency in agencies)
    cash = sum(agency_value(scenario, savings, agency, "fiscal", "cashable") for agency in agencies)
    cost = real_present_value(scenario, costs.spend)
    borne = [f for key, f in costs.flows.items() if key.split(">")[0] not in ("vehicle", "provider")]
    tax = [[-x for x in costs.flows.get("vehicle>tax_office:vat", scenario.nothing())]]
    social = real_present_value(scenario, total([costs.spend, *borne, *tax], scenario.last + 1))
    return {
        "public.npv": value - social,
        "public.benefit_cost_ratio": value / social if social > 0 else None,
        "public.fiscal_return": value / cost if cost > 0 else None,
        "public.cashable_return": cash / cost if cost > 0 else None,
    }


def agency_value(scenario: Scenario, savings: dict[str, dict[str, Series]], agency: str, kind: str, link: str) -> float:
    """Section 11: the real present value of an agency's savings of one kind, at one link of the chain."""
    value = 0.0
    for name, links in savings.items():
        if name.startswith("top_down."):
            belongs = name == f"top_down.{agency}" and kind == top_down_kind(scenario)
        else:
            address = f"savings.items.{name}"
            belongs = (scenario.find(f"{address}.agency"), scenario.find(f"{address}.kind")) == (agency, kind)
        own_rates = scenario.find(f"savings.items.{name}.discounted_at") is not None
        if belongs:
            value += health_value(scenario, links[link]) if own_rates else present_value(scenario, links[link])
    return value


def verified_overall(outcome: Outcome) -> float | None:
    """Section 11: the total verified, or for an effect the mean over its reports, weighted by people."""
    if not outcome.is_effect:
        return sum(outcome.verified)
    people = sum(outcome.measured)
    return sum(outcome.units) / people if people > 0 else None


# --- Internal rate of return ----------------------------------------------------------------------

GRID = 2000  # steps on each side of a rate of nothing


def internal_rate_of_return(net: Series, per_year: int) -> tuple[float | None, str]:
    """Section 11: the annual effective rate, and `unique`, `multiple`, `total_loss` or `none`.

    The present value is scanned in x = 1/(1 + r) from 0 to 1 and in z = 1 + r from 1 to 0, on a grid that is
    densest at r = 0, and every change of sign is refined by bisection. Of several rates the one nearest zero
    per period counts. Two rates between the same two grid points (a double root above all, where the value
    touches zero without crossing it) can be missed.
    """
    flows = [amount if abs(amount) >= NO_FLOW else 0.0 for amount in net]
    if not any(amount < 0 for amount in flows):
        return None, "none"
    if not any(amount > 0 for amount in flows):
        return -1.0, "total_loss"
    rates = period_rates(flows)
    if not rates:
        return None, "none"
    nearest = min(rates, key=abs)
    return (1 + nearest) ** per_year - 1, "unique" if len(rates) == 1 else "multiple"


def period_rates(flows: Series) -> list[float]:
    """All rates per period above −100 % that the scan finds, the highest first."""
    while flows[0] == 0:
        flows = flows[1:]
    while flows[-1] == 0:
        flows = flows[:-1]
    backwards = flows[::-1]
    grid = [1 - (k / GRID) ** 2 for k in range(GRID + 1)]  # 1 … 0, densest at 1
    above = [1 / x - 1 for x in roots(flows, grid[::-1])]
    below = [z - 1 for z in roots(backwards, grid)]
    if polynomial(flows, 1.0) == 0:
        below = below[1:]  # a rate of exactly nothing, which both scans find
    return above + below


def roots(coefficients: Series, grid: Series) -> list[float]:
    """The zeros of a polynomial that a grid shows, in the order of the grid."""
    values = [polynomial(coefficients, x) for x in grid]
    found = []
    for i, value in enumerate(values):
        if value == 0:
            found.append(grid[i])
        elif i > 0 and values[i - 1] * value < 0:
            found.append(bisected(coefficients, grid[i - 1], grid[i]))
    return found


def polynomial(coefficients: Series, x: float) -> float:
    """Σ coefficient[i] · xⁱ, summed without rounding between the terms."""
    return math.fsum(coefficient * x**i for i, coefficient in enumerate(coefficients))


def bisected(coefficients: Series, one: float, other: float) -> float:
    """The zero between two points of opposite sign, to the last digit."""
    sign = polynomial(coefficients, one) > 0
    while True:
        middle = (one + other) / 2
        if middle in (one, other):
            return middle
        value = polynomial(coefficients, middle)
        if value == 0:
            return middle
        if (value > 0) == sign:
            one = middle
        else:
            other = middle
