"""Who pays which share, by month or by how much has been paid."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Any, Self

import numpy as np
from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from sibmodel.core.flows import total
from sibmodel.core.schema import (
    LARGEST,
    Model,
    Months,
    Number,
    PayerName,
    adds_to_one,
    parts_of_whole,
    wrong,
)
from sibmodel.core.timeline import FloatArray, Timeline, running_total


def _whole(shares: dict[str, float]) -> dict[str, float]:
    adds_to_one(shares, "the split")
    return shares


class Phase(Model):
    """Shares of the payers for payments due after a month (counted from signing), or beyond some pounds paid."""

    after_month: Months = 0
    """The phase holds for payments due after this month."""
    after_paid: Annotated[Number | None, Field(ge=0)] = None
    """Instead of a month: the phase holds for what is paid beyond this many pounds since signing."""
    shares: Annotated[dict[PayerName, Number], Field(min_length=1), AfterValidator(_whole)] | None = None
    """Share of each payer; they add up to 1."""
    amounts: Annotated[dict[PayerName, Annotated[Number, Field(ge=0)]] | None, Field(min_length=1)] = None
    """Instead of shares: pounds of each payer, in proportion to which they pay."""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.amounts is None) == (self.shares is None):
            raise wrong("the phase needs either shares or amounts", "give one of them, with every payer's part")
        if self.amounts is not None and sum(self.amounts.values()) <= 0:
            raise wrong("the amounts are all nought", "give at least one payer an amount above 0", "amounts")
        return self

    def share_of(self, *payers: str) -> float:
        """The share of some payers together."""
        parts = parts_of_whole(self.shares or self.amounts or {})
        return sum(parts.get(name, 0.0) for name in payers)

    @property
    def payers(self) -> tuple[str, ...]:
        """The payers that it names."""
        return tuple(self.shares or self.amounts or ())


def _one_phase(raw: Any) -> Any:
    """A mapping of shares alone is one phase for the whole contract."""
    if isinstance(raw, list):
        return raw
    if not isinstance(raw, dict):
        raise wrong("this says nothing about shares", "write {payer: share, …}, or a list of phases")
    if isinstance(raw.get("shares"), dict):
        raise wrong("a phase stands alone", "write a list of phases, or only the shares by payer")
    return [raw if isinstance(raw.get("amounts"), dict) else {"shares": raw}]


def _phases_in_order(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    by_amount = any(phase.after_paid is not None for phase in phases)
    if by_amount:
        _by_amount_throughout(phases)
    key = "after_paid" if by_amount else "after_month"
    starts = [phase.after_paid or 0 if by_amount else phase.after_month for phase in phases]
    unit = "£" if by_amount else "month "
    if starts[0] != 0:
        right = f"drop its {key}, or add a phase before it"
        raise wrong(f"the first phase begins only after {unit}{starts[0]:.12g}", right, 0, key)
    for index, (earlier, later) in enumerate(pairwise(starts)):
        if later <= earlier:
            what = f"this phase begins after {unit}{later:.12g}, the one before it after {unit}{earlier:.12g}"
            raise wrong(what, "each phase must begin later than the one before", index + 1, key)
    return phases


def _by_amount_throughout(phases: tuple[Phase, ...]) -> None:
    for index, phase in enumerate(phases):
        if phase.after_month or (index and phase.after_paid is None):
            what = "some phases begin after a month, others after some pounds"
            raise wrong(what, "use after_month or after_paid in all of them", index)


Split = Annotated[
    tuple[Phase, ...],
    Field(min_length=1),
    AfterValidator(_phases_in_order),
    BeforeValidator(_one_phase),
]


def shares_over_time(phases: tuple[Phase, ...], payer: str, timeline: Timeline) -> FloatArray:
    """A payer's share of payments due in each period where phases begin by month, shape (periods, 1)."""
    in_force = np.searchsorted([p.after_month for p in phases], timeline.month_ends, side="left") - 1
    shares = np.array([p.share_of(payer) for p in phases])
    return shares[np.maximum(in_force, 0)][:, None]


def shares_of(
    phases: tuple[Phase, ...], payers: tuple[str, ...], amounts: Mapping[str, FloatArray], timeline: Timeline
) -> dict[str, FloatArray]:
    """Share of each payer in each period, of terms that are split together; payers whom no phase names are left out."""
    if any(phase.after_paid is not None for phase in phases):
        shares = _by_amount(phases, payers, total(amounts.values()))
    else:
        shares = {name: shares_over_time(phases, name, timeline) for name in payers}
    named = {name for phase in phases for name in phase.payers if phase.share_of(name)}
    return {name: share for name, share in shares.items() if name in named}


def _by_amount(phases: tuple[Phase, ...], payers: tuple[str, ...], asked: FloatArray) -> dict[str, FloatArray]:
    """Shares where the phases begin after some pounds: a period's payment may fall into several."""
    so_far = running_total(asked)
    before = so_far - asked
    starts = [phase.after_paid or 0.0 for phase in phases]
    inside = [np.clip(so_far, low, high) - np.clip(before, low, high) for low, high in pairwise([*starts, LARGEST])]
    whole = np.where(asked > 0, asked, 1.0)
    return {
        name: total(part * phase.share_of(name) for part, phase in zip(inside, phases, strict=True)) / whole
        for name in payers
    }
