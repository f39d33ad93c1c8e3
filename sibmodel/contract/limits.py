"""What a scenario may say about caps and floors, and the order in which they are applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal, TypeVar

from pydantic import Discriminator, Field, Tag, ValidationInfo

from sibmodel.core.quantity import Amount, AmountByPeriod, Quantity, Share
from sibmodel.core.schema import Model, OutcomeName, Wrong, all_wrong


class CarriedCap(Model):
    """A cap whose excess is not forgone."""

    limit: AmountByPeriod
    """The most that may be paid."""
    carry: Literal["next_period"]
    """What exceeds the limit is asked for again in the next period."""


def _kind(raw: Any) -> str:
    """A mapping with a limit, or a number. Tags begin with '~' so that they never look like a key of the file."""
    return "~carried" if isinstance(raw, CarriedCap) or (isinstance(raw, dict) and "limit" in raw) else "~forgone"


Cap = Annotated[
    Annotated[CarriedCap, Tag("~carried")] | Annotated[AmountByPeriod, Tag("~forgone")], Discriminator(_kind)
]


class PayerCaps(Model):
    """Caps by period and by year."""

    period: Cap | None = None
    """The most in any one period."""
    financial_year: Cap | None = None
    """The most in any April-to-March year."""


class ContractCaps(PayerCaps):
    """Caps by person, by period and by year."""

    person: Amount | None = None
    """The most for any one person over the contract, all terms that pay for persons together."""


class TermCaps(ContractCaps):
    """Caps by person, by outcome, by period and by year."""

    shares: Annotated[dict[OutcomeName, Share], Field(min_length=1)] | None = None
    """The most for an outcome of the term, as a share of the term's cap."""


class PayerFloors(Model):
    """The least that is paid by period and by year. A cap wins over a floor."""

    period: AmountByPeriod | None = None
    """The least in every period from the first to the last."""
    financial_year: AmountByPeriod | None = None
    """The least in every April-to-March year; what is missing is paid in its last period in which payments fall due."""


class ContractFloors(PayerFloors):
    """The least by person, by period and by year."""

    person: Amount | None = None
    """The least for every person for whom anything is paid."""


class TermFloors(ContractFloors):
    """The least by person, by outcome, by period and by year."""

    shares: Annotated[dict[OutcomeName, Share], Field(min_length=1)] | None = None
    """The least for an outcome of the term, as a share of the term's cap; paid when its last payments fall due."""


AnyFloors = TypeVar("AnyFloors", bound=PayerFloors)


def limit_of(cap: CarriedCap | Quantity) -> Quantity:
    """The number in a cap of either form."""
    return cap.limit if isinstance(cap, CarriedCap) else cap


def floor_below_cap(floor: Quantity | None, info: ValidationInfo) -> Quantity | None:
    """Refuse a floor over the contract that lies above the cap."""
    found = list(_above(floor, info.data.get("cap"), ()))
    if found:
        raise all_wrong(found)
    return floor


def floors_below_caps(floors: AnyFloors, info: ValidationInfo) -> AnyFloors:
    """Refuse floors of a term, payer or contract that lie above its cap of the same kind."""
    found = list(_above_caps(floors, info.data.get("caps")))
    if found:
        raise all_wrong(found)
    return floors


def _above_caps(floors: PayerFloors, caps: PayerCaps | None) -> Iterator[Wrong]:
    for level in ("period", "financial_year", "person"):
        yield from _above(getattr(floors, level, None), getattr(caps, level, None), (level,))
    of_floors, of_caps = getattr(floors, "shares", None) or {}, getattr(caps, "shares", None) or {}
    for name, share in of_floors.items():
        yield from _above(share, of_caps.get(name), ("shares", name))


def _above(floor: Quantity | None, cap: CarriedCap | Quantity | None, at: tuple[str, ...]) -> Iterator[Wrong]:
    if floor is None or cap is None:
        return
    least, most = max(floor.central_values()), min(limit_of(cap).central_values())
    if least > most:
        yield Wrong(f"the floor of {least:,.12g} lies above the cap of {most:,.12g}", "lower it, or raise the cap", at)
