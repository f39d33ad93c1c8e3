"""What a scenario may say about the programme."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount
from sibmodel.core.schema import Context, Model, MonthOnTimeline, Name, Wrong, adds_to_one, all_wrong, wrong
from sibmodel.programme.capacity import LinkWorkerTerms, OnwardTerms
from sibmodel.programme.people import AreaTerms, GroupTerms, Ramp
from sibmodel.programme.spending import CostTerms


class ServiceTerms(Model):
    """When people are referred and running costs are paid, in months since signing."""

    from_month: MonthOnTimeline = 0
    """Service begins after this month."""
    to_month: MonthOnTimeline | None = None
    """Service ends with this month; with the timeline if not given."""

    @field_validator("from_month")
    @classmethod
    def _before_the_end(cls, month: int, info: ValidationInfo) -> int:
        if isinstance(info.context, Context) and month == info.context.months:
            raise wrong(f"service begins in month {month}, when the timeline ends", "begin earlier")
        return month

    @field_validator("to_month")
    @classmethod
    def _in_order(cls, month: int | None, info: ValidationInfo) -> int | None:
        first = info.data.get("from_month", -1)
        if month is not None and month <= first:
            raise wrong(f"service ends in month {month} but begins in month {first}", "it must end after it begins")
        return month


class MinimumTerms(Model):
    """The least service that every area should have."""

    starts_per_1000: Amount
    """People who start in a year, for each 1,000 in need."""


class ProgrammeTerms(Model):
    """The `programme` section."""

    service: ServiceTerms = Field(default_factory=ServiceTerms)
    """When there is service."""
    groups: Annotated[dict[Name, GroupTerms], Field(min_length=1)]
    """The people, by group."""
    areas: Annotated[dict[Name, AreaTerms] | None, Field(min_length=1)] = None
    """The boroughs or other places, by name, each with its part of the people, link workers and places."""
    minimum: MinimumTerms | None = None
    """A minimum standard for every area."""
    link_workers: LinkWorkerTerms | None = None
    """The people who accompany participants, if the programme has them."""
    onward: dict[Name, OnwardTerms] = Field(default_factory=dict)
    """Services that people are sent on to, by name."""
    costs: CostTerms = Field(default_factory=CostTerms)
    """What delivery costs."""

    @property
    def is_limited(self) -> bool:
        """Whether people may wait, or be helped by less than they need."""
        return bool(self.onward) or (self.link_workers is not None and self.link_workers.posts is not None)

    def until(self, month: int | None) -> Self:
        """The same with service ending in a month, if it does not end before; unchanged without one."""
        if month is None or (self.service.to_month is not None and self.service.to_month <= month):
            return self
        return self.model_copy(update={"service": self.service.model_copy(update={"to_month": month})})

    @field_validator("groups")
    @classmethod
    def _ramps_end_with_service(cls, groups: dict[str, GroupTerms], info: ValidationInfo) -> dict[str, GroupTerms]:
        periods = _service_periods(info)
        too_long = [
            Wrong(
                f"the ramp has {len(ramp)} shares, but service only {periods} period{'s' if periods > 1 else ''}",
                "leave out the rest",
                (*at, "ramp", periods),
            )
            for at, ramp in _ramps(groups)
            if periods is not None and len(ramp) > periods
        ]
        if too_long:
            raise all_wrong(too_long)
        return groups

    @field_validator("groups")
    @classmethod
    def _needs_add_up(cls, groups: dict[str, GroupTerms]) -> dict[str, GroupTerms]:
        shares = {name: group.share_of_need for name, group in groups.items()}
        _all_or_none(shares, "share_of_need")
        if None not in shares.values():
            adds_to_one({name: share or 0.0 for name, share in shares.items()}, "need")
        return groups

    @field_validator("areas")
    @classmethod
    def _areas_fit(cls, areas: dict[str, AreaTerms] | None, info: ValidationInfo) -> dict[str, AreaTerms] | None:
        if areas is not None:
            found = [*_twice(areas), *_in_other_forms(areas), *_out_of_service(areas, info)]
            found += _nobody_anywhere(areas, info.data.get("groups", {}))
            if found:
                raise all_wrong(found)
            shares = {name: area.share_of_posts for name, area in areas.items()}
            _all_or_none(shares, "share_of_posts")
            if None not in shares.values():
                adds_to_one({name: share or 0.0 for name, share in shares.items()}, "posts")
        return areas

    @field_validator("minimum")
    @classmethod
    def _where(cls, minimum: MinimumTerms | None, info: ValidationInfo) -> MinimumTerms | None:
        if minimum is not None and "areas" in info.data and info.data["areas"] is None:
            raise wrong("there is a minimum for every area but no area", "give areas with their need")
        return minimum

    @field_validator("link_workers")
    @classmethod
    def _workers_have_a_caseload(cls, workers: LinkWorkerTerms | None, info: ValidationInfo) -> LinkWorkerTerms | None:
        stays = [group.stay_months.central_values() for group in info.data.get("groups", {}).values()]
        if workers is not None and stays and not any(map(any, stays)):
            raise wrong("there are link workers but nobody stays", "give a group its stay_months")
        areas: dict[str, AreaTerms] = info.data.get("areas") or {}
        without = workers is not None and workers.posts is None
        if without and any(a.share_of_posts is not None or any(a.extra_posts.central_values()) for a in areas.values()):
            raise wrong("areas have posts of their own, but there are no posts", "give posts, or drop theirs")
        return workers

    @field_validator("onward")
    @classmethod
    def _sent_on_once(cls, onward: dict[str, OnwardTerms], info: ValidationInfo) -> dict[str, OnwardTerms]:
        found = []
        for group in info.data.get("groups", {}):
            last = next((n for n in reversed(onward) if group in (onward[n].groups or (group,))), "")
            sent = [one.share.central_values()[0] for one in onward.values() if group in (one.groups or (group,))]
            if sum(sent) > 1 + 1e-9:
                found.append(Wrong(
                    f"{sum(sent):.4g} of group '{group}' would be sent on, to all services together",
                    "everybody is sent on to one service at most: bring the shares down to 1 or less", (last, "share")
                ))  # fmt: skip
        if found:
            raise all_wrong(found)
        return onward


def _service_periods(info: ValidationInfo) -> int | None:
    """Periods of service, if what it takes to count them is in order."""
    service: ServiceTerms | None = info.data.get("service")
    context = info.context
    if service is None or not isinstance(context, Context) or context.months is None or context.period_months is None:
        return None
    last = context.months if service.to_month is None else service.to_month
    return (last - service.from_month) // context.period_months


def _ramps(groups: Mapping[str, GroupTerms]) -> Iterator[tuple[tuple[str, ...], Ramp]]:
    for name, group in groups.items():
        for route, way in group.ways.items():
            yield ((name, "routes", route) if route else (name,)), way.ramp


def _all_or_none(values: Mapping[str, float | None], what: str) -> None:
    missing = [name for name, value in values.items() if value is None]
    if missing and len(missing) < len(values):
        right = "give it to all or none"
        raise all_wrong([Wrong(f"'{name}' has no {what}, but others have one", right, (name,)) for name in missing])


def _twice(areas: Mapping[str, AreaTerms]) -> Iterator[Wrong]:
    for key in ("title", "code"):
        seen: dict[str, str] = {}
        for name, area in areas.items():
            value = getattr(area, key)
            if value is not None and value.strip().casefold() in seen:
                what = f"'{name}' and '{seen[value.strip().casefold()]}' have the same {key}"
                yield Wrong(what, "name each area once", (name, key))
            elif value is not None:
                seen[value.strip().casefold()] = name


def _in_other_forms(areas: Mapping[str, AreaTerms]) -> Iterator[Wrong]:
    first = next(iter(areas.values()))
    for name, area in areas.items():
        if (area.need is None) != (first.need is None):
            yield Wrong("need is given by group in some areas only", "give it in the same form in all", (name,))


def _out_of_service(areas: Mapping[str, AreaTerms], info: ValidationInfo) -> Iterator[Wrong]:
    service: ServiceTerms | None = info.data.get("service")
    months = info.context.months if isinstance(info.context, Context) else None
    for name, area in areas.items():
        if service is not None and area.from_month is not None:
            end = months if service.to_month is None else service.to_month
            if area.from_month < service.from_month:
                what = f"service begins here in month {area.from_month}, before all service in {service.from_month}"
                yield Wrong(what, "let the first wave begin with it", (name, "from_month"))
            elif end is not None and area.from_month >= end:
                what = f"service begins here in month {area.from_month}, but it ends in month {end}"
                yield Wrong(what, "begin earlier", (name, "from_month"))


def _nobody_anywhere(areas: Mapping[str, AreaTerms], groups: Mapping[str, GroupTerms]) -> Iterator[Wrong]:
    by_group = all(area.need is None for area in areas.values())
    for group, terms in groups.items():
        if by_group and not any(area.need_of(group) for area in areas.values()):
            yield Wrong(f"nobody of group '{group}' lives in any area", "give its need in one area at least")
        elif by_group and terms.share_of_need is not None:
            what = f"the need of group '{group}' is given twice: by its share_of_need and by areas"
            yield Wrong(what, "drop share_of_need")
