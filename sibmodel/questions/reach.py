"""Whom the programme reaches: by group, route and area, what limits it, a minimum for all, and what one more buys."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.reconciliation import HALF_A_PENNY
from sibmodel.core.timeline import FloatArray
from sibmodel.core.trials import Trials
from sibmodel.measures.values import Unit, Values
from sibmodel.model import Books, work_through
from sibmodel.questions.counting import SOMEBODY, Key, at_the_end, most, people
from sibmodel.questions.levers import Lever, levers
from sibmodel.questions.places_reached import of_areas
from sibmodel.running.columns import Columns
from sibmodel.running.execution import Run, asked_for
from sibmodel.running.record import Record, record
from sibmodel.running.statistics import Summary, summarise
from sibmodel.scenario.schema import Scenario


@dataclass(frozen=True)
class Reach:
    """Whom a programme reaches. Prints itself as a report in a terminal and in a notebook.

    `numbers` by (of, name, what): "group", "route" (GROUP.ROUTE), "area", "service", "lever", "year", and "programme"
    without a name. People, pounds (nominal), and shares of trials.
    """

    scenario: Scenario
    record: Record
    numbers: Mapping[Key, Summary]
    levers: tuple[Lever, ...]

    def number(self, of: str, name: str, what: str) -> Summary:
        """One of the numbers."""
        return self.numbers[Key(of, name, what)]

    def names(self, of: str) -> tuple[str, ...]:
        """Names of all groups, routes, areas, services, levers or years, in the order of the file."""
        return tuple(dict.fromkeys(key.name for key in self.numbers if key.of == of))

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON: of → name → what → statistics."""
        out: dict[str, Any] = {"scenario": self.scenario.title, "record": self.record.as_dict()}
        for key, summary in self.numbers.items():
            out.setdefault(key.of, {}).setdefault(key.name, {})[key.what] = summary.as_dict()
        return out

    def __str__(self) -> str:
        from sibmodel.report.reach_story import reach_story
        from sibmodel.report.terminal import as_text

        return as_text(reach_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.reach_story import reach_story
        from sibmodel.report.terminal import as_html

        return as_html(reach_story(self))


def reach(
    scenario: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Reach:
    """Simulate a programme and count whom it reaches. Every lever is pulled in the same futures.

    `trials` and `seed` default to the scenario's own. Raises SibmodelError if they cannot be used.
    """
    count, seed = asked_for(scenario, trials, seed)
    pulled = {lever: lever.pull(scenario) for lever in levers(scenario)}
    base = dict(_numbers(scenario, pulled, Trials.base(scenario.timeline.periods + 1)))
    run, kept = Run(scenario, count, seed), Columns(base, count)

    def work(trials: Trials) -> None:
        kept.write(trials.first, {key: one.values for key, one in _numbers(scenario, pulled, trials)}, trials.count)

    deque(run.each_part(work, progress=progress), maxlen=0)
    numbers = {key: summarise(one, kept[key], run.replicates) for key, one in base.items()}
    return Reach(scenario, record(scenario, count, seed), numbers, tuple(pulled))


def _numbers(scenario: Scenario, pulled: Mapping[Lever, Scenario], trials: Trials) -> Iterator[tuple[Key, Values]]:
    books = work_through(scenario, trials)
    yield from _of_people(books)
    yield from _of_services(books)
    yield from of_areas(books)
    if scenario.capital.service_stops:
        stops = (books.settlement.capital.gap > HALF_A_PENNY).any(axis=0)
        ends = Values(
            np.broadcast_to(stops, trials.count).astype(np.float64), "probability", "money runs out, service stops"
        )
        yield Key("programme", "", "service_stops"), ends
    for lever, changed in pulled.items():
        yield from _of_lever(lever, books, work_through(changed, trials))


def _of_people(books: Books) -> Iterator[tuple[Key, Values]]:
    """By group: referred = do not engage + start + give up + wait at the end; and by route."""
    here, nobody = books.service.activity, np.zeros((1, 1))
    started_in_all = people(books, total(here.started.values()), "").values
    for name in here.referred:
        missed = total(series for (group, _), series in here.unreached.items() if group == name)
        waiting = here.waiting.get(name, nobody)
        found = {
            "unreached": people(books, missed, "people whom none of their routes can reach"),
            "referred": people(books, here.referred[name], "people referred"),
            "not_engaged": people(books, here.referred[name] - here.willing[name], "referred, but do not engage"),
            "gave_up": people(books, here.gave_up.get(name, nobody), "give up waiting for a link worker"),
            "still_waiting": at_the_end(books, waiting, "still wait at the end"),
            "most_waiting": most(books, waiting),
            "started": people(books, here.started[name], "people who start"),
            "helped": people(books, here.helped[name], "people who are helped in full"),
        }
        own = found["started"].values
        share = np.divide(own, started_in_all, out=np.full_like(own, np.nan), where=started_in_all > SOMEBODY)
        found["share_of_started"] = Values(share, "rate", "share of all who start")
        yield from ((Key("group", name, what), values) for what, values in found.items())
    for (group, route), series in here.by_route.items():
        if route:
            yield Key("route", f"{group}.{route}", "referred"), people(books, series, "people referred by this route")
            missed = here.unreached.get((group, route), nobody)
            words = "people whom this route cannot reach"
            yield Key("route", f"{group}.{route}", "unreached"), people(books, missed, words)


def _of_services(books: Books) -> Iterator[tuple[Key, Values]]:
    """By service that people are sent on to."""
    lines, nothing = {line.name: line.paid for line in books.service.costs.lines}, np.zeros((1, 1))
    for name, one in books.service.activity.onward.items():
        spent = lines.get(f"onward_{name}", nothing) + lines.get(f"volunteers_{name}", nothing)
        found = {
            "asked": people(books, one.asked, "people sent on"),
            "placed": people(books, one.placed, "people who get a place"),
            "bought": people(books, one.bought, "places that the programme pays for"),
            "gave_up": people(books, one.gave_up, "people who drop out while they wait"),
            "most_waiting": most(books, one.waiting),
            "paid": people(books, spent, "what the programme pays for places and volunteers", "£"),
        }
        yield from ((Key("service", name, what), values) for what, values in found.items())


def _of_lever(lever: Lever, books: Books, changed: Books) -> Iterator[tuple[Key, Values]]:
    """What a lever changes."""

    def more(series: Callable[[Books], FloatArray], label: str, unit: Unit = "people") -> Values:
        found = people(changed, series(changed), label, unit).values - people(books, series(books), label).values
        return Values(found, unit, label)

    key = Key("lever", lever.name, "")
    yield key._replace(what="started"), more(lambda b: total(b.service.activity.started.values()), "more who start")
    yield key._replace(what="helped"), more(lambda b: total(b.service.activity.helped.values()), "more helped in full")
    yield key._replace(what="spend"), more(lambda b: b.service.costs.spend, "more programme spend", "£")
    yield key._replace(what="payments"), more(lambda b: b.settlement.payments.total, "more outcome payments", "£")
    if books.service.savings:
        words = "more attributable fiscal savings, real"
        yield key._replace(what="savings"), more(_fiscal, words, "£")


def _fiscal(books: Books) -> FloatArray:
    return total(saving.attributable for saving in books.service.savings if saving.kind == "fiscal")
