"""What happened in every period, put together: the flows of tranches, guarantors and others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from sibmodel.capital.claims import COUPON, FEE, OWED, PRINCIPAL
from sibmodel.capital.deal import Deal
from sibmodel.capital.protection import VEHICLE
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.tranche import InvestorFeeTerms, holder
from sibmodel.capital.waterfall import GUARANTEE, SURPLUS, Record
from sibmodel.core.flows import CapitalFlows, ContingentFlows, GuaranteeFlows, TrancheFlows, total
from sibmodel.core.ledger import Flow
from sibmodel.core.timeline import FloatArray, running_total
from sibmodel.core.trials import Trials

FUND_MANAGER = "fund_manager"
_NOTHING = np.zeros((1, 1))


def statement(terms: CapitalTerms, deal: Deal, record: Record, trials: Trials) -> CapitalFlows:
    """All flows and balances, (periods, trials) each."""
    guarantees = _guarantees(terms, record)
    contingent = _contingent(terms, deal, record)
    tranches = {
        name: _tranche(name, index, terms, record, (guarantees, contingent))
        for index, name in enumerate(terms.tranches)
    }
    flows = CapitalFlows(
        tranches=tranches,
        guarantees=guarantees,
        contingent=contingent,
        surplus=record.others,
        gap=record.gap,
        gap_covered_by=terms.gap_covered_by,
        closing_cash=record.cash,
    )
    if all(tranche.investor_fees is None for tranche in terms.tranches.values()):
        return flows
    return _after_fees(flows, terms, deal, trials)


Others = tuple[Mapping[str, GuaranteeFlows], Mapping[str, ContingentFlows]]


def _tranche(name: str, index: int, terms: CapitalTerms, record: Record, others: Others) -> TrancheFlows:
    def own(amounts: FloatArray | None) -> FloatArray:
        return _NOTHING if amounts is None else amounts[index]

    def paid(what: str) -> FloatArray:
        return record.paid.get((what, index), _NOTHING)

    guarantees, contingent = others
    return TrancheFlows(
        holder=holder(terms.tranches[name], name),
        drawdown=record.drawdown[index],
        fee=paid(FEE),
        coupon=paid(COUPON),
        principal=paid(PRINCIPAL),
        surplus=paid(SURPLUS),
        guaranteed=total(g.paid for n, g in guarantees.items() if terms.guarantees[n].tranche == name),
        contingent=_with_others(name, terms, guarantees, contingent),
        written_off=own(record.written_off) if terms.tranches[name].is_owed else record.drawdown[index],
        fee_accrued=own(record.fee_accrued),
        coupon_accrued=record.accrued.get(index, _NOTHING),
        closing_principal=record.closing_principal[index],
        closing_coupon=record.closing_coupon.get(index, _NOTHING),
        closing_fee=own(record.closing_fee),
        fund_fee=_NOTHING,
        carried_interest=_NOTHING,
    )


def _party(name: str, terms: CapitalTerms) -> str:
    """The party in the ledger of whoever is named: a tranche's holder, or the name itself."""
    return holder(terms.tranches.get(name), name)


def _guarantees(terms: CapitalTerms, record: Record) -> dict[str, GuaranteeFlows]:
    return {
        name: GuaranteeFlows(
            _party(one.by or name, terms),
            _party(one.tranche, terms),
            record.guaranteed[index],
            record.paid.get((GUARANTEE, index), _NOTHING),
        )
        for index, (name, one) in enumerate(terms.guarantees.items())
    }


def _contingent(terms: CapitalTerms, deal: Deal, record: Record) -> dict[str, ContingentFlows]:
    """Forward and back; what the vehicle owes flows when it is paid, all else at once."""
    out = {}
    for index, ((name, one), amount) in enumerate(zip(terms.contingent.items(), deal.contingent, strict=True)):
        forward, back = np.maximum(amount, 0.0), np.maximum(-amount, 0.0)
        if VEHICLE in (one.from_, one.to):
            paid = record.paid.get((OWED, index), _NOTHING)
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
