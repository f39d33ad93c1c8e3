"""What every part of a scenario file has in common: strict models, names, and errors that say what is right."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Strict,
    StringConstraints,
    ValidationInfo,
    model_validator,
)
from pydantic_core import PydanticCustomError

Number = Annotated[float, Strict()]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Months = Annotated[int, Strict(), Field(ge=0)]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

RESERVED_PARTIES = ("vehicle", "provider", "suppliers", "manager", "evaluator", "sponsor")


@dataclass
class Context:
    """What a field may need to know of the rest of the file while it is being checked.

    `names` holds the names the file declares, by kind; `models` remembers which model read which
    mapping (by identity), so that an unknown key can be answered with the known ones.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcome_types: Mapping[str, str] = field(default_factory=dict)
    period_months: int | None = None
    periods: int | None = None
    models: dict[int, type[BaseModel]] = field(default_factory=dict)


def wrong(what: str, right: str) -> PydanticCustomError:
    """An error in two parts: what is wrong and what would be right."""
    return PydanticCustomError("scenario", "{what}; {right}", {"what": what, "right": right})


def nearest(name: str, known: Iterable[str]) -> str:
    """What would be right instead of an unknown `name`: the closest known one, else all of them."""
    candidates = sorted(known)
    close = difflib.get_close_matches(name, candidates, n=1, cutoff=0.6)
    if close:
        return f"did you mean '{close[0]}'?"
    return "it may be " + ", ".join(f"'{c}'" for c in candidates) if candidates else "none is declared"


class Model(BaseModel):
    """A frozen piece of a scenario that refuses unknown keys, infinities and not-a-number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _remember(cls, raw: Any, info: ValidationInfo) -> Any:
        if isinstance(raw, dict) and isinstance(info.context, Context):
            info.context.models[id(raw)] = cls
        return raw


def _known(kind: str) -> Callable[[str, ValidationInfo], str]:
    def check(name: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Context):
            known = info.context.names.get(kind, ())
            if name not in known:
                raise wrong(f"there is no {kind} called '{name}'", nearest(name, known))
        return name

    return check


def _party(name: str) -> str:
    if name in RESERVED_PARTIES:
        raise wrong(f"'{name}' is the name of a built-in party", "choose another name")
    return name


def _not_a_payer(name: str, info: ValidationInfo) -> str:
    if isinstance(info.context, Context) and name in info.context.names.get("payer", ()):
        raise wrong(f"'{name}' is also the name of a payer", "give every party a name of its own")
    return name


def _whole_periods(months: int, info: ValidationInfo) -> int:
    """Months that must end with a period of the timeline."""
    context = info.context
    if not isinstance(context, Context) or context.period_months is None:
        return months
    length = context.period_months
    if months % length:
        below = months - months % length
        raise wrong(f"{months} months are not whole periods of {length}", f"use {below} or {below + length}")
    if context.periods is not None and months > length * context.periods:
        raise wrong(
            f"month {months} lies beyond the end of the timeline",
            f"use at most {length * context.periods}, or a longer timeline",
        )
    return months


GroupName = Annotated[str, AfterValidator(_known("group"))]
OutcomeName = Annotated[str, AfterValidator(_known("outcome"))]
PayerName = Annotated[str, AfterValidator(_known("payer"))]
AgencyName = Annotated[str, AfterValidator(_known("agency"))]
PartyName = Annotated[Name, AfterValidator(_party)]
TrancheKey = Annotated[PartyName, AfterValidator(_not_a_payer)]
SurplusParty = Annotated[str, AfterValidator(_known("tranche, payer or provider"))]
MonthOnTimeline = Annotated[Months, AfterValidator(_whole_periods)]

_ONE = 1e-9


def adds_to_one(shares: Mapping[str, float] | tuple[float, ...], what: str) -> None:
    """Refuse shares that are negative or do not add up to 1."""
    values = tuple(shares.values()) if isinstance(shares, Mapping) else shares
    if any(share < 0 for share in values):
        raise wrong(f"a share of {what} is below 0", "shares lie between 0 and 1")
    if abs(sum(values) - 1) > _ONE:
        raise wrong(f"the shares of {what} add up to {sum(values):.10g}", "they must add up to 1")


def parts_of_whole(shares: Mapping[str, float]) -> dict[str, float]:
    """Shares that add up to 1 to the last digit, so that thirds written with ten digits lose no pennies."""
    together = sum(shares.values())
    return {name: share / together for name, share in shares.items()}


def one_of(key: str, *options: str) -> Discriminator:
    """Choose among models by the value of `key`. Tags begin with '~' so that they never look like a key of the file."""

    def tag(raw: Any) -> str | None:
        value = raw.get(key) if isinstance(raw, dict) else getattr(raw, key, None)
        return f"~{value}" if value in options else None

    return Discriminator(
        tag,
        custom_error_type="choice",
        custom_error_message="choose among the kinds",
        custom_error_context={"key": key, "options": " ".join(options)},
    )
