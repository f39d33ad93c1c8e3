"""A contract of eight terms with caps at every level pays what NumPy code written for it alone pays."""

import numpy as np

from tests.performance.contract_by_hand import by_hand, by_the_library, outcomes, sheet


def test_the_bench_contract_pays_the_same_by_hand() -> None:
    contract, flows = sheet(), outcomes(200, seed=3)
    paid, expected = by_the_library(contract, flows), by_hand(flows)
    assert set(paid) == set(expected)
    for name, amount in expected.items():
        assert amount.sum() > 0
        np.testing.assert_allclose(paid[name], amount, rtol=1e-9, atol=1e-6)
