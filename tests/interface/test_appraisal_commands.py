"""`sibmodel appraise`, `evidence` and `logs`, driven as a user drives them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import sibmodel
from sibmodel.cli import app

SCENARIOS = Path(__file__).parents[2] / "scenarios"
GREENWICH = SCENARIOS / "london" / "greenwich.yaml"
EVIDENCE = SCENARIOS / "london" / "evidence.yaml"
NEWCASTLE = SCENARIOS / "ways_to_wellness.yaml"


def run(*words: object) -> tuple[str, str]:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout, result.stderr


def test_appraise_walks_the_claim_down_the_chain() -> None:
    out, err = run("appraise", GREENWICH, "--trials", 200)
    for words in ("What a pound saves", "of which cashable", "75.0% of the savings go to agencies that pay nothing"):
        assert words in out
    assert "warning: Optimism-bias corrections by grade" in err
    assert "not verified" in out


def test_the_numbers_of_appraise_add_up() -> None:
    found = json.loads(run("appraise", GREENWICH, "--trials", 200, "--json", "-")[0])
    chain = {link["name"]: link["pounds"] for link in found["chain"]}
    measures = found["measures"]
    gross, attributable, after, cash, own = chain.values()
    assert attributable == gross  # top-down is stated at that link
    assert attributable == pytest.approx(
        sum(m["base"] for name, m in measures.items() if name.startswith("agency.") and name.endswith(".savings"))
    )
    assert after == pytest.approx(0.6 * attributable)  # 40 % off
    assert cash == pytest.approx(after * 0.4 / 3)  # the mean of 0, 0.1 and 0.3
    assert own == pytest.approx(cash * 0.25)  # board 10 %, borough 15 %
    pockets = found["pockets"]
    assert sum(p["saves"] for p in pockets) == pytest.approx(after)
    assert sum(p["cash_net"] for p in pockets if p["pays"]) == pytest.approx(
        measures["commissioner.cashable_net_saving"]["base"]
    )
    assert found["chances"]["public.savings_per_pound"] == {"1": 1.0, "2": 1.0, "3": 1.0, "4": 1.0, "5": 0.0}
    switch = next(s for s in found["switching_values"] if s["address"] == "savings.top_down.savings_per_pound")
    needed = switch["switches"]["public.savings_per_pound"]
    assert needed == pytest.approx(5 / measures["public.savings_per_pound"]["base"])
    again = sibmodel.load(GREENWICH, {"savings.top_down.savings_per_pound": needed})
    assert sibmodel.simulate(again, 2)["public.savings_per_pound"].base == pytest.approx(1)
    assert found["contractual_maximum"] == 1_800_000
    budget, whole = found["budget"], found["all_years"]
    assert all(year["maximum"] == 1_800_000 for year in budget)  # both caps hold over the contract, so for any year
    assert sum(year["cashable"] for year in budget) == pytest.approx(whole["cashable"])
    assert all(year["cashable_p5"] <= year["cashable_p50"] <= year["cashable_p95"] for year in (*budget, whole))
    assert whole["net_p50"] < 0 < whole["cashable_p50"]
    savings = {saving["name"]: saving for saving in found["savings"]}
    assert sum(saving["left"]["attributable"] for saving in savings.values()) == pytest.approx(attributable)
    assert sum(saving["left"]["cashable"] for saving in savings.values()) == pytest.approx(cash)
    icb = savings["top_down.icb"]
    assert (icb["grade"], icb["optimism_bias"], icb["short_of_a_step"]) == (6, 0.4, pytest.approx(0, abs=1e-6))
    claim = icb["steps"][0]
    assert (claim["address"], claim["value"], claim["grade"]) == ("savings.top_down.savings_per_pound", 5, 6)
    assert found["rests_on_weak_evidence"] == 1
    assert found["record"]["reference"].keys() == {"discount_rates", "optimism_bias"}


def test_the_budget_adds_up_to_what_commissioners_pay() -> None:
    found = sibmodel.appraise(sibmodel.load(NEWCASTLE), trials=300)
    for year in found.budget:
        assert year.payments[50] <= year.payments[80] <= year.payments[95]
    saved = sum(year.cashable for year in found.budget)
    books = found.result.base
    level = (1 + 0.023) ** books.scenario.timeline.years[:, None]
    assert saved == pytest.approx(float((books.service.savings[0].cashable * level).sum()))
    assert "Ways to Wellness" in str(found)
    assert "<" in found._repr_html_()


def test_the_budget_has_every_year_in_which_money_can_fall_due() -> None:
    """Payments end in 2030/31 as planned, but caps of £50,000 each let two payers pay up to 2037/38."""
    caps = {f"contract.payers.{payer}.caps": {"financial_year": 50_000} for payer in ("icb", "borough")}
    found = sibmodel.appraise(sibmodel.load(GREENWICH, caps), trials=50)
    assert [year.year for year in found.budget] == [f"20{n}/{n + 1}" for n in range(27, 38)]
    assert sum(year.most or 0 for year in found.budget) == found.all_years.most == 1_100_000


def test_the_budget_has_years_after_the_timeline() -> None:
    """The last report, in March 2024, is paid for half a year later; nothing can fall due on the day of signing."""
    cap = {"contract.payers.ccg.caps": {"financial_year": 500_000}}
    found = sibmodel.appraise(sibmodel.load(NEWCASTLE, cap), trials=50)
    assert [year.year for year in found.budget] == [f"20{n}/{n + 1}" for n in range(15, 25)]
    assert sum(year.most or 0 for year in found.budget) == found.all_years.most == 5_000_000
    last = found.budget[-1]
    assert (last.payments[95], last.most) == (0, 500_000)
    assert str(found).count("2024/25") == 1  # of what is saved then nothing is known


def test_evidence_is_drawn_and_the_disagreement_said() -> None:
    out, _ = run("evidence", EVIDENCE)
    for words in ("local 2019*", "The studies disagree", "another place", "◆", "`evidence: newcastle_hospital_cost`"):
        assert words in out
    bars = [line for line in out.splitlines() if "─" in line and "─" * 60 not in line]
    assert len(bars) == 7
    noughts = {line.index("┊") for line in bars if "┊" in line}
    assert len(noughts) == 1  # in one column, whatever the table does with blanks
    scale = next(
        line for line in out.splitlines() if line.rstrip().endswith("-105                                  586")
    )
    left = scale.index("-105")
    # from −105.1 to 586, in 41 columns: an interval from 282 to 586 begins at 40 × 387/691 and ends in the last
    last = next(line for line in bars if line.startswith(" local 2019*"))
    assert (last.index("─") - left, len(last.rstrip()) - left) == (22, 41)
    assert "white-space:pre" in sibmodel.evidence(sibmodel.load_evidence(EVIDENCE))._repr_html_()
    found = json.loads(run("evidence", EVIDENCE, "--json", "-")[0])["evidence"]["newcastle_hospital_cost"]
    assert found["studies"].keys() == {"wildman", "matched_control", "local_2018", "investor", "local_2019"}
    assert found["studies"]["local_2019"]["without"] < found["estimate"] < found["studies"]["wildman"]["without"]


def test_evidence_of_a_scenario_without_any_is_refused() -> None:
    result = CliRunner().invoke(app, ["evidence", str(NEWCASTLE)])
    assert result.exit_code == 2
    assert "has no evidence" in result.stderr


def test_a_file_of_evidence_is_checked_and_its_mistakes_told(tmp_path: Path) -> None:
    assert "no problems" in run("check", EVIDENCE)[1]
    broken = tmp_path / "evidence.yaml"
    broken.write_text(EVIDENCE.read_text(encoding="utf-8").replace("interval: [2.84, 152.30], ", ""), encoding="utf-8")
    result = CliRunner().invoke(app, ["check", str(broken)])
    assert result.exit_code == 2
    assert "studies.wildman.interval: the study has neither an interval nor a standard error" in result.stdout


def test_logs_rank_what_moves_the_result_most() -> None:
    out, _ = run("logs", NEWCASTLE, "--set", "capital.minimum_cash=100000")
    for words in ("Assumptions log", "DATA LOG", "DECISIONS LOG", "capital.minimum_cash = 100000"):
        assert words in out
    found = sibmodel.logs(sibmodel.load(NEWCASTLE))
    first = found.assumptions[0]
    assert (first.address, first.rank, first.grade) == ("outcomes.hospital_cost.change", 1, 5)
    ratios = [
        sibmodel.simulate(sibmodel.load(NEWCASTLE, {first.address: end}), 2)["public.savings_per_pound"].base or 0
        for end in (first.low, first.high)
    ]
    assert first.effects["public.savings_per_pound"] == pytest.approx(ratios[1] - ratios[0])
    effects = [abs(a.effects["public.savings_per_pound"] or 0) for a in found.assumptions if a.rank]
    assert effects == sorted(effects, reverse=True)
    assert 0 < (found.weak or 0) < 1
    assert "110,954 to 144,508" in out
    assert "5,200,000" in out
    assert "e+0" not in out


def test_the_risks_of_a_bond_on_pooled_evidence() -> None:
    found = sibmodel.risk(sibmodel.load(SCENARIOS / "what_newcastle_saved" / "pooled.yaml"), trials=200)
    moved = found.matrix_frame().loc["effect"].dropna()
    assert (moved != 0).any()


def test_savings_of_eight_agencies_number_by_number() -> None:
    """A year's cap limits that year; a ward that never closes releases nothing."""
    words = ("--set", "contract.payers.icb.caps.financial_year=100000", "--trials", 100)
    out, _ = run("appraise", SCENARIOS / "london" / "greenwich_by_agency.yaml", *words, "--json", "-")
    found = json.loads(out)
    agencies = {saving["agency"] for saving in found["savings"]}
    assert agencies == {"icb", "acute_trust", "primary_care", "borough", "public_health", "dwp", "housing", "police",
                        "residents"}  # fmt: skip
    stays = next(saving for saving in found["savings"] if saving["name"] == "stays")
    assert stays["left"]["cashable"] == 0
    assert stays["short_of_a_step"] == pytest.approx(0.8 * stays["left"]["after_bias"])
    value = next(step for step in stays["steps"] if step["address"].endswith(".value"))
    assert value["unit"].startswith("£ an episode, 2013 prices (× 1.")
    assert all(year["maximum"] == 1_000_000 for year in found["budget"])  # 100,000 of the board, 900,000 of the borough
    # a cap that is uncertain counts with the most that it is in any future, in each year as in all
    words = ("--set", "contract.payers.icb.cap={uniform: [800000, 900000]}", "--trials", 100)
    whole = json.loads(run("appraise", GREENWICH, *words, "--json", "-")[0])
    assert {year["maximum"] for year in whole["budget"]} == {whole["all_years"]["maximum"]}
    assert 1_790_000 < whole["all_years"]["maximum"] < 1_800_000
    out, _ = run("appraise", SCENARIOS / "london" / "greenwich_by_agency.yaml", "--trials", 100)
    assert "falls short of a whole step" in " ".join(out.split())  # wherever the terminal breaks the line
    assert "The numbers in each chain".upper() in out


def test_ledgers_in_words_and_numbers() -> None:
    out, _ = run("ledgers", GREENWICH)
    for words in ("Who pays", "WHO INVESTS", "PROVIDER AND VEHICLE", "SOCIETY", "They agree to a penny."):
        assert words in out
    found = json.loads(run("ledgers", GREENWICH, "--json", "-")[0])
    assert list(found["ledgers"]) == ["payers", "investors", "delivery", "social"]
    assert max(abs(check["difference"]) for check in found["checks"]) < 0.005
    payments = [line for line in found["ledgers"]["payers"]["lines"] if line["what"] == "wellbeing"]
    assert -sum(sum(line["by_year"]) for line in payments) == pytest.approx(found["checks"][0]["one"])
