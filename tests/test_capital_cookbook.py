"""The cookbook of capital: every figure of every recipe is what the engine gives, and every field has a recipe."""

import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from pydantic import BaseModel
from ruamel.yaml import YAML

from sibmodel import Books, Scenario, base_case, loads
from sibmodel.capital.protection import ContingentTerms, GuaranteeTerms
from sibmodel.capital.terms import CapitalTerms
from sibmodel.capital.tranche import (
    CouponScale,
    DrawdownTerms,
    EarlyRedemptionTerms,
    InstalmentTerms,
    InvestorFeeTerms,
    Kind,
    RedemptionRow,
    ReturnCapTerms,
    TrancheTerms,
)
from sibmodel.core.schedule import SignedStep, Step
from sibmodel.report.reference import anchor
from sibmodel.running.whole import failed_whole_examples, verified_case
from sibmodel.scenario.json_schema import json_schema
from sibmodel.scenario.reader import change
from tests.test_cookbook import models_of

PAGE = (Path(__file__).parents[1] / "docs" / "capital.md").read_text(encoding="utf-8")

NOT_SHOWN = {
    "CouponScale.divided_by": "a reading like any other; contracts.md has a recipe",
    "CouponScale.reads": "a reading like any other",
    "CouponScale.over": "a reading like any other",
    "ContingentTerms.index": "an index is shown where a coupon reads one",
    "ContingentTerms.divided_by": "a reading like any other",
    "ContingentTerms.reads": "a reading like any other",
    "ContingentTerms.over": "a reading like any other",
    "TrancheTerms.investor": "a label",
    "Step.above": "an edge like those that are shown",
    "Step.at_most": "an edge like those that are shown",
    "SignedStep.above": "an edge like those that are shown",
    "SignedStep.at_most": "an edge like those that are shown",
}


def blocks(text: str) -> list[str]:
    return re.findall(r"^```yaml\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)


HEAD, *SNIPPETS = blocks(PAGE)
RECIPES = {part.splitlines()[0]: part for part in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]}


def text_of(heading: str) -> str:
    """The whole file that a reader would have."""
    (snippet,) = blocks(RECIPES[heading])
    return snippet if snippet.startswith("title:") else HEAD + snippet


def scenario_of(heading: str) -> Scenario:
    return loads(text_of(heading), name=heading)


def books_of(scenario: Scenario, example: str | None) -> Books:
    """The base case, or that of an example."""
    if example is None:
        return base_case(scenario)
    terms = scenario.examples[example]
    setting = change(scenario, terms.set) if terms.set else scenario
    return base_case(setting) if terms.verified is None else verified_case(setting, terms.verified)


def tables(text: str) -> Iterator[tuple[str | None, dict[str, list[str]]]]:
    """Each table of pounds: the example that it shows (None: the base case), and its rows of figures by name."""
    for table in re.findall(r"^\| pounds.*\n(?:\|.*\n)+", text, flags=re.MULTILINE):
        first, _, *rows = [line.strip("|\n").split("|") for line in table.splitlines()]
        example = re.search(r"`(\w+)`", first[0])
        names = [row[0].strip(" `") for row in rows]
        assert len(set(names)) == len(names)
        yield (
            example and example[1],
            {name: [cell.strip() for cell in row[1:]] for name, row in zip(names, rows, strict=True)},
        )


def figures(books: Books, row: str) -> list[float]:
    """A flow, the vehicle's cash, or the closing balance of a tranche, by period."""
    capital = books.settlement.capital
    if row == "cash":
        series = capital.closing_cash
    elif ">" in row:
        (series,) = [flow.amount for flow in books.settlement.ledger.flows if flow.name == row]
    else:
        tranche, _, what = row.partition(".")
        series = np.broadcast_to(getattr(capital.tranches[tranche], f"closing_{what}"), capital.closing_cash.shape)
    return [float(pounds) for pounds in series[:, 0]]


def differences(heading: str, text: str) -> list[str]:
    """Every cell of a recipe's tables that is not what the engine gives, as its name and period."""
    scenario, found = scenario_of(heading), []
    for example, rows in tables(text):
        books = books_of(scenario, example)
        for name, cells in rows.items():
            given = figures(books, name)
            assert len(given) == len(cells), name
            for t, (cell, pounds) in enumerate(zip(cells, given, strict=True)):
                decimals = len(cell.partition(".")[2])
                if abs(float(cell.replace(",", "") or 0) - pounds) > 0.5000001 * 10**-decimals:
                    found.append(f"{example}: {name} in period {t}: {cell or 'nothing'}, not {pounds:,.4f}")
    return found


def test_every_snippet_belongs_to_one_recipe_with_a_table() -> None:
    assert len(RECIPES) == len(SNIPPETS) > 40
    assert all(list(tables(section)) for section in RECIPES.values())


@pytest.mark.parametrize("heading", RECIPES)
def test_every_figure_of_a_recipe_is_right(heading: str) -> None:
    assert differences(heading, RECIPES[heading]) == []
    assert [str(problem) for problem in failed_whole_examples(scenario_of(heading))] == []


@pytest.mark.parametrize("heading", RECIPES)
def test_no_figure_can_be_wrong_by_a_pound(heading: str) -> None:
    """Each cell alone, raised by £1, must be found, and so must each figure of the examples."""
    text = RECIPES[heading]
    cells = list(re.finditer(r"(?<=\| )[\d,]+(?:\.\d+)?(?= \|)", text))
    assert cells
    cell = max(cells, key=lambda m: len(m[0]))
    raised = f"{float(cell[0].replace(',', '')) + 1:.2f}"
    assert len(differences(heading, text[: cell.start()] + raised + text[cell.end() :])) == 1
    for name, example in scenario_of(heading).examples.items():
        for measure, value in example.gives.items():
            raised_value = value + (1 if abs(value) > 10 or float(value).is_integer() else 1e-4)
            one = YAML(typ="safe", pure=True).load(text_of(heading))
            one["examples"][name]["gives"][measure] = raised_value
            changed = io.StringIO()
            writer = YAML(typ="safe", pure=True)
            writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
            writer.dump(one, changed)
            (problem,) = failed_whole_examples(loads(changed.getvalue()))
            assert problem.address == f"examples.{name}.gives.{measure}"


def str_of_day(day: Any) -> str:
    return day.isoformat()  # type: ignore[no-any-return]


def test_the_plain_programme_is_what_the_page_says() -> None:
    """Costs of 40, 30 and 30 thousand against payments of 60 and 60, and the line between them."""
    books = base_case(scenario_of("Loan drawn as needed"))
    ((_, rows),) = tables(PAGE.split("## Find your clause")[0])
    payments = [float(x) for x in books.settlement.payments.total[:, 0]]
    costs = [float(x) for x in np.broadcast_to(books.service.costs.spend, (5, 1))[:, 0]]
    net = [a - b for a, b in zip(payments, costs, strict=True)]
    for name, given in {"costs": costs, "payments": payments, "left, or lacking": net}.items():
        assert [float(cell.replace(",", "").replace("−", "-") or 0) for cell in rows[name]] == pytest.approx(given)


# --------------------------------------------------------------------------------------------------------- links


def test_the_index_leads_to_every_recipe() -> None:
    headings = re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    assert set(Counter(map(anchor, headings)).values()) == {1}
    index = PAGE.split("## Find your clause")[1].split("\n## ")[0]
    linked = re.findall(r"\| \[([^]]+)\]\(#([^)]+)\) \|", index)
    assert linked == [(name, anchor(name)) for name in RECIPES]


# ------------------------------------------------------------------------------------------------------ coverage

SHOWN: tuple[type[BaseModel], ...] = (
    CapitalTerms, TrancheTerms, CouponScale, DrawdownTerms, InstalmentTerms, ReturnCapTerms, EarlyRedemptionTerms,
    RedemptionRow, InvestorFeeTerms, GuaranteeTerms, ContingentTerms, Step, SignedStep,
)  # fmt: skip
"""Whatever capital may be made of."""


def test_every_field_has_a_recipe() -> None:
    used, kinds = set(), set()
    for heading in RECIPES:
        for model in models_of(scenario_of(heading).capital):
            used |= {f"{type(model).__name__}.{field}" for field in model.model_fields_set}
            kinds |= {getattr(model, "kind", None)}
    known = {f"{model.__name__}.{field}" for model in SHOWN for field in model.model_fields}
    assert known - used - set(NOT_SHOWN) == set()
    assert set(NOT_SHOWN) & used == set(), "shown after all"
    assert set(Kind.__args__) - kinds == {"equity"}  # type: ignore[attr-defined]


def test_the_schema_for_editors_accepts_every_recipe() -> None:
    validator = jsonschema.Draft202012Validator(json_schema())
    for heading in RECIPES:
        data = json.loads(json.dumps(YAML(typ="safe", pure=True).load(text_of(heading)), default=str_of_day))
        assert list(validator.iter_errors(data)) == [], heading
