"""The most that a contract can ask for, from its caps and from rules that have an end."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from sibmodel.contract.limits import CarriedCap, PayerCaps, limit_of
from sibmodel.contract.payment import last_due, until_all_is_due
from sibmodel.contract.rules.base import TermBase
from sibmodel.contract.terms import ContractTerms, PayerTerms, has_floor
from sibmodel.core.flows import total
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.trials import Trials


def maximum_exposure(contract: ContractTerms, timeline: Timeline, trials: Trials) -> FloatArray | None:
    """An upper bound of what commissioners together can be asked for, shape (1, 1 or trials); None if there is none.

    Payments that fall due after the timeline, for what is verified on it, are among them.

    The least of: each commissioner's own bound, added up (its caps, or the bounds of its terms and of the contract,
    each times its largest share); the terms' bounds, and the contract's, each times their largest joint share. A
    payer who may have to take over another's excess counts with that payer's share; one who tops up, with the others'
    bounds.
    """
    return _most(contract, _Limits(contract, timeline, trials))


def maximum_in_year(contract: ContractTerms, timeline: Timeline, trials: Trials, year: str) -> FloatArray | None:
    """The same of what can fall due in one April-to-March year.

    Caps by period and by year count for that year; what is limited over the contract alone may all fall into it.
    """
    return _most(contract, _Limits(contract, timeline, trials, year))


def years_due(contract: ContractTerms, timeline: Timeline) -> tuple[str, ...]:
    """The financial years in which anything that is verified on the timeline may fall due."""
    return tuple(dict.fromkeys(label for label in _labels(contract, timeline, contract.terms.values()) if label))


def _labels(contract: ContractTerms, timeline: Timeline, terms: Iterable[TermBase]) -> list[str]:
    """The financial year of each period, also after the timeline, in which something of some terms may fall due.

    Nothing for the others. Lags are at their central values; where more than outcomes and lags decides when something
    is paid (floors, caps that carry, a termination, a lag that nobody knows) it may be in any period.
    """
    terms, years = list(terms), until_all_is_due(contract, timeline).financial_years
    if _paid_at_any_time(contract) or any(term.lag_months.is_uncertain for term in terms):
        return list(years)
    last_month = timeline.months if contract.ends_in_month is None else min(timeline.months, contract.ends_in_month)
    first = min(_first_due(term, timeline) for term in terms)
    last = last_due(terms, timeline, last_month) // timeline.period_months
    return [year if first <= t <= last else "" for t, year in enumerate(years)]


def _first_due(term: TermBase, timeline: Timeline) -> int:
    """The first period in which something of a term may fall due."""
    seen = term.from_month // timeline.period_months + 1 if term.from_month else 0
    return seen + int(min(term.lag_months.central_values()) // timeline.period_months)


def _paid_at_any_time(contract: ContractTerms) -> bool:
    limited: list[ContractTerms | PayerTerms | TermBase] = [contract]
    limited += [*contract.payers.values(), *contract.terms.values()]
    carries = any(isinstance(cap, CarriedCap) for one in limited for _, cap in one.caps)
    return carries or contract.termination is not None or any(map(has_floor, limited))


def _most(contract: ContractTerms, limits: _Limits) -> FloatArray | None:
    buyers = [name for name, payer in contract.payers.items() if payer.kind == "commissioner"]
    sharing = [name for name in buyers if name in contract.shared_payers]
    each = total(limits.of_payer(name) for name in sharing)
    joint = limits.asked_of(tuple(sharing))
    topping = total(limits.of_payer(name) for name in buyers if name not in sharing)
    most = np.minimum(each, joint) + topping
    return most if np.isfinite(most).all() else None


class _Limits:
    """Upper bounds by payer and by term, (1, 1 or trials), infinite where there are none; in `year`, or in all."""

    def __init__(self, contract: ContractTerms, timeline: Timeline, trials: Trials, year: str | None = None) -> None:
        self.contract, self.trials = contract, trials
        self.labels = {name: np.array(_labels(contract, timeline, [term])) for name, term in contract.terms.items()}
        self.of_all = np.array(_labels(contract, timeline, contract.terms.values()))
        self.years = [year] if year is not None else list(years_due(contract, timeline))
        vat = contract.vat
        self.tax = 1.0 + vat.rate.over(trials) if vat is not None and vat.in_caps else np.ones((1, 1))

    def of_payer(self, name: str) -> FloatArray:
        """The least of a payer's own caps and what it can be asked for; never less than its floors."""
        payer = self.contract.payers[name]
        if payer.tops_up is not None:
            others = total(self.of_payer(other) for other in payer.tops_up.payers)
            share = payer.tops_up.share.over(self.trials)
            asked = np.multiply(
                share, others, out=np.zeros(np.broadcast_shapes(share.shape, others.shape)), where=share > 0
            )
        else:
            asked = self.asked_of((name,))
        return np.minimum(self.caps(payer) / self.tax, np.maximum(asked, self.floors(payer)))

    def asked_of(self, payers: tuple[str, ...]) -> FloatArray:
        """Most that rules, terms and contract let fall to these payers together, before their own caps."""
        if not payers:
            return np.zeros((1, 1))
        payers = tuple(name for name in self.contract.shared_payers if set(self._passes_to(name)) & set(payers))
        splits = {name: self.contract.split_of(name) for name in self.contract.terms}
        shares = {name: max(sum(p.share_of(payer) for payer in payers) for p in s) for name, s in splits.items()}
        by_term = total(self.of_term(name) * share for name, share in shares.items() if share > 0)
        by_term = by_term + self.on_termination()
        largest = max(1.0 if self.contract.ends_in_month is not None else 0.0, *shares.values())
        whole = np.maximum(self.caps(self.contract) / self.tax, 0.0) * largest if largest else np.zeros((1, 1))
        floors = self.floors(self.contract) + total(self.floors(self.contract.payers[name]) for name in payers)
        return np.minimum(by_term + floors, whole + total(self.floors(self.contract.payers[n]) for n in payers))

    def _passes_to(self, name: str) -> tuple[str, ...]:
        """A payer, and those to whom its overflow may pass."""
        out: list[str] = []
        following: str | None = name
        while following is not None:
            out.append(following)
            following = self.contract.payers[following].overflow_to
        return tuple(out)

    def of_term(self, name: str) -> FloatArray:
        """The least of a term's caps and the most its rule can earn; never less than its floors."""
        term, labels = self.contract.terms[name], self.labels[name]
        if not np.isin(labels, self.years).any():
            return np.zeros((1, 1))
        return np.minimum(self.caps(term, labels), term.most(self.trials) + self.floors(term))

    def on_termination(self) -> FloatArray:
        """The payment on termination, where the contract is terminated."""
        row = self.contract.termination.in_force if self.contract.termination else None
        return np.zeros((1, 1)) if row is None else row.pays.over(self.trials)

    def caps(
        self, terms: TermBase | ContractTerms | PayerTerms, labels: npt.NDArray[np.str_] | None = None
    ) -> FloatArray:
        """The least of the caps over the contract, and of those by year and by period added up.

        `labels` are the years of the periods in which anything may fall due, of all terms if not given.
        """
        whole = self._sum(terms.cap, "contract")
        caps: PayerCaps = terms.caps
        for level in ("period", "financial_year"):
            cap = getattr(caps, level)
            whole = np.minimum(whole, self._sum(None if cap is None else limit_of(cap), level, labels))
        return whole

    def floors(self, terms: TermBase | ContractTerms | PayerTerms) -> FloatArray:
        """What floors alone can make of nothing."""
        found = [(terms.floor, "contract"), (terms.floors.period, "period")]
        found.append((terms.floors.financial_year, "financial_year"))
        amounts = [self._sum(floor, level) for floor, level in found if floor is not None]
        amounts += [np.full((1, 1), np.inf)] * (getattr(terms.floors, "person", None) is not None)
        return total(amounts)

    def _sum(self, limit: Quantity | None, level: str, labels: npt.NDArray[np.str_] | None = None) -> FloatArray:
        """A limit added up over the spans it holds for; the largest in force counts, (1, 1 or trials)."""
        if limit is None:
            return np.full((1, 1), np.inf)
        labels, own = self.of_all if labels is None else labels, limit.over(self.trials)
        rows = own[np.minimum(np.arange(len(labels)), len(own) - 1)]
        if level == "contract":
            return np.asarray(rows.max(axis=0, keepdims=True))
        if level == "period":
            return over_time(rows[np.isin(labels, self.years)])[None, :]
        by_year = [rows[labels == year] for year in self.years]
        return total([np.zeros((1, 1)), *(row.max(axis=0, keepdims=True) for row in by_year if len(row))])
