"""What a scenario may say about capital."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from sibmodel.capital.claims import Claim, Step, default_order, written_order
from sibmodel.capital.protection import ContingentTerms, GuaranteeTerms, circles
from sibmodel.capital.tranche import PROVIDER, TrancheTerms, holder
from sibmodel.core.quantity import AmountByPeriod, default
from sibmodel.core.schema import (
    ASKED,
    ContingentKey,
    Flag,
    GuaranteeKey,
    Model,
    MonthOnTimeline,
    Number,
    SurplusParty,
    TrancheKey,
    Wrong,
    adds_to_one,
    all_wrong,
    parts_of_whole,
)


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the surplus")
    return shares


def as_list(raw: Any) -> Any:
    """One step or line written without a list."""
    return raw if raw is None or isinstance(raw, list | tuple) else (raw,)


SurplusLine = Annotated[dict[SurplusParty, Number], Field(min_length=1), AfterValidator(_whole)]
SurplusLines = Annotated[
    tuple[SurplusLine, ...],
    Field(min_length=1),
    BeforeValidator(as_list, json_schema_input_type=dict[str, float] | tuple[dict[str, float], ...]),
]
WaterfallStep = Annotated[
    tuple[str, ...], Field(min_length=1), BeforeValidator(as_list, json_schema_input_type=str | tuple[str, ...])
]


class CapitalTerms(Model):
    """The `capital` section."""

    minimum_cash: AmountByPeriod = default(0)
    """Cash that the vehicle keeps; in the last period nothing."""
    recycling: Flag = True
    """Whether income pays costs before capital is drawn; if not, it pays them only when commitments have run out."""
    gap_covered_by: Literal["provider", "sponsor"] = "provider"
    """Who pays, without being repaid, when capital and income run out."""
    service_stops: Flag = False
    """Whether the service ends with the first period in which money runs out."""
    tranches: Annotated[dict[TrancheKey, TrancheTerms], Field(min_length=1)]
    """The classes of capital, by name; none may be called like a payer."""
    guarantees: dict[GuaranteeKey, GuaranteeTerms] = Field(default_factory=dict)
    """Who makes good a part of a tranche's principal, by name; none may be called like a tranche or a payer."""
    contingent: dict[ContingentKey, ContingentTerms] = Field(default_factory=dict)
    """Payments between two parties that depend on an outcome, by name: a bonus, a penalty, or both in one."""
    waterfall: Annotated[tuple[WaterfallStep, ...], Field(min_length=1)] | None = None
    """The order in which money is paid out: claims such as `senior.coupon`, or names; by rank if not given."""
    surplus_from_month: MonthOnTimeline = 0
    """Nothing is distributed as surplus before this month."""
    surplus: Annotated[SurplusLines | None, ASKED] = None
    """Who gets what is left; the shares of a line add up to 1. A list: the next line gets what those of one before
    cannot take because of their caps. If not given, the investors' tranches of the highest rank number."""

    @field_validator("guarantees")
    @classmethod
    def _of_what_is_owed(cls, guarantees: dict[str, GuaranteeTerms], info: ValidationInfo) -> dict[str, GuaranteeTerms]:
        tranches: dict[str, TrancheTerms] = info.data.get("tranches", {})
        found = [
            Wrong(f"'{g.tranche}' is a grant, which nobody owes back", "guarantee another tranche", (name, "tranche"))
            for name, g in guarantees.items()
            if g.tranche in tranches and not tranches[g.tranche].is_owed
        ]
        found += [wrong for name, g in guarantees.items() for wrong in _early_or_own(name, g, tranches)]
        found += circles(guarantees)
        if found:
            raise all_wrong(found)
        return guarantees

    @field_validator("contingent")
    @classmethod
    def _between_two(cls, contingent: dict[str, ContingentTerms], info: ValidationInfo) -> dict[str, ContingentTerms]:
        tranches: dict[str, TrancheTerms] = info.data.get("tranches", {})
        found = [
            Wrong(f"{_own(one.from_, one.to)}, so the provider would pay itself", "name two parties", (name, "to"))
            for name, one in contingent.items()
            if holder(tranches.get(one.from_), one.from_) == holder(tranches.get(one.to), one.to)
        ]
        if found:
            raise all_wrong(found)
        return contingent

    @field_validator("waterfall")
    @classmethod
    def _pays_every_claim_once(cls, written: Any, info: ValidationInfo) -> Any:
        given: list[Any] = [info.data.get(key) for key in ("tranches", "guarantees", "contingent")]
        if written is not None and None not in given:
            _, found = written_order(written, *given)
            ranked = [name for name, tranche in given[0].items() if "rank" in tranche.model_fields_set]
            if ranked:
                what = f"ranks give an order too ({', '.join(ranked)})"
                found.append(Wrong(what, "drop 'rank' there, or the waterfall"))
            if found:
                raise all_wrong(found)
        return written

    @field_validator("surplus", mode="after")
    @classmethod
    def _never_stuck(cls, surplus: Any, info: ValidationInfo) -> Any:
        tranches: dict[str, TrancheTerms] | None = info.data.get("tranches")
        if tranches is not None:
            ordered = info.data.get("waterfall", "given, with a mistake in it") is not None
            found = list(_stuck(surplus, tranches, ordered))
            if found:
                raise all_wrong(found)
        return surplus

    @property
    def order(self) -> tuple[Step, ...]:
        """The waterfall: steps of claims that share."""
        if self.waterfall is None:
            return default_order(self.tranches, self.guarantees, self.contingent)
        return written_order(self.waterfall, self.tranches, self.guarantees, self.contingent)[0]

    @property
    def investors(self) -> tuple[str, ...]:
        """The tranches that hold investors' money."""
        return tuple(name for name, tranche in self.tranches.items() if tranche.is_investors)

    def ranks(self) -> list[list[str]]:
        """Names of the tranches of each rank, the first to be repaid first."""
        numbers = sorted({tranche.rank for tranche in self.tranches.values()})
        return [[name for name, t in self.tranches.items() if t.rank == number] for number in numbers]

    @property
    def surplus_lines(self) -> tuple[dict[str, float], ...] | None:
        """Shares of each line of the surplus; None where commitments decide."""
        return None if self.surplus is None else tuple(parts_of_whole(line) for line in self.surplus)

    @property
    def last_investors(self) -> tuple[str, ...]:
        """The investors' tranches of the highest rank number, who get the surplus if nothing else is said."""
        return _last_investors(self.tranches)

    @property
    def claims(self) -> tuple[Claim, ...]:
        """Every claim on the vehicle, in the order of the waterfall."""
        return tuple(claim for step in self.order for claim in step)


def _own(one: str, other: str) -> str:
    """Who holds two parties that are the provider's."""
    tranches = " and ".join(f"'{name}'" for name in (one, other) if name != PROVIDER)
    return f"the provider holds {tranches}"


def _early_or_own(name: str, guarantee: GuaranteeTerms, tranches: dict[str, TrancheTerms]) -> Iterator[Wrong]:
    """A guarantee that is called before principal is due, or that its giver would receive."""
    tranche = tranches.get(guarantee.tranche)
    if tranche is None:
        return
    by = guarantee.by or name
    if by != guarantee.tranche and holder(tranches.get(by), by) == holder(tranche, guarantee.tranche):
        what = f"{_own(guarantee.tranche, by)}, so the provider would pay itself"
        yield Wrong(what, "name another guarantor", (name, "by"))
    last = tranche.instalments[-1].month if tranche.instalments else None
    if guarantee.month == 0:
        yield Wrong("nothing can be missing on the day of signing", "give a month after it", (name, "month"))
    elif None not in (guarantee.month, last) and tranche.early_redemption is None and guarantee.month < last:  # type: ignore[operator]
        what = f"in month {guarantee.month} not all principal is due: the last instalment is in month {last}"
        yield Wrong(what, f"use month {last} or later, or leave it out", (name, "month"))


def _last_investors(tranches: dict[str, TrancheTerms]) -> tuple[str, ...]:
    ranks = [tranche.rank for tranche in tranches.values() if tranche.is_investors]
    return tuple(n for n, t in tranches.items() if t.is_investors and t.rank == max(ranks))


def _limited(name: str, tranches: dict[str, TrancheTerms]) -> bool:
    """Whether a party may have to leave surplus to others."""
    tranche = tranches.get(name)
    return tranche is not None and (tranche.return_cap is not None or tranche.repaid_from is not None)


def _stuck(
    surplus: tuple[dict[str, float], ...] | None, tranches: dict[str, TrancheTerms], ordered: bool
) -> Iterator[Wrong]:
    """Surplus that nobody could take, or lines that nothing could reach."""
    right = "name in the last line somebody without return_cap and repaid_from, such as a payer or the provider"
    if surplus is None:
        last = _last_investors(tranches)
        if not last:
            yield Wrong("nothing says who gets the surplus, and there are no investors", "give 'surplus'")
        elif ordered and len(tranches) > 1:
            yield Wrong("nothing says who gets the surplus, and the waterfall gives no ranks", "give 'surplus'")
        elif all(_limited(name, tranches) for name in last):
            what = f"the surplus would go to {', '.join(last)}, whose receipts are limited"
            yield Wrong(what, "give 'surplus' and " + right)
        return
    open_lines = [
        i for i, line in enumerate(surplus) if any(s > 0 and not _limited(n, tranches) for n, s in line.items())
    ]
    if not open_lines:
        yield Wrong("surplus could be left that nobody may take", right)
    elif open_lines[0] < len(surplus) - 1:
        what = "nothing can ever reach this line: the one before takes everything"
        yield Wrong(what, "cap the tranches of that line, or drop this one", (open_lines[0] + 1,))
