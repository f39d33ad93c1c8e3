"""What a scenario may say about those who help: link workers, services that people are sent on to, volunteers."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, AmountByPeriod, Positive, Quantity, Share, Surcharge, default
from sibmodel.core.schema import ASKED, GroupName, Model, MonthOnTimeline, once_each, wrong


class LinkWorkerTerms(Model):
    """The people who connect participants with help in their community."""

    caseload: Positive
    """People whom one link worker can hold at a time; somebody must stay (`stay_months`)."""
    cost_per_year: AmountByPeriod
    """Pay and on-costs of one link worker."""
    weighting: Surcharge = default(0)
    """What they cost more because of where they work, such as London weighting, as a share of their cost."""
    posts: Annotated[AmountByPeriod | None, ASKED] = None
    """Posts that there are in each period of the timeline; people wait for one. As many as are needed if not given."""
    ahead_months: MonthOnTimeline = 0
    """Months before service begins, in each area, from which its posts are there, so that workers can be recruited."""
    leave_each_year: Annotated[Share, ASKED] = default(0)
    """Share of the workers who leave in a year; only with `posts`."""
    recruited_in_months: Annotated[Amount, ASKED] = default(0)
    """Months for which a post stays empty until somebody begins; only with `posts`."""
    trained_in_months: Annotated[Amount, ASKED] = default(0)
    """Months in which a new worker is paid and holds no case; only with `posts`."""
    give_up_each_month: Annotated[Share, ASKED] = default(0)
    """Share of those who wait for a worker that gives up in a month; only with `posts`."""

    @field_validator("leave_each_year", "recruited_in_months", "trained_in_months", "give_up_each_month")
    @classmethod
    def _only_with_posts(cls, value: Quantity, info: ValidationInfo) -> Quantity:
        if info.data.get("posts", value) is None and any(value.central_values()):
            what = f"{info.field_name} has no use where there are as many workers as are needed"
            raise wrong(what, "give posts, or drop it")
        return value


class VolunteerTerms(Model):
    """People who give their time, among them some who came for help."""

    at_start: Amount = default(0)
    """Volunteers when service begins."""
    joining: AmountByPeriod = default(0)
    """People who join in each period."""
    from_participants: Share = default(0)
    """Share of those who start on the programme who turn from receiving to giving."""
    after_months: Amount = default(0)
    """Months from their start until they do."""
    leave_each_year: Share = default(0)
    """Share of the volunteers who leave in a year."""
    places_each: AmountByPeriod
    """People whom one volunteer takes on in a period."""
    cost_per_year: AmountByPeriod = default(0)
    """Expenses, training and support of one volunteer."""


class OnwardTerms(Model):
    """A service that people are sent on to: a community group, welfare advice, housing advice.

    It takes on as many as there are free places, volunteers' and bought places; all, if it has none of the three.
    """

    title: str | None = None
    """The service in words."""
    groups: Annotated[tuple[GroupName, ...], Field(min_length=1), AfterValidator(once_each("group"))] | None = None
    """Whose starters are sent on; of all groups if not given."""
    share: Share
    """Share of those who start that is sent on to it."""
    free_places: AmountByPeriod | None = None
    """People whom it can take in each period without money from the programme."""
    cost_per_place: AmountByPeriod | None = None
    """What it is paid for each further person; nobody further if not given."""
    budget_per_year: AmountByPeriod | None = None
    """The most that it is paid in a year, in prices of the signing; for everybody sent on if not given."""
    places: AmountByPeriod | None = None
    """The most people whom it can take in a period, whoever pays; no limit if not given."""
    volunteers: VolunteerTerms | None = None
    """Volunteers who take people on beside the free places."""
    give_up_each_month: Share = default(0)
    """Share of those who wait for a place that drops out in a month: the longer the wait, the more are lost."""
    effect_without: Share = default(0)
    """Share of the programme's effect on somebody who is sent on and gets no place."""

    @field_validator("budget_per_year")
    @classmethod
    def _buys_something(cls, budget: Quantity | None, info: ValidationInfo) -> Quantity | None:
        cost: Quantity | None = info.data.get("cost_per_place")
        if budget is not None and "cost_per_place" in info.data and (cost is None or not any(cost.central_values())):
            raise wrong("there is a budget for places but no cost_per_place", "give it, or drop the budget")
        return budget
