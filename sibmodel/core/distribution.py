"""Distributions that an uncertain number may have: what a scenario writes, its mean and its reach."""

from __future__ import annotations

from typing import Any

from sibmodel.core.bounded import Beta, Bounded, Choice, Empirical, Pert, Triangular, Uniform
from sibmodel.core.endless import Between, Endless, Gamma, Lognormal, Normal, Quartiles
from sibmodel.core.spoken import PARAMETERS, Spoken

Distribution = (
    Triangular | Pert | Uniform | Normal | Lognormal | Between | Beta | Gamma | Choice | Empirical | Quartiles
)
DISTRIBUTIONS: dict[str, type[Distribution]] = {
    kind.kind(): kind
    for kind in (
        Triangular, Pert, Uniform, Normal, Lognormal, Between, Beta, Gamma, Choice, Empirical, Quartiles
    )
}  # fmt: skip


def is_distribution(raw: Any) -> bool:
    """Whether a mapping of the file is a distribution, and does not only hold something that is called like one."""
    return isinstance(raw, dict) and any(
        key in DISTRIBUTIONS and DISTRIBUTIONS[key].may_be(below) for key, below in raw.items()
    )


__all__ = [
    "DISTRIBUTIONS", "PARAMETERS", "Beta", "Between", "Bounded", "Choice", "Distribution", "Empirical", "Endless",
    "Gamma", "Lognormal", "Normal", "Pert", "Quartiles", "Spoken", "Triangular", "Uniform", "is_distribution",
]  # fmt: skip
