"""The page about Ways to Wellness says what the model says: every row of its table is made again."""

import re
from pathlib import Path
from typing import Any

import pytest

import sibmodel
from sibmodel.report.numbers import money, shown

ROOT = Path(__file__).parents[2]
PAGE = " ".join((ROOT / "docs" / "published" / "ways_to_wellness.md").read_text().split())
VARIANTS: list[dict[str, Any]] = [
    {},
    {"outcomes.hospital_cost.change": 395},
    {"outcomes.hospital_cost.change": {"normal": [77.57, 38.13]}},
    {"outcomes.hospital_cost.lasts_months": 24},
    {"programme.link_workers.caseload": 110},
]


@pytest.fixture(scope="module")
def results() -> list[sibmodel.Result]:
    file = ROOT / "scenarios" / "ways_to_wellness.yaml"
    return [sibmodel.simulate(sibmodel.load(file, values)) for values in VARIANTS]


@pytest.mark.parametrize(
    ("words", "measure"),
    [
        ("return a year", "investor.irr"),
        ("all payers pay", "payers.payments"),
        ("savings for each £1, gross", "public.savings_per_pound"),
    ],
)
def test_ranges_of_the_variants(words: str, measure: str, results: list[sibmodel.Result]) -> None:
    cells = []
    for result in results:
        summary = result[measure]
        ends = (shown(summary.percentiles[p], summary.unit) for p in (5, 95))
        cells.append(" to ".join(ends))
    assert f"| {words} | {' | '.join(cells)} |" in PAGE


def test_chances_and_what_is_paid_for_nothing(results: list[sibmodel.Result]) -> None:
    chances = [f"{100 * (result['investor.loss_probability'].mean or 0):.0f} of 100" for result in results]
    assert f"| investors lose money, futures | {' | '.join(chances)} |" in PAGE
    nothing = results[0].if_nothing["payers.payments"]
    low, high = (money(nothing.percentiles[p]) for p in (5, 95))
    assert f"{low} to {high}, {money(nothing.mean)} on average: {money(nothing.base)} in the base case" in PAGE
    cash = results[0]["commissioner.cashable_net_saving"].percentiles
    assert f"{money(-(cash[95] or 0))} to {money(-(cash[5] or 0))} *worse*" in PAGE


def test_how_often_the_money_is_back_by_then(results: list[sibmodel.Result]) -> None:
    years = results[0].values["investor.payback_period"]
    within = [f"{100 * float((years <= end).mean()):.0f}" for end in (7, 9)]
    assert f"within seven years in about {within[0]} of 100 futures" in PAGE
    assert f"nine-year timeline in about {within[1]}," in PAGE


def test_every_number_of_the_scenario_file_named_on_the_page_can_be_set() -> None:
    addresses = re.findall(r"--set '?([a-z_.]+)=", PAGE)
    assert {address for values in VARIANTS for address in values} <= set(addresses)
