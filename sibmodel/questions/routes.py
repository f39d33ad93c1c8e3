"""The same programme paid for in different ways: who pays, when, who bears what, and what a bond costs above that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.reconciliation import PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.values import Unit, Values
from sibmodel.questions.matrix import Estimate, Sums
from sibmodel.questions.route_flows import PUBLIC_INVESTORS, ROLES, Figures, Plan, figures
from sibmodel.questions.tails import SHARE, by_groups, tail_weights
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.running.statistics import Summary, error_of_mean, summarise
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Bearing:
    """What somebody pays less what it receives, present value, real at the public rate: how much, and how unsure.

    `sd` is the standard deviation over futures, `worst` the mean of the dearest one in twenty.
    """

    cost: Summary
    sd: Estimate
    worst: Estimate


@dataclass(frozen=True)
class Year:
    """Pounds of one financial year: in the base case, and the mean with its standard error."""

    base: float
    mean: float
    se: float | None


@dataclass(frozen=True)
class Lent:
    """A loan fund, nominal. `recycled` is what it lends in all for each pound put in.

    Present values, real at the public rate, that add up to what the fund bears: `lost_worth` of what is never repaid,
    `subsidy` of lending below that rate (below zero: above it).
    """

    put_in: Summary
    lent: Summary
    recycled: Summary
    interest: Summary
    lost: Summary
    closing: Summary
    lost_worth: Summary
    subsidy: Summary
    balance: Mapping[str, Year]


@dataclass(frozen=True)
class Route:
    """One way of paying. Present values are real at the public rate; costs are positive, gains negative.

    `public` is what commissioners, public funds and other public parties pay less what they receive; `less_cashable`
    the same less the cashable fiscal savings of all agencies; `above_direct` how much dearer it is for the public than
    direct payment in the same trials, `all_above_direct` how much more the public and all others who bear a part pay
    together, both None for that itself; `if_nothing` its cost to the public if the programme changes nothing.
    `covered` is the chance that the route's own money pays all costs when they fall, `own_share` the share of costs
    that it pays, `unpaid` the share that nobody pays, as service is cut or stops, `undone` their present value, `whole`
    the chance that there are none. `by_role` and `by_payer` are who bears what, `others` what those whose money is not
    public bear more than with direct payment, by role; `years` pounds by (role, financial year), with `public` as a
    role of its own.
    """

    name: str
    title: str
    parts: Mapping[str, float]
    public: Bearing
    less_cashable: Summary
    above_direct: Summary | None
    all_above_direct: Summary | None
    if_nothing: Summary
    covered: Summary
    own_share: Summary
    unpaid: Summary
    undone: Summary
    whole: Summary
    transaction: Summary
    by_role: Mapping[str, Bearing]
    by_payer: Mapping[str, Bearing]
    others: Mapping[str, Summary]
    years: Mapping[tuple[str, str], Year]
    loan: Lent | None


@dataclass(frozen=True)
class BondPremium:
    """What all payers pay with the bond, what they pay directly, and the first less the second: present values.

    `beyond_public` is how much more they pay with the bond than it costs the public, which counts other parties too.
    `if_nothing` is what they pay with the bond if the programme changes nothing. `break_even` is the chance of that at
    which they would pay as much, on average, either way: premium ÷ (payments − payments if nothing). None where no
    chance makes it so: the bond costs no more as it is (premium ≤ 0), or as much if nothing changes.
    """

    payments: Summary
    direct: Summary
    premium: Summary
    beyond_public: Summary
    if_nothing: Summary
    break_even: Estimate | None


@dataclass(frozen=True)
class Routes:
    """Ways of paying for one programme, compared in the same futures. Prints itself in a terminal and in a notebook.

    `shares` are those of the commissioners in what they pay without a bond, `public` the parties whose money is public,
    `public_investors` those of them that put money into the bond.
    """

    scenario: Scenario
    record: Record
    routes: Mapping[str, Route]
    premium: BondPremium
    shares: Mapping[str, float]
    public: tuple[str, ...]
    public_investors: tuple[str, ...]

    def __getitem__(self, route: str) -> Route:
        return self.routes[route]

    def to_frame(self) -> pd.DataFrame:
        """A row a route: cost to the public and its spread, savings taken off, chances, and what each role bears."""
        import pandas as pd

        rows = {name: _row(route) for name, route in self.routes.items()}
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("route")

    def by_year(self) -> pd.DataFrame:
        """Nominal pounds by route, role and financial year: base case, mean and standard error."""
        import pandas as pd

        rows = [
            {"route": name, "party": role, "financial_year": year, **asdict(found)}
            for name, route in self.routes.items()
            for (role, year), found in route.years.items()
        ]
        return pd.DataFrame(rows).set_index(["route", "party", "financial_year"])

    def as_dict(self) -> dict[str, Any]:
        """Everything as plain values, in the fixed form of `sibmodel routes --json`."""
        return {
            "scenario": self.scenario.title,
            "record": self.record.as_dict(),
            "commissioners": dict(self.shares),
            "public": list(self.public),
            "public_investors": list(self.public_investors),
            "routes": {name: _route_data(route) for name, route in self.routes.items()},
            "premium": _plain(self.premium),
        }

    def __str__(self) -> str:
        from sibmodel.report.routes_story import routes_story
        from sibmodel.report.terminal import as_text

        return as_text(routes_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.routes_story import routes_story
        from sibmodel.report.terminal import as_html

        return as_html(routes_story(self))


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


def _row(route: Route) -> dict[str, Any]:
    cost = route.public.cost
    gap = route.above_direct
    out: dict[str, Any] = {
        "title": route.title,
        "public cost": cost.mean, "se": cost.se, "p5": cost.percentiles[5], "p95": cost.percentiles[95],
        "sd": route.public.sd.mean, "worst 5%": route.public.worst.mean,
        "less cashable savings": route.less_cashable.mean, "less cashable savings: se": route.less_cashable.se,
        "above direct": None if gap is None else gap.mean, "above direct: se": None if gap is None else gap.se,
        "if nothing changes": route.if_nothing.mean,
        "own share": route.own_share.mean, "chance covered": route.covered.mean, "unpaid share": route.unpaid.mean,
        "costs unpaid": route.undone.mean,
        "chance paid for": route.whole.mean,
        "transaction costs": route.transaction.mean,
        "recycled": None if route.loan is None else route.loan.recycled.mean,
    }  # fmt: skip
    for role in ROLES:
        out[role] = route.by_role[role].cost.mean if role in route.by_role else 0.0
    return out


def _plain(found: Any) -> Any:
    """Plain values of a summary, and of dataclasses and mappings that hold some."""
    if isinstance(found, Summary):
        return found.as_dict()
    if isinstance(found, Mapping):
        return {name: _plain(one) for name, one in found.items()}
    if is_dataclass(found):
        return {part.name: _plain(getattr(found, part.name)) for part in fields(found)}
    return found


def _route_data(route: Route) -> dict[str, Any]:
    years = [{"party": role, "financial_year": year, **asdict(one)} for (role, year), one in route.years.items()]
    return {**_plain(route), "years": years}
