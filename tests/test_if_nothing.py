"""If nothing changes: worked out from the books of what happens, it must be what working it all through would give."""

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.core.memo import Memo
from sibmodel.core.trials import Trials
from sibmodel.measures.catalogue import all_measures
from sibmodel.model import Settlement, if_nothing, work_through
from sibmodel.questions.causes import causes_in_words
from sibmodel.running.sampling import sampler_of
from sibmodel.sampling.streams import BLOCK
from tests.random_numbers import Data
from tests.running.test_runs import SMALL
from tests.strategies import read

ROOT = Path(__file__).parents[1]
FILES = [
    "scenarios/ways_to_wellness.yaml",
    "scenarios/worked/w1.yaml",
    "tests/every_chapter.yaml",
    "scenarios/spring_northamptonshire.yaml",
    "scenarios/london/pan_london.yaml",
    "scenarios/published/denver.yaml",
    "scenarios/worked/r1.yaml",
    "scenarios/worked/r2.yaml",
    "scenarios/worked/r3.yaml",
]


def trials_of(scenario: sibmodel.Scenario, count: int) -> Trials:
    """Trials of the second block, with luck, noise and whatever else the scenario draws."""
    return sampler_of(scenario, BLOCK + count, seed=3).block(1)


def arrays(thing: Any, at: str = "") -> dict[str, Any]:
    """Every array and word in it, by where it stands."""
    if isinstance(thing, np.ndarray):
        return {at: thing}
    if is_dataclass(thing):
        parts = {field.name: getattr(thing, field.name) for field in fields(thing)}
        found = {name: part for name, part in parts.items() if not isinstance(part, Memo) and not callable(part)}
    elif isinstance(thing, dict):
        found = thing
    elif isinstance(thing, tuple | list):
        found = {str(index): part for index, part in enumerate(thing)}
    else:
        return {at: thing}
    return {key: one for name, part in found.items() for key, one in arrays(part, f"{at}.{name}").items()}


def same_bits(one: Settlement, other: Settlement) -> None:
    left, right = arrays(one), arrays(other)
    assert left.keys() == right.keys()
    assert len(left) > 20
    for name, value in left.items():
        assert np.array_equal(value, right[name], equal_nan=isinstance(value, np.ndarray)), name


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("count", [1, 7])
def test_nothing_changes_is_the_pass_of_scale_nought(file: str, count: int) -> None:
    scenario = sibmodel.load(ROOT / file)
    trials = trials_of(scenario, count)
    books = work_through(scenario, trials)
    quick = if_nothing(scenario, books.service, trials)
    fresh = trials_of(scenario, count)  # knows nothing of what was worked out before
    whole = work_through(scenario, fresh, scale=0.0)
    same_bits(quick.settlement, whole.settlement)
    assert quick.settlement.payments.total.tobytes() == whole.settlement.payments.total.tobytes()
    lucky = set(trials.uniforms)
    assert lucky == {*scenario.luck_with_people(), *scenario.luck_with_borrowers()}


def test_where_service_stops_all_is_worked_through_again() -> None:
    """Without effects money runs out earlier, so that fewer people come: costs cannot be taken over."""
    scenario = sibmodel.load(ROOT / "scenarios/ways_to_wellness.yaml", {"capital.service_stops": True})
    trials = trials_of(scenario, 16)
    books = work_through(scenario, trials)
    quick = if_nothing(scenario, books.service, trials)
    same_bits(quick.settlement, work_through(scenario, trials, scale=0.0).settlement)
    assert not np.array_equal(quick.service.costs.spend, books.service.costs.spend)


def test_measures_of_the_first_pass_do_not_change_by_the_second() -> None:
    """The second pass works in memory that the first has given back; what is kept of the first must be its own."""
    scenario = sibmodel.load(ROOT / "scenarios/ways_to_wellness.yaml")
    result = sibmodel.simulate(scenario, 64, seed=9)
    alone = all_measures(work_through(scenario, sampler_of(scenario, 64, 9).block(0)))
    for name, one in alone.items():
        assert result.values[name].tobytes() == np.broadcast_to(one.values, 64).astype(float).tobytes(), name
    assert result["payers.payments"].mean != result.if_nothing["payers.payments"].mean


ANYWAY: Data = {"level": 0.3}
JOB: Data = {"type": "achievement", "share": 0.5}
SCORE: Data = {
    "type": "effect",
    "change": 2,
    "measurement": {"first_month": 12, "every_months": 12, "person_sd": 5},
}


def bond_with(outcome: Data, **contract: Any) -> sibmodel.Scenario:
    rule = {"rule": "price", "outcome": "x", "price": 100}
    if outcome["type"] == "effect":
        rule = {"rule": "linear", "outcome": "x", "points": [[0, 0], [4, 50_000]]}
    terms = {"x": rule} | contract.pop("terms", {})
    data = SMALL | {"outcomes": {"x": outcome}, "contract": {"payers": {"council": {}}, "terms": terms} | contract}
    return read(data)


@pytest.mark.parametrize(
    ("scenario", "why"),
    [
        (lambda: bond_with(JOB | {"counterfactual": ANYWAY}),
         "what happens anyway and is not deducted in full; luck with people"),
        (lambda: bond_with(JOB | {"counterfactual": ANYWAY | {"method": "comparison"}}), "luck with people"),
        (lambda: bond_with(JOB | {"counterfactual": ANYWAY, "luck": {"counts": "expected"}}),
         "what happens anyway and is not deducted in full"),
        (lambda: bond_with(SCORE), "noise in measuring"),
        (lambda: bond_with(JOB | {"luck": {"counts": "expected"}}, floor=5000),
         "floors"),
        (lambda: bond_with(JOB, floor=5000), "floors"),
        (lambda: bond_with(JOB | {"counterfactual": {"level": 0.3, "method": "fixed", "agreed": 0.3}}),
         "luck with people"),
        (lambda: bond_with(SCORE | {"measurement": SCORE["measurement"] | {"person_sd": 0}}, floor=5000), "floors"),
        (lambda: bond_with(JOB | {"luck": {"counts": "expected"}},
                           terms={"fee": {"rule": "standing_charge", "amount": 100}}),
         "standing charges"),
    ],
)  # fmt: skip
def test_it_says_for_what_is_paid_if_nothing_changes(scenario: Callable[[], sibmodel.Scenario], why: str) -> None:
    told = " ".join(str(sibmodel.simulate(scenario(), 400)).split())
    assert f"on average (for {why})" in told


def test_causes_of_outcomes_that_no_term_reads_are_not_named() -> None:
    data = SMALL | {"outcomes": SMALL["outcomes"] | {"score": SCORE}}
    assert causes_in_words(read(data)) == []
