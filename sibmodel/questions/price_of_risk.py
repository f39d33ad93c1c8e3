"""What payers pay for shedding risk: the premium, and the tail that they shed, compared with paying directly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sibmodel.core.flows import total
from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.commissioner import present_value_of_real, real_present_value
from sibmodel.model import Books
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.tails import SHARE, by_groups, tail_weights


@dataclass(frozen=True)
class Price:
    """Present values, real at the public rate. `price` is pounds of premium for each pound of tail shed.

    It is None where no risk moved: the payers' tail is no smaller with the bond than when they pay directly.
    """

    payments: Estimate
    spend: Estimate
    premium: Estimate
    tail_direct: Estimate
    tail_bond: Estimate
    shed: Estimate
    price: Estimate | None


@dataclass(frozen=True)
class Bills:
    """Present values, (trials,): payers' payments and own costs, programme spend, and their cashable savings."""

    payments: FloatArray
    spend: FloatArray
    cashable: FloatArray


def bills(books: Books) -> Bills:
    """What payers pay with the bond, what the programme costs them without, and what they can take out of budgets."""
    payers = tuple(books.scenario.contract.payers)
    agencies = books.scenario.savings.agencies if books.scenario.savings else {}
    own = {name for name, agency in agencies.items() if agency.payer is not None}
    mine = total(saving.cashable for saving in books.service.savings if saving.agency in own)
    return Bills(
        real_present_value(books, books.settlement.payments.total + books.service.costs.borne_by(*payers)),
        real_present_value(books, books.service.costs.spend),
        present_value_of_real(books, mine),
    )


def price_of_risk(found: Bills, replicates: int = 1) -> Price:
    """Premium = mean payments − mean spend; tail = mean of the worst 5 % of N − mean of N, N = what is paid − cashable.

    Price = premium ÷ (tail direct − tail bond). Standard errors by 20 groups of trials, the price's with the delta
    method.
    """
    direct, bond = found.spend - found.cashable, found.payments - found.cashable
    premium = found.payments - found.spend

    def shed(some: slice) -> float:
        return _tail(direct[some]) - _tail(bond[some])

    moved, price = Estimate(shed(slice(None)), by_groups(shed, bond.size, replicates)), None
    if moved.mean > PENNY:
        ratio = _mean(premium) / moved.mean
        error = by_groups(lambda some: (_mean(premium[some]) - ratio * shed(some)) / moved.mean, bond.size, replicates)
        price = Estimate(ratio, error)
    return Price(
        payments=_estimate(_mean, found.payments, replicates),
        spend=_estimate(_mean, found.spend, replicates),
        premium=_estimate(_mean, premium, replicates),
        tail_direct=_estimate(_tail, direct, replicates),
        tail_bond=_estimate(_tail, bond, replicates),
        shed=moved,
        price=price,
    )


def _estimate(statistic: Callable[[FloatArray], float], amounts: FloatArray, replicates: int) -> Estimate:
    return Estimate(statistic(amounts), by_groups(lambda some: statistic(amounts[some]), amounts.size, replicates))


def _mean(amounts: FloatArray) -> float:
    return float(amounts.mean())


def _tail(net_cost: FloatArray) -> float:
    """Mean of the dearest one in twenty less the mean."""
    return float(tail_weights(-net_cost, SHARE) @ net_cost - net_cost.mean())
