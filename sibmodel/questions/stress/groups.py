"""What enrolling easy cases brings, and parking hard ones."""

from __future__ import annotations

import numpy as np

from sibmodel.contract.payers import payments
from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time
from sibmodel.core.trials import Trials
from sibmodel.model import Books, Service, serve
from sibmodel.programme.people import GroupTerms
from sibmodel.questions.stress.checks import Check, Figure, Found, judged, not_applicable
from sibmodel.scenario.schema import Scenario

NAME, TITLE = "groups", "Gain from enrolling easy cases or parking hard ones"
MORE = 0.03
"""Part by which a group's referrals are raised, of its central number."""
_NOBODY = 1e-6


def look(books: Books) -> dict[str, FloatArray]:
    """By group, for so many more of it referred: more who start, more paid, more spent; and all as it is."""
    scenario, trials = books.scenario, books.trials
    if len(scenario.programme.groups) < 2:  # noqa: PLR2004
        return {}
    today = serve(scenario, trials)
    found = {f"all.{what}": amount for what, amount in _sums(scenario, today, trials).items()}
    for name in scenario.programme.groups:
        changed = with_more(scenario, name)
        for what, amount in _sums(changed, serve(changed, trials), trials, name).items():
            before = _sums(scenario, today, trials, name)[what] if what == "started" else found[f"all.{what}"]
            found[f"{name}.{what}"] = amount - before
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


def _sums(scenario: Scenario, service: Service, trials: Trials, group: str | None = None) -> dict[str, FloatArray]:
    paid = payments(scenario.contract, service.outcomes, scenario.timeline, trials)
    started = total(service.activity.started.values()) if group is None else service.activity.started[group]
    series = {"started": started, "paid": total(paid.owed.values()), "spent": service.costs.spend}
    shape = (trials.periods, trials.count)
    return {what: np.array(over_time(np.broadcast_to(one, shape))) for what, one in series.items()}


def check(scenario: Scenario, found: Found) -> Check:
    """By group: paid and spent for each more who starts; what swapping one of the worst for one of the best brings."""
    if not found.base:
        return not_applicable(NAME, TITLE, "there is one group only")
    names = [name for name in scenario.programme.groups if float(np.mean(found.trials[f"{name}.started"])) > _NOBODY]
    if len(names) < 2:  # noqa: PLR2004
        return not_applicable(NAME, TITLE, "there are not two groups of which more could start")
    rows = [(name, _figures(found, name)) for name in names]
    ordered = sorted(rows, key=lambda row: row[1]["margin"].mean or 0.0)
    (hard, _), (easy, _) = ordered[0], ordered[-1]
    each = _each(found, "all", "paid", found.trials)
    gain_base, gain = (
        _each(found, easy, "margin", some) - _each(found, hard, "margin", some) for some in (found.base, found.trials)
    )
    figure = found.of(gain_base, gain, "gain from one more of the best group instead of one of the worst")
    average = float(np.mean(each))
    share = Figure("the same as a share of the payment for each who starts", "rate")
    if average > 0.0:
        share = found.of(
            gain_base / float(np.mean(_each(found, "all", "paid", found.base))), gain / average, share.words, "rate"
        )
    numbers = {"gain": figure, "gain_share": share, "average": found.of(
        _each(found, "all", "paid", found.base), each, "paid for each who starts")}  # fmt: skip
    return Check(NAME, TITLE, judged(NAME, share), numbers, tuple(rows), {"easy": easy, "hard": hard})


def _figures(found: Found, name: str) -> dict[str, Figure]:
    words = {
        "paid": "paid for each more who starts",
        "spent": "spent on each",
        "margin": "margin on each",
    }
    return {
        what: found.of(_each(found, name, what, found.base), _each(found, name, what, found.trials), label)
        for what, label in words.items()
    }


def _each(found: Found, name: str, what: str, some: object) -> FloatArray:
    """Pounds for each (more) who starts, (trials,); the margin is paid less spent."""
    columns = found.base if some is found.base else found.trials
    if what == "margin":
        amount = columns[f"{name}.paid"] - columns[f"{name}.spent"]
    else:
        amount = columns[f"{name}.{what}"]
    # over the mean number of people, as ratios of small numbers would be noisy
    return np.asarray(amount / max(float(np.mean(columns[f"{name}.started"])), _NOBODY))
