"""What a scenario may say about the costs of delivery."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, AmountByPeriod, Growth, Quantity, Share, Surcharge, default
from sibmodel.core.schema import ASKED, Model, MonthOnTimeline, Name, PayerName, exactly_one, once_each, wrong

Line = Literal[
    "set_up", "fixed", "referral", "person", "link_workers", "overheads", "management", "evaluation", "wind_down"
]


class FurtherCostTerms(Model):
    """One more cost, such as of a business case, legal advice, running the vehicle, or validating outcomes."""

    title: str | None = None
    """The cost in words."""
    category: Literal["development", "contracting", "operation"] = "operation"
    """What it is for: developing and designing the bond, setting up the contract, or running it."""
    amount: Amount | None = None
    """Paid once."""
    month: MonthOnTimeline = 0
    """When it is paid once, in months since signing."""
    per_year: Annotated[AmountByPeriod | None, ASKED] = None
    """Instead: for each year of service, rising with `indexation`."""
    borne_by: PayerName | None = None
    """The payer who bears it; the vehicle if not given."""

    @field_validator("per_year")
    @classmethod
    def _once_or_yearly(cls, per_year: Quantity | None, info: ValidationInfo) -> Quantity | None:
        found: Quantity | None = exactly_one(per_year, "amount", info, "give one of them")
        if found is not None and info.data.get("month"):
            raise wrong("a cost of each year has no month", "drop 'month', or give an amount that is paid once")
        return found


class CostVatTerms(Model):
    """Value added tax that the vehicle's suppliers charge."""

    rate: Share
    """The rate, such as 0.2."""
    lines: Annotated[tuple[Line, ...], Field(min_length=1), AfterValidator(once_each("line"))]
    """The lines of cost that bear it."""
    recovered: Share = default(0)
    """Share of it that the vehicle gets back."""


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
    overheads: Surcharge = default(0)
    """The provider's overheads, supervision and premises, as a share of its running costs."""
    management_per_year: AmountByPeriod = default(0)
    """The vehicle's own management."""
    evaluation_per_year: AmountByPeriod = default(0)
    """The evaluator."""
    wind_down: Amount = default(0)
    """The provider's cost of closing, paid in the period after service ends (the last if the timeline ends with it)."""
    provider_margin: Surcharge = default(0)
    """What the provider is paid above its costs, as a share of them."""
    indexation: Growth = default(0)
    """Yearly rise of all running costs."""
    further: dict[Name, FurtherCostTerms] = Field(default_factory=dict)
    """Further costs of the vehicle and of payers, by name."""
    vat: CostVatTerms | None = None
    """Value added tax on costs, where it cannot be recovered."""
