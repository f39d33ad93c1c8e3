"""Section 8 of docs/model.md a second time, first part: what a tranche, a guarantee or a contingent payment says."""

import datetime as dt
import math
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.twin_basics import Scenario, Series
from tests.twin_contract import Reading, View, answers_of, height, reading_of, step_at

NOT_INVESTORS = ("grant", "recoverable_grant", "deferred_fees")


# --- What a tranche is paid -------------------------------------------------------------------------


def is_investors(scenario: Scenario, name: str) -> bool:
    """Section 8, kinds: whether a tranche's money is that of investors."""
    return scenario.text(f"capital.tranches.{name}.kind", "loan") not in NOT_INVESTORS


def party_of(scenario: Scenario, name: str) -> str:
    """Section 8, kinds: who a name is in the ledger; deferred fees are the provider's."""
    deferred = scenario.text(f"capital.tranches.{name}.kind", "loan") == "deferred_fees"
    return "provider" if deferred else name


def value_at(scenario: Scenario, address: str, x: float) -> float:
    """Section 6: what `points` or `steps` say of a reading."""
    return height(scenario, address, x) if scenario.has(f"{address}.points") else step_at(scenario, address, x)


def fresh_periods(scenario: Scenario, reading: Reading) -> list[int]:
    """Section 6: the periods in which something new has been verified."""
    return [t for t in scenario.periods if (here := reading[t]) is not None and here.fresh]


def reads_outcomes(scenario: Scenario, address: str) -> bool:
    """Whether a coupon is a scale of what is read."""
    return scenario.has(f"{address}.points") or scenario.has(f"{address}.steps")


def yearly_rates(scenario: Scenario, address: str, view: View) -> Series:
    """Section 8.1: r[t], a number, or what a scale says at the next fresh reading (or else the last one)."""
    if not reads_outcomes(scenario, address):
        return scenario.by_period(address, 0)
    floor = scenario.by_period(f"{address}.floor", 0)
    reading = reading_of(scenario, address, view)
    fresh = fresh_periods(scenario, reading)
    rates = []
    for t in scenario.periods:
        to_come = [u for u in fresh if u >= t]
        here = reading[(to_come or fresh)[0 if to_come else -1]] if fresh else None
        rates.append(floor[t] if here is None else max(value_at(scenario, address, here.value), floor[t]))
    return rates


def days_of(scenario: Scenario, t: int) -> int:
    """Section 8.1: the days of a period."""
    return (scenario.period_end(t) - scenario.period_end(t - 1)).days


def growth_of(scenario: Scenario, address: str, rates: Series) -> Series:
    """Section 8.1: g[t], what a yearly rate comes to in a period, by the day count."""
    by_day_count: dict[str, Callable[[int], float]] = {
        "effective": lambda t: (1 + rates[t]) ** (1 / scenario.per_year) - 1,
        "periodic": lambda t: rates[t] / scenario.per_year,
        "actual_365": lambda t: rates[t] * days_of(scenario, t) / 365,
    }
    growth = by_day_count[scenario.text(f"{address}.day_count", "effective")]
    return [0.0, *(growth(t) for t in scenario.periods if t >= 1)]


def falling_due(scenario: Scenario, address: str, view: View) -> Series:
    """Section 8.1: φ[t], the part of a period's coupon that falls due in it."""
    if reads_outcomes(scenario, f"{address}.coupon"):
        fresh = fresh_periods(scenario, reading_of(scenario, f"{address}.coupon", view))
        over = fresh[-1] if fresh else math.inf
        due = [t in fresh or t > over for t in scenario.periods]
    elif scenario.has(f"{address}.coupon_dates"):
        return up_to_dates(scenario, [as_day(day) for day in scenario.find(f"{address}.coupon_dates")])
    else:
        return [1.0 for _ in scenario.periods]
    return [1.0 if due[t] or t == scenario.last else 0.0 for t in scenario.periods]


def as_day(written: str | dt.date) -> dt.date:
    """A day, as YAML or as text has it."""
    return dt.date.fromisoformat(written) if isinstance(written, str) else written


def up_to_dates(scenario: Scenario, days: list[dt.date]) -> Series:
    """Section 8.1, `coupon_dates`: the days of each period up to the last date in it, as a part of all of them."""
    parts = scenario.nothing()
    for t in range(1, scenario.last + 1):
        before, end = scenario.period_end(t - 1), scenario.period_end(t)
        inside = [day for day in days if before < day <= end]
        parts[t] = (inside[-1] - before).days / days_of(scenario, t) if inside else 0.0
    parts[scenario.last] = 1.0
    return parts


# --- When principal is due --------------------------------------------------------------------------


def instalments_so_far(scenario: Scenario, address: str) -> Series | None:
    """Section 8, waterfall: s[t], the shares of the instalments that are due; None without instalments."""
    rows = scenario.find(f"{address}.instalments")
    if rows is None:
        return None
    whole = sum(row["share"] for row in rows)
    return [
        1.0
        if t * scenario.months >= rows[-1]["month"]
        else sum(row["share"] for row in rows if row["month"] <= t * scenario.months) / whole
        for t in scenario.periods
    ]


def redemption_of(scenario: Scenario, address: str, view: View) -> tuple[int, float] | None:
    """Section 8.2: in which period a tranche is redeemed early, and the share of its principal that it gets."""
    own = f"{address}.early_redemption"
    if not scenario.has(own):
        return None
    terminated = None if scenario.has(f"{own}.when") else scenario.find("contract.termination.month")
    month = scenario.number(f"{own}.month", -1 if terminated is None else terminated)
    if month < 0 and not scenario.has(f"{own}.when"):
        return None
    holds = answers_of(scenario, f"{own}.when", view).hold
    rows = [f"{own}.table.{i}" for i in range(len(scenario.find(f"{own}.table")))]
    for t in range(1, scenario.last + 1):
        reached = [row for row in rows if scenario.number(f"{row}.from_month") <= t * scenario.months]
        if reached and t * scenario.months >= month and holds[t]:
            return t, scenario.number(f"{reached[-1]}.share")
    return None


# --- Balances ---------------------------------------------------------------------------------------


@dataclass
class Tranche:
    """A tranche's terms in one trial, and its balances during the run; the letters are those of Section 8."""

    scenario: Scenario
    name: str
    view: View
    principal: float = 0.0  # P
    coupon: float = 0.0  # C
    accrued: float = 0.0  # A
    fee: float = 0.0  # F
    drawn: float = 0.0  # D
    received: float = 0.0  # R
    guaranteed: float = 0.0  # the part of it that guarantors have paid
    capped: float = 0.0  # H
    lost: float = 0.0  # W
    redeemed: bool = False
    net: Series = field(default_factory=list)  # n, Section 11
    drawdown: Series = field(default_factory=list)
    own_fees: Series = field(default_factory=list)  # of its investor
    written_off: Series = field(default_factory=list)
    closing_principal: Series = field(default_factory=list)
    closing_coupon: Series = field(default_factory=list)  # owed and accrued

    def __post_init__(self) -> None:
        """Work out what does not depend on balances."""
        scenario = self.scenario
        self.address = address = f"capital.tranches.{self.name}"
        self.kind = scenario.text(f"{address}.kind", "loan")
        self.commitment = scenario.number(f"{address}.commitment")
        self.growth = growth_of(scenario, address, yearly_rates(scenario, f"{address}.coupon", self.view))
        self.due_part = falling_due(scenario, address, self.view)
        self.repaid_share = instalments_so_far(scenario, address)
        self.redemption = redemption_of(scenario, address, self.view)
        for series in ("net", "drawdown", "own_fees", "written_off", "closing_principal", "closing_coupon"):
            setattr(self, series, scenario.nothing())

    def number(self, key: str, default: float = 0.0) -> float:
        """A number of the tranche's terms."""
        return self.scenario.number(f"{self.address}.{key}", default)

    @property
    def available(self) -> float:
        """Section 8: u, what it can still give."""
        if self.redeemed:
            return 0.0
        used = self.principal if self.scenario.find(f"{self.address}.revolving") else self.drawn
        return max(self.commitment - used, 0.0)

    def may_draw(self, t: int) -> bool:
        """Section 8.1 and 8.4: whether a period is one up to `drawn_to_month`."""
        return t * self.scenario.months <= self.number("drawn_to_month", math.inf)

    def accrue(self, t: int) -> None:
        """Section 8.1: coupon and commitment fee, on balances as the period begins."""
        fee = self.number("commitment_fee") / self.scenario.per_year * self.available
        if self.may_draw(t):
            self.fee += fee
        self.capped *= (1 + self.number("return_cap.rate")) ** (1 / self.scenario.per_year)
        if self.redeemed:
            return
        compounds = self.scenario.find(f"{self.address}.compounds") is not False
        bearing = self.principal + (self.coupon + self.accrued if compounds else 0.0)
        earned = bearing * self.growth[t]
        if self.due_part[t] > 0:
            self.coupon += self.accrued + self.due_part[t] * earned
            self.accrued = (1 - self.due_part[t]) * earned
        else:
            self.accrued += earned

    def redeem(self, t: int) -> None:
        """Section 8.2: a share is due, the rest is written off, and the tranche ends."""
        if self.redemption is None or self.redemption[0] != t:
            return
        self.lost = (1 - self.redemption[1]) * self.principal
        self.principal -= self.lost
        self.written_off[t] += self.lost
        self.coupon += self.accrued
        self.accrued = 0.0
        self.redeemed = True

    def draw(self, t: int, amount: float) -> None:
        """Section 8.4: money for the vehicle; of a grant nothing is owed."""
        self.drawn += amount
        self.capped += amount
        self.drawdown[t] += amount
        self.net[t] -= amount
        if self.kind == "grant":
            self.written_off[t] += amount
        else:
            self.principal += amount

    def receive(self, t: int, amount: float) -> None:
        """Section 8: money from the vehicle or a guarantor."""
        self.received += amount
        self.capped = max(self.capped - amount, 0.0)
        self.net[t] += amount

    def made_good(self, t: int, amount: float) -> None:
        """Section 8.7: a guarantor pays principal, then what early redemption has written off."""
        self.guaranteed += amount
        of_principal = min(amount, self.principal)
        self.principal -= of_principal
        self.lost -= amount - of_principal
        self.written_off[t] -= amount - of_principal
        self.receive(t, amount)

    def all_due(self, t: int) -> bool:
        """Section 8, waterfall: whether everything is due, whatever the instalments."""
        return self.repaid_share is None or self.redeemed or t == self.scenario.last

    def principal_due(self, t: int) -> float:
        """Section 8, waterfall: principal that is due."""
        if self.repaid_share is None or self.all_due(t):
            return self.principal
        return max(self.principal - (1 - self.repaid_share[t]) * self.drawn, 0.0)

    def coupon_due(self, t: int) -> float:
        """Section 8, waterfall: coupon that is due; rolled up, it waits for the first instalment."""
        waits = bool(self.scenario.find(f"{self.address}.rolled_up")) and not self.all_due(t)
        begun = self.repaid_share is None or self.repaid_share[t] > 0
        return self.coupon if begun or not waits else 0.0

    def not_yet_due(self, t: int) -> float:
        """Section 8, surplus: what is outstanding and not yet due."""
        return self.accrued + self.principal - self.principal_due(t) + self.coupon - self.coupon_due(t)

    @property
    def room(self) -> float:
        """Section 8, room: what it may still receive under its own caps."""
        rooms = [math.inf]
        if self.scenario.has(f"{self.address}.return_cap.rate"):
            rooms.append(self.capped)
        if self.scenario.has(f"{self.address}.return_cap.multiple"):
            rooms.append(self.number("return_cap.multiple") * self.drawn - self.received)
        if self.scenario.has(f"{self.address}.return_cap.amount"):
            rooms.append(self.drawn + self.number("return_cap.amount") - self.received)
        return max(min(rooms), 0.0)

    def close(self, t: int) -> None:
        """Balances as the period ends."""
        self.closing_principal[t] = self.principal
        self.closing_coupon[t] = self.coupon + self.accrued


@dataclass
class Guarantee:
    """A guarantee's terms in one trial, and the fee that is owed for it (Section 8)."""

    scenario: Scenario
    name: str
    fee: float = 0.0

    def __post_init__(self) -> None:
        """Read its terms."""
        scenario, address = self.scenario, f"capital.guarantees.{self.name}"
        self.address = address
        self.tranche = scenario.text(f"{address}.tranche", "")
        self.by = scenario.text(f"{address}.by", self.name)
        instalments = scenario.find(f"capital.tranches.{self.tranche}.instalments")
        last = instalments[-1]["month"] if instalments else scenario.last * scenario.months
        self.month = scenario.number(f"{address}.month", last)

    def accrue(self, t: int, commitment: float) -> None:
        """Section 8.1: a fee on the most that it may pay, while it is in force."""
        if t * self.scenario.months <= self.month:
            amount = self.scenario.number(f"{self.address}.tops_up_to") * commitment
            most = self.scenario.number(f"{self.address}.amount", amount)
            self.fee += self.scenario.number(f"{self.address}.fee") / self.scenario.per_year * most

    def pays(self, tranche: Tranche) -> float:
        """Section 8.7: what is missing, as far as it is guaranteed."""
        missing = tranche.principal + tranche.lost
        if self.scenario.has(f"{self.address}.amount"):
            return min(self.scenario.number(f"{self.address}.amount"), missing)
        share = self.scenario.number(f"{self.address}.tops_up_to")
        return max(missing - (1 - share) * tranche.drawn, 0.0)


@dataclass
class Contingent:
    """A payment that depends on an outcome: what is settled in each period, and what the vehicle owes of it."""

    scenario: Scenario
    name: str
    view: View
    owed: float = 0.0  # by the vehicle

    def __post_init__(self) -> None:
        """Section 8, contingent payments: pounds by period; below zero they flow from `to` to `from`."""
        scenario, address = self.scenario, f"capital.contingent.{self.name}"
        self.payer = scenario.text(f"{address}.from", "")
        self.receiver = scenario.text(f"{address}.to", "")
        reading = reading_of(scenario, address, self.view)
        fresh = fresh_periods(scenario, reading)
        months = scenario.find(f"{address}.settled_in_months")
        self.settled = scenario.nothing()
        for t in scenario.periods:
            latest = [u for u in fresh if u <= t]
            now = t in fresh if months is None else t * scenario.months in months
            here = reading[latest[-1]] if now and latest else None
            self.settled[t] = 0.0 if here is None else value_at(scenario, address, here.value)

    @property
    def creditor(self) -> str:
        """Whom the vehicle owes what it owes."""
        return self.receiver if self.payer == "vehicle" else self.payer

    def flow(self, t: int) -> tuple[str, str, float]:
        """Who owes whom how much."""
        amount = self.settled[t]
        return (self.payer, self.receiver, amount) if amount >= 0 else (self.receiver, self.payer, -amount)
