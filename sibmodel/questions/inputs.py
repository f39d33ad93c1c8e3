"""The uncertain numbers of a bond, what a run drew for them, and numbers by their addresses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sibmodel.core.distribution import Distribution
from sibmodel.core.quantity import Quantity
from sibmodel.core.timeline import FloatArray
from sibmodel.questions.given import Known
from sibmodel.questions.risks import Risk, risk_of
from sibmodel.running.execution import Run
from sibmodel.sampling.distributions import inside, values
from sibmodel.scenario.schema import Scenario

_HALVINGS = 53


@dataclass(frozen=True)
class Input:
    """One uncertain number: where it is drawn, and the quantity of which it is an item."""

    address: str
    quantity: Quantity
    index: int
    item: Distribution

    @property
    def base(self) -> float:
        """Its value in the base case."""
        return self.quantity.central_values()[self.index]

    @property
    def unit(self) -> str:
        """Its unit in words, empty if the file says none."""
        return self.quantity.unit or ""

    @property
    def risk(self) -> Risk:
        """The risk to which it belongs."""
        return risk_of(self.quantity.address)

    @property
    def limits(self) -> tuple[float, float]:
        """The least and the most that its field allows."""
        return self.quantity.limits

    def at(self, uniform: FloatArray) -> FloatArray:
        """Its values below which shares of the futures lie, as a run draws them."""
        return np.clip(values(self.item, uniform), *self.limits)

    def ends(self) -> tuple[float, float]:
        """The least and the most that it can be; without an end, but for one value in a thousand on that side."""
        low, high = np.clip(self.item.extremes, *self.limits)
        return float(low), float(high)

    def chance_beyond(self, value: float) -> float:
        """The chance, by its own distribution, that it lies on the far side of a value, seen from the base case."""
        above = value > self.base
        low, high = 0.0, 1.0
        for _ in range(_HALVINGS):
            middle = (low + high) / 2.0
            here = float(self.at(inside(np.array([middle])))[0])
            low, high = (middle, high) if here < value or (above and here == value) else (low, middle)
        return 1.0 - high if above else low


def inputs_of(scenario: Scenario) -> dict[str, Input]:
    """Every uncertain number of the bond by the address at which it is drawn; evidence that is used twice is one."""
    return {
        address: Input(address, quantity, index, item)
        for quantity in scenario.quantities_of_the_bond()
        for index, (address, item) in enumerate(quantity.items())
        if not isinstance(item, float)
    }


def drawn_for(run: Run, addresses: Iterable[str]) -> dict[str, Known]:
    """What a run drew for uncertain numbers, and the uniform numbers behind it, each (trials,)."""
    blocks = [(some.inputs, some.probabilities) for some in map(run.sampler.block, range(run.blocks))]
    return {
        address: Known(*(np.concatenate([some[address] for some in both]) for both in zip(*blocks, strict=True)))
        for address in addresses
    }


def quantity_at(scenario: Scenario, address: str) -> Quantity | None:
    """The quantity that a file says at an address, or of whose list it is an item; None for a field that is none."""
    return next((one for one in scenario.quantities() if address == one.address or address in _items(one)), None)


def central_at(scenario: Scenario, address: str) -> float | None:
    """The central value of the one number at an address; None for a list by period and for what is no quantity."""
    quantity = quantity_at(scenario, address)
    if quantity is None:
        return None
    values = quantity.central_values()
    if address == quantity.address:
        return values[0] if len(values) == 1 else None
    return values[_items(quantity).index(address)]


def _items(quantity: Quantity) -> list[str]:
    """Addresses at which its numbers can be set one by one: that of evidence is none."""
    return [] if quantity.evidence is not None else [address for address, _ in quantity.items()]
