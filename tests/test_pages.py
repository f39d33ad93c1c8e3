"""What the pages say of Python and of JSON holds: their blocks run in a plain interpreter, their keys are written."""

import importlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sibmodel

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "docs" / "questions"
SCENARIOS = ROOT / "scenarios"
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"```python\n(.*?)```", re.DOTALL)
FEW = "trials=200"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if BLOCK.search(text_of(page))], ids=name_of)
def test_python_on_a_page_runs_in_a_plain_interpreter(page: Path) -> None:
    """With few trials; a process of its own, as what another test has imported would hide what a page forgets."""
    for block in BLOCK.findall(text_of(page)):
        code = re.sub(r"trials=\d+", FEW, block).replace("simulate(bond)", f"simulate(bond, {FEW})")
        assert FEW in code
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", code], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr


def test_every_question_asked_in_python_has_a_block_that_runs() -> None:
    with_blocks = {page.stem for page in QUESTIONS.glob("*.md") if BLOCK.search(text_of(page))}
    assert with_blocks >= {"solve", "deal-space", "routes", "stress", "sensitivity", "information"}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_names_of_python_on_a_page_can_be_imported(page: Path) -> None:
    text = text_of(page)
    for module, names in re.findall(r"from (sibmodel[\w.]*) import (\w+(?:, \w+)*)", text):
        for name in names.split(", "):
            assert hasattr(importlib.import_module(module), name), (module, name)
    # a module below the package is there only once it has been imported
    assert not re.findall(r"(?<!from )(?<!-m )\bsibmodel\.report\.\w+", text)


def solve() -> Any:
    return sibmodel.solve(w1(), "investor.profit", 0.0, "contract.terms.job.price", trials=20)


def deal_space() -> Any:
    asked = {"acceptance.investors.least_return": 0.05, "acceptance.commissioners.budget": 2_000_000}
    return sibmodel.deal_space(w1(asked), grid=3, trials=20, workers=1)


def routes() -> Any:
    return sibmodel.routes(sibmodel.load(SCENARIOS / "worked" / "w1_routes.yaml"), trials=20, workers=1)


def sensitivity() -> Any:
    grid = sibmodel.TwoWay("outcomes.hospital_cost.change", "contract.terms.wellbeing.price", points=2)
    return sibmodel.sensitivity(wtw(), effects="total", grid=grid, trials=100, workers=1)


def information() -> Iterator[Any]:
    yield sibmodel.information(wtw(), "public.npv", people=(50,), trials=200, workers=1)
    counted = sibmodel.load(SCENARIOS / "worked" / "r3.yaml", {"outcomes.job.luck": {"counts": "drawn"}})
    yield sibmodel.information(counted, people=(50,), trials=200, workers=1)


def w1(values: dict[str, Any] | None = None) -> Any:
    return sibmodel.load(SCENARIOS / "worked" / "w1.yaml", values or {})


def wtw() -> Any:
    return sibmodel.load(SCENARIOS / "ways_to_wellness.yaml")


ASKED = {
    "solve": lambda: [solve()],
    "deal-space": lambda: [deal_space()],
    "routes": lambda: [routes()],
    "sensitivity": lambda: [sensitivity()],
    "information": lambda: list(information()),
}


@pytest.mark.parametrize("question", ASKED)
def test_keys_on_a_page_are_those_that_are_written(question: str) -> None:
    """All at the top, named in a table's first column or before it; and no other name in the section is made up."""
    found = [json.loads(json.dumps(one.as_dict())) for one in ASKED[question]()]
    section = re.split(r"^## ", text_of(QUESTIONS / f"{question}.md").split("\n## Data\n")[1], flags=re.MULTILINE)[0]
    before, _, table = section.partition("\n|")
    rows = [row for row in table.splitlines() if row.startswith("|") and " | " in row and "|---" not in row]
    first = " ".join(re.sub(r"\(.*?\)", "", row.split(" | ")[0]) for row in rows if " of a " not in row.split(" | ")[0])
    top = set(keys_in(before + first))
    assert top == set(found[0])
    written = {key for one in found for key in every_key(one)}
    assert set(keys_in(section)) - written - EXAMPLES == set()


EXAMPLES = {"direct", "investors.least_return"}
"""Names on the pages that are those of routes and conditions."""


def keys_in(text: str) -> list[str]:
    return [name for name in re.findall(r"`([^`]+)`", text) if not name.startswith("-")]


def every_key(data: Any) -> Iterator[str]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield key
            yield from every_key(value)
    elif isinstance(data, list):
        for one in data:
            yield from every_key(one)


def test_keys_of_a_battery_are_on_its_page() -> None:
    found = sibmodel.stress(w1(), trials=20)
    section = text_of(QUESTIONS / "stress.md").split("\n## Data\n")[1].split("\n## ")[0]
    named = set(re.findall(r'"(\w+)"', section))
    assert set(found.as_dict()) <= named
    assert set(found.as_dict()["checks"][0]) <= named


def test_every_notebook_and_folder_of_scenarios_is_linked() -> None:
    """From the list of pages, each notebook under its own number; what a page links to is there."""
    names = sorted(path.name for path in (ROOT / "notebooks").glob("*.ipynb"))
    index = text_of(ROOT / "docs" / "README.md")
    assert [name[:2] for name in names] == [f"{n:02}" for n in range(1, len(names) + 1)]
    for name in names:
        assert re.search(rf"Notebook {name[:2]}: [^\]]+\]\(\.\./notebooks/{name}\)", index), name
    assert "scenarios/london/README.md" in index
    assert "scenarios/london/README.md" in text_of(ROOT / "README.md")
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text_of(page)):
            assert (page.parent / target).exists(), (name_of(page), target)
