"""Section 6 of docs/model.md a second time, second part: caps and floors, who pays, and when the money comes."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.twin_basics import Outcome, Scenario, Series, delay, delay_weight, total
from tests.twin_contract import (
    UNIT_RULES,
    WHOLE,
    Earned,
    added_up,
    due_by,
    earned_by,
    earned_in_all,
    everything,
    payment_lag,
    price_for,
    seen_by,
    span_of,
    window_of,
)

STEPS = 512  # of the grid on which amounts of a person are followed, where they are not multiples of a step
TERMINATION = "termination"


class Cell(NamedTuple):
    """Whose an amount is: a term's, for an outcome if it pays for people, and in the end a payer's."""

    term: str
    outcome: str
    payer: str = ""


Amounts = dict[Cell, Series]


@dataclass(frozen=True)
class Contract:
    """What the terms pay (Section 6)."""

    earned: dict[str, Series]  # by term, when verified
    gross: dict[str, Series]  # by term, when due, before caps
    flows: dict[str, Series]  # PAYER>vehicle:TERM, and PAYER>tax_office:vat
    forgone: dict[str, float]  # by address of the cap
    raised: dict[str, Series]  # by address of the floor
    topped_up: dict[str, Series]  # by payer
    owed: dict[tuple[str, str], Series]  # by term and payer
    lost: dict[str, Series]  # by payer, when due

    @property
    def payments(self) -> dict[str, Series]:
        """The flows that the vehicle gets."""
        return {name: flow for name, flow in self.flows.items() if ">vehicle:" in name}


def contract_of(scenario: Scenario, outcomes: dict[str, Outcome]) -> Contract:
    """Section 6: rules, due dates, caps and floors, split, and when the money comes."""
    view = everything(outcomes)
    terms = scenario.names("contract.terms")
    earned = {term: earned_by(scenario, f"contract.terms.{term}", view) for term in terms}
    earned = {term: set_off(scenario, term, one) for term, one in earned.items()}
    due = {term: due_by(scenario, f"contract.terms.{term}", earned[term]) for term in terms}
    whole_earned = {term: earned_in_all(one) for term, one in earned.items()}
    whole_due = {term: earned_in_all(one) for term, one in due.items()}
    books = Limits(scenario)
    for term, scopes in limited_by_person(scenario, due, outcomes, books).items():
        due[term] = scopes
    amounts: Amounts = {
        Cell(term, outcome): total(cohorts.values(), scenario.last + 1)
        for term, one in due.items()
        for outcome, cohorts in one.items()
    }
    redeemed = redemption(scenario)
    if redeemed is not None:
        whole_earned[TERMINATION] = whole_due[TERMINATION] = redeemed
        amounts[Cell(TERMINATION, "")] = redeemed
    amounts = limit_terms(books, amounts, terms)
    amounts, topped_up = among_payers(books, amounts)
    return when_the_money_comes(
        scenario,
        amounts,
        Contract(
            earned=whole_earned,
            gross=whole_due,
            flows={},
            forgone=books.forgone,
            raised=books.raised,
            topped_up=topped_up,
            owed={},
            lost={},
        ),
    )


def set_off(scenario: Scenario, term: str, earned: Earned) -> Earned:
    """Section 6: where parts of a term are limited, those below zero are set against the others."""
    address = f"contract.terms.{term}"
    if scenario.text(f"{address}.rule", "") not in UNIT_RULES:
        return earned
    owners = (address, "contract")
    by_person = any(scenario.has(f"{owner}.{kind}.person") for owner in owners for kind in ("caps", "floors"))
    if not by_person and not any(scenario.has(f"{address}.{kind}.shares") for kind in ("caps", "floors")):
        return earned
    if not by_person:
        length = scenario.last + 1
        earned = {name: {WHOLE: total(cohorts.values(), length)} for name, cohorts in earned.items()}
    whole = earned_in_all(earned)
    every = [series for cohorts in earned.values() for series in cohorts.values()]
    gains = [sum(max(series[t], 0.0) for series in every) for t in scenario.periods]
    kept = [a / b if a > 0 and b > 0 else 0.0 for a, b in zip(whole, gains, strict=True)]
    return {
        name: {key: [max(x, 0.0) * k for x, k in zip(series, kept, strict=True)] for key, series in cohorts.items()}
        for name, cohorts in earned.items()
    }


def redemption(scenario: Scenario) -> Series | None:
    """Section 6, early termination: the last row of the table that the month has reached, due in that month."""
    month = scenario.number("contract.termination.month", -1)
    rows = [
        f"contract.termination.redemption.{i}"
        for i in range(len(scenario.find("contract.termination.redemption") or []))
    ]
    reached = [row for row in rows if scenario.number(f"{row}.from_month", 0) <= month]
    if not reached:
        return None
    amounts = scenario.nothing()
    amounts[int(month) // scenario.months] = scenario.number(f"{reached[-1]}.pays")
    return amounts


# --- Caps and floors by person ----------------------------------------------------------------------


def limited_by_person(
    scenario: Scenario, due: dict[str, Earned], outcomes: dict[str, Outcome], books: "Limits"
) -> dict[str, Earned]:
    """Section 6.1: what is due within the caps and floors by person of each term, then of the contract."""
    people_terms = [t for t in due if scenario.text(f"contract.terms.{t}.rule", "") in UNIT_RULES]
    current = {term: due[term] for term in people_terms}
    scopes = [(f"contract.terms.{term}", [term]) for term in people_terms] + [("contract", people_terms)]
    for address, terms in scopes:
        cap, floor = f"{address}.caps.person", f"{address}.floors.person"
        if not scenario.has(cap) and not scenario.has(floor):
            continue
        divisor = books.divisor(address)
        most = scenario.number(cap, math.inf) / divisor
        least = scenario.number(floor, 0) / divisor
        mine = {term: current[term] for term in terms}
        after = PersonLimits(scenario, outcomes, mine, most, least).applied()
        books.note_person_limits(address, mine, after)
        current |= after
    return current


def units_due(scenario: Scenario, address: str, outcomes: dict[str, Outcome]) -> Earned:
    """The units that a term sees, moved to the period in which they are due."""
    view = seen_by(scenario, address, everything(outcomes), window_of(scenario, address))
    return due_by(scenario, address, {name: {key: one.units_of(key) for key in one.base} for name, one in view.items()})


class PersonLimits:
    """Section 6: how what is paid for people of a group and age is cut or raised."""

    def __init__(
        self, scenario: Scenario, outcomes: dict[str, Outcome], due: dict[str, Earned], cap: float, floor: float
    ) -> None:
        """Work out the factors of every group and age."""
        self.scenario = scenario
        self.outcomes = outcomes
        self.due = due
        self.units = {term: units_due(scenario, f"contract.terms.{term}", outcomes) for term in due}
        self.cap, self.floor = cap, floor
        groups = {key[0] for one in due.values() for cohorts in one.values() for key in cohorts}
        self.factor = {group: self.factors(group) for group in groups}

    def applied(self) -> dict[str, Earned]:
        """Amounts due, each times the factor of its group and age."""
        return {
            term: {
                outcome: {
                    (group, start): [
                        x * self.factor[group][t - start] if t >= start else 0.0 for t, x in enumerate(series)
                    ]
                    for (group, start), series in cohorts.items()
                }
                for outcome, cohorts in one.items()
            }
            for term, one in self.due.items()
        }

    def events(self, group: str) -> list[list[tuple[float, float]]]:
        """For each age the chances and pounds of what may happen to one person."""
        ages: list[list[tuple[float, float]]] = [[] for _ in self.scenario.periods]
        for term, one in self.due.items():
            lag = payment_lag(self.scenario, f"contract.terms.{term}")
            for name in one:
                worth = self.worth(term, name, group)
                each = self.outcomes[name].mean_of_each.get(group, 0.0)
                weights = self.ages_at_which_due(name, lag)
                for age, weight in enumerate(weights):
                    if self.is_achievement(name):
                        ages[age].append((each * weight, worth))
                    else:
                        ages[age].append((1.0, each * weight * worth))
        return ages

    def worth(self, term: str, name: str, group: str) -> float:
        """The mean price over the units of a group that are paid for; where there are none at all, that of period 1."""
        pounds = math.fsum(x for key, series in self.due[term][name].items() for x in series if key[0] == group)
        units = math.fsum(
            x
            for key, series in self.units[term][name].items()
            for t, x in enumerate(series)
            if key[0] == group and self.due[term][name].get(key, self.scenario.nothing())[t] != 0
        )
        every = math.fsum(x for key, series in self.units[term][name].items() for x in series if key[0] == group)
        if self.is_achievement(name) and not units and every <= 0:
            return self.price_of_period_1(f"contract.terms.{term}", name, group)
        return pounds / units if units else 0.0

    def price_of_period_1(self, address: str, name: str, group: str) -> float:
        """What a unit would be worth if there were one."""
        rule = self.scenario.text(f"{address}.rule", "")
        where = {"price": "price", "rate_card": f"prices.{name}", "milestones": f"milestones.{name}"}[rule]
        prices = price_for(self.scenario, f"{address}.{where}", group)
        return prices[min(1, len(prices) - 1)]

    def ages_at_which_due(self, name: str, lag: float) -> Series:
        """Section 3: the outcome's lag, then the term's, for somebody who came at age 0."""
        arrives = self.scenario.in_periods(f"outcomes.{name}.lag_months", 0)
        wait = self.scenario.in_periods(f"outcomes.{name}.verification_months", 0)
        return delay(delay([delay_weight(age, arrives) for age in self.scenario.periods], wait), lag)

    def is_achievement(self, name: str) -> bool:
        """Whether a person has the outcome or has it not."""
        return self.scenario.text(f"outcomes.{name}.type", "") == "achievement"

    def factors(self, group: str) -> Series:
        """The increase of the mean of L(s) over the increase of the mean of s, by age."""
        events = self.events(group)
        step, count = self.grid([pounds for age in events for _, pounds in age])
        chances = [1.0] + [0.0] * count
        mean, limited = 0.0, 0.0
        factors = []
        for age in events:
            for chance, pounds in age:
                chances = moved(chances, chance, pounds / step)
            expected = mean + sum(chance * pounds for chance, pounds in age)
            now = self.mean_within(chances, step, expected)
            factors.append((now - limited) / (expected - mean) if expected > mean else 1.0)
            mean, limited = expected, now
        return factors

    def mean_within(self, chances: Series, step: float, expected: float) -> float:
        """The mean of L(s) = max(min(s, cap), floor) for s > 0; without a cap the grid serves what the floor adds."""
        if math.isinf(self.cap):
            raised = [max(self.floor - i * step, 0.0) for i in range(len(chances))]
            return expected + sum(chances[i] * raised[i] for i in range(1, len(chances)))
        limited = [max(min(i * step, self.cap), self.floor) for i in range(len(chances))]
        return sum(chances[i] * limited[i] for i in range(1, len(chances)))

    def grid(self, pounds: Series) -> tuple[float, int]:
        """The step of the grid and how many steps there are up to the cap, or without one to the floor."""
        top = self.floor if math.isinf(self.cap) else self.cap
        if top == 0:
            return 1.0, 1
        whole = [x for x in pounds if x > 0]
        for count in range(1, STEPS + 1):
            step = top / count
            if all(abs(x / step - round(x / step)) < 1e-9 for x in whole):
                return step, count
        return top / STEPS, STEPS


def moved(chances: Series, chance: float, steps: float) -> Series:
    """A distribution after some steps to the right with some chance; the last place keeps all who reach it."""
    last = len(chances) - 1
    whole = math.floor(steps)
    if abs(steps - round(steps)) < 1e-9:
        whole = round(steps)
    part = max(steps - whole, 0.0)
    after = [here * (1 - chance) for here in chances]
    for i, here in enumerate(chances):
        after[min(i + whole, last)] += here * chance * (1 - part)
        after[min(i + whole + 1, last)] += here * chance * part
    return after


# --- Caps and floors --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cap:
    """A limit on some amounts within each span."""

    address: str
    belongs: Callable[[Cell], bool]
    over: str
    most: Series
    carry: bool


@dataclass(frozen=True)
class Floor:
    """The least of some amounts within each span."""

    address: str
    belongs: Callable[[Cell], bool]
    over: str
    least: Series
    in_force: list[bool]


@dataclass
class Limits:
    """Section 6: caps and floors in their order, and what each of them took or added."""

    scenario: Scenario
    applied: list[Cap] = field(default_factory=list)
    forgone: dict[str, float] = field(default_factory=dict)
    raised: dict[str, Series] = field(default_factory=dict)
    excess: dict[str, Amounts] = field(
        default_factory=dict
    )  # of each cap before any floor, for a payer who takes it over

    def divisor(self, address: str) -> float:
        """Section 6: with `vat.in_caps`, the limits of contract and payers contain the tax."""
        if address.startswith("contract.terms") or not self.scenario.find("contract.vat.in_caps"):
            return 1.0
        return 1 + self.scenario.number("contract.vat.rate")

    def note_person_limits(self, address: str, before: Mapping[str, Earned], after: Mapping[str, Earned]) -> None:
        """What caps and floors by person took and added."""
        length = self.scenario.last + 1
        changes = [
            total([earned_in_all(after[term]), [-x for x in earned_in_all(before[term])]], length) for term in before
        ]
        change = total(changes, length)
        if self.scenario.has(f"{address}.caps.person"):
            self.forgone[f"{address}.caps.person"] = -math.fsum(min(x, 0.0) for x in change)
        if self.scenario.has(f"{address}.floors.person"):
            with_cap = self.scenario.has(f"{address}.caps.person")  # alone, it may give earlier what is due later
            self.raised[f"{address}.floors.person"] = [max(x, 0.0) if with_cap else x for x in change]

    def cap(self, amounts: Amounts, owner: str, key: str, over: str, belongs: Callable[[Cell], bool]) -> Amounts:
        """Apply the cap at OWNER.KEY, if there is one, and remember it."""
        address = f"{owner}.{key}"
        if not self.scenario.has(address):
            return amounts
        carry = self.scenario.has(f"{address}.carry")
        limit = self.scenario.by_period(f"{address}.limit" if carry else address)
        most = [x / self.divisor(owner) for x in limit]
        return self.remembered(amounts, Cap(address, belongs, over, most, carry))

    def remembered(self, amounts: Amounts, cap: Cap) -> Amounts:
        """Apply a cap for the first time."""
        self.applied.append(cap)
        self.forgone.setdefault(cap.address, 0.0)
        amounts = self.within(amounts, cap, first=True)
        if cap.carry:
            for earlier in self.applied[:-1]:
                amounts = self.within(amounts, earlier, first=False)
        return amounts

    def within(self, amounts: Amounts, cap: Cap, first: bool) -> Amounts:
        """Section 6: what a cap lets through, period by period, cut pro rata; again after a floor, without carrying."""
        carry = cap.carry and first
        cells = [cell for cell in amounts if cap.belongs(cell)]
        spans = [span_of(self.scenario, cap.over, t) for t in self.scenario.periods]
        allowed = {cell: self.scenario.nothing() for cell in cells}
        carried = dict.fromkeys(cells, 0.0)
        through = self.scenario.nothing()
        excess = self.excess.setdefault(cap.address, {})
        for t in self.scenario.periods:
            asked = {cell: amounts[cell][t] + carried[cell] for cell in cells}
            whole = sum(asked.values())
            before = sum(through[u] for u in range(t) if spans[u] == spans[t])
            through[t] = min(whole, max(cap.most[t] - before, 0.0))
            for cell in cells:
                allowed[cell][t] = asked[cell] * (through[t] / whole if whole else 1.0)
                left = asked[cell] - allowed[cell][t]
                last = t == self.scenario.last
                if carry:
                    carried[cell] = left
                if not carry or last:
                    self.forgone[cap.address] += left
                    if first:
                        excess.setdefault(cell, self.scenario.nothing())[t] += left
        return {**amounts, **allowed}

    def floor(
        self, amounts: Amounts, owner: str, key: str, over: str, belongs: Callable[[Cell], bool], in_force: list[bool]
    ) -> Amounts:
        """Apply the floor at OWNER.KEY, if there is one, and all caps again after it."""
        address = f"{owner}.{key}"
        if not self.scenario.has(address):
            return amounts
        least = [x / self.divisor(owner) for x in self.scenario.by_period(address)]
        return self.at_least(amounts, Floor(address, belongs, over, least, in_force))

    def at_least(self, amounts: Amounts, floor: Floor) -> Amounts:
        """Section 6: what is missing to a floor is added in the last period of its span; then all caps again."""
        cells = [cell for cell in amounts if floor.belongs(cell)]
        raised = {cell: list(amounts[cell]) for cell in cells}
        spans = [span_of(self.scenario, floor.over, t) for t in self.scenario.periods]
        for span in sorted(set(spans)):
            inside = [t for t in self.scenario.periods if spans[t] == span and floor.in_force[t]]
            if not inside or not cells:
                continue
            sums = {cell: sum(amounts[cell][t] for t in inside) for cell in cells}
            whole = sum(sums.values())
            missing = max(floor.least[inside[-1]] - whole, 0.0)
            for cell in cells:
                raised[cell][inside[-1]] += missing * (sums[cell] / whole if whole > 1e-6 else equal_part(cell, cells))
        more = {cell: [b - a for a, b in zip(amounts[cell], raised[cell], strict=True)] for cell in cells}
        base = dict(amounts)
        for cap in self.applied:
            base, more = self.added_within(base, more, cap)
        self.raised[floor.address] = total(more.values(), self.scenario.last + 1)
        nothing = self.scenario.nothing()
        return {
            cell: [a + b for a, b in zip(series, more.get(cell, nothing), strict=True)] for cell, series in base.items()
        }

    def added_within(self, base: Amounts, more: Amounts, cap: Cap) -> tuple[Amounts, Amounts]:
        """Section 6: an earlier cap again; in each period what the floor adds is cut before what is earned."""
        cells = [cell for cell in base if cap.belongs(cell)]
        added_to = [cell for cell in cells if cell in more]
        spans = [span_of(self.scenario, cap.over, t) for t in self.scenario.periods]
        base = {cell: list(series) for cell, series in base.items()}
        more = {cell: list(series) for cell, series in more.items()}
        through = self.scenario.nothing()
        for t in self.scenario.periods if added_to else []:
            earned, added = sum(base[cell][t] for cell in cells), sum(more[cell][t] for cell in added_to)
            before = sum(through[u] for u in range(t) if spans[u] == spans[t])
            through[t] = min(earned + added, max(cap.most[t] - before, 0.0))
            kept_added = max(added - (earned + added - through[t]), 0.0)
            kept_earned = through[t] - kept_added
            for cell in added_to:
                more[cell][t] *= kept_added / added if added else 1.0
            for cell in cells:
                base[cell][t] *= kept_earned / earned if earned else 1.0
            self.forgone[cap.address] += earned - kept_earned
        return base, more


def equal_part(cell: Cell, cells: list[Cell]) -> float:
    """Section 6: the same for every term, and within a term for every outcome."""
    terms = {other.term for other in cells}
    return 1 / len(terms) / sum(other.term == cell.term for other in cells)


def limit_terms(books: Limits, amounts: Amounts, terms: list[str]) -> Amounts:
    """Section 6, caps and floors 2 to 6: of the terms and of the contract."""
    scenario = books.scenario
    owners: list[tuple[str, Callable[[Cell], bool], list[str]]] = []
    owners += [(f"contract.terms.{term}", of_term(term), [term]) for term in terms]
    for owner, mine, own in owners:
        amounts = books.cap(amounts, owner, "cap", "contract", mine)
        amounts = books.floor(amounts, owner, "floor", "contract", mine, in_force_of(scenario, owner, own, "contract"))
        amounts = limit_shares(books, amounts, own[0], owner, in_force_of(scenario, owner, own, "contract"))
    owners.append(("contract", everybody, terms))
    for level in ("period", "financial_year"):
        for owner, mine, own in owners:
            in_force = in_force_of(scenario, owner, own, level)
            amounts = books.cap(amounts, owner, f"caps.{level}", level, mine)
            amounts = books.floor(amounts, owner, f"floors.{level}", level, mine, in_force)
    owner, mine, own = owners[-1]
    amounts = books.cap(amounts, owner, "cap", "contract", mine)
    return books.floor(amounts, owner, "floor", "contract", mine, in_force_of(scenario, owner, own, "contract"))


def limit_shares(books: Limits, amounts: Amounts, term: str, owner: str, in_force: list[bool]) -> Amounts:
    """Section 6.3: an outcome's part of a term, as a share of the term's cap."""
    scenario = books.scenario
    for outcome in scenario.names(f"{owner}.caps.shares"):
        address = f"{owner}.caps.shares.{outcome}"
        most = [scenario.number(address) * cap for cap in scenario.by_period(f"{owner}.cap")]
        amounts = books.remembered(amounts, Cap(address, of_outcome(term, outcome), "contract", most, False))
    for outcome in scenario.names(f"{owner}.floors.shares"):
        address = f"{owner}.floors.shares.{outcome}"
        least = [scenario.number(address) * cap for cap in scenario.by_period(f"{owner}.cap")]
        amounts = books.at_least(amounts, Floor(address, of_outcome(term, outcome), "contract", least, in_force))
    return amounts


def of_term(term: str) -> Callable[[Cell], bool]:
    """Amounts of one term that no payer adds on top."""
    return lambda cell: cell.term == term


def of_outcome(term: str, outcome: str) -> Callable[[Cell], bool]:
    """Amounts of a term for one outcome."""
    return lambda cell: (cell.term, cell.outcome) == (term, outcome)


def of_payer(payer: str) -> Callable[[Cell], bool]:
    """Amounts that one payer owes."""
    return lambda cell: cell.payer == payer


def everybody(_: Cell) -> bool:
    """All amounts."""
    return True


def in_force_of(scenario: Scenario, owner: str, terms: list[str], over: str) -> list[bool]:
    """Section 6: floors are in force after signing, to the end of a term or of all; over longer spans with the lag."""
    first = scenario.number(f"{owner}.from_month", 0)
    own = min(scenario.number(f"{owner}.to_month", math.inf), scenario.end_month)
    if over == "period":
        return [t > 0 and first < t * scenario.months <= own for t in scenario.periods]
    last = max(last_due(scenario, f"contract.terms.{term}") for term in terms)
    further = any(scenario.has(f"{owner}.floors.{level}") for level in ("period", "financial_year"))
    last = last if over == "contract" and not further else max(own, last)
    spans = [span_of(scenario, over, t) for t in [*scenario.periods, scenario.last + 1]]
    begun = {spans[t] for t in scenario.periods if t > 0 and first < t * scenario.months <= own}
    if over == "contract":
        begun = {0}
    if last > scenario.last * scenario.months:  # what would be made up after the end is not
        begun -= {spans[-1]}
    return [t > 0 and first < t * scenario.months <= last and spans[t] in begun for t in scenario.periods]


def last_due(scenario: Scenario, address: str) -> float:
    """Section 6: the month in which the last payment of a term is due."""
    last = min(scenario.number(f"{address}.to_month", math.inf), scenario.end_month)
    return last + central_lag(scenario, address) * scenario.months


def central_lag(scenario: Scenario, address: str) -> int:
    """Section 6: a term's lag at its central value, in whole periods."""
    base = Scenario(scenario.data, {}, {}, 1.0)
    return math.ceil(base.in_periods(f"{address}.lag_months", 0) - 1e-9)


# --- Payers -----------------------------------------------------------------------------------------


def among_payers(books: Limits, amounts: Amounts) -> tuple[Amounts, dict[str, Series]]:
    """Section 6, caps and floors 7 and 8: the split, the payers' own limits, overflow, and those who top up."""
    scenario = books.scenario
    payers = scenario.names("contract.payers")
    toppers = [name for name in payers if scenario.has(f"contract.payers.{name}.tops_up")]
    sharing = [name for name in payers if name not in toppers]
    owed = split_up(scenario, amounts, sharing)
    books.applied = [cap for cap in books.applied if ".shares." not in cap.address]
    for payer in in_order_of_overflow(scenario, sharing):
        owed = limit_payer(books, owed, payer)
    topped_up = {}
    for payer in toppers:
        top_up = topping_up(scenario, owed, payer)
        topped_up[payer] = total(top_up.values(), scenario.last + 1)
        own = Limits(scenario, [], books.forgone, books.raised, books.excess)
        owed |= limit_payer(own, top_up, payer)
    return owed, topped_up


def limit_payer(books: Limits, owed: Amounts, payer: str) -> Amounts:
    """Section 6.7: a payer's caps and floors, by period, by year and over the contract; overflow before floors."""
    owner, mine = f"contract.payers.{payer}", of_payer(payer)
    terms = books.scenario.names("contract.terms")
    for level in ("period", "financial_year"):
        in_force = in_force_of(books.scenario, owner, terms, level)
        owed = taken_over(books, books.cap(owed, owner, f"caps.{level}", level, mine), payer, f"caps.{level}")
        owed = books.floor(owed, owner, f"floors.{level}", level, mine, in_force)
    owed = taken_over(books, books.cap(owed, owner, "cap", "contract", mine), payer, "cap")
    in_force = in_force_of(books.scenario, owner, terms, "contract")
    return books.floor(owed, owner, "floor", "contract", mine, in_force)


def in_order_of_overflow(scenario: Scenario, payers: list[str]) -> list[str]:
    """Section 6.7: as in the file, but payers whose overflow goes to another come before that one."""
    ordered: list[str] = []
    for name in payers:
        ordered += [one for one in [*those_before(scenario, name, payers), name] if one not in ordered]
    return ordered


def those_before(scenario: Scenario, heir: str, payers: list[str]) -> list[str]:
    """All whose overflow comes to a payer, directly or through others."""
    found = []
    for name in payers:
        if scenario.find(f"contract.payers.{name}.overflow_to") == heir:
            found += [*those_before(scenario, name, payers), name]
    return found


def taken_over(books: Limits, owed: Amounts, payer: str, key: str) -> Amounts:
    """Section 6: what exceeds a payer's cap is added to what another is asked for, and so is not forgone."""
    scenario = books.scenario
    heir = scenario.find(f"contract.payers.{payer}.overflow_to")
    address = f"contract.payers.{payer}.{key}"
    if heir is None:
        return owed
    owed = dict(owed)
    for cell, series in books.excess.get(address, {}).items():
        books.forgone[address] -= sum(series)
        other = cell._replace(payer=heir)
        owed[other] = total([owed.get(other, scenario.nothing()), series], scenario.last + 1)
    return owed


def topping_up(scenario: Scenario, owed: Amounts, payer: str) -> Amounts:
    """Section 6.8: a share of what the named payers owe, on top of it."""
    address = f"contract.payers.{payer}.tops_up"
    share = scenario.number(f"{address}.share")
    added: Amounts = {}
    for cell, series in owed.items():
        if cell.payer in scenario.find(f"{address}.payers"):
            other = cell._replace(payer=payer)
            added[other] = [a + share * b for a, b in zip(added.get(other, scenario.nothing()), series, strict=True)]
    return added


def split_up(scenario: Scenario, amounts: Amounts, payers: list[str]) -> Amounts:
    """Section 6, split: every amount by payer."""
    addresses = {cell: split_address(scenario, cell.term) for cell in amounts}
    paid = {
        address: total([amounts[cell] for cell in amounts if addresses[cell] == address], scenario.last + 1)
        for address in addresses.values()
    }
    owed: Amounts = {}
    for cell, series in amounts.items():
        address = addresses[cell]
        for payer in payers:
            if address is None:
                owed[cell._replace(payer=payer)] = series
            elif pays_ever(scenario, address, payer):
                shares = payer_shares(scenario, address, payer, paid[address])
                owed[cell._replace(payer=payer)] = [x * share for x, share in zip(series, shares, strict=True)]
    return owed


def pays_ever(scenario: Scenario, address: str, payer: str) -> bool:
    """Section 6: whether a payer has a share in any phase of a split; only then is there an amount to raise."""
    return any(phase.get(payer, 0.0) > 0 for phase in phases_of(scenario, address))


def splits_by_pounds(scenario: Scenario, address: str) -> bool:
    """Section 6: whether the phases of a split begin after some pounds, and not after some months."""
    split = scenario.find(address)
    return isinstance(split, list) and any("after_paid" in phase for phase in split)


def split_address(scenario: Scenario, term: str) -> str | None:
    """Section 6: where the split of a term stands; nowhere if there is only one payer."""
    own = "contract.termination.split" if term == TERMINATION else f"contract.terms.{term}.split"
    return next((address for address in (own, "contract.split") if scenario.has(address)), None)


def phases_of(scenario: Scenario, address: str) -> list[dict[str, float]]:
    """Section 6: the parts of the payers in each phase."""
    split = scenario.find(address)
    if not isinstance(split, list):
        split = [split]
    return [phase.get("shares") or phase.get("amounts") or phase for phase in split]


def payer_shares(scenario: Scenario, address: str, payer: str, paid: Series) -> Series:
    """Section 6: the share of a payer in each period, by phases that begin by the calendar or by pounds paid."""
    shares = [part_of_whole(phase, payer) for phase in phases_of(scenario, address)]
    if splits_by_pounds(scenario, address):
        begins = [scenario.number(f"{address}.{i}.after_paid", 0) for i in range(len(shares))]
        return shares_by_pounds(shares, begins, paid)
    begins = (
        [scenario.number(f"{address}.{i}.after_month", 0) for i in range(len(shares))] if len(shares) > 1 else [0.0]
    )
    by_period = []
    for t in scenario.periods:
        reached = [i for i, begin in enumerate(begins) if begin < t * scenario.months]
        by_period.append(shares[reached[-1] if reached else 0])
    return by_period


def shares_by_pounds(shares: Series, begins: Series, paid: Series) -> Series:
    """Section 6, `after_paid`: each phase's share of the pounds of a period that fall in it."""
    so_far = added_up(paid)
    ends = [*begins[1:], math.inf]
    by_period = []
    for here, after in zip(paid, so_far, strict=True):
        before = after - here
        inside = [max(min(after, end) - max(before, begin), 0.0) for begin, end in zip(begins, ends, strict=True)]
        by_period.append(sum(x * share for x, share in zip(inside, shares, strict=True)) / here if here else 0.0)
    return by_period


def part_of_whole(shares: dict[str, float], name: str) -> float:
    """Section 2: a share, made to add up to 1 with the others."""
    return shares.get(name, 0.0) / sum(shares.values())


def when_the_money_comes(scenario: Scenario, amounts: Amounts, contract: Contract) -> Contract:
    """Section 6: late payers, disputes, and value added tax that is not recovered."""
    for payer in scenario.names("contract.payers"):
        address = f"contract.payers.{payer}"
        paid_in_all = scenario.nothing()
        lost = scenario.nothing()
        late = scenario.in_periods(f"{address}.late_months", 0)
        disputed = scenario.number(f"{address}.disputes.share", 0)
        never = scenario.number(f"{address}.disputes.lost", 0)
        longer = scenario.in_periods(f"{address}.disputes.months", 0)
        for term in contract.gross:
            mine = [series for cell, series in amounts.items() if (cell.term, cell.payer) == (term, payer)]
            owed = total(mine, scenario.last + 1)
            contract.owed[term, payer] = owed
            at_once = delay([x * (1 - disputed) for x in owed], late)
            settled = delay([x * disputed * (1 - never) for x in owed], late + longer)
            paid = total([at_once, settled], scenario.last + 1)
            contract.flows[f"{payer}>vehicle:{term}"] = paid
            paid_in_all = total([paid_in_all, paid], scenario.last + 1)
            lost = total([lost, [x * disputed * never for x in owed]], scenario.last + 1)
        contract.lost[payer] = lost
        if scenario.find(f"{address}.recovers_vat") is False:
            rate = scenario.number("contract.vat.rate", 0)
            contract.flows[f"{payer}>tax_office:vat"] = [x * rate for x in paid_in_all]
    return contract
