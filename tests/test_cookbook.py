"""The cookbook of contracts: every recipe pays what it says, every link leads somewhere, every field has a recipe."""

import inspect
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from pydantic import BaseModel

from sibmodel import ContractSheet, loads_contract, pay
from sibmodel.contract.examples import ExampleTerms
from sibmodel.contract.limits import (
    CarriedCap,
    ContractCaps,
    ContractFloors,
    PayerCaps,
    PayerFloors,
    TermCaps,
    TermFloors,
)
from sibmodel.contract.rules import RULES
from sibmodel.contract.rules.base import GroupPrices
from sibmodel.contract.split import Phase
from sibmodel.contract.terms import (
    ContractTerms,
    DisputeTerms,
    PayerTerms,
    RedemptionTerms,
    TerminationTerms,
    TopUpTerms,
    VatTerms,
)
from sibmodel.contract.verified import VerifiedRow
from sibmodel.core.conditions import Condition
from sibmodel.core.schedule import Step, Tier
from sibmodel.report.reference import anchor
from sibmodel.running.paying import failed_examples
from sibmodel.scenario.verified_file import COLUMNS, parse_verified

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "contracts.md").read_text(encoding="utf-8")

NOT_SHOWN = {
    "TermBase.title": "a label",
    "ExampleTerms.title": "a label",
    "TerminationTerms.month": "set by the examples of early termination",
    "Condition.index": "an index is shown where a scale reads one",
    "Condition.divided_by": "a rate is shown where a scale reads one",
    "Condition.reads": "shown where a scale reads a total",
    "Condition.at_most": "an edge like those in the recipe for steps",
    "Condition.below": "an edge like those in the recipe for steps",
}


def blocks(language: str, text: str = PAGE) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


def recipes() -> dict[str, str]:
    """Every recipe by its heading; the page's first block is what all of them leave out."""
    found = {}
    for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        found[section.splitlines()[0]] = section
    return found


HEAD, *SNIPPETS = blocks("yaml")
RECIPES = recipes()


def snippet(heading: str) -> str:
    (found,) = blocks("yaml", RECIPES[heading])
    return found


def contract_of(heading: str) -> ContractSheet:
    sheet = loads_contract(HEAD + snippet(heading), name=heading)
    assert isinstance(sheet, ContractSheet)
    return sheet


def test_every_snippet_belongs_to_one_recipe() -> None:
    assert len(RECIPES) == len(SNIPPETS) > 30


@pytest.mark.parametrize("heading", RECIPES)
def test_a_recipe_pays_what_it_says(heading: str) -> None:
    sheet = contract_of(heading)
    assert sheet.contract.examples
    assert [str(problem) for problem in failed_examples(sheet)] == []


@pytest.mark.parametrize("heading", RECIPES)
def test_no_figure_of_a_recipe_can_be_wrong_by_a_pound(heading: str) -> None:
    """Each expected figure alone, raised by £1, must fail, and nothing else with it."""
    sheet = contract_of(heading)
    figures = dict(_figures(sheet.contract.examples))
    assert figures
    for address, pounds in figures.items():
        changed = loads_contract(HEAD + snippet(heading), {address: pounds + 1})
        assert [problem.address for problem in failed_examples(changed)] == [address]


def _figures(examples: Mapping[str, ExampleTerms]) -> Iterator[tuple[str, float]]:
    for name, example in examples.items():
        for field, expected in example.pays.model_dump(exclude_none=True).items():
            at = f"contract.examples.{name}.pays.{field}"
            yield from {at: expected}.items() if field == "total" else ((f"{at}.{k}", v) for k, v in expected.items())


# --------------------------------------------------------------------------------------------------------- links


def test_the_index_leads_to_every_recipe_and_no_link_leads_nowhere() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    anchors = Counter(map(anchor, headings))
    assert set(anchors.values()) == {1}
    index = PAGE.split("## Find your clause")[1].split("\n## ")[0]
    linked = dict(re.findall(r"\| \[([^]]+)\]\(#([^)]+)\) \|", index))
    assert {name: anchor(name) for name in RECIPES} == linked


@pytest.mark.parametrize("page", sorted(DOCS.rglob("*.md")), ids=lambda page: page.name)
def test_every_link_of_every_page_leads_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if link.startswith(("http:", "https:")):
            continue
        file, _, place = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if place:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert place in map(anchor, headings), link


# ------------------------------------------------------------------------------------------------------ coverage

SHOWN: tuple[type[BaseModel], ...] = (
    *RULES.values(), ContractTerms, PayerTerms, TopUpTerms, DisputeTerms, VatTerms, TerminationTerms, RedemptionTerms,
    TermCaps, ContractCaps, PayerCaps, CarriedCap, TermFloors, ContractFloors, PayerFloors,
    Condition, Phase, Step, Tier, GroupPrices, VerifiedRow,
)  # fmt: skip
"""Whatever a contract may be made of."""


def test_every_rule_and_every_field_has_a_recipe() -> None:
    used, rules = set(), set()
    for heading in RECIPES:
        for model in models_of(contract_of(heading)):
            used |= {_named(type(model), field) for field in model.model_fields_set}
            rules |= {getattr(model, "rule", None)}
    assert set(RULES) <= rules
    known = {_named(model, field) for model in SHOWN for field in model.model_fields}
    assert known - used - set(NOT_SHOWN) == set()
    assert set(NOT_SHOWN) & used == set(), "shown after all"


def _named(model: type[BaseModel], field: str) -> str:
    """A field with the model that it belongs to: of caps and floors itself, of others where it was declared first."""
    homes = [base for base in model.__mro__ if field in inspect.get_annotations(base)]
    alike = issubclass(model, (PayerCaps, PayerFloors, Condition))
    return f"{(model if alike else homes[-1]).__name__}.{field}"


def models_of(value: object) -> Iterator[BaseModel]:
    """All models inside a value."""
    if isinstance(value, BaseModel):
        yield value
        value = {name: getattr(value, name) for name in type(value).model_fields}
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for part in value:
            yield from models_of(part)


# --------------------------------------------------------------------------------------------------- in other words


def test_the_file_of_verified_outcomes_is_the_recipe_s_example() -> None:
    (csv,) = blocks("csv")
    sheet = contract_of("Once only or again")
    example = sheet.contract.examples["twice_each"]
    assert tuple(parse_verified(csv).rows) == example.verified
    assert pay(sheet, parse_verified(csv).rows).total == 3800
    for column in COLUMNS:
        assert f"| `{column}` |" in PAGE


def test_late_and_disputed_payments_come_when_the_page_says() -> None:
    sheet = contract_of("Late payment and disputes")
    paid = pay(sheet, sheet.contract.examples["what_is_owed"].verified).payments
    coming = {t: round(float(pounds[0]), 6) for t, pounds in enumerate(paid.total) if pounds[0]}
    assert coming == {2: 285_000, 4: 12_000}
    assert float(sum(lost.sum() for lost in paid.lost.values())) == pytest.approx(3000)
