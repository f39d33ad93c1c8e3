"""Random capital: every kind of tranche, limit, guarantee and contingent payment, as data that the reader accepts."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from tests.random_contracts import conditions, readings, schedules, steps, whole_months
from tests.random_numbers import (
    Data,
    by_period,
    first_few,
    numbers,
    quantities,
    rarely,
    shares,
    shares_of_one,
    some,
    subset,
)
from tests.twin_basics import Scenario

NOT_INVESTORS = ("grant", "recoverable_grant", "deferred_fees")
KINDS = ("loan", "senior", "mezzanine", "first_loss", "equity", "grant", "recoverable_grant", "deferred_fees")
HIGHEST_COUPON = 0.12
PARTS = ("fee", "coupon", "principal")


@st.composite
def plain_capitals(draw: DrawFn, payers: list[str]) -> Data:
    """Tranches of equal and different rank, the gap, minimum cash and the surplus."""
    tranches = {}
    for name in draw(first_few(["senior", "junior", "last_1"])):
        tranches[name] = {
            "commitment": draw(st.one_of(quantities(50_000, 300_000), quantities(0, 300_000))),
            **some(
                draw,
                rank=st.integers(1, 3),
                coupon=quantities(0, HIGHEST_COUPON),
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


# --- The whole language -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Around:
    """What capital may name or must keep to: the rest of the scenario."""

    every: Data  # outcomes
    terms: list[str]
    payers: list[str]
    timeline: Data
    months: int
    last: int
    may_end_early: bool = False

    @property
    def first_reports(self) -> dict[str, int]:
        """The month in which each effect is first reported and verified."""
        effects = {name: one for name, one in self.every.items() if "measurement" in one}
        return {n: one["measurement"]["first_month"] + one.get("verification_months", 0) for n, one in effects.items()}

    def month(self, least: int = 0) -> SearchStrategy[int]:
        """A month that ends with a period."""
        return whole_months(self.months, self.last, least)

    def rising_months(self, least: int = 0, most: int = 3) -> SearchStrategy[list[int]]:
        """Different months in their order."""
        return st.lists(self.month(least), min_size=1, max_size=most, unique=True).map(sorted)

    def days(self) -> SearchStrategy[list[dt.date]]:
        """Days within the timeline, many of them the last of a period."""
        ends = [Scenario({"timeline": self.timeline}, {}, {}, 1.0).period_end(t) for t in range(self.last + 1)]
        anywhere = st.dates(ends[0] + dt.timedelta(days=1), ends[-1])
        one = st.one_of(st.sampled_from(ends[1:]), anywhere)
        return st.lists(one, min_size=1, max_size=6, unique=True).map(sorted)


def uncertain(low: float, high: float) -> SearchStrategy[Any]:
    """A fixed number, or a range of them between the same bounds."""
    ends = st.lists(numbers(low, high), min_size=2, max_size=2).map(lambda pair: {"uniform": sorted(pair)})
    return st.one_of(numbers(low, high), numbers(low, high), ends)


@st.composite
def commitments(draw: DrawFn, around: Around) -> Data:
    """A commitment, drawn as needed or as agreed, and sometimes only for a time."""
    if draw(st.integers(0, 3)) < 3:
        amount = draw(st.one_of(quantities(50_000, 300_000), quantities(0, 300_000)))
        return {"commitment": amount, **rarely(draw, drawn_to_month=around.month())}
    central = draw(numbers(40_000, 240_000, 20))
    amount = draw(st.sampled_from([central, central, {"uniform": [0.75 * central, 1.25 * central]}]))
    months = draw(around.rising_months())
    rows = []
    for month in months:
        drawn = central * draw(st.integers(0, 8 // len(months))) / 8
        rows.append({"month": month, "amount": draw(st.sampled_from([drawn, {"uniform": [0.5 * drawn, 1.5 * drawn]}]))})
    later = around.month(months[-1] // around.months)
    return {"commitment": amount, "drawdowns": rows, **rarely(draw, drawn_to_month=later)}


@st.composite
def rate_scales(draw: DrawFn, around: Around) -> Data:
    """A coupon that reads outcomes."""
    reading, reach = draw(readings(around.every))
    return {**reading, **draw(scales(reach, 0.2)), **some(draw, floor=by_period(0, 0.05))}


@st.composite
def scales(draw: DrawFn, reach: float, high: float, low: float = 0.0) -> Data:
    """Points or steps of a reading, with values from low to high."""
    if draw(st.booleans()):
        points = draw(schedules(reach))
        return {"points": [[x, round(low + (high - low) * y, 9)] for x, y in points]}
    bands = draw(steps(reach))
    return {"steps": [{**band, "pays": round(low + (high - low) * band["pays"], 9)} for band in bands]}


@st.composite
def coupons(draw: DrawFn, around: Around) -> Data:
    """What a tranche earns, how it is reckoned, and when it falls due."""
    form = draw(st.sampled_from(["none", "rate", "rate", "by period", "scale"]))
    words = {"day_count": st.sampled_from(["effective", "periodic", "actual_365"]), "compounds": st.booleans()}
    fields: Data = some(draw, **words)
    if form == "none":
        return fields
    if form == "scale":
        return {"coupon": draw(rate_scales(around)), **fields}
    rates = quantities if form == "rate" else by_period
    return {"coupon": draw(rates(0, HIGHEST_COUPON)), **fields, **some(draw, coupon_dates=around.days())}


@st.composite
def return_caps(draw: DrawFn, has_coupon: bool) -> Data:
    """One limit of what a tranche receives, or several."""
    rate = uncertain(0.13, 0.4) if has_coupon else uncertain(0, 0.15)
    limits = {"rate": rate, "multiple": uncertain(1, 2), "amount": quantities(0, 100_000)}
    return {name: draw(limits[name]) for name in draw(subset(list(limits)))}


@st.composite
def redemptions(draw: DrawFn, around: Around) -> Data:
    """Early redemption by a month, by conditions, by the contract's termination, or not at all."""
    months = draw(around.rising_months())
    terms: Data = {"table": [{"from_month": month, "share": draw(shares())} for month in months]}
    when = conditions(around.every, around.months, around.last)
    return terms | some(draw, month=around.month(max(1, months[0] // around.months)), when=when)


@st.composite
def instalments(draw: DrawFn, around: Around) -> Data:
    """Parts of the principal by month, and coupon that may wait for the first of them."""
    months = draw(around.rising_months(least=1))
    weights = [draw(st.integers(1, 4)) for _ in months]
    rows = [{"month": month, "share": one / sum(weights)} for month, one in zip(months, weights, strict=True)]
    return {"instalments": rows, **some(draw, rolled_up=st.booleans())}


@st.composite
def tranches(draw: DrawFn, around: Around, together: list[str], ranked: bool) -> Data:
    """One tranche of any kind; `together` are terms that several may be repaid from."""
    kind = draw(st.sampled_from([None, None, *KINDS]))
    tranche: Data = draw(commitments(around))
    tranche |= {"kind": kind} if kind else {}
    tranche |= some(draw, title=st.just("A tranche")) | rarely(draw, investor=st.just("somebody"))
    tranche |= rarely(draw, drawdown_order=st.integers(1, 3))
    if ranked:
        tranche |= some(draw, rank=st.integers(1, 3))
    if kind == "deferred_fees" and "drawdowns" not in tranche:
        tranche |= some(draw, share_of_fees=by_period(0, 1))
    if kind not in NOT_INVESTORS:
        tranche |= rarely(draw, investor_fees=fund_fees())
    if kind == "grant":
        return tranche
    tranche |= rarely(draw, commitment_fee=quantities(0, 0.03))
    if kind != "recoverable_grant":
        tranche |= draw(coupons(around))
    if draw(st.integers(0, 2)) == 2:
        tranche |= draw(instalments(around))
    else:
        tranche |= rarely(draw, revolving=st.booleans())
    sources = st.one_of(st.permutations(together), subset(around.terms)).map(list)
    cap = return_caps("coupon" in tranche)
    return tranche | rarely(draw, return_cap=cap, repaid_from=sources, early_redemption=redemptions(around))


def sensible(tranche: Data, around: Around) -> Data:
    """The same without what could never make sense and is refused."""
    last = tranche["instalments"][-1]["month"] if "instalments" in tranche else around.last * around.months
    if "drawdowns" in tranche and tranche.get("kind") != "grant":
        rows = [row for row in tranche["drawdowns"] if row["month"] < last]
        tranche = {**_without(tranche, "drawdowns"), **({"drawdowns": rows} if rows else {})}
    if "drawdowns" in tranche or "share_of_fees" in tranche:
        tranche = _without(tranche, "drawdown_order")
    ends = tranche.get("early_redemption", {})
    never = not around.may_end_early and "month" not in ends and "when" not in ends
    return _without(tranche, "early_redemption") if never else tranche


def called_when_due(guarantee: Data, every: Data) -> Data:
    """A guarantee that is called when all principal is due, or at redemption."""
    tranche = every[guarantee["tranche"]]
    early = "instalments" in tranche and guarantee.get("month", 1e9) < tranche["instalments"][-1]["month"]
    return _without(guarantee, "month") if early and "early_redemption" not in tranche else guarantee


def settled_when_read(contingent: Data, around: Around) -> Data:
    """A contingent payment without months in which nothing can have been read."""
    first = 0 if "divided_by" in contingent else around.first_reports.get(contingent.get("outcome", ""), 0)
    months = [month for month in contingent.get("settled_in_months", ()) if month >= first]
    return _without(contingent, "settled_in_months") | ({"settled_in_months": months} if months else {})


def _without(fields: Data, name: str) -> Data:
    return {key: value for key, value in fields.items() if key != name}


def fund_fees() -> SearchStrategy[Data]:
    """What an investor pays its own fund manager."""
    return st.fixed_dictionaries(
        {"on_commitment": quantities(0, 0.03)},
        optional={"on_principal": quantities(0, 0.03), "carried_interest": quantities(0, 0.3)},
    )


@st.composite
def guarantees(draw: DrawFn, around: Around, every: Data) -> Data:
    """Guarantees by anybody; a tranche stands only for one that comes before it in the file, so never for itself."""
    owed = [name for name, tranche in every.items() if tranche.get("kind") != "grant"]
    found: Data = {}
    for name in draw(first_few(["loss_floor", "backer"])) if owed else []:
        tranche = draw(st.sampled_from(owed))
        later = list(every)[list(every).index(tranche) + 1 :]
        givers = [None, None, *around.payers, "provider", "sponsor", *later]
        if _is_deferred(every, tranche):  # the provider does not pay itself
            givers = [one for one in givers if one != "provider" and not _is_deferred(every, one)]
        by = draw(st.sampled_from(givers))
        found[name] = {"tranche": tranche, **({"by": by} if by else {}), **some(draw, title=st.just("A guarantee"))}
        form = {"amount": quantities(0, 200_000)} if draw(st.booleans()) else {"tops_up_to": shares()}
        found[name] |= {key: draw(value) for key, value in form.items()}
        found[name] |= some(draw, month=around.month(1), fee=quantities(0, 0.04))
    return found


def _is_deferred(every: Data, name: str | None) -> bool:
    return name is not None and every.get(name, {}).get("kind") == "deferred_fees"


@st.composite
def contingents(draw: DrawFn, around: Around, every: Data) -> Data:
    """Payments between any two parties, often the vehicle, one way or both."""
    parties = ["vehicle", "provider", "sponsor", *every, *around.payers]
    found: Data = {}
    for name in draw(first_few(["bonus", "claw_back"])):
        one = draw(st.one_of(st.just("vehicle"), st.sampled_from(parties)))
        others = [other for other in parties if other != one and not _both_the_provider(every, one, other)]
        other = draw(st.sampled_from(others))
        pair = [one, other] if draw(st.integers(0, 2)) else [other, one]
        reading, reach = draw(readings(around.every))
        low, high = draw(
            st.sampled_from([(-20_000.0, 20_000.0), (-5_000.0, 20_000.0), (0.0, 4_000.0), (-20_000.0, 0.0)])
        )
        found[name] = {"from": pair[0], "to": pair[1], **reading, **draw(scales(reach, high, low))}
        found[name] |= rarely(draw, settled_in_months=around.rising_months(), title=st.just("A payment"))
    return found


def _both_the_provider(every: Data, one: str, other: str) -> bool:
    parties = {"provider" if _is_deferred(every, name) else name for name in (one, other)}
    return len(parties) == 1


# --- Who gets what is left --------------------------------------------------------------------------


def _limited(tranche: Data) -> bool:
    return "return_cap" in tranche or "repaid_from" in tranche


@st.composite
def surpluses(draw: DrawFn, around: Around, every: Data, protection: Data) -> Any:
    """One line, or a first one of tranches whose receipts are limited, and one that never gets stuck."""
    limited = [name for name, tranche in every.items() if _limited(tranche)]
    givers = [name for name, guarantee in protection.items() if "by" not in guarantee]
    free = [name for name in every if name not in limited] + [*around.payers, "provider", "sponsor", *givers]
    taker = draw(st.sampled_from(free))
    names = draw(st.lists(st.sampled_from([*every, *free]), max_size=4, unique=True))
    weights = {taker: draw(st.integers(1, 5))} | {name: draw(st.integers(0, 5)) for name in names if name != taker}
    last = {name: weight / sum(weights.values()) for name, weight in weights.items()}
    lines = draw(st.integers(0, 2)) if limited else 0
    first = [draw(shares_of_one(draw(subset(limited)))) for _ in range(lines)]
    listed = bool(first) or draw(st.booleans())
    return [*first, last] if listed else last


def _investors(every: Data) -> list[str]:
    return [name for name, tranche in every.items() if tranche.get("kind") not in NOT_INVESTORS]


def _surplus_goes_without_saying(every: Data) -> bool:
    """Whether the tranches of the last rank can take it."""
    investors = _investors(every)
    last = max((every[name].get("rank", 1) for name in investors), default=0)
    return any(every[name].get("rank", 1) == last and not _limited(every[name]) for name in investors)


@st.composite
def waterfalls(draw: DrawFn, every: Data, protection: Data, contingent: Data) -> list[Any]:
    """Every claim once, in any order, alone or sharing."""
    owed = [name for name, tranche in every.items() if tranche.get("kind") != "grant"]
    others = [f"{name}.fee" for name, guarantee in protection.items() if "fee" in guarantee]
    others += [name for name, one in contingent.items() if _of_the_vehicle(one)]
    if draw(st.booleans()):
        claims = [f"{name}.{part}" for name in owed for part in PARTS]
        return draw(grouped(draw(st.permutations([*claims, *others]))))
    return [*draw(grouped(draw(st.permutations(owed)))), *draw(grouped(draw(st.permutations(others))))]


@st.composite
def grouped(draw: DrawFn, order: list[str]) -> list[Any]:
    """The same order, some neighbours in one step."""
    found: list[list[str]] = []
    for name in order:
        if found and draw(st.integers(0, 2)) == 2:
            found[-1].append(name)
        else:
            found.append([name])
    return [step if len(step) > 1 or draw(st.booleans()) else step[0] for step in found]


def _of_the_vehicle(contingent: Data) -> bool:
    values = [y for _, y in contingent.get("points", ())] + [band["pays"] for band in contingent.get("steps", ())]
    owes, is_owed = contingent["from"] == "vehicle", contingent["to"] == "vehicle"
    return bool((owes and max(values) > 0) or (is_owed and min(values) < 0))


@st.composite
def capitals(draw: DrawFn, around: Around) -> Data:
    """Any capital for a contract."""
    together = draw(subset(around.terms))
    written = draw(st.integers(0, 2)) == 2
    names = draw(first_few(["senior", "junior", "last_1", "extra_1"]))
    every = {name: sensible(draw(tranches(around, together, not written)), around) for name in names}
    protection = draw(guarantees(around, every)) if draw(st.booleans()) else {}
    protection = {name: called_when_due(one, every) for name, one in protection.items()}
    contingent = draw(contingents(around, every)) if draw(st.integers(0, 2)) else {}
    contingent = {name: settled_when_read(one, around) for name, one in contingent.items()}
    capital: Data = {"tranches": every}
    capital |= {"guarantees": protection} if protection else {}
    capital |= {"contingent": contingent} if contingent else {}
    if written:
        order = draw(waterfalls(every, protection, contingent))
        capital |= {"waterfall": order} if order else {}
    if written or not _surplus_goes_without_saying(every) or draw(st.booleans()):
        capital["surplus"] = draw(surpluses(around, every, protection))
    some_fields = {
        "minimum_cash": by_period(0, 30_000),
        "gap_covered_by": st.sampled_from(["provider", "sponsor"]),
        "service_stops": st.booleans(),
        "recycling": st.booleans(),
    }
    return capital | some(draw, **some_fields) | rarely(draw, surplus_from_month=around.month())
