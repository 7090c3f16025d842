"""Estimates a configuration under open or closed load by discrete-event simulation."""

import math
from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import (
    Configuration,
    Estimator,
    FloatArray,
    LatencyProfile,
    Prediction,
    closed_loop_profile,
    shapes_of,
)
from compass.estimates.run_conditions import RunConditions
from compass.traffic import BLOCK_WASTE, FleetRun, ReplicaRun, Requests, lengths, run_replica, simulate

# Requests where a run does not say how many: enough for a p99 that holds still, few enough to be quick.
USUAL_PROMPTS = 300
USUAL_LOOPS = 10
MOST_PROMPTS = 1500
# A median that falls into the gap between two groups of requests means nothing: its neighbourhood does.
MIDDLE = np.linspace(0.35, 0.65, 7)
SEED = 7
FRONT_END_MS = 4.0
"""Time of one API server process per request: HTTP, chat template, tokenizer."""
UNLIMITED_TOKENS = 1 << 20
"""Token budget of a step that takes every waiting prompt."""


@dataclass(frozen=True)
class ReplicaLoad:
    """Load of one replica: a rate of requests, or a number of concurrent ones."""

    prompt_tokens: float
    output_tokens: float
    rate_per_s: float | None = None
    concurrency: float | None = None
    num_prompts: int | None = None


@dataclass(frozen=True)
class LatencyEstimate:
    """Typical latencies as a prediction of shape (1, 1), and the tails in ms (NaN where not known)."""

    prediction: Prediction
    ttft_p95_ms: float = math.nan
    ttft_p99_ms: float = math.nan
    itl_p95_ms: float = math.nan
    waiting: float = 0.0
    """Share of TTFT spent waiting for a start."""


def serve_load(
    estimator: Estimator, config: Configuration, load: ReplicaLoad, conditions: RunConditions
) -> LatencyEstimate:
    """Simulate the load; above capacity the queue grows until the last request has arrived."""
    sent = open_stream(load, conditions) if load.rate_per_s else closed_stream(load, conditions)
    profile = engine_profile(estimator, config, load, conditions, sent)
    run = open_run(profile, sent) if load.rate_per_s else closed_run(profile, load, sent)
    return summarise(estimator, config, load, with_network_delay(run, conditions))


def with_network_delay(run: ReplicaRun, conditions: RunConditions) -> ReplicaRun:
    """The run as the client measures it, network delay included."""
    return replace(run, first=run.first + conditions.network_ms, end=run.end + conditions.network_ms)


def open_stream(load: ReplicaLoad, conditions: RunConditions) -> Requests:
    """The requests of an open load."""
    return stream(load, conditions, min(max(load.num_prompts or USUAL_PROMPTS, 20), MOST_PROMPTS))


def closed_stream(load: ReplicaLoad, conditions: RunConditions) -> Requests:
    """The requests of a closed loop, in the order they are sent."""
    inside = concurrent_requests(load)
    count = load.num_prompts or USUAL_LOOPS * inside
    return stream(load, conditions, max(1, min(count, max(MOST_PROMPTS, 2 * inside))))


def concurrent_requests(load: ReplicaLoad) -> int:
    """Concurrent requests of a closed loop, at least one."""
    return max(1, round(load.concurrency or 1.0))


def open_run(profile: LatencyProfile, sent: Requests) -> ReplicaRun:
    """Simulate an open load."""
    run = simulate(profile, replace(sent, arrival_ms=after_front_end(sent.arrival_ms))).runs[0]
    return replace(run, arrival=sent.arrival_ms)


def closed_run(profile: LatencyProfile, load: ReplicaLoad, requests: Requests) -> ReplicaRun:
    """Simulate a closed loop, all of whose requests start at once."""
    first = np.zeros(min(len(requests.prompt_tokens), concurrent_requests(load)))
    run = run_replica(
        profile,
        after_front_end(first).tolist(),
        requests.prompt_tokens.tolist(),
        requests.output_tokens.tolist(),
        closed=True,
    )
    return replace(run, arrival=np.concatenate([first, run.arrival[len(first) :]]))


def after_front_end(arrival_ms: FloatArray) -> FloatArray:
    """Times when the engine receives requests: one server process handles them one by one."""
    order = FRONT_END_MS * np.arange(len(arrival_ms))
    ready: FloatArray = np.maximum.accumulate(arrival_ms - order) + order
    return ready


def engine_profile(
    estimator: Estimator, config: Configuration, load: ReplicaLoad, conditions: RunConditions, sent: Requests
) -> LatencyProfile:
    """The latency profile with the limits of the run; its longest request always fits."""
    longest = int((sent.prompt_tokens + sent.output_tokens).max()) + 1 + BLOCK_WASTE
    profile = closed_loop_profile(estimator.compile([config]), load.prompt_tokens, load.output_tokens)
    return profile.model_copy(
        update={
            "kv_capacity_tokens": max(profile.kv_capacity_tokens, longest),
            "max_model_len": max(profile.max_model_len, longest),
            "max_num_seqs": int(shapes_of([config]).sequences[0, 0]),
            "max_num_batched_tokens": UNLIMITED_TOKENS if conditions.whole_prompts else config.batched_tokens,
        }
    )


def summarise(
    estimator: Estimator, config: Configuration, load: ReplicaLoad, run: ReplicaRun
) -> LatencyEstimate:
    """Typical latencies with the estimator's spread at that load, and the tails."""
    fleet = FleetRun((run,))
    ttft, itl = fleet.ttft_ms, fleet.itl_ms if fleet.itl_ms.size else np.array([0.01])
    inside = max(1.0, fleet.summary().concurrency)
    spread = estimator.predict([config], np.array([inside]), load.prompt_tokens, load.output_tokens)
    ttft_p95, ttft_p99 = np.quantile(ttft, (0.95, 0.99))
    return LatencyEstimate(
        prediction=replace(spread, ttft_ms=as_matrix(typical(ttft)), itl_ms=as_matrix(typical(itl))),
        ttft_p95_ms=float(ttft_p95),
        ttft_p99_ms=float(ttft_p99),
        itl_p95_ms=float(np.quantile(itl, 0.95)),
        waiting=float((run.start - run.arrival).mean() / max(ttft.mean(), 1e-9)),
    )


def typical(values: FloatArray) -> float:
    """The geometric mean of the quantiles around the median."""
    return float(np.exp(np.log(np.maximum(np.quantile(values, MIDDLE), 1e-2)).mean()))


def as_matrix(value: float) -> FloatArray:
    """A number as an array of shape (1, 1)."""
    return np.array([[value]])


def stream(load: ReplicaLoad, conditions: RunConditions, count: int) -> Requests:
    """Random requests, the same for the same arguments."""
    rng = np.random.default_rng(SEED)
    gap_ms = 1000.0 / (load.rate_per_s or 1.0)
    gaps = np.full(count, gap_ms) if conditions.constant else rng.exponential(gap_ms, count)
    return Requests(
        arrival_ms=np.cumsum(gaps),
        prompt_tokens=lengths(rng, load.prompt_tokens, conditions.prompt_spread, count),
        output_tokens=lengths(rng, load.output_tokens, conditions.output_spread, count),
    )
