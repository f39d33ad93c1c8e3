"""Section 8 of docs/model.md a second time, second part: the vehicle's cash, period by period, in its seven steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.twin_basics import Outcome, Scenario, Series
from tests.twin_contract import everything
from tests.twin_payments import Contract, part_of_whole
from tests.twin_tranches import Contingent, Guarantee, Tranche, is_investors, party_of

OUTSTANDING = 1e-6  # pounds; what is not yet due and less than this does not keep the surplus back
VEHICLE = "vehicle"
PARTS = ("fee", "coupon", "principal")


class Claim(NamedTuple):
    """What somebody is owed: a fee, coupon, principal, a contingent payment (by its name alone), or surplus."""

    owner: str
    what: str


Step = list[Claim]


@dataclass(frozen=True)
class Capital:
    """The vehicle's cash and its tranches (Section 8)."""

    flows: dict[str, Series]
    cash: Series
    gap: Series
    principal: dict[str, Series]  # closing
    coupon: dict[str, Series]  # closing, owed and accrued
    written_off: dict[str, Series]
    drawdown: dict[str, Series]
    net: dict[str, Series]  # n, Section 11, before investors' own fees
    own_fees: dict[str, Series]  # to fund managers
    promised: dict[str, Series]  # what payers pay under guarantees and contingent payments, net


def capital_of(
    scenario: Scenario, spend: Series, provider_paid: Series, contract: Contract, outcomes: Mapping[str, Outcome]
) -> Capital:
    """Section 8: every period in its order."""
    vehicle = Vehicle(scenario, spend, provider_paid, contract, outcomes)
    closing_cash = scenario.nothing()
    for t in scenario.periods:
        vehicle.work_through(t)
        closing_cash[t] = vehicle.cash + vehicle.purse
    tranches = vehicle.tranches
    for tranche in tranches.values():
        investors_own_fees(vehicle, tranche)
    return Capital(
        flows=vehicle.flows,
        cash=closing_cash,
        gap=vehicle.flows[gap_flow(scenario)],
        principal={name: one.closing_principal for name, one in tranches.items()},
        coupon={name: one.closing_coupon for name, one in tranches.items()},
        written_off={name: one.written_off for name, one in tranches.items()},
        drawdown={name: one.drawdown for name, one in tranches.items()},
        net={name: one.net for name, one in tranches.items()},
        own_fees={name: one.own_fees for name, one in tranches.items()},
        promised={payer: promised_by(vehicle, payer) for payer in bound_payers(vehicle)},
    )


def gap_flow(scenario: Scenario) -> str:
    """Section 8.5: the flow of the party that puts in what is missing."""
    return f"{scenario.text('capital.gap_covered_by', 'provider')}>vehicle:gap"


def bound_payers(vehicle: "Vehicle") -> list[str]:
    """Section 11, `promised`: the payers who are a party to a guarantee or a contingent payment."""
    parties = {guarantee.by for guarantee in vehicle.guarantees.values()}
    parties |= {party for one in vehicle.contingent.values() for party in (one.payer, one.receiver)}
    return [payer for payer in vehicle.scenario.names("contract.payers") if payer in parties]


def promised_by(vehicle: "Vehicle", payer: str) -> Series:
    """Section 11, `promised`: guarantees and contingent payments, less guarantee fees and what comes back."""
    promises = {*(f"guarantee_{name}" for name in vehicle.guarantees), *(f"fee_{name}" for name in vehicle.guarantees)}
    net = vehicle.scenario.nothing()
    for key, flow in vehicle.flows.items():
        parties, _, what = key.partition(":")
        if what in promises | set(vehicle.contingent) and payer in parties.split(">"):
            sign = 1 if parties.split(">")[0] == payer else -1
            net = [amount + sign * more for amount, more in zip(net, flow, strict=True)]
    return net


# --- The order of claims ----------------------------------------------------------------------------


def waterfall_of(scenario: Scenario) -> list[Step]:
    """Section 8, waterfall: the steps as they are written, or by rank."""
    written = scenario.find("capital.waterfall")
    if written is None:
        return steps_by_rank(scenario)
    return [step for one in written for step in written_steps(scenario, one if isinstance(one, list) else [one])]


def written_steps(scenario: Scenario, names: list[str]) -> list[Step]:
    """Section 8, waterfall: claims that share; names of tranches stand for three steps."""
    tranches = scenario.names("capital.tranches")
    claims = [claim_called(name) for name in names if name not in tranches]
    named = [[Claim(name, part) for name in names if name in tranches] for part in PARTS]
    return [step for step in [*named, claims] if step]


def claim_called(name: str) -> Claim:
    """Section 8, waterfall: `OWNER.WHAT`, or the name of a contingent payment."""
    owner, _, what = name.partition(".")
    return Claim(owner, what)


def steps_by_rank(scenario: Scenario) -> list[Step]:
    """Section 8, without `waterfall`: guarantee fees; by rank fees, coupons, principals; contingent payments."""
    steps = [[Claim(name, "fee") for name in scenario.names("capital.guarantees")]]
    ranks: dict[int, list[str]] = {}
    for name in scenario.names("capital.tranches"):
        ranks.setdefault(int(scenario.number(f"capital.tranches.{name}.rank", 1)), []).append(name)
    for rank in sorted(ranks):
        steps += [[Claim(name, part) for name in ranks[rank]] for part in PARTS]
    return [*steps, *([Claim(name, "")] for name in scenario.names("capital.contingent"))]


def surplus_lines(scenario: Scenario) -> list[dict[str, float]]:
    """Section 8, surplus: the shares of each line; without any, commitments of the last investors."""
    written = scenario.find("capital.surplus")
    if written is not None:
        lines = written if isinstance(written, list) else [written]
        return [{party: part_of_whole(line, party) for party in line if line[party] > 0} for line in lines]
    investors = [name for name in scenario.names("capital.tranches") if is_investors(scenario, name)]
    ranks = {name: scenario.number(f"capital.tranches.{name}.rank", 1) for name in investors}
    last = [name for name in investors if ranks[name] == max(ranks.values())]
    return [{name: scenario.number(f"capital.tranches.{name}.commitment") for name in last}]


# --- The vehicle ------------------------------------------------------------------------------------


@dataclass
class Vehicle:
    """The vehicle during the run (Section 8)."""

    scenario: Scenario
    spend: Series
    provider_paid: Series
    contract: Contract
    outcomes: Mapping[str, Outcome]
    cash: float = 0.0
    purse: float = 0.0  # Y
    flows: dict[str, Series] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read the terms, and open all flows that there always are."""
        scenario, view = self.scenario, everything(self.outcomes)
        names = scenario.names
        self.tranches = {name: Tranche(scenario, name, view) for name in names("capital.tranches")}
        self.guarantees = {name: Guarantee(scenario, name) for name in names("capital.guarantees")}
        self.contingent = {name: Contingent(scenario, name, view) for name in names("capital.contingent")}
        self.steps = waterfall_of(scenario)
        self.lines = surplus_lines(scenario)
        self.minimum_cash = scenario.by_period("capital.minimum_cash", 0)
        self.recycles = scenario.find("capital.recycling") is not False
        self.joint_limits = self.sets_of_terms()
        for name in self.tranches:
            self.book(name, VEHICLE, "drawdown", 0, 0.0)
            for what in (*PARTS, "surplus"):
                self.book(VEHICLE, name, what, 0, 0.0)
        for party in {party for line in self.lines for party in line} - set(self.tranches):
            self.book(VEHICLE, party, "surplus", 0, 0.0)
        self.flows[gap_flow(scenario)] = scenario.nothing()

    def sets_of_terms(self) -> dict[frozenset[str], list[str]]:
        """Section 8, room: the tranches that are repaid from each set of terms."""
        sets: dict[frozenset[str], list[str]] = {}
        for name, tranche in self.tranches.items():
            terms = self.scenario.find(f"{tranche.address}.repaid_from")
            if terms is not None:
                sets.setdefault(frozenset(terms), []).append(name)
        return sets

    def book(self, payer: str, receiver: str, what: str, t: int, amount: float) -> None:
        """Section 9: a flow; those of deferred fees are the provider's, with the tranche's name behind."""
        parties = {payer: party_of(self.scenario, payer), receiver: party_of(self.scenario, receiver)}
        if what in ("drawdown", *PARTS, "surplus"):
            what += "".join(f"_{name}" for name, party in parties.items() if party != name)
        flow = self.flows.setdefault(f"{parties[payer]}>{parties[receiver]}:{what}", self.scenario.nothing())
        flow[t] += amount

    def work_through(self, t: int) -> None:
        """Section 8: the seven steps of a period."""
        if t >= 1:
            self.accrue(t)
            for tranche in self.tranches.values():
                tranche.redeem(t)
        income = self.payments(t) + self.settle(t)
        self.cash -= self.spend[t]
        if self.recycles:
            self.cash += income
        else:
            self.purse += income
        kept = self.minimum_cash[t] if t < self.scenario.last else 0.0
        self.draw_down(t, kept)
        self.cover_gap(t)
        self.distribute(t, kept)
        self.call_guarantees(t)
        for tranche in self.tranches.values():
            tranche.close(t)

    # 1, 3

    def accrue(self, t: int) -> None:
        """Section 8.1: coupons and fees."""
        for tranche in self.tranches.values():
            tranche.accrue(t)
        for guarantee in self.guarantees.values():
            guarantee.accrue(t, self.tranches[guarantee.tranche].commitment)

    def payments(self, t: int) -> float:
        """Section 8.3: what payers pay."""
        return sum(payments[t] for payments in self.contract.payments.values())

    def settle(self, t: int) -> float:
        """Section 8, contingent payments: what they bring the vehicle; what it owes is added to its debts."""
        brought = 0.0
        for name, one in self.contingent.items():
            payer, receiver, amount = one.flow(t)
            if payer == VEHICLE:
                one.owed += amount
                continue
            self.pass_on(payer, receiver, name, t, amount)
            brought += amount if receiver == VEHICLE else 0.0
        return brought

    def pass_on(self, payer: str, receiver: str, what: str, t: int, amount: float) -> None:
        """Money that touches no balance; it counts for a tranche's return all the same (Section 11)."""
        self.book(payer, receiver, what, t, amount)
        if payer in self.tranches:
            self.tranches[payer].net[t] -= amount
        if receiver in self.tranches:
            self.tranches[receiver].net[t] += amount

    # 4, 5

    def draw_down(self, t: int, kept: float) -> None:
        """Section 8.4: agreed drawdowns, fees left by the provider, then what is needed, by order."""
        as_needed = []
        for name, tranche in self.tranches.items():
            if self.scenario.has(f"{tranche.address}.drawdowns"):
                self.draw(tranche, t, self.agreed(tranche, t))
            elif not self.scenario.has(f"{tranche.address}.share_of_fees"):
                as_needed.append(name)
        for tranche in self.tranches.values():
            if self.scenario.has(f"{tranche.address}.share_of_fees"):
                share = self.scenario.by_period(f"{tranche.address}.share_of_fees")[t]
                self.draw(tranche, t, share * self.provider_paid[t])
        orders = {name: self.tranches[name].number("drawdown_order", 1) for name in as_needed}
        for order in sorted(set(orders.values())):
            self.draw_together([self.tranches[name] for name in as_needed if orders[name] == order], t, kept)

    def agreed(self, tranche: Tranche, t: int) -> float:
        """Section 8.4: what is agreed to be drawn in a period."""
        rows = range(len(self.scenario.find(f"{tranche.address}.drawdowns")))
        addresses = [f"drawdowns.{i}" for i in rows]
        return sum(
            tranche.number(f"{row}.amount")
            for row in addresses
            if tranche.number(f"{row}.month") == t * self.scenario.months
        )

    def draw(self, tranche: Tranche, t: int, amount: float) -> None:
        """Section 8.4: never more than the tranche can still give, and nothing after `drawn_to_month`."""
        amount = min(amount, tranche.available) if tranche.may_draw(t) else 0.0
        tranche.draw(t, amount)
        self.cash += amount
        self.book(tranche.name, VEHICLE, "drawdown", t, amount)

    def draw_together(self, tranches: list[Tranche], t: int, kept: float) -> None:
        """Section 8.4: what is needed, from tranches of one order in proportion to what they can give."""
        available = {one.name: one.available for one in tranches if one.may_draw(t)}
        most = sum(available.values())
        needed = min(max(kept - self.cash, 0.0), most)
        if needed > 0:
            for name, one in available.items():
                self.draw(self.tranches[name], t, one if needed == most else needed * one / most)

    def cover_gap(self, t: int) -> None:
        """Section 8.5: what is missing comes from the second purse, then from the party that covers gaps."""
        from_purse = min(max(-self.cash, 0.0), self.purse)
        self.purse -= from_purse
        self.cash += from_purse
        if self.cash < 0:
            self.flows[gap_flow(self.scenario)][t] = -self.cash
            self.cash = 0.0

    # 6

    def distribute(self, t: int, kept: float) -> None:
        """Section 8.6: step by step, then the surplus; what waits stays where it was."""
        last = t == self.scenario.last
        whole = max(self.cash - kept, 0.0) if self.recycles else self.purse + (self.cash if last else 0.0)
        left = whole
        for step in self.steps:
            left -= self.pay_step(step, t, left)
        if not self.surplus_waits(t):
            self.pay_surplus(t, left)
            left = 0.0
        if self.recycles:
            self.cash -= whole - left
        else:
            self.purse = left
            self.cash = 0.0 if last else self.cash

    def pay_step(self, step: Step, t: int, left: float) -> float:
        """Section 8, waterfall: what is owed, as far as there is room and money, in proportion."""
        owed = self.within_room({claim: self.owed(claim, t) for claim in step}, t)
        whole = sum(owed.values())
        paid = min(left, whole)
        if paid <= 0:
            return 0.0
        for claim, amount in owed.items():
            self.pay_claim(claim, t, amount if paid == whole else paid * amount / whole)
        return paid

    def owed(self, claim: Claim, t: int) -> float:
        """Section 8, waterfall: what is due of a claim."""
        if claim.owner in self.contingent:
            return self.contingent[claim.owner].owed
        if claim.owner in self.guarantees:
            return self.guarantees[claim.owner].fee
        tranche = self.tranches[claim.owner]
        if tranche.kind == "grant":
            return 0.0
        due = {"fee": tranche.fee, "coupon": tranche.coupon_due(t), "principal": tranche.principal_due(t)}
        return due[claim.what]

    def within_room(self, asked: dict[Claim, float], t: int) -> dict[Claim, float]:
        """Section 8, room: each tranche's own, then the joint limit of those repaid from the same terms."""
        for name, tranche in self.tranches.items():
            asked = cut(asked, [name], tranche.room)
        for terms, names in self.joint_limits.items():
            asked = cut(asked, names, self.joint_room(terms, names, t))
        return asked

    def joint_room(self, terms: frozenset[str], names: list[str], t: int) -> float:
        """Section 8, `repaid_from`: what the terms have paid so far less what the vehicle has paid the tranches."""
        paid = sum(
            sum(flow[: t + 1]) for key, flow in self.contract.payments.items() if key.partition(">vehicle:")[2] in terms
        )
        return max(paid - sum(self.tranches[name].received - self.tranches[name].guaranteed for name in names), 0.0)

    def pay_claim(self, claim: Claim, t: int, amount: float) -> None:
        """Section 8, waterfall: a payment on one claim."""
        if claim.owner in self.contingent:
            one = self.contingent[claim.owner]
            one.owed -= amount
            self.pass_on(VEHICLE, one.creditor, claim.owner, t, amount)
        elif claim.owner in self.guarantees:
            guarantee = self.guarantees[claim.owner]
            guarantee.fee -= amount
            self.pass_on(VEHICLE, guarantee.by, f"fee_{claim.owner}", t, amount)
        else:
            tranche = self.tranches[claim.owner]
            if claim.what in PARTS:
                setattr(tranche, claim.what, getattr(tranche, claim.what) - amount)
            tranche.receive(t, amount)
            self.book(VEHICLE, claim.owner, claim.what, t, amount)

    def surplus_waits(self, t: int) -> bool:
        """Section 8, surplus: whether it is too early, or something is outstanding that is not yet due."""
        if t == self.scenario.last:
            return False
        early = t * self.scenario.months < self.scenario.number("capital.surplus_from_month", 0)
        return early or any(one.not_yet_due(t) > OUTSTANDING for one in self.tranches.values())

    def pay_surplus(self, t: int, left: float) -> None:
        """Section 8, surplus: line by line; what a tranche cannot take goes to the others, then to the next line."""
        for line in self.lines:
            takers = dict(line)
            while takers and left > 0:
                asked = {Claim(name, "surplus"): left * part for name, part in parts(takers).items()}
                given = self.within_room(asked, t)
                for claim, amount in given.items():
                    self.pay_surplus_to(claim, t, amount)
                full = [claim.owner for claim in asked if given[claim] < asked[claim]]
                left = left - sum(given.values()) if full else 0.0
                takers = {name: share for name, share in takers.items() if name not in full}

    def pay_surplus_to(self, claim: Claim, t: int, amount: float) -> None:
        """Section 8, surplus: to a tranche or another party."""
        if claim.owner in self.tranches:
            self.pay_claim(claim, t, amount)
        else:
            self.book(VEHICLE, claim.owner, "surplus", t, amount)

    # 7

    def call_guarantees(self, t: int) -> None:
        """Section 8.7: guarantors make good what is missing of principal, in the order of the file."""
        for name, guarantee in self.guarantees.items():
            if t * self.scenario.months != guarantee.month:
                continue
            tranche = self.tranches[guarantee.tranche]
            amount = guarantee.pays(tranche)
            tranche.made_good(t, amount)
            self.book(guarantee.by, guarantee.tranche, f"guarantee_{name}", t, amount)
            if guarantee.by in self.tranches:
                self.tranches[guarantee.by].net[t] -= amount


def parts(shares: dict[str, float]) -> dict[str, float]:
    """Shares of those who can still take something, made to add up to 1; equal ones if all are nothing."""
    whole = sum(shares.values())
    return {name: share / whole if whole > 0 else 1 / len(shares) for name, share in shares.items()}


def cut(asked: dict[Claim, float], names: list[str], room: float) -> dict[Claim, float]:
    """Section 8, room: the claims of some tranches, cut in proportion to what they may receive together."""
    together = sum(amount for claim, amount in asked.items() if claim.owner in names)
    if together <= room:
        return asked
    return {claim: amount * (room / together) if claim.owner in names else amount for claim, amount in asked.items()}


# --- Investors' own fees ----------------------------------------------------------------------------


def investors_own_fees(vehicle: Vehicle, tranche: Tranche) -> None:
    """Section 8, investors' own fees: a yearly fee, and a share of what exceeds all that was paid in."""
    scenario, address = vehicle.scenario, "investor_fees"
    if not scenario.has(f"{tranche.address}.{address}"):
        return
    highest = running = 0.0
    for t in scenario.periods:
        opening = tranche.closing_principal[t - 1] if t >= 1 else 0.0
        yearly = tranche.number(f"{address}.on_commitment") * tranche.commitment
        yearly += tranche.number(f"{address}.on_principal") * opening
        fee = yearly / scenario.per_year if t >= 1 else 0.0
        running += tranche.net[t] - fee
        carried = tranche.number(f"{address}.carried_interest") * max(running - highest, 0.0)
        highest = max(highest, running)
        tranche.own_fees[t] = fee + carried
        vehicle.book(tranche.name, "fund_manager", "fund_fee", t, fee)
        vehicle.book(tranche.name, "fund_manager", "carried_interest", t, carried)
