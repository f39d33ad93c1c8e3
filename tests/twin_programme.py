"""Section 4 of docs/model.md a second time: people, workers, places and what they cost, one area after the other."""

import math
from dataclasses import dataclass, field

from tests.twin_basics import Scenario, Series, delay, present_share, spread, total

EVERYWHERE = ""  # the only area of a programme without areas


@dataclass(frozen=True)
class Activity:
    """People by group and period, all areas together (Section 4)."""

    referred: dict[str, Series]
    started: dict[str, Series]
    helped: dict[str, Series]
    on_programme: dict[str, Series]
    by_route: dict[tuple[str, str], Series]
    weighted_workers: Series  # paid, each as often as what it costs more
    limited: bool  # whether there are posts
    waiting: list[float]  # all groups together, by period
    gave_up: dict[str, float]
    bought: dict[str, Series]  # places by service
    volunteers: dict[str, Series]
    without_place: dict[str, float]  # people sent on who got none, by service


@dataclass
class Local:
    """The same of one area."""

    referred: dict[str, Series] = field(default_factory=dict)
    started: dict[str, Series] = field(default_factory=dict)
    helped: dict[str, Series] = field(default_factory=dict)
    on_programme: dict[str, Series] = field(default_factory=dict)
    by_route: dict[tuple[str, str], Series] = field(default_factory=dict)
    workers: Series = field(default_factory=list)
    waiting: list[float] = field(default_factory=list)
    gave_up: dict[str, float] = field(default_factory=dict)
    bought: dict[str, Series] = field(default_factory=dict)
    volunteers: dict[str, Series] = field(default_factory=dict)
    without_place: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Costs:
    """What the programme costs (Section 4)."""

    flows: dict[str, Series]
    spend: Series  # programme spend: all that the vehicle owes
    provider_paid: Series


def in_service(scenario: Scenario, t: int) -> bool:
    """Section 4: whether a period is a service period; none is after an early end (Section 6) or a stop (Section 8)."""
    return t <= scenario.stops_after and service_goes_on(scenario, t)


def service_goes_on(scenario: Scenario, t: int) -> bool:
    """Section 4: the same but for a stop for want of money."""
    start = scenario.number("programme.service.from_month", 0)
    end = scenario.number("programme.service.to_month", scenario.last * scenario.months)
    return t >= 1 and start < t * scenario.months <= min(end, scenario.end_month)


def planned(scenario: Scenario, area: str, t: int) -> bool:
    """Section 4.2: whether there is to be service in an area."""
    begins = scenario.number(f"programme.areas.{area}.from_month", 0) if area else 0
    return service_goes_on(scenario, t) and t * scenario.months > begins


def is_open(scenario: Scenario, area: str, t: int) -> bool:
    """Section 4.2: whether there is service in an area."""
    return planned(scenario, area, t) and t <= scenario.stops_after


def need_of(scenario: Scenario, area: str, group: str | None) -> float:
    """Section 4.2: people in need in an area, of a group or of all."""
    address = f"programme.areas.{area}"
    if scenario.has(f"{address}.need"):
        return scenario.number(f"{address}.need")
    names = scenario.names(f"{address}.need_of_group")
    return sum(scenario.number(f"{address}.need_of_group.{name}") for name in names if group in (None, name))


def part_of(scenario: Scenario, area: str, group: str | None = None) -> float:
    """Section 4.2: the area's part of people (of a group), posts or places."""
    if area == EVERYWHERE:
        return 1.0
    whole = sum(need_of(scenario, one, group) for one in scenario.names("programme.areas"))
    return need_of(scenario, area, group) / whole


def activity_of(scenario: Scenario) -> Activity:
    """Section 4: every area, added up."""
    areas = scenario.names("programme.areas") or [EVERYWHERE]
    local = {area: local_activity(scenario, area) for area in areas}
    length = scenario.last + 1

    def over_areas(what: str) -> dict[str, Series]:
        keys = list(getattr(local[areas[0]], what))
        return {key: total([getattr(one, what)[key] for one in local.values()], length) for key in keys}

    def numbers(what: str) -> dict[str, float]:
        keys = list(getattr(local[areas[0]], what))
        return {key: sum(getattr(one, what)[key] for one in local.values()) for key in keys}

    weighted = [
        [workers * (1 + weighting_of(scenario, area)) for workers in one.workers] for area, one in local.items()
    ]
    routes = {(group, route) for one in local.values() for group, route in one.by_route}
    return Activity(
        referred=over_areas("referred"),
        started=over_areas("started"),
        helped=over_areas("helped"),
        on_programme=over_areas("on_programme"),
        by_route={key: total([one.by_route[key] for one in local.values()], length) for key in routes},
        weighted_workers=total(weighted, length),
        limited=scenario.has("programme.link_workers.posts"),
        waiting=total([one.waiting for one in local.values()], length),
        gave_up=numbers("gave_up"),
        bought=over_areas("bought"),
        volunteers=over_areas("volunteers"),
        without_place=numbers("without_place"),
    )


def weighting_of(scenario: Scenario, area: str) -> float:
    """Section 4.2: what link workers cost more in an area."""
    own = f"programme.areas.{area}.weighting"
    everywhere = scenario.number("programme.link_workers.weighting", 0)
    return scenario.number(own) if area and scenario.has(own) else everywhere


def local_activity(scenario: Scenario, area: str) -> Local:
    """Section 4: who is referred, who starts, who is there and who is helped in one area."""
    here = Local()
    willing, stays, weights = {}, {}, {}
    for group in scenario.names("programme.groups"):
        address = f"programme.groups.{group}"
        ways = {route: f"{address}.routes.{route}" for route in scenario.names(f"{address}.routes")} or {"": address}
        willing[group] = scenario.nothing()
        for route, way in ways.items():
            come = referred_of(scenario, way, area, group)
            engaged = scenario.by_period(f"{way}.engaged")
            here.by_route[group, route] = come
            willing[group] = [willing[group][t] + come[t] * engaged[t] for t in scenario.periods]
        here.referred[group] = total([here.by_route[group, route] for route in ways], scenario.last + 1)
        stay = scenario.in_periods(f"{address}.stay_months", 0)
        stays[group] = [present_share(age, stay) for age in scenario.periods]
        weight = scenario.number(f"{address}.caseload_weight", 1)
        weights[group] = [share * weight for share in stays[group]]
    paid: Series | None = None
    here.started, here.waiting, here.gave_up = willing, scenario.nothing(), dict.fromkeys(willing, 0.0)
    caseload = scenario.number("programme.link_workers.caseload", 1)
    if scenario.has("programme.link_workers.posts"):
        paid, able = workers_of(scenario, area)
        lost = scenario.number("programme.link_workers.give_up_each_month", 0)
        room = [number * caseload for number in able]
        here.started, here.waiting, here.gave_up = queue(scenario, area, willing, weights, room, lost)
    held = scenario.nothing()
    for group in here.started:
        present, taken = spread(here.started[group], stays[group]), spread(here.started[group], weights[group])
        here.on_programme[group] = [x if t <= scenario.stops_after else 0.0 for t, x in enumerate(present)]
        held = [held[t] + (taken[t] if t <= scenario.stops_after else 0.0) for t in scenario.periods]
    need = [x / caseload for x in held] if scenario.has("programme.link_workers") else scenario.nothing()
    here.workers = need if paid is None else paid
    if paid is not None:
        last = max((t for t in scenario.periods if service_goes_on(scenario, t)), default=0)
        for t in range(last + 1, scenario.last + 1):  # as many as those who are still there need
            paid[t] = min(paid[last], need[t])
    here.helped = {group: list(series) for group, series in here.started.items()}
    for service in scenario.names("programme.onward"):
        sent_on(scenario, area, service, here)
    return here


def referred_of(scenario: Scenario, way: str, area: str, group: str) -> Series:
    """Section 4.1: people referred by one route in an area, with its ramp over the first service periods there."""
    referrals = scenario.by_period(f"{way}.referrals")
    reached = 1 - scenario.number(f"{way}.cannot_use", 0)
    ramp = scenario.items(f"{way}.ramp")
    referred = scenario.nothing()
    service_period = 0  # j
    for t in scenario.periods:
        if is_open(scenario, area, t):
            service_period += 1
            volume = ramp[service_period - 1] if service_period <= len(ramp) else 1.0
            referred[t] = referrals[t] * volume * part_of(scenario, area, group) * reached
    return referred


def posts_in(scenario: Scenario, area: str) -> Series:
    """Section 4.3: posts of an area."""
    share = f"programme.areas.{area}.share_of_posts"
    part = scenario.number(share) if area and scenario.has(share) else part_of(scenario, area)
    posts = scenario.by_period("programme.link_workers.posts")
    extra = scenario.number(f"programme.areas.{area}.extra_posts", 0) if area else 0.0
    ahead = int(scenario.in_periods("programme.link_workers.ahead_months", 0))
    there = [
        1 <= t <= scenario.stops_after
        and any(planned(scenario, area, u) for u in range(t, min(t + ahead, scenario.last) + 1))
        for t in scenario.periods
    ]
    return [posts[t] * part + extra if there[t] else 0.0 for t in scenario.periods]


def workers_of(scenario: Scenario, area: str) -> tuple[Series, Series]:
    """Section 4.3: workers paid and able, from a list of those who began, each with the period when trained."""
    address = "programme.link_workers"
    posts = posts_in(scenario, area)
    stays = (1 - scenario.number(f"{address}.leave_each_year", 0)) ** (1 / scenario.per_year)
    recruiting = scenario.in_periods(f"{address}.recruited_in_months", 0)
    training = scenario.in_periods(f"{address}.trained_in_months", 0)
    recruits: list[tuple[int, float]] = []  # when they begin, how many
    staff: list[list[float]] = []  # when able, how many
    paid, able = scenario.nothing(), scenario.nothing()
    for t in scenario.periods:
        post = posts[t]
        for batch in staff:
            batch[1] *= stays
        coming = sum(number for begins, number in recruits if begins >= t)
        opened = max(post - sum(number for _, number in staff) - coming, 0.0)
        recruits += [(t + ages, opened * share) for ages, share in shared_ages(recruiting)]
        arriving = sum(number for begins, number in recruits if begins == t)
        begun = min(arriving, max(post - sum(number for _, number in staff), 0.0))
        staff += [[t + ages, begun * share] for ages, share in shared_ages(training)]
        paid[t] = sum(number for _, number in staff)
        if paid[t] > post:
            for batch in staff:
                batch[1] *= post / paid[t]
            paid[t] = post
        able[t] = sum(number for when, number in staff if when <= t)
    return paid, able


def shared_ages(lag: float) -> list[tuple[int, float]]:
    """A lag between two periods, shared by the two."""
    below = math.floor(lag)
    return [(below, 1 - (lag - below)), (below + 1, lag - below)]


def queue(
    scenario: Scenario, area: str, willing: dict[str, Series], stays: dict[str, Series], room: Series, each_month: float
) -> tuple[dict[str, Series], Series, dict[str, float]]:
    """Section 4.4: who starts where places are limited; who waits at each period's end; how many give up in all."""
    give_up = 1 - (1 - each_month) ** scenario.months
    started = {group: scenario.nothing() for group in willing}
    waiting = dict.fromkeys(willing, 0.0)
    queues, gave_up = scenario.nothing(), dict.fromkeys(willing, 0.0)
    for t in scenario.periods:
        here_now = is_open(scenario, area, t)
        asking = {}
        for group in willing:
            gave_up[group] += waiting[group] * (give_up if here_now else 1.0)
            asking[group] = waiting[group] * (1 - give_up) + willing[group][t] if here_now else 0.0
        here = sum(started[group][c] * stays[group][t - c] for group in willing for c in range(t))
        asked = sum(asking[group] * stays[group][0] for group in willing)
        free = max(room[t] - here, 0.0)
        share = min(free / asked, 1.0) if asked > 0 else 1.0
        for group in willing:
            started[group][t] = asking[group] * (share if stays[group][0] > 0 else 1.0)
            waiting[group] = asking[group] - started[group][t]
        queues[t] = sum(waiting.values())
    return started, queues, gave_up


def sent_on(scenario: Scenario, area: str, service: str, here: Local) -> None:
    """Section 4.5: whom a service takes on, and what those who find no place lose."""
    address = f"programme.onward.{service}"
    groups = scenario.find(f"{address}.groups") or list(here.started)
    share = scenario.number(f"{address}.share")
    asked = {group: [share / sent_in_all(scenario, group) * x for x in here.started[group]] for group in groups}
    volunteers = volunteers_of(scenario, area, address, [here.started[group] for group in groups])
    part = part_of_groups(scenario, area, scenario.find(f"{address}.groups"))
    free, most = scenario.by_period(f"{address}.free_places"), scenario.by_period(f"{address}.places")
    budget, cost = scenario.by_period(f"{address}.budget_per_year"), scenario.by_period(f"{address}.cost_per_place")
    each = scenario.by_period(f"{address}.volunteers.places_each")
    unpaid, room = scenario.nothing(), scenario.nothing()
    limited = any(scenario.has(f"{address}.{key}") for key in ("free_places", "volunteers", "cost_per_place"))
    for t in scenario.periods:
        open_part = part if is_open(scenario, area, t) else 0.0
        unpaid[t] = free[t] * open_part + volunteers[t] * each[t]
        room[t] = unpaid[t]
        if scenario.has(f"{address}.budget_per_year"):
            bought = budget[t] / scenario.per_year / cost[t] if cost[t] > 0 else math.inf
            room[t] = unpaid[t] + (bought * open_part if open_part else 0.0)
        elif scenario.has(f"{address}.cost_per_place") or not limited:
            room[t] = math.inf
        if scenario.has(f"{address}.places"):
            room[t] = min(room[t], most[t] * open_part)
    at_once = {group: [1.0] + [0.0] * scenario.last for group in asked}
    lost = scenario.number(f"{address}.give_up_each_month", 0)
    placed, _, _ = queue(scenario, area, asked, at_once, room, lost)
    without = 1 - scenario.number(f"{address}.effect_without", 0)
    for group in asked:
        for t in scenario.periods:
            here.helped[group][t] -= without * (asked[group][t] - placed[group][t])
    taken = total(placed.values(), scenario.last + 1)
    here.bought[service] = [max(taken[t] - unpaid[t], 0.0) for t in scenario.periods]
    here.volunteers[service] = volunteers
    here.without_place[service] = sum(map(sum, asked.values())) - sum(taken)


def sent_in_all(scenario: Scenario, group: str) -> float:
    """Section 4.5: shares of all services of a group together, 1 at least."""
    shares = 0.0
    for service in scenario.names("programme.onward"):
        address = f"programme.onward.{service}"
        if group in (scenario.find(f"{address}.groups") or [group]):
            shares += scenario.number(f"{address}.share")
    return max(shares, 1.0)


def part_of_groups(scenario: Scenario, area: str, groups: list[str] | None) -> float:
    """Section 4.2: the area's part of a service for some groups."""
    if area == EVERYWHERE or groups is None or scenario.has(f"programme.areas.{area}.need"):
        return part_of(scenario, area)
    needs = {one: sum(need_of(scenario, one, group) for group in groups) for one in scenario.names("programme.areas")}
    return needs[area] / sum(needs.values())


def volunteers_of(scenario: Scenario, area: str, service: str, started: list[Series]) -> Series:
    """Section 4.5: volunteers in each period."""
    address = f"{service}.volunteers"
    if not scenario.has(address):
        return scenario.nothing()
    stays = (1 - scenario.number(f"{address}.leave_each_year", 0)) ** (1 / scenario.per_year)
    turning = delay(total(started, scenario.last + 1), scenario.in_periods(f"{address}.after_months", 0))
    joining = scenario.by_period(f"{address}.joining")
    part = part_of_groups(scenario, area, scenario.find(f"{service}.groups"))
    volunteers = scenario.nothing()
    begun = False
    for t in scenario.periods:
        if not is_open(scenario, area, t):
            continue
        volunteers[t] = volunteers[t - 1] * stays
        if not begun:
            volunteers[t] += scenario.number(f"{address}.at_start", 0) * part
            begun = True
        volunteers[t] += joining[t] * part + turning[t] * scenario.number(f"{address}.from_participants", 0)
    return volunteers


# --- Costs ------------------------------------------------------------------------------------------


def costs_of(scenario: Scenario, activity: Activity) -> Costs:
    """Section 4.6: the cost lines, who is paid them, and programme spend."""
    margin = scenario.number("programme.costs.provider_margin")
    flows: dict[str, Series] = {}
    for line, amounts in provider_lines(scenario, activity).items():
        flows[f"vehicle>provider:{line}"] = [amount * (1 + margin) for amount in amounts]
        flows[f"provider>suppliers:{line}"] = amounts
    flows["vehicle>manager:management"] = yearly_cost(scenario, "programme.costs.management_per_year")
    flows["vehicle>evaluator:evaluation"] = yearly_cost(scenario, "programme.costs.evaluation_per_year")
    for service in scenario.names("programme.onward"):
        address = f"programme.onward.{service}"
        paid = cost_of_each(scenario, f"{address}.cost_per_place", activity.bought[service])
        if scenario.has(f"{address}.cost_per_place"):
            flows[f"vehicle>community:onward_{service}"] = paid
        if scenario.has(f"{address}.volunteers"):
            yearly = cost_of_each(scenario, f"{address}.volunteers.cost_per_year", activity.volunteers[service])
            flows[f"vehicle>community:volunteers_{service}"] = [x / scenario.per_year for x in yearly]
    for name in scenario.names("programme.costs.further"):
        bearer = scenario.text(f"programme.costs.further.{name}.borne_by", "vehicle")
        flows[f"{bearer}>suppliers:cost_{name}"] = further_cost(scenario, f"programme.costs.further.{name}")
    if scenario.has("programme.costs.vat"):
        flows["vehicle>tax_office:vat"] = vat_on(scenario, flows)
    owed = [flow for key, flow in flows.items() if key.startswith("vehicle>")]
    provider_paid = [flow for key, flow in flows.items() if key.startswith("vehicle>provider:")]
    return Costs(flows, total(owed, scenario.last + 1), total(provider_paid, scenario.last + 1))


def further_cost(scenario: Scenario, address: str) -> Series:
    """Section 4.6: paid once, or in each year of service."""
    if scenario.has(f"{address}.per_year"):
        return yearly_cost(scenario, f"{address}.per_year")
    once = scenario.nothing()
    once[int(scenario.number(f"{address}.month", 0)) // scenario.months] = scenario.number(f"{address}.amount")
    return once


def vat_on(scenario: Scenario, flows: dict[str, Series]) -> Series:
    """Section 4.6: tax that the vehicle does not get back."""
    rate = scenario.number("programme.costs.vat.rate") * (1 - scenario.number("programme.costs.vat.recovered", 0))
    lines = scenario.find("programme.costs.vat.lines")
    taxed = [flow for key, flow in flows.items() if key.startswith("vehicle>") and key.split(":")[1] in lines]
    return [rate * amount for amount in total(taxed, scenario.last + 1)]


def provider_lines(scenario: Scenario, activity: Activity) -> dict[str, Series]:
    """Section 4.6: the provider's own costs, line by line, without its margin."""
    costs = "programme.costs"
    length = scenario.last + 1
    referrals = [cost_of_each(scenario, f"{costs}.per_referral", total(activity.referred.values(), length))]
    starts = [cost_of_each(scenario, f"{costs}.per_person", total(activity.started.values(), length))]
    for (group, route), people in activity.by_route.items():
        if route:
            way = f"programme.groups.{group}.routes.{route}"
            referrals.append(cost_of_each(scenario, f"{way}.cost_per_referral", people))
    for group, people in activity.started.items():
        starts.append(cost_of_each(scenario, f"programme.groups.{group}.cost_per_person", people))
    running = {
        "fixed": yearly_cost(scenario, f"{costs}.fixed_per_year"),
        "referral": total(referrals, length),
        "person": total(starts, length),
        "link_workers": link_worker_cost(scenario, activity.weighted_workers),
    }
    overheads = scenario.number(f"{costs}.overheads", 0)
    return {
        "set_up": set_up_cost(scenario),
        **running,
        "overheads": [overheads * amount for amount in total(running.values(), length)],
        "wind_down": wind_down_cost(scenario),
    }


def set_up_cost(scenario: Scenario) -> Series:
    """Section 4.6: at signing, and in each area on the last day before service there."""
    amounts = scenario.nothing()
    for area in scenario.names("programme.areas"):
        first = next((t for t in scenario.periods if planned(scenario, area, t)), None)
        if first is not None and first - 1 <= scenario.stops_after:
            amounts[first - 1] += scenario.number(f"programme.areas.{area}.set_up", 0)
    amounts = indexed(scenario, amounts)
    amounts[0] += scenario.number("programme.costs.set_up")
    return amounts


def wind_down_cost(scenario: Scenario) -> Series:
    """Section 4.6: in the period after the last one of service, or in it if there is none."""
    amounts = scenario.nothing()
    last = max((t for t in scenario.periods if in_service(scenario, t)), default=None)
    if last is not None:
        amounts[min(last + 1, scenario.last)] = scenario.number("programme.costs.wind_down", 0)
    return indexed(scenario, amounts)


def indexed(scenario: Scenario, amounts: Series) -> Series:
    """Section 4: running costs rise once in each contract year."""
    rise = scenario.number("programme.costs.indexation")
    return [amounts[t] * (1 + rise) ** scenario.contract_year(t) for t in scenario.periods]


def yearly_cost(scenario: Scenario, address: str) -> Series:
    """Section 4: a cost per year, paid in each service period."""
    per_year = scenario.by_period(address)
    amounts = [per_year[t] / scenario.per_year if in_service(scenario, t) else 0.0 for t in scenario.periods]
    return indexed(scenario, amounts)


def cost_of_each(scenario: Scenario, address: str, people: Series) -> Series:
    """Section 4: a cost for each of a number of people."""
    each = scenario.by_period(address)
    return indexed(scenario, [each[t] * people[t] for t in scenario.periods])


def link_worker_cost(scenario: Scenario, workers: Series) -> Series:
    """Section 4: what workers cost who are paid."""
    if not scenario.has("programme.link_workers"):
        return scenario.nothing()
    per_year = scenario.by_period("programme.link_workers.cost_per_year")
    return indexed(scenario, [workers[t] * per_year[t] / scenario.per_year for t in scenario.periods])
