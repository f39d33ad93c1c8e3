"""Section 6 of docs/model.md a second time, first part: what terms read, and what they earn before any cap."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tests.twin_basics import NOBODY, Cohorts, Outcome, Scenario, Series, delay, total

# What a term owes, by outcome, group and period of start; where it does not pay for people, all in one series
Earned = dict[str, Cohorts]

WHOLE = ("", 0)  # the group and start of an amount that is nobody's in particular
UNIT_RULES = ("price", "rate_card", "milestones")
ON_THE_EDGE = 1e-12  # relative


# --- What a term sees -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """An outcome as one term sees it: in its window, and of its groups only (Section 6, window of a term)."""

    is_effect: bool
    base: Cohorts
    each: Series
    extra: Cohorts

    def units_of(self, key: tuple[str, int]) -> Series:
        """The units of the people of one group who came in one period."""
        parts = zip(self.base[key], self.each, self.extra[key], strict=True)
        return [people * each + extra for people, each, extra in parts]

    def of_group(self, group: str | None) -> tuple[Series, Series]:
        """Units and base of one group, or of all."""
        keys = [key for key in self.base if group in (None, key[0])]
        units = total([self.units_of(key) for key in keys], len(self.each))
        return units, total([self.base[key] for key in keys], len(self.each))


View = Mapping[str, Seen]


def everything(outcomes: Mapping[str, Outcome]) -> dict[str, Seen]:
    """What conditions see: all verified outcomes."""
    return {name: Seen(one.is_effect, one.cohorts, one.each, one.extra) for name, one in outcomes.items()}


def window_of(scenario: Scenario, address: str) -> list[bool]:
    """Section 6: the periods in which a term sees outcomes."""
    first = scenario.number(f"{address}.from_month", 0)
    last = min(scenario.number(f"{address}.to_month", math.inf), scenario.end_month)
    return [first < t * scenario.months <= last or (t == 0 and first == 0) for t in scenario.periods]


def seen_by(scenario: Scenario, address: str, view: View, window: list[bool]) -> dict[str, Seen]:
    """Section 6: what is left of outcomes inside a term's window and groups."""
    groups = scenario.find(f"{address}.groups")

    def inside(cohorts: Cohorts) -> Cohorts:
        return {
            key: [x if window[t] and (groups is None or key[0] in groups) else 0.0 for t, x in enumerate(series)]
            for key, series in cohorts.items()
        }

    return {name: Seen(one.is_effect, inside(one.base), one.each, inside(one.extra)) for name, one in view.items()}


# --- Readings -------------------------------------------------------------------------------------


class Read(NamedTuple):
    """One reading: a value, the people behind it, and whether something new has been verified."""

    value: float
    people: float
    fresh: bool


Reading = list[Read | None]  # by period; None where nothing is read


def span_of(scenario: Scenario, over: str, t: int) -> int:
    """Section 6: the span that a period belongs to, by a number."""
    return {
        "window": t,
        "period": t,
        "financial_year": scenario.financial_year(t),
        "contract_year": scenario.contract_year(t),
        "contract": 0,
    }[over]


def so_far(scenario: Scenario, over: str, x: Series) -> Series:
    """Section 6: a series added up from the beginning of the span of each period."""
    spans = [span_of(scenario, over, t) for t in scenario.periods]
    return [sum(x[u] for u in range(t + 1) if spans[u] == spans[t]) for t in scenario.periods]


def reading_of(scenario: Scenario, address: str, view: View) -> Reading:
    """Section 6: what a term or condition reads in each period."""
    over = scenario.text(f"{address}.over", "window")
    if scenario.has(f"{address}.index"):
        index = index_reading(scenario, address, view, over)
        other = scenario.find(f"{address}.divided_by")
        return (
            index
            if other is None
            else rate_reading(scenario, over, or_none(index, scenario, address, view), view[other])
        )
    outcome = scenario.text(f"{address}.outcome", "")
    if scenario.has(f"{address}.divided_by"):
        above = plain_reading(scenario, over, view[outcome], mean=False)
        return rate_reading(
            scenario, over, or_none(above, scenario, address, view), view[scenario.text(f"{address}.divided_by", "")]
        )
    default = "mean" if view[outcome].is_effect and not scenario.has(f"{address}.tiers") else "total"
    return plain_reading(scenario, over, view[outcome], scenario.text(f"{address}.reads", default) == "mean")


def plain_reading(scenario: Scenario, over: str, seen: Seen, mean: bool) -> Reading:
    """Section 6: an outcome's own mean or total over a span, read where there are people."""
    units, base = (so_far(scenario, over, x) for x in seen.of_group(None))
    new = seen.of_group(None)[1]
    return [
        Read(units[t] / base[t] if mean else units[t], base[t], new[t] > NOBODY) if base[t] > NOBODY else None
        for t in scenario.periods
    ]


def or_none(above: Reading, scenario: Scenario, address: str, view: View) -> Reading:
    """Section 6: of what is counted, nothing verified is none; an effect must have been measured."""
    names = scenario.names(f"{address}.index") or [scenario.text(f"{address}.outcome", "")]
    if any(view[name].is_effect for name in names):
        return above
    return [Read(0.0, 0.0, False) if one is None else one for one in above]


def rate_reading(scenario: Scenario, over: str, above: Reading, other: Seen) -> Reading:
    """Section 6, `divided_by`: one total over another, nothing while the other is 0."""
    below = plain_reading(scenario, over, other, mean=False)
    reading: Reading = []
    for one, two in zip(above, below, strict=True):
        known = one is not None and two is not None and two.value != 0
        reading.append(
            Read(one.value / two.value, one.people, one.fresh or two.fresh) if known and one and two else None
        )
    return reading


def index_reading(scenario: Scenario, address: str, view: View, over: str) -> Reading:
    """Section 6, `index`: a weighted sum of readings, read where all of them are."""
    names = scenario.names(f"{address}.index")
    totals = scenario.has(f"{address}.divided_by")
    parts = [plain_reading(scenario, over, view[name], view[name].is_effect and not totals) for name in names]
    weights = [scenario.number(f"{address}.index.{name}") for name in names]
    reading: Reading = []
    for t in scenario.periods:
        values = [part[t] for part in parts]
        lenient = totals and not any(view[name].is_effect for name in names)
        known = [0.0 if value is None else value.value for value in values if lenient or value is not None]
        complete = len(known) == len(names)
        fresh = any(value.fresh for value in values if value is not None)
        value = sum(w * x for w, x in zip(weights, known, strict=True)) if complete else math.nan
        reading.append(Read(value, math.nan, fresh) if complete else None)
    return reading


# --- Conditions -----------------------------------------------------------------------------------


class Answers(NamedTuple):
    """Whether conditions hold, and whether one of them is read, by period."""

    hold: list[bool]
    read: list[bool]


def answers_of(scenario: Scenario, address: str, everything: View) -> Answers:
    """Section 6: conditions, alone or joined by `all` and `any`; without any, they always hold."""
    if not scenario.has(address):
        return Answers([True] * len(scenario.periods), [False] * len(scenario.periods))
    joins: dict[str, Callable[[list[bool]], bool]] = {"all": all, "any": any}
    for word, join in joins.items():
        if scenario.has(f"{address}.{word}"):
            count = len(scenario.find(f"{address}.{word}"))
            parts = [answers_of(scenario, f"{address}.{word}.{i}", everything) for i in range(count)]
            return Answers(
                [join([part.hold[t] for part in parts]) for t in scenario.periods],
                [any(part.read[t] for part in parts) for t in scenario.periods],
            )
    return answers_of_one(scenario, address, everything)


def answers_of_one(scenario: Scenario, address: str, everything: View) -> Answers:
    """Section 6: a reading between edges, false before the first and kept until the next."""
    reading = reading_of(scenario, address, everything)
    first = scenario.number(f"{address}.from_month", 0)
    hold, read = [], []
    answer = False
    for t in scenario.periods:
        here = reading[t]
        counts = here is not None and here.fresh and t * scenario.months >= first
        if counts and here is not None:
            answer = between_edges(scenario, address, here.value)
        hold.append(answer)
        read.append(counts)
    return Answers(hold, read)


def between_edges(scenario: Scenario, address: str, x: float) -> bool:
    """Section 6: whether a value lies between the edges that are given."""
    on: dict[str, Callable[[float, float], bool]] = {
        "at_least": lambda x, edge: x > edge or is_on(x, edge),
        "above": lambda x, edge: x > edge and not is_on(x, edge),
        "at_most": lambda x, edge: x < edge or is_on(x, edge),
        "below": lambda x, edge: x < edge and not is_on(x, edge),
    }
    return all(
        inside(x, scenario.number(f"{address}.{edge}"))
        for edge, inside in on.items()
        if scenario.has(f"{address}.{edge}")
    )


def is_on(x: float, edge: float) -> bool:
    """Section 6: a value within 10⁻¹² of an edge is on it."""
    return math.isclose(x, edge, rel_tol=ON_THE_EDGE)


# --- Rules ----------------------------------------------------------------------------------------


def earned_by(
    scenario: Scenario, address: str, outcomes: View, window: list[bool] | None = None, groups: View | None = None
) -> Earned:
    """Section 6: what a term earns in the period of verification, never less than nothing as a whole.

    A rule inside `greatest` or `least` is given the window and the view of its term.
    """
    window = [
        own and around for own, around in zip(window_of(scenario, address), window or everywhere(scenario), strict=True)
    ]
    view = seen_by(scenario, address, outcomes if groups is None else groups, window)
    answers = answers_of(scenario, f"{address}.when", outcomes)
    rule = scenario.text(f"{address}.rule", "")
    if rule in UNIT_RULES:
        owed = unit_amounts(scenario, address, rule, view)
        earned = {
            outcome: {
                key: [x if yes else 0.0 for x, yes in zip(series, answers.hold, strict=True)]
                for key, series in cohorts.items()
            }
            for outcome, cohorts in owed.items()
        }
        return never_negative(earned)
    if rule == "standing_charge":
        amounts = standing_charge(scenario, address, window, answers.hold)
    elif rule == "trigger":
        amounts = triggered(scenario, address, window, answers)
    elif rule in ("greatest", "least"):
        amounts = greatest_or_least(scenario, address, outcomes, window, view, answers.hold)
    else:
        amounts = scale_amounts(scenario, address, rule, view, answers.hold)
    return {"": {WHOLE: [max(amount, 0.0) if inside else 0.0 for amount, inside in zip(amounts, window, strict=True)]}}


def everywhere(scenario: Scenario) -> list[bool]:
    """A window without ends."""
    return [True for _ in scenario.periods]


def earned_in_all(earned: Earned) -> Series:
    """The whole of what a term earns."""
    every = [series for cohorts in earned.values() for series in cohorts.values()]
    return [math.fsum(column) for column in zip(*every, strict=True)]


def never_negative(earned: Earned) -> Earned:
    """Section 6: a negative amount of the whole term counts as 0."""
    whole = earned_in_all(earned)
    return {
        outcome: {key: [x if whole[t] > 0 else 0.0 for t, x in enumerate(series)] for key, series in cohorts.items()}
        for outcome, cohorts in earned.items()
    }


def price_for(scenario: Scenario, address: str, group: str, default: float = 0.0) -> Series:
    """Section 6: a price by period, which may be another for each group."""
    by_group = f"{address}.by_group.{group}"
    return scenario.by_period(by_group if scenario.has(f"{address}.by_group") else address, default)


def unit_amounts(scenario: Scenario, address: str, rule: str, view: View) -> Earned:
    """Section 6: the rules that pay a price for each unit, by outcome, group and period of start."""
    if rule == "price":
        priced = {scenario.text(f"{address}.outcome", ""): f"{address}.price"}
        units = {name: {key: view[name].units_of(key) for key in view[name].base} for name in priced}
    elif rule == "rate_card":
        priced = {name: f"{address}.prices.{name}" for name in scenario.names(f"{address}.prices")}
        units = {name: {key: view[name].units_of(key) for key in view[name].base} for name in priced}
    else:
        priced = {name: f"{address}.milestones.{name}" for name in scenario.names(f"{address}.milestones")}
        units = milestone_units(scenario, list(priced), scenario.find(f"{address}.stops_at"), view)
    earned: Earned = {}
    for name, where in priced.items():
        prices = {group: price_for(scenario, where, group) for group in {group for group, _ in units[name]}}
        earned[name] = {
            key: [count * price for count, price in zip(series, prices[key[0]], strict=True)]
            for key, series in units[name].items()
        }
    return earned


def milestone_units(scenario: Scenario, names: list[str], stops_at: str | None, view: View) -> Earned:
    """Section 6, milestones: how many more are paid for in each period, by milestone, group and start."""
    paid: Earned = {name: {} for name in names}
    keys = {key for name in names for key in view[name].base}
    for key in keys:
        before = first = scenario.nothing()
        for k, name in enumerate(names):
            reached = added_up(view[name].units_of(key)) if key in view[name].base else scenario.nothing()
            if k == 0:
                counted = first = reached
            else:
                stopped = stopped_before(scenario, stops_at, key, view)
                limits = [min(reached[t], before[t], max(first[t] - stopped[t], 0.0)) for t in scenario.periods]
                counted = [max(limits[: t + 1]) for t in scenario.periods]
            paid[name][key] = [counted[t] - (counted[t - 1] if t else 0.0) for t in scenario.periods]
            before = counted
    return paid


def stopped_before(scenario: Scenario, stops_at: str | None, key: tuple[str, int], view: View) -> Series:
    """Section 6: B, those of a group and start who had the outcome that stops them before each period."""
    if stops_at is None or key not in view[stops_at].base:
        return scenario.nothing()
    return [0.0, *added_up(view[stops_at].units_of(key))[:-1]]


def added_up(x: Series) -> Series:
    """A series added up from the beginning."""
    return [sum(x[: t + 1]) for t in range(len(x))]


def standing_charge(scenario: Scenario, address: str, window: list[bool], hold: list[bool]) -> Series:
    """Section 6, `rule: standing_charge`: a sum by the calendar."""
    amount = scenario.by_period(f"{address}.amount")
    first = scenario.number(f"{address}.from_month", 0)
    every = scenario.number(f"{address}.every_months", scenario.months)
    due = [t * scenario.months > first and (t * scenario.months - first) % every == 0 for t in scenario.periods]
    return [amount[t] if due[t] and window[t] and hold[t] else 0.0 for t in scenario.periods]


def triggered(scenario: Scenario, address: str, window: list[bool], answers: Answers) -> Series:
    """Section 6, `rule: trigger`: a sum at each reading at which the conditions hold, or at the first only."""
    amount = scenario.number(f"{address}.amount")
    fires = [answers.read[t] and answers.hold[t] and window[t] for t in scenario.periods]
    if scenario.text(f"{address}.pays", "each_time") == "once":
        fires = [fires[t] and not any(fires[:t]) for t in scenario.periods]
    return [amount if fires[t] else 0.0 for t in scenario.periods]


def greatest_or_least(
    scenario: Scenario, address: str, outcomes: View, window: list[bool], view: View, hold: list[bool]
) -> Series:
    """Section 6: the greatest (least) of what several rules have earned so far over the contract."""
    rules = [f"{address}.of.{name}" for name in scenario.names(f"{address}.of")]
    earned = [added_up(earned_in_all(earned_by(scenario, rule, outcomes, window, view))) for rule in rules]
    pick = max if scenario.text(f"{address}.rule", "") == "greatest" else min
    owed = [pick(amounts[t] for amounts in earned) if hold[t] else 0.0 for t in scenario.periods]
    return increases(scenario, "contract", owed)


def increases(scenario: Scenario, over: str, owed: Series) -> Series:
    """Section 6: the increase of the highest amount reached so far in the span."""
    spans = [span_of(scenario, over, t) for t in scenario.periods]
    highest = [max(max(owed[u], 0.0) for u in range(t + 1) if spans[u] == spans[t]) for t in scenario.periods]
    begun = [t > 0 and spans[t] == spans[t - 1] for t in scenario.periods]
    return [highest[t] - (highest[t - 1] if begun[t] else 0.0) for t in scenario.periods]


def scale_amounts(scenario: Scenario, address: str, rule: str, view: View, hold: list[bool]) -> Series:
    """Section 6: `linear`, `steps` and `tiers`, in each period or over a span."""
    reading = reading_of(scenario, address, view)
    over = scenario.text(f"{address}.over", "window")
    pounds = scale_prices(scenario, address, rule, view, over)
    owed = scenario.nothing()
    for t in scenario.periods:
        here = reading[t]
        if here is not None and hold[t]:
            owed[t] = scale_at(scenario, address, rule, here.value) * pounds[t]
    return owed if over == "window" else increases(scenario, over, owed)


def scale_prices(scenario: Scenario, address: str, rule: str, view: View, over: str) -> Series:
    """Section 6: `price`, or `price` × n with `per: person`, each group's people at their own price."""
    if rule == "tiers":
        return [1.0 for _ in scenario.periods]
    if scenario.text(f"{address}.per", "contract") == "contract":
        return scenario.by_period(f"{address}.price", 1)
    seen = view[scenario.text(f"{address}.outcome", "")]
    pounds = scenario.nothing()
    for group in {group for group, _ in seen.base}:
        people = so_far(scenario, over, seen.of_group(group)[1])
        price = price_for(scenario, f"{address}.price", group, 1)
        pounds = [pounds[t] + people[t] * price[t] for t in scenario.periods]
    return pounds


def scale_at(scenario: Scenario, address: str, rule: str, x: float) -> float:
    """Section 6: f(x) of a scale."""
    if rule == "linear":
        return height(scenario, address, x)
    return step_at(scenario, address, x) if rule == "steps" else tiers_at(scenario, address, x)


def height(scenario: Scenario, address: str, x: float) -> float:
    """Section 6, `rule: linear`: straight lines through the points, flat outside."""
    points = [
        (scenario.number(f"{address}.points.{i}.0"), scenario.number(f"{address}.points.{i}.1"))
        for i in range(len(scenario.find(f"{address}.points")))
    ]
    if x <= points[0][0]:
        return points[0][1]
    for (left, low), (right, high) in pairwise(points):
        if left <= x <= right:
            return low + (high - low) * (x - left) / (right - left)
    return points[-1][1]


def step_at(scenario: Scenario, address: str, x: float) -> float:
    """Section 6, `rule: steps`: what the band pays in which x lies; one without an end ends at the next."""
    bands: list[dict[str, float]] = scenario.find(f"{address}.steps")
    for i, band in enumerate(bands):
        edges = {key: edge for key, edge in band.items() if key != "pays"}
        if i + 1 < len(bands) and not {"at_most", "below"} & edges.keys():
            after = bands[i + 1]
            edges |= {"below": after["at_least"]} if "at_least" in after else {"at_most": after["above"]}
        inside = {
            "at_least": lambda edge: x > edge or is_on(x, edge),
            "above": lambda edge: x > edge and not is_on(x, edge),
            "at_most": lambda edge: x < edge or is_on(x, edge),
            "below": lambda edge: x < edge and not is_on(x, edge),
        }
        if all(inside[key](edge) for key, edge in edges.items()):
            return float(band["pays"])
    return 0.0


def tiers_at(scenario: Scenario, address: str, x: float) -> float:
    """Section 6, `rule: tiers`: each unit at the price of its tier; nothing beyond the last."""
    pounds, low = 0.0, 0.0
    for tier in scenario.find(f"{address}.tiers"):
        high = tier.get("up_to", math.inf)
        pounds += tier["price"] * max(min(x, high) - low, 0.0)
        low = high
    return pounds


def due_by(scenario: Scenario, address: str, earned: Earned) -> Earned:
    """Section 6: every amount, moved to the period in which it is due."""
    lag = payment_lag(scenario, address)
    return {
        outcome: {key: delay(series, lag) for key, series in cohorts.items()} for outcome, cohorts in earned.items()
    }


def payment_lag(scenario: Scenario, address: str) -> float:
    """Section 6: a term's lag, rounded up to whole periods."""
    return float(math.ceil(scenario.in_periods(f"{address}.lag_months", 0) - 1e-9))
