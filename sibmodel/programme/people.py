"""What a scenario may say about people: by which routes they come, in which groups, and in which areas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from sibmodel.core.quantity import (
    Amount,
    AmountByPeriod,
    Positive,
    Quantity,
    Share,
    ShareByPeriod,
    Surcharge,
    VolumeByPeriod,
    default,
)
from sibmodel.core.schema import ASKED, GroupName, Model, MonthOnTimeline, Name, Number, exactly_one, wrong

Ramp = tuple[Annotated[Number, Field(ge=0, le=1)], ...]
Need = Annotated[Number, Field(ge=0)]


class RouteTerms(Model):
    """One way in: a GP, housing officers, the police, a voluntary group, or people themselves."""

    title: str | None = None
    """The route in words."""
    referrals: VolumeByPeriod
    """People who would be referred by it in each period."""
    ramp: Ramp = ()
    """Share of full volume in the first service periods, 1 afterwards; not longer than service."""
    cannot_use: Share = default(0)
    """Share of them whom it cannot reach: offline, in another language, not registered. They are not referred."""
    engaged: ShareByPeriod
    """Share of those referred who start."""
    cost_per_referral: AmountByPeriod = default(0)
    """For each person referred by it, on top of `costs.per_referral`."""


class GroupTerms(Model):
    """People who share parameters."""

    title: str | None = None
    """The group in words."""
    referrals: VolumeByPeriod | None = None
    """People referred in each period; or `routes`."""
    ramp: Ramp = ()
    """Share of full volume in the first service periods, 1 afterwards; not longer than service."""
    engaged: ShareByPeriod | None = None
    """Share of those referred who start; with `referrals`, and only with them."""
    stay_months: Amount = default(0)
    """How long a starter stays on the programme."""
    routes: Annotated[dict[Name, RouteTerms] | None, Field(min_length=1), ASKED] = None
    """Instead of `referrals` and `engaged`: the ways in, by name."""
    share_of_need: Annotated[Number, Field(ge=0, le=1)] | None = None
    """The group's share of all people in need, beside which its share of those reached is shown; for all or none."""
    caseload_weight: Positive = default(1)
    """Places of a link worker's caseload that one of them takes: more than 1 for harder cases."""
    cost_per_person: AmountByPeriod = default(0)
    """For each who starts, on top of `costs.per_person`."""

    @property
    def ways(self) -> Mapping[str, RouteTerms]:
        """Its routes; a single one without a name where the group says itself who is referred."""
        if self.routes is not None:
            return self.routes
        assert self.referrals is not None  # noqa: S101 - the schema asks for both where there are no routes
        assert self.engaged is not None  # noqa: S101
        way = RouteTerms.model_construct(
            referrals=self.referrals, ramp=self.ramp, engaged=self.engaged, cannot_use=_NONE, cost_per_referral=_NONE
        )
        return {"": way}

    @field_validator("routes")
    @classmethod
    def _some_way_in(cls, routes: dict[str, RouteTerms] | None, info: ValidationInfo) -> dict[str, RouteTerms] | None:
        right = "give referrals and engaged, or routes with them"
        for name in ("ramp", "engaged"):
            if routes is not None and info.data.get("referrals") is None and info.data.get(name):
                raise wrong(f"'{name}' has no use beside routes", "give it to each of the routes")
        found: dict[str, RouteTerms] | None = exactly_one(routes, "referrals", info, right)
        return found

    @model_validator(mode="after")
    def _who_starts(self) -> Self:
        if self.referrals is not None and self.engaged is None:
            raise wrong("the group says who is referred but not who starts", "give 'engaged', a share", "engaged")
        return self


_NONE = Quantity.model_construct(value=(0.0,))
"""A number that no file gives."""


class AreaTerms(Model):
    """A borough or another place with link workers of its own."""

    title: str | None = None
    """The area in words."""
    code: str | None = None
    """Its official code."""
    from_month: MonthOnTimeline | None = None
    """Service begins here after this month; with all service if not given."""
    need: Annotated[Need, Field(gt=0)] | None = None
    """People here who need the programme, of all groups alike; or `need_of_group`."""
    need_of_group: Annotated[dict[GroupName, Need] | None, ASKED] = None
    """The same by group; nobody of a group that is not named."""
    share_of_posts: Annotated[Number, Field(ge=0, le=1)] | None = None
    """Share of all posts; for all areas or none, in proportion to need if not given."""
    extra_posts: Amount = default(0)
    """Posts here on top of the area's share of all, where there are posts."""
    weighting: Surcharge | None = None
    """What link workers cost more here, as a share of their cost, instead of `link_workers.weighting`."""
    set_up: Amount = default(0)
    """Paid when service begins here, on top of `costs.set_up`."""

    @field_validator("need_of_group")
    @classmethod
    def _need_in_one_form(cls, by_group: dict[str, float] | None, info: ValidationInfo) -> dict[str, float] | None:
        found: dict[str, float] | None = exactly_one(by_group, "need", info, "give one of them")
        if found is not None and not any(found.values()):
            raise wrong("nobody here needs the programme", "give the people of one group at least, or drop the area")
        return found

    def need_of(self, group: str) -> float:
        """People in need of a group; of all groups together where that is all that is known."""
        return self.need if self.need is not None else (self.need_of_group or {}).get(group, 0.0)

    @property
    def all_need(self) -> float:
        """People in need of all groups."""
        return self.need if self.need is not None else sum((self.need_of_group or {}).values())
