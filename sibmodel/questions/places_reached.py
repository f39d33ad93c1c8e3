"""Areas: whom the programme reaches in each, and a minimum for all of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.questions.counting import SOMEBODY, Key, most, people


@dataclass(frozen=True)
class _Minimum:
    """Of one area by year of service: people of the standard, who start, and are missing; (years, trials)."""

    standard: FloatArray
    started: FloatArray

    @property
    def missing(self) -> FloatArray:
        """People who should start and do not."""
        return np.maximum(self.standard - self.started, 0.0)

    @property
    def met(self) -> FloatArray:
        """Whether as many start as should."""
        return (self.missing <= SOMEBODY).astype(np.float64)

    @property
    def from_year(self) -> FloatArray:
        """The first year from which it is met to the end, counted from 1; not a number if it never is."""
        for_good = np.logical_and.accumulate(self.met[::-1] > 0, axis=0)[::-1]
        first = np.where(for_good.any(axis=0), np.argmax(for_good, axis=0) + 1.0, np.nan)
        return np.asarray(first)


def service_years(programme: ProgrammeTerms, books: Books) -> list[list[int]]:
    """Periods of each year of service; the last may be shorter."""
    timeline, service = books.scenario.timeline, programme.service
    end = timeline.months if service.to_month is None else service.to_month
    first, last = service.from_month // timeline.period_months, end // timeline.period_months
    periods = list(range(first + 1, last + 1))
    return [periods[i : i + timeline.per_year] for i in range(0, len(periods), timeline.per_year)]


def cost_of_one_more(books: Books) -> FloatArray:
    """What delivery costs for each person who starts, nominal pounds, (trials,): all that grows with people.

    The mean over all areas and years, with overheads on what grows; no tax.
    """
    costs, overheads = books.service.costs, books.scenario.programme.costs.overheads.over(books.trials)
    spent = total(
        line.paid * (1.0 + overheads if line.receiver == "provider" else 1.0)
        for line in costs.of_vehicle
        if line.grows_with_people
    )
    started = people(books, total(books.service.activity.started.values()), "").values
    spend = people(books, spent, "").values
    return np.divide(spend, started, out=np.full_like(started, np.nan), where=started > SOMEBODY)


def of_areas(books: Books) -> Iterator[tuple[Key, Values]]:
    """By area, by year of service and in all; nothing where there are no areas, or no service."""
    programme = books.scenario.programme.until(books.scenario.contract.ends_in_month)
    years = service_years(programme, books)
    if not years or not programme.areas:
        return
    lengths = np.array([[len(year) / books.scenario.timeline.per_year] for year in years])
    minima = {}
    for name, area in programme.areas.items():
        here = books.service.activity.areas[name]
        for what, label in (("referred", "people referred"), ("started", "people who start"), ("gave_up", "give up")):
            yield Key("area", name, what), people(books, getattr(here, what), label)
        yield Key("area", name, "most_waiting"), most(books, here.waiting)
        full = np.broadcast_to(here.started, (books.trials.periods, books.trials.count))
        started = np.stack([over_time(full[year]) for year in years])
        rate = started[-1] / lengths[-1] / area.all_need * 1000
        yield Key("area", name, "starts_per_1000"), Values(rate, "people", "start in the last year, of 1,000 in need")
        if programme.minimum is not None:
            each_year = programme.minimum.starts_per_1000.over(books.trials)[0] * area.all_need / 1000
            minima[name] = _Minimum(lengths * each_year + 0.0 * started, started)
    if minima:
        yield from _of_minima(minima, cost_of_one_more(books))


def _of_minima(minima: Mapping[str, _Minimum], each: FloatArray) -> Iterator[tuple[Key, Values]]:
    """The minimum by area, by year, and in all."""
    for name, minimum in minima.items():
        yield from _of_minimum(Key("area", name, ""), minimum, each)
    standard, missing = (total(getattr(one, what) for one in minima.values()) for what in ("standard", "missing"))
    met = total(one.met for one in minima.values())
    for index in range(len(standard)):
        key, year = Key("year", str(index + 1), ""), slice(index, index + 1)
        yield key._replace(what="areas_that_meet_it"), Values(met[index], "ratio", "areas that meet the minimum")
        yield from _in_pounds(key, standard[year], missing[year], each)
    yield from _in_pounds(Key("programme", "", ""), standard, missing, each)
    yield Key("programme", "", "cost_of_one_more"), Values(each, "£", "delivery for each person who starts")


def _of_minimum(key: Key, minimum: _Minimum, each: FloatArray) -> Iterator[tuple[Key, Values]]:
    yield key._replace(what="met_from_year"), Values(minimum.from_year, "years", "year from which the minimum is met")
    yield key._replace(what="met_in_last_year"), Values(minimum.met[-1], "probability", "the minimum is met at the end")
    yield from _in_pounds(key, minimum.standard, minimum.missing, each)


def _in_pounds(key: Key, standard: FloatArray, missing: FloatArray, each: FloatArray) -> Iterator[tuple[Key, Values]]:
    """People of the minimum and those missing, and what they cost: the bond pays for those who are not missing."""
    should, short = over_time(standard), over_time(missing)
    yield key._replace(what="minimum"), Values(over_time(standard), "people", "people of the minimum")
    yield key._replace(what="missing"), Values(over_time(missing), "people", "people missing to the minimum")
    yield key._replace(what="cost_of_minimum"), Values(_at(should, each), "£", "what the minimum costs")
    yield key._replace(what="paid_by_bond"), Values(_at(should - short, each), "£", "what the bond pays of that")
    yield key._replace(what="cost_of_missing"), Values(_at(short, each), "£", "what is missing to the minimum")


def _at(people: FloatArray, each: FloatArray) -> FloatArray:
    """Pounds for some people: none for nobody, whatever one costs."""
    return np.where(people > SOMEBODY, people * each, 0.0)
