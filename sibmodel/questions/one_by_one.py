"""Numbers moved one by one from the base case, all in one working of the model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibmodel.core.trials import Trials
from sibmodel.scenario.schema import Scenario

LOW, HIGH = 0.1, 0.9
"""Shares of futures below the two values that a number is moved to."""


def one_by_one(scenario: Scenario, rows: Sequence[Mapping[str, float]]) -> Trials:
    """A trial for each row: the numbers that it names at these values, all others as in the base case; no luck."""
    central = {
        address: value
        for quantity in scenario.quantities()
        for (address, _), value in zip(quantity.items(), quantity.central_values(), strict=True)
    }
    inputs = {address: np.full(len(rows), central[address]) for row in rows for address in row}
    for place, row in enumerate(rows):
        for address, value in row.items():
            inputs[address][place] = value
    return Trials(len(rows), scenario.timeline.periods + 1, inputs)
