"""Random-effects meta-analysis of a body of evidence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.studies.terms import Body, Study

METHODS = {"paule_mandel": "iterated", "dersimonian_laird": "chi2"}
"""Names of the methods in statsmodels."""


@dataclass(frozen=True)
class Row:
    """One study as it enters the pool: after the cut for its grade, with its weight and what the pool is without it."""

    name: str
    study: Study
    cut: float
    estimate: float
    low: float
    high: float
    weight: float
    without: float | None


@dataclass(frozen=True)
class Pooled:
    """Studies brought together. On the scale of the estimates, except `centre`, `error`, `between` and `sd`.

    Those four are on the scale that is averaged (logarithms where the body says so): the pooled mean, its standard
    error, the standard deviation of the truth between places (τ), and the standard deviation of what the body is
    wanted for: √(error² + τ²) for another place, error for the average. `q` is Cochran's Q with `studies − 1`
    degrees of freedom, `disagreement` I² = max(0, (Q − df)/Q).
    """

    body: Body
    rows: tuple[Row, ...]
    centre: float
    error: float
    between: float
    sd: float
    cut: float
    q: float
    disagreement: float

    @property
    def estimate(self) -> float:
        """The pooled estimate: the mean, or on the log scale the median."""
        return self._back(self.centre)

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of the mean over places."""
        return self._back(self.centre - 1.959964 * self.error), self._back(self.centre + 1.959964 * self.error)

    @property
    def elsewhere(self) -> tuple[float, float]:
        """95 % interval of the truth in another place."""
        sd = math.hypot(self.error, self.between)
        return self._back(self.centre - 1.959964 * sd), self._back(self.centre + 1.959964 * sd)

    def _back(self, x: float) -> float:
        return math.exp(x) if self.body.scale == "log" else x

    @property
    def distribution(self) -> dict[str, list[float]]:
        """The number as a scenario writes it."""
        return (
            {"lognormal": [self.estimate, self.sd]} if self.body.scale == "log" else {"normal": [self.centre, self.sd]}
        )


def pool(body: Body, benefit_cut: Sequence[float]) -> Pooled:
    """A body of evidence pooled; `benefit_cut` is the share by which each grade from 1 is cut, if the body asks for it.

    Each standard error is the given one, or (high − low)/2z. A single study is its own pool: nothing then is known
    about how places differ. Source: DerSimonian and Laird 1986; Paule and Mandel 1982; as in statsmodels.
    """
    names = list(body.studies)
    studies = list(body.studies.values())
    each = body.discount_by_grade == "each_study"
    cuts = [benefit_cut[study.grade - 1] if each else 0.0 for study in studies]
    logs = body.scale == "log"
    centres = np.array([_scaled(s.estimate * (1 - c), logs) for s, c in zip(studies, cuts, strict=True)])
    errors = np.array([_error(s, logs) * (1.0 if logs else 1 - c) for s, c in zip(studies, cuts, strict=True)])
    after = benefit_cut[body.worst_grade - 1] if body.discount_by_grade == "worst" else 0.0
    found = _combined(centres, errors, body.method)
    factor = 1.0 if logs else 1 - after

    def final(x: float, cut: float) -> float:
        return x + math.log1p(-cut) if logs else x * (1 - cut)

    rows = []
    for i, (name, study) in enumerate(zip(names, studies, strict=True)):
        rest = np.arange(len(names)) != i
        without = None
        if rest.any():
            others = max(s.grade for s in studies if s is not study)
            cut = benefit_cut[others - 1] if body.discount_by_grade == "worst" else 0.0
            without = final(_combined(centres[rest], errors[rest], body.method).centre, cut)
        half = study.reach * errors[i]
        ends = (centres[i], centres[i] - half, centres[i] + half)
        shown = [math.exp(x) if logs else float(x) for x in ends]
        back = None if without is None else math.exp(without) if logs else without
        rows.append(Row(name, study, cuts[i], shown[0], shown[1], shown[2], float(found.weights[i]), back))
    error, between = found.error * factor, found.between * factor
    sd = math.hypot(error, between) if body.applies_to == "another_place" else error
    return Pooled(body, tuple(rows), final(found.centre, after), error, between, sd, after, found.q, found.disagreement)


@dataclass(frozen=True)
class _Found:
    centre: float
    error: float
    between: float
    weights: FloatArray
    q: float
    disagreement: float


def _combined(centres: FloatArray, errors: FloatArray, method: str) -> _Found:
    if len(centres) == 1:
        return _Found(float(centres[0]), float(errors[0]), 0.0, np.ones(1), 0.0, 0.0)
    from statsmodels.stats.meta_analysis import combine_effects

    with np.errstate(divide="ignore", invalid="ignore"):  # studies that agree exactly have Q = 0
        fit = combine_effects(centres, errors**2, method_re=METHODS.get(method, "chi2"))
    q = float(fit.q)
    disagreement = max(0.0, (q - (len(centres) - 1)) / q) if q > 0 else 0.0
    if method == "fixed":
        weights = np.asarray(fit.weights_rel_fe)
        return _Found(float(fit.mean_effect_fe), float(fit.sd_eff_w_fe), 0.0, weights, q, disagreement)
    between = math.sqrt(max(float(fit.tau2), 0.0))
    weights = 1.0 / (errors**2 + between**2)
    share = weights / weights.sum()
    return _Found(float(share @ centres), float(weights.sum() ** -0.5), between, share, q, disagreement)


def _scaled(value: float, logs: bool) -> float:
    return math.log(value) if logs else value


def _error(study: Study, logs: bool) -> float:
    """Standard error on the scale that is averaged."""
    if study.interval is not None:
        low, high = (_scaled(end, logs) for end in study.interval)
        return (high - low) / (2 * study.reach)
    error = study.standard_error or 0.0
    return error / study.estimate if logs else error
