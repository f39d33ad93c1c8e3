"""What a pound saves: the chain link by link, the chance of £1 to £5, switching values, and who pays and who saves."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.contract.exposure import maximum_in_year, years_due
from sibmodel.core.flows import Link, Saving, total
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError
from sibmodel.measures.commissioner import commissioners, outlay, own_savings, real_present_value, worth_of
from sibmodel.model import Books
from sibmodel.questions.savings_chain import Rest, SavingChain, fiscal_chain, saving_chains
from sibmodel.questions.switching import Switch, switching_values
from sibmodel.running.execution import Run
from sibmodel.running.gathering import cashable_by_year
from sibmodel.running.results import Result
from sibmodel.running.simulation import simulate
from sibmodel.running.statistics import Summary, at_percentile, known
from sibmodel.scenario.schema import Scenario

HEADLINE, CASHABLE = "public.savings_per_pound", "public.cashable_return"
POUNDS = (1, 2, 3, 4, 5)
BUDGET = (50, 80, 95)
"""Percentiles of payments for which budget is set aside."""
RANGE = (5, 50, 95)
"""Percentiles of what is saved, and of what is left."""


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
    """A financial year, or all together, in nominal pounds.

    `payments` are commissioners' at percentiles, `most` what can fall due by the contract (None if nothing limits it),
    `cashable` their own cashable savings in the base case, `cashable_at` and `net_at` these savings, and these savings
    less the payments of the same future, at percentiles. `errors` are the standard errors of these three, by
    the name of the field.
    """

    year: str
    payments: Mapping[int, float]
    most: float | None
    cashable: float
    cashable_at: Mapping[int, float]
    net_at: Mapping[int, float]
    errors: Mapping[str, Mapping[int, float | None]]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "financial_year": self.year,
            **{f"p{p}": v for p, v in self.payments.items()},
            "maximum": self.most,
            "cashable": self.cashable,
            **{f"cashable_p{p}": v for p, v in self.cashable_at.items()},
            **{f"net_p{p}": v for p, v in self.net_at.items()},
            **{
                f"{before}p{p}_se": error
                for before, of in (("", "payments"), ("cashable_", "cashable_at"), ("net_", "net_at"))
                for p, error in self.errors[of].items()
            },
        }


@dataclass(frozen=True)
class Appraisal:
    """A scenario appraised. Prints itself as a report in a terminal and in a notebook.

    `chances` by measure: the share of futures in which it exceeds £1, £2, … £5, with its standard error.
    `chain` is all fiscal savings together, `savings` each saving on its own with the numbers that it rests on.
    `all_years` is the budget of all years together. `weak` is the share of fiscal savings in the base case that rests
    on a number of grade 5 or 6.
    """

    result: Result
    chain: tuple[Rest, ...]
    savings: tuple[SavingChain, ...]
    chances: Mapping[str, Mapping[int, Summary]]
    switches: tuple[Switch, ...]
    pockets: tuple[Pocket, ...]
    budget: tuple[BudgetYear, ...]
    all_years: BudgetYear
    weak: float | None

    @property
    def ungraded(self) -> float:
        """Share of fiscal savings, attributable in the base case, in whose chain no number has a grade."""
        return _share_of_grades(self.savings, (None,)) or 0.0

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
            "savings": [asdict(saving) for saving in self.savings],
            "chances": {name: {str(p): share.mean for p, share in of.items()} for name, of in self.chances.items()},
            "chances_se": {name: {str(p): share.se for p, share in of.items()} for name, of in self.chances.items()},
            "switching_values": [asdict(switch) for switch in self.switches],
            "pockets": [asdict(p) | {"net": p.net, "cash_net": p.cash_net} for p in self.pockets],
            "budget": [b.as_dict() for b in self.budget],
            "all_years": self.all_years.as_dict(),
            "contractual_maximum": self.all_years.most,
            "after_the_end": result.after_the_end,
            "rests_on_weak_evidence": self.weak,
            "rests_on_ungraded_numbers": self.ungraded,
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
    budget, all_years = _budget(result)
    savings = saving_chains(books)
    return Appraisal(
        result=result,
        chain=fiscal_chain(books),
        savings=savings,
        chances={name: _chances(result, name) for name in (HEADLINE, CASHABLE)},
        switches=switching_values(scenario, (HEADLINE, CASHABLE)),
        pockets=tuple(_pockets(books)),
        budget=budget,
        all_years=all_years,
        weak=_share_of_grades(savings, range(5, 7)),
    )


def _chances(result: Result, measure: str) -> dict[int, Summary]:
    values = result.values[measure]
    return {pounds: result.share(values > pounds, np.isfinite(values)) for pounds in POUNDS}


def _pockets(books: Books) -> list[Pocket]:
    """Payers with the agencies that are theirs, then the agencies that pay nothing."""

    def pocket(name: str, paid: float, savings: list[Saving]) -> Pocket:
        after, cash = (float(worth_of(books, savings, link)[0]) for link in _OF_POCKETS)
        return Pocket(name, paid, after, cash)

    payers = tuple(books.scenario.contract.payers)
    out = [
        pocket(payer, float(real_present_value(books, outlay(books, payer))[0]), own_savings(books, payer))
        for payer in payers
    ]
    terms = books.scenario.savings
    for name, agency in terms.agencies.items() if terms else ():
        if agency.payer is None:
            mine = [s for s in books.service.savings if s.agency == name and s.kind == "fiscal"]
            out.append(pocket(name, 0.0, mine))
    return out


_OF_POCKETS: tuple[Link, ...] = ("after_bias", "cashable")


def _budget(result: Result) -> tuple[tuple[BudgetYear, ...], BudgetYear]:
    """Every year in which anything is paid or saved, or can fall due within a limit, and all years together."""
    books = result.base
    base, most = cashable_by_year(books), _most_due(result)
    out, paid_in_all, saved_in_all = [], _NOTHING, _NOTHING
    for year, saved in result.cashable_savings.items():
        paid = total(result.payments[year, name] for name in commissioners(books)).reshape(-1)
        paid_in_all, saved_in_all = paid_in_all + paid, saved_in_all + saved
        if paid.any() or saved.any() or base[year].any() or most.get(year):
            out.append(_year(year, paid, saved, most.get(year, 0.0), float(base[year][0]), result.replicates))
    later = [year for year in most if year not in base and most[year]]
    out += [_year(year, _NOTHING, _NOTHING, most[year], 0.0, 1) for year in later]
    exposure = result["commissioner.maximum_exposure"]
    most_in_all = None if exposure.mean is None else float(result.values["commissioner.maximum_exposure"].max())
    saved_in_base = sum(float(saved[0]) for saved in base.values())
    every = _year("all years", paid_in_all, saved_in_all, most_in_all, saved_in_base, result.replicates)
    return tuple(out), every


_NOTHING = np.zeros(1)


def _most_due(result: Result) -> dict[str, float | None]:
    """The most that can fall due in each year, in any future."""
    scenario, record = result.scenario, result.record
    uncertain = any(q.is_uncertain and q.address.startswith("contract.") for q in scenario.quantities())
    years = years_due(scenario.contract, scenario.timeline)

    def largest(trials: Trials) -> FloatArray:
        found = [maximum_in_year(scenario.contract, scenario.timeline, trials, year) for year in years]
        return np.array([np.inf if most is None else float(most.max()) for most in found])

    run = Run(scenario, record.trials, record.seed)
    in_parts = run.each_part(largest) if uncertain else [largest(result.base.trials)]
    most = np.max(list(in_parts), axis=0)
    return {year: known(found) for year, found in zip(years, most, strict=True)}


def _year(
    year: str, paid: FloatArray, saved: FloatArray, most: float | None, in_base: float, replicates: int
) -> BudgetYear:
    sides = {"payments": (paid, BUDGET), "cashable_at": (saved, RANGE), "net_at": (saved - paid, RANGE)}
    found = {
        side: {p: at_percentile(values, p / 100, replicates) for p in percentiles}
        for side, (values, percentiles) in sides.items()
    }
    at = {side: {p: value or 0.0 for p, (value, _) in of.items()} for side, of in found.items()}
    errors = {side: {p: error for p, (_, error) in of.items()} for side, of in found.items()}
    return BudgetYear(year, at["payments"], most, in_base, at["cashable_at"], at["net_at"], errors)


def _share_of_grades(savings: tuple[SavingChain, ...], grades: Collection[int | None]) -> float | None:
    """Share of attributable fiscal savings whose chain is of some grades; None where nothing is saved."""
    fiscal = [one for one in savings if one.kind == "fiscal"]
    every = sum(one.left["attributable"] for one in fiscal)
    found = sum(one.left["attributable"] for one in fiscal if one.grade in grades)
    return found / every if every > 0 else None
