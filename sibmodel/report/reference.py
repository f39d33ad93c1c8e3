"""Every field of a scenario file and of a contract file as one page, made from the schema itself.

`python -m sibmodel.report.reference docs/reference.md` writes it. Descriptions are the docstrings under the fields.
"""

from __future__ import annotations

import datetime as dt
import inspect
import math
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator
from pydantic.fields import FieldInfo

from sibmodel.capital.terms import as_list
from sibmodel.contract.split import Split
from sibmodel.core.bounded import FromFile
from sibmodel.core.distribution import DISTRIBUTIONS, Endless
from sibmodel.core.quantity import Quantity, Within
from sibmodel.core.schema import (
    LARGEST,
    LONGEST_MONTHS,
    AgencyName,
    CostLineName,
    Counterparty,
    GroupName,
    GuarantorName,
    MonthOnTimeline,
    OutcomeName,
    PayerName,
    PublicParty,
    SurplusParty,
    TermName,
    TrancheName,
)
from sibmodel.scenario.descriptions import descriptions_of
from sibmodel.scenario.schema import ContractSheet, EvidenceSheet, Scenario

OPENING = """# Reference of the scenario file

Made from the program's own schema with `make reference`; not edited by hand. [scenarios.md](scenarios.md) introduces
the file, [contracts.md](contracts.md) has a recipe for every clause of a contract, [capital.md](capital.md) one for
every clause about capital, [model.md](model.md) the formulas.

A heading is an address: the keys from the top of the file, joined by dots. `NAME` stands for a name that you choose
(small letters, digits and `_`, beginning with a letter), `N` for a place in a list, counted from 0. Where a linked
address may stand, a mapping with the fields of that section is meant. A field may be left out unless it is required;
then its default holds, or nothing.
"""
NUMBERS = """Wherever a table says *number or distribution*, the number alone may stand, a distribution, or a mapping
with these fields, which say where it comes from. *Also by period*: a list may stand in the place of the number, one
item for each period from the first; the last one holds to the end."""
DISTRIBUTED = """A mapping with one of these fields stands for an uncertain number;
[scenarios.md](scenarios.md#numbers) has examples."""
SCENARIO = "A bond that can be simulated."
EVIDENCE = "A file that scenarios share by `extends`; see [evidence.md](evidence.md)."
CONTRACT = """A payment contract that can be checked and paid, but not simulated. Sections that are not repeated here
are the same as above."""

NUMBER = "[number or distribution](#numbers)"
ITEM = "number or [distribution](#distributions)"
HEADER = "| field | what may stand there | default | meaning |\n|---|---|---|---|"

Marks = Sequence[Any]
"""What an annotation says besides the type: limits, checks, discriminators."""


def _check_of(annotation: Any) -> Any:
    """The last function that checks an annotated type."""
    return [mark.func for mark in get_args(annotation) if hasattr(mark, "func")][-1]


DECLARED: Mapping[Any, str] = {
    _check_of(GroupName): "a group",
    _check_of(OutcomeName): "an outcome",
    _check_of(PayerName): "a payer",
    _check_of(AgencyName): "an agency",
    _check_of(TermName): "a term",
    _check_of(TrancheName): "a tranche",
    _check_of(GuarantorName): "a tranche or payer, `provider` or `sponsor`",
    _check_of(Counterparty): "a tranche or payer, `vehicle`, `provider` or `sponsor`",
    _check_of(PublicParty): "a tranche or guarantee, `provider`, `sponsor` or `tax_office`",
    _check_of(CostLineName): "`management`, `evaluation` or a further cost",
    _check_of(SurplusParty): "a tranche, payer or guarantor, `provider` or `sponsor`",
}
"""Names that the file declares elsewhere, by the function that checks them."""
WHOLE_PERIODS = _check_of(MonthOnTimeline)
SPLIT = _check_of(Split)


class Book:
    """The page while it is written: its sections in order, and the heading under which each model is described."""

    def __init__(self) -> None:
        self.sections: list[str] = []
        self.aside = ""
        self._headings: dict[type, str] = {}
        self._waiting: list[Callable[[], None]] = []

    def section(self, heading: str, intro: str, rows: Callable[[], list[str]]) -> None:
        """A section, and after it those of everything that it is the first to mention."""
        self._waiting, before = [], self._waiting
        level = "###" if "." in heading else "##"
        self.sections.append("\n".join([f"{level} {heading}", "", intro, "", HEADER, *rows()]))
        mentioned, self._waiting = self._waiting, before
        for write in mentioned:
            write()

    def rows(self, model: type[BaseModel], address: str, skip: frozenset[str] = frozenset()) -> list[str]:
        """The table of a model, without some fields."""
        fields = {name: field for name, field in model.model_fields.items() if name not in skip}
        texts = descriptions_of(model)
        return [
            row(
                field.alias or name,
                self.words(field.annotation, field.metadata, below(address, name), field),
                default_of(field),
                texts.get(name),
            )
            for name, field in fields.items()
        ]

    def describe(self, model: type[BaseModel], heading: str, rows: Callable[[], list[str]]) -> str:
        """A link to the section of a model, which will follow if there is none yet."""
        if model not in self._headings:
            self._headings[model] = heading = heading + self.aside
            self._waiting.append(lambda: self.section(heading, prose(model.__doc__), rows))
        return link(self._headings[model])

    # ----------------------------------------------------------------------------------- what may stand in a field

    def words(self, annotation: Any, marks: Marks, address: str, field: FieldInfo | None = None) -> str:
        """What an annotation allows, in words."""
        bare, more = unwrapped(annotation)
        marks = [*marks, *more, *([field.discriminator] if field and field.discriminator else [])]
        if bare is Quantity:
            return quantity(marks)
        if isinstance(bare, type) and issubclass(bare, BaseModel):
            return self.describe(bare, f"`{address}`", lambda: self.rows(bare, address))
        compound = {
            Union: self._union, UnionType: self._union, dict: self._mapping, tuple: self._list, Literal: _literal,
        }  # fmt: skip
        kind = compound.get(get_origin(bare))
        return kind(bare, marks, address) if kind else plain(bare, marks)

    def _mapping(self, annotation: Any, marks: Marks, address: str) -> str:
        key, value = get_args(annotation)
        return f"mapping{keys(key)}, each: {self.words(value, (), f'{address}.NAME')}"

    def _list(self, annotation: Any, marks: Marks, address: str) -> str:
        first, *others = get_args(annotation)
        if others != [...]:
            items = (self.words(item, (), address).replace(",", "") for item in (first, *others))
            return f"`[{', '.join(items)}]`"
        each = self.words(first, (), f"{address}.N")
        if each == ITEM:
            return f"{each}, or a list of them"
        if any(getattr(mark, "func", None) is as_list for mark in marks):
            return f"{each}; or a list of such"
        if any(isinstance(mark, FromFile) for mark in marks):
            return f"list, each: {each}; or the name of a CSV file"
        if any(getattr(mark, "func", None) is SPLIT for mark in marks):
            return f"`{{payer: share, …}}`, or `{{amounts: …}}`, or list, each: {each}"
        return f"list, each: {each}"

    def _union(self, annotation: Any, marks: Marks, address: str) -> str:
        options = [option for option in get_args(annotation) if option is not NoneType]
        if len(options) == 1:
            return self.words(options[0], marks, address)
        tags = {mark.tag: bare for bare, more in map(unwrapped, options) for mark in more if hasattr(mark, "tag")}
        if "~number" in tags:
            return ITEM
        chosen_by = [mark for mark in marks if isinstance(mark, Discriminator) and mark.custom_error_context]
        if chosen_by:
            context = chosen_by[0].custom_error_context or {}
            return self._kinds(str(context["key"]), tags, address)
        numbers_first = sorted(options, key=lambda option: unwrapped(option)[0] is not Quantity)
        return ", or ".join(self._option(option, address) for option in numbers_first)

    def _option(self, option: Any, address: str) -> str:
        """One of several things that may stand in the same place, told apart by a field that it must have."""
        bare, _ = unwrapped(option)
        if bare is Quantity or not (isinstance(bare, type) and issubclass(bare, BaseModel)):
            return self.words(option, (), address)
        needed = [name for name, field in bare.model_fields.items() if field.is_required()]
        heading = f"`{address}`, with `{needed[0]}`" if needed else f"`{address}`"
        return self.describe(bare, heading, lambda: self.rows(bare, address))

    def _kinds(self, key: str, tags: Mapping[str, type[BaseModel]], address: str) -> str:
        """Models told apart by the value of `key`: what they share in one section, the rest in one for each."""
        kinds = list(dict.fromkeys(tags.values()))
        base = next(one for one in kinds[0].__mro__ if all(issubclass(kind, one) for kind in kinds))
        if not issubclass(base, BaseModel):
            raise TypeError(f"{address}: its kinds have nothing in common")
        names = {kind: [tag.removeprefix("~") for tag, one in tags.items() if one is kind] for kind in kinds}

        def rows_of(kind: type[BaseModel]) -> list[str]:
            inherited = (name for name in base.model_fields if owner(kind, name) is owner(base, name))
            return self.rows(kind, address, frozenset(inherited))

        def common() -> list[str]:
            links = [
                self.describe(
                    kind,
                    f"`{address}`, " + " or ".join(f"`{key}: {name}`" for name in names[kind]),
                    lambda kind=kind: rows_of(kind),  # type: ignore[misc]
                )
                for kind in kinds
            ]
            listed = ", ".join(f"[`{name}`]({target(links[kinds.index(k)])})" for k in kinds for name in names[k])
            return [
                f"| `{key}` | {listed} | required | Which kind; each has further fields. |",
                *self.rows(base, address),
            ]

        return self.describe(base, f"`{address}`", common)


def below(address: str, name: str) -> str:
    """The address of a field."""
    return f"{address}.{name}" if address else name


def _literal(annotation: Any, marks: Marks, address: str) -> str:
    options = [f"`{option}`" for option in get_args(annotation)]
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def unwrapped(annotation: Any) -> tuple[Any, list[Any]]:
    """An annotation's type, and whatever else it says."""
    if get_origin(annotation) is not Annotated:
        return annotation, []
    bare, *marks = get_args(annotation)
    flat = [part for mark in marks for part in (mark.metadata if isinstance(mark, FieldInfo) else [mark])]
    inner, more = unwrapped(bare)
    return inner, [*more, *flat]


def owner(model: type[BaseModel], name: str) -> type | None:
    """The class that declares a field."""
    return next((base for base in model.__mro__ if name in inspect.get_annotations(base)), None)


def quantity(marks: Marks) -> str:
    """A number that may be uncertain, within its limits."""
    within = next((mark.func for mark in marks if isinstance(getattr(mark, "func", None), Within)), Within())
    limits = "" if math.isinf(within.low) and math.isinf(within.high) else f", {within}"
    return f"{NUMBER}{limits}{', also by period' if within.by_period else ''}"


def plain(annotation: Any, marks: Marks) -> str:
    """A text, a date, a flag or a number within its limits."""
    words = {
        str: declared(marks, "name of {}", "text"),
        dt.date: "date",
        bool: "`true` or `false`",
        int: f"{whole(marks)}{limits_of(marks)}",
        float: f"number{limits_of(marks)}",
        Any: "value",
    }
    if annotation not in words:
        raise TypeError(f"the reference has no words for {annotation}")
    return words[annotation]


def declared(marks: Marks, text: str, otherwise: str) -> str:
    """What a name must be the name of, if the file declares it elsewhere."""
    checks = [getattr(mark, "func", None) for mark in marks]
    return next((text.format(kind) for check, kind in DECLARED.items() if check in checks), otherwise)


def whole(marks: Marks) -> str:
    """A whole number, of months or of anything."""
    if not any(getattr(mark, "le", None) == LONGEST_MONTHS for mark in marks):
        return "whole number"
    periods = any(getattr(mark, "func", None) is WHOLE_PERIODS for mark in marks)
    return f"months, {'whole periods' if periods else 'a whole number'}"


def limits_of(marks: Marks) -> str:
    """The limits of a number, but for those that only catch slips of the keyboard."""
    found: dict[str, float] = {}
    for mark in marks:
        for name, tighter in (("ge", max), ("gt", max), ("le", min), ("lt", min)):
            limit = getattr(mark, name, None)
            if limit is not None and abs(limit) != LARGEST and limit != LONGEST_MONTHS:
                found[name] = tighter(limit, found.get(name, limit))
    if set(found) == {"ge", "le"}:
        return f", {found['ge']:,} to {found['le']:,}"
    words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
    return "".join(f", {words[name]} {limit:,}" for name, limit in found.items())


def keys(annotation: Any) -> str:
    """What the keys of a mapping are."""
    _, marks = unwrapped(annotation)
    pattern = next((mark.pattern for mark in marks if getattr(mark, "pattern", None)), None)
    if pattern == r"^(0|[1-9][0-9]*)$":
        return " by number of a period (in quotes)"
    return declared(marks, " by name of {}", " by name" if pattern else "")


def row(name: str, what: str, default: str, text: str | None) -> str:
    """A line of a table."""
    cells = (f"`{name}`", what, default, prose(text))
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def default_of(field: FieldInfo) -> str:
    """What holds if a field is left out; empty if nothing does."""
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=True, validated_data={})
    if isinstance(value, Quantity):
        return f"{value.central_values()[0]:g}"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:,g}" if isinstance(value, int | float) else ""


def prose(text: str | None) -> str:
    """A docstring in one line."""
    return " ".join(inspect.cleandoc(text or "").split())


def anchor(heading: str) -> str:
    """What a heading is linked by."""
    return re.sub(r"[^a-z0-9 _-]", "", heading.lower()).replace(" ", "-")


def link(heading: str) -> str:
    """A link to a heading."""
    return f"[{heading}](#{anchor(heading)})"


def target(of: str) -> str:
    """Where a link leads."""
    return of.rsplit("(", 1)[1].removesuffix(")")


def reference() -> str:
    """The page."""
    book = Book()
    book.section("Numbers", NUMBERS, lambda: book.rows(Quantity, ""))
    shared = frozenset(Endless.model_fields)

    def distributions() -> list[str]:
        own = [line for one in DISTRIBUTIONS.values() for line in book.rows(one, "", shared)]
        return [*own, *book.rows(Endless, "")]

    book.section("Distributions", DISTRIBUTED, distributions)
    book.section("The whole file", SCENARIO, lambda: book.rows(Scenario, ""))
    book.aside = ", in a contract alone"
    book.section("A contract alone", CONTRACT, lambda: book.rows(ContractSheet, ""))
    book.aside = ", in a file of evidence"
    book.section("A file of evidence", EVIDENCE, lambda: book.rows(EvidenceSheet, ""))
    return "\n\n".join([OPENING.strip(), *book.sections]) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(reference(), encoding="utf-8")
