"""What a notebook user meets: public names, tables, and results that print themselves."""

from pathlib import Path

import pytest

import sibmodel

WTW = Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml"


def test_every_public_name_can_be_imported() -> None:
    for name in sibmodel.__all__:
        assert getattr(sibmodel, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = sibmodel.nothing


def test_a_result_prints_itself_and_gives_tables() -> None:
    result = sibmodel.simulate(sibmodel.load(WTW), trials=200)
    assert "WHERE THE RISK FALLS" in str(result)
    page = result._repr_html_()
    assert page.count("<table>") == page.count("</table>") >= 5
    assert "commissioners&#x27;" in page or "commissioners'" in page
    table = result.to_frame()
    assert table.loc["investor.irr", "mean"] == result["investor.irr"].mean
    assert result.trials_frame().shape[0] == 200
    years = result.payments_frame()
    assert years["base"].sum() == pytest.approx(result["payers.payments"].base)
    assert years["mean"].sum() == pytest.approx(result["payers.payments"].mean)
    assert {"address"} == set(sibmodel.inputs(result.scenario).index.names)


def test_an_unknown_measure_suggests_the_nearest() -> None:
    result = sibmodel.simulate(sibmodel.load(WTW), trials=2)
    with pytest.raises(sibmodel.UnknownNameError, match=r"did you mean 'investor\.irr'"):
        _ = result["investor.ir"]


def test_problems_are_data_too() -> None:
    with pytest.raises(sibmodel.ScenarioError) as caught:
        sibmodel.loads("title: 3\nunknown: 1\n", name="mine.yaml")
    problems = caught.value.problems
    assert {p.address for p in problems} >= {"title", "unknown", "timeline"}
    assert all(p.file == "mine.yaml" and p.line >= 1 and p.right for p in problems)


def test_the_same_seed_gives_the_same_bits_and_another_does_not() -> None:
    scenario = sibmodel.load(WTW)
    one, two, other = (sibmodel.simulate(scenario, trials=50, seed=seed) for seed in (7, 7, 8))
    assert one.values["investor.npv"].tobytes() == two.values["investor.npv"].tobytes()
    assert one.values["investor.npv"].tobytes() != other.values["investor.npv"].tobytes()
    assert one.record.hash == two.record.hash
