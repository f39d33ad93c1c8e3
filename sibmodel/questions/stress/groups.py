"""What enrolling easy cases brings, and parking hard ones."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sibmodel.contract.payers import payments
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books, Service, serve
from sibmodel.programme.people import GroupTerms
from sibmodel.questions.stress.checks import Check, Columns, Figure, Found, judged, not_applicable
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "groups", "Gain from enrolling easy cases or parking hard ones"
MORE = 0.03
"""Part by which a group's referrals are raised, of its central number."""
_NOBODY = 1e-6


def look(books: Books) -> dict[str, FloatArray]:
    """By group, for so many more of it referred: more who start of it and in all, more paid, more spent; all as it is.

    Where link workers or places are scarce, one more of a group may take another's place.
    """
    scenario, trials = books.scenario, books.trials
    if len(scenario.programme.groups) < 2:
        return {}
    today = serve(scenario, trials)
    found = {f"all.{what}": amount for what, amount in _sums(scenario, today, trials).items()}
    for name in scenario.programme.groups:
        changed = with_more(scenario, name)
        more = serve(changed, trials)
        for what, amount in _sums(changed, more, trials).items():
            found[f"{name}.{what}"] = amount - found[f"all.{what}"]
        found[f"{name}.in_all"] = found[f"{name}.started"]
        own = (_over_time(service.activity.started[name], trials) for service in (more, today))
        found[f"{name}.started"] = next(own) - next(own)
    return found


def with_more(scenario: Scenario, group: str) -> Scenario:
    """The scenario with a few per cent more people referred in a group, by every route."""
    groups = {**scenario.programme.groups, group: _more(scenario.programme.groups[group])}
    return scenario.model_copy(update={"programme": scenario.programme.model_copy(update={"groups": groups})})


def _more(group: GroupTerms) -> GroupTerms:
    if group.referrals is not None:
        central = float(np.mean(group.referrals.central_values()))
        return group.model_copy(update={"referrals": group.referrals.more_by(MORE * central)})
    routes = {
        name: way.model_copy(
            update={"referrals": way.referrals.more_by(MORE * float(np.mean(way.referrals.central_values())))}
        )
        for name, way in (group.routes or {}).items()
    }
    return group.model_copy(update={"routes": routes})


def _sums(scenario: Scenario, service: Service, trials: Trials) -> dict[str, FloatArray]:
    paid = payments(scenario.contract, service.outcomes, scenario.timeline, trials)
    started = total(service.activity.started.values())
    series = {"started": started, "paid": total(paid.owed.values()), "spent": service.costs.spend}
    return {what: _over_time(one, trials) for what, one in series.items()}


def _over_time(series: FloatArray, trials: Trials) -> FloatArray:
    return np.array(over_time(np.broadcast_to(series, (trials.periods, trials.count))))


def check(scenario: Scenario, found: Found) -> Check:
    """By group: paid and spent for each more who starts; what swapping one of the worst for one of the best brings."""
    if not found.base:
        return not_applicable(NAME, TITLE, "there is one group only")
    names = [name for name in scenario.programme.groups if float(np.mean(found.trials[f"{name}.started"])) > _NOBODY]
    if len(names) < 2:
        return not_applicable(NAME, TITLE, "there are not two groups of which more could start")
    rows = [(name, _figures(found, name)) for name in names]
    ordered = sorted(rows, key=lambda row: row[1]["margin"].mean or 0.0)
    (hard, _), (easy, _) = ordered[0], ordered[-1]
    figure = found.of(
        lambda some: _each(some, easy, "margin") - _each(some, hard, "margin"),
        "gain from one more of the best group instead of one of the worst",
    )
    average = found.of(lambda some: _each(some, "all", "paid"), "paid for each who starts")
    share = _share(figure, average)
    displaced = max((row[1]["others"] for row in (ordered[0], ordered[-1])), key=lambda figure: figure.mean or 0.0)
    numbers = {"gain": figure, "gain_share": share, "average": average, "others": displaced}
    return Check(NAME, TITLE, judged(NAME, share), numbers, tuple(rows), {"easy": easy, "hard": hard})


def _share(gain: Figure, average: Figure) -> Figure:
    """The gain over the mean payment, whose own error is so much smaller that it is left out."""

    def part(pounds: float | None, of: float | None) -> float | None:
        return None if pounds is None or not of else pounds / of

    words = "the same as a share of the payment for each who starts"
    base, mean = part(gain.base, average.base), part(gain.mean, average.mean)
    return Figure(words, "rate", base, mean, part(gain.se, average.mean), gain.trials)


def _figures(found: Found, name: str) -> dict[str, Figure]:
    words = {
        "paid": "paid for each more who starts",
        "spent": "spent on each",
        "margin": "margin on each",
    }

    def of(what: str) -> Callable[[Columns], FloatArray]:
        return lambda some: _each(some, name, what)

    others = found.of(of("others"), "others who then do not start", "people")
    return {what: found.of(of(what), label) for what, label in words.items()} | {"others": others}


def _each(some: Columns, name: str, what: str) -> FloatArray:
    """Pounds for each (more) who starts, (trials,); the margin is paid less spent, others are those who then do not.

    It is over the mean number of people, as ratios of small numbers would be noisy.
    """
    difference = {"margin": ("paid", "spent"), "others": ("started", "in_all")}.get(what)
    if difference is None:
        amount = some[f"{name}.{what}"]
    else:
        amount = some[f"{name}.{difference[0]}"] - some[f"{name}.{difference[1]}"]
    return amount / max(float(np.mean(some[f"{name}.started"])), _NOBODY)
