"""The simulated futures that a run looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from sibmodel.core.memo import Memo
from sibmodel.core.timeline import FloatArray


@dataclass(frozen=True)
class Trials:
    """Values of the uncertain numbers, the standard normals of noise and the uniforms of luck, for `count` trials.

    `inputs` maps the address of an uncertain number to its values, shape (count,); a number without an entry
    takes its central value, so `Trials.base` is the base case. `normals` maps the address of an outcome, or of a
    quantity's random walk, to standard normals, shape (periods, count), period 0 first; those of an outcome may end
    with its last report, and without an entry there is no noise and no walk. `uniforms` maps `luck_of` an outcome and
    a group to standard uniforms, shape (periods, count); without an entry, and in cells that are not a number, there
    is no luck with people. `probabilities` are the uniform numbers behind `inputs`, for questions that move them.
    `first` is the number of the first of these trials in the run.
    """

    count: int
    periods: int
    inputs: Mapping[str, FloatArray] = field(default_factory=dict)
    normals: Mapping[str, FloatArray] = field(default_factory=dict)
    uniforms: Mapping[str, FloatArray] = field(default_factory=dict)
    probabilities: Mapping[str, FloatArray] = field(default_factory=dict)
    first: int = 0
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)

    @classmethod
    def base(cls, periods: int) -> Trials:
        """The base case as a single trial; `periods` counts period 0."""
        return cls(count=1, periods=periods)

    def part(self, first: int, last: int) -> Trials:
        """The trials from `first` up to `last`, which is not one of them."""
        return Trials(
            count=last - first,
            periods=self.periods,
            inputs={address: values[first:last] for address, values in self.inputs.items()},
            normals={address: values[:, first:last] for address, values in self.normals.items()},
            uniforms={address: values[:, first:last] for address, values in self.uniforms.items()},
            probabilities={address: values[first:last] for address, values in self.probabilities.items()},
            first=self.first + first,
        )

    def noise(self, address: str) -> FloatArray:
        """Standard normals of one outcome, up to its last report at least, or zeros of shape (1, 1)."""
        return self.normals.get(address, np.zeros((1, 1)))

    @property
    def is_base(self) -> bool:
        """Whether every number is at its central value and every luck at zero."""
        return not (self.inputs or self.normals or self.uniforms)


def luck_of(outcome: str, group: str) -> str:
    """Address of the luck of one group's people with an outcome: a cell for each period in which it comes."""
    return f"luck:outcomes.{outcome}.{group}"
