"""The boroughs of the pan-London scenario against the table of their facts, and what of it must add up."""

import csv
from pathlib import Path

import pytest

import sibmodel

LONDON = Path(__file__).parents[2] / "scenarios" / "london"
PER_1000 = {
    "higher": {"conditions": 24, "older": 9, "money": 20, "excluded": 6},
    "middle": {"conditions": 21, "older": 11, "money": 11, "excluded": 3},
    "lower": {"conditions": 18, "older": 12, "money": 6, "excluded": 1},
}


@pytest.fixture(scope="module")
def scenario() -> sibmodel.Scenario:
    return sibmodel.load(LONDON / "pan_london.yaml")


@pytest.fixture(scope="module")
def facts() -> list[dict[str, str]]:
    with (LONDON / "boroughs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_table_has_33_boroughs_and_londons_residents(facts: list[dict[str, str]]) -> None:
    assert sorted(row["gss_code"] for row in facts) == [f"E090000{n:02}" for n in range(1, 34)]
    # each is rounded to a hundred, so that 33 of them may be out by 1,650 together; published: 8,799,800
    assert sum(int(row["residents_2021"]) for row in facts) == pytest.approx(8_799_800, abs=1_650)
    inner = {row["area"] for row in facts if row["inner_or_outer"] == "inner"}
    assert len(inner) == 14  # with the City, as ONS has it


def test_the_scenario_has_the_boroughs_of_the_table(scenario: sibmodel.Scenario, facts: list[dict[str, str]]) -> None:
    areas = scenario.programme.areas or {}
    assert {row["area"] for row in facts} == set(areas)
    for row in facts:
        area = areas[row["area"]]
        score = float(row["imd_2019_average_score"])
        assert row["need_band"] == ("higher" if score >= 24 else "middle" if score >= 16 else "lower")
        assert (area.title, area.code) == (row["name"], row["gss_code"])
        assert area.from_month == int(row["wave_month"])
        assert (area.weighting is not None) == (row["inner_or_outer"] == "inner")
        for group, rate in PER_1000[row["need_band"]].items():
            need = max(round(int(row["residents_2021"]) * rate / 1000, -1), 10)
            assert area.need_of(group) == need == int(row[f"need_{group}"]), (row["area"], group)


def test_the_boards_shares_are_their_boroughs_need(scenario: sibmodel.Scenario, facts: list[dict[str, str]]) -> None:
    """Four fifths of each payment, by the need of the boards' boroughs, to the third decimal."""
    by_board: dict[str, float] = {}
    for row in facts:
        need = sum(int(row[f"need_{group}"]) for group in PER_1000["lower"])
        by_board[row["integrated_care_board"]] = by_board.get(row["integrated_care_board"], 0.0) + need
    (phase,) = scenario.contract.split or ()
    shares = dict(phase.shares or {})
    for board, payer in (
        ("West and North London", "west_and_north"), ("North East London", "north_east"),
        ("South East London", "south_east"), ("South West London", "south_west"),
    ):  # fmt: skip
        assert shares[payer] == pytest.approx(0.8 * by_board[board] / sum(by_board.values()), abs=0.0011), board


@pytest.mark.parametrize(("posts", "starts"), [(3, 75.1), (4, 6.15)])
def test_the_pilots_comment_says_what_one_more_worker_buys(posts: int, starts: float) -> None:
    """So `reach` says of 10,000 futures; the comment at the head of the file says it in whole people."""
    path = LONDON / "borough_pilot.yaml"
    one_more = sibmodel.reach(sibmodel.load(path, {"programme.link_workers.posts": posts}), trials=1000)
    figure = one_more.number("lever", "link_worker", "started")
    assert abs((figure.mean or 0) - starts) < 4 * (figure.se or 0)
    comment = " ".join(path.read_text(encoding="utf-8").split("extends:")[0].replace("#", " ").split())
    assert f"some {starts:.0f}" in comment
    assert "sibmodel reach scenarios/london/borough_pilot.yaml" in comment
