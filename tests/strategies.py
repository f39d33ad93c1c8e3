"""Random scenarios: every field of docs/scenarios.md in every form, as plain data that the reader accepts.

Numbers are drawn from coarse grids. So exact coincidences (a cap met to the penny, income that equals cost, a lag of
whole periods) come up often, and a value a hair's breadth from one of the model's thresholds never does.
"""

import datetime as dt
import json
import re
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

import sibmodel
from sibmodel.core.distribution import DISTRIBUTIONS

Data = dict[str, Any]

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


# --- Numbers ----------------------------------------------------------------------------------------


def numbers(low: float, high: float, steps: int = 40) -> SearchStrategy[float]:
    """A point of an even grid from low to high."""
    return st.integers(0, steps).map(lambda n: round(low + (high - low) * n / steps, 9))


def _between_ends(name: str, low: float, high: float, size: int) -> SearchStrategy[Data]:
    return st.lists(numbers(low, high), min_size=size, max_size=size).map(lambda p: {name: sorted(p)})


def distributions(low: float, high: float, above_low: bool = False) -> SearchStrategy[Data]:
    """Any distribution that a field from low to high accepts; `above_low` if it refuses the lower end itself."""
    span = high - low
    inner = low + span / 40 if above_low else low
    kinds = [
        _between_ends("triangular", inner, high, 3),
        _between_ends("pert", inner, high, 3),
        _between_ends("uniform", inner, high, 2),
    ]
    if low >= 0:  # the upper end is at least four standard deviations away: a tail of 3 in 100,000
        log_sds = numbers(0.05, 0.35, 6)
        kinds.append(log_sds.map(lambda sd: {"lognormal": [high / 4.1, sd]}))
    if low >= 0 or not above_low:  # the interval makes a normal where it is not positive, and normals have no ends
        confident = st.sampled_from([{}, {"confidence": 0.8}, {"confidence": 0.95}])
        kinds.append(confident.map(lambda extra: {"between": [low + 0.4 * span, low + 0.55 * span], **extra}))
    if not above_low:
        sds = numbers(span / 40, span / 7, 8)
        kinds.append(sds.map(lambda sd: {"normal": [low + span / 2, sd]}))
    return st.one_of(kinds)


@st.composite
def quantities(draw: DrawFn, low: float, high: float, above_low: bool = False) -> Any:
    """A quantity in any of its forms: fixed, uncertain, or either with where it comes from."""
    inner = low + (high - low) / 40 if above_low else low
    form = draw(st.sampled_from(["fixed", "fixed", "fixed", "uncertain", "annotated", "overridden"]))
    if form == "fixed":
        return draw(numbers(inner, high))
    if form == "uncertain":
        return draw(distributions(low, high, above_low))
    annotations: Data = {"unit": "a unit", "source": "S1", "grade": 3, "owner": "somebody", "note": "as they said"}
    annotations["date"] = dt.date(2026, 11, 22)
    if form == "annotated":
        body = draw(st.one_of(numbers(inner, high), distributions(low, high, above_low)))
        return {"value": body, **annotations}
    uncertain = draw(distributions(low, high, above_low))
    ends = next((p for name, p in uncertain.items() if name in ("triangular", "pert", "uniform")), [inner, high])
    return {"value": uncertain, "central": draw(numbers(ends[0], ends[-1]))}


@st.composite
def by_period(draw: DrawFn, low: float, high: float) -> Any:
    """A quantity by period: one for all periods or a list, whose items may be uncertain."""
    form = draw(st.sampled_from(["one", "one", "list", "annotated list"]))
    if form == "one":
        return draw(quantities(low, high))
    item = st.one_of(numbers(low, high), numbers(low, high), distributions(low, high))
    items = draw(st.lists(item, min_size=1, max_size=5))
    return items if form == "list" else {"value": items, "note": "by period"}


def shares() -> SearchStrategy[Any]:
    """A quantity between 0 and 1."""
    return quantities(0, 1)


def durations(longest: float = 24) -> SearchStrategy[Any]:
    """Months, often whole periods and often not."""
    return st.one_of(st.sampled_from([0, 3, 12]), quantities(0, longest / 4), quantities(0, longest))


@st.composite
def shares_of_one(draw: DrawFn, names: list[str]) -> dict[str, float]:
    """Shares that add up to 1, some of them possibly nothing."""
    weights = draw(st.lists(st.integers(0, 5), min_size=len(names), max_size=len(names)).filter(any))
    return {name: weight / sum(weights) for name, weight in zip(names, weights, strict=True)}


def some(draw: DrawFn, **fields: SearchStrategy[Any]) -> Data:
    """Some of the fields, each given about half the time: the others are left at their defaults."""
    return {name: draw(field) for name, field in fields.items() if draw(st.booleans())}


def rarely(draw: DrawFn, **fields: SearchStrategy[Any]) -> Data:
    """The same, each given about once in five times."""
    return {name: draw(field) for name, field in fields.items() if draw(st.integers(0, 4)) == 4}


def subset(names: list[str]) -> SearchStrategy[list[str]]:
    """At least one of the names."""
    return st.lists(st.sampled_from(names), min_size=1, max_size=len(names), unique=True)


def first_few(names: list[str]) -> SearchStrategy[list[str]]:
    """The first name, the first two, and so on."""
    return st.integers(1, len(names)).map(lambda n: names[:n])


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


@st.composite
def programmes(draw: DrawFn, months: int, last: int) -> Data:
    """Groups, service window, link workers and costs."""
    groups = {}
    for name in draw(first_few(["all", "young_2", "late"])):
        ramp = st.lists(numbers(0, 1, 4), min_size=0, max_size=3)
        groups[name] = {
            "referrals": draw(st.one_of(by_period(50, 200), by_period(0, 20))),
            "engaged": draw(st.one_of(by_period(0.5, 1), by_period(0, 1))),
            **some(draw, ramp=ramp, stay_months=durations(30), title=st.just("A group")),
        }
    programme: Data = {"groups": groups}
    if draw(st.booleans()):
        start, end = sorted(draw(st.lists(st.integers(0, last), min_size=2, max_size=2, unique=True)))
        programme["service"] = some(draw, from_month=st.just(start * months), to_month=st.just(end * months))
    if draw(st.booleans()):
        groups["all"]["stay_months"] = draw(numbers(0.5, 30))
        caseload = quantities(0, 40, above_low=True)
        programme["link_workers"] = {"caseload": draw(caseload), "cost_per_year": draw(by_period(0, 40_000))}
    programme["costs"] = some(
        draw,
        set_up=quantities(0, 100_000),
        fixed_per_year=by_period(0, 60_000),
        per_referral=by_period(0, 40),
        per_person=by_period(0, 200),
        management_per_year=by_period(0, 20_000),
        evaluation_per_year=by_period(0, 20_000),
        provider_margin=quantities(0, 0.2),
        indexation=quantities(-0.04, 0.08, above_low=True),
    )
    return programme


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
def outcomes(draw: DrawFn, kinds: tuple[str, ...], groups: list[str], months: int, last: int) -> Data:
    """An outcome of one of the types."""
    kind = draw(st.sampled_from(kinds))
    text = {"title": st.just("An outcome"), "unit": st.just("units")}
    outcome: Data = {"type": kind, **some(draw, groups=subset(groups), lag_months=durations(), **text)}
    low, high = {"achievement": (0.0, 1.0), "quantity": (-4.0, 16.0), "effect": (-40.0, 80.0)}[kind]
    if draw(st.booleans()):
        outcome["counterfactual"] = draw(counterfactuals(low, high))
    if kind != "effect":
        outcome["share" if kind == "achievement" else "per_person"] = draw(quantities(low, high))
        of = st.sampled_from(["engaged", "referred"])
        return {**outcome, **some(draw, of=of, verified_share=shares())}
    outcome |= {"change": draw(quantities(low, high)), "measurement": draw(measurements(months, last))}
    if draw(st.booleans()):
        outcome |= {"per": "person_year", "lasts_months": draw(durations(40))}
        outcome |= some(draw, kept_each_year=shares())
    return outcome


def caps() -> SearchStrategy[Any]:
    """A cap that binds at once, one that binds sometimes, or one that hardly ever does."""
    return st.one_of(quantities(0, 5_000), quantities(0, 100_000), quantities(100_000, 2_000_000))


@st.composite
def splits(draw: DrawFn, payers: list[str], months: int, last: int) -> Any:
    """Shares by payer, for ever or in phases that need not begin with a period."""
    if draw(st.booleans()):
        return draw(shares_of_one(payers))
    begins = draw(st.lists(st.integers(1, months * last + 6), max_size=2, unique=True).map(sorted))
    first: Data = {"shares": draw(shares_of_one(payers)), **some(draw, after_month=st.just(0))}
    return [first, *({"after_month": month, "shares": draw(shares_of_one(payers))} for month in begins)]


@st.composite
def schedules(draw: DrawFn, reach: float) -> list[list[float]]:
    """Points whose x rises and whose y goes anywhere."""
    places = draw(st.lists(st.integers(-8, 40), min_size=2, max_size=5, unique=True).map(sorted))
    return [[x * reach / 40, draw(numbers(0, 1, 8))] for x in places]


@st.composite
def terms(draw: DrawFn, every: Data) -> Data:
    """A term of any rule on any of the outcomes."""
    name = draw(st.sampled_from(list(every)))
    kind = every[name]["type"]
    dear = {"achievement": 4_000, "quantity": 200, "effect": 60}
    rule = draw(st.sampled_from(["price", "rate_card", "linear", "linear"]))
    if rule == "price":
        return {"rule": rule, "outcome": name, "price": draw(by_period(0, dear[kind]))}
    if rule == "rate_card":
        named = draw(subset(list(every)))
        return {"rule": rule, "prices": {one: draw(by_period(0, dear[every[one]["type"]])) for one in named}}
    return draw(linear_terms(name, kind))


@st.composite
def linear_terms(draw: DrawFn, name: str, kind: str) -> Data:
    """A linear term with any of its options."""
    term: Data = {"rule": "linear", "outcome": name}
    reads = draw(st.sampled_from([None, "total", "mean"] if kind == "effect" else [None, "total"]))
    per = draw(st.sampled_from([None, "contract", "person"] if kind == "effect" else [None, "contract"]))
    over = draw(st.sampled_from([None, "window", "contract"]))
    reach = {"achievement": 200.0, "quantity": 2_000.0, "effect": 80.0}[kind]
    term["points"] = draw(schedules(reach * (100 if kind == "effect" and reads == "total" else 1)))
    price = quantities if over == "contract" else by_period
    if draw(st.booleans()):
        term["price"] = draw(price(0, 1_000 if per == "person" else 100_000))
    return term | {key: word for key, word in (("reads", reads), ("per", per), ("over", over)) if word}


@st.composite
def contracts(draw: DrawFn, every: Data, months: int, last: int) -> Data:
    """Payers of both kinds, terms, caps and splits."""
    payers = draw(first_few(["council", "nhs_1", "fund"]))
    kinds = st.sampled_from(["commissioner", "outcomes_fund"])
    contract: Data = {
        "payers": {
            name: some(draw, kind=kinds, title=st.just("A payer")) | rarely(draw, cap=caps()) for name in payers
        },
        "terms": {},
    }
    contract |= rarely(draw, cap=caps())
    shared = draw(st.booleans())
    if shared:
        contract["split"] = draw(splits(payers, months, last))
    for name in draw(first_few(["main", "extra", "third"])):
        term = draw(terms(every)) | some(draw, title=st.just("A term"))
        term |= rarely(draw, lag_months=durations(), cap=caps())
        if (len(payers) > 1 and not shared) or draw(st.booleans()):
            term["split"] = draw(splits(payers, months, last))
        contract["terms"][name] = term
    return contract


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
    if item["kind"] == "fiscal":
        item |= some(draw, cashable=shares())
    if draw(st.booleans()):
        item |= {"lasts_months": draw(durations(40)), **some(draw, kept_each_year=shares())}
    return item


@st.composite
def capitals(draw: DrawFn, payers: list[str]) -> Data:
    """Tranches of equal and different rank, the gap, minimum cash and the surplus."""
    tranches = {}
    for name in draw(first_few(["senior", "junior", "last_1"])):
        tranches[name] = {
            "commitment": draw(st.one_of(quantities(50_000, 300_000), quantities(0, 300_000))),
            **some(
                draw,
                rank=st.integers(1, 3),
                coupon=quantities(0, 0.12),
                revolving=st.booleans(),
                title=st.just("A tranche"),
                investor=st.just("somebody"),
            ),
        }
    receivers = [*tranches, *payers, "provider"]
    return {
        "tranches": tranches,
        **some(
            draw,
            minimum_cash=by_period(0, 30_000),
            gap_covered_by=st.sampled_from(["provider", "sponsor"]),
            surplus=subset(receivers).flatmap(shares_of_one),
        ),
    }


@st.composite
def scenarios(draw: DrawFn, kinds: tuple[str, ...] = KINDS) -> Data:
    """A whole scenario that the reader accepts, with outcomes of the given types."""
    timeline = draw(timelines())
    months, last = MONTHS[timeline["period"]], timeline["periods"]
    programme = draw(programmes(months, last))
    groups = list(programme["groups"])
    names = draw(first_few(["job", "wellbeing", "stays_3"]))
    every = {name: draw(outcomes(kinds, groups, months, last)) for name in names}
    contract = draw(contracts(every, months, last))
    payers = list(contract["payers"])
    data: Data = {
        "title": "A random bond",
        "timeline": timeline,
        "programme": programme,
        "outcomes": every,
        "contract": contract,
        "capital": draw(capitals(payers)),
        **some(
            draw,
            description=st.just("Drawn by lot."),
            sources=st.just({"S1": {"title": "A source", "address": "a shelf", "note": "none"}}),
            prices=quantities(-0.02, 0.08, above_low=True).map(lambda rate: {"inflation": rate}),
            simulation=st.integers(0, 1000).map(lambda seed: {"trials": 100, "seed": seed}),
        ),
    }
    if draw(st.booleans()):
        data["discounting"] = some(draw, public=numbers(-0.02, 0.08), investor=numbers(-0.02, 0.12))
    if draw(st.integers(0, 3)):
        data["savings"] = draw(savings(every, payers))
    _end_with_the_timeline(data, months, last)
    return data


def _end_with_the_timeline(data: Data, months: int, last: int) -> None:
    """Cut ramps to the service and lists by period to the timeline: longer ones are refused."""
    service = data["programme"].get("service", {})
    ends = service.get("to_month", months * last)
    in_service = (ends - service.get("from_month", 0)) // months
    for group in data["programme"]["groups"].values():
        if "ramp" in group:
            group["ramp"] = group["ramp"][:in_service]
    _cut(data["programme"], last)
    _cut(data["contract"]["terms"], last)
    _cut(data["capital"], last)


def _cut(node: Any, last: int) -> None:
    for key, value in node.items():
        if isinstance(value, dict):
            _cut(value, last)
        elif isinstance(value, list) and key not in ("points", "split", "groups", *DISTRIBUTIONS):
            node[key] = value[:last]
