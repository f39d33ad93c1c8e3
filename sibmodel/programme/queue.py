"""People who wait for a link worker with room for another case."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray, Timeline

People = dict[str, FloatArray]
"""By group, (periods, areas, 1 or trials)."""


def queue(
    willing: Mapping[str, FloatArray],
    present: Mapping[str, FloatArray],
    room: FloatArray,
    give_up: FloatArray,
    open_periods: FloatArray,
) -> tuple[People, People, People]:
    """Who starts, who waits at the end of a period, and who gave up in it, by group; (periods, areas, trials) each.

    Areas have queues of their own. `present` are places that somebody takes by periods since the start, `room` places.

    In each period a share `give_up` of those who waited at the end of the last gives up. Those left and the newcomers
    start as far as there is room beside those who stay: all groups in proportion to the room that they ask for. A group
    of which nobody stays asks for none. When service ends, everybody who waits has given up.
    """
    periods = len(room)
    names = list(willing)
    columns = np.broadcast_shapes(
        room.shape[1:], give_up.shape[1:], open_periods.shape[1:],
        *(a.shape[1:] for a in (*willing.values(), *present.values())),
    )  # fmt: skip
    shape = (periods, *columns)
    started, waiting, gave_up = ({name: np.zeros(shape) for name in names} for _ in range(3))
    taken = np.zeros(shape)  # places held by those who started before
    for t in range(periods):
        is_open = open_periods[t if len(open_periods) > 1 else 0]
        asking = {}
        for name in names:
            before = waiting[name][t - 1] if t else np.zeros(columns)
            left = before * (1.0 - give_up[0])
            asking[name] = (left + _row(willing[name], t)) * is_open
            gave_up[name][t] = before + _row(willing[name], t) * is_open - asking[name]
        asked = sum((asking[name] * _row(present[name], 0) for name in names), start=np.zeros(columns))
        free = np.maximum(_row(room, t) - taken[t], 0.0)
        share = np.minimum(np.divide(free, asked, out=np.ones(columns), where=asked > 0), 1.0)
        for name in names:
            stays = present[name]
            asks = _row(stays, 0) > 0
            started[name][t] = asking[name] * np.where(asks, share, 1.0)
            waiting[name][t] = asking[name] - started[name][t]
            for age in range(1, min(len(stays), periods - t)):
                taken[t + age] += started[name][t] * stays[age]
    return started, waiting, gave_up


def in_a_period(each_month: FloatArray, timeline: Timeline) -> FloatArray:
    """The share of a period in which so large a share of who is left goes each month."""
    return np.asarray(1.0 - power(1.0 - each_month, timeline.period_months))


def _row(series: FloatArray, t: int) -> FloatArray:
    return np.asarray(series[t if len(series) > 1 else 0])
