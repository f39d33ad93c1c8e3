"""Savings that the timeline cuts off, in words."""

from __future__ import annotations

from collections.abc import Iterator

from sibmodel.measures.savings_beyond import saved_later
from sibmodel.report.numbers import money, per_cent, shown
from sibmodel.running.results import Result


def savings_cut_off(result: Result) -> Iterator[str]:
    """What the base case saves after the timeline, and what the headline would be with it; nothing where it ends."""
    later = saved_later(result.base)
    if later is None:
        return
    headline = shown(result["public.savings_per_pound"].base, "£ per £")
    yield (
        f"Savings go on after the timeline ends on {result.scenario.timeline.ends[-1]}: {money(later.pounds)} in the "
        f"base case, {per_cent(later.share)} of all (real, not discounted), are in no figure here. With them £1 spent "
        f"would save {shown(later.savings_per_pound, '£ per £')} instead of {headline}; for that give "
        "timeline.periods more."
    )
