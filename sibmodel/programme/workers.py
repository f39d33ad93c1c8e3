"""Link workers in their posts: who is recruited, in training, and leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sibmodel.core.powers import power
from sibmodel.core.timeline import FloatArray, Timeline, over_time
from sibmodel.core.timing import delay_weights
from sibmodel.core.trials import Trials
from sibmodel.programme.capacity import LinkWorkerTerms


@dataclass(frozen=True)
class Workers:
    """Link workers by period, (periods, areas, 1 or trials): who are paid, and those of them who hold cases."""

    paid: FloatArray
    trained: FloatArray


def workers(terms: LinkWorkerTerms, posts: FloatArray, timeline: Timeline, trials: Trials) -> Workers:
    """Workers where there are so many posts, (periods, areas, 1 or trials).

    In each period of service a share 1 − (1 − leave)^(1/m) of the workers leaves; recruiting for a post begins in the
    period in which it is there and empty, and fills it after `recruited_in_months`; whoever begins holds cases after
    `trained_in_months`. Lags between two periods are shared by the two. Where posts are cut, so are workers, trained
    and untrained alike.
    """
    stays = power(1.0 - terms.leave_each_year.over(trials), 1.0 / timeline.per_year)
    months = timeline.period_months
    recruiting = delay_weights(terms.recruited_in_months.over(trials) / months, trials.periods)
    training = delay_weights(terms.trained_in_months.over(trials) / months, trials.periods)
    columns = np.broadcast_shapes(posts.shape[1:], stays.shape, recruiting.shape[1:], training.shape[1:])
    paid, trained, coming = (np.zeros((trials.periods, *columns)) for _ in range(3))
    ready = np.zeros_like(paid)  # of those who have begun, who will hold cases from when
    for t in range(trials.periods):
        before = paid[t - 1] if t else np.zeros(columns)
        able = trained[t - 1] if t else np.zeros(columns)
        paid[t] = before * stays[0]
        ready[t:] *= stays[0]
        able = able * stays[0]
        post = np.broadcast_to(posts[t] if len(posts) > 1 else posts[0], columns)
        opened = np.maximum(post - paid[t] - over_time(coming[t:]), 0.0)
        _add(coming, opened, recruiting, t)
        begun = np.minimum(coming[t], np.maximum(post - paid[t], 0.0))
        paid[t] += begun
        _add(ready, begun, training, t)
        able = able + ready[t]
        kept = np.divide(post, paid[t], out=np.ones(columns), where=paid[t] > post)
        paid[t], trained[t] = paid[t] * kept, able * kept
        ready[t + 1 :] *= kept
    return Workers(paid, trained)


def _add(later: FloatArray, amount: FloatArray, weights: FloatArray, t: int) -> None:
    """Add an amount of period t to the periods in which it arrives."""
    for age in range(min(len(weights), len(later) - t)):
        later[t + age] += amount * weights[age]
