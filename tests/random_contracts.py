"""Random payment contracts: every rule, window, condition, cap, floor and kind of payer, as plain data."""

from itertools import pairwise
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.random_numbers import (
    Data,
    by_period,
    durations,
    first_few,
    numbers,
    quantities,
    rarely,
    shares,
    shares_of_one,
    some,
    subset,
)

DEAR = {"achievement": 4_000, "quantity": 200, "effect": 60}  # the highest price of a unit
REACH = {"achievement": 200.0, "quantity": 2_000.0, "effect": 80.0}  # about as much as is ever read
PEOPLE = 100  # times as much is read of an effect's total
SPANS = ("window", "financial_year", "contract_year", "contract")
UNIT_RULES = ("price", "rate_card", "milestones")
OFF_THE_GRID = 0.0137  # no reading lies on an edge or beside it, but for those of test_twin_by_hand.py


def caps() -> SearchStrategy[Any]:
    """A cap that binds at once, one that binds sometimes, or one that hardly ever does."""
    return st.one_of(quantities(0, 5_000), quantities(0, 100_000), quantities(100_000, 2_000_000))


@st.composite
def plain_splits(draw: DrawFn, payers: list[str], months: int, last: int) -> Any:
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
def plain_terms(draw: DrawFn, every: Data) -> Data:
    """A term of one of the three simplest rules on any of the outcomes."""
    name = draw(st.sampled_from(list(every)))
    kind = every[name]["type"]
    rule = draw(st.sampled_from(["price", "rate_card", "linear", "linear"]))
    if rule == "price":
        return {"rule": rule, "outcome": name, "price": draw(by_period(0, DEAR[kind]))}
    if rule == "rate_card":
        named = draw(subset(list(every)))
        return {"rule": rule, "prices": {one: draw(by_period(0, DEAR[every[one]["type"]])) for one in named}}
    return draw(linear_terms(name, kind))


@st.composite
def linear_terms(draw: DrawFn, name: str, kind: str) -> Data:
    """A linear term with any of its options."""
    term: Data = {"rule": "linear", "outcome": name}
    reads = draw(st.sampled_from([None, "total", "mean"] if kind == "effect" else [None, "total"]))
    per = draw(st.sampled_from([None, "contract", "person"] if kind == "effect" else [None, "contract"]))
    over = draw(st.sampled_from([None, "window", "contract"]))
    reach = REACH[kind]
    term["points"] = draw(schedules(reach * (PEOPLE if kind == "effect" and reads == "total" else 1)))
    price = quantities if over == "contract" else by_period
    if draw(st.booleans()):
        term["price"] = draw(price(0, 1_000 if per == "person" else 100_000))
    return term | {key: word for key, word in (("reads", reads), ("per", per), ("over", over)) if word}


@st.composite
def plain_contracts(draw: DrawFn, every: Data, months: int, last: int) -> Data:
    """Payers of both kinds, simple terms, caps over the contract and splits by month."""
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
        contract["split"] = draw(plain_splits(payers, months, last))
    for name in draw(first_few(["main", "extra", "third"])):
        term = draw(plain_terms(every)) | some(draw, title=st.just("A term"))
        term |= rarely(draw, lag_months=durations(), cap=caps())
        if (len(payers) > 1 and not shared) or draw(st.booleans()):
            term["split"] = draw(plain_splits(payers, months, last))
        contract["terms"][name] = term
    return contract


# --- The whole language -----------------------------------------------------------------------------


def whole_months(months: int, last: int, least: int = 0) -> SearchStrategy[int]:
    """Months that end with a period."""
    return st.integers(least, last).map(lambda n: n * months)


@st.composite
def readings(draw: DrawFn, every: Data, totals: bool = False) -> tuple[Data, float]:
    """What is read, and about how far it reaches."""
    over = some(draw, over=st.sampled_from(SPANS))
    form = draw(st.sampled_from(["own", "own", "own", "rate", "index"]))
    name = draw(st.sampled_from(list(every)))
    if form == "index":
        weights = numbers(-1, 2, 12).filter(bool)
        index = {one: draw(weights) for one in draw(subset(list(every)))}
        return {"index": index, **over}, sum(REACH[every[one]["type"]] for one in index)
    kind = every[name]["type"]
    below = [one for one, outcome in every.items() if one != name and _surely_positive(outcome)]
    if form == "rate" and below:
        return {"outcome": name, "divided_by": draw(st.sampled_from(below)), **over}, REACH[kind] / 40
    words = [None, "total", "mean"] if kind == "effect" else [None, "total"]
    reads = "total" if totals and kind == "effect" else draw(st.sampled_from(words))
    reach = REACH[kind] * (PEOPLE if kind == "effect" and reads == "total" else 1)
    return {"outcome": name, **over, **({"reads": reads} if reads else {})}, reach


def _surely_positive(outcome: Data) -> bool:
    """Whether its total is nothing only if there is nobody, so that dividing by it divides by no rounding error."""
    return outcome["type"] == "achievement" and "counterfactual" not in outcome


@st.composite
def conditions(draw: DrawFn, every: Data, months: int, last: int, depth: int = 0) -> Data:
    """A condition, or several joined."""
    if depth < 2 and draw(st.integers(0, 3)) == 3:
        joined = st.lists(conditions(every, months, last, depth + 1), min_size=1, max_size=2)
        return {draw(st.sampled_from(["all", "any"])): draw(joined)}
    condition, reach = draw(readings(every))
    low = draw(numbers(-0.1, 0.5, 12)) * reach + OFF_THE_GRID
    high = low + draw(numbers(0.1, 1, 9)) * reach
    lower, upper = st.sampled_from(["at_least", "above"]), st.sampled_from(["at_most", "below"])
    form = draw(st.sampled_from(["lower", "lower", "upper", "both", "uncertain"]))
    if form == "uncertain":
        condition[draw(lower)] = {"uniform": [low, high]}
    if form in ("lower", "both"):
        condition[draw(lower)] = low
    if form in ("upper", "both"):
        condition[draw(upper)] = high
    return condition | rarely(draw, from_month=whole_months(months, last))


@st.composite
def prices(draw: DrawFn, high: float, groups: list[str], one: bool = False) -> Any:
    """A price, or one for each group; `one` if it may not change by period."""
    kind = quantities if one else by_period
    if draw(st.integers(0, 3)) == 3:
        return {"by_group": {group: draw(kind(0, high)) for group in groups}}
    return draw(kind(0, high))


@st.composite
def unit_terms(draw: DrawFn, every: Data, groups: list[str]) -> Data:
    """A price for each unit of one outcome or several."""
    lags = {name: outcome.get("lag_months", 0) for name, outcome in every.items() if outcome["type"] != "effect"}
    people = [name for name, lag in lags.items() if isinstance(lag, int | float)]
    rule = draw(st.sampled_from(UNIT_RULES if people else UNIT_RULES[:2]))
    dear = {name: DEAR[outcome["type"]] for name, outcome in every.items()}
    named = draw(subset(list(every)))
    if rule == "price":
        term = {"rule": rule, "outcome": named[0], "price": draw(prices(dear[named[0]], groups))}
        return term | rarely(draw, claims=st.sampled_from(["once", "repeat"]))
    if rule == "rate_card":
        term = {"rule": rule, "prices": {one: draw(prices(dear[one], groups)) for one in named}}
        return term | rarely(draw, claims=st.sampled_from(["once", "repeat"]))
    chosen = draw(subset(people))
    named = [name for name in people if name in chosen]
    term = {"rule": rule, "milestones": {one: draw(prices(dear[one], groups)) for one in named}}
    others = [one for one in people if one not in named]
    if draw(st.booleans()) and others:
        term["stops_at"] = draw(st.sampled_from(others))
    return term


@st.composite
def scale_terms(draw: DrawFn, every: Data, groups: list[str]) -> Data:
    """A straight line, steps or tiers on anything that can be read."""
    rule = draw(st.sampled_from(["linear", "steps", "tiers"]))
    reading, reach = draw(readings(every, totals=rule == "tiers"))
    if rule == "tiers" and "index" not in reading and "divided_by" not in reading:
        reach = max(reach, REACH["achievement"])
    if rule == "tiers":
        return {"rule": rule, **reading, "tiers": draw(tiers(reach))}
    scale = {"points": draw(schedules(reach))} if rule == "linear" else {"steps": draw(steps(reach))}
    term = {"rule": rule, **reading, **scale}
    of_people = every.get(reading.get("outcome", ""), {}).get("type") == "effect"
    per = draw(st.sampled_from([None, "contract", "person"] if of_people else [None, "contract"]))
    over_time = reading.get("over", "window") != "window"
    if per == "person":
        term["price"] = draw(prices(1_000, groups, over_time))
    elif draw(st.booleans()):
        term["price"] = draw((quantities if over_time else by_period)(0, 100_000))
    return term | ({"per": per} if per else {})


@st.composite
def steps(draw: DrawFn, reach: float) -> list[Data]:
    """Bands that meet, or leave something out between them."""
    places = draw(st.lists(st.integers(-4, 30), min_size=1, max_size=4, unique=True).map(sorted))
    edges = [place * reach / 40 + OFF_THE_GRID for place in places]
    bands = []
    for i, edge in enumerate(edges):
        band = {draw(st.sampled_from(["at_least", "above"])): edge, "pays": draw(numbers(0, 1, 8))}
        if draw(st.integers(0, 3)) == 3:
            end = edges[i + 1] if i + 1 < len(edges) else edge + reach / 4
            band[draw(st.sampled_from(["at_most", "below"]))] = edge + (end - edge) * 0.75
        bands.append(band)
    return bands


@st.composite
def tiers(draw: DrawFn, reach: float) -> list[Data]:
    """Tiers of units, the last of them often without an end."""
    ends = draw(st.lists(st.integers(1, 40), min_size=1, max_size=3, unique=True).map(sorted))
    listed: list[Data] = [{"up_to": end * reach / 40, "price": draw(numbers(0, 2_000, 8))} for end in ends]
    return [*listed, {"price": draw(numbers(0, 2_000, 8))}] if draw(st.booleans()) else listed


@st.composite
def rules(draw: DrawFn, every: Data, groups: list[str], months: int, last: int, depth: int = 0) -> Data:
    """Any rule, with its window, groups and conditions."""
    some_when = conditions(every, months, last)
    form = draw(st.sampled_from(["units", "units", "scale", "scale", "trigger", "charge", "both"]))
    if form == "units":
        term = draw(unit_terms(every, groups))
    elif form == "scale":
        term = draw(scale_terms(every, groups))
    elif form == "trigger":
        pays = some(draw, pays=st.sampled_from(["once", "each_time"]))
        term = {"rule": "trigger", "amount": draw(quantities(0, 50_000)), "when": draw(some_when), **pays}
    elif form == "charge" or depth:
        months_between = whole_months(months, min(last, 4), 1)
        term = {
            "rule": "standing_charge",
            "amount": draw(by_period(0, 20_000)),
            **some(draw, every_months=months_between),
        }
    else:
        inner = ["a", "b", "c"][: draw(st.integers(2, 3))]
        rule = draw(st.sampled_from(["greatest", "least"]))
        term = {"rule": rule, "of": {name: draw(rules(every, groups, months, last, depth + 1)) for name in inner}}
    if "when" not in term:
        term |= rarely(draw, when=some_when)
    window = draw(windows(groups, months, last))
    if term["rule"] in ("trigger", "standing_charge"):  # which do not pay for groups
        window.pop("groups", None)
    return term | window


@st.composite
def windows(draw: DrawFn, groups: list[str], months: int, last: int) -> Data:
    """Sometimes a beginning, an end or groups."""
    window: Data = rarely(draw, groups=subset(groups))
    if draw(st.integers(0, 2)) == 2:
        start, end = sorted(draw(st.lists(st.integers(0, last), min_size=2, max_size=2, unique=True)))
        window |= some(draw, from_month=st.just(start * months), to_month=st.just(end * months))
    return window


# --- Caps, floors and payers ------------------------------------------------------------------------


@st.composite
def limits(draw: DrawFn, high: float, carried: bool = True) -> tuple[Any, Any]:
    """A cap and a floor that does not lie above it; either may be missing."""
    form = draw(st.sampled_from(["cap", "cap", "floor", "both"]))
    low = draw(numbers(0, high / 4, 20))
    if form == "floor":
        return None, low
    least = low if form == "both" else 0.0
    one = st.one_of(numbers(least, high), numbers(least, high / 3 + least), numbers(least, high / 20 + least))
    uncertain = st.lists(numbers(least, high), min_size=2, max_size=2).map(lambda ends: {"uniform": sorted(ends)})
    cap: Any = draw(st.one_of(one, one, uncertain, st.lists(one, min_size=1, max_size=4)))
    if carried and draw(st.integers(0, 2)) == 2:
        cap = {"limit": cap, "carry": "next_period"}
    return cap, low if form == "both" else None


def with_limits(draw: DrawFn, owner: Data, levels: dict[str, float], floors: bool = True) -> None:
    """Give an owner some caps and floors: over the contract, and by period and financial year."""
    for level, high in levels.items():
        if draw(st.integers(0, 4)) < 4:
            continue
        cap, floor = draw(limits(high, carried=level != "contract"))
        floor = floor if floors else None
        # the floor over a contract is one number, and so are those by person
        if level == "contract":
            owner |= {key: value for key, value in (("cap", cap), ("floor", floor)) if value is not None}
            continue
        for kind, value in (("caps", cap), ("floors", floor)):
            if value is not None:
                owner.setdefault(kind, {})[level] = value


def with_shares(draw: DrawFn, term: Data) -> None:
    """Give a term with a cap shares of it for its outcomes."""
    names = [
        *term.get("prices", {}),
        *term.get("milestones", {}),
        *([term["outcome"]] if term["rule"] == "price" else []),
    ]
    if term["rule"] not in UNIT_RULES or "cap" not in term or draw(st.booleans()):
        return
    caps = {name: draw(numbers(0.2, 1, 8)) for name in draw(subset(names))}
    floors = {name: draw(numbers(0, 0.2, 4)) for name in draw(subset(names))}
    for kind, of_outcomes in (("caps", caps), ("floors", floors)):
        if draw(st.booleans()):
            term.setdefault(kind, {})["shares"] = of_outcomes


def _priced(term: Data) -> list[str]:
    """The outcomes that a term of a price for each unit pays for."""
    return [term["outcome"]] if term["rule"] == "price" else [*term.get("prices", {}), *term.get("milestones", {})]


def with_person_limits(draw: DrawFn, owner: Data) -> None:
    """Sometimes a cap or floor by person."""
    if draw(st.integers(0, 3)) < 3:
        return
    cap, floor = draw(st.integers(1, 30).map(lambda n: 100 * n)), draw(st.integers(0, 5).map(lambda n: 20 * n))
    form = draw(st.sampled_from(["cap", "floor", "both"]))
    if form != "floor":
        owner.setdefault("caps", {})["person"] = cap
    if form != "cap":
        owner.setdefault("floors", {})["person"] = floor


@st.composite
def splits(draw: DrawFn, payers: list[str], months: int, last: int) -> Any:
    """Shares or amounts by payer, for ever or in phases by month or by pounds paid."""
    form = draw(st.sampled_from(["plain", "plain", "amounts", "pounds"]))
    if form == "plain":
        return draw(plain_splits(payers, months, last))
    amounts = shares_of_one(payers).map(lambda parts: {"amounts": {name: 1000 * part for name, part in parts.items()}})
    if form == "amounts":
        return draw(amounts)
    parts = st.one_of(amounts, shares_of_one(payers).map(lambda parts: {"shares": parts}))
    begins = draw(st.lists(numbers(500, 100_000), min_size=1, max_size=2, unique=True).map(sorted))
    first = draw(parts) | some(draw, after_paid=st.just(0))
    return [first, *({"after_paid": begin, **draw(parts)} for begin in begins)]


@st.composite
def payers_of(draw: DrawFn) -> Data:
    """Payers who share, take over, top up, pay late and dispute."""
    sharing = draw(first_few(["council", "nhs_1", "fund"]))
    kinds = st.sampled_from(["commissioner", "outcomes_fund"])
    disputes = st.fixed_dictionaries({"share": shares()}, optional={"months": durations(12), "lost": shares()})
    payers: Data = {}
    for name in [*sharing, *(["match"] if draw(st.integers(0, 3)) == 3 else [])]:
        payers[name] = some(draw, kind=kinds, title=st.just("A payer"))
        payers[name] |= rarely(draw, late_months=durations(12), disputes=disputes, recovers_vat=st.booleans())
        with_limits(
            draw, payers[name], {"contract": 400_000, "period": 40_000, "financial_year": 80_000}, name != "match"
        )
    if "match" in payers:
        payers["match"]["tops_up"] = {"payers": draw(subset(sharing)), "share": draw(quantities(0, 1.5))}
    order = draw(st.permutations(sharing))
    for name, heir in pairwise(order):
        payers[name] |= rarely(draw, overflow_to=st.just(heir))
    for payer in payers.values():
        if "overflow_to" in payer:
            payer["caps"] = {level: _not_carried(cap) for level, cap in payer.get("caps", {}).items()}
    return payers


def _not_carried(cap: Any) -> Any:
    return cap["limit"] if isinstance(cap, dict) and "limit" in cap else cap


@st.composite
def terminations(draw: DrawFn, sharing: list[str], shared: bool, months: int, last: int) -> Data:
    """An early end, or the table for one that does not come."""
    rows = draw(st.lists(st.integers(0, last * months), max_size=2, unique=True).map(sorted))
    table = [{"from_month": month, "pays": draw(quantities(0, 100_000))} for month in rows]
    split = {} if shared or len(sharing) == 1 else {"split": draw(splits(sharing, months, last))}
    return some(draw, month=whole_months(months, last), redemption=st.just(table), by=st.just("either")) | split


@st.composite
def contracts(draw: DrawFn, every: Data, groups: list[str], months: int, last: int) -> Data:
    """Any contract on some outcomes."""
    payers = draw(payers_of())
    sharing = [name for name in payers if name != "match"]
    contract: Data = {"payers": payers, "terms": {}}
    with_limits(draw, contract, {"contract": 1_000_000, "period": 100_000, "financial_year": 200_000})
    shared = draw(st.booleans())
    if shared:
        contract["split"] = draw(splits(sharing, months, last))
    for name in draw(first_few(["main", "extra", "third"])):
        term = draw(rules(every, groups, months, last)) | some(draw, title=st.just("A term"))
        term |= rarely(draw, lag_months=durations())
        with_limits(draw, term, {"contract": 400_000, "period": 40_000, "financial_year": 80_000})
        with_shares(draw, term)
        if term["rule"] in UNIT_RULES and "effect" not in {every[name]["type"] for name in _priced(term)}:
            with_person_limits(draw, term)
        if (len(sharing) > 1 and not shared) or draw(st.integers(0, 3)) == 3:
            term["split"] = draw(splits(sharing, months, last))
        contract["terms"][name] = term
    unit_terms = [term for term in contract["terms"].values() if term["rule"] in UNIT_RULES]
    if unit_terms and "effect" not in {every[name]["type"] for term in unit_terms for name in _priced(term)}:
        with_person_limits(draw, contract)
    contract |= rarely(
        draw,
        vat=st.fixed_dictionaries({"rate": numbers(0, 0.25, 5)}, optional={"in_caps": st.booleans()}),
        termination=terminations(sharing, shared, months, last),
    )
    return contract
