"""The sampler of a scenario's trials."""

from __future__ import annotations

from sibmodel.sampling.sampler import Sampler
from sibmodel.scenario.dependence import dependence_of
from sibmodel.scenario.schema import Scenario


def sampler_of(scenario: Scenario, count: int, seed: int) -> Sampler:
    """What makes any block of a run of `count` trials: its uncertain numbers, luck, and which of them move together."""
    return Sampler(
        quantities=tuple(q for q in scenario.quantities() if q.is_uncertain),
        noisy={f"outcomes.{name}": last + 1 for name, last in scenario.last_reports().items()},
        periods=scenario.timeline.periods + 1,
        seed=seed,
        count=count,
        sampling=scenario.simulation.sampling,
        together=dependence_of(scenario),
        lucky=(*scenario.luck_with_people(), *scenario.luck_with_borrowers()),
    )
