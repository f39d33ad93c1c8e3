"""What does not change the answer: other units of money, other divisions of the people, another order of events."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sibmodel import change, simulate
from sibmodel.core.discounting import deflators, flat_discount_factors
from sibmodel.core.timeline import FloatArray
from sibmodel.measures.catalogue import all_measures
from sibmodel.measures.commissioner import present_value_of_real, real_present_value
from sibmodel.measures.values import Values
from sibmodel.model import work_through
from sibmodel.sampling.streams import BLOCK
from tests.books import full, rounding, some_trials, worked
from tests.random_numbers import Data, quantities
from tests.strategies import as_yaml, read, scenarios
from tests.twin_basics import central_value

# --- Every pound times k ----------------------------------------------------------------------------

COSTS = (
    "set_up",
    "fixed_per_year",
    "per_referral",
    "per_person",
    "wind_down",
    "management_per_year",
    "evaluation_per_year",
)


def times(quantity: Any, k: float) -> Any:
    """A quantity in any of its forms, multiplied."""
    if isinstance(quantity, list):
        return [times(item, k) for item in quantity]
    if not isinstance(quantity, dict):
        return quantity * k
    if "value" in quantity:
        out = {**quantity, "value": times(quantity["value"], k)}
        return out | ({"central": quantity["central"] * k} if "central" in quantity else {})
    special: dict[str, Callable[[Any], Any]] = {
        "lognormal": lambda p: [p[0] * k, p[1]],
        "gamma": lambda p: [p[0], p[1] * k],
        "choice": lambda weights: {value * k: weight for value, weight in weights.items()},
        "confidence": lambda share: share,
    }
    return {key: special[key](value) if key in special else times(value, k) for key, value in quantity.items()}


def amounts_of_money(data: Data) -> Iterator[tuple[Data, str]]:
    """Where the scenario states pounds: a mapping and a key that it may have."""
    programme, contract, capital = data["programme"], data["contract"], data["capital"]
    costs = programme.get("costs", {})
    yield from ((costs, line) for line in COSTS)
    yield from ((one, key) for one in costs.get("further", {}).values() for key in ("amount", "per_year"))
    for group in programme["groups"].values():
        yield group, "cost_per_person"
        yield from ((route, "cost_per_referral") for route in group.get("routes", {}).values())
    yield from ((area, "set_up") for area in programme.get("areas", {}).values())
    for service in programme.get("onward", {}).values():
        yield from ((service, "cost_per_place"), (service, "budget_per_year"))
        yield service.get("volunteers", {}), "cost_per_year"
    yield programme.get("link_workers", {}), "cost_per_year"
    yield capital, "minimum_cash"
    yield from ((tranche, "commitment") for tranche in capital["tranches"].values())
    yield contract, "cap"
    yield from ((payer, "cap") for payer in contract["payers"].values())
    for term in contract["terms"].values():
        yield from ((term, "cap"), (term, "price"))
        yield from ((term["prices"], name) for name in term.get("prices", {}))
    savings = data.get("savings", {})
    yield from ((item, "value") for item in savings.get("items", {}).values())
    yield from ((step, "size") for step in savings.get("steps", {}).values())


def pounds_times(data: Data, k: float) -> Data:
    """The scenario with every amount of money multiplied."""
    data = copy.deepcopy(data)
    for term in data["contract"]["terms"].values():
        if term["rule"] == "linear":
            term.setdefault("price", 1)
    for where, key in list(amounts_of_money(data)):
        if key in where:
            where[key] = times(where[key], k)
    return data


def close(one: FloatArray, other: FloatArray, rounding: float) -> bool:
    return np.allclose(one, other, rtol=1e-9, atol=rounding, equal_nan=True)


@given(scenarios(plain=True), st.sampled_from([0.5, 2.0, 1024.0]))
def test_pounds_times_k_multiply_money_and_leave_rates(data: Data, k: float) -> None:
    books = worked(data)
    one, other = all_measures(books), all_measures(worked(pounds_times(data, k)))
    assert one.keys() == other.keys()
    for name, before in one.items():
        if name == "ledger.imbalance":
            continue
        after = other[name]
        if before.unit == "£":
            assert close(before.values * k, after.values, rounding(books) * k), name
        else:
            assert close(before.values, after.values, 1e-9), name
        if before.status is not None:
            assert after.status is not None
            assert before.status.tolist() == after.status.tolist(), name


# --- One group as two -------------------------------------------------------------------------------


def fixed(quantity: Any) -> Any:
    """A quantity with its uncertain numbers at their central values."""
    if isinstance(quantity, list):
        return [fixed(item) for item in quantity]
    if not isinstance(quantity, dict):
        return quantity
    if "central" in quantity:
        return quantity["central"]
    return fixed(quantity["value"]) if "value" in quantity else central_value(quantity)


def split_in_two(data: Data, name: str, part: float) -> tuple[Data, Data]:
    """The scenario with a group of fixed numbers, and the same with that group as two groups."""
    data = copy.deepcopy(data)
    group = data["programme"]["groups"][name]
    for node in (group, *group.get("routes", {}).values()):
        node |= {key: fixed(value) for key, value in node.items() if key not in ("ramp", "routes", "title")}
    for outcome in data["outcomes"].values():
        effects = outcome.get("effect_in_group", {})
        effects |= {name: fixed(effects[name])} if name in effects else {}
    divided = copy.deepcopy(data)
    groups = divided["programme"]["groups"]
    whole = groups.pop(name)
    groups["one"], groups["other"] = _fewer(whole, part), _fewer(whole, 1 - part)
    for area in divided["programme"].get("areas", {}).values():
        need = area.get("need_of_group", {})
        if name in need:
            half = need.pop(name) / 2
            need |= {"one": half, "other": half}
    for node in (*divided["outcomes"].values(), *divided["programme"].get("onward", {}).values()):
        named, effects = node.get("groups", []), node.get("effect_in_group", {})
        if name in named:
            node["groups"] = [*(one for one in named if one != name), "one", "other"]
        if name in effects:
            effects["one"] = effects["other"] = effects.pop(name)
    return data, divided


def _fewer(group: Data, part: float) -> Data:
    """Part of the people of a group, by all its routes."""
    if "routes" in group:
        routes = group["routes"].items()
        return group | {"routes": {name: way | {"referrals": times(way["referrals"], part)} for name, way in routes}}
    return group | {"referrals": times(group["referrals"], part)}


@given(scenarios(plain=True), st.sampled_from([0.25, 0.3, 1.0]))
def test_a_group_split_in_two_changes_nothing(data: Data, part: float) -> None:
    whole, divided = split_in_two(data, "all", part)
    one, other = worked(whole, luck=False), worked(divided, luck=False)  # which is each group's own
    near = rounding(one)
    for flow, same in zip(one.settlement.ledger.flows, other.settlement.ledger.flows, strict=True):
        assert flow.name == same.name
        assert close(flow.amount, same.amount, near), flow.name
    for saving, its in zip(one.service.savings, other.service.savings, strict=True):
        assert close(full(one, saving.cashable), full(other, its.cashable), near), saving.name


# --- Prices ------------------------------------------------------------------------------------------


@given(scenarios(plain=True))
def test_without_inflation_nominal_is_real(data: Data) -> None:
    data = {**data, "prices": {"inflation": 0}}
    books = worked(data)
    years = books.scenario.timeline.years
    assert (deflators(years, np.zeros((1, 1))) == 1).all()
    spend = full(books, books.service.costs.spend)
    assert (real_present_value(books, spend) == present_value_of_real(books, spend)).all()


@given(scenarios(plain=True))
def test_deflating_and_discounting_is_discounting_at_both_rates(data: Data) -> None:
    data = {**data, "prices": {"inflation": 0.02}, "discounting": {"public": 0.035}}
    books = worked(data)
    spend = full(books, books.service.costs.spend)
    # (1 + nominal) = (1 + real)(1 + inflation)
    factors = flat_discount_factors(books.scenario.timeline.years, 1.035 * 1.02 - 1)
    assert real_present_value(books, spend) == pytest.approx(factors @ spend, rel=1e-12, abs=1e-9)


# --- Seeds -------------------------------------------------------------------------------------------


def bits(values: FloatArray) -> list[int]:
    """Numbers to the last bit: not-a-number is then equal to itself."""
    whole: list[int] = np.ascontiguousarray(values, dtype=np.float64).view(np.int64).tolist()
    return whole


@settings(max_examples=settings().max_examples // 3)
@given(scenarios(plain=True), st.integers(0, 2**63 - 1))
def test_the_same_seed_gives_the_same_bits(data: Data, seed: int) -> None:
    scenario = read(data)
    one, other = simulate(scenario, trials=6, seed=seed), simulate(read(data), trials=6, seed=seed)
    assert one.measures == other.measures
    for name, values in one.values.items():
        assert bits(values) == bits(other.values[name]), name


@settings(max_examples=settings().max_examples // 5)
@given(scenarios(plain=True))
def test_the_first_trials_of_a_long_run_are_those_of_a_short_one(data: Data) -> None:
    scenario = read(data)
    long = simulate(scenario, trials=BLOCK + 7)
    for short in (simulate(scenario, trials=5), simulate(scenario, trials=BLOCK + 1)):
        for name, values in short.values.items():
            assert bits(values) == bits(long.values[name][: values.size]), name


@given(scenarios(), quantities(0, 100).filter(lambda quantity: isinstance(quantity, dict)))
def test_an_uncertain_number_more_leaves_all_others_as_they_were(data: Data, extra: Any) -> None:
    one, other = copy.deepcopy(data), copy.deepcopy(data)
    one["programme"].setdefault("costs", {})["per_person"] = 10
    other["programme"].setdefault("costs", {})["per_person"] = extra
    before, after = (some_trials(read(scenario), 4, 11) for scenario in (one, other))
    for address, values in before.inputs.items():
        assert bits(values) == bits(after.inputs[address]), address
    for address, normals in before.normals.items():
        assert bits(normals) == bits(after.normals[address]), address


@given(scenarios(plain=True))
def test_a_base_case_is_one_trial_at_central_values(data: Data) -> None:
    """Setting every uncertain number to its central value and taking noise away gives the base case in any trial."""
    scenario = read(data)
    centrals = {
        address: central
        for quantity in scenario.quantities()
        for (address, item), central in zip(quantity.items(), quantity.central_values(), strict=True)
        if not isinstance(item, float)
    }
    certain = change(scenario, centrals)
    base = all_measures(work_through(scenario, some_trials(certain, 2, 1)))
    quiet = all_measures(work_through(certain, some_trials(certain, 2, 1)))
    for name, values in base.items():
        assert same(values, quiet[name]), name


def same(one: Values, other: Values) -> bool:
    return bits(one.values) == bits(other.values)


@given(scenarios(dependent=True))
def test_yaml_says_what_the_data_says(data: Data) -> None:
    """The text is read as the same scenario when it is read again, so the other tests test what they say."""
    assert as_yaml(data) == read(data).document.text
    assert read(data).document.data["timeline"]["signing"] == data["timeline"]["signing"]
