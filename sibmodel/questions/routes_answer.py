"""What a comparison of ways to pay answers: who pays, when, who bears what, and what a bond costs above that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from sibmodel.measures.horizon import after_the_end
from sibmodel.questions.matrix import Estimate
from sibmodel.questions.route_flows import ROLES
from sibmodel.running.execution import base_case
from sibmodel.running.record import Record
from sibmodel.running.statistics import Summary
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
            "after_the_end": after_the_end(base_case(self.scenario)),
        }

    def __str__(self) -> str:
        from sibmodel.report.routes_story import routes_story
        from sibmodel.report.terminal import as_text

        return as_text(routes_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.routes_story import routes_story
        from sibmodel.report.terminal import as_html

        return as_html(routes_story(self))


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
