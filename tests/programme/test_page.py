"""docs/programme.md: what it shows is a programme that works."""

import io
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

import sibmodel

PAGE = (Path(__file__).parents[2] / "docs" / "programme.md").read_text(encoding="utf-8")
REST = """
title: The page's programme
timeline: {signing: 2027-03-31, period: quarter, periods: 20}
outcomes:
  better: {type: achievement, share: 0.6, effect_in_group: {older: 0.8}}
contract:
  payers: {icb: {}}
  terms: {better: {rule: price, outcome: better, price: {by_group: {older: 700}}}}
capital:
  tranches: {fund: {commitment: 5000000}}
"""


def test_the_blocks_of_the_page_make_a_programme() -> None:
    yaml = YAML(typ="safe", pure=True)
    programme: dict[str, Any] = {}
    for block in re.findall(r"```yaml\n(.*?)```", PAGE, flags=re.DOTALL):
        for chapter, content in yaml.load(block).items():
            programme[chapter] = content
    assert set(programme) == {"groups", "areas", "link_workers", "onward", "costs"}
    programme["minimum"] = {"starts_per_1000": 60}
    programme["service"] = {"from_month": 6}
    programme["groups"]["older"]["share_of_need"] = 1  # the page's group has neighbours that it does not show
    out = io.StringIO()
    yaml.dump({**yaml.load(REST), "programme": programme}, out)
    scenario = sibmodel.loads(out.getvalue())
    found = sibmodel.reach(scenario, trials=2)
    assert found.names("area") == ("newham", "sutton")
    assert found.names("lever") == ("link_worker", "money_for_community", "volunteer_for_community")
    for of, name in (("route", "older.self"), ("service", "welfare_advice")):
        assert any(key.of == of and key.name == name for key in found.numbers)


def test_every_field_that_it_names_exists() -> None:
    """Costs and where they stand, in the page's table."""
    reference = (Path(__file__).parents[2] / "docs" / "reference.md").read_text(encoding="utf-8")
    table = PAGE[PAGE.index("## Costs") : PAGE.index("`further` costs have")]
    for field in re.findall(r"`(?:[a-zA-Z_]+\.)*([a-z_]+)`", table):
        assert f"| `{field}` |" in reference, field
