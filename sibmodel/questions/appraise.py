"""What a pound saves: the chain link by link, the chance of £1 to £5, switching values, and who pays and who saves."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.core.discounting import deflators
from sibmodel.core.flows import total
from sibmodel.core.timeline import over_time
from sibmodel.errors import SibmodelError
from sibmodel.measures.appraisal import ratio
from sibmodel.measures.commissioner import commissioners, paid_by, present_value_of_real, real_present_value
from sibmodel.model import Books
from sibmodel.questions.switching import Switch, switching_values
from sibmodel.running.execution import simulate
from sibmodel.running.results import Result
from sibmodel.scenario.schema import Scenario

HEADLINE, CASHABLE = "public.savings_per_pound", "public.cashable_return"
POUNDS = (1, 2, 3, 4, 5)
BUDGET = (50, 80, 95)


@dataclass(frozen=True)
class Link:
    """One link of the chain of fiscal savings: present value in the base case, and per pound of programme spend."""

    name: str
    pounds: float
    per_pound: float | None


@dataclass(frozen=True)
class Pocket:
    """Who pays and who saves: present values in the base case, real. `payer` if it is one."""

    name: str
    pays: float
    saves: float
    saves_cash: float

    @property
    def net(self) -> float:
        """Own fiscal savings less payments."""
        return self.saves - self.pays

    @property
    def cash_net(self) -> float:
        """Own cashable savings less payments."""
        return self.saves_cash - self.pays


@dataclass(frozen=True)
class BudgetYear:
    """A financial year, nominal pounds: commissioners' payments at percentiles, and their own cashable savings."""

    year: str
    payments: Mapping[int, float]
    cashable: float

    @property
    def net(self) -> float:
        """Cashable savings of the base case less payments at the median."""
        return self.cashable - self.payments[50]


@dataclass(frozen=True)
class Appraisal:
    """A scenario appraised. Prints itself as a report in a terminal and in a notebook.

    `chances` by measure: the share of futures in which it exceeds £1, £2, … £5. `most` is what the contract lets
    commissioners pay in all, None if nothing limits it; `all_years` their payments in all years at percentiles.
    `weak` is the share of fiscal savings in the base case that rests on a number of grade 5 or 6.
    """

    result: Result
    chain: tuple[Link, ...]
    chances: Mapping[str, Mapping[int, float]]
    switches: tuple[Switch, ...]
    pockets: tuple[Pocket, ...]
    budget: tuple[BudgetYear, ...]
    all_years: Mapping[int, float]
    most: float | None
    weak: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        result = self.result
        whose = ("public.", "agency.", "commissioner.", "payers.")
        public = {name: summary.as_dict() for name, summary in result.measures.items() if name.startswith(whose)}
        return {
            "scenario": result.scenario.title,
            "record": result.record.as_dict(),
            "measures": public,
            "chain": [asdict(link) for link in self.chain],
            "chances": {name: {str(p): share for p, share in of.items()} for name, of in self.chances.items()},
            "switching_values": [asdict(switch) for switch in self.switches],
            "pockets": [asdict(p) | {"net": p.net, "cash_net": p.cash_net} for p in self.pockets],
            "budget": [
                {
                    "financial_year": b.year,
                    **{f"p{p}": v for p, v in b.payments.items()},
                    "cashable": b.cashable,
                    "net": b.net,
                }
                for b in self.budget
            ],
            "all_years": {f"p{p}": v for p, v in self.all_years.items()},
            "contractual_maximum": self.most,
            "rests_on_weak_evidence": self.weak,
        }

    def __str__(self) -> str:
        from sibmodel.report.appraisal_story import appraisal_story
        from sibmodel.report.terminal import as_text

        return as_text(appraisal_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.appraisal_story import appraisal_story
        from sibmodel.report.terminal import as_html

        return as_html(appraisal_story(self))


def appraise(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Appraisal:
    """Simulate a scenario and walk its savings down the chain. Raises SibmodelError if it has no savings."""
    if scenario.savings is None:
        raise SibmodelError("the scenario says nothing of savings; describe them in its section 'savings'")
    result = simulate(scenario, trials, seed, progress)
    books = result.base
    most = result["commissioner.maximum_exposure"]
    together = sum((result.payments[year, name] for year, name in result.payments if name in commissioners(books)),
                   start=np.zeros(result.record.trials))  # fmt: skip
    return Appraisal(
        result=result,
        chain=_chain(books),
        chances={name: _chances(result.values[name]) for name in (HEADLINE, CASHABLE)},
        switches=switching_values(scenario, (HEADLINE, CASHABLE)),
        pockets=tuple(_pockets(books)),
        budget=_budget(result),
        all_years={p: float(np.percentile(together, p)) for p in BUDGET},
        most=None if most.mean is None else float(result.values["commissioner.maximum_exposure"].max()),
        weak=_weak(books),
    )


def _chances(values: Any) -> dict[int, float]:
    known = values[np.isfinite(values)]
    return {pounds: float(np.mean(known > pounds)) if known.size else 0.0 for pounds in POUNDS}


def _chain(books: Books) -> tuple[Link, ...]:
    fiscal = [s for s in books.service.savings if s.kind == "fiscal"]
    own = _own(books, commissioners(books))
    links = {
        "gross, net of what happens anyway": total(s.gross for s in fiscal),
        "less displacement and what others brought about": total(s.attributable for s in fiscal),
        "less optimism bias": total(s.after_bias for s in fiscal),
        "of which cashable": total(s.cashable for s in fiscal),
        "of which in the pockets of those who pay": total(s.cashable for s in fiscal if s.agency in own),
    }
    spend = real_present_value(books, books.service.costs.spend)
    values = {name: present_value_of_real(books, flow) for name, flow in links.items()}
    per = {name: float(ratio(value, spend)[0]) for name, value in values.items()}
    return tuple(
        Link(name, float(value[0]), per[name] if np.isfinite(per[name]) else None) for name, value in values.items()
    )


def _own(books: Books, payers: tuple[str, ...]) -> set[str]:
    """Agencies whose savings are the payers' own."""
    terms = books.scenario.savings
    return {name for name, agency in terms.agencies.items() if agency.payer in payers} if terms else set()


def _pockets(books: Books) -> list[Pocket]:
    """Payers with the agencies that are theirs, then the agencies that pay nothing."""
    fiscal = [s for s in books.service.savings if s.kind == "fiscal"]

    def saved(agencies: set[str], link: str) -> float:
        flow = total(getattr(s, link) for s in fiscal if s.agency in agencies)
        return float(present_value_of_real(books, flow)[0])

    out = []
    for payer in books.scenario.contract.payers:
        own = _own(books, (payer,))
        paid = float(real_present_value(books, paid_by(books, payer))[0])
        out.append(Pocket(payer, paid, saved(own, "after_bias"), saved(own, "cashable")))
    paying = _own(books, tuple(books.scenario.contract.payers))
    terms = books.scenario.savings
    for agency in terms.agencies if terms else ():
        if agency not in paying:
            out.append(Pocket(agency, 0.0, saved({agency}, "after_bias"), saved({agency}, "cashable")))
    return out


def _budget(result: Result) -> tuple[BudgetYear, ...]:
    books = result.base
    buyers = commissioners(books)
    own = _own(books, buyers)
    timeline = books.scenario.timeline
    level = deflators(timeline.years, books.scenario.prices.inflation.over(books.trials))
    cash = total(s.cashable for s in books.service.savings if s.agency in own) * level
    years = np.array(timeline.financial_years)
    out = []
    for year in dict.fromkeys(timeline.financial_years):
        paid = sum((result.payments[year, name] for name in buyers), start=np.zeros(result.record.trials))
        saved = float(over_time(np.broadcast_to(cash, (len(years), 1))[years == year])[0])
        if paid.any() or saved:
            out.append(BudgetYear(year, {p: float(np.percentile(paid, p)) for p in BUDGET}, saved))
    return tuple(out)


def _weak(books: Books) -> float | None:
    """Share of attributable fiscal savings whose weakest number is of grade 5 or 6; None where nothing is saved."""
    scenario = books.scenario
    weak = {q.address for q in scenario.quantities() if (q.grade or 0) >= 5}

    def rests(name: str) -> bool:
        if name.startswith("top_down."):
            places = ["savings.top_down.", "programme."]
        else:
            items = scenario.savings.items if scenario.savings else None
            outcome = items[name].outcome if items else ""
            places = [f"savings.items.{name}.", f"outcomes.{outcome}.", "programme.groups."]
        return any(address.startswith(place) and ".measurement." not in address for address in weak for place in places)

    fiscal = [s for s in books.service.savings if s.kind == "fiscal"]
    values = {s.name: float(present_value_of_real(books, s.attributable)[0]) for s in fiscal}
    every = sum(values.values())
    return sum(value for name, value in values.items() if rests(name)) / every if every > 0 else None
