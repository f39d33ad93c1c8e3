"""Every pound moves from one named party to another."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from sibmodel.core.timeline import FloatArray
from sibmodel.errors import UnknownNameError


@dataclass(frozen=True)
class Flow:
    """Money from one party to another, by period and trial: shape (periods, trials), never negative."""

    payer: str
    receiver: str
    what: str
    amount: FloatArray

    @property
    def name(self) -> str:
        """payer>receiver:what."""
        return f"{self.payer}>{self.receiver}:{self.what}"


@dataclass(frozen=True)
class Ledger:
    """All cash flows of a run."""

    flows: tuple[Flow, ...]

    @classmethod
    def post(cls, flows: Iterable[Flow], shape: tuple[int, int]) -> Ledger:
        """A ledger of full arrays from flows that may still broadcast."""
        return cls(
            tuple(Flow(f.payer, f.receiver, f.what, np.broadcast_to(f.amount, shape)) for f in flows),
        )

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Everybody who pays or receives, in order of appearance."""
        return tuple(dict.fromkeys(name for f in self.flows for name in (f.payer, f.receiver)))

    def between(self, payer: str | None = None, receiver: str | None = None, what: str | None = None) -> FloatArray:
        """Sum of the flows that match, shape (periods, trials)."""
        out = np.zeros(self.flows[0].amount.shape)
        for f in self.flows:
            if payer in (None, f.payer) and receiver in (None, f.receiver) and what in (None, f.what):
                out += f.amount
        return out

    def net(self, *parties: str) -> FloatArray:
        """Received less paid by the parties together; money received is positive. Shape (periods, trials)."""
        unknown = [p for p in parties if p not in self.parties]
        if unknown:
            raise UnknownNameError(f"no party called '{unknown[0]}'; there are {', '.join(self.parties)}")
        out = np.zeros(self.flows[0].amount.shape)
        for f in self.flows:
            if f.receiver in parties:
                out += f.amount
            if f.payer in parties:
                out -= f.amount
        return out
