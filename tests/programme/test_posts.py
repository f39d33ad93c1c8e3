"""Link workers in posts, and people who wait for them: by hand, at the steady state, and in every queue."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given

from sibmodel import Books
from sibmodel.measures.catalogue import all_measures
from sibmodel.running.execution import base_case
from tests.books import full, worked
from tests.random_numbers import Data
from tests.strategies import read, scenarios


def bond(**workers: Any) -> Data:
    return {
        "title": "Waiting",
        "timeline": {"signing": "2020-04-01", "period": "month", "periods": 12},
        "programme": {
            "service": {"to_month": 10},
            "groups": {"all": {"referrals": 40, "engaged": 0.5, "stay_months": 3}},
            "link_workers": {"caseload": 10, "cost_per_year": 12_000, **workers},
        },
        "outcomes": {"job": {"type": "achievement", "share": 0.5}},
        "contract": {"payers": {"council": {}}, "terms": {"job": {"rule": "price", "outcome": "job", "price": 50}}},
        "capital": {"tranches": {"fund": {"commitment": 300_000}}},
    }


def case(data: Data) -> Books:
    import datetime as dt

    data = copy.deepcopy(data)
    data["timeline"]["signing"] = dt.date.fromisoformat(str(data["timeline"]["signing"]))
    return base_case(read(data))


def series(books: Books, what: str, group: str = "all") -> list[float]:
    return [round(float(x), 6) for x in getattr(books.service.activity, what)[group][:, 0]]


def test_a_queue_by_hand() -> None:
    """20 want to start each month and stay three; four workers hold 40. Months 1 and 2 take 20 each; month 3 finds 40
    there and takes nobody; in month 4 those of month 1 have gone: 20 of the 40 who wait or come, and so on. Service
    ends after month 10; all who wait give up."""
    books = case(bond(posts=4))
    assert series(books, "started") == [0, 20, 20, 0, 20, 20, 0, 20, 20, 0, 20, 0, 0]
    assert series(books, "waiting") == [0, 0, 0, 20, 20, 20, 40, 40, 40, 60, 60, 0, 0]
    assert series(books, "gave_up") == [0] * 11 + [60, 0]
    assert series(books, "on_programme") == [0, 20, 40, 40, 40, 40, 40, 40, 40, 40, 40, 20, 20]
    workers = books.service.costs.link_workers[:, 0]
    assert workers.tolist() == pytest.approx([0, *[4] * 10, 2, 2])  # then as many as those still there need
    found = {name: float(v.values[0]) for name, v in all_measures(books).items() if name.startswith("programme.")}
    assert found == {"programme.started": 140, "programme.gave_up": 60, "programme.most_waiting": 60}


def test_some_give_up_each_month() -> None:
    """As above, with a tenth of those who waited giving up: month 4 has 18 left of 20, and 20 come."""
    books = case(bond(posts=4, give_up_each_month=0.1))
    assert series(books, "waiting")[3:7] == [20, 18, 16.2, 14.58 + 20]
    assert series(books, "gave_up")[4:7] == [2, 1.8, 1.62]


def test_recruiting_and_training_take_time() -> None:
    """Posts from month 1; somebody begins in month 3, after two, and holds cases from month 4, after one more."""
    books = case(bond(posts=4, recruited_in_months=2, trained_in_months=1))
    people = books.service.activity
    assert people.workers is not None
    assert people.able is not None
    assert people.workers[:5, 0].tolist() == [0, 0, 0, 4, 4]
    assert people.able[:5, 0].tolist() == [0, 0, 0, 0, 4]
    assert series(books, "started")[:6] == [0, 0, 0, 0, 40, 0]


def test_workers_who_leave_settle_at_the_closed_form() -> None:
    """A share q leaves each month, and replacements take r months: of n workers q n leave, and q n r posts are being
    filled, so that n (1 + q r) = posts; q n of the n are in their first month of training of one."""
    data = bond(posts=10, leave_each_year=0.3, recruited_in_months=2, trained_in_months=1)
    data["timeline"]["periods"] = 240
    data["programme"]["service"] = {}
    people = case(data).service.activity
    leaving = 1 - 0.7 ** (1 / 12)
    # at the end of a period the n who are there have just been joined by those who left before: n (1 − q) + joined = n
    staff = 10 / (1 + 2 * leaving)
    assert people.workers is not None
    assert people.able is not None
    assert people.workers[-1, 0] == pytest.approx(staff, rel=1e-9)
    assert people.able[-1, 0] == pytest.approx(staff * (1 - leaving), rel=1e-9)


def test_a_queue_settles_where_as_many_give_up_as_find_no_place() -> None:
    """20 come each month, 40 places turn over every three months: 13⅓ start, 6⅔ give up, a tenth of who wait: 66⅔."""
    data = bond(posts=4, give_up_each_month=0.1)
    data["timeline"]["periods"] = 300
    data["programme"]["service"] = {}
    data["programme"]["groups"]["all"]["stay_months"] = 3
    books = case(data)
    people = books.service.activity
    assert people.gave_up["all"][-30:, 0].mean() == pytest.approx(20 / 3, rel=1e-9)
    assert people.started["all"][-30:, 0].mean() == pytest.approx(40 / 3, rel=1e-9)
    assert people.waiting["all"][-31:-1, 0].mean() == pytest.approx(200 / 3, rel=1e-9)


def limited(data: Data) -> bool:
    return "posts" in data["programme"].get("link_workers", {})


@given(scenarios(plain=True))
def test_nobody_is_lost_from_the_count(data: Data) -> None:
    books = worked(data)
    people = books.service.activity
    for name in books.scenario.programme.groups:
        would = full(books, people.willing[name]).cumsum(axis=0)
        if limited(data):
            gone = full(books, people.started[name] + people.gave_up[name]).cumsum(axis=0)
            np.testing.assert_allclose(gone + full(books, people.waiting[name]), would, rtol=1e-9, atol=1e-9)
        else:
            np.testing.assert_allclose(full(books, people.started[name]).cumsum(axis=0), would, rtol=1e-9)


@given(scenarios(plain=True))
def test_ample_posts_change_nothing_for_people(data: Data) -> None:
    data = copy.deepcopy(data)
    if not data["programme"].get("link_workers"):
        return
    for key in ("leave_each_year", "recruited_in_months", "trained_in_months", "give_up_each_month"):
        data["programme"]["link_workers"].pop(key, None)
    data["programme"]["link_workers"] |= {"posts": 1e6, "cost_per_year": 0}
    for outcome in data["outcomes"].values():
        outcome.pop("of", None)
    for area in data["programme"].get("areas", {}).values():
        area.pop("extra_posts", None)
        area.pop("share_of_posts", None)
    with_posts = worked(data)
    del data["programme"]["link_workers"]["posts"]
    without = worked(data)
    for name in data["programme"]["groups"]:
        for what in ("started", "on_programme"):
            one, other = (full(b, getattr(b.service.activity, what)[name]) for b in (with_posts, without))
            np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@given(scenarios(plain=True))
def test_nobody_starts_where_there_is_no_room(data: Data) -> None:
    books = worked(data)
    people, terms = books.service.activity, books.scenario.programme.link_workers
    if people.able is None or terms is None:
        return
    if books.scenario.programme.areas:
        return  # then there may be room in one of them
    room = full(books, people.able * terms.caseload.over(books.trials))
    groups = books.scenario.programme.groups
    here = sum(
        full(books, one) * groups[n].caseload_weight.over(books.trials) for n, one in people.on_programme.items()
    )
    full_up = here > room + 1e-6 * (1 + room)  # workers have left, and those who are there stay
    for name, group in books.scenario.programme.groups.items():
        if group.stay_months.central_values()[0] > books.scenario.timeline.period_months:
            assert not (full_up & (full(books, people.started[name]) > 1e-6)).any(), name


def test_splitting_a_group_changes_nothing() -> None:
    one = bond(posts=4, give_up_each_month=0.1, leave_each_year=0.2)
    two = copy.deepcopy(one)
    group = two["programme"]["groups"]["all"]
    two["programme"]["groups"] = {"some": group | {"referrals": 30}, "others": group | {"referrals": 10}}
    together, apart = case(one).service.activity, case(two).service.activity
    for what in ("started", "waiting", "gave_up", "on_programme"):
        parts = getattr(apart, what)
        np.testing.assert_allclose(parts["some"] + parts["others"], getattr(together, what)["all"], rtol=1e-12)
        np.testing.assert_allclose(parts["some"], 3 * parts["others"], rtol=1e-12)


def test_a_stop_leaves_what_came_before_as_it_was() -> None:
    """Money for four months of four workers: service stops, and until then the queue is the same as with enough."""
    data = bond(posts=4, give_up_each_month=0.1)
    data["contract"]["terms"]["job"]["price"] = 0
    short = copy.deepcopy(data)
    short["capital"]["tranches"]["fund"]["commitment"] = 4_000 * 4
    short["capital"]["gap_covered_by"] = "provider"
    short["capital"]["service_stops"] = True
    one, other = case(data), case(short)
    stopped = int(np.argmax(other.settlement.capital.gap[:, 0] > 0.005)) or 99
    assert stopped < 12
    for what in ("started", "waiting", "gave_up"):
        assert series(one, what)[: stopped + 1] == series(other, what)[: stopped + 1]
    assert not any(series(other, "started")[stopped + 1 :])
