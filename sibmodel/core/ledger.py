"""Every pound moves from one named party to another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.memo import Memo
from sibmodel.core.timeline import FloatArray, added, bits_of, narrow, rows, summed
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

    @cached_property
    def narrow(self) -> FloatArray:
        """The amount without what broadcasting only repeats, (1 or periods, 1 or trials)."""
        return narrow(self.amount)


@dataclass(frozen=True)
class Moved:
    """What parties move in some periods.

    `nets` is what each receives less what it pays, (1 or those periods, 1 or trials), new in memory. `bits` are those
    of the largest flow that differs between trials, see `bits_of`.
    """

    nets: dict[str, FloatArray]
    bits: int


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

    def net_of(self, party: str) -> FloatArray:
        """Received less paid by a party, (1 or periods, 1 or trials); worked out once."""
        return self._memo.once(party, lambda: summed(_moves(self.flows, party)))

    @cached_property
    def _few(self) -> Mapping[str, FloatArray]:
        """Received less paid by each party in flows that are the same in all trials, (1 or periods, 1)."""
        few = [flow for flow in self.flows if flow.narrow.shape[1] == 1]
        return {party: summed(_moves(few, party)) for party in self.parties}

    @cached_property
    def _many(self) -> list[Flow]:
        """The other flows."""
        return [flow for flow in self.flows if flow.narrow.shape[1] > 1]

    def moved(self, band: slice) -> Moved:
        """What parties move in some periods; flows that are nothing then, as most are in most, are passed over."""
        nets = {party: rows(few, band).copy() for party, few in self._few.items()}
        most = 0
        for flow in self._many:
            amount = rows(flow.narrow, band)
            bits = bits_of(amount)
            if bits:
                most = max(most, bits)
                nets[flow.receiver] = added(nets[flow.receiver], amount)
                nets[flow.payer] = added(nets[flow.payer], amount, np.subtract)
        return Moved(nets, most)

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


def _moves(flows: Iterable[Flow], party: str) -> Iterator[tuple[np.ufunc, FloatArray]]:
    """What a party receives and pays, in the order of the flows."""
    for flow in flows:
        if flow.receiver == party:
            yield np.add, flow.narrow
        if flow.payer == party:
            yield np.subtract, flow.narrow
