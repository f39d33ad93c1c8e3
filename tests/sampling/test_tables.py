"""Inverse distributions by table, and normal scores, against the exact ones."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import ndtri

from sibmodel.core.distribution import Beta, Gamma, Pert
from sibmodel.sampling.distributions import exact_beta, exact_gamma, values
from sibmodel.sampling.normal import score
from sibmodel.sampling.streams import uniforms
from sibmodel.sampling.tables import LEAST_SHAPE, MOST_SHAPE, beta_table, gamma_table

# both tails in even steps of their logarithm, to the smallest and the largest number of a stream, and the middle
_TAIL = np.exp(np.linspace(np.log(2.0**-53), np.log(0.5), 3001))
U = np.concatenate([_TAIL, np.linspace(0.001, 0.999, 1997), 1.0 - _TAIL])
PRECISE = 2e-10


def off(found: np.ndarray, exact: np.ndarray) -> float:
    """The largest relative error."""
    return float(np.max(np.abs(found / exact - 1.0)))


@given(st.floats(1, 5))
def test_every_pert_is_right_near_both_of_its_ends(a: float) -> None:
    """On 0 to 1 with its mode at (a − 1)/4; and mirrored, for the distance from the upper end."""
    mode = (a - 1.0) / 4.0
    shape = 1.0 + 4.0 * mode  # as the program rounds it
    assert off(values(Pert(pert=(0, mode, 1)), U), exact_beta(shape, 6 - shape, U)[0]) < PRECISE
    high = U[U >= 0.5]  # of which 1 − u is exact
    assert off(-values(Pert(pert=(-1, -mode, 0)), high), exact_beta(6 - shape, shape, high)[1]) < PRECISE


@pytest.mark.parametrize("a", [0.3, 0.5, 1, 2.5, 40, 1e4])
@pytest.mark.parametrize("b", [0.3, 0.9, 3, 500, 1e4])
def test_every_beta_is_right(a: float, b: float) -> None:
    assert beta_table(a, b) is not None
    found, exact = values(Beta(beta=(a, b)), U), exact_beta(a, b, U)[0]
    assert off(found[exact > 0], exact[exact > 0]) < PRECISE


@pytest.mark.parametrize("shape", [0.3, 0.5, 1, 2.5, 40, 1e4])
def test_every_gamma_is_right(shape: float) -> None:
    assert gamma_table(shape) is not None
    assert off(values(Gamma(gamma=(shape, 3)), U), 3 * exact_gamma(shape, U, 1 - U)) < PRECISE


@pytest.mark.parametrize("shape", [0.9 * LEAST_SHAPE, 1.1 * MOST_SHAPE])
def test_shapes_that_bend_too_sharply_have_no_table_but_are_exact(shape: float) -> None:
    assert beta_table(shape, 1.0) is beta_table(1.0, shape) is gamma_table(shape) is None
    assert values(Gamma(gamma=(shape, 3)), U).tolist() == (3 * exact_gamma(shape, U, 1 - U)).tolist()
    assert values(Beta(beta=(shape, 1)), U).tolist() == exact_beta(shape, 1, U)[0].tolist()


def test_beyond_the_reach_of_a_table_values_are_exact() -> None:
    u = np.array([1e-30, 1e-17])
    assert values(Beta(beta=(2, 5)), u).tolist() == exact_beta(2, 5, u)[0].tolist()
    assert values(Gamma(gamma=(2, 1)), u).tolist() == exact_gamma(2, u, 1 - u).tolist()
    assert values(Pert(pert=(0, 0.25, 1)), u).tolist() == exact_beta(2, 4, u)[0].tolist()


def test_a_value_does_not_depend_on_those_beside_it() -> None:
    u = uniforms(1, "an.address", 0)
    for distribution in (Pert(pert=(1, 2, 9)), Beta(beta=(2, 5)), Gamma(gamma=(2.5, 4), within=(1, 20))):
        whole = values(distribution, u)
        parts = [values(distribution, u[first:last]) for first, last in ((0, 1), (1, 8), (8, 1003), (1003, 4096))]
        assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_normal_scores_are_those_of_scipy() -> None:
    """AS 241 promises about sixteen digits; where a score is close to 0, of 1."""
    found, exact = score(U), ndtri(U)
    assert np.max(np.abs(found - exact) / np.maximum(np.abs(exact), 1e-3)) < 2e-15
    assert score(np.array([0.0, 0.5, 1.0])).tolist() == [-np.inf, 0.0, np.inf]


def test_a_run_with_perts_and_normals_needs_no_scipy() -> None:
    """Importing it takes longer than such a run."""
    code = (
        "import sys, sibmodel;"
        "engaged = {'programme.groups.long_term_conditions.engaged': {'normal': [.7, .05]}};"
        "s = sibmodel.load('scenarios/ways_to_wellness.yaml', engaged);"
        "sibmodel.simulate(s, 100); print([m for m in sys.modules if m.split('.')[0] == 'scipy'])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
