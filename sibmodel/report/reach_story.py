"""Whom a programme reaches, told: by group, route, service and area, and what one more of anything buys."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.questions.reach import Reach
from sibmodel.report.address_words import spaced
from sibmodel.report.numbers import count, money, per_cent, with_error
from sibmodel.report.section import Section, Table, often
from sibmodel.running.statistics import Summary


def reach_story(found: Reach) -> list[Section]:
    """Its sections, those that the scenario has something to say of."""
    sections = [_opening(found), _groups(found)]
    sections += [_routes(found)] if found.names("route") else []
    sections += [_services(found)] if found.names("service") else []
    if found.scenario.programme.areas:
        sections.append(_areas(found))
        sections += [_minimum(found)] if found.names("year") else []
    sections += [_levers(found)] if found.levers else [_nothing_to_ease()]
    return sections


def _opening(found: Reach) -> Section:
    text = f"{found.record.trials:,} simulated futures. Numbers are means over them where no base case is named."
    description = [found.scenario.description.strip()] if found.scenario.description else []
    return Section(found.scenario.title, [*description, text])


def _told(summary: Summary) -> str:
    """The mean with its standard error."""
    return with_error(summary.mean, summary.se, summary.unit)


def _mean(found: Reach, of: str, name: str, what: str) -> float:
    return found.number(of, name, what).mean or 0.0


def _in_all(found: Reach, what: str) -> float:
    return sum(_mean(found, "group", name, what) for name in found.names("group"))


def _base(found: Reach, what: str) -> float:
    return sum(found.number("group", name, what).base or 0.0 for name in found.names("group"))


def _groups(found: Reach) -> Section:
    programme = found.scenario.programme
    referred, started, helped = (_in_all(found, what) for what in ("referred", "started", "helped"))
    lost = _in_all(found, "gave_up") + _in_all(found, "still_waiting")
    need = sum(area.all_need for area in (programme.areas or {}).values())
    sentences = [
        f"In the base case {count(_base(found, 'referred'))} people are referred and {count(_base(found, 'started'))} "
        f"start. On average over all futures {count(referred)} are referred, and {count(started)} start: "
        f"{count(_in_all(found, 'not_engaged'))} do not engage"
        + (f", and {count(lost)} wait in vain for a link worker." if lost >= 0.5 else ".")
    ]
    if need:
        sentences.insert(0, f"{count(need)} people are in need.")
    stops = [summary for key, summary in found.numbers.items() if key.what == "service_stops"]
    if stops and stops[0].mean:
        how_often = often(stops[0])
        sentences.append(f"Money runs out and service stops {how_often}; nobody is referred any more in these.")
    missed = _in_all(found, "unreached")
    if missed >= 0.5:
        sentences.append(f"{count(missed)} more are never referred, because no route that was open could reach them.")
    if programme.onward:
        sentences.append(
            f"{count(helped)} are helped in full; the others are sent on to services and find no place, or only later "
            "than they can wait."
        )
    columns = {
        "cannot be reached": "unreached", "referred": "referred", "do not engage": "not_engaged",
        "give up waiting": "gave_up", "still wait at the end": "still_waiting", "most who wait": "most_waiting",
        "start": "started", "helped in full": "helped",
    }  # fmt: skip
    used = {
        words: what
        for words, what in columns.items()
        if what in ("referred", "not_engaged", "started") or _in_all(found, what) >= 0.05
    }
    if not programme.onward:
        used.pop("helped in full", None)
    needs = _needs(found)
    headings = ("group", *used, "of all who start", *(("of all in need",) if needs else ()))
    rows = [
        (
            programme.groups[name].title or spaced(name),
            *(_told(found.number("group", name, what)) for what in used.values()),
            _told(found.number("group", name, "share_of_started")),
            *((per_cent(needs[name]),) if needs else ()),
        )
        for name in found.names("group")
    ]
    note = "Means over all futures ± standard errors; people over the whole service."
    sentences += list(_universalism(found, needs))
    return Section("Whom it reaches", sentences, [Table(headings, rows, note)])


def _needs(found: Reach) -> dict[str, float]:
    """Share of need by group, where the scenario says."""
    programme = found.scenario.programme
    given = {name: group.share_of_need for name, group in programme.groups.items()}
    if all(share is not None for share in given.values()):
        return {name: share or 0.0 for name, share in given.items()}
    areas = list((programme.areas or {}).values())
    if areas and all(area.need is None for area in areas):
        by_group = {name: sum(area.need_of(name) for area in areas) for name in programme.groups}
        return {name: need / sum(by_group.values()) for name, need in by_group.items()}
    return {}


def _universalism(found: Reach, needs: dict[str, float]) -> Iterator[str]:
    """Help in proportion to need: who gets less than their share."""
    if not needs:
        return
    shares = {name: found.number("group", name, "share_of_started").mean or 0.0 for name in needs}
    short = [name for name in needs if shares[name] < needs[name] - 0.005]
    if not short:
        yield "Every group's share of those who start is at least its share of need."
        return
    words = [
        f"{found.scenario.programme.groups[name].title or spaced(name)} ({per_cent(shares[name])} of those who start, "
        f"{per_cent(needs[name])} of need)"
        for name in short
    ]
    yield f"Less than their share of need is reached of: {'; '.join(words)}."


def _routes(found: Reach) -> Section:
    programme, rows = found.scenario.programme, []
    for key in found.names("route"):
        group, route = key.split(".")
        way = programme.groups[group].ways[route]
        people = (found.number("route", key, what) for what in ("referred", "unreached"))
        words = (programme.groups[group].title or spaced(group), way.title or spaced(route))
        rows.append((*words, *map(_told, people)))
    headings = ("group", "route", "referred", "cannot be reached")
    return Section("By which route they come", [], [Table(headings, rows, words=2)])


def _services(found: Reach) -> Section:
    terms, rows = found.scenario.programme.onward, []
    for name in found.names("service"):
        whats = ("asked", "placed", "bought", "gave_up", "most_waiting", "paid")
        numbers = (_told(found.number("service", name, what)) for what in whats)
        rows.append((terms[name].title or spaced(name), *numbers))
    headings = ("service", "sent on", "get a place", "paid for", "drop out", "most who wait", "it is paid")
    note = "Places that are not paid for are free ones and volunteers'; what is paid includes volunteers' expenses."
    return Section("Where they are sent on to", [], [Table(headings, rows, note)])


def _areas(found: Reach) -> Section:
    programme = found.scenario.programme
    areas = programme.areas or {}
    need = sum(area.all_need for area in areas.values())
    started = sum(_mean(found, "area", name, "started") for name in areas)
    with_minimum = programme.minimum is not None
    headings = ("area", "from month", "in need", "of need", "start", "of starts", "give up", "a year of 1,000",
                *(("minimum met from year", "met at the end", "people missing") if with_minimum else ()))  # fmt: skip
    rows = []
    for name, area in areas.items():
        own = _mean(found, "area", name, "started")
        row = (
            area.title or spaced(name),
            str(programme.service.from_month if area.from_month is None else area.from_month),
            count(area.all_need),
            per_cent(area.all_need / need),
            _told(found.number("area", name, "started")),
            per_cent(own / started) if started else "–",
            _told(found.number("area", name, "gave_up")),
            _told(found.number("area", name, "starts_per_1000")),
        )
        rows.append((*row, *(_met(found, name) if with_minimum else ())))
    note = "'A year of 1,000': people of 1,000 in need who start in the last year of service."
    if with_minimum:
        note += " 'Minimum met from year' is the base case's, counted from the beginning of all service."
    return Section("Where", [], [Table(headings, rows, note)])


def _met(found: Reach, name: str) -> tuple[str, ...]:
    first = found.number("area", name, "met_from_year").base
    year = "never" if first is None else f"{first:.0f}"
    return (year, *(_told(found.number("area", name, what)) for what in ("met_in_last_year", "missing")))


def _minimum(found: Reach) -> Section:
    programme = found.scenario.programme
    terms = programme.minimum
    assert terms is not None  # noqa: S101 - there are years
    standard = terms.starts_per_1000.central_values()[0]
    areas = len(programme.areas or {})
    each = _told(found.number("programme", "", "cost_of_one_more"))
    names = ("cost_of_minimum", "paid_by_bond", "cost_of_missing")
    totals = {name: _told(found.number("programme", "", name)) for name in names}
    sentences = [
        f"The minimum: {count(standard)} of 1,000 people in need start in a year, in every area from the first day of "
        f"service. One more person costs {each}, what delivery costs for each who starts (link workers, "
        "referrals, people, places, and overheads on them; the mean of all areas and years).",
        f"The minimum costs {totals['cost_of_minimum']} in all. The bond pays {totals['paid_by_bond']} "
        f"of that; {totals['cost_of_missing']} is missing.",
    ]
    rows = []
    for year in found.names("year"):
        number = {what: found.number("year", year, what) for what in
                  ("areas_that_meet_it", "minimum", "missing", "paid_by_bond", "cost_of_missing")}  # fmt: skip
        rows.append(
            (
                year,
                f"{_told(number['areas_that_meet_it'])} of {areas}",
                *(_told(number[what]) for what in ("minimum", "missing", "paid_by_bond", "cost_of_missing")),
            )
        )
    headings = ("year of service", "areas that meet it", "people", "missing", "the bond pays", "what is missing costs")
    return Section(
        "A minimum for every area", sentences, [Table(headings, rows, "Means over all futures ± standard errors.")]
    )


def _levers(found: Reach) -> Section:
    with_savings = any(key.of == "lever" and key.what == "savings" for key in found.numbers)
    whats = ("started", "helped", "spend", "payments", *(("savings",) if with_savings else ()))
    headings = ("more of", "start", "helped in full", "programme spend", "outcome payments",
                *(("fiscal savings",) if with_savings else ()))  # fmt: skip
    rows = [
        (lever.words, *(_with_error(found.number("lever", lever.name, what)) for what in whats))
        for lever in found.levers
    ]
    real = "; savings are real and attributable" if with_savings else ""
    note = (
        "Means over all futures ± standard errors, over the whole bond and all areas (posts by their shares), each "
        "on its own and in the same futures. At the margin: ten may buy less than ten times as much. Money is "
        f"nominal{real}."
    )
    return Section("What one more buys", [], [Table(headings, rows, note)])


def _with_error(summary: Summary) -> str:
    if summary.unit == "£":
        return f"{_pounds(summary.mean)} ± {_pounds(summary.se)}"
    return f"{_small(summary.mean)} ± {_small(summary.se)}"


def _small(value: float | None) -> str:
    return "–" if value is None else f"{value:,.3g}".replace("-", "−")


def _pounds(value: float | None) -> str:
    if value is None or abs(value) >= 100:
        return money(value)
    return f"{'−' if value < -0.005 else ''}£{abs(value):,.2f}"


def _nothing_to_ease() -> Section:
    text = "Nothing that could be eased limits the programme."
    return Section("What one more buys", [text])
