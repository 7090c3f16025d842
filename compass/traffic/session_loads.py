"""Latencies of sessions in closed form: prompts find their history in the prefix cache, or not.

At an arrival rate λ a replica has N = λ · (pause + time of an answer) sessions (Little's law); how many of
them find their history follows from N and the cache (`session_cache`), the prefill that is left from that,
and the time of an answer from the prefill: three rounds of that circle are enough.
"""

from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import FloatArray
from compass.core import InvalidInput
from compass.traffic.approximation import OpenLoads, RateModel
from compass.traffic.session_cache import history_cache
from compass.traffic.session_shape import PrefillWork, SessionShape, prefill_work
from compass.traffic.types import ProfileBatch, Workload

ROUNDS = 3
CROWD = 1.5
"""Standard deviations of the turns at work that the cache must hold beyond their mean."""


@dataclass(frozen=True)
class TurnKind:
    """Turns that find as much of their prompt: engine time of a prompt in ms, shape (N, 1)."""

    work: PrefillWork
    ms: FloatArray

    @property
    def square_ms(self) -> FloatArray:
        """Mean of the squared engine time; it spreads as the computed tokens do."""
        spread = self.work.square / max(self.work.tokens, 1e-9) ** 2
        return np.asarray(self.ms**2 * max(spread, 1.0))


class SessionModel(RateModel):
    """Latencies of profiles that serve sessions, as functions of the rate of turns."""

    def __init__(self, profiles: ProfileBatch, work: Workload, shape: SessionShape) -> None:
        super().__init__(profiles, work)
        self.shape = shape
        self.linear = profiles.prefill_ms_per_token[:, None]
        self.square = profiles.prefill_ms_per_token_squared[:, None]
        back, shared = shape.cached > shape.shared_tokens, np.full(shape.turns, shape.shared_blocks)
        self.found = self._kind(prefill_work(shape.prompts[back], shape.cached[back]))
        self.lost = self._kind(prefill_work(shape.prompts[back], shared[back]))
        self.fresh = self._kind(prefill_work(shape.prompts[~back], shape.cached[~back]))
        self.whole = self._kind(prefill_work(shape.prompts, np.zeros(shape.turns)))
        caches = profiles.caches_prefix
        self.caches = np.ones((len(profiles), 1)) if caches is None else caches[:, None].astype(float)
        self.capacity = profiles.kv_capacity_tokens[:, None]
        own = self.seen_context - shape.shared_tokens
        free = np.maximum(self.capacity - shape.shared_tokens, 1e-9)
        self.slots = np.minimum(profiles.max_num_seqs[:, None], free / np.maximum(own, 1.0))
        self.fits = self.capacity >= shape.prompts.max() + self.steps + 1.0
        # The least that there is to do, for an upper bound of the rate.
        self._set(np.ones_like(self.linear))

    def _kind(self, work: PrefillWork) -> TurnKind:
        return TurnKind(work, self.linear * work.tokens + self.square * work.pairs)

    def _set(self, found: FloatArray) -> None:
        """Set the prefill for the share of returning turns that find their history."""
        found = found * self.caches
        shares = (
            (self.shape.returning * found, self.found),
            (self.caches * self.shape.returning * (1.0 - found), self.lost),
            (np.full_like(found, 1.0 - self.shape.returning) * self.caches, self.fresh),
            (np.ones_like(found) - self.caches, self.whole),
        )
        self.prefill = np.asarray(sum(share * kind.ms for share, kind in shares))
        second = np.asarray(sum(share * kind.square_ms for share, kind in shares))
        self.prefill_cv2 = np.maximum(second / self.prefill**2 - 1.0, 0.0)
        self.computed = np.maximum(np.asarray(sum(share * kind.work.tokens for share, kind in shares)), 1.0)
        self.late = 1.0 - self.shape.returning * found
        late_ms = self.prefill - self.shape.returning * found * self.found.ms
        share = np.maximum(self.late, 1e-12)
        self.late_ms = np.where(self.late > 0, late_ms / share, self.found.ms)
        square = second - self.shape.returning * found * self.found.square_ms
        self.late_sd = np.sqrt(np.maximum(square / share - self.late_ms**2, 0.0))

    def at(self, rate: FloatArray) -> OpenLoads:
        """The distributions at rates of turns per millisecond of shape (N, B)."""
        pause_ms = self.shape.pause_s * 1000.0
        answer_ms = self.overhead + self.found.ms + self.steps * self.empty_ms
        cache = history_cache(self.shape)
        for _ in range(ROUNDS if self.shape.returning else 1):
            turn_ms = pause_ms + answer_ms
            sessions, turn_s = rate * turn_ms, np.broadcast_to(turn_ms / 1000.0, rate.shape)
            # At times more turns than usual are at work, whose histories push others out; that feeds itself.
            crowd = CROWD * np.sqrt(rate * answer_ms) * self.shape.held_tokens
            self._set(cache.probability(sessions, self.capacity - crowd, turn_s))
            loads = super().at(rate)
            answer_ms = np.where(np.isfinite(loads.e2e_mean), loads.e2e_mean, answer_ms)
        return self._by_kind(loads, rate * (pause_ms + answer_ms))

    def _by_kind(self, loads: OpenLoads, sessions: FloatArray) -> OpenLoads:
        """Return the loads with the time to first token of turns that find their history, and of others."""
        base = np.where(self.late < 1.0, self.found.ms, self.late_ms)
        own = self.prefill**2 * self.prefill_cv2
        with np.errstate(invalid="ignore"):
            variance = np.maximum(loads.ttft_sd**2 - own, 0.0) + base**2 * self._spread_of_base()
        return replace(
            loads,
            ttft_min=loads.ttft_min - self.prefill + base,
            ttft_sd=np.sqrt(variance),
            late_share=np.where(self.late < 1.0, self.late, 0.0),
            late_ms=self.late_ms - base,
            late_sd=self.late_sd,
            sessions=sessions,
            hit_rate=np.broadcast_to(1.0 - self.computed / self.shape.mean_prompt_tokens, sessions.shape),
        )

    def _spread_of_base(self) -> float:
        """Squared coefficient of variation of the prefill of the usual kind of turn."""
        work = self.found.work if self.shape.returning else self.fresh.work
        return max(0.0, work.square / max(work.tokens, 1e-9) ** 2 - 1.0)


def rate_model(profiles: ProfileBatch, workload: Workload) -> RateModel:
    """Return the model of a workload: of single requests, or of sessions."""
    if workload.session is None:
        return RateModel(profiles, workload)
    return SessionModel(profiles, workload, workload.session)


def open_load(profiles: ProfileBatch, rate_per_s: FloatArray | float, workload: Workload) -> OpenLoads:
    """Latencies of N configurations at B rates: `rate_per_s` is a number, (B,) or (N, B), of one replica.

    Raises:
        InvalidInput: a rate is negative or not a number.
    """
    rate = np.atleast_2d(np.asarray(rate_per_s, float))
    if not np.all(rate >= 0) or not np.all(np.isfinite(rate)):
        raise InvalidInput("request_rate", "a rate must be 0 or more requests a second.")
    return rate_model(profiles, workload).at(np.broadcast_to(rate, (len(profiles), rate.shape[1])) / 1000.0)
