"""Caps and floors on what falls due: what they let through, hold back and add, period by period."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, over_time

Key = TypeVar("Key", bound=Hashable)

_DUST = 1e-6
"""Pounds; less than this in a span is what rounding leaves where a cap is used up, and shares nothing out."""
_SURELY = 1.0 - 1e-12
"""A cap times this is not reached whatever rounding makes of sums of a few hundred periods."""


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
    out = np.empty(np.broadcast_shapes((len(spans), 1), asked.shape, cap.shape))
    used, room, nothing = np.zeros(out.shape[1:]), np.empty(out.shape[1:]), np.zeros(out.shape[1:])
    for t, let_through in enumerate(out):
        if t and spans[t] != spans[t - 1]:
            used.fill(0.0)
        np.subtract(_at(cap, t), used, out=room)
        np.maximum(room, nothing, out=room)
        np.minimum(_at(asked, t), room, out=let_through)
        used += let_through
    return out


def _cannot_bind(asked: FloatArray, cap: FloatArray, spans: Sequence[object]) -> bool:
    """Whether what is asked stays below the cap in every span and trial, by more than rounding can make of it."""
    if len(asked) != len(spans) or not asked.min() >= 0.0:
        return False
    most = np.broadcast_to(_SURELY * cap, (len(spans), cap.shape[1]))
    return all(
        np.all(over_time(asked[first : last + 1]) <= most[first : last + 1].min(axis=0)) for first, last in _runs(spans)
    )


def _shape(limit: Limit, amounts: Iterable[FloatArray]) -> tuple[int, ...]:
    """All periods, and one trial or all."""
    return np.broadcast_shapes((len(limit.spans), 1), limit.amount.shape, *(amount.shape for amount in amounts))


def _at(series: FloatArray, t: int) -> FloatArray:
    """A row of something that may be the same in every period."""
    return np.asarray(series[t if len(series) > 1 else 0])


def capped(amounts: Mapping[Key, FloatArray], cap: Limit) -> tuple[dict[Key, FloatArray], FloatArray]:
    """Amounts under one cap, cut pro rata in each period, and what it holds back then.

    With `carry`, what is held back is below zero where it is paid later, and what is left at the end is forgone.
    A cap that binds nowhere lets everything through as it is.
    """
    asked = next(iter(amounts.values())) if len(amounts) == 1 else total(amounts.values())
    if _cannot_bind(asked, cap.amount, cap.spans):
        return dict(amounts), np.zeros((len(cap.spans), 1))
    if cap.carry:
        return _carried(amounts, cap)
    let_through = allowed(asked, cap.amount, cap.spans)
    held = asked - let_through
    if len(asked) == len(held) and not held.any():
        return dict(amounts), np.zeros((len(cap.spans), 1))
    if len(amounts) == 1:
        return dict.fromkeys(amounts, let_through), held
    # 0/0 where nothing is asked: nothing is cut there either
    kept = np.divide(let_through, asked, out=np.ones_like(let_through), where=np.asarray(asked > 0))
    return {key: amount * kept for key, amount in amounts.items()}, held


def _carried(amounts: Mapping[Key, FloatArray], cap: Limit) -> tuple[dict[Key, FloatArray], FloatArray]:
    shape = _shape(cap, amounts.values())
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

    What is missing is added to them pro rata to what they were in the span; if they were nothing (but for
    rounding), the same to each term, and within a term to each of its amounts.
    """
    shape = _shape(floor, amounts.values())
    out = {key: np.array(np.broadcast_to(amount, shape)) for key, amount in amounts.items()}
    added = np.zeros(shape)
    equal = _equal_parts(out)
    for first, last in _runs(floor.spans):
        of_span = {key: over_time(amount[first : last + 1]) for key, amount in out.items()}
        so_far = sum(of_span.values(), start=np.zeros(shape[1:]))
        added[last] = np.maximum(_at(floor.amount, last) - so_far, 0.0)
        for key, amount in out.items():
            share = np.divide(of_span[key], so_far, out=np.full(shape[1:], equal[key]), where=so_far > _DUST)
            amount[last] += added[last] * share
    return out, added


def _equal_parts(amounts: Mapping[Key, FloatArray]) -> dict[Key, float]:
    terms = [key[0] if isinstance(key, tuple) else key for key in amounts]
    return {key: 1.0 / len(set(terms)) / terms.count(term) for key, term in zip(amounts, terms, strict=True)}


def _runs(spans: Sequence[object]) -> list[tuple[int, int]]:
    """First and last period of each span that has a label."""
    starts = [t for t in range(len(spans)) if t == 0 or spans[t] != spans[t - 1]]
    ends = [*(t - 1 for t in starts[1:]), len(spans) - 1]
    return [(first, last) for first, last in zip(starts, ends, strict=True) if spans[first] is not None]
