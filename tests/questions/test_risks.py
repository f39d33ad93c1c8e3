"""Every number of a scenario that may be uncertain belongs to a risk, and the table says nothing else."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from pydantic import BaseModel

import sibmodel
from sibmodel.core.quantity import Quantity
from sibmodel.errors import SibmodelError
from sibmodel.measures.catalogue import all_measures
from sibmodel.questions.risks import RISKS, TABLE, risk_of
from sibmodel.report.risk_summary import of_plan
from sibmodel.scenario.schema import Scenario
from tests.test_cookbook import DOCS


def addresses(annotation: Any, address: str, above: tuple[type, ...] = ()) -> Iterator[str]:
    """Address of every quantity that may stand under an annotation; names are NAME, places in a list 0."""
    if annotation is Quantity:
        yield address
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in above:
        for name, field in annotation.model_fields.items():
            below = f"{address}.{field.alias or name}" if address else name
            yield from addresses(field.annotation, below, (*above, annotation))
    for part, below in _parts(annotation, address):
        yield from addresses(part, below, above)


def _parts(annotation: Any, address: str) -> list[tuple[Any, str]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is dict:
        return [(arguments[1], f"{address}.NAME")]
    if origin in (tuple, list):
        return [(arguments[0], f"{address}.0")]
    if origin is Annotated:
        return [(arguments[0], address)]
    return [(one, address) for one in arguments] if origin in (Union, UnionType) else []


ALL = sorted(set(addresses(Scenario, "")))


def test_the_walk_finds_what_a_scenario_may_leave_uncertain() -> None:
    assert len(ALL) > 40
    assert {"prices.inflation", "programme.groups.NAME.referrals", "capital.tranches.NAME.commitment"} <= set(ALL)
    assert {"outcomes.NAME.measurement.person_sd", "contract.payers.NAME.disputes.share"} <= set(ALL)


@pytest.mark.parametrize("address", ALL)
def test_every_number_belongs_to_a_risk(address: str) -> None:
    assert risk_of(address) in RISKS


def test_every_line_of_the_table_is_needed() -> None:
    for number, (pattern, risk) in enumerate(TABLE):
        others = TABLE[:number] + TABLE[number + 1 :]
        decided = [a for a in ALL if risk_of(a) == risk and _fits(pattern, a) and not _before(others, number, a)]
        assert decided, pattern


def _fits(pattern: str, address: str) -> bool:
    parts, names = pattern.split("."), address.split(".")
    if parts[-1] == "**":
        return names[: len(parts) - 1] == parts[:-1]
    return len(parts) == len(names) and all(part in ("*", name) for part, name in zip(parts, names, strict=True))


def _before(others: tuple[tuple[str, Any], ...], number: int, address: str) -> bool:
    return any(_fits(pattern, address) for pattern, _ in others[:number])


def test_an_address_of_nothing_is_refused() -> None:
    with pytest.raises(SibmodelError, match="belongs to no risk"):
        risk_of("weather.rain")


def test_the_page_of_definitions_names_every_risk() -> None:
    page = (DOCS / "risk.md").read_text(encoding="utf-8")
    for risk in RISKS:
        assert f"| {risk.name} |" in page


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.93, "93%"), (1.0, "100%"), (1.00097, "100.1%"), (0.996, "99.6%"), (0.9996, "99.96%"), (1.006, "101%")],
)
def test_nearly_all_of_the_plan_is_not_told_as_all_of_it(share: float, words: str) -> None:
    assert of_plan(share) == words


def test_a_tranche_that_is_not_whole_at_the_plan_is_not_said_to_be() -> None:
    """City Hall's first loss has its money back from 100.097 % of the plan, and loses £93,305 in the base case."""
    scenario = sibmodel.load("scenarios/london/pan_london.yaml")
    profit = all_measures(sibmodel.base_case(scenario))["tranche.city.profit"].values[0]
    assert profit == pytest.approx(-93_305, abs=1)
    found = sibmodel.risk(scenario, trials=4)
    assert "it has its money back from 100.1% of the plan" in " ".join(str(found).split())
