"""The logs that an assurer asks for: assumptions with their effect, data, decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from sibmodel.core.distribution import Distribution
from sibmodel.core.quantity import Quantity
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import work_through
from sibmodel.questions.one_by_one import HIGH, LOW, one_by_one
from sibmodel.sampling.distributions import values
from sibmodel.scenario.schema import Scenario
from sibmodel.scenario.togetherness import Tie, ties

EFFECTS = ("public.savings_per_pound", "commissioner.cashable_net_saving", "investor.profit")


@dataclass(frozen=True)
class Assumption:
    """One number: what it is, what vouches for it, and what it moves.

    `low` and `high` are what one future in ten lies below and above, None for a number without a range. `effects` are
    the base case's measures at high less at low, the number alone moved; `rank` orders numbers by the size of the first
    effect that the scenario has, 1 the largest.
    """

    address: str
    base: float
    low: float | None
    high: float | None
    unit: str
    source: str
    grade: int | None
    owner: str
    date: str
    note: str
    effects: Mapping[str, float | None]
    rank: int | None


@dataclass(frozen=True)
class Logs:
    """Assumptions by rank of effect, data by table and source, decisions, and what moves together. Prints itself.

    `ranked_by` is the measure of the ranks; `weak` the share of all movement that comes from numbers of grade 5 or 6.
    """

    title: str
    assumptions: tuple[Assumption, ...]
    data: tuple[Mapping[str, str], ...]
    decisions: tuple[Mapping[str, str], ...]
    ties: tuple[Tie, ...]
    ranked_by: str
    weak: float | None

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)

    def __str__(self) -> str:
        from sibmodel.report.logs_story import logs_story
        from sibmodel.report.terminal import as_text

        return as_text(logs_story(self))

    def _repr_html_(self) -> str:
        from sibmodel.report.logs_story import logs_story
        from sibmodel.report.terminal import as_html

        return as_html(logs_story(self))


def logs(scenario: Scenario) -> Logs:
    """Log every number that the file says, the data that it uses, and what was decided."""
    ranked_by = EFFECTS[0] if scenario.savings is not None else EFFECTS[2]
    said = [q for q in scenario.quantities() if scenario.says(q)]
    moved = _effects(scenario, said)
    sizes = {address: abs(effects.get(ranked_by) or 0.0) for address, effects in moved.items()}
    ranks = {address: rank for rank, address in enumerate(sorted(sizes, key=lambda a: -sizes[a]), 1)}
    rows = [_assumption(q, moved, ranks) for q in said]
    draws = {next(iter(q.items()))[0]: q for q in said if q.address in sizes}.values()  # the same evidence once
    every = sum(sizes[q.address] for q in draws)
    weak = sum(sizes[q.address] for q in draws if (scenario.grade_of(q) or 0) >= 5)
    return Logs(
        scenario.title,
        tuple(sorted(rows, key=lambda row: (row.rank is None, row.rank or 0))),
        tuple(_data(scenario)),
        tuple(_decisions(scenario)),
        tuple(ties(scenario)),
        ranked_by,
        weak / every if every > 0 else None,
    )


def _single(quantity: Quantity) -> Distribution | None:
    """The distribution of a quantity that is one uncertain number."""
    item = quantity.value[0]
    return None if len(quantity.value) > 1 or isinstance(item, float) else item


def range_of(quantity: Quantity) -> tuple[float, float] | None:
    """What one future in ten lies below and above; None for a number without a range."""
    one = _single(quantity)
    if one is None:
        return None
    low, high = np.clip(values(one, np.array([LOW, HIGH])), *quantity.limits)
    return float(low), float(high)


def _effects(scenario: Scenario, said: list[Quantity]) -> dict[str, dict[str, float | None]]:
    """What each uncertain number moves between its ends, all in one working of the model."""
    uncertain = [(q, ends) for q in said if (ends := range_of(q)) is not None]
    if not uncertain:
        return {}
    rows = [{next(iter(quantity.items()))[0]: end} for quantity, ends in uncertain for end in ends]
    found = all_measures(work_through(scenario, one_by_one(scenario, rows)))
    names = [name for name in EFFECTS if name in found]
    return {
        quantity.address: {
            name: float(change) if np.isfinite(change := np.diff(found[name].values[2 * i : 2 * i + 2])[0]) else None
            for name in names
        }
        for i, (quantity, _) in enumerate(uncertain)
    }


def _assumption(
    quantity: Quantity, moved: Mapping[str, Mapping[str, float | None]], ranks: Mapping[str, int]
) -> Assumption:
    low, high = range_of(quantity) or (None, None)
    return Assumption(
        quantity.address, quantity.central_values()[0], low, high, quantity.unit or "", quantity.source or "",
        quantity.grade, quantity.owner or "", str(quantity.date or ""), " ".join((quantity.note or "").split()),
        moved.get(quantity.address, {}), ranks.get(quantity.address),
    )  # fmt: skip


def _data(scenario: Scenario) -> Iterator[dict[str, str]]:
    """Reference tables that are used, then the sources of the file with how many numbers cite each."""
    for table in scenario.tables_used.values():
        doubt = "verified" if table.verified else "not verified"
        about = f"{table.edition}; read {table.retrieved}, look again by {table.sunset}; {doubt}; {table.licence}"
        yield {"what": table.title, "where": table.source, "about": about}
    for key, source in scenario.sources.items():
        cited = sum(1 for q in scenario.quantities() if q.source == key)
        cited += sum(1 for body in scenario.evidence.values() for s in body.studies.values() if s.source == key)
        about = f"cited by {cited} number{'' if cited == 1 else 's'}" + (f"; {source.note}" if source.note else "")
        yield {"what": f"{key}: {source.title}", "where": source.address or "", "about": about}


def _decisions(scenario: Scenario) -> Iterator[dict[str, str]]:
    """Conventions that were chosen, changes agreed since, and what was set for this run."""
    appraisal, discounting = scenario.appraisal, scenario.discounting
    yield {"decision": "discounting", "choice": f"{scenario.rates_in_words}, {discounting.convention}"}
    yield {"decision": "kinds added up", "choice": " + ".join(appraisal.adds_up)}
    for name, item in ((scenario.savings.items or {}) if scenario.savings else {}).items():
        if item.discounted_at is not None:
            yield {"decision": f"discounting of {name}", "choice": f"schedule '{item.discounted_at}'"}
        if item.released_by is not None:
            yield {"decision": f"cash of {name}", "choice": f"released in whole steps of {item.released_by}"}
    yield {"decision": "fiscal savings in the benefit-cost ratio", "choice": appraisal.fiscal_savings_are}
    rule = scenario.savings.optimism_bias_by_grade if scenario.savings else None
    yield {"decision": "optimism bias of savings", "choice": f"by grade, {rule}" if rule else "as each saving says"}
    cost = appraisal.cost_optimism_bias
    yield {"decision": "optimism bias of costs", "choice": cost.source or f"{cost.central_values()[0]:.0%}"}
    yield {"decision": "a funding gap is covered by", "choice": scenario.capital.gap_covered_by}
    for name, body in scenario.evidence.items():
        choice = f"{body.method}, {body.scale}, for {body.applies_to}, discounted by grade: {body.discount_by_grade}"
        yield {"decision": f"evidence {name}", "choice": choice}
    for one in scenario.amendments:
        choice = ", ".join(f"{address} = {value}" for address, value in one.set.items())
        yield {"decision": f"amended from {one.date}: {one.note or 'no note'}", "choice": choice}
    for address, value in scenario.document.overrides.items():
        yield {"decision": "set for this run", "choice": f"{address} = {value}"}
