"""What a scenario may say about guarantees and contingent payments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, Rate, Share, default
from sibmodel.core.reading import ReadingTerms
from sibmodel.core.schedule import SignedPoints, SignedSteps
from sibmodel.core.schema import (
    ASKED,
    Context,
    Counterparty,
    GuarantorName,
    Model,
    MonthOnTimeline,
    TrancheName,
    Wrong,
    all_wrong,
    exactly_one,
    wrong,
)

VEHICLE = "vehicle"


class GuaranteeTerms(Model):
    """A promise to make good a part of a tranche's principal; a loss floor is one that tops up to a share."""

    title: str | None = None
    """The guarantee in words."""
    tranche: TrancheName
    """The tranche that is guaranteed."""
    by: GuarantorName | None = None
    """Who gives it: a payer, a tranche, `provider` or `sponsor`; a party of the guarantee's own name if not given."""
    amount: Amount | None = None
    """It pays what is missing of the principal, up to this many pounds."""
    tops_up_to: Annotated[Share | None, ASKED] = None
    """Instead of an amount: it tops the principal that is repaid up to this share of what was drawn."""
    month: MonthOnTimeline | None = None
    """When it is called; with the tranche's last instalment, or at the end, if not given."""
    fee: Rate = default(0)
    """Fee a year, on the most that it may have to pay, until it is called; paid by the vehicle."""

    @field_validator("tops_up_to")
    @classmethod
    def _one_form(cls, share: Any, info: ValidationInfo) -> Any:
        return exactly_one(share, "amount", info, "say once what it pays")

    @property
    def charges_fee(self) -> bool:
        """Whether it can ever cost anything."""
        return self.fee.is_uncertain or any(self.fee.central_values())


class ContingentTerms(ReadingTerms):
    """A payment from one party to another that depends on an outcome; below zero it runs the other way."""

    title: str | None = None
    """The payment in words."""
    from_: Annotated[Counterparty, Field(alias="from")]
    """Who pays: `vehicle`, `provider`, `sponsor`, a tranche or a payer."""
    to: Counterparty
    """Who receives it."""
    points: SignedPoints | None = None
    """Points [reading, pounds], joined by straight lines, flat outside them."""
    steps: Annotated[SignedSteps | None, ASKED] = None
    """Instead of points: bands of the reading, each with the pounds that it `pays`."""
    settled_in_months: Annotated[tuple[MonthOnTimeline, ...], Field(min_length=1)] | None = None
    """Months in which it is settled, at the latest reading; whenever something new is read if not given."""

    @field_validator("to")
    @classmethod
    def _two_parties(cls, to: str, info: ValidationInfo) -> str:
        if to == info.data.get("from_"):
            raise wrong(f"'{to}' would pay itself", "name two parties")
        return to

    @field_validator("steps")
    @classmethod
    def _one_scale(cls, steps: Any, info: ValidationInfo) -> Any:
        return exactly_one(steps, "points", info, "give one scale of pounds")

    @field_validator("settled_in_months")
    @classmethod
    def _in_order(cls, months: tuple[int, ...] | None, info: ValidationInfo) -> tuple[int, ...] | None:
        found = [
            Wrong(f"month {after} is not later than {before}", "list the months in their order", (index + 1,))
            for index, (before, after) in enumerate(pairwise(months or ()))
            if after <= before
        ]
        reports = info.context.first_reports if isinstance(info.context, Context) else {}
        first = reports.get(str(info.data.get("outcome")), 0)
        if info.data.get("divided_by") is None:
            found += [
                Wrong(f"nothing is read before month {first}", f"settle it in month {first} or later", (index,))
                for index, month in enumerate(months or ())
                if month < first
            ]
        if found:
            raise all_wrong(found)
        return months

    @property
    def concerns_the_vehicle(self) -> bool:
        """Whether the vehicle pays or receives it."""
        return VEHICLE in (self.from_, self.to)

    @property
    def of_the_vehicle(self) -> bool:
        """Whether the vehicle may come to owe it."""
        values = [y for _, y in self.points] if self.points else [step.pays for step in self.steps or ()]
        return (self.from_ == VEHICLE and max(values) > 0) or (self.to == VEHICLE and min(values) < 0)


def circles(guarantees: Mapping[str, GuaranteeTerms]) -> Iterator[Wrong]:
    """Guarantees by tranches that come back to the guaranteed."""
    pays_for: dict[str, list[str]] = {}
    for guarantee in guarantees.values():
        if guarantee.by is not None:
            pays_for.setdefault(guarantee.by, []).append(guarantee.tranche)
    for name, guarantee in guarantees.items():
        reached, new = set[str](), [guarantee.tranche]
        while new:
            one = new.pop()
            reached |= {one}
            new += [other for other in pays_for.get(one, ()) if other not in reached]
        if guarantee.by in reached:
            what = f"the guarantee comes back to '{guarantee.by}', who gives it"
            yield Wrong(what, "name a guarantor whose own tranche nobody in the circle guarantees", (name, "by"))
