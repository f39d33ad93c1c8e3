"""Dividing one period's money among those who are owed it. Arrays are (trials,)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sibmodel.core.timeline import FloatArray

Amounts = dict[str, FloatArray]


def share_out(available: FloatArray, owed: Mapping[str, FloatArray]) -> Amounts:
    """Give everybody what they are owed, or the same part of it where there is not enough."""
    together = np.add.reduce(list(owed.values()))
    given = np.minimum(available, together)
    part = np.divide(given, together, out=np.zeros_like(given), where=together > 0)
    return {name: amount * part for name, amount in owed.items()}


def distribute(
    available: FloatArray, coupon_owed: Amounts, principal: Amounts, ranks: Sequence[Sequence[str]]
) -> tuple[Amounts, Amounts, FloatArray]:
    """Coupon and principal paid to each tranche, rank by rank, and the surplus left."""
    coupons: Amounts = {}
    repaid: Amounts = {}
    for rank in ranks:
        for owed, paid in ((coupon_owed, coupons), (principal, repaid)):
            step = share_out(available, {name: owed[name] for name in rank})
            paid.update(step)
            available = np.maximum(available - np.add.reduce(list(step.values())), 0.0)
    return coupons, repaid, available
