"""Streams of random numbers: the same by name, different otherwise."""

import numpy as np

from sibmodel.sampling.sampler import sample
from sibmodel.sampling.streams import BLOCK, normals, uniforms
from tests.strategies import read

DATA = {
    "title": "Two uncertain numbers",
    "timeline": {"signing": "2020-01-01", "period": "year", "periods": 3},
    "programme": {"groups": {"all": {"referrals": {"normal": [100, 25]}, "engaged": {"normal": [0.8, 0.06]}}}},
    "outcomes": {
        "days": {
            "type": "effect",
            "change": 3,
            "measurement": {"first_month": 12, "every_months": 12, "person_sd": 4},
        }
    },
    "contract": {"payers": {"council": {}}, "terms": {"days": {"rule": "price", "outcome": "days", "price": 5}}},
    "capital": {"tranches": {"only": {"commitment": 0}}},
}


def test_a_stream_is_known_by_seed_address_and_block() -> None:
    first = uniforms(1, "a", 0)
    assert first.tolist() == uniforms(1, "a", 0).tolist()
    for other in (uniforms(2, "a", 0), uniforms(1, "b", 0), uniforms(1, "a", 1)):
        assert not np.isin(first, other).any()
        # independent uniforms: the correlation of 4,096 pairs is within four standard errors of none
        assert abs(np.corrcoef(first, other)[0, 1]) < 4 / np.sqrt(BLOCK)


def test_neither_end_is_ever_drawn() -> None:
    drawn = np.concatenate([uniforms(3, "a", block) for block in range(8)])
    assert 0 < drawn.min() < 1e-3
    assert 1 - 1e-3 < drawn.max() < 1


def test_normals_are_standard_and_each_period_has_its_own() -> None:
    z = normals(1, "noise:outcomes.days", 0, 5)
    assert z.shape == (5, BLOCK)
    assert (np.abs(z.mean(axis=1)) < 4 / np.sqrt(BLOCK)).all()
    assert (np.abs(z.var(axis=1) - 1) < 4 * np.sqrt(2 / BLOCK)).all()
    assert np.abs(np.corrcoef(z) - np.eye(5)).max() < 4 / np.sqrt(BLOCK)
    # a longer timeline leaves the noise of the earlier periods as it was
    assert normals(1, "noise:outcomes.days", 0, 9)[:5].tolist() == z.tolist()


def test_the_first_trials_of_a_block_are_those_of_the_whole() -> None:
    scenario = read(DATA)
    few = sample(scenario.quantities(), ["outcomes.days"], 4, seed=9, block=2, count=7)
    many = sample(scenario.quantities(), ["outcomes.days"], 4, seed=9, block=2)
    assert few.inputs.keys() == {"programme.groups.all.referrals", "programme.groups.all.engaged"}
    for address, drawn in few.inputs.items():
        assert drawn.tolist() == many.inputs[address][:7].tolist()
    assert few.normals["outcomes.days"].tolist() == many.normals["outcomes.days"][:, :7].tolist()


def test_values_outside_what_a_field_allows_are_moved_to_the_nearest() -> None:
    """0.8 with a standard deviation of 0.06 is above 1 in 4 of 10,000 futures."""
    scenario = read(DATA)
    drawn = np.concatenate(
        [sample(scenario.quantities(), [], 4, 1, block).inputs["programme.groups.all.engaged"] for block in range(10)]
    )
    assert drawn.max() == 1
    assert 0 < np.mean(drawn == 1) < 1e-3
