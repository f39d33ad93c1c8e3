"""What every part of a scenario file has in common: strict models, names, and errors that say what is right."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, NamedTuple

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

LARGEST = 1e15
LONGEST_MONTHS = 600 * 12

# Larger numbers are slips of the keyboard, and their products would no longer be finite.
Number = Annotated[float, Strict(), Field(ge=-LARGEST, le=LARGEST)]
Whole = Annotated[int, Strict()]
Flag = Annotated[bool, Strict()]
Months = Annotated[int, Strict(), Field(ge=0, le=LONGEST_MONTHS)]
Day = Annotated[dt.date, Strict()]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]

ASKED = Field(validate_default=True)
"""For a field whose absence may be the mistake: its checks run without it too."""

ASSUMPTION = "assumption"
"""The source of a number that nobody has published."""

RESERVED_PARTIES = (
    "vehicle", "provider", "suppliers", "manager", "evaluator", "sponsor", "tax_office", "fund_manager", "community"
)  # fmt: skip
NO_PARTIES = ("resource_value", "resource_cost")
"""What stands beside the parties in results."""


@dataclass
class Context:
    """What a field may need to know of the rest of the file while it is being checked.

    `names` holds the names the file declares, by kind; `unsplit` the terms for which nothing says who pays;
    `first_reports` the month of the first report of effects; `may_end_early` is whether the contract can be terminated,
    `limited` whether people wait for link workers' posts, or for places at services that they are sent on to.
    Every model remembers here which mapping it read, so that an unknown key can be answered with the known ones.
    """

    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outcome_types: Mapping[str, str] = field(default_factory=dict)
    unsplit: tuple[str, ...] = ()
    period_months: int | None = None
    periods: int | None = None
    signing: dt.date | None = None
    last_day: dt.date | None = None
    may_end_early: bool = True
    limited: bool = False
    first_reports: Mapping[str, int] = field(default_factory=dict)
    _read: dict[int, tuple[Any, type[BaseModel]]] = field(default_factory=dict)

    @property
    def effects(self) -> frozenset[str]:
        """The outcomes that are effects."""
        return frozenset(name for name, kind in self.outcome_types.items() if kind == "effect")

    @property
    def months(self) -> int | None:
        """Months from signing to the end of the timeline, where the file says."""
        return None if self.period_months is None or self.periods is None else self.period_months * self.periods

    def remember(self, raw: Any, model: type[BaseModel]) -> None:
        """`model` reads the mapping `raw` (kept, so that its identity stays its own)."""
        self._read[id(raw)] = raw, model

    def model_of(self, raw: Any) -> type[BaseModel] | None:
        """The model that read the mapping `raw`."""
        return self._read[id(raw)][1] if id(raw) in self._read else None


class Wrong(NamedTuple):
    """What is wrong, what would be right, and where: the keys and indices below the place that is checked."""

    what: str
    right: str
    at: tuple[str | int, ...] = ()


def wrong(what: str, right: str, *at: str | int) -> PydanticCustomError:
    """One error in two parts: what is wrong and what would be right."""
    return all_wrong([Wrong(what, right, at)])


def all_wrong(wrongs: list[Wrong]) -> PydanticCustomError:
    """Several errors found by one check."""
    text = ", and ".join(f"{one.what}; {one.right}" for one in wrongs)
    return PydanticCustomError("scenario", "{text}", {"text": text, "wrongs": wrongs})


def closest(name: str, known: Iterable[str]) -> str | None:
    """The known name that `name` is most likely meant to be."""
    candidates = sorted(known)
    close = difflib.get_close_matches(name.strip().lower()[:100], candidates, n=1, cutoff=0.6)
    return close[0] if close else None


def nearest(name: str, known: Iterable[str]) -> str:
    """What would be right instead of an unknown `name`: the closest known one, else all of them."""
    candidates = sorted(known)
    close = closest(name, candidates)
    if close:
        return f"did you mean '{close}'?"
    return "it may be " + ", ".join(f"'{c}'" for c in candidates) if candidates else "leave it out"


def exactly_one(value: Any, other: str, info: ValidationInfo, right: str) -> Any:
    """The value of the field that is checked, which must be given where the field `other` is not, and only there."""
    if other in info.data and (value is None) == (info.data[other] is None):
        verb = "are" if value is not None or other.endswith("s") else "is"
        pair = f"neither {other} nor {info.field_name}" if value is None else f"both {other} and {info.field_name}"
        raise wrong(f"{pair} {verb} given", right)
    return value


class Model(BaseModel):
    """A frozen piece of a scenario that refuses unknown keys, infinities and not-a-number."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False, defer_build=True)

    elsewhere: ClassVar[Mapping[str, tuple[str, str]]] = {}
    """What to say of keys that people look for here: what is wrong, what would be right."""

    @model_validator(mode="before")
    @classmethod
    def _remember(cls, raw: Any, info: ValidationInfo) -> Any:
        if isinstance(raw, dict) and isinstance(info.context, Context):
            info.context.remember(raw, cls)
        return raw


def keys_of(model: type[BaseModel]) -> list[str]:
    """The keys that a file may write in a mapping."""
    return [info.alias or name for name, info in model.model_fields.items()]


def _known(kind: str, otherwise: str = "") -> Callable[[str, ValidationInfo], str]:
    def check(name: str, info: ValidationInfo) -> str:
        if isinstance(info.context, Context):
            known = info.context.names.get(kind, ())
            if known and name not in known:  # where none is declared, that is the mistake
                raise wrong(
                    f"there is no {kind} called '{name}'",
                    nearest(name, known) + ("" if closest(name, known) else otherwise),
                )
        return name

    return check


def _party(name: str) -> str:
    if name in RESERVED_PARTIES:
        raise wrong(f"'{name}' is the name of a built-in party", "choose another name")
    if name in NO_PARTIES:
        raise wrong(f"'{name}' stands for something else in results", "choose another name")
    return name


def _not_also(*kinds: str) -> Callable[[str, ValidationInfo], str]:
    def check(name: str, info: ValidationInfo) -> str:
        for kind in kinds:
            if isinstance(info.context, Context) and name in info.context.names.get(kind, ()):
                raise wrong(f"'{name}' is also the name of a {kind}", "give every party a name of its own")
        return name

    return check


OWN_FLOWS = (
    "drawdown", "fee", "coupon", "principal", "surplus", "gap", "termination",
    "set_up", "fixed", "referral", "person", "link_workers", "management", "evaluation",
    "overheads", "wind_down", "vat",
)  # fmt: skip
"""What flows of money are called in the ledger, beside the terms of the contract."""


def _not_a_flow(name: str, info: ValidationInfo) -> str:
    """A name under which no other money flows between the same parties."""
    names = info.context.names if isinstance(info.context, Context) else {}
    owners = (*names.get("tranche", ()), *names.get("guarantee", ()))
    of_owners = [f"{what}_{one}" for what in (*OWN_FLOWS[:5], "guarantee") for one in owners]
    if name in (*OWN_FLOWS, *names.get("term", ()), *of_owners) or name.startswith(("cost_", "onward_", "volunteers_")):
        raise wrong(f"other money flows under the name '{name}'", "give the payment a name of its own")
    return name


def _whole_periods(months: int, info: ValidationInfo) -> int:
    """Months that must end with a period of the timeline."""
    context = info.context
    if not isinstance(context, Context) or context.period_months is None:
        return months
    length = context.period_months
    if context.months is not None and months > context.months:
        raise wrong(
            f"{months} months reach beyond the end of the timeline",
            f"use at most {context.months}, or a longer timeline",
        )
    if months % length:
        example = max(length, months - months % length)
        what = f"{months} months are not whole periods of {length} months"
        raise wrong(what, f"write a multiple of {length}, such as {example}")
    return months


def _cited(source: str, info: ValidationInfo) -> str:
    """A single word cites an entry of `sources`; free text has blanks."""
    known = info.context.names.get("source") if isinstance(info.context, Context) else None
    if known is not None and " " not in source.strip() and source != ASSUMPTION and source not in known:
        right = f"{nearest(source, known)} or" if known else "list it under 'sources', or"
        raise wrong(f"there is no source '{source}'", f"{right} describe it in several words")
    return source


GroupName = Annotated[str, AfterValidator(_known("group"))]
OutcomeName = Annotated[str, AfterValidator(_known("outcome"))]
PayerName = Annotated[str, AfterValidator(_known("payer"))]
AgencyName = Annotated[str, AfterValidator(_known("agency"))]
PartyName = Annotated[Name, AfterValidator(_party)]
TrancheKey = Annotated[PartyName, AfterValidator(_not_also("payer"))]
GuaranteeKey = Annotated[PartyName, AfterValidator(_not_also("payer", "tranche"))]
ContingentKey = Annotated[Name, AfterValidator(_not_also("tranche", "guarantee")), AfterValidator(_not_a_flow)]
TermName = Annotated[str, AfterValidator(_known("term"))]
TrancheName = Annotated[str, AfterValidator(_known("tranche"))]
GuarantorName = Annotated[str, AfterValidator(_known("guarantor", "; leave 'by' out for somebody else"))]
Counterparty = Annotated[str, AfterValidator(_known("counterparty"))]
SourceName = Annotated[str, AfterValidator(_cited)]
SurplusParty = Annotated[str, AfterValidator(_known("party"))]
PublicParty = Annotated[str, AfterValidator(_known("further party"))]
CostLineName = Annotated[str, AfterValidator(_known("dispensable cost"))]
StepName = Annotated[str, AfterValidator(_known("step"))]
ScheduleName = Annotated[str, AfterValidator(_known("schedule"))]
MonthOnTimeline = Annotated[Months, AfterValidator(_whole_periods)]

_ONE = 1e-9


def adds_to_one(shares: Mapping[str, float] | tuple[float, ...], what: str) -> None:
    """Refuse shares that are negative or do not add up to 1."""
    items: list[tuple[str | int, float]] = list(shares.items() if isinstance(shares, Mapping) else enumerate(shares))
    right = "shares lie between 0 and 1"
    below = [Wrong(f"a share of {what} is {share:g}", right, (at,)) for at, share in items if share < 0]
    if below:
        raise all_wrong(below)
    total = sum(share for _, share in items)
    if abs(total - 1) > _ONE:
        raise wrong(f"the shares of {what} add up to {total:.10g}", "they must add up to 1")


def once_each(kind: str) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """Refuse a list that names the same twice."""

    def check(names: tuple[str, ...]) -> tuple[str, ...]:
        again = [index for index, name in enumerate(names) if name in names[:index]]
        if again:
            raise all_wrong(
                [Wrong(f"{kind} '{names[i]}' is named twice", f"name each {kind} once", (i,)) for i in again]
            )
        return names

    return check


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
