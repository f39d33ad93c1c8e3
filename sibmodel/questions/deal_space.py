"""Where there is a deal: prices, and a second number, at which every party accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.errors import SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import commissioners, own_savings, worth_of
from sibmodel.model import Books
from sibmodel.questions.acceptance import COMMISSIONERS, INVESTORS, PROVIDER, Condition, Held, conditions_of
from sibmodel.questions.axes import Axis, Setting, axis, books_at, looked_at, usual_against, usual_price
from sibmodel.questions.frontier import Row, row_of
from sibmodel.questions.futures import Futures
from sibmodel.questions.statistic import MEAN, simulated
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Progress, asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.sampling.replicates import replicates
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

_R = TypeVar("_R")

GRID = 21
"""Candidates on each axis."""
MOST_CELLS = 101
"""Candidates on each axis that can be asked for."""
OBJECTIVES = {
    INVESTORS: ("investor.npv", 1.0),
    COMMISSIONERS: ("commissioner.net_saving", 1.0),
    PROVIDER: ("provider.surplus", 1.0),
}
"""What each party wants most of: the mean of a measure, times 1 or −1."""
_PAYMENTS = ("commissioner.payments", -1.0)
"""The same of commissioners without savings of their own: to pay little."""


@dataclass(frozen=True)
class Cell:
    """One point: what every condition comes to there, and each party's objective with its standard error."""

    price: float | None
    against: float | None
    held: tuple[Held, ...]
    wants: Mapping[str, Want]

    @property
    def accepted(self) -> bool:
        """Whether every party accepts."""
        return all(held.is_met for held in self.held)

    @property
    def may_be_chance(self) -> bool:
        """Whether other futures might turn the answer: no condition is missed by more than noise, one is near."""
        clear = all(held.is_met or held.may_be_chance for held in self.held)
        return clear and any(held.may_be_chance for held in self.held)


@dataclass(frozen=True)
class Want:
    """What a party wants most of: the mean of a measure, and its standard error."""

    measure: str
    value: float
    se: float | None


@dataclass(frozen=True)
class DealSpace:
    """Where every party accepts. Prints itself.

    `cells` are the points of the grid, row by row of the second number; `rows` the prices at which each party, and all
    of them, accept; `today` the scenario as it stands, and `row_today` its row. `best` is, by party, the accepted point
    that it likes most: None if it is indifferent or nothing is accepted; `best_today` the same in today's row.
    """

    scenario: Scenario
    record: Record
    price: Axis
    against: Axis
    conditions: tuple[Condition, ...]
    cells: tuple[Cell, ...]
    rows: tuple[Row, ...]
    today: Cell
    row_today: Row | None
    best: Mapping[str, Cell | None]
    best_today: Mapping[str, Cell | None]

    @property
    def is_empty(self) -> bool:
        """Whether nowhere every party accepts, not even with the second number as it is today."""
        return not any(row.deal for row in (*self.rows, self.row_today) if row is not None)

    @cached_property
    def own_part(self) -> float | None:
        """Present value of commissioners' own fiscal savings after optimism bias over that of all savings before it.

        In the base case; what of a pound saved their net saving counts. None where nothing is saved.
        """
        base = base_case(self.scenario)
        own = worth_of(base, own_savings(base, *commissioners(base)), "after_bias")
        whole = worth_of(base, (one for one in base.service.savings if one.kind == "fiscal"), "attributable")
        return float(own[0] / whole[0]) if whole[0] > 0 else None

    @property
    def parties(self) -> tuple[str, ...]:
        """Who has conditions, in order."""
        return tuple(dict.fromkeys(condition.party for condition in self.conditions))

    @cached_property
    def nearest(self) -> Cell:
        """The point of the grid at which the worst missed condition is missed least, against its range on the grid."""
        ranges = [max((abs(h.margin) for h in column if h.margin is not None), default=0.0) for column in self._columns]

        def worst(cell: Cell) -> float:
            found = zip(cell.held, ranges, strict=True)
            return min(-np.inf if h.margin is None else h.margin / (size or 1.0) for h, size in found)

        return max(self.cells, key=worst)

    @property
    def _columns(self) -> Iterator[tuple[Held, ...]]:
        return zip(*(cell.held for cell in self.cells), strict=True)

    def refusing(self, cell: Cell) -> tuple[Condition, ...]:
        """The conditions that a point misses."""
        return tuple(c for c, held in zip(self.conditions, cell.held, strict=True) if not held.is_met)

    def to_frame(self) -> pd.DataFrame:
        """A row a point of the grid: whether every party accepts, who refuses, and every condition's number."""
        import pandas as pd

        rows = []
        for cell in self.cells:
            row: dict[str, Any] = {self.price.name: cell.price, self.against.name: cell.against}
            row |= {"accepted": cell.accepted, "may_be_chance": cell.may_be_chance}
            row["refused_by"] = ", ".join(dict.fromkeys(c.party for c in self.refusing(cell)))
            for condition, held in zip(self.conditions, cell.held, strict=True):
                row |= {condition.key: held.value, f"{condition.key}.se": held.se}
            rows.append(row)
        return pd.DataFrame(rows)

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel deal-space --json`."""
        from sibmodel.questions.deal_space_data import deal_space_data

        return deal_space_data(self)

    def __str__(self) -> str:
        from sibmodel.report.deal_space_story import deal_space_story
        from sibmodel.report.terminal import as_text

        return as_text(deal_space_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.deal_space_story import deal_space_story
        from sibmodel.report.terminal import as_html

        return as_html(deal_space_story(self))


def deal_space(
    scenario: Scenario,
    price: str | None = None,
    against: str | None = None,
    grid: int = GRID,
    *,
    price_between: tuple[float, float] | None = None,
    against_between: tuple[float, float] | None = None,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
) -> DealSpace:
    """The prices, and values of a second number, at which every party accepts by its thresholds in `acceptance`.

    `price` and `against` are addresses, or `prices` (all, as a multiple), `effect` (the true effect, as a multiple) or
    `savings_per_pound`; by default the only price or all of them, against savings per pound from £1 to £5, or the
    effect where nothing is saved. Other numbers are looked at from nought to twice today's, within what their fields
    allow. Every point sees the same futures. `grid` candidates stand on each axis; where a condition begins or ceases
    to be met between two prices, Brent's method narrows the place down.
    Raises SibmodelError for unknown addresses, bounds or a grid that cannot be used.
    """
    if not 2 <= grid <= MOST_CELLS:
        raise SibmodelError(f"a grid of {grid} cannot be used; take 2 to {MOST_CELLS} candidates on each axis")
    count, chosen = asked_for(scenario, trials, seed)
    base = base_case(scenario)
    conditions = conditions_of(base)
    across = axis(base, price or usual_price(scenario), price_between, "--price-between")
    up = axis(base, against or usual_against(base), against_between, "--against-between")
    _must_differ(across, up)
    if across.step is not None:
        raise SibmodelError(f"{across.name} takes whole numbers only; name it with --against, and a price with --price")
    across, prices = looked_at(scenario, across, grid, "--price-between")
    up, levels = looked_at(scenario, up, grid, "--against-between")
    search = _Search(Futures(scenario, count, chosen), conditions, across, up, _objectives(base, conditions))
    return search.done(prices, levels, workers, progress)


def _must_differ(one: Axis, other: Axis) -> None:
    """Two axes must not set the same number."""
    same = one.at(one.between[0]).values.keys() & other.at(other.between[0]).values.keys()
    if same or one.name == other.name:
        number = next(iter(same), one.name)
        raise SibmodelError(f"both axes set {number}; let --against name another number than --price")


def _objectives(base: Books, conditions: Sequence[Condition]) -> dict[str, tuple[str, float]]:
    """What each party wants most of that there is."""
    found = dict(OBJECTIVES)
    if not base.scenario.capital.investors:
        del found[INVESTORS]
    if not commissioners(base):
        del found[COMMISSIONERS]
    elif not any(condition.name == "least_net_saving" for condition in conditions):
        found[COMMISSIONERS] = _PAYMENTS
    return found


@dataclass(frozen=True)
class _Search:
    """What is looked at, and how."""

    futures: Futures
    conditions: tuple[Condition, ...]
    price: Axis
    against: Axis
    objectives: Mapping[str, tuple[str, float]]

    def done(
        self, prices: list[float], levels: list[float], workers: int | None, progress: Progress | None
    ) -> DealSpace:
        """All points, then the ends of every row."""
        grid, today = len(prices), self.against.today
        lines = levels if today is None or today in levels else [*levels, today]
        points = [(x, y) for y in lines for x in prices]
        count = len(points) + len(lines) + 1
        told = _Told(progress, self.futures.count, count)
        cells = list(told.of(in_order(lambda i: self.cell(*points[i]), len(points), workers_for(len(points), workers))))
        by_line = [cells[i : i + grid] for i in range(0, len(cells), grid)]

        def ends(number: int) -> tuple[Row, tuple[Cell, ...]]:
            return self.row(by_line[number])

        found = list(told.of(in_order(ends, len(lines), workers_for(len(lines), workers))))
        as_it_stands = next(told.of(iter([self.look(Setting(), self.price.today, today)])))
        rows, edges = [row for row, _ in found], [edge for _, edge in found]
        on_grid, here = tuple(cells[: grid * len(levels)]), None if today is None else lines.index(today)
        accepted = [*filter(_is_accepted, on_grid), *chain.from_iterable(edges[: len(levels)])]
        accepted_today = [] if here is None else [*filter(_is_accepted, by_line[here]), *edges[here]]
        scenario = self.futures.scenario
        return DealSpace(
            scenario, record(scenario, self.futures.count, self.futures.seed), self.price, self.against,
            self.conditions, on_grid, tuple(rows[: len(levels)]), as_it_stands, None if here is None else rows[here],
            self.best(accepted), self.best(accepted_today),
        )  # fmt: skip

    def cell(self, price: float, against: float) -> Cell:
        """A point of the grid."""
        return self.look(self.price.at(price) & self.against.at(against), price, against)

    def look(self, setting: Setting, price: float | None, against: float | None) -> Cell:
        """What conditions and objectives come to in all futures."""
        asked: list[list[FloatArray]] = []
        wanted: list[list[FloatArray]] = []
        for books in books_at(self.futures, setting):
            measures, shape = all_measures(books), books.trials.count
            asked.append([np.broadcast_to(c.look(books, measures), shape) for c in self.conditions])
            wanted.append([measures[name].values for name, _ in self.objectives.values()])
        parts = replicates(self.futures.scenario.simulation.sampling)
        held = (
            c.held(np.concatenate(values), parts)
            for c, values in zip(self.conditions, zip(*asked, strict=True), strict=True)
        )
        wants = {
            party: Want(name, *simulated(np.concatenate(values), MEAN, parts))
            for (party, (name, _)), values in zip(self.objectives.items(), zip(*wanted, strict=True), strict=True)
        }
        return Cell(price, against, tuple(held), wants)

    def row(self, line: Sequence[Cell]) -> tuple[Row, tuple[Cell, ...]]:
        """The stretches of a row of the grid, and the points at the ends of the deal."""
        against = line[0].against
        assert against is not None  # noqa: S101 - only today's point may have none
        seen = {cell.price: cell for cell in line if cell.price is not None}

        def at(price: float) -> Cell:
            if price not in seen:
                seen[price] = self.cell(price, against)
            return seen[price]

        known = {x: cell.held for x, cell in seen.items()}
        row = row_of(against, self.conditions, known, lambda x: at(x).held)
        return row, tuple(at(end.at) for stretch in row.deal for end in (stretch.low, stretch.high))

    def best(self, cells: Sequence[Cell]) -> dict[str, Cell | None]:
        """By party the point that it likes most; the first of several that it likes as much."""
        found: dict[str, Cell | None] = {}
        for party, (_, sign) in self.objectives.items():
            likes = {i: x for i, cell in enumerate(cells) if np.isfinite(x := sign * cell.wants[party].value)}
            differ = bool(likes) and max(likes.values()) - min(likes.values()) > HALF_A_PENNY
            top = max(likes.values(), default=0.0)
            found[party] = next(cells[i] for i, x in likes.items() if x >= top - HALF_A_PENNY) if differ else None
        return found


def _is_accepted(cell: Cell) -> bool:
    return cell.accepted


class _Told:
    """Tells how many futures are simulated as points are finished."""

    def __init__(self, progress: Progress | None, each: int, points: int) -> None:
        self.progress, self.each, self.all, self.done = progress, each, each * points, 0

    def of(self, results: Iterator[_R]) -> Iterator[_R]:
        """The results as they come."""
        for result in results:
            self.done += self.each
            if self.progress is not None:
                self.progress(self.done, self.all)
            yield result
