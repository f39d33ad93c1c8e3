"""Ways to Wellness (INDIGO-POJ-0120): the wellbeing scale and the payers' split against the published terms."""

from pathlib import Path

import numpy as np
import pytest

import sibmodel
from sibmodel.contract.payers import payments
from sibmodel.contract.rules.scales import LinearTerms
from sibmodel.core.flows import OutcomeFlow
from sibmodel.core.trials import Trials

FILE = Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml"
PAYERS = ("ccg", "better_outcomes", "social_outcomes")


def contract_pays(gain: float, people: float = 1000.0, period: int = 4) -> dict[tuple[str, str], np.ndarray]:
    """Payments for one wellbeing report of `people` with a mean `gain`, and no hospital report."""
    scenario = sibmodel.load(FILE)
    periods = scenario.timeline.periods + 1
    verified, measured, nothing = np.zeros((periods, 1)), np.zeros((periods, 1)), np.zeros((periods, 1))
    verified[period], measured[period] = gain, people
    outcomes = {
        "wellbeing": OutcomeFlow(True, nothing, verified, measured),
        "hospital_cost": OutcomeFlow(True, nothing, nothing, nothing),
    }
    paid = payments(scenario.contract, outcomes, scenario.timeline, Trials.base(periods)).paid
    return {key: np.broadcast_to(amount, (periods, 1))[:, 0] for key, amount in paid.items()}


@pytest.mark.parametrize(
    ("gain", "share"),
    [(0.4, 0), (0.5, 0), (0.8, 1 / 3), (0.95, 1 / 2), (1.1, 2 / 3), (1.4, 1), (3.4, 1)],
)
def test_wellbeing_pays_nothing_at_half_a_point_and_all_at_one_point_four(gain: float, share: float) -> None:
    paid = contract_pays(gain)
    total = sum(amount.sum() for amount in paid.values())
    assert total == pytest.approx(share * 1000 * 289.41, abs=1e-6)


def test_at_start_up_the_funds_pay_seventy_per_cent() -> None:
    people = 100_000 / 289.41  # a payment of £100,000
    paid = contract_pays(3.4, people)
    due = 5  # a report in period 4 is paid three months later, in month 15
    ccg, better, social = (paid["wellbeing", name][due] for name in PAYERS)
    assert ccg == pytest.approx(30_000, abs=0.005)
    assert better + social == pytest.approx(70_000, abs=0.005)
    assert better == pytest.approx(2 * social, abs=0.005)  # in proportion to caps of £2m and £1m


def test_after_two_years_the_split_follows_the_caps() -> None:
    people = 100_000 / 289.41
    before, after = contract_pays(3.4, people, period=7), contract_pays(3.4, people, period=8)
    assert before["wellbeing", "ccg"][8] == pytest.approx(30_000, abs=0.005)  # due in month 24: the last of start-up
    assert after["wellbeing", "ccg"][9] == pytest.approx(100_000 * 5.2 / 8.2, abs=0.005)


def test_nobody_ever_pays_above_their_cap() -> None:
    # a programme far better and larger than anybody hoped, so that every cap is reached
    generous = {
        "outcomes.hospital_cost.change": {"uniform": [300, 3000]},
        "programme.groups.long_term_conditions.referrals": {"uniform": [300, 2000]},
    }
    result = sibmodel.simulate(sibmodel.load(FILE, generous), trials=2000)
    caps = {"ccg": 5_200_000, "better_outcomes": 2_000_000, "social_outcomes": 1_000_000}
    for name, cap in caps.items():
        paid = result.values[f"payer.{name}.payments"]
        assert paid.max() <= cap + 0.005
    for name in PAYERS[1:]:  # the funds pay more of the start-up, so it is they who reach their caps
        assert result.values[f"payer.{name}.payments"].max() == pytest.approx(caps[name], abs=0.005)
    bound = {address for address, use in result.caps.items() if use.bound_share > 0}
    # the hospital term's line is flat where its cap begins, so that cap itself has nothing to take
    assert {"contract.terms.wellbeing.cap", *(f"contract.payers.{name}.cap" for name in PAYERS[1:])} <= bound


def test_the_hospital_term_pays_fifty_three_pence_a_pound_up_to_its_cap() -> None:
    scenario = sibmodel.load(FILE)
    term = scenario.contract.terms["hospital_cost"]
    assert isinstance(term, LinearTerms)
    assert pytest.approx(0.531, abs=0.0005) == 5_740_000 / 10_800_000
    books = sibmodel.base_case(scenario)
    units = books.service.outcomes["hospital_cost"].units.sum()
    assert books.settlement.payments.due["hospital_cost"].sum() == pytest.approx(units * 5.74 / 10.8, rel=1e-12)


def test_every_number_of_the_deal_says_where_it_comes_from() -> None:
    scenario = sibmodel.load(FILE)
    written = [q for q in scenario.quantities() if q.source is not None or q.grade is not None]
    assert len(written) >= 30
    for quantity in written:
        assert quantity.source, quantity.address
        assert quantity.grade, quantity.address
        known = quantity.source == "assumption" or quantity.source in scenario.sources or " " in quantity.source
        assert known, f"{quantity.address} cites {quantity.source}"
        if quantity.source == "assumption":
            assert quantity.grade == 6, quantity.address
