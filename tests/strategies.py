"""Random scenarios: every field of docs/scenarios.md in every form, as plain data that the reader accepts."""

import datetime as dt
import json
import re
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import sibmodel
from sibmodel.core.distribution import DISTRIBUTIONS
from tests.random_capital import Around, capitals, plain_capitals
from tests.random_contracts import contracts, plain_contracts
from tests.random_numbers import (
    Data,
    by_period,
    durations,
    first_few,
    numbers,
    quantities,
    shares,
    shares_of_one,
    some,
    subset,
)

MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
LONGEST = 12  # periods
KINDS = ("achievement", "quantity", "effect", "effect")

_DATE = re.compile(r'"(\d{4}-\d\d-\d\d)"')


def as_yaml(data: Data) -> str:
    """The scenario as YAML text: JSON is YAML, but for dates, which are dates only without quotes."""
    return _DATE.sub(r"\1", json.dumps(data, default=lambda day: day.isoformat()))


def read(data: Data) -> sibmodel.Scenario:
    """The scenario as the engine reads it."""
    return sibmodel.loads(as_yaml(data))


# --- Chapters ---------------------------------------------------------------------------------------


@st.composite
def timelines(draw: DrawFn) -> Data:
    """Any length of period, and signings on awkward days."""
    awkward = st.sampled_from([dt.date(2020, 2, 29), dt.date(2019, 8, 30), dt.date(2021, 3, 31), dt.date(2021, 4, 1)])
    return {
        "signing": draw(st.one_of(awkward, st.dates(dt.date(2000, 1, 1), dt.date(2040, 12, 31)))),
        "period": draw(st.sampled_from(list(MONTHS))),
        "periods": draw(st.one_of(st.integers(6, LONGEST), st.integers(1, LONGEST))),
    }


ROUTES = ["gp", "self_referral", "housing"]
AREAS = ["camden", "city", "sutton"]
SERVICES = ["advice", "walking_2"]


@st.composite
def volumes(draw: DrawFn) -> Any:
    """How many are referred, by period, and sometimes wandering."""
    found = draw(st.one_of(by_period(50, 200), by_period(0, 20)))
    if draw(st.integers(0, 3)) == 0:
        found = found if isinstance(found, dict) and "value" in found else {"value": found}
        found = {**found, "random_walk": draw(numbers(0.02, 0.3, 7))}
    return found


@st.composite
def ways(draw: DrawFn) -> Data:
    """How people come to a group: by one way without a name, or by several with one."""
    ramp = st.lists(numbers(0, 1, 4), min_size=0, max_size=3)
    referrals, engaged = volumes(), st.one_of(by_period(0.5, 1), by_period(0, 1))
    if draw(st.integers(0, 3)):
        return {"referrals": draw(referrals), "engaged": draw(engaged), **some(draw, ramp=ramp)}
    return {
        "routes": {
            name: {
                "referrals": draw(referrals),
                "engaged": draw(engaged),
                **some(draw, ramp=ramp, cannot_use=shares(), cost_per_referral=by_period(0, 40)),
            }
            for name in draw(first_few(ROUTES))
        }
    }


@st.composite
def areas(draw: DrawFn, groups: list[str], begins: int, ends: int, months: int, posts: bool) -> Data:
    """Areas that begin one after the other, with their need in one of its forms."""
    names = draw(first_few(AREAS))
    by_group = draw(st.booleans())
    waves = st.integers(begins, ends - 1).map(lambda start: start * months)
    found: Data = {}
    for name in names:
        need = numbers(1, 5000)
        if by_group:
            here = groups if not found else draw(subset(groups))
            found[name] = {"need_of_group": {group: draw(need) for group in here}}
        else:
            found[name] = {"need": draw(need)}
        found[name] |= some(draw, from_month=waves, weighting=quantities(0, 0.3), set_up=quantities(0, 20_000))
    if posts and draw(st.booleans()):
        found[names[0]]["extra_posts"] = draw(quantities(0, 3))
    if posts and draw(st.booleans()):
        for name, share in draw(shares_of_one(names)).items():
            found[name]["share_of_posts"] = share
    return found


@st.composite
def onward(draw: DrawFn, groups: list[str]) -> Data:
    """One or two services that people are sent on to, at most half of them to each."""
    found: Data = {}
    for name in draw(first_few(SERVICES)):
        found[name] = {
            "share": draw(quantities(0, 0.9)) if not found else draw(quantities(0, 0.1)),
            **some(
                draw,
                groups=subset(groups),
                free_places=by_period(0, 30),
                places=by_period(0, 60),
                give_up_each_month=shares(),
                effect_without=shares(),
            ),
        }
        if draw(st.booleans()):
            found[name]["cost_per_place"] = draw(by_period(10, 300))
            found[name] |= some(draw, budget_per_year=by_period(0, 20_000))
            found[name] |= some(draw, effect_without=shares())
        if draw(st.booleans()):
            found[name]["volunteers"] = {
                "places_each": draw(by_period(0, 2)),
                **some(
                    draw,
                    at_start=quantities(0, 10),
                    joining=by_period(0, 3),
                    from_participants=shares(),
                    after_months=durations(12),
                    leave_each_year=shares(),
                    cost_per_year=by_period(0, 300),
                ),
            }
    return found


@st.composite
def programmes(draw: DrawFn, months: int, last: int, limits: bool = True) -> Data:
    """Groups, service window, link workers, areas, services to be sent on to, and costs."""
    groups = {}
    for name in draw(first_few(["all", "young_2", "late"])):
        groups[name] = {
            **draw(ways()),
            **some(draw, stay_months=durations(30), title=st.just("A group")),
        }
        if draw(st.integers(0, 3)) == 0:
            groups[name] |= {"caseload_weight": draw(numbers(0.5, 3)), "cost_per_person": draw(by_period(0, 100))}
    programme: Data = {"groups": groups}
    start, end = 0, last
    if draw(st.booleans()):
        start, end = sorted(draw(st.lists(st.integers(0, last), min_size=2, max_size=2, unique=True)))
        programme["service"] = {"from_month": start * months, "to_month": end * months}
    if draw(st.booleans()):
        groups["all"]["stay_months"] = draw(numbers(0.5, 30))
        caseload = quantities(0, 40, above_low=True)
        programme["link_workers"] = {"caseload": draw(caseload), "cost_per_year": draw(by_period(0, 40_000))}
        programme["link_workers"] |= some(draw, weighting=quantities(0, 0.3))
        if limits and draw(st.booleans()):
            programme["link_workers"] |= {
                "posts": draw(by_period(0, 8)),
                "ahead_months": draw(st.integers(0, min(2, last))) * months,
                **some(
                    draw,
                    leave_each_year=shares(),
                    recruited_in_months=durations(9),
                    trained_in_months=durations(9),
                    give_up_each_month=shares(),
                ),
            }
    if draw(st.integers(0, 2)) == 0:
        with_posts = "posts" in programme.get("link_workers", {})
        programme["areas"] = draw(areas(list(groups), start, end, months, with_posts))
    if limits and draw(st.integers(0, 2)) == 0:
        programme["onward"] = draw(onward(list(groups)))
    programme["costs"] = draw(costs())
    return programme


@st.composite
def costs(draw: DrawFn) -> Data:
    """What delivery costs, and the tax on it."""
    found = some(
        draw,
        set_up=quantities(0, 100_000),
        fixed_per_year=by_period(0, 60_000),
        per_referral=by_period(0, 40),
        per_person=by_period(0, 200),
        overheads=quantities(0, 0.4),
        wind_down=quantities(0, 20_000),
        management_per_year=by_period(0, 20_000),
        evaluation_per_year=by_period(0, 20_000),
        provider_margin=quantities(0, 0.2),
        indexation=quantities(-0.04, 0.08, above_low=True),
    )
    if draw(st.integers(0, 2)) == 0:
        lines = subset(["set_up", "fixed", "link_workers", "overheads", "management", "evaluation", "wind_down"])
        found["vat"] = {"rate": draw(shares()), "lines": draw(lines), **some(draw, recovered=shares())}
    return found


@st.composite
def further_costs(draw: DrawFn, payers: list[str], months: int, last: int) -> Data:
    """Costs of the vehicle or a payer, once or yearly."""
    once = {"amount": draw(quantities(0, 30_000)), **some(draw, month=st.integers(0, last).map(lambda t: t * months))}
    yearly = {"per_year": draw(by_period(0, 10_000))}
    bearers = some(draw, borne_by=st.sampled_from(payers), title=st.just("Advice"))
    return {"advice": {**(once if draw(st.booleans()) else yearly), **bearers}}


@st.composite
def counterfactuals(draw: DrawFn, low: float, high: float) -> Data:
    """What would have happened anyway, as a rate or a share, by any method."""
    counterfactual: Data = {}
    basis = draw(st.sampled_from([None, "rate", "share"]))
    if basis is not None:
        counterfactual["basis"] = basis
    if draw(st.booleans()):
        counterfactual["level"] = draw(shares() if basis == "share" else quantities(low, high))
    method = draw(st.sampled_from([None, "none", "fixed", "history", "comparison", "trial", "trial"]))
    if method is not None:
        counterfactual["method"] = method
    if method in ("fixed", "history"):
        counterfactual["agreed"] = draw(quantities(low, high))
    return counterfactual


@st.composite
def measurements(draw: DrawFn, months: int, last: int) -> Data:
    """Reports at any interval, sometimes fewer than fit."""
    every = st.integers(1, last).map(lambda n: n * months)
    first = draw(every)
    return {
        "first_month": first,
        "every_months": draw(every),
        "person_sd": draw(st.one_of(quantities(20, 60), quantities(0, 60))),
        **some(draw, comparison_ratio=quantities(0, 4, above_low=True), last_month=every.filter(lambda m: m >= first)),
    }


@st.composite
def outcomes(
    draw: DrawFn, kinds: tuple[str, ...], groups: list[str], months: int, last: int, limited: bool = False
) -> Data:
    """An outcome of one of the types."""
    kind = draw(st.sampled_from(kinds))
    text = {"title": st.just("An outcome"), "unit": st.just("units")}
    outcome: Data = {"type": kind, **some(draw, groups=subset(groups), lag_months=durations(), **text)}
    if draw(st.integers(0, 4)) == 0 and last >= 2:
        outcome["verification_months"] = draw(st.integers(0, 2)) * months
    if draw(st.integers(0, 3)) == 0:
        most = 1.0 if kind == "achievement" else 2.0
        outcome["effect_in_group"] = {name: draw(quantities(0, most)) for name in outcome.get("groups", groups)[:1]}
    low, high = {"achievement": (0.0, 1.0), "quantity": (-4.0, 16.0), "effect": (-40.0, 80.0)}[kind]
    if draw(st.booleans()):
        outcome["counterfactual"] = draw(counterfactuals(low, high))
    if kind != "effect":
        outcome["share" if kind == "achievement" else "per_person"] = draw(quantities(low, high))
        of = st.sampled_from(["engaged"] if limited else ["engaged", "referred"])
        if kind == "achievement":
            outcome |= draw(luck())
        return {**outcome, **some(draw, of=of, verified_share=shares())}
    outcome |= {"change": draw(quantities(low, high)), "measurement": draw(measurements(months, last))}
    if draw(st.booleans()):
        outcome |= {"per": "person_year", "lasts_months": draw(durations(40))}
        outcome |= some(draw, kept_each_year=shares())
    return outcome


@st.composite
def luck(draw: DrawFn) -> Data:
    """How those who achieve an outcome are counted: by default, of people more or less alike, or as expected."""
    correlation = st.one_of(st.sampled_from([0, 0.01, 1]), quantities(0, 0.1), shares())
    forms = [st.just({}), st.just({"counts": "expected"}), correlation.map(lambda rho: {"intraclass_correlation": rho})]
    return some(draw, luck=st.one_of(forms))


@st.composite
def savings(draw: DrawFn, every: Data, payers: list[str]) -> Data:
    """Savings item by item, or stated for each pound spent."""
    agencies = draw(first_few(["hospital", "council_tax", "state"]))
    chapter: Data = {"agencies": {name: some(draw, payer=st.sampled_from(payers)) for name in agencies}}
    kinds = st.sampled_from(["fiscal", "fiscal", "economic", "wellbeing"])
    if draw(st.booleans()):
        chapter["items"] = {
            name: draw(items(list(every), agencies, kinds)) for name in draw(first_few(["beds", "tax", "joy"]))
        }
        steps = {item["released_by"] for item in chapter["items"].values() if "released_by" in item}
        if steps:
            chapter["steps"] = {name: {"size": draw(quantities(0, 5000, above_low=True))} for name in sorted(steps)}
        return chapter
    top_down: Data = {"savings_per_pound": draw(quantities(0, 4))}
    kind = draw(kinds)
    if kind != "fiscal" or draw(st.booleans()):
        top_down["kind"] = kind
    if len(agencies) > 1 or draw(st.booleans()):
        top_down["split"] = draw(shares_of_one(agencies))
    profile = st.integers(1, 4).flatmap(lambda n: shares_of_one([str(year) for year in range(n)]))
    top_down |= some(draw, profile=profile.map(lambda by_year: list(by_year.values())), optimism_bias=shares())
    if kind == "fiscal":
        top_down |= some(draw, cashable=shares())
    return {**chapter, "top_down": top_down}


@st.composite
def items(draw: DrawFn, every: list[str], agencies: list[str], kinds: SearchStrategy[str]) -> Data:
    """One saving, once or for a while."""
    item: Data = {
        "outcome": draw(st.sampled_from(every)),
        "agency": draw(st.sampled_from(agencies)),
        "kind": draw(kinds),
        "value": draw(quantities(-100, 900)),
        **some(
            draw,
            displacement=shares(),
            attributed_to_others=shares(),
            optimism_bias=shares(),
            lag_months=durations(),
            title=st.just("A saving"),
        ),
    }
    item |= some(draw, real_growth=quantities(-0.2, 0.2))
    if item["kind"] == "fiscal":
        item |= some(draw, cashable=shares(), released_by=st.sampled_from(["ward", "ward", "team"]))
    else:
        item |= some(draw, discounted_at=st.just("health"))
    if draw(st.booleans()):
        item |= {"lasts_months": draw(durations(40)), **some(draw, kept_each_year=shares())}
    return item


@st.composite
def scenarios(
    draw: DrawFn,
    kinds: tuple[str, ...] = KINDS,
    plain: bool = False,
    plain_capital: bool | None = None,
    dependent: bool = False,
) -> Data:
    """A whole scenario that the reader accepts, with outcomes of the given types.

    A plain contract has prices, rate cards, straight lines and caps over the contract, split by month; plain capital
    is loans by rank, drawn as needed. In a dependent scenario some numbers move together, and a test must
    not take any away.
    """
    timeline = draw(timelines())
    months, last = MONTHS[timeline["period"]], timeline["periods"]
    programme = draw(programmes(months, last))
    groups = list(programme["groups"])
    names = draw(first_few(["job", "wellbeing", "stays_3"]))
    limited = "onward" in programme or "posts" in programme.get("link_workers", {})
    every = {name: draw(outcomes(kinds, groups, months, last, limited)) for name in names}
    contract = draw(plain_contracts(every, months, last) if plain else contracts(every, groups, months, last))
    payers = list(contract["payers"])
    if draw(st.integers(0, 2)) == 0:
        programme["costs"]["further"] = draw(further_costs(payers, months, last))
    around = Around(every, list(contract["terms"]), payers, timeline, months, last, "termination" in contract)
    data: Data = {
        "title": "A random bond",
        "timeline": timeline,
        "sources": {"S1": {"title": "A source", "address": "a shelf", "note": "none"}},
        "programme": programme,
        "outcomes": every,
        "contract": contract,
        "capital": draw(
            plain_capitals(payers) if (plain if plain_capital is None else plain_capital) else capitals(around)
        ),
        **some(
            draw,
            description=st.just("Drawn by lot."),
            prices=quantities(-0.02, 0.08, above_low=True).map(lambda rate: {"inflation": rate}),
            simulation=st.integers(0, 1000).map(lambda seed: {"trials": 100, "seed": seed}),
        ),
    }
    if draw(st.booleans()):
        data["discounting"] = some(draw, public=numbers(-0.02, 0.08), investor=numbers(-0.02, 0.12))
    if draw(st.integers(0, 3)):
        data["savings"] = draw(savings(every, payers))
    _end_with_the_timeline(data, months, last)
    if dependent and draw(st.booleans()):
        data |= draw(dependence(uncertain(data)))
    return data


def uncertain(data: Data) -> list[str]:
    """Addresses of all uncertain numbers of a scenario."""
    found = (number.items() for number in read(data).quantities())
    return sorted({address for items in found for address, item in items if not isinstance(item, float)})


@st.composite
def dependence(draw: DrawFn, addresses: list[str]) -> Data:
    """A few pairs and a shock of these numbers, whether or not they contradict one another."""
    ranks = numbers(-1, 1, 8)
    if len(addresses) < 2:
        return {}
    few = draw(st.lists(st.sampled_from(addresses), min_size=2, max_size=4, unique=True))
    pairs = [[one, other] for index, one in enumerate(few) for other in few[:index] if draw(st.booleans())]
    shocks = {"winter": {"moves": {name: draw(ranks) for name in draw(subset(addresses))[:4]}, "reason": "Cold."}}
    return {
        "dependence": {
            "correlations": [{"between": pair, "rank": draw(ranks), "reason": "They are alike."} for pair in pairs],
            **some(draw, shocks=st.just(shocks)),
        }
    }


def _end_with_the_timeline(data: Data, months: int, last: int) -> None:
    """Cut ramps to the service and lists by period to the timeline: longer ones are refused."""
    service = data["programme"].get("service", {})
    ends = service.get("to_month", months * last)
    in_service = (ends - service.get("from_month", 0)) // months
    for group in data["programme"]["groups"].values():
        for way in (group, *group.get("routes", {}).values()):
            if "ramp" in way:
                way["ramp"] = way["ramp"][:in_service]
    _cut(data["programme"], last)
    _cut(data["contract"], last)
    _cut(data["capital"], last)


LISTS = (
    *(
        "points",
        "split",
        "groups",
        "steps",
        "tiers",
        "payers",
        "redemption",
        "drawdowns",
        "coupon_dates",
        "instalments",
    ),
    *("lines", "repaid_from", "table", "settled_in_months", "waterfall", "surplus", "within", *DISTRIBUTIONS),
)


def _cut(node: Any, last: int) -> None:
    for key, value in node.items():
        if key == "when":
            continue  # conditions hold no numbers by period
        if isinstance(value, dict):
            _cut(value, last)
        elif isinstance(value, list) and key not in LISTS:
            node[key] = value[:last]
