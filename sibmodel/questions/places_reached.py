"""Areas: whom the programme reaches in each, and a minimum for all of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.measures.values import Values
from sibmodel.model import Books
from sibmodel.programme.terms import ProgrammeTerms
from sibmodel.questions.counting import SOMEBODY, Key, most, people

DELIVERY = ("referral", "person", "link_workers", "overheads", "onward_", "volunteers_")
"""Lines of cost, by how they begin, that grow with the people who start."""


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
    """What delivery costs for each person who starts, nominal pounds, (trials,): all that grows with people."""
    lines = books.service.costs.of_vehicle
    spent = total(line.paid for line in lines if line.name.startswith(DELIVERY))
    shape = (books.trials.periods, books.trials.count)
    started = over_time(np.broadcast_to(total(books.service.activity.started.values()), shape))
    spend = over_time(np.broadcast_to(spent, shape))
    return np.divide(spend, started, out=np.full_like(started, np.nan), where=started > SOMEBODY)


def of_areas(books: Books) -> Iterator[tuple[Key, Values]]:
    """By area, by year of service and in all; nothing where the scenario tells no areas apart."""
    programme = books.scenario.programme.until(books.scenario.contract.ends_in_month)
    years, each = service_years(programme, books), cost_of_one_more(books)
    meeting: list[FloatArray] = []
    found: dict[str, _Minimum] = {}
    for name, area in (programme.areas or {}).items():
        here = books.service.activity.areas[name]
        for what, label in (("referred", "people referred"), ("started", "people who start"), ("gave_up", "give up")):
            yield Key("area", name, what), people(books, getattr(here, what), label)
        yield Key("area", name, "most_waiting"), most(books, here.waiting)
        full = np.broadcast_to(here.started, (books.trials.periods, books.trials.count))
        started = np.stack([over_time(full[year]) for year in years])
        rate = started[-1] / (len(years[-1]) / books.scenario.timeline.per_year) / area.all_need * 1000
        yield Key("area", name, "starts_per_1000"), Values(rate, "people", "start in the last year, of 1,000 in need")
        if programme.minimum is not None:
            per_year = programme.minimum.starts_per_1000.over(books.trials)[0] * area.all_need / 1000
            lengths = np.array([[len(year) / books.scenario.timeline.per_year] for year in years])
            found[name] = _Minimum(lengths * per_year + 0.0 * started, started)
            yield from _of_minimum(Key("area", name, ""), found[name], each)
            meeting.append(found[name].met)
    if found:
        for index in range(len(years)):
            met = sum(one[index] for one in meeting)
            yield (
                Key("year", str(index + 1), "areas_that_meet_it"),
                Values(met, "people", "areas that meet the minimum"),
            )
            standard = total(one.standard[index : index + 1] for one in found.values())
            missing = total(one.missing[index : index + 1] for one in found.values())
            yield from _in_pounds(Key("year", str(index + 1), ""), standard, missing, each)
        standard, missing = (total(getattr(one, what) for one in found.values()) for what in ("standard", "missing"))
        yield from _in_pounds(Key("programme", "", ""), standard, missing, each)
        yield Key("programme", "", "cost_of_one_more"), Values(each, "£", "delivery for each person who starts")


def _of_minimum(key: Key, minimum: _Minimum, each: FloatArray) -> Iterator[tuple[Key, Values]]:
    yield key._replace(what="met_from_year"), Values(minimum.from_year, "years", "year from which the minimum is met")
    yield key._replace(what="met_in_last_year"), Values(minimum.met[-1], "probability", "the minimum is met at the end")
    yield from _in_pounds(key, minimum.standard, minimum.missing, each)


def _in_pounds(key: Key, standard: FloatArray, missing: FloatArray, each: FloatArray) -> Iterator[tuple[Key, Values]]:
    """People of the minimum and those missing, and what they cost: the bond pays for those who are not missing."""
    should, short = over_time(standard) + 0.0 * each, over_time(missing) + 0.0 * each
    yield key._replace(what="minimum"), Values(over_time(standard), "people", "people of the minimum")
    yield key._replace(what="missing"), Values(over_time(missing), "people", "people missing to the minimum")
    yield key._replace(what="cost_of_minimum"), Values(should * each, "£", "what the minimum costs")
    yield key._replace(what="paid_by_bond"), Values((should - short) * each, "£", "what the bond pays of that")
    yield key._replace(what="cost_of_missing"), Values(short * each, "£", "what is missing to the minimum")
