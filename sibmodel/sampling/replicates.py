"""Ways of sampling, and the independent replicates from which their standard errors come."""

from __future__ import annotations

from typing import Literal

Sampling = Literal["pseudo_random", "latin_hypercube", "sobol"]

REPLICATES = 16
MOST_TRIALS = 10_000_000


def replicates(sampling: Sampling) -> int:
    """Into how many independent parts of equal size a run falls: of n trials, trial i is in part i // (n/parts).

    Pseudo-random trials are each independent: one part.
    """
    return 1 if sampling == "pseudo_random" else REPLICATES


def unbalanced(sampling: Sampling, count: int) -> tuple[str, str] | None:
    """What is wrong with a number of trials, and the next that is right; None if it is in order."""
    if sampling == "pseudo_random" or balanced(sampling, count) == count:
        return None
    needs = f"a multiple of {REPLICATES}" if sampling == "latin_hypercube" else f"{REPLICATES} times a power of two"
    next_one = balanced(sampling, count)
    right = f"take {next_one:,}, which is" if next_one > count else f"take {next_one:,}, the largest that is"
    name = {"latin_hypercube": "Latin hypercube sampling", "sobol": "Sobol sampling"}[sampling]
    return f"{name} cannot balance {count:,} trials", f"{right} {needs}"


def balanced(sampling: Sampling, count: int) -> int:
    """The least number of trials from `count` on that can be balanced; the largest possible if there is none."""
    if sampling == "pseudo_random":
        return count
    each = -(-count // REPLICATES)
    if sampling == "sobol":
        each = 1 << (each - 1).bit_length()
        return REPLICATES * each if REPLICATES * each <= MOST_TRIALS else REPLICATES * each // 2
    return REPLICATES * each
