"""Charts say what the result says, and draw for bonds that lack what they show."""

import re
from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

import sibmodel
from sibmodel.report import charts, pictures, risk_charts
from sibmodel.report.numbers import money

mpl.use("Agg")

SCENARIOS = Path(__file__).parents[2] / "scenarios"
Chart = Callable[[sibmodel.Result], Figure]
CHARTS: tuple[Chart, ...] = (
    charts.investors_over_time,
    charts.investors_return,
    charts.payment_scales,
    charts.payments_by_year,
    charts.bill,
    charts.savings_per_pound,
    pictures.who_does_what,
    pictures.readme_picture,
)


def words(figure: Figure) -> str:
    """All text of a figure."""
    return " ".join(text.get_text() for text in figure.findobj(mpl.text.Text))


@pytest.fixture(scope="module")
def wellness() -> sibmodel.Result:
    return sibmodel.simulate(sibmodel.load(SCENARIOS / "ways_to_wellness.yaml"), trials=400)


@pytest.mark.parametrize("chart", CHARTS)
def test_every_chart_is_drawn_and_names_its_run(chart: Chart, wellness: sibmodel.Result) -> None:
    figure = chart(wellness)
    figure.canvas.draw()
    text = words(figure).replace("\n", " ")
    assert not re.search(r"\bnan\b", text)
    if chart is not pictures.who_does_what:
        assert "400 simulated futures" in text
        assert "seed 2015" in text


def test_titles_carry_the_figures_of_the_result(wellness: sibmodel.Result) -> None:
    from sibmodel.report.numbers import money, per_cent

    irr, paid = wellness["investor.irr"].percentiles, wellness["payers.payments"].percentiles
    assert per_cent(irr[5]) in words(charts.investors_return(wellness))
    for end in (5, 95):
        assert money(paid[end]) in words(charts.payments_by_year(wellness)).replace("\n", " ")
    most = wellness["commissioner.maximum_exposure"].mean
    assert money(most) in words(charts.bill(wellness)).replace("\n", " ")


@pytest.mark.parametrize("name", ["london/pan_london", "spring_northamptonshire", "ways_to_wellness"])
def test_words_stay_inside_their_boxes(name: str) -> None:
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / f"{name}.yaml"), trials=2)
    figure = pictures.who_does_what(result)
    figure.canvas.draw()
    boxes = [patch.get_window_extent() for patch in figure.findobj(mpl.patches.FancyBboxPatch)]
    texts = [text.get_window_extent() for text in figure.findobj(mpl.text.Text) if text.get_text()]
    for box in boxes:
        inside = [t for t in texts if box.x0 < (t.x0 + t.x1) / 2 < box.x1 and box.y0 < (t.y0 + t.y1) / 2 < box.y1]
        heading, names = sorted(inside, key=lambda one: -one.y1)
        assert all(box.contains(*one.min) and box.contains(*one.max) for one in inside)
        assert heading.y0 >= names.y1


def test_only_what_payments_hang_on_is_measured() -> None:
    """Of five outcomes the contract reads one; the others are savings."""
    result = sibmodel.simulate(sibmodel.load(SCENARIOS / "london" / "greenwich_by_agency.yaml"), trials=2)
    text = words(pictures.who_does_what(result)).replace("\n", " ")
    assert "Wellbeing better after six months" in text
    assert "A&E" not in text


def test_names_that_do_not_fit_are_counted() -> None:
    lines, _ = pictures.fitted([f"A payer with quite a long name, number {n}, of the county" for n in range(10)])
    assert len(lines) == 7
    assert lines[-1] == "and 4 more"
    assert lines[0].endswith(" …")


W1_VALUES: dict[str, dict[str, object]] = {
    "nothing uncertain": {},
    "nobody comes": {"programme.groups.everyone.referrals": 0},
    "no capital": {"capital.tranches.investor.commitment": 0},
    "some lose all": {"programme.groups.everyone.engaged": {"uniform": [0, 1]}},
}


@pytest.mark.parametrize("case", W1_VALUES)
@pytest.mark.parametrize("chart", [c for c in CHARTS if c not in (charts.payment_scales, charts.savings_per_pound)])
def test_charts_draw_for_odd_bonds_too(chart: Chart, case: str) -> None:
    scenario = sibmodel.load(SCENARIOS / "worked" / "w1.yaml", W1_VALUES[case])
    figure = chart(sibmodel.simulate(scenario, trials=60))
    figure.canvas.draw()
    assert not re.search(r"\b(nan|inf)\b", words(figure))
    assert "£" in words(figure) or "%" in words(figure)


def test_variants_are_compared_row_by_row(wellness: sibmodel.Result) -> None:
    address = {"outcomes.hospital_cost.change": {"normal": [77.57, 38.13]}}
    study = sibmodel.simulate(sibmodel.change(wellness.scenario, address), trials=400)
    text = words(charts.comparison({"the scenario": wellness, "the study": study}, "Two estimates"))
    assert "Two estimates" in text
    assert "the study" in text


def test_the_picture_is_made_by_its_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "picture.png"
    short = tmp_path / "short.yaml"
    text = (SCENARIOS / "ways_to_wellness.yaml").read_text().replace("trials: 10000", "trials: 50")
    short.write_text(text)
    monkeypatch.setattr("sys.argv", ["pictures", str(short), str(target)])
    pictures.main()
    assert target.read_bytes().startswith(b"\x89PNG")


def test_the_matrix_of_risk_is_drawn_with_its_amounts() -> None:
    result = sibmodel.risk(sibmodel.load(SCENARIOS / "ways_to_wellness_in_layers.yaml"), trials=200)
    seen = words(risk_charts.risk_by_party(result))
    for row in result.matrix.rows:
        if row.changes:
            assert row.risk.name in seen
    for party in ("tranche foundation", "guarantor", "payer ccg"):
        assert party in seen.replace("\n", " ")
    largest = max(
        (abs(e.mean), e.mean) for k, e in result.matrix["effect"].changes.items() if k in result.matrix.columns
    )
    assert money(largest[1]) in seen


def test_a_bond_without_risk_has_an_empty_matrix() -> None:
    result = sibmodel.risk(sibmodel.load(SCENARIOS / "worked" / "w1.yaml"), trials=50)
    assert "Nothing here is uncertain" in words(risk_charts.risk_by_party(result))
