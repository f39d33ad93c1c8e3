"""What a scenario may say about other ways to pay for the same programme: a grant, a revolving loan, or a mix."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.quantity import Amount, Rate, Share, UpToTwice, default
from sibmodel.core.schema import (
    Context,
    CostLineName,
    Model,
    MonthOnTimeline,
    Name,
    Number,
    PayerName,
    PublicParty,
    Wrong,
    adds_to_one,
    all_wrong,
    nearest,
    once_each,
    parts_of_whole,
    wrong,
)

Route = Literal["direct", "grant", "loan", "sib"]
"""The routes of which mixes are made."""
Shortfall = Literal["commissioners", "service_is_cut"]
COMMISSIONERS = "commissioners"
PROVIDER = "provider"
VEHICLE = "vehicle"
DEFAULT_LUCK = "luck:routes.loan.default"
"""Address of the uniforms that decide whether, and when, a borrower stops paying."""


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the commissioners")
    return parts_of_whole(shares)


def _borrower(name: str, info: ValidationInfo) -> str:
    payers = info.context.names.get("payer", ()) if isinstance(info.context, Context) else ()
    known = (COMMISSIONERS, *payers, PROVIDER, VEHICLE)
    if payers and name not in known:
        raise wrong(f"nobody called '{name}' can borrow", nearest(name, known))
    return name


class GrantInstalmentTerms(Model):
    """A part of the grant and when it is paid."""

    month: MonthOnTimeline
    """When it is paid, in months since signing."""
    share: Annotated[Number, Field(ge=0, le=1)]
    """Its share of what is raised."""


class GrantTerms(Model):
    """A philanthropic grant that may raise less than hoped."""

    title: str | None = None
    """Who gives it, in words."""
    hoped: Amount | None = None
    """The amount hoped for; what the programme costs, whatever that turns out to be, if not given."""
    raised: UpToTwice = default(1)
    """Pounds raised for each pound hoped for, at most 2."""
    instalments: tuple[GrantInstalmentTerms, ...] = ()
    """When it is paid; as costs fall if not given. What is left in the end goes back to the donors."""
    shortfall: Shortfall = "commissioners"
    """Costs that it does not cover are paid by the commissioners, or the service is cut to what it pays for."""

    @field_validator("instalments")
    @classmethod
    def _all_of_it(cls, parts: tuple[GrantInstalmentTerms, ...]) -> tuple[GrantInstalmentTerms, ...]:
        if parts:
            adds_to_one(tuple(part.share for part in parts), "the instalments")
        return parts


class LoanTerms(Model):
    """A revolving loan fund of the public's: what is repaid is lent again."""

    title: str | None = None
    """The fund in words."""
    fund: Amount | None = None
    """Money put into the fund, the most that can be lent at a time; as much as is needed if not given."""
    rate: Rate = default(0)
    """Interest a year on what is owed, paid at the end of every period."""
    grace_months: MonthOnTimeline = 0
    """Months after each drawing in which only interest is paid."""
    term_months: Annotated[MonthOnTimeline, Field(validate_default=True)]
    """Months from each drawing to its last instalment; what is still owed when the timeline ends is due then."""
    borrower: Annotated[str, AfterValidator(_borrower)] = COMMISSIONERS
    """Who repays: all `commissioners`, one payer, the `provider`; or the `vehicle`, only out of the commissioners'
    cashable savings."""
    default_per_year: Share = default(0)
    """Chance in each year, while anything is owed, that the borrower stops paying for good."""
    recovered: Share = default(0)
    """Share of what is owed then that is recovered, at once."""
    shortfall: Shortfall = "commissioners"
    """Costs for which the fund has no money are paid by the commissioners, or the service is cut."""

    @field_validator("term_months")
    @classmethod
    def _after_the_grace(cls, months: int, info: ValidationInfo) -> int:
        grace = info.data.get("grace_months", 0)
        if months < grace:
            raise wrong(f"the loan ends after {months} months, in its grace of {grace}", "give a longer term")
        return months


class TransactionTerms(Model):
    """What setting up and running one route costs beyond the programme, such as legal advice, data, verification."""

    at_signing: Amount = default(0)
    """Paid once, at signing, by the commissioners."""
    per_year: Amount = default(0)
    """Paid by the commissioners for each year of service."""


class MixTerms(Model):
    """Several routes that each pay a share of the same costs."""

    title: str | None = None
    """The mix in words."""
    shares: Annotated[dict[Route, Annotated[Number, Field(ge=0, le=1)]], Field(min_length=1)]
    """Share of the programme that each route pays for."""

    @field_validator("shares")
    @classmethod
    def _add_up(cls, shares: dict[Route, float]) -> dict[Route, float]:
        adds_to_one({str(name): share for name, share in shares.items()}, "the routes")
        return shares


def _is_missing(route: str, given: Mapping[str, Any]) -> bool:
    """Whether a grant or loan is named of which nothing is said; nothing valid is another mistake."""
    return route in ("grant", "loan") and route in given and given[route] is None


def _missing_route(route: str, at: tuple[str, ...]) -> Wrong:
    return Wrong(f"nothing is said of the {route}", f"give routes.{route} with its terms, or leave it out here", at)


class RoutesTerms(Model):
    """The `routes` section."""

    commissioners: Annotated[dict[PayerName, Number], Field(min_length=1), AfterValidator(_whole)] | None = None
    """Shares of the commissioners in what they pay without a bond; as in the base case of the bond if not given."""
    without: Annotated[tuple[CostLineName, ...], AfterValidator(once_each("cost"))] = ()
    """Costs that only the bond has: `management`, `evaluation`, or further costs by name; none if not given."""
    also_public: Annotated[tuple[PublicParty, ...], AfterValidator(once_each("party"))] = ()
    """Parties beside payers and the loan fund whose money is public: tranches, guarantors, `provider`, `sponsor`,
    `tax_office`."""
    not_public: Annotated[tuple[PayerName, ...], AfterValidator(once_each("payer"))] = ()
    """Payers whose money is not public, such as a lottery's, if that is how it is to be counted."""
    grant: GrantTerms | None = None
    """A grant; that route is left out if not given."""
    loan: LoanTerms | None = None
    """A revolving loan; that route is left out if not given."""
    transaction_costs: dict[Route, TransactionTerms] = Field(default_factory=dict)
    """By route; none if not given."""
    mixes: dict[Name, MixTerms] = Field(default_factory=dict)
    """Mixes of routes, by name."""

    @field_validator("transaction_costs")
    @classmethod
    def _of_known_routes(
        cls, costs: dict[Route, TransactionTerms], info: ValidationInfo
    ) -> dict[Route, TransactionTerms]:
        found = [_missing_route(name, (name,)) for name in costs if _is_missing(name, info.data)]
        if found:
            raise all_wrong(found)
        return costs

    @field_validator("mixes")
    @classmethod
    def _of_routes_that_are_given(cls, mixes: dict[str, MixTerms], info: ValidationInfo) -> dict[str, MixTerms]:
        found = [
            _missing_route(route, (name, "shares", route))
            for name, mix in mixes.items()
            for route in mix.shares
            if _is_missing(route, info.data)
        ]
        taken = [name for name in mixes if name in ("direct", "grant", "loan", "sib")]
        found += [Wrong(f"'{name}' is the name of a route", "call the mix something else", (name,)) for name in taken]
        if found:
            raise all_wrong(found)
        return mixes
