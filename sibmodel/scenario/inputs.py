"""The numbers of a scenario with their places and sources."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from sibmodel.core.quantity import Item, Quantity
from sibmodel.errors import ScenarioError
from sibmodel.scenario.marks import Path_
from sibmodel.scenario.schema import ContractSheet, Scenario


@dataclass(frozen=True)
class Input:
    """One number as text: where it is, what it is, and what vouches for it. `place` is FILE:LINE."""

    address: str
    value: str
    base: str
    unit: str = ""
    source: str = ""
    grade: str = ""
    note: str = ""
    place: str = ""


def all_inputs(scenario: Scenario | ContractSheet) -> Iterator[Input]:
    """Every quantity in the order of the schema, then the plain numbers of the file."""
    addresses = []
    for quantity in scenario.quantities():
        addresses.append(quantity.address)
        yield _input(quantity, scenario)
    inside = tuple(f"{address}." for address in addresses)
    for address, number in scenario.document.numbers():
        if address not in addresses and not address.startswith(inside):
            yield Input(address, f"{number:.10g}", f"{number:.10g}", place=_place(address, scenario, nearest=True))


class Inputs:
    """The inputs of a scenario, looked up once."""

    def __init__(self, scenario: Scenario | ContractSheet) -> None:
        self._scenario = scenario
        self._all = tuple(all_inputs(scenario))

    def under(self, prefix: str, but: tuple[str, ...] = ()) -> tuple[Input, ...]:
        """What the file says at an address and below, but not below some keys; defaults are not listed."""
        left_out = tuple(f"{prefix}.{key}" for key in but)
        found = (
            one
            for one in self._all
            if f"{one.address}.".startswith(f"{prefix}.") and one.place and not _below(one.address, left_out)
        )
        return tuple(dict.fromkeys(_as_listed(one, self._scenario) for one in found))


def _as_listed(one: Input, scenario: Scenario | ContractSheet) -> Input:
    """A plain number of a list, such as a point of a scale, as the whole list."""
    parts = one.address.split(".")
    index = next((i for i, part in enumerate(parts) if part.isdigit()), None)
    if index is None or one.unit or one.source:
        return one
    node = scenario.document.data
    for part in parts[:index]:
        node = node[part]
    text = str(node).replace("'", "")
    address = ".".join(parts[:index])
    return Input(address, text, text, place=_place(address, scenario, nearest=True))


def _below(address: str, others: tuple[str, ...]) -> bool:
    return any(f"{address}.".startswith(f"{other}.") for other in others)


def _input(quantity: Quantity, scenario: Scenario | ContractSheet) -> Input:
    return Input(
        quantity.address,
        _listed([_written(item) for item in quantity.value]) + _besides(quantity),
        _listed([f"{central:.10g}" for central in quantity.central_values()]),
        quantity.unit or "",
        quantity.source or "",
        "" if quantity.grade is None else str(quantity.grade),
        " ".join((quantity.note or "").split()),
        _place(quantity.address, scenario, nearest=quantity.source is not None),  # it may come from a table
    )


def _place(address: str, scenario: Scenario | ContractSheet, nearest: bool = False) -> str:
    """FILE:LINE of what stands at an address (or around it), nothing if no file says it."""
    document = scenario.document
    path: Path_ = ()
    for part in address.split("."):
        step: str | int = int(part) if part.isdigit() and (*path, int(part)) in document.marks else part
        path = (*path, step)
    if path not in document.marks and not nearest:
        return ""
    file, line, _ = document.place(path)
    return f"{file}:{line}"


def _besides(quantity: Quantity) -> str:
    """What else is said of the number than its value, as far as it matters to results."""
    starts = "" if quantity.from_period is None else f", from_period {_listed([str(t) for t in quantity.from_period])}"
    central = "" if quantity.central is None else f", central {quantity.central:.10g}"
    walk = "" if quantity.random_walk is None else f", random_walk {quantity.random_walk:.10g}"
    return starts + central + walk


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"


def _written(item: Item) -> str:
    if isinstance(item, float):
        return f"{item:.10g}"
    return str(item).replace(":", "", 1)


_OF_MONEY = ("programme", "outcomes", "contract", "savings", "capital", "prices")


def blamed(scenario: Scenario, what: str) -> ScenarioError:
    """An error about the size of amounts, at the number of the file that is furthest from 1."""
    sizes = {address: abs(number) for address, number in scenario.document.numbers()}
    for quantity in scenario.quantities():
        for address, item in quantity.items():
            sizes[address] = item if isinstance(item, float) else max(map(abs, item.extremes))
    found = {address: size for address, size in sizes.items() if size and address.partition(".")[0] in _OF_MONEY}
    address = max(found, key=lambda address: abs(math.log10(abs(found[address]))))
    path = tuple(int(part) if part.isdigit() else part for part in address.split("."))
    right = f"of all its numbers this one, about {found[address]:.3g}, is furthest from 1: is it right?"
    return ScenarioError([scenario.document.problem(path, what, right)])
