"""Limits on running totals: what they let through and what is forgone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

import numpy as np

from sibmodel.core.flows import total
from sibmodel.core.timeline import FloatArray, running_total

Key = TypeVar("Key", bound=Hashable)


def allowed(amount: FloatArray, cap: FloatArray) -> FloatArray:
    """The part of each period's amount that keeps the total since signing within `cap`; shape of the broadcast.

    min(total to t, cap) − min(total to t − 1, cap).
    """
    return np.diff(np.minimum(running_total(amount), cap), axis=0, prepend=0.0)


def capped(amounts: Mapping[Key, FloatArray], cap: FloatArray) -> tuple[dict[Key, FloatArray], FloatArray]:
    """Amounts that share one cap, each cut pro rata in the period, and the total forgone in each period."""
    asked = total(amounts.values())
    let_through = allowed(asked, cap)
    asked = np.broadcast_to(asked, let_through.shape)
    # 0/0 where nothing is asked: nothing is cut there either
    kept = np.divide(let_through, asked, out=np.ones_like(let_through), where=asked > 0)
    return {key: amount * kept for key, amount in amounts.items()}, asked - let_through
