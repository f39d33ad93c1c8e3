"""Caps and floors on what falls due: what they let through, hold back and add, period by period."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray

Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Limit:
    """A cap (or floor) with the calendar it works on.

    `spans` labels the periods, and the limit holds for each label (a floor only where there is one); `carry` asks for
    the excess again in the next period.
    """

    address: str
    amount: FloatArray
    spans: Sequence[object]
    carry: bool = False


def allowed(asked: FloatArray, cap: FloatArray, spans: Sequence[object]) -> FloatArray:
    """The part of each period's amount that keeps the total of its span within the cap in force then."""
    out = np.empty(np.broadcast_shapes(asked.shape, cap.shape))
    used = np.zeros(out.shape[1:])
    for t in range(len(out)):
        if t and spans[t] != spans[t - 1]:
            used = np.zeros(out.shape[1:])
        room = _at(cap, t) - used
        np.maximum(room, 0.0, out=room)
        np.minimum(_at(asked, t), room, out=out[t])
        used += out[t]
    return out


def _at(series: FloatArray, t: int) -> FloatArray:
    """A row of something that may be the same in every period."""
    return np.asarray(series[t if len(series) > 1 else 0])


def capped(amounts: Mapping[Key, FloatArray], cap: Limit) -> tuple[dict[Key, FloatArray], FloatArray]:
    """Amounts under one cap, cut pro rata in each period, and what it holds back then.

    With `carry`, what is held back is below zero where it is paid later, and what is left at the end is forgone.
    """
    if cap.carry:
        return _carried(amounts, cap)
    asked = next(iter(amounts.values())) if len(amounts) == 1 else total(amounts.values())
    let_through = allowed(asked, cap.amount, cap.spans)
    held = asked - let_through
    if len(amounts) == 1:
        return dict.fromkeys(amounts, let_through), held
    # 0/0 where nothing is asked: nothing is cut there either
    kept = np.divide(let_through, asked, out=np.ones_like(let_through), where=np.asarray(asked > 0))
    return {key: amount * kept for key, amount in amounts.items()}, held


def _carried(amounts: Mapping[Key, FloatArray], cap: Limit) -> tuple[dict[Key, FloatArray], FloatArray]:
    shape = np.broadcast_shapes(cap.amount.shape, *(amount.shape for amount in amounts.values()))
    out = {key: np.zeros(shape) for key in amounts}
    held = np.zeros(shape)
    waiting = {key: np.zeros(shape[1:]) for key in amounts}
    used = np.zeros(shape[1:])
    for t in range(shape[0]):
        if t and cap.spans[t] != cap.spans[t - 1]:
            used = np.zeros(shape[1:])
        want = {key: _at(amount, t) + waiting[key] for key, amount in amounts.items()}
        asked = sum(want.values(), start=np.zeros(shape[1:]))
        paid = np.minimum(asked, np.maximum(_at(cap.amount, t) - used, 0.0))
        kept = np.divide(paid, asked, out=np.ones_like(paid), where=asked > 0)
        for key, amount in want.items():
            out[key][t] = amount * kept
            waiting[key] = amount - out[key][t]
        held[t] = sum((_at(amount, t) for amount in amounts.values()), start=np.zeros(shape[1:])) - paid
        used += paid
    return out, held


def raised(amounts: Mapping[Key, FloatArray], floor: Limit) -> tuple[dict[Key, FloatArray], FloatArray]:
    """Amounts raised to a floor in the last period of each span, and what that adds.

    What is missing is added to them pro rata to what they were in the span, equally if they were nothing.
    """
    shape = np.broadcast_shapes(floor.amount.shape, *(amount.shape for amount in amounts.values()))
    out = {key: np.array(np.broadcast_to(amount, shape)) for key, amount in amounts.items()}
    added = np.zeros(shape)
    for first, last in _runs(floor.spans):
        of_span = {key: amount[first : last + 1].sum(axis=0) for key, amount in out.items()}
        so_far = sum(of_span.values(), start=np.zeros(shape[1:]))
        added[last] = np.maximum(_at(floor.amount, last) - so_far, 0.0)
        for key, amount in out.items():
            share = np.divide(of_span[key], so_far, out=np.full(shape[1:], 1.0 / len(out)), where=so_far > 0)
            amount[last] += added[last] * share
    return out, added


def _runs(spans: Sequence[object]) -> list[tuple[int, int]]:
    """First and last period of each span that has a label."""
    starts = [t for t in range(len(spans)) if t == 0 or spans[t] != spans[t - 1]]
    ends = [*(t - 1 for t in starts[1:]), len(spans) - 1]
    return [(first, last) for first, last in zip(starts, ends, strict=True) if spans[first] is not None]
