"""Today's decision, to sign or not, and what deciding better in single futures would be worth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.running.statistics import error_of_mean, interval

Signs = npt.NDArray[np.bool_]
"""In which trials one signs, (trials,)."""


@dataclass(frozen=True)
class Worth:
    """Mean pounds a deal, with its standard error; one of 16 replicates, or of independent trials (1)."""

    value: float
    se: float
    replicates: int = 1

    @property
    def is_noise(self) -> bool:
        """Whether it is not told apart from nothing: its 95 % interval holds it."""
        low, high = interval(self.value, self.se, self.replicates)
        return low <= 0.0 <= high

    def as_dict(self) -> dict[str, float | str | bool]:
        """Plain values for JSON."""
        return {"value": self.value, "se": self.se, "unit": "£", "within_noise": self.is_noise}


def mean_of(each: FloatArray, replicates: int) -> Worth:
    """The mean of what is worth so much in each trial, (trials,)."""
    return Worth(float(each.mean()), error_of_mean(each, replicates) or 0.0, replicates)


@dataclass(frozen=True)
class Decision:
    """To sign or not, by the mean of a net benefit: `signs` if it is above nought.

    `wrong` is the share of futures in which the other decision turns out better, `loss` what that costs in them on
    average (None if there are none), each with its standard error. `everything` is the value of perfect information:
    what deciding with all known beforehand, luck included, adds to the mean.
    """

    measure: str
    label: str
    mean: Worth
    wrong: float
    wrong_se: float
    loss: float | None
    loss_se: float | None
    everything: Worth

    @property
    def signs(self) -> bool:
        """Whether signing is the better decision as far as is known today."""
        return self.mean.value > 0.0

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON."""
        return {
            "measure": self.measure,
            "label": self.label,
            "decision": "sign" if self.signs else "do not",
            "mean": self.mean.as_dict(),
            "wrong": {"value": self.wrong, "se": self.wrong_se, "unit": "probability"},
            "loss_when_wrong": {"value": self.loss, "se": self.loss_se, "unit": "£"},
            "everything": self.everything.as_dict(),
        }


def decision(measure: str, label: str, benefit: FloatArray, replicates: int) -> Decision:
    """Today's decision on a net benefit, (trials,), without gaps."""
    mean = mean_of(benefit, replicates)
    # where nothing is gained and nothing lost either decision is as good
    wrong = (benefit < 0.0) if mean.value > 0.0 else (benefit > 0.0)
    lost = np.abs(benefit[wrong])
    everything = of_policy(benefit, benefit > 0.0, mean.value > 0.0, replicates)
    share = mean_of(wrong.astype(np.float64), replicates)
    loss = float(lost.mean()) if lost.size else None
    # of a ratio of means, by the delta method
    loss_se = None
    if loss is not None and lost.size > 1:
        spread = np.where(wrong, np.abs(benefit) - loss, 0.0) / share.value
        loss_se = error_of_mean(spread, replicates)
    return Decision(measure, label, mean, share.value, share.se, loss, loss_se, everything)


def of_policy(benefit: FloatArray, signs: Signs, today: bool, replicates: int) -> Worth:
    """What signing in some trials adds to today's decision in all of them, (trials,).

    E(NB where signed) − max(0, E NB), its standard error from each trial's own difference.
    """
    return mean_of(benefit * (signs.astype(np.float64) - float(today)), replicates)
