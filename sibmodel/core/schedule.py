"""Functions of one variable, written as data in a scenario."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import AfterValidator, Field

from sibmodel.core.schema import Number, wrong
from sibmodel.core.timeline import FloatArray

Point = tuple[Number, Annotated[Number, Field(ge=0)]]


def _rising(points: tuple[Point, ...]) -> tuple[Point, ...]:
    for index, (before, after) in enumerate(pairwise(points)):
        if after[0] <= before[0]:
            raise wrong(
                f"x is {after[0]:.12g}, but {before[0]:.12g} in the point before",
                "x must rise from point to point",
                index + 1,
                0,
            )
    return points


Points = Annotated[tuple[Point, ...], Field(min_length=2), AfterValidator(_rising)]


def linear(points: tuple[Point, ...], x: FloatArray) -> FloatArray:
    """Straight lines between `points`, flat outside them; same shape as `x`."""
    return np.interp(x, [p[0] for p in points], [p[1] for p in points])
