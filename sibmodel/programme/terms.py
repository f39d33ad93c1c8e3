"""What a scenario may say about the programme."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, ValidationInfo, model_validator

from sibmodel.core.quantity import Amount, AmountByPeriod, Growth, Positive, ShareByPeriod, default
from sibmodel.core.schema import Context, Model, MonthOnTimeline, Name, Number, wrong


class ServiceTerms(Model):
    """When people are referred and running costs are paid, in months since signing."""

    from_month: MonthOnTimeline = 0
    to_month: MonthOnTimeline | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.to_month is not None and self.to_month <= self.from_month:
            raise wrong(
                f"service ends in month {self.to_month}, not after month {self.from_month}",
                "to_month must be later than from_month",
            )
        return self


class GroupTerms(Model):
    """People who share parameters."""

    title: str | None = None
    referrals: AmountByPeriod
    ramp: tuple[Annotated[Number, Field(ge=0, le=1)], ...] = ()
    engaged: ShareByPeriod
    stay_months: Amount = default(0)


class LinkWorkerTerms(Model):
    """The people who connect participants with help in their community."""

    caseload: Positive
    cost_per_year: AmountByPeriod


class CostTerms(Model):
    """What delivery costs, in pounds."""

    set_up: Amount = default(0)
    fixed_per_year: AmountByPeriod = default(0)
    per_referral: AmountByPeriod = default(0)
    per_person: AmountByPeriod = default(0)
    management_per_year: AmountByPeriod = default(0)
    evaluation_per_year: AmountByPeriod = default(0)
    provider_margin: Amount = default(0)
    indexation: Growth = default(0)


class ProgrammeTerms(Model):
    """The `programme` section."""

    service: ServiceTerms = Field(default_factory=ServiceTerms)
    groups: Annotated[dict[Name, GroupTerms], Field(min_length=1)]
    link_workers: LinkWorkerTerms | None = None
    costs: CostTerms = Field(default_factory=CostTerms)

    @model_validator(mode="after")
    def _workers_have_a_caseload(self, info: ValidationInfo) -> Self:
        if self.link_workers is None or not isinstance(info.context, Context):
            return self
        if all(max(group.stay_months.central_values()) == 0 for group in self.groups.values()):
            raise wrong("there are link workers but nobody stays", "give a group its stay_months")
        return self
