"""Random quantities in every form that a scenario may write them in.

Numbers are drawn from coarse grids. So exact coincidences (a cap met to the penny, income that equals cost, a lag of
whole periods) come up often, and a value a hair's breadth from one of the model's thresholds never does.
"""

import datetime as dt
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

Data = dict[str, Any]


WITH_ENDS = ("triangular", "pert", "uniform", "choice", "empirical", "quartiles")
"""Distributions that reach from the least to the most of the numbers written, or further."""


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
        st.lists(numbers(inner, high), min_size=1, max_size=6).map(lambda seen: {"empirical": seen}),
        st.dictionaries(numbers(inner, high), numbers(0.25, 3, 11), min_size=1, max_size=4).map(
            lambda weights: {"choice": weights}
        ),
        *_cut_off(inner, high),
    ]
    if (low, high) == (0, 1) and not above_low:
        kinds.append(st.lists(numbers(0.5, 8, 15), min_size=2, max_size=2).map(lambda p: {"beta": p}))
        kinds.append(numbers(0.1, 0.9, 8).map(lambda mean: {"beta": {"mean": mean, "sd": round(mean * (1 - mean), 9)}}))
    if low >= 0:  # the upper end is at least four standard deviations away: a tail of 3 in 100,000
        log_sds = numbers(0.05, 0.35, 6)
        kinds.append(log_sds.map(lambda sd: {"lognormal": [high / 4.1, sd]}))
        kinds.append(numbers(2, 6, 8).map(lambda shape: {"gamma": [shape, high / 17]}))  # likewise
    if low >= 0 or not above_low:  # the interval makes a normal where it is not positive, and normals have no ends
        confident = st.sampled_from([{}, {"confidence": 0.8}, {"confidence": 0.95}])
        kinds.append(confident.map(lambda extra: {"between": [low + 0.4 * span, low + 0.55 * span], **extra}))
    if not above_low:
        sds = numbers(span / 40, span / 7, 8)
        kinds.append(sds.map(lambda sd: {"normal": [low + span / 2, sd]}))
        halves = st.tuples(st.sampled_from([4, 5, 6]), st.sampled_from([4, 5, 6])).map(
            lambda h: (h[0] / 240, h[1] / 240)
        )
        kinds.append(halves.map(lambda h: {"quartiles": _around(low + span / 2, h[0] * span, h[1] * span)}))
    return st.one_of(kinds)


def _around(middle: float, below: float, above: float) -> list[float]:
    return [middle - below, middle, middle + above]


def _cut_off(low: float, high: float) -> list[SearchStrategy[Data]]:
    """Distributions without ends, so wide that much of them is cut off."""
    span, cut = high - low, {"within": [low, high]}
    wide = numbers(span / 8, span, 7)
    halves = numbers(span / 4, span / 2, 4)
    kinds: list[SearchStrategy[Data]] = [
        st.tuples(numbers(low, high, 8), wide).map(lambda p: {"normal": list(p), **cut}),
        st.tuples(numbers(low + span / 4, high, 6), numbers(0.2, 1.2, 5)).map(lambda p: {"lognormal": list(p), **cut}),
        st.sampled_from([2, 2.5, 4]).map(lambda shape: {"gamma": [shape, (low + high) / 2 / shape], **cut}),
        wide.map(lambda w: {"between": [low - w, high - span / 4], "confidence": 0.8, **cut}),
        st.tuples(halves, halves).map(lambda w: {"quartiles": _around(low + span / 2, *w), **cut}),
    ]
    return kinds if low >= 0 else [kinds[0], *kinds[3:]]


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
    ends = next((sorted(p) for name, p in uncertain.items() if name in WITH_ENDS), [inner, high])
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
