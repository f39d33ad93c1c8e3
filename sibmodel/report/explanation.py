"""Where a number of the base case comes from: step by step to the inputs, with their places and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from sibmodel.contract.desk import Entry
from sibmodel.contract.payers import payments
from sibmodel.core.flows import Payments, total
from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.errors import UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, present_value_of_real, real_present_value
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.outcomes.terms import EffectTerms
from sibmodel.report.contract_words import ContractWords, condition_in_words, spaced
from sibmodel.report.inputs import Input, Inputs
from sibmodel.running.execution import base_case
from sibmodel.running.paying import Paid, Verified, pay
from sibmodel.scenario.schema import ContractSheet, Scenario, SourceTerms

TERMS = "contract.terms."
_NOT_THE_RULE = ("lag_months", "cap", "caps", "floor", "floors", "split")


@dataclass(frozen=True)
class Step:
    """One number: what it is, how it comes about, the numbers it is made of, and the inputs it rests on.

    Where `adds_up`, the parts add up to the value.
    """

    what: str
    value: float | None
    unit: str = "£"
    how: str = ""
    parts: tuple[Step, ...] = ()
    inputs: tuple[Input, ...] = ()
    adds_up: bool = False


@dataclass(frozen=True)
class Explanation:
    """Where one number comes from. Prints itself as an indented list."""

    title: str
    root: Step
    sources: Mapping[str, SourceTerms]

    def __str__(self) -> str:
        from sibmodel.report.explanation_text import explanation_lines

        return "\n".join(explanation_lines(self)) + "\n"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


def explain(
    scenario: Scenario | ContractSheet, name: str, verified: Verified | None = None, period: int | None = None
) -> Explanation:
    """Where a measure, or a term's payment (`contract.terms.NAME`), of the base case comes from.

    With `verified`, what the contract pays for given outcomes is explained instead; `payers.payments` is then the total
    and `payer.NAME.payments` a payer's. With a `period`, a term's payment in that period of payment alone.
    Raises UnknownNameError for a name that the scenario does not have.
    """
    if isinstance(scenario, ContractSheet) and verified is None:
        what = "this file holds a contract alone: say what was verified"
        raise UnknownNameError(f"{what} (--verified VERIFIED.csv), or explain a whole scenario")
    story = _Contract.of_pay(scenario, verified) if verified is not None else _Contract.of_base(scenario)
    if name.startswith(TERMS):
        term = name.removeprefix(TERMS)
        if term not in story.found.due:
            raise UnknownNameError(f"there is no term called '{term}'; {nearest(term, story.found.due)}")
        if period is not None and not 0 <= period < len(story.timeline.ends):
            raise UnknownNameError(f"there is no period {period}; the last is {len(story.timeline.ends) - 1}")
        return Explanation(scenario.title, story.term(term, period), scenario.sources)
    if verified is not None or story.books is None:
        return Explanation(scenario.title, _of_payments(name, story), scenario.sources)
    return Explanation(scenario.title, _Measures(story.books, story).step(name), scenario.sources)


def _of_payments(name: str, story: _Contract) -> Step:
    """A payment measure of a contract that is paid for given outcomes."""
    payers = tuple(story.scenario.contract.payers)
    known = {"payers.payments": payers} | {f"payer.{payer}.payments": (payer,) for payer in payers}
    if name not in known:
        names = [*known, *(f"{TERMS}{term}" for term in story.scenario.contract.terms)]
        raise UnknownNameError(f"'{name}' cannot be explained for given outcomes; {nearest(name, names)}")
    return story.payments(name, known[name])


# --------------------------------------------------------------------------------------------------- payments


@dataclass
class _Contract:
    """One trial of a contract, with every cap and floor on the way."""

    scenario: Scenario | ContractSheet
    found: Payments
    trail: list[Entry]
    timeline: Timeline
    paid: Mapping[tuple[str, str], FloatArray]
    verified: Callable[[str], Step]
    inputs: Inputs
    books: Books | None = None

    @classmethod
    def of_base(cls, scenario: Scenario | ContractSheet) -> _Contract:
        """The contract in the base case."""
        if isinstance(scenario, ContractSheet):  # refused before
            raise TypeError("a contract alone")
        books = base_case(scenario)
        trail: list[Entry] = []
        found = payments(scenario.contract, books.service.outcomes, scenario.timeline, books.trials, trail=trail)
        measures = _Measures(books, None)
        return cls(scenario, found, trail, scenario.timeline, found.paid, measures.outcome, measures.inputs, books)

    @classmethod
    def of_pay(cls, scenario: Scenario | ContractSheet, verified: Verified) -> _Contract:
        """The contract for given outcomes."""
        trail: list[Entry] = []
        paid: Paid = pay(scenario, verified, trail)
        longer = scenario.timeline.longer(paid.periods - scenario.timeline.periods)

        def seen(name: str) -> Step:
            value = paid.verified[name]
            return Step(f"verified {spaced(name)}", value, "outcome unit", "as the evaluator's rows say")

        return cls(scenario, paid.payments, trail, longer, paid.payments.owed, seen, Inputs(scenario))

    def payments(self, name: str, payers: tuple[str, ...]) -> Step:
        """All payments of some payers, by term."""
        terms = dict.fromkeys(term for term, payer in self.paid if payer in payers)
        parts = [self._share(term, payers) for term in terms]
        whole = sum(part.value or 0.0 for part in parts)
        return Step(name, whole, how="all terms added up", parts=tuple(parts), adds_up=True)

    def _share(self, term: str, payers: tuple[str, ...]) -> Step:
        """What some payers pay for a term, explained by the whole term."""
        if set(payers) >= {payer for name, payer in self.paid if name == term}:
            return self.term(term)
        mine = sum(_sum(amount) for (name, payer), amount in self.paid.items() if name == term and payer in payers)
        return Step(f"{spaced(term)}, the part of {_names(payers)}", mine, parts=(self.term(term),))

    def term(self, name: str, period: int | None = None) -> Step:
        """Rule, gross, each cap and floor, each payer."""
        terms = self.scenario.contract.terms
        entries = [entry for entry in self.trail if any(key[0] == name for key in entry.before)]
        of_payers = [entry for entry in entries if entry.address.startswith("contract.payers.")]
        whole = [entry for entry in entries if not entry.address.startswith("contract.payers.")]
        parts = [self._gross(name, period), *(self._limit(entry, name, period) for entry in whole)]
        owed = Step("owed before it is split", sum(part.value or 0.0 for part in parts), how="caps and floors in turn",
                    parts=tuple(parts), adds_up=True)  # fmt: skip
        title = terms[name].title if name in terms else None
        what = f"payment for {spaced(name)}{'' if period is None else f' in period {period}'}"
        paid = self._payers(name, of_payers, period)
        how = "the rule's gross amount, then caps and floors, then the payers"
        return Step(what + (f" ({title})" if title else ""), paid.value, how=how, parts=(owed, paid))

    def _gross(self, name: str, period: int | None) -> Step:
        due, earned = self.found.due[name], self.found.earned[name]
        term = self.scenario.contract.terms.get(name)
        if term is None:
            rows = self.inputs.under("contract.termination")
            return Step("paid on termination", _sum(due, period), how="the redemption table", inputs=rows)
        words = ContractWords(self.scenario.outcomes)
        rule = term.in_words(words) + (f", if {condition_in_words(term.when, words)}" if term.when else "")
        lag = self.inputs.under(f"{TERMS}{name}.lag_months")
        own = self.inputs.under(f"{TERMS}{name}", _NOT_THE_RULE)
        read = tuple(self.verified(outcome) for outcome in dict.fromkeys((*term.outcomes, *term.condition_names)))
        gross = Step("earned when verified, all periods", _sum(earned), how=rule, parts=read, inputs=own)
        moved = "moved to the period in which it falls due" + ("" if np.any(due != earned) else " (the same)")
        dates = _by_period(due, self.timeline)
        how = f"{moved}; {dates}" if dates and period is None else moved
        return Step("gross amount due", _sum(due, period), how=how, parts=(gross,), inputs=lag)

    def _limit(self, entry: Entry, name: str, period: int | None) -> Step:
        change = sum(_sum(entry.after[key] - amount, period) for key, amount in entry.before.items() if key[0] == name)
        shared = len({key[0] for key in entry.before}) > 1
        kind = "floor" if ".floor" in entry.address else "cap"
        how = "shared with other terms, cut pro rata" if shared and kind == "cap" else ""
        held = [entry.before[key] - entry.after[key] for key in entry.before if key[0] == name]
        if kind == "cap" and abs(change) < 0.005 and any((one > 0.005).any() for one in held):
            how = "binds, and what it holds back is paid in later periods"
        elif abs(change) < 0.005:
            how = f"does not {'bind' if kind == 'cap' else 'raise anything'}"
        return Step(f"{kind} {entry.address}", change, how=how, inputs=self.inputs.under(entry.address))

    def _payers(self, name: str, entries: list[Entry], period: int | None) -> Step:
        """Each payer's part, and what its own caps and floors make of it."""
        parts = []
        for term, payer in self.paid:
            if term == name:
                address = f"contract.payers.{payer}"
                own = [self._limit(entry, name, period) for entry in entries if entry.address.startswith(f"{address}.")]
                rows = self.inputs.under(address, ("cap", "caps", "floor", "floors"))
                parts.append(Step(f"paid by {spaced(payer)}", _sum(self.paid[term, payer], period), parts=tuple(own),
                                  inputs=rows))  # fmt: skip
        terms = self.scenario.contract.terms
        own_split = name in terms and terms[name].split is not None
        rows = self.inputs.under(f"{TERMS}{name}.split" if own_split else "contract.split")
        how = "split over payers; each one's caps, floors, overflow, top-ups, disputes and lateness"
        whole = sum(part.value or 0.0 for part in parts)
        return Step("paid", whole, how=how, parts=tuple(parts), inputs=rows, adds_up=True)


def _sum(amount: FloatArray, period: int | None = None) -> float:
    """Pounds of the first trial, in one period or in all."""
    if period is not None:
        return float(amount[min(period, len(amount) - 1), 0]) if period < len(amount) or len(amount) == 1 else 0.0
    return float(over_time(amount)[0])


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(spaced, names))


def _by_period(amount: FloatArray, timeline: Timeline) -> str:
    """£1,000.00 in period 3 (2016-12-31), …; nothing where it is in more than eight."""
    rows = [(t, float(amount[t, 0])) for t in range(len(amount)) if abs(amount[t, 0]) >= 0.005]
    if not 0 < len(rows) <= 8:
        return ""
    return ", ".join(f"£{pounds:,.2f} in period {t} ({timeline.ends[t]})" for t, pounds in rows)


# --------------------------------------------------------------------------------------------------- measures


class _Measures:
    """Measures of the base case, explained."""

    def __init__(self, books: Books, contract: _Contract | None) -> None:
        self.books, self.contract = books, contract
        self.scenario: Scenario = books.scenario
        self.inputs = Inputs(self.scenario) if contract is None else contract.inputs
        self.values: dict[str, Values] = all_measures(books) if contract is not None else {}

    def step(self, name: str) -> Step:
        """A measure by name."""
        if name == "investor.irr_of_mean_flow":  # in the base case there is one flow
            made = self.step("investor.irr")
            return replace(made, what=f"{name}, in the base case the same as {made.what}")
        known = [*self.values, *(f"{TERMS}{term}" for term in self.scenario.contract.terms)]
        if name not in self.values:
            raise UnknownNameError(f"no measure called '{name}'; {nearest(name, known)}")
        first, *rest = name.split(".")
        ways: dict[str, Callable[[str, list[str]], Step]] = {
            "investor": self._investor, "tranche": self._investor, "payers": self._payments, "payer": self._payments,
            "commissioner": self._commissioner, "agency": self._agency, "public": self._public,
            "provider": self._party, "vehicle": self._vehicle, "outcome": self._outcome_measure, "ledger": self._ledger,
        }  # fmt: skip
        return ways[first](name, rest)

    def _of(self, name: str, how: str, parts: Iterable[Step], **more: object) -> Step:
        """A measure made of parts."""
        found = self.values[name]
        value = float(found.values[0])
        known = None if np.isnan(value) else value
        return Step(f"{name}: {found.label}", known, found.unit, how, tuple(parts), **more)  # type: ignore[arg-type]

    def _payments(self, name: str, rest: list[str]) -> Step:
        payers = tuple(self.scenario.contract.payers) if name.startswith("payers") else (rest[0],)
        if rest[-1] == "vat":
            payment = self._story.payments(f"payer.{rest[0]}.payments", payers)
            return self._of(name, "payments × the rate of tax", (payment,), inputs=self._inputs("contract.vat"))
        made = self._story.payments(name, payers)
        return self._of(name, made.how, made.parts, adds_up=True)

    @property
    def _story(self) -> _Contract:
        if self.contract is None:  # only outcomes are explained without
            raise TypeError("no contract")
        return self.contract

    def _inputs(self, *prefixes: str) -> tuple[Input, ...]:
        return tuple(found for prefix in prefixes for found in self.inputs.under(prefix))

    def _commissioner(self, name: str, rest: list[str]) -> Step:
        buyers = commissioners(self.books)
        paid = self._story.payments("commissioner.payments", buyers)
        if name == "commissioner.payments":
            return self._of(name, paid.how, paid.parts, adds_up=True)
        if name == "commissioner.maximum_exposure":
            caps = [f for n in buyers for f in self._inputs(f"contract.payers.{n}")]
            terms = [
                f for n in self.scenario.contract.terms for f in self._inputs(f"{TERMS}{n}.cap", f"{TERMS}{n}.caps")
            ]
            how = "the least upper bound that caps of payers, terms and contract give together (docs/model.md, 11)"
            return self._of(name, how, (), inputs=(*caps, *terms, *self._inputs("contract.cap", "contract.caps")))
        real = self._present(name, paid) if name.endswith("_npv") else self._present("commissioner.payments_npv", paid)
        if name == "commissioner.payments_npv":
            return real
        cashable = "cashable" in name
        own = {n for n, agency in (self.scenario.savings.agencies if self.scenario.savings else {}).items()
               if agency.payer in buyers}  # fmt: skip
        saved = [self._saving(s.name, "cashable" if cashable else "after_bias")
                 for s in self.books.service.savings if s.kind == "fiscal" and s.agency in own]  # fmt: skip
        tax = total(a for n, a in self.books.settlement.payments.vat.items() if n in buyers)
        less = [Step("less payments", -(real.value or 0.0), parts=(real,))]
        less += [Step("less irrecoverable tax, present value", -self._pv(tax))] if np.any(tax) else []
        return self._of(name, "present value of savings less present value of payments", (*saved, *less), adds_up=True)

    def _pv(self, nominal: FloatArray) -> float:
        shape = (self.books.trials.periods, 1)
        return float(real_present_value(self.books, np.broadcast_to(nominal, shape))[0])

    def _present(self, name: str, nominal: Step) -> Step:
        rate = self.scenario.discounting.public
        how = f"each payment deflated to the signing date by inflation, then discounted at {rate:.3%} a year"
        return self._of(name, how, (nominal,), inputs=self._inputs("prices.inflation"))

    def _agency(self, name: str, rest: list[str]) -> Step:
        kind = {"savings": "fiscal"}.get(rest[1], rest[1])
        mine = [s for s in self.books.service.savings if s.agency == rest[0] and s.kind == kind]
        return self._of(name, "its lines added up", (self._saving(s.name, "attributable") for s in mine), adds_up=True)

    def _saving(self, name: str, link: str) -> Step:
        """The chain of one line of savings up to a link, in present value."""
        one = next(s for s in self.books.service.savings if s.name == name)
        prefix = "savings.top_down" if name.startswith("top_down.") else f"savings.items.{name}"
        links = ("gross", "attributable", "after_bias", "cashable")
        words = {
            "gross": "gross, net of the counterfactual",
            "attributable": "after displacement and what is due to others",
            "after_bias": "after optimism bias",
            "cashable": "cashable",
        }
        values = {k: float(present_value_of_real(self.books, getattr(one, k))[0]) for k in links}
        steps = [Step(words[k], values[k]) for k in links[: links.index(link) + 1]]
        terms = self.scenario.savings
        if terms is not None and terms.items is not None and name in terms.items:
            steps.insert(0, self.outcome(terms.items[name].outcome, true=True))
        rate = self.scenario.discounting.public
        how = f"link by link; real present values at {rate:.3%} a year"
        return Step(
            f"savings of {spaced(name)}", values[link], how=how, parts=tuple(steps), inputs=self._inputs(prefix)
        )

    def _public(self, name: str, rest: list[str]) -> Step:
        fiscal = [s for s in self.books.service.savings if s.kind == "fiscal"]
        lines = [self._saving(s.name, "attributable") for s in fiscal]
        saved = Step("fiscal savings, present value", sum(s.value or 0.0 for s in lines), how="all lines added up",
                     parts=tuple(lines), adds_up=True)  # fmt: skip
        spend = self.books.service.costs.spend
        spent = Step("programme spend, present value", self._pv(spend), how="deflated and discounted",
                     parts=(self._spend(),), inputs=self._inputs("prices.inflation"))  # fmt: skip
        return self._of(name, "savings ÷ spend", (saved, spent))

    def _spend(self) -> Step:
        lines = {
            "set_up": ("set_up", "provider_margin"),
            "fixed": ("fixed_per_year", "provider_margin", "indexation"),
            "referral": ("per_referral", "provider_margin", "indexation"),
            "person": ("per_person", "provider_margin", "indexation"),
            "management": ("management_per_year", "indexation"),
            "evaluation": ("evaluation_per_year", "indexation"),
            "link_workers": ("provider_margin", "indexation"),
        }
        parts = []
        for line in self.books.service.costs.lines:
            rows = self._inputs(*(f"programme.costs.{key}" for key in lines[line.name]))
            if line.name == "link_workers":
                rows = (*self._inputs("programme.link_workers"), *rows)
            if np.any(line.paid):
                parts.append(Step(f"{spaced(line.name)}, to the {line.receiver}", _sum(line.paid), inputs=rows))
        people = [self._people(group) for group in self.scenario.programme.groups]
        spent = sum(part.value or 0.0 for part in parts)
        lines_up = Step("lines", spent, how="added up", parts=tuple(parts), adds_up=True)
        return Step("programme spend, nominal", spent, how="all cost lines", parts=(lines_up, *people))

    def _people(self, group: str) -> Step:
        started = _sum(self.books.service.activity.started[group])
        referred = _sum(self.books.service.activity.referred[group])
        parts = (Step("referred", referred, "people"),)
        rows = self._inputs(f"programme.groups.{group}")
        return Step(f"people who start, {spaced(group)}", started, "people", "referred × engaged", parts, rows)

    def _outcome_measure(self, name: str, rest: list[str]) -> Step:
        made = self.outcome(rest[0])
        return self._of(name, made.how, made.parts, inputs=made.inputs)

    def outcome(self, name: str, true: bool = False) -> Step:
        """An outcome: people, and what changes for each."""
        terms, flow = self.scenario.outcomes[name], self.books.service.outcomes[name]
        groups = [self._people(group) for group in terms.groups or self.scenario.programme.groups]
        rows = self._inputs(f"outcomes.{name}")
        if true:
            how = "people × true change, net of what would have happened anyway"
            return Step(f"true net {spaced(name)}", _sum(flow.true), "outcome unit", how, tuple(groups), rows)
        units, people = _sum(np.asarray(flow.units)), _sum(flow.measured)
        if isinstance(terms, EffectTerms):
            mean = units / people if people else None
            seen = Step("measured, all reports", people, "people" if terms.per == "person" else "person-years")
            how = "mean over the people of the evaluator's reports, less what is deducted; no noise in the base case"
            return Step(f"verified {spaced(name)}, mean", mean, "outcome unit", how, (seen, *groups), rows)
        how = "people × verified level × verified share"
        seen = Step("people whose outcome is seen", people, "people")
        return Step(f"verified {spaced(name)}", units, "outcome unit", how, (seen, *groups), rows)

    def _investor(self, name: str, rest: list[str]) -> Step:
        names = (rest[0],) if name.startswith("tranche.") else tuple(self.scenario.capital.tranches)
        flows = self._flows(names, f"net receipts of {_names(names)}")
        how = _INVESTOR.get(rest[-1], "from the net flow of each period")
        net = self.books.settlement.ledger.net(*names)[:, 0]
        periods = Step("net flow by period", float(net.sum()), how="; ".join(
            f"{t}: {pounds:,.0f}" for t, pounds in enumerate(net) if abs(pounds) >= 0.5))  # fmt: skip
        paid = self._story.payments("payers.payments", tuple(self.scenario.contract.payers))
        rows = self._inputs(*(f"capital.tranches.{n}" for n in names), "capital.minimum_cash")
        money = Step("what decides it: payments in, programme spend out", (paid.value or 0.0) - (self._spend().value
        or 0.0),
                     how="payments − spend", parts=(paid, self._spend()))  # fmt: skip
        return self._of(name, how.format(rate=self.scenario.discounting.investor), (periods, flows, money), inputs=rows)

    def _flows(self, parties: tuple[str, ...], what: str) -> Step:
        """Everything that some parties receive and pay, added up."""
        found: dict[str, float] = {}
        for flow in self.books.settlement.ledger.flows:
            sign = (flow.receiver in parties) - (flow.payer in parties)
            if sign:
                found[flow.name] = found.get(flow.name, 0.0) + sign * _sum(flow.amount)
        parts = tuple(Step(name, pounds) for name, pounds in found.items())
        return Step(what, sum(found.values()), how="received is positive, paid is negative", parts=parts, adds_up=True)

    def _party(self, name: str, rest: list[str]) -> Step:
        made = self._flows(("provider",), "the provider")
        return self._of(name, made.how, (*made.parts,), inputs=self._inputs("programme.costs"), adds_up=True)

    def _vehicle(self, name: str, rest: list[str]) -> Step:
        if name == "vehicle.funding_gap":
            how = "what is missing when cash and commitments run out"
            rows = self._inputs("capital")
            return self._of(name, how, (self._spend(), self._flows(("vehicle",), "the vehicle")), inputs=rows)
        made = self._flows(("vehicle",), "the vehicle")
        return self._of(name, made.how, made.parts, adds_up=True)

    def _ledger(self, name: str, rest: list[str]) -> Step:
        return self._of(name, "the largest difference found when the books are checked, see docs/model.md, 9", ())


_INVESTOR = {
    "irr": "the yearly rate at which the net flows of the periods add up to nought",
    "multiple": "sum of positive net flows ÷ sum of negative ones",
    "npv": "net flows discounted at {rate:.3%} a year",
    "loss_probability": "1 if receipts are below drawdowns by more than a penny, else 0; the base case is one future",
    "expected_loss": "drawdowns − receipts, where that is a loss",
    "peak_funding": "the deepest point of the net flows added up",
    "peak_funding_period": "the period of the deepest point",
    "payback_period": "years until the net flows added up stay above nought",
}
