"""How many sessions find their history in the prefix cache, in closed form.

Characteristic time of an LRU cache (Che, Tung and Wang, 2002): a history is found if the session comes back
before so much else was touched that the cache is full. With N sessions whose histories take w tokens each,
exponential pauses of shares q and means Z, and C seconds from turn to turn,

    touched within t  =  shared + N · w · (1 − Σ q·Z·exp(−t/Z) / C) + N · t · left / C

(a session that is at work, or paused for less than t; `left` are the tokens a turn of histories that ended
or were replaced by a summary). The
time at which that is the capacity is T, and a history is found with probability Σ q·(1 − exp(−T/Z)).
"""

from functools import lru_cache

import numpy as np

from compass.capacity import FloatArray
from compass.traffic.session_shape import SessionShape

POINTS = 400
LONGEST = 1e4
"""Of the grid of times, over the longest mean pause."""


class HistoryCache:
    """Probability that a session's history is still in the cache, for one shape of sessions."""

    def __init__(self, shape: SessionShape, replicas_tried: float = 1.0) -> None:
        self.shape = shape
        self.back = replicas_tried
        """Turns until a session comes back to a replica: 1 where it stays, else about as many as replicas."""
        means = np.array([max(pause.seconds, 1e-3) for pause in shape.pauses])
        shares = np.array([pause.share for pause in shape.pauses])
        times = np.concatenate([[0.0], np.geomspace(1e-3 * means.min(), LONGEST * means.max(), POINTS)])
        left = np.exp(-times[:, None] / means)
        self.times = times
        self.found = ((1.0 - left) * shares).sum(axis=1)
        # Of what is touched, what is the same for all loads: it rises with t, so that its inverse is a table.
        self.touched = times * shape.left_tokens - shape.held_tokens * (left * shares * means).sum(axis=1)

    def probability(self, sessions: FloatArray, capacity: FloatArray, turn_s: FloatArray) -> FloatArray:
        """Return the probability that a turn finds its history; arrays of like shapes.

        `sessions` of one replica, `capacity` of its cache in tokens, `turn_s`: seconds from turn to turn.
        """
        room = np.maximum(capacity - self.shape.shared_tokens, 0.0) / np.maximum(sessions, 1e-12)
        reached = turn_s * (room - self.shape.held_tokens)
        return np.asarray(np.interp(reached, self.touched, self.found))


@lru_cache(maxsize=64)
def history_cache(shape: SessionShape) -> HistoryCache:
    """Return the tables of a shape of sessions, computed once."""
    return HistoryCache(shape)
