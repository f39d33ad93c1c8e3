"""Who pays what: caps in their order, splits that change over time, and the most that can be asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from sibmodel.contract.caps import Key, capped
from sibmodel.contract.payment import due, earned
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
    gained = earned(contract.terms, outcomes, trials)
    asked = due(contract.terms, gained, timeline, trials)
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
    return Payments(gained, asked, paid, forgone, maximum_exposure(contract, trials))


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
    """An upper bound of what commissioners together can be asked for, shape (1, 1 or trials); None if there is none.

    The least of: each commissioner's own bound, added up (its cap, or the caps of its terms and of the contract, each
    times its largest share); the terms' caps, and the contract's cap, each times their largest joint share.
    """
    buyers = [name for name, payer in contract.payers.items() if payer.kind == "commissioner"]
    each = [
        np.minimum(_limit(contract.payers[name].cap, trials), _asked_of((name,), contract, trials)) for name in buyers
    ]
    most = np.minimum(total(each), _asked_of(tuple(buyers), contract, trials))
    return most if np.isfinite(most).all() else None


def _asked_of(payers: tuple[str, ...], contract: ContractTerms, trials: Trials) -> FloatArray:
    """Most that the caps of terms and contract let fall to these payers together, before their own caps."""
    shares = {
        name: max(sum(phase.share_of(payer) for payer in payers) for phase in contract.split_of(name))
        for name in contract.terms
    }
    by_term = total(_limit(contract.terms[n].cap, trials) * share for n, share in shares.items() if share > 0)
    largest = max(shares.values())
    return np.minimum(by_term, _limit(contract.cap, trials) * largest) if largest else np.zeros((1, 1))


def _limit(cap: Quantity | None, trials: Trials) -> FloatArray:
    return np.full((1, 1), np.inf) if cap is None else cap.over(trials)


def postings(paid: Payments) -> Iterator[Flow]:
    """Every payer pays the vehicle, term by term."""
    for (term, payer), amount in paid.paid.items():
        yield Flow(payer, "vehicle", term, amount)
