"""Load that is offered to a fleet, from a rate and mean lengths or from a trace, and its simulation."""

from dataclasses import dataclass

import numpy as np

from compass.capacity import LatencyProfile
from compass.core import InvalidInput
from compass.traffic.arrivals import (
    LENGTH_CV,
    ArrivalKind,
    Requests,
    Thinking,
    arrival_times,
    requests_of,
)
from compass.traffic.fleet import Summary, simulate
from compass.traffic.replica import longest_request

MOST_REQUESTS = 2_000_000
WARMUP = 0.05
"""Share of the time in which requests are served and not counted."""


@dataclass(frozen=True)
class OfferedLoad:
    """Requests to all replicas together: mean rate, mean lengths, arrivals, virtual seconds."""

    requests_per_second: float
    prompt_tokens: float
    output_tokens: float
    arrivals: ArrivalKind = "poisson"
    burst: float = 1.0
    """Mean requests in a burst, where `arrivals` are bursts."""
    seconds: float = 600.0
    thinking: Thinking | None = None
    """Part of the output, before the answer; None without it."""


def trace_load(trace: Requests) -> OfferedLoad:
    """Return the mean rate and the mean lengths of a trace, over its duration."""
    seconds = max(1e-3, float(trace.arrival_ms[-1]) / 1000)
    return OfferedLoad(
        requests_per_second=len(trace) / seconds,
        prompt_tokens=max(1, round(float(trace.prompt_tokens.mean()))),
        output_tokens=max(1, round(float(trace.output_tokens.mean()))),
        seconds=seconds,
    )


def simulate_load(profile: LatencyProfile, load: OfferedLoad, replicas: int = 1, seed: int = 1) -> Summary:
    """Return what users see of like replicas, each request sent to the least loaded one.

    Raises:
        InvalidInput: more than two million requests, no request at all, or one that fits no replica.
    """
    if load.requests_per_second * load.seconds > MOST_REQUESTS:
        raise InvalidInput("duration", f"that is more than {MOST_REQUESTS:,} requests. Shorten it.")
    rng = np.random.default_rng(seed)
    times = arrival_times(rng, load.requests_per_second, load.seconds, load.arrivals, load.burst)
    longest = longest_request(profile)
    requests = requests_of(
        rng, times, load.prompt_tokens, load.output_tokens, LENGTH_CV, longest, load.thinking
    )
    return simulate(profile, requests, replicas, "least-loaded", load.seconds * WARMUP, seed).summary()


def replay_trace(profile: LatencyProfile, trace: Requests, replicas: int = 1) -> Summary:
    """Return what users see when a trace is replayed; all of its requests count.

    Raises:
        InvalidInput: a request that fits no replica.
    """
    return simulate(profile, trace, replicas, "least-loaded").summary()
