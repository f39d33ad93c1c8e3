"""What a scenario may say about capital."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sibmodel.core.quantity import Amount, AmountByPeriod, Rate, default
from sibmodel.core.schema import Flag, Model, Number, SurplusParty, TrancheKey, Whole, adds_to_one


class TrancheTerms(Model):
    """One class of capital with its own rank and price."""

    title: str | None = None
    """The tranche in words."""
    investor: str | None = None
    """Who invests."""
    rank: Annotated[Whole, Field(ge=1)] = 1
    """Order of repayment: 1 is repaid first."""
    commitment: Amount
    """The most pounds that it puts in."""
    coupon: Rate = default(0)
    """Interest a year (annual effective), rolled up until there is cash."""
    revolving: Flag = False
    """Whether repaid principal may be drawn again."""


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the surplus")
    return shares


class CapitalTerms(Model):
    """The `capital` section."""

    minimum_cash: AmountByPeriod = default(0)
    """Cash that the vehicle keeps; in the last period nothing."""
    gap_covered_by: Literal["provider", "sponsor"] = "provider"
    """Who pays, without being repaid, when capital and income run out."""
    tranches: Annotated[dict[TrancheKey, TrancheTerms], Field(min_length=1)]
    """The classes of capital, by name; none may be called like a payer."""
    surplus: Annotated[dict[SurplusParty, Number], AfterValidator(_whole)] | None = None
    """Who gets what is left; the shares add up to 1. If not given, the tranches of the highest rank number."""

    def ranks(self) -> list[list[str]]:
        """Names of the tranches of each rank, the first to be repaid first."""
        numbers = sorted({tranche.rank for tranche in self.tranches.values()})
        return [[name for name, t in self.tranches.items() if t.rank == number] for number in numbers]
