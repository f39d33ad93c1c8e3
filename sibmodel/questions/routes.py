"""The same programme paid for in different ways, in the same futures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.values import Unit, Values
from sibmodel.questions.matrix import Estimate, Sums
from sibmodel.questions.route_flows import PUBLIC_INVESTORS, ROLES, Figures, Plan, figures
from sibmodel.questions.routes_answer import Bearing, BondPremium, Lent, Route, Routes, Year
from sibmodel.questions.tails import SHARE, by_groups, tail_weights
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import record
from sibmodel.running.statistics import Summary, error_of_mean, summarise
from sibmodel.scenario.schema import Scenario


def routes(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Routes:
    """Compare ways of paying for the programme of a scenario: directly, by a grant, a loan, the bond, or a mix.

    People, costs, outcomes and savings are the same in every future, whoever pays; only where money runs out is the
    service less. Direct payment and the bond are always compared, grant, loan and mixes where the scenario has their
    terms in `routes`. `trials` and `seed` default to the scenario's own. Raises SibmodelError for a number of trials
    that cannot be run, and ReconciliationError if the books of a route do not balance.
    """
    count, seed = asked_for(scenario, trials, seed)
    base = base_case(scenario)
    plan, run = Plan.of(base), Run(scenario, count, seed)

    def work(some: Trials) -> tuple[Figures, Sums]:
        kept, summed = figures(plan, some)
        keyed = {"\n".join(key): x for key, x in summed.items()}
        return kept, Sums.of(keyed, run.replicate_of(some), run.replicates)

    parts = list(run.each_part(work, workers, progress))
    kept = {key: np.concatenate([part[key] for part, _ in parts]) for key in parts[0][0]}
    sums = parts[0][1]
    for _, more in parts[1:]:
        sums = sums + more
    found = _Found(plan, run, figures(plan, base.trials), kept, sums.estimates())
    return Routes(
        scenario=scenario,
        record=record(scenario, count, seed),
        routes={name: found.route(name) for name in plan.names},
        premium=found.premium(),
        shares=plan.shares,
        public=plan.public,
        public_investors=plan.roles[PUBLIC_INVESTORS],
    )


@dataclass(frozen=True)
class _Found:
    """Everything that was worked out: base case, trials, and means by year."""

    plan: Plan
    run: Run
    base: tuple[Figures, Figures]
    kept: Figures
    means: Mapping[str, Estimate]

    def summary(self, route: str, what: str, label: str, unit: Unit = "£") -> Summary:
        """One figure."""
        values = Values(self.base[0][route, what], unit, label)
        return summarise(values, self.kept[route, what], self.run.replicates)

    def less(self, one: tuple[str, str], other: tuple[str, str], label: str) -> Summary:
        """One figure less another, trial by trial."""
        values = Values(self.base[0][one] - self.base[0][other], "£", label)
        return summarise(values, self.kept[one] - self.kept[other], self.run.replicates)

    def bearing(self, route: str, what: str, label: str) -> Bearing:
        """A cost with its spread."""
        values = self.kept[route, what]

        def of(statistic: Callable[[FloatArray], float]) -> Estimate:
            error = by_groups(lambda some: statistic(values[some]), values.size, self.run.replicates)
            return Estimate(statistic(values), error)

        return Bearing(self.summary(route, what, label), of(_sd), of(_worst))

    def route(self, name: str) -> Route:
        """One route's figures."""
        years = {role: self._years(name, role) for role in (*ROLES, "public")}
        shown = [role for role in ROLES if self._has_part(name, role, years[role])]
        return Route(
            name=name,
            title=titles(self.plan.scenario)[name],
            parts=self.plan.parts(name),
            public=self.bearing(name, "public", "cost to the public purse, present value, real"),
            less_cashable=self.summary(name, "less_cashable", "the same less cashable fiscal savings of all agencies"),
            above_direct=self._above_direct(name, "public", "cost to the public purse above direct payment"),
            all_above_direct=self._above_direct(
                name, "with_others", "cost to the public and all others who bear a part, above direct payment"
            ),
            if_nothing=self.summary(name, "nothing_public", "cost to the public purse if nothing changes"),
            covered=self.summary(name, "covered", "chance that its own money pays all costs", "probability"),
            own_share=self.summary(name, "own_share", "share of the programme's costs that its own money pays", "rate"),
            unpaid=self.summary(name, "unpaid", "share of the programme's costs that nobody pays", "rate"),
            undone=self.summary(name, "undone", "costs that nobody pays, present value, real"),
            whole=self.summary(name, "whole", "chance that all of the programme's costs are paid", "probability"),
            transaction=self.summary(name, "transaction", "costs of setting up and running the route, present value"),
            by_role={role: self.bearing(name, f"role:{role}", f"net cost to {role}") for role in shown},
            by_payer={
                payer: self.bearing(name, f"payer:{payer}", f"net cost to {payer}")
                for payer in self.plan.scenario.contract.payers
            },
            others=self._others(name),
            years={(role, year): one for role in (*shown, "public") for year, one in years[role].items()},
            loan=self._lent(name) if (name, "lent") in self.kept else None,
        )

    def _has_part(self, name: str, role: str, years: Mapping[str, Year]) -> bool:
        """Whether somebody ever pays or receives anything, if only to have it back at the same worth."""
        moved = any(abs(x) > PENNY for year in years.values() for x in (year.base, year.mean))
        return moved or bool(np.any(np.abs(self.kept[name, f"role:{role}"]) > PENNY))

    def _others(self, name: str) -> dict[str, Summary]:
        """What those whose money is not public bear more than with direct payment, where it is anything."""
        out = {}
        for role in self.plan.others:
            mine, direct = ((route, f"other:{role}") for route in (name, "direct"))
            if np.any(np.abs(self.kept[mine] - self.kept[direct]) > PENNY):
                out[role] = self.less(mine, direct, f"net cost to {role} above direct payment")
        return out

    def _above_direct(self, name: str, what: str, label: str) -> Summary | None:
        """How much higher a figure is than with direct payment, None for that itself."""
        return None if name == "direct" else self.less((name, what), ("direct", what), label)

    def _years(self, route: str, role: str) -> dict[str, Year]:
        base = self.base[1]
        out = {}
        for year in dict.fromkeys(self.plan.scenario.timeline.financial_years):
            key = route, f"{role}:{year}"
            if key in base:
                mean = self.means["\n".join(key)]
                out[year] = Year(float(base[key][0]), mean.mean, mean.se)
        return out

    def _lent(self, route: str) -> Lent:
        return Lent(
            put_in=self.summary(route, "put_in", "money put into the loan fund"),
            lent=self.summary(route, "lent", "lent in all"),
            recycled=self.summary(route, "recycled", "lent for each pound put in", "£ per £"),
            interest=self.summary(route, "interest", "interest received"),
            lost=self.summary(route, "lost", "lent and never repaid"),
            closing=self.summary(route, "closing", "money in the fund at the end"),
            lost_worth=self.summary(route, "lost_worth", "lent and never repaid, present value, real"),
            subsidy=self.summary(route, "subsidy", "cost of lending below the public rate, present value, real"),
            balance=self._years(route, "fund_balance"),
        )

    def premium(self) -> BondPremium:
        """What the bond costs payers above direct payment, and how likely failure must be for it to cost them less."""
        sib, nothing, paid = ("sib", "payers"), ("sib", "nothing_payers"), ("direct", "payers")
        return BondPremium(
            payments=self.summary(*sib, "all that payers pay with the bond"),
            direct=self.summary(*paid, "all that payers pay directly"),
            premium=self.less(sib, paid, "payments with the bond less direct payment"),
            beyond_public=self.less(sib, ("sib", "public"), "payments with the bond less its cost to the public"),
            if_nothing=self.summary(*nothing, "all that payers pay with the bond if nothing changes"),
            break_even=self._break_even(self.kept[sib], self.kept[nothing], self.kept[paid]),
        )

    def _break_even(self, bond: FloatArray, nothing: FloatArray, direct: FloatArray) -> Estimate | None:
        """(S − D)/(S − F) of means, with the error of a ratio by the delta method."""
        above, saved = float((bond - direct).mean()), float((bond - nothing).mean())
        if above <= 0.0 or saved < above:
            return None
        chance = above / saved
        error = error_of_mean((bond - direct) - chance * (bond - nothing), self.run.replicates)
        return Estimate(chance, None if error is None else error / saved)


def titles(scenario: Scenario) -> dict[str, str]:
    """What the routes are called in words."""
    terms = scenario.routes
    named = {
        "direct": "Direct payment",
        "grant": (terms.grant.title if terms.grant else None) or "Grant",
        "loan": (terms.loan.title if terms.loan else None) or "Revolving loan",
        "sib": "Social impact bond",
    }
    return named | {name: mix.title or f"Mix: {name.replace('_', ' ')}" for name, mix in terms.mixes.items()}


def _sd(values: FloatArray) -> float:
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def _worst(values: FloatArray) -> float:
    """Mean of the dearest one in twenty."""
    return float(tail_weights(-values, SHARE) @ values)
