"""What a scenario may say about capital."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from sibmodel.core.quantity import Amount, AmountByPeriod, Rate, default
from sibmodel.core.schema import Flag, Model, Number, SurplusParty, TrancheKey, Whole, adds_to_one


class TrancheTerms(Model):
    """One class of capital with its own rank and price."""

    title: str | None = None
    investor: str | None = None
    rank: Annotated[Whole, Field(ge=1)] = 1
    commitment: Amount
    coupon: Rate = default(0)
    revolving: Flag = False


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the surplus")
    return shares


class CapitalTerms(Model):
    """The `capital` section."""

    minimum_cash: AmountByPeriod = default(0)
    gap_covered_by: Literal["provider", "sponsor"] = "provider"
    tranches: Annotated[dict[TrancheKey, TrancheTerms], Field(min_length=1)]
    surplus: Annotated[dict[SurplusParty, Number], AfterValidator(_whole)] | None = None

    def ranks(self) -> list[list[str]]:
        """Names of the tranches of each rank, the first to be repaid first."""
        numbers = sorted({tranche.rank for tranche in self.tranches.values()})
        return [[name for name, t in self.tranches.items() if t.rank == number] for number in numbers]
