"""Where and when there is service: areas, their waves, and their parts of people, posts and places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sibmodel.core.timeline import FloatArray, Timeline
from sibmodel.core.trials import Trials
from sibmodel.programme.people import AreaTerms
from sibmodel.programme.terms import ProgrammeTerms, ServiceTerms


def by_area(series: FloatArray) -> FloatArray:
    """(periods, trials) as (periods, 1, trials): the same in every area."""
    return series[:, None, :]


def over_areas(people: FloatArray) -> FloatArray:
    """All areas together, (periods, trials): one after the other, so that no last bit depends on how many trials."""
    return np.asarray(sum((people[:, i] for i in range(1, people.shape[1])), start=people[:, 0]))


def in_service(service: ServiceTerms, timeline: Timeline) -> FloatArray:
    """1 in the periods of service, 0 elsewhere; shape (periods, 1)."""
    last = timeline.months if service.to_month is None else service.to_month
    ends = timeline.month_ends
    return ((ends > service.from_month) & (ends <= last)).astype(np.float64)[:, None]


@dataclass(frozen=True)
class Places:
    """Areas in the order of the file, a single one where there are none.

    `planned` is 1 where there is to be service, (periods, areas, 1), and `open` the same but for a stop for want of
    money, (periods, areas, 1 or trials). `people` are the areas' parts of each group, `posts` of all posts,
    (areas, 1) each.
    """

    planned: FloatArray
    open: FloatArray
    people: Mapping[str, FloatArray]
    posts: FloatArray
    areas: tuple[AreaTerms, ...]

    @classmethod
    def of(cls, terms: ProgrammeTerms, timeline: Timeline, running: FloatArray) -> Places:
        """From what a file says."""
        service = in_service(terms.service, timeline)
        areas = list((terms.areas or {}).values())
        begin = np.array([[area.from_month or 0 for area in areas] or [0]])
        planned = (service * (timeline.month_ends[:, None] > begin))[:, :, None]
        given = [area.share_of_posts for area in areas]
        return cls(
            planned=planned,
            open=planned * by_area(running),
            people={group: _parts([area.need_of(group) for area in areas]) for group in terms.groups},
            posts=_parts([area.all_need if None in given else area.share_of_posts or 0.0 for area in areas]),
            areas=tuple(areas),
        )

    def part_of(self, groups: Sequence[str] | None) -> FloatArray:
        """The areas' parts of a service for some groups, by the need of these; (areas, 1)."""
        if groups is None or any(area.need is not None for area in self.areas):
            return _parts([area.all_need for area in self.areas])
        return _parts([sum(area.need_of(group) for group in groups) for area in self.areas])

    @property
    def after_service(self) -> FloatArray:
        """Whether service is over everywhere, (periods,)."""
        ahead = np.cumsum(self.planned.sum(axis=(1, 2))[::-1])[::-1]
        return np.asarray(ahead == 0)

    def ramp(self, shares: Sequence[float]) -> FloatArray:
        """Share of full volume: in each area from when service begins there, (periods, areas, 1)."""
        age = np.cumsum(self.planned, axis=0).astype(int)
        table = np.array([1.0, *shares, 1.0])
        return np.asarray(table[np.minimum(age, len(shares) + 1)])

    def weighting(self, terms: ProgrammeTerms, trials: Trials) -> FloatArray:
        """What link workers cost more, as a share of their cost, (1, 1 or areas, 1 or trials)."""
        if terms.link_workers is None:
            return np.zeros((1, 1, 1))
        everywhere = terms.link_workers.weighting.over(trials)
        own = [area.weighting for area in (terms.areas or {}).values()]
        if all(weighting is None for weighting in own):
            return by_area(everywhere)
        rows = [everywhere if weighting is None else weighting.over(trials) for weighting in own]
        return np.stack(np.broadcast_arrays(*rows), axis=1)

    def staffed(self, ahead: int) -> FloatArray:
        """1 where there are posts: in service, and so many periods before it, (periods, areas, 1)."""
        there = self.planned.copy()
        for earlier in range(1, ahead + 1):
            there[1:-earlier] = np.maximum(there[1:-earlier], self.planned[1 + earlier :])
        return there

    def extra_posts(self, terms: ProgrammeTerms, trials: Trials) -> FloatArray:
        """Posts on top of each area's share, (1, 1 or areas, 1 or trials)."""
        own = [area.extra_posts.over(trials) for area in (terms.areas or {}).values()]
        return np.stack(np.broadcast_arrays(*own), axis=1) if own else np.zeros((1, 1, 1))

    def begin(self) -> FloatArray:
        """1 on the last day before service in an area, (periods, areas, 1): when its set-up is paid, if it has any."""
        first = np.argmax(self.planned[:, :, 0] > 0, axis=0)
        on = np.zeros_like(self.planned)
        on[np.maximum(first - 1, 0), np.arange(len(first)), 0] = self.planned[first, np.arange(len(first)), 0]
        return on


def _parts(weights: Sequence[float]) -> FloatArray:
    """Weights of areas as parts of 1, (areas, 1); all of it in a single area where there are none."""
    column = np.array(weights or [1.0])[:, None]
    together = column.sum()
    return np.asarray(column / together if together > 0 else column)
