"""Every route on the same trials: who is in it, its ledger, and its figures in every trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sibmodel.core.flows import saved
from sibmodel.core.ledger import Flow
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.funding.bill import DONORS, FUND, Bill, transaction, without
from sibmodel.funding.grant import grant
from sibmodel.funding.loan import loan
from sibmodel.funding.paid import Paid, direct, ledger_of, together
from sibmodel.funding.terms import VEHICLE
from sibmodel.measures.commissioner import commissioners, own_savings, paid_by, worth_of
from sibmodel.model import Books, Service, achieve, if_nothing, serve, work_through
from sibmodel.programme.places import in_service
from sibmodel.questions.ledgers import investors
from sibmodel.scenario.schema import Scenario

Figures = dict[tuple[str, str], FloatArray]
"""By route and figure, (trials,)."""

COMMISSIONERS, FUNDS, PHILANTHROPY, LOAN_FUND, INVESTORS, PROVIDER, SPONSOR = (
    "commissioners", "outcomes_funds", "philanthropy", "loan_fund", "investors", "provider", "sponsor",
)  # fmt: skip
ROLES = (COMMISSIONERS, FUNDS, PHILANTHROPY, LOAN_FUND, INVESTORS, PROVIDER, SPONSOR)
"""Who may pay, in the order in which they are told."""


@dataclass(frozen=True)
class Plan:
    """What is compared: the routes by name, shares of the commissioners, and who is who; from the base case."""

    scenario: Scenario
    shares: Mapping[str, float]
    roles: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, base: Books) -> Plan:
        """The plan of a scenario; `base` are the books of its base case."""
        scenario, buyers = base.scenario, commissioners(base)
        payers = tuple(scenario.contract.payers)
        roles = {
            COMMISSIONERS: buyers,
            FUNDS: tuple(name for name in payers if name not in buyers),
            PHILANTHROPY: (DONORS,),
            LOAN_FUND: (FUND,),
            INVESTORS: tuple(name for name in investors(base) if name != SPONSOR),
            PROVIDER: (PROVIDER,),
            SPONSOR: (SPONSOR,),
        }
        return cls(scenario, scenario.routes.commissioners or _shares(base, buyers or payers), roles)

    @property
    def names(self) -> tuple[str, ...]:
        """The routes: direct and the bond always, grant and loan where the file has their terms, then mixes."""
        terms = self.scenario.routes
        given = {"direct": True, "grant": terms.grant is not None, "loan": terms.loan is not None, "sib": True}
        return (*(name for name, there in given.items() if there), *terms.mixes)

    def parts(self, route: str) -> dict[str, float]:
        """The simple routes of which one is made, with their shares."""
        mix = self.scenario.routes.mixes.get(route)
        return {route: 1.0} if mix is None else {str(name): share for name, share in mix.shares.items() if share > 0.0}

    @cached_property
    def public(self) -> tuple[str, ...]:
        """The parties whose money is public."""
        terms = self.scenario.routes
        payers = (name for name in self.scenario.contract.payers if name not in terms.not_public)
        return (*payers, FUND, *terms.also_public)


def _shares(base: Books, payers: tuple[str, ...]) -> dict[str, float]:
    """Shares in the outcome payments of the base case; equal ones if nobody pays anything."""
    paid = {name: float(over_time(paid_by(base, name))[0]) for name in payers}
    together = sum(paid.values())
    return {name: amount / together if together else 1.0 / len(paid) for name, amount in paid.items()}


@dataclass(frozen=True)
class World:
    """The bond's books, and the service if money never runs out: what every other route pays for."""

    plan: Plan
    books: Books
    service: Service

    @cached_property
    def bill(self) -> Bill:
        """What every other route pays for."""
        scenario, trials = self.plan.scenario, self.books.trials
        vat = scenario.programme.costs.vat
        lines = without(self.service.costs.lines, scenario.routes.without, () if vat is None else vat.lines)
        return Bill(lines, self.plan.shares, self._cash_of_commissioners(), scenario.timeline, trials)

    def _cash_of_commissioners(self) -> FloatArray:
        """Their own cashable savings, pounds of each year, (periods, trials); nothing if they repay no loan."""
        terms, trials = self.plan.scenario.routes.loan, self.books.trials
        if terms is None or terms.borrower != VEHICLE:
            return np.broadcast_to(np.zeros((1, 1)), (trials.periods, trials.count))
        mine = {(s.name, s.agency) for s in own_savings(self.books, *self.plan.roles[COMMISSIONERS])}
        cash = saved([s for s in self.service.savings if (s.name, s.agency) in mine], "cashable")
        return np.array(np.broadcast_to(cash * self.books.price_level, (trials.periods, trials.count)))

    @cached_property
    def weights(self) -> FloatArray:
        """What a nominal pound of each period is worth, real at the public rate, (periods, 1 or trials)."""
        return np.asarray(self.plan.scenario.public_factors()[:, None] / self.books.price_level)

    def paid(self, route: str) -> Paid:
        """A route's flows."""
        parts = {name: self._part(name, share) for name, share in self.plan.parts(route).items()}
        costs = [flow for name in parts for flow in self.transactions(name)]
        return together(parts).and_more(costs)

    def transactions(self, route: str) -> list[Flow]:
        """What commissioners pay for setting up and running a simple route."""
        terms = self.plan.scenario.routes.transaction_costs.get(route)  # type: ignore[call-overload]
        return transaction(terms, self.bill, in_service(self.plan.scenario.programme.service, self.bill.timeline))

    def _part(self, route: str, share: float) -> Paid:
        """A simple route that pays a share of everything."""
        return self.books.memo.once((route, share), lambda: self._share_of(route, share), self.service)

    def _share_of(self, route: str, share: float) -> Paid:
        terms, bill = self.plan.scenario.routes, self.bill if share == 1.0 else self.bill.part(share)
        if route == "grant" and terms.grant is not None:
            return grant(terms.grant, bill)
        if route == "loan" and terms.loan is not None:
            return loan(terms.loan, bill)
        return direct(bill) if route == "direct" else self._bond(share)

    def _bond(self, share: float) -> Paid:
        settled = self.books.settlement
        spend, spent = self.service.costs.spend, self.books.service.costs.spend
        whole = Paid(settled.ledger.flows, spend, spent, settled.capital.gap)
        return whole if share == 1.0 else whole.part(share)

    def saved(self, route: str) -> FloatArray:
        """Cashable fiscal savings of all agencies, real present value, (trials,); less where the service is cut."""
        out = np.zeros(self.books.trials.count)
        for name, share in self.plan.parts(route).items():
            if name == "sib":
                out = out + share * self._cashable(self.books.service)
            else:
                out = out + share * self._cashable(self.service) * (1.0 - unpaid(self._part(name, share)))
        return out

    def _cashable(self, service: Service) -> FloatArray:
        fiscal = [one for one in service.savings if one.kind == "fiscal"]
        return self.books.memo.once("cashable", lambda: worth_of(self.books, fiscal, "cashable"), service)


def unpaid(paid: Paid) -> FloatArray:
    """Share of the programme's costs that nobody pays, nominal, as the service is cut or stops, (trials,)."""
    cost = over_time(paid.cost)
    return _part_of(np.maximum(cost - over_time(paid.spent), 0.0), cost)


def _part_of(amount: FloatArray, whole: FloatArray) -> FloatArray:
    """A part of a whole, nothing of nothing."""
    out = np.zeros(np.broadcast(amount, whole).shape)
    return np.divide(amount, whole, out=out, where=whole > HALF_A_PENNY)


def worlds(plan: Plan, trials: Trials) -> tuple[World, World]:
    """The trials as they are, and if the programme changes nothing."""
    scenario = plan.scenario
    books = work_through(scenario, trials)
    nothing = if_nothing(scenario, books.service, trials)
    if not scenario.capital.service_stops:
        return World(plan, books, books.service), World(plan, nothing, nothing.service)
    whole = serve(scenario, trials)
    unchanged = achieve(scenario, whole.activity, whole.costs, trials, scale=0.0)
    return World(plan, books, whole), World(plan, nothing, unchanged)


def figures(plan: Plan, trials: Trials) -> tuple[Figures, Figures]:
    """Figures of every route that are kept trial by trial, and those of which means are enough: pounds by year."""
    one, nothing = worlds(plan, trials)
    kept: Figures = {}
    summed: Figures = {}
    for route in plan.names:
        paid = one.paid(route)
        ledger = ledger_of(paid, one.bill.shape)
        costs = {party: -ledger.net(party) for party in _everybody(plan) if party in ledger.parties}
        kept |= {(route, what): np.broadcast_to(x, trials.count) for what, x in _of_route(one, route, paid, costs)}
        kept |= {(route, f"nothing_{what}"): x for what, x in _if_nothing(nothing, route)}
        summed |= {(route, what): np.broadcast_to(x, trials.count) for what, x in _by_year(plan, paid, costs)}
    return kept, summed


Costs = Mapping[str, FloatArray]
"""What each party pays less what it receives, nominal, (periods, trials)."""


def _everybody(plan: Plan) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*(name for names in plan.roles.values() for name in names), *plan.public]))


def _present(world: World, costs: Costs, parties: tuple[str, ...]) -> FloatArray:
    """Present value of what some parties pay less what they receive, real at the public rate, (trials,)."""
    out = np.zeros(world.books.trials.count)
    for party in parties:
        if party in costs:
            out = out + over_time(costs[party] * world.weights)
    return out


def _of_route(world: World, route: str, paid: Paid, costs: Costs) -> Iterator[tuple[str, FloatArray]]:
    plan = world.plan
    public = _present(world, costs, plan.public)
    yield "public", public
    yield "less_cashable", public - world.saved(route)
    yield "payers", _present(world, costs, tuple(plan.scenario.contract.payers))
    for role, parties in plan.roles.items():
        yield f"role:{role}", _present(world, costs, parties)
    for name in plan.scenario.contract.payers:
        yield f"payer:{name}", _present(world, costs, (name,))
    short = np.broadcast_to(paid.short, world.bill.shape)
    yield "covered", np.all(short <= HALF_A_PENNY, axis=0) * 1.0
    yield "unpaid", unpaid(paid)
    yield "own_share", 1.0 - _part_of(over_time(short), over_time(paid.cost))
    extra = [flow.amount for name in plan.parts(route) for flow in world.transactions(name)]
    spent = (over_time(np.broadcast_to(x, world.bill.shape) * world.weights) for x in extra)
    yield "transaction", sum(spent, np.zeros(world.books.trials.count))
    if paid.lending is not None:
        lent, put_in = over_time(paid.lending.lent), paid.lending.put_in[0]
        yield "lent", lent
        yield "put_in", put_in
        yield "recycled", np.divide(lent, put_in, out=np.full(lent.shape, np.nan), where=put_in > HALF_A_PENNY)
        yield "interest", over_time(paid.lending.interest)
        yield "lost", over_time(paid.lending.written_off)
        yield "closing", paid.lending.balance[-1]


def _if_nothing(world: World, route: str) -> Iterator[tuple[str, FloatArray]]:
    ledger = ledger_of(world.paid(route), world.bill.shape)
    costs = {party: -ledger.net(party) for party in _everybody(world.plan) if party in ledger.parties}
    yield "public", _present(world, costs, world.plan.public)
    yield "payers", _present(world, costs, tuple(world.plan.scenario.contract.payers))


def _by_year(plan: Plan, paid: Paid, costs: Costs) -> Iterator[tuple[str, FloatArray]]:
    """Pounds of each financial year by role, and of the public together; a fund's money at the end of each year."""
    years = np.array(plan.scenario.timeline.financial_years)
    groups = {**plan.roles, "public": plan.public}
    for role, parties in groups.items():
        mine = [costs[party] for party in parties if party in costs]
        for year in dict.fromkeys(years.tolist()) if mine else ():
            yield f"{role}:{year}", sum((over_time(x[years == year]) for x in mine), np.zeros(1))
    if paid.lending is not None:
        balance = paid.lending.balance
        for year in dict.fromkeys(years.tolist()):
            yield f"fund_balance:{year}", balance[np.flatnonzero(years == year)[-1]]
