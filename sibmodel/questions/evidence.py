"""What the studies of a scenario say, one body of evidence after the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sibmodel.errors import SibmodelError
from sibmodel.reference.tables import OptimismBias, own_table
from sibmodel.scenario.schema import EvidenceSheet, Scenario
from sibmodel.studies.pooling import Pooled, pool


@dataclass(frozen=True)
class Evidence:
    """Bodies of evidence by name, pooled. Prints itself as forest plots in a terminal and in a notebook."""

    title: str
    bodies: Mapping[str, Pooled]
    doubts: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "title": self.title,
            "doubts": list(self.doubts),
            "evidence": {n: _plain(p) for n, p in self.bodies.items()},
        }

    def __str__(self) -> str:
        from sibmodel.report.evidence_story import evidence_story
        from sibmodel.report.terminal import as_text

        return as_text(evidence_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.evidence_story import evidence_story
        from sibmodel.report.terminal import as_html

        return as_html(evidence_story(self))


def evidence(sheet: EvidenceSheet | Scenario) -> Evidence:
    """Pool every body of evidence of a scenario or a file of evidence; raises SibmodelError if there is none."""
    if not sheet.evidence:
        raise SibmodelError("the scenario has no evidence; describe studies in its section 'evidence'")
    bias = sheet.reference.optimism_bias or own_table("optimism_bias")
    assert isinstance(bias, OptimismBias)  # noqa: S101 - by its name
    cuts = any(body.discount_by_grade != "none" for body in sheet.evidence.values())
    doubts = tuple(bias.doubts(dt.date.today())) if cuts else ()
    return Evidence(sheet.title, {name: pool(body, bias.benefit_cut) for name, body in sheet.evidence.items()}, doubts)


def _plain(found: Pooled) -> dict[str, Any]:
    return {
        "title": found.body.title,
        "unit": found.body.unit,
        "estimate": found.estimate,
        "interval": list(found.interval),
        "in_another_place": list(found.elsewhere),
        "between_places_sd": found.between,
        "q": found.q,
        "disagreement": found.disagreement,
        "used_as": found.distribution,
        "studies": {
            row.name: {
                "estimate": row.estimate, "interval": [row.low, row.high], "weight": row.weight, "without": row.without,
                "grade": row.study.grade, "cut": row.cut, "spread": row.study.spread, "source": row.study.source,
            }
            for row in found.rows
        },
    }  # fmt: skip
