"""Scenarios in the same futures: what was changed, and what it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sibmodel.errors import SibmodelError
from sibmodel.running.differences import difference
from sibmodel.running.execution import Progress, asked_for
from sibmodel.running.results import Result
from sibmodel.running.simulation import simulate
from sibmodel.running.statistics import Summary
from sibmodel.scenario.inputs import all_inputs
from sibmodel.scenario.schema import Scenario

if TYPE_CHECKING:
    import pandas as pd

MOST = 20
_WORDS = ("title", "description", "sources", "simulation", "examples", "extends")
"""Sections of a file that say nothing about the bond."""
_OF_THE_RUN = "simulation."
"""How many futures, and which: those of the first scenario for all."""
_ABOUT = ("title", "note", "source", "grade", "owner", "date", "unit", "reason")


@dataclass(frozen=True)
class Changed:
    """Something that is not the same in all scenarios; `values` are as text, None where a scenario has none.

    `unit` and `source` are those of all scenarios where they are the same, else one after the other, split by " | ".
    """

    address: str
    values: tuple[str | None, ...]
    unit: str = ""
    source: str = ""


@dataclass(frozen=True)
class Comparison:
    """Scenarios in the same futures. Prints itself as a report in a terminal and in a notebook.

    `names` tell the scenarios apart. `inputs` is what differs between them. `differences` has for each measure how much
    higher it is in each scenario than in the first, a summary for every scenario after the first; measures that not
    all scenarios have are left out.
    """

    names: tuple[str, ...]
    results: tuple[Result, ...]
    inputs: tuple[Changed, ...]
    differences: Mapping[str, tuple[Summary, ...]]

    def to_frame(self) -> pd.DataFrame:
        """Base cases and means of every scenario, and mean differences from the first with their paired errors."""
        import pandas as pd

        rows = {}
        for measure, found in self.differences.items():
            row: dict[str, Any] = {"unit": found[0].unit}
            for name, result in zip(self.names, self.results, strict=True):
                row |= {f"base: {name}": result[measure].base, f"mean: {name}": result[measure].mean}
            for name, gap in zip(self.names[1:], found, strict=True):
                row |= {f"difference: {name}": gap.mean, f"se: {name}": gap.se, f"noise: {name}": gap.is_noise}
            rows[measure] = row
        return pd.DataFrame.from_dict(rows, orient="index").rename_axis("measure")

    def inputs_frame(self) -> pd.DataFrame:
        """What differs between the scenarios, a row an address."""
        import pandas as pd

        rows = [
            {"address": one.address, **dict(zip(self.names, one.values, strict=True)), "unit": one.unit}
            | {"source": one.source}
            for one in self.inputs
        ]
        return pd.DataFrame(rows, columns=["address", *self.names, "unit", "source"]).set_index("address")

    def as_dict(self) -> dict[str, Any]:
        """Everything in the fixed form of `sibmodel compare --json`."""
        return {
            "scenarios": [
                {"name": name, "record": result.record.as_dict(), "after_the_end": result.after_the_end}
                for name, result in zip(self.names, self.results, strict=True)
            ],
            "inputs": [
                {"address": one.address, "values": list(one.values), "unit": one.unit, "source": one.source}
                for one in self.inputs
            ],
            "measures": {
                measure: {
                    "scenarios": [result[measure].as_dict() for result in self.results],
                    "differences": [gap.as_dict() | _noise(gap) for gap in found],
                }
                for measure, found in self.differences.items()
            },
        }

    def __str__(self) -> str:
        from sibmodel.report.comparison_story import comparison_story
        from sibmodel.report.terminal import as_text

        return as_text(comparison_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.comparison_story import comparison_story
        from sibmodel.report.terminal import as_html

        return as_html(comparison_story(self))


def compare(
    *scenarios: Scenario,
    trials: int | None = None,
    seed: int | None = None,
    workers: int | None = None,
    progress: Progress | None = None,
    names: tuple[str, ...] | None = None,
) -> Comparison:
    """Simulate scenarios with the same random numbers, and say how each differs from the first.

    An uncertain number has the same luck in every scenario that has it at the same address. `trials` and `seed` default
    to the first scenario's own, `names` to the titles. Raises SibmodelError for fewer than two scenarios, more than 20,
    or what `simulate` refuses.
    """
    if not 2 <= len(scenarios) <= MOST:
        raise SibmodelError(f"{len(scenarios)} scenarios cannot be compared; give 2 to {MOST}")
    count, chosen = asked_for(scenarios[0], trials, seed)
    results = tuple(simulate(scenario, count, chosen, progress, workers) for scenario in scenarios)
    first, *others = results
    measures = [name for name in first.measures if all(name in other.measures for other in others)]
    return Comparison(
        names=_apart(names or tuple(scenario.title for scenario in scenarios)),
        results=results,
        inputs=tuple(changed(*scenarios)),
        differences={name: tuple(difference(first, other, name) for other in others) for name in measures},
    )


def _noise(gap: Summary) -> dict[str, bool | None]:
    """Whether a difference is within noise, of the mean and of each percentile; None where it has no error."""
    statistics = {"mean": "within_noise"} | {f"p{p}": f"p{p}_within_noise" for p in gap.percentiles}
    return {
        key: None if gap.interval(statistic) is None else gap.within_noise(statistic)
        for statistic, key in statistics.items()
    }


def _apart(names: tuple[str, ...]) -> tuple[str, ...]:
    """The same names, numbered where two are alike."""
    return tuple(f"{name} ({i})" if names.count(name) > 1 else name for i, name in enumerate(names, 1))


def changed(*scenarios: Scenario) -> Iterator[Changed]:
    """Every number, and everything else that a file says, which is not the same in all scenarios."""
    inputs = [{one.address: one for one in all_inputs(scenario)} for scenario in scenarios]
    numbers = dict.fromkeys(address for some in inputs for address in some if not address.startswith(_OF_THE_RUN))
    for address in numbers:
        found = [some.get(address) for some in inputs]
        values = tuple(None if one is None else one.value for one in found)
        if len(set(values)) > 1:
            units, sources = ([getattr(one, what, "") for one in found] for what in ("unit", "source"))
            told = [unit for unit in units if unit]
            yield Changed(address, values, _each(told), _each(sources))
    words = [dict(_words(scenario.document.data, "")) for scenario in scenarios]
    inside = tuple(f"{address}." for address in numbers)
    for address in dict.fromkeys(address for some in words for address in some):
        texts = tuple(some.get(address) for some in words)
        if len(set(texts)) > 1 and address not in numbers and not address.startswith(inside):
            yield Changed(address, texts)


def _each(texts: list[str]) -> str:
    """What all say, once; one after the other where they differ, a dash for nothing."""
    return "".join(texts[:1]) if len(set(texts)) < 2 else " | ".join(text or "–" for text in texts)


def _words(node: Any, address: str) -> Iterator[tuple[str, str]]:
    """What a file says that is no number, such as a rule or a date, by address."""
    if isinstance(node, dict | list):
        for key, part in node.items() if isinstance(node, dict) else enumerate(node):
            if key not in _ABOUT and (address or key not in _WORDS):
                yield from _words(part, f"{address}.{key}" if address else str(key))
    elif isinstance(node, bool) or not isinstance(node, int | float):
        yield address, "" if node is None else str(node)
