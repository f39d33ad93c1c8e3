"""The page of all fields is what the schema says now, and says something about every one of them."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel, Field

from sibmodel.core.quantity import Quantity
from sibmodel.core.schema import Model
from sibmodel.report.reference import Book, anchor, reference
from sibmodel.scenario.descriptions import descriptions_of
from sibmodel.scenario.schema import ContractSheet, Scenario

DOCS = Path(__file__).parents[2] / "docs"
PAGE = reference()


def test_the_page_is_up_to_date() -> None:
    assert (DOCS / "reference.md").read_text(encoding="utf-8") == PAGE, "run: make reference"


def test_it_is_written_from_the_command_line(tmp_path: Path) -> None:
    target = tmp_path / "reference.md"
    subprocess.run([sys.executable, "-m", "sibmodel.report.reference", str(target)], check=True, cwd=DOCS.parent)
    assert target.read_text(encoding="utf-8") == PAGE


def models(model: type[BaseModel] = Model) -> Iterator[type[BaseModel]]:
    for below in model.__subclasses__():
        if below.__module__.startswith("sibmodel."):
            yield below
            yield from models(below)


@pytest.mark.parametrize("model", sorted(set(models()), key=str))
def test_every_field_of_the_schema_has_a_description(model: type[BaseModel]) -> None:
    assert [name for name in model.model_fields if not descriptions_of(model).get(name)] == []


def test_every_field_of_the_schema_is_on_the_page_with_its_description() -> None:
    shown = set(re.findall(r"^\| `([a-z0-9_]+)` \|.*\| (.+) \|$", PAGE, flags=re.MULTILINE))
    for model in set(models()):
        for name, field in model.model_fields.items():
            if name not in ("rule", "type"):
                assert (field.alias or name, descriptions_of(model)[name]) in shown, f"{model.__name__}.{name}"
    for rule in ("price", "least", "standing_charge"):
        assert f"`rule: {rule}`" in PAGE


def test_every_cell_says_something_and_every_link_leads_somewhere() -> None:
    for line in re.findall(r"^\| `.*$", PAGE, flags=re.MULTILINE):
        field, what, _, meaning = (cell.strip() for cell in line.strip("|").split(" | "))
        assert field
        assert what
        assert meaning
    headings = re.findall(r"^#+ (.*)$", PAGE, flags=re.MULTILINE)
    anchors = [anchor(heading) for heading in headings]
    assert len(set(anchors)) == len(anchors)
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= set(anchors)


NUMBER = "[number or distribution](#numbers)"
BY_GROUP = "[`contract.terms.NAME.price`, with `by_group`](#contracttermsnameprice-with-by_group)"


@pytest.mark.parametrize(
    ("address", "field", "what", "default"),
    [
        ("`timeline`", "periods", "whole number, 1 to 600", "required"),
        ("`timeline`", "period", "`month`, `quarter`, `half_year` or `year`", "`quarter`"),
        ("`programme.groups.NAME`", "engaged", f"{NUMBER}, 0 to 1, also by period", ""),
        ("`programme.groups.NAME`", "ramp", "list, each: number, 0 to 1", ""),
        ("`outcomes.NAME`", "lag_months", f"{NUMBER}, at least 0", "0"),
        ("`contract.payers.NAME`", "overflow_to", "name of a payer", ""),
        ("`contract.payers.NAME`", "recovers_vat", "`true` or `false`", "`true`"),
        ("`contract.terms.NAME`", "to_month", "months, whole periods, at least 0", ""),
        ("`contract.terms.NAME`, `rule: linear`", "points", "list, each: `[number, number at least 0]`", "required"),
        ("`contract.terms.NAME`, `rule: price`", "price",
         f"{NUMBER}, at least 0, also by period, or {BY_GROUP}", "required"),
        ("`capital`", "tranches", "mapping by name, each: [`capital.tranches.NAME`](#capitaltranchesname)", "required"),
        ("A contract alone", "contract", "[`contract`](#contract)", "required"),
    ],
)  # fmt: skip
def test_what_may_stand_in_a_field(address: str, field: str, what: str, default: str) -> None:
    section = next(s for s in re.split(r"^#+ ", PAGE, flags=re.MULTILINE)[1:] if s.splitlines()[0] == address)
    assert f"| `{field}` | {what} | {default} | " in section


def test_a_type_without_words_is_refused_rather_than_left_out() -> None:
    class Strange(BaseModel):
        number: complex = Field(description="A number of a kind that no scenario has.")

    with pytest.raises(TypeError, match="no words for"):
        Book().rows(Strange, "")


def test_descriptions_do_not_end_in_the_middle() -> None:
    for model in (Scenario, ContractSheet, Quantity):
        assert all(text.endswith(".") for text in descriptions_of(model).values())
