"""All lines of the contract test battery, in one run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.errors import SibmodelError
from sibmodel.model import Books, work_through
from sibmodel.questions.stress import (
    better,
    budget,
    caps,
    cliffs,
    directions,
    ending,
    groups,
    leaving,
    marginal,
    most,
    nothing,
    probe,
    reverse,
    saving,
    working,
)
from sibmodel.questions.stress.checks import Check, Columns, Found, Verdict, worst
from sibmodel.questions.stress.paths import paths
from sibmodel.questions.stress.reverse import Middle, Reverse
from sibmodel.running.blocks import in_order, workers_for
from sibmodel.running.execution import Progress, Run, asked_for, base_case
from sibmodel.running.record import Record, record
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

FEW = 1024
"""Trials of which lines are asked that work the whole bond through again for every date, payer or group."""
SOME = 4096
"""Trials of which the reverse stress test is asked, and among which it begins."""
ALL = 2**62
Look = Callable[[Books], dict[str, FloatArray]]


@dataclass(frozen=True)
class Stress:
    """What the battery found. Prints itself as a report in a terminal and in a notebook.

    `checks` are the lines in their order, `reverse` the most likely combinations in which investors lose 10, 50 and
    100 % of their money, and `middle` what they lose where that search begins; None without uncertain inputs.
    """

    scenario: Scenario
    record: Record
    checks: tuple[Check, ...]
    reverse: tuple[Reverse, ...]
    middle: Middle | None

    def __getitem__(self, name: str) -> Check:
        return next(check for check in self.checks if check.name == name)

    @property
    def failed(self) -> tuple[Check, ...]:
        """The lines that fail."""
        return tuple(check for check in self.checks if check.verdict == "fail")

    @property
    def verdict(self) -> Verdict:
        """The worst of all lines."""
        return worst([check.verdict for check in self.checks])

    def to_frame(self) -> pd.DataFrame:
        """Verdict and sentence, a row a line, as a pandas table."""
        import pandas as pd

        rows = {check.name: {"verdict": check.verdict, "line": check.title, "found": check.sentence}
                for check in self.checks}  # fmt: skip
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("name")

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel stress --json`."""
        return {
            "scenario": self.scenario.title,
            "record": self.record.as_dict(),
            "verdict": self.verdict,
            "checks": [check.as_dict() for check in self.checks],
            "middle": None if self.middle is None else asdict(self.middle),
            "reverse": [asdict(one) | {"beyond": one.beyond} for one in self.reverse],
        }

    def __str__(self) -> str:
        from sibmodel.report.stress_story import stress_story
        from sibmodel.report.terminal import as_text

        return as_text(stress_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.stress_story import stress_story
        from sibmodel.report.terminal import as_html

        return as_html(stress_story(self))


def stress(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    budget_each_year: float | None = None,
) -> Stress:
    """Test a payment contract and the deal around it, line by line.

    `trials` and `seed` default to the scenario's own; no number depends on `workers`. `budget_each_year` are the pounds
    that all commissioners together have for the bond in a financial year; what `acceptance` says if not given. Raises
    SibmodelError for trials, a seed or a budget that cannot be used.
    """
    if budget_each_year is None:
        budget_each_year = scenario.acceptance.commissioners.budget_each_year
    elif not 0.0 <= budget_each_year < np.inf:
        raise SibmodelError(f"a budget of {budget_each_year:,.12g} cannot be used; give pounds, 0 or more")
    count, chosen = asked_for(scenario, trials, seed)
    base = base_case(scenario)
    ways, leavers = directions.better(base), leaving.worst_periods(base)
    run = Run(scenario, count, chosen)
    looks = _looks(ways, leavers)
    found = simulated(run, base, looks, workers, progress)
    searched, *points = _at_once(
        workers,
        lambda: _searched(base, ways, found["marginal"], chosen),
        *(lambda share=share: _point(scenario, share, found) for share in reverse.SHARES),
    )
    checks = (
        nothing.check(scenario, found["nothing"]),
        working.check(scenario, found["working"]),
        *searched,
        saving.check(scenario, found["saving"]),
        groups.check(scenario, found["groups"]),
        caps.check(scenario, found["caps"]),
        budget.check(found["budget"], budget_each_year),
        ending.check(scenario, found["ending"]),
        leaving.check(scenario, found["leaving"], leavers),
    )
    space, nearest = reverse.Space(scenario), tuple(one for one in points if one is not None)
    middle = reverse.Middle.of(space, base) if nearest else None
    return Stress(scenario, record(scenario, count, chosen), checks, nearest, middle)


def _at_once(workers: int | None, *tasks: Callable[[], Any]) -> list[Any]:
    """What each task comes to, worked on by several processes."""
    return list(in_order(lambda number: tasks[number](), len(tasks), workers_for(len(tasks), workers)))


def _point(scenario: Scenario, share: float, found: dict[str, Found]) -> Reverse | None:
    """The nearest point at which investors lose a share; None without uncertain inputs."""
    return reverse.of_share(reverse.Space(scenario), share, found["reverse"], found["probabilities"].trials)


def _looks(ways: dict[str, int], leavers: dict[str, int]) -> dict[str, tuple[Look, int]]:
    """What is looked at in every part of the trials, and in how many of the first of them."""
    return {
        "nothing": (nothing.look, ALL),
        "working": (working.look, ALL),
        "marginal": (lambda books: marginal.look(books, ways), ALL),
        "saving": (saving.look, ALL),
        "groups": (groups.look, FEW),
        "caps": (caps.look, ALL),
        "budget": (budget.look, ALL),
        "ending": (ending.look, FEW),
        "leaving": (lambda books: leaving.look(books, leavers), FEW),
        "reverse": (reverse.look, SOME),
        "probabilities": (lambda books: dict(books.trials.probabilities), SOME),
    }


def simulated(
    run: Run,
    base: Books,
    looks: dict[str, tuple[Look, int]],
    workers: int | None = None,
    progress: Progress | None = None,
) -> dict[str, Found]:
    """What each look finds in the base case and in all trials (or the first of them)."""

    def work(trials: Trials) -> dict[str, dict[str, FloatArray]]:
        books = {trials.count: work_through(run.scenario, trials)}
        found = {}
        for name, (look, at_most) in looks.items():
            count = min(at_most - trials.first, trials.count)
            if count > 0:
                if count not in books:
                    books[count] = work_through(run.scenario, trials.part(0, count))
                found[name] = _full(look(books[count]), count)
        return found

    parts = list(_each_part(run, work, workers, progress))
    return {
        name: Found(
            _full(look(base), 1),
            _joined([part[name] for part in parts if name in part]),
            run.replicates if run.count <= at_most else 1,
        )
        for name, (look, at_most) in looks.items()
    }


def _each_part(
    run: Run, work: Callable[[Trials], Any], workers: int | None, progress: Progress | None
) -> Iterator[Any]:
    """`work(trials)` for every part of every block, in the order of the trials; processes share the parts of a block.

    A programme with many areas has so many in a block of trials that one process would be busy with it for a minute.
    """

    @lru_cache(maxsize=1)
    def drawn(block: int) -> tuple[Trials, ...]:
        return tuple(run.parts(block))

    each = len(drawn(0))

    def one(number: int) -> Any:
        block, part = divmod(number, each)
        return work(drawn(block)[part]) if part < len(drawn(block)) else None

    count = run.blocks * each
    for number, found in enumerate(in_order(one, count, workers_for(count, workers)), 1):
        if progress is not None:
            progress(min(number * run.count // count, run.count), run.count)
        if found is not None:
            yield found


def _full(columns: dict[str, FloatArray], count: int) -> dict[str, FloatArray]:
    return {name: np.array(np.broadcast_to(column, count)) for name, column in columns.items()}


def _joined(parts: list[dict[str, FloatArray]]) -> Columns:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _searched(base: Books, ways: dict[str, int], found: Found, seed: int) -> tuple[Check, ...]:
    """The lines that are found by search over verified outcomes."""
    plan = probe.planned(base)
    walked = [(path, path.pay(path.grid)) for path in paths(plan, ways)]
    return (
        better.check(plan, ways, walked, seed),
        cliffs.check(plan, walked, most.of_plan(plan, base, ways, seed)),
        marginal.check(base, ways, found),
        most.check(probe.in_every_period(base), base, ways, seed),
    )
