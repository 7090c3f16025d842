"""A configuration under open arrivals, or in a closed loop, by the discrete-event simulation."""

from dataclasses import dataclass, replace

import numpy as np

from compass.capacity import (
    Configuration,
    Estimator,
    FloatArray,
    LatencyProfile,
    Prediction,
    closed_loop_profile,
)
from compass.capacity.shapes import shapes
from compass.estimates.run_conditions import Conduct
from compass.traffic.arrivals import Requests, lengths
from compass.traffic.fleet import Outcome, simulate
from compass.traffic.replica import BLOCK_WASTE, ReplicaRun, run_replica

# Requests where a run does not say how many: enough for a p99 that holds still, few enough to be quick.
USUAL_PROMPTS = 300
USUAL_LOOPS = 10
MOST_PROMPTS = 1500
# A median that falls into the gap between two groups of requests means nothing: its neighbourhood does.
MIDDLE = np.linspace(0.35, 0.65, 7)
SEED = 7
FRONT_END_MS = 4.0
"""Of one API server process a request: HTTP, chat template, tokenizer."""
WHOLE = 1 << 20
"""Tokens of a step that takes every prompt that waits."""


@dataclass(frozen=True)
class Load:
    """What one replica is asked: requests a second, or a number of requests at once."""

    prompt_tokens: float
    output_tokens: float
    rate_per_s: float | None = None
    concurrency: float | None = None
    num_prompts: int | None = None


@dataclass(frozen=True)
class Served:
    """Typical latencies as a prediction of shape (1, 1), and the tails, in ms."""

    prediction: Prediction
    ttft_p95_ms: float
    ttft_p99_ms: float
    itl_p95_ms: float
    waiting: float
    """Share of TTFT that is waiting to be started."""


def serve_load(estimator: Estimator, config: Configuration, load: Load, conduct: Conduct) -> Served:
    """The load served in virtual time; above capacity the queue grows until the last request has come."""
    sent = open_stream(load, conduct) if load.rate_per_s else closed_stream(load, conduct)
    profile = engine(estimator, config, load, conduct, sent)
    run = open_run(profile, sent) if load.rate_per_s else closed_run(profile, load, sent)
    return summed_up(estimator, config, load, away(run, conduct))


def away(run: ReplicaRun, conduct: Conduct) -> ReplicaRun:
    """The run as a client sees it who is some network away."""
    return replace(run, first=run.first + conduct.network_ms, end=run.end + conduct.network_ms)


def open_stream(load: Load, conduct: Conduct) -> Requests:
    """`num_prompts` requests at a rate."""
    return stream(load, conduct, min(max(load.num_prompts or USUAL_PROMPTS, 20), MOST_PROMPTS))


def closed_stream(load: Load, conduct: Conduct) -> Requests:
    """Those of a closed loop, in the order they are sent."""
    inside = at_once(load)
    count = load.num_prompts or USUAL_LOOPS * inside
    return stream(load, conduct, max(1, min(count, max(MOST_PROMPTS, 2 * inside))))


def at_once(load: Load) -> int:
    """Requests of a closed loop."""
    return max(1, round(load.concurrency or 1.0))


def open_run(profile: LatencyProfile, sent: Requests) -> ReplicaRun:
    """Requests that come when they come."""
    run = simulate(profile, replace(sent, arrival_ms=after_front_end(sent.arrival_ms))).runs[0]
    return replace(run, arrival=sent.arrival_ms)


def closed_run(profile: LatencyProfile, load: Load, requests: Requests) -> ReplicaRun:
    """A closed loop: all start at once, and that start weighs on the median of a short one."""
    first = np.zeros(min(len(requests.prompt_tokens), at_once(load)))
    run = run_replica(
        profile,
        after_front_end(first).tolist(),
        requests.prompt_tokens.tolist(),
        requests.output_tokens.tolist(),
        closed=True,
    )
    return replace(run, arrival=np.concatenate([first, run.arrival[len(first) :]]))


def after_front_end(arrival_ms: FloatArray) -> FloatArray:
    """When the engine gets requests sent at some times: one server process takes them one by one."""
    order = FRONT_END_MS * np.arange(len(arrival_ms))
    ready: FloatArray = np.maximum.accumulate(arrival_ms - order) + order
    return ready


def engine(
    estimator: Estimator, config: Configuration, load: Load, conduct: Conduct, sent: Requests
) -> LatencyProfile:
    """The profile with the limits of the run; its longest request fits, or it had not been sent."""
    longest = int((sent.prompt_tokens + sent.output_tokens).max()) + 1 + BLOCK_WASTE
    profile = closed_loop_profile(estimator.compile([config]), load.prompt_tokens, load.output_tokens)
    return profile.model_copy(
        update={
            "kv_capacity_tokens": max(profile.kv_capacity_tokens, longest),
            "max_model_len": max(profile.max_model_len, longest),
            "max_num_seqs": int(shapes([config]).sequences[0, 0]),
            "max_num_batched_tokens": WHOLE if conduct.whole_prompts else config.batched_tokens,
        }
    )


def summed_up(estimator: Estimator, config: Configuration, load: Load, run: ReplicaRun) -> Served:
    """Typical latencies with the estimator's spread at that load, and the tails."""
    outcome = Outcome((run,))
    ttft, itl = outcome.ttft_ms, outcome.itl_ms if outcome.itl_ms.size else np.array([0.01])
    inside = max(1.0, outcome.summary().concurrency)
    spread = estimator.predict([config], np.array([inside]), load.prompt_tokens, load.output_tokens)
    ttft_p95, ttft_p99 = np.quantile(ttft, (0.95, 0.99))
    return Served(
        prediction=replace(spread, ttft_ms=one(typical(ttft)), itl_ms=one(typical(itl))),
        ttft_p95_ms=float(ttft_p95),
        ttft_p99_ms=float(ttft_p99),
        itl_p95_ms=float(np.quantile(itl, 0.95)),
        waiting=float((run.start - run.arrival).mean() / max(ttft.mean(), 1e-9)),
    )


def typical(values: FloatArray) -> float:
    """The geometric mean of the quantiles around the median."""
    return float(np.exp(np.log(np.maximum(np.quantile(values, MIDDLE), 1e-2)).mean()))


def one(value: float) -> FloatArray:
    """A number as an array of shape (1, 1)."""
    return np.array([[value]])


def stream(load: Load, conduct: Conduct, count: int) -> Requests:
    """So many requests, the same for the same arguments."""
    rng = np.random.default_rng(SEED)
    gap_ms = 1000.0 / (load.rate_per_s or 1.0)
    gaps = np.full(count, gap_ms) if conduct.constant else rng.exponential(gap_ms, count)
    return Requests(
        arrival_ms=np.cumsum(gaps),
        prompt_tokens=lengths(rng, load.prompt_tokens, conduct.prompt_spread, count),
        output_tokens=lengths(rng, load.output_tokens, conduct.output_spread, count),
    )
