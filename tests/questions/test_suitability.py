"""Advice to investors works: with the change of terms that it names, the criterion is met, and with less it is not."""

from pathlib import Path

import numpy as np
import pytest

import sibmodel
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.irr import irr
from sibmodel.model import work_through
from sibmodel.questions.suitability import LOSS, RETURN, TERM, TICKET, Holding, guarantee
from sibmodel.reference.kinds import Cited, Kind, Kinds, kinds_of_investor
from sibmodel.running.execution import trials_of
from tests.capital.bond import bond

WTW = Path(__file__).parents[2] / "scenarios" / "ways_to_wellness.yaml"
SCENARIO = sibmodel.load(WTW)
TRIALS = 500


def asking(**limits: float) -> Kinds:
    """One kind of investor who asks for this and nothing else."""
    easy = {"least_return": -0.9, "most_chance_of_loss": 1, "longest_term": 600, "least_ticket": 0, "most_ticket": 1e15}
    kind = Kind("one", "One", **{key: Cited(value, "assumption") for key, value in {**easy, **limits}.items()}, note="")
    ours = kinds_of_investor()
    return Kinds(ours.title, ours.edition, ours.licence, ours.retrieved, ours.sunset, (kind,))


def needed(**limits: float) -> dict[str, float]:
    found = sibmodel.risk(SCENARIO, TRIALS, 7, asking(**limits)).suitability
    return {c.criterion: c.needed.mean for c in found.changes["bridges"]["one"] if c.needed is not None}


@pytest.fixture(scope="module")
def flows() -> tuple[FloatArray, FloatArray]:
    """What the tranche receives and puts in, in the trials of the run."""
    (trials,) = trials_of(SCENARIO, TRIALS, 7)
    ledger = work_through(SCENARIO, trials).settlement.ledger
    return ledger.between("vehicle", "bridges"), ledger.between("bridges", "vehicle")


def test_who_asks_for_nothing_is_suited() -> None:
    assert needed() == {}


@pytest.mark.parametrize("least", [0.12, 0.3])
def test_receipts_as_much_higher_bring_the_return_asked(least: float, flows: tuple[FloatArray, FloatArray]) -> None:
    more = needed(least_return=least)
    assert set(more) == {RETURN}
    received, drawn = flows
    mean = (received * (1 + more[RETURN]) - drawn).mean(axis=1)[:, None]
    assert irr(mean, 4).annual[0] == pytest.approx(least, abs=1e-9)


@pytest.mark.parametrize("limit", [0.0, 0.05, 0.101, 0.25])
def test_a_guarantee_of_that_size_brings_the_chance_of_loss_down(
    limit: float, flows: tuple[FloatArray, FloatArray]
) -> None:
    pounds = needed(most_chance_of_loss=limit)[LOSS]
    losses = np.maximum((flows[1] - flows[0]).sum(axis=0), 0.0)

    def chance(paid_on_loss: float) -> float:
        return float(np.mean(losses - np.minimum(losses, paid_on_loss) > 0.01))

    assert chance(pounds) <= limit
    assert chance(pounds - 1) > limit  # no pound of it is too many


def test_a_guarantee_is_an_order_statistic() -> None:
    losses = np.array([-5.0, 10.0, 30.0, 20.0])
    assert guarantee(losses, 0.0) == 30
    assert guarantee(losses, 0.25) == 20
    assert guarantee(losses, 0.74) == 10
    assert guarantee(losses, 0.75) == 0
    assert guarantee(losses, 1.0) == 0


def test_a_limit_that_is_met_exactly_needs_no_guarantee() -> None:
    result = sibmodel.risk(SCENARIO, TRIALS, 7, asking())
    chance = result.suitability.profiles["bridges"].loss.mean
    assert LOSS not in needed(most_chance_of_loss=chance)
    assert LOSS in needed(most_chance_of_loss=chance - 1 / TRIALS)


def test_the_commitment_that_is_named_is_accepted() -> None:
    small = needed(most_ticket=500_000)
    assert small == {TICKET: 500_000}
    large = needed(least_ticket=5e6)
    assert large == {TICKET: 5_000_000}
    changed = sibmodel.change(SCENARIO, {"capital.tranches.bridges.commitment": 500_000})
    found = sibmodel.risk(changed, TRIALS, 7, asking(most_ticket=500_000)).suitability
    assert found.suits("bridges")


def test_the_term_is_that_of_the_last_receipt(flows: tuple[FloatArray, FloatArray]) -> None:
    last = float(np.flatnonzero((flows[0] > 0.01).any(axis=1)).max()) / 4
    assert needed(longest_term=last) == {}
    assert needed(longest_term=last - 0.25) == {TERM: last - 0.25}


def test_the_term_ends_with_what_the_investor_itself_still_pays() -> None:
    """Repaid in year 1, the fund pays a penalty of 5 in year 3, when the score is 1."""
    one = bond(
        """
  tranches: {fund: {commitment: 100}}
  contingent: {penalty: {from: fund, to: council, outcome: score, points: [[0, 0], [1, 5]]}}
""",
        income=[0, 100, 0, 0],
        costs=[100, 0, 0, 0],
        readings={"score": {3: 1}},
    )
    assert one["fund>council:penalty"] == [0, 0, 0, 5]
    assert Holding.of(one.books, "fund", np.zeros(1, np.intp)).last == 3


def test_a_tranche_that_puts_nothing_in_suits_nobody_and_says_so() -> None:
    idle = sibmodel.change(SCENARIO, {"capital.tranches.bridges.commitment": 0})
    result = sibmodel.risk(idle, 50)
    assert result.suitability.profiles["bridges"].returns is None
    assert "puts in no money in any future" in str(result)
    assert not any(match["suits"] for match in result.as_dict()["who_could_invest"]["matches"])
