"""Who pays what: caps in their order, splits that change over time, and the most that can be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibmodel.contract.caps import Key, capped
from sibmodel.contract.payment import due
from sibmodel.contract.terms import ContractTerms, Phase
from sibmodel.core.flows import OutcomeFlow, Payments, total
from sibmodel.core.ledger import Flow
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials


def payments(
    contract: ContractTerms, outcomes: Mapping[str, OutcomeFlow], timeline: Timeline, trials: Trials
) -> Payments:
    """Outcome payments by term and payer in the period they are due, after caps on term, contract and payer."""
    asked = due(contract.terms, outcomes, timeline, trials)
    forgone: dict[str, FloatArray] = {}
    by_term: dict[str, FloatArray] = {}
    for name, term in contract.terms.items():
        by_term |= _limited({name: asked[name]}, term.cap, trials, forgone)
    by_term = _limited(by_term, contract.cap, trials, forgone)
    split = _split(contract, by_term, timeline)
    paid: dict[tuple[str, str], FloatArray] = {}
    for name, payer in contract.payers.items():
        own = {key: amount for key, amount in split.items() if key[1] == name}
        paid |= _limited(own, payer.cap, trials, forgone)
    return Payments(asked, paid, forgone, maximum_exposure(contract, trials))


def _limited(
    amounts: Mapping[Key, FloatArray], cap: Quantity | None, trials: Trials, forgone: dict[str, FloatArray]
) -> dict[Key, FloatArray]:
    """Amounts under a cap; what it takes away is noted in `forgone` under the cap's address."""
    if cap is None or not amounts:
        return dict(amounts)
    kept, forgone[cap.address] = capped(amounts, cap.over(trials))
    return kept


def _split(
    contract: ContractTerms, by_term: Mapping[str, FloatArray], timeline: Timeline
) -> dict[tuple[str, str], FloatArray]:
    return {
        (term, payer): amount * shares
        for term, amount in by_term.items()
        for payer in contract.payers
        if (shares := shares_over_time(contract.split_of(term), payer, timeline)).any()
    }


def shares_over_time(phases: tuple[Phase, ...], payer: str, timeline: Timeline) -> FloatArray:
    """A payer's share of payments due in each period, shape (periods, 1)."""
    in_force = np.searchsorted([p.after_month for p in phases], timeline.month_ends, side="left") - 1
    shares = np.array([p.share_of(payer) for p in phases])
    return shares[np.maximum(in_force, 0)][:, None]


def maximum_exposure(contract: ContractTerms, trials: Trials) -> FloatArray | None:
    """The most that the caps let commissioners pay together, shape (1, 1 or trials); None if no cap limits it.

    The least of three upper bounds: the commissioners' own caps; the contract's cap and the sum of the terms'
    caps, each times the largest share that commissioners ever have.
    """
    commissioners = [name for name, payer in contract.payers.items() if payer.kind == "commissioner"]

    def largest_share(term: str) -> float:
        return max(phase.share_of(*commissioners) for phase in contract.split_of(term))

    bounds: list[FloatArray] = []
    own = [contract.payers[name].cap for name in commissioners]
    by_term = {name: term.cap for name, term in contract.terms.items() if largest_share(name) > 0}
    if all(cap is not None for cap in own):
        bounds.append(total(cap.over(trials) for cap in own if cap is not None))
    if contract.cap is not None:
        bounds.append(contract.cap.over(trials) * max(map(largest_share, contract.terms)))
    if all(cap is not None for cap in by_term.values()):
        bounds.append(total(cap.over(trials) * largest_share(n) for n, cap in by_term.items() if cap is not None))
    return np.minimum.reduce(np.broadcast_arrays(*bounds)) if bounds else None


def postings(paid: Payments) -> Iterator[Flow]:
    """Every payer pays the vehicle, term by term."""
    for (term, payer), amount in paid.paid.items():
        yield Flow(payer, "vehicle", term, amount)
