"""What payers pay and what commissioners save, and what is left for the provider and the vehicle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from sibmodel.core.flows import Link, Saving, sum_of, total, worth
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray, first_of, over_time, weighed
from sibmodel.measures.values import Values, pounds
from sibmodel.model import Books


def paid_by(books: Books, *payers: str) -> FloatArray:
    """Outcome payments of some payers together, nominal, (periods, trials)."""
    payments, shape = books.settlement.payments, (books.trials.periods, books.trials.count)

    def paid() -> FloatArray:
        own = [amount for (_, payer), amount in payments.paid.items() if payer in payers]
        return np.broadcast_to(payments.total if len(own) == len(payments.paid) else total(own), shape)

    return books.memo.once(("paid by", payers), paid)


def outlay(books: Books, *payers: str) -> FloatArray:
    """All that a bond costs some payers, nominal, (periods, trials).

    Payments, tax that they cannot recover, what they pay under guarantees and the like, and costs of their own.
    """
    tax = total(amount for name, amount in books.settlement.payments.vat.items() if name in payers)
    promised = total(books.settlement.capital.promised(name) for name in payers)
    return sum_of((paid_by(books, *payers), tax, promised, books.service.costs.borne_by(*payers)))


def _in_all(books: Books, amount: FloatArray) -> FloatArray:
    """Added up over periods, (trials,)."""
    in_all = over_time(np.broadcast_to(amount, (books.trials.periods, amount.shape[1])))
    return np.broadcast_to(in_all, (books.trials.count,))


def commissioners(books: Books) -> tuple[str, ...]:
    """Names of the payers that are commissioners."""
    return tuple(n for n, payer in books.scenario.contract.payers.items() if payer.kind == "commissioner")


def own_savings(books: Books, *payers: str) -> list[Saving]:
    """Fiscal savings of the agencies that are some payers' own."""
    terms = books.scenario.savings
    own = {name for name, agency in terms.agencies.items() if agency.payer in payers} if terms else set()
    return [s for s in books.service.savings if s.kind == "fiscal" and s.agency in own]


def real_present_value(books: Books, nominal: FloatArray) -> FloatArray:
    """Nominal flows deflated to the signing date and discounted at the public rate, shape (trials,)."""

    def present() -> FloatArray:
        level = books.price_level
        if level.shape[1] > 1:
            return present_value_of_real(books, books.real(nominal))
        return _present_value(books, nominal, books.scenario.public_factors() / level[:, 0])

    return books.memo.once("real present value", present, nominal)


def present_value_of_real(books: Books, real: FloatArray) -> FloatArray:
    """Flows in prices of the signing date discounted at the public rate, shape (trials,)."""
    return _present_value(books, real, books.scenario.public_factors())


def _present_value(books: Books, flow: FloatArray, factors: FloatArray) -> FloatArray:
    return np.broadcast_to(weighed(flow, factors), (books.trials.count,))


def worth_of(books: Books, savings: Iterable[Saving], link: Link) -> FloatArray:
    """Real present value of some savings at a link of the chain, shape (trials,)."""
    by_schedule: dict[str | None, list[Saving]] = {}
    for one in savings:
        by_schedule.setdefault(one.schedule, []).append(one)
    parts = (worth(some, link, books.scenario.public_factors(name)) for name, some in by_schedule.items())
    return np.broadcast_to(sum(parts, start=np.zeros(1)), (books.trials.count,))


def commissioner_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """Payments by payer and by kind of payer, exposure, and net savings."""
    yield from payment_measures(books)
    present = real_present_value(books, paid_by(books, *commissioners(books)))
    yield "commissioner.payments_npv", pounds(present, "present value of commissioners' payments, real")
    exposure = books.settlement.payments.exposure
    most = np.full(1, np.nan) if exposure is None else exposure[0]
    label = "no cap limits what commissioners may pay" if exposure is None else "most the contract lets them pay"
    yield "commissioner.maximum_exposure", pounds(np.broadcast_to(most, books.trials.count), label)
    yield from beside_measures(books)
    if books.scenario.savings is not None:
        cost = real_present_value(books, outlay(books, *commissioners(books)))
        yield from _net_savings(books, commissioners(books), cost)


def payment_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """Nominal payments by payer and by kind of payer."""
    payers = tuple(books.scenario.contract.payers)
    buyers = commissioners(books)
    yield "payers.payments", pounds(over_time(paid_by(books, *payers)), "outcome payments by all payers, nominal")
    for name in payers:
        yield f"payer.{name}.payments", pounds(over_time(paid_by(books, name)), f"outcome payments by {name}, nominal")
    bill = paid_by(books, *buyers)
    yield "commissioner.payments", pounds(over_time(bill), "outcome payments by commissioners, nominal")


def beside_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """What payers pay beside outcome payments: tax that they cannot recover, guarantees and contingent payments."""
    for name, amount in books.settlement.payments.vat.items():
        yield (
            f"payer.{name}.vat",
            pounds(_in_all(books, amount), f"value added tax that {name} cannot recover, nominal"),
        )
    capital = books.settlement.capital
    for name in books.scenario.contract.payers:
        if name in capital.promising:
            words = f"paid by {name} under guarantees and contingent payments, less what these bring, nominal"
            yield f"payer.{name}.promised", pounds(_in_all(books, capital.promised(name)), words)


def _net_savings(books: Books, buyers: tuple[str, ...], cost: FloatArray) -> Iterator[tuple[str, Values]]:
    mine = own_savings(books, *buyers)
    saved = worth_of(books, mine, "after_bias")
    cash = worth_of(books, mine, "cashable")
    words = "own fiscal savings after optimism bias less payments (surplus returned not counted), present value, real"
    words = words.replace("payments (", "payments and own costs (") if books.service.costs.of_payers else words
    yield "commissioner.net_saving", pounds(saved - cost, f"commissioners' {words}")
    yield "commissioner.cashable_net_saving", pounds(cash - cost, f"cashable part of commissioners' {words}")


def delivery_measures(books: Books) -> Iterator[tuple[str, Values]]:
    """What is left with the provider and the vehicle, outcomes verified, and whether the books balance."""
    ledger, capital = books.settlement.ledger, books.settlement.capital
    surplus = over_time(ledger.net("provider"))
    yield "provider.surplus", pounds(surplus, "what the provider receives less what it spends")
    gap = over_time(capital.gap)
    yield "vehicle.funding_gap", pounds(gap, f"money missing, covered by the {capital.gap_covered_by}")
    missing = capital.gap > HALF_A_PENNY
    first = np.where(missing.any(axis=0), first_of(missing), np.nan)
    yield "vehicle.first_gap_period", Values(first, "period", "first period in which money is missing")
    yield "vehicle.closing_cash", pounds(capital.closing_cash[-1], "cash in the vehicle at the end")
    for name, outcome in books.service.outcomes.items():
        units = _in_all(books, outcome.units)
        label = f"total verified of {name}"
        if outcome.is_effect:
            people = np.broadcast_to(over_time(outcome.measured), units.shape)
            units = np.divide(units, people, out=np.full_like(units, np.nan), where=people > 0)
            label = f"mean verified {name} over all people measured"
        yield f"outcome.{name}.verified", Values(units, "outcome unit", label)
    yield "ledger.imbalance", pounds(books.settlement.imbalance, "largest difference found in the books")
