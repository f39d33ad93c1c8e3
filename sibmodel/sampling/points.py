"""The uniform numbers of a block of trials: pseudo-random, Latin hypercube or scrambled Sobol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from threading import Lock

import numpy as np
import numpy.typing as npt

from sibmodel.core.timeline import FloatArray
from sibmodel.sampling.permutation import permuted
from sibmodel.sampling.replicates import Sampling, replicates
from sibmodel.sampling.streams import BLOCK, generator, uniforms

UintArray = npt.NDArray[np.uint64]

_WORDS = 2.0**-32
"""Jitter is a whole number of these and a half, so that it never reaches the next stratum."""
BITS = 52
"""Binary digits of a scrambled Sobol number; half of the next is added, so that both ends are excluded exactly."""
_RAW_BITS, _CHUNK = 32, 8
_one_at_a_time = Lock()


@dataclass(frozen=True)
class Points:
    """Uniform numbers in (0, 1) by name, for any block of a run on its own.

    `count` are the trials of the whole run, which matter to Latin hypercube and Sobol only: these come as 16
    independent replicates, the n-th of which are the trials from n · count/16 on. `names` are the inputs, in the order
    of Sobol's dimensions. Nothing is kept between blocks, so they may be made in any order and by any thread.
    """

    seed: int
    names: tuple[str, ...]
    sampling: Sampling = "pseudo_random"
    count: int = BLOCK

    def block(self, number: int) -> Mapping[str, FloatArray]:
        """Of the trials from `number` · 4,096 on, shape (trials,): always 4,096 if pseudo-random, else what is left."""
        if self.sampling == "pseudo_random":
            return {name: uniforms(self.seed, name, number) for name in self.names}
        if self.sampling == "latin_hypercube":
            return {name: self._hypercube(name, number) for name in self.names}
        return self._sobol(number)

    def _parts(self, number: int) -> Iterator[tuple[int, int, int]]:
        """The replicates of a block, each with its first trial there, and the one after its last, counted in itself."""
        size = self.count // replicates(self.sampling)
        start, stop = number * BLOCK, min((number + 1) * BLOCK, self.count)
        for replicate in range(start // size, -(-stop // size)):
            yield replicate, max(start - replicate * size, 0), min(stop - replicate * size, size)

    def _hypercube(self, name: str, number: int) -> FloatArray:
        """(stratum + jitter)/strata: each stratum of a replicate once, in an order of its own for each name.

        McKay, Beckman and Conover 1979, Technometrics 21:239-245.
        """
        size = self.count // replicates(self.sampling)
        strata = [
            permuted(np.arange(first, last), size, generator(self.seed, f"strata:{name}", replicate))
            for replicate, first, last in self._parts(number)
        ]
        found = np.concatenate(strata)
        jitter = np.floor(uniforms(self.seed, f"jitter:{name}", number)[: found.size] / _WORDS) + 0.5
        return np.asarray((found + jitter * _WORDS) / size)

    def _sobol(self, number: int) -> dict[str, FloatArray]:
        parts = list(self._parts(number))
        raw = {part[1:]: _raw_sobol(len(self.names), *part[1:]) for part in parts}
        return {
            name: np.concatenate([
                _scrambled(raw[part[1:]][:, dimension], self._keys(f"scramble:{name}", part[0], _RAW_BITS + 1))
                for part in parts
            ])
            for dimension, name in enumerate(self.names)
        }  # fmt: skip

    def _keys(self, stream: str, replicate: int, count: int) -> UintArray:
        return generator(self.seed, stream, replicate).integers(0, 2**64, size=count, dtype=np.uint64)


def _raw_sobol(dimensions: int, first: int, last: int) -> UintArray:
    """Points of the Sobol sequence as numbers of 32 bits, shape (points, dimensions) (Joe and Kuo 2008)."""
    from scipy.stats import qmc  # slow to import, so only where it is asked for

    with _one_at_a_time:  # SciPy reads its table of directions when it is first wanted
        sequence = qmc.Sobol(max(dimensions, 1), scramble=False, bits=_RAW_BITS)
    if first:
        sequence.fast_forward(first)
    return np.asarray((sequence.random(last - first) * 2.0**_RAW_BITS).astype(np.uint64))


def _scrambled(raw: UintArray, keys: UintArray) -> FloatArray:
    """Random linear scrambling and a random shift (Matoušek 1998, Journal of Complexity 14:527-556).

    A digit goes to itself plus a random choice of all later ones; so the points stay as evenly spread as they were, and
    each is uniform.
    """
    place = np.uint64(BITS - 1) - np.arange(_RAW_BITS, dtype=np.uint64)
    own = np.uint64(1) << place
    columns = own | keys[:-1] & (own - np.uint64(1))
    out = np.full(raw.shape, keys[-1] & np.uint64(2**BITS - 1))
    for first in range(0, _RAW_BITS, _CHUNK):
        chunk = raw >> np.uint64(_RAW_BITS - _CHUNK - first) & np.uint64(2**_CHUNK - 1)
        out ^= _sums(columns[first : first + _CHUNK])[chunk.astype(np.intp)]
    return np.asarray((out.astype(np.float64) + 0.5) * 2.0**-BITS)


def _sums(columns: UintArray) -> npt.NDArray[np.uint64]:
    """Sums without carry of all choices of some columns; the first column belongs to the highest digit."""
    found = np.zeros(1, dtype=np.uint64)
    for column in columns[::-1]:
        found = np.concatenate([found, found ^ column])
    return found
