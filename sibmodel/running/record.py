"""What a result rests on: enough to make it again."""

from __future__ import annotations

import hashlib
import json
import platform
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from typing import Any

from sibmodel.core.distribution import Empirical
from sibmodel.scenario.schema import Scenario

_LIBRARIES = ("numpy", "pydantic", "scipy")


_SAMPLING = {
    "pseudo_random": "pseudo-random (Philox), blocks of 4,096",
    "latin_hypercube": "Latin hypercube (Philox), 16 replicates",
    "sobol": "scrambled Sobol, 16 replicates",
}


@dataclass(frozen=True)
class Record:
    """Evidence of a run: with the file, the overrides, the seed and the versions it can be made again to the bit.

    `hash` is SHA-256 of the scenario's content after overrides, and of observed numbers that it reads from files,
    whatever its layout and comments. `reference` are the editions of the tables that it uses, `doubts` what is
    unverified or out of date about them, understates risk, or was repaired. `luck_with_people` says whether who
    achieves an outcome was drawn; what was not is in words in the report.
    """

    file: str
    hash: str
    overrides: dict[str, Any]
    seed: int
    trials: int
    sampling: str
    luck_with_people: bool
    versions: dict[str, str]
    reference: dict[str, str]
    doubts: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def _observed(scenario: Scenario) -> dict[str, list[float]]:
    """Numbers that were observed, by address: the file that names them may stay the same while they change."""
    items = ((address, item) for quantity in scenario.quantities() for address, item in quantity.items())
    return {address: list(item.empirical) for address, item in items if isinstance(item, Empirical)}


@cache
def _versions() -> dict[str, str]:
    found = {name: metadata.version(name) for name in ("sibmodel", *_LIBRARIES)}
    return found | {"python": platform.python_version(), "platform": sys.platform}


def record(scenario: Scenario, trials: int, seed: int) -> Record:
    """The evidence for a run of `scenario`."""
    content = json.dumps(scenario.document.data, sort_keys=True, default=str, ensure_ascii=False)
    content += json.dumps(observed) if (observed := _observed(scenario)) else ""
    return Record(
        file=scenario.document.file,
        hash=hashlib.sha256(content.encode()).hexdigest(),
        overrides=dict(scenario.document.overrides),
        seed=seed,
        trials=trials,
        sampling=_SAMPLING[scenario.simulation.sampling],
        luck_with_people=bool(scenario.luck_with_people()),
        versions=dict(_versions()),
        reference={name: f"{table.title}: {table.edition}" for name, table in scenario.tables_used.items()},
        doubts=scenario.doubts(),
    )
