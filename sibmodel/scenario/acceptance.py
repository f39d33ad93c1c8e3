"""What a scenario may say about the thresholds at which each party accepts the deal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from sibmodel.core.schema import Model, Name, Number, wrong


def _at_most_all(least: float) -> Callable[[float], float]:
    """Refuse what is no share or rate, with a hint for somebody who wrote per cent."""

    def checked(value: float) -> float:
        if not least <= value <= 1:
            hint = f"; write {value / 100:.12g} for {value:.12g} %" if 1 < value <= 100 else ""
            raise wrong(f"{value:.12g} is out of range", f"it must be {least:g} to 1{hint}")
        return value

    return checked


Chance = Annotated[Number, AfterValidator(_at_most_all(0.0))]
Return = Annotated[Number, AfterValidator(_at_most_all(-1.0))]
Pounds = Annotated[Number, Field(ge=0)]


class InvestorsAcceptanceTerms(Model):
    """What investors ask for, all tranches together."""

    least_return: Return | None = None
    """Least mean of investor.irr; `discounting.investor` if not given."""
    most_loss_chance: Chance | None = None
    """Most that the chance of a loss may be; not asked if not given."""


class CommissionersAcceptanceTerms(Model):
    """What commissioners ask for, all of them together."""

    least_net_saving: Number | None = None
    """Least mean of commissioner.net_saving; 0 if not given and their own agencies save anything."""
    least_cashable_net_saving: Number | None = None
    """Least mean of commissioner.cashable_net_saving; not asked if not given."""
    budget: Pounds | None = None
    """What they have for the whole bond, nominal: for payments, tax that they cannot recover, guarantees and own costs;
    not asked if not given."""
    budget_each_year: Pounds | None = None
    """The same for each financial year."""
    most_over_budget: Chance = 0.05
    """Most that the chance may be of exceeding `budget`, and that of exceeding `budget_each_year` in any year."""
    most_paid_for_nothing: Chance | None = None
    """Most that the chance may be of paying for a programme that changes nothing; not asked if not given."""


class ProviderAcceptanceTerms(Model):
    """What the provider asks for."""

    least_surplus: Number = 0.0
    """Least mean of provider.surplus: at 0 its costs are covered."""


class FurtherAcceptanceTerms(Model):
    """Anything else that somebody asks for."""

    party: str
    """Who asks, in words."""
    measure: str
    """A measure of `run`: its mean over futures, or with .p5 … .p95 a percentile, with .base the base case."""
    at_least: Number | None = None
    """The least that it may be."""
    at_most: Number | None = None
    """The most that it may be."""

    @model_validator(mode="after")
    def _one_threshold(self) -> Self:
        if (self.at_least is None) == (self.at_most is None):
            both = self.at_least is not None
            what = "both at_least and at_most are given" if both else "neither at_least nor at_most is given"
            raise wrong(what, "make it two conditions" if both else "give one of them")
        return self


class AcceptanceTerms(Model):
    """The `acceptance` section."""

    investors: InvestorsAcceptanceTerms = Field(default_factory=InvestorsAcceptanceTerms)
    """What investors ask for."""
    commissioners: CommissionersAcceptanceTerms = Field(default_factory=CommissionersAcceptanceTerms)
    """What commissioners ask for."""
    provider: ProviderAcceptanceTerms = Field(default_factory=ProviderAcceptanceTerms)
    """What the provider asks for."""
    further: dict[Name, FurtherAcceptanceTerms] = Field(default_factory=dict)
    """Anything else that somebody asks for, by name."""
