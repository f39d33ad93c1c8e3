"""Random numbers by name: each stream depends on the seed, its own address and the block, on nothing else."""

from __future__ import annotations

import hashlib

import numpy as np

from sibmodel.core.timeline import FloatArray

BLOCK = 4096
"""Trials in a block. Every block is generated whole, so a short run holds the first trials of a long one."""


def generator(seed: int, address: str, block: int) -> np.random.Generator:
    """Philox keyed by seed and address, its counter set apart by the block (Salmon et al. 2011).

    The block is the counter's highest word, so blocks cannot overlap.
    """
    digest = hashlib.sha256(f"{seed}:{address}".encode()).digest()
    key = np.frombuffer(digest[:16], dtype="<u8")
    return np.random.Generator(np.random.Philox(key=key, counter=[0, 0, 0, block]))


def uniforms(seed: int, address: str, block: int) -> FloatArray:
    """Uniform numbers in (0, 1), shape (BLOCK,): odd multiples of 2⁻⁵³, so that both ends are excluded exactly."""
    return _inside(generator(seed, address, block).random(BLOCK))


def luck(seed: int, address: str, block: int, rows: int) -> FloatArray:
    """Uniform numbers in (0, 1), shape (rows, BLOCK), the first rows of which do not depend on how many follow."""
    return _inside(generator(seed, address, block).random((rows, BLOCK)))


def _inside(uniform: FloatArray) -> FloatArray:
    return np.asarray((np.floor(uniform * 2.0**52) + 0.5) * 2.0**-52)


def normals(seed: int, address: str, block: int, rows: int) -> FloatArray:
    """Standard normals, shape (rows, BLOCK), the first rows of which do not depend on how many follow."""
    return generator(seed, address, block).standard_normal((rows, BLOCK))
