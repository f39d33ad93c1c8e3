"""Measures of the base case explained, down to the inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import chain

import numpy as np

from sibmodel.core.flows import Link, total
from sibmodel.core.schema import nearest
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import UnknownNameError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, paid_by, real_present_value, worth_of
from sibmodel.measures.irr import MULTIPLE, NONE, STATUSES, TOTAL_LOSS, UNIQUE
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.report.address_words import spaced
from sibmodel.report.explained_outcomes import OutcomeStory, sum_of
from sibmodel.report.explained_payments import ContractStory, names_of
from sibmodel.report.steps import TERMS, Step
from sibmodel.scenario.inputs import Input
from sibmodel.scenario.schema import Scenario


class MeasureStory:
    """Measures of the base case, explained."""

    def __init__(self, books: Books, contract: ContractStory) -> None:
        self.books, self._story = books, contract
        self.scenario: Scenario = books.scenario
        self.inputs = contract.inputs
        self.values: dict[str, Values] = all_measures(books)
        self._outcomes = OutcomeStory(books)

    def step(self, name: str) -> Step:
        """A measure by name."""
        prefix, _, last = name.rpartition(".")
        alike = {"irr_of_mean_flow": "irr", "expected_shortfall": "expected_loss"}.get(last)
        if alike is not None and f"{prefix}.{alike}" in self.values:  # in the base case there is one flow
            made = self.step(f"{prefix}.{alike}")
            return replace(made, what=f"{name}, in the base case the same as {made.what}")
        known = [*self.values, *(f"{TERMS}{term}" for term in self.scenario.contract.terms)]
        if name not in self.values:
            raise UnknownNameError(f"no measure called '{name}'; {nearest(name, known)}")
        first, *rest = name.split(".")
        ways: dict[str, Callable[[str, list[str]], Step]] = {
            "investor": self._investor, "tranche": self._investor, "payers": self._payments, "payer": self._payments,
            "commissioner": self._commissioner, "agency": self._agency, "public": self._public,
            "provider": self._party, "vehicle": self._vehicle, "outcome": self._outcome_measure, "ledger": self._ledger,
            "programme": self._programme, "group": self._group,
        }  # fmt: skip
        return ways[first](name, rest)

    def _of(self, name: str, how: str, parts: Iterable[Step], **more: object) -> Step:
        """A measure made of parts."""
        found = self.values[name]
        value = float(found.values[0])
        known = None if np.isnan(value) else value
        return Step(f"{name}: {found.label}", known, found.unit, how, tuple(parts), **more)  # type: ignore[arg-type]

    def _payments(self, name: str, rest: list[str]) -> Step:
        if name.startswith("payers.") and rest[-1].endswith("savings_per_pound"):
            return self._appraised(name)
        if name == "payers.own_costs":
            lines = self.books.service.costs.of_payers
            borne = [Step(f"{spaced(line.name)}, borne by {line.payer}", sum_of(line.paid)) for line in lines]
            return self._of(name, "all lines", borne, inputs=self._borne(), adds_up=True)
        payers = tuple(self.scenario.contract.payers) if name.startswith("payers") else (rest[0],)
        if rest[-1] == "promised":
            capital = self.books.settlement.capital
            how = "what it pays under guarantees and contingent payments, less what these bring it"
            rows = self._inputs("capital.guarantees", "capital.contingent")
            return self._of(name, how, (Step("in all", sum_of(capital.promised(rest[0]))),), inputs=rows, adds_up=True)
        if rest[-1] == "vat":
            payment = self._story.payments(f"payer.{rest[0]}.payments", payers)
            return self._of(name, "payments × the rate of tax", (payment,), inputs=self._inputs("contract.vat"))
        made = self._story.payments(name, payers)
        return self._of(name, made.how, made.parts, adds_up=True)

    def _inputs(self, *prefixes: str) -> tuple[Input, ...]:
        return tuple(found for prefix in prefixes for found in self.inputs.under(prefix))

    def _borne(self, *payers: str) -> tuple[Input, ...]:
        """Inputs of the costs that some payers bear themselves, or all if none is named."""
        lines = (line for line in self.books.service.costs.of_payers if not payers or line.payer in payers)
        return self._inputs(*(f"programme.costs.further.{line.name.removeprefix('cost_')}" for line in lines))

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
        beside = total(self.books.settlement.capital.promised(n) for n in buyers)
        if np.any(beside):
            less.append(Step("less guarantees and contingent payments, present value", -self._pv(beside)))
        borne = self.books.service.costs.borne_by(*buyers)
        if np.any(borne):
            rows = self._borne(*buyers)
            less.append(Step("less costs of their own, present value", -self._pv(borne), inputs=rows))
        return self._of(name, "present value of savings less present value of payments", (*saved, *less), adds_up=True)

    def _pv(self, nominal: FloatArray) -> float:
        shape = (self.books.trials.periods, 1)
        return float(real_present_value(self.books, np.broadcast_to(nominal, shape))[0])

    def _present(self, name: str, nominal: Step) -> Step:
        rate = self.scenario.rates_in_words
        how = f"each payment deflated to the signing date by inflation, then discounted at {rate}"
        return self._of(name, how, (nominal,), inputs=self._inputs("prices.inflation"))

    def _agency(self, name: str, rest: list[str]) -> Step:
        kind = {"savings": "fiscal"}.get(rest[1], rest[1])
        mine = [s for s in self.books.service.savings if s.agency == rest[0] and s.kind == kind]
        return self._of(name, "its lines added up", (self._saving(s.name, "attributable") for s in mine), adds_up=True)

    def _saving(self, name: str, link: Link) -> Step:
        """The chain of one line of savings up to a link, in present value."""
        one = next(s for s in self.books.service.savings if s.name == name)
        prefix = "savings.top_down" if name.startswith("top_down.") else f"savings.items.{name}"
        words: dict[Link, str] = {
            "gross": "gross, net of the counterfactual",
            "attributable": "after displacement and what is due to others",
            "after_bias": "after optimism bias",
            "cashable": "cashable",
        }
        links = tuple(words)
        values = {k: float(worth_of(self.books, [one], k)[0]) for k in links}
        steps = [Step(words[k], values[k]) for k in links[: links.index(link) + 1]]
        inputs = self.inputs.under(prefix, _NOT_YET[link])
        rate = self.scenario.rates_in_words if one.schedule is None else f"schedule '{one.schedule}'"
        how = f"link by link; real present values at {rate}"
        item = (self.scenario.savings.items or {}).get(name) if self.scenario.savings else None
        if item is not None:
            steps.insert(0, self._outcomes.outcome(item.outcome, true=True))
            if item.price_year is not None:
                how += f"; its value × {item.factor:.6g} from {item.price_year} prices to those of the signing date"
            if item.released_by is not None and link == "cashable":
                inputs += self._inputs(f"savings.steps.{item.released_by}")
                how += "; cash comes in whole steps"
        return Step(f"savings of {spaced(name)}", values[link], how=how, parts=tuple(steps), inputs=inputs)

    def _public(self, name: str, rest: list[str]) -> Step:
        if name != "public.savings_per_pound":
            return self._appraised(name)
        fiscal = [s for s in self.books.service.savings if s.kind == "fiscal"]
        lines = [self._saving(s.name, "attributable") for s in fiscal]
        saved = Step("fiscal savings, present value", sum(s.value or 0.0 for s in lines), how="all lines added up",
                     parts=tuple(lines), adds_up=True)  # fmt: skip
        spend = self.books.service.costs.spend
        spent = Step("programme spend, present value", self._pv(spend), how="deflated and discounted",
                     parts=(self._spend(),), inputs=self._inputs("prices.inflation"))  # fmt: skip
        return self._of(name, "savings ÷ spend", (saved, spent))

    def _appraised(self, name: str) -> Step:
        """A measure of the appraisal: every line after optimism bias (and cashability), and the spend."""
        link: Link = (
            "cashable" if "cashable" in name else "attributable" if name == "payers.savings_per_pound" else "after_bias"
        )
        fiscal = "npv" not in name and name != "public.benefit_cost_ratio"
        kinds = ("fiscal",) if fiscal else self.scenario.appraisal.adds_up
        lines = [self._saving(s.name, link) for s in self.books.service.savings if s.kind in kinds]
        if name == "public.distributional_weight":
            how = "(median income ÷ participants' income) to the power of the exponent"
            return self._of(name, how, (), inputs=self._inputs("appraisal.distributional_weight"))
        other = self._other_side(name, fiscal)
        if name == "public.npv":
            less = replace(other, what=f"less {other.what}", value=-(other.value or 0.0))
            return self._of(name, "present values of benefits less those of costs", (*lines, less), adds_up=True)
        weighs = "appraisal.distributional_weight"
        rows = self._inputs(weighs) if name == "public.weighted_npv" else ()
        return self._of(name, "each line's present value, against that of the other side", (*lines, other), inputs=rows)

    def _other_side(self, name: str, fiscal: bool) -> Step:
        """What savings are held against, in present value: payments, programme spend, or what society spends."""
        costs = self.books.service.costs
        rows = self._inputs("prices.inflation")
        if name.startswith("payers."):
            paid = self._story.payments("payers.payments", tuple(self.scenario.contract.payers))
            everybody = paid_by(self.books, *self.scenario.contract.payers)
            return Step("payments, present value", self._pv(everybody), how=_PRESENT, parts=(paid,), inputs=rows)
        uplift = self.scenario.appraisal.cost_optimism_bias.central_values()[0]
        how = _PRESENT + (", × (1 + its optimism bias)" if uplift else "")
        what, amount, part = (
            ("programme spend", costs.spend, self._spend()) if fiscal
            else ("what the bond costs society", costs.to_society, self._to_society())
        )  # fmt: skip
        rows += self._inputs("appraisal.cost_optimism_bias")
        return Step(f"{what}, present value", self._pv(amount) * (1 + uplift), how=how, parts=(part,), inputs=rows)

    def _to_society(self) -> Step:
        """Programme spend, and what else there is about it that society's account counts."""
        costs = self.books.service.costs
        tax, borne = (total(line.paid for line in lines) for lines in (
            [one for one in costs.lines if one.receiver == "tax_office"], costs.of_payers))  # fmt: skip
        if not np.any(tax) and not costs.of_payers:
            return self._spend()
        parts = (
            self._spend(),
            Step("less tax, which stays within the public", -sum_of(tax)),
            Step("and costs that payers bear", sum_of(borne), inputs=self._borne()),
        )
        whole = sum(part.value or 0.0 for part in parts)
        return Step("what the bond costs society, nominal", whole, how="added up", parts=parts, adds_up=True)

    def _spend(self) -> Step:
        lines = {
            "set_up": ("set_up", "provider_margin"),
            "fixed": ("fixed_per_year", "provider_margin", "indexation"),
            "referral": ("per_referral", "provider_margin", "indexation"),
            "person": ("per_person", "provider_margin", "indexation"),
            "management": ("management_per_year", "indexation"),
            "evaluation": ("evaluation_per_year", "indexation"),
            "link_workers": ("provider_margin", "indexation"),
            "overheads": ("overheads", "provider_margin", "indexation"),
            "wind_down": ("wind_down", "provider_margin", "indexation"),
            "vat": ("vat",),
        }
        parts = []
        for line in self.books.service.costs.of_vehicle:
            rows = self._inputs(
                *(
                    f"programme.costs.{key}"
                    for key in lines.get(line.name, () if line.name.startswith("cost_") else ("indexation",))
                )
            )
            kind, _, name = line.name.partition("_")
            own = {
                "link": ("programme.link_workers", "programme.areas"),
                "set": ("programme.areas",),
                "cost": (f"programme.costs.further.{name}",),
                "onward": (f"programme.onward.{name}",),
                "volunteers": (f"programme.onward.{name}.volunteers",),
            }
            rows = (*self._inputs(*own.get(kind, ())), *rows)
            if np.any(line.paid):
                parts.append(
                    Step(f"{spaced(line.name)}, to the {spaced(line.receiver)}", sum_of(line.paid), inputs=rows)
                )
        people = [self._outcomes.people(group) for group in self.scenario.programme.groups]
        spent = sum(part.value or 0.0 for part in parts)
        lines_up = Step("lines", spent, how="added up", parts=tuple(parts), adds_up=True)
        return Step("programme spend, nominal", spent, how="all cost lines", parts=(lines_up, *people))

    def _programme(self, name: str, rest: list[str]) -> Step:
        groups = (self._outcomes.people(group) for group in self.scenario.programme.groups)
        return self._of(name, "all groups together (docs/model.md, 4)", groups)

    def _group(self, name: str, rest: list[str]) -> Step:
        return self._of(name, "docs/model.md, 4", (self._outcomes.people(rest[0]),))

    def _outcome_measure(self, name: str, rest: list[str]) -> Step:
        made = self._outcomes.outcome(rest[0])
        return self._of(name, made.how, made.parts, inputs=made.inputs)

    def _investor(self, name: str, rest: list[str]) -> Step:
        names = (rest[0],) if name.startswith("tranche.") else self.scenario.capital.investors
        flows = self._of_tranches(names, f"net receipts of {names_of(names) or 'investors, of whom there are none'}")
        how = _INVESTOR.get(rest[-1], "from the net flow of each period")
        if (status := self.values[name].status) is not None:
            how = _RATE[STATUSES[int(status[0])]] + (how.removeprefix(_INVESTOR["irr"]).replace("as irr", ""))
        net = self.books.settlement.capital.net(names)[:, 0]
        periods = Step("net flow by period", float(net.sum()), how="; ".join(
            f"{t}: {pounds:,.0f}" for t, pounds in enumerate(net) if abs(pounds) >= 0.5))  # fmt: skip
        paid = self._story.payments("payers.payments", tuple(self.scenario.contract.payers))
        after_fees = rest[-1] in ("net_irr", "net_multiple")
        own = (self.inputs.under(f"capital.tranches.{n}", () if after_fees else ("investor_fees",)) for n in names)
        rows = (*chain.from_iterable(own), *self._inputs("capital.minimum_cash"))
        money = Step("what decides it: payments in, programme spend out", (paid.value or 0.0) - (self._spend().value
        or 0.0),
                     how="payments − spend", parts=(paid, self._spend()))  # fmt: skip
        return self._of(name, how.format(rate=self.scenario.discounting.investor), (periods, flows, money), inputs=rows)

    def _of_tranches(self, names: tuple[str, ...], what: str) -> Step:
        """Everything that some tranches receive and give, added up."""
        parts = []
        for name in names:
            one = self.books.settlement.capital.tranches[name]
            moved = {
                "drawdown": -one.drawdown, "fee": one.fee, "coupon": one.coupon, "principal": one.principal,
                "surplus": one.surplus, "guarantees": one.guaranteed, "contingent payments": one.contingent,
            }  # fmt: skip
            prefix = f"{spaced(name)}: " if len(names) > 1 else ""
            parts += [Step(prefix + line, sum_of(amount)) for line, amount in moved.items() if np.any(amount)]
        how = "received is positive, paid is negative"
        return Step(what, sum(part.value or 0.0 for part in parts), how=how, parts=tuple(parts), adds_up=True)

    def _flows(self, parties: tuple[str, ...], what: str) -> Step:
        """Everything that some parties receive and pay, added up."""
        found: dict[str, float] = {}
        for flow in self.books.settlement.ledger.flows:
            sign = (flow.receiver in parties) - (flow.payer in parties)
            if sign:
                found[flow.name] = found.get(flow.name, 0.0) + sign * sum_of(flow.amount)
        parts = tuple(Step(name, pounds) for name, pounds in found.items())
        return Step(what, sum(found.values()), how="received is positive, paid is negative", parts=parts, adds_up=True)

    def _party(self, name: str, rest: list[str]) -> Step:
        made = self._flows(("provider",), "the provider")
        return self._of(name, made.how, (*made.parts,), inputs=self._inputs("programme.costs"), adds_up=True)

    def _vehicle(self, name: str, rest: list[str]) -> Step:
        if name != "vehicle.closing_cash":
            how = "what is missing when cash and commitments run out"
            rows = self._inputs("capital")
            return self._of(name, how, (self._spend(), self._flows(("vehicle",), "the vehicle")), inputs=rows)
        made = self._flows(("vehicle",), "the vehicle")
        return self._of(name, made.how, made.parts, adds_up=True)

    def _ledger(self, name: str, rest: list[str]) -> Step:
        return self._of(name, "the largest difference found when the books are checked, see docs/model.md, 9", ())


_PRESENT = "deflated and discounted"

_NOT_YET: dict[Link, tuple[str, ...]] = {
    "gross": ("displacement", "attributed_to_others", "optimism_bias", "cashable"),
    "attributable": ("optimism_bias", "cashable"),
    "after_bias": ("cashable",),
    "cashable": (),
}
"""What comes only after a link of the chain and cannot move it."""

_RATE = {
    UNIQUE: "the yearly rate at which the net flows of the periods add up to nought",
    MULTIPLE: "the one nearest nought of several yearly rates at which the net flows of the periods add up to nought",
    TOTAL_LOSS: "a total loss counts as −100%: nothing comes back, and at no rate do the net flows add up to nought",
    NONE: "there is none: at no rate do the net flows of the periods add up to nought, or no money goes in",
}
_INVESTOR = {
    "irr": _RATE[UNIQUE],
    "multiple": "sum of positive net flows ÷ sum of negative ones",
    "profit": "the net flows added up",
    "mirr": "(gains carried to the end ÷ outlays discounted to signing, both at {rate:.3%} a year)^(1/years) − 1",
    "net_irr": "as irr, after what investors pay their fund managers",
    "net_multiple": "as multiple, after what investors pay their fund managers",
    "npv": "net flows discounted at {rate:.3%} a year",
    "loss_probability": "1 if receipts are below drawdowns by more than a penny, else 0; the base case is one future",
    "expected_loss": "drawdowns − receipts, where that is a loss",
    "peak_funding": "the deepest point of the net flows added up",
    "peak_funding_period": "the period of the deepest point",
    "payback_period": "years until the net flows added up stay above nought",
}
