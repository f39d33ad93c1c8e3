"""Every route on the same trials: who is in it, its ledger, and its figures in every trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
from sibmodel.funding.paid import Lending, Paid, direct, ledger_of, together
from sibmodel.funding.terms import VEHICLE
from sibmodel.measures.commissioner import commissioners, own_savings, paid_by, worth_of
from sibmodel.model import Books, Service, achieve, if_nothing, serve, work_through
from sibmodel.programme.places import in_service
from sibmodel.questions.ledgers import investors
from sibmodel.scenario.schema import Scenario

_DUST = 1e-9
"""A smaller share of all costs is rounding."""

Figures = dict[tuple[str, str], FloatArray]
"""By route and figure, (trials,)."""

COMMISSIONERS, FUNDS, LOAN_FUND, PUBLIC_INVESTORS = "commissioners", "outcomes_funds", "loan_fund", "public_investors"
PHILANTHROPY, INVESTORS, PROVIDER, SPONSOR = "philanthropy", "investors", "provider", "sponsor"
TAX_OFFICE = "tax_office"
OTHER_PAYERS = "other_payers"
"""Payers whose money is not public: no role of their own, as they are commissioners or outcomes funds too."""
ROLES = (
    COMMISSIONERS, FUNDS, PHILANTHROPY, LOAN_FUND, PUBLIC_INVESTORS, INVESTORS, PROVIDER, SPONSOR, TAX_OFFICE,
)  # fmt: skip
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
        backers, public = [name for name in investors(base) if name != SPONSOR], scenario.routes.also_public
        roles = {
            COMMISSIONERS: buyers,
            FUNDS: tuple(name for name in payers if name not in buyers),
            PHILANTHROPY: (DONORS,),
            LOAN_FUND: (FUND,),
            PUBLIC_INVESTORS: tuple(name for name in backers if name in public),
            INVESTORS: tuple(name for name in backers if name not in public),
            PROVIDER: (PROVIDER,),
            SPONSOR: (SPONSOR,),
            TAX_OFFICE: (TAX_OFFICE,) if TAX_OFFICE in public else (),
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

    @cached_property
    def others(self) -> dict[str, tuple[str, ...]]:
        """Those whose money is not public but who may bear a part of the cost, by role."""
        found = {role: self.roles[role] for role in (PHILANTHROPY, INVESTORS, PROVIDER, SPONSOR)}
        found[OTHER_PAYERS] = self.scenario.routes.not_public
        return {role: parties for role, parties in found.items() if parties and not set(parties) & set(self.public)}


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
        spend, spent = self.service.costs.spend * share, self.books.service.costs.spend * share
        flows = tuple(replace(flow, amount=flow.amount * share) for flow in settled.ledger.flows)
        return Paid(flows, spend, spent, settled.capital.gap * share + spend - spent)

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
        costs = _costs(one, paid)
        kept |= {(route, what): np.broadcast_to(x, trials.count) for what, x in _of_route(one, route, paid, costs)}
        unchanged = _costs(nothing, nothing.paid(route))
        kept |= {(route, f"nothing_{what}"): x for what, x in _of_payers(nothing, unchanged)}
        summed |= {(route, what): np.broadcast_to(x, trials.count) for what, x in _by_year(plan, paid, costs)}
    return kept, summed


Costs = Mapping[str, FloatArray]
"""What each party pays less what it receives, nominal, (periods, trials)."""


def _costs(world: World, paid: Paid) -> Costs:
    """Of everybody with a role in it, from the books of a route, which are checked."""
    ledger, plan = ledger_of(paid, world.bill.shape), world.plan
    everybody = dict.fromkeys([*(name for names in plan.roles.values() for name in names), *plan.public])
    return {party: -ledger.net(party) for party in everybody if party in ledger.parties}


def _present(world: World, costs: Costs, parties: tuple[str, ...]) -> FloatArray:
    """Present value of what some parties pay less what they receive, real at the public rate, (trials,)."""
    out = np.zeros(world.books.trials.count)
    for party in parties:
        if party in costs:
            out = out + over_time(costs[party] * world.weights)
    return out


def _of_route(world: World, route: str, paid: Paid, costs: Costs) -> Iterator[tuple[str, FloatArray]]:
    plan = world.plan
    of_payers = dict(_of_payers(world, costs))
    yield from of_payers.items()
    yield "less_cashable", of_payers["public"] - world.saved(route)
    for role, parties in plan.roles.items():
        yield f"role:{role}", _present(world, costs, parties)
    others = {role: _present(world, costs, parties) for role, parties in plan.others.items()}
    yield from ((f"other:{role}", amount) for role, amount in others.items())
    yield "with_others", sum(others.values(), of_payers["public"])
    for name in plan.scenario.contract.payers:
        yield f"payer:{name}", _present(world, costs, (name,))
    yield from _how_far_paid(world, paid)
    extra = [flow.amount for name in plan.parts(route) for flow in world.transactions(name)]
    spent = (over_time(np.broadcast_to(x, world.bill.shape) * world.weights) for x in extra)
    yield "transaction", sum(spent, np.zeros(world.books.trials.count))
    if paid.lending is not None:
        yield from _of_fund(world, paid.lending)


def _of_payers(world: World, costs: Costs) -> Iterator[tuple[str, FloatArray]]:
    yield "public", _present(world, costs, world.plan.public)
    yield "payers", _present(world, costs, tuple(world.plan.scenario.contract.payers))


def _how_far_paid(world: World, paid: Paid) -> Iterator[tuple[str, FloatArray]]:
    """Whether costs are paid, and by the route's own money; what is spent earlier than planned is not covered by it."""
    left = unpaid(paid)
    short = np.broadcast_to(paid.short, world.bill.shape)
    yield "covered", np.all(np.abs(short) <= HALF_A_PENNY, axis=0) * 1.0
    yield "unpaid", left
    yield "undone", over_time((paid.cost - paid.spent) * world.weights)
    yield "whole", np.asarray(left <= _DUST, dtype=np.float64)
    missing: FloatArray = np.maximum(over_time(short), 0.0)
    yield "own_share", 1.0 - _part_of(missing, over_time(paid.cost))


def _of_fund(world: World, lending: Lending) -> Iterator[tuple[str, FloatArray]]:
    """A loan fund's account, nominal, and what lending costs it: what is lost, and what is lent too cheaply.

    Of each pound owed through a period the fund has the period's interest, less than the public rate asks for:
    B(t − 1) (w(t − 1) − (1 + i) w(t)), with w what a pound of a period is worth. Over all periods that is the worth of
    what is lent less that of all that comes back and of what is written off.
    """
    lent, put_in = over_time(lending.lent), lending.put_in[0]
    yield "lent", lent
    yield "put_in", put_in
    yield "recycled", np.divide(lent, put_in, out=np.full(lent.shape, np.nan), where=put_in > HALF_A_PENNY)
    yield "interest", over_time(lending.interest)
    yield "lost", over_time(lending.written_off)
    yield "closing", lending.balance[-1]
    lost = over_time(lending.written_off * world.weights)
    yield "lost_worth", lost
    yield "subsidy", over_time(-lending.net * world.weights) - lost


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
