"""What a scenario may say about studies."""

from __future__ import annotations

from statistics import NormalDist
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from sibmodel.core.schema import ASKED, Model, Name, Number, SourceName, Whole, Wrong, all_wrong, wrong


def _ends(interval: tuple[float, float] | None) -> tuple[float, float] | None:
    if interval is not None and interval[0] >= interval[1]:
        what = f"[{interval[0]:.12g}, {interval[1]:.12g}] is not an interval"
        raise wrong(what, "write [low, high] with low below high")
    return interval


class Study(Model):
    """One study: what it found, how sure it is, and how good it is."""

    title: str | None = None
    """The study in words."""
    estimate: Number
    """What it found, in the unit of the body of evidence."""
    confidence: Annotated[Number, Field(ge=0.5, le=0.999)] = 0.95
    """How sure the interval is."""
    standard_error: Annotated[Number, Field(gt=0)] | None = None
    """The standard error of the estimate; instead of an interval."""
    interval: Annotated[Annotated[tuple[Number, Number] | None, AfterValidator(_ends)], ASKED] = None
    """`[low, high]` that holds the truth with the stated confidence."""
    spread: Literal["published", "assumption"] = "published"
    """Whether the interval or standard error was published, or is somebody's assumption."""
    size: Annotated[Whole, Field(ge=1)] | None = None
    """People in the study."""
    design: str | None = None
    """How it found out: randomised trial, matched comparison, before and after."""
    place: str | None = None
    """Where."""
    year: Annotated[Whole, Field(ge=1800, le=2200)] | None = None
    """When it was published, or the year that it looks at."""
    source: SourceName
    """Where it was read."""
    grade: Annotated[Whole, Field(ge=1, le=6)]
    """How good the evidence is: 1 (audited, or a randomised trial) to 6 (uncorroborated judgement)."""
    note: str | None = None
    """Anything else about it."""

    @field_validator("interval")
    @classmethod
    def _one_measure_of_doubt(
        cls, interval: tuple[float, float] | None, info: ValidationInfo
    ) -> tuple[float, float] | None:
        error, estimate = info.data.get("standard_error", "wrong"), info.data.get("estimate")
        if interval is None and error is None:
            right = (
                "give 'interval: [low, high]' or 'standard_error', marked 'spread: assumption' if nobody published it"
            )
            raise wrong("the study has neither an interval nor a standard error", right)
        if interval is not None and isinstance(error, float):
            raise wrong("both interval and standard_error are given", "give one of them")
        if interval is not None and estimate is not None and not interval[0] < estimate < interval[1]:
            what = f"the estimate {estimate:.12g} lies outside its interval [{interval[0]:.12g}, {interval[1]:.12g}]"
            raise wrong(what, "the interval must hold the estimate")
        return interval

    @property
    def ends(self) -> tuple[float, float]:
        """Its interval; estimate ± z times the standard error where that is what it gives."""
        if self.interval is not None:
            return self.interval
        half = self.reach * (self.standard_error or 0.0)
        return self.estimate - half, self.estimate + half

    @property
    def reach(self) -> float:
        """Standard errors from the estimate to either end of the interval."""
        return NormalDist().inv_cdf((1 + self.confidence) / 2)


class Body(Model):
    """A body of evidence: studies of the same number, and how they are brought together."""

    title: str
    """What the studies are about."""
    unit: str | None = None
    """The unit of their estimates."""
    scale: Literal["linear", "log"] = "linear"
    """Whether estimates are averaged as they are, or their logarithms (amounts above 0)."""
    method: Literal["paule_mandel", "dersimonian_laird", "fixed"] = "paule_mandel"
    """How the disagreement between studies is estimated; `fixed` assumes that there is none."""
    applies_to: Literal["another_place", "average"] = "another_place"
    """Whether the number is wanted for one more place, which may differ as the studies do, or for their average."""
    discount_by_grade: Literal["none", "each_study", "worst"] = "none"
    """Whether estimates are cut for weak evidence: not, each by its own grade, or the pooled one by the worst grade."""
    studies: Annotated[dict[Name, Study], Field(min_length=1)]
    """The studies by name."""
    note: str | None = None
    """Anything else about it."""

    @field_validator("studies")
    @classmethod
    def _above_nought(cls, studies: dict[str, Study], info: ValidationInfo) -> dict[str, Study]:
        if info.data.get("scale") != "log":
            return studies
        low = [name for name, study in studies.items() if min(study.ends[0], study.estimate) <= 0]
        if low:
            right = "use scale: linear, or leave the study out"
            raise all_wrong([Wrong("the interval reaches 0 or below, and has no logarithm", right, (n,)) for n in low])
        return studies

    @property
    def worst_grade(self) -> int:
        """The weakest grade of its studies."""
        return max(study.grade for study in self.studies.values())
