"""Files that extend others, and amendments from a date."""

from pathlib import Path

import pytest

import sibmodel

BASE = """\
title: Base
timeline: {signing: 2016-04-01, period: quarter, periods: 8}
sources: {S1: {title: A report}}
outcomes: {job: {type: achievement, title: In work}, gain: {type: effect}}
contract:
  payers: {a: {}, b: {}}
  split: {a: 0.4, b: 0.6}
  terms:
    job: {rule: price, outcome: job, price: {value: 100, unit: £, source: S1, grade: 2}}
    gain: {rule: linear, outcome: gain, points: [[0, 0], [1, 500]], cap: 400}
"""
JOBS = [{"period": t, "outcome": "job", "quantity": 10} for t in (1, 4, 5)]


@pytest.fixture
def variant(tmp_path: Path) -> Path:
    (tmp_path / "base.yaml").write_text(BASE, encoding="utf-8")
    return tmp_path / "variant.yaml"


def written(file: Path, text: str) -> sibmodel.Scenario | sibmodel.ContractSheet:
    file.write_text(f"extends: base.yaml\n{text}", encoding="utf-8")
    return sibmodel.load_contract(file)


def problems(file: Path, text: str) -> list[str]:
    with pytest.raises(sibmodel.ScenarioError) as caught:
        written(file, text)
    return [str(problem).replace(f"{file.parent}/", "") for problem in caught.value.problems]


def test_a_variant_says_only_what_is_different(variant: Path) -> None:
    sheet = written(variant, "title: Dearer\ncontract: {terms: {job: {price: 150}, gain: {cap: 300}}}\n")
    assert sheet.title == "Dearer"
    assert sibmodel.pay(sheet, JOBS).by_payer == {"a": 1800, "b": 2700}
    assert sibmodel.pay(sheet, [{"period": 1, "outcome": "gain", "quantity": 2}]).total == 300


def test_a_number_with_its_source_is_replaced_whole(variant: Path) -> None:
    sheet = written(variant, "contract: {terms: {job: {price: {value: 90, note: agreed}}}}\n")
    price = sheet.contract.terms["job"].price  # type: ignore[attr-defined]
    assert (price.central_values(), price.unit, price.source, price.grade) == ((90.0,), None, None, None)


def test_a_term_of_another_rule_replaces_the_old_one(variant: Path) -> None:
    sheet = written(variant, "contract: {terms: {gain: {rule: price, outcome: gain, price: 7}}}\n")
    rows = [{"period": 1, "outcome": "gain", "quantity": 2, "people": 5}]
    assert sibmodel.pay(sheet, rows).total == 70


def test_parts_of_the_other_file_can_be_left_out(variant: Path) -> None:
    sheet = written(variant, "without: [contract.terms.gain, outcomes.gain]\n")
    assert list(sheet.contract.terms) == ["job"]
    assert problems(variant, "without: [contract.terms.gian]\n") == [
        "variant.yaml:2:11: without.0: the extended file says nothing at 'contract.terms.gian'; did you mean 'gain'?"
    ]


def test_every_problem_names_its_file(variant: Path) -> None:
    (variant.parent / "base.yaml").write_text(BASE.replace("b: 0.6", "b: 0.7"), encoding="utf-8")
    assert problems(variant, "contract: {cap: -5}\n") == [
        "base.yaml:7:10: contract.split: the shares of the split add up to 1.1; they must add up to 1",
        "variant.yaml:2:17: contract.cap: -5 is out of range; it must be at least 0",
    ]


def test_what_is_left_out_is_blamed_on_the_file_that_leaves_it_out(variant: Path) -> None:
    assert problems(variant, "without: [title, contract.terms]\n") == [
        "variant.yaml:2:11: title: 'title' is missing, as it is left out here; add 'title: …'",
        "variant.yaml:2:18: contract.terms: 'terms' is missing, as it is left out here; add 'terms: …'",
    ]
    assert problems(variant, "without: [contract.payers.b, outcomes.gain]\n") == [
        "base.yaml:7:19: contract.split.b: there is no payer called 'b'; it may be 'a'; "
        "variant.yaml:2 leaves 'b' out by 'without'",
        "base.yaml:10:35: contract.terms.gain.outcome: there is no outcome called 'gain'; it may be 'job'; "
        "variant.yaml:2 leaves 'gain' out by 'without'",
    ]
    again = "without: [contract.payers.b]\ncontract: {payers: {b: {cap: x}}}\n"
    assert problems(variant, again)[0].startswith("variant.yaml:3:30: contract.payers.b.cap: 'x' is not a number")


def test_a_misspelt_field_or_name_is_answered_with_that_of_the_other_file(variant: Path) -> None:
    assert problems(variant, "contract: {terms: {job: {prise: 3}}}\n") == [
        "variant.yaml:2:26: contract.terms.job.prise: unknown key 'prise'; did you mean 'price'?"
    ]
    (problem,) = problems(variant, "contract: {terms: {jobb: {price: 3}}}\n")
    assert problem.startswith(
        "variant.yaml:2:20: contract.terms.jobb.rule: 'rule' is missing; did you mean 'job', which the extended file "
        "has? if not, it may be price, rate_card"
    )
    assert problems(variant, "outcomes: {gains: {title: x}}\n") == [
        "variant.yaml:2:12: outcomes.gains.type: 'type' is missing; did you mean 'gain', which the extended file has? "
        "if not, add 'type: …'"
    ]


def test_an_address_is_no_key(variant: Path) -> None:
    assert problems(variant, "contract.terms.job.price: 3\n") == [
        "variant.yaml:2:1: contract.terms.job.price: an address stands where a key is wanted: "
        "'contract.terms.job.price'; write its parts as keys, each below the one before"
    ]


def test_variants_of_variants_and_circles(variant: Path) -> None:
    (variant.parent / "second.yaml").write_text("extends: variant.yaml\ncontract: {cap: 1000}\n", encoding="utf-8")
    written(variant, "title: First\n")
    second = sibmodel.load_contract(variant.parent / "second.yaml")
    assert (second.title, sibmodel.pay(second, JOBS).total) == ("First", 1000)
    (variant.parent / "base.yaml").write_text("extends: second.yaml\n", encoding="utf-8")
    with pytest.raises(sibmodel.ScenarioError, match="extends this file in turn"):
        sibmodel.load_contract(variant)
    (variant.parent / "self.yaml").write_text("extends: self.yaml\n", encoding="utf-8")
    with pytest.raises(sibmodel.ScenarioError, match="extends this file in turn"):
        sibmodel.load_contract(variant.parent / "self.yaml")


def test_settings_and_changes_work_on_a_variant(variant: Path) -> None:
    variant.write_text("extends: base.yaml\n", encoding="utf-8")
    sheet = sibmodel.load_contract(variant, {"contract.terms.job.price": 200})
    assert sibmodel.pay(sheet, JOBS).total == 6000


# amendments


def test_an_amendment_holds_from_the_first_period_that_ends_on_or_after_its_date(variant: Path) -> None:
    """10 jobs in periods 1, 4 (January to March 2017) and 5: 100 each, from 15 March 2017 on 130."""
    sheet = written(variant, "amendments: [{from: 2017-03-15, set: {contract.terms.job.price: 130}}]\n")
    assert sibmodel.pay(sheet, JOBS).by_period == {"1": 1000, "4": 1300, "5": 1300}


def test_a_split_can_be_amended(variant: Path) -> None:
    sheet = written(variant, "amendments: [{from: 2017-01-01, set: {contract.split: {a: 1, b: 0}}}]\n")
    assert sibmodel.pay(sheet, JOBS).by_payer == {"a": 400 + 2000, "b": 600}


def test_amendments_follow_each_other(variant: Path) -> None:
    first = "{from: 2017-01-01, set: {contract.terms.job.price: 130}}"
    second = "{from: 2017-04-01, set: {contract.terms.job.price: 7}}"
    sheet = written(variant, f"amendments: [{first}, {second}]\n")
    assert sibmodel.pay(sheet, JOBS).by_period == {"1": 1000, "4": 1300, "5": 70}


def test_a_cap_that_is_raised_lets_more_through_from_then_on(variant: Path) -> None:
    """Cap 1,500 until March 2017, 2,600 after: 1,000, then 500 of 1,000, then 1,000 of it (1,100 are left)."""
    sheet = written(variant, "contract: {cap: 1500}\namendments: [{from: 2017-04-01, set: {contract.cap: 2600}}]\n")
    paid = sibmodel.pay(sheet, JOBS)
    assert paid.by_period == {"1": 1000, "4": 500, "5": 1000}
    assert [(cap.where, cap.bound_in, cap.forgone) for cap in paid.caps] == [("contract.cap", [4], 500.0)]


def test_numbers_of_every_chapter_can_be_amended() -> None:
    """W1 with 500 instead of 1,000 referred a year from the third year on."""
    file = Path(__file__).parents[1] / "scenarios" / "worked" / "w1.yaml"
    text = file.read_text(encoding="utf-8")
    amended = sibmodel.loads(
        f"{text}\namendments: [{{from: 2022-06-01, set: {{programme.groups.everyone.referrals: 500}}}}]\n"
    )
    referred = sibmodel.base_case(amended).service.activity.referred["everyone"][:, 0]
    assert referred.tolist() == [0, 1000, 1000, 500, 500, 500, 0, 0]


def test_an_uncertain_number_stays_one_number_until_it_is_amended() -> None:
    """Its list has two entries with an input each, not one for every period."""
    file = Path(__file__).parents[1] / "scenarios" / "worked" / "w1.yaml"
    text = file.read_text(encoding="utf-8").replace("referrals: 1000", "referrals: {uniform: [900, 1100]}")
    text += "\namendments: [{from: 2022-06-01, set: {programme.groups.everyone.referrals: 500}}]\n"
    quantities = {q.address: q for q in sibmodel.loads(text).quantities()}
    assert len(quantities["programme.groups.everyone.referrals"].value) == 2
