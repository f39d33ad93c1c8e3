"""Early redemption: when a tranche is redeemed, and at what share of its principal."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from sibmodel.capital.tranche import EarlyRedemptionTerms
from sibmodel.core.conditions import holds
from sibmodel.core.reading import BoolArray, Seen
from sibmodel.core.timeline import FloatArray


class Redemption(NamedTuple):
    """Where a tranche has been redeemed, from its period on, and the share repaid then; (periods, 1 or trials)."""

    done: BoolArray
    share: FloatArray


def redemption(terms: EarlyRedemptionTerms | None, seen: Seen, ends_in_month: int | None) -> Redemption | None:
    """The redemption of one tranche; None if there is none.

    It happens in the first period from the table's first month on, and from its month on, in which its conditions hold.
    Where the tranche names neither month nor conditions, it is that of the contract's early termination.
    """
    if terms is None:
        return None
    month = ends_in_month if terms.month is None and terms.when is None else terms.month
    if month is None and terms.when is None:
        return None
    ends = seen.timeline.month_ends
    first = max(terms.table[0].from_month, month or 0)
    open_ = ((ends >= first) & (ends > 0))[:, None]
    met = open_ if terms.when is None else open_ & holds(terms.when, seen)
    done = np.logical_or.accumulate(met, axis=0)
    rows = np.searchsorted([row.from_month for row in terms.table], ends, side="right") - 1
    shares = np.stack(np.broadcast_arrays(*(row.share.over(seen.trials)[0] for row in terms.table)))
    return Redemption(done, shares[np.maximum(rows, 0)])
