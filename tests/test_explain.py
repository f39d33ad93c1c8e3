"""Explanations add up, end in inputs, and say what the measures say."""

from pathlib import Path

import pytest

import sibmodel
from sibmodel.measures.catalogue import all_measures
from sibmodel.report.explanation import explain
from sibmodel.report.steps import Step
from tests.strategies import as_yaml
from tests.test_pay_and_simulation import EVERYTHING

ROOT = Path(__file__).parents[1]
FILES = [ROOT / "scenarios" / "ways_to_wellness.yaml", ROOT / "scenarios" / "worked" / "w1.yaml"]
FILES += [
    ROOT / "scenarios" / "london" / "borough_pilot.yaml",
    ROOT / "tests" / "every_chapter.yaml",
    ROOT / "sibmodel" / "scenario" / "starters" / "bond.yaml",
]
FILES += [
    ROOT / "scenarios" / "published" / f"{name}.yaml"
    for name in ("newpin", "massachusetts_juvenile_justice", "rikers_island")
]


def steps(step: Step) -> list[Step]:
    return [step, *(below for part in step.parts for below in steps(part))]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_measure_is_explained_with_its_own_value(file: Path) -> None:
    scenario = sibmodel.load(file)
    for name, values in all_measures(sibmodel.base_case(scenario)).items():
        root = explain(scenario, name).root
        value = float(values.values[0])
        assert root.value == (None if value != value else pytest.approx(value, rel=1e-12, abs=1e-9)), name  # noqa: PLR0124


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_parts_add_up_where_they_say_so(file: Path) -> None:
    scenario = sibmodel.load(file)
    names = [
        *all_measures(sibmodel.base_case(scenario)),
        *(f"contract.terms.{name}" for name in scenario.contract.terms),
    ]
    checked = 0
    for name in names:
        for step in steps(explain(scenario, name).root):
            if step.adds_up:
                checked += 1
                parts = sum(part.value or 0.0 for part in step.parts)
                assert parts == pytest.approx(step.value, rel=1e-9, abs=1e-6), (name, step.what)
    assert checked > 20


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_payments_and_savings_end_in_inputs_with_places(file: Path) -> None:
    scenario = sibmodel.load(file)
    for name in ("payers.payments", "investor.irr", "provider.surplus"):
        inputs = {one.address: one for step in steps(explain(scenario, name).root) for one in step.inputs}
        assert inputs
        assert all(one.place.rpartition(":")[2].isdigit() for one in inputs.values())
        for one in inputs.values():
            written = file.parent / Path(one.place.rpartition(":")[0]).name  # the file itself, or one that it extends
            lines = written.read_text(encoding="utf-8").splitlines()
            key = next(part for part in reversed(one.address.split(".")) if not part.isdigit())
            at = int(one.place.rpartition(":")[2]) - 1  # where its value begins, which may be below its key
            assert any(key in line for line in lines[max(at - 2, 0) : at + 1]), one


def test_caps_that_bind_explain_what_is_missing() -> None:
    scenario = sibmodel.load(FILES[1], {"contract.cap": 2_500_000})
    found = steps(explain(scenario, "contract.terms.engagement").root)
    cut = next(step for step in found if step.what == "cap contract.cap")
    assert cut.value == pytest.approx(-275_000)  # all of it is in the last year, when only engagement is paid


def test_it_prints_well() -> None:
    text = str(explain(sibmodel.load(FILES[0]), "investor.irr"))
    assert max(map(len, text.splitlines())) <= 120
    assert "explained above" in text


def test_payments_of_a_contract_with_everything_add_up_from_the_rule_to_the_payers() -> None:
    scenario = sibmodel.loads(as_yaml(EVERYTHING))
    books = sibmodel.base_case(scenario)
    for name in scenario.contract.terms:
        found = steps(explain(scenario, f"contract.terms.{name}").root)
        paid = sum(float(a.sum()) for (term, _), a in books.settlement.payments.paid.items() if term == name)
        assert found[0].value == pytest.approx(paid)
        for step in found:
            if step.adds_up:
                assert sum(part.value or 0.0 for part in step.parts) == pytest.approx(step.value, rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("name", ["irr_of_mean_flow", "expected_shortfall"])
@pytest.mark.parametrize("prefix", ["investor", "tranche.bridges"])
def test_statistics_of_many_futures_are_those_of_one_in_the_base_case(prefix: str, name: str) -> None:
    scenario = sibmodel.load(ROOT / "scenarios" / "ways_to_wellness.yaml")
    alike = {"irr_of_mean_flow": "irr", "expected_shortfall": "expected_loss"}[name]
    found = explain(scenario, f"{prefix}.{name}").root
    assert found.value == explain(scenario, f"{prefix}.{alike}").root.value
    assert "in the base case the same as" in found.what
