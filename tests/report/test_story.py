"""What the story says, of small bonds that each show one thing."""

import io
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import sibmodel
from sibmodel.report.section import Section, Table
from sibmodel.report.story import story
from sibmodel.report.tables import flow_tables, party_table
from sibmodel.report.terminal import as_html, as_text, blocks, console, print_table

W1 = Path(__file__).parents[2] / "scenarios" / "worked" / "w1.yaml"

MANY = """
title: Three tranches and eight Payers
timeline: {signing: 2020-03-31, period: half_year, periods: 12}
discounting: {investor: 0.05}
simulation: {trials: 200, seed: 1}
programme:
  service: {from_month: 0, to_month: 48}
  groups: {everyone: {referrals: {uniform: [80, 140]}, engaged: 0.75}}
  costs: {set_up: 150000, fixed_per_year: 500000}
outcomes:
  job: {type: achievement, title: In work, share: {uniform: [0.3, 0.8]}}
  training: {type: achievement, share: 0.9}
  stars: {type: effect, title: Star, change: {triangular: [0, 2, 4]},
      measurement: {first_month: 12, every_months: 12, person_sd: 5}}
contract:
  cap: {uniform: [2500000, 4000000]}
  payers: {council_a: {}, council_b: {cap: {uniform: [100000, 900000]}}, council_c: {}, council_d: {}, council_e: {},
    council_f: {}, lottery: {title: The Lottery, kind: outcomes_fund}, life_chances_fund: {kind: outcomes_fund}}
  split: {council_a: 0.1, council_b: 0.2, council_c: 0.1, council_d: 0.1, council_e: 0.1, council_f: 0.1,
    lottery: 0.2, life_chances_fund: 0.1}
  terms:
    job: {title: A job found, rule: price, outcome: job, price: [3000, 4500], lag_months: {uniform: [3, 9]}}
    card: {rule: rate_card, prices: {training: 500, stars: {uniform: [10, 20]}}}
    peak: {title: A peak, rule: linear, outcome: job, points: [[0, 0], [50, 5000], [100, 10]], lag_months: 6,
      split: [{shares: {council_a: 0.3, council_b: 0.7}}, {after_month: 24, shares: {lottery: 1}}]}
    band: {rule: linear, outcome: stars, per: person, points: [[0.5, 0], [2, 1]], price: [100, 200], lag_months: 1}
    all: {title: Stars in all, rule: linear, outcome: stars, over: contract, points: [[0, 0], [3, 10000.5]]}
savings:
  agencies: {a: {payer: council_a}}
  items: {work: {outcome: job, agency: a, kind: fiscal, value: 9000, cashable: 0.1}}
capital:
  minimum_cash: [100000, 50000]
  tranches:
    senior: {title: Senior loan, investor: Big Society, rank: 1, commitment: 600000, coupon: 0.04, revolving: true}
    middle: {title: Mezzanine, rank: 2, commitment: {uniform: [100000, 300000]}, coupon: {uniform: [0.05, 0.09]}}
    first_loss: {investor: A foundation, rank: 3, commitment: 200000}
"""


@pytest.fixture(scope="module")
def many() -> sibmodel.Result:
    return sibmodel.simulate(sibmodel.loads(MANY))


def w1(**values: Any) -> sibmodel.Result:
    """W1 with some numbers changed; the dots of an address are written as two underscores."""
    addresses = {address.replace("__", "."): value for address, value in values.items()}
    return sibmodel.simulate(sibmodel.load(W1, addresses), trials=50)


def section(result: sibmodel.Result, title: str) -> Section:
    return next(one for one in story(result) if one.title.startswith(title))


def said(result: sibmodel.Result, title: str) -> str:
    return "\n".join(section(result, title).sentences)


def notes(result: sibmodel.Result, title: str) -> str:
    return "\n".join(table.note for table in section(result, title).tables)


# tables


@pytest.mark.parametrize("width", [20, 40, 80, 110, 200])
def test_a_wide_table_loses_nothing(many: sibmodel.Result, width: int) -> None:
    tables = [table for one in story(many) for table in one.tables]
    tables += [party_table(many.base, "vehicle"), *flow_tables(many.base, None, balances=False)]
    for table in tables:
        parts = list(blocks(table, width))
        words = list(range(table.words))
        assert all(columns[: table.words] == words for columns, _ in parts)
        figures = [i for columns, _ in parts for i in columns[table.words :]]
        assert figures == list(range(table.words, len(table.headings)))
        printed = printed_at(table, width)
        for row in (line for line in printed.splitlines() if width >= 80):
            assert len(row) <= width
        for cells in table.rows:
            assert all(part in printed for cell in cells[table.words :] for part in re.split(" (?=± )", cell))


def test_errors_stand_below_where_there_is_no_room_beside(many: sibmodel.Result) -> None:
    table = section(many, "Where the risk falls").tables[0]
    wide, narrow = printed_at(table, 120), printed_at(table, 80)
    assert re.search(r"£\S+ ± £\S+   £\S+ ± £\S+", wide)
    assert not re.search(r"£\S+ ± £", narrow)
    assert re.search(r" ± £\S+ +± £\S+ +± £\S+ +± £\S+ *$", narrow, re.MULTILINE)
    assert len(list(blocks(table, 80))) > 1  # with errors beside, it would have been cut


def printed_at(table: Table, width: int) -> str:
    out = io.StringIO()
    print_table(table, Console(file=out, width=width, no_color=True))
    return out.getvalue()


def test_the_last_column_is_there_and_stands_beside_its_words(many: sibmodel.Result) -> None:
    table = party_table(many.base, "vehicle")
    assert table.headings[-1] == "net"
    *_, last = printed_at(table, 110).split(" period ")
    for row in table.rows:
        assert any(row[1] in line and line.split()[-1] == row[-1] for line in last.splitlines())


def test_columns_of_words_go_in_blocks_too() -> None:
    """Seven columns of words that fold to 24: three beside the first fit into 110."""
    cells = tuple(f"{letter}word " * 10 for letter in "abcdefg")
    table = Table(("address", *"ABCDEFG"), [("of this", *cells)], worded=tuple(range(1, 8)))
    printed = printed_at(table, 110)
    assert max(map(len, printed.splitlines())) <= 110
    assert [columns[0] for columns, _ in blocks(table, 110)] == [0, 0, 0]
    assert printed.count("of this") == 3
    assert all(printed.count(f"{letter}word") == 10 for letter in "abcdefg")


def test_blanks_of_a_drawing_count() -> None:
    rows = [("one", "1", " ■   "), ("two", "2", "   ■ ")]
    table = Table(("words", "figure", "0   5"), rows, drawn=True)
    heading, _, one, two = [line for line in printed_at(table, 80).splitlines() if line.strip()]
    assert (one.index("■") - heading.index("0"), two.index("■") - heading.index("0")) == (1, 3)
    html = as_html([Section("", [], [table])])
    assert 'text-align:left;white-space:pre;font-family:monospace"> ■   <' in html


def test_a_table_that_fits_is_one_block(many: sibmodel.Result) -> None:
    table = section(many, "Where the risk falls").tables[0]
    assert len(list(blocks(table, 110))) == 1
    assert len(list(blocks(Table(("only words",), [("some",)]), 110))) == 1


def test_blocks_are_even() -> None:
    table = Table(("words", *"abcdef"), [("x", *["£1.00m"] * 6)])
    parts = [columns for columns, _ in blocks(table, 53)]
    assert parts == [[0, 1, 2, 3], [0, 4, 5, 6]]


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("200", 200), ("", 110), ("wide", 110), ("0", 110)])
def test_a_file_is_as_wide_as_columns_says(columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("sys.stdout", io.StringIO())
    assert console().width == width


def test_text_and_html_tell_the_same(many: sibmodel.Result) -> None:
    text, page = as_text(story(many), 1000), as_html(story(many))
    for one in story(many):
        for sentence in one.sentences:
            assert sentence in text
        for table in one.tables:
            assert all(cell in text and cell.replace("'", "&#x27;") in page for row in table.rows for cell in row)


# who invests


def test_each_tranche_is_told_with_its_terms(many: sibmodel.Result) -> None:
    words = said(many, "Who invests")
    assert (
        "senior: Big Society commits up to £600k (Senior loan); rank 1, a coupon of 4% a year, repaid capital may be"
    ) in words
    assert "middle: Mezzanine commits an uncertain sum, £200k on average; rank 2, a coupon of 7% a year on av" in words
    assert "first loss: A foundation commits up to £200k; rank 3, no coupon, repaid capital may not be drawn" in words
    assert "goes to first loss." in words  # the highest rank, because the scenario says nothing
    assert "a minimum cash of £100k up to period 1, then £50.0k" in words


def test_surplus_goes_where_the_scenario_says() -> None:
    assert "goes to The investor." in said(w1(), "Who invests")
    assert "keeps no minimum cash" in said(w1(), "Who invests")
    scenario = sibmodel.loads(MANY + "  surplus: {first_loss: 0.6, provider: 0.4}\n")
    assert "goes to first loss (60%), provider (40%)." in said(sibmodel.simulate(scenario, trials=2), "Who invests")


def test_tranches_have_a_table_of_their_own(many: sibmodel.Result) -> None:
    table = section(many, "Who invests").tables[1]
    assert [row[0] for row in table.rows] == ["senior", "middle", "first loss"]
    senior = many["tranche.senior.irr"]
    assert senior.mean is not None
    assert table.rows[0][2].replace("−", "-").startswith(f"{100 * senior.mean:.1f}% ± ")
    assert len(section(w1(), "Who invests").tables) == 1


def test_returns_carry_their_rate_and_the_reason_they_differ(many: sibmodel.Result) -> None:
    rows = [row[0] for row in section(many, "Who invests").tables[0].rows]
    assert "net present value at 5%" in rows
    assert "The two returns below differ" in said(many, "Who invests")
    assert "The two returns below differ" not in said(w1(), "Who invests")  # there they are the same


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"capital__tranches__investor__commitment": 0}, "no capital is committed"),
        (
            {
                "programme__groups__everyone__referrals": 0,
                "programme__costs__set_up": 0,
                "programme__costs__fixed_per_year": 0,
            },
            "no capital is needed in any future",
        ),
    ],
)
def test_where_nobody_puts_money_in_the_story_says_so(values: dict[str, Any], why: str) -> None:
    result = w1(**values)
    assert f"Nobody puts money in: {why}." in said(result, "Who invests")
    assert section(result, "Who invests").tables == []
    assert "so they have none to lose" in said(result, "Where the risk falls")
    assert "never comes back" not in str(result)


def test_futures_without_a_drawdown_are_not_told_as_losses() -> None:
    commitment = {"capital.tranches.investor.commitment": {"normal": [100, 32]}, "contract.terms.job.price": 300}
    result = sibmodel.simulate(sibmodel.load(W1, commitment), trials=6000)
    without = int((result.values["investor.peak_funding"] == 0).sum())
    assert 0 < without < 60
    words = notes(result, "Who invests")
    often = f"in {without:,} ± {np.sqrt(without):.0f} of 6,000 futures"
    assert f"no capital is drawn {often} (left out of returns and years)" in words
    assert "no rate of return exists" not in words
    assert "never comes back" not in words


# how repayment works


@pytest.mark.parametrize(
    "words",
    [
        "A job found: £3,000 up to period 1, then £4,500 for each verified unit of 'In work', each period on its "
        "own. Paid 6 months on average after it is verified.",
        "card: £500 for each verified unit of 'training', and £15 on average for each verified unit of 'Star' and "
        "person measured, each period or each report on its own. Paid as soon as it is verified.",
        "'In work', £0 at 0, £5,000 at 50, £10 at 100, straight between and level outside; it reads the total of "
        "each period on its own. Paid 6 months after it is verified, to month 24 by council a 30%, council b 70%; "
        "after that by lottery alone.",
        "from 0 at 0.5 to 1 at 2, times £100 up to period 1, then £200 for each person measured, straight between "
        "and level outside; it reads the mean of each report on its own. Paid 1 month after",
        "from £0 at 0 to £10,000.50 at 3, straight between and level outside; it reads the mean of everything since "
        "signing, paying what is newly owed.",
        "Unless a term says otherwise, payments are made by council a 10%, council b 20%,",
        "Outcomes funds: lottery, The Lottery; life chances fund.",
    ],
)
def test_each_term_says_what_when_and_by_whom(words: str, many: sibmodel.Result) -> None:
    assert words in said(many, "How repayment works")


def test_the_price_of_the_deal_comes_first() -> None:
    first = section(w1(), "How repayment works").sentences[0]
    assert first == "In the base case payers pay £2.77m for a programme that costs £2.65m."


def test_uncertain_limits_are_not_told_as_limits(many: sibmodel.Result) -> None:
    caps = section(many, "How repayment works").tables[1]
    assert all(row[1].endswith("on average") for row in caps.rows)
    largest, mean = many.values["commissioner.maximum_exposure"].max(), many["commissioner.maximum_exposure"].mean
    assert mean is not None
    assert largest > 1.2 * mean
    never = next(s for s in section(many, "Where the risk falls").sentences if "never lets" in s)
    assert f"more than £{largest / 1e6:.2f}m for outcomes in any of these futures" in never
    assert f"£{mean / 1e6:.2f}m on average" in never


def test_a_fixed_limit_is_told_as_one() -> None:
    result = w1(contract__cap=2_500_000)
    assert "pay more than £2.50m for outcomes." in said(result, "Where the risk falls")
    assert section(result, "How repayment works").tables[1].rows[0][1] == "£2.50m"


# risk and savings


def test_a_chance_of_loss_and_its_error_have_one_unit(many: sibmodel.Result) -> None:
    first = section(many, "Where the risk falls").sentences[0]
    assert re.search(r"lose money in about \d+ ± \d\.\d of 100 futures\.$", first)
    first = section(w1(), "Where the risk falls").sentences[0]
    assert first == "Investors lose money in none of 50 futures (so in fewer than about 3 of 50)."
    lost = said(w1(contract__terms__job__price=0), "Where the risk falls")
    assert "Investors lose money in all 50 futures.\nLosses alone" in lost


def test_savings_are_told_in_sentences(many: sibmodel.Result) -> None:
    words = said(many, "Savings per pound")
    assert "More than £1 is saved for each £1 spent in about " in words
    assert re.search(r"saved for each £1 spent in about \d+ ± \d\.\d of 100 futures", words)
    for counting, name in (("all their own fiscal savings", ""), ("only the savings that release cash", "cashable_")):
        mean = many[f"commissioner.{name}net_saving"].mean
        assert mean is not None
        assert f"Counting {counting}, commissioners are £" in words
        assert f"{'better' if mean >= 0 else 'worse'} off on average" in words
    assert "Surplus returned" not in words


def test_only_futures_with_a_ratio_are_counted() -> None:
    scenario = sibmodel.change(sibmodel.loads(MANY), {"programme.costs.set_up": 0, "programme.costs.fixed_per_year": 0})
    assert "Nothing is spent in any future" in said(sibmodel.simulate(scenario, trials=20), "Savings per pound")
    some = sibmodel.change(scenario, {"programme.costs.fixed_per_year": {"normal": [3.2, 1]}})
    result = sibmodel.simulate(some, trials=4000)
    defined = int(np.isfinite(result.values["public.savings_per_pound"]).sum())
    assert defined < 4000
    words = said(result, "Savings per pound")
    assert f"in all {defined:,} futures, counting only the {defined:,} of 4,000 in which anything is spent." in words


def test_surplus_that_returns_to_a_payer_is_said_to_be_left_out() -> None:
    scenario = sibmodel.loads(MANY + "  surplus: {council_a: 1}\n")
    words = said(sibmodel.simulate(scenario, trials=2), "Savings per pound")
    assert "Surplus returned to council a (£" in words
    assert "is not counted in net saving." in words


# how it looks


def test_the_scenario_keeps_its_own_title(many: sibmodel.Result) -> None:
    lines = str(many).splitlines()
    assert "Three tranches and eight Payers" in lines
    assert "HOW REPAYMENT WORKS" in lines


def test_counts_are_whole_and_nothing_is_odd(many: sibmodel.Result) -> None:
    assert section(w1(), "What the programme does").tables[0].rows[0][1] == "2,250"
    for text in (str(many), str(w1()), str(w1(contract__terms__job__price=0))):
        for odd in ("± 0.00%", "± 0)", " %", " nan", "None", "−0 ", "£0.00"):
            assert odd not in text, odd


def test_huge_sums_stay_short() -> None:
    result = w1(
        programme__groups__everyone__referrals=10**6,
        contract__terms__job__price=10**6,
        contract__cap=10**15,
        capital__tranches__investor__commitment=10**15,
    )
    text = str(result)
    assert "bn" in text
    assert "£1,000,000bn" in text
    assert max(map(len, text.splitlines())) <= 110


def test_what_the_timeline_cuts_off_is_told() -> None:
    early = {"timeline.periods": 5}
    text = " ".join(str(sibmodel.simulate(sibmodel.load(W1, early), trials=2)).split())
    assert "The timeline ends too early: £930k of payments come after" in text
    whole = str(sibmodel.simulate(sibmodel.load(W1), trials=2))
    assert "ends too early" not in whole


GUARANTEED = """
title: A council that guarantees half of the loan
timeline: {signing: 2026-03-31, period: year, periods: 2}
programme:
  service: {to_month: 12}
  groups: {all: {referrals: 100, engaged: 1}}
  costs: {set_up: 100000, further: {legal: {amount: 7000, borne_by: council}}}
outcomes: {job: {type: quantity, per_person: 1}}
contract:
  payers: {council: {recovers_vat: false}, fund: {kind: outcomes_fund}}
  split: {council: 1, fund: 0}
  vat: {rate: 0.2}
  cap: 120000
  terms: {job: {rule: price, outcome: job, price: 1200}}
capital:
  tranches: {loan: {commitment: 100000}}
  guarantees: {g: {tranche: loan, tops_up_to: 0.5, by: council}}
"""


def test_what_payers_pay_beside_outcome_payments_is_told_wherever_payments_are() -> None:
    """As planned 120,000 and a fifth in tax; if nothing changes, half of 100,000 under the guarantee."""
    text = " ".join(str(sibmodel.simulate(sibmodel.loads(GUARANTEED), trials=2)).split())
    assert "On top, council pays £24.0k in value added tax that it cannot recover." in text
    assert "payers would pay nothing for outcomes, and investors would lose £50.0k on average. On top, council" in text
    assert "On top, council would pay £50.0k under guarantees and contingent payments" in text
    limit = "never lets commissioners pay more than £120k for outcomes. Not in that: value added tax that council"
    assert f"{limit} cannot recover, guarantees and contingent payments of council and costs that council bears" in text
    failed = sibmodel.simulate(sibmodel.loads(GUARANTEED, {"outcomes.job.per_person": 0}), trials=2)
    assert "On top, council pays £50.0k under guarantees" in " ".join(str(failed).split())
    assert failed.if_nothing["payer.council.promised"].mean == pytest.approx(50_000)


def test_nothing_is_said_to_be_beside_the_limit_where_nothing_is() -> None:
    plain = sibmodel.loads(GUARANTEED, {"contract.payers.council.recovers_vat": True, "capital.guarantees": {}})
    text = " ".join(str(sibmodel.simulate(sibmodel.change(plain, {"programme.costs.further": {}}), trials=2)).split())
    assert "more than £120k for outcomes. The committed capital" in text
