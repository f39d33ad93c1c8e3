"""What happened in every period, put together: the flows of tranches, guarantors and others."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.capital.claims import COUPON, FEE, OWED, PRINCIPAL
from sibmodel.capital.deal import Deal
from sibmodel.capital.protection import VEHICLE
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.tranche import InvestorFeeTerms, TrancheTerms
from sibmodel.capital.waterfall import GUARANTEE, SURPLUS
from sibmodel.core.flows import CapitalFlows, ContingentFlows, GuaranteeFlows, TrancheFlows, total
from sibmodel.core.ledger import Flow
from sibmodel.core.timeline import FloatArray, running_total
from sibmodel.core.trials import Trials

PROVIDER, FUND_MANAGER = "provider", "fund_manager"
_NOTHING = np.zeros((1, 1))


@dataclass(frozen=True)
class Period:
    """One period and how it closed: (tranches, trials), others (trials,); None where there is nothing of the kind."""

    accrued: FloatArray | None
    fee_accrued: FloatArray | None
    drawdown: FloatArray
    paid: Mapping[str, FloatArray]
    surplus: Mapping[str, FloatArray]
    guaranteed: Sequence[FloatArray] | None
    written_off: FloatArray | None
    made_good: FloatArray | None
    gap: FloatArray
    cash: FloatArray
    principal: FloatArray
    coupon: FloatArray
    fee: FloatArray


def statement(terms: CapitalTerms, deal: Deal, history: Sequence[Period], trials: Trials) -> CapitalFlows:
    """All flows and balances, (periods, trials) each."""
    guarantees = _guarantees(terms, history)
    contingent = _contingent(terms, deal, history)
    tranches = {
        name: _tranche(name, index, terms, history, (guarantees, contingent))
        for index, name in enumerate(terms.tranches)
    }
    names = dict.fromkeys(name for period in history for name in period.surplus)
    zero = np.zeros(trials.count)
    flows = CapitalFlows(
        tranches=tranches,
        guarantees=guarantees,
        contingent=contingent,
        surplus={name: np.stack([period.surplus.get(name, zero) for period in history]) for name in names},
        gap=np.stack([period.gap for period in history]),
        gap_covered_by=terms.gap_covered_by,
        closing_cash=np.stack([period.cash for period in history]),
    )
    if all(tranche.investor_fees is None for tranche in terms.tranches.values()):
        return flows
    return _after_fees(flows, terms, deal, trials)


Others = tuple[Mapping[str, GuaranteeFlows], Mapping[str, ContingentFlows]]


def _tranche(name: str, index: int, terms: CapitalTerms, history: Sequence[Period], others: Others) -> TrancheFlows:
    def stacked(part: Callable[[Period], FloatArray | None]) -> FloatArray:
        rows = [part(period) for period in history]
        if all(row is None for row in rows):
            return _NOTHING
        zero = np.zeros_like(history[0].cash)
        return np.stack([zero if row is None else row[index] for row in rows])

    drawdown = stacked(lambda p: p.drawdown)
    written_off = stacked(lambda p: p.written_off) - stacked(lambda p: p.made_good)
    guarantees, contingent = others
    return TrancheFlows(
        holder=holder(terms.tranches[name], name),
        drawdown=drawdown,
        fee=stacked(lambda p: p.paid[FEE]),
        coupon=stacked(lambda p: p.paid[COUPON]),
        principal=stacked(lambda p: p.paid[PRINCIPAL]),
        surplus=stacked(lambda p: p.paid[SURPLUS]),
        guaranteed=total(g.paid for n, g in guarantees.items() if terms.guarantees[n].tranche == name),
        contingent=_with_others(name, terms, guarantees, contingent),
        written_off=written_off if terms.tranches[name].is_owed else drawdown,
        fee_accrued=stacked(lambda p: p.fee_accrued),
        coupon_accrued=stacked(lambda p: p.accrued),
        closing_principal=stacked(lambda p: p.principal),
        closing_coupon=stacked(lambda p: p.coupon),
        closing_fee=stacked(lambda p: p.fee),
        fund_fee=_NOTHING,
        carried_interest=_NOTHING,
    )


def holder(tranche: TrancheTerms, name: str) -> str:
    """The party that holds a tranche."""
    return PROVIDER if tranche.kind == "deferred_fees" else name


def _party(name: str, terms: CapitalTerms) -> str:
    """The party in the ledger of whoever is named: a tranche's holder, or the name itself."""
    return holder(terms.tranches[name], name) if name in terms.tranches else name


def _guarantees(terms: CapitalTerms, history: Sequence[Period]) -> dict[str, GuaranteeFlows]:
    zero = np.zeros_like(history[0].cash)
    out = {}
    for index, (name, one) in enumerate(terms.guarantees.items()):
        paid = np.stack([zero if p.guaranteed is None else p.guaranteed[index] for p in history])
        fee = np.stack([p.paid[GUARANTEE][index] for p in history])
        out[name] = GuaranteeFlows(_party(one.by or name, terms), _party(one.tranche, terms), paid, fee)
    return out


def _contingent(terms: CapitalTerms, deal: Deal, history: Sequence[Period]) -> dict[str, ContingentFlows]:
    """Forward and back; what the vehicle owes flows when it is paid, all else at once."""
    out = {}
    for index, ((name, one), amount) in enumerate(zip(terms.contingent.items(), deal.contingent, strict=True)):
        forward, back = np.maximum(amount, 0.0), np.maximum(-amount, 0.0)
        if VEHICLE in (one.from_, one.to):
            paid = np.stack([p.paid[OWED][index] for p in history])
            forward, back = (paid, back) if one.from_ == VEHICLE else (forward, paid)
        out[name] = ContingentFlows(_party(one.from_, terms), _party(one.to, terms), forward, back)
    return out


def _with_others(
    name: str,
    terms: CapitalTerms,
    guarantees: Mapping[str, GuaranteeFlows],
    contingent: Mapping[str, ContingentFlows],
) -> FloatArray:
    """What a tranche gains by contingent payments, and by the guarantees that it gives."""
    out = _NOTHING
    for key, one in terms.contingent.items():
        forward = contingent[key].forward - contingent[key].back
        out = out + forward * ((one.to == name) - (one.from_ == name) * 1.0)
    for key, guarantee in guarantees.items():
        if terms.guarantees[key].by == name:
            out = out + guarantee.fee - guarantee.paid
    return out


def _after_fees(flows: CapitalFlows, terms: CapitalTerms, deal: Deal, trials: Trials) -> CapitalFlows:
    """The same with what investors pay their fund managers."""
    tranches = dict(flows.tranches)
    for index, (name, tranche) in enumerate(terms.tranches.items()):
        if tranche.investor_fees is not None:
            fee, carry = fund_fees(tranche.investor_fees, tranches[name], deal.commitment[index], deal.per_year, trials)
            tranches[name] = replace(tranches[name], fund_fee=fee, carried_interest=carry)
    return replace(flows, tranches=tranches)


def fund_fees(
    terms: InvestorFeeTerms, tranche: TrancheFlows, commitment: FloatArray, per_year: int, trials: Trials
) -> tuple[FloatArray, FloatArray]:
    """Yearly fees, and carried interest on each new height of the profit after them; (periods, trials) each."""
    opening = np.concatenate([np.zeros_like(tranche.closing_principal[:1]), tranche.closing_principal[:-1]])
    fee = (terms.on_commitment.over(trials) * commitment + terms.on_principal.over(trials) * opening) / per_year
    fee[0] = 0.0
    highest = np.maximum.accumulate(np.maximum(running_total(tranche.net - fee), 0.0), axis=0)
    return fee, terms.carried_interest.over(trials) * np.diff(highest, axis=0, prepend=0.0)


def postings(flows: CapitalFlows, terms: CapitalTerms) -> Iterator[Flow]:
    """Capital in, capital and its price out, guarantees, contingent payments, surplus, and whoever covers a gap."""
    for name, tranche in flows.tranches.items():
        end = "" if tranche.holder == name else f"_{name}"
        yield Flow(tranche.holder, VEHICLE, f"drawdown{end}", tranche.drawdown)
        if terms.tranches[name].is_owed:
            yield Flow(VEHICLE, tranche.holder, f"coupon{end}", tranche.coupon)
            yield Flow(VEHICLE, tranche.holder, f"principal{end}", tranche.principal)
        if terms.tranches[name].charges_fee:
            yield Flow(VEHICLE, tranche.holder, f"fee{end}", tranche.fee)
        yield Flow(VEHICLE, tranche.holder, f"surplus{end}", tranche.surplus)
        if terms.tranches[name].investor_fees is not None:
            yield Flow(tranche.holder, FUND_MANAGER, f"fund_fee{end}", tranche.fund_fee)
            yield Flow(tranche.holder, FUND_MANAGER, f"carried_interest{end}", tranche.carried_interest)
    for name, guarantee in flows.guarantees.items():
        yield Flow(guarantee.guarantor, guarantee.holder, f"guarantee_{name}", guarantee.paid)
        yield Flow(VEHICLE, guarantee.guarantor, f"fee_{name}", guarantee.fee)
    for name, one in flows.contingent.items():
        yield Flow(one.payer, one.receiver, name, one.forward)
        yield Flow(one.receiver, one.payer, name, one.back)
    for party, amount in flows.surplus.items():
        yield Flow(VEHICLE, party, "surplus", amount)
    yield Flow(flows.gap_covered_by, VEHICLE, "gap", flows.gap)
