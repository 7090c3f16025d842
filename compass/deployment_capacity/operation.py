"""What replicas do under load: latencies at a number of requests in flight, and at a rate of arrivals."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import MAX_SEQUENCES, CompiledBatch, FloatArray, IntArray, step_times
from compass.core import Interval
from compass.deployment_capacity.types import LoadPoint
from compass.planning import closed_loop_profiles
from compass.traffic import LENGTH_CV, ProfileBatch, Workload, open_load

LEAST_LEFT = 0.05
"""Share of a predicted latency that no prefix cache takes away."""
BURST = 0.05
"""Share of the prompts in flight that a first token waits for (compass.capacity.profile)."""


@dataclass(frozen=True)
class Latencies:
    """Typical TTFT and ITL in ms and half widths (log) of their intervals, arrays of shape (N, B)."""

    ttft_ms: FloatArray
    itl_ms: FloatArray
    ttft_spread: FloatArray
    itl_spread: FloatArray
    nearest_run: IntArray
    distance: FloatArray

    def e2e_ms(self, output_tokens: int) -> FloatArray:
        """First token, then the others at the inter-token latency."""
        result: FloatArray = self.ttft_ms + self.itl_ms * (output_tokens - 1)
        return result


@dataclass(frozen=True)
class Operation:
    """N configurations serving requests of one kind, `replicas` (N,) of each."""

    batch: CompiledBatch
    replicas: IntArray
    prompt_tokens: int
    output_tokens: int
    cached_share: float
    """Of prompt tokens that are found in the prefix cache."""
    cache_tokens: FloatArray
    """Tokens of such requests that one replica's cache holds, shape (N,)."""

    @property
    def most_in_flight(self) -> FloatArray:
        """Requests that one replica serves at once: what its cache holds, at most 1,024; shape (N,)."""
        held = np.floor(self.cache_tokens / (self.prompt_tokens + self.output_tokens))
        return np.clip(held, 1.0, float(MAX_SEQUENCES))

    def latencies(self, in_flight: FloatArray) -> Latencies:
        """Latencies at requests in flight of one replica, shape (N, B)."""
        prompt, output = self.prompt_tokens, self.output_tokens
        seen = self.batch.predict(np.maximum(in_flight, 1.0), prompt, output)
        saved = self.cached_share * self.prompt_ms[:, None]
        waiting = saved * (1.0 + BURST * np.maximum(in_flight - 1.0, 0.0))
        return Latencies(
            np.maximum(seen.ttft_ms - waiting, LEAST_LEFT * seen.ttft_ms),
            np.maximum(seen.itl_ms - saved * in_flight / output, LEAST_LEFT * seen.itl_ms),
            seen.ttft_log_spread,
            seen.itl_log_spread,
            seen.nearest_run,
            seen.distance,
        )

    @property
    def prompt_ms(self) -> FloatArray:
        """Engine time of one whole prompt, shape (N,)."""
        times = step_times(self.batch, self.cache_tokens, self.prompt_tokens, self.output_tokens)
        square = times.prefill_ms_per_token_squared * self.prompt_tokens / 2.0
        result: FloatArray = self.prompt_tokens * (times.prefill_ms_per_token + square)
        return result

    @property
    def workload(self) -> Workload:
        """Requests whose lengths vary as in plans."""
        return Workload(self.prompt_tokens, self.output_tokens, LENGTH_CV, LENGTH_CV)

    def profiles(self) -> ProfileBatch:
        """Step times of one replica of each configuration, prompts shortened by the prefix cache."""
        made = closed_loop_profiles(self.batch, self.cache_tokens, self.prompt_tokens, self.output_tokens)
        left = 1.0 - self.cached_share
        return replace(
            made,
            prefill_ms_per_token=made.prefill_ms_per_token * left,
            prefill_ms_per_token_squared=made.prefill_ms_per_token_squared * left,
        )

    def rows(self, at: IntArray) -> "Operation":
        """Some of the configurations."""
        return replace(
            self,
            batch=self.batch.rows(at),
            replicas=self.replicas[at],
            cache_tokens=self.cache_tokens[at],
        )

    def full_load(self) -> FloatArray:
        """Requests in flight of one replica that give the most tokens a second, shape (N,)."""
        shares = np.array([0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0])
        tried = np.maximum(1.0, np.floor(self.most_in_flight[:, None] * shares))
        rate = tried / self.latencies(tried).e2e_ms(self.output_tokens)
        best: FloatArray = tried[np.arange(len(tried)), rate.argmax(axis=1)]
        return best

    def points(self, totals: FloatArray) -> tuple[list[LoadPoint], Latencies]:
        """One point for each configuration, at so many requests in flight over all replicas, shape (N,)."""
        each = totals / self.replicas
        seen = self.latencies(each[:, None])
        return [self._point(seen, row, 0, float(total)) for row, total in enumerate(totals)], seen

    def curve(self, row: int, totals: Sequence[float]) -> tuple[LoadPoint, ...]:
        """Points of one configuration at several totals."""
        one = self.rows(np.array([row]))
        loads = np.array([totals], dtype=np.float64) / one.replicas[0]
        seen = one.latencies(loads)
        return tuple(one._point(seen, 0, column, total) for column, total in enumerate(totals))

    def _point(self, seen: Latencies, row: int, column: int, total: float) -> LoadPoint:
        ttft = spread(seen.ttft_ms[row, column], seen.ttft_spread[row, column])
        itl = spread(seen.itl_ms[row, column], seen.itl_spread[row, column])
        steps = self.output_tokens - 1
        e2e = Interval(
            value=three(ttft.value + itl.value * steps),
            low=three(ttft.low + itl.low * steps),
            high=three(ttft.high + itl.high * steps),
        )
        # At least one request is served: what is above the cache waits, and its wait stands in TTFT.
        rates = [1000.0 * total / latency for latency in (e2e.value, e2e.high, e2e.low)]
        tokens = [three(rate * self.output_tokens) for rate in rates]
        return LoadPoint(
            concurrent_requests=three(total),
            requests_per_second=three(rates[0]),
            output_tokens_per_second=tokens[0],
            output_tokens_per_second_interval=Interval(value=tokens[0], low=tokens[1], high=tokens[2]),
            ttft_ms=ttft,
            itl_ms=itl,
            e2e_ms=e2e,
            waits_for_memory=bool(total / self.replicas[row] > self.most_in_flight[row]),
        )

    def in_flight_at(self, rate: float) -> FloatArray:
        """Requests in flight of one replica when `rate` a second arrive at all; infinite where it cannot."""
        seen = open_load(self.profiles(), (rate / self.replicas)[:, None], self.workload)
        busy = np.where(seen.saturated, np.inf, seen.concurrency)[:, 0]
        return np.asarray(busy, dtype=np.float64)


def spread(value: float, log_spread: float) -> Interval:
    """A figure with its 80 % interval, three significant digits each."""
    width = float(np.exp(log_spread))
    return Interval(value=three(value), low=three(value / width), high=three(value * width))


def three(value: float) -> float:
    """Three significant digits: more would claim to be known."""
    return float(f"{float(value):.3g}") if value < 1000 else float(round(float(value)))
