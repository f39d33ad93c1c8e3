"""What a measure is: one value for each trial, with its unit and what it means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray

Unit = Literal["£", "rate", "ratio", "probability", "years", "period", "£ per £", "outcome unit", "people"]


@dataclass(frozen=True)
class Values:
    """A measure in every trial, shape (trials,); not a number where it is undefined.

    `status` indexes `measures.irr.STATUSES` where a rate of return needs saying how it was found.
    """

    values: FloatArray
    unit: Unit
    label: str
    status: npt.NDArray[np.int8] | None = None


def pounds(values: FloatArray, label: str) -> Values:
    """A measure in pounds."""
    return Values(values, "£", label)
