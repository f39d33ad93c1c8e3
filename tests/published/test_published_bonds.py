"""The contracts of published bonds: every published figure, paid by the files in scenarios/published.

The rows that are verified stand here, not in the files, whose own examples the last tests run. Amounts are in each
bond's own currency.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.running.paying import failed_examples

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "scenarios" / "published"
FILES = sorted(FOLDER.glob("*.yaml"))
PENNY = 0.005

Row = dict[str, Any]


def row(period: int, outcome: str, quantity: float, **who: Any) -> Row:
    return {"period": period, "outcome": outcome, "quantity": quantity, **who}


def paid(name: str, rows: Iterable[Row], values: Mapping[str, Any] | None = None) -> sibmodel.Paid:
    return sibmodel.pay(sibmodel.load_contract(FOLDER / f"{name}.yaml", values), list(rows))


# ------------------------------------------------------------------------------------------------- Rikers Island


@pytest.mark.parametrize(
    ("reduction", "payment", "its_yield"),
    [  # yield in per cent a year of 9.6m lent for four years: (payment / 9.6)^(1/4) − 1
        (10, 9_600_000, 0.00),
        (11, 10_080_000, 1.23),  # 1.05^(1/4)
        (12, 10_176_000, 1.47),  # 1.06^(1/4)
        (12.5, 10_272_000, 1.71),  # 1.07^(1/4)
        (13, 10_368_000, 1.94),  # 1.08^(1/4)
        (16, 10_944_000, 3.33),  # 1.14^(1/4)
        (20, 11_712_000, 5.10),  # 1.22^(1/4)
    ],
)
def test_rikers_island_pays_what_gives_the_published_yield(reduction: float, payment: float, its_yield: float) -> None:
    result = paid("rikers_island", [row(4, "jail_days", reduction)])
    assert result.total == pytest.approx(payment, abs=PENNY)
    rate = float(sibmodel.irr(np.array([-9_600_000.0, 0, 0, 0, result.total])[:, None], 1).annual[0])
    assert 100 * rate == pytest.approx(its_yield, abs=0.005)


@pytest.mark.parametrize(("reduction", "published"), [(11, 1.2), (12, 1.5), (13, 1.9), (16, 3.3), (20, 5.1)])
def test_rikers_island_yields_as_published_to_one_decimal(reduction: float, published: float) -> None:
    multiple = paid("rikers_island", [row(4, "jail_days", reduction)]).total / 9_600_000
    assert round(100 * (multiple**0.25 - 1), 1) == published


@pytest.mark.parametrize(("reduction", "payment"), [(-5, 0), (0, 0), (8.49, 0), (8.5, 4_800_000), (9.99, 4_800_000)])
def test_rikers_island_pays_half_the_loan_from_eight_and_a_half_per_cent(reduction: float, payment: float) -> None:
    assert paid("rikers_island", [row(4, "jail_days", reduction)]).total == pytest.approx(payment, abs=PENNY)


# -------------------------------------------------------------------------------------------------- Peterborough


def cohorts(second: float) -> list[Row]:
    """The first cohort as published, and a second one against the same 155 per 100."""
    first = [row(16, "reconvictions", 142, cohort="1"), row(16, "comparison", 155, cohort="1")]
    return [*first, row(28, "reconvictions", second, cohort="2"), row(28, "comparison", 155, cohort="2")]


def test_peterborough_first_cohort_misses_its_mark() -> None:
    # (155 − 142) / 155 = 8.387 %: until the end, when a pool is measured for the first time, nothing is paid for it
    assert "16" not in paid("peterborough", cohorts(155)[:2]).by_period
    # 10 % exactly, 139.5 of 155, would have been paid for at once
    rows = [row(16, "reconvictions", 139.5), row(16, "comparison", 155)]
    assert paid("peterborough", rows).by_period["16"] > 0


def test_peterborough_all_cohorts_together() -> None:
    # a fall of 9 % of 310 leaves 282.1, less the first cohort's 142; 7.4 % leaves 287.06; 7.5 % leaves 286.75
    nine = paid("peterborough", cohorts(282.1 - 142))
    assert list(nine.by_period) == ["28"]
    assert nine.total == pytest.approx(5_000_000, abs=PENNY)  # the sum is an assumption, that it is paid is not
    assert paid("peterborough", cohorts(287.06 - 142)).total == 0
    assert paid("peterborough", cohorts(286.75 - 142)).total == pytest.approx(5_000_000, abs=PENNY)


# -------------------------------------------------------------------------------------------------------- Denver


def test_denver_to_the_cent() -> None:
    first, last, jail = row(9, "housed_days", 258_858), row(10, "housed_days", 41_070), row(10, "jail_days", 33.8)
    assert paid("denver", [first]).total == pytest.approx(3_913_932.96, abs=PENNY)  # 258,858 × 15.12
    assert paid("denver", [last]).total == pytest.approx(620_978.40, abs=PENNY)  # 41,070 × 15.12
    assert paid("denver", [jail]).total == pytest.approx(5_104_000, abs=PENNY)  # 4.8m + 3.8 × 80,000
    assert paid("denver", [first, last, jail]).total == pytest.approx(9_638_911.36, abs=PENNY)


@pytest.mark.parametrize(
    ("fall", "payment"),
    [
        (0, 0),
        (19.99, 0),
        (20, 3_200_000),  # 20 × 160,000: the cliff
        (25, 4_000_000),
        (30, 4_800_000),
        (65, 7_600_000),  # 4.8m + 35 × 80,000
        (90, 7_600_000),
    ],
)
def test_denver_jail_schedule(fall: float, payment: float) -> None:
    assert paid("denver", [row(10, "jail_days", fall)]).total == pytest.approx(payment, abs=PENNY)


# -------------------------------------------------------------------------------------------------------- Newpin


@pytest.mark.parametrize(
    ("year", "rate", "coupon"),
    [
        (4, 55, 3),
        (4, 60, 7.5),
        (4, 65, 12),
        (4, 70, 15),
        (4, 80, 15),
        (1, 60, 7.5),
        (2, 61.58, 8.92),  # 7.5 + 1.58 × 4.5 / 5 = 8.922
        (3, 65.25, 12.15),  # 12 + 0.25 × 3 / 5
        (2, 50, 5),  # 3 % by the scale, 5 % by the floor
        (4, 50, 3),  # the floor has ended
    ],
)
def test_newpin_coupons(year: int, rate: float, coupon: float) -> None:
    result = paid("newpin", [row(year, "restoration", rate)])
    assert round(100 * result.by_period[str(year)] / 7_000_000, 2) == coupon


@pytest.mark.parametrize(("month", "back"), [(48, 0.75), (60, 0.5), (72, 0.5)])
def test_newpin_redeemed_early(month: int, back: float) -> None:
    result = paid("newpin", [row(2, "restoration", 50)], {"contract.termination.month": month})
    assert result.by_term["termination"] == pytest.approx(back * 7_000_000, abs=PENNY)
    assert result.by_term["coupon"] == pytest.approx(3 * 350_000, abs=PENNY)  # the floor of years 1 to 3


# -------------------------------------------------------------------------------------------- Benevolent Society


@pytest.mark.parametrize(
    ("index", "protected", "exposed"),
    [
        (4.99, 7_500_000, 0),  # 0 % and −100 %
        (19, 10_036_692, 4_118_617),  # 7.5m × 1.06^5, 2.5m × 1.105^5
        (24, 7_500_000 * 1.07**5, 2_500_000 * 1.15**5),
        (60, 7_500_000 * 1.10**5, 2_500_000 * 1.30**5),  # the most of each class
    ],
)
def test_benevolent_society_maturity(index: float, protected: float, exposed: float) -> None:
    by_term = paid("benevolent_society", [row(5, "performance", index)]).by_term
    assert by_term["protected"] == pytest.approx(protected, abs=0.5)  # in whole dollars
    assert by_term["exposed"] == pytest.approx(exposed, abs=0.5)


# --------------------------------------------------------------------------------------------------- rate cards


APOLLO = {  # outcome: price, claims
    "right_course": (220, 103),
    "relationship": (220, 0),
    "feels_safe": (220, 91),
    "home_managed": (220, 87),
    "own_goal": (220, 99),
    "course_begun": (220, 53),
    "course_quarter": (220, 45),
    "course_half": (220, 32),
    "level_1": (1760, 17),
    "level_2": (4730, 19),
    "level_3": (4730, 3),
    "higher_begun": (660, 0),
    "higher_year_1": (2750, 0),
    "higher_year_2": (2750, 0),
    "higher_done": (4730, 0),
    "experience_begun": (110, 22),
    "experience_week": (220, 21),
    "experience_4_weeks": (330, 17),
    "job": (660, 73),
    "earned_768": (2750, 64),
    "earned_1631": (2750, 54),
    "earned_3350": (2750, 46),
    "earned_8155": (2750, 33),
}


def test_care_leavers_all_claims() -> None:
    rows = [row(9, name, claims) for name, (_, claims) in APOLLO.items()]
    result = paid("care_leavers_apollo", rows)
    assert result.total == pytest.approx(848_760, abs=PENNY)
    # what was recorded as paid is one claim of £220 less
    assert paid("care_leavers_apollo", [*rows, row(9, "feels_safe", -1)]).total == pytest.approx(848_540, abs=PENNY)


@pytest.mark.parametrize(("name", "price"), [(name, price) for name, (price, _) in APOLLO.items()])
def test_care_leavers_prices_are_paid_again_for_the_same_person(name: str, price: float) -> None:
    rows = [row(period, name, 1, person="A") for period in (3, 7)]
    assert paid("care_leavers_apollo", rows).total == pytest.approx(2 * price, abs=PENNY)


INNOVATION = {
    "behaviour": 1300,
    "attendance": 1400,
    "attitude": 700,
    "level_1": 1100,
    "level_2": 3300,
    "level_3": 5100,
    "entry_level": 900,
    "basic_skills": 900,
    "job_13_weeks": 3500,
    "job_26_weeks": 2000,
}


def test_innovation_fund_caps_what_is_paid_for_a_person() -> None:
    assert sum(INNOVATION.values()) == 20_200
    rows = [row(5, name, 1, person="A") for name in INNOVATION]
    assert paid("innovation_fund_round_2", rows).total == pytest.approx(11_700, abs=PENNY)
    spread = [row(period, name, 1, person="A") for period, name in enumerate(INNOVATION, 1)]
    assert paid("innovation_fund_round_2", spread).total == pytest.approx(11_700, abs=PENNY)
    both = [*rows, *(row(5, name, 1, person="B") for name in INNOVATION)]
    assert paid("innovation_fund_round_2", both).total == pytest.approx(2 * 11_700, abs=PENNY)


@pytest.mark.parametrize(("name", "price"), list(INNOVATION.items()))
def test_innovation_fund_prices(name: str, price: float) -> None:
    assert paid("innovation_fund_round_2", [row(5, name, 1, person="A")]).total == pytest.approx(price, abs=PENNY)


# ---------------------------------------------------------------------------------------------------- milestones


def test_adoption_pays_until_a_breakdown() -> None:
    steps = [("registered", 2), ("placed", 4), ("one_year", 8), ("two_years", 12)]
    rows = [row(period, name, 1, person="A") for name, period in steps]
    assert paid("its_all_about_me", rows).total == pytest.approx(53_600, abs=PENNY)  # 8,000 + 23,000 + 6,800 + 15,800
    broken = [*rows, row(6, "breakdown", 1, person="A")]
    assert paid("its_all_about_me", broken).total == pytest.approx(31_000, abs=PENNY)  # 8,000 + 23,000


def test_women_in_recovery() -> None:
    steps = [("graduated", 5), ("free_24", 8), ("free_36", 12), ("free_54", 18)]
    woman = [row(period, name, 1, person="A") for name, period in steps]
    assert paid("women_in_recovery", woman).total == pytest.approx(22_584, abs=PENNY)  # 4 × 5,646
    year = [row(period, name, 125, cohort="first year") for name, period in steps]
    assert paid("women_in_recovery", year).total == pytest.approx(2_823_000, abs=PENNY)  # 125 × 22,584
    persons = [{**one, "person": str(number)} for one in woman for number in range(125)]
    assert paid("women_in_recovery", persons).total == pytest.approx(2_823_000, abs=PENNY)
    # in prison between months 24 and 36: graduation and month 24 only
    prison = [*woman, row(10, "imprisoned", 1, person="A")]
    assert paid("women_in_recovery", prison).total == pytest.approx(11_292, abs=PENNY)


# ------------------------------------------------------------------------------------- savings, payers, tax, caps


def test_utah_shares_the_saving() -> None:
    assert paid("utah_preschool", [row(2, "saving", 281_000)]).total == pytest.approx(266_950, abs=PENNY)  # 95 %


def test_shropshire_payers() -> None:
    result = paid("shropshire", [row(7, "payments_due", 1_034_484)])
    assert result.total == pytest.approx(1_034_484, abs=PENNY)
    # 42 % and 58 % are whole per cents: 434,483.28 and 600,000.72
    assert result.by_payer["central"] == pytest.approx(434_484, abs=2)
    assert result.by_payer["local"] == pytest.approx(600_000, abs=2)


def test_stevig_staan_cap_with_tax() -> None:
    result = paid("stevig_staan", [row(7, "payments_due", 9_000_000)])
    assert result.total * 1.21 == pytest.approx(3_838_556, abs=PENNY)
    assert result.total == pytest.approx(3_172_360, abs=0.5)  # in whole euros
    # 750,000 of it revolves; investors put in 1.8m
    assert result.total - 750_000 == pytest.approx(2_422_360, abs=0.5)
    assert (result.total - 750_000) / 1_800_000 == pytest.approx(1.3458, abs=0.00005)


def test_somerset_cap_is_the_planned_cost() -> None:
    planned = 326_309 + 31_321 + 20_138  # delivery, return to the investor, governance
    for due in (planned, 2 * planned):
        result = paid("somerset_end_of_life", [row(9, "payments_due", due)])
        assert result.total == pytest.approx(377_768, abs=PENNY)
        assert result.by_payer["larger"] == pytest.approx(310_692, abs=PENNY)
        assert result.by_payer["smaller"] == pytest.approx(67_076, abs=PENNY)


SPRING_PLAN = [
    *(123_714, 133_110, 265_804, 281_274, 462_478, 480_964, 500_819),
    *(510_506, 524_540, 525_398, 543_634, 557_931, 597_523, 610_350),
]
SPRING_ACTUAL = [
    *(0, 25_200, 48_240, 93_900, 140_720, 137_470, 264_483),
    *(280_650, 260_830, 229_485, 354_130, 328_783, 429_753, 397_373),
]
SPRING_CAPS = {"icb": 3_089_611, "council": 2_945_949, "fund": 2_420_214}


def test_spring_quarter_by_quarter() -> None:
    results = []
    for series in (SPRING_PLAN, SPRING_ACTUAL):
        result = paid("spring_northamptonshire_payments", [row(t, "payments_due", x) for t, x in enumerate(series, 1)])
        assert [result.by_period.get(str(t), 0) for t in range(1, 15)] == pytest.approx(series, abs=PENNY)
        for payer, cap in SPRING_CAPS.items():  # in proportion to the caps
            assert result.by_payer[payer] == pytest.approx(sum(series) * cap / 8_455_774, abs=PENNY)
        results.append(result.total)
    plan, actual = results
    assert plan == pytest.approx(6_118_045, abs=PENNY)
    assert actual == pytest.approx(2_991_017, abs=PENNY)
    assert actual / plan == pytest.approx(0.488884, abs=5e-7)


def test_spring_payers_stop_at_their_caps() -> None:
    result = paid("spring_northamptonshire_payments", [row(20, "payments_due", 20_000_000)])
    assert result.total == pytest.approx(8_455_774, abs=PENNY)
    assert result.by_payer == pytest.approx(SPRING_CAPS, abs=PENNY)


# -------------------------------------------------------------------------------------------------- all the files


@pytest.mark.parametrize("file", [*FILES, ROOT / "scenarios" / "ways_to_wellness.yaml"], ids=lambda file: file.stem)
def test_every_file_is_sound_and_its_examples_hold(file: Path) -> None:
    scenario = sibmodel.load_contract(file)
    assert scenario.contract.examples
    assert failed_examples(scenario) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_file_names_its_sources(file: Path) -> None:
    scenario = sibmodel.load_contract(file)
    assert scenario.description
    assert scenario.sources
    for quantity in scenario.quantities():
        if quantity.grade is not None:
            assert quantity.source, quantity.address
        if quantity.source == "assumption":
            assert quantity.grade == 6, quantity.address


def test_every_file_is_on_the_page() -> None:
    page = (ROOT / "docs" / "published" / "README.md").read_text(encoding="utf-8")
    assert len(FILES) == 17
    for file in FILES:
        assert f"(../../scenarios/published/{file.name})" in page
