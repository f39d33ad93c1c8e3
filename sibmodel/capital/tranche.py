"""What a scenario may say about one tranche."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from sibmodel.capital.checks import beyond, misfits, never_redeemed, too_high
from sibmodel.core.conditions import When
from sibmodel.core.distribution import DISTRIBUTIONS
from sibmodel.core.quantity import Amount, Quantity, Rate, Share, ShareByPeriod, Within, default
from sibmodel.core.reading import ReadingTerms
from sibmodel.core.schedule import ScalePoints, Steps
from sibmodel.core.schema import (
    ASKED,
    Context,
    Day,
    Flag,
    Model,
    MonthOnTimeline,
    Number,
    TermName,
    Whole,
    Wrong,
    all_wrong,
    closest,
    exactly_one,
    once_each,
    wrong,
)

Kind = Literal["loan", "senior", "mezzanine", "first_loss", "equity", "grant", "recoverable_grant", "deferred_fees"]
PROVIDER = "provider"
NOT_INVESTORS = ("grant", "recoverable_grant", "deferred_fees")

RateByPeriod = Annotated[Quantity, AfterValidator(Within(0, 1, by_period=True, rate=True))]
AtLeastOne = Annotated[Quantity, AfterValidator(Within(1))]


class CouponScale(ReadingTerms):
    """A coupon that depends on an outcome: rates a year by what is read."""

    points: ScalePoints | None = None
    """Points [reading, rate a year], joined by straight lines, flat outside them."""
    steps: Annotated[Steps | None, ASKED] = None
    """Instead of points: bands of the reading, each with the rate a year that it `pays`."""
    floor: RateByPeriod = default(0)
    """The least rate a year, whatever is read."""

    @field_validator("steps")
    @classmethod
    def _one_scale(cls, steps: Any, info: ValidationInfo) -> Any:
        return exactly_one(steps, "points", info, "give one scale of rates")

    @model_validator(mode="after")
    def _shares_not_per_cent(self) -> Self:
        found = [Wrong(*too_high(rate), ("points", i, 1)) for i, (_, rate) in enumerate(self.points or ()) if rate > 1]
        found += [Wrong(*too_high(s.pays), ("steps", i, "pays")) for i, s in enumerate(self.steps or ()) if s.pays > 1]
        if found:
            raise all_wrong(found)
        return self

    @property
    def least(self) -> float:
        """The lowest rate that it can come to."""
        rates = [rate for _, rate in self.points] if self.points else [0.0]
        return max(min(rates), min(self.floor.central_values()))


def _price_of_money(raw: Any) -> str:
    """A rate, or a scale of rates. Tags begin with '~' so that they never look like a key of the file."""
    if not isinstance(raw, dict):
        return "~scale" if isinstance(raw, CouponScale) else "~rate"
    scale = CouponScale.model_fields
    meant = {closest(str(key), (*scale, *Quantity.model_fields, *DISTRIBUTIONS)) for key in raw}
    return "~rate" if meant.isdisjoint(scale) else "~scale"


Coupon = Annotated[
    Annotated[CouponScale, Tag("~scale")] | Annotated[RateByPeriod, Tag("~rate")], Discriminator(_price_of_money)
]


class DrawdownTerms(Model):
    """One drawdown on a day that is agreed beforehand."""

    month: MonthOnTimeline
    """Months after signing; 0 is the day of signing."""
    amount: Amount
    """Pounds drawn."""


class InstalmentTerms(Model):
    """A part of the principal and when it falls due."""

    month: MonthOnTimeline
    """Months after signing."""
    share: Annotated[Number, Field(gt=0, le=1)]
    """Share of all that was drawn."""


class ReturnCapTerms(Model):
    """The most that a tranche may receive; several limits hold together."""

    rate: Rate | None = None
    """The internal rate of return a year that its receipts may not exceed."""
    multiple: AtLeastOne | None = None
    """Receipts for each pound drawn."""
    amount: Amount | None = None
    """Pounds above what was drawn."""

    @model_validator(mode="after")
    def _some_limit(self) -> Self:
        if self.rate is self.multiple is self.amount is None:
            raise wrong("the cap limits nothing", "give rate, multiple or amount")
        return self


class RedemptionRow(Model):
    """What is repaid on early redemption from a month on."""

    from_month: MonthOnTimeline
    """Redemption in this month or later."""
    share: Share
    """Share of the principal outstanding that is repaid; the rest is written off."""


class EarlyRedemptionTerms(Model):
    """Early redemption: a share of the principal is due at once, the rest is written off, and the tranche ends."""

    month: MonthOnTimeline | None = None
    """The month of redemption; if not given, that of the contract's early termination, if it is terminated."""
    when: When | None = None
    """Conditions on which it is redeemed, in the first period (from the table's first month on) in which they hold."""
    table: Annotated[tuple[RedemptionRow, ...], Field(min_length=1)]
    """What is repaid, by month, the earliest first."""

    @field_validator("table")
    @classmethod
    def _in_order(cls, table: tuple[RedemptionRow, ...], info: ValidationInfo) -> tuple[RedemptionRow, ...]:
        found = [
            Wrong(
                f"this row begins in month {after.from_month}, the one before it in month {before.from_month}",
                "each row must begin later than the one before",
                (index + 1, "from_month"),
            )
            for index, (before, after) in enumerate(pairwise(table))
            if after.from_month <= before.from_month
        ]
        month = info.data.get("month")
        if month is not None and month < table[0].from_month:
            what = f"redemption in month {month} comes before the table's first month, {table[0].from_month}"
            found.append(Wrong(what, "let the table begin earlier, or redeem later", (0, "from_month")))
        if found:
            raise all_wrong(found)
        return table

    @model_validator(mode="after")
    def _can_happen(self, info: ValidationInfo) -> Self:
        found = list(never_redeemed(self, info.context))
        if found:
            raise all_wrong(found)
        return self


class InvestorFeeTerms(Model):
    """What the tranche's investor pays its own fund manager, outside the vehicle."""

    on_commitment: Rate = default(0)
    """Share of the commitment a year."""
    on_principal: Rate = default(0)
    """Share of the principal outstanding a year."""
    carried_interest: Share = default(0)
    """Share of the profit, once all drawdowns and fees have come back."""


class TrancheTerms(Model):
    """One class of capital with its own rank and price."""

    title: str | None = None
    """The tranche in words."""
    investor: str | None = None
    """Who invests."""
    kind: Kind = "loan"
    """What it is. A `grant` is never repaid, a `recoverable_grant` without a coupon; `deferred_fees` are left in the
    vehicle by the provider. These three are in no `investor` measure."""
    rank: Annotated[Whole, Field(ge=1)] = 1
    """Order of repayment: 1 is repaid first."""
    commitment: Amount
    """The most pounds that it puts in."""
    commitment_fee: Rate = default(0)
    """Fee a year on what is committed and can still be drawn."""
    revolving: Flag = False
    """Whether repaid principal may be drawn again."""
    drawn_to_month: MonthOnTimeline | None = None
    """Nothing is drawn after this month; no limit if not given."""
    drawdown_order: Annotated[Whole, Field(ge=1)] = 1
    """Order in which tranches are drawn when cash is needed: 1 first, those of one order together."""
    drawdowns: Annotated[tuple[DrawdownTerms, ...], Field(min_length=1)] | None = None
    """Agreed drawdowns, whether cash is needed or not; drawn as needed if not given."""
    share_of_fees: ShareByPeriod | None = None
    """Share of what the provider is paid that it leaves in the vehicle; only for `deferred_fees`."""
    coupon: Coupon = default(0)
    """Interest a year: a rate, also by period, or a scale of rates on an outcome."""
    day_count: Literal["effective", "periodic", "actual_365"] = "effective"
    """How a yearly rate becomes one for a period: (1 + r)^(1/m) − 1; r/m; or r × days/365."""
    compounds: Flag = True
    """Whether coupon that is not yet paid bears interest."""
    coupon_dates: Annotated[tuple[Day, ...], Field(min_length=1)] | None = None
    """Days up to which coupon is reckoned and then falls due, rising; the last day of each period if not given."""
    instalments: Annotated[tuple[InstalmentTerms, ...], Field(min_length=1)] | None = None
    """When principal falls due; at any time, as cash allows, if not given. One instalment is a bullet loan."""
    rolled_up: Flag = False
    """Whether coupon waits for the first instalment; otherwise it is paid as cash allows."""
    repaid_from: Annotated[tuple[TermName, ...], Field(min_length=1), AfterValidator(once_each("term"))] | None = None
    """The terms of the contract out of whose payments alone it is repaid; all money if not given."""
    return_cap: ReturnCapTerms | None = None
    """The most that it may receive from the vehicle."""
    early_redemption: EarlyRedemptionTerms | None = None
    """What it gets if it is redeemed early."""
    investor_fees: InvestorFeeTerms | None = None
    """What its investor pays a fund manager."""

    @field_validator("drawdowns")
    @classmethod
    def _within_the_commitment(cls, drawdowns: Any, info: ValidationInfo) -> Any:
        commitment = None if info.data.get("revolving") else info.data.get("commitment")
        found = list(beyond(drawdowns, commitment, info.data.get("drawn_to_month")))
        if found:
            raise all_wrong(found)
        return drawdowns

    @field_validator("coupon_dates")
    @classmethod
    def _within_the_term(cls, days: tuple[dt.date, ...] | None, info: ValidationInfo) -> tuple[dt.date, ...] | None:
        context = info.context
        found = [
            Wrong(f"{after} is not later than {before}", "list the days in their order", (index + 1,))
            for index, (before, after) in enumerate(pairwise(days or ()))
            if after <= before
        ]
        if isinstance(context, Context) and context.signing is not None and context.last_day is not None:
            found += [
                Wrong(
                    f"{day} lies outside the timeline",
                    f"name a day after {context.signing} and up to {context.last_day}",
                    (i,),
                )
                for i, day in enumerate(days or ())
                if not context.signing < day <= context.last_day
            ]
        if found:
            raise all_wrong(found)
        return days

    @field_validator("instalments")
    @classmethod
    def _add_up(cls, instalments: tuple[InstalmentTerms, ...] | None) -> tuple[InstalmentTerms, ...] | None:
        found = [
            Wrong(
                f"this instalment is due in month {after.month}, the one before it in month {before.month}",
                "list them in the order of their months",
                (index + 1, "month"),
            )
            for index, (before, after) in enumerate(pairwise(instalments or ()))
            if after.month <= before.month
        ]
        if instalments and instalments[0].month == 0:
            found.append(Wrong("nothing can be repaid on the day of signing", "give a month after it", (0, "month")))
        together = sum(one.share for one in instalments or ())
        if instalments and abs(together - 1) > 1e-9:
            found.append(Wrong(f"the shares of the instalments add up to {together:.10g}", "they must add up to 1"))
        if found:
            raise all_wrong(found)
        return instalments

    @model_validator(mode="after")
    def _fields_fit(self, info: ValidationInfo) -> Self:
        found = list(misfits(self, info.context))
        if found:
            raise all_wrong(found)
        return self

    @property
    def is_investors(self) -> bool:
        """Whether its money is that of investors."""
        return self.kind not in NOT_INVESTORS

    @property
    def is_owed(self) -> bool:
        """Whether anything is owed for it."""
        return self.kind != "grant"

    @property
    def as_needed(self) -> bool:
        """Whether it is drawn when cash is needed."""
        return self.drawdowns is None and self.share_of_fees is None

    @property
    def reads_outcomes(self) -> bool:
        """Whether its coupon is a scale on an outcome."""
        return isinstance(self.coupon, CouponScale)

    @property
    def pays_coupon(self) -> bool:
        """Whether it can ever earn a coupon."""
        return isinstance(self.coupon, CouponScale) or self.coupon.is_uncertain or any(self.coupon.central_values())

    @property
    def least_coupon(self) -> float:
        """The lowest rate a year of its coupon."""
        return self.coupon.least if isinstance(self.coupon, CouponScale) else min(self.coupon.central_values())

    @property
    def charges_fee(self) -> bool:
        """Whether it can ever earn a commitment fee."""
        return self.commitment_fee.is_uncertain or any(self.commitment_fee.central_values())


def holder(tranche: TrancheTerms | None, name: str) -> str:
    """The party in the ledger of whoever is named: the provider of its deferred fees, else the name itself."""
    return PROVIDER if tranche is not None and tranche.kind == "deferred_fees" else name
