"""How many sessions find their history in the prefix cache, in closed form.

Characteristic time of an LRU cache (Che, Tung and Wang, 2002): a history is found if the session comes back
before so much else was touched that the cache is full. With N sessions whose histories take w tokens each,
pauses P between two visits, and C seconds from visit to visit,

    touched within t  =  shared + N · w · (A + (1 − q) · (E[P] − E[(P − t)⁺])) / C + N · t · left / C

(a session that is at work, for A seconds, or paused for less than t, but for the share q of pauses after
which it begins anew; `left` are the tokens a turn of histories that ended or were replaced by a summary).
The time at which that is the capacity is T, and a history is found with probability P(P ≤ T). Where turns go
round R replicas, P is the sum of R pauses on average.
"""

from functools import lru_cache

import numpy as np

from compass.capacity import FloatArray
from compass.traffic.session_shape import SessionShape

POINTS, DRAWS = 400, 4000
LONGEST = 1e4
"""Of the grid of times, over the longest mean pause."""


class HistoryCache:
    """Probability that a session's history is still in the cache, for one shape of sessions."""

    def __init__(self, shape: SessionShape) -> None:
        self.shape = shape
        means = np.array([max(pause.seconds, 1e-3) for pause in shape.pauses])
        self.times = np.concatenate([[0.0], np.geomspace(1e-3 * means.min(), LONGEST * means.max(), POINTS)])
        gone, longer = pauses_within(shape, self.times)
        self.found = gone
        self.paused_s = float(longer[0])
        # Of what is touched, what is the same for all loads: it rises with t, so that its inverse is a table.
        self.touched = self.times * shape.left_tokens - shape.held_tokens * shape.returning * longer

    def probability(self, sessions: FloatArray, capacity: FloatArray, turn_s: FloatArray) -> FloatArray:
        """Return the probability that a turn finds its history; arrays of like shapes.

        `sessions` of one replica, `capacity` of its cache in tokens, `turn_s`: seconds from turn to turn.
        """
        shape, visits = self.shape, self.shape.spread_over
        room = np.maximum(capacity - shape.shared_tokens, 0.0) / np.maximum(sessions * visits, 1e-12)
        answer_s = np.maximum(turn_s - shape.pause_s, 0.0)
        # While it is at work on other replicas, a session touches nothing here.
        reached = turn_s * visits * room - shape.held_tokens * (answer_s + shape.returning * self.paused_s)
        return np.asarray(np.interp(reached, self.touched, self.found))


def pauses_within(shape: SessionShape, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return P(P ≤ t) and E[(P − t)⁺] of the pause P between two visits to a replica, at some times.

    Exact for one pause, of which each kind is exponential; sums of several are drawn, always the same ones.
    """
    means = np.array([max(pause.seconds, 1e-3) for pause in shape.pauses])
    shares = np.array([pause.share for pause in shape.pauses])
    if shape.spread_over == 1:
        left = np.exp(-times[:, None] / means) * shares
        return 1.0 - left.sum(axis=1), (left * means).sum(axis=1)
    rng = np.random.default_rng(1)
    turns = rng.geometric(1.0 / shape.spread_over, DRAWS)
    kinds = rng.choice(len(means), size=(DRAWS, int(turns.max())), p=shares)
    each = rng.exponential(means[kinds]) * (np.arange(turns.max()) < turns[:, None])
    drawn = np.sort(each.sum(axis=1))
    at = np.searchsorted(drawn, times, side="right")
    above = drawn.sum() - np.concatenate([[0.0], np.cumsum(drawn)])[at]
    return at / DRAWS, np.maximum(above - (DRAWS - at) * times, 0.0) / DRAWS


@lru_cache(maxsize=64)
def history_cache(shape: SessionShape) -> HistoryCache:
    """Return the tables of a shape of sessions, computed once."""
    return HistoryCache(shape)
