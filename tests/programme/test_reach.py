"""Routes, areas, services that people are sent on to, volunteers, and what all of it costs: by hand."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
from hypothesis import given

import sibmodel
from sibmodel.core.flows import total
from sibmodel.running.execution import base_case
from tests.books import full, worked
from tests.programme.test_posts import bond, case, series
from tests.random_numbers import Data
from tests.strategies import scenarios


def routes() -> Data:
    """GPs send 30 a month, of whom half start; 20 would come by themselves, 8 of them are offline, all others start."""
    data = bond()
    data["programme"]["groups"]["all"] = {
        "stay_months": 3,
        "routes": {
            "gp": {"referrals": 30, "engaged": 0.5, "cost_per_referral": 2},
            "self": {"referrals": 20, "engaged": 1, "cannot_use": 0.4, "ramp": [0.5], "cost_per_referral": 5},
        },
    }
    return data


def test_routes_by_hand() -> None:
    """Month 1: 30 by GPs, half of 12 by themselves: 36 referred, 21 start; later 42 and 27. £2 and £5 a referral."""
    books = case(routes())
    assert series(books, "referred")[:4] == [0, 36, 42, 42]
    assert series(books, "started")[:4] == [0, 21, 27, 27]
    lines = {line.name: line.paid[:, 0] for line in books.service.costs.lines}
    assert lines["referral"][:3].tolist() == [0, 30 * 2 + 6 * 5, 30 * 2 + 12 * 5]
    found = sibmodel.reach(books.scenario, trials=2)
    assert found.number("route", "all.self", "unreached").base == pytest.approx(4 + 9 * 8)
    assert found.number("group", "all", "unreached").base == pytest.approx(76)
    assert found.number("group", "all", "not_engaged").base == pytest.approx(150)


def in_areas(**programme: Any) -> Data:
    """Two areas: the north has 300 of 400 in need and begins at once, the south after two months."""
    data = bond(posts=4, weighting=0.1)
    data["programme"]["areas"] = {
        "north": {"need": 300},
        "south": {"need": 100, "from_month": 2, "weighting": 0.2, "set_up": 1000},
    }
    data["programme"] |= programme
    return data


def test_areas_by_hand() -> None:
    """20 a month would start: 15 in the north, where three workers hold 30, and 5 in the south from month 3, where one
    holds 10. Month 3: the north's 30 places are held by those of months 1 and 2, the south takes 5."""
    books = case(in_areas())
    people = books.service.activity
    north, south = people.areas["north"], people.areas["south"]
    assert north.started[:6, 0].tolist() == [0, 15, 15, 0, 15, 15]
    assert south.started[:7, 0].tolist() == [0, 0, 0, 5, 5, 0, 5]
    assert south.referred[:4, 0].tolist() == [0, 0, 0, 10]
    assert series(books, "started")[:5] == [0, 15, 15, 5, 20]
    assert people.workers[:4, 0].tolist() == [0, 3, 3, 4]
    lines = {line.name: line.paid[:, 0] for line in books.service.costs.lines}
    # £12,000 a year: £1,000 a month, a tenth more in the north, a fifth more in the south
    assert lines["link_workers"][:4].tolist() == pytest.approx([0, 3300, 3300, 3300 + 1200])
    assert lines["set_up"][:4].tolist() == [0, 0, 1000, 0]  # on the last day before service there


def test_shares_of_posts_and_need_by_group() -> None:
    """The young live in the south only; three of four posts stand there all the same."""
    data = in_areas()
    group = data["programme"]["groups"]["all"]
    data["programme"]["groups"] = {"young": group | {"referrals": 10}, "old": group | {"referrals": 30}}
    data["programme"]["areas"] = {
        "north": {"need_of_group": {"old": 200}, "share_of_posts": 0.25},
        "south": {"need_of_group": {"old": 100, "young": 50}, "share_of_posts": 0.75},
    }
    people = case(data).service.activity
    assert people.areas["north"].referred[1, 0] == pytest.approx(20)
    assert people.areas["south"].referred[1, 0] == pytest.approx(10 + 10)
    assert people.areas["north"].started[1, 0] == pytest.approx(10)  # as many as one worker holds
    assert people.areas["south"].started[1, 0] == pytest.approx(10)  # all who want to, though there is room for 30


def sent_on(**service: Any) -> Data:
    data = bond()
    data["programme"]["onward"] = {"advice": {"share": 0.5, **service}}
    return data


def test_places_by_hand() -> None:
    """10 a month are sent on; 4 places are free, £300 a month buy 3 more at £100: 3 wait in month 1, and of 3 + 10 in
    month 2 seven find a place. In time half of those without a place are helped all the same."""
    books = case(sent_on(free_places=4, cost_per_place=100, budget_per_year=3600, effect_without=0.5))
    one = books.service.activity.onward["advice"]
    assert one.asked[:4, 0].tolist() == [0, 10, 10, 10]
    assert one.placed[:4, 0].tolist() == pytest.approx([0, 7, 7, 7])
    assert one.waiting[:4, 0].tolist() == pytest.approx([0, 3, 6, 9])
    assert one.bought[:4, 0].tolist() == pytest.approx([0, 3, 3, 3])
    assert series(books, "helped")[:3] == [0, 20 - 0.5 * 3, 20 - 0.5 * 3]
    assert one.gave_up[11, 0] == pytest.approx(30)  # all ten months' rest, when service ends
    paid = books.settlement.ledger.between("vehicle", "community", "onward_advice")
    assert paid[:3, 0].tolist() == pytest.approx([0, 300, 300])
    # jobs: half of those who start, and less for those without a place
    assert books.service.outcomes["job"].true[1, 0] == pytest.approx(0.5 * 18.5)


def test_those_who_wait_longer_are_lost_more_often() -> None:
    """At a steady state with 10 coming and 7 placed a month, 3 of who wait drop out: d of W with W d = 3. The wait is
    W/7 months (Little), and the share lost is 3/10."""
    data = sent_on(free_places=7, give_up_each_month=0.1)
    data["timeline"]["periods"], data["programme"]["service"] = 300, {}
    one = case(data).service.activity.onward["advice"]
    assert one.waiting[-1, 0] == pytest.approx(30, rel=1e-9)
    assert one.gave_up[-1, 0] == pytest.approx(3, rel=1e-9)
    shorter = copy.deepcopy(data)
    shorter["programme"]["onward"]["advice"]["free_places"] = 9
    other = case(shorter).service.activity.onward["advice"]
    assert other.gave_up[-1, 0] == pytest.approx(1, rel=1e-9)
    assert other.waiting[-1, 0] == pytest.approx(10, rel=1e-9)


def test_a_place_that_comes_later_helps_later() -> None:
    """10 sent on in month 1 only, 6 places a month: 6 are helped in month 1, 4 in month 2."""
    data = sent_on(free_places=6)
    data["programme"]["groups"]["all"] |= {"referrals": [40, 0]}
    books = case(data)
    assert series(books, "helped")[:4] == [0, 16, 4, 0]
    assert series(books, "started")[:4] == [0, 20, 0, 0]


def test_volunteers_by_hand() -> None:
    """2 at the start, 1 joins each month, a tenth of the 20 who started two months ago: 3, 4, 4 + 1 + 2 in month 3.
    Each takes on one person and costs £10 a month."""
    helpers = {"at_start": 2, "joining": 1, "from_participants": 0.1, "after_months": 2, "places_each": 1}
    books = case(sent_on(volunteers=helpers | {"cost_per_year": 120}))
    one = books.service.activity.onward["advice"]
    assert one.volunteers[:5, 0].tolist() == pytest.approx([0, 3, 4, 7, 10])
    assert one.placed[:5, 0].tolist() == pytest.approx([0, 3, 4, 7, 10])
    lines = {line.name: line.paid[:, 0] for line in books.service.costs.lines}
    assert lines["volunteers_advice"][:4].tolist() == pytest.approx([0, 30, 40, 70])


def test_volunteers_settle_where_as_many_leave_as_join() -> None:
    """Each month 2 turn to giving and a share q leaves of those of before: n = 2/q."""
    helpers = {"from_participants": 0.1, "leave_each_year": 0.4, "places_each": 0.1}
    data = sent_on(volunteers=helpers)
    data["timeline"]["periods"], data["programme"]["service"] = 500, {}
    one = case(data).service.activity.onward["advice"]
    assert one.volunteers[-1, 0] == pytest.approx(2 / (1 - 0.6 ** (1 / 12)), rel=1e-6)


def test_harder_cases_take_more_of_a_caseload_and_cost_more() -> None:
    data = bond()
    data["programme"]["groups"]["all"] |= {"caseload_weight": 2, "cost_per_person": 7}
    books = case(data)
    assert books.service.costs.link_workers[:4, 0].tolist() == [0, 4, 8, 12]  # 20, 40, 60 people, twice, of 10 each
    lines = {line.name: line.paid[:, 0] for line in books.service.costs.lines}
    assert lines["person"][:2].tolist() == [0, 140]


def test_further_costs_by_hand() -> None:
    """Overheads are a tenth of £800 of workers, margin a fifth on top; VAT of 20 %, of which a quarter comes back, on
    workers and overheads; the payer's adviser costs the payer £50 once; winding down comes the month after service."""
    data = bond()
    data["programme"]["link_workers"]["cost_per_year"] = 4_800  # £400 a month
    data["programme"]["costs"] = {
        "overheads": 0.1,
        "provider_margin": 0.2,
        "wind_down": 100,
        "vat": {"rate": 0.2, "lines": ["link_workers", "overheads"], "recovered": 0.25},
        "further": {
            "audit": {"per_year": 120, "category": "operation"},
            "legal": {"amount": 70, "month": 2, "category": "contracting"},
            "advice": {"amount": 50, "borne_by": "council", "category": "development"},
        },
    }
    books = case(data)
    lines = {line.name: line.paid[:, 0] for line in books.service.costs.lines}
    assert lines["link_workers"][1] == pytest.approx(2 * 400 * 1.2)
    assert lines["overheads"][1] == pytest.approx(80 * 1.2)
    assert lines["vat"][1] == pytest.approx((960 + 96) * 0.15)
    assert lines["wind_down"].tolist() == [0] * 11 + [pytest.approx(120), 0]
    assert lines["cost_audit"][[0, 1, 10, 11]].tolist() == [0, 10, 10, 0]
    assert lines["cost_legal"][[1, 2, 3]].tolist() == [0, 70, 0]
    ledger = books.settlement.ledger
    assert ledger.between("council", "suppliers", "cost_advice")[0, 0] == 50
    assert books.service.costs.spend[0, 0] == 0
    assert "cost_advice" not in {line.name for line in books.service.costs.of_vehicle}
    assert sibmodel.simulate(books.scenario, trials=2)["payers.own_costs"].base == 50


def test_wind_down_is_paid_in_the_last_period_where_service_lasts_to_the_end() -> None:
    data = bond()
    data["programme"]["service"] = {}
    data["programme"]["costs"] = {"wind_down": 100}
    lines = {line.name: line.paid[:, 0] for line in case(data).service.costs.lines}
    assert lines["wind_down"].tolist() == [0] * 12 + [100]


def test_an_effect_in_a_group_by_hand() -> None:
    """Half achieve it anyway by a tenth: net 0.4; of the young 1.5 times that: 0.6 more than the 0.1 of anyway."""
    data = bond()
    group = data["programme"]["groups"].pop("all")
    data["programme"]["groups"] = {"old": group, "young": group}
    data["outcomes"]["job"] |= {"counterfactual": {"level": 0.1}, "effect_in_group": {"young": 1.5}}
    flow = case(data).service.outcomes["job"]
    assert flow.true[1, 0] == pytest.approx(20 * 0.4 + 20 * 0.6)
    assert flow.verified[1, 0] == pytest.approx(20 * 0.5 + 20 * 0.7)  # nothing is deducted


def test_a_complexity_premium_is_a_price_by_group() -> None:
    data = bond()
    group = data["programme"]["groups"].pop("all")
    data["programme"]["groups"] = {"plain": group, "complex": group}
    data["contract"]["terms"]["job"]["price"] = {"by_group": {"plain": 50, "complex": 80}}
    assert case(data).settlement.payments.total[1, 0] == pytest.approx(10 * 50 + 10 * 80)


def test_a_minimum_by_hand() -> None:
    """360 of 1,000 a year: 108 of the north's 300, 36 of the south's 100; in ten months of service 90 and 30."""
    data = in_areas(minimum={"starts_per_1000": 360})
    found = sibmodel.reach(case(data).scenario, trials=2)
    # north 15, 15, 0 three times and 15; south 5, 5, 0 twice and 5, 5 from month 3 on
    assert found.number("area", "north", "started").base == 105
    assert found.number("area", "south", "started").base == 30
    assert found.number("area", "north", "met_from_year").base == 1
    assert found.number("programme", "", "missing").base == 0
    more = sibmodel.change(found.scenario, {"programme.minimum.starts_per_1000": 480})
    short = sibmodel.reach(more, trials=2)
    assert short.number("area", "north", "missing").base == pytest.approx(15)  # 120 − 105
    assert short.number("area", "south", "missing").base == pytest.approx(10)  # 40 − 30
    assert short.number("area", "south", "met_from_year").base is None
    each = short.number("programme", "", "cost_of_one_more").base
    spent = sum(line.paid.sum() for line in case(data).service.costs.lines if line.name == "link_workers")
    assert each is not None
    assert each == pytest.approx(spent / 135)
    assert short.number("programme", "", "cost_of_missing").base == pytest.approx(25 * each)
    assert short.number("programme", "", "paid_by_bond").base == pytest.approx(135 * each)
    assert short.number("year", "1", "areas_that_meet_it").base == 0


def test_what_one_more_buys_by_hand() -> None:
    """A fifth worker holds 10 of those who wait: with places of ten free every third month, for ten months. £1,000 a
    year buys ten places for ten months of twelve."""
    data = bond(posts=4)
    found = sibmodel.reach(case(data).scenario, trials=2)
    assert found.number("lever", "link_worker", "started").base == pytest.approx(
        sum(series(case(bond(posts=5)), "started")) - sum(series(case(data), "started"))
    )
    assert found.number("lever", "link_worker", "spend").base == pytest.approx(12_000 * 10 / 12, rel=0.1)
    more = 1000 / 100 * 10 / 12
    places = sibmodel.reach(case(sent_on(free_places=4, cost_per_place=100, budget_per_year=3600)).scenario, trials=2)
    assert places.number("lever", "money_for_advice", "helped").base == pytest.approx(more)
    assert places.number("lever", "money_for_advice", "spend").base == pytest.approx(100 * more)
    assert places.number("lever", "money_for_advice", "payments").base == pytest.approx(more * 0.5 * 50)


@given(scenarios(plain=True))
def test_everybody_is_counted_in_every_area_and_service(data: Data) -> None:
    """Referred = do not engage + started + gave up + waiting; sent on = placed + dropped out + waiting; always."""
    books = worked(data)
    people = books.service.activity
    near = 1e-9 * (1 + sum(float(full(books, x).sum()) for x in people.referred.values()))
    if people.areas:
        for what in ("referred", "started"):
            of_groups = sum(full(books, one) for one in getattr(people, what).values())
            of_areas = sum(full(books, getattr(one, what)) for one in people.areas.values())
            assert np.abs(of_groups - of_areas).max() <= near, what
    for one in people.onward.values():
        gone = full(books, one.placed + one.gave_up).cumsum(axis=0) + full(books, one.waiting)
        assert np.abs(gone - full(books, one.asked).cumsum(axis=0)).max() <= near
        assert full(books, one.bought).min() >= 0
    for name, helped in people.helped.items():
        sent = sum(full(books, one.asked).cumsum(axis=0) for one in people.onward.values())
        in_all = full(books, helped).cumsum(axis=0)
        assert in_all.max() <= full(books, people.started[name]).cumsum(axis=0).max() + near
        assert (in_all >= full(books, people.started[name]).cumsum(axis=0) - sent - near).all()
    for (group, route), missed in people.unreached.items():
        share = books.scenario.programme.groups[group].ways[route].cannot_use.over(books.trials)
        would = full(books, people.by_route[group, route] + missed)
        assert np.abs(full(books, missed) - share * would).max() <= near


@given(scenarios(plain=True))
def test_ample_places_change_nothing_for_outcomes(data: Data) -> None:
    data = copy.deepcopy(data)
    for outcome in data["outcomes"].values():
        outcome.pop("of", None)
    data["programme"].pop("onward", None)
    ample = copy.deepcopy(data)
    ample["programme"]["onward"] = {"advice": {"share": 0.8, "free_places": 1e9, "places": 1e9}}
    one, other = worked(data), worked(ample)
    for name, flow in one.service.outcomes.items():
        for what in ("true", "verified"):
            before, after = (full(b, getattr(b.service.outcomes[name], what)) for b in (one, other))
            np.testing.assert_allclose(after, before, rtol=1e-9, atol=1e-9)
        assert flow.is_effect == other.service.outcomes[name].is_effect


def split_areas(data: Data) -> Data:
    """The south as two halves."""
    data = copy.deepcopy(data)
    south = data["programme"]["areas"].pop("south")
    half = south | {"need": south["need"] / 2, "set_up": south["set_up"] / 2}
    data["programme"]["areas"] |= {"south_east": half, "south_west": half}
    return data


def test_splitting_an_area_changes_nothing() -> None:
    data = in_areas(
        onward={"advice": {"share": 0.5, "free_places": 3, "volunteers": {"at_start": 2, "places_each": 1}}}
    )
    data["programme"]["link_workers"] |= {"leave_each_year": 0.3, "give_up_each_month": 0.1, "recruited_in_months": 2}
    whole, halves = case(data), case(split_areas(data))
    for what in ("started", "waiting", "gave_up", "helped"):
        np.testing.assert_allclose(
            getattr(halves.service.activity, what)["all"], getattr(whole.service.activity, what)["all"], rtol=1e-12
        )
    np.testing.assert_allclose(halves.service.costs.spend, whole.service.costs.spend, rtol=1e-12)


def test_one_area_with_everybody_is_no_area_at_all() -> None:
    data = bond(posts=4, give_up_each_month=0.1)
    one = copy.deepcopy(data)
    one["programme"]["areas"] = {"everywhere": {"need": 77}}
    for what in ("started", "waiting", "gave_up"):
        assert series(case(one), what) == series(case(data), what)


def test_the_reach_of_many_parts_of_a_block_is_that_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """How many trials are worked through at a time changes no number."""
    data = in_areas()
    data["programme"]["groups"]["all"]["referrals"] = {"triangular": [20, 40, 80]}
    scenario = case(data).scenario
    at_once = sibmodel.simulate(scenario, trials=100, seed=3)
    monkeypatch.setattr("sibmodel.running.execution.CELLS", 13 * 2 * 7)
    in_parts = sibmodel.simulate(scenario, trials=100, seed=3)
    for name, values in at_once.values.items():
        np.testing.assert_array_equal(values, in_parts.values[name], err_msg=name)


def test_a_scenario_without_limits_says_so() -> None:
    found = sibmodel.reach(base_case(case(bond()).scenario).scenario, trials=2)
    assert "Nothing that could be eased limits the programme" in str(found)
    assert found.levers == ()


def test_the_story_names_whom_it_reaches_less_than_their_share() -> None:
    data = in_areas(minimum={"starts_per_1000": 480})
    group = data["programme"]["groups"]["all"]
    data["programme"]["groups"] = {
        "young": group | {"referrals": 10, "share_of_need": 0.5},
        "old": group | {"referrals": 30, "share_of_need": 0.5},
    }
    found = sibmodel.reach(case(data).scenario, trials=2)
    text = " ".join(str(found).split())
    assert "Less than their share of need is reached of: young (25.0% of those who start, 50.0% of need)" in text
    assert "The bond pays" in text
    plain = found.as_dict()
    assert plain["area"]["north"]["minimum"]["base"] == pytest.approx(300 * 0.48 * 10 / 12)
    assert plain["lever"]["link_worker"]["started"]["unit"] == "people"


def test_who_waits_when_the_timeline_ends_with_service_is_still_waiting() -> None:
    """480 would come by twelve times 40; half of them engage; two workers take 20, 0, 0 three months long: 80."""
    data = bond(posts=2)
    data["programme"]["service"] = {}
    found = sibmodel.reach(case(data).scenario, trials=2)
    numbers = {what: found.number("group", "all", what).base for what in
               ("referred", "not_engaged", "started", "gave_up", "still_waiting")}  # fmt: skip
    assert numbers == {"referred": 480, "not_engaged": 240, "started": 80, "gave_up": 0, "still_waiting": 160}


@given(scenarios(plain=True))
def test_what_becomes_of_everybody_adds_up(data: Data) -> None:
    """Referred = do not engage + start + give up + wait at the end, as reach counts them; nobody's help is negative."""
    found = sibmodel.reach(worked(data).scenario, trials=3)
    for name in found.names("group"):
        ends = ("not_engaged", "started", "gave_up", "still_waiting")
        for statistic in ("base", "mean"):
            whole = getattr(found.number("group", name, "referred"), statistic)
            parts = sum(getattr(found.number("group", name, end), statistic) for end in ends)
            assert parts == pytest.approx(whole, rel=1e-9, abs=1e-9)
        least = found.number("group", name, "helped").percentiles[5]
        assert least is not None
        assert least >= -1e-9 * (1 + whole)


def test_uncertain_shares_of_services_never_send_anybody_on_twice() -> None:
    data = bond()
    service = {"share": {"uniform": [0.1, 0.9]}, "free_places": 0}
    data["programme"]["onward"] = {"advice": service, "walking": service}
    books = worked(data, count=200)
    people = books.service.activity
    sent = total(one.asked for one in people.onward.values())
    assert (sent <= full(books, people.started["all"]) + 1e-9).all()
    assert people.helped["all"].min() >= -1e-9
    assert (sent.sum(axis=0) > 0.9 * people.started["all"].sum(axis=0)).any()  # some futures reach the limit


def test_a_route_that_reaches_nobody() -> None:
    data = routes()
    data["programme"]["groups"]["all"]["routes"]["self"]["cannot_use"] = 1
    found = sibmodel.reach(case(data).scenario, trials=2)
    assert found.number("route", "all.self", "unreached").base == pytest.approx(10 + 9 * 20)


def test_places_that_cost_nothing_and_places_that_nobody_pays_for() -> None:
    free_at_first = case(sent_on(cost_per_place=[0, 100], budget_per_year=1200)).service.activity.onward["advice"]
    assert free_at_first.placed[:3, 0].tolist() == pytest.approx([0, 10, 1])
    unlimited = case(sent_on()).service.activity.onward["advice"]
    assert unlimited.placed[1, 0] == 10
    assert not unlimited.bought.any()


def test_a_services_places_are_where_its_own_groups_live() -> None:
    data = in_areas(onward={"advice": {"share": 0.5, "groups": ["young"], "free_places": 5}})
    group = data["programme"]["groups"]["all"]
    data["programme"]["groups"] = {"young": group, "old": group}
    data["programme"]["areas"] = {"north": {"need_of_group": {"old": 900}}, "south": {"need_of_group": {"young": 100}}}
    del data["programme"]["link_workers"]["posts"]
    one = case(data).service.activity.onward["advice"]
    assert one.asked[1, 0] == pytest.approx(10)
    assert one.placed[1, 0] == pytest.approx(5)


def test_posts_ahead_of_service_and_posts_on_top() -> None:
    """Service from month 4; posts from month 2, two ahead; somebody begins in month 3, and holds cases from month 4."""
    data = in_areas()
    data["programme"]["service"] = {"from_month": 3}
    data["programme"]["areas"] = {"north": {"need": 300}, "south": {"need": 100, "from_month": 6, "extra_posts": 2}}
    data["programme"]["link_workers"] |= {"ahead_months": 2, "recruited_in_months": 1, "trained_in_months": 1}
    people = case(data).service.activity
    assert people.able is not None
    assert people.workers[:8, 0].tolist() == [0, 0, 0, 3, 3, 3, 3 + 3, 6]
    assert people.able[:8, 0].tolist() == [0, 0, 0, 0, 3, 3, 3, 6]
    assert people.areas["north"].started[3:5, 0].tolist() == [0, 15]


def test_an_area_that_never_begins_is_not_set_up() -> None:
    data = in_areas()
    data["programme"]["areas"]["south"]["from_month"] = 6
    data["contract"]["termination"] = {"month": 4}
    lines = {line.name: line.paid for line in case(data).service.costs.lines}
    assert not lines["set_up"].any()
    data["programme"]["service"] = {"from_month": 4}
    data["programme"]["areas"]["south"]["from_month"] = 5
    data["contract"]["termination"] = {"month": 3}
    data["programme"]["minimum"] = {"starts_per_1000": 10}
    assert sibmodel.reach(case(data).scenario, trials=2).number("group", "all", "started").base == 0


def test_what_payers_bear_is_part_of_what_the_bond_costs_them() -> None:
    """£50 once on the first day: net saving, net present value and the bill with the bond know it; tax is no cost to
    society."""
    data = bond()
    data["programme"]["link_workers"]["cost_per_year"] = 0
    data["programme"]["costs"] = {"set_up": 100, "vat": {"rate": 0.2, "lines": ["set_up"]},
                                  "further": {"advice": {"amount": 50, "borne_by": "council"}}}  # fmt: skip
    data["contract"]["terms"]["job"]["price"] = 0
    item = {"outcome": "job", "agency": "council", "kind": "fiscal", "value": 0}
    data["savings"] = {"agencies": {"council": {"payer": "council"}}, "items": {"nothing": item}}
    found = sibmodel.simulate(case(data).scenario, trials=2)
    assert found["commissioner.net_saving"].base == pytest.approx(-50)
    assert found["public.npv"].base == pytest.approx(-150)
    pockets = {pocket.name: pocket.pays for pocket in sibmodel.appraise(case(data).scenario, trials=2).pockets}
    assert pockets["council"] == pytest.approx(50)
    assert all(abs(check.difference) < 1e-9 for check in sibmodel.ledgers(case(data).scenario).checks)
    assert "borne by council: £50" in str(found)


def test_a_milestone_that_is_verified_after_the_end_is_no_payment() -> None:
    data = bond()
    data["outcomes"]["better"] = {"type": "achievement", "share": 0.4, "verification_months": 12, "lag_months": 6}
    data["contract"]["terms"] = {"steps": {"rule": "milestones", "milestones": {"job": 50, "better": 30}}}
    paid = case(data).settlement.payments.total
    assert paid[1, 0] == pytest.approx(10 * 50)
    assert paid.sum() == pytest.approx(10 * 10 * 50)  # ten months of ten, and of the later milestone nothing
