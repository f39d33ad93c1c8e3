"""What `information` finds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sibmodel.questions.information.decision import Decision
from sibmodel.questions.information.evaluation import Evaluation
from sibmodel.questions.information.knowing import Kind, Knowing
from sibmodel.questions.information.pilot import Counted, Pilot
from sibmodel.running.record import Record
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Information:
    """What it is worth to know more before signing, and to measure better afterwards. Prints itself.

    `decision` is today's, on the measure asked for; `readings` the same for other measures of net benefit, in the same
    trials. `knowing` holds every input and every group of them, `pilots` those that show all outcomes at once first,
    `counted` how a pilot's people are counted in outcomes that people achieve. `cost_per_person` is what a person in a
    pilot costs and `cost_is_given` whether somebody said so; `unmeasurable` are uncertain outcomes of which no pilot
    can be simulated.
    """

    scenario: Scenario
    record: Record
    decision: Decision
    readings: Mapping[str, Decision]
    knowing: tuple[Knowing, ...]
    pilots: tuple[Pilot, ...]
    counted: Mapping[str, Counted]
    unmeasurable: tuple[str, ...]
    cost_per_person: float
    cost_is_given: bool
    evaluation: Evaluation

    def of(self, kind: Kind) -> tuple[Knowing, ...]:
        """Inputs, risks or sources, or all inputs together, those worth most first."""
        return tuple(sorted((one for one in self.knowing if one.what.kind == kind), key=lambda one: -one.worth.value))

    @property
    def useful_pilots(self) -> tuple[Pilot, ...]:
        """Those worth anything beyond noise, the one to tell of first.

        Where a single outcome is worth knowing, a pilot of it alone tells as much as one that shows all at once.
        """
        useful = tuple(one for one in self.pilots if not one.certain.is_noise)
        alone = tuple(one for one in useful if len(one.outcomes) == 1)
        return alone if len(alone) == 1 else useful

    def to_frame(self) -> pd.DataFrame:
        """What knowing is worth, a row an input, risk, source, or all inputs."""
        import pandas as pd

        kinds: tuple[Kind, ...] = ("all", "risk", "source", "input")
        rows = [
            {"kind": kind, "name": one.what.name, "value": one.worth.value, "se": one.worth.se}
            for kind in kinds
            for one in self.of(kind)
        ]
        return pd.DataFrame(rows, columns=["kind", "name", "value", "se"]).set_index(["kind", "name"])

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel information --json`."""
        return {
            "scenario": self.scenario.title,
            "record": self.record.as_dict(),
            **self.decision.as_dict(),
            "other_measures": {name: one.as_dict() for name, one in self.readings.items()},
            "all_inputs": next((one.as_dict() for one in self.of("all")), None),
            "by_input": [one.as_dict() for one in self.of("input")],
            "by_risk": [one.as_dict() for one in self.of("risk")],
            "by_source": [one.as_dict() for one in self.of("source")],
            "pilot_cost_per_person": {"value": self.cost_per_person, "unit": "£", "given": self.cost_is_given},
            "pilots": [one.as_dict() for one in self.pilots],
            "pilot_counts": {name: asdict(one) for name, one in self.counted.items()},
            "no_pilot_of": list(self.unmeasurable),
            "evaluation": self.evaluation.as_dict(),
        }

    def __str__(self) -> str:
        from sibmodel.report.information_story import information_story
        from sibmodel.report.terminal import as_text

        return as_text(information_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.information_story import information_story
        from sibmodel.report.terminal import as_html

        return as_html(information_story(self))
