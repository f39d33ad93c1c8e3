"""Four ledgers of one bond by financial year, never added up, and how they reconcile."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.contract.payers import TAX_OFFICE
from sibmodel.core.discounting import deflators
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.appraisal import cost_words
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, own_savings, real_present_value
from sibmodel.measures.horizon import after_the_end
from sibmodel.model import Books
from sibmodel.questions.savings_chain import by_period
from sibmodel.running.execution import base_case
from sibmodel.scenario.schema import Scenario

RUNNING_IT = ("vehicle", "provider", "manager", "evaluator")
"""Who runs the service and the vehicle."""


@dataclass(frozen=True)
class Line:
    """One line of a ledger, as its party sees it: received or saved is positive. `by_year` are pounds by `years`.

    `other` is whom it comes from or goes to, where it is cash.
    """

    party: str
    what: str
    by_year: tuple[float, ...]
    other: str = ""

    @property
    def total(self) -> float:
        """All years together."""
        return sum(self.by_year)


@dataclass(frozen=True)
class Account:
    """One ledger: its lines, which pounds they are in, and what its lines add up to by year.

    `beside` are lines that are shown with it and are no part of its sum.
    """

    name: str
    title: str
    basis: str
    lines: tuple[Line, ...]
    beside: tuple[Line, ...]

    @property
    def net(self) -> tuple[float, ...]:
        """Sum of the lines by year."""
        return tuple(map(sum, zip(*(line.by_year for line in self.lines), strict=True)))


@dataclass(frozen=True)
class Check:
    """One reconciliation: the same amount found in two ways, in pounds."""

    what: str
    one: float
    other: float

    @property
    def difference(self) -> float:
        """The one less the other."""
        return self.one - self.other


@dataclass(frozen=True)
class Ledgers:
    """Ledgers of payers, investors, provider and vehicle, and society, in the base case. Prints itself."""

    books: Books
    years: tuple[str, ...]
    accounts: tuple[Account, ...]
    checks: tuple[Check, ...]

    @property
    def title(self) -> str:
        """The scenario's."""
        return self.books.scenario.title

    def __getitem__(self, name: str) -> Account:
        return next(account for account in self.accounts if account.name == name)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "scenario": self.title,
            "years": list(self.years),
            "ledgers": {account.name: asdict(account) | {"net": account.net} for account in self.accounts},
            "checks": [asdict(check) | {"difference": check.difference} for check in self.checks],
            "after_the_end": after_the_end(self.books),
        }

    def __str__(self) -> str:
        from sibmodel.report.ledgers_story import ledgers_story
        from sibmodel.report.terminal import as_text

        return as_text(ledgers_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.ledgers_story import ledgers_story
        from sibmodel.report.terminal import as_html

        return as_html(ledgers_story(self))


def ledgers(scenario: Scenario) -> Ledgers:
    """Keep the four ledgers of the base case.

    The first three hold cash, nominal; own savings stand beside the payers'. The social one holds resources and value
    in prices of the signing date, with no transfer in it.
    """
    books = base_case(scenario)
    years = tuple(dict.fromkeys(scenario.timeline.financial_years))
    cash = [
        Account("payers", "Who pays", _CASH, tuple(_cash(books, payers(books))), tuple(_savings_beside(books))),
        Account("investors", "Who invests", _CASH, tuple(_cash(books, investors(books))), ()),
        Account("delivery", "Provider and vehicle", _CASH, tuple(_cash(books, RUNNING_IT)), ()),
    ]
    social = Account("social", "Society", _REAL, tuple(_social(books)), tuple(_not_added_up(books)))
    return Ledgers(books, years, (*cash, social), tuple(_checks(books, cash, social)))


_CASH = "cash, pounds of each year, April to March"
_REAL = "resources and value in prices of the signing date, not discounted; payments between parties cancel out"


def payers(books: Books) -> tuple[str, ...]:
    """Everybody who pays for outcomes."""
    return tuple(books.scenario.contract.payers)


def investors(books: Books) -> tuple[str, ...]:
    """Holders of tranches, guarantors and parties to contingent payments, but for payers and those who run things."""
    capital = books.settlement.capital
    names = [one.holder for one in capital.tranches.values()]
    names += [one.guarantor for one in capital.guarantees.values()]
    names += [name for one in capital.contingent.values() for name in (one.payer, one.receiver)]
    others = (*payers(books), *RUNNING_IT, TAX_OFFICE)
    return tuple(dict.fromkeys(name for name in names if name not in others))


def _by_year(books: Books, series: FloatArray) -> tuple[float, ...]:
    """A series of the base case, (periods,), added up by financial year."""
    years = np.array(books.scenario.timeline.financial_years)
    return tuple(float(series[years == year].sum()) for year in dict.fromkeys(years.tolist()))


def _cash(books: Books, parties: tuple[str, ...]) -> Iterator[Line]:
    """Every flow of some parties that is ever more than nothing, signed as each party sees it."""
    for party in parties:
        for flow in books.settlement.ledger.flows:
            if party in (flow.payer, flow.receiver) and flow.amount.any():
                other = flow.receiver if party == flow.payer else flow.payer
                sign = 1.0 if party == flow.receiver else -1.0
                yield Line(party, flow.what, _by_year(books, sign * flow.amount[:, 0]), other)


def _level(books: Books) -> FloatArray:
    inflation = books.scenario.prices.inflation.over(books.trials)
    return deflators(books.scenario.timeline.years, inflation)[:, 0]


def _savings_beside(books: Books) -> Iterator[Line]:
    """Fiscal savings of every agency, and the part of them that is cash, in pounds of the year."""
    terms, level = books.scenario.savings, _level(books)
    for agency in terms.agencies if terms else ():
        mine = [s for s in books.service.savings if s.agency == agency and s.kind == "fiscal"]
        if mine:
            after = by_period(mine, "after_bias", len(level)) * level
            cash = by_period(mine, "cashable", len(level)) * level
            yield Line(agency, "fiscal savings after optimism bias", _by_year(books, after))
            yield Line(agency, "of which cashable", _by_year(books, cash))


def _real_spend(books: Books) -> FloatArray:
    """What the bond costs society, in prices of the signing date, raised for optimism bias, (periods,)."""
    uplift = books.scenario.appraisal.cost_optimism_bias.over(books.trials)[0, 0]
    spend = np.broadcast_to(books.service.costs.to_society, (books.trials.periods, 1))[:, 0]
    return np.asarray(spend / _level(books) * (1 + uplift))


def _social(books: Books) -> Iterator[Line]:
    scenario, periods = books.scenario, books.trials.periods
    bias = scenario.appraisal.cost_optimism_bias.central_values()[0]
    words = cost_words(books) + (f", raised by {bias:.0%} for optimism bias" if bias else "")
    yield Line("programme", words, _by_year(books, -_real_spend(books)))
    for kind in scenario.appraisal.adds_up:
        mine = [s for s in books.service.savings if s.kind == kind]
        if mine:
            series = by_period(mine, "after_bias", periods)
            yield Line("society", f"{kind} value after optimism bias", _by_year(books, series))


def _not_added_up(books: Books) -> Iterator[Line]:
    """Kinds of value that the appraisal does not add up."""
    kinds = dict.fromkeys(s.kind for s in books.service.savings)
    for kind in kinds:
        if kind not in books.scenario.appraisal.adds_up:
            mine = [s for s in books.service.savings if s.kind == kind]
            series = by_period(mine, "after_bias", books.trials.periods)
            yield Line("society", f"{kind} value after optimism bias, not added up", _by_year(books, series))


def _checks(books: Books, cash: list[Account], social: Account) -> Iterator[Check]:
    """The same amounts by different ways: chapters against the ledger, and ledgers among themselves."""
    found = {name: float(v.values[0]) for name, v in all_measures(books).items()}
    ledger, settled = books.settlement.ledger, books.settlement
    received = total(ledger.between(payer, "vehicle", term) for term, payer in settled.payments.paid)
    yield Check(
        "outcome payments: as the contract works them out; as the vehicle receives them",
        found["payers.payments"], _sum(received),
    )  # fmt: skip
    by_name = {account.name: account for account in cash}
    costs = {(one.name, one.receiver) for one in books.service.costs.of_vehicle}
    of_vehicle = [line for line in by_name["delivery"].lines if line.party == "vehicle"]
    spent = -sum(line.total for line in of_vehicle if (line.what, line.other) in costs)
    yield Check("programme spend: as the programme costs it; as the vehicle pays it",
                _sum(books.service.costs.spend), spent)  # fmt: skip
    holders = investors(books)
    mine = [one for one in settled.capital.tranches.values() if one.holder in holders]
    principal = sum(_sum(one.drawdown) - _sum(one.principal) for one in mine)
    moved = -sum(
        line.total for line in by_name["investors"].lines if line.what.startswith(("drawdown", "principal"))
    )  # fmt: skip
    yield Check("investors' money not paid back: by the tranches' balances; by the investors' ledger", principal, moved)
    at_end = float(settled.capital.closing_cash[-1, 0])
    vehicle = sum(line.total for line in of_vehicle)
    yield Check("the vehicle's cash at the end: by its balance; by its ledger", at_end, vehicle)
    named = (*payers(books), *holders, *RUNNING_IT)
    outside = [name for name in ledger.parties if name not in named]
    rest = sum(_sum(ledger.net(name)) for name in outside)
    kept = sum(sum(account.net) for account in cash if account.lines)
    yield Check("cash of the three ledgers together; less what left to or came from everybody else", kept, -rest)
    if books.scenario.savings is not None:
        yield from _checks_of_savings(books, by_name["payers"], social, found)


def _sum(series: FloatArray) -> float:
    return float(over_time(series)[0])


def _checks_of_savings(books: Books, paying: Account, social: Account, found: Mapping[str, float]) -> Iterator[Check]:
    fiscal = [s for s in books.service.savings if s.kind == "fiscal"]
    level = _level(books)
    whole = by_period(fiscal, "after_bias", len(level)) * level
    agencies = sum(line.total for line in paying.beside if line.what.startswith("fiscal"))
    yield Check("fiscal savings after optimism bias: in all; agency by agency", float(whole.sum()), agencies)
    factors = books.scenario.public_factors()
    value = -float(factors @ _real_spend(books))
    for kind in books.scenario.appraisal.adds_up:
        for one in books.service.savings:
            if one.kind == kind:
                series = by_period([one], "after_bias", len(level))
                value += float(books.scenario.public_factors(one.schedule) @ series)
    yield Check("net present value: as `run` gives it; from the social ledger, discounted", found["public.npv"], value)
    own = by_period(own_savings(books, *commissioners(books)), "after_bias", len(level))
    cost = sum(
        float(real_present_value(books, amount)[0])
        for name in commissioners(books)
        for amount in (_outlay(books, name),)
    )
    yield Check(
        "commissioners' net saving: as `run` gives it; own savings less what the payers' ledger says, but for surplus "
        "that they get back, discounted",
        found["commissioner.net_saving"], float(factors @ own) - cost,
    )  # fmt: skip


def _outlay(books: Books, payer: str) -> FloatArray:
    """What a payer pays less what it gets in the ledger, but for surplus; nothing if it has no part in it."""
    ledger = books.settlement.ledger
    if payer not in ledger.parties:
        return np.zeros((1, 1))
    return -ledger.net(payer) + ledger.between(receiver=payer, what="surplus")
