"""Every pound moves from one named party to another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.memo import Memo
from sibmodel.core.timeline import FloatArray, narrow, summed
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
    _memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)

    @classmethod
    def post(cls, flows: Iterable[Flow], shape: tuple[int, int]) -> Ledger:
        """A ledger of full arrays from flows that may still broadcast."""
        return cls(
            tuple(f if f.amount.shape == shape else replace(f, amount=np.broadcast_to(f.amount, shape)) for f in flows)
        )

    @property
    def shape(self) -> tuple[int, ...]:
        """(periods, trials)."""
        return self.flows[0].amount.shape

    @cached_property
    def parties(self) -> tuple[str, ...]:
        """Everybody who pays or receives, in order of appearance."""
        return tuple(dict.fromkeys(name for f in self.flows for name in (f.payer, f.receiver)))

    @cached_property
    def _moved(self) -> Mapping[str, list[tuple[np.ufunc, FloatArray]]]:
        """What each party receives and pays, in the order of the flows."""
        moved: dict[str, list[tuple[np.ufunc, FloatArray]]] = {party: [] for party in self.parties}
        for f in self.flows:
            amount = narrow(f.amount)
            moved[f.receiver].append((np.add, amount))
            moved[f.payer].append((np.subtract, amount))
        return moved

    def net_of(self, party: str) -> FloatArray:
        """Received less paid by a party, (1 or periods, 1 or trials); worked out once."""
        return self._memo.once(party, lambda: summed(self._moved[party]))

    def of_all(self) -> FloatArray:
        """The sum of what all parties net, which should be nothing; (1 or periods, 1 or trials), new in memory."""
        return summed(self._signed(party, moves) for party, moves in self._moved.items())

    def _signed(self, party: str, moves: list[tuple[np.ufunc, FloatArray]]) -> tuple[np.ufunc, FloatArray]:
        """A party's net, or what it pays, to be subtracted, where it receives nothing: the same without a minus."""
        if len(moves) == 1:
            return moves[0]
        if all(how is np.subtract for how, _ in moves):
            return np.subtract, summed((np.add, amount) for _, amount in moves)
        return np.add, self.net_of(party)

    @cached_property
    def _named(self) -> Mapping[tuple[str, str, str], list[FloatArray]]:
        """The amounts by payer, receiver and what for."""
        out: dict[tuple[str, str, str], list[FloatArray]] = {}
        for f in self.flows:
            out.setdefault((f.payer, f.receiver, f.what), []).append(f.amount)
        return out

    def between(self, payer: str | None = None, receiver: str | None = None, what: str | None = None) -> FloatArray:
        """Sum of the flows that match, shape (periods, trials)."""
        out = np.zeros(self.shape)
        for f in self.flows:
            if payer in (None, f.payer) and receiver in (None, f.receiver) and what in (None, f.what):
                out += f.amount
        return out

    def named(self, payer: str, receiver: str, what: str) -> FloatArray:
        """Sum of the flows of that name, (periods, trials); if there is a single one, its own array."""
        amounts = self._named.get((payer, receiver, what), [])
        return amounts[0] if len(amounts) == 1 else np.broadcast_to(total(amounts), self.shape)

    def net(self, *parties: str) -> FloatArray:
        """Received less paid by the parties together; money received is positive. Shape (periods, trials)."""
        unknown = [p for p in parties if p not in self.parties]
        if unknown:
            raise UnknownNameError(f"no party called '{unknown[0]}'; there are {', '.join(self.parties)}")
        if len(parties) == 1:
            return np.broadcast_to(self.net_of(parties[0]), self.shape)
        out = np.zeros(self.shape)
        for f in self.flows:
            if f.receiver in parties:
                out += f.amount
            if f.payer in parties:
                out -= f.amount
        return out
