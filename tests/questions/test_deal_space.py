"""Where every party accepts: edges known in closed form, who binds, and no deal."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sibmodel
from sibmodel.errors import ScenarioError, SibmodelError
from sibmodel.questions.axes import prices_of
from sibmodel.questions.frontier import End, Stretch, both
from tests.random_numbers import Data
from tests.strategies import read

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"
PRICE = "contract.terms.job.price"
PEOPLE, COSTS = 60, 12_000


def deal(share: Any = 0.6, saved: Any = 500, **chapters: Any) -> Data:
    """100 people referred at signing, 60 of whom find work: £400 each is £24,000; costs £12,000; savings £500 each.

    All within one year and without discounting, inflation or luck, so that everything can be worked out by hand.
    """
    return {
        "title": "A deal by hand",
        "timeline": {"signing": "2020-01-01", "period": "year", "periods": 1},
        "discounting": {"public": 0.0, "investor": 0.0},
        "programme": {"groups": {"all": {"referrals": 100, "engaged": 1}}, "costs": {"set_up": COSTS}},
        "outcomes": {"job": {"type": "achievement", "share": share, "luck": {"counts": "expected"}}},
        "contract": {
            "payers": {"council": {}},
            "terms": {"job": {"rule": "price", "outcome": "job", "price": 400}},
        },
        "savings": {
            "agencies": {"council": {"payer": "council"}},
            "items": {"work": {"outcome": "job", "agency": "council", "kind": "fiscal", "value": saved}},
        },
        "capital": {"tranches": {"fund": {"commitment": COSTS}}, "surplus": {"fund": 1}},
        **chapters,
    }


def edges(row: Any) -> Any:
    return [(stretch.low.at, stretch.high.at) for stretch in row.deal]


def test_from_what_it_costs_to_what_it_saves() -> None:
    """The investor is whole from 12,000 ÷ 60 = £200 for each person on, the council saves up to £500."""
    found = sibmodel.deal_space(read(deal()), against="effect", grid=9, trials=2)
    assert found.price.name == PRICE
    assert found.price.between == (0.0, 800.0)
    assert found.against.between[1] == pytest.approx(1 / 0.6)  # more than everybody cannot find work
    assert found.row_today is not None
    ((low, high),) = edges(found.row_today)
    assert low == pytest.approx(200, abs=1e-4)
    assert high == pytest.approx(500, abs=1e-4)
    assert found.row_today.deal[0].low.binds == "investors.least_return"
    assert found.row_today.deal[0].high.binds == "commissioners.least_net_saving"
    assert found.today.accepted
    for row in found.rows:
        # at k times the effect: £12,000 ÷ 60 k to £500, so from k = 0.4 on
        if row.against < 0.4:
            assert not row.deal
        else:
            assert edges(row) == [(pytest.approx(200 / row.against, abs=1e-3), pytest.approx(500, abs=1e-3))]


def test_savings_per_pound() -> None:
    """60 × £500 saved for £12,000 spent is £2.50 a pound; at £s it is £12,000 s, so the council pays up to £200 s."""
    found = sibmodel.deal_space(read(deal()), grid=5, trials=2)
    assert found.against.name == "savings_per_pound"
    assert found.against.today == pytest.approx(2.5)
    assert [row.against for row in found.rows] == [1, 2, 3, 4, 5]
    for row in found.rows[1:4]:
        assert edges(row) == [(pytest.approx(200, abs=1e-4), pytest.approx(200 * row.against, abs=1e-3))]
    # from £800 on nothing was looked at
    (last,) = found.rows[4].deal
    assert (last.high.at, last.high.binds) == (800, None)
    # at £1 both are whole at £200 alone, or nowhere by rounding
    assert all(low == pytest.approx(200) == high for low, high in edges(found.rows[0]))


def test_savings_stated_per_pound() -> None:
    data = deal()
    data["savings"] = {
        "agencies": {"council": {"payer": "council"}}, "top_down": {"savings_per_pound": {"uniform": [1, 4]}}
    }  # fmt: skip
    found = sibmodel.deal_space(read(data), grid=5, trials=2)
    assert (found.against.today, found.against.between) == (2.5, (1, 5))
    assert edges(found.rows[2]) == [(pytest.approx(200, abs=1e-4), pytest.approx(600, abs=1e-3))]
    assert "£2.50 stated is £2.50 of savings per £1 spent" in " ".join(str(found).split())


def test_savings_as_stated_are_not_those_that_results_count() -> None:
    """£5 a pound over five years at 3.5 % are £4.65, as `run` says: one label must not stand for both."""
    scenario = sibmodel.load("scenarios/london/greenwich.yaml")
    words = " ".join(str(sibmodel.deal_space(scenario, grid=3, trials=2)).split())
    assert sibmodel.simulate(scenario, 2)["public.savings_per_pound"].base == pytest.approx(4.65, abs=0.005)
    assert "£5 stated is £4.65 of savings per £1 spent in `run` and `appraise`" in words
    assert "stated savings per £1 spent from £1 to £5" in words


def test_what_each_would_like_best() -> None:
    """At today's £2.50 the investor likes £500 (gains 30,000 − 12,000), the council £200 (keeps 30,000 − 12,000)."""
    found = sibmodel.deal_space(read(deal()), grid=5, trials=2)
    for party, price in (("investors", 500), ("commissioners", 200)):
        cell = found.best_today[party]
        assert cell is not None
        assert cell.price == pytest.approx(price, abs=1e-3)
        assert cell.wants[party].value == pytest.approx(18_000, abs=0.1)
    # anywhere: the investor £800 where that is saved at least, the council £200 at £5 saved
    best = found.best["investors"], found.best["commissioners"]
    assert [(c.price, c.against) for c in best if c] == [(800, 4), (pytest.approx(200, abs=1e-4), 5)]
    assert found.best["provider"] is None
    assert "does not mind" in str(found)


def test_no_deal() -> None:
    """The council saves £150 a person and needs £200 for costs: the best for both is between, where each loses."""
    found = sibmodel.deal_space(read(deal(saved=150)), against="effect", against_between=(0.5, 1), grid=9, trials=2)
    assert found.is_empty
    assert found.row_today is not None
    assert found.row_today.parties["investors"][0].low.at == pytest.approx(200, abs=1e-4)
    assert found.row_today.parties["commissioners"][0].high.at == pytest.approx(150, abs=1e-4)
    words = " ".join(str(found).split())
    assert "There is no deal: investors and commissioners would each sign somewhere, but never" in words
    # at 100 % of the effect costs are £200 for each, and at less more: £50 apart at the least
    assert (
        "Nearest to one they are with effect of 1 × the plan: investors would sign if price of term 'job' is" in words
    )
    assert "at least £200; commissioners would sign if price of term 'job' is up to £150." in words
    assert found.nearest.price == pytest.approx(200)
    assert found.best == dict.fromkeys(("investors", "commissioners", "provider"))


def test_who_would_sign_nowhere() -> None:
    asked = {"provider": {"least_surplus": 1.0}}
    found = sibmodel.deal_space(read(deal(acceptance=asked)), grid=3, trials=2)
    assert "There is no deal: the provider would sign nowhere" in str(found)


def test_a_narrow_deal_between_two_points_of_the_grid() -> None:
    """£200 to £210, where the grid has 0, 400 and 800."""
    found = sibmodel.deal_space(read(deal(saved=210)), against="effect", against_between=(1, 2 / 1.2), grid=3, trials=2)
    assert not any(cell.accepted for cell in found.cells if cell.against == 1)
    assert edges(found.rows[0]) == [(pytest.approx(200, abs=1e-4), pytest.approx(210, abs=1e-4))]
    best = found.best_today["commissioners"]
    assert best is not None
    assert best.price == pytest.approx(200, abs=1e-4)


def test_every_threshold_binds_where_it_should() -> None:
    """By hand, of £p × 60: a return of 20 % needs £14,400 (£240); a budget of £24,600 is £410; £420 leave £4,800."""
    asked = {
        "investors": {"least_return": 0.2},
        "commissioners": {"least_net_saving": 4800, "budget": 24_600, "most_over_budget": 0.0},
        "further": {"city": {"party": "the city", "measure": "payers.payments", "at_least": 15_000}},
    }
    found = sibmodel.deal_space(read(deal(acceptance=asked)), against="effect", grid=9, trials=2)
    row = found.row_today
    assert row is not None
    assert edges(row) == [(pytest.approx(250, abs=1e-3), pytest.approx(410, abs=1e-3))]
    assert (row.deal[0].low.binds, row.deal[0].high.binds) == ("further.city", "commissioners.budget")
    assert row.parties["investors"][0].low.at == pytest.approx(240, abs=1e-3)
    assert [c.stated for c in found.conditions] == [True, True, True, False, True]
    dearer = sibmodel.change(found.scenario, {"acceptance.commissioners.budget": 30_000})
    other = sibmodel.deal_space(dearer, against="effect", grid=9, trials=2).row_today
    assert other is not None
    assert other.deal[0].high.at == pytest.approx(420, abs=1e-3)
    assert other.deal[0].high.binds == "commissioners.least_net_saving"


def uncertain(**acceptance: Any) -> sibmodel.Scenario:
    """40 to 80 of 100 find work, all chances alike."""
    return read(deal(share={"uniform": [0.4, 0.8]}, acceptance=acceptance))


def test_chance_of_a_loss_and_of_exceeding_a_budget() -> None:
    """Paid £p for each of 40 to 80: less than £12,000 in a tenth of futures at 12,000 ÷ 44 = £272.73.

    More than £30,000 in a quarter at 30,000 ÷ 70 = £428.57.
    """
    scenario = uncertain(
        investors={"most_loss_chance": 0.1}, commissioners={"budget": 30_000, "most_over_budget": 0.25}
    )
    found = sibmodel.deal_space(scenario, against="effect", grid=3, trials=20_000, seed=3)
    row = found.row_today
    assert row is not None
    (stretch,) = row.deal
    assert (stretch.low.binds, stretch.high.binds) == ("investors.most_loss_chance", "commissioners.budget")
    assert stretch.low.at == pytest.approx(272.73, rel=0.01)
    assert stretch.high.at == pytest.approx(428.57, rel=0.01)


def test_the_error_of_an_edge() -> None:
    """The mean net saving is (500 − p) × 100 × mean share − 0: at £500 whatever the share, so without error.

    Against a threshold of £6,000 it is met up to 500 − 60 ÷ mean share: the error is that of 6,000 ÷ (100 × mean).
    """
    scenario = uncertain(commissioners={"least_net_saving": 6000})
    found = sibmodel.deal_space(scenario, against="effect", grid=9, trials=4000, seed=1)
    row = found.row_today
    assert row is not None
    share = sibmodel.simulate(scenario, 4000, 1)["outcome.job.verified"]
    assert share.mean is not None
    assert share.se is not None
    mean, se = share.mean / 100, share.se / 100
    high = row.deal[0].high
    assert high.at == pytest.approx(500 - 60 / mean, abs=1e-3)
    # net saving's error is (500 − p) × 100 se, over 100 × mean pounds for a pound of price
    assert high.se == pytest.approx(60 / mean * se / mean, rel=1e-3)


def test_paying_for_nothing() -> None:
    """A standing charge is no payment for nothing; a counterfactual of 0.1 to 0.3 that is not deducted is."""
    data = deal(acceptance={"commissioners": {"most_paid_for_nothing": 0.5}})
    data["contract"]["terms"]["rent"] = {"rule": "standing_charge", "amount": 100}
    found = sibmodel.deal_space(read(data), PRICE, "effect", grid=3, trials=50)
    nothing = [c.name for c in found.conditions].index("most_paid_for_nothing")
    assert {cell.held[nothing].value for cell in found.cells} == {0.0}
    data["outcomes"]["job"]["counterfactual"] = {"level": {"choice": {0: 0.4, 0.2: 0.6}}, "method": "none"}
    found = sibmodel.deal_space(read(data), PRICE, "effect", grid=3, trials=2000, seed=1)
    values = {cell.price: cell.held[nothing].value for cell in found.cells}
    assert values[0] == 0.0  # at no price nothing is paid
    assert values[400] == pytest.approx(0.6, abs=0.04)


def test_all_prices_together() -> None:
    """W1's prices are £400 and £500; its investor is whole at 95.495 % of both (definitions of the worked bond)."""
    scenario = sibmodel.load(W1, {"acceptance.investors.least_return": 0})
    assert prices_of(scenario) == {"contract.terms.job.price": 400, "contract.terms.engagement.price": 500}
    found = sibmodel.deal_space(scenario, grid=5, trials=2)
    assert found.price.name == "prices"
    row = found.row_today
    assert row is not None
    assert row.deal[0].low.at == pytest.approx(2_650_000 / 2_775_000, abs=1e-6)
    assert "no agency of their own saves anything" in " ".join(str(found).split())


def test_no_number_depends_on_the_workers() -> None:
    scenario = uncertain(
        investors={"most_loss_chance": 0.1}, commissioners={"budget": 30_000, "most_paid_for_nothing": 0.1}
    )
    one, three = (json.dumps(sibmodel.deal_space(scenario, grid=3, trials=200, workers=n).as_dict()) for n in (1, 3))
    assert one == three


def test_points_say_who_refuses() -> None:
    found = sibmodel.deal_space(read(deal()), against="effect", grid=5, trials=2)
    frame = found.to_frame()
    assert len(frame) == 25
    at_nothing = frame[(frame[PRICE] == 0) & (frame["effect"] > 0.4)]
    assert set(at_nothing["refused_by"]) == {"investors"}
    data = found.as_dict()
    assert len(data["cells"]) == 25
    assert data["empty"] is False
    assert data["conditions"]["provider.least_surplus"] == {
        "party": "provider", "words": "mean surplus over its costs", "unit": "£", "statistic": "mean", "at_least": 0.0,
        "stated": False, "address": "acceptance.provider.least_surplus",
    }  # fmt: skip
    assert np.isfinite([cell["conditions"]["commissioners.least_net_saving"]["value"] for cell in data["cells"]]).all()


def test_stretches_in_common() -> None:
    def stretch(low: float, high: float) -> Stretch:
        return Stretch(End(low), End(high))

    some, others = [stretch(0, 2), stretch(4, 9)], [stretch(1, 5), stretch(6, 7), stretch(9, 9)]
    found = [(one.low.at, one.high.at) for one in both(some, others)]
    assert found == [(1, 2), (4, 5), (6, 7), (9, 9)]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ({"price": "contract.terms.job.prise"}, "did you mean 'price'"),
        ({"against": PRICE}, "both axes set contract.terms.job.price"),
        ({"price": "effect", "against": "effect"}, "both axes set effect"),
        ({"price_between": (5, 1)}, "5 to 1 is no range"),
        ({"price_between": (-5, 1)}, "it must be at least 0"),
        ({"against_between": (-1, 1)}, "savings_per_pound from -1 cannot be looked at"),
        ({"against": "contract.cap"}, "says nothing of where to look .it is not given.; give --against-between LOW"),
        ({"grid": 1}, "a grid of 1 cannot be used; take 2 to 101"),
    ],
)
def test_what_cannot_be_looked_at(options: Any, what: str) -> None:
    with pytest.raises(SibmodelError, match=what):
        sibmodel.deal_space(read(deal()), trials=2, **options)


def test_tiers_have_prices_too() -> None:
    """30 at £300 and 30 at £500 are £24,000: the investor is whole at half of it, the council at £30,000 ÷ £24,000."""
    data = deal()
    tiers = {"rule": "tiers", "outcome": "job", "tiers": [{"up_to": 30, "price": 300}, {"price": 500}]}
    data["contract"]["terms"]["job"] = tiers
    scenario = read(data)
    assert prices_of(scenario) == {"contract.terms.job.tiers.0.price": 300, "contract.terms.job.tiers.1.price": 500}
    row = sibmodel.deal_space(scenario, grid=5, trials=2).row_today
    assert edges(row) == [(pytest.approx(0.5, abs=1e-6), pytest.approx(1.25, abs=1e-6))]
    # £300 × 30 stay: £3,000 and £21,000 are left for the 30 others
    one = sibmodel.deal_space(scenario, "contract.terms.job.tiers.1.price", grid=5, trials=2)
    assert one.price.unit == "£"
    assert edges(one.row_today) == [(pytest.approx(100, abs=1e-3), pytest.approx(700, abs=1e-3))]
    data["contract"]["terms"]["job"] = {"rule": "greatest", "of": {"some": tiers, "floor": {**tiers}}}
    assert "contract.terms.job.of.some.tiers.1.price" in prices_of(read(data))


def test_a_scale_without_a_price_of_its_own_is_multiplied() -> None:
    """£20,000 from 50 people on: £12,000 and £30,000 are 0.6 and 1.5 times as much; "£1.50" would mislead."""
    data = deal()
    data["contract"]["terms"]["job"] = {"rule": "steps", "outcome": "job", "steps": [{"at_least": 50, "pays": 20_000}]}
    found = sibmodel.deal_space(read(data), grid=5, trials=2)
    assert found.price.name == "prices"
    assert edges(found.row_today) == [(pytest.approx(0.6, abs=1e-6), pytest.approx(1.5, abs=1e-6))]


def test_prices_by_period_and_by_group() -> None:
    """Half of the people in each of two years: £200 on average makes the investor whole, so half of £300 and £500."""
    data = deal()
    data["timeline"] |= {"periods": 2}
    data["programme"]["groups"]["all"]["referrals"] = [50, 50]
    for price, addresses in (
        ([300, 500], [f"{PRICE}.0", f"{PRICE}.1"]),
        ({"by_group": {"all": {"value": [300, 500]}}}, [f"{PRICE}.by_group.all.0", f"{PRICE}.by_group.all.1"]),
    ):
        data["contract"]["terms"]["job"]["price"] = price
        scenario = read(data)
        assert list(prices_of(scenario)) == addresses
        found = sibmodel.deal_space(scenario, against="effect", grid=5, trials=2)
        assert found.row_today is not None
        assert found.row_today.deal[0].low.at == pytest.approx(0.5, abs=1e-6)
        one = sibmodel.deal_space(scenario, addresses[1], "effect", grid=5, trials=2)
        assert one.price.unit == "£"
        # 30 × £300 are £9,000: £3,000 more from the other 30
        assert one.row_today is not None
        assert one.row_today.deal[0].low.at == pytest.approx(100, abs=1e-3)


def test_prices_that_an_amendment_changes_are_not_multiplied() -> None:
    data = deal()
    data["timeline"] |= {"periods": 2}
    data["amendments"] = [{"from": "2021-06-01", "set": {PRICE: 300}}]
    with pytest.raises(SibmodelError, match=r"job.price.0 is changed by an amendment.*write it by period"):
        sibmodel.deal_space(read(data), against="effect", trials=2)


def test_a_cap_is_not_looked_at_below_the_floor() -> None:
    """£30,000 capped: up to twice that, on a grid of £15,000, but for £0 below the floor of £10,000."""
    data = deal()
    data["contract"] |= {"cap": 30_000, "floor": 10_000}
    found = sibmodel.deal_space(read(data), against="contract.cap", grid=5, trials=2)
    assert [row.against for row in found.rows] == [15_000, 30_000, 45_000, 60_000]
    assert found.against.between == (15_000, 60_000)
    # a cap of £15,000 and one of £30,000 hold the bill below what is saved, whatever the price
    assert [row.deal[0].high.binds for row in found.rows] == [None, None, *["commissioners.least_net_saving"] * 2]
    with pytest.raises(SibmodelError, match=r"floor of 10,000 lies above the cap of 5,000"):
        sibmodel.deal_space(read(data), against="contract.cap", against_between=(5000, 9000), trials=2)


def test_a_deal_at_todays_number_alone() -> None:
    """At £2.50 saved the council pays up to £500; from £1 to £1.20 were looked at, and £240 are less than £300."""
    options: Any = {"price_between": (300, 350), "against_between": (1, 1.2), "grid": 3, "trials": 2}
    found = sibmodel.deal_space(read(deal()), **options)
    assert not any(row.deal for row in found.rows)
    assert not found.is_empty
    words = " ".join(str(found).split())
    assert "every party would sign whatever price of term 'job' is, as far as was looked." in words
    assert "0 of 9 points suit everybody (where there is a deal, it lies between them)" in words
    # and none below £100, though the deal of the file is one
    words = " ".join(str(sibmodel.deal_space(read(deal()), price_between=(0, 100), grid=3, trials=2)).split())
    assert "There is no deal within what was looked at: investors would sign nowhere." in words


def test_levels_with_a_gap_between_them() -> None:
    """A deal at some levels and not between them is told as two stretches of levels."""
    found = sibmodel.deal_space(read(deal()), grid=5, trials=2)
    rows = tuple(replace(row, deal=()) if row.against == 3 else row for row in found.rows)
    gap = replace(found, rows=rows, row_today=None)
    assert "There is a deal with savings per £1 spent of £2 or £4 to £5." in str(replace(gap, rows=rows[1:]))


def test_an_end_lies_where_its_condition_is_met() -> None:
    """Chances leap from future to future: of two prices beside a leap the one at which the condition is met."""
    scenario = uncertain(
        investors={"most_loss_chance": 0.1}, commissioners={"budget": 30_000, "most_over_budget": 0.25}
    )
    found = sibmodel.deal_space(scenario, against="effect", grid=6, trials=50, seed=2)
    best = [cell for cell in (*found.best.values(), *found.best_today.values()) if cell is not None]
    assert best
    assert all(cell.accepted for cell in best)


def test_the_first_of_what_is_liked_as_much() -> None:
    """From £500 on a cap of £30,000 holds: the investor gets no more for £600 or £700, whatever is saved."""
    data = deal(saved=10_000)
    data["contract"]["cap"] = 30_000
    found = sibmodel.deal_space(read(data), against="effect", against_between=(1, 1.2), grid=9, trials=2)
    best = found.best["investors"]
    assert best is not None
    assert (best.price, best.against) == (500, 1)


def test_a_budget_is_for_all_that_the_bond_costs() -> None:
    """60 jobs at £p and £1,000 of the council's own at signing: £25,000 are exceeded from £400 a job on.

    Signed in the financial year before that of the payments, of which £23,400 are exceeded from £390 on.
    """
    asked = {"commissioners": {"budget": 25_000, "budget_each_year": 30_000, "most_over_budget": 0.0}}
    data = deal(acceptance=asked)
    data["programme"]["costs"]["further"] = {"measuring": {"amount": 1000, "borne_by": "council"}}
    found = sibmodel.deal_space(read(data), against="effect", grid=9, trials=2)
    less = sibmodel.change(found.scenario, {"acceptance.commissioners.budget_each_year": 23_400})
    other = sibmodel.deal_space(less, against="effect", grid=9, trials=2)
    for space, price, binds in ((found, 400, "budget"), (other, 390, "budget_each_year")):
        assert space.row_today is not None
        high = space.row_today.deal[0].high
        assert high.at == pytest.approx(price, abs=1e-3)
        assert high.binds == f"commissioners.{binds}"


def test_no_commissioner_among_the_payers() -> None:
    data = deal()
    data["contract"]["payers"] = {"lottery": {"kind": "outcomes_fund"}}
    data["savings"]["agencies"] = {"council": {}}
    found = sibmodel.deal_space(read(data), grid=3, trials=2)
    assert set(found.best) == {"investors", "provider"}
    words = " ".join(str(found).split())
    assert "No payer is a commissioner here" in words
    assert "commissioners ask" not in words.split("WHAT EACH PARTY ASKS FOR")[0]


def test_further_conditions_have_names_of_their_own() -> None:
    asked = {"least_return": {"party": "investors", "measure": "investor.npv.p5", "at_least": 6000}}
    found = sibmodel.deal_space(read(deal(acceptance={"further": asked})), grid=3, trials=400)
    conditions = found.as_dict()["conditions"]
    assert conditions["further.least_return"]["words"] == "5th percentile of investor.npv"
    assert "investors.least_return" in conditions
    assert found.row_today is not None
    low = found.row_today.deal[0].low
    assert low.at == pytest.approx(300, abs=1e-3)
    assert low.binds == "further.least_return"


def test_nothing_saved_and_no_price() -> None:
    data = deal(saved=0)
    with pytest.raises(SibmodelError, match=r"the base case saves nothing.*take effect instead"):
        sibmodel.deal_space(read(data), against="savings_per_pound", trials=2)
    assert sibmodel.deal_space(read(data), grid=2, trials=2).against.name == "effect"
    data["contract"]["terms"]["job"]["price"] = 0
    data["contract"]["terms"]["more"] = {"rule": "price", "outcome": "job", "price": 0}
    with pytest.raises(SibmodelError, match="the contract has no price that could be multiplied"):
        sibmodel.deal_space(read(data), trials=2)


@pytest.mark.parametrize(
    ("measure", "what"),
    [
        ("investor.irrr", "no measure called 'investor.irrr' is worked out future by future; did you mean"),
        ("investor.irr.base", "the base case is no future; write investor.irr for its mean"),
    ],
)
def test_a_measure_that_there_is_not_is_answered_at_its_line(measure: str, what: str) -> None:
    scenario = read(deal(acceptance={"further": {"odd": {"party": "a bank", "measure": measure, "at_least": 0}}}))
    with pytest.raises(ScenarioError) as refused:
        sibmodel.deal_space(scenario, trials=2)
    (problem,) = refused.value.problems
    assert problem.address == "acceptance.further.odd.measure"
    assert f"{problem.what}; {problem.right}".startswith(what)


def test_whole_periods_against_the_price() -> None:
    """W1 serves five years; it can be looked at in whole years only."""
    served = "programme.service.to_month"
    scenario = sibmodel.load(W1)
    found = sibmodel.deal_space(scenario, against=served, against_between=(12, 60), grid=9, trials=2)
    assert [row.against for row in found.rows] == [12, 24, 36, 48, 60]
    assert len(found.cells) == 45
    with pytest.raises(SibmodelError, match=r"programme.service.to_month takes whole numbers only"):
        sibmodel.deal_space(scenario, served, "effect", price_between=(12, 60), trials=2)


def test_points_near_the_edge() -> None:
    """By the interval that goes with the sampling: of 16 replicates t with 15 degrees of freedom, 2.13 errors."""
    scenario = uncertain(commissioners={"least_net_saving": 6000})
    for sampling, reach in (("pseudo_random", 1.96), ("latin_hypercube", 2.131)):
        some = sibmodel.change(scenario, {"simulation.sampling": sampling, "simulation.trials": 160})
        found = sibmodel.deal_space(some, against="effect", against_between=(0.9, 1), price_between=(390, 410), grid=21)
        (saving,) = (i for i, c in enumerate(found.conditions) if c.name == "least_net_saving")
        near = [cell.held[saving].may_be_chance for cell in found.cells]
        assert 0 < sum(near) < len(near)
        for cell, is_near in zip(found.cells, near, strict=True):
            held = cell.held[saving]
            assert held.margin is not None
            assert held.se is not None
            assert is_near == (abs(held.margin) <= reach * held.se), (held, reach)


def test_the_picture_says_who_would_not_sign() -> None:
    from sibmodel.report.deal_space_chart import deal_space_chart

    found = sibmodel.deal_space(read(deal()), against="effect", grid=9, trials=2)
    (axes,) = deal_space_chart(found).axes
    texts = {text.get_text().replace("\n", " ") for text in axes.texts}
    assert {"all would sign", "investors would not sign", "commissioners would not sign", "today"} <= texts
    legend = axes.get_legend()
    assert legend is not None  # both refuse where the effect is small and the price high, without room to say so
    assert [text.get_text() for text in legend.get_texts()] == ["neither investors nor commissioners would sign"]
    assert axes.get_xlabel() == "Price of term 'job'"
    assert axes.get_xlim() == (0, 800)


def test_rows_stand_in_the_picture_where_they_are() -> None:
    """The edge at k times the effect is 200 ÷ k, also where rows are not equally far apart."""
    from sibmodel.report.deal_space_chart import _inside_by

    found = sibmodel.deal_space(read(deal()), against="effect", against_between=(0.5, 1.5), grid=5, trials=2)
    rows = tuple(row for row in found.rows if row.against not in (0.75, 1.0))  # as where a field takes only some
    prices = np.linspace(0, 800, 801)
    inside = _inside_by(replace(found, rows=rows), "investors", prices)
    at_a_quarter_more = inside[round((1.25 - 0.5) / 1.0 * (len(inside) - 1))]
    assert prices[at_a_quarter_more >= 0].min() == pytest.approx(200 / 1.25, abs=1.5)


def test_a_region_too_small_for_its_name_has_it_above_the_picture() -> None:
    """The council saves up to £500, and £300 to £502 were looked at: it refuses in a hundredth of that."""
    from sibmodel.report.deal_space_chart import deal_space_chart

    found = sibmodel.deal_space(
        read(deal()), against="effect", against_between=(0.9, 1.1), price_between=(300, 502), grid=3, trials=2
    )
    (axes,) = deal_space_chart(found).axes
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["commissioners would not sign"]


def test_no_name_in_the_picture_is_written_over_another() -> None:
    """Today and what each would like best lie close together: their names do not."""
    from sibmodel.report.deal_space_chart import deal_space_chart

    found = sibmodel.deal_space(
        read(deal(saved=410)), against="effect", against_between=(0.9, 1.1), price_between=(0, 2000), grid=3, trials=2
    )
    figure = deal_space_chart(found)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    boxes = [text.get_window_extent() for text in axes.texts]
    assert len(boxes) > 4
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


def test_the_error_of_an_edge_is_by_the_slope_there() -> None:
    """A chance of loss is anything but straight in the price: on a coarse grid and a fine one its edge is as sure."""
    scenario = uncertain(commissioners={"least_net_saving": -1e6}, investors={"most_loss_chance": 0.1})
    options: Any = {"against": "effect", "against_between": (1, 1.1), "trials": 4000, "seed": 1}
    coarse, fine = (
        sibmodel.deal_space(scenario, grid=grid, price_between=(150, 1000), **options).rows[0].deal[0].low
        for grid in (3, 41)
    )
    assert coarse.at == pytest.approx(fine.at, rel=1e-3)
    assert coarse.se is not None
    # √(0.1 × 0.9 ÷ 4000) over the density of 12,000 ÷ jobs there: 12,000 ÷ p² ÷ 40
    exact = (0.1 * 0.9 / 4000) ** 0.5 / (12_000 / fine.at**2 / 40)
    assert [coarse.se, fine.se] == [pytest.approx(exact, rel=0.25)] * 2


def test_numbers_of_an_axis_as_a_mayor_reads_them() -> None:
    """What is hardly more than nothing is nothing, of 0 to 2 one in ten thousand; pence are told of small sums only."""
    from sibmodel.questions.axes import Axis, Setting
    from sibmodel.report.deal_space_story import number

    def axis(high: float, unit: str) -> Axis:
        return Axis("prices", "all", unit, 1.0, (0.0, high), lambda _: Setting())

    times, pounds, large = axis(2, "×"), axis(800, "£"), axis(16e6, "£")
    told = [number(times, 4e-5), number(times, 1.38262, 2e-7), number(times, 0.979, 0.0051), number(times, None)]
    assert told == ["0", "1.38", "0.979 ± 0.005", "not given"]
    assert [number(pounds, 1261.057), number(pounds, 200.0), number(pounds, 200.4, 3.0)] == [
        "£1,261.06", "£200", "£200 ± £3"
    ]  # fmt: skip
    assert number(large, 2_733_333.33) == "£2,733,333"


def test_the_picture_is_straight_from_row_to_row() -> None:
    """The council goes up to £200 s: at £300 up from £1.50, in the middle between two rows."""
    from sibmodel.report.deal_space_chart import _inside_by

    found = sibmodel.deal_space(read(deal()), grid=5, trials=2)
    x = np.array([100.0, 300.0, 500.0, 700.0])
    levels = np.linspace(1, 5, 241)
    for price, inside in zip(x, _inside_by(found, "commissioners", x).T, strict=True):
        first = levels[inside >= -1e-3][0]
        assert first == pytest.approx(max(price / 200, 1.0), abs=4 / 240)


def test_what_of_a_pound_saved_is_the_commissioners_own() -> None:
    """Two fifths of what others save as well, and a quarter off for optimism: 0.4 × 0.75 = 30p."""
    data = deal()
    item = data["savings"]["items"]["work"]
    data["savings"]["agencies"]["others"] = {}
    data["savings"]["items"] = {
        "own": item | {"value": 200, "optimism_bias": 0.25},
        "theirs": item | {"value": 300, "agency": "others"},
    }
    found = sibmodel.deal_space(read(data), grid=5, trials=2)
    assert found.own_part == pytest.approx(0.3)
    assert found.as_dict()["commissioners_part_of_savings"] == pytest.approx(0.3)
    assert "their own after it: 30p of each pound saved" in " ".join(str(found).split())
    # at £2.50 the council's own are 60 × £150
    assert found.row_today is not None
    assert found.row_today.parties["commissioners"][0].high.at == pytest.approx(150, abs=1e-3)


def test_without_investors_nobody_asks_for_their_return() -> None:
    """A grant pays the £12,000; the council goes up to £500, and the provider keeps what is paid."""
    capital = {"tranches": {"gift": {"kind": "grant", "commitment": COSTS}}, "surplus": {"provider": 1}}
    found = sibmodel.deal_space(read(deal(capital=capital)), against="effect", grid=5, trials=2)
    assert found.parties == ("commissioners", "provider")
    assert set(found.best) == {"commissioners", "provider"}
    assert found.row_today is not None
    assert edges(found.row_today) == [(0, pytest.approx(500, abs=1e-3))]
