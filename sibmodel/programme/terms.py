"""What a scenario may say about the programme."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, field_validator

from sibmodel.core.quantity import (
    Amount,
    AmountByPeriod,
    Growth,
    Positive,
    Quantity,
    Share,
    ShareByPeriod,
    default,
)
from sibmodel.core.schema import ASKED, Context, Model, MonthOnTimeline, Name, Number, Wrong, all_wrong, wrong


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


class GroupTerms(Model):
    """People who share parameters."""

    title: str | None = None
    """The group in words."""
    referrals: AmountByPeriod
    """People referred in each period."""
    ramp: tuple[Annotated[Number, Field(ge=0, le=1)], ...] = ()
    """Share of full volume in the first service periods, 1 afterwards; not longer than service."""
    engaged: ShareByPeriod
    """Share of those referred who start."""
    stay_months: Amount = default(0)
    """How long a starter stays on the programme."""


class LinkWorkerTerms(Model):
    """The people who connect participants with help in their community."""

    caseload: Positive
    """People whom one link worker can hold at a time; somebody must stay (`stay_months`)."""
    cost_per_year: AmountByPeriod
    """Pay and on-costs of one link worker."""
    posts: Annotated[AmountByPeriod | None, ASKED] = None
    """Posts that there are in each period of the timeline; people wait for one. As many as are needed if not given."""
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


class CostTerms(Model):
    """What delivery costs, in pounds."""

    set_up: Amount = default(0)
    """Paid at signing."""
    fixed_per_year: AmountByPeriod = default(0)
    """The provider's running costs whatever the volume."""
    per_referral: AmountByPeriod = default(0)
    """For each person referred."""
    per_person: AmountByPeriod = default(0)
    """For each person who starts."""
    management_per_year: AmountByPeriod = default(0)
    """The vehicle's own management."""
    evaluation_per_year: AmountByPeriod = default(0)
    """The evaluator."""
    provider_margin: Amount = default(0)
    """What the provider is paid above its costs, as a share of them."""
    indexation: Growth = default(0)
    """Yearly rise of all running costs."""


def _service_periods(info: ValidationInfo) -> int | None:
    """Periods of service, if what it takes to count them is in order."""
    service: ServiceTerms | None = info.data.get("service")
    context = info.context
    if service is None or not isinstance(context, Context) or context.months is None or context.period_months is None:
        return None
    last = context.months if service.to_month is None else service.to_month
    return (last - service.from_month) // context.period_months


class ProgrammeTerms(Model):
    """The `programme` section."""

    service: ServiceTerms = Field(default_factory=ServiceTerms)
    """When there is service."""
    groups: Annotated[dict[Name, GroupTerms], Field(min_length=1)]
    """The people, by group."""
    link_workers: LinkWorkerTerms | None = None
    """The people who accompany participants, if the programme has them."""
    costs: CostTerms = Field(default_factory=CostTerms)
    """What delivery costs."""

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
                f"the ramp has {len(group.ramp)} shares, but service only {periods} period{'s' if periods > 1 else ''}",
                "leave out the rest",
                (name, "ramp", periods),
            )
            for name, group in groups.items()
            if periods is not None and len(group.ramp) > periods
        ]
        if too_long:
            raise all_wrong(too_long)
        return groups

    @field_validator("link_workers")
    @classmethod
    def _workers_have_a_caseload(cls, workers: LinkWorkerTerms | None, info: ValidationInfo) -> LinkWorkerTerms | None:
        stays = [group.stay_months.central_values() for group in info.data.get("groups", {}).values()]
        if workers is not None and stays and not any(map(any, stays)):
            raise wrong("there are link workers but nobody stays", "give a group its stay_months")
        return workers
